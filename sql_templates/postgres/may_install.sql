{# Whether this role may make the registry's part: (registry is there, may make it).
   variables: none #}
select n.oid is not null, r.rolsuper or n.oid is null or n.nspowner = r.oid
from pg_roles r left join pg_namespace n on n.nspname = 'export_model' where r.rolname = current_user
