{# A query that gives the types of columns without reading a row. It names the source once: PostgreSQL reads it as often as it
   stands there, and a query of hundreds of columns for each of them takes seconds.
   variables: settings of the function #}
create or replace function export_model.ask_types(p_from text, p_columns text[])
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format('select array[%s] from (values (0)) as o (n) left join %s s on false',
  string_agg(format('pg_catalog.pg_typeof(s.%I)', c), ', ' order by n), p_from)
from unnest(p_columns) with ordinality as u (c, n)
{% endset %}{{ source | body }}
