{# Score one batch of packed rows; keys, in their own type, scores and labels side by side. In a select list segments run it
   where the batch was gathered; in FROM it would move to the coordinator.
   variables: settings of the function #}
create or replace function export_model.score_group(
  p_batch text, p_wanted text, p_keys anyarray, p_rows bytea)
returns table (key anyelement, score text, label text)
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
  l_scored := export_model.score_rows(p_batch, p_wanted, p_keys, p_rows);
  return query select unnest(p_keys), unnest(l_scored.scores::text[]), unnest(l_scored.labels::text[]);
end
{% endset %}{{ source | body }}
