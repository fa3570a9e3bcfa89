{# Score one batch of packed rows by a version's function, or say which key is at fault. Scores and labels are the
   texts of arrays. p_batch is cast, so that it names a function and cannot be a query: on Greenplum this runs on
   segments, which do not check rights.
   variables: settings of the function #}
create or replace function export_model.score_rows(
  p_batch text, p_wanted text, p_keys anyarray, p_rows bytea, out scores text, out labels text)
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_place integer;
  l_problem text;
begin
  execute format('select r.scores, r.labels, r.place, r.problem from %s($1, $2, $3) r', p_batch::regproc)
    into scores, labels, l_place, l_problem using p_rows, cardinality(p_keys), p_wanted;
  if l_problem is not null then
    raise exception 'key %: %', case when p_keys[l_place + 1] is null then 'NULL' else format('%s', p_keys[l_place + 1]) end, l_problem
      using errcode = 'invalid_parameter_value';
  end if;
end
{% endset %}{{ source | body }}
