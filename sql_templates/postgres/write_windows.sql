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
    p_job ->> 'windows', 'both', p_keys, p_rows, p_starts, p_stored, (p_job ->> 'step')::integer, p_state, l_held_key);
  state := l_scored.state;
  select format('insert into %s (%s) select %s from (select unnest($1) as k, unnest($2::text[]) as s, unnest($3::text[]) as l) u',
      p_job ->> 'target', string_agg(quote_ident(e ->> 'name'), ', ' order by n),
      string_agg(case e ->> 'what' when 'key' then format('%s::%s', coalesce('(u.k).' || quote_ident(l_held_key), 'u.k'), e ->> 'type')
        when 'order_by' then format('(u.k).%I', e ->> 'name') when 'partition_by' then format('(u.k).%I', e ->> 'name')
        when 'score' then format('u.s::%s', e ->> 'type')
        when 'label' then 'u.l' when 'model_version' then '$4' when 'model_name' then '$5' else 'clock_timestamp()' end, ', ' order by n))
    into l_insert from jsonb_array_elements(p_job -> 'columns') with ordinality as c (e, n);
  begin
    execute l_insert using l_scored.keys, l_scored.scores, l_scored.labels, p_job ->> 'version', p_job ->> 'model';
  exception when unique_violation then
    execute l_insert || format(' on conflict (%I, %I) do nothing', l_key, p_job ->> 'version_column')
      using l_scored.keys, l_scored.scores, l_scored.labels, p_job ->> 'version', p_job ->> 'model';
  end;
  get diagnostics written = row_count;
end
{% endset %}{{ source | body }}
