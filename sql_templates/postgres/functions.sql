{# A query of all functions in some schemas: (id, schema, function, program, statement, signed, state). function is the name with
   argument types, without quotes. The three in the middle are what sign wrote beside it: which program made it, by which
   statement, and in what state; state is what it is now. Who may call score itself is up to its owner and no part of its state.
   variables: schemas; is_flipped, where it is given, asks for the state that it would have if it were PUBLIC's to call and is not, or the other way round #}
select p.oid as id, n.nspname as schema,
  replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '') as function,
  split_part(d.description, ' ', 2) as program, split_part(d.description, ' ', 3) as statement,
  split_part(d.description, ' ', 4) as signed,
  substr(md5(concat_ws('|', p.prosrc, l.lanname, p.provolatile, p.prosecdef, p.proisstrict, (select proparallel from pg_proc q where q.oid = p.oid), p.proconfig,
    pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
    case when n.nspname = 'export_model' or p.proname ~ '_[0-9a-f]{12}$' then {% if is_flipped is defined %}not {% endif %}has_function_privilege('public', p.oid, 'execute') end)),
    1, 12) as state
from (select null::"char" as proparallel) before_postgres_9_6, pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass and d.description like 'export-model %'
where n.nspname = any ({{ schemas | texts }})
