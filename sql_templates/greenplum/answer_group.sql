{# What score_table answers for one batch: keys as texts, scores and labels side by side. Keys are written in one
   way under all settings, see answer_batch.
   variables: settings of the function #}
create or replace function export_model.answer_group(
  p_batch text, p_wanted text, p_keys anyarray, p_rows bytea)
returns table (key text, score text, label text)
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
set array_nulls = on
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_scored record;
begin
  l_scored := export_model.score_rows(p_batch, p_wanted, p_keys, p_rows);
  return query select unnest(p_keys::text[]), unnest(l_scored.scores::text[]), unnest(l_scored.labels::text[]);
end
{% endset %}{{ source | body }}
