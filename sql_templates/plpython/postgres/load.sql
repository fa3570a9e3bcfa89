{# Read a version's plan and weights from the registry into the session's memory. PL/pgSQL, because
   a query from PL/Python fails inside a parallel plan. Every operator and type is qualified: it runs with
   the owner's rights under the caller's search_path. A caller who has plans printed to himself would find the weights in that of
   the last query, as constants. Parallel restricted: a plan of a query here that PostgreSQL is told to force into a worker would load
   the model into that one's memory.
   variables: none #}
create or replace function export_model.load(p_version text)
returns void
language plpgsql stable strict parallel restricted
set row_security = on
set debug_print_parse = off
set debug_print_rewritten = off
set debug_print_plan = off
as {% set source %}

declare
  l_plan pg_catalog.text;
  l_runtime pg_catalog.text;
  l_expected bigint;
  l_found bigint;
  l_total bigint;
  l_first bigint := 0;
  l_takes_collected boolean;
  l_chunk pg_catalog.bytea;
begin
  select v.plan, v.runtime, v.chunks into l_plan, l_runtime, l_expected
    from export_model.versions v where v.version operator(pg_catalog.=) p_version;
  if not found then
    raise exception 'model version % cannot be seen by this transaction', p_version
      using hint = 'It was deployed after the transaction began, or dropped: start a new transaction.';
  end if;
  select pg_catalog.count(*), coalesce(pg_catalog.sum(pg_catalog.octet_length(c.data)), 0) into l_found, l_total
    from export_model.chunks c where c.version operator(pg_catalog.=) p_version;
  if l_found operator(pg_catalog.<>) l_expected then
    raise exception 'model version %: % of % chunks of weights are there', p_version, l_found, l_expected
      using hint = 'Rows of export_model.chunks were removed, or added: deploy the file of the model again.';
  end if;
  perform export_model.evict(l_total, export_model.cache_limit(),
    pg_catalog.date_part('epoch', pg_catalog.statement_timestamp()),
    (select pg_catalog.array_agg(v.version) from export_model.versions v));
  select p.pronargdefaults operator(pg_catalog.>) 0 into l_takes_collected from pg_catalog.pg_proc p
    where p.pronamespace operator(pg_catalog.=) 'export_model'::pg_catalog.regnamespace::pg_catalog.oid
      and p.proname operator(pg_catalog.=) l_runtime::pg_catalog.name;
  if not l_takes_collected then  -- a runtime made by an earlier program
    execute pg_catalog.format('select export_model.%I($1, $2, $3)', l_runtime)
      using p_version, l_plan, (
        select coalesce(pg_catalog.string_agg(c.data, ''::pg_catalog.bytea order by c.chunk), ''::pg_catalog.bytea)
        from export_model.chunks c where c.version operator(pg_catalog.=) p_version);
    return;
  end if;
  perform export_model.collect(''::pg_catalog.bytea, 0, l_total);
  for l_chunk in
    select c.data from export_model.chunks c where c.version operator(pg_catalog.=) p_version order by c.chunk
  loop
    perform export_model.collect(l_chunk, l_first, l_total);
    l_first := l_first operator(pg_catalog.+) pg_catalog.octet_length(l_chunk);
  end loop;
  execute pg_catalog.format('select export_model.%I($1, $2)', l_runtime) using p_version, l_plan;
end
{% endset %}{{ source | body }}
