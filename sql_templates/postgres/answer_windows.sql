{# What score_windows answers for some rows: keys as texts, and scores or labels as in answer_batch.
   variables: none #}
create or replace function export_model.answer_windows(
  p_windows text, p_wanted text, p_result regtype, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_step integer,
  p_state bytea, out keys text[], out numbers real[], out doubles double precision[], out texts text[], out state bytea)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
set array_nulls = on
as {% set source %}

declare
  l_scored record;
begin
  if p_keys is null then
    return;
  end if;
  l_scored := export_model.score_window_rows(p_windows,
    case when p_wanted = 'score' and p_result in ('real'::regtype, 'double precision'::regtype) then 'numbers' else p_wanted end, p_keys, p_rows, p_starts, p_stored, p_step, p_state, null);
  if pg_typeof(p_keys)::oid < 16384 then
    keys := l_scored.keys::text[];
  else  -- as the type writes them: a cast to text is a function of who made it
    keys := array(select case when u.k is null then null else format('%s', u.k) end from (select unnest(l_scored.keys) as k) u);
  end if;
  state := l_scored.state;
  if p_result = 'real'::regtype then
    numbers := export_model.reals(l_scored.scores);
  elsif p_result = 'double precision'::regtype then
    doubles := export_model.doubles(l_scored.scores);
  else
    texts := coalesce(l_scored.labels, l_scored.scores);
  end if;
end
{% endset %}{{ source | body }}
