{# How many bytes of weights a session keeps. No exception is caught: that needs a subtransaction, which parallel workers
   cannot begin.
   variables: none #}
create or replace function export_model.cache_limit()
returns bigint
language plpgsql stable parallel safe
as {% set source %}

declare
  l_size pg_catalog.text := pg_catalog.btrim(pg_catalog.current_setting('export_model.cache_size', true));
begin
  if l_size is null or l_size operator(pg_catalog.=) '' then  -- nullif takes the caller's operator
    l_size := '1GB';
  end if;
  if l_size operator(pg_catalog.!~*) '^[0-9]{1,15}(\.[0-9]+)?\s*(bytes|kb|mb|gb)?$' then
    raise exception 'the setting export_model.cache_size is "%", and no size', l_size
      using errcode = 'invalid_parameter_value', hint = 'Write it like this: set export_model.cache_size = ''512MB''';
  end if;
  return pg_catalog.pg_size_bytes(l_size);
end
{% endset %}{{ source | body }}
