{# Removes an alias: its synonym, where it stands for a package of the model, then its row.
   variables: model, alias; synonym, as the dictionary spells it #}
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_synonyms s, export_model_versions v
    where s.synonym_name = {{ synonym | literal }} and s.table_owner = user
      and v.model = {{ model | literal }} and v.package_name = s.table_name;
  if l_found > 0 then
    execute immediate 'drop synonym "' || {{ synonym | literal }} || '"';
  end if;
  delete from export_model_aliases where model = {{ model | literal }} and alias = {{ alias | literal }};
  commit;
end;
