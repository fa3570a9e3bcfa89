{# Measures against actual classes, of both versions over the same rows: see compare. truth is the place of a class, from 1.
   The area under the curve comes of ranks, for rows with the same score the mean of theirs: summed over the rows of the class, first
   and last rank from the highest score. Points of the curve are one for each hundredth of either axis.
   variables: versions: of each its number, classes, an item of FROM with (truth, score, class), and share, the score
   that an actual class has; chances, of a row u, the lowest and highest of a share and how far their sum is from 1 #}
{% for v in versions %}
union all
select 'loss{{ v.number }}', null, array[pg_catalog.count(*),
  pg_catalog.sum(pg_catalog.ln(least(greatest({{ v.share }}, '2.220446049250313e-16'::pg_catalog.float8), '0.9999999999999998'::pg_catalog.float8))),
  pg_catalog.min({{ v.chances.least }}), pg_catalog.max({{ v.chances.most }}), pg_catalog.max({{ v.chances.off }})]
from usable u where u.truth is not null
union all
select 'ranks{{ v.number }}', null, array[z.class, pg_catalog.max(z.last operator(pg_catalog.-) z.hits), pg_catalog.max(z.hits),
  pg_catalog.sum(z.first operator(pg_catalog.+) z.last) filter (where z.is_hit)]::pg_catalog.float8[]
from (
  select y.class, y.is_hit, y.first, y.last, y.hits,
    y.hits operator(pg_catalog.*) 100 operator(pg_catalog./) greatest(1, y.all_hits) as up,
    (y.last operator(pg_catalog.-) y.hits) operator(pg_catalog.*) 100
      operator(pg_catalog./) greatest(1, y.all_rows operator(pg_catalog.-) y.all_hits) as across
  from (
    select c.class, c.truth operator(pg_catalog.=) c.class as is_hit, pg_catalog.rank() over w as first, pg_catalog.count(*) over w as last,
      pg_catalog.count(*) filter (where c.truth operator(pg_catalog.=) c.class) over w as hits, t.hits as all_hits, t.rows as all_rows
    from {{ v.classes }} c
    join (
      select g.class, pg_catalog.count(*) as rows, pg_catalog.count(*) filter (where g.truth operator(pg_catalog.=) g.class) as hits
      from {{ v.classes }} g group by g.class) t on t.class operator(pg_catalog.=) c.class
    window w as (partition by c.class order by c.score desc)) y) z
group by z.class, z.up, z.across
{% endfor %}
