{# Forecasts of some series by a version's function: their names as texts, written in one way under all settings, the number of each step and what
   is forecast for it, as texts. p_forecasts is cast, so that it names a function and cannot be a query.
   variables: settings of the function #}
create or replace function export_model.answer_forecasts(
  p_forecasts text, p_series anyarray, p_rows bytea, p_counts integer[], p_steps integer, p_ahead bytea, p_fed integer)
returns table (series text, step integer, forecast text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
set array_nulls = on
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_found record;
begin
  execute format('select r.forecasts, r.place, r.problem from %s($1, $2, $3, $4, $5) r', p_forecasts::regproc)
    into l_found using p_rows, p_counts, p_steps, p_ahead, p_fed;
  if l_found.problem is not null then
    raise exception 'a row of the series from % to %: %', p_series[1], p_series[cardinality(p_series)], l_found.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select u.s::text, g.n, f.value
    from unnest(p_series) with ordinality as u (s, place)
    cross join generate_series(1, p_steps) as g (n)
    join unnest(l_found.forecasts::text[]) with ordinality as f (value, number) on f.number = (u.place - 1) * p_steps + g.n
    order by u.place, g.n;
end
{% endset %}{{ source | body }}
