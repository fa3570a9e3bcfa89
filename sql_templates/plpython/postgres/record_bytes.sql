{# A row as it lies in the server's memory, without the length in front, which is what the runtime decodes; see array_bytes.
   variables: none #}
create or replace function export_model.record_bytes(record)
returns bytea
language internal stable strict parallel safe
as {% set source %}byteasend{% endset %}{{ source | body }}
