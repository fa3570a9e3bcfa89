{# Greenplum would take the same functions, and fail when they are called.
   variables: none #}
do {% set source %}

begin
  if exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
             where c.relname = 'gp_segment_configuration' and n.nspname = 'pg_catalog') then
    raise exception 'this server is Greenplum' using hint = 'Export again with: --target greenplum';
  end if;
end
{% endset %}{{ source | body }}
