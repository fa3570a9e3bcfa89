{# What score_blocks and score_fetched, and on segments score_part, need to know. Where a run before this one left scores of this version, rows
   that have one are passed over: a subquery kept apart (offset 0) looks each key up in the index, where a join would read the
   whole target for each step. Segments, which read a part as a whole, join.
   variables: settings of the function; guards, calls that refuse where it may not run; has_segments #}
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
    l_condition := format('{% if has_segments %}not exists (select{% else %}(select true{% endif %} from %s t where t.key %s %s'
      ' and t.model_version operator(pg_catalog.=) %L::pg_catalog.text{% if not has_segments %} offset 0) is null{% else %}){% endif %}',
      l_target, export_model.equality(p_target), p_source ->> 'key_item', p_version);
  end if;
  return p_source || jsonb_build_object('target', l_target, 'condition', l_condition);
end
{% endset %}{{ source | body }}
