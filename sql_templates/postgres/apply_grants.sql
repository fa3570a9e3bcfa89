{# Who was granted a model may use its schema and call what users call, of the champion and of every alias. What a role may do
   already is not written again: a function whose row changes is compiled again in every session. Roles that are gone are passed over.
   variables: model #}
do {% set source %}

declare
  l_role record;
  l_function regprocedure;
begin
  for l_role in
    select coalesce(r.rolname, 'public') as name, coalesce(quote_ident(r.rolname), 'public') as quoted
    from export_model.grants g left join pg_roles r on r.rolname = g.grantee
    where g.model = {{ model | literal }} and (r.oid is not null or g.grantee = 'public')
  loop
    if not has_schema_privilege(l_role.name, {{ model | literal }}, 'usage') then
      execute format('grant usage on schema %I to %s', {{ model | literal }}, l_role.quoted);
    end if;
    for l_function in
      select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      join export_model.objects o on o.model = n.nspname and o.kind like 'alias%'
        and replace(o.identity, '"', '') = replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '')
      where n.nspname = {{ model | literal }} and not has_function_privilege(l_role.name, p.oid, 'execute')
    loop
      execute format('grant execute on routine %s to %s', l_function, l_role.quoted);
    end loop;
  end loop;
end
{% endset %}{{ source | body }}
