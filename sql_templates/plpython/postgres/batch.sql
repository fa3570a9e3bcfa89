{# One version's function for batches: never changes, so it is immutable. Scores and labels are the texts of
   arrays. On the first call of a session it loads the weights, with the owner's rights.
   variables: model, version; function, its name #}
create or replace function {{ model | ident }}.{{ function | ident }}(
  p_rows bytea, p_count integer, p_wanted text,
  out scores text, out labels text, out place integer, out problem text)
language plpgsql immutable strict parallel safe security definer
as {% set source %}

begin
  select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
    from export_model.run_batch({{ version | literal }}, p_rows, p_count, p_wanted) r;
  if scores is null and labels is null and problem is null
      and not export_model.holds({{ version | literal }}) then
    perform export_model.load({{ version | literal }});
    select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
      from export_model.run_batch({{ version | literal }}, p_rows, p_count, p_wanted) r;
  end if;
end
{% endset %}{{ source | body }}
