{# Greenplum of the right generation, and every segment answers.
   variables: generation, 6 or 7, what the script was made for #}
do {% set source %}

declare
  l_number constant integer := current_setting('server_version_num')::integer;
  l_generation integer;
  l_down text;
begin
  if not exists (select from pg_class where relname = 'gp_segment_configuration' and relnamespace = 'pg_catalog'::regnamespace) then
    raise exception 'this is PostgreSQL %, not Greenplum', current_setting('server_version')
      using hint = 'Export again with: --target postgres';
  end if;
  l_generation := case when l_number < 100000 then 6 else 7 end;
  if l_generation <> {{ generation | number }} then
    raise exception 'this script is for Greenplum %, the server is %', {{ generation | number }}, version()
      using hint = format('Export again with: --target greenplum --greenplum-version %s', l_generation);
  end if;
  select string_agg(format('%s (%s:%s)', content, hostname, port), ', ' order by content) into l_down
    from gp_segment_configuration where role = 'p' and status <> 'u';
  if l_down is not null then
    raise exception 'segments are down: %', l_down
      using hint = 'Bring them up first: gprecoverseg.';
  end if;
end
{% endset %}{{ source | body }}
