{# Sets :status to 0 when the model is not there, so that nothing is left to remove, else to 1: also
   for an empty registry, where an earlier run ended before its tables were gone.
   variables: model #}
declare
  l_tables pls_integer;
  l_ours pls_integer := 0;
  l_models pls_integer := 1;
begin
  select count(*) into l_tables from user_tables where table_name = 'EXPORT_MODEL_MODELS';
  if l_tables = 1 then
    execute immediate 'select count(*) from export_model_models' into l_models;
    execute immediate 'select count(*) from export_model_models where name = :1'
      into l_ours using {{ model | literal }};
  end if;
  :status := case when l_ours = 0 and l_models > 0 then 0 else 1 end;
end;
