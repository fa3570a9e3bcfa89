{# The query of a cursor for fetch_windows: key, packed row and mark of every row in the order of its series. p_rows is a query that gives
   (key, packed, p, o, is_stored). A mark is 1 where a run begins, 2 where an earlier run has been, 3 for both; 8 where
   another row of the series has the same place in the order, 16 where order or partition is NULL. row_number() and rank() compare by
   the types' own order, whatever operators the search_path has.
   variables: settings of the function #}
create or replace function export_model.windows_query(p_rows text, p_has_partition boolean, p_gap text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format('select q.key, q.packed, case when q.o is null%s then 16'
  ' when pg_catalog.row_number() over w operator(pg_catalog.<>) pg_catalog.rank() over w then 8'
  ' when pg_catalog.row_number() over w operator(pg_catalog.=) 1%s then case when q.is_stored then 3 else 1 end'
  ' when q.is_stored then 2 else 0 end as mark from (%s) q window w as (%sorder by q.o) order by %sq.o',
  case when p_has_partition then ' or q.p is null' else '' end, coalesce(' or ' || p_gap, ''), p_rows,
  case when p_has_partition then 'partition by q.p ' else '' end, case when p_has_partition then 'q.p, ' else '' end)
{% endset %}{{ source | body }}
