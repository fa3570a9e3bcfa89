{# The same of numbers of eight bytes; see real_array.
   variables: settings of the function #}
create or replace function export_model.double_array(p_numbers bytea)
returns double precision[]
language plpgsql stable strict parallel safe security definer
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
  return export_model.bytes_doubles(export_model.array_message(array[0::double precision], p_numbers));
end
{% endset %}{{ source | body }}
