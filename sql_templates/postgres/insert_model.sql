{# The model's row, on its first deployment.
   variables: model, version #}
insert into export_model.models (name, current_version, last_number)
select {{ model | literal }}, {{ version | literal }},
  coalesce((select max(v.number) from export_model.versions v where v.model = {{ model | literal }}), 0)
where not exists (select from export_model.models where name = {{ model | literal }})
