{# Score the windows that end in the rows of a chunk; keys, in their own type, scores and labels side by side. p_nowhere and p_tied hold the
   key of a row that has no place of its own; p_before is the row, from 0, of which the window was scored before.
   variables: settings of the function #}
create or replace function export_model.score_window_group(
  p_windows text, p_wanted text, p_order text, p_key text, p_keys anyarray, p_rows bytea, p_nowhere anyarray, p_tied anyarray, p_before integer,
  p_step integer)
returns table (key anyelement, score text, label text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set array_nulls = on
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_scored record;
begin
  if p_nowhere is not null or p_tied is not null then
    perform export_model.refuse_place(export_model.key_text((coalesce(p_nowhere, p_tied))[1], p_key), p_order, p_nowhere is null);
  end if;
  l_scored := export_model.score_window_rows(p_windows, p_wanted, p_keys, p_rows, array[0],
    array_remove(array[p_before], null), p_step, ''::bytea, p_key);
  return query select unnest(l_scored.keys), unnest(l_scored.scores::text[]), unnest(l_scored.labels::text[]);
end
{% endset %}{{ source | body }}
