{# What new_rows needs to know of a job: the target, its columns of keys and versions, and whether it holds scores of this version. Where the target has the
   order or the series of a window's last row, rows of the target's type travel in the place of keys, with these columns filled.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.describe_windows(p_job jsonb, p_target regclass)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_target constant text := export_model.full_name(p_target);
  l_names constant jsonb := (select jsonb_object_agg(e ->> 'what', e ->> 'name') from jsonb_array_elements(p_job -> 'columns') as u (e));
  l_resumes boolean;
  l_row text;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  execute format('select exists (select from %s where %I = $1)', l_target, l_names ->> 'model_version')
    into l_resumes using p_job ->> 'version';
  if l_names ?| array['order_by', 'partition_by'] then
    select format('row(%s)::%s', string_agg(coalesce(case w.what when 'key' then p_job ->> 'held_item' when 'order_by' then p_job ->> 'order_item'
        when 'partition_by' then p_job ->> 'partition_item' end || '::' || w.type, 'null'), ', ' order by a.attnum), l_target)
      into l_row
      from pg_attribute a join jsonb_to_recordset(p_job -> 'columns') as w (name text, what text, type text) on w.name = a.attname
      where a.attrelid = p_target and a.attnum > 0 and not a.attisdropped;
    p_job := p_job || jsonb_build_object('held_item', l_row, 'held_type', l_target, 'held_key', l_names ->> 'key');
  end if;
  return p_job || jsonb_build_object('target', l_target, 'key_column', l_names ->> 'key', 'version_column', l_names ->> 'model_version',
    'resumes', l_resumes);
end
{% endset %}{{ source | body }}
