{# A version whose package was made again calls the runtime of this program.
   variables: version; runtime, as the dictionary spells it #}
begin
  update export_model_versions set runtime_name = {{ runtime | literal }} where version = {{ version | literal }};
  commit;
end;
