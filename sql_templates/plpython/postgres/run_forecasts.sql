{# Let a model in the session's memory forecast series from their last rows; see run_real. All NULL when it is not loaded, which the caller
   checks; place and problem tell which row, from 0, is not what it takes.
   variables: none #}
create or replace function export_model.run_forecasts(
  version text, rows bytea, counts integer[], steps integer, ahead bytea, fed integer, out forecasts text, out place integer, out problem text)
language plpython3u volatile strict parallel restricted
as {% set source %}

try:
    model = GD["export_model models"][GD["export_model role"](), version]
except KeyError:
    return None, None, None
return model.answer_forecast(rows, counts, steps, ahead, fed)
{% endset %}{{ source | body }}
