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
  delete from export_model_aliases where model = {{ model | literal }};
  delete from export_model_versions where model = {{ model | literal }};
  for m in (select name from export_model_models where name = {{ model | literal }}) loop
    insert into export_model_journal (model, id, action, state)
    select m.name, nvl(max(id), 0) + 1, 'drop', 'done' from export_model_journal where model = m.name;
  end loop;
  delete from export_model_models where name = {{ model | literal }};
  commit;
end;
