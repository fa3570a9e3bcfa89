{# Errors against actual numbers, of both versions over the same rows: see compare. Squares are
   added up, because avg would square them again.
   variables: versions: of each its number #}
{% for v in versions %}
union all
select 'errors{{ v.number }}', null, array[pg_catalog.count(*), pg_catalog.avg(pg_catalog.abs(x.error)),
  pg_catalog.sum(x.error operator(pg_catalog.*) x.error), pg_catalog.var_pop(x.truth),
  pg_catalog.max(x.truth) operator(pg_catalog.-) pg_catalog.min(x.truth)]
from (select u.truth, u.score{{ v.number }} operator(pg_catalog.-) u.truth as error from usable u where u.truth is not null) x
{% endfor %}
