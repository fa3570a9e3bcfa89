{# An array of the numbers that lie in some bytes, four each, in the server's own order: what parsing their text would take a hundred times as
   long for. Whoever calls it, with whatever bytes, gets an array that is one: the header is made here, by the server's own arrays, and any
   four bytes are a real. Its owner may call bytes_array, nobody else.
   variables: settings of the function #}
create or replace function export_model.real_array(p_numbers bytea)
returns real[]
language plpgsql stable strict parallel safe security definer
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_count constant integer := octet_length(p_numbers) / 4;
  l_header constant bytea := substring(export_model.array_bytes(array[0::real]) from 1 for 20);
begin
  if l_count = 0 or 4 * l_count <> octet_length(p_numbers) then
    raise exception '% bytes are no numbers of four', octet_length(p_numbers)
      using errcode = 'invalid_parameter_value';
  end if;
  return export_model.bytes_array(substring(l_header from 1 for 12)
    || substring(export_model.array_bytes(array[l_count]) from 21 for 4)
    || substring(l_header from 17 for 4) || p_numbers);
end
{% endset %}{{ source | body }}
