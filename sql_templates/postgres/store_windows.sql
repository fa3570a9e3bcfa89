{# Score the windows that end in the next rows of a cursor over window_rows_query and write them. state is '' at first, then what the call
   before gave; NULL when the cursor has no more.
   variables: none #}
create or replace function export_model.store_windows(p_job jsonb, p_cursor refcursor, inout state bytea, out written bigint)
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
as {% set source %}

begin
  execute format('select w.written, w.state from export_model.fetch_windows($2, $3, $5, null::%s) f,'
    ' lateral export_model.write_windows($1, f.keys, f.rows, f.starts, f.stored, $4) w', p_job ->> 'held_type')
    into written, state using p_job, p_cursor, p_job ->> 'order', state, p_job ->> 'held_key';
end
{% endset %}{{ source | body }}
