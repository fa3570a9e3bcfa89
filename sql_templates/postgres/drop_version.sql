{# Remove a version that is neither champion nor has an alias: its functions, types that no other needs, its rows, and the runtime when it was the
   last that needed it. What is missing already is passed over; what belongs to others stops it, unless force removes that too.
   variables: model, version, short; force #}
do {% set source %}

declare
  l_cascade constant text := {% if force %}' cascade'{% else %}''{% endif %};
  l_name text;
begin
  for l_name in
    select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = {{ model | literal }} and right(p.proname, 13) = '_' || {{ short | literal }}
    order by exists (select from pg_aggregate a where a.aggfnoid = p.oid) desc
  loop
    execute 'drop routine if exists ' || l_name || l_cascade;
  end loop;
  delete from export_model.objects o where o.model = {{ model | literal }} and o.kind = 'function'
    and replace(o.identity, '"', '') like '%\_' || {{ short | literal }} || '(%';
  for l_name in
    select t.oid::regtype::text from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where n.nspname = {{ model | literal }} and t.typtype = 'c' and t.typname ~ '^outputs_[0-9a-f]{8}$'
  loop
    begin
      execute 'drop type ' || l_name;
      delete from export_model.objects o where o.model = {{ model | literal }} and o.kind = 'type'
        and replace(o.identity, '"', '') = replace(l_name, '"', '');
    exception when dependent_objects_still_exist then
      null;
    end;
  end loop;
  for l_name in  -- weights of a version in a table of its own
    select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = {{ model | literal }} and c.relkind = 'r' and c.relname = 'weights_' || {{ short | literal }}
  loop
    execute 'drop table ' || l_name || l_cascade;
  end loop;
  for l_name in  -- where functions read weights in Greenplum
    select s.srvname from pg_foreign_server s where left(s.srvname, 46) = 'export_model_' || substr({{ version | literal }}, 1, 32) || '_'
  loop
    execute format('drop server %I cascade', l_name);
  end loop;
  delete from export_model.chunks where version = {{ version | literal }};
  delete from export_model.tensors where version = {{ version | literal }};
  delete from export_model.samples where version = {{ version | literal }};
  delete from export_model.versions where version = {{ version | literal }};
  for l_name in
    select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'export_model' and p.proname like 'runtime\_%'
      and (select r.rolsuper from pg_roles r where r.rolname = current_user)
      and not exists (select from export_model.versions v where v.runtime = p.proname)
  loop
    execute 'drop routine ' || l_name;
  end loop;
end
{% endset %}{{ source | body }}
