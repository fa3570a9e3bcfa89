{# A statement that gives the plan for the row of a series behind a place b.o; offset 0 keeps its NULLs from being seen through.
   variables: none #}
create or replace function export_model.plan_query(p_job jsonb)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

select format('explain (format json) select (select %1$s from %2$s s where %3$s and %1$s %4$s b.o order by %1$s limit 1)'
    ' from (select null::%5$s as o, null::%6$s as p offset 0) b',
  p_job ->> 'order_item', p_job ->> 'from_item',
  case when p_job ->> 'partition_item' is null then 'true'
    else format('%s %s b.p', p_job ->> 'partition_item', export_model.order_operator((p_job ->> 'partition_type')::regtype, 3)) end,
  export_model.order_operator((p_job ->> 'order_type')::regtype, 5), p_job ->> 'order_type',
  coalesce(p_job ->> 'partition_type', 'pg_catalog.bool'))
{% endset %}{{ source | body }}
