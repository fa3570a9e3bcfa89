{# Read a version's plan and weights from the registry into the session's memory. PL/pgSQL, because
   a query from PL/Python fails inside a parallel plan. Every operator and type is qualified: it runs with
   the owner's rights under the caller's search_path. A caller who has plans printed to himself would find the weights in that of
   the last query, as constants. Parallel restricted: a plan of a query here that PostgreSQL is told to force into a worker would load
   the model into that one's memory.
   variables: none #}
create or replace function export_model.load(p_version text)
returns void
language plpgsql stable strict parallel restricted
set debug_print_parse = off
set debug_print_rewritten = off
set debug_print_plan = off
as {% set source %}

declare
  l_plan pg_catalog.text;
  l_runtime pg_catalog.text;
  l_expected bigint;
  l_found bigint;
  l_weights pg_catalog.bytea;
begin
  select v.plan, v.runtime, v.chunks into l_plan, l_runtime, l_expected
    from export_model.versions v where v.version operator(pg_catalog.=) p_version;
  if not found then
    raise exception 'model version % cannot be seen by this transaction', p_version
      using hint = 'It was deployed after the transaction began, or dropped: start a new transaction.';
  end if;
  select pg_catalog.count(*), pg_catalog.string_agg(c.data, ''::pg_catalog.bytea order by c.chunk)
    into l_found, l_weights
    from export_model.chunks c where c.version operator(pg_catalog.=) p_version;
  if l_found operator(pg_catalog.<>) l_expected then
    raise exception 'model version %: % of % chunks of weights are there', p_version, l_found, l_expected
      using hint = 'Rows of export_model.chunks were removed; drop the model and deploy it again.';
  end if;
  execute pg_catalog.format('select export_model.%I($1, $2, $3)', l_runtime)
    using p_version, l_plan, coalesce(l_weights, ''::pg_catalog.bytea);
end
{% endset %}{{ source | body }}
