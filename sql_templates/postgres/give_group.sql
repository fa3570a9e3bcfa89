{# The rights of those who may deploy: members of a role that is named, or that there are already. Theirs on rows are those that policies leave; on
   the journal, to add what was done, while who did it, and when, is the server's word.
   variables: group, the name of a role whose members are to deploy from now on, or none; fallback, another's where nobody may deploy yet, or
   none; functions, what members' models and deployments call, with argument types #}
do {% set source %}

declare
  l_group text := {{ group | literal }};
  l_groups text[] := array(select r.rolname from pg_roles r where r.oid in (
{% include 'deployers.sql' %}

  ));
begin
  if l_group is null and l_groups = '{}' then
    l_group := {{ fallback | literal }};
  end if;
  if l_group like 'pg\_%' or (select r.rolsuper from pg_roles r where r.rolname = l_group) then
    raise exception 'role "%" cannot be that of deployers: it is a superuser, or one of PostgreSQL''s own', l_group
      using errcode = 'invalid_grant_operation', hint = 'Name a role of its own for them, which is made where it is missing: --deployers ROLE';
  end if;
  if l_group is not null and not exists (select from pg_roles where rolname = l_group) then
    execute format('create role %I nologin', l_group);
  end if;
  for l_group in select distinct g from unnest(l_groups || l_group) g where g is not null loop
    execute format('grant select, insert, update, delete on export_model.models, export_model.versions, export_model.tensors,
      export_model.chunks, export_model.samples, export_model.objects, export_model.aliases, export_model.grants to %I', l_group);
    execute format('grant select on export_model.journal to %I', l_group);
    execute format('revoke insert on export_model.journal from %I', l_group);
    execute format('grant insert (model, action, alias, from_version, to_version, from_number, to_number, because)
      on export_model.journal to %I', l_group);
    execute format('grant execute on function %s to %I', {{ functions | comma | literal }}, l_group);
  end loop;
end
{% endset %}{{ source | body }}
