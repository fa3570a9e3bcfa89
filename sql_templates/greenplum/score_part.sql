{# Score one part of a source on the segments and write the scores, in one statement. Returns how many were written. Where
   open_scoring left it to the target whether the key is one, the error says so as check_key does.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.score_part(p_job jsonb, p_part integer, p_parts integer)
returns bigint
language plpgsql volatile strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_insert pg_catalog.text;
  l_count bigint;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  l_insert := pg_catalog.format('insert into %s (key, score, label, model_version, scored_at)'
    ' select x.key::%s, x.score::%s, x.label, %L, pg_catalog.clock_timestamp() from (select pg_catalog.unnest(b.keys) as key,'
    ' pg_catalog.unnest(b.scores) as score, pg_catalog.unnest(b.labels) as label from (%s) b) x%s',
    p_job operator(pg_catalog.->>) 'target', p_job operator(pg_catalog.->>) 'key_type',
    p_job operator(pg_catalog.->>) 'score_type', p_job operator(pg_catalog.->>) 'version',
    export_model.keep_batches(export_model.group_query(p_job operator(pg_catalog.->>) 'batch', 'both', p_job,
      p_job operator(pg_catalog.->>) 'condition', p_part, p_parts, p_job operator(pg_catalog.->>) 'score_type')),
    -- For a run that goes on: it costs twice the insert itself.
    case when p_job operator(pg_catalog.->>) 'condition' operator(pg_catalog.=) 'true'::pg_catalog.text then ''
      else ' on conflict (key, model_version) do nothing' end);
  perform export_model.refuse_code((p_job operator(pg_catalog.->>) 'target')::pg_catalog.regclass);
  begin
    execute l_insert;
    get diagnostics l_count = row_count;
  exception when unique_violation or not_null_violation then
    perform export_model.check_key(p_job operator(pg_catalog.->>) 'source', p_job operator(pg_catalog.->>) 'key',
      p_job operator(pg_catalog.->>) 'from_item');
    raise;
  when program_limit_exceeded then
    perform export_model.check_key_length(p_job operator(pg_catalog.->>) 'key', p_job operator(pg_catalog.->>) 'key_type',
      p_job operator(pg_catalog.->>) 'from_item');
    raise;
  end;
  perform export_model.drop_own();
  return l_count;
end
{% endset %}{{ source | body }}
