{# How many blocks to read next, from how many rows and bytes the last ones held: about 16,384 rows or 4 MiB, whichever is
   less; at most four times as many as before, because the next ones may be fuller.
   variables: none #}
create or replace function export_model.choose_blocks(p_blocks bigint, p_rows bigint, p_bytes bigint)
returns bigint
language sql immutable
set search_path = pg_catalog, pg_temp
as {% set source %}

select greatest(1, least(4 * p_blocks, 1024, floor(p_blocks * least(
  16384.0 / greatest(1, p_rows), 4194304.0 / greatest(1, p_bytes)))::bigint))
{% endset %}{{ source | body }}
