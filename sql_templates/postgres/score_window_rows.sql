{# Score the windows that end in some packed rows by a version's function, or say which key is at fault. keys are those of the rows that
   end a window, p_key as in fetch_windows; scores and labels are the texts of arrays; state is for the next rows. p_windows is cast, so that it names a function
   and cannot be a query.
   variables: settings of the function #}
create or replace function export_model.score_window_rows(
  p_windows text, p_wanted text, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_step integer, p_state bytea,
  p_key text,
  out keys anyarray, out scores text, out labels text, out state bytea)
language plpgsql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_given text;
  l_place integer;
  l_problem text;
begin
  if p_keys is null then
    return;
  end if;
  execute format('select r.scores, r.labels, r.given, r.state, r.place, r.problem from %s($1, $2, $3, $4, $5, $6, $7) r', p_windows::regproc)
    into scores, labels, l_given, state, l_place, l_problem
    using p_rows, cardinality(p_keys), p_wanted, p_starts, p_stored, p_step, p_state;
  if l_problem is not null then
    raise exception 'key %: %', export_model.key_text(p_keys[l_place + 1], p_key), l_problem
      using errcode = 'invalid_parameter_value';
  end if;
  keys := p_keys;
  if l_given is not null then
    -- In the list of a select, where rows are not taken apart.
    select array_agg(u.k) into keys from (select unnest(p_keys) as k, unnest(l_given::boolean[]) as is_given) u where u.is_given;
    keys := coalesce(keys, p_keys[1:0]);
  end if;
end
{% endset %}{{ source | body }}
