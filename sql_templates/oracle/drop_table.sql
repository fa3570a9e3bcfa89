{# Removes a table of the registry when no model is left; that of the models goes last.
   variables: table, as the dictionary spells it #}
declare
  l_models pls_integer;
  l_found pls_integer;
begin
  select count(*) into l_models from export_model_models;
  select count(*) into l_found from user_tables where table_name = {{ table | literal }};
  if l_models = 0 and l_found = 1 then
    execute immediate 'drop table ' || {{ table | literal }} || ' purge';
  end if;
end;
