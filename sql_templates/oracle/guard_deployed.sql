{# Sets :status to 0 when the model's synonym stands on this very version already, and nobody may call
   another one, and the registry has this format, else to 1.
   variables: model; synonym and package, as the dictionary spells them #}
declare
  l_found pls_integer;
  l_granted pls_integer := 0;
  l_old pls_integer := 0;
begin
  select count(*) into l_found from user_synonyms
    where synonym_name = {{ synonym | literal }} and table_owner = user
      and table_name = {{ package | literal }};
  if l_found = 1 then
    select count(*) into l_found from user_objects
      where object_name = {{ package | literal }} and object_type = 'PACKAGE BODY'
        and status = 'VALID';
  end if;
  if l_found = 1 then
    execute immediate 'select count(*) from export_model_versions v, user_tab_privs p'
      || ' where v.model = :1 and v.package_name <> :2 and p.owner = user and p.grantor = user'
      || ' and p.table_name = v.package_name and p.privilege = ''EXECUTE'''
      into l_granted using {{ model | literal }}, {{ package | literal }};
  end if;
  select count(*) into l_old from user_tab_columns
    where table_name = 'EXPORT_MODEL_VERSIONS' and column_name = 'KERAS_VERSION';
  :status := case when l_found = 1 and l_granted = 0 and l_old = 0 then 0 else 1 end;
end;
