{# Removes the packages of all versions of a model, and every runtime that no other model uses: also one that a deployment
   made beside a version that has another. A runtime are up to four packages of one suffix, of which the later call the earlier.
   One that a public synonym names is installed for all users, and stays.
   variables: model #}
declare
  l_used pls_integer;
  procedure drop_package(p_package varchar2) is
    l_found pls_integer;
  begin
    select count(*) into l_found from user_objects
      where object_name = p_package and object_type = 'PACKAGE';
    if l_found > 0 then
      execute immediate 'drop package "' || p_package || '"';
    end if;
  end drop_package;
begin
  for r in (select package_name from export_model_versions
            where model = {{ model | literal }} order by package_name) loop
    drop_package(r.package_name);
  end loop;
  for r in (select object_name from user_objects where object_type = 'PACKAGE'
              and substr(object_name, 1, 11) = 'NN_RUNTIME_' and length(object_name) = 19) loop
    select count(*) into l_used from export_model_versions
      where runtime_name = r.object_name and model <> {{ model | literal }};
    if l_used = 0 then
      select count(*) into l_used from all_synonyms
        where owner = 'PUBLIC' and synonym_name = r.object_name and table_owner = user;
    end if;
    if l_used = 0 then
      drop_package('NN_TREES_' || substr(r.object_name, 12));
      drop_package('NN_TABLES_' || substr(r.object_name, 12));
      drop_package('NN_DOUBLE_' || substr(r.object_name, 12));
      drop_package(r.object_name);
    end if;
  end loop;
end;
