{# What score_part needs to know. Where a run before this one left scores of this version, rows that have one are
   passed over.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.describe_job(p_version text, p_target regclass, p_source jsonb)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_target constant text := export_model.full_name(p_target);
  l_resumes boolean;
  l_condition text := 'true';
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  execute format('select exists (select from %s where model_version = $1)', l_target) into l_resumes using p_version;
  if l_resumes then
    l_condition := format('not exists (select from %s t where t.key %s %s'
      ' and t.model_version operator(pg_catalog.=) %L::pg_catalog.text)',
      l_target, export_model.equality(p_target), p_source ->> 'key_item', p_version);
  end if;
  return p_source || jsonb_build_object('target', l_target, 'condition', l_condition);
end
{% endset %}{{ source | body }}
