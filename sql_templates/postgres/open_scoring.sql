{# Check and prepare all that scores of a source are written with, before anything is: source, key, target, and whether a run
   before this one left scores of this version. Returns the job, which score_blocks and score_fetched take; is_new, whether the target was not
   there.
   variables: settings of the function #}
create or replace function export_model.open_scoring(
  p_scorer jsonb, p_source text, p_key text, p_target text)
returns jsonb
language plpgsql volatile
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_source record;
  l_target pg_catalog.regclass;
  l_is_new boolean;
begin
  if p_source is null or p_key is null or p_target is null then
    raise exception 'the source, its key column and the target must not be NULL'
      using errcode = 'null_value_not_allowed';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'inputs');
  perform export_model.check_key_type(p_key, l_source.key_type);
  perform export_model.check_key(p_source, p_key, l_source.from_item);
  l_is_new := pg_catalog.to_regclass(p_target) is null;
  l_target := export_model.prepare_target(p_target, l_source.key_type, p_scorer operator(pg_catalog.->>) 'score_type');
  perform export_model.lock_target(l_target);
  return p_scorer operator(pg_catalog.||) export_model.describe_job(
    p_scorer operator(pg_catalog.->>) 'version', l_target, pg_catalog.row_to_json(l_source)::pg_catalog.jsonb)
    operator(pg_catalog.||) pg_catalog.jsonb_build_object('is_new', l_is_new);
end
{% endset %}{{ source | body }}
