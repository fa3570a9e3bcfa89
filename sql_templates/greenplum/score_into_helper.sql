{# Score a source into a table on the segments, in parts of some million rows, each committed, so that a run that ends
   early leaves whole parts behind and the next one goes on.
   variables: none #}
create or replace procedure export_model.score_into(p_scorer jsonb, p_source text, p_key text, p_target text)
language plpgsql
as {% set source %}

declare
  l_job pg_catalog.jsonb;
  l_target pg_catalog.regclass;
  l_parts integer;
  l_total bigint := 0;
begin
  call export_model.check_transaction();
  l_job := export_model.open_scoring(p_scorer, p_source, p_key, p_target);
  l_target := l_job operator(pg_catalog.->>) 'target';
  l_parts := export_model.count_parts(l_job);
  for l_part in 0 .. l_parts operator(pg_catalog.-) 1 loop
    l_total := l_total operator(pg_catalog.+) export_model.score_part(l_job, l_part, l_parts);
    commit;
    perform export_model.lock_target(l_target);
  end loop;
  raise notice '% % scored into %', l_total, case when l_total operator(pg_catalog.=) 1 then 'row' else 'rows' end, l_job operator(pg_catalog.->>) 'target';
end
{% endset %}{{ source | body }}
