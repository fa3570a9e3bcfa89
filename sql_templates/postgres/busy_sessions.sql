{# A query of sessions that have changed something in a transaction that goes on: (who), in words, the oldest first.
   variables: none #}
select format('role %s, pid %s', quote_ident(a.usename), a.pid) || coalesce(', ' || nullif(a.application_name, ''), '')
  || coalesce(', in a transaction since ' || to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS'), '')
from pg_catalog.pg_stat_activity a
where a.pid <> pg_catalog.pg_backend_pid() and a.datname = pg_catalog.current_database() and exists (
  select from pg_catalog.pg_locks l where l.pid = a.pid and l.granted
    and (l.locktype in ('advisory', 'transactionid') or l.mode not in ('AccessShareLock', 'RowShareLock') and l.locktype in ('relation', 'object')))
order by a.xact_start, a.pid limit 5
