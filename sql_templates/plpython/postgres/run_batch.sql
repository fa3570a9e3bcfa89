{# Apply the model in the session's memory to a batch of packed rows. All NULL when the model is not
   loaded, which the caller checks; place and problem tell which row, from 0, is not what it takes.
   variables: model, version; function, its name #}
create or replace function {{ model | ident }}.{{ function | ident }}(
  rows bytea, count integer, wanted text,
  out scores text, out labels text, out place integer, out problem text)
language plpython3u volatile strict parallel restricted
as {% set source %}

model = GD.get("export_model:" {{ version | literal }})
if model is None:
    return None, None, None, None
return model.answer(rows, count, wanted)
{% endset %}{{ source | body }}
