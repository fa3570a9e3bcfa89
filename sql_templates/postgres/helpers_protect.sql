{# The loader is for the owner only. What reads a table for a caller runs with the caller's rights, and he
   needs to reach it; the tables stay closed.
   variables: closed, the functions of the owner with their argument types; sealed, those of them that are for no deployer
   either, nor for whom default privileges gave them to; helpers, names of those that callers need #}
do {% set source %}

declare
  l_helper regprocedure;
  l_grantee text;
begin
  revoke all on function {{ closed | comma }} from public;
{% for identity in sealed %}
  for l_grantee in
    select distinct quote_ident(r.rolname) from pg_proc p, aclexplode(p.proacl) a, pg_roles r
    where p.oid = {{ identity | literal }}::regprocedure and a.grantee <> p.proowner and r.oid = a.grantee
  loop
    execute 'revoke all on function {{ identity }} from ' || l_grantee || ' cascade';
  end loop;
{% endfor %}
  grant usage on schema export_model to public;
  for l_helper in
    select p.oid from pg_proc p
    where p.pronamespace = 'export_model'::regnamespace
      and p.proname = any ({{ helpers | texts }})
  loop
    execute format('grant execute on routine %s to public', l_helper);
  end loop;
  for l_helper in  -- runtimes of earlier programs, which another one may have left open
    select p.oid from pg_proc p join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
    where p.pronamespace = 'export_model'::regnamespace and p.proname like 'runtime\_%' and d.description like 'export-model %'
      and has_function_privilege('public', p.oid, 'execute')
  loop
    execute format('revoke all on function %s from public', l_helper);
  end loop;
end
{% endset %}{{ source | body }}
