{# A table's name with its schema, quoted: it means the same under every search_path.
   variables: settings of the function #}
create or replace function export_model.full_name(p_table regclass)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format('%I.%I', n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = p_table
{% endset %}{{ source | body }}
