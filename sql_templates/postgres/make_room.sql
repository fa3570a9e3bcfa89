{# Remove functions that create or replace could not replace: those that somebody altered or made anew, and helpers of an earlier
   program. Where something depends on one, or rights were given on it, it stays for create or replace to try. Functions of this version
   that an earlier program made beside those that there are now go too. One that was renamed or moved, and is missing where it was, gets its
   name back: what needs it, a view, went with it.
   variables: model, empty for the registry alone; schemas; short, the first digits of the version; made, each with identity and digest of the statement #}
do {% set source %}

declare
  l_made constant text[] := array(
    select replace(m, '"', '') from unnest({{ made | map(attribute="identity") | list | texts }}) m);
  l_version constant text := {{ ("%\\_" ~ short ~ "(%") | literal }};  -- how functions of this version alone are called
  l_function regprocedure;
{% if model %}
  l_lost record;
{% endif %}
begin
{% if not model %}
  drop function if exists export_model.drop_model(text);  -- of a program that knew no force
{% else %}
  for l_lost in
    select p.oid::regprocedure as function, p.proname, n.nspname, substring(w.identity from '^(?:"(?:[^"]|"")*"|[^".]*)[.]"?([a-z_0-9]+)') as name
    from (values
{% for function in made %}
      ({{ function.identity | literal }}, {{ function.digest | literal }}){% if not loop.last %},{% endif %}

{% endfor %}
    ) as w (identity, digest)
    join pg_description d on d.classoid = 'pg_proc'::regclass and d.description like 'export-model %'
      and split_part(d.description, ' ', 3) = w.digest and substr(d.description, 53) = {{ model | literal }}
    join pg_proc p on p.oid = d.objoid join pg_namespace n on n.oid = p.pronamespace
    join pg_roles r on r.oid = p.proowner and pg_has_role(r.oid, 'usage') and (r.rolsuper or r.rolname = current_user)
    where replace(w.identity, '"', '') not in (
      select replace(x.nspname || '.' || f.proname || '(' || oidvectortypes(f.proargtypes) || ')', '"', '')
      from pg_proc f join pg_namespace x on x.oid = f.pronamespace where x.nspname = {{ model | literal }})
  loop
    if l_lost.proname <> l_lost.name then
      execute 'alter routine ' || format('%s rename to %I', l_lost.function, l_lost.name);
    end if;
    if l_lost.nspname <> {{ model | literal }} then
      execute 'alter routine ' || format('%s set schema %I', l_lost.function, {{ model | literal }});
    end if;
  end loop;
{% endif %}
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
{% if model %}
    union all  -- of this version, and not made any more
    select f.id::regprocedure
    from (
{% include 'functions.sql' %}

    ) f
    where f.schema = {{ model | literal }} and f.signed is not null and f.function like l_version and f.function <> all (l_made)
    union all  -- renamed or moved away; the model's name begins at the 53rd character of what sign wrote
    select p.oid::regprocedure from pg_description d join pg_proc p on p.oid = d.objoid
      join pg_namespace n on n.oid = p.pronamespace
      join pg_roles r on r.oid = p.proowner and pg_has_role(r.oid, 'usage') and (r.rolsuper or r.rolname = current_user)
    where d.classoid = 'pg_proc'::regclass and d.description like 'export-model %' and substr(d.description, 53) = {{ model | literal }}
      and not (n.nspname = {{ model | literal }} and p.proname ~ '_[0-9a-f]{12}$')
      and replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '') <> all (l_made) and not exists (select from export_model.objects o where o.model = {{ model | literal }} and replace(o.identity, '"', '')
        = replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', ''))
{% endif %}
  loop
    begin
      execute 'drop routine ' || l_function;
    exception when dependent_objects_still_exist then
      null;
    end;
  end loop;
{% if model %}
  delete from export_model.objects o where o.model = {{ model | literal }} and o.kind = 'function' and replace(o.identity, '"', '') like l_version
    and replace(o.identity, '"', '') <> all (l_made);
{% endif %}
end
{% endset %}{{ source | body }}
