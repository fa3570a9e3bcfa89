{# What is said of scores and labels, whether there are actual values or not: see compare. Edges are deciles of the first version's
   scores; where it gives few different scores, which its first rows tell, values are these, each a bin of its own, and 0 that of all others. All that is
   counted is counted in one pass; which tells what a row counts, as a bit for each column that it does not tell apart.
   variables: limit; tolerance; most, how many rows with the largest differences; cells, of a histogram; few, how many
   different scores are bins themselves; is_labelled, whether there are labels; is_cluster, whether
   several processes read, which share nothing that one kept; place, of several classes that in which the scores of a row u are
   farthest apart, else nothing; versions: of each its number #}
, usable as not materialized (
  select s.* from scored s where s.change is not null
), spread as {% if is_cluster %}not {% endif %}materialized (
  select pg_catalog.percentile_disc('{0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9}'::pg_catalog.float8[]) within group (order by u.score1) as edges,
    least(pg_catalog.min(u.score1), pg_catalog.min(u.score2)) as low, greatest(pg_catalog.max(u.score1), pg_catalog.max(u.score2)) as high,
    pg_catalog.min(u.change) as least_change, pg_catalog.max(u.change) as most_change,
    case when (select pg_catalog.count(distinct f.score1) from (select u.score1 from usable u limit 1000) f) operator(pg_catalog.<=) {{ few }}
      then array(select d.score1 from (select distinct u.score1 from usable u limit {{ few }} operator(pg_catalog.+) 1) d order by 1) end as values
  from usable u
)
select 'batch' as section, null::pg_catalog.text[] as words,
  array[b.size, b.rest, b.total]::pg_catalog.float8[] as numbers
from batches b
union all
select 'rows', null, array[pg_catalog.count(*), pg_catalog.count(s.change)
  {% for v in versions %}, pg_catalog.count(*) filter (where s.score{{ v.number }} is null)
  , pg_catalog.count(*) filter (where s.score{{ v.number }} is not null and not s.reach{{ v.number }} operator(pg_catalog.<) {{ limit }}){% endfor %}
  , pg_catalog.count(*) filter (where s.actual is null)
  , pg_catalog.count(*) filter (where s.actual is not null and s.truth is null)
  , pg_catalog.count(s.truth) filter (where s.change is not null)]::pg_catalog.float8[]
from scored s
union all
select 'edges', null, p.edges from spread p
union all
select 'values', null, p.values from spread p
union all
select 'range', null, array[p.low, p.high, p.least_change, p.most_change] from spread p
union all
select 'change', null, array[pg_catalog.avg(u.change), pg_catalog.avg(pg_catalog.abs(u.change)),
  pg_catalog.count(*) filter (where pg_catalog.abs(u.change) operator(pg_catalog.<=)
    ({{ tolerance }} operator(pg_catalog.*) greatest(1, pg_catalog.abs(u.score1))))]
  operator(pg_catalog.||) (pg_catalog.percentile_disc('{0.5,0.9,0.99,1}'::pg_catalog.float8[]) within group (order by pg_catalog.abs(u.change)))
from usable u
union all
select 'counts', array[x.label1, x.label2],
  array[grouping(x.bin1, x.bin2, x.cell1, x.cell2, x.up, x.label1, x.label2, x.truth),
    pg_catalog.count(*), x.bin1, x.bin2, x.cell1, x.cell2, x.up, x.truth]::pg_catalog.float8[]
from (
  select u.label1, u.label2, {% if is_labelled %}u.truth{% else %}null::pg_catalog.int4 as truth{% endif %}

    {% for v in versions %}
    , case when pg_catalog.cardinality(p.values) operator(pg_catalog.<=) {{ few }}
      then coalesce(pg_catalog.array_position(p.values, u.score{{ v.number }}), 0)
      else pg_catalog.width_bucket(u.score{{ v.number }}, p.edges) end as bin{{ v.number }}
    , case when p.low operator(pg_catalog.<) p.high
      then least({{ cells }}, pg_catalog.width_bucket(u.score{{ v.number }}, p.low, p.high, {{ cells }})) else 1 end as cell{{ v.number }}
    {% endfor %}
    , case when p.least_change operator(pg_catalog.<) p.most_change
      then least({{ cells }}, pg_catalog.width_bucket(u.change, p.least_change, p.most_change, {{ cells }})) else 1 end as up
  from usable u cross join spread p
  offset 0) x
group by grouping sets ((x.bin1), (x.bin2), (x.cell1), (x.cell2), (x.cell1, x.up)
  , (x.label1, x.label2), (x.label1, x.truth), (x.label2, x.truth))
union all
(select 'largest', array[u.key, u.label1, u.label2, u.actual],
  {% if place %}array[u.shares2[u.place] operator(pg_catalog.-) u.shares1[u.place], u.shares1[u.place], u.shares2[u.place], u.place]
  {% else %}array[u.change, u.score1, u.score2]{% endif %}::pg_catalog.float8[]
from (
  select u.*{% if place %}, {{ place }} as place{% endif %}

  from (
    select u.* from usable u where u.change operator(pg_catalog.<>) 0
    order by pg_catalog.abs(u.change) desc, u.key collate pg_catalog."C", u.score1, u.score2 limit {{ most }}) u) u
order by pg_catalog.abs(u.change) desc, u.key collate pg_catalog."C", u.score1, u.score2)
union all
(select 'unknown', array[x.actual], array[pg_catalog.count(*)]::pg_catalog.float8[] from scored x
where x.actual is not null and x.truth is null
group by x.actual order by pg_catalog.count(*) desc, x.actual collate pg_catalog."C" limit 5)
