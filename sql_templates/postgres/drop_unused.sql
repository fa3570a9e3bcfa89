{# Drop the target that a run made, when it ended before anything was written to it; not where somebody uses it by now. Returns whether it was dropped.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.drop_unused(p_target regclass)
returns boolean
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_target constant text := export_model.full_name(p_target);
  l_used constant text := format('select exists (select from %s)', l_target);
  l_is_used boolean;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  perform export_model.lock_target(p_target);
  execute l_used into l_is_used;
  if not l_is_used then
    execute format('lock table %s in access exclusive mode nowait', l_target);
    execute l_used into l_is_used;  -- nobody writes to it from here on
  end if;
  if not l_is_used then
    execute format('drop table %s', l_target);
  end if;
  return not l_is_used;
exception when lock_not_available or dependent_objects_still_exist or insufficient_privilege or undefined_table then
  return false;
end
{% endset %}{{ source | body }}
