{# An array of real of its own memory, without the length in front: the reverse of array_bytes. byteasend gives back what it is given, and whoever could
   call this with other bytes could end the server's process or read its memory; see real_array.
   variables: none #}
create or replace function export_model.bytes_array(bytea)
returns real[]
language internal stable strict parallel safe
as {% set source %}byteasend{% endset %}{{ source | body }}
