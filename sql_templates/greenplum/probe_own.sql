{# Does each segment read its own rows as own_query has it? NULL when it does; else what is in the way. Other rows
   than its own are an error, for a deployment as well.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.probe_own()
returns text
language plpgsql volatile
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_read pg_catalog.text;
  l_written pg_catalog.text;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  begin
    execute 'create temporary table export_model_probe as select g.n from pg_catalog.generate_series(1, 1000) as g (n) distributed by (n)';
    execute 'create function pg_temp.export_model_probed() returns table (segment integer, n integer) language sql stable as'
      ' ''select p.gp_segment_id, p.n from pg_temp.export_model_probe p''';
    execute 'create function pg_temp.export_model_found() returns table (segment integer, n integer) language plpgsql stable'
      ' execute on all segments as ''begin return query select pg_catalog.gp_execution_segment(), p.n from pg_temp.export_model_probed() p; end''';
    execute 'select pg_catalog.md5(pg_catalog.string_agg(p::pg_catalog.text, '' '' order by p.n)) from pg_temp.export_model_found() p' into l_read;
    execute 'select pg_catalog.md5(pg_catalog.string_agg(p::pg_catalog.text, '' '' order by p.n)) from'
      ' (select p.gp_segment_id, p.n from pg_temp.export_model_probe p) p' into l_written;
    execute 'drop function pg_temp.export_model_found()';
    execute 'drop function pg_temp.export_model_probed()';
    execute 'drop table pg_temp.export_model_probe';
  exception when insufficient_privilege or read_only_sql_transaction or feature_not_supported then
    return sqlerrm;
  end;
  if l_read is distinct from l_written then
    raise exception 'segments of this Greenplum read other rows than their own'
      using errcode = 'data_exception', hint = 'score_table and score_into would be wrong here. Please report it with: select version()';
  end if;
  return null;
end
{% endset %}{{ source | body }}
