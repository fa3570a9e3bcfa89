{# Apply the model in the session's memory to the windows that end in a batch of packed rows. All NULL when the model is not
   loaded, which the caller checks; place and problem tell which row, from 0, is not what it takes.
   variables: model, version; function, its name #}
create or replace function {{ model | ident }}.{{ function | ident }}(
  rows bytea, count integer, wanted text, starts integer[], stored integer[], step integer, state bytea,
  out scores text, out labels text, out given text, out next_state bytea, out place integer, out problem text)
language plpython3u volatile parallel restricted
as {% set source %}

model = GD.get("export_model:" {{ version | literal }})
if model is None:
    return None, None, None, None, None, None
return model.answer_windows(rows, count, wanted, starts, stored, step, state)
{% endset %}{{ source | body }}
