{# Read a version's plan and weights into the session's memory, from the text of functions: see copy_weights, and
   load of greenplum; the settings are those of load of postgres. Every operator and type is qualified: it runs with the owner's rights under the caller's
   search_path.
   variables: none #}
create or replace function export_model.load(p_version text)
returns void
language plpgsql stable strict
set debug_print_parse = off
set debug_print_rewritten = off
set debug_print_plan = off
as {% set source %}

declare
  l_short constant pg_catalog.text := pg_catalog.substr(p_version, 1, 12);
  l_schema pg_catalog.oid;
  l_plan pg_catalog.text;
  l_chunks integer;
  l_found bigint;
  l_weights pg_catalog.bytea;
begin
  -- The text is: select '...'
  select p.pronamespace, pg_catalog.substr(p.prosrc, 9, pg_catalog.length(p.prosrc) operator(pg_catalog.-) 9)
    into l_schema, l_plan
    from pg_catalog.pg_proc p
    join pg_catalog.pg_proc s on s.pronamespace operator(pg_catalog.=) p.pronamespace
      and s.proname operator(pg_catalog.=) ('run_score_' operator(pg_catalog.||) l_short)::pg_catalog.name
    where p.proname operator(pg_catalog.=) ('plan_' operator(pg_catalog.||) l_short)::pg_catalog.name
      and p.pronargs operator(pg_catalog.=) 0;
  if l_plan is null then
    perform 1;
    if not found then
      return;  -- the query is ending
    end if;
    raise exception 'model version % cannot be seen by this transaction', p_version
      using hint = 'It was deployed after the transaction began, or dropped: start a new transaction.';
  end if;
  l_chunks := pg_catalog.split_part(l_plan, ' ', 2);
  select pg_catalog.count(*), pg_catalog.string_agg(pg_catalog.decode(pg_catalog.substr(p.prosrc, 9,
      pg_catalog.length(p.prosrc) operator(pg_catalog.-) 9), 'base64'), ''::pg_catalog.bytea order by n.n)
    into l_found, l_weights
    from pg_catalog.generate_series(0, l_chunks operator(pg_catalog.-) 1) as n(n)
    join pg_catalog.pg_proc p on p.pronamespace operator(pg_catalog.=) l_schema
      and p.pronargs operator(pg_catalog.=) 0
      and p.proname operator(pg_catalog.=) ('weights_' operator(pg_catalog.||) l_short
        operator(pg_catalog.||) '_' operator(pg_catalog.||) n.n::pg_catalog.text)::pg_catalog.name;
  if l_found operator(pg_catalog.<>) l_chunks or l_found is null then
    perform 1;
    if not found then
      return;
    end if;
    raise exception 'model version %: % of % chunks of weights are there', p_version, l_found, l_chunks
      using hint = 'Functions that hold weights were removed; drop the model and deploy it again.';
  end if;
  execute pg_catalog.format('select export_model.%I($1, $2, $3)', pg_catalog.split_part(l_plan, ' ', 1))
    using p_version, pg_catalog.convert_from(pg_catalog.decode(pg_catalog.split_part(l_plan, ' ', 3), 'base64'), 'UTF8'),
      coalesce(l_weights, ''::pg_catalog.bytea);
end
{% endset %}{{ source | body }}
