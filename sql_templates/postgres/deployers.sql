{# A query of the roles that may deploy: (id). They may add models, and call what the policies of the tables call.
   variables: none #}
select a.grantee as id from pg_class c, aclexplode(c.relacl) a
  where c.relname = 'models' and c.relnamespace = (select oid from pg_namespace where nspname = 'export_model')
    and a.privilege_type = 'INSERT' and a.grantee not in (0, c.relowner)
intersect
select a.grantee from pg_proc p, aclexplode(p.proacl) a
  where p.proname = 'owns' and p.pronamespace = (select oid from pg_namespace where nspname = 'export_model')
    and a.privilege_type = 'EXECUTE'
