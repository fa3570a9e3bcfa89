{# Remove a registry without models; it stays where others depend on it. Runtimes and helpers of all programs go with the schema's own
   functions, named one by one: what others keep there stops it.
   variables: none #}
do {% set source %}

declare
  l_name text;
begin
  if exists (select from export_model.models) then
    raise exception 'there are models: %', (select string_agg(name, ', ' order by name) from export_model.models)
      using errcode = 'dependent_objects_still_exist', hint = 'Drop them first: export-model drop --name ...';
  end if;
  drop view if exists export_model.overview;
  drop table export_model.models, export_model.versions, export_model.tensors, export_model.chunks, export_model.samples,
    export_model.objects, export_model.aliases, export_model.journal, export_model.grants;
  for l_name in
    select p.oid::regprocedure::text from pg_proc p join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
    where p.pronamespace = 'export_model'::regnamespace and d.description like 'export-model %'
  loop
    execute 'drop routine ' || l_name;
  end loop;
  if exists (select from pg_foreign_data_wrapper w where w.fdwname = 'export_model_weights'
      and obj_description(w.oid, 'pg_foreign_data_wrapper') = 'export-model: weights of models') then
    drop foreign data wrapper export_model_weights;
  end if;
  drop schema export_model;
end
{% endset %}{{ source | body }}
