{# The next series of a cursor over last_rows; series are NULL when there are no more. p_null is a NULL of the type of what tells them
   apart.
   variables: settings of the function #}
create or replace function export_model.fetch_series(
  p_cursor refcursor, p_steps integer, p_null anyelement, out series anyarray, out rows bytea, out counts integer[], out ahead bytea)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_most constant integer := least(1024, greatest(1, 65536 / p_steps));  -- a call cannot be cancelled, and holds all of its steps
  l_row record;
  l_rows bytea[] := '{}';
  l_ahead bytea[] := '{}';
  l_bytes bigint := 0;
begin
  while cardinality(l_rows) < l_most and l_bytes < 4194304 loop
    fetch p_cursor into l_row;
    exit when not found;
    if l_row.is_nowhere then
      raise exception 'a row of series % has no place: what it is ordered or partitioned by is NULL', coalesce(l_row.p::text, 'NULL')
        using errcode = 'null_value_not_allowed', hint = 'Leave such rows out by a query: select ... where ... is not null.';
    elsif l_row.is_tied then
      raise exception 'two of the last rows of series % have the same place', l_row.p
        using errcode = 'cardinality_violation', hint = 'Order by a column that tells the rows of a series'
          ' apart, or name the column that tells series apart (partition_by).';
    elsif l_row.ahead_count < p_steps then
      raise exception 'rows ahead of series %: % are given, and each of % steps needs one', l_row.p, l_row.ahead_count, p_steps
        using errcode = 'no_data_found', hint = 'Give more rows in ahead, or ask for fewer steps.';
    end if;
    series := array_append(series, l_row.p);
    counts := array_append(counts, l_row.count);
    l_rows := array_append(l_rows, l_row.rows);
    l_ahead := array_append(l_ahead, l_row.ahead);
    l_bytes := l_bytes + octet_length(l_row.rows) + octet_length(l_row.ahead);
  end loop;
  rows := (select string_agg(u, '' order by n) from unnest(l_rows) with ordinality as x (u, n));
  ahead := (select string_agg(u, '' order by n) from unnest(l_ahead) with ordinality as x (u, n));
end
{% endset %}{{ source | body }}
