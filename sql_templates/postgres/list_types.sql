{# Columns with their types, for a message.
   variables: settings of the function #}
create or replace function export_model.list_types(p_names name[], p_types oid[])
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select string_agg(p_names[i] || ' ' || format_type(p_types[i], -1), ', ' order by i)
from generate_series(1, cardinality(p_names)) as u (i)
{% endset %}{{ source | body }}
