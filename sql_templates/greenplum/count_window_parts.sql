{# In how many transactions to score the windows of a source: 10 million rows each, where a hash of what tells series apart is the same
   for all of its equal values.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.count_window_parts(p_job jsonb)
returns integer
language plpgsql volatile strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_rows bigint;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if (coalesce(p_job operator(pg_catalog.->>) 'partition_type', 'pg_catalog.bool')::pg_catalog.regtype operator(pg_catalog.<>) all (
      '{smallint,integer,bigint,text,varchar,uuid,date,timestamp,timestamptz}'::pg_catalog.regtype[])) then
    return 1;
  end if;
  execute pg_catalog.format('select pg_catalog.count(*) from %s s', p_job operator(pg_catalog.->>) 'from_item') into l_rows;
  return pg_catalog.ceil(greatest(l_rows, 1) operator(pg_catalog./) 10000000::double precision);
end
{% endset %}{{ source | body }}
