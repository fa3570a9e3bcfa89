{# The registry: what was deployed, with all that is needed to rebuild it. The comment marks it and its format; preflight
   looks for it. Nobody else may create in it, whatever default privileges say. check_owners comes after this: a schema that
   somebody else made since preflight is not used.
   variables: registry_format, its comment #}
do {% set source %}

declare
  l_grantee text;
begin
  if exists (select from pg_namespace where nspname = 'export_model') then
    return;
  end if;
  create schema export_model;
  comment on schema export_model is {{ registry_format | literal }};
  for l_grantee in
    select distinct coalesce(quote_ident(r.rolname), 'public') from pg_namespace n, aclexplode(n.nspacl) a
    left join pg_roles r on r.oid = a.grantee where n.nspname = 'export_model' and a.grantee <> n.nspowner
  loop
    execute 'revoke all on schema export_model from ' || l_grantee;
  end loop;
end
{% endset %}{{ source | body }}
