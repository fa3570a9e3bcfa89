{# The next rows of a cursor over keys and packed rows; NULL when there are no more.
   variables: none #}
create or replace function export_model.fetch_batch(p_cursor refcursor, out keys text[], out rows bytea)
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_key text;
  l_packed bytea;
  l_parts bytea[] := '{}';
  l_bytes bigint := 0;
begin
  while cardinality(l_parts) < 4096 and l_bytes < 4194304 loop
    fetch p_cursor into l_key, l_packed;
    exit when not found;
    keys := array_append(keys, l_key);
    l_parts := array_append(l_parts, l_packed);
    l_bytes := l_bytes + octet_length(l_packed);
  end loop;
  rows := (select string_agg(u, '') from unnest(l_parts) u);
end
{% endset %}{{ source | body }}
