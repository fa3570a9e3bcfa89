{# Score or label all rows of a table, view or query in batches; p_result is a NULL of the result's type. Stable, so that all
   of it sees one snapshot, that of the calling query. Memory holds one batch; the result lies in a
   file of PostgreSQL's beyond work_mem.
   variables: none #}
create or replace function export_model.score_source(
  p_scorer jsonb, p_wanted text, p_source text, p_key text, p_result anyelement)
returns table (key text, result anyelement)
language plpgsql stable
as {% set source %}

declare
  l_source record;
  l_keys text[];
  l_rows bytea;
  l_scored record;
  l_first bigint := 0;
  l_count bigint := 1;
  l_gather text;
  l_give text;
  l_cursor refcursor;
begin
  if p_source is null or p_key is null then
    raise exception 'the source and its key column must not be NULL'
      using errcode = 'null_value_not_allowed';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer -> 'inputs');
  -- Two sets side by side in a select list are given out row by row, without a file for each.
  l_give := format('select unnest($1), unnest($2::%s[])::%s',
    case when pg_typeof(p_result) = 'real'::regtype then 'real' else 'text' end, pg_typeof(p_result));
  if l_source.blocks is not null then
    l_gather := format('select array_agg(%s::text), string_agg(%s, %L) from %s s where s.ctid >= $1 and s.ctid < $2',
      l_source.key_item, l_source.row_item, '', l_source.from_item);
    while l_first < l_source.blocks loop
      execute l_gather into l_keys, l_rows
        using format('(%s,0)', l_first)::tid, format('(%s,0)', l_first + l_count)::tid;
      if l_keys is not null then
        l_scored := export_model.score_rows(p_scorer ->> 'batch', p_wanted, l_keys, l_rows);
        return query execute l_give using l_keys, coalesce(l_scored.labels, l_scored.scores);
      end if;
      l_first := l_first + l_count;
      l_count := export_model.choose_blocks(l_count, coalesce(cardinality(l_keys), 0), coalesce(octet_length(l_rows), 0));
    end loop;
  else
    open l_cursor no scroll for execute format('select %s::text as key, %s as packed from %s s',
      l_source.key_item, l_source.row_item, l_source.from_item);
    loop
      select b.keys, b.rows into l_keys, l_rows from export_model.fetch_batch(l_cursor) b;
      exit when l_keys is null;
      l_scored := export_model.score_rows(p_scorer ->> 'batch', p_wanted, l_keys, l_rows);
      return query execute l_give using l_keys, coalesce(l_scored.labels, l_scored.scores);
    end loop;
    close l_cursor;
  end if;
end
{% endset %}{{ source | body }}
