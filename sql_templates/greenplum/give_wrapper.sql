{# Who may deploy may make servers of the wrapper, and functions in the languages of a version's: PUBLIC may have lost these.
   variables: wrapper, its name; languages #}
do {% set source %}

declare
  l_deployer record;
  l_language text;
begin
  for l_deployer in
    select r.oid, quote_ident(r.rolname) as name from (
{% include 'deployers.sql' %}

    ) d join pg_roles r on r.oid = d.id
  loop
    if not has_foreign_data_wrapper_privilege(l_deployer.oid, {{ wrapper | literal }}, 'usage') then
      execute 'grant usage on foreign data wrapper {{ wrapper | ident }} to ' || l_deployer.name;
    end if;
    foreach l_language in array {{ languages | texts }} loop
      if not has_language_privilege(l_deployer.oid, l_language, 'usage') then
        execute format('grant usage on language %I to ', l_language) || l_deployer.name;
      end if;
    end loop;
  end loop;
end
{% endset %}{{ source | body }}
