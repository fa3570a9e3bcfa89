{# A cursor over what two versions of a model give for the same rows: (section, words, numbers), first a row 'batch' whenever
   some are scored, then all that is known of them. One statement, so that both see one snapshot and nothing has to be made to keep
   scores in; batches and scored spill to files of PostgreSQL's beyond work_mem. All is qualified, because the source is read under
   the caller's search_path. A batch is 4096 rows or 4 MiB, and an ordered aggregate keeps the planner from gathering all of them at
   once in a hash table; they come from the last to the first, so that the first tells how many rows there are.
   variables: source, an item of FROM named s; key, truth and actual, items of its rows; versions: of each its number, row, the item
   that packs one, batch, the function, raw, its scores of a batch b, one a row, shares, those of classes in the order of all, of r,
   score and reach, what is compared and the largest number in it, of q; change, how far both are apart, of t; is_labelled, whether a row needs both labels; limit, a number that scores stay below; sections, queries #}
declare export_model_compare no scroll cursor for
with batches as materialized (
  select g.size, g.first_place, g.last_place, g.keys, g.truths, g.actuals
    {% for v in versions %}, f{{ v.number }}.scores as scores{{ v.number }}, f{{ v.number }}.labels as labels{{ v.number }}{% endfor %}

  from (
    select pg_catalog.count(*) as size, pg_catalog.min(z.place) as first_place, pg_catalog.max(z.place order by z.place) as last_place,
      pg_catalog.array_agg(z.key) as keys, pg_catalog.array_agg(z.truth) as truths, pg_catalog.array_agg(z.actual) as actuals
      {% for v in versions %}, pg_catalog.string_agg(z.row{{ v.number }}, ''::pg_catalog.bytea) as rows{{ v.number }}{% endfor %}

    from (
      select y.*, pg_catalog.row_number() over w as place,
        pg_catalog.sum(pg_catalog.octet_length(y.row1) operator(pg_catalog.+) pg_catalog.octet_length(y.row2)) over w as bytes
      from (
        select pg_catalog.left({{ key }}::pg_catalog.text, 200) as key, {{ truth }} as truth,
          pg_catalog.left({{ actual }}::pg_catalog.text, 200) as actual
          {% for v in versions %}, {{ v.row }} as row{{ v.number }}{% endfor %}

        from {{ source }} s) y
      window w as (rows unbounded preceding)) z
    group by z.bytes operator(pg_catalog./) 4194304, z.place operator(pg_catalog./) 4096
    order by z.bytes operator(pg_catalog./) 4194304 desc, z.place operator(pg_catalog./) 4096 desc) g
  {% for v in versions %}
  cross join lateral export_model.score_rows({{ v.batch }}, 'both', g.keys, g.rows{{ v.number }}) f{{ v.number }}
  {% endfor %}
), scored as materialized (
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
