{# Score a source into a table, committing after each step, so that a run that ends early leaves whole steps behind and the
   next one goes on. Tables are read by ranges of blocks; of a view or query the packed rows are put aside first,
   in a file of PostgreSQL's, because a cursor must outlive its transaction; it is closed whatever happens.
   variables: none #}
create or replace procedure export_model.score_into(p_scorer jsonb, p_source text, p_key text, p_target text)
language plpgsql
as {% set source %}

declare
  l_job pg_catalog.jsonb;
  l_target pg_catalog.regclass;
  l_blocks bigint;
  l_cursor constant pg_catalog.refcursor := 'export_model_rows';
  l_step constant bigint := 1024;  -- blocks of a transaction
  l_scored record;
  l_batch bigint := 1;
  l_first bigint := 0;
  l_count bigint;
  l_total bigint := 0;
begin
  -- Until the next commit; an error that is handled would end the session, too.
  perform pg_catalog.set_config('jit', 'off', true), pg_catalog.set_config('exit_on_error', 'off', true);
  call export_model.check_transaction();
  l_job := export_model.open_scoring(p_scorer, p_source, p_key, p_target);
  l_target := l_job operator(pg_catalog.->>) 'target';
  if (l_job operator(pg_catalog.->>) 'is_new')::pg_catalog.bool then
    perform export_model.postpone_key(l_job, p_key);
  end if;
  l_blocks := l_job operator(pg_catalog.->>) 'blocks';
  if exists (select from pg_catalog.pg_cursors c where c.name operator(pg_catalog.=) 'export_model_rows') then
    close l_cursor;  -- of a run that was cancelled between two steps
  end if;
  if l_blocks is null then
    execute pg_catalog.format('declare export_model_rows no scroll cursor with hold for %s',
      export_model.rows_query(l_job, 0, 1));
  end if;
  loop
    perform pg_catalog.set_config('jit', 'off', true), pg_catalog.set_config('exit_on_error', 'off', true);
    if l_blocks is not null then
      exit when l_first operator(pg_catalog.>=) l_blocks;
      perform export_model.lock_target(l_target);
      l_scored := export_model.score_blocks(
        l_job, l_first, least(l_first operator(pg_catalog.+) l_step, l_blocks), l_batch);
      l_batch := l_scored.step;
      l_count := l_scored.written;
      l_first := l_first operator(pg_catalog.+) l_step;
    else
      begin
        perform export_model.lock_target(l_target);
        l_count := export_model.score_fetched(l_job, l_cursor);
      exception when query_canceled or others then
        close l_cursor;
        raise;
      end;
      exit when l_count is null;
    end if;
    l_total := l_total operator(pg_catalog.+) l_count;
    commit;
  end loop;
  if l_blocks is null then
    close l_cursor;
  end if;
  if (l_job operator(pg_catalog.->>) 'is_new')::pg_catalog.bool then
    l_total := l_total operator(pg_catalog.-) export_model.make_key(l_target);
  end if;
  raise notice '% % scored into %', l_total, case when l_total operator(pg_catalog.=) 1 then 'row' else 'rows' end, l_job operator(pg_catalog.->>) 'target';
end
{% endset %}{{ source | body }}
