{# The rows of a job in any order: (key, packed, p, o, is_stored). Those up to the newest of its series that ends a window with a score of this
   version are stored. Only keys, series and places are joined with the target, not what is packed. With p_parts more than 1, one part
   of the series, by a hash.
   variables: settings of the function #}
create or replace function export_model.new_rows(p_job jsonb, p_part integer, p_parts integer)
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_partition constant text := coalesce(p_job ->> 'partition_item', 'true');
  l_part constant text := case when p_parts = 1 then 'true'
    else format('pg_catalog.mod(pg_catalog.abs(pg_catalog.hashtext(%s::pg_catalog.text)::pg_catalog.int8), %s) operator(pg_catalog.=) %s',
      coalesce(p_job ->> 'partition_item', 'null'), p_parts, p_part) end;
  l_rows text;
begin
  l_rows := format('select %s as key, %s as packed, %s as p, %s as o, false as is_stored from %s s where %s',
    p_job ->> 'held_item', p_job ->> 'row_item', l_partition, p_job ->> 'order_item', p_job ->> 'from_item', l_part);
  if not coalesce((p_job ->> 'resumes')::boolean, false) then
    return l_rows;
  end if;
  return format('select r.key, r.packed, r.p, r.o, coalesce(r.o %1$s l.o, false) as is_stored from (%2$s) r left join ('
    'select distinct on (x.p) x.p, x.o from (select %3$s as p, %4$s as o from %5$s s join %6$s t on t.%7$I %8$s %9$s'
    ' and t.%10$I operator(pg_catalog.=) %11$L::pg_catalog.text where %12$s) x order by x.p, x.o desc nulls last) l on l.p %13$s r.p',
    export_model.order_operator((p_job ->> 'order_type')::regtype, 2), l_rows, l_partition, p_job ->> 'order_item', p_job ->> 'from_item',
    p_job ->> 'target', p_job ->> 'key_column', export_model.order_operator((p_job ->> 'key_type')::regtype, 3), p_job ->> 'key_item',
    p_job ->> 'version_column', p_job ->> 'version', l_part,
    export_model.order_operator(coalesce(p_job ->> 'partition_type', 'boolean')::regtype, 3));
end
{% endset %}{{ source | body }}
