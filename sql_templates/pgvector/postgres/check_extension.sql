{# The extension must be there, or is made here, in an edition whose vectors are long enough.
   variables: oldest, its version as a list of numbers; oldest_text, the same to read #}
do {% set source %}

declare
  l_version text;
begin
  if not exists (select from pg_extension where extname = 'vector') then
    if not exists (select from pg_available_extensions where name = 'vector') then
      raise exception 'the extension vector (pgvector) is not installed on this server'
        using hint = 'Debian and Ubuntu: apt-get install postgresql-' || current_setting('server_version_num')::integer / 10000
          || '-pgvector; others: https://github.com/pgvector/pgvector. Managed servers have it.';
    end if;
    begin
      create extension vector schema public;
    exception when insufficient_privilege then
      raise exception 'role "%" may not create the extension vector', current_user
        using errcode = 'insufficient_privilege', hint = 'As a superuser, or the server''s administrator, run: create extension vector;';
    end;
  end if;
  select extversion into l_version from pg_extension where extname = 'vector';
  if string_to_array(substring(l_version from '^[0-9.]+'), '.')::integer[] < array[{{ oldest | comma }}] then
    raise exception 'the extension vector (pgvector) has version %, and % is needed', l_version, {{ oldest_text | literal }}
      using hint = 'As its owner run: alter extension vector update;';
  end if;
end
{% endset %}{{ source | body }}
