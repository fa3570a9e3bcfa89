{# Numbers of the versions that have none, as those of registries before format 3, in the order of their deployment.
   variables: none #}
begin
  for m in (select name from export_model_models order by name) loop
    for v in (select version from export_model_versions
              where model = m.name and state = 'verified' and version_number is null
              order by deployed_at, version) loop
      update export_model_models set last_number = last_number + 1 where name = m.name;
      update export_model_versions
        set version_number = (select x.last_number from export_model_models x where x.name = m.name)
        where version = v.version;
    end loop;
  end loop;
  commit;
end;
