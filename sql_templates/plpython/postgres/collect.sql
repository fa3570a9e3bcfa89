{# Put a chunk of weights where it belongs among those of a version that is being loaded, in the session's memory: so nothing
   but Python ever holds all of them.
   variables: none #}
create or replace function export_model.collect(chunk bytea, first bigint, total bigint)
returns void
language plpython3u volatile strict parallel restricted
as {% set source %}

if first == 0 and 0 <= total <= 2**33:
    GD["export_model weights"] = bytearray(total)
weights = GD.get("export_model weights", b"")
if not 0 <= first <= len(weights) - len(chunk) or total != len(weights):
    plpy.error("{} bytes at {} are none of {} bytes of weights".format(len(chunk), first, total), sqlstate="22023")
weights[first : first + len(chunk)] = chunk
{% endset %}{{ source | body }}
