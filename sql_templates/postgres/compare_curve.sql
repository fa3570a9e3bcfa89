{# Points of the receiver operating characteristic of each version, one for each hundredth of either axis: see compare.
   variables: versions: of each its number #}
{% for v in versions %}
union all
select 'curve{{ v.number }}', null, array[pg_catalog.max(x.misses), pg_catalog.max(x.hits)]::pg_catalog.float8[]
from (
  select y.hits, y.misses, y.hits operator(pg_catalog.*) 100 operator(pg_catalog./) greatest(1, pg_catalog.max(y.hits) over ()) as up,
    y.misses operator(pg_catalog.*) 100 operator(pg_catalog./) greatest(1, pg_catalog.max(y.misses) over ()) as across
  from (
    select pg_catalog.sum(z.hits) over w as hits, pg_catalog.sum(z.misses) over w as misses
    from (
      select u.score{{ v.number }} as score, pg_catalog.count(*) filter (where u.truth operator(pg_catalog.=) 2)::pg_catalog.int4 as hits,
        pg_catalog.count(*) filter (where u.truth operator(pg_catalog.=) 1)::pg_catalog.int4 as misses
      from usable u where u.truth is not null group by u.score{{ v.number }}) z
    window w as (order by z.score desc rows unbounded preceding)) y) x
group by x.up, x.across
{% endfor %}
