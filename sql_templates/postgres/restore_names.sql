{# Give the registry and the model's schema their names back, where somebody renamed them: their comments tell what they are.
   Names that are taken stay as they are, and so do schemas of others.
   variables: model; short, the first digits of the version #}
do {% set source %}

declare
  l_schema record;
begin
  for l_schema in
    select min(n.nspname::text) as found, w.name, count(*) as count
    from (values ('export_model', 'export-model registry, format %'),
                 ({{ model | literal }}, 'export-model: %, version ' || {{ short | literal }})) as w (name, comment)
    join pg_namespace n on obj_description(n.oid, 'pg_namespace') like w.comment
    join pg_roles r on r.oid = n.nspowner and (r.rolsuper or r.rolname = current_user)
    where not exists (select from pg_namespace x where x.nspname = w.name)
    group by w.name
  loop
    if l_schema.count = 1 then
      execute format('alter schema %I rename to %I', l_schema.found, l_schema.name);
    end if;
  end loop;
end
{% endset %}{{ source | body }}
