{# Take the right to score from roles; what PUBLIC or another role gives them stays.
   variables: model; grantees, names of roles #}
do {% set source %}

declare
  l_role text;
  l_function regprocedure;
begin
  delete from export_model.grants where model = {{ model | literal }} and grantee = any ({{ grantees | texts }});
  for l_role in
    select case g.name when 'public' then 'public' else quote_ident(r.rolname) end
    from unnest({{ grantees | texts }}) g (name) left join pg_roles r on r.rolname = g.name
    where r.oid is not null or g.name = 'public'
  loop
    execute format('revoke usage on schema %I from %s', {{ model | literal }}, l_role);
    if l_role <> 'public' then  -- who may use the schema calls by PUBLIC's right, which stays
      for l_function in
        select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace, aclexplode(p.proacl) a
        where n.nspname = {{ model | literal }} and a.grantee <> 0 and a.grantee = to_regrole(l_role)::oid and a.privilege_type = 'EXECUTE'
      loop
        execute format('revoke execute on routine %s from %s', l_function, l_role);
      end loop;
    end if;
  end loop;
end
{% endset %}{{ source | body }}
