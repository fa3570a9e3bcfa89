{# The bytes of an array, as array_bytes gives them, of the numbers that lie in some bytes; p_one is an array of one such number, whose
   own bytes tell how they begin and how long a number is. How many there are stands behind twelve bytes of the header.
   variables: settings of the function #}
create or replace function export_model.array_message(p_one anyarray, p_numbers bytea)
returns bytea
language plpgsql stable strict parallel safe
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_one constant bytea := export_model.array_bytes(p_one);
  l_width constant integer := octet_length(l_one) - 20;
  l_count constant integer := octet_length(p_numbers) / l_width;
begin
  if l_count = 0 or l_width * l_count <> octet_length(p_numbers) then
    raise exception '% bytes are no numbers of %', octet_length(p_numbers), l_width
      using errcode = 'invalid_parameter_value';
  end if;
  return substring(l_one from 1 for 12) || substring(export_model.array_bytes(array[l_count]) from 21 for 4)
    || substring(l_one from 17 for 4) || p_numbers;
end
{% endset %}{{ source | body }}
