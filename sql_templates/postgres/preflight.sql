{# Everything that can be known to fail later fails here, with what to do about it.
   variables: model, the schema's name, empty for the registry alone; newest, the newest format of registries that is known; database, what the script is for #}
do {% set source %}

declare
  l_model constant text := {{ model | literal }};
  l_comment text;
  l_format integer;
  l_other text;
  l_is_ours boolean;
  l_owner text;
begin
{% if model %}
  select pg_get_userbyid(n.nspowner) into l_owner from pg_namespace n
    where n.nspname = l_model and not pg_has_role(n.nspowner, 'usage');
  if l_owner is not null then
    raise exception 'schema "%" belongs to role "%"', l_model, l_owner
      using errcode = 'insufficient_privilege', hint = 'Choose another name with --name, or connect as that role.';
  end if;
{% endif %}
  if not has_database_privilege(current_database(), 'create') then
    raise exception 'role "%" may not create schemas in database "%"', current_user, current_database()
      using errcode = 'insufficient_privilege',
        hint = format('As its owner run: grant create on database %I to %I;',
                      current_database(), current_user);
  end if;
  select obj_description(n.oid, 'pg_namespace') into l_comment from pg_namespace n where n.nspname = 'export_model';
  l_format := substring(l_comment from '^export-model registry, format ([0-9]{1,6})$');
  if found and l_format is null then
    raise exception 'schema "export_model" exists and is not a registry of this format'
      using hint = 'Rename that schema, or use the version of export-model that made it.';
  end if;
  if l_format > {{ newest | number }} then
    raise exception 'the registry has format %, which a newer export-model made; this one knows % and older', l_format, {{ newest | number }}
      using hint = 'Use that version of export-model, or a newer one: pip install --upgrade export-model';
  end if;
  if exists (select from pg_attribute where attrelid = to_regclass('export_model.versions') and attname = 'database') then
    if exists (select from pg_attribute where attrelid = to_regclass('export_model.models') and attname = 'owner') then
      select max(v.database) into l_other from export_model.versions v  -- what others write into their rows is nothing to us
        join export_model.models m on m.name = v.model join pg_roles r on r.rolname = m.owner and (r.rolsuper or r.rolname = current_user)
        where v.database <> {{ database | literal }};
    else
      select max(v.database) into l_other from export_model.versions v where v.database <> {{ database | literal }};
    end if;
    if l_other is not null then
      raise exception 'the registry holds models for target %, and this script is for target %', l_other, {{ database | literal }}
        using hint = 'What was deployed for another database does not score here. Drop those models first: export-model drop --name ...';
    end if;
  end if;
{% if model %}
  if exists (select from pg_attribute where attrelid = to_regclass('export_model.models') and attname = 'owner') then
    select m.owner into l_owner from export_model.models m join pg_roles r on r.rolname = m.owner
      where m.name = l_model and not r.rolsuper and r.rolname <> current_user
        and not exists (  -- a model whose schema was given away is whose that is
          select from pg_namespace n where n.nspname = m.name and pg_get_userbyid(n.nspowner) <> m.owner
            and obj_description(n.oid, 'pg_namespace') like 'export-model: %');
    if l_owner is not null then
      raise exception 'model "%" belongs to role "%"', l_model, l_owner
        using errcode = 'insufficient_privilege', hint = 'Choose another name with --name, or connect as that role.';
    end if;
  end if;
  if exists (select from pg_namespace where nspname = l_model) then
    if to_regclass('export_model.models') is not null then  -- planned only where the table is there
      select true into l_is_ours from export_model.models where name = l_model;
    end if;
    if l_is_ours is null and left(coalesce(obj_description((select oid from pg_namespace where nspname = l_model), 'pg_namespace'), ''), 14)
        <> 'export-model: ' then  -- its registry is gone
      raise exception 'schema "%" exists and was not made by export-model; it is left untouched', l_model
        using errcode = 'duplicate_schema', hint = 'Choose another name with --name.';
    end if;
  end if;
{% endif %}
end
{% endset %}{{ source | body }}
