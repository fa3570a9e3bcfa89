{# Functions of the registry that deployments call, for the roles that may deploy already, where functions were made anew.
   variables: functions, with argument types #}
do {% set source %}

declare
  l_group text;
begin
  for l_group in
    select distinct quote_ident(r.rolname) from pg_class c, aclexplode(c.relacl) a, pg_roles r
    where c.oid = 'export_model.models'::regclass and a.privilege_type = 'INSERT' and a.grantee <> c.relowner and r.oid = a.grantee
  loop
    execute {{ functions | literal }} || l_group;
  end loop;
end
{% endset %}{{ source | body }}
