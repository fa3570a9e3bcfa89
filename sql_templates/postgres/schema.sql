{# The model's own schema. Nobody else may create in it, whatever default privileges say.
   variables: model, its name #}
do {% set source %}

declare
  l_grantee text;
begin
  if exists (select from pg_namespace where nspname = {{ model | literal }}) then
    return;
  end if;
  create schema {{ model | ident }};
  for l_grantee in
    select distinct coalesce(quote_ident(r.rolname), 'public') from pg_namespace n, aclexplode(n.nspacl) a
    left join pg_roles r on r.oid = a.grantee
    where n.nspname = {{ model | literal }} and a.grantee <> n.nspowner and a.privilege_type = 'CREATE'
  loop
    execute format('revoke create on schema %I from ', {{ model | literal }}) || l_grantee;
  end loop;
end
{% endset %}{{ source | body }}
