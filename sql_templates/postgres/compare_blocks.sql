{# Batches of a table that can be read by ranges of blocks, scored as they are gathered: see compare. Each step reads as many
   blocks as the one before it says, so that a batch holds about 16,384 rows or 4 MiB, and begins where that one ended.
   variables: source, an item of FROM named s; blocks, how many it has; key, truth and actual, items of its rows; truth_type, that
   of truth; versions: of each its number, row, the item that packs one, but none where it is that of the other,
   packed, the number of the one whose it is, and batch, the function; size, bytes of all rows of g #}
batches as (
  select 0::pg_catalog.int8 as size, 0::pg_catalog.int8 as next, 1::pg_catalog.int8 as step,
    {{ blocks }}::pg_catalog.int8 as rest, {{ blocks }}::pg_catalog.int8 as total,
    null::pg_catalog.text[] as keys, null::{{ truth_type }}[] as truths, null::pg_catalog.text[] as actuals
    {% for v in versions %}, null::pg_catalog.text as scores{{ v.number }}, null::pg_catalog.text as labels{{ v.number }}{% endfor %}

  union all
  select g.size, p.next operator(pg_catalog.+) p.step, export_model.choose_blocks(p.step, g.size, {{ size }}),
    greatest(0, p.total operator(pg_catalog.-) p.next operator(pg_catalog.-) p.step), p.total,
    g.keys, g.truths, g.actuals
    {% for v in versions %}, f{{ v.number }}.scores, f{{ v.number }}.labels{% endfor %}

  from batches p
  cross join lateral (
    select pg_catalog.count(*) as size, pg_catalog.array_agg(pg_catalog.left(pg_catalog.concat({{ key }}), 200)) as keys,
      pg_catalog.array_agg({{ truth }}) as truths, pg_catalog.array_agg(pg_catalog.left({{ actual }}::pg_catalog.text, 200)) as actuals
      {% for v in versions %}{% if v.row %}, pg_catalog.string_agg({{ v.row }}, ''::pg_catalog.bytea) as rows{{ v.number }}{% endif %}{% endfor %}

    from {{ source }} s
    where s.ctid operator(pg_catalog.>=) pg_catalog.format('(%s,0)', p.next)::pg_catalog.tid
      and s.ctid operator(pg_catalog.<) pg_catalog.format('(%s,0)', p.next operator(pg_catalog.+) p.step)::pg_catalog.tid) g
  {% for v in versions %}
  cross join lateral export_model.score_rows({{ v.batch }}, 'both', g.keys, g.rows{{ v.packed }}) f{{ v.number }}
  {% endfor %}
  where p.next operator(pg_catalog.<) p.total
)
