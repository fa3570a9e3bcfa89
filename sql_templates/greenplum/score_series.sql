{# Score or label all windows over the rows of a table, view or query on the segments; p_result is a NULL of the result's type.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.score_series(
  p_scorer jsonb, p_wanted text, p_source text, p_key text, p_partition text, p_order text, p_step integer, p_gap text, p_gap_type regtype,
  p_result anyelement)
returns table (key text, result anyelement)
language plpgsql volatile
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_job pg_catalog.jsonb;
  l_rows bigint;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if p_step operator(pg_catalog.<) 1 then
    raise exception 'step is %; give 1 or more', p_step using errcode = 'invalid_parameter_value';
  end if;
  l_job := p_scorer operator(pg_catalog.||) export_model.window_source(p_scorer, p_source, p_key, p_partition, p_order, p_gap, p_gap_type)
    operator(pg_catalog.||) pg_catalog.jsonb_build_object('order', p_order);
  execute export_model.chunk_rows_query(l_job) into l_rows;
  return query execute pg_catalog.format('select g.key, g.%I::%s from (%s) g', p_wanted, pg_catalog.pg_typeof(p_result),
    export_model.window_groups_query(l_job, p_wanted, coalesce(p_step, (l_job operator(pg_catalog.->>) 'own_step')::pg_catalog.int4), l_rows, 0, 1));
end
{% endset %}{{ source | body }}
