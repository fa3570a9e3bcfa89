{# Score all rows of a table, view or query in batches; keys, scores and labels as texts. Stable, so that all
   of it sees one snapshot, that of the calling query. Memory holds one batch; the result lies in a
   file of PostgreSQL's beyond work_mem.
   variables: none #}
create or replace function export_model.score_source(
  p_batch text, p_inputs jsonb, p_wanted text, p_source text, p_key text)
returns table (key text, score text, label text)
language plpgsql stable strict
as {% set source %}

#variable_conflict use_column
declare
  l_source record := export_model.source(p_source, p_key, p_inputs);
  l_keys text[];
  l_parts bytea[];
  l_rows bytea;
  l_first bigint := 0;
  l_count bigint := 1;
  l_gather text;
  l_row record;
  l_result record;
  l_done boolean := false;
  l_cursor refcursor;
begin
  if l_source.blocks is not null then
    l_gather := format('select array_agg(%s::text), string_agg(%s, %L) from %s s where s.ctid >= $1 and s.ctid < $2',
      l_source.key_item, l_source.row_item, '', l_source.from_item);
    while l_first < l_source.blocks loop
      execute l_gather into l_keys, l_rows
        using format('(%s,0)', l_first)::tid, format('(%s,0)', l_first + l_count)::tid;
      return query select b.key, b.score, b.label from export_model.score_rows(p_batch, p_wanted, l_keys, l_rows) b;
      l_first := l_first + l_count;
      l_count := export_model.choose_blocks(l_count, cardinality(l_keys), octet_length(l_rows));
    end loop;
  else
    open l_cursor no scroll for execute format('select %s::text as key, %s as packed from %s s',
      l_source.key_item, l_source.row_item, l_source.from_item);
    loop
      select b.keys, b.rows into l_keys, l_rows from export_model.fetch_batch(l_cursor) b;
      exit when l_keys is null;
      return query select b.key, b.score, b.label from export_model.score_rows(p_batch, p_wanted, l_keys, l_rows) b;
    end loop;
    close l_cursor;
  end if;
end
{% endset %}{{ source | body }}
