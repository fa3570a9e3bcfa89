{# The query of a cursor for score_fetched: all rows, or those of one part of several, by a hash of the key's bytes, which
   is the same in sessions with other settings.
   variables: none #}
create or replace function export_model.rows_query(p_job jsonb, p_part integer, p_parts integer)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

select format('select %s as key, %s as packed from %s s where %s',
    p_job ->> 'held_item', p_job ->> 'row_item', p_job ->> 'from_item', p_job ->> 'condition')
  || case when p_parts = 1 then '' else format(
    ' and pg_catalog.mod(pg_catalog.abs(pg_catalog.hashtext(pg_catalog.encode(%s(array[%s]), %L))'
    '::pg_catalog.int8), %s) operator(pg_catalog.=) %s',
    case when to_regprocedure('export_model.array_bytes(anyarray)') is null then 'pg_catalog.array_send' else 'export_model.array_bytes' end,
    p_job ->> 'held_item', 'hex', p_parts, p_part) end
{% endset %}{{ source | body }}
