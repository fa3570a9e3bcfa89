{# What an earlier run left of this version, its package too, is made anew, unless that run got as far as verifying it:
   then it is complete, and may be the one that scores.
   variables: version #}
declare
  l_found pls_integer;
begin
  for r in (select version, package_name from export_model_versions
            where version = {{ version | literal }} and state = 'staged') loop
    select count(*) into l_found from user_objects
      where object_name = r.package_name and object_type = 'PACKAGE';
    if l_found > 0 then
      execute immediate 'drop package "' || r.package_name || '"';
    end if;
    delete from export_model_samples where version = r.version;
    delete from export_model_samples_double where version = r.version;
    delete from export_model_samples_text where version = r.version;
    delete from export_model_weights where version = r.version;
    delete from export_model_weights_double where version = r.version;
    delete from export_model_tensors where version = r.version;
    delete from export_model_versions where version = r.version;
  end loop;
end;
