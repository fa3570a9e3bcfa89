{# The next rows of a cursor over windows_query; keys are NULL when there are no more. starts and stored are the places of rows, from 0.
   p_null is a NULL of the keys' type, as for fetch_batch; where that is a row, p_key is the column of it that holds the key.
   variables: none #}
create or replace function export_model.fetch_windows(
  p_cursor refcursor, p_order text, p_key text, p_null anyelement,
  out keys anyarray, out rows bytea, out starts integer[], out stored integer[])
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_row record;
  l_parts bytea[] := '{}';
  l_bytes bigint := 0;
  l_count integer := 0;
begin
  starts := '{}';
  stored := '{}';
  while l_count < 4096 and l_bytes < 4194304 loop
    fetch p_cursor into l_row;
    exit when not found;
    if l_row.mark > 0 then
      if l_row.mark >= 8 then
        perform export_model.refuse_place(export_model.key_text(l_row.key, p_key), p_order, l_row.mark = 8);
      end if;
      if l_row.mark in (1, 3) then
        starts := array_append(starts, l_count);
      end if;
      if l_row.mark in (2, 3) then
        stored := array_append(stored, l_count);
      end if;
    end if;
    keys := array_append(keys, l_row.key);
    l_parts := array_append(l_parts, l_row.packed);
    l_bytes := l_bytes + octet_length(l_row.packed);
    l_count := l_count + 1;
  end loop;
  rows := (select string_agg(u, '') from unnest(l_parts) u);
end
{% endset %}{{ source | body }}
