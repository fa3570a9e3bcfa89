{# Make room in the session's memory for a version of some bytes: versions that are not known any more leave it, then those that
   were used longest ago, until all keep to the limit. What was used since the statement began (seconds since 1970)
   stays, whatever the limit is: a query with two large models would load them again for every row.
   variables: none #}
create or replace function export_model.evict(
  wanted bigint, size_limit bigint, since double precision, known text[])
returns void
language plpython3u volatile parallel restricted
as {% set source %}

GD.pop("export_model weights", None)
prefix = "export_model:"
models = {key: GD[key] for key in list(GD) if isinstance(key, str) and key.startswith(prefix)}
idle = sorted((model.used, key) for key, model in models.items() if getattr(model, "used", since) < since)
held = wanted + sum(getattr(model, "size_bytes", 0) for model in models.values())
gone = [key for used, key in idle if known is not None and key[len(prefix) :] not in known]
for key in gone + [key for used, key in idle if key not in gone]:
    if key in gone or held > size_limit:
        held -= models[key].size_bytes
        del GD[key]
{% endset %}{{ source | body }}
