{# What score_batches gives, a row for each key; p_result is a NULL of the result's type. Functions of models that were deployed earlier call
   it, and what compares two versions.
   variables: none #}
create or replace function export_model.score_source(
  p_scorer jsonb, p_wanted text, p_source text, p_key text, p_result anyelement)
returns table (key text, result anyelement)
language plpgsql stable
as {% set source %}

begin
  return query execute pg_catalog.format(
    'select pg_catalog.unnest(b.keys), pg_catalog.unnest(b.%I)::%s from export_model.score_batches($1, $2, $3, $4, $5) b',
    case pg_catalog.pg_typeof(p_result) when 'pg_catalog.float4'::pg_catalog.regtype then 'numbers'
      when 'pg_catalog.float8'::pg_catalog.regtype then 'doubles' else 'texts' end,
    export_model.type_name(pg_catalog.pg_typeof(p_result)))
    using p_scorer, p_wanted, p_source, p_key, pg_catalog.pg_typeof(p_result);
end
{% endset %}{{ source | body }}
