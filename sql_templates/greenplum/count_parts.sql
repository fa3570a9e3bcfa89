{# In how many transactions to score a source: 10 million rows each. A job of open_scoring says it.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.count_parts(p_job jsonb)
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
  if p_job operator(pg_catalog.?) 'parts' then
    return p_job operator(pg_catalog.->>) 'parts';
  end if;
  execute pg_catalog.format('select pg_catalog.count(*) from %s s where %s', p_job operator(pg_catalog.->>) 'from_item',
    p_job operator(pg_catalog.->>) 'condition') into l_rows;
  return pg_catalog.ceil(greatest(l_rows, 1) operator(pg_catalog./) 10000000::double precision);
end
{% endset %}{{ source | body }}
