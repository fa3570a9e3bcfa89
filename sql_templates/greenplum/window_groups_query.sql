{# A query that scores windows on the segments: key, score and label; the key as text, but in its own type, or a row of the target, where
   both are wanted. Rows go once to where their series are scored, or stay there where the table is distributed by the series.
   p_rows is as for chunks_query.
   variables: settings of the function #}
create or replace function export_model.window_groups_query(p_job jsonb, p_wanted text, p_step integer, p_rows bigint, p_part integer, p_parts integer)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format('select (g.x).key, (g.x).score, (g.x).label from (select export_model.%I(%L, %L, %L, %L, pg_catalog.array_agg(f.key order by f.m),'
    ' pg_catalog.string_agg(f.packed, %L order by f.m),'
    ' (pg_catalog.array_agg(f.key) filter (where f.o is null or f.p is null))[1:1],'
    ' (pg_catalog.array_agg(f.key) filter (where f.rank operator(pg_catalog.<>) f.n))[1:1],'
    ' (case when pg_catalog.max(f.before) is not null then least(pg_catalog.max(f.before), pg_catalog.max(f.m)) operator(pg_catalog.-)'
    ' pg_catalog.min(f.m) end)::pg_catalog.int4, %s) as x from (%s) f group by f.p, f.run, f.chunk) g',
  case when p_wanted = 'both' then 'score_window_group' else 'answer_window_group' end,
  p_job ->> 'windows', p_wanted, coalesce(p_job ->> 'order', ''), p_job ->> 'held_key', ''::bytea, p_step,
  export_model.chunks_query(p_job, export_model.new_rows(p_job, p_part, p_parts), p_step, p_rows))
{% endset %}{{ source | body }}
