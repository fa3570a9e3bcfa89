{# A query that gives the types of columns without reading a row.
   variables: settings of the function #}
create or replace function export_model.ask_types(p_from text, p_columns text[])
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format('select array[%s]', string_agg(
  format('pg_catalog.pg_typeof((select s.%I from %s s where false))', c, p_from), ', ' order by n))
from unnest(p_columns) with ordinality as u (c, n)
{% endset %}{{ source | body }}
