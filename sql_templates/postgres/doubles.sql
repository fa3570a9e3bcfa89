{# The same of scores that are one double precision each: the text of an array, or of bytes, eight for each.
   variables: settings of the function #}
create or replace function export_model.doubles(p_scores text)
returns double precision[]
language plpgsql stable strict parallel safe
set search_path = pg_catalog, pg_temp
set array_nulls = on
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
  if left(p_scores, 2) = E'\\x' then
    return export_model.double_array(p_scores::bytea);
  end if;
  return p_scores;
end
{% endset %}{{ source | body }}
