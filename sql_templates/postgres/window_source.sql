{# Look at a source that is to be scored by windows: what source and series say of it.
   variables: settings of the function #}
create or replace function export_model.window_source(
  p_scorer jsonb, p_source text, p_key text, p_partition text, p_order text, p_gap text, p_gap_type regtype)
returns jsonb
language plpgsql stable
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_source record;
  l_series record;
begin
  if p_source is null or p_key is null or p_order is null then
    raise exception 'the source, its key column and order_by must not be NULL'
      using errcode = 'null_value_not_allowed', hint = 'partition_by may be NULL: then all rows are one series.';
  end if;
  if not (p_scorer operator(pg_catalog.?) 'windows') then
    raise exception 'the model does not take windows of rows'
      using errcode = 'wrong_object_type', hint = 'Deploy it with --window LENGTH, or use score_table.';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'rows');
  l_series := export_model.series(p_source, l_source.from_item, p_partition, p_order, p_gap, p_gap_type);
  return pg_catalog.row_to_json(l_source)::pg_catalog.jsonb operator(pg_catalog.||) pg_catalog.row_to_json(l_series)::pg_catalog.jsonb
    operator(pg_catalog.||) pg_catalog.jsonb_build_object('is_table', not pg_catalog.starts_with(l_source.from_item, '(')
      and exists (select from pg_catalog.pg_class c where c.oid operator(pg_catalog.=) pg_catalog.to_regclass(l_source.from_item)::pg_catalog.oid
        and c.relkind operator(pg_catalog.<>) 'v'::pg_catalog."char"));
end
{% endset %}{{ source | body }}
