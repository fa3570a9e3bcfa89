{# A query that gives how many rows a chunk has at least: 4,096, or what 4 MiB hold.
   variables: settings of the function #}
create or replace function export_model.chunk_rows_query(p_job jsonb)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format('select greatest(1, least(4096, 4194304 operator(pg_catalog./) (1 operator(pg_catalog.+)'
  ' coalesce(pg_catalog.avg(pg_catalog.octet_length(x.packed)), 0))::pg_catalog.int8)) from (select %s as packed from %s s limit 100) x',
  p_job ->> 'row_item', p_job ->> 'from_item')
{% endset %}{{ source | body }}
