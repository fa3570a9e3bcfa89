{# Read a version's plan and weights into the session's memory. PL/pgSQL and the catalog alone: a query
   from PL/Python, or of a table, fails on the coordinator while another is in flight. When a query has enough
   rows, segments end what they are doing, and reads here give too few rows or none: then nothing is
   loaded, and nobody sees the result. Every operator and type is qualified: it runs with the owner's rights
   under the caller's search_path; the settings are those of load of postgres. Where plan and weights lie is said by stored_plan and
   stored_weights, which Greenplum 6 has of its own.
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
  l_chunks integer;
  l_found bigint;
  l_weights pg_catalog.bytea;
begin
{% include 'stored_plan.sql' %};
  if l_plan is null or l_runtime is null or l_chunks is null then
    perform 1;
    if not found then
      return;  -- the query is ending
    end if;
    raise exception 'model version % cannot be seen by this transaction', p_version
      using hint = 'It was deployed after the transaction began, or dropped: start a new transaction.';
  end if;
{% include 'stored_weights.sql' %};
  if l_found operator(pg_catalog.<>) l_chunks or l_found is null then
    perform 1;
    if not found then
      return;
    end if;
    raise exception 'model version %: % of % chunks of weights are there', p_version, l_found, l_chunks
      using hint = 'What held them in the catalog was removed. Deploy the model again, or: export-model repair --name ...';
  end if;
  perform export_model.evict(coalesce(pg_catalog.octet_length(l_weights), 0), export_model.cache_limit(),
    pg_catalog.date_part('epoch', pg_catalog.statement_timestamp()), null);
  execute pg_catalog.format('select export_model.%I($1, $2, $3)', l_runtime)
    using p_version, l_plan, coalesce(l_weights, ''::pg_catalog.bytea);
end
{% endset %}{{ source | body }}
