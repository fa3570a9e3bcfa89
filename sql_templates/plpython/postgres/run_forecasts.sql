{# Let the model in the session's memory forecast series from their last rows. All NULL when the model is not loaded, which the caller checks;
   place and problem tell which row, from 0, is not what it takes.
   variables: model, version; function, its name #}
create or replace function {{ model | ident }}.{{ function | ident }}(
  rows bytea, counts integer[], steps integer, ahead bytea, fed integer, out forecasts text, out place integer, out problem text)
language plpython3u volatile strict parallel restricted
as {% set source %}

model = GD.get("export_model:" {{ version | literal }})
if model is None:
    return None, None, None
return model.answer_forecast(rows, counts, steps, ahead, fed)
{% endset %}{{ source | body }}
