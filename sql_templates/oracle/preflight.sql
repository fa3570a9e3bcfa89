{# Everything that can be known to fail later fails here, with what to do about it. What is said about
   names is asked in dynamic SQL, because the tables may not be there yet.
   variables: model, version; synonym and package, as the dictionary spells them; registry_comments, of the formats that are known;
   missing, taken, foreign, lost, the codes of errors; texts beyond ASCII, and character_sets that hold
   them, none where there are no such texts #}
declare
  l_found pls_integer;
  l_registry pls_integer;
  l_comment varchar2(4000);
  procedure require_privilege(p_privilege varchar2) is
  begin
    select count(*) into l_found from session_privs where privilege = p_privilege;
    if l_found = 0 then
      raise_application_error({{ missing | number }}, 'user ' || user || ' lacks a privilege;'
        || ' let a DBA run: grant ' || lower(p_privilege) || ' to ' || user);
    end if;
  end require_privilege;
  procedure require_ours(p_object varchar2, p_query varchar2, p_key varchar2) is
    l_known pls_integer := 0;
  begin
    select count(*) into l_found from user_objects where object_name = p_object;
    if l_found > 0 and l_registry = 1 then
      execute immediate p_query into l_known using p_object, p_key;
    end if;
    if l_found > 0 and l_known = 0 then
      raise_application_error({{ taken | number }}, 'the name ' || p_object
        || ' is taken by an object that export-model did not make; choose another with --name');
    end if;
  end require_ours;
begin
  if sys_context('userenv', 'current_schema') <> user then
    raise_application_error({{ missing | number }}, 'the current schema is '
      || sys_context('userenv', 'current_schema') || '; deploy as the user that is to own the model');
  end if;
  require_privilege('CREATE TABLE');
  require_privilege('CREATE PROCEDURE');
  require_privilege('CREATE SYNONYM');
  select count(*) into l_found from all_objects
    where owner = 'SYS' and object_name = 'UTL_NLA' and object_type = 'PACKAGE';
  if l_found = 0 then
    raise_application_error({{ missing | number }}, 'the package UTL_NLA cannot be used;'
      || ' let a DBA run: grant execute on sys.utl_nla to ' || user);
  end if;
  select count(*) into l_found from all_objects
    where owner = 'SYS' and object_name = 'DBMS_SESSION' and object_type = 'PACKAGE';
  if l_found = 0 then
    raise_application_error({{ missing | number }}, 'the package DBMS_SESSION cannot be used;'
      || ' let a DBA run: grant execute on sys.dbms_session to ' || user);
  end if;
{% if character_sets %}
  for r in (select value from nls_database_parameters where parameter = 'NLS_CHARACTERSET') loop
    if r.value not in (
{% for name in character_sets %}
      {{ name | literal }}{% if not loop.last %},{% endif %}

{% endfor %}
    ) then
      raise_application_error({{ lost | number }}, 'the character set of this database, ' || r.value
        || ', is not known to hold the labels or words ' || {{ texts | literal }}
        || ': characters would be lost; give other labels with --labels, a model with such words needs AL32UTF8');
    end if;
  end loop;
{% endif %}
  select count(*) into l_registry from user_tables where table_name = 'EXPORT_MODEL_VERSIONS';
  if l_registry = 1 then
    for r in (select comments from user_tab_comments where table_name = 'EXPORT_MODEL_VERSIONS') loop
      l_comment := r.comments;
    end loop;
    if l_comment like 'export-model registry, format %' and l_comment not in (
{% for comment in registry_comments %}
      {{ comment | literal }}{% if not loop.last %},{% endif %}

{% endfor %}
    ) then
      raise_application_error({{ foreign | number }}, 'the registry was made by a newer export-model: '
        || l_comment || '; use that version or a newer one: pip install --upgrade export-model');
    elsif l_comment not in (
{% for comment in registry_comments %}
      {{ comment | literal }}{% if not loop.last %},{% endif %}

{% endfor %}
    ) then
      raise_application_error({{ foreign | number }}, 'table EXPORT_MODEL_VERSIONS is not a registry'
        || ' of this format; rename it, or use the version of export-model that made it');
    end if;
  end if;
  require_ours({{ synonym | literal }},
    'select count(*) from export_model_models where synonym_name = :1 and name = :2',
    {{ model | literal }});
  require_ours({{ package | literal }},
    'select count(*) from export_model_versions where package_name = :1 and version = :2',
    {{ version | literal }});
end;
