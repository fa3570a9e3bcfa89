{# Settings of this transaction only: names resolve to the system's own objects, text is UTF-8.
   A block, so that psql prints no rows.
   variables: none #}
do {% set source %}

begin
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),
          pg_catalog.set_config('client_encoding', 'UTF8', true),
          pg_catalog.set_config('standard_conforming_strings', 'on', true),
          pg_catalog.set_config('quote_all_identifiers', 'off', true),
          pg_catalog.set_config('client_min_messages', 'warning', true);
  perform pg_catalog.set_config(s.name, 'off', true) from pg_catalog.pg_settings s where s.name = 'jit';  -- where there is one
end
{% endset %}{{ source | body }}
