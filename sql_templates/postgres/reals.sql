{# Scores that are one real each, as a version's function for batches gives them: the text of an array, or of bytes, four for each.
   variables: settings of the function #}
create or replace function export_model.reals(p_scores text)
returns real[]
language plpgsql stable strict parallel safe
set search_path = pg_catalog, pg_temp
set array_nulls = on
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
  if left(p_scores, 2) = E'\\x' then
    return export_model.real_array(p_scores::bytea);
  end if;
  return p_scores;
end
{% endset %}{{ source | body }}
