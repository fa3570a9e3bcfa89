{# Check and prepare all that scores of windows are written with, before anything is. Returns the job, which window_rows_query and
   store_windows take; is_new, whether the target was not there.
   variables: settings of the function #}
create or replace function export_model.open_windows(
  p_scorer jsonb, p_source text, p_key text, p_partition text, p_order text, p_target text, p_step integer, p_gap text, p_gap_type regtype,
  p_columns text[])
returns jsonb
language plpgsql volatile
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_job pg_catalog.jsonb;
  l_columns pg_catalog.jsonb;
  l_target pg_catalog.regclass;
  l_is_new boolean;
begin
  if p_target is null then
    raise exception 'the target must not be NULL' using errcode = 'null_value_not_allowed';
  end if;
  if p_step operator(pg_catalog.<) 1 then
    raise exception 'step is %; give 1 or more', p_step using errcode = 'invalid_parameter_value';
  end if;
  l_job := p_scorer operator(pg_catalog.||) export_model.window_source(p_scorer, p_source, p_key, p_partition, p_order, p_gap, p_gap_type);
  perform export_model.check_key_type(p_key, l_job operator(pg_catalog.->>) 'key_type');
  perform export_model.check_key(p_source, p_key, l_job operator(pg_catalog.->>) 'from_item');
  l_columns := export_model.target_columns(p_columns, l_job);
  l_is_new := pg_catalog.to_regclass(p_target) is null;
  l_target := export_model.prepare_target(p_target, l_columns);
  perform export_model.lock_target(l_target);
  return export_model.describe_windows(
    l_job operator(pg_catalog.||) pg_catalog.jsonb_build_object('step', p_step, 'order', p_order, 'columns', l_columns, 'key', p_key,
      'is_new', l_is_new,
      'has_index', export_model.is_indexed(l_job, p_partition, p_order)), l_target);
end
{% endset %}{{ source | body }}
