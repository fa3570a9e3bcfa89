{# Put the batches that a query of group_query scores into a temporary table, where the segment that scored them keeps them, and return the query that reads
   them there. To insert scores where their keys belong takes two sets of processes: those that write, which are the session's and have the
   model, would only wait for new ones that load it again. Here they score, and new ones read. A caller who may not make temporary tables
   gets the query that he gave.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.keep_batches(p_query text)
returns text
language plpgsql volatile strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  begin
    execute pg_catalog.format('create temporary table export_model_batches on commit drop as %s with no data distributed randomly', p_query);
  exception when insufficient_privilege then
    return p_query;
  end;
  execute pg_catalog.format('insert into pg_temp.export_model_batches %s', p_query);
  return 'select b.keys, b.scores, b.labels from pg_temp.export_model_batches b';
end
{% endset %}{{ source | body }}
