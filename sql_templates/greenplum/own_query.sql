{# A query by which each segment scores its own rows, so that only keys and scores move: key, score, label. NULL where it
   cannot be done. A function on a segment may read no table, but it may call one in SQL that the segment's planner puts in its
   place (decision 25). Both are the caller's, made with his rights for this transaction: drop_own removes them. The first call
   takes one row, which fails where Greenplum is stricter. Rows are numbered and sorted by their batch: a hash
   of batches would hold all rows in memory.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.own_query(
  p_batch text, p_wanted text, p_source jsonb, p_where text, p_type text)
returns text
language plpgsql volatile strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_is_both constant boolean := p_wanted operator(pg_catalog.=) 'both'::pg_catalog.text;
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
      'create function pg_temp.export_model_scores(boolean) returns table (key %s, score %s, label pg_catalog.text)'
      ' language plpgsql stable execute on all segments set enable_hashagg = off as %L',
      case when l_is_both then p_source operator(pg_catalog.->>) 'held_type' else 'pg_catalog.text' end, p_type,
      pg_catalog.format('
  declare
    l_rows pg_catalog.int8;
  begin
    if not $1 then
      perform from pg_temp.export_model_rows() limit 1;
      return;
    end if;
    select greatest(1, least(1000, 4194304 operator(pg_catalog./) (1 operator(pg_catalog.+) pg_catalog.avg(x.bytes))::pg_catalog.int8))
      into l_rows from (select pg_catalog.octet_length(r.packed) as bytes from pg_temp.export_model_rows() r limit 100) x;
    return query select (g.x).key, (g.x).score::%s, (g.x).label
      from (select export_model.%I(%L, %L, pg_catalog.array_agg(r.key), pg_catalog.string_agg(r.packed, %L)) as x
        from (select r.key, r.packed, (pg_catalog.row_number() over () operator(pg_catalog.-) 1) operator(pg_catalog./) l_rows as batch
          from pg_temp.export_model_rows() r) r
        group by r.batch) g;
  end', p_type, case when l_is_both then 'score_group' else 'answer_group' end, p_batch, p_wanted, ''));
    perform from pg_temp.export_model_scores(false);
    return 'select x.key, x.score, x.label from pg_temp.export_model_scores(true) x';
  exception
    -- No language, no temporary objects or nothing to be written for the caller, or no such reading on segments.
    when insufficient_privilege or read_only_sql_transaction or feature_not_supported then
      return null;
  end;
end
{% endset %}{{ source | body }}
