{# Batches of a view or query, of 4096 rows or 4 MiB: see compare. All rows are packed first, into a file of PostgreSQL's beyond
   work_mem. An ordered aggregate keeps the planner from gathering all batches at once in a hash table; they come from the last to
   the first, so that the first tells how many rows there are.
   variables: source, an item of FROM named s; key, truth and actual, items of its rows; versions: of each its number, row, the item
   that packs one, but none where it is that of the other, packed, the number of the one whose it is, and batch, the function;
   size, bytes of a row g #}
batches as materialized (
  select b.size, b.first_place operator(pg_catalog.-) 1 as rest, b.last_place as total, b.keys, b.truths, b.actuals
    {% for v in versions %}, f{{ v.number }}.scores as scores{{ v.number }}, f{{ v.number }}.labels as labels{{ v.number }}{% endfor %}

  from (
    select pg_catalog.count(*) as size, pg_catalog.min(z.place) as first_place, pg_catalog.max(z.place order by z.place) as last_place,
      pg_catalog.array_agg(z.key) as keys, pg_catalog.array_agg(z.truth) as truths, pg_catalog.array_agg(z.actual) as actuals
      {% for v in versions %}{% if v.row %}, pg_catalog.string_agg(z.rows{{ v.number }}, ''::pg_catalog.bytea) as rows{{ v.number }}{% endif %}{% endfor %}

    from (
      select g.*, pg_catalog.row_number() over w as place, pg_catalog.sum({{ size }}) over w as bytes
      from (
        select pg_catalog.left(pg_catalog.concat({{ key }}), 200) as key, {{ truth }} as truth,
          pg_catalog.left({{ actual }}::pg_catalog.text, 200) as actual
          {% for v in versions %}{% if v.row %}, {{ v.row }} as rows{{ v.number }}{% endif %}{% endfor %}

        from {{ source }} s) g
      window w as (rows unbounded preceding)) z
    group by z.bytes operator(pg_catalog./) 4194304, z.place operator(pg_catalog./) 4096
    order by z.bytes operator(pg_catalog./) 4194304 desc, z.place operator(pg_catalog./) 4096 desc) b
  {% for v in versions %}
  cross join lateral export_model.score_rows({{ v.batch }}, 'both', b.keys, b.rows{{ v.packed }}) f{{ v.number }}
  {% endfor %}
)
