{# The query all_parts (p) of a WITH RECURSIVE that finds the series of a source one after another in an index; the last p is NULL.
   variables: settings of the function #}
create or replace function export_model.parts_query(p_job jsonb)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select case when p_job ->> 'partition_item' is null then 'all_parts (p) as (select true)' else
  format('all_parts (p) as ((select %1$s as p from %2$s s where %1$s is not null order by %1$s limit 1) union all'
    ' select (select %1$s from %2$s s where %1$s %3$s a.p order by %1$s limit 1) from all_parts a where a.p is not null)',
    p_job ->> 'partition_item', p_job ->> 'from_item', export_model.order_operator((p_job ->> 'partition_type')::regtype, 5)) end
{% endset %}{{ source | body }}
