{# A version's weights and how many chunks of them were found: texts of functions beside its score, see copy_weights.
   variables: none #}
  select pg_catalog.count(*), pg_catalog.string_agg(pg_catalog.decode(pg_catalog.substr(p.prosrc, 9,
      pg_catalog.length(p.prosrc) operator(pg_catalog.-) 9), 'base64'), ''::pg_catalog.bytea order by n.n)
    into l_found, l_weights
    from pg_catalog.generate_series(0, l_chunks operator(pg_catalog.-) 1) as n(n)
    join pg_catalog.pg_proc p on p.pronargs operator(pg_catalog.=) 0
      and p.proname operator(pg_catalog.=) ('weights_' operator(pg_catalog.||) pg_catalog.substr(p_version, 1, 12)
        operator(pg_catalog.||) '_' operator(pg_catalog.||) n.n::pg_catalog.text)::pg_catalog.name
    join pg_catalog.pg_proc s on s.pronamespace operator(pg_catalog.=) p.pronamespace
      and s.proname operator(pg_catalog.=) ('score_' operator(pg_catalog.||) pg_catalog.substr(p_version, 1, 12))::pg_catalog.name
