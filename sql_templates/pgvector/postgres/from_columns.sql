{# The same of the columns of a table, for a network of several inputs.
   variables: model; function, its name; target, a call, SQL; returns, an SQL type; schema_of_vector, which is not in it #}
create or replace function {{ model | ident }}.{{ function | ident }}(p1 double precision[], p2 text[])
returns {{ returns }}
language sql immutable strict parallel safe
as {% set source %}

select {{ target }}
{% endset %}{{ source | body }}
