{# Raises when the model is not there and others are: nothing is left to remove. An empty registry means
   that an earlier run ended before its tables were gone.
   variables: model; code, of the error #}
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
  if l_ours = 0 and l_models > 0 then
    raise_application_error({{ code | number }}, 'model ' || {{ model | literal }}
      || ' is not deployed here: nothing to remove');
  end if;
end;
