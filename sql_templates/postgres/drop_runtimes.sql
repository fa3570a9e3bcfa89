{# Remove runtimes of earlier programs that no version needs any more.
   variables: runtime, the name of this program's #}
do {% set source %}

declare
  l_runtime regprocedure;
begin
  for l_runtime in
    select p.oid from pg_proc p
    where p.pronamespace = 'export_model'::regnamespace and p.proname like 'runtime\_%' and p.proname <> {{ runtime | literal }}
      and obj_description(p.oid, 'pg_proc') like 'export-model %'
      and not exists (select from export_model.versions v where v.runtime = p.proname)
  loop
    execute format('drop function %s', l_runtime);
  end loop;
end
{% endset %}{{ source | body }}
