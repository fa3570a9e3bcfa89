{# One version's function for windows over rows: never changes, so it is immutable. It keeps nothing between two calls: what the
   next rows need of these is the state. On the first call of a session it loads the weights, with the owner's rights.
   variables: model, version; function, its name #}
create or replace function {{ model | ident }}.{{ function | ident }}(
  p_rows bytea, p_count integer, p_wanted text, p_starts integer[], p_stored integer[], p_step integer, p_state bytea,
  out scores text, out labels text, out given text, out state bytea, out place integer, out problem text)
language plpgsql immutable parallel safe security definer
as {% set source %}

begin
  if p_rows is null or p_count is null or p_wanted is null or p_starts is null or p_stored is null or p_state is null then
    return;
  end if;
  select r.scores, r.labels, r.given, r.next_state, r.place, r.problem into scores, labels, given, state, place, problem
    from export_model.run_windows({{ version | literal }}, p_rows, p_count, p_wanted, p_starts, p_stored, p_step, p_state) r;
  if state is null and problem is null and not export_model.holds({{ version | literal }}) then
    perform export_model.load({{ version | literal }});
    select r.scores, r.labels, r.given, r.next_state, r.place, r.problem into scores, labels, given, state, place, problem
      from export_model.run_windows({{ version | literal }}, p_rows, p_count, p_wanted, p_starts, p_stored, p_step, p_state) r;
  end if;
end
{% endset %}{{ source | body }}
