{# The extension must be there, or is made here, in an edition whose vectors are long enough, and where this role may use it.
   variables: oldest, its version as a list of numbers; oldest_text, the same to read #}
do {% set source %}

declare
  l_version text;
  l_schema text;
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
  select e.extversion, n.nspname into l_version, l_schema
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector';
  if not has_schema_privilege(l_schema, 'usage') then
    raise exception 'role "%" may not use the schema % of the extension vector', current_user, quote_ident(l_schema)
      using errcode = 'insufficient_privilege',
        hint = format('As its owner run: grant usage on schema %I to %I;', l_schema, current_user);
  end if;
  if strpos(l_schema, '$function') > 0 then
    raise exception 'the extension vector is in the schema %, whose name would end a function''s text', quote_ident(l_schema)
      using hint = 'As its owner run: alter extension vector set schema public;';
  end if;
  if string_to_array(substring(l_version from '^[0-9.]+'), '.')::integer[] < array[{{ oldest | comma }}] then
    raise exception 'the extension vector (pgvector) has version %, and % is needed', l_version, {{ oldest_text | literal }}
      using hint = 'As its owner run: alter extension vector update;';
  end if;
end
{% endset %}{{ source | body }}
