{# Free what the session holds of models, which DISCARD ALL cannot; returns the bytes of their weights. The next score
   loads them again.
   variables: settings of the function #}
create or replace function export_model.forget()
returns bigint
language plpython3u volatile
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

keys = [key for key in GD if isinstance(key, str) and key.startswith("export_model:")]
models = [GD.pop(key) for key in keys] + list(GD.pop("export_model models", {}).values())
return sum(getattr(model, "size_bytes", 0) for model in models)
{% endset %}{{ source | body }}
