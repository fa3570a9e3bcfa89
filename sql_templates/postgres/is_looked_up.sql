{# Does a plan of plan_query look up series and place in an index, and read nothing else?
   variables: none #}
create or replace function export_model.is_looked_up(p_plan jsonb, p_has_partition boolean)
returns boolean
language sql immutable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

select (select bool_and(n #>> '{}' in ('Result', 'Limit', 'Subquery Scan', 'Append', 'Merge Append', 'Index Scan', 'Index Only Scan'))
    from jsonb_path_query(p_plan, 'strict $.**."Node Type"') as u (n))
  and coalesce((select bool_and(c #>> '{}' like '%b.o%' and (not p_has_partition or c #>> '{}' like '%b.p%'))
    from jsonb_path_query(p_plan, 'strict $.**."Index Cond"') as u (c)), false)
{% endset %}{{ source | body }}
