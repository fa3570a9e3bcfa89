{# Score the windows of one part of a source's series on the segments and write the scores, in one statement. Returns how many were
   written.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.score_window_part(p_job jsonb, p_part integer, p_parts integer)
returns bigint
language plpgsql volatile strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_insert pg_catalog.text;
  l_rows bigint;
  l_count bigint;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  execute export_model.chunk_rows_query(p_job) into l_rows;
  perform export_model.refuse_code((p_job operator(pg_catalog.->>) 'target')::pg_catalog.regclass);
  l_insert := export_model.insert_windows(p_job, pg_catalog.format('select g.key as k, g.score as s, g.label as l from (%s) g',
    export_model.window_groups_query(p_job, 'both',
      coalesce(p_job operator(pg_catalog.->>) 'step', p_job operator(pg_catalog.->>) 'own_step')::pg_catalog.int4, l_rows, p_part, p_parts)))
    operator(pg_catalog.||) case when (p_job operator(pg_catalog.->>) 'resumes')::pg_catalog.bool
      then pg_catalog.format(' on conflict (%I, %I) do nothing', p_job operator(pg_catalog.->>) 'key_column',
        p_job operator(pg_catalog.->>) 'version_column') else '' end;
  begin
    execute l_insert;
    get diagnostics l_count = row_count;
  exception when program_limit_exceeded then
    perform export_model.check_key_length(p_job operator(pg_catalog.->>) 'key', p_job operator(pg_catalog.->>) 'key_type',
      p_job operator(pg_catalog.->>) 'from_item');
    raise;
  end;
  return l_count;
end
{% endset %}{{ source | body }}
