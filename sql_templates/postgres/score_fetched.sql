{# Score the next batch of a cursor over keys and packed rows and write it. Returns how many were written, NULL when
   the cursor has no more.
   variables: none #}
create or replace function export_model.score_fetched(p_job jsonb, p_cursor refcursor)
returns bigint
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_batch record;
begin
  l_batch := export_model.fetch_batch(p_cursor);
  return export_model.store_scores(p_job, l_batch.keys, l_batch.rows);
end
{% endset %}{{ source | body }}
