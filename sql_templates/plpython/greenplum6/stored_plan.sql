{# A version's plan, runtime and number of chunks: the text of a function, select '...', see copy_weights.
   variables: none #}
  select pg_catalog.convert_from(pg_catalog.decode(pg_catalog.split_part(t.stored, ' ', 3), 'base64'), 'UTF8'),
      pg_catalog.split_part(t.stored, ' ', 1), pg_catalog.split_part(t.stored, ' ', 2)
    into l_plan, l_runtime, l_chunks
    from (
      select pg_catalog.substr(p.prosrc, 9, pg_catalog.length(p.prosrc) operator(pg_catalog.-) 9) as stored
      from pg_catalog.pg_proc p
      join pg_catalog.pg_proc s on s.pronamespace operator(pg_catalog.=) p.pronamespace
        and s.proname operator(pg_catalog.=) ('score_' operator(pg_catalog.||) pg_catalog.substr(p_version, 1, 12))::pg_catalog.name
      where p.proname operator(pg_catalog.=) ('plan_' operator(pg_catalog.||) pg_catalog.substr(p_version, 1, 12))::pg_catalog.name
        and p.pronargs operator(pg_catalog.=) 0
    ) t
