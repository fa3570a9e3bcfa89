{# A query of what needs functions of a model, and is no function of it: (function, what needs it).
   variables: model #}
select distinct replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', ''),
  case when d.classid = 'pg_rewrite'::regclass
    then (select pg_describe_object('pg_class'::regclass, r.ev_class, 0) from pg_rewrite r where r.oid = d.objid)
    else pg_describe_object(d.classid, d.objid, d.objsubid) end
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
join pg_depend d on d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid and d.deptype = 'n'
where n.nspname = {{ model | literal }}
order by 1, 2
