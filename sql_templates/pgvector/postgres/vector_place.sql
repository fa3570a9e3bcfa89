{# Refuse what is no place in a table of so many.
   variables: none #}
create or replace function export_model.vector_place(p_x double precision[], p_count integer)
returns void
language plpgsql immutable strict parallel safe
as {% set source %}

declare
  l_x double precision;
begin
  foreach l_x in array p_x loop
    if not (l_x operator(pg_catalog.>=) 0 and l_x operator(pg_catalog.<) p_count and l_x operator(pg_catalog.=) pg_catalog.floor(l_x)) then
      raise exception '% is not a category: give whole numbers from 0 to %', l_x, p_count operator(pg_catalog.-) 1
        using errcode = 'invalid_parameter_value';
    end if;
  end loop;
end
{% endset %}{{ source | body }}
