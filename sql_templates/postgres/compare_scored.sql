{# The rows of batches, each with what both versions give for it: see compare.
   variables: versions, change, is_labelled and limit as for compare #}
select t.*, case when t.reach1 operator(pg_catalog.<) {{ limit }} and t.reach2 operator(pg_catalog.<) {{ limit }}
  {% if is_labelled %} and t.label1 is not null and t.label2 is not null{% endif %} then {{ change }} end as change
from (
  select q.key, q.truth, q.actual, q.label1, q.label2
    {% for v in versions %}, {{ v.score }} as score{{ v.number }}, {{ v.reach }} as reach{{ v.number }}
    {% if v.shares %}, q.shares{{ v.number }}{% endif %}{% endfor %}

  from (
    select r.*
      {% for v in versions %}{% if v.shares %}, {{ v.shares }} as shares{{ v.number }}{% endif %}{% endfor %}

    from (
      select pg_catalog.unnest(b.keys) as key, pg_catalog.unnest(b.truths) as truth, pg_catalog.unnest(b.actuals) as actual
        {% for v in versions %}, {{ v.raw }} as raw{{ v.number }}
        , pg_catalog.unnest(b.labels{{ v.number }}::pg_catalog.text[]) as label{{ v.number }}{% endfor %}

      from batches b) r
    offset 0) q
  offset 0) t
