{# Does an index give the rows of each series in their order, from any place on? Of a table its indexes tell; of a view or query PostgreSQL's
   plan for a row behind another. What is wrong here costs time, and no row. Names are resolved as the caller does.
   variables: none #}
create or replace function export_model.is_indexed(p_job jsonb, p_partition text, p_order text)
returns boolean
language plpgsql volatile
as {% set source %}

declare
  l_plan pg_catalog.jsonb;
begin
  if (p_job operator(pg_catalog.->>) 'is_table')::pg_catalog.bool then
    return export_model.has_series_index((p_job operator(pg_catalog.->>) 'from_item')::pg_catalog.regclass, p_partition, p_order);
  end if;
  execute export_model.plan_query(p_job) into l_plan;
  return export_model.is_looked_up(l_plan, p_partition is not null);
end
{% endset %}{{ source | body }}
