{# Removes the packages of all versions of a model, and runtimes that no other model uses.
   variables: model #}
declare
  l_own pls_integer;
  l_all pls_integer;
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
  for r in (select package_name, runtime_name from export_model_versions
            where model = {{ model | literal }} order by package_name) loop
    drop_package(r.package_name);
    select count(*) into l_all from export_model_versions where runtime_name = r.runtime_name;
    select count(*) into l_own from export_model_versions
      where runtime_name = r.runtime_name and model = {{ model | literal }};
    if l_all = l_own then
      drop_package(r.runtime_name);
    end if;
  end loop;
end;
