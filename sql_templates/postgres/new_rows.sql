{# The rows for windows_query of which windows were not scored yet: of each series the newest row that ends a stored window, the length - 1
   rows before it, which the next windows need, and all that follow. Where an index gives the series in their order, each is looked up in it
   from its end, so that old rows cost nothing; else all rows are read. All rows up to the newest stored one are marked as stored: where
   a gap lies between them, those before it are a run of their own, and would else end windows again. Rows without a place are given too,
   for an error. With p_parts more than 1, one part of the series, by a hash of the partition's bytes.
   variables: none #}
create or replace function export_model.new_rows(p_job jsonb, p_part integer, p_parts integer)
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_partition constant text := p_job ->> 'partition_item';
  l_from constant text := p_job ->> 'from_item';
  l_order constant text := p_job ->> 'order_item';
  l_order_type constant regtype := (p_job ->> 'order_type')::regtype;
  l_stored constant text := format('(select true from %s t where t.%I %s %s and t.%I operator(pg_catalog.=) %L::pg_catalog.text offset 0)',
    p_job ->> 'target', p_job ->> 'key_column', export_model.order_operator((p_job ->> 'key_type')::regtype, 3), p_job ->> 'key_item',
    p_job ->> 'version_column', p_job ->> 'version');
  l_row constant text := format('%s as key, %s as packed, %s as p, %s as o', p_job ->> 'held_item', p_job ->> 'row_item',
    coalesce(l_partition, 'true'), l_order);
  l_part text := 'true';
  l_same text := 'true';
  l_length constant integer := p_job ->> 'length';
begin
  if p_parts > 1 then
    l_part := format('pg_catalog.mod(pg_catalog.abs(pg_catalog.hashtext(pg_catalog.encode(%s(array[%s]), %L))'
      '::pg_catalog.int8), %s) operator(pg_catalog.=) %s', 
      case when to_regprocedure('export_model.array_bytes(anyarray)') is null then 'pg_catalog.array_send' else 'export_model.array_bytes' end,
      l_partition, 'hex', p_parts, p_part);
  end if;
  if not (p_job ->> 'resumes')::boolean then
    return format('select %s, false as is_stored from %s s where %s', l_row, l_from, l_part);
  end if;
  if not (p_job ->> 'has_index')::boolean then
    return format('select q.key, q.packed, q.p, q.o, coalesce(q.n operator(pg_catalog.<=) q.last, false) as is_stored from ('
      'select r.*, pg_catalog.max(case when r.is_stored then r.n end) over (partition by r.p) as last from ('
      'select %s, %s is not null as is_stored, pg_catalog.row_number() over (%s order by %s) as n from %s s where %s) r) q'
      ' where q.last is null or q.n operator(pg_catalog.>) (q.last operator(pg_catalog.-) %s)',
      l_row, l_stored, coalesce('partition by ' || l_partition, ''), l_order, l_from, l_part, l_length);
  end if;
  if l_partition is not null then
    l_same := format('%s %s b.p', l_partition, export_model.order_operator((p_job ->> 'partition_type')::regtype, 3));
  end if;
  return format('with recursive %1$s, parts as ('
    'select s.p from all_parts s where s.p is not null and %2$s), newest as materialized ('
    'select b.p, (select %4$s from %3$s s where %5$s and %4$s is not null and %6$s is not null order by %4$s desc limit 1) as o'
    ' from parts b), begins as materialized ('
    'select b.p, b.o, coalesce((select %4$s from %3$s s where %5$s and %4$s %7$s b.o order by %4$s desc offset %9$s limit 1),'
    ' (select %4$s from %3$s s where %5$s and %4$s is not null order by %4$s limit 1)) as first from newest b)'
    ' select r.key, r.packed, r.p, r.o, coalesce(r.o %10$s b.o, false) as is_stored from begins b'
    ' cross join lateral (select %8$s from %3$s s where %5$s and %4$s %11$s b.first offset 0) r'
    ' union all select r.key, r.packed, r.p, r.o, false from parts b'
    ' cross join lateral (select %8$s from %3$s s where %5$s and %4$s is null limit 1) r%12$s',
    export_model.parts_query(p_job), replace(l_part, coalesce(l_partition, ''), 's.p'), l_from, l_order, l_same, l_stored,
    export_model.order_operator(l_order_type, 2), l_row, l_length - 1, export_model.order_operator(l_order_type, 2),
    export_model.order_operator(l_order_type, 4),
    case when l_partition is null then '' else format(
      ' union all (select r.key, r.packed, r.p, r.o, false from (select %s from %s s where %s is null limit 1) r)', l_row, l_from, l_partition) end);
end
{% endset %}{{ source | body }}
