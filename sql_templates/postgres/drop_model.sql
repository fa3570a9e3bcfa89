{# Remove a model: its functions, its types, its rows, its schema when nothing else is in it, and the
   registry with the last model. Objects of others stop it, and then nothing is removed.
   variables: helpers, names of the registry's functions #}
create or replace function export_model.drop_model(p_model text)
returns void
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as {% set source %}

declare
  l_object record;
begin
  perform pg_advisory_xact_lock(7307497, 1);
  if not exists (select from export_model.models where name = p_model) then
    raise exception 'there is no model "%"', p_model
      using hint = 'See: select model from export_model.overview;';
  end if;
  for l_object in
    select o.kind, o.identity from export_model.objects o where o.model = p_model
    order by case o.kind when 'alias' then 1 when 'function' then 2 else 3 end, o.identity
  loop
    execute case l_object.kind
      when 'type' then 'drop type ' || l_object.identity
      when 'wrapper' then 'drop foreign data wrapper ' || l_object.identity || ' cascade'
      else 'drop routine if exists ' || l_object.identity
    end;
  end loop;
  delete from export_model.samples s using export_model.versions v
    where s.version = v.version and v.model = p_model;
  delete from export_model.chunks c using export_model.versions v
    where c.version = v.version and v.model = p_model;
  delete from export_model.tensors t using export_model.versions v
    where t.version = v.version and v.model = p_model;
  delete from export_model.objects where model = p_model;
  delete from export_model.versions where model = p_model;
  delete from export_model.models where name = p_model;
  for l_object in
    select p.oid::regprocedure as identity from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'export_model' and p.proname like 'runtime\_%'
      and not exists (select from export_model.versions v where v.runtime = p.proname)
  loop
    execute 'drop function ' || l_object.identity;
  end loop;
  begin
    execute format('drop schema %I', p_model);
  exception when dependent_objects_still_exist then
    raise warning 'schema "%" stays: it holds objects that export-model did not make', p_model;
  end;
  if not exists (select from export_model.models) then
    begin
      drop view export_model.overview;
      drop table export_model.models, export_model.versions, export_model.tensors,
        export_model.chunks, export_model.samples, export_model.objects;
      for l_object in
        select p.oid::regprocedure as identity from pg_proc p
        where p.pronamespace = 'export_model'::regnamespace and p.proname = any ({{ helpers | texts }})
      loop
        execute 'drop routine ' || l_object.identity;
      end loop;
      drop schema export_model;
    exception when dependent_objects_still_exist then
      raise warning 'the empty registry stays: other objects depend on it';
    end;
  end if;
end
{% endset %}{{ source | body }}
