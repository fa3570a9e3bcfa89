{# An array of the numbers that lie in some bytes, four each, in the server's own order: what parsing their text would take a hundred times as
   long for. Whoever calls it, with whatever bytes, gets an array that is one: array_message makes its header, and any
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

begin
  return export_model.bytes_array(export_model.array_message(array[0::real], p_numbers));
end
{% endset %}{{ source | body }}
