{# Check and prepare all that scores of a source are written with, before anything is: source, key, target, and whether a run
   before this one left scores of this version. Returns the job, which score_blocks and score_fetched take; is_new, whether the target was not
   there. On segments, where score_part takes the job, it has the source as it was named, too, and with how many parts it is scored. Where all rows are written
   in one transaction there, into a table that holds none of this version, the target's own unique index looks whether the key is one: a look
   beforehand reads all keys, and takes a tenth of the run.
   variables: settings of the function; has_segments #}
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
  l_job pg_catalog.jsonb;
begin
  if p_source is null or p_key is null or p_target is null then
    raise exception 'the source, its key column and the target must not be NULL'
      using errcode = 'null_value_not_allowed';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'inputs');
  perform export_model.check_key_type(p_key, l_source.key_type);
{% if not has_segments %}
  perform export_model.check_key(p_source, p_key, l_source.from_item);
  perform export_model.check_key_length(p_key, l_source.key_type, l_source.from_item);
{% endif %}
  l_is_new := pg_catalog.to_regclass(p_target) is null;
  l_target := export_model.prepare_target(p_target, export_model.target_columns(null, pg_catalog.jsonb_build_object(
    'key_type', l_source.key_type, 'score_type', p_scorer operator(pg_catalog.->>) 'score_type')));
  perform export_model.lock_target(l_target);
  l_job := p_scorer operator(pg_catalog.||) export_model.describe_job(
    p_scorer operator(pg_catalog.->>) 'version', l_target, pg_catalog.to_jsonb(l_source))
    operator(pg_catalog.||) pg_catalog.jsonb_build_object('key', p_key, 'is_new', l_is_new);
{% if has_segments %}
  l_job := l_job operator(pg_catalog.||) pg_catalog.jsonb_build_object('source', p_source, 'parts', export_model.count_parts(l_job));
  if l_job operator(pg_catalog.->>) 'condition' operator(pg_catalog.<>) 'true'::pg_catalog.text
      or (l_job operator(pg_catalog.->>) 'parts')::pg_catalog.int4 operator(pg_catalog.>) 1 or not export_model.is_keyed(l_target) then
    perform export_model.check_key(p_source, p_key, l_source.from_item);
  end if;
{% endif %}
  return l_job;
end
{% endset %}{{ source | body }}
