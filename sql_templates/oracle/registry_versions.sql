{# One row a version; a verified version never changes. plan is the JSON that every target has; with it, manifest is enough to
   compile the package again, see exporter/manifest.py. version_number is null until the version is verified. database and engine are what it was compiled for.
   variables: none #}
create table export_model_versions (
  version varchar2(64) not null primary key,
  model varchar2(128) not null,
  package_name varchar2(128) not null,
  runtime_name varchar2(128) not null,
  state varchar2(8) not null check (state in ('staged', 'verified')),
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
  database varchar2(30) default 'oracle' not null,
  engine varchar2(30) default 'plsql' not null,
  format varchar2(100) default 'keras' not null,
  manifest clob,
  version_number number(10),
  metrics clob,
  source_uri varchar2(4000),
  because clob
)
