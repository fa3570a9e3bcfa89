{# Make room in the session's memory for a version of some bytes: the role's versions that are not known any more leave it, then those,
   of whatever role, that were used longest ago, until all keep to the limit. What was used since the statement began (seconds since 1970)
   stays, whatever the limit is: a query with two large models would load them again for every row. Versions with functions of their own,
   see loaded, are kept under other keys.
   variables: none #}
create or replace function export_model.evict(
  wanted bigint, size_limit bigint, since double precision, known text[])
returns void
language plpython3u volatile parallel restricted
as {% set source %}

if None in (wanted, size_limit, since) or None in (known or ()):
    plpy.error("how much is wanted, the limit, the time and versions must not be NULL", sqlstate="22004")
GD.pop("export_model weights", None)
GD.pop("export_model collector", None)
kept = GD.get("export_model models", {})
role = GD["export_model role"]() if kept else None
models = [(kept, key, model) for key, model in kept.items()]
models += [(GD, key, GD[key]) for key in GD if isinstance(key, str) and key.startswith("export_model:")]
held = wanted + sum(getattr(model, "size_bytes", 0) for _, _, model in models)
idle = [entry for entry in models if getattr(entry[2], "used", since) < since]
is_gone = lambda place, key: place is kept and known is not None and key[0] == role and key[1] not in known
idle.sort(key=lambda entry: (not is_gone(*entry[:2]), entry[2].used))
for place, key, model in idle:
    if is_gone(place, key) or held > size_limit:
        held -= model.size_bytes
        del place[key]
{% endset %}{{ source | body }}
