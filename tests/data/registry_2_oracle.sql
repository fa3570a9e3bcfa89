rem deploy model fraud, version 9cf3a7b650ef, made by export-model.
rem Run it with: sqlplus USER@//HOST:PORT/SERVICE @THIS_FILE
rem When a statement fails the run ends there; run the file again to continue.
rem It makes the packages FRAUD_9CF3A7B6 and NN_RUNTIME_CBD9558B,
rem the synonym FRAUD, and where they are absent the tables EXPORT_MODEL_*.
rem It stores 11 numbers of weights (0.0 MB) and 3 samples.
rem Its user needs CREATE TABLE, CREATE PROCEDURE, CREATE SYNONYM, a quota on the default
rem tablespace, and
rem EXECUTE on SYS.UTL_NLA, and where it takes columns on SYS.UTL_RAW and SYS.DBMS_UTILITY,
rem which PUBLIC has unless a DBA took them away.
rem The script of the same name that ends in _uninstall.sql removes it again.
set define off
set sqlblanklines on
set feedback off
whenever oserror exit failure rollback
whenever sqlerror exit failure rollback
variable status number
declare
  l_found pls_integer;
  l_granted pls_integer := 0;
  l_old pls_integer := 0;
begin
  select count(*) into l_found from user_synonyms
    where synonym_name = 'FRAUD' and table_owner = user
      and table_name = 'FRAUD_9CF3A7B6';
  if l_found = 1 then
    select count(*) into l_found from user_objects
      where object_name = 'FRAUD_9CF3A7B6' and object_type = 'PACKAGE BODY'
        and status = 'VALID';
  end if;
  if l_found = 1 then
    execute immediate 'select count(*) from export_model_versions v, user_tab_privs p'
      || ' where v.model = :1 and v.package_name <> :2 and p.owner = user and p.grantor = user'
      || ' and p.table_name = v.package_name and p.privilege = ''EXECUTE'''
      into l_granted using 'fraud', 'FRAUD_9CF3A7B6';
  end if;
  select count(*) into l_old from user_tab_columns
    where table_name = 'EXPORT_MODEL_VERSIONS' and column_name = 'KERAS_VERSION';
  :status := case when l_found = 1 and l_granted = 0 and l_old = 0 then 0 else 1 end;
end;
/
rem When nothing is left to do, the run ends here, with success.
whenever sqlerror exit :status rollback
begin
  if :status = 0 then
    raise_application_error(-20900, 'model fraud, version 9cf3a7b650ef: deployed already, nothing to do');
  end if;
end;
/
whenever sqlerror exit failure rollback

prompt check what a deployment needs
declare
  l_found pls_integer;
  l_registry pls_integer;
  l_comment varchar2(4000);
  procedure require_privilege(p_privilege varchar2) is
  begin
    select count(*) into l_found from session_privs where privilege = p_privilege;
    if l_found = 0 then
      raise_application_error(-20901, 'user ' || user || ' lacks a privilege;'
        || ' let a DBA run: grant ' || lower(p_privilege) || ' to ' || user);
    end if;
  end require_privilege;
  procedure require_ours(p_object varchar2, p_query varchar2, p_key varchar2) is
    l_known pls_integer := 0;
  begin
    select count(*) into l_found from user_objects where object_name = p_object;
    if l_found > 0 and l_registry = 1 then
      execute immediate p_query into l_known using p_object, p_key;
    end if;
    if l_found > 0 and l_known = 0 then
      raise_application_error(-20902, 'the name ' || p_object
        || ' is taken by an object that export-model did not make; choose another with --name');
    end if;
  end require_ours;
begin
  if sys_context('userenv', 'current_schema') <> user then
    raise_application_error(-20901, 'the current schema is '
      || sys_context('userenv', 'current_schema') || '; deploy as the user that is to own the model');
  end if;
  require_privilege('CREATE TABLE');
  require_privilege('CREATE PROCEDURE');
  require_privilege('CREATE SYNONYM');
  select count(*) into l_found from all_objects
    where owner = 'SYS' and object_name = 'UTL_NLA' and object_type = 'PACKAGE';
  if l_found = 0 then
    raise_application_error(-20901, 'the package UTL_NLA cannot be used;'
      || ' let a DBA run: grant execute on sys.utl_nla to ' || user);
  end if;
  select count(*) into l_registry from user_tables where table_name = 'EXPORT_MODEL_VERSIONS';
  if l_registry = 1 then
    for r in (select comments from user_tab_comments where table_name = 'EXPORT_MODEL_VERSIONS') loop
      l_comment := r.comments;
    end loop;
    if l_comment like 'export-model registry, format %' and l_comment not in (
      'export-model registry, format 1',
      'export-model registry, format 2'
    ) then
      raise_application_error(-20903, 'the registry was made by a newer export-model: '
        || l_comment || '; use that version or a newer one: pip install --upgrade export-model');
    elsif l_comment not in (
      'export-model registry, format 1',
      'export-model registry, format 2'
    ) then
      raise_application_error(-20903, 'table EXPORT_MODEL_VERSIONS is not a registry'
        || ' of this format; rename it, or use the version of export-model that made it');
    end if;
  end if;
  require_ours('FRAUD',
    'select count(*) from export_model_models where synonym_name = :1 and name = :2',
    'fraud');
  require_ours('FRAUD_9CF3A7B6',
    'select count(*) from export_model_versions where package_name = :1 and version = :2',
    '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58');
end;
/

prompt registry: models
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_tables where table_name = 'EXPORT_MODEL_MODELS';
  if l_found = 0 then
    execute immediate 'create table export_model_models (
  name varchar2(128) not null primary key,
  synonym_name varchar2(128) not null,
  created_at timestamp with time zone default systimestamp not null
)';
  end if;
end;
/

prompt registry: versions
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_tables where table_name = 'EXPORT_MODEL_VERSIONS';
  if l_found = 0 then
    execute immediate 'create table export_model_versions (
  version varchar2(64) not null primary key,
  model varchar2(128) not null,
  package_name varchar2(128) not null,
  runtime_name varchar2(128) not null,
  state varchar2(8) not null check (state in (''staged'', ''verified'')),
  graph_digest varchar2(64) not null,
  source_file varchar2(1000),
  source_sha256 varchar2(64) not null,
  format_version varchar2(100),
  parameters number(19) not null,
  inputs varchar2(4000) not null,
  outputs varchar2(4000) not null,
  plan clob not null,
  numbers number(19) not null,
  parts number(10) not null,
  expected_by varchar2(1000),
  tolerance binary_double not null,
  exporter_version varchar2(100) not null,
  deployed_at timestamp with time zone default systimestamp not null,
  deployed_by varchar2(128) default user not null,
  database varchar2(30) default ''oracle'' not null,
  engine varchar2(30) default ''plsql'' not null,
  format varchar2(100) default ''keras'' not null,
  manifest clob
)';
  end if;
end;
/

prompt registry: tensors
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_tables where table_name = 'EXPORT_MODEL_TENSORS';
  if l_found = 0 then
    execute immediate 'create table export_model_tensors (
  version varchar2(64) not null,
  tensor number(10) not null,
  name varchar2(1000),
  shape varchar2(200) not null,
  first_number number(19) not null,
  numbers number(19) not null,
  sha256 varchar2(64) not null,
  primary key (version, tensor)
)';
  end if;
end;
/

prompt registry: weights
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_tables where table_name = 'EXPORT_MODEL_WEIGHTS';
  if l_found = 0 then
    execute immediate 'create table export_model_weights (
  version varchar2(64) not null,
  part number(10) not null,
  tensor number(10) not null,
  first_number number(19) not null,
  numbers number(10) not null,
  sum_1 binary_double not null,
  sum_2 binary_double not null,
  data utl_nla_array_flt not null,
  primary key (version, part)
)
varray data store as lob export_model_weights_data';
  end if;
end;
/

prompt registry: weights_double
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_tables where table_name = 'EXPORT_MODEL_WEIGHTS_DOUBLE';
  if l_found = 0 then
    execute immediate 'create table export_model_weights_double (
  version varchar2(64) not null,
  part number(10) not null,
  tensor number(10) not null,
  first_number number(19) not null,
  numbers number(10) not null,
  sum_1 binary_double not null,
  sum_2 binary_double not null,
  data utl_nla_array_dbl not null,
  primary key (version, part)
)
varray data store as lob export_model_weights_doubles';
  end if;
end;
/

prompt registry: samples
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_tables where table_name = 'EXPORT_MODEL_SAMPLES';
  if l_found = 0 then
    execute immediate 'create table export_model_samples (
  version varchar2(64) not null,
  sample number(10) not null,
  is_output number(1) not null,
  port number(10) not null,
  name varchar2(1000),
  numbers utl_nla_array_flt not null,
  primary key (version, sample, is_output, port)
)
varray numbers store as lob export_model_samples_data';
  end if;
end;
/

prompt registry: samples_double
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_tables where table_name = 'EXPORT_MODEL_SAMPLES_DOUBLE';
  if l_found = 0 then
    execute immediate 'create table export_model_samples_double (
  version varchar2(64) not null,
  sample number(10) not null,
  is_output number(1) not null,
  port number(10) not null,
  name varchar2(1000),
  numbers utl_nla_array_dbl not null,
  primary key (version, sample, is_output, port)
)
varray numbers store as lob export_model_samples_doubles';
  end if;
end;
/

prompt registry: samples_text
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_tables where table_name = 'EXPORT_MODEL_SAMPLES_TEXT';
  if l_found = 0 then
    execute immediate 'create table export_model_samples_text (
  version varchar2(64) not null,
  sample number(10) not null,
  is_output number(1) not null,
  port number(10) not null,
  name varchar2(1000),
  numbers sys.odcivarchar2list not null,
  primary key (version, sample, is_output, port)
)
varray numbers store as lob export_model_samples_texts';
  end if;
end;
/

prompt registry: bring it to this format
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
    execute immediate 'update export_model_versions set manifest = ''{"manifest":1,"version":"'' || version || ''","weight_bytes":'' || to_char(4 * numbers)
  || '',"source":{"format":"keras","format_version":"'' || replace(replace(keras_version, ''\'', ''\\''), ''"'', ''\"'')
  || ''","file_name":"'' || replace(replace(source_file, ''\'', ''\\''), ''"'', ''\"'') || ''","sha256":"'' || source_sha256
  || ''"},"graph_digest":"'' || graph_digest || ''","parameters":'' || to_char(parameters) || '',"layers":null,"expected_by":"''
  || replace(replace(expected_by, ''\'', ''\\''), ''"'', ''\"'') || ''","tolerance":'' || replace(to_char(tolerance), '','', ''.'')
  || '',"exporter":"'' || exporter_version || ''"}''';
    commit;
    execute immediate 'alter table export_model_versions rename column keras_version to format_version';
  end if;
end;
/

prompt registry: format
comment on table export_model_versions is 'export-model registry, format 2'
/

prompt remove what an earlier run left
declare
  l_found pls_integer;
begin
  for r in (select version, package_name from export_model_versions
            where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and state = 'staged') loop
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
/

prompt model
declare
  l_found pls_integer;
begin
  select count(*) into l_found from export_model_models where name = 'fraud';
  if l_found = 0 then
    insert into export_model_models (name, synonym_name)
    values ('fraud', 'FRAUD');
  end if;
end;
/

prompt version
declare
  l_found pls_integer;
  l_plan clob;
  l_manifest clob;
begin
  select count(*) into l_found from export_model_versions where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58';
  if l_found = 0 then
    l_plan := l_plan || ('{"format":1,"exporter":"0.1.0","model":"fraud","inputs":[{"name":"dense_0_input","shape":[3]}],"outputs":[{"name":"dense_1","shape":[1],"value":4}],"features":["a","b","c"],"feature_table":[],"labels"'
    || ':["0","1"],"threshold":0.5,"batch_rows":1024,"steps":[{"kernel":"dense","inputs":[0],"output":1,"parameters":{},"tensors":{"kernel":0,"bias":1}},{"kernel":"activation","inputs":[1],"output":2,"paramet'
    || 'ers":{"function":"relu","parameters":{}},"tensors":{}},{"kernel":"dense","inputs":[2],"output":3,"parameters":{},"tensors":{"kernel":2,"bias":3}},{"kernel":"activation","inputs":[3],"output":4,"parame'
    || 'ters":{"function":"sigmoid","parameters":{}},"tensors":{}}],"tensors":[["dense_0/kernel",0,[3,2]],["dense_0/bias",6,[2]],["dense_1/kernel",8,[2,1]],["dense_1/bias",10,[1]]]}');
    l_manifest := l_manifest || ('{"manifest":1,"version":"9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58","weight_bytes":44,"source":{"format":"keras","format_version":"2.2.4","file_name":"fraud.h5","sha256":"9ceb39'
    || 'abd0a2f4e7e163dd2d963495ef8c1a613da87b7749a749b8b816cc77a3"},"graph_digest":"4881fb28f52f47421e801ee7f047523dd6d190bdce7f2defdd2aea5c7027fe28","parameters":11,"layers":["dense_0","dense_0","dense_1","'
    || 'dense_1"],"expected_by":"export-model, float64","tolerance":1e-05,"exporter":"0.1.0"}');
    insert into export_model_versions (version, model, package_name, runtime_name, state,
      graph_digest, source_file, source_sha256, format_version, parameters, inputs, outputs,
      plan, numbers, parts, expected_by, tolerance, exporter_version, database, engine, format, manifest)
    values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 'fraud', 'FRAUD_9CF3A7B6',
      'NN_RUNTIME_CBD9558B', 'staged', '4881fb28f52f47421e801ee7f047523dd6d190bdce7f2defdd2aea5c7027fe28', 'fraud.h5',
      '9ceb39abd0a2f4e7e163dd2d963495ef8c1a613da87b7749a749b8b816cc77a3', '2.2.4', 11,
      'dense_0_input (3)', 'dense_1 (1)', l_plan, 11,
      4, 'export-model, float64', 1.0000000000000001e-05d,
      '0.1.0', 'oracle', 'plsql', 'keras', l_manifest);
  end if;
end;
/

prompt tensors
begin
  delete from export_model_tensors where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58';
  insert into export_model_tensors (version, tensor, name, shape, first_number, numbers, sha256)
  values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 0, 'dense_0/kernel',
    '[3, 2]', 0, 6,
    'f44bcc45578cab46064c15ac303e165006588b29510573d998bbb2fda2a8f1b8');
  insert into export_model_tensors (version, tensor, name, shape, first_number, numbers, sha256)
  values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 1, 'dense_0/bias',
    '[2]', 6, 2,
    '9ff5465c195a6484b3dd85ca4c61752b4810fb0f1731422c02a0afdebb23b1e9');
  insert into export_model_tensors (version, tensor, name, shape, first_number, numbers, sha256)
  values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 2, 'dense_1/kernel',
    '[2, 1]', 8, 2,
    'e6b7284509595ebc860032ab1d1fd6f8d5f66a2835cd36cb059082a51e6a342c');
  insert into export_model_tensors (version, tensor, name, shape, first_number, numbers, sha256)
  values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 3, 'dense_1/bias',
    '[1]', 10, 1,
    '764b265c27bb1ed62986dca4f3291f43bd44a8a30dbeaccffc2164094f7f0c62');
end;
/

prompt weights: part 1 of 4, 6 numbers
declare
  l_found pls_integer;
  l_data utl_nla_array_flt;
begin
  select count(*) into l_found from export_model_weights
    where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and part = 0;
  if l_found = 0 then
    l_data := utl_nla_array_flt(0.199523121f, 0.474361449f, 0.190777928f, -0.752378166f, 0.522707462f, 0.25771448f);
    insert into export_model_weights
      (version, part, tensor, first_number, numbers, sum_1, sum_2, data)
    values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 0, 0,
      0, 6, 0.89270627498626709d, 3.3780525922775269d,
      l_data);
  end if;
end;
/

prompt weights: part 2 of 4, 2 numbers
declare
  l_found pls_integer;
  l_data utl_nla_array_flt;
begin
  select count(*) into l_found from export_model_weights
    where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and part = 1;
  if l_found = 0 then
    l_data := utl_nla_array_flt(-0.0536953248f, 0.0581118092f);
    insert into export_model_weights
      (version, part, tensor, first_number, numbers, sum_1, sum_2, data)
    values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 1, 1,
      0, 2, 0.0044164843857288361d, -0.04927884042263031d,
      l_data);
  end if;
end;
/

prompt weights: part 3 of 4, 2 numbers
declare
  l_found pls_integer;
  l_data utl_nla_array_flt;
begin
  select count(*) into l_found from export_model_weights
    where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and part = 2;
  if l_found = 0 then
    l_data := utl_nla_array_flt(0.257791609f, 0.207983077f);
    insert into export_model_weights
      (version, part, tensor, first_number, numbers, sum_1, sum_2, data)
    values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 2, 2,
      0, 2, 0.46577468514442444d, 0.72356629371643066d,
      l_data);
  end if;
end;
/

prompt weights: part 4 of 4, 1 numbers
declare
  l_found pls_integer;
  l_data utl_nla_array_flt;
begin
  select count(*) into l_found from export_model_weights
    where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and part = 3;
  if l_found = 0 then
    l_data := utl_nla_array_flt(0.0028422242f);
    insert into export_model_weights
      (version, part, tensor, first_number, numbers, sum_1, sum_2, data)
    values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 3, 3,
      0, 1, 0.0028422242030501366d, 0.0028422242030501366d,
      l_data);
  end if;
end;
/

prompt sample 1 of 3: dense_0_input
declare
  l_found pls_integer;
  l_data utl_nla_array_flt;
begin
  select count(*) into l_found from export_model_samples
    where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and sample = 0
      and is_output = 0 and port = 0;
  if l_found = 0 then
    l_data := utl_nla_array_flt(0f, 0f, 0f);
    insert into export_model_samples (version, sample, is_output, port, name, numbers)
    values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 0, 0,
      0, 'dense_0_input', l_data);
  end if;
end;
/

prompt sample 1 of 3: dense_1
declare
  l_found pls_integer;
  l_data utl_nla_array_flt;
begin
  select count(*) into l_found from export_model_samples
    where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and sample = 0
      and is_output = 1 and port = 0;
  if l_found = 0 then
    l_data := utl_nla_array_flt(0.503732026f);
    insert into export_model_samples (version, sample, is_output, port, name, numbers)
    values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 0, 1,
      0, 'dense_1', l_data);
  end if;
end;
/

prompt sample 2 of 3: dense_0_input
declare
  l_found pls_integer;
  l_data utl_nla_array_flt;
begin
  select count(*) into l_found from export_model_samples
    where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and sample = 1
      and is_output = 0 and port = 0;
  if l_found = 0 then
    l_data := utl_nla_array_flt(0.515035808f, 0.0278111827f, 1.81528795f);
    insert into export_model_samples (version, sample, is_output, port, name, numbers)
    values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 1, 0,
      0, 'dense_0_input', l_data);
  end if;
end;
/

prompt sample 2 of 3: dense_1
declare
  l_found pls_integer;
  l_data utl_nla_array_flt;
begin
  select count(*) into l_found from export_model_samples
    where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and sample = 1
      and is_output = 1 and port = 0;
  if l_found = 0 then
    l_data := utl_nla_array_flt(0.602840662f);
    insert into export_model_samples (version, sample, is_output, port, name, numbers)
    values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 1, 1,
      0, 'dense_1', l_data);
  end if;
end;
/

prompt sample 3 of 3: dense_0_input
declare
  l_found pls_integer;
  l_data utl_nla_array_flt;
begin
  select count(*) into l_found from export_model_samples
    where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and sample = 2
      and is_output = 0 and port = 0;
  if l_found = 0 then
    l_data := utl_nla_array_flt(-2.01131034f, -0.987839937f, 1.91752529f);
    insert into export_model_samples (version, sample, is_output, port, name, numbers)
    values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 2, 0,
      0, 'dense_0_input', l_data);
  end if;
end;
/

prompt sample 3 of 3: dense_1
declare
  l_found pls_integer;
  l_data utl_nla_array_flt;
begin
  select count(*) into l_found from export_model_samples
    where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and sample = 2
      and is_output = 1 and port = 0;
  if l_found = 0 then
    l_data := utl_nla_array_flt(0.541494668f);
    insert into export_model_samples (version, sample, is_output, port, name, numbers)
    values ('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 2, 1,
      0, 'dense_1', l_data);
  end if;
end;
/

prompt runtime: package nn_runtime_cbd9558b
prompt (ORA-00955 says that it is there already, and stays as it is)
whenever sqlerror continue
create package nn_runtime_cbd9558b authid definer is
  -- One routine for each op of a network, under its name, on arrays of UTL_NLA.
  -- An array holds a batch row after row, each row in row-major order: for UTL_NLA, whose matrices
  -- are column-major, that is a matrix whose columns are the rows. No array may hold more than
  -- gc_max_numbers. Where a routine works along one axis, p_length is the length of that axis and
  -- p_inner how many numbers lie behind each of its positions; whatever lies before counts itself.
  -- p_x is read, p_y written; where there is no p_x, p_y is changed in place. p_x and p_y must be
  -- two variables. A p_shape names all axes, the rows first; axes count from 1.
  -- Products are made by UTL_NLA in BINARY_FLOAT; exp, ln and tanh, and all sums made here, in
  -- BINARY_DOUBLE: for a BINARY_FLOAT, EXP would be that of NUMBER, in decimal software.
  -- There is no state.

  gc_max_numbers constant pls_integer := 1000000;

  type t_blocks is table of utl_nla_array_flt index by pls_integer;
  type t_shape is table of pls_integer;
  type t_labels is table of varchar2(4000);
  type t_ids is table of varchar2(4000) index by pls_integer;
  type t_column is table of binary_double index by pls_integer;
  type t_flags is table of boolean index by pls_integer;
  type t_places is table of pls_integer index by pls_integer;

  -- An activation function with its options; null is the function's own default.
  type t_gate is record (
    function_name varchar2(30),
    negative_slope binary_double,
    max_value binary_double,
    threshold binary_double,
    slope binary_double,
    intercept binary_double,
    alpha binary_double,
    is_approximate boolean
  );

  -- All errors that this package and those of the models raise.
  gc_wrong_length constant pls_integer := -20101;
  ex_wrong_length exception;
  pragma exception_init(ex_wrong_length, -20101);
  gc_too_large constant pls_integer := -20102;
  ex_too_large exception;
  pragma exception_init(ex_too_large, -20102);
  gc_missing_weights constant pls_integer := -20103;
  ex_missing_weights exception;
  pragma exception_init(ex_missing_weights, -20103);
  gc_altered_weights constant pls_integer := -20104;
  ex_altered_weights exception;
  pragma exception_init(ex_altered_weights, -20104);
  gc_bad_index constant pls_integer := -20105;
  ex_bad_index exception;
  pragma exception_init(ex_bad_index, -20105);
  gc_too_short constant pls_integer := -20106;
  ex_too_short exception;
  pragma exception_init(ex_too_short, -20106);
  gc_wrong_score constant pls_integer := -20107;
  ex_wrong_score exception;
  pragma exception_init(ex_wrong_score, -20107);
  gc_missing_samples constant pls_integer := -20108;
  ex_missing_samples exception;
  pragma exception_init(ex_missing_samples, -20108);
  gc_wrong_columns constant pls_integer := -20110;
  ex_wrong_columns exception;
  pragma exception_init(ex_wrong_columns, -20110);
  gc_not_boolean constant pls_integer := -20111;
  ex_not_boolean exception;
  pragma exception_init(ex_not_boolean, -20111);
  gc_unknown_function constant pls_integer := -20109;
  ex_unknown_function exception;
  pragma exception_init(ex_unknown_function, -20109);

  gc_unknown_category constant pls_integer := -20112;
  ex_unknown_category exception;
  pragma exception_init(ex_unknown_category, -20112);

  -- Arrays in and out.

  -- p_y of p_count numbers, all p_value.
  procedure allocate(
    p_y in out nocopy utl_nla_array_flt,
    p_count in pls_integer,
    p_value in binary_float default 0f
  );

  -- Whether an array can be scored: false when it or an element is null.
  -- p_numbers is what the input takes, or a divisor of it where p_is_free.
  function is_complete(
    p_x in utl_nla_array_flt,
    p_numbers in pls_integer,
    p_is_free in boolean,
    p_input in varchar2
  ) return boolean;

  function cast_(p_x in utl_nla_array_dbl) return utl_nla_array_flt;

  -- Makes an array row p_row of a batch; false, when it or an element is null.
  function put_row(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_numbers in pls_integer,
    p_input in varchar2,
    p_y in out nocopy utl_nla_array_flt
  ) return boolean;

  -- Row p_row of a batch of p_count numbers a row.
  function get_row(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_count in pls_integer
  ) return utl_nla_array_flt;

  -- Raises ex_altered_weights unless an array has its count and, within 1e-12 of each, its two running
  -- sums.
  procedure check_part(
    p_data in utl_nla_array_flt,
    p_part in pls_integer,
    p_numbers in number,
    p_sum_1 in binary_double,
    p_sum_2 in binary_double,
    p_version in varchar2
  );

  -- Raises ex_missing_weights unless there are parts 0 to p_count - 1.
  procedure check_parts(
    p_parts in t_blocks,
    p_count in pls_integer,
    p_version in varchar2
  );

  -- The label of a row of scores: the largest, or for one score whether it is above p_threshold.
  function label_of(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_labels in t_labels,
    p_threshold in binary_double default null
  ) return varchar2;

  -- The label that a row's number tells by its place among them, from 0; null for NaN.
  function label_at(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_labels in t_labels
  ) return varchar2;

  -- Largest |score - expected| / max(1, |expected|); infinite where they cannot be compared.
  function difference(
    p_x in utl_nla_array_flt,
    p_expected in utl_nla_array_flt
  ) return binary_double;

  -- The number at a place of an array, for SQL.
  function number_of(p_x in utl_nla_array_flt, p_place in number) return binary_double;

  -- Products with weights. A kernel over gc_max_numbers comes in blocks of whole rows.

  procedure dense(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  );

  -- How many windows fit along an axis.
  function count_windows(
    p_length in pls_integer,
    p_size in pls_integer,
    p_stride in pls_integer,
    p_dilation in pls_integer,
    p_padding in varchar2
  ) return pls_integer;

  procedure conv(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_size in t_shape,
    p_strides in t_shape,
    p_dilation in t_shape,
    p_padding in varchar2,
    p_groups in pls_integer,
    p_filters in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  );

  procedure conv_transpose(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_size in t_shape,
    p_strides in t_shape,
    p_dilation in t_shape,
    p_before in t_shape,
    p_after in t_shape,
    p_filters in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  );

  -- An iteration for each weight and row: its kernel differs from position to position.
  procedure locally_connected(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_size in t_shape,
    p_strides in t_shape,
    p_filters in pls_integer,
    p_kernel in utl_nla_array_flt,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  );

  procedure embedding(
    p_x in utl_nla_array_flt,
    p_vocabulary in pls_integer,
    p_width in pls_integer,
    p_table in t_blocks,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Weights of each number: they repeat after as many positions as they have, p_inner numbers each.

  procedure affine(
    p_y in out nocopy utl_nla_array_flt,
    p_scale in utl_nla_array_flt,
    p_offset in utl_nla_array_flt,
    p_inner in pls_integer default 1
  );

  procedure standardize(
    p_y in out nocopy utl_nla_array_flt,
    p_mean in utl_nla_array_flt,
    p_deviation in utl_nla_array_flt,
    p_inner in pls_integer default 1
  );

  procedure prelu(
    p_y in out nocopy utl_nla_array_flt,
    p_alpha in utl_nla_array_flt,
    p_inner in pls_integer default 1
  );

  procedure constant_(
    p_value in utl_nla_array_flt,
    p_rows in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Functions of each number.

  function gate(
    p_function in varchar2,
    p_negative_slope in binary_double default null,
    p_max_value in binary_double default null,
    p_threshold in binary_double default null,
    p_slope in binary_double default null,
    p_intercept in binary_double default null,
    p_alpha in binary_double default null,
    p_is_approximate in boolean default false
  ) return t_gate;

  procedure activation(p_y in out nocopy utl_nla_array_flt, p_gate in t_gate);

  procedure activation(p_y in out nocopy utl_nla_array_flt, p_function in varchar2);

  procedure unary(p_y in out nocopy utl_nla_array_flt, p_function in varchar2);

  procedure clip(
    p_y in out nocopy utl_nla_array_flt,
    p_low in binary_float,
    p_high in binary_float
  );

  procedure not_equal(p_y in out nocopy utl_nla_array_flt, p_value in binary_float);

  procedure fill(p_y in out nocopy utl_nla_array_flt, p_value in binary_float);

  procedure bucketize(
    p_y in out nocopy utl_nla_array_flt,
    p_boundaries in utl_nla_array_flt
  );

  procedure lookup(
    p_y in out nocopy utl_nla_array_flt,
    p_keys in utl_nla_array_flt,
    p_values in utl_nla_array_flt,
    p_default in binary_float
  );

  procedure encode(
    p_x in utl_nla_array_flt,
    p_length in pls_integer,
    p_depth in pls_integer,
    p_mode in varchar2,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Functions along an axis.

  procedure softmax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  );

  procedure log_softmax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  );

  procedure sparsemax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  );

  procedure glu(
    p_x in utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Where along an axis the largest (max) or smallest (min) number stands first, from 0.
  procedure find_extreme(
    p_x in utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  -- The sum (sum) or product (prod) along an axis up to each number.
  procedure cumulate(
    p_y in out nocopy utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer
  );

  procedure reduce(
    p_x in utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  procedure masked_mean(
    p_x in utl_nla_array_flt,
    p_mask in utl_nla_array_flt,
    p_rows in pls_integer,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  -- p_gamma and p_beta, or neither; they lie as the weights of affine.
  procedure layer_normalization(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_epsilon in binary_double,
    p_gamma in utl_nla_array_flt default null,
    p_beta in utl_nla_array_flt default null,
    p_weight_inner in pls_integer default 1
  );

  procedure unit_normalization(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_epsilon in binary_double
  );

  -- Two values of one shape: p_y and p_x become p_y.

  procedure add_(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure multiply(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure subtract(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure divide(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure power_(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure maximum(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure minimum(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);

  procedure modulo(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);

  -- 1 where the relation p_function (equal, less, ...) holds between p_y and p_x, 0 elsewhere.
  procedure compare(
    p_y in out nocopy utl_nla_array_flt,
    p_x in utl_nla_array_flt,
    p_function in varchar2
  );

  -- The mean of p_count values whose sum is p_y.
  procedure average(p_y in out nocopy utl_nla_array_flt, p_count in pls_integer);

  -- p_y where the condition is not 0, else p_x.
  procedure where_(
    p_y in out nocopy utl_nla_array_flt,
    p_condition in utl_nla_array_flt,
    p_x in utl_nla_array_flt
  );

  -- p_count matrices (p_m, p_k) times as many (p_k, p_n).
  procedure matmul(
    p_a in utl_nla_array_flt,
    p_b in utl_nla_array_flt,
    p_count in pls_integer,
    p_m in pls_integer,
    p_k in pls_integer,
    p_n in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Numbers that move.

  -- Put p_x, p_width numbers at a time, behind p_offset numbers of each p_total of p_y.
  procedure concatenate(
    p_x in utl_nla_array_flt,
    p_width in pls_integer,
    p_total in pls_integer,
    p_offset in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  procedure transpose(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_axes in t_shape,
    p_y in out nocopy utl_nla_array_flt
  );

  -- p_new_shape is p_shape with other lengths where that is 1.
  procedure broadcast(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_new_shape in t_shape,
    p_y in out nocopy utl_nla_array_flt
  );

  procedure pad(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_before in t_shape,
    p_after in t_shape,
    p_value in binary_float,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Of each axis p_new_shape positions, from p_start (counted from 0) in steps of p_step.
  procedure cut(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_start in t_shape,
    p_step in t_shape,
    p_new_shape in t_shape,
    p_y in out nocopy utl_nla_array_flt
  );

  procedure repeat_(
    p_x in utl_nla_array_flt,
    p_times in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Windows without weights.

  procedure pool(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_mode in varchar2,
    p_size in t_shape,
    p_strides in t_shape,
    p_padding in varchar2,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Sequences. p_x holds p_steps steps of p_inputs numbers a row. p_result is sequence, last,
  -- hidden or cell. Where p_mask, a number for each row and step, is 0, the states stay and the
  -- output repeats the one before, or is 0 where p_zeroes_masked. p_hidden and p_cell are states.

  procedure simple_rnn(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_recurrent_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_activation in t_gate,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null
  );

  -- The columns of kernels and bias are those of the gates i and f, the new value, the gate o.
  procedure lstm(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_recurrent_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_activation in t_gate,
    p_recurrent_activation in t_gate,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null,
    p_cell in utl_nla_array_flt default null
  );

  -- An LSTM whose states are images of p_lengths places with p_filters numbers each. The steps of
  -- p_x are those of an LSTM times its kernel, for every place.
  procedure conv_lstm(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_lengths in t_shape,
    p_size in t_shape,
    p_filters in pls_integer,
    p_recurrent_kernel in t_blocks,
    p_activation in t_gate,
    p_recurrent_activation in t_gate,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null,
    p_cell in utl_nla_array_flt default null
  );

  -- The columns are those of the gates z and s, then of the new value, which has a recurrent
  -- kernel and, where p_reset_after, a recurrent bias of its own.
  procedure gru(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_recurrent_kernel in t_blocks,
    p_new_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_new_bias in utl_nla_array_flt,
    p_activation in t_gate,
    p_recurrent_activation in t_gate,
    p_reset_after in boolean,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null
  );

  -- p_inputs numbers of each query and key, p_outputs of each value, in p_heads equal parts. p_mask
  -- holds a number for each row, query and key.
  procedure attention(
    p_query in utl_nla_array_flt,
    p_key in utl_nla_array_flt,
    p_value in utl_nla_array_flt,
    p_rows in pls_integer,
    p_queries in pls_integer,
    p_keys in pls_integer,
    p_heads in pls_integer,
    p_inputs in pls_integer,
    p_outputs in pls_integer,
    p_scale in binary_double,
    p_is_causal in boolean,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false
  );

  procedure additive_attention(
    p_query in utl_nla_array_flt,
    p_key in utl_nla_array_flt,
    p_value in utl_nla_array_flt,
    p_rows in pls_integer,
    p_queries in pls_integer,
    p_keys in pls_integer,
    p_inputs in pls_integer,
    p_outputs in pls_integer,
    p_scale in utl_nla_array_flt,
    p_is_causal in boolean,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null
  );
end nn_runtime_cbd9558b;
/
show errors
whenever sqlerror exit failure rollback

prompt runtime: package body nn_runtime_cbd9558b
prompt (ORA-00955 says that it is there already, and stays as it is)
whenever sqlerror continue
create package body nn_runtime_cbd9558b is

  -- Windows over one, two or three axes, told as three: the missing ones have length 1.
  type t_windows is record (
    lengths t_shape,
    extents t_shape,
    strides t_shape,
    dilation t_shape,
    before t_shape,
    counts t_shape,
    taps pls_integer,
    places pls_integer
  );

  -- Arrays in and out.

  procedure allocate(
    p_y in out nocopy utl_nla_array_flt,
    p_count in pls_integer,
    p_value in binary_float default 0f
  ) is
  begin
    if p_count > gc_max_numbers then
      raise_application_error(
        gc_too_large,
        'an array of ' || p_count || ' numbers is needed, UTL_NLA takes '
        || gc_max_numbers || '; score shorter sequences'
      );
    end if;
    p_y := utl_nla_array_flt(p_value);
    if p_count > 1 then
      p_y.extend(p_count - 1, 1);
    end if;
  end allocate;

  procedure check_length(
    p_x in utl_nla_array_flt,
    p_numbers in pls_integer,
    p_is_free in boolean,
    p_input in varchar2
  ) is
    l_fits boolean;
  begin
    if p_is_free then
      l_fits := p_x.count > 0 and mod(p_x.count, p_numbers) = 0;
    else
      l_fits := p_x.count = p_numbers;
    end if;
    if not l_fits then
      raise_application_error(
        gc_wrong_length,
        'input "' || p_input || '" takes '
        || case when p_is_free then 'a multiple of ' end
        || p_numbers || ' numbers, got ' || p_x.count
      );
    end if;
  end check_length;

  function is_complete(
    p_x in utl_nla_array_flt,
    p_numbers in pls_integer,
    p_is_free in boolean,
    p_input in varchar2
  ) return boolean is
  begin
    if p_x is null then
      return false;
    end if;
    check_length(p_x, p_numbers, p_is_free, p_input);
    for i in 1 .. p_x.count loop
      if p_x(i) is null then
        return false;
      end if;
    end loop;
    return true;
  end is_complete;

  function cast_(p_x in utl_nla_array_dbl) return utl_nla_array_flt is
    l_y utl_nla_array_flt;
  begin
    if p_x is null then
      return null;
    end if;
    l_y := utl_nla_array_flt();
    l_y.extend(p_x.count);
    for i in 1 .. p_x.count loop
      l_y(i) := to_binary_float(p_x(i));
    end loop;
    return l_y;
  end cast_;

  function put_row(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_numbers in pls_integer,
    p_input in varchar2,
    p_y in out nocopy utl_nla_array_flt
  ) return boolean is
    l_start pls_integer := (p_row - 1) * p_numbers;
  begin
    if p_x is null then
      return false;
    end if;
    check_length(p_x, p_numbers, false, p_input);
    for i in 1 .. p_numbers loop
      if p_x(i) is null then
        return false;
      end if;
      p_y(l_start + i) := p_x(i);
    end loop;
    return true;
  end put_row;

  -- Numbers of p_y from p_row on, counted in arrays like p_x, become p_x.
  procedure place_row(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_start pls_integer := (p_row - 1) * p_x.count;
  begin
    for i in 1 .. p_x.count loop
      p_y(l_start + i) := p_x(i);
    end loop;
  end place_row;

  function get_row(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_count in pls_integer
  ) return utl_nla_array_flt is
    l_start pls_integer := (p_row - 1) * p_count;
    l_y utl_nla_array_flt;
  begin
    allocate(l_y, p_count);
    for i in 1 .. p_count loop
      l_y(i) := p_x(l_start + i);
    end loop;
    return l_y;
  end get_row;

  function is_near(p_x in binary_double, p_expected in binary_double) return boolean is
  begin
    return p_x = p_expected or abs(p_x - p_expected) <= 1e-12d * abs(p_expected);
  end is_near;

  procedure check_part(
    p_data in utl_nla_array_flt,
    p_part in pls_integer,
    p_numbers in number,
    p_sum_1 in binary_double,
    p_sum_2 in binary_double,
    p_version in varchar2
  ) is
    l_sum_1 binary_double := 0d;
    l_sum_2 binary_double := 0d;
    l_number binary_double;
  begin
    if p_data is null or p_data.count <> p_numbers then
      raise_application_error(
        gc_altered_weights,
        'part ' || p_part || ' of the weights of version ' || p_version
        || ' does not hold ' || p_numbers || ' numbers; deploy the model again'
      );
    end if;
    for i in 1 .. p_data.count loop
      l_number := to_binary_double(p_data(i));
      if l_number is nan or l_number is infinite then -- of which no sum would be a number
        l_number := case when l_number is nan then 1d when l_number > 0d then 2d else 3d end;
      end if;
      l_sum_1 := l_sum_1 + l_number;
      l_sum_2 := l_sum_2 + l_sum_1;
    end loop;
    -- The sums in the table were read from text: the last bits of a literal are not relied on.
    if is_near(l_sum_1, p_sum_1) and is_near(l_sum_2, p_sum_2) then
      return;
    end if;
    raise_application_error(
      gc_altered_weights,
      'part ' || p_part || ' of the weights of version ' || p_version
      || ' was altered; deploy the model again'
    );
  end check_part;

  procedure check_parts(
    p_parts in t_blocks,
    p_count in pls_integer,
    p_version in varchar2
  ) is
  begin
    for i in 0 .. p_count - 1 loop
      if not p_parts.exists(i) then
        raise_application_error(
          gc_missing_weights,
          'part ' || i || ' of the ' || p_count || ' parts of the weights of version ' || p_version
          || ' is missing in export_model_weights; deploy the model again'
        );
      end if;
    end loop;
  end check_parts;

  function label_of(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_labels in t_labels,
    p_threshold in binary_double default null
  ) return varchar2 is
    l_width pls_integer := case when p_threshold is null then p_labels.count else 1 end;
    l_start pls_integer := (p_row - 1) * l_width;
    l_best pls_integer := 1;
  begin
    for i in 1 .. l_width loop
      if p_x(l_start + i) is nan then
        return null;
      end if;
      if p_x(l_start + i) > p_x(l_start + l_best) then
        l_best := i;
      end if;
    end loop;
    if p_threshold is null then
      return p_labels(l_best);
    end if;
    return p_labels(case when to_binary_double(p_x(p_row)) > p_threshold then 2 else 1 end);
  end label_of;

  function label_at(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_labels in t_labels
  ) return varchar2 is
  begin
    if p_x(p_row) is nan then
      return null;
    end if;
    return p_labels(p_x(p_row) + 1f);
  end label_at;

  function difference(
    p_x in utl_nla_array_flt,
    p_expected in utl_nla_array_flt
  ) return binary_double is
    l_x binary_double;
    l_expected binary_double;
    l_difference binary_double;
    l_worst binary_double := 0d;
  begin
    if p_x is null or p_x.count <> p_expected.count then
      return binary_double_infinity;
    end if;
    for i in 1 .. p_x.count loop
      l_x := to_binary_double(p_x(i));
      l_expected := to_binary_double(p_expected(i));
      if l_x is null then
        return binary_double_infinity;
      end if;
      if l_x is nan or l_expected is nan or l_x is infinite or l_expected is infinite then
        l_difference := case when l_x = l_expected then 0d else binary_double_infinity end;
      else
        l_difference := abs(l_x - l_expected) / greatest(1d, abs(l_expected));
      end if;
      l_worst := greatest(l_worst, l_difference);
    end loop;
    return l_worst;
  end difference;

  function number_of(p_x in utl_nla_array_flt, p_place in number) return binary_double is
  begin
    return to_binary_double(p_x(p_place));
  end number_of;

  -- Products with weights.

  -- p_y of p_rows rows, each the bias.
  procedure put_bias(
    p_bias in utl_nla_array_flt,
    p_rows in pls_integer,
    p_units in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_ones utl_nla_array_flt;
  begin
    if p_bias is null then
      allocate(p_y, p_rows * p_units);
    elsif p_rows = 1 then
      p_y := p_bias;
    else
      allocate(p_y, p_rows * p_units);
      allocate(l_ones, p_rows, 1f);
      -- The outer product of bias and ones, as a product of matrices: of blas_ger the manual and
      -- the package that Oracle ships have different declarations.
      utl_nla.blas_gemm(
        'N', 'N', p_units, p_rows, 1, 1f, p_bias, p_units, l_ones, 1, 0f, p_y, p_units
      );
    end if;
  end put_bias;

  -- p_y = p_y + x @ kernel.
  procedure add_product(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_x utl_nla_array_flt;
    l_width pls_integer;
    l_start pls_integer := 0;
  begin
    if p_kernel.count = 1 then
      utl_nla.blas_gemm(
        'N', 'N', p_units, p_rows, p_inputs, 1f, p_kernel(1), p_units, p_x, p_inputs,
        1f, p_y, p_units
      );
      return;
    end if;
    for i_block in 1 .. p_kernel.count loop
      l_width := p_kernel(i_block).count / p_units;
      allocate(l_x, p_rows * l_width);
      for i_row in 0 .. p_rows - 1 loop
        for i in 1 .. l_width loop
          l_x(i_row * l_width + i) := p_x(i_row * p_inputs + l_start + i);
        end loop;
      end loop;
      utl_nla.blas_gemm(
        'N', 'N', p_units, p_rows, l_width, 1f, p_kernel(i_block), p_units, l_x, l_width,
        1f, p_y, p_units
      );
      l_start := l_start + l_width;
    end loop;
  end add_product;

  procedure dense(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
  begin
    put_bias(p_bias, p_rows, p_units, p_y);
    add_product(p_x, p_rows, p_inputs, p_units, p_kernel, p_y);
  end dense;

  function count_windows(
    p_length in pls_integer,
    p_size in pls_integer,
    p_stride in pls_integer,
    p_dilation in pls_integer,
    p_padding in varchar2
  ) return pls_integer is
    l_span pls_integer := (p_size - 1) * p_dilation + 1;
  begin
    if p_padding <> 'valid' then
      return floor((p_length - 1) / p_stride) + 1;
    end if;
    if p_length < l_span then
      raise_application_error(
        gc_too_short,
        'a sequence of ' || p_length || ' is too short, the model needs ' || l_span
      );
    end if;
    return floor((p_length - l_span) / p_stride) + 1;
  end count_windows;

  -- Three lengths: ones, then p_shape.
  function to_three(p_shape in t_shape) return t_shape is
    l_three t_shape := t_shape(1, 1, 1);
  begin
    for i in 1 .. p_shape.count loop
      l_three(3 - p_shape.count + i) := p_shape(i);
    end loop;
    return l_three;
  end to_three;

  function place_windows(
    p_lengths in t_shape,
    p_size in t_shape,
    p_strides in t_shape,
    p_dilation in t_shape,
    p_padding in varchar2
  ) return t_windows is
    l_windows t_windows;
    l_span pls_integer;
    l_padding pls_integer;
  begin
    l_windows.lengths := to_three(p_lengths);
    l_windows.extents := to_three(p_size);
    l_windows.strides := to_three(p_strides);
    l_windows.dilation := to_three(p_dilation);
    l_windows.before := t_shape(0, 0, 0);
    l_windows.counts := t_shape(1, 1, 1);
    l_windows.taps := 1;
    l_windows.places := 1;
    for i in 1 .. 3 loop
      l_windows.counts(i) := count_windows(
        l_windows.lengths(i), l_windows.extents(i), l_windows.strides(i), l_windows.dilation(i),
        p_padding
      );
      l_span := (l_windows.extents(i) - 1) * l_windows.dilation(i) + 1;
      if p_padding = 'causal' then
        l_windows.before(i) := l_span - 1;
      elsif p_padding = 'same' then
        l_padding := (l_windows.counts(i) - 1) * l_windows.strides(i) + l_span
          - l_windows.lengths(i);
        l_windows.before(i) := floor(greatest(0, l_padding) / 2);
      end if;
      l_windows.taps := l_windows.taps * l_windows.extents(i);
      l_windows.places := l_windows.places * l_windows.counts(i);
    end loop;
    return l_windows;
  end place_windows;

  -- Window p_window, counted from 0: its row, then its place along each axis.
  function find_window(p_windows in t_windows, p_window in pls_integer) return t_shape is
    l_at t_shape := t_shape(0, 0, 0, 0);
    l_rest pls_integer := p_window;
  begin
    for i in reverse 1 .. 3 loop
      l_at(i + 1) := mod(l_rest, p_windows.counts(i));
      l_rest := floor(l_rest / p_windows.counts(i));
    end loop;
    l_at(1) := l_rest;
    return l_at;
  end find_window;

  -- The window after p_at.
  procedure advance(p_windows in t_windows, p_at in out nocopy t_shape) is
  begin
    for i in reverse 2 .. 4 loop
      p_at(i) := p_at(i) + 1;
      if p_at(i) < p_windows.counts(i - 1) then
        return;
      end if;
      p_at(i) := 0;
    end loop;
    p_at(1) := p_at(1) + 1;
  end advance;

  -- Where each tap of a window lies among the positions of all rows, counted from 0; null where
  -- that is outside. Integer division is that of NUMBER, in decimal software: there is none here.
  procedure find_taps(
    p_windows in t_windows,
    p_at in t_shape,
    p_places in out nocopy t_shape
  ) is
    l_tap pls_integer := 0;
    l_at_1 pls_integer := p_at(2) * p_windows.strides(1) - p_windows.before(1);
    l_at_2 pls_integer;
    l_at_3 pls_integer;
    l_line pls_integer;
  begin
    for i_1 in 1 .. p_windows.extents(1) loop
      l_at_2 := p_at(3) * p_windows.strides(2) - p_windows.before(2);
      for i_2 in 1 .. p_windows.extents(2) loop
        l_at_3 := p_at(4) * p_windows.strides(3) - p_windows.before(3);
        l_line := null;
        if l_at_1 between 0 and p_windows.lengths(1) - 1
          and l_at_2 between 0 and p_windows.lengths(2) - 1 then
          l_line := ((p_at(1) * p_windows.lengths(1) + l_at_1) * p_windows.lengths(2) + l_at_2)
            * p_windows.lengths(3);
        end if;
        for i_3 in 1 .. p_windows.extents(3) loop
          l_tap := l_tap + 1;
          p_places(l_tap) := case
            when l_at_3 between 0 and p_windows.lengths(3) - 1 then l_line + l_at_3
          end;
          l_at_3 := l_at_3 + p_windows.dilation(3);
        end loop;
        l_at_2 := l_at_2 + p_windows.dilation(2);
      end loop;
      l_at_1 := l_at_1 + p_windows.dilation(1);
    end loop;
  end find_taps;

  function places_for(p_windows in t_windows) return t_shape is
    l_places t_shape := t_shape();
  begin
    l_places.extend(p_windows.taps);
    return l_places;
  end places_for;

  -- Windows p_first and the p_count - 1 after it, side by side: a row of taps and channels each.
  procedure put_patches(
    p_x in utl_nla_array_flt,
    p_windows in t_windows,
    p_channels in pls_integer,
    p_first in pls_integer,
    p_count in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_at t_shape := find_window(p_windows, p_first);
    l_places t_shape := places_for(p_windows);
    l_to pls_integer := 0;
    l_from pls_integer;
  begin
    allocate(p_y, p_count * p_windows.taps * p_channels);
    for i_window in 1 .. p_count loop
      find_taps(p_windows, l_at, l_places);
      for i_tap in 1 .. p_windows.taps loop
        if l_places(i_tap) is not null then
          l_from := l_places(i_tap) * p_channels;
          for i in 1 .. p_channels loop
            p_y(l_to + i) := p_x(l_from + i);
          end loop;
        end if;
        l_to := l_to + p_channels;
      end loop;
      advance(p_windows, l_at);
    end loop;
  end put_patches;

  -- Convolution whose inputs' channels fall into groups: no product of matrices fits, but there are
  -- only as many products as filters times taps times the channels of a group.
  procedure add_grouped(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_windows in t_windows,
    p_channels in pls_integer,
    p_groups in pls_integer,
    p_filters in pls_integer,
    p_kernel in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_depth pls_integer := p_channels / p_groups;
    l_width pls_integer := p_filters / p_groups;
    l_at t_shape := t_shape(0, 0, 0, 0);
    l_places t_shape := places_for(p_windows);
    l_to pls_integer := 0;
    l_from pls_integer;
    l_weight pls_integer;
    l_x binary_double;
    l_sum binary_double;
  begin
    for i_window in 1 .. p_rows * p_windows.places loop
      find_taps(p_windows, l_at, l_places);
      for i_filter in 1 .. p_filters loop
        l_to := l_to + 1;
        l_sum := to_binary_double(p_y(l_to));
        l_from := floor((i_filter - 1) / l_width) * l_depth;
        for i_tap in 1 .. p_windows.taps loop
          if l_places(i_tap) is not null then
            l_weight := (i_tap - 1) * l_depth * p_filters + i_filter;
            for i in 1 .. l_depth loop
              l_x := to_binary_double(p_x(l_places(i_tap) * p_channels + l_from + i));
              l_sum := l_sum + l_x * to_binary_double(p_kernel(l_weight));
              l_weight := l_weight + p_filters;
            end loop;
          end if;
        end loop;
        p_y(l_to) := to_binary_float(l_sum);
      end loop;
      advance(p_windows, l_at);
    end loop;
  end add_grouped;

  procedure conv(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_size in t_shape,
    p_strides in t_shape,
    p_dilation in t_shape,
    p_padding in varchar2,
    p_groups in pls_integer,
    p_filters in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_windows t_windows := place_windows(p_lengths, p_size, p_strides, p_dilation, p_padding);
    l_all pls_integer := p_rows * l_windows.places;
    l_inputs pls_integer := l_windows.taps * p_channels;
    l_most pls_integer := floor(gc_max_numbers / l_inputs);
    l_first pls_integer := 0;
    l_count pls_integer;
    l_patches utl_nla_array_flt;
    l_part utl_nla_array_flt;
  begin
    if p_groups > 1 then
      put_bias(p_bias, l_all, p_filters, p_y);
      add_grouped(
        p_x, p_rows, l_windows, p_channels, p_groups, p_filters, p_kernel(1), p_y
      );
    elsif l_inputs = p_channels and l_windows.places * p_rows * p_channels = p_x.count then
      -- One tap, every position: the windows are the input.
      dense(p_x, l_all, p_channels, p_filters, p_kernel, p_bias, p_y);
    elsif l_all <= l_most then
      put_patches(p_x, l_windows, p_channels, 0, l_all, l_patches);
      dense(l_patches, l_all, l_inputs, p_filters, p_kernel, p_bias, p_y);
    else
      allocate(p_y, l_all * p_filters);
      while l_first < l_all loop
        l_count := least(l_most, l_all - l_first);
        put_patches(p_x, l_windows, p_channels, l_first, l_count, l_patches);
        dense(l_patches, l_count, l_inputs, p_filters, p_kernel, p_bias, l_part);
        for i in 1 .. l_part.count loop
          p_y(l_first * p_filters + i) := l_part(i);
        end loop;
        l_first := l_first + l_count;
      end loop;
    end if;
  end conv;

  procedure conv_transpose(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_size in t_shape,
    p_strides in t_shape,
    p_dilation in t_shape,
    p_before in t_shape,
    p_after in t_shape,
    p_filters in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_windows t_windows;
    l_lengths t_shape := t_shape();
    l_places pls_integer := p_rows;
    l_positions pls_integer := p_rows;
    l_width pls_integer;
    l_step pls_integer;
    l_count pls_integer;
    l_first pls_integer := 0;
    l_x utl_nla_array_flt;
    l_products utl_nla_array_flt;
    l_at t_shape := t_shape(0, 0, 0, 0);
    l_places_of_taps t_shape;
    l_to pls_integer;
    l_from pls_integer;
  begin
    l_lengths.extend(p_lengths.count);
    for i in 1 .. p_lengths.count loop
      l_lengths(i) := (p_lengths(i) - 1) * p_strides(i) + (p_size(i) - 1) * p_dilation(i) + 1
        - p_before(i) - p_after(i);
      l_places := l_places * l_lengths(i);
      l_positions := l_positions * p_lengths(i);
    end loop;
    put_bias(p_bias, l_places, p_filters, p_y);
    -- What a convolution would read from is what is added to here.
    l_windows.lengths := to_three(l_lengths);
    l_windows.extents := to_three(p_size);
    l_windows.strides := to_three(p_strides);
    l_windows.dilation := to_three(p_dilation);
    l_windows.counts := to_three(p_lengths);
    l_windows.before := to_three(p_before);
    for i in 1 .. 3 - p_lengths.count loop
      l_windows.before(i) := 0;
    end loop;
    l_windows.taps := l_windows.extents(1) * l_windows.extents(2) * l_windows.extents(3);
    l_places_of_taps := places_for(l_windows);
    l_width := l_windows.taps * p_filters;
    l_step := floor(gc_max_numbers / greatest(l_width, p_channels));
    while l_first < l_positions loop
      l_count := least(l_step, l_positions - l_first);
      allocate(l_x, l_count * p_channels);
      for i in 1 .. l_x.count loop
        l_x(i) := p_x(l_first * p_channels + i);
      end loop;
      allocate(l_products, l_count * l_width);
      utl_nla.blas_gemm(
        'T', 'N', l_width, l_count, p_channels, 1f, p_kernel(1), p_channels, l_x, p_channels,
        0f, l_products, l_width
      );
      l_from := 0;
      for i_place in 1 .. l_count loop
        find_taps(l_windows, l_at, l_places_of_taps);
        for i_tap in 1 .. l_windows.taps loop
          if l_places_of_taps(i_tap) is not null then
            l_to := l_places_of_taps(i_tap) * p_filters;
            for i in 1 .. p_filters loop
              p_y(l_to + i) := p_y(l_to + i) + l_products(l_from + i);
            end loop;
          end if;
          l_from := l_from + p_filters;
        end loop;
        advance(l_windows, l_at);
      end loop;
      l_first := l_first + l_count;
    end loop;
  end conv_transpose;

  procedure locally_connected(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_size in t_shape,
    p_strides in t_shape,
    p_filters in pls_integer,
    p_kernel in utl_nla_array_flt,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_windows t_windows := place_windows(p_lengths, p_size, p_strides, t_shape(1, 1, 1), 'valid');
    l_at t_shape := t_shape(0, 0, 0, 0);
    l_places t_shape := places_for(l_windows);
    l_in_place pls_integer := l_windows.taps * p_channels * p_filters;
    l_to pls_integer := 0;
    l_weight pls_integer;
    l_sum binary_double;
  begin
    put_bias(p_bias, p_rows, l_windows.places * p_filters, p_y);
    for i_row in 1 .. p_rows loop
      for i_place in 0 .. l_windows.places - 1 loop
        find_taps(l_windows, l_at, l_places);
        for i_filter in 1 .. p_filters loop
          l_to := l_to + 1;
          l_weight := i_place * l_in_place + i_filter;
          l_sum := to_binary_double(p_y(l_to));
          for i_tap in 1 .. l_windows.taps loop
            for i in 1 .. p_channels loop
              l_sum := l_sum + to_binary_double(p_kernel(l_weight))
                * to_binary_double(p_x(l_places(i_tap) * p_channels + i));
              l_weight := l_weight + p_filters;
            end loop;
          end loop;
          p_y(l_to) := to_binary_float(l_sum);
        end loop;
        advance(l_windows, l_at);
      end loop;
    end loop;
  end locally_connected;

  -- Raises ex_bad_index unless p_x is a whole number from 0 to p_count - 1.
  function to_index(p_x in binary_float, p_count in pls_integer) return pls_integer is
  begin
    if p_x is not nan and p_x >= 0f and p_x < to_binary_float(p_count) and p_x = floor(p_x) then
      return p_x;
    end if;
    raise_application_error(
      gc_bad_index,
      to_char(p_x) || ' is not an index: give whole numbers from 0 to ' || (p_count - 1)
    );
  end to_index;

  procedure embedding(
    p_x in utl_nla_array_flt,
    p_vocabulary in pls_integer,
    p_width in pls_integer,
    p_table in t_blocks,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_in_block pls_integer := p_table(1).count / p_width;
    l_index pls_integer;
    l_block pls_integer;
    l_from pls_integer;
    l_to pls_integer := 0;
  begin
    allocate(p_y, p_x.count * p_width);
    for i_number in 1 .. p_x.count loop
      l_index := to_index(p_x(i_number), p_vocabulary);
      l_block := floor(l_index / l_in_block) + 1;
      l_from := mod(l_index, l_in_block) * p_width;
      for i in 1 .. p_width loop
        p_y(l_to + i) := p_table(l_block)(l_from + i);
      end loop;
      l_to := l_to + p_width;
    end loop;
  end embedding;

  -- Weights of each number.

  procedure affine(
    p_y in out nocopy utl_nla_array_flt,
    p_scale in utl_nla_array_flt,
    p_offset in utl_nla_array_flt,
    p_inner in pls_integer default 1
  ) is
    l_at pls_integer := 0;
  begin
    while l_at < p_y.count loop
      for i_weight in 1 .. p_scale.count loop
        for i in l_at + 1 .. l_at + p_inner loop
          p_y(i) := p_y(i) * p_scale(i_weight) + p_offset(i_weight);
        end loop;
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end affine;

  procedure standardize(
    p_y in out nocopy utl_nla_array_flt,
    p_mean in utl_nla_array_flt,
    p_deviation in utl_nla_array_flt,
    p_inner in pls_integer default 1
  ) is
    l_at pls_integer := 0;
  begin
    while l_at < p_y.count loop
      for i_weight in 1 .. p_mean.count loop
        for i in l_at + 1 .. l_at + p_inner loop
          p_y(i) := (p_y(i) - p_mean(i_weight)) / p_deviation(i_weight);
        end loop;
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end standardize;

  procedure prelu(
    p_y in out nocopy utl_nla_array_flt,
    p_alpha in utl_nla_array_flt,
    p_inner in pls_integer default 1
  ) is
    l_at pls_integer := 0;
  begin
    while l_at < p_y.count loop
      for i_weight in 1 .. p_alpha.count loop
        for i in l_at + 1 .. l_at + p_inner loop
          if p_y(i) < 0f then
            p_y(i) := p_y(i) * p_alpha(i_weight);
          end if;
        end loop;
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end prelu;

  procedure constant_(
    p_value in utl_nla_array_flt,
    p_rows in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
  begin
    put_bias(p_value, p_rows, p_value.count, p_y);
  end constant_;

  -- Functions of each number. NaN equals itself and is greater than every number.

  function gate(
    p_function in varchar2,
    p_negative_slope in binary_double default null,
    p_max_value in binary_double default null,
    p_threshold in binary_double default null,
    p_slope in binary_double default null,
    p_intercept in binary_double default null,
    p_alpha in binary_double default null,
    p_is_approximate in boolean default false
  ) return t_gate is
    l_gate t_gate;
  begin
    l_gate.function_name := p_function;
    l_gate.negative_slope := p_negative_slope;
    l_gate.max_value := p_max_value;
    l_gate.threshold := p_threshold;
    l_gate.slope := p_slope;
    l_gate.intercept := p_intercept;
    l_gate.alpha := p_alpha;
    l_gate.is_approximate := p_is_approximate;
    return l_gate;
  end gate;

  -- 1 / (1 + exp(-x)); exp never gets a positive number and cannot overflow.
  function sigmoid(p_x in binary_double) return binary_double is
    l_e binary_double := exp(-abs(p_x));
  begin
    return case when p_x >= 0d then 1d / (1d + l_e) else l_e / (1d + l_e) end;
  end sigmoid;

  -- log(1 + exp(x)).
  function softplus(p_x in binary_double) return binary_double is
  begin
    return greatest(p_x, 0d) + ln(1d + exp(-abs(p_x)));
  end softplus;

  -- exp(x) - 1 for x <= 0: near 0 by its series, where the subtraction would cancel.
  function expm1(p_x in binary_double) return binary_double is
  begin
    if abs(p_x) < 1e-5d then
      return p_x + p_x * p_x / 2d;
    end if;
    return exp(p_x) - 1d;
  end expm1;

  -- Rational approximation within 3e-7; beyond 3.74 it is 1 exactly.
  function erf(p_x in binary_double) return binary_double is
    l_z binary_double := p_x * p_x;
    l_p binary_double;
    l_q binary_double;
  begin
    if abs(p_x) >= 3.7439211627767994d then
      return case when p_x is nan then p_x when p_x > 0d then 1d else -1d end;
    end if;
    l_p := l_z * 0.00022905065861350646d + 0.0034082910107109506d;
    l_p := (l_p * l_z + 0.050955695062380861d) * l_z + 0.18520832239976145d;
    l_p := l_p * l_z + 1.128379143519084d;
    l_q := l_z * -1.1791602954361697e-7d + 0.000023547966471313185d;
    l_q := (l_q * l_z + 0.0010179625278914885d) * l_z + 0.014070470171167667d;
    l_q := (l_q * l_z + 0.11098505178285362d) * l_z + 0.49746925110067538d;
    l_q := l_q * l_z + 1d;
    return p_x * l_p / l_q;
  end erf;

  function gelu(p_x in binary_double, p_is_approximate in boolean) return binary_double is
  begin
    if p_is_approximate then
      return 0.5d * p_x * (1d + tanh(0.7978845608028654d * (p_x + 0.044715d * p_x * p_x * p_x)));
    end if;
    return 0.5d * p_x * (1d + erf(p_x * 0.7071067811865476d));
  end gelu;

  -- NaN stays what it is.
  procedure clip(
    p_y in out nocopy utl_nla_array_flt,
    p_low in binary_float,
    p_high in binary_float
  ) is
  begin
    for i in 1 .. p_y.count loop
      if p_y(i) < p_low then
        p_y(i) := p_low;
      elsif p_y(i) > p_high and p_y(i) is not nan then
        p_y(i) := p_high;
      end if;
    end loop;
  end clip;

  procedure relu(p_y in out nocopy utl_nla_array_flt, p_gate in t_gate) is
    l_threshold binary_float := nvl(to_binary_float(p_gate.threshold), 0f);
    l_slope binary_float := nvl(to_binary_float(p_gate.negative_slope), 0f);
    l_top binary_float := to_binary_float(p_gate.max_value);
  begin
    for i in 1 .. p_y.count loop
      if p_y(i) <= l_threshold then
        p_y(i) := case when l_slope = 0f then 0f else l_slope * (p_y(i) - l_threshold) end;
      elsif p_y(i) > l_top and p_y(i) is not nan then
        p_y(i) := l_top;
      elsif p_y(i) < 0f and l_top is not null then
        p_y(i) := 0f;
      end if;
    end loop;
  end relu;

  procedure hard_sigmoid(p_y in out nocopy utl_nla_array_flt, p_gate in t_gate) is
    l_slope binary_float := nvl(to_binary_float(p_gate.slope), 1f / 6f);
    l_intercept binary_float := nvl(to_binary_float(p_gate.intercept), 0.5f);
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) * l_slope + l_intercept;
    end loop;
    clip(p_y, 0f, 1f);
  end hard_sigmoid;

  -- Activations whose values need exp, ln or tanh.
  function smooth(
    p_function in varchar2,
    p_x in binary_double,
    p_alpha in binary_double,
    p_is_approximate in boolean
  ) return binary_double is
  begin
    case p_function
      when 'log_sigmoid' then
        return -softplus(-p_x);
      when 'exponential' then
        return exp(p_x);
      when 'elu' then
        return case when p_x > 0d then p_x else nvl(p_alpha, 1d) * expm1(p_x) end;
      when 'celu' then
        return case
          when p_x > 0d then p_x
          else nvl(p_alpha, 1d) * expm1(p_x / nvl(p_alpha, 1d))
        end;
      when 'selu' then
        return 1.0507009873554805d
          * case when p_x > 0d then p_x else 1.6732632423543772d * expm1(p_x) end;
      when 'silu' then
        return p_x * sigmoid(p_x);
      when 'mish' then
        return p_x * tanh(softplus(p_x));
      when 'gelu' then
        return gelu(p_x, p_is_approximate);
      when 'squareplus' then
        return (p_x + sqrt(p_x * p_x + nvl(p_alpha, 4d))) / 2d;
      when 'tanh_shrink' then
        return p_x - tanh(p_x);
      else
        raise_application_error(
          gc_unknown_function, 'there is no activation "' || p_function || '"'
        );
    end case;
  end smooth;

  -- Activations that are pieces of lines and parabolas.
  procedure bend(
    p_y in out nocopy utl_nla_array_flt,
    p_function in varchar2,
    p_gate in t_gate
  ) is
    l_slope binary_float := nvl(to_binary_float(p_gate.negative_slope), 0.2f);
    l_limit binary_float := to_binary_float(p_gate.threshold);
    l_x binary_float;
  begin
    for i in 1 .. p_y.count loop
      l_x := p_y(i);
      case p_function
        when 'leaky_relu' then
          if l_x < 0f then
            p_y(i) := l_x * l_slope;
          end if;
        when 'threshold_relu' then
          if l_x <= nvl(l_limit, 1f) then
            p_y(i) := 0f;
          end if;
        when 'hard_shrink' then
          if abs(l_x) <= nvl(l_limit, 0.5f) then
            p_y(i) := 0f;
          end if;
        when 'soft_shrink' then
          p_y(i) := case
            when l_x > nvl(l_limit, 0.5f) then l_x - nvl(l_limit, 0.5f)
            when l_x < -nvl(l_limit, 0.5f) then l_x + nvl(l_limit, 0.5f)
            else 0f
          end;
        when 'softsign' then
          p_y(i) := l_x / (1f + abs(l_x));
        when 'sparse_plus' then
          if l_x <= -1f then
            p_y(i) := 0f;
          elsif l_x < 1f then
            p_y(i) := (l_x + 1f) * (l_x + 1f) / 4f;
          end if;
        when 'sparse_sigmoid' then
          p_y(i) := (l_x + 1f) / 2f;
      end case;
    end loop;
    if p_function = 'sparse_sigmoid' then
      clip(p_y, 0f, 1f);
    end if;
  end bend;

  procedure activation(p_y in out nocopy utl_nla_array_flt, p_gate in t_gate) is
    l_function varchar2(30) := p_gate.function_name;
    l_x utl_nla_array_flt;
  begin
    case
      when l_function = 'linear' then
        null;
      when l_function = 'relu' then
        relu(p_y, p_gate);
      when l_function = 'sigmoid' then
        for i in 1 .. p_y.count loop
          p_y(i) := to_binary_float(sigmoid(to_binary_double(p_y(i))));
        end loop;
      when l_function = 'tanh' then
        for i in 1 .. p_y.count loop
          p_y(i) := to_binary_float(tanh(to_binary_double(p_y(i))));
        end loop;
      when l_function = 'softplus' then
        for i in 1 .. p_y.count loop
          p_y(i) := to_binary_float(softplus(to_binary_double(p_y(i))));
        end loop;
      when l_function = 'relu6' then
        clip(p_y, 0f, 6f);
      when l_function = 'hard_tanh' then
        clip(p_y, -1f, 1f);
      when l_function = 'hard_sigmoid' then
        hard_sigmoid(p_y, p_gate);
      when l_function = 'hard_silu' then
        l_x := p_y;
        hard_sigmoid(p_y, p_gate);
        multiply(p_y, l_x);
      when l_function in (
        'leaky_relu', 'threshold_relu', 'hard_shrink', 'soft_shrink', 'softsign', 'sparse_plus',
        'sparse_sigmoid'
      ) then
        bend(p_y, l_function, p_gate);
      else
        for i in 1 .. p_y.count loop
          p_y(i) := to_binary_float(
            smooth(l_function, to_binary_double(p_y(i)), p_gate.alpha, p_gate.is_approximate)
          );
        end loop;
    end case;
  end activation;

  procedure activation(p_y in out nocopy utl_nla_array_flt, p_function in varchar2) is
  begin
    activation(p_y, gate(p_function));
  end activation;

  -- The whole number nearest to x, of two the even one.
  function to_even(p_x in binary_double) return binary_double is
    l_floor binary_double := floor(p_x);
  begin
    if p_x - l_floor = 0.5d then
      return 2d * floor((l_floor + 1d) / 2d);
    end if;
    return floor(p_x + 0.5d);
  end to_even;

  function unary_of(p_function in varchar2, p_x in binary_double) return binary_double is
  begin
    case p_function
      when 'abs' then
        return abs(p_x);
      when 'negative' then
        return -p_x;
      when 'log' then
        return ln(p_x);
      when 'exp' then
        return exp(p_x);
      when 'expm1' then
        return expm1(p_x);
      when 'log1p' then
        return case when abs(p_x) < 1e-5d then p_x - p_x * p_x / 2d else ln(1d + p_x) end;
      when 'sqrt' then
        return sqrt(p_x);
      when 'rsqrt' then
        return 1d / sqrt(p_x);
      when 'square' then
        return p_x * p_x;
      when 'reciprocal' then
        return 1d / p_x;
      when 'sign' then
        return case
          when p_x is nan then p_x
          when p_x > 0d then 1d
          when p_x < 0d then -1d
          else 0d
        end;
      when 'floor' then
        return floor(p_x);
      when 'ceil' then
        return ceil(p_x);
      when 'round' then
        return to_even(p_x);
      when 'trunc' then
        return case when p_x < 0d then ceil(p_x) else floor(p_x) end + 0d;
      when 'sin' then
        return sin(p_x);
      when 'cos' then
        return cos(p_x);
      when 'tan' then
        return tan(p_x);
      when 'arctan' then
        return atan(p_x);
      when 'sinh' then
        return sinh(p_x);
      when 'cosh' then
        return cosh(p_x);
      when 'erf' then
        return erf(p_x);
      when 'isnan' then
        return case when p_x is nan then 1d else 0d end;
      when 'isinf' then
        return case when p_x is infinite then 1d else 0d end;
      when 'isfinite' then
        return case when p_x is nan or p_x is infinite then 0d else 1d end;
      else
        raise_application_error(
          gc_unknown_function, 'there is no function "' || p_function || '"'
        );
    end case;
  end unary_of;

  procedure unary(p_y in out nocopy utl_nla_array_flt, p_function in varchar2) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := to_binary_float(unary_of(p_function, to_binary_double(p_y(i))));
    end loop;
  end unary;

  procedure not_equal(p_y in out nocopy utl_nla_array_flt, p_value in binary_float) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := case when p_y(i) = p_value then 0f else 1f end;
    end loop;
  end not_equal;

  procedure fill(p_y in out nocopy utl_nla_array_flt, p_value in binary_float) is
  begin
    allocate(p_y, p_y.count, p_value);
  end fill;

  -- How many of the ascending numbers are at most x, or below x.
  function count_below(
    p_numbers in utl_nla_array_flt,
    p_x in binary_float,
    p_is_strict in boolean
  ) return pls_integer is
    l_low pls_integer := 0;
    l_high pls_integer := p_numbers.count;
    l_middle pls_integer;
  begin
    while l_low < l_high loop
      l_middle := floor((l_low + l_high) / 2);
      if p_numbers(l_middle + 1) < p_x or (not p_is_strict and p_numbers(l_middle + 1) = p_x) then
        l_low := l_middle + 1;
      else
        l_high := l_middle;
      end if;
    end loop;
    return l_low;
  end count_below;

  procedure bucketize(
    p_y in out nocopy utl_nla_array_flt,
    p_boundaries in utl_nla_array_flt
  ) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := count_below(p_boundaries, p_y(i), false);
    end loop;
  end bucketize;

  procedure lookup(
    p_y in out nocopy utl_nla_array_flt,
    p_keys in utl_nla_array_flt,
    p_values in utl_nla_array_flt,
    p_default in binary_float
  ) is
    l_x binary_float;
    l_place pls_integer;
  begin
    for i in 1 .. p_y.count loop
      l_x := case when p_y(i) < 0f then ceil(p_y(i)) else floor(p_y(i)) end;
      l_place := count_below(p_keys, l_x, true) + 1;
      p_y(i) := p_default;
      if l_place <= p_keys.count then
        if p_keys(l_place) = l_x then
          p_y(i) := p_values(l_place);
        end if;
      end if;
    end loop;
  end lookup;

  procedure encode(
    p_x in utl_nla_array_flt,
    p_length in pls_integer,
    p_depth in pls_integer,
    p_mode in varchar2,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_together pls_integer := case when p_mode = 'one_hot' then 1 else p_length end;
    l_at pls_integer;
  begin
    allocate(p_y, p_x.count / l_together * p_depth);
    for i in 1 .. p_x.count loop
      l_at := floor((i - 1) / l_together) * p_depth + to_index(p_x(i), p_depth) + 1;
      p_y(l_at) := case when p_mode = 'count' then p_y(l_at) + 1f else 1f end;
    end loop;
  end encode;

  -- Functions along an axis.

  -- The largest of p_length numbers, p_inner apart, from p_first on; NaN where one is.
  function largest(
    p_x in utl_nla_array_flt,
    p_first in pls_integer,
    p_length in pls_integer,
    p_inner in pls_integer
  ) return binary_float is
    l_at pls_integer := p_first;
    l_largest binary_float := p_x(p_first);
  begin
    for i in 2 .. p_length loop
      l_at := l_at + p_inner;
      if p_x(l_at) > l_largest then
        l_largest := p_x(l_at);
      end if;
    end loop;
    return l_largest;
  end largest;

  procedure softmax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  ) is
    l_first pls_integer;
    l_at pls_integer;
    l_largest binary_float;
    l_e binary_double;
    l_sum binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_first := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_largest := largest(p_y, l_first, p_length, p_inner);
      l_sum := 0d;
      l_at := l_first;
      for i in 1 .. p_length loop
        l_e := exp(to_binary_double(p_y(l_at) - l_largest));
        l_sum := l_sum + l_e;
        p_y(l_at) := to_binary_float(l_e);
        l_at := l_at + p_inner;
      end loop;
      l_at := l_first;
      for i in 1 .. p_length loop
        p_y(l_at) := to_binary_float(to_binary_double(p_y(l_at)) / l_sum);
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end softmax;

  procedure log_softmax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  ) is
    l_first pls_integer;
    l_at pls_integer;
    l_largest binary_float;
    l_sum binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_first := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_largest := largest(p_y, l_first, p_length, p_inner);
      l_sum := 0d;
      l_at := l_first;
      for i in 1 .. p_length loop
        p_y(l_at) := p_y(l_at) - l_largest;
        l_sum := l_sum + exp(to_binary_double(p_y(l_at)));
        l_at := l_at + p_inner;
      end loop;
      l_sum := ln(l_sum);
      l_at := l_first;
      for i in 1 .. p_length loop
        p_y(l_at) := to_binary_float(to_binary_double(p_y(l_at)) - l_sum);
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end log_softmax;

  -- y = max(x - t, 0). With z sorted downwards, c its running sums and k the count of
  -- z > (c - 1) / rank, t = (sum of those c - 1) / k, as Keras computes it.
  procedure sparsemax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  ) is
    l_sorted t_column;
    l_first pls_integer;
    l_place pls_integer;
    l_x binary_double;
    l_running binary_double;
    l_sum binary_double;
    l_count binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_first := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      for i in 1 .. p_length loop
        l_x := to_binary_double(p_y(l_first + (i - 1) * p_inner));
        l_place := i;
        while l_place > 1 loop
          exit when l_sorted(l_place - 1) >= l_x;
          l_sorted(l_place) := l_sorted(l_place - 1);
          l_place := l_place - 1;
        end loop;
        l_sorted(l_place) := l_x;
      end loop;
      l_running := 0d;
      l_sum := 0d;
      l_count := 0d;
      for i in 1 .. p_length loop
        l_running := l_running + l_sorted(i);
        if l_sorted(i) - (l_running - 1d) / to_binary_double(i) > 0d then
          l_sum := l_sum + l_running;
          l_count := l_count + 1d;
        end if;
      end loop;
      for i in 0 .. p_length - 1 loop
        l_x := to_binary_double(p_y(l_first + i * p_inner)) - (l_sum - 1d) / l_count;
        p_y(l_first + i * p_inner) := to_binary_float(greatest(l_x, 0d));
      end loop;
    end loop;
  end sparsemax;

  -- y = a * sigmoid(b), a and b the halves of x along the axis.
  procedure glu(
    p_x in utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_half pls_integer := p_length / 2 * p_inner;
    l_to pls_integer := 0;
    l_from pls_integer := 0;
  begin
    allocate(p_y, p_x.count / 2);
    while l_to < p_y.count loop
      for i in 1 .. l_half loop
        p_y(l_to + i) := to_binary_float(
          to_binary_double(p_x(l_from + i)) * sigmoid(to_binary_double(p_x(l_from + l_half + i)))
        );
      end loop;
      l_to := l_to + l_half;
      l_from := l_from + 2 * l_half;
    end loop;
  end glu;

  procedure find_extreme(
    p_x in utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_at pls_integer;
    l_best pls_integer;
    l_x binary_float;
    l_found binary_float;
  begin
    allocate(p_y, p_x.count / p_length);
    for i_group in 0 .. p_y.count - 1 loop
      l_at := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_best := -1;
      for i in 0 .. p_length - 1 loop
        l_x := p_x(l_at);
        if p_function = 'min' then
          l_x := -l_x;
        end if;
        if l_x is not nan and (l_best < 0 or l_x > l_found) then
          l_found := l_x;
          l_best := i;
        end if;
        l_at := l_at + p_inner;
      end loop;
      p_y(i_group + 1) := to_binary_float(greatest(l_best, 0));
    end loop;
  end find_extreme;

  procedure cumulate(
    p_y in out nocopy utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer
  ) is
    l_at pls_integer;
    l_result binary_double;
    l_x binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_at := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_result := case p_function when 'sum' then 0d else 1d end;
      for i in 1 .. p_length loop
        l_x := to_binary_double(p_y(l_at));
        l_result := case p_function when 'sum' then l_result + l_x else l_result * l_x end;
        p_y(l_at) := to_binary_float(l_result);
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end cumulate;

  procedure reduce(
    p_x in utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_at pls_integer;
    l_length binary_double := to_binary_double(p_length);
    l_result binary_double;
    l_x binary_double;
  begin
    allocate(p_y, p_x.count / p_length);
    for i_group in 0 .. p_y.count - 1 loop
      l_at := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_result := to_binary_double(p_x(l_at));
      for i in 2 .. p_length loop
        l_at := l_at + p_inner;
        l_x := to_binary_double(p_x(l_at));
        case p_function
          when 'max' then
            if l_x > l_result then
              l_result := l_x;
            end if;
          when 'min' then
            if l_result is not nan and (l_x < l_result or l_x is nan) then
              l_result := l_x;
            end if;
          when 'prod' then
            l_result := l_result * l_x;
          else
            l_result := l_result + l_x;
        end case;
      end loop;
      p_y(i_group + 1) := to_binary_float(
        case when p_function = 'mean' then l_result / l_length else l_result end
      );
    end loop;
  end reduce;

  procedure masked_mean(
    p_x in utl_nla_array_flt,
    p_mask in utl_nla_array_flt,
    p_rows in pls_integer,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_in_row pls_integer := p_x.count / p_rows / p_length;
    l_row pls_integer;
    l_at pls_integer;
    l_sum binary_double;
    l_count binary_double;
  begin
    allocate(p_y, p_x.count / p_length);
    for i_group in 0 .. p_y.count - 1 loop
      l_row := floor(i_group / l_in_row);
      l_at := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_sum := 0d;
      l_count := 0d;
      for i in 1 .. p_length loop
        if p_mask(l_row * p_length + i) <> 0f then
          l_sum := l_sum + to_binary_double(p_x(l_at));
          l_count := l_count + 1d;
        end if;
        l_at := l_at + p_inner;
      end loop;
      p_y(i_group + 1) := to_binary_float(l_sum / l_count);
    end loop;
  end masked_mean;

  procedure layer_normalization(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_epsilon in binary_double,
    p_gamma in utl_nla_array_flt default null,
    p_beta in utl_nla_array_flt default null,
    p_weight_inner in pls_integer default 1
  ) is
    l_length binary_double := to_binary_double(p_length);
    l_first pls_integer;
    l_mean binary_double;
    l_variance binary_double;
    l_deviation binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_first := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_mean := 0d;
      for i in 0 .. p_length - 1 loop
        l_mean := l_mean + to_binary_double(p_y(l_first + i * p_inner));
      end loop;
      l_mean := l_mean / l_length;
      l_variance := 0d;
      for i in 0 .. p_length - 1 loop
        l_deviation := to_binary_double(p_y(l_first + i * p_inner)) - l_mean;
        l_variance := l_variance + l_deviation * l_deviation;
      end loop;
      l_variance := sqrt(l_variance / l_length + p_epsilon);
      for i in 0 .. p_length - 1 loop
        p_y(l_first + i * p_inner) := to_binary_float(
          (to_binary_double(p_y(l_first + i * p_inner)) - l_mean) / l_variance
        );
      end loop;
    end loop;
    if p_gamma is not null then
      affine(p_y, p_gamma, p_beta, p_weight_inner);
    end if;
  end layer_normalization;

  -- y = x * min(1 / sqrt(sum(x^2)), 1 / epsilon).
  procedure unit_normalization(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_epsilon in binary_double
  ) is
    l_first pls_integer;
    l_x binary_double;
    l_sum binary_double;
    l_scale binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_first := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_sum := 0d;
      for i in 0 .. p_length - 1 loop
        l_x := to_binary_double(p_y(l_first + i * p_inner));
        l_sum := l_sum + l_x * l_x;
      end loop;
      l_scale := 1d / sqrt(l_sum);
      if l_scale > 1d / p_epsilon and l_scale is not nan then
        l_scale := 1d / p_epsilon;
      end if;
      for i in 0 .. p_length - 1 loop
        l_x := to_binary_double(p_y(l_first + i * p_inner));
        p_y(l_first + i * p_inner) := to_binary_float(l_x * l_scale);
      end loop;
    end loop;
  end unit_normalization;

  -- Two values of one shape.

  procedure add_(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) + p_x(i);
    end loop;
  end add_;

  procedure multiply(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) * p_x(i);
    end loop;
  end multiply;

  procedure subtract(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) - p_x(i);
    end loop;
  end subtract;

  procedure divide(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) / p_x(i);
    end loop;
  end divide;

  procedure power_(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := to_binary_float(power(to_binary_double(p_y(i)), to_binary_double(p_x(i))));
    end loop;
  end power_;

  procedure maximum(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      if p_x(i) > p_y(i) then
        p_y(i) := p_x(i);
      end if;
    end loop;
  end maximum;

  procedure minimum(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      if p_y(i) is not nan and (p_x(i) < p_y(i) or p_x(i) is nan) then
        p_y(i) := p_x(i);
      end if;
    end loop;
  end minimum;

  -- The remainder of |p_x| / |p_y|, exact: every difference below is a number of its own.
  function remainder_of(p_x in binary_double, p_y in binary_double) return binary_double is
    l_rest binary_double := abs(p_x);
    l_part binary_double;
  begin
    while l_rest >= abs(p_y) loop
      l_part := abs(p_y);
      while l_part * 2d <= l_rest loop
        l_part := l_part * 2d;
      end loop;
      l_rest := l_rest - l_part;
    end loop;
    return l_rest;
  end remainder_of;

  procedure modulo(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
    l_x binary_double;
    l_rest binary_double;
  begin
    for i in 1 .. p_y.count loop
      l_x := to_binary_double(p_x(i));
      if p_y(i) is nan or p_y(i) is infinite or l_x is nan or l_x = 0d then
        l_rest := binary_double_nan;
      else
        l_rest := remainder_of(to_binary_double(p_y(i)), l_x);
        if p_y(i) < 0f then
          l_rest := -l_rest;
        end if;
        if (l_rest > 0d and l_x < 0d) or (l_rest < 0d and l_x > 0d) then
          l_rest := l_rest + l_x;
        end if;
      end if;
      p_y(i) := to_binary_float(l_rest);
    end loop;
  end modulo;

  procedure compare(
    p_y in out nocopy utl_nla_array_flt,
    p_x in utl_nla_array_flt,
    p_function in varchar2
  ) is
    l_holds boolean;
  begin
    for i in 1 .. p_y.count loop
      if p_y(i) is nan or p_x(i) is nan then  -- to Oracle, NaN equals itself
        l_holds := p_function = 'not_equal';
      else
        l_holds := case p_function
          when 'equal' then p_y(i) = p_x(i)
          when 'not_equal' then p_y(i) <> p_x(i)
          when 'less' then p_y(i) < p_x(i)
          when 'less_equal' then p_y(i) <= p_x(i)
          when 'greater' then p_y(i) > p_x(i)
          else p_y(i) >= p_x(i)
        end;
      end if;
      p_y(i) := case when l_holds then 1f else 0f end;
    end loop;
  end compare;

  procedure average(p_y in out nocopy utl_nla_array_flt, p_count in pls_integer) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) / to_binary_float(p_count);
    end loop;
  end average;

  procedure where_(
    p_y in out nocopy utl_nla_array_flt,
    p_condition in utl_nla_array_flt,
    p_x in utl_nla_array_flt
  ) is
  begin
    for i in 1 .. p_y.count loop
      if p_condition(i) = 0f then
        p_y(i) := p_x(i);
      end if;
    end loop;
  end where_;

  procedure matmul(
    p_a in utl_nla_array_flt,
    p_b in utl_nla_array_flt,
    p_count in pls_integer,
    p_m in pls_integer,
    p_k in pls_integer,
    p_n in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_a utl_nla_array_flt;
    l_b utl_nla_array_flt;
    l_y utl_nla_array_flt;
  begin
    allocate(p_y, p_count * p_m * p_n);
    allocate(l_y, p_m * p_n);
    for i in 1 .. p_count loop
      l_a := get_row(p_a, i, p_m * p_k);
      l_b := get_row(p_b, i, p_k * p_n);
      utl_nla.blas_gemm('N', 'N', p_n, p_m, p_k, 1f, l_b, p_n, l_a, p_k, 0f, l_y, p_n);
      place_row(l_y, i, p_y);
    end loop;
  end matmul;

  -- Numbers that move.

  -- How far apart the positions of each axis lie.
  function strides_of(p_shape in t_shape) return t_shape is
    l_strides t_shape := p_shape;
  begin
    l_strides(p_shape.count) := 1;
    for i in reverse 1 .. p_shape.count - 1 loop
      l_strides(i) := l_strides(i + 1) * p_shape(i + 1);
    end loop;
    return l_strides;
  end strides_of;

  function size_of(p_shape in t_shape) return pls_integer is
    l_size pls_integer := 1;
  begin
    for i in 1 .. p_shape.count loop
      l_size := l_size * p_shape(i);
    end loop;
    return l_size;
  end size_of;

  -- Copy a block of numbers of the given lengths from p_x to p_y, each with its strides.
  procedure move(
    p_x in utl_nla_array_flt,
    p_from in pls_integer,
    p_from_strides in t_shape,
    p_lengths in t_shape,
    p_to in pls_integer,
    p_to_strides in t_shape,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_at t_shape := p_lengths;
    l_from pls_integer := p_from;
    l_to pls_integer := p_to;
    l_last pls_integer := p_lengths.count;
    l_axis pls_integer;
  begin
    for i in 1 .. l_last loop
      l_at(i) := 0;
    end loop;
    loop
      for i in 0 .. p_lengths(l_last) - 1 loop
        p_y(l_to + i * p_to_strides(l_last)) := p_x(l_from + i * p_from_strides(l_last));
      end loop;
      l_axis := l_last - 1;
      while l_axis > 0 loop
        l_at(l_axis) := l_at(l_axis) + 1;
        l_from := l_from + p_from_strides(l_axis);
        l_to := l_to + p_to_strides(l_axis);
        exit when l_at(l_axis) < p_lengths(l_axis);
        l_at(l_axis) := 0;
        l_from := l_from - p_lengths(l_axis) * p_from_strides(l_axis);
        l_to := l_to - p_lengths(l_axis) * p_to_strides(l_axis);
        l_axis := l_axis - 1;
      end loop;
      exit when l_axis = 0;
    end loop;
  end move;

  procedure concatenate(
    p_x in utl_nla_array_flt,
    p_width in pls_integer,
    p_total in pls_integer,
    p_offset in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_outer pls_integer := p_x.count / p_width;
  begin
    if p_offset = 0 then
      allocate(p_y, l_outer * p_total);
    end if;
    move(
      p_x, 1, t_shape(p_width, 1), t_shape(l_outer, p_width), p_offset + 1, t_shape(p_total, 1), p_y
    );
  end concatenate;

  procedure transpose(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_axes in t_shape,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_strides t_shape := strides_of(p_shape);
    l_from_strides t_shape := p_shape;
    l_lengths t_shape := p_shape;
  begin
    for i in 1 .. p_axes.count loop
      l_from_strides(i) := l_strides(p_axes(i));
      l_lengths(i) := p_shape(p_axes(i));
    end loop;
    allocate(p_y, p_x.count);
    move(p_x, 1, l_from_strides, l_lengths, 1, strides_of(l_lengths), p_y);
  end transpose;

  procedure broadcast(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_new_shape in t_shape,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_strides t_shape := strides_of(p_shape);
  begin
    for i in 1 .. p_shape.count loop
      if p_shape(i) = 1 then
        l_strides(i) := 0;
      end if;
    end loop;
    allocate(p_y, size_of(p_new_shape));
    move(p_x, 1, l_strides, p_new_shape, 1, strides_of(p_new_shape), p_y);
  end broadcast;

  procedure pad(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_before in t_shape,
    p_after in t_shape,
    p_value in binary_float,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_new_shape t_shape := p_shape;
    l_strides t_shape;
    l_to pls_integer := 1;
  begin
    for i in 1 .. p_shape.count loop
      l_new_shape(i) := p_before(i) + p_shape(i) + p_after(i);
    end loop;
    l_strides := strides_of(l_new_shape);
    for i in 1 .. p_shape.count loop
      l_to := l_to + p_before(i) * l_strides(i);
    end loop;
    allocate(p_y, size_of(l_new_shape), p_value);
    move(p_x, 1, strides_of(p_shape), p_shape, l_to, l_strides, p_y);
  end pad;

  procedure cut(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_start in t_shape,
    p_step in t_shape,
    p_new_shape in t_shape,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_strides t_shape := strides_of(p_shape);
    l_from pls_integer := 1;
  begin
    for i in 1 .. p_shape.count loop
      l_from := l_from + p_start(i) * l_strides(i);
      l_strides(i) := l_strides(i) * p_step(i);
    end loop;
    allocate(p_y, size_of(p_new_shape));
    move(p_x, l_from, l_strides, p_new_shape, 1, strides_of(p_new_shape), p_y);
  end cut;

  procedure repeat_(
    p_x in utl_nla_array_flt,
    p_times in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_lengths t_shape := t_shape(p_x.count / p_inner, p_times, p_inner);
  begin
    allocate(p_y, p_x.count * p_times);
    move(p_x, 1, t_shape(p_inner, 0, 1), l_lengths, 1, strides_of(l_lengths), p_y);
  end repeat_;

  -- Windows without weights.

  procedure pool(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_mode in varchar2,
    p_size in t_shape,
    p_strides in t_shape,
    p_padding in varchar2,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_windows t_windows := place_windows(p_lengths, p_size, p_strides, t_shape(1, 1, 1), p_padding);
    l_is_max boolean := p_mode = 'max';
    l_at t_shape := t_shape(0, 0, 0, 0);
    l_places t_shape := places_for(l_windows);
    l_from pls_integer;
    l_to pls_integer := 0;
    l_count pls_integer;
  begin
    allocate(p_y, p_rows * l_windows.places * p_channels);
    for i_window in 1 .. p_rows * l_windows.places loop
      find_taps(l_windows, l_at, l_places);
      advance(l_windows, l_at);
      l_count := 0;
      for i_tap in 1 .. l_windows.taps loop
        if l_places(i_tap) is not null then
          l_from := l_places(i_tap) * p_channels;
          for i in 1 .. p_channels loop
            if l_count = 0 then
              p_y(l_to + i) := p_x(l_from + i);
            elsif not l_is_max then
              p_y(l_to + i) := p_y(l_to + i) + p_x(l_from + i);
            elsif p_x(l_from + i) > p_y(l_to + i) then
              p_y(l_to + i) := p_x(l_from + i);
            end if;
          end loop;
          l_count := l_count + 1;
        end if;
      end loop;
      if not l_is_max then
        for i in l_to + 1 .. l_to + p_channels loop
          p_y(i) := p_y(i) / to_binary_float(l_count);
        end loop;
      end if;
      l_to := l_to + p_channels;
    end loop;
  end pool;

  -- Sequences.

  -- p_y = bias + step p_step of p_x, counted from 0, @ kernel.
  procedure project_step(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_step in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_x utl_nla_array_flt;
  begin
    allocate(l_x, p_rows * p_inputs);
    move(
      p_x, p_step * p_inputs + 1, t_shape(p_steps * p_inputs, 1), t_shape(p_rows, p_inputs),
      1, t_shape(p_inputs, 1), l_x
    );
    dense(l_x, p_rows, p_inputs, p_units, p_kernel, p_bias, p_y);
  end project_step;

  -- A gate's activation; those along an axis work on one gate at a time.
  procedure activate(
    p_y in out nocopy utl_nla_array_flt,
    p_gate in t_gate,
    p_units in pls_integer
  ) is
  begin
    case p_gate.function_name
      when 'softmax' then
        softmax(p_y, p_units);
      when 'log_softmax' then
        log_softmax(p_y, p_units);
      when 'sparsemax' then
        sparsemax(p_y, p_units);
      else
        activation(p_y, p_gate);
    end case;
  end activate;

  -- Where the mask of a step is 0, p_y becomes what it was, or 0 where p_old is null.
  procedure keep_masked(
    p_mask in utl_nla_array_flt,
    p_steps in pls_integer,
    p_step in pls_integer,
    p_units in pls_integer,
    p_old in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
  begin
    if p_mask is null then
      return;
    end if;
    for i_row in 0 .. p_y.count / p_units - 1 loop
      if p_mask(i_row * p_steps + p_step + 1) = 0f then
        for i in i_row * p_units + 1 .. (i_row + 1) * p_units loop
          p_y(i) := case when p_old is null then 0f else p_old(i) end;
        end loop;
      end if;
    end loop;
  end keep_masked;

  -- The output of a step: what the hidden state is about to be, but for masked rows.
  procedure put_output(
    p_new in utl_nla_array_flt,
    p_mask in utl_nla_array_flt,
    p_zeroes_masked in boolean,
    p_steps in pls_integer,
    p_step in pls_integer,
    p_units in pls_integer,
    p_result in varchar2,
    p_output in out nocopy utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_output utl_nla_array_flt := p_new;
  begin
    if p_zeroes_masked then
      keep_masked(p_mask, p_steps, p_step, p_units, null, l_output);
    else
      keep_masked(p_mask, p_steps, p_step, p_units, p_output, l_output);
    end if;
    p_output := l_output;
    if p_result = 'sequence' then
      move(
        p_output, 1, t_shape(p_units, 1), t_shape(p_output.count / p_units, p_units),
        p_step * p_units + 1, t_shape(p_steps * p_units, 1), p_y
      );
    end if;
  end put_output;

  procedure start_state(
    p_given in utl_nla_array_flt,
    p_count in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
  begin
    if p_given is null then
      allocate(p_y, p_count);
    else
      p_y := p_given;
    end if;
  end start_state;

  procedure simple_rnn(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_recurrent_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_activation in t_gate,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null
  ) is
    l_hidden utl_nla_array_flt;
    l_new utl_nla_array_flt;
    l_output utl_nla_array_flt;
  begin
    start_state(p_hidden, p_rows * p_units, l_hidden);
    allocate(l_output, p_rows * p_units);
    if p_result = 'sequence' then
      allocate(p_y, p_rows * p_steps * p_units);
    end if;
    for i_step in 0 .. p_steps - 1 loop
      project_step(p_x, p_rows, p_steps, i_step, p_inputs, p_units, p_kernel, p_bias, l_new);
      add_product(l_hidden, p_rows, p_units, p_units, p_recurrent_kernel, l_new);
      activate(l_new, p_activation, p_units);
      put_output(
        l_new, p_mask, p_zeroes_masked, p_steps, i_step, p_units, p_result, l_output, p_y
      );
      keep_masked(p_mask, p_steps, i_step, p_units, l_hidden, l_new);
      l_hidden := l_new;
    end loop;
    if p_result = 'last' then
      p_y := l_output;
    elsif p_result = 'hidden' then
      p_y := l_hidden;
    end if;
  end simple_rnn;

  -- The output or the state after the last step, where that is wanted.
  procedure put_state(
    p_result in varchar2,
    p_output in utl_nla_array_flt,
    p_hidden in utl_nla_array_flt,
    p_cell in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
  begin
    case p_result
      when 'last' then
        p_y := p_output;
      when 'hidden' then
        p_y := p_hidden;
      when 'cell' then
        p_y := p_cell;
      else
        null;
    end case;
  end put_state;

  -- What an LSTM makes of its gates before their activations, in the order i, f, g, o.
  procedure step_lstm(
    p_z in utl_nla_array_flt,
    p_rows in pls_integer,
    p_units in pls_integer,
    p_activation in t_gate,
    p_recurrent_activation in t_gate,
    p_cell in utl_nla_array_flt,
    p_new in out nocopy utl_nla_array_flt,
    p_new_cell in out nocopy utl_nla_array_flt
  ) is
    l_from t_shape := t_shape(4 * p_units, 1);
    l_three pls_integer := 3 * p_units;
    l_gates utl_nla_array_flt;
    l_at pls_integer;
    l_gate pls_integer;
  begin
    allocate(l_gates, p_rows * l_three);
    allocate(p_new, p_rows * p_units);
    allocate(p_new_cell, p_rows * p_units);
    move(p_z, 1, l_from, t_shape(p_rows, 2 * p_units), 1, t_shape(l_three, 1), l_gates);
    move(
      p_z, l_three + 1, l_from, t_shape(p_rows, p_units),
      2 * p_units + 1, t_shape(l_three, 1), l_gates
    );
    move(p_z, 2 * p_units + 1, l_from, t_shape(p_rows, p_units), 1, t_shape(p_units, 1), p_new);
    activate(l_gates, p_recurrent_activation, p_units);
    activate(p_new, p_activation, p_units);
    for i_row in 0 .. p_rows - 1 loop
      for i in 1 .. p_units loop
        l_at := i_row * p_units + i;
        l_gate := i_row * l_three + i;
        p_new_cell(l_at) := l_gates(l_gate + p_units) * p_cell(l_at)
          + l_gates(l_gate) * p_new(l_at);
      end loop;
    end loop;
    p_new := p_new_cell;
    activate(p_new, p_activation, p_units);
    for i_row in 0 .. p_rows - 1 loop
      for i in 1 .. p_units loop
        l_at := i_row * p_units + i;
        p_new(l_at) := l_gates(i_row * l_three + 2 * p_units + i) * p_new(l_at);
      end loop;
    end loop;
  end step_lstm;

  procedure lstm(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_recurrent_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_activation in t_gate,
    p_recurrent_activation in t_gate,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null,
    p_cell in utl_nla_array_flt default null
  ) is
    l_hidden utl_nla_array_flt;
    l_cell utl_nla_array_flt;
    l_new utl_nla_array_flt;
    l_new_cell utl_nla_array_flt;
    l_output utl_nla_array_flt;
    l_z utl_nla_array_flt;
  begin
    start_state(p_hidden, p_rows * p_units, l_hidden);
    start_state(p_cell, p_rows * p_units, l_cell);
    allocate(l_output, p_rows * p_units);
    if p_result = 'sequence' then
      allocate(p_y, p_rows * p_steps * p_units);
    end if;
    for i_step in 0 .. p_steps - 1 loop
      project_step(p_x, p_rows, p_steps, i_step, p_inputs, 4 * p_units, p_kernel, p_bias, l_z);
      add_product(l_hidden, p_rows, p_units, 4 * p_units, p_recurrent_kernel, l_z);
      step_lstm(
        l_z, p_rows, p_units, p_activation, p_recurrent_activation, l_cell, l_new, l_new_cell
      );
      put_output(
        l_new, p_mask, p_zeroes_masked, p_steps, i_step, p_units, p_result, l_output, p_y
      );
      keep_masked(p_mask, p_steps, i_step, p_units, l_hidden, l_new);
      keep_masked(p_mask, p_steps, i_step, p_units, l_cell, l_new_cell);
      l_hidden := l_new;
      l_cell := l_new_cell;
    end loop;
    put_state(p_result, l_output, l_hidden, l_cell, p_y);
  end lstm;

  procedure conv_lstm(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_lengths in t_shape,
    p_size in t_shape,
    p_filters in pls_integer,
    p_recurrent_kernel in t_blocks,
    p_activation in t_gate,
    p_recurrent_activation in t_gate,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null,
    p_cell in utl_nla_array_flt default null
  ) is
    l_ones t_shape := p_size;
    l_places pls_integer := size_of(p_lengths);
    l_units pls_integer := l_places * p_filters;
    l_hidden utl_nla_array_flt;
    l_cell utl_nla_array_flt;
    l_new utl_nla_array_flt;
    l_new_cell utl_nla_array_flt;
    l_output utl_nla_array_flt;
    l_x utl_nla_array_flt;
    l_z utl_nla_array_flt;
  begin
    for i in 1 .. p_size.count loop
      l_ones(i) := 1;
    end loop;
    start_state(p_hidden, p_rows * l_units, l_hidden);
    start_state(p_cell, p_rows * l_units, l_cell);
    allocate(l_output, p_rows * l_units);
    allocate(l_x, p_rows * 4 * l_units);
    if p_result = 'sequence' then
      allocate(p_y, p_rows * p_steps * l_units);
    end if;
    for i_step in 0 .. p_steps - 1 loop
      conv(
        l_hidden, p_rows, p_lengths, p_filters, p_size, l_ones, l_ones, 'same', 1, 4 * p_filters,
        p_recurrent_kernel, null, l_z
      );
      move(
        p_x, i_step * 4 * l_units + 1, t_shape(p_steps * 4 * l_units, 1),
        t_shape(p_rows, 4 * l_units), 1, t_shape(4 * l_units, 1), l_x
      );
      add_(l_z, l_x);
      step_lstm(
        l_z, p_rows * l_places, p_filters, p_activation, p_recurrent_activation, l_cell, l_new,
        l_new_cell
      );
      put_output(
        l_new, p_mask, p_zeroes_masked, p_steps, i_step, l_units, p_result, l_output, p_y
      );
      keep_masked(p_mask, p_steps, i_step, l_units, l_hidden, l_new);
      keep_masked(p_mask, p_steps, i_step, l_units, l_cell, l_new_cell);
      l_hidden := l_new;
      l_cell := l_new_cell;
    end loop;
    put_state(p_result, l_output, l_hidden, l_cell, p_y);
  end conv_lstm;

  procedure gru(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_recurrent_kernel in t_blocks,
    p_new_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_new_bias in utl_nla_array_flt,
    p_activation in t_gate,
    p_recurrent_activation in t_gate,
    p_reset_after in boolean,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null
  ) is
    l_width pls_integer := 3 * p_units;
    l_two pls_integer := 2 * p_units;
    l_hidden utl_nla_array_flt;
    l_new utl_nla_array_flt;
    l_late utl_nla_array_flt;
    l_reset utl_nla_array_flt;
    l_output utl_nla_array_flt;
    l_z utl_nla_array_flt;
    l_gates utl_nla_array_flt;
    l_at pls_integer;
    l_gate pls_integer;
  begin
    start_state(p_hidden, p_rows * p_units, l_hidden);
    allocate(l_output, p_rows * p_units);
    allocate(l_gates, p_rows * l_two);
    allocate(l_new, p_rows * p_units);
    allocate(l_reset, p_rows * p_units);
    if p_result = 'sequence' then
      allocate(p_y, p_rows * p_steps * p_units);
    end if;
    for i_step in 0 .. p_steps - 1 loop
      project_step(p_x, p_rows, p_steps, i_step, p_inputs, l_width, p_kernel, p_bias, l_z);
      move(l_z, 1, t_shape(l_width, 1), t_shape(p_rows, l_two), 1, t_shape(l_two, 1), l_gates);
      move(
        l_z, l_two + 1, t_shape(l_width, 1), t_shape(p_rows, p_units),
        1, t_shape(p_units, 1), l_new
      );
      add_product(l_hidden, p_rows, p_units, l_two, p_recurrent_kernel, l_gates);
      activate(l_gates, p_recurrent_activation, p_units);
      move(
        l_gates, p_units + 1, t_shape(l_two, 1), t_shape(p_rows, p_units),
        1, t_shape(p_units, 1), l_reset
      );
      if p_reset_after then
        put_bias(p_new_bias, p_rows, p_units, l_late);
        add_product(l_hidden, p_rows, p_units, p_units, p_new_kernel, l_late);
        multiply(l_late, l_reset);
        add_(l_new, l_late);
      else
        multiply(l_reset, l_hidden);
        add_product(l_reset, p_rows, p_units, p_units, p_new_kernel, l_new);
      end if;
      activate(l_new, p_activation, p_units);
      for i_row in 0 .. p_rows - 1 loop
        for i in 1 .. p_units loop
          l_at := i_row * p_units + i;
          l_gate := i_row * l_two + i;
          l_new(l_at) := l_gates(l_gate) * l_hidden(l_at) + (1f - l_gates(l_gate)) * l_new(l_at);
        end loop;
      end loop;
      put_output(
        l_new, p_mask, p_zeroes_masked, p_steps, i_step, p_units, p_result, l_output, p_y
      );
      keep_masked(p_mask, p_steps, i_step, p_units, l_hidden, l_new);
      l_hidden := l_new;
    end loop;
    if p_result = 'last' then
      p_y := l_output;
    elsif p_result = 'hidden' then
      p_y := l_hidden;
    end if;
  end gru;

  -- p_y, a row of p_keys scores for each of p_queries, becomes weights. Where the mask of row p_row
  -- is 0 or the key comes later and p_is_causal, the weight is 0; where that is so for all keys,
  -- the weights are equal, or 0 where p_zeroes_masked.
  procedure attend(
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt,
    p_row in pls_integer,
    p_queries in pls_integer,
    p_keys in pls_integer,
    p_is_causal in boolean,
    p_zeroes_masked in boolean
  ) is
    l_is_allowed t_flags;
    l_at pls_integer := 0;
  begin
    for i_query in 1 .. p_queries loop
      for i_key in 1 .. p_keys loop
        l_at := l_at + 1;
        l_is_allowed(l_at) := not (p_is_causal and i_key > i_query);
        if p_mask is not null and l_is_allowed(l_at) then
          l_is_allowed(l_at) := p_mask((p_row - 1) * p_queries * p_keys + l_at) <> 0f;
        end if;
        if not l_is_allowed(l_at) then
          p_y(l_at) := -1e30f;
        end if;
      end loop;
    end loop;
    softmax(p_y, p_keys);
    if p_zeroes_masked then
      for i in 1 .. l_at loop
        if not l_is_allowed(i) then
          p_y(i) := 0f;
        end if;
      end loop;
    end if;
  end attend;

  procedure attention(
    p_query in utl_nla_array_flt,
    p_key in utl_nla_array_flt,
    p_value in utl_nla_array_flt,
    p_rows in pls_integer,
    p_queries in pls_integer,
    p_keys in pls_integer,
    p_heads in pls_integer,
    p_inputs in pls_integer,
    p_outputs in pls_integer,
    p_scale in binary_double,
    p_is_causal in boolean,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false
  ) is
    l_n pls_integer := p_inputs / p_heads;
    l_m pls_integer := p_outputs / p_heads;
    l_query utl_nla_array_flt;
    l_key utl_nla_array_flt;
    l_value utl_nla_array_flt;
    l_weights utl_nla_array_flt;
    l_y utl_nla_array_flt;
  begin
    allocate(p_y, p_rows * p_queries * p_outputs);
    allocate(l_query, p_queries * l_n);
    allocate(l_key, p_keys * l_n);
    allocate(l_value, p_keys * l_m);
    allocate(l_weights, p_queries * p_keys);
    allocate(l_y, p_queries * l_m);
    for i_row in 1 .. p_rows loop
      for i_head in 0 .. p_heads - 1 loop
        move(
          p_query, (i_row - 1) * p_queries * p_inputs + i_head * l_n + 1, t_shape(p_inputs, 1),
          t_shape(p_queries, l_n), 1, t_shape(l_n, 1), l_query
        );
        move(
          p_key, (i_row - 1) * p_keys * p_inputs + i_head * l_n + 1, t_shape(p_inputs, 1),
          t_shape(p_keys, l_n), 1, t_shape(l_n, 1), l_key
        );
        move(
          p_value, (i_row - 1) * p_keys * p_outputs + i_head * l_m + 1, t_shape(p_outputs, 1),
          t_shape(p_keys, l_m), 1, t_shape(l_m, 1), l_value
        );
        utl_nla.blas_gemm(
          'T', 'N', p_keys, p_queries, l_n, to_binary_float(p_scale), l_key, l_n, l_query, l_n,
          0f, l_weights, p_keys
        );
        attend(l_weights, p_mask, i_row, p_queries, p_keys, p_is_causal, p_zeroes_masked);
        utl_nla.blas_gemm(
          'N', 'N', l_m, p_queries, p_keys, 1f, l_value, l_m, l_weights, p_keys, 0f, l_y, l_m
        );
        move(
          l_y, 1, t_shape(l_m, 1), t_shape(p_queries, l_m),
          (i_row - 1) * p_queries * p_outputs + i_head * l_m + 1, t_shape(p_outputs, 1), p_y
        );
      end loop;
    end loop;
  end attention;

  procedure additive_attention(
    p_query in utl_nla_array_flt,
    p_key in utl_nla_array_flt,
    p_value in utl_nla_array_flt,
    p_rows in pls_integer,
    p_queries in pls_integer,
    p_keys in pls_integer,
    p_inputs in pls_integer,
    p_outputs in pls_integer,
    p_scale in utl_nla_array_flt,
    p_is_causal in boolean,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null
  ) is
    l_query pls_integer;
    l_key pls_integer;
    l_scale binary_float;
    l_sum binary_double;
    l_value utl_nla_array_flt;
    l_weights utl_nla_array_flt;
    l_y utl_nla_array_flt;
  begin
    allocate(p_y, p_rows * p_queries * p_outputs);
    allocate(l_weights, p_queries * p_keys);
    allocate(l_y, p_queries * p_outputs);
    for i_row in 1 .. p_rows loop
      for i_query in 1 .. p_queries loop
        for i_key in 1 .. p_keys loop
          l_query := ((i_row - 1) * p_queries + i_query - 1) * p_inputs;
          l_key := ((i_row - 1) * p_keys + i_key - 1) * p_inputs;
          l_sum := 0d;
          for i in 1 .. p_inputs loop
            l_scale := p_scale(case when p_scale.count = 1 then 1 else i end);
            l_sum := l_sum + to_binary_double(l_scale)
              * tanh(to_binary_double(p_query(l_query + i) + p_key(l_key + i)));
          end loop;
          l_weights((i_query - 1) * p_keys + i_key) := to_binary_float(l_sum);
        end loop;
      end loop;
      attend(l_weights, p_mask, i_row, p_queries, p_keys, p_is_causal, false);
      l_value := get_row(p_value, i_row, p_keys * p_outputs);
      utl_nla.blas_gemm(
        'N', 'N', p_outputs, p_queries, p_keys, 1f, l_value, p_outputs, l_weights, p_keys,
        0f, l_y, p_outputs
      );
      place_row(l_y, i_row, p_y);
    end loop;
  end additive_attention;
end nn_runtime_cbd9558b;
/
show errors
whenever sqlerror exit failure rollback

prompt were the packages of the runtime compiled?
declare
  l_owner varchar2(128) := user;
  l_valid pls_integer;
  l_errors varchar2(2000);
  ex_not_compiled exception;
  pragma exception_init(ex_not_compiled, -24344);
  procedure require_valid(p_package varchar2) is
  begin
    select count(*) into l_valid from all_objects
      where owner = l_owner and object_name = p_package and object_type = 'PACKAGE BODY';
    if l_valid = 0 then
      raise_application_error(-20904, 'package ' || p_package
        || ' could not be made: the error is told above, where it was tried');
    end if;
    select count(*) into l_valid from all_objects
      where owner = l_owner and object_name = p_package and object_type = 'PACKAGE BODY'
        and status = 'VALID';
    if l_valid = 0 then
      begin
        execute immediate 'alter package "' || l_owner || '"."' || p_package || '" compile';
      exception
        when ex_not_compiled then
          null;
      end;
    end if;
    for r in (select line, text from all_errors
              where owner = l_owner and name = p_package and attribute = 'ERROR' order by line) loop
      l_errors := substr(l_errors || chr(10) || 'line ' || to_char(r.line) || ': ' || r.text,
        1, 1500);
    end loop;
    select count(*) into l_valid from all_objects
      where owner = l_owner and object_name = p_package and object_type = 'PACKAGE BODY'
        and status = 'VALID';
    if l_errors is not null or l_valid = 0 then
      raise_application_error(-20904, 'package ' || p_package
        || ' does not compile here; what scored before is untouched' || l_errors);
    end if;
  end require_valid;
begin
  require_valid('NN_RUNTIME_CBD9558B');
end;
/

prompt model: package fraud_9cf3a7b6
prompt (ORA-00955 says that it is there already, and stays as it is)
whenever sqlerror continue
create package fraud_9cf3a7b6 authid definer is
  -- Model fraud, version 9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58,
  -- made from fraud.h5 by export-model 0.1.0. It never changes: another
  -- version is another package.
  -- p_x: input dense_0_input, 3, in row-major order.
  -- score: output dense_1, 1.
  -- A row with a null scores null; the wrong number of numbers is an error.

  -- The id is what the cursor's first column holds, as text.
  type t_score is record (
    id varchar2(4000),
    score binary_double,
    label varchar2(4000)
  );
  type t_scores is table of t_score;
  type t_label is record (
    id varchar2(4000),
    label varchar2(4000)
  );
  type t_labels is table of t_label;

  function score(
    a in binary_double,
    b in binary_double,
    c in binary_double
  ) return binary_double deterministic parallel_enable;
  function score(p_x in utl_nla_array_flt) return binary_double deterministic parallel_enable;
  function score(p_x in utl_nla_array_dbl) return binary_double deterministic parallel_enable;

  function label(
    a in binary_double,
    b in binary_double,
    c in binary_double
  ) return varchar2 deterministic parallel_enable;
  function label(p_x in utl_nla_array_flt) return varchar2 deterministic parallel_enable;
  function label(p_x in utl_nla_array_dbl) return varchar2 deterministic parallel_enable;

  -- Scores of all rows of a cursor, a batch at a time: its columns are an id, then
  -- the features.
  function score_table(p_rows in sys_refcursor) return t_scores
    pipelined parallel_enable (partition p_rows by any);
  function label_table(p_rows in sys_refcursor) return t_labels
    pipelined parallel_enable (partition p_rows by any);

  -- Scores the stored samples: how many, how many of them beyond the tolerance, and the largest
  -- difference, of |score - expected| / max(1, |expected|).
  procedure verify(
    p_samples out pls_integer,
    p_failed out pls_integer,
    p_difference out binary_double
  );
  -- The same, and an error for the first sample beyond the tolerance.
  procedure verify;
end fraud_9cf3a7b6;
/
show errors
whenever sqlerror exit failure rollback

prompt model: package body fraud_9cf3a7b6
prompt (ORA-00955 says that it is there already, and stays as it is)
whenever sqlerror continue
create package body fraud_9cf3a7b6 is

  gc_version constant varchar2(64) := '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58';
  gc_tolerance constant binary_double := 1.0000000000000001e-05d;
  -- Rows of a batch, so that no array holds more than nn_runtime_cbd9558b.gc_max_numbers.
  gc_batch constant pls_integer := 500;
  gc_labels constant nn_runtime_cbd9558b.t_labels := nn_runtime_cbd9558b.t_labels(
    '0', '1'
  );
  type t_differences is table of binary_double index by pls_integer;

  -- Weights, read once a session when the first row is scored, and never changed.
  g_is_loaded boolean := false;
  g_kernel_1 nn_runtime_cbd9558b.t_blocks; -- dense_0/kernel (3 x 2)
  g_bias_1 utl_nla_array_flt; -- dense_0/bias (2)
  g_kernel_2 nn_runtime_cbd9558b.t_blocks; -- dense_1/kernel (2 x 1)
  g_bias_2 utl_nla_array_flt; -- dense_1/bias (1)

  -- Nothing is kept unless every part was found and is what it should be.
  procedure load_weights is
    l_parts nn_runtime_cbd9558b.t_blocks;
  begin
    if g_is_loaded then
      return;
    end if;
    for r in (
      select part, numbers, sum_1, sum_2, data from export_model_weights
      where version = gc_version order by part
    ) loop
      nn_runtime_cbd9558b.check_part(r.data, r.part, r.numbers, r.sum_1, r.sum_2, gc_version);
      l_parts(r.part) := r.data;
    end loop;
    nn_runtime_cbd9558b.check_parts(l_parts, 4, gc_version);
    g_kernel_1(1) := l_parts(0);
    g_bias_1 := l_parts(1);
    g_kernel_2(1) := l_parts(2);
    g_bias_2 := l_parts(3);
    g_is_loaded := true;
  end load_weights;

  -- The network, for a batch of rows.
  procedure forward(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_1 utl_nla_array_flt;
    l_2 utl_nla_array_flt;
  begin
    load_weights;
    -- dense_0: dense 2
    nn_runtime_cbd9558b.dense(p_x, p_rows, 3, 2, g_kernel_1, g_bias_1, l_1);
    -- dense_0: activation 2
    nn_runtime_cbd9558b.activation(l_1, 'relu');
    -- dense_1: dense 1
    nn_runtime_cbd9558b.dense(l_1, p_rows, 2, 1, g_kernel_2, g_bias_2, l_2);
    -- dense_1: activation 1
    nn_runtime_cbd9558b.activation(l_2, 'sigmoid');
    p_y := l_2;
  end forward;

  -- Called by its full name: a feature may be called like a function.
  function score(
    a in binary_double,
    b in binary_double,
    c in binary_double
  ) return binary_double deterministic parallel_enable is
    pragma udf;
  begin
    return fraud_9cf3a7b6.score(utl_nla_array_flt(
      a, b, c
    ));
  end score;

  function score(p_x in utl_nla_array_flt) return binary_double deterministic parallel_enable is
    pragma udf;
    l_y utl_nla_array_flt;
  begin
    if not nn_runtime_cbd9558b.is_complete(p_x, 3, false, 'dense_0_input') then
      return null;
    end if;
    forward(p_x, 1, l_y);
    return l_y(1);
  end score;

  function score(p_x in utl_nla_array_dbl) return binary_double deterministic parallel_enable is
    pragma udf;
  begin
    return score(nn_runtime_cbd9558b.cast_(p_x));
  end score;

  function label(
    a in binary_double,
    b in binary_double,
    c in binary_double
  ) return varchar2 deterministic parallel_enable is
    pragma udf;
  begin
    return fraud_9cf3a7b6.label(utl_nla_array_flt(
      a, b, c
    ));
  end label;

  function label(p_x in utl_nla_array_flt) return varchar2 deterministic parallel_enable is
    pragma udf;
    l_y utl_nla_array_flt;
  begin
    if not nn_runtime_cbd9558b.is_complete(p_x, 3, false, 'dense_0_input') then
      return null;
    end if;
    forward(p_x, 1, l_y);
    return nn_runtime_cbd9558b.label_of(l_y, 1, gc_labels, 0.5d);
  end label;

  function label(p_x in utl_nla_array_dbl) return varchar2 deterministic parallel_enable is
    pragma udf;
  begin
    return label(nn_runtime_cbd9558b.cast_(p_x));
  end label;

  -- The next rows of a cursor and their scores; no rows at its end. p_places tells which row of the
  -- scores a row has, null for one that has none.
  procedure score_batch(
    p_rows in sys_refcursor,
    p_ids in out nocopy nn_runtime_cbd9558b.t_ids,
    p_places in out nocopy nn_runtime_cbd9558b.t_places,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_count pls_integer := 0;
    l_x1 nn_runtime_cbd9558b.t_column;
    l_x2 nn_runtime_cbd9558b.t_column;
    l_x3 nn_runtime_cbd9558b.t_column;
    l_row utl_nla_array_flt;
    l_x utl_nla_array_flt;
  begin
    fetch p_rows bulk collect into
      p_ids, l_x1, l_x2, l_x3
      limit gc_batch;
    if p_ids.count = 0 then
      return;
    end if;
    nn_runtime_cbd9558b.allocate(l_x, p_ids.count * 3);
    for i in 1 .. p_ids.count loop
      l_row := utl_nla_array_flt(
        l_x1(i), l_x2(i), l_x3(i)
      );
      p_places(i) := null;
      if nn_runtime_cbd9558b.put_row(l_row, l_count + 1, 3, 'dense_0_input', l_x) then
        l_count := l_count + 1;
        p_places(i) := l_count;
      end if;
    end loop;
    if l_count > 0 then
      l_x.trim((p_ids.count - l_count) * 3);
      forward(l_x, l_count, p_y);
    end if;
  exception
    when rowtype_mismatch then
      raise_application_error(
        nn_runtime_cbd9558b.gc_wrong_columns,
        'the cursor must have 4 columns: an id, then '
        || 'the features a, b, c'
      );
  end score_batch;

  function score_table(p_rows in sys_refcursor) return t_scores
    pipelined parallel_enable (partition p_rows by any) is
    l_ids nn_runtime_cbd9558b.t_ids;
    l_places nn_runtime_cbd9558b.t_places;
    l_y utl_nla_array_flt;
    l_score t_score;
    l_no_score t_score;
  begin
    loop
      score_batch(p_rows, l_ids, l_places, l_y);
      exit when l_ids.count = 0;
      for i in 1 .. l_ids.count loop
        l_score := l_no_score;
        l_score.id := l_ids(i);
        if l_places(i) is not null then
          l_score.score := l_y(l_places(i));
          l_score.label := nn_runtime_cbd9558b.label_of(l_y, l_places(i), gc_labels, 0.5d);
        end if;
        pipe row (l_score);
      end loop;
    end loop;
    close p_rows;
    return;
  exception
    when no_data_needed then
      close p_rows;
      return;
    when others then
      if p_rows%isopen then
        close p_rows;
      end if;
      raise;
  end score_table;

  function label_table(p_rows in sys_refcursor) return t_labels
    pipelined parallel_enable (partition p_rows by any) is
    l_ids nn_runtime_cbd9558b.t_ids;
    l_places nn_runtime_cbd9558b.t_places;
    l_y utl_nla_array_flt;
    l_label t_label;
  begin
    loop
      score_batch(p_rows, l_ids, l_places, l_y);
      exit when l_ids.count = 0;
      for i in 1 .. l_ids.count loop
        l_label.id := l_ids(i);
        l_label.label := null;
        if l_places(i) is not null then
          l_label.label := nn_runtime_cbd9558b.label_of(l_y, l_places(i), gc_labels, 0.5d);
        end if;
        pipe row (l_label);
      end loop;
    end loop;
    close p_rows;
    return;
  exception
    when no_data_needed then
      close p_rows;
      return;
    when others then
      if p_rows%isopen then
        close p_rows;
      end if;
      raise;
  end label_table;

  function sample_numbers(
    p_sample in pls_integer,
    p_is_output in pls_integer,
    p_port in pls_integer
  ) return utl_nla_array_flt is
    l_numbers utl_nla_array_flt;
  begin
    select numbers into l_numbers from export_model_samples
    where version = gc_version and sample = p_sample and is_output = p_is_output
      and port = p_port;
    return l_numbers;
  exception
    when no_data_found then
      raise_application_error(
        nn_runtime_cbd9558b.gc_missing_samples,
        'sample ' || p_sample || ' of version ' || gc_version || ' is missing; deploy the model again'
      );
  end sample_numbers;

  -- The difference of a sample's scores from what was expected, where it is larger than p_worst.
  procedure compare(
    p_scores in utl_nla_array_flt,
    p_sample in pls_integer,
    p_port in pls_integer,
    p_worst in out binary_double
  ) is
  begin
    p_worst := greatest(
      p_worst, nn_runtime_cbd9558b.difference(p_scores, sample_numbers(p_sample, 1, p_port))
    );
  end compare;

  -- The largest difference of each sample from what was expected: of the functions that score a row,
  -- and of score_table.
  procedure compare_samples(
    p_alone in out nocopy t_differences,
    p_batched in out nocopy t_differences
  ) is
    l_rows pls_integer := 0;
    l_sample pls_integer;
    l_x utl_nla_array_flt;
  begin
    for i_sample in 0 .. 2 loop
      p_alone(i_sample) := 0d;
      p_batched(i_sample) := 0d;
      l_x := sample_numbers(i_sample, 0, 0);
      compare(
        utl_nla_array_flt(to_binary_float(fraud_9cf3a7b6.score(l_x))),
        i_sample, 0, p_alone(i_sample)
      );
      compare(
        utl_nla_array_flt(to_binary_float(fraud_9cf3a7b6.score(
          to_binary_double(l_x(1)), to_binary_double(l_x(2)), to_binary_double(l_x(3))
        ))),
        i_sample, 0, p_alone(i_sample)
      );
    end loop;
    -- Every sample twice, beside its input and beside its output: a batch has several rows then.
    for r in (
      select t.id, t.score
      from table(fraud_9cf3a7b6.score_table(cursor(
        select c.sample,
          nn_runtime_cbd9558b.number_of(s1.numbers, 1),
          nn_runtime_cbd9558b.number_of(s1.numbers, 2),
          nn_runtime_cbd9558b.number_of(s1.numbers, 3)
        from export_model_samples c, export_model_samples s1
        where c.version = gc_version and c.port = 0
          and s1.version = gc_version and s1.sample = c.sample
          and s1.is_output = 0 and s1.port = 0
      ))) t
    ) loop
      l_rows := l_rows + 1;
      l_sample := to_number(r.id, '9999999999', 'nls_numeric_characters=''.,''');
      compare(
        utl_nla_array_flt(to_binary_float(r.score)),
        l_sample, 0, p_batched(l_sample)
      );
    end loop;
    if l_rows <> 6 then
      p_batched(0) := binary_double_infinity; -- score_table lost rows or made some up
    end if;
  end compare_samples;

  procedure verify(
    p_samples out pls_integer,
    p_failed out pls_integer,
    p_difference out binary_double
  ) is
    l_alone t_differences;
    l_batched t_differences;
    l_difference binary_double;
  begin
    p_samples := 3;
    p_failed := 0;
    p_difference := 0d;
    compare_samples(l_alone, l_batched);
    for i_sample in 0 .. 2 loop
      l_difference := greatest(l_alone(i_sample), l_batched(i_sample));
      p_difference := greatest(p_difference, l_difference);
      if l_difference > gc_tolerance then
        p_failed := p_failed + 1;
      end if;
    end loop;
  end verify;

  procedure verify is
    l_alone t_differences;
    l_batched t_differences;
  begin
    compare_samples(l_alone, l_batched);
    for i_sample in 0 .. 2 loop
      if l_alone(i_sample) > gc_tolerance or l_batched(i_sample) > gc_tolerance then
        raise_application_error(
          nn_runtime_cbd9558b.gc_wrong_score,
          'version ' || gc_version || ': sample ' || i_sample || ' is off by ' || to_char(l_alone(i_sample))
          || ' alone and by ' || to_char(l_batched(i_sample)) || ' in score_table, the tolerance is '
          || to_char(gc_tolerance)
        );
      end if;
    end loop;
  end verify;
end fraud_9cf3a7b6;
/
show errors
whenever sqlerror exit failure rollback

prompt was the package compiled?
declare
  l_owner varchar2(128) := user;
  l_valid pls_integer;
  l_errors varchar2(2000);
  ex_not_compiled exception;
  pragma exception_init(ex_not_compiled, -24344);
  procedure require_valid(p_package varchar2) is
  begin
    select count(*) into l_valid from all_objects
      where owner = l_owner and object_name = p_package and object_type = 'PACKAGE BODY';
    if l_valid = 0 then
      raise_application_error(-20904, 'package ' || p_package
        || ' could not be made: the error is told above, where it was tried');
    end if;
    select count(*) into l_valid from all_objects
      where owner = l_owner and object_name = p_package and object_type = 'PACKAGE BODY'
        and status = 'VALID';
    if l_valid = 0 then
      begin
        execute immediate 'alter package "' || l_owner || '"."' || p_package || '" compile';
      exception
        when ex_not_compiled then
          null;
      end;
    end if;
    for r in (select line, text from all_errors
              where owner = l_owner and name = p_package and attribute = 'ERROR' order by line) loop
      l_errors := substr(l_errors || chr(10) || 'line ' || to_char(r.line) || ': ' || r.text,
        1, 1500);
    end loop;
    select count(*) into l_valid from all_objects
      where owner = l_owner and object_name = p_package and object_type = 'PACKAGE BODY'
        and status = 'VALID';
    if l_errors is not null or l_valid = 0 then
      raise_application_error(-20904, 'package ' || p_package
        || ' does not compile here; what scored before is untouched' || l_errors);
    end if;
  end require_valid;
begin
  require_valid('FRAUD_9CF3A7B6');
end;
/

prompt prove it: score the samples
begin
  fraud_9cf3a7b6.verify;
end;
/

prompt proved: this version never changes again
begin
  update export_model_versions set state = 'verified' where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58';
  commit;
end;
/

prompt copy the grants of the version before
declare
  l_package varchar2(128);
begin
  for s in (select table_name from user_synonyms
            where synonym_name = 'FRAUD' and table_owner = user) loop
    l_package := s.table_name;
  end loop;
  if l_package <> 'FRAUD_9CF3A7B6' then
    for r in (select grantee from user_tab_privs
              where owner = user and grantor = user and table_name = 'FRAUD_9CF3A7B6'
                and privilege = 'EXECUTE'
              order by grantee) loop
      execute immediate 'revoke execute on ' || 'fraud_9cf3a7b6' || ' from '
        || case when r.grantee = 'PUBLIC' then 'public' else '"' || r.grantee || '"' end;
    end loop;
  end if;
  for r in (select grantee, grantable from user_tab_privs
            where owner = user and table_name = l_package and privilege = 'EXECUTE'
            order by grantee) loop
    execute immediate 'grant execute on ' || 'fraud_9cf3a7b6' || ' to '
      || case when r.grantee = 'PUBLIC' then 'public' else '"' || r.grantee || '"' end
      || case when r.grantable = 'YES' then ' with grant option' end;
  end loop;
end;
/

prompt switch to this version
create or replace synonym fraud for fraud_9cf3a7b6
/

prompt revoke the grants of the versions before
begin
  for r in (select p.table_name, p.grantee from export_model_versions v, user_tab_privs p
            where v.model = 'fraud' and v.package_name <> 'FRAUD_9CF3A7B6'
              and p.owner = user and p.grantor = user and p.table_name = v.package_name
              and p.privilege = 'EXECUTE'
            order by p.table_name, p.grantee) loop
    execute immediate 'revoke execute on "' || r.table_name || '" from '
      || case when r.grantee = 'PUBLIC' then 'public' else '"' || r.grantee || '"' end;
  end loop;
end;
/

prompt deploy model fraud, version 9cf3a7b650ef: done
whenever sqlerror continue
whenever oserror continue
