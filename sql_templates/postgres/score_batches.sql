{# Score or label all rows of a table, view or query in batches: a row for each, with keys and results as answer_batch gives them. Stable, so that all
   of it sees one snapshot, that of the calling query. Memory holds one batch; what was answered lies in a file of PostgreSQL's beyond work_mem.
   To compile the query of each batch, as a setting may ask, would take a hundred times as long.
   variables: none #}
create or replace function export_model.score_batches(
  p_scorer jsonb, p_wanted text, p_source text, p_key text, p_result regtype)
returns table (keys text[], numbers real[], doubles double precision[], texts text[])
language plpgsql stable rows 100
set jit = off
as {% set source %}

declare
  l_source record;
  l_batch pg_catalog.text;
  l_answer record;
  l_first bigint := 0;
  l_step bigint := 1;
  l_cursor pg_catalog.refcursor;
begin
  if p_source is null or p_key is null then
    raise exception 'the source and its key column must not be NULL'
      using errcode = 'null_value_not_allowed';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'inputs');
  if l_source.blocks is not null then
    l_batch := export_model.gather_query(l_source.from_item, l_source.held_item, l_source.row_item, 'true');
  else
    open l_cursor no scroll for execute pg_catalog.format(
      'select %s as key, %s as packed from %s s', l_source.held_item, l_source.row_item, l_source.from_item);
    l_batch := pg_catalog.format('select b.keys, b.rows from export_model.fetch_batch(%L, null::%s) b',
      l_cursor, l_source.held_type);
  end if;
  l_batch := pg_catalog.format('select a.keys, a.numbers, a.doubles, a.texts, a.bytes from (%s) g,'
    ' lateral export_model.answer_batch(%L, %L, %s, g.keys, g.rows) a',
    l_batch, p_scorer operator(pg_catalog.->>) 'batch', p_wanted, p_result::pg_catalog.oid);
  loop
    if l_source.blocks is not null then
      exit when l_first operator(pg_catalog.>=) l_source.blocks;
      execute l_batch into l_answer using l_first, l_first operator(pg_catalog.+) l_step;
      l_first := l_first operator(pg_catalog.+) l_step;
      l_step := export_model.choose_blocks(l_step, pg_catalog.cardinality(l_answer.keys), l_answer.bytes);
      continue when l_answer.keys is null;
    else
      execute l_batch into l_answer;
      exit when l_answer.keys is null;
    end if;
    keys := l_answer.keys;
    numbers := l_answer.numbers;
    doubles := l_answer.doubles;
    texts := l_answer.texts;
    return next;
  end loop;
  if l_source.blocks is null then
    close l_cursor;  -- else the source could not be dropped or altered before the transaction's end
  end if;
end
{% endset %}{{ source | body }}
