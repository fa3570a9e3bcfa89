{# Apply a model in the session's memory to one row, each input as array_bytes() gives it. NULL when it is not loaded, which the caller
   checks, or when the row holds a NULL. Versions call it with their owner's rights, and memory is kept by role: who calls it himself,
   with whatever version, reaches models of his own alone.
   variables: function, its name; method, of the runtime's model; parameter, p1 bytea or messages bytea[]; argument, what the method is
   given of it; returns, an SQL type #}
create or replace function export_model.{{ function | ident }}(version text, {{ parameter }})
returns {{ returns }}
language plpython3u volatile strict parallel restricted
as {% set source %}

try:
    model = GD["export_model models"][GD["export_model role"](), version]
except KeyError:
    return None
try:
    return model.{{ method }}({{ argument }})
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
{% endset %}{{ source | body }}
