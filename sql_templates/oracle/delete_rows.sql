{# Removes all rows of a model, the weights among them.
   variables: model #}
begin
  for r in (select version from export_model_versions where model = {{ model | literal }}) loop
    delete from export_model_samples where version = r.version;
    delete from export_model_samples_double where version = r.version;
    delete from export_model_samples_text where version = r.version;
    delete from export_model_weights where version = r.version;
    delete from export_model_weights_double where version = r.version;
    delete from export_model_tensors where version = r.version;
  end loop;
  delete from export_model_versions where model = {{ model | literal }};
  delete from export_model_models where name = {{ model | literal }};
  commit;
end;
