{# From here on the version is never touched again.
   variables: version #}
begin
  update export_model_versions set state = 'verified' where version = {{ version | literal }};
  commit;
end;
