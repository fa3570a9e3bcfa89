{# Score one batch of packed rows by a version's function, or say which key is at fault.
   variables: none #}
create or replace function export_model.score_rows(p_batch text, p_wanted text, p_keys text[], p_rows bytea)
returns table (key text, score text, label text)
language plpgsql stable strict
as {% set source %}

#variable_conflict use_column
declare
  l_result record;
begin
  execute format('select r.scores, r.labels, r.place, r.problem from %s($1, $2, $3) r', p_batch)
    into l_result using p_rows, cardinality(p_keys), p_wanted;
  if l_result.problem is not null then
    raise exception 'key %: %', coalesce(p_keys[l_result.place + 1], 'NULL'), l_result.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select u.k, u.s, u.l from unnest(p_keys, l_result.scores::text[], l_result.labels::text[]) as u (k, s, l);
end
{% endset %}{{ source | body }}
