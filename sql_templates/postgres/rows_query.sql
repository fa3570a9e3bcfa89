{# The query of a cursor for score_fetched: all rows, or those of one part of several, by a hash of the key.
   variables: none #}
create or replace function export_model.rows_query(p_job jsonb, p_part integer, p_parts integer)
returns text
language sql stable strict
as {% set source %}

select format('select %1$s::text as key, %2$s as packed from %3$s s where %4$s and (%6$s = 1 or abs(hashtext(%1$s::text)::bigint) %% %6$s = %5$s)',
  p_job ->> 'key_item', p_job ->> 'row_item', p_job ->> 'from_item', p_job ->> 'condition', p_part, p_parts)
{% endset %}{{ source | body }}
