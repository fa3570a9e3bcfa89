{# Apply a model in the session's memory to a batch of packed rows; see run_real. All NULL when it is not loaded, which the caller checks; place
   and problem tell which row, from 0, is not what it takes.
   variables: none #}
create or replace function export_model.run_batch(
  version text, rows bytea, count integer, wanted text,
  out scores text, out labels text, out place integer, out problem text)
language plpython3u volatile strict parallel restricted
as {% set source %}

try:
    model = GD["export_model models"][GD["export_model role"](), version]
except KeyError:
    return None, None, None, None
return model.answer(rows, count, wanted)
{% endset %}{{ source | body }}
