{# A query that gives each series with its last rows, packed in their order, how many they are, and the rows that are ahead of it: (p, rows, count,
   ahead, ahead_count). p_ahead is what source and series say of the second source, NULL for none. Where an index gives the series in
   their order, each is looked up in it from its end, with one row more than a window has, which may have the same place as the first.
   variables: settings of the function #}
create or replace function export_model.last_rows(p_job jsonb, p_steps integer, p_ahead jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_from constant text := p_job ->> 'from_item';
  l_partition constant text := coalesce(p_job ->> 'partition_item', 'true');
  l_order constant text := p_job ->> 'order_item';
  l_length constant integer := p_job ->> 'length';
  l_rows text;
  l_last text;
  l_follows text;
begin
  if not (p_job ->> 'has_index')::boolean then
    l_rows := format('select %s as p, %s as o, %s as packed from %s s', l_partition, l_order, p_job ->> 'row_item', l_from);
  elsif p_job ->> 'partition_item' is null then
    l_rows := format('select true as p, %1$s as o, %2$s as packed from %3$s s order by %1$s desc limit %4$s',
      l_order, p_job ->> 'row_item', l_from, l_length + 1);
  else
    l_rows := format('with recursive %1$s select a.p, r.o, r.packed from all_parts a cross join lateral ('
      'select %2$s as o, %3$s as packed from %4$s s where %5$s %6$s a.p order by %2$s desc limit %7$s) r where a.p is not null'
      ' union all (select %5$s, %2$s, %3$s from %4$s s where %5$s is null limit 1)',
      export_model.parts_query(p_job), l_order, p_job ->> 'row_item', l_from, l_partition,
      export_model.order_operator((p_job ->> 'partition_type')::regtype, 3), l_length + 1);
  end if;
  l_last := format('select q.p, pg_catalog.string_agg(q.packed, %L order by q.o) as rows, pg_catalog.count(*)::pg_catalog.int4 as count,'
    ' (pg_catalog.array_agg(q.o order by q.o desc))[1] as last,'
    ' pg_catalog.bool_or(q.o is null or q.p is null) as is_nowhere, pg_catalog.bool_or(q.n operator(pg_catalog.<>) q.rank) as is_tied'
    ' from (select r.*, pg_catalog.row_number() over w as n, pg_catalog.rank() over w as rank from (%s) r'
    ' window w as (partition by r.p order by r.o desc)) q where q.rank operator(pg_catalog.<=) %s group by q.p%s',
    ''::bytea, l_rows, l_length,
    case when (p_job ->> 'pads')::boolean then '' else format(
      ' having pg_catalog.count(*) operator(pg_catalog.>=) %s or pg_catalog.bool_or(q.o is null or q.p is null)', l_length) end);
  if p_ahead is null then
    return format('select l.p, l.rows, l.count, %L::pg_catalog.bytea as ahead, %s as ahead_count, l.is_nowhere, l.is_tied from (%s) l order by l.p',
      ''::bytea, p_steps, l_last);
  end if;
  l_follows := format('%s %s l.last', p_ahead ->> 'order_item', export_model.order_operator((p_job ->> 'order_type')::regtype, 5));
  if p_job ->> 'partition_item' is not null then
    l_follows := l_follows || format(' and %s %s l.p', p_ahead ->> 'partition_item',
      export_model.order_operator((p_job ->> 'partition_type')::regtype, 3));
  end if;
  return format('with l as (%1$s) select l.p, l.rows, l.count, a.rows as ahead, coalesce(a.count, 0) as ahead_count, l.is_nowhere, l.is_tied from l'
    ' left join (select q.p, pg_catalog.string_agg(q.packed, %2$L order by q.o) as rows, pg_catalog.count(*)::pg_catalog.int4 as count from ('
    'select l.p, %3$s as o, %4$s as packed, pg_catalog.row_number() over (partition by l.p order by %3$s) as n'
    ' from %5$s s join l on %6$s) q where q.n operator(pg_catalog.<=) %7$s group by q.p) a on a.p %8$s l.p order by l.p',
    l_last, ''::bytea, p_ahead ->> 'order_item', p_ahead ->> 'row_item', p_ahead ->> 'from_item', l_follows, p_steps,
    case when p_job ->> 'partition_item' is null then 'operator(pg_catalog.=)'
      else export_model.order_operator((p_job ->> 'partition_type')::regtype, 3) end);
end
{% endset %}{{ source | body }}
