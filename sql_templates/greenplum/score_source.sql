{# Score or label all rows of a table, view or query on the segments; p_result is a NULL of the result's type.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.score_source(
  p_scorer jsonb, p_wanted text, p_source text, p_key text, p_result anyelement)
returns table (key text, result anyelement)
language plpgsql volatile
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_source record;
  l_type constant pg_catalog.regtype := case when p_wanted operator(pg_catalog.=) 'score'::pg_catalog.text then pg_catalog.pg_typeof(p_result)
    else 'pg_catalog.text'::pg_catalog.regtype end;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if p_source is null or p_key is null then
    raise exception 'the source and its key column must not be NULL'
      using errcode = 'null_value_not_allowed';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'inputs');
  return query execute pg_catalog.format('select x.key, x.result::%s from (select pg_catalog.unnest(b.keys) as key,'
    ' pg_catalog.unnest(b.scores) as result from (%s) b) x', pg_catalog.pg_typeof(p_result),
    export_model.session_query(export_model.group_query(p_scorer operator(pg_catalog.->>) 'batch', p_wanted,
      pg_catalog.row_to_json(l_source)::pg_catalog.jsonb, 'true', 0, 1, export_model.type_name(l_type)), export_model.batch_type(l_type)));
  perform export_model.drop_own();
end
{% endset %}{{ source | body }}
