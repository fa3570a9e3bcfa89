{# Batches of any source, scored where they are gathered: see compare. Rows go to them by chance, once; the functions stand beside the
   aggregates, because in FROM the coordinator would call them.
   variables: source, an item of FROM named s; key, truth and actual, items of its rows; parts, how many batches; versions: of each its
   number, row, the item that packs one, but none where it is that of the other, packed, the number of the one whose it is,
   and batch, the function #}
batches as (
  select p.keys, p.truths, p.actuals
    {% for v in versions %}, (p.found{{ v.number }}).scores as scores{{ v.number }}, (p.found{{ v.number }}).labels as labels{{ v.number }}{% endfor %}

  from (
    select pg_catalog.array_agg(r.key) as keys, pg_catalog.array_agg(r.truth) as truths, pg_catalog.array_agg(r.actual) as actuals
      {% for v in versions %}
      , export_model.score_rows({{ v.batch }}, 'both', pg_catalog.array_agg(r.key), pg_catalog.string_agg(r.rows{{ v.packed }}, ''::pg_catalog.bytea))
        as found{{ v.number }}
      {% endfor %}

    from (
      select pg_catalog.left(pg_catalog.concat({{ key }}), 200) as key, {{ truth }} as truth,
        pg_catalog.left({{ actual }}::pg_catalog.text, 200) as actual,
        pg_catalog.floor(pg_catalog.random() operator(pg_catalog.*) {{ parts }}) as part
        {% for v in versions %}{% if v.row %}, {{ v.row }} as rows{{ v.number }}{% endif %}{% endfor %}

      from {{ source }} s) r
    group by r.part) p
)
