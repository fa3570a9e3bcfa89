{# The same of double precision; see bytes_array.
   variables: none #}
create or replace function export_model.bytes_doubles(bytea)
returns double precision[]
language internal stable strict parallel safe
as {% set source %}byteasend{% endset %}{{ source | body }}
