{# Removes a version that no synonym stands for: its package, then its rows. What a run that ended between the two left is removed
   by the next one. variables: version; package, as the dictionary spells it #}
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_objects
    where object_name = {{ package | literal }} and object_type = 'PACKAGE';
  if l_found > 0 then
    execute immediate 'drop package "' || {{ package | literal }} || '"';
  end if;
  delete from export_model_samples where version = {{ version | literal }};
  delete from export_model_samples_double where version = {{ version | literal }};
  delete from export_model_samples_text where version = {{ version | literal }};
  delete from export_model_weights where version = {{ version | literal }};
  delete from export_model_weights_double where version = {{ version | literal }};
  delete from export_model_tensors where version = {{ version | literal }};
  delete from export_model_versions where version = {{ version | literal }};
  commit;
end;
