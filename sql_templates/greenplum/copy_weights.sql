{# Copy a version's plan and weights to where its functions read them: options of user mappings, a server
   for each chunk. Unlike a table's rows they lie on the coordinator too, and can be read there while a query
   runs; unlike the text of a function, only their owner sees them.
   variables: version; servers, the beginning of the servers' names; wrapper, its name #}
do {% set source %}

declare
  l_version constant text := {{ version | literal }};
  l_servers constant text := {{ servers | literal }};
  l_plan record;
  l_chunk record;
begin
  if exists (select from pg_foreign_server where srvname = l_servers || 'plan') then
    return;
  end if;
  for l_chunk in
    select chunk, data from export_model.chunks where version = l_version order by chunk
  loop
    execute format('create server %I foreign data wrapper {{ wrapper | ident }}', l_servers || l_chunk.chunk);
    execute format('create user mapping for public server %I options (data %L)',
                   l_servers || l_chunk.chunk, encode(l_chunk.data, 'base64'));
  end loop;
  select v.plan, v.runtime, v.chunks into strict l_plan from export_model.versions v where v.version = l_version;
  execute format('create server %I foreign data wrapper {{ wrapper | ident }}', l_servers || 'plan');
  execute format('create user mapping for public server %I options (runtime %L, chunks %L, plan %L)',
                 l_servers || 'plan', l_plan.runtime, l_plan.chunks, l_plan.plan);
end
{% endset %}{{ source | body }}
