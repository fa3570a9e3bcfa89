{# Put a chunk of weights where it belongs among those of a version that is being loaded, in the session's memory: so nothing
   but Python ever holds all of them. They are the role's that collects them, as models are: a load that failed leaves them
   behind, and the next statement of the session may be another role's. What asks for the role is kept as the runtime does it.
   variables: none #}
create or replace function export_model.collect(chunk bytea, first bigint, total bigint)
returns void
language plpython3u volatile strict parallel restricted
as {% set source %}

if "export_model role" not in GD:
    import ctypes
    ask = ctypes.PyDLL(None).GetUserId
    ask.restype = ctypes.c_uint32
    GD["export_model role"] = ask
role = GD["export_model role"]()
if first == 0 and 0 <= total <= 2**33:
    GD["export_model weights"], GD["export_model collector"] = bytearray(total), role
weights = GD.get("export_model weights", b"") if GD.get("export_model collector") == role else b""
if not 0 <= first <= len(weights) - len(chunk) or total != len(weights):
    plpy.error("{} bytes at {} are none of {} bytes of weights".format(len(chunk), first, total), sqlstate="22023")
weights[first : first + len(chunk)] = chunk
{% endset %}{{ source | body }}
