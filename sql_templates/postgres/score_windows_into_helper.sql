{# Score the windows over a source's rows into a table, those that it holds no score of yet, committing after each 4,096 rows; the rows that
   new windows need are put aside first, in a file of PostgreSQL's, because a cursor must outlive its transaction. To
   compile its query, which the size of the table may suggest, would take seconds, for 20 new rows as well.
   variables: none #}
create or replace procedure export_model.score_windows_into(
  p_scorer jsonb, p_source text, p_key text, p_partition text, p_order text, p_target text, p_step integer, p_gap text, p_gap_type regtype,
  p_columns text[])
language plpgsql
as {% set source %}

declare
  l_job pg_catalog.jsonb;
  l_target pg_catalog.regclass;
  l_cursor constant pg_catalog.refcursor := 'export_model_rows';
  l_next record;
  l_state pg_catalog.bytea := '';
  l_total bigint := 0;
begin
  -- Until the next commit; an error that is handled would end the session, too.
  perform pg_catalog.set_config('jit', 'off', true), pg_catalog.set_config('exit_on_error', 'off', true);
  call export_model.check_transaction();
  l_job := export_model.open_windows(p_scorer, p_source, p_key, p_partition, p_order, p_target, p_step, p_gap, p_gap_type, p_columns);
  l_target := l_job operator(pg_catalog.->>) 'target';
  if exists (select from pg_catalog.pg_cursors c where c.name operator(pg_catalog.=) 'export_model_rows') then
    close l_cursor;  -- of a run that was cancelled between two steps
  end if;
  execute pg_catalog.format('declare export_model_rows no scroll cursor with hold for %s', export_model.window_rows_query(l_job, 0, 1));
  loop
    perform pg_catalog.set_config('jit', 'off', true), pg_catalog.set_config('exit_on_error', 'off', true);
    begin
      perform export_model.lock_target(l_target);
      l_next := export_model.store_windows(l_job, l_cursor, l_state);
    exception when query_canceled or others then
      close l_cursor;
      raise;
    end;
    l_state := l_next.state;
    exit when l_state is null;
    l_total := l_total operator(pg_catalog.+) l_next.written;
    commit;
  end loop;
  close l_cursor;
  raise notice '% % scored into %', l_total, case when l_total operator(pg_catalog.=) 1 then 'window' else 'windows' end, l_job operator(pg_catalog.->>) 'target';
end
{% endset %}{{ source | body }}
