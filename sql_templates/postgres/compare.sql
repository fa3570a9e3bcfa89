{# A cursor over what two versions of a model give for the same rows: (section, words, numbers), first a row 'batch' whenever
   some are scored, then all that is known of them. One statement, so that both see one snapshot and nothing has to be made to keep
   scores in; batches and scored spill to files of PostgreSQL's beyond work_mem. All is qualified, because the source is read under
   the caller's search_path.
   variables: batches, the query that scores; versions: of each its number, raw, its scores of a batch b, one a row, shares, those
   of classes in the order of all, of r, score and reach, what is compared and the largest number in it, of q; change, how far both
   are apart, of t; is_labelled, whether a row needs both labels; limit, a number that scores stay below; sections, queries #}
declare export_model_compare no scroll cursor for
with recursive {{ batches }}, scored as materialized (
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
)
{{ sections }}
