{# Scores of one real as an array: of their bytes in hexadecimal, as the runtime gives "numbers", or of an array's text, as it does where a row has
   none and programs before did.
   variables: settings of the function #}
create or replace function export_model.read_numbers(p_scores text)
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
  return p_scores::real[];
end
{% endset %}{{ source | body }}
