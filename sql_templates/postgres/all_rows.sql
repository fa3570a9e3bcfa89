{# All rows of a source for windows_query.
   variables: settings of the function #}
create or replace function export_model.all_rows(p_source jsonb)
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format('select %s as key, %s as packed, %s as p, %s as o, false as is_stored from %s s',
  p_source ->> 'held_item', p_source ->> 'row_item', coalesce(p_source ->> 'partition_item', 'null::pg_catalog.bool'),
  p_source ->> 'order_item', p_source ->> 'from_item')
{% endset %}{{ source | body }}
