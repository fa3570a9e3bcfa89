{# One row of windows as bytes: its numbers as the text of an array, with all their digits; nothing where it is NULL.
   variables: model; function, its name; returns, an SQL type; schema_of_vector, which is not in it #}
create or replace function {{ model | ident }}.{{ function | ident }}(p1 double precision[])
returns {{ returns }}
language plpgsql immutable parallel safe
set extra_float_digits = 1
as {% set source %}

begin
  return pg_catalog.convert_to(coalesce(p1::pg_catalog.text, '') operator(pg_catalog.||) E'\x02', 'UTF8');
end
{% endset %}{{ source | body }}
