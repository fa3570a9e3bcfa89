{# The model's row, on its first deployment.
   variables: model, version #}
insert into export_model.models (name, current_version)
select {{ model | literal }}, {{ version | literal }}
where not exists (select from export_model.models where name = {{ model | literal }})
