{# Score the next batch of a cursor over keys and packed rows and write it. Returns how many were written, NULL when
   the cursor has no more.
   variables: none #}
create or replace function export_model.score_fetched(p_job jsonb, p_cursor refcursor)
returns bigint
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_written bigint;
begin
  execute format('select export_model.store_scores($1, b.keys, b.rows) from export_model.fetch_batch($2, null::%s) b',
    p_job ->> 'held_type') into l_written using p_job, p_cursor;
  return l_written;
end
{% endset %}{{ source | body }}
