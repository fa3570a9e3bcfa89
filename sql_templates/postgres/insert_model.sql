{# The model's row, on its first deployment.
   variables: model, version #}
do {% set source %}

begin
  insert into export_model.models (name, current_version, last_number)
  select {{ model | literal }}, {{ version | literal }},
    coalesce((select max(v.number) from export_model.versions v where v.model = {{ model | literal }}), 0)
  where not exists (select from export_model.models where name = {{ model | literal }});
exception when unique_violation then  -- a row that this role does not see
  raise exception 'the registry holds a model "%" of another role', {{ model | literal }}
    using errcode = 'unique_violation',
      hint = 'Choose another name with --name. A superuser sees whose it is, and can drop it: export-model drop --name ...';
end
{% endset %}{{ source | body }}
