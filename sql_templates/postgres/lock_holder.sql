{# A query of who holds the lock of those who change something: (who), in words; no row where it is free. Since when is for those who
   may see it: superusers, members of pg_read_all_stats, the same role.
   variables: none #}
select case when l.pid is null then 'a prepared transaction, see pg_prepared_xacts'
  else format('role %s, pid %s', quote_ident(a.usename), l.pid) || coalesce(', ' || nullif(a.application_name, ''), '')
    || coalesce(', in a transaction since ' || to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS'), '')
    || coalesce(', which is ' || nullif(a.state, 'active'), '') end as who
from pg_locks l left join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.classid = 7307497 and l.objid = 1 and l.objsubid = 2 and l.granted
  and l.pid is distinct from pg_backend_pid() and l.database = (select d.oid from pg_database d where d.datname = current_database())
limit 1
