{# Score one batch of packed rows for a table that keeps scores and labels: keys in their own type, scores as numbers where the result is one
   real, as doubles where it is one double precision, else as texts. Segments run it where the batch was gathered, for it stands in a select list
   or in a function of theirs; in FROM it would move to the coordinator. Arrays, and not a row for each key: these would be made, taken apart
   and made again on their way.
   variables: settings of the function #}
create or replace function export_model.score_group(
  p_batch text, p_result regtype, p_keys anyarray, p_rows bytea,
  out keys anyarray, out numbers real[], out doubles double precision[], out texts text[], out labels text[])
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set array_nulls = on
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_scored record;
begin
  l_scored := export_model.score_rows(p_batch, 'stored', p_keys, p_rows);
  keys := p_keys;
  labels := l_scored.labels;
  if p_result = 'real'::regtype then
    numbers := export_model.reals(l_scored.scores);
  elsif p_result = 'double precision'::regtype then
    doubles := export_model.doubles(l_scored.scores);
  else
    texts := l_scored.scores;
  end if;
end
{% endset %}{{ source | body }}
