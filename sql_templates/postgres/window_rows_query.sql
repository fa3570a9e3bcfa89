{# The query of a cursor for store_windows: the rows of all series, or of one part of several, that new windows need.
   variables: none #}
create or replace function export_model.window_rows_query(p_job jsonb, p_part integer, p_parts integer)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

select export_model.windows_query(export_model.new_rows(p_job, p_part, p_parts), (p_job ->> 'partition_item') is not null, p_job ->> 'gap')
{% endset %}{{ source | body }}
