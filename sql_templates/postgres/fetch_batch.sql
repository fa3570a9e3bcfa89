{# The next rows of a cursor over keys and packed rows; NULL when there are no more. p_null is a NULL of the keys' type: each
   type has a plan of its own, and keys are never turned into text, which the caller's settings could change.
   variables: none #}
create or replace function export_model.fetch_batch(p_cursor refcursor, p_null anyelement, out keys anyarray, out rows bytea)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_row record;
  l_parts bytea[] := '{}';
  l_bytes bigint := 0;
begin
  while cardinality(l_parts) < 4096 and l_bytes < 4194304 loop
    fetch p_cursor into l_row;
    exit when not found;
    keys := array_append(keys, l_row.key);
    l_parts := array_append(l_parts, l_row.packed);
    l_bytes := l_bytes + octet_length(l_row.packed);
  end loop;
  rows := (select string_agg(u, '') from unnest(l_parts) u);
end
{% endset %}{{ source | body }}
