{# Check and prepare all that scores of a source are written with, as in PostgreSQL. But where all rows are written in one transaction, into a table that
   holds none of this version, the target's own unique index looks whether the key is one, see score_part: a look beforehand reads all keys, and
   takes a tenth of the run. Returns the job, which score_part takes: with how many parts it has, and source and key as they were named.
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
  l_job pg_catalog.jsonb;
begin
  if p_source is null or p_key is null or p_target is null then
    raise exception 'the source, its key column and the target must not be NULL'
      using errcode = 'null_value_not_allowed';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'inputs');
  perform export_model.check_key_type(p_key, l_source.key_type);
  l_target := export_model.prepare_target(p_target, l_source.key_type, p_scorer operator(pg_catalog.->>) 'score_type');
  perform export_model.lock_target(l_target);
  l_job := p_scorer operator(pg_catalog.||) export_model.describe_job(
    p_scorer operator(pg_catalog.->>) 'version', l_target, pg_catalog.row_to_json(l_source)::pg_catalog.jsonb);
  l_job := l_job operator(pg_catalog.||) pg_catalog.jsonb_build_object('source', p_source, 'key', p_key, 'parts', export_model.count_parts(l_job));
  if l_job operator(pg_catalog.->>) 'condition' operator(pg_catalog.<>) 'true'::pg_catalog.text
      or (l_job operator(pg_catalog.->>) 'parts')::pg_catalog.int4 operator(pg_catalog.>) 1 or not export_model.is_keyed(l_target) then
    perform export_model.check_key(p_source, p_key, l_source.from_item);
  end if;
  return l_job;
end
{% endset %}{{ source | body }}
