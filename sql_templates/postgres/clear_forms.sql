{# Remove what another engine, or another form of this one, made of this version: its functions, and its table of weights. What somebody
   else needs of it stays.
   variables: model, short; kept, identities of the functions that the version has now; table, its name; has_table, whether one of
   them reads it #}
do {% set source %}

declare
  l_old record;
begin
  for l_old in
    select o.identity, p.oid::regprocedure::text as name from export_model.objects o
      join pg_namespace n on n.nspname = o.model
      left join pg_proc p on p.pronamespace = n.oid
        and replace(o.identity, '"', '') = replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '')
    where o.model = {{ model | literal }} and o.kind = 'function' and o.identity <> all ({{ kept | texts }})
      and replace(o.identity, '"', '') like '%\_' || {{ short | literal }} || '(%'
  loop
    begin
      if l_old.name is not null then
        execute 'drop routine ' || l_old.name;
      end if;
      delete from export_model.objects where model = {{ model | literal }} and identity = l_old.identity;
    exception when dependent_objects_still_exist then
      null;
    end;
  end loop;
{% if not has_table %}
  if exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = {{ model | literal }} and c.relname = {{ table | literal }} and c.relkind = 'r') then
    begin
      execute format('drop table %I.%I', {{ model | literal }}, {{ table | literal }});
    exception when dependent_objects_still_exist then
      null;
    end;
  end if;
{% endif %}
end
{% endset %}{{ source | body }}
