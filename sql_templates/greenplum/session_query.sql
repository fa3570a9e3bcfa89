{# A query of what a query of group_query gives, that the processes of the session run. One in a cursor, as that of RETURN QUERY is, gets processes of
   its own, which import what they need and load the model, and end with the next function that is made; but Greenplum does not look into a volatile
   function in SQL. p_type is that of its scores. A caller who may make no functions gets the query that he gave.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.session_query(p_query text, p_type regtype)
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
  execute pg_catalog.format('create function pg_temp.export_model_batches() returns table (keys pg_catalog.text[], scores %s[],'
    ' labels pg_catalog.text[]) language sql volatile as %L', p_type, p_query);
  return 'select b.keys, b.scores, b.labels from pg_temp.export_model_batches() b';
exception when insufficient_privilege or read_only_sql_transaction then
  return p_query;
end
{% endset %}{{ source | body }}
