{# Copy a version's plan and weights to where its functions read them: options of user mappings, a server
   for each chunk, which says whose model it is of. Unlike a table's rows they lie on the coordinator too, and can be read there while a
   query runs; unlike the text of a function, only their owner sees them. What is there as it should be stays; a server of another
   role is not used, because he could take it away.
   variables: model, version; servers, the beginning of the servers' names; wrapper, its name #}
do {% set source %}

declare
  l_version constant text := {{ version | literal }};
  l_servers constant text := {{ servers | literal }};
  l_other record;
  l_name text;
  l_options text[];
begin
  select s.srvname, pg_get_userbyid(s.srvowner) as owner into l_other from pg_foreign_server s join pg_roles r on r.oid = s.srvowner
    where not r.rolsuper and r.rolname <> current_user and s.srvname in (
      select l_servers || 'plan' union all select l_servers || c.chunk from export_model.chunks c where c.version = l_version) limit 1;
  if found then
    raise exception 'foreign server "%", where weights of this version would lie, belongs to role "%"', l_other.srvname, l_other.owner
      using errcode = 'insufficient_privilege', hint = format('As a superuser run: drop server %I cascade;', l_other.srvname);
  end if;
  for l_name in
    select c.chunk::text from export_model.chunks c where c.version = l_version
    union all
    select 'plan'
  loop
    if l_name = 'plan' then
      select array['chunks=' || v.chunks, 'plan=' || v.plan, 'runtime=' || v.runtime] into strict l_options
        from export_model.versions v where v.version = l_version;
    else
      select array['data=' || encode(c.data, 'base64')] into strict l_options
        from export_model.chunks c where c.version = l_version and c.chunk = l_name::integer;
    end if;
    if exists (select from pg_user_mappings m where m.srvname = l_servers || l_name
               and array(select o from unnest(m.umoptions) o order by 1) = l_options) then
      continue;
    end if;
    execute format('drop server if exists %I cascade', l_servers || l_name);
    execute format('create server %I foreign data wrapper {{ wrapper | ident }} options (model %L)',
                   l_servers || l_name, {{ model | literal }});
    execute format('create user mapping for public server %I options (%s)', l_servers || l_name,
      (select string_agg(format('%s %L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ') from unnest(l_options) o));
  end loop;
end
{% endset %}{{ source | body }}
