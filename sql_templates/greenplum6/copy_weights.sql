{# Copy a version's plan and weights to where its functions read them: the text of functions that nobody
   calls, one for each chunk, which lie on the coordinator too. User mappings, which only their owner sees, hold
   too little in Greenplum 6; so on this generation every role that may connect can read the weights.
   variables: model, version; short, its first digits #}
do {% set source %}

declare
  l_version constant text := {{ version | literal }};
  l_plan record;
  l_chunk record;
begin
  for l_chunk in
    select chunk, data from export_model.chunks where version = l_version order by chunk
  loop
    execute format('create or replace function {{ model | ident }}.%I() returns text language sql immutable as %L',
      'weights_' || {{ short | literal }} || '_' || l_chunk.chunk, 'select ''' || encode(l_chunk.data, 'base64') || '''');
  end loop;
  select v.plan, v.runtime, v.chunks into strict l_plan from export_model.versions v where v.version = l_version;
  execute format('create or replace function {{ model | ident }}.%I() returns text language sql immutable as %L',
    'plan_' || {{ short | literal }}, 'select ''' || l_plan.runtime || ' ' || l_plan.chunks || ' '
      || encode(convert_to(l_plan.plan, 'UTF8'), 'base64') || '''');
end
{% endset %}{{ source | body }}
