{# Look at the columns by which a source's rows form series: partition_item and order_item as they stand behind the source s, partition_item
   NULL where all rows are one series; gap, the condition, NULL for none, under which a row of the window w begins a new run. Names are
   resolved as the caller does.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.series(
  p_source text, p_from_item text, p_partition text, p_order text, p_gap text, p_gap_type regtype,
  out partition_item text, out partition_type text, out order_item text, out order_type text, out gap text)
language plpgsql stable
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_columns constant pg_catalog.text[] := case when p_partition is null then array[p_order] else array[p_order, p_partition] end;
  l_types pg_catalog.regtype[];
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  for i in 1 .. pg_catalog.cardinality(l_columns) loop
    begin
      execute export_model.ask_types(p_from_item, array[l_columns[i]]) into l_types;
    exception when undefined_column then
      raise exception '% has no column %', case when pg_catalog.starts_with(p_from_item, '(') then 'the query' else p_source end, l_columns[i]
        using errcode = 'undefined_column', hint = 'order_by and partition_by are names of columns, taken as they are written.';
    end;
    if i operator(pg_catalog.=) 1 then
      order_item := pg_catalog.format('s.%I', p_order);
      order_type := export_model.type_name(export_model.held_type(l_types[1]));
    else
      partition_item := pg_catalog.format('s.%I', p_partition);
      partition_type := export_model.type_name(export_model.held_type(l_types[1]));
    end if;
  end loop;
  if p_gap is not null then
    gap := export_model.gap_condition(p_order, order_type, p_gap, p_gap_type);
  end if;
end
{% endset %}{{ source | body }}
