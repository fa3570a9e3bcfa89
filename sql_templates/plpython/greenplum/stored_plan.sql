{# A version's plan, runtime and number of chunks: options of a user mapping, see copy_weights.
   variables: none #}
  select pg_catalog.max(case when o.option_name operator(pg_catalog.=) 'plan' then o.option_value end),
      pg_catalog.max(case when o.option_name operator(pg_catalog.=) 'runtime' then o.option_value end),
      pg_catalog.max(case when o.option_name operator(pg_catalog.=) 'chunks' then o.option_value end)
    into l_plan, l_runtime, l_chunks  -- by name: a dump sorts them
    from pg_catalog.pg_user_mappings m, pg_catalog.pg_options_to_table(m.umoptions) o
    where m.srvname operator(pg_catalog.=) ('export_model_' operator(pg_catalog.||) pg_catalog.substr(p_version, 1, 32)
      operator(pg_catalog.||) '_plan')::pg_catalog.name
