{# Apply the model in the session's memory to one row, each input as array_bytes() gives it. NULL when
   the model is not loaded, which the caller checks, or when the row holds a NULL.
   variables: model, version; function, its name; method, score or label; arguments, p1, p2, ...;
   returns, an SQL type #}
create or replace function {{ model | ident }}.{{ function | ident }}(
{%- for argument in arguments %}{{ argument }} bytea{% if not loop.last %}, {% endif %}{% endfor -%}
)
returns {{ returns }}
language plpython3u volatile strict parallel restricted
as {% set source %}

model = GD.get("export_model:" {{ version | literal }})
if model is None:
    return None
try:
    return model.{{ method }}({{ arguments | comma }})
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
{% endset %}{{ source | body }}
