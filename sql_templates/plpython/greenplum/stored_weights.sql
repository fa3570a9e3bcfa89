{# A version's weights and how many chunks of them were found: options of user mappings, see copy_weights.
   variables: none #}
  select pg_catalog.count(*),
      pg_catalog.string_agg(pg_catalog.decode(pg_catalog.substr(m.umoptions[1], 6), 'base64'), ''::pg_catalog.bytea order by n.n)
    into l_found, l_weights
    from pg_catalog.generate_series(0, l_chunks operator(pg_catalog.-) 1) as n(n)
    join pg_catalog.pg_user_mappings m
      on m.srvname operator(pg_catalog.=) ('export_model_' operator(pg_catalog.||) pg_catalog.substr(p_version, 1, 32) operator(pg_catalog.||) '_'
        operator(pg_catalog.||) n.n::pg_catalog.text)::pg_catalog.name
