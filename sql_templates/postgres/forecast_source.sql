{# Forecast every series of a source from its last rows, many series at once. p_ahead is a source of the columns that are not forecast, of
   rows to come, with the same partition and order.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.forecast_source(
  p_scorer jsonb, p_source text, p_partition text, p_order text, p_steps integer, p_ahead text, p_fed integer)
returns table (series text, step integer, forecast text)
language plpgsql stable
set jit = off
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_job pg_catalog.jsonb;
  l_ahead pg_catalog.jsonb;
  l_cursor pg_catalog.refcursor;
  l_type pg_catalog.text;
  l_next record;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if p_steps is null or p_steps operator(pg_catalog.<) 1 or p_steps operator(pg_catalog.>) 10000 then
    raise exception 'steps is %; give 1 to 10000', p_steps using errcode = 'invalid_parameter_value';
  end if;
  if p_fed is not null and (p_fed operator(pg_catalog.<) 1 or p_fed operator(pg_catalog.>) (p_scorer operator(pg_catalog.->>) 'numbers')::pg_catalog.int4) then
    raise exception 'fed is %; numbers that the model gives: %', p_fed, p_scorer operator(pg_catalog.->>) 'numbers'
      using errcode = 'invalid_parameter_value', hint = 'It tells which of them becomes the next value, from 1; NULL is the one in the middle.';
  end if;
  l_job := p_scorer operator(pg_catalog.||) export_model.window_source(p_scorer, p_source, p_order, p_partition, p_order, null, null);
  if (p_scorer operator(pg_catalog.->) 'ahead') is not null then
    if p_ahead is null then
      raise exception 'the model forecasts some columns of a row, and the others have to be known: %',
          p_scorer operator(pg_catalog.#>>) '{ahead,0,columns}'
        using errcode = 'null_value_not_allowed', hint = 'Give ahead, a table or query of these columns for the steps to come.';
    end if;
    l_ahead := export_model.window_source(
      p_scorer operator(pg_catalog.||) pg_catalog.jsonb_build_object('rows', p_scorer operator(pg_catalog.->) 'ahead'),
      p_ahead, p_order, p_partition, p_order, null, null);
  elsif p_ahead is not null then
    raise exception 'the model forecasts all columns of a row, and ahead is of no use' using errcode = 'invalid_parameter_value';
  end if;
  l_job := l_job operator(pg_catalog.||)
    pg_catalog.jsonb_build_object('has_index', export_model.is_indexed(l_job, p_partition, p_order));
  l_type := coalesce(l_job operator(pg_catalog.->>) 'partition_type', 'pg_catalog.bool');
  open l_cursor no scroll for execute export_model.last_rows(l_job, p_steps, l_ahead);
  loop
    return query execute pg_catalog.format('select a.series, a.step, a.forecast from export_model.fetch_series($1, $2, null::%s) f,'
      ' lateral export_model.answer_forecasts($3, f.series, f.rows, f.counts, $2, f.ahead, $4) a where f.series is not null', l_type)
      using l_cursor, p_steps, p_scorer operator(pg_catalog.->>) 'forecasts',
        coalesce(p_fed operator(pg_catalog.-) 1, ((p_scorer operator(pg_catalog.->>) 'numbers')::pg_catalog.int4 operator(pg_catalog.-) 1) operator(pg_catalog./) 2);
    exit when not found;
  end loop;
  close l_cursor;
end
{% endset %}{{ source | body }}
