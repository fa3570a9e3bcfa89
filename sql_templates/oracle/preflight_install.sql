{# Everything that can be known to stop an installation stops it here, with what to do about it.
   variables: owner, the schema, or none for the user's own; packages; grantees; all as the dictionary spells them;
   missing and taken, codes of errors #}
declare
  l_owner varchar2(128) := user;
  l_found pls_integer;
  procedure require_privilege(p_privilege varchar2) is
  begin
    select count(*) into l_found from session_privs where privilege = p_privilege;
    if l_found = 0 then
      raise_application_error({{ missing | number }}, 'user ' || user || ' lacks a privilege;'
        || ' let a DBA install, or run: grant ' || lower(p_privilege) || ' to ' || user);
    end if;
  end require_privilege;
  procedure require_user(p_name varchar2, p_advice varchar2) is
  begin
    select count(*) into l_found from all_users where username = p_name;
    if l_found = 0 then
      raise_application_error({{ missing | number }}, p_name || ' is no user; ' || p_advice);
    end if;
  end require_user;
  procedure require_free(p_package varchar2) is
  begin
    for s in (select table_owner, table_name from all_synonyms
              where owner = 'PUBLIC' and synonym_name = p_package) loop
      if s.table_owner <> l_owner or s.table_name <> p_package then
        raise_application_error({{ taken | number }}, 'the public synonym ' || p_package || ' stands for '
          || s.table_owner || '.' || s.table_name || '; install with --schema ' || s.table_owner
          || ', or drop public synonym ' || p_package);
      end if;
    end loop;
  end require_free;
begin
{% if owner %}
  l_owner := {{ owner | literal }};
  require_user(l_owner, 'let a DBA run: create user ' || l_owner
    || ' no authentication (before 18c: identified by a password, and account lock)');
{% endif %}
  if sys_context('userenv', 'current_schema') <> user then
    raise_application_error({{ missing | number }}, 'the current schema is '
      || sys_context('userenv', 'current_schema') || '; name another schema with --schema');
  end if;
  if l_owner = user then
    require_privilege('CREATE PROCEDURE');
  else
    require_privilege('CREATE ANY PROCEDURE');
    require_privilege('ALTER ANY PROCEDURE');
    require_privilege('GRANT ANY OBJECT PRIVILEGE');
  end if;
  require_privilege('CREATE PUBLIC SYNONYM');
{% for grantee in grantees if grantee != "PUBLIC" %}
  require_user({{ grantee | literal }}, 'name users with --deployers, or public: in stored packages,'
    || ' which deployers make, a right that came by a role does not count');
{% endfor %}
{% for package in packages %}
  require_free({{ package | literal }});
{% endfor %}
end;
