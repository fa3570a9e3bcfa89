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
  l_keys pg_catalog.text[];
  l_rows pg_catalog.bytea;
  l_scored record;
  l_first bigint := 0;
  l_step bigint := 1;
  l_gather pg_catalog.text;
  l_give pg_catalog.text;
  l_cursor pg_catalog.refcursor;
begin
  if p_source is null or p_key is null then
    raise exception 'the source and its key column must not be NULL'
      using errcode = 'null_value_not_allowed';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'inputs');
  l_give := export_model.give_query(pg_catalog.pg_typeof(p_result));
  if l_source.blocks is not null then
    l_gather := export_model.gather_query(l_source.from_item, l_source.key_item, l_source.row_item, 'true');
  else
    open l_cursor no scroll for execute pg_catalog.format(
      'select %s::pg_catalog.text as key, %s as packed from %s s',
      l_source.key_item, l_source.row_item, l_source.from_item);
  end if;
  loop
    if l_source.blocks is not null then
      exit when l_first operator(pg_catalog.>=) l_source.blocks;
      execute l_gather into l_keys, l_rows
        using l_first, l_first operator(pg_catalog.+) l_step;
      l_first := l_first operator(pg_catalog.+) l_step;
      l_step := export_model.choose_blocks(l_step, l_keys, l_rows);
      continue when l_keys is null;
    else
      select b.keys, b.rows into l_keys, l_rows from export_model.fetch_batch(l_cursor) b;
      exit when l_keys is null;
    end if;
    l_scored := export_model.score_rows(p_scorer operator(pg_catalog.->>) 'batch', p_wanted, l_keys, l_rows);
    return query execute l_give using l_keys, coalesce(l_scored.labels, l_scored.scores);
  end loop;
end
{% endset %}{{ source | body }}
