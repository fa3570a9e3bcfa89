{# A query that gathers the keys and packed rows of blocks $1 to $2, the last not included. Keys stay in their own type.
   variables: none #}
create or replace function export_model.gather_query(p_from_item text, p_key text, p_row_item text, p_condition text)
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

select format('select pg_catalog.array_agg(%s) as keys, pg_catalog.string_agg(%s, %L::pg_catalog.bytea) as rows from %s s'
  ' where s.ctid operator(pg_catalog.>=) pg_catalog.format(%L, $1)::pg_catalog.tid'
  ' and s.ctid operator(pg_catalog.<) pg_catalog.format(%L, $2)::pg_catalog.tid and %s',
  p_key, p_row_item, '', p_from_item, '(%s,0)', '(%s,0)', p_condition)
{% endset %}{{ source | body }}
