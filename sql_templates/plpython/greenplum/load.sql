{# Read a version's plan and weights into the session's memory. PL/pgSQL and the catalog alone: a query
   from PL/Python, or of a table, fails on the coordinator while another is in flight. When a query has enough
   rows, segments end what they are doing, and reads here give too few rows or none: then nothing is
   loaded, and nobody sees the result. Every operator and type is qualified: it runs with the owner's rights
   under the caller's search_path; the settings are those of load of postgres.
   variables: none #}
create or replace function export_model.load(p_version text)
returns void
language plpgsql stable strict parallel restricted
set debug_print_parse = off
set debug_print_rewritten = off
set debug_print_plan = off
as {% set source %}

declare
  l_servers constant pg_catalog.text :=
    'export_model_' operator(pg_catalog.||) pg_catalog.substr(p_version, 1, 32) operator(pg_catalog.||) '_';
  l_plan pg_catalog.text;
  l_runtime pg_catalog.text;
  l_chunks integer;
  l_found bigint;
  l_weights pg_catalog.bytea;
begin
  select pg_catalog.max(case when o.option_name operator(pg_catalog.=) 'plan' then o.option_value end),
      pg_catalog.max(case when o.option_name operator(pg_catalog.=) 'runtime' then o.option_value end),
      pg_catalog.max(case when o.option_name operator(pg_catalog.=) 'chunks' then o.option_value end)
    into l_plan, l_runtime, l_chunks  -- by name: a dump sorts them
    from pg_catalog.pg_user_mappings m, pg_catalog.pg_options_to_table(m.umoptions) o
    where m.srvname operator(pg_catalog.=) (l_servers operator(pg_catalog.||) 'plan')::pg_catalog.name;
  if l_plan is null or l_runtime is null or l_chunks is null then
    perform 1;
    if not found then
      return;  -- the query is ending
    end if;
    raise exception 'model version % cannot be seen by this transaction', p_version
      using hint = 'It was deployed after the transaction began, or dropped: start a new transaction.';
  end if;
  select pg_catalog.count(*),
      pg_catalog.string_agg(pg_catalog.decode(pg_catalog.substr(m.umoptions[1], 6), 'base64'), ''::pg_catalog.bytea order by n.n)
    into l_found, l_weights
    from pg_catalog.generate_series(0, l_chunks operator(pg_catalog.-) 1) as n(n)
    join pg_catalog.pg_user_mappings m
      on m.srvname operator(pg_catalog.=) (l_servers operator(pg_catalog.||) n.n::pg_catalog.text)::pg_catalog.name;
  if l_found operator(pg_catalog.<>) l_chunks or l_found is null then
    perform 1;
    if not found then
      return;
    end if;
    raise exception 'model version %: % of % chunks of weights are there', p_version, l_found, l_chunks
      using hint = 'User mappings of its servers were removed; drop the model and deploy it again.';
  end if;
  perform export_model.evict(coalesce(pg_catalog.octet_length(l_weights), 0), export_model.cache_limit(),
    pg_catalog.date_part('epoch', pg_catalog.statement_timestamp()), null);
  execute pg_catalog.format('select export_model.%I($1, $2, $3)', l_runtime)
    using p_version, l_plan, coalesce(l_weights, ''::pg_catalog.bytea);
end
{% endset %}{{ source | body }}
