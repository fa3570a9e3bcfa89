{# What an earlier run left of this version is made anew, unless that run got as far as verifying it:
   then it is complete, and may be the one that scores.
   variables: version #}
begin
  for r in (select version from export_model_versions
            where version = {{ version | literal }} and state = 'staged') loop
    delete from export_model_samples where version = r.version;
    delete from export_model_weights where version = r.version;
    delete from export_model_tensors where version = r.version;
    delete from export_model_versions where version = r.version;
  end loop;
end;
