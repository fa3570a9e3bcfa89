{# Weights and samples are for the owner only; the scoring functions read them in his name. Before the first model or deployer is there, what
   default privileges gave away is taken back as well.
   variables: has_policies, whether others may deploy #}
do {% set source %}

declare
  l_grantee text;
begin
  revoke all on all tables in schema export_model from public;
  if exists (select from export_model.models){% if has_policies %} or exists (
{% include 'deployers.sql' %}

  ){% endif %} then
    return;
  end if;
  for l_grantee in
    select distinct quote_ident(r.rolname) from pg_class c, aclexplode(c.relacl) a, pg_roles r
    where c.relnamespace = (select oid from pg_namespace where nspname = 'export_model')
      and a.grantee <> c.relowner and r.oid = a.grantee
  loop
    execute 'revoke all on all tables in schema export_model from ' || l_grantee;
  end loop;
end
{% endset %}{{ source | body }}
