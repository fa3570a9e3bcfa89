{# The rows of new_rows in chunks that are scored apart, each with the rows that its first window needs before it: a row lies in one chunk or
   two. m is a row's number in its run, rows without a gap between them; windows end step rows after another, and a chunk
   is a number of steps. before is the row of the chunk that ends the window before its first, NULL where there is none: Python goes on
   from there. p_rows is the least number of rows of a chunk.
   variables: settings of the function #}
create or replace function export_model.chunks_query(p_job jsonb, p_rows_query text, p_step integer, p_rows bigint)
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_length constant bigint := (p_job ->> 'length')::bigint;
  l_needed constant bigint := (p_job ->> 'needed')::bigint;  -- rows of a run before it has a window
  l_steps constant bigint := p_step * ((greatest(p_rows, l_length + p_step) + p_step - 1) / p_step);
begin
  return format('select f.*, case when f.chunk operator(pg_catalog.>) 0 then f.last_end operator(pg_catalog.+) (f.chunk operator(pg_catalog.*) %6$s)'
    ' else f.stored end as before from (select e.*, pg_catalog.unnest(case when e.m operator(pg_catalog.>=)'
    ' (e.last_end operator(pg_catalog.+) ((e.own operator(pg_catalog.+) 1) operator(pg_catalog.*) %6$s) operator(pg_catalog.+) (%7$s))'
    ' then array[e.own, e.own operator(pg_catalog.+) 1] else array[e.own] end) as chunk from ('
    'select d.*, greatest(0, (d.m operator(pg_catalog.-) d.last_end operator(pg_catalog.-) 1) operator(pg_catalog./) %6$s) as own from ('
    'select c.*, c.n operator(pg_catalog.-) c.run operator(pg_catalog.+) 1 as m, x.stored, case when x.stored is null then (%8$s)'
    ' else x.stored operator(pg_catalog.+) (greatest(0, (%3$s operator(pg_catalog.-) x.stored operator(pg_catalog.-) 1)'
    ' operator(pg_catalog./) %4$s) operator(pg_catalog.*) %4$s) end as last_end from ('
    'select b.*, pg_catalog.max(case when b.is_start then b.n end) over (partition by b.p order by b.o rows unbounded preceding) as run,'
    ' pg_catalog.max(case when b.is_stored then b.n end) over (partition by b.p) as last from ('
    'select q.*, pg_catalog.row_number() over w as n, pg_catalog.rank() over w as rank,'
    ' pg_catalog.row_number() over w operator(pg_catalog.=) 1%2$s as is_start from (%1$s) q window w as (partition by q.p order by q.o)'
    ') b) c cross join lateral (select case when c.last operator(pg_catalog.>=) c.run'
    ' then c.last operator(pg_catalog.-) c.run operator(pg_catalog.+) 1 end as stored) x'
    ' where c.last is null or c.n operator(pg_catalog.>) (c.last operator(pg_catalog.-) %5$s)) d) e) f',
    p_rows_query, coalesce(' or coalesce(' || (p_job ->> 'gap') || ', false)', ''), l_needed, p_step, l_length, l_steps,
    least(0, p_step - l_length + 1), l_needed - p_step);
end
{% endset %}{{ source | body }}
