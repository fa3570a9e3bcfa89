{# Sets :status to 0 when nothing is left to do, else to 1: the registry has this format, the version is verified, valid and
   numbered, and, where it is to be the champion, the model's synonym stands for it, no switch is half done, and nobody may call a
   version that no synonym stands for.
   variables: model, version; synonym and package, as the dictionary spells them; is_promoted #}
declare
  l_found pls_integer;
{% if is_promoted %}
  l_left pls_integer;
{% endif %}
begin
  :status := 1;
  select count(*) into l_found from user_tab_columns
    where table_name = 'EXPORT_MODEL_MODELS' and column_name = 'LAST_NUMBER';
  if l_found = 1 then
    select count(*) into l_found from user_objects
      where object_name = {{ package | literal }} and object_type = 'PACKAGE BODY'
        and status = 'VALID';
  end if;
  if l_found = 1 then
    execute immediate 'select count(*) from export_model_versions where version = :1'
      || ' and state = ''verified'' and version_number is not null'
      into l_found using {{ version | literal }};
  end if;
{% if is_promoted %}
  if l_found = 1 then
    select count(*) into l_found from user_synonyms
      where synonym_name = {{ synonym | literal }} and table_owner = user
        and table_name = {{ package | literal }};
  end if;
  if l_found = 1 then
    execute immediate 'select count(*) from export_model_journal'
      || ' where model = :1 and state = ''begun'' and alias is null'
      into l_left using {{ model | literal }};
    if l_left > 0 then
      l_found := 0;
    end if;
  end if;
  if l_found = 1 then
    execute immediate 'select count(*) from export_model_versions v, user_tab_privs p'
      || ' where v.model = :1 and v.package_name <> :2 and p.owner = user and p.grantor = user'
      || ' and p.table_name = v.package_name and p.privilege = ''EXECUTE'''
      || ' and not exists (select null from export_model_aliases a, user_synonyms s where a.model = v.model'
      || ' and s.synonym_name = a.synonym_name and s.table_owner = user and s.table_name = v.package_name)'
      into l_left using {{ model | literal }}, {{ package | literal }};
    if l_left > 0 then
      l_found := 0;
    end if;
  end if;
{% endif %}
  if l_found = 1 then
    :status := 0;
  end if;
end;
