{# Brings a registry of an earlier format to this one: its columns; number_versions fills those of format 3. Format 1 knew Keras alone; a row of it says all that a manifest does but
   the names of layers. DDL commits: what an earlier run did is passed over, and the column that both formats have under another
   name gets its new one last.
   variables: manifests, the statement that writes them #}
declare
  l_old pls_integer;
  l_new pls_integer;
begin
  select count(*) into l_old from user_tab_columns
    where table_name = 'EXPORT_MODEL_VERSIONS' and column_name = 'KERAS_VERSION';
  select count(*) into l_new from user_tab_columns
    where table_name = 'EXPORT_MODEL_VERSIONS' and column_name = 'MANIFEST';
  if l_old = 1 then
    if l_new = 0 then
      execute immediate 'alter table export_model_versions add (database varchar2(30) default ''oracle'' not null,'
        || ' engine varchar2(30) default ''plsql'' not null, format varchar2(100) default ''keras'' not null, manifest clob)';
    end if;
    execute immediate {{ manifests | program }};
    commit;
    execute immediate 'alter table export_model_versions rename column keras_version to format_version';
  end if;
  select count(*) into l_new from user_tab_columns
    where table_name = 'EXPORT_MODEL_VERSIONS' and column_name = 'VERSION_NUMBER';
  if l_new = 0 then
    execute immediate 'alter table export_model_versions add (version_number number(10), metrics clob,'
      || ' source_uri varchar2(4000), because clob)';
  end if;
  select count(*) into l_new from user_tab_columns
    where table_name = 'EXPORT_MODEL_MODELS' and column_name = 'LAST_NUMBER';
  if l_new = 0 then
    execute immediate 'alter table export_model_models add (last_number number(10) default 0 not null)';
  end if;
end;
