{# Apply a model in the session's memory to the windows that end in a batch of packed rows; see run_real. All NULL when it is not loaded,
   which the caller checks; place and problem tell which row, from 0, is not what it takes.
   variables: none #}
create or replace function export_model.run_windows(
  version text, rows bytea, count integer, wanted text, starts integer[], stored integer[], step integer, state bytea,
  out scores text, out labels text, out given text, out next_state bytea, out place integer, out problem text)
language plpython3u volatile parallel restricted
as {% set source %}

try:
    model = GD["export_model models"][GD["export_model role"](), version]
except KeyError:
    return None, None, None, None, None, None
return model.answer_windows(rows, count, wanted, starts, stored, step, state)
{% endset %}{{ source | body }}
