{# Score or label all windows over the rows of a table, view or query, read once in the order of its series. Stable, so that all of it
   sees one snapshot, that of the calling query. Memory holds 4,096 rows and the last of a window before them. The cursor is planned
   for all of its rows, where PostgreSQL would choose what gives the first tenth soonest.
   variables: none #}
create or replace function export_model.score_series(
  p_scorer jsonb, p_wanted text, p_source text, p_key text, p_partition text, p_order text, p_step integer, p_gap text, p_gap_type regtype,
  p_result anyelement)
returns table (key text, result anyelement)
language plpgsql stable
set cursor_tuple_fraction = 1
set jit = off
as {% set source %}

declare
  l_source pg_catalog.jsonb;
  l_next pg_catalog.text;
  l_answer record;
  l_state pg_catalog.bytea := '';
  l_give constant pg_catalog.text := export_model.give_query(pg_catalog.pg_typeof(p_result));
  l_cursor pg_catalog.refcursor;
begin
  if p_step operator(pg_catalog.<) 1 then
    raise exception 'step is %; give 1 or more', p_step using errcode = 'invalid_parameter_value';
  end if;
  l_source := export_model.window_source(p_scorer, p_source, p_key, p_partition, p_order, p_gap, p_gap_type);
  open l_cursor no scroll for execute export_model.windows_query(
    export_model.all_rows(l_source), p_partition is not null, l_source operator(pg_catalog.->>) 'gap');
  l_next := pg_catalog.format('select a.keys, a.numbers, a.doubles, a.texts, a.state'
    ' from export_model.fetch_windows(%L, %L, null, null::%s) f,'
    ' lateral export_model.answer_windows(%L, %L, %s, f.keys, f.rows, f.starts, f.stored, $1, $2) a',
    l_cursor, p_order, l_source operator(pg_catalog.->>) 'held_type',
    p_scorer operator(pg_catalog.->>) 'windows', p_wanted, pg_catalog.pg_typeof(p_result)::pg_catalog.oid);
  loop
    execute l_next into l_answer using p_step, l_state;
    exit when l_answer.state is null;
    l_state := l_answer.state;
    continue when pg_catalog.cardinality(l_answer.keys) operator(pg_catalog.=) 0;
    if l_answer.numbers is not null then
      return query execute l_give using l_answer.keys, l_answer.numbers;
    elsif l_answer.doubles is not null then
      return query execute l_give using l_answer.keys, l_answer.doubles;
    else
      return query execute l_give using l_answer.keys, l_answer.texts;
    end if;
  end loop;
  close l_cursor;
end
{% endset %}{{ source | body }}
