{# Can each segment score its own rows of a table? Not those of a view or query, which join and group over all segments; of a
   replicated table, where each has all rows; of foreign tables; under row security. Segments check no rights, so the whole
   table has to be the caller's to read.
   variables: settings of the function #}
create or replace function export_model.is_spread(p_from_item text)
returns boolean
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_table regclass;
  l_segments integer;
begin
  if left(p_from_item, 1) = '(' then  -- a query
    return false;
  end if;
  l_table := p_from_item;
  select count(*) into l_segments from gp_segment_configuration where role = 'p' and content >= 0;
  return has_table_privilege(l_table, 'select') and (
    with recursive tables as (
      select l_table::oid as id
      union
      select i.inhrelid from pg_inherits i join tables t on i.inhparent = t.id
    )
    select bool_and(c.relkind in ('r', 'p') and not c.relrowsecurity and d.policytype = 'p' and d.numsegments = l_segments) is true
    from tables t join pg_class c on c.oid = t.id left join gp_distribution_policy d on d.localoid = t.id);
end
{% endset %}{{ source | body }}
