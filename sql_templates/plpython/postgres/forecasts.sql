{# One version's function for forecasts: never changes, so it is immutable. On the first call of a session it loads the weights, with the
   owner's rights.
   variables: model, version; function, its name #}
create or replace function {{ model | ident }}.{{ function | ident }}(
  p_rows bytea, p_counts integer[], p_steps integer, p_ahead bytea, p_fed integer, out forecasts text, out place integer, out problem text)
language plpgsql immutable strict parallel safe security definer
as {% set source %}

begin
  select r.forecasts, r.place, r.problem into forecasts, place, problem
    from export_model.run_forecasts({{ version | literal }}, p_rows, p_counts, p_steps, p_ahead, p_fed) r;
  if forecasts is null and problem is null and not export_model.holds({{ version | literal }}) then
    perform export_model.load({{ version | literal }});
    select r.forecasts, r.place, r.problem into forecasts, place, problem
      from export_model.run_forecasts({{ version | literal }}, p_rows, p_counts, p_steps, p_ahead, p_fed) r;
  end if;
end
{% endset %}{{ source | body }}
