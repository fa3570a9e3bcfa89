{# Remove functions that create or replace could not replace: those that somebody altered or made anew, and helpers of an earlier
   program. Where something depends on one, or rights were given on it, it stays for create or replace to try.
   variables: model; schemas; made, each with identity and digest of the statement #}
do {% set source %}

declare
  l_function regprocedure;
begin
  drop function if exists export_model.drop_model(text);  -- of a program that knew no force
  for l_function in
    select f.id::regprocedure
    from (values
{% for function in made %}
      ({{ function.identity | literal }}, {{ function.digest | literal }}){% if not loop.last %},{% endif %}

{% endfor %}
    ) as w (identity, digest)
    join (
{% include 'functions.sql' %}

    ) f on f.function = replace(w.identity, '"', '')
    join pg_proc p on p.oid = f.id
    where (f.signed is distinct from f.state or f.schema = 'export_model' and f.statement is distinct from w.digest)
      and (p.proacl is null or f.schema = 'export_model' or p.proname ~ '_[0-9a-f]{12}$')
    union all  -- renamed or moved away; the model's name begins at the 53rd character of what sign wrote
    select p.oid::regprocedure from pg_description d join pg_proc p on p.oid = d.objoid
      join pg_namespace n on n.oid = p.pronamespace
      join pg_roles r on r.oid = p.proowner and (r.rolsuper or r.rolname = current_user)
    where d.classoid = 'pg_proc'::regclass and d.description like 'export-model %' and substr(d.description, 53) = {{ model | literal }}
      and not (n.nspname = {{ model | literal }} and p.proname ~ '_[0-9a-f]{12}$')
      and replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '') not in (
{% for function in made %}
        replace({{ function.identity | literal }}, '"', ''){% if not loop.last %},{% endif %}

{% endfor %}
      ) and not exists (select from export_model.objects o where o.model = {{ model | literal }} and replace(o.identity, '"', '')
        = replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', ''))
  loop
    begin
      execute 'drop routine ' || l_function;
    exception when dependent_objects_still_exist then
      null;
    end;
  end loop;
end
{% endset %}{{ source | body }}
