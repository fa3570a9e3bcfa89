{# Score the windows that end in some rows and write them, as store_scores does. Returns how many were written, and the state for the next
   rows; NULL when there are no rows.
   variables: none #}
create or replace function export_model.write_windows(
  p_job jsonb, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_state bytea, out written bigint, out state bytea)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set array_nulls = on
as {% set source %}

declare
  l_scored record;
  l_key constant text := p_job ->> 'key_column';
  l_held_key constant text := p_job ->> 'held_key';
  l_insert text;
begin
  if p_keys is null then
    return;
  end if;
  l_scored := export_model.score_window_rows(
    p_job ->> 'windows', 'stored', p_keys, p_rows, p_starts, p_stored, (p_job ->> 'step')::integer, p_state, l_held_key);
  state := l_scored.state;
  perform export_model.refuse_code((p_job ->> 'target')::regclass);
  l_insert := export_model.insert_windows(p_job, format('select unnest($1) as k, unnest(%s) as s, unnest($3::text[]) as l',
    export_model.scores_item(p_job ->> 'score_type', '$2')));
  begin
    execute l_insert using l_scored.keys, l_scored.scores, l_scored.labels;
  exception when unique_violation then
    execute l_insert || format(' on conflict (%I, %I) do nothing', l_key, p_job ->> 'version_column')
      using l_scored.keys, l_scored.scores, l_scored.labels;
  when program_limit_exceeded then
    perform export_model.refuse_key_length(p_job ->> 'key', v.longest, octet_length(v.longest))
      from (select export_model.key_text(k, l_held_key) as longest from unnest(p_keys) k) v
      where octet_length(v.longest) > export_model.longest_key();
    raise;
  end;
  get diagnostics written = row_count;
end
{% endset %}{{ source | body }}
