{# In how many transactions to score the windows of a source: as count_parts, where a hash of what tells series apart is the same
   for all of its equal values.
   variables: settings of the function #}
create or replace function export_model.count_window_parts(p_job jsonb)
returns integer
language plpgsql volatile strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
  if (coalesce(p_job operator(pg_catalog.->>) 'partition_type', 'pg_catalog.bool')::pg_catalog.regtype operator(pg_catalog.<>) all (
      '{smallint,integer,bigint,text,varchar,uuid,date,timestamp,timestamptz}'::pg_catalog.regtype[])) then
    return 1;
  end if;
  return export_model.count_parts(p_job operator(pg_catalog.||) '{"condition": "true"}'::pg_catalog.jsonb);
end
{% endset %}{{ source | body }}
