{# Measures against actual classes, of both versions over the same rows: see compare. truth is the place of a class, from 1.
   The area under the curve counts pairs: each score with the rows of the class that have it, and others that have less.
   variables: versions: of each its number, classes, an item of FROM named c with (truth, score, class), and share, the score
   that an actual class has; chances, of a row u, the lowest and highest of a share and how far their sum is from 1 #}
{% for v in versions %}
union all
select 'confusion{{ v.number }}', array[u.label{{ v.number }}], array[u.truth, pg_catalog.count(*)]::pg_catalog.float8[]
from usable u where u.truth is not null group by u.truth, u.label{{ v.number }}
union all
select 'loss{{ v.number }}', null, array[pg_catalog.count(*),
  pg_catalog.sum(pg_catalog.ln(least(greatest({{ v.share }}, '2.220446049250313e-16'::pg_catalog.float8), '0.9999999999999998'::pg_catalog.float8))),
  pg_catalog.min({{ v.chances.least }}), pg_catalog.max({{ v.chances.most }}), pg_catalog.max({{ v.chances.off }})]
from usable u where u.truth is not null
union all
select 'area{{ v.number }}', null, array[x.class,
  pg_catalog.sum(x.hits operator(pg_catalog.*) (x.below operator(pg_catalog.*) 2 operator(pg_catalog.-) x.misses)),
  pg_catalog.sum(x.hits), pg_catalog.sum(x.misses)]::pg_catalog.float8[]
from (
  select y.*, pg_catalog.sum(y.misses) over (partition by y.class order by y.score rows unbounded preceding) as below
  from (
    select c.class, c.score, pg_catalog.count(*) filter (where c.truth operator(pg_catalog.=) c.class)::pg_catalog.int4 as hits,
      pg_catalog.count(*) filter (where c.truth operator(pg_catalog.<>) c.class)::pg_catalog.int4 as misses
    from {{ v.classes }} c group by c.class, c.score) y) x
group by x.class
{% endfor %}
