{# The query of a cursor for score_fetched: all rows, or those of one part of several, by a hash of the key.
   variables: none #}
create or replace function export_model.rows_query(p_job jsonb, p_part integer, p_parts integer)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

select format('select %1$s::pg_catalog.text as key, %2$s as packed from %3$s s where %4$s'
  ' and pg_catalog.mod(pg_catalog.abs(pg_catalog.hashtext(%1$s::pg_catalog.text)::pg_catalog.int8), %6$s) operator(pg_catalog.=) %5$s',
  p_job ->> 'key_item', p_job ->> 'row_item', p_job ->> 'from_item', p_job ->> 'condition', p_part, p_parts)
{% endset %}{{ source | body }}
