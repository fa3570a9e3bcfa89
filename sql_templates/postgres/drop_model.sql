{# Remove a model: its functions, its types, its rows, its schema when nothing else is in it, and the
   registry with the last model, but for one that was installed for others: it stays, with what its newest program made. What is missing already is passed over. Objects of others stop it, and then nothing is
   removed, unless p_force removes those that depend on the model too. The program brings this function along in pg_temp, so that
   a damaged registry is no obstacle.
   variables: schema, where it is made; helpers, names of the registry's functions #}
create or replace function {{ schema | ident }}.drop_model(p_model text, p_force boolean default false)
returns void
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as {% set source %}

declare
  l_cascade constant text := case when p_force then ' cascade' else '' end;
  l_tables constant text[] := array(
    select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'export_model' and c.relkind = 'r'
      and c.relname in ('models', 'versions', 'tensors', 'chunks', 'samples', 'objects', 'aliases', 'journal', 'grants') order by 1);
  l_by_model constant text[] := '{models,versions,objects,aliases,grants}';
  l_owners constant oid[] := array(select r.oid from pg_roles r where r.rolsuper or r.rolname = current_user);
  l_is_keeper constant boolean := exists (  -- may this role drop what is the registry's?
    select from pg_namespace n join pg_roles r on r.rolname = current_user
    where n.nspname = 'export_model' and (r.rolsuper or n.nspowner = r.oid));
  l_is_installed constant boolean := exists (  -- may others deploy?
    select from pg_class c, aclexplode(c.relacl) a
    where c.oid = to_regclass('export_model.models') and a.privilege_type = 'INSERT' and a.grantee <> c.relowner);
  l_versions text[] := '{}';
  l_objects text[] := '{}';
  l_schema oid;
  l_is_known boolean := false;
  l_is_of_another boolean := false;
  l_is_last boolean := true;
  l_name text;
begin
  perform pg_advisory_xact_lock(7307497, 1);
  if l_tables @> '{versions}' then
    l_versions := array(select version from export_model.versions where model = p_model);
    l_is_known := l_versions <> '{}';
  end if;
  if l_tables @> '{models}' then
    l_is_known := l_is_known or exists (select from export_model.models where name = p_model);
    l_is_of_another := exists (  -- registries before format 3 have no owners
      select from export_model.models m join pg_roles r on r.rolname = row_to_json(m) ->> 'owner'
      where m.name = p_model and r.oid <> all (l_owners));
  end if;
  if l_tables @> '{objects}' then
    l_objects := array(select replace(identity, '"', '') from export_model.objects where model = p_model);
    l_is_known := l_is_known or l_objects <> '{}';
  end if;
  select n.oid into l_schema from pg_namespace n where n.nspname = p_model
    and (l_is_known or left(obj_description(n.oid, 'pg_namespace'), 14) = 'export-model: ');
  if l_schema is null and l_tables @> '{models,versions}' and not l_is_of_another then  -- renamed: its comment tells the version
    select n.oid into l_schema from pg_namespace n
      where exists (select from unnest(l_versions) v
                    where v ~ '^[0-9a-f]{64}$' and obj_description(n.oid, 'pg_namespace') like 'export-model: %, version ' || substr(v, 1, 12)
                      and not exists (select from export_model.versions x where x.model <> p_model and x.version like substr(v, 1, 12) || '%'))
        and not exists (select from export_model.models m where m.name = n.nspname)
        and n.nspowner = any (l_owners) limit 1;
  end if;
  if l_schema is null and not l_is_known then
    raise exception 'there is no model "%"', p_model
      using hint = 'See: export-model list --dsn ...; in SQL: select name from export_model.models;';
  end if;

  for l_name in
    select p.oid::regprocedure::text from pg_proc p
      left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
    where substr(d.description, 53) = p_model and p_model <> '' and not l_is_of_another
        and d.description like 'export-model %' and p.proowner = any (l_owners) or p.pronamespace = l_schema
      and (d.description like 'export-model %'
        or replace(p_model || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '') = any (l_objects))
    order by exists (select from pg_aggregate a where a.aggfnoid = p.oid) desc
  loop
    execute 'drop routine if exists ' || l_name || l_cascade;
  end loop;
  for l_name in
    select t.oid::regtype::text from pg_type t where t.typnamespace = l_schema and t.typtype = 'c'
      and (t.typname ~ '^outputs_[0-9a-f]{8}$' or t.typname = 'stacked_row')
      and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c')
  loop
    execute 'drop type ' || l_name || l_cascade;
  end loop;
  for l_name in  -- weights of a version in a table of its own
    select c.oid::regclass::text from pg_class c where c.relnamespace = l_schema and c.relkind = 'r'
      and exists (select from unnest(l_versions) v where c.relname = 'weights_' || substr(v, 1, 12))
  loop
    execute 'drop table ' || l_name || l_cascade;
  end loop;
  for l_name in
    select w.fdwname from pg_foreign_data_wrapper w
    where obj_description(w.oid, 'pg_foreign_data_wrapper') = 'export-model: weights of model ' || p_model
  loop
    execute format('drop foreign data wrapper %I cascade', l_name);
  end loop;
  for l_name in  -- where functions read weights in Greenplum; programs before gave each model a wrapper of its own
    select s.srvname from pg_foreign_server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw
    where w.fdwname = 'export_model_weights' and s.srvoptions = array['model=' || p_model] and pg_has_role(s.srvowner, 'usage')
  loop
    execute format('drop server %I cascade', l_name);
  end loop;
  if l_tables @> '{journal,models,versions}' and exists (select from pg_attribute where attrelid = to_regclass('export_model.versions')
      and attname = 'number') then
    insert into export_model.journal (model, action, from_version, from_number)
      select p_model, 'drop', m.current_version, v.number from (values (0)) as o (n) left join export_model.models m on m.name = p_model
      left join export_model.versions v on v.version = m.current_version
      where m.name is not null or l_is_keeper;
  end if;
  -- models last, before it versions: who deploys sees rows of what these name alone
  for l_name in select t from unnest(array_remove(l_tables, 'journal')) t order by t in ('versions', 'models'), t = 'models', t loop
    execute format('delete from export_model.%I where %I = any ($1)', l_name,
        case when l_name = 'models' then 'name' when l_name = any (l_by_model) then 'model' else 'version' end)
      using case when l_name = any (l_by_model) then array[p_model] else l_versions end;
  end loop;
  if l_schema is not null then
    l_name := (select nspname from pg_namespace where oid = l_schema);
    begin
      execute format('drop schema %I', l_name);
    exception when dependent_objects_still_exist then
      execute format('comment on schema %I is null', l_name);
      raise warning 'schema "%" stays: it holds objects that export-model did not make', l_name;
    end;
  end if;

  if not l_is_keeper then
    return;
  end if;
  if l_tables @> '{versions}' then
    for l_name in
      select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'export_model' and p.proname like 'runtime\_%'
        and not exists (select from export_model.versions v where v.runtime = p.proname)
        and not (l_is_installed and split_part(obj_description(p.oid, 'pg_proc'), ' ', 2) = (
          select split_part(obj_description(x.oid, 'pg_proc'), ' ', 2) from pg_proc x
          where x.pronamespace = n.oid and x.proname = 'drop_model' limit 1))
    loop
      execute 'drop routine ' || l_name;
    end loop;
    l_is_last := not exists (select from export_model.versions);
  end if;
  if l_tables @> '{models}' and l_is_last then
    l_is_last := not exists (select from export_model.models);
  end if;
  if not l_is_last or l_is_installed or not exists (select from pg_namespace where nspname = 'export_model') then
    return;
  end if;
  begin
    if to_regclass('export_model.overview') is not null then
      execute 'drop view export_model.overview' || l_cascade;
    end if;
    if l_tables <> '{}' then
      execute (select 'drop table ' || string_agg('export_model.' || quote_ident(t), ', ') || l_cascade from unnest(l_tables) t);
    end if;
    for l_name in
      select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
      where n.nspname = 'export_model' and (p.proname = any ({{ helpers | texts }}) or p.proname like 'runtime\_%'
        or d.description like 'export-model %')
    loop
      execute 'drop routine ' || l_name || l_cascade;
    end loop;
    if exists (select from pg_foreign_data_wrapper w where w.fdwname = 'export_model_weights'
        and obj_description(w.oid, 'pg_foreign_data_wrapper') = 'export-model: weights of models') then
      execute 'drop foreign data wrapper export_model_weights' || l_cascade;
    end if;
    execute 'drop schema export_model';
  exception when dependent_objects_still_exist then
    raise warning 'the empty registry stays: other objects depend on it';
  end;
end
{% endset %}{{ source | body }}
