{# The model's row, on its first deployment. Rows of that name which lie there beforehand, in a schema that was just made and has no comment
   yet, are those of another role that had the name: its grants and versions are not this model's.
   variables: model, version #}
do {% set source %}

declare
  l_is_new boolean;
begin
  insert into export_model.models (name, current_version, last_number)
  select {{ model | literal }}, {{ version | literal }},
    coalesce((select max(v.number) from export_model.versions v where v.model = {{ model | literal }}), 0)
  where not exists (select from export_model.models where name = {{ model | literal }});
  l_is_new := found;
  if l_is_new and not exists (
      select from pg_namespace n where n.nspname = {{ model | literal }} and obj_description(n.oid, 'pg_namespace') like 'export-model: %') then
    delete from export_model.aliases where model = {{ model | literal }};
    delete from export_model.grants where model = {{ model | literal }};
    delete from export_model.objects where model = {{ model | literal }};
    delete from export_model.versions where model = {{ model | literal }};
    update export_model.models set last_number = 0 where name = {{ model | literal }};
  end if;
exception when unique_violation then  -- a row that this role does not see
  raise exception 'the registry holds a model "%" of another role', {{ model | literal }}
    using errcode = 'unique_violation',
      hint = 'Choose another name with --name. A superuser sees whose it is, and can drop it: export-model drop --name ...';
end
{% endset %}{{ source | body }}
