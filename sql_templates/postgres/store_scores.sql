{# Score one batch and write it. A key that is there already, because its row moved while the table was read, stays as
   it is; that is seldom, and ON CONFLICT doubles the cost of writing, so it is left for then. Returns how
   many were written.
   variables: none #}
create or replace function export_model.store_scores(p_job jsonb, p_keys anyarray, p_rows bytea)
returns bigint
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
set array_nulls = on
as {% set source %}

declare
  l_scored record;
  l_insert constant text := format('insert into %s (key, score, label, model_version, scored_at)'
    ' select u.k::%s, u.s::%s, u.l, $4, $5'
    -- Each array is had by itself: as an argument of unnest the planner would make it, too, to see how long it is.
    ' from (select unnest($1) as k, unnest((select %s)) as s, unnest((select $3::text[])) as l) u',
    p_job ->> 'target', p_job ->> 'key_type', p_job ->> 'score_type', export_model.scores_item(p_job ->> 'score_type', '$2'));
  l_count bigint;
begin
  l_scored := export_model.score_rows(p_job ->> 'batch', 'stored', p_keys, p_rows);
  perform export_model.refuse_code((p_job ->> 'target')::regclass);
  begin
    execute l_insert using p_keys, l_scored.scores, l_scored.labels, p_job ->> 'version', clock_timestamp();
  exception when unique_violation then
    execute l_insert || ' on conflict (key, model_version) do nothing'
      using p_keys, l_scored.scores, l_scored.labels, p_job ->> 'version', clock_timestamp();
  when program_limit_exceeded then  -- a row that came behind open_scoring
    perform export_model.refuse_key_length(p_job ->> 'key', v.longest, octet_length(v.longest))
      from (select k::text as longest from unnest(p_keys) k) v where octet_length(v.longest) > export_model.longest_key();
  end;
  get diagnostics l_count = row_count;
  return l_count;
end
{% endset %}{{ source | body }}
