{# A query by which each segment scores its own rows, so that only keys and scores move: a row for each batch, see group_query. NULL where it
   cannot be done. A function on a segment may read no table, but it may call one in SQL that the segment's planner puts in its
   place (decision 25). All are the caller's, made with his rights for this transaction: drop_own removes them. The first call
   takes one row, which fails where Greenplum is stricter. Rows are numbered and sorted by their batch: a hash
   of batches would hold all rows in memory. p_call is what scores a batch, up to its keys; p_columns what is taken of that, p_types their names and
   types.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.own_query(
  p_call text, p_source jsonb, p_where text, p_columns text, p_types text)
returns text
language plpgsql volatile strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if not export_model.is_spread(p_source operator(pg_catalog.->>) 'from_item') then
    return null;
  end if;
  begin
    perform export_model.drop_own();
    execute pg_catalog.format(
      'create function pg_temp.export_model_rows() returns table (key %s, packed pg_catalog.bytea) language sql stable as %L',
      p_source operator(pg_catalog.->>) 'held_type', pg_catalog.format('select %s, %s from %s s where %s',
        p_source operator(pg_catalog.->>) 'held_item', p_source operator(pg_catalog.->>) 'row_item',
        p_source operator(pg_catalog.->>) 'from_item', p_where));
    execute pg_catalog.format(
      'create function pg_temp.export_model_scores(boolean) returns table (%s)'
      ' language plpgsql stable execute on all segments set enable_hashagg = off as %L', p_types,
      pg_catalog.format('
  declare
    l_batches cursor (p_rows pg_catalog.int8) for
      select pg_catalog.array_agg(r.key) as keys, pg_catalog.string_agg(r.packed, %L) as packed
      from (select r.key, r.packed, (pg_catalog.row_number() over () operator(pg_catalog.-) 1) operator(pg_catalog./) p_rows as batch
        from pg_temp.export_model_rows() r) r
      group by r.batch;
    l_rows pg_catalog.int8;
  begin
    if not $1 then
      perform from pg_temp.export_model_rows() limit 1;
      return;
    end if;
    select greatest(1, least(4000, 4194304 operator(pg_catalog./) (1 operator(pg_catalog.+) pg_catalog.avg(x.bytes))::pg_catalog.int8))
      into l_rows from (select pg_catalog.octet_length(r.packed) as bytes from pg_temp.export_model_rows() r limit 100) x;
    for l_batch in l_batches(l_rows) loop
      select %s into keys, scores, labels from %s l_batch.keys, l_batch.packed) a;
      return next;
    end loop;
  end', '', p_columns, p_call));
    perform from pg_temp.export_model_scores(false);
    return 'select x.keys, x.scores, x.labels from pg_temp.export_model_scores(true) x';
  exception
    -- No language, no temporary objects or nothing to be written for the caller, or no such reading on segments.
    when insufficient_privilege or read_only_sql_transaction or feature_not_supported then
      return null;
  end;
end
{% endset %}{{ source | body }}
