{# The language must be in the database, and the role may create functions in it.
   variables: advice, what who is no superuser can do #}
do {% set source %}

begin
  if not exists (select from pg_language where lanname = 'plpython3u') then
    raise exception 'PL/Python is not installed in this database'
      using hint = 'As a superuser run: create extension plpython3u;'
        || ' (Debian and Ubuntu: apt-get install postgresql-plpython3-'
        || current_setting('server_version_num')::integer / 10000 || ')';
  end if;
  -- one helper is in language internal: marking plpython3u as trusted is not enough
  if not (select r.rolsuper from pg_roles r where r.rolname = current_user) then
    raise exception 'role "%" may not create PL/Python functions', current_user
      using errcode = 'insufficient_privilege',
        hint = {{ advice | literal }};
  end if;
end
{% endset %}{{ source | body }}
