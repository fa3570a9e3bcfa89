{# Score the windows over a source's rows into a table, those that it holds no score of yet, on the segments, in parts of some million rows,
   each committed.
   variables: none #}
create or replace procedure export_model.score_windows_into(
  p_scorer jsonb, p_source text, p_key text, p_partition text, p_order text, p_target text, p_step integer, p_gap text, p_gap_type regtype,
  p_columns text[])
language plpgsql
as {% set source %}

declare
  l_job pg_catalog.jsonb;
  l_target pg_catalog.regclass;
  l_parts integer;
  l_total bigint := 0;
begin
  call export_model.check_transaction();
  l_job := export_model.open_windows(p_scorer, p_source, p_key, p_partition, p_order, p_target, p_step, p_gap, p_gap_type, p_columns);
  l_target := l_job operator(pg_catalog.->>) 'target';
  l_parts := export_model.count_window_parts(l_job);
  for l_part in 0 .. l_parts operator(pg_catalog.-) 1 loop
    l_total := l_total operator(pg_catalog.+) export_model.score_window_part(l_job, l_part, l_parts);
    commit;
    perform export_model.lock_target(l_target);
  end loop;
  raise notice '% % scored into %', l_total, case when l_total operator(pg_catalog.=) 1 then 'window' else 'windows' end, l_job operator(pg_catalog.->>) 'target';
end
{% endset %}{{ source | body }}
