-- Model fraud, version 9cf3a7b650ef, made by export-model.
-- Run it with: psql -v ON_ERROR_STOP=1 -f THIS_FILE
-- It is one transaction: when any statement fails, nothing is changed.
--
-- Made from fraud.h5: 11 parameters, 0.0 KB of weights.
-- It makes schema "fraud" with the functions score, label, pack, scorer, score_batch, score_table, label_batch, label_table, score_into, score_stack, label_stack, verify;
-- and, where it is not there yet, schema export_model with 6 tables, a view and
-- 52 functions that all models share: most of this file, for any model.
-- It reads no table of yours and ends by scoring 3 sample rows.
-- Rights: a superuser's, because it makes PL/Python functions; plpython3u must be in
-- the database, and numpy in the Python of the server.
-- Who scores needs: grant usage on schema "fraud" to ...
-- It is removed by: select export_model.drop_model('fraud')
\set ON_ERROR_STOP on
begin isolation level read committed;

-- settings of this transaction
do $function$
begin
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),
          pg_catalog.set_config('client_encoding', 'UTF8', true),
          pg_catalog.set_config('standard_conforming_strings', 'on', true),
          pg_catalog.set_config('quote_all_identifiers', 'off', true),
          pg_catalog.set_config('client_min_messages', 'warning', true);
end
$function$;

-- check the server
do $function$
declare
  l_number constant integer := current_setting('server_version_num')::integer;
  l_generation integer;
  l_down text;
begin
  if not exists (select from pg_class where relname = 'gp_segment_configuration' and relnamespace = 'pg_catalog'::regnamespace) then
    raise exception 'this is PostgreSQL %, not Greenplum', current_setting('server_version')
      using hint = 'Export again with: --target postgres';
  end if;
  l_generation := case when l_number < 100000 then 6 else 7 end;
  if l_generation <> 7 then
    raise exception 'this script is for Greenplum %, the server is %', 7, version()
      using hint = format('Export again with: --target greenplum --greenplum-version %s', l_generation);
  end if;
  select string_agg(format('%s (%s:%s)', content, hostname, port), ', ' order by content) into l_down
    from gp_segment_configuration where role = 'p' and status <> 'u';
  if l_down is not null then
    raise exception 'segments are down: %', l_down
      using hint = 'Bring them up first: gprecoverseg.';
  end if;
end
$function$;

-- wait for other deployments
do $function$
begin
  perform pg_catalog.pg_advisory_xact_lock(7307497, 1);
end
$function$;

-- check that nothing belongs to others
do $function$
declare
  l_findings text;
begin
  select string_agg(format(E'%s\n    mend it: %s;', f.finding, f.mend), E'\n' order by f.finding) into l_findings from (
with trusted as (
  select r.oid from pg_roles r where r.rolsuper or r.rolname = case when (select s.rolsuper from pg_roles s where s.rolname = session_user) then session_user else current_user end

), places as (
  select n.oid, n.nspname, n.nspowner, n.nspacl from pg_namespace n where n.nspname = any (array['export_model', 'fraud']::pg_catalog.text[])
), tables as (
  select c.oid, c.relkind, c.relacl from pg_class c join places n on n.oid = c.relnamespace
  where n.nspname = 'export_model' and c.relname in ('models', 'versions', 'tensors', 'chunks', 'samples', 'objects')
), owned (class, id, owner) as (
  select 'pg_namespace'::regclass, n.oid, n.nspowner from places n
  union all
  select 'pg_class'::regclass, c.oid, c.relowner from pg_class c join places n on n.oid = c.relnamespace
    where n.nspname = 'export_model' and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all
  select 'pg_proc'::regclass, p.oid, p.proowner from pg_proc p join places n on n.oid = p.pronamespace
  union all
  select 'pg_type'::regclass, t.oid, t.typowner from pg_type t join places n on n.oid = t.typnamespace
    left join pg_class c on c.oid = t.typrelid
    where t.typelem = 0 and coalesce(c.relkind = 'c', true)
  union all
  select 'pg_foreign_data_wrapper'::regclass, w.oid, w.fdwowner from pg_foreign_data_wrapper w
    where w.fdwname like 'export\_model\_%'
  union all
  select 'pg_foreign_server'::regclass, s.oid, s.srvowner from pg_foreign_server s where s.srvname like 'export\_model\_%'
), hanging (class, id) as (
  select d.classid::regclass, d.objid from pg_depend d join tables t on t.oid = d.refobjid
    where d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') and d.classid <> 'pg_type'::regclass
), granted (what, privilege, grantee) as (
  select format('schema %I', n.nspname), a.privilege_type, a.grantee from places n, aclexplode(n.nspacl) a
    where a.privilege_type = 'CREATE'
  union all
  select format('table %s', t.oid::regclass), a.privilege_type, a.grantee from tables t, aclexplode(t.relacl) a
    where a.privilege_type <> 'SELECT'
  union all
  select format('table %s', t.oid::regclass), a.privilege_type, a.grantee
    from tables t join pg_attribute c on c.attrelid = t.oid, aclexplode(c.attacl) a where a.privilege_type <> 'SELECT'
), found (what, problem, mend) as (
  select i.type || ' ' || i.identity, 'belongs to role ' || quote_ident(r.rolname),
      case when i.type in ('schema', 'table') then format('alter %s %s owner to %I', i.type, i.identity, case when (select s.rolsuper from pg_roles s where s.rolname = session_user) then session_user else current_user end)
        else format('drop %s %s', case o.class when 'pg_type'::regclass then 'type'
          when 'pg_foreign_data_wrapper'::regclass then 'foreign data wrapper' else i.type end, i.identity) end
    from owned o join pg_roles r on r.oid = o.owner, pg_identify_object(o.class, o.id, 0) i
    where o.owner not in (select oid from trusted)
  union all
  select format('event trigger %I', e.evtname), format('runs function %s of role %I', p.oid::regprocedure, r.rolname),
      format('alter event trigger %I disable', e.evtname)
    from pg_event_trigger e join pg_proc p on p.oid = e.evtfoid join pg_roles r on r.oid = p.proowner
    where e.evtenabled <> 'D' and p.proowner not in (select oid from trusted)
  union all
  select i.type || ' ' || i.identity, 'runs with the rights of who writes to the registry', format('drop %s %s', i.type, i.identity)
    from hanging h, pg_identify_object(h.class, h.id, 0) i
    where h.class::text in ('pg_trigger', 'pg_rewrite', 'pg_policy', 'pg_statistic_ext')
  union all
  select u.type || ' ' || u.identity, 'needs ' || f.type || ' ' || f.identity, 'drop schema export_model cascade'
    from (select h.class, h.id from hanging h where h.class::text in ('pg_class', 'pg_attrdef', 'pg_constraint')
          union select 'pg_class'::regclass, t.oid from tables t) h
    join pg_depend d on d.classid = h.class and d.objid = h.id
      and d.refclassid::regclass::text in ('pg_proc', 'pg_type', 'pg_operator', 'pg_opclass'),
    pg_identify_object(h.class, h.id, 0) u, pg_identify_object(d.refclassid, d.refobjid, 0) f
  union all
  select format('constraint %I on %s', k.conname, k.conrelid::regclass), 'ties the registry to other tables',
      format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname)
    from pg_constraint k where k.contype in ('f', 'x')
      and (k.conrelid in (select oid from tables) or k.confrelid in (select oid from tables))
  union all
  select 'table ' || h.inhrelid::regclass, 'inherits from ' || h.inhparent::regclass, format('drop table %s', h.inhrelid::regclass)
    from pg_inherits h where h.inhrelid in (select oid from tables) or h.inhparent in (select oid from tables)
  union all
  select t.oid::regclass::text, 'is no table', 'drop schema export_model cascade' from tables t where t.relkind <> 'r'
  union all
  select g.what, format('%s is granted to %s', g.privilege, coalesce(quote_ident(r.rolname), 'public')),
      format('revoke %s on %s from %s', g.privilege, g.what, coalesce(quote_ident(r.rolname), 'public'))
    from granted g left join pg_roles r on r.oid = g.grantee
    where g.grantee not in (select oid from trusted)
)
select distinct f.what || ' ' || f.problem as finding, f.mend from found f order by 1
  ) f;
  if l_findings is not null then
    raise exception 'the registry or the model is in the hands of others than role "%" and superusers',
        case when (select s.rolsuper from pg_roles s where s.rolname = session_user) then session_user else current_user end
      using errcode = 'insufficient_privilege', detail = l_findings,
        hint = 'It is neither run nor reused. Look at each; what export-model made, the next deployment makes again.';
  end if;
end
$function$;

-- names
do $function$
declare
  l_schema record;
begin
  for l_schema in
    select min(n.nspname::text) as found, w.name, count(*) as count
    from (values ('export_model', 'export-model registry, format %'),
                 ('fraud', 'export-model: %, version ' || '9cf3a7b650ef')) as w (name, comment)
    join pg_namespace n on obj_description(n.oid, 'pg_namespace') like w.comment
    join pg_roles r on r.oid = n.nspowner and (r.rolsuper or r.rolname = current_user)
    where not exists (select from pg_namespace x where x.nspname = w.name)
    group by w.name
  loop
    if l_schema.count = 1 then
      execute format('alter schema %I rename to %I', l_schema.found, l_schema.name);
    end if;
  end loop;
end
$function$;

-- check PL/Python
do $function$
begin
  if not exists (select from pg_language where lanname = 'plpython3u') then
    raise exception 'PL/Python is not installed in this database'
      using hint = 'As a superuser run: create extension plpython3u;'
        || ' (Debian and Ubuntu: apt-get install postgresql-plpython3-'
        || current_setting('server_version_num')::integer / 10000 || ')';
  end if;
  -- one helper is in language internal: marking plpython3u as trusted is not enough
  if not (select r.rolsuper from pg_roles r where r.rolname = current_user) then
    raise exception 'role "%" may not create PL/Python functions', current_user
      using errcode = 'insufficient_privilege',
        hint = 'Let a superuser run this deployment; scoring itself needs no such right.';
  end if;
end
$function$;

-- check numpy in the server
do $function$
declare
  l_place record;
begin
  create or replace function pg_temp.export_model_numpy() returns text language plpython3u volatile as '
import sys
try:
    import numpy
except Exception as error:
    return "Python {} with the path {}: {}".format(sys.version.split()[0], sys.path, error)
';
  for l_place in
    select -1 as segment, pg_temp.export_model_numpy() as problem
    union all
    select gp_execution_segment(), pg_temp.export_model_numpy() from gp_dist_random('gp_id')
  loop
    if l_place.problem is not null then
      raise exception 'Python cannot import numpy on %',
          case when l_place.segment < 0 then 'the coordinator' else 'segment ' || l_place.segment end
        using detail = l_place.problem,
          hint = 'Install it for that Python on every host: the package python3-numpy, or pip install numpy.';
    end if;
  end loop;
  drop function pg_temp.export_model_numpy();
end
$function$;

-- check what a deployment needs
do $function$
declare
  l_model constant text := 'fraud';
  l_comment text;
  l_format integer;
  l_other text;
  l_is_ours boolean;
begin
  if not has_database_privilege(current_database(), 'create') then
    raise exception 'role "%" may not create schemas in database "%"', current_user, current_database()
      using errcode = 'insufficient_privilege',
        hint = format('As its owner run: grant create on database %I to %I;',
                      current_database(), current_user);
  end if;
  select obj_description(n.oid, 'pg_namespace') into l_comment from pg_namespace n where n.nspname = 'export_model';
  l_format := substring(l_comment from '^export-model registry, format ([0-9]{1,6})$');
  if found and l_format is null then
    raise exception 'schema "export_model" exists and is not a registry of this format'
      using hint = 'Rename that schema, or use the version of export-model that made it.';
  end if;
  if l_format > 2 then
    raise exception 'the registry has format %, which a newer export-model made; this one knows % and older', l_format, 2
      using hint = 'Use that version of export-model, or a newer one: pip install --upgrade export-model';
  end if;
  if exists (select from pg_attribute where attrelid = to_regclass('export_model.versions') and attname = 'database') then
    select max(v.database) into l_other from export_model.versions v where v.database <> 'greenplum';
    if l_other is not null then
      raise exception 'the registry holds models for target %, and this script is for target %', l_other, 'greenplum'
        using hint = 'What was deployed for another database does not score here. Drop those models first: export-model drop --name ...';
    end if;
  end if;
  if exists (select from pg_namespace where nspname = l_model) then
    if to_regclass('export_model.models') is not null then  -- planned only where the table is there
      select true into l_is_ours from export_model.models where name = l_model;
    end if;
    if l_is_ours is null and left(coalesce(obj_description((select oid from pg_namespace where nspname = l_model), 'pg_namespace'), ''), 14)
        <> 'export-model: ' then  -- its registry is gone
      raise exception 'schema "%" exists and was not made by export-model; it is left untouched', l_model
        using errcode = 'duplicate_schema', hint = 'Choose another name with --name.';
    end if;
  end if;
end
$function$;

-- registry: schema
do $function$
declare
  l_grantee text;
begin
  if exists (select from pg_namespace where nspname = 'export_model') then
    return;
  end if;
  create schema export_model;
  comment on schema export_model is 'export-model registry, format 2';
  for l_grantee in
    select distinct coalesce(quote_ident(r.rolname), 'public') from pg_namespace n, aclexplode(n.nspacl) a
    left join pg_roles r on r.oid = a.grantee where n.nspname = 'export_model' and a.grantee <> n.nspowner
  loop
    execute 'revoke all on schema export_model from ' || l_grantee;
  end loop;
end
$function$;

-- schema
do $function$
declare
  l_grantee text;
begin
  if exists (select from pg_namespace where nspname = 'fraud') then
    return;
  end if;
  create schema "fraud";
  for l_grantee in
    select distinct coalesce(quote_ident(r.rolname), 'public') from pg_namespace n, aclexplode(n.nspacl) a
    left join pg_roles r on r.oid = a.grantee
    where n.nspname = 'fraud' and a.grantee <> n.nspowner and a.privilege_type = 'CREATE'
  loop
    execute format('revoke create on schema %I from ', 'fraud') || l_grantee;
  end loop;
end
$function$;

-- check that nothing belongs to others
do $function$
declare
  l_findings text;
begin
  select string_agg(format(E'%s\n    mend it: %s;', f.finding, f.mend), E'\n' order by f.finding) into l_findings from (
with trusted as (
  select r.oid from pg_roles r where r.rolsuper or r.rolname = case when (select s.rolsuper from pg_roles s where s.rolname = session_user) then session_user else current_user end

), places as (
  select n.oid, n.nspname, n.nspowner, n.nspacl from pg_namespace n where n.nspname = any (array['export_model', 'fraud']::pg_catalog.text[])
), tables as (
  select c.oid, c.relkind, c.relacl from pg_class c join places n on n.oid = c.relnamespace
  where n.nspname = 'export_model' and c.relname in ('models', 'versions', 'tensors', 'chunks', 'samples', 'objects')
), owned (class, id, owner) as (
  select 'pg_namespace'::regclass, n.oid, n.nspowner from places n
  union all
  select 'pg_class'::regclass, c.oid, c.relowner from pg_class c join places n on n.oid = c.relnamespace
    where n.nspname = 'export_model' and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all
  select 'pg_proc'::regclass, p.oid, p.proowner from pg_proc p join places n on n.oid = p.pronamespace
  union all
  select 'pg_type'::regclass, t.oid, t.typowner from pg_type t join places n on n.oid = t.typnamespace
    left join pg_class c on c.oid = t.typrelid
    where t.typelem = 0 and coalesce(c.relkind = 'c', true)
  union all
  select 'pg_foreign_data_wrapper'::regclass, w.oid, w.fdwowner from pg_foreign_data_wrapper w
    where w.fdwname like 'export\_model\_%'
  union all
  select 'pg_foreign_server'::regclass, s.oid, s.srvowner from pg_foreign_server s where s.srvname like 'export\_model\_%'
), hanging (class, id) as (
  select d.classid::regclass, d.objid from pg_depend d join tables t on t.oid = d.refobjid
    where d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') and d.classid <> 'pg_type'::regclass
), granted (what, privilege, grantee) as (
  select format('schema %I', n.nspname), a.privilege_type, a.grantee from places n, aclexplode(n.nspacl) a
    where a.privilege_type = 'CREATE'
  union all
  select format('table %s', t.oid::regclass), a.privilege_type, a.grantee from tables t, aclexplode(t.relacl) a
    where a.privilege_type <> 'SELECT'
  union all
  select format('table %s', t.oid::regclass), a.privilege_type, a.grantee
    from tables t join pg_attribute c on c.attrelid = t.oid, aclexplode(c.attacl) a where a.privilege_type <> 'SELECT'
), found (what, problem, mend) as (
  select i.type || ' ' || i.identity, 'belongs to role ' || quote_ident(r.rolname),
      case when i.type in ('schema', 'table') then format('alter %s %s owner to %I', i.type, i.identity, case when (select s.rolsuper from pg_roles s where s.rolname = session_user) then session_user else current_user end)
        else format('drop %s %s', case o.class when 'pg_type'::regclass then 'type'
          when 'pg_foreign_data_wrapper'::regclass then 'foreign data wrapper' else i.type end, i.identity) end
    from owned o join pg_roles r on r.oid = o.owner, pg_identify_object(o.class, o.id, 0) i
    where o.owner not in (select oid from trusted)
  union all
  select format('event trigger %I', e.evtname), format('runs function %s of role %I', p.oid::regprocedure, r.rolname),
      format('alter event trigger %I disable', e.evtname)
    from pg_event_trigger e join pg_proc p on p.oid = e.evtfoid join pg_roles r on r.oid = p.proowner
    where e.evtenabled <> 'D' and p.proowner not in (select oid from trusted)
  union all
  select i.type || ' ' || i.identity, 'runs with the rights of who writes to the registry', format('drop %s %s', i.type, i.identity)
    from hanging h, pg_identify_object(h.class, h.id, 0) i
    where h.class::text in ('pg_trigger', 'pg_rewrite', 'pg_policy', 'pg_statistic_ext')
  union all
  select u.type || ' ' || u.identity, 'needs ' || f.type || ' ' || f.identity, 'drop schema export_model cascade'
    from (select h.class, h.id from hanging h where h.class::text in ('pg_class', 'pg_attrdef', 'pg_constraint')
          union select 'pg_class'::regclass, t.oid from tables t) h
    join pg_depend d on d.classid = h.class and d.objid = h.id
      and d.refclassid::regclass::text in ('pg_proc', 'pg_type', 'pg_operator', 'pg_opclass'),
    pg_identify_object(h.class, h.id, 0) u, pg_identify_object(d.refclassid, d.refobjid, 0) f
  union all
  select format('constraint %I on %s', k.conname, k.conrelid::regclass), 'ties the registry to other tables',
      format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname)
    from pg_constraint k where k.contype in ('f', 'x')
      and (k.conrelid in (select oid from tables) or k.confrelid in (select oid from tables))
  union all
  select 'table ' || h.inhrelid::regclass, 'inherits from ' || h.inhparent::regclass, format('drop table %s', h.inhrelid::regclass)
    from pg_inherits h where h.inhrelid in (select oid from tables) or h.inhparent in (select oid from tables)
  union all
  select t.oid::regclass::text, 'is no table', 'drop schema export_model cascade' from tables t where t.relkind <> 'r'
  union all
  select g.what, format('%s is granted to %s', g.privilege, coalesce(quote_ident(r.rolname), 'public')),
      format('revoke %s on %s from %s', g.privilege, g.what, coalesce(quote_ident(r.rolname), 'public'))
    from granted g left join pg_roles r on r.oid = g.grantee
    where g.grantee not in (select oid from trusted)
)
select distinct f.what || ' ' || f.problem as finding, f.mend from found f order by 1
  ) f;
  if l_findings is not null then
    raise exception 'the registry or the model is in the hands of others than role "%" and superusers',
        case when (select s.rolsuper from pg_roles s where s.rolname = session_user) then session_user else current_user end
      using errcode = 'insufficient_privilege', detail = l_findings,
        hint = 'It is neither run nor reused. Look at each; what export-model made, the next deployment makes again.';
  end if;
end
$function$;

-- registry: models
create table if not exists export_model.models (
  name text primary key,
  current_version text not null,
  created_at timestamp with time zone not null default current_timestamp
)
distributed replicated;

-- registry: versions
create table if not exists export_model.versions (
  version text primary key,
  model text not null,
  database text not null,
  engine text not null,
  graph_digest text not null,
  source_file text not null,
  source_sha256 text not null,
  format text not null,
  format_version text not null,
  parameters bigint not null,
  inputs text not null,
  outputs text not null,
  features text[] not null,
  labels text[] not null,
  threshold double precision,
  plan text not null,
  manifest text not null,
  runtime text not null,
  weight_bytes bigint not null,
  chunks integer not null,
  expected_by text not null,
  tolerance double precision not null,
  exporter_version text not null,
  deployed_at timestamp with time zone not null default current_timestamp,
  deployed_by text not null default session_user
)
distributed replicated;

-- registry: tensors
create table if not exists export_model.tensors (
  version text not null,
  tensor integer not null,
  name text not null,
  shape integer[] not null,
  first_number bigint not null,
  numbers bigint not null,
  sha256 text not null,
  primary key (version, tensor)
)
distributed replicated;

-- registry: chunks
create table if not exists export_model.chunks (
  version text not null,
  chunk integer not null,
  bytes integer not null,
  sha256 text not null,
  data bytea not null,
  primary key (version, chunk)
)
distributed replicated;

-- registry: samples
create table if not exists export_model.samples (
  version text not null,
  sample integer not null,
  is_output boolean not null,
  port integer not null,
  name text not null,
  numbers real[],
  texts text[],
  primary key (version, sample, is_output, port),
  check ((numbers is null) <> (texts is null))
)
distributed replicated;

-- registry: objects
create table if not exists export_model.objects (
  model text not null,
  kind text not null,
  identity text not null,
  header text not null,
  primary key (model, identity)
)
distributed replicated;

-- registry: bring it to this format
do $function$
declare
  l_timeout constant text := current_setting('lock_timeout');
begin
  if (select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'export_model') <> 'export-model registry, format 1' then
    return;
  end if;
  if exists (select from pg_attribute where attrelid = 'export_model.versions'::regclass and attname = 'keras_version') then
    begin
      perform set_config('lock_timeout', '15s', true);
      lock table export_model.versions in access exclusive mode;
    exception when lock_not_available then
      raise exception 'the registry cannot be brought to the format of this export-model: sessions are using it'
        using errcode = 'lock_not_available', hint = 'Deploy again when their transactions have ended; nothing was changed.';
    end;
    perform set_config('lock_timeout', l_timeout, true), set_config('extra_float_digits', '3', true);
    alter table export_model.versions rename column keras_version to format_version;
    alter table export_model.versions add column database text, add column engine text, add column format text,
      add column manifest text;
    update export_model.versions v set database = 'greenplum', engine = 'plpython', format = 'keras',
      manifest = json_build_object('manifest', 1, 'version', v.version, 'weight_bytes', v.weight_bytes,
        'source', json_build_object('format', 'keras', 'format_version', v.format_version, 'file_name', v.source_file,
          'sha256', v.source_sha256),
        'graph_digest', v.graph_digest, 'parameters', v.parameters, 'layers', null, 'expected_by', v.expected_by,
        'tolerance', v.tolerance, 'exporter', v.exporter_version);
    alter table export_model.versions alter column database set not null, alter column engine set not null,
      alter column format set not null, alter column manifest set not null;
  end if;
  if exists (select from pg_attribute where attrelid = to_regclass('export_model.overview') and attname = 'keras_version') then
    alter table export_model.overview rename column keras_version to format_version;
  end if;
  execute format('comment on schema export_model is %L', 'export-model registry, format 2');
end
$function$;

-- registry: overview
create or replace view export_model.overview as
select v.model,
       substr(v.version, 1, 12) as version,
       v.version operator(pg_catalog.=) m.current_version as is_current,
       v.inputs,
       v.outputs,
       v.parameters,
       v.source_file,
       v.format_version,
       v.expected_by,
       v.tolerance,
       v.deployed_at,
       v.deployed_by,
       v.format,
       v.database,
       v.engine
from export_model.versions v
join export_model.models m on m.name operator(pg_catalog.=) v.model
order by v.model, v.deployed_at desc;

-- registry: rights
do $function$
declare
  l_grantee text;
begin
  revoke all on all tables in schema export_model from public;
  if exists (select from export_model.models) then
    return;
  end if;
  for l_grantee in
    select distinct quote_ident(r.rolname) from pg_class c, aclexplode(c.relacl) a, pg_roles r
    where c.relnamespace = (select oid from pg_namespace where nspname = 'export_model')
      and a.grantee <> c.relowner and r.oid = a.grantee
  loop
    execute 'revoke all on all tables in schema export_model from ' || l_grantee;
  end loop;
end
$function$;

-- remove functions that were altered
do $function$
declare
  l_function regprocedure;
begin
  drop function if exists export_model.drop_model(text);  -- of a program that knew no force
  for l_function in
    select f.id::regprocedure
    from (values
      ('export_model."runtime_834039b3c8bc"(text, text, bytea)', 'bedaa9734bff'),
      ('export_model.loaded(text)', '1b3c6d718d58'),
      ('export_model.cache_limit()', 'e9f80c05a92f'),
      ('export_model.evict(bigint, bigint, double precision, text[])', 'c4064c788aba'),
      ('export_model.collect(bytea, bigint, bigint)', '9b5769a22513'),
      ('export_model.load(text)', '598d31914c44'),
      ('export_model.drop_model(text, boolean)', '37be30af2739'),
      ('export_model.check_place()', 'fe7f076e24a1'),
      ('export_model.full_name(regclass)', '3a854f10a0ec'),
      ('export_model.type_name(regtype)', 'f79015488a30'),
      ('export_model.list_columns(text, jsonb)', '2df1bbd8b3ce'),
      ('export_model.ask_types(text, text[])', 'f2c12c989817'),
      ('export_model.pack_item(text[], regtype[], boolean, boolean)', 'ce41b6c2ada4'),
      ('export_model.column_letter(regtype, text)', 'abc45f1fcaaa'),
      ('export_model.column_letters(text[], regtype[], text[])', '136035f4784c'),
      ('export_model.pack_arguments(text[], regtype[], jsonb)', '58f16f956a70'),
      ('export_model.pack_columns(text[], regtype[], text[])', '3860cec4f908'),
      ('export_model.pack_row(jsonb, regtype[])', '8b231b7628c4'),
      ('export_model.count_blocks(regclass)', '0b014ba51218'),
      ('export_model.held_type(regtype)', 'eecf410db1ea'),
      ('export_model.query_item(text)', 'e43b59dd2ca2'),
      ('export_model.check_settings(text, text)', '7cfaf4dc2341'),
      ('export_model.source(text, text, jsonb)', 'b4b4ccfb8d1d'),
      ('export_model.score_rows(text, text, anyarray, bytea)', '4674da2626a9'),
      ('export_model.score_source(jsonb, text, text, text, anyelement)', '424df5160d02'),
      ('export_model.target_query(text, text, text)', 'f18c5fe858d6'),
      ('export_model.list_types(name[], oid[])', 'b87d34285ae6'),
      ('export_model.check_target(regclass, text, text)', '2647ccff8c7d'),
      ('export_model.check_name(text)', '61e6a3c2bbfd'),
      ('export_model.prepare_target(text, text, text)', '6971216dc514'),
      ('export_model.has_key(regclass, text)', '92ef74d1d208'),
      ('export_model.check_key(text, text, text)', 'be674c896891'),
      ('export_model.check_key_type(text, text)', '64a460da077f'),
      ('export_model.lock_target(regclass)', '443526b9d19c'),
      ('export_model.equality(regclass)', 'dcc0b8c3ea07'),
      ('export_model.describe_job(text, regclass, jsonb)', '19c51e51b527'),
      ('export_model.open_scoring(jsonb, text, text, text)', '570edcf1a22f'),
      ('export_model.is_atomic(text)', '14d1b799de90'),
      ('export_model.check_transaction()', '512da63e36dd'),
      ('export_model.score_into(jsonb, text, text, text)', '0980087fca5e'),
      ('export_model.score_group(text, text, anyarray, bytea)', 'df8331be29c4'),
      ('export_model.answer_group(text, text, anyarray, bytea)', 'a8f84a4c617c'),
      ('export_model.is_spread(text)', '8652e640c039'),
      ('export_model.drop_own()', '79879241ee0d'),
      ('export_model.probe_own()', '362840d4f473'),
      ('export_model.own_query(text, text, jsonb, text, text)', '2a80cff3de4f'),
      ('export_model.group_query(text, text, jsonb, text, integer, integer, text)', '1753cd9a3ca3'),
      ('export_model.score_part(jsonb, integer, integer)', 'ba91581bb52c'),
      ('export_model.count_parts(jsonb)', '9880ce2951be'),
      ('export_model.array_bytes(anyarray)', '59363b92609f'),
      ('export_model.record_bytes(record)', '4c6976f24e06'),
      ('export_model.forget()', 'd7810aff67c3'),
      ('"fraud"."run_score_9cf3a7b650ef"(bytea)', 'c4bdb5a7b897'),
      ('"fraud"."score_9cf3a7b650ef"(bytea)', 'e91b5b6898f9'),
      ('"fraud"."run_label_9cf3a7b650ef"(bytea)', 'a18dd07ee0ed'),
      ('"fraud"."label_9cf3a7b650ef"(bytea)', 'e2b0d086c5a7'),
      ('"fraud"."run_batch_9cf3a7b650ef"(bytea, integer, text)', '0698c787e22a'),
      ('"fraud"."batch_9cf3a7b650ef"(bytea, integer, text)', '933dbd71d429'),
      ('"fraud"."difference"(real[], real[])', '7aefcee8d0f2'),
      ('"fraud"."stack_rows"("fraud"."stacked_row")', 'ca4ee492c7f6'),
      ('"fraud"."score"(real[])', 'fe2730d420db'),
      ('"fraud"."score"(double precision, double precision, double precision)', '1cb0783f876c'),
      ('"fraud"."label"(real[])', 'a98e1932c92a'),
      ('"fraud"."label"(double precision, double precision, double precision)', '611b160e4b81'),
      ('"fraud"."pack"(real[])', 'e179c3c3271a'),
      ('"fraud"."pack"(double precision, double precision, double precision)', '5b1b06c02836'),
      ('"fraud"."scorer"()', 'f6684d278bdc'),
      ('"fraud"."score_batch"(anyarray, bytea)', '7bb64777ddaa'),
      ('"fraud"."score_table"(text, text)', '60991cf0b4f4'),
      ('"fraud"."label_batch"(anyarray, bytea)', 'de290766fb09'),
      ('"fraud"."label_table"(text, text)', 'd6f50bc92d4f'),
      ('"fraud"."score_into"(text, text, text)', '428711ebc5f8'),
      ('"fraud"."score_stack"("fraud"."stacked_row"[])', 'd89cc60e1707'),
      ('"fraud"."label_stack"("fraud"."stacked_row"[])', 'b68defa3c895'),
      ('"fraud"."verify"()', '3fde0edf02b8')
    ) as w (identity, digest)
    join (
select p.oid as id, n.nspname as schema,
  replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '') as function,
  split_part(d.description, ' ', 2) as program, split_part(d.description, ' ', 3) as statement,
  split_part(d.description, ' ', 4) as signed,
  substr(md5(concat_ws('|', p.prosrc, l.lanname, p.provolatile, p.prosecdef, p.proisstrict, row_to_json(p) ->> 'proparallel', p.proconfig,
    pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
    case when n.nspname = 'export_model' or p.proname ~ '_[0-9a-f]{12}$' then has_function_privilege('public', p.oid, 'execute') end)),
    1, 12) as state
from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass and d.description like 'export-model %'
where n.nspname = any (array['export_model', 'fraud']::pg_catalog.text[])
    ) f on f.function = replace(w.identity, '"', '')
    join pg_proc p on p.oid = f.id
    where (f.signed is distinct from f.state or f.schema = 'export_model' and f.statement is distinct from w.digest)
      and (p.proacl is null or f.schema = 'export_model' or p.proname ~ '_[0-9a-f]{12}$')
    union all  -- renamed or moved away; the model's name begins at the 53rd character of what sign wrote
    select p.oid::regprocedure from pg_description d join pg_proc p on p.oid = d.objoid
      join pg_namespace n on n.oid = p.pronamespace
      join pg_roles r on r.oid = p.proowner and (r.rolsuper or r.rolname = current_user)
    where d.classoid = 'pg_proc'::regclass and d.description like 'export-model %' and substr(d.description, 53) = 'fraud'
      and not (n.nspname = 'fraud' and p.proname ~ '_[0-9a-f]{12}$')
      and replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '') not in (
        replace('export_model."runtime_834039b3c8bc"(text, text, bytea)', '"', ''),
        replace('export_model.loaded(text)', '"', ''),
        replace('export_model.cache_limit()', '"', ''),
        replace('export_model.evict(bigint, bigint, double precision, text[])', '"', ''),
        replace('export_model.collect(bytea, bigint, bigint)', '"', ''),
        replace('export_model.load(text)', '"', ''),
        replace('export_model.drop_model(text, boolean)', '"', ''),
        replace('export_model.check_place()', '"', ''),
        replace('export_model.full_name(regclass)', '"', ''),
        replace('export_model.type_name(regtype)', '"', ''),
        replace('export_model.list_columns(text, jsonb)', '"', ''),
        replace('export_model.ask_types(text, text[])', '"', ''),
        replace('export_model.pack_item(text[], regtype[], boolean, boolean)', '"', ''),
        replace('export_model.column_letter(regtype, text)', '"', ''),
        replace('export_model.column_letters(text[], regtype[], text[])', '"', ''),
        replace('export_model.pack_arguments(text[], regtype[], jsonb)', '"', ''),
        replace('export_model.pack_columns(text[], regtype[], text[])', '"', ''),
        replace('export_model.pack_row(jsonb, regtype[])', '"', ''),
        replace('export_model.count_blocks(regclass)', '"', ''),
        replace('export_model.held_type(regtype)', '"', ''),
        replace('export_model.query_item(text)', '"', ''),
        replace('export_model.check_settings(text, text)', '"', ''),
        replace('export_model.source(text, text, jsonb)', '"', ''),
        replace('export_model.score_rows(text, text, anyarray, bytea)', '"', ''),
        replace('export_model.score_source(jsonb, text, text, text, anyelement)', '"', ''),
        replace('export_model.target_query(text, text, text)', '"', ''),
        replace('export_model.list_types(name[], oid[])', '"', ''),
        replace('export_model.check_target(regclass, text, text)', '"', ''),
        replace('export_model.check_name(text)', '"', ''),
        replace('export_model.prepare_target(text, text, text)', '"', ''),
        replace('export_model.has_key(regclass, text)', '"', ''),
        replace('export_model.check_key(text, text, text)', '"', ''),
        replace('export_model.check_key_type(text, text)', '"', ''),
        replace('export_model.lock_target(regclass)', '"', ''),
        replace('export_model.equality(regclass)', '"', ''),
        replace('export_model.describe_job(text, regclass, jsonb)', '"', ''),
        replace('export_model.open_scoring(jsonb, text, text, text)', '"', ''),
        replace('export_model.is_atomic(text)', '"', ''),
        replace('export_model.check_transaction()', '"', ''),
        replace('export_model.score_into(jsonb, text, text, text)', '"', ''),
        replace('export_model.score_group(text, text, anyarray, bytea)', '"', ''),
        replace('export_model.answer_group(text, text, anyarray, bytea)', '"', ''),
        replace('export_model.is_spread(text)', '"', ''),
        replace('export_model.drop_own()', '"', ''),
        replace('export_model.probe_own()', '"', ''),
        replace('export_model.own_query(text, text, jsonb, text, text)', '"', ''),
        replace('export_model.group_query(text, text, jsonb, text, integer, integer, text)', '"', ''),
        replace('export_model.score_part(jsonb, integer, integer)', '"', ''),
        replace('export_model.count_parts(jsonb)', '"', ''),
        replace('export_model.array_bytes(anyarray)', '"', ''),
        replace('export_model.record_bytes(record)', '"', ''),
        replace('export_model.forget()', '"', ''),
        replace('"fraud"."run_score_9cf3a7b650ef"(bytea)', '"', ''),
        replace('"fraud"."score_9cf3a7b650ef"(bytea)', '"', ''),
        replace('"fraud"."run_label_9cf3a7b650ef"(bytea)', '"', ''),
        replace('"fraud"."label_9cf3a7b650ef"(bytea)', '"', ''),
        replace('"fraud"."run_batch_9cf3a7b650ef"(bytea, integer, text)', '"', ''),
        replace('"fraud"."batch_9cf3a7b650ef"(bytea, integer, text)', '"', ''),
        replace('"fraud"."difference"(real[], real[])', '"', ''),
        replace('"fraud"."stack_rows"("fraud"."stacked_row")', '"', ''),
        replace('"fraud"."score"(real[])', '"', ''),
        replace('"fraud"."score"(double precision, double precision, double precision)', '"', ''),
        replace('"fraud"."label"(real[])', '"', ''),
        replace('"fraud"."label"(double precision, double precision, double precision)', '"', ''),
        replace('"fraud"."pack"(real[])', '"', ''),
        replace('"fraud"."pack"(double precision, double precision, double precision)', '"', ''),
        replace('"fraud"."scorer"()', '"', ''),
        replace('"fraud"."score_batch"(anyarray, bytea)', '"', ''),
        replace('"fraud"."score_table"(text, text)', '"', ''),
        replace('"fraud"."label_batch"(anyarray, bytea)', '"', ''),
        replace('"fraud"."label_table"(text, text)', '"', ''),
        replace('"fraud"."score_into"(text, text, text)', '"', ''),
        replace('"fraud"."score_stack"("fraud"."stacked_row"[])', '"', ''),
        replace('"fraud"."label_stack"("fraud"."stacked_row"[])', '"', ''),
        replace('"fraud"."verify"()', '"', '')
      ) and not exists (select from export_model.objects o where o.model = 'fraud' and replace(o.identity, '"', '')
        = replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', ''))
  loop
    begin
      execute 'drop routine ' || l_function;
    exception when dependent_objects_still_exist then
      null;
    end;
  end loop;
end
$function$;

-- runtime
do $function2$
begin
  perform from (
select p.oid as id, n.nspname as schema,
  replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '') as function,
  split_part(d.description, ' ', 2) as program, split_part(d.description, ' ', 3) as statement,
  split_part(d.description, ' ', 4) as signed,
  substr(md5(concat_ws('|', p.prosrc, l.lanname, p.provolatile, p.prosecdef, p.proisstrict, row_to_json(p) ->> 'proparallel', p.proconfig,
    pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
    case when n.nspname = 'export_model' or p.proname ~ '_[0-9a-f]{12}$' then has_function_privilege('public', p.oid, 'execute') end)),
    1, 12) as state
from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass and d.description like 'export-model %'
where n.nspname = any (array['export_model']::pg_catalog.text[])
  ) f where f.function = 'export_model.runtime_834039b3c8bc(text, text, bytea)' and f.signed = f.state;
  if not found then
    execute $function1$
create or replace function export_model."runtime_834039b3c8bc"(
  version text, plan text, weights bytea default null)
returns void
language plpython3u volatile parallel restricted
as $function$"""The kernels and the scoring function, in Python's standard library and numpy.

The exporter joins the parts in this folder into one text. The exporter and its tests run that
text, and it is also, byte for byte, the body of the PL/Python function that loads a model into a
database session. There PostgreSQL runs it as a function's body with the arguments `version`, `plan`
and `weights`; hence no `from __future__`, no multi-line string whose content matters, no assignment
to those names, and no name twice. Imports of one part by another are left out: in one text they are
not needed.

It never talks to the database: inside a parallel plan a query from PL/Python cannot start the
subtransaction that it needs, and PostgreSQL 15 then crashed (docs/decisions/0001).

A model is a plan (JSON: steps in order, each naming a kernel, its inputs and its tensors) and
one block of little-endian numbers, the tensors in row-major order one after another: float32
unless the plan says float64 or int32.
"""

import os

if "GD" in globals():
    # One thread a backend: sessions, workers and segments already use the cores, and threads
    # that fight for them made small products up to 3 times slower. Must precede numpy.
    for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(_variable, "1")

KERNELS: dict = {}


def kernel(build):
    """Enter a kernel under its own name: build(**parameters) -> function of input arrays."""
    KERNELS[build.__name__] = build
    return build


"""Activations: functions of an array of any float type, and the kernels that apply them."""

import math

import numpy as np



def linear(x):
    """y = x."""
    return x


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """y = x for x > threshold, at most max_value; minus negative_slope * max(threshold - x, 0)."""
    y = np.maximum(x, 0) if threshold == 0.0 else np.where(x <= threshold, x.dtype.type(0), x)
    if max_value is not None:
        y = np.clip(y, 0, x.dtype.type(max_value))
    if negative_slope != 0.0:
        y = y - x.dtype.type(negative_slope) * np.maximum(x.dtype.type(threshold) - x, 0)
    return y


def relu6(x):
    """y = min(max(x, 0), 6)."""
    return np.minimum(np.maximum(x, 0), 6)


def leaky_relu(x, negative_slope=0.2):
    """y = x for x >= 0, negative_slope * x below."""
    return np.where(x >= 0, x, x * x.dtype.type(negative_slope))


def threshold_relu(x, theta=1.0):
    """y = x for x > theta, 0 elsewhere (NaN stays NaN)."""
    return x * ((x > theta) | np.isnan(x))


def sigmoid(x):
    """y = 1 / (1 + exp(-x)); where exp overflows, y is 0, as it should be."""
    return 1 / (1 + np.exp(-x))


def tanh(x):
    """y = tanh(x)."""
    return np.tanh(x)


def hard_sigmoid(x, slope=1 / 6, offset=0.5):
    """y = clip(slope * x + offset, 0, 1); Keras 1 and 2: slope 0.2, Keras 3: slope 1/6."""
    return np.clip(x * x.dtype.type(slope) + x.dtype.type(offset), 0, 1)


def softplus(x):
    """y = log(1 + exp(x))."""
    return np.logaddexp(x, x.dtype.type(0))


def log_sigmoid(x):
    """y = log(sigmoid(x)) = -softplus(-x)."""
    return -np.logaddexp(-x, x.dtype.type(0))


def softsign(x):
    """y = x / (1 + |x|)."""
    return x / (1 + np.abs(x))


def exponential(x):
    """y = exp(x)."""
    return np.exp(x)


def elu(x, alpha=1.0):
    """y = x for x > 0, alpha * (exp(x) - 1) below."""
    return np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, 0)))


def celu(x, alpha=1.0):
    """y = max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)."""
    a = x.dtype.type(alpha)
    return np.maximum(x, 0) + a * np.expm1(np.minimum(x, 0) / a)


def selu(x):
    """y = scale * elu(x, alpha), Klambauer et al., 2017."""
    scale = x.dtype.type(1.0507009873554805)
    return scale * elu(x, 1.6732632423543772)


def silu(x):
    """y = x * sigmoid(x)."""
    return x * sigmoid(x)


def hard_silu(x):
    """y = x * hard_sigmoid(x)."""
    return x * hard_sigmoid(x)


def mish(x):
    """y = x * tanh(softplus(x))."""
    return x * np.tanh(softplus(x))


def erf(x):
    """Error function; float32: rational approximation within 6 units in the last place (3e-7).

    Beyond 3.74 it is 1 exactly: gelu multiplies what is missing from 1 by x.
    """
    if x.dtype == np.float64:
        return np.array([math.erf(v) for v in x.ravel()]).reshape(x.shape)
    f = np.float32
    limit = f(3.7439211627767994)
    x = np.clip(x, -limit, limit)
    z = x * x
    p = z * f(0.00022905065861350646) + f(0.0034082910107109506)
    p = (p * z + f(0.050955695062380861)) * z + f(0.18520832239976145)
    p = p * z + f(1.128379143519084)
    q = z * f(-1.1791602954361697e-7) + f(0.000023547966471313185)
    q = (q * z + f(0.0010179625278914885)) * z + f(0.014070470171167667)
    q = (q * z + f(0.11098505178285362)) * z + f(0.49746925110067538)
    q = q * z + f(1)
    return np.where(np.abs(x) < limit, x * p / q, np.sign(x))


def gelu(x, approximate=False):
    """y = x * P(N(0,1) <= x), or its tanh approximation."""
    half, one = x.dtype.type(0.5), x.dtype.type(1)
    if approximate:
        inner = x.dtype.type(math.sqrt(2 / math.pi)) * (x + x.dtype.type(0.044715) * x * x * x)
        return half * x * (one + np.tanh(inner))
    return half * x * (one + erf(x * x.dtype.type(math.sqrt(0.5))))


def squareplus(x, b=4.0):
    """y = (x + sqrt(x^2 + b)) / 2."""
    return (x + np.sqrt(x * x + x.dtype.type(b))) / 2


def hard_tanh(x):
    """y = clip(x, -1, 1)."""
    return np.clip(x, -1, 1)


def hard_shrink(x, threshold=0.5):
    """y = x for |x| > threshold, 0 elsewhere."""
    return x * ((np.abs(x) > threshold) | np.isnan(x))


def soft_shrink(x, threshold=0.5):
    """y = x - threshold above it, x + threshold below its negative, 0 between."""
    t = x.dtype.type(threshold)
    return np.sign(x) * np.maximum(np.abs(x) - t, 0)


def tanh_shrink(x):
    """y = x - tanh(x)."""
    return x - np.tanh(x)


def sparse_plus(x):
    """y = 0 for x <= -1, ((x + 1) / 2)^2 between, x for x >= 1."""
    middle = (x + 1) * (x + 1) / 4
    return np.where(x <= -1, x.dtype.type(0), np.where(x >= 1, x, middle))


def sparse_sigmoid(x):
    """y = clip((x + 1) / 2, 0, 1)."""
    return np.clip((x + 1) / 2, 0, 1)


ACTIVATIONS: dict = {
    function.__name__: function
    for function in (
        linear, relu, relu6, leaky_relu, threshold_relu, sigmoid, tanh, hard_sigmoid, softplus,
        log_sigmoid, softsign, exponential, elu, celu, selu, silu, hard_silu, mish, gelu,
        squareplus, hard_tanh, hard_shrink, soft_shrink, tanh_shrink, sparse_plus,
        sparse_sigmoid,
    )
}  # fmt: skip


ONE = np.ones((), np.float32)  # as an array: a Python number would cost 0.3 us more a call


def _sigmoid_of_negated(x):
    """sigmoid(-x) in the memory of x, for a dense layer whose weights were negated (exact)."""
    np.exp(x, x)
    np.add(x, ONE, x)
    return np.reciprocal(x, x)


# The same numbers in the memory of x: for a batch, fresh memory costs more than the arithmetic.
IN_PLACE: dict = {
    "relu": lambda x: np.maximum(x, 0, out=x),
    "sigmoid": lambda x: _sigmoid_of_negated(np.negative(x, x)),
    "tanh": lambda x: np.tanh(x, x),
    "exponential": lambda x: np.exp(x, x),
}
FRESH = ("dense", "conv", "affine")  # kernels whose result shares memory with nothing


@kernel
def activation(function, parameters, overwrites=False):
    """y = function(x), element by element; overwrites says that nothing else needs x."""
    f = ACTIVATIONS[function]
    if parameters:
        return lambda x: f(x, **parameters)
    return IN_PLACE.get(function, f) if overwrites else f


@kernel
def softmax(axis):
    """y = exp(x) / sum(exp(x)) along axis (which counts the batch as 0), shifted by the maximum."""

    def call(x):
        e = np.exp(x - x.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    return call


@kernel
def log_softmax(axis):
    """y = x - log(sum(exp(x))) along axis, shifted by the maximum."""

    def call(x):
        shifted = x - x.max(axis=axis, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))

    return call


@kernel
def sparsemax(axis):
    """y = max(x - t, 0) along axis (which counts the batch as 0), t as Keras computes it.

    With z sorted downwards, c its running sums and k the count of z > (c - 1) / rank, Keras takes
    t = (sum of those c - 1) / k, where Martins and Astudillo, 2016, take the last of them. The
    two agree for k = 1 only, but the promise is the framework's numbers.
    """

    def call(x):
        z = -np.sort(-x, axis=axis)
        c = z.cumsum(axis=axis)
        shape = [1] * x.ndim
        shape[axis] = -1
        rank = np.arange(1, x.shape[axis] + 1, dtype=x.dtype).reshape(shape)
        supported = z - (c - 1) / rank > 0
        k = supported.sum(axis=axis, keepdims=True, dtype=x.dtype)
        t = (np.where(supported, c, 0).sum(axis=axis, keepdims=True) - 1) / k
        return np.maximum(x - t, 0)

    return call


@kernel
def glu(axis):
    """y = a * sigmoid(b), a and b the halves of x along axis (which counts the batch as 0)."""

    def call(x):
        a, b = np.split(x, 2, axis=axis)
        return a * sigmoid(b)

    return call


@kernel
def prelu(alpha):
    """y = x for x >= 0, alpha * x below; alpha broadcast over the batch."""
    return lambda x: np.where(x >= 0, x, alpha * x)


"""Kernels whose work is a product with weights, or a row of a table of them."""

import numpy as np



@kernel
def dense(kernel, bias=None):
    """y = x @ kernel + bias.

    Shapes: x (rows, ..., n), kernel (n, m), bias (m,) -> y (rows, ..., m).
    """

    def call(x):
        rows = x if x.ndim == 2 else x.reshape(-1, kernel.shape[0])
        y = rows @ kernel
        if bias is not None:
            y += bias
        return y if x.ndim == 2 else y.reshape((*x.shape[:-1], kernel.shape[1]))

    return call


@kernel
def affine(scale, offset):
    """y = x * scale + offset, both broadcast over the batch."""
    return lambda x: x * scale + offset


@kernel
def matmul():
    """y = x0 @ x1, matrix by matrix.

    Shapes: x0 (rows, ..., n, k), x1 (rows, ..., k, m) -> y (rows, ..., n, m).
    """
    return np.matmul


@kernel
def embedding(table):
    """y = table[x].

    Shapes: x (rows, ...), table (vocabulary, n) -> y (rows, ..., n).
    Raises: ValueError, when x holds anything but whole numbers from 0 to vocabulary - 1.
    """
    size = table.shape[0]

    def call(x):
        bad = ~((x >= 0) & (x < size) & (x == np.floor(x)))
        if bad.any():
            raise ValueError(
                f"{x[bad][0].item()!r} is not an index into a vocabulary of {size}:"
                f" give whole numbers from 0 to {size - 1}"
            )
        return table[x.astype(np.intp)]

    return call


"""Kernels that work element by element, on one input or on several."""

import numpy as np



@kernel
def standardize(mean, deviation):
    """y = (x - mean) / deviation, both broadcast over the batch."""
    return lambda x: (x - mean) / deviation


@kernel
def add():
    """y = x0 + x1 + ..."""
    return lambda *xs: _accumulate(np.add, xs)


@kernel
def multiply():
    """y = x0 * x1 * ..."""
    return lambda *xs: _accumulate(np.multiply, xs)


@kernel
def subtract():
    """y = x0 - x1."""
    return lambda x0, x1: x0 - x1


@kernel
def average():
    """y = (x0 + x1 + ...) / count."""
    return lambda *xs: _accumulate(np.add, xs) / len(xs)


@kernel
def maximum():
    """y = max(x0, x1, ...), NaN where any is NaN."""
    return lambda *xs: _accumulate(np.maximum, xs)


@kernel
def minimum():
    """y = min(x0, x1, ...), NaN where any is NaN."""
    return lambda *xs: _accumulate(np.minimum, xs)


@kernel
def divide():
    """y = x0 / x1."""
    return lambda x0, x1: x0 / x1


@kernel
def power():
    """y = x0 to the power of x1."""
    return lambda x0, x1: x0**x1


@kernel
def modulo():
    """y = the remainder of x0 / x1 with the sign of x1."""
    return np.mod


COMPARISONS: dict = {
    "equal": np.equal, "not_equal": np.not_equal, "less": np.less, "less_equal": np.less_equal,
    "greater": np.greater, "greater_equal": np.greater_equal,
}  # fmt: skip


@kernel
def compare(function):
    """y = 1 where the relation holds between x0 and x1, 0 elsewhere."""
    f = COMPARISONS[function]
    return lambda x0, x1: f(x0, x1).astype(x0.dtype)


FUNCTIONS = {
    "abs": np.abs, "negative": np.negative, "log": np.log, "exp": np.exp, "expm1": np.expm1,
    "log1p": np.log1p, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x), "square": np.square,
    "reciprocal": np.reciprocal, "sign": np.sign, "floor": np.floor, "ceil": np.ceil,
    "round": np.round, "trunc": lambda x: np.trunc(x) + 0, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "arctan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "erf": erf,
    "isnan": lambda x: np.isnan(x).astype(x.dtype),
    "isinf": lambda x: np.isinf(x).astype(x.dtype),
    "isfinite": lambda x: np.isfinite(x).astype(x.dtype),
}  # fmt: skip


@kernel
def unary(function):
    """y = function(x), element by element."""
    return FUNCTIONS[function]


@kernel
def clip(low, high):
    """y = min(max(x, low), high)."""
    return lambda x: np.clip(x, x.dtype.type(low), x.dtype.type(high))


@kernel
def cast(dtype, single=np.float32):
    """y = x rounded to dtype, float32 or float64; single is what float32 is computed in."""
    if dtype == "float64":
        return lambda x: x.astype(np.float64)
    return lambda x: x.astype(np.float32).astype(single, copy=False)


@kernel
def constant(value):
    """The same numbers for every row, with 1 as the number of rows: they broadcast."""
    return lambda: value[None]


@kernel
def not_equal(value):
    """y = 1 where x is not value, 0 elsewhere."""
    return lambda x: (x != value).astype(x.dtype)


@kernel
def where():
    """y = x where the condition is not 0, else other."""
    return lambda condition, x, other: np.where(condition != 0, x, other)


@kernel
def fill(value):
    """y = value everywhere."""
    return lambda x: np.full_like(x, value)


def _accumulate(function, arrays):
    """function(...function(function(a0, a1), a2)..., an)."""
    result = arrays[0]
    for array in arrays[1:]:
        result = function(result, array)
    return result


"""Kernels that move numbers and compute none."""

import numpy as np



@kernel
def concatenate(axis):
    """Join the inputs along axis (which counts the batch as 0)."""
    return lambda *xs: np.concatenate(xs, axis=axis)


@kernel
def reshape(shape):
    """The same numbers in row-major order, each row as shape (one axis may be -1)."""
    return lambda x: x.reshape((x.shape[0], *shape))


@kernel
def transpose(axes):
    """Reorder the axes of each row; axes count the batch as 0."""
    return lambda x: x.transpose((0, *axes))


@kernel
def pad(widths, value):
    """Put value around the axes of each row; widths are (before, after) of each axis."""
    widths = [(0, 0), *widths]
    return lambda x: np.pad(x, widths, constant_values=value)


@kernel
def cut(slices):
    """Of each axis of each row the positions start, start + step, ... before stop."""
    place = (slice(None), *[slice(*item) for item in slices])
    return lambda x: x[place]


@kernel
def repeat(times, axis):
    """Each position along axis (which counts the batch as 0), times times in a row."""
    return lambda x: np.repeat(x, times, axis)


@kernel
def fold_time():
    """Each step becomes a row.

    Shapes: x (rows, steps, ...) -> y (rows * steps, ...).
    """
    return lambda x: x.reshape((x.shape[0] * x.shape[1], *x.shape[2:]))


@kernel
def unfold_time():
    """The reverse of fold_time, with rows and steps as in folded.

    Shapes: x (rows * steps, ...), folded (rows, steps, ...) -> y (rows, steps, ...).
    """
    return lambda x, folded: x.reshape(folded.shape[:2] + x.shape[1:])


"""Convolution and pooling: kernels that slide a window along the axes of a row."""

import math

import numpy as np


WINDOW_NUMBERS = 2**22  # of windows side by side at once: 16 MiB, whatever the batch


@kernel
def conv(kernel, strides, dilation, padding, groups=1, bias=None):
    """Each window of x times kernel, plus bias: windows side by side, then one matrix product.

    Shapes: x (rows, n..., c), kernel (k..., c / groups, m), bias (m,) -> y (rows, o..., m).
    """
    size, depth, filters = kernel.shape[:-2], kernel.shape[-2], kernel.shape[-1]
    matrices = kernel.reshape(-1, groups, filters // groups).swapaxes(0, 1)

    def part(x):
        x = x.reshape((*x.shape[:-1], groups, depth))
        windows = _windows(x, size, strides, dilation)
        patches = np.moveaxis(windows, -2, 0).reshape(groups, -1, matrices.shape[1])
        y = np.matmul(patches, matrices).swapaxes(0, 1)
        return y.reshape((*windows.shape[: len(size) + 1], filters))

    def call(x):
        x = _pad_windows(x, size, strides, dilation, padding, 0)
        counts = _count_windows(x.shape[1:-1], size, strides, dilation)
        y = _by_slices(part, x, math.prod(counts) * math.prod(size) * x.shape[-1])
        if bias is not None:
            y += bias
        return y

    return call


@kernel
def conv_transpose(kernel, strides, dilation, before, after, bias=None):
    """Each position of x times kernel, added to its window of y; before and after are cut off.

    Shapes: x (rows, n..., c), kernel (k..., m, c), bias (m,) -> y (rows, o..., m).
    """
    size, filters, depth = kernel.shape[:-2], kernel.shape[-2], kernel.shape[-1]
    matrix = kernel.reshape(-1, depth).T

    def part(x):
        lengths = x.shape[1:-1]
        windows = (x.reshape(-1, depth) @ matrix).reshape((x.shape[0], *lengths, *size, filters))
        spans = [(n - 1) * s + 1 for n, s in zip(lengths, strides)]
        full = [n + (k - 1) * d for n, k, d in zip(spans, size, dilation)]
        y = np.zeros((x.shape[0], *[n - min(a, 0) for n, a in zip(full, after)], filters), x.dtype)
        for tap in np.ndindex(*size):
            place = [
                slice(t * d, t * d + n, s) for t, d, n, s in zip(tap, dilation, spans, strides)
            ]
            y[(slice(None), *place)] += windows[(slice(None),) * (len(size) + 1) + tap]
        return y[(slice(None), *[slice(b, n - a) for b, n, a in zip(before, full, after)])]

    def call(x):
        y = _by_slices(part, x, math.prod(x.shape[1:-1]) * matrix.shape[1])
        return y if bias is None else y + bias

    return call


@kernel
def locally_connected(kernel, strides, bias=None):
    """Each window of x times the kernel of its position, plus bias.

    Shapes: x (rows, n..., c), kernel (o..., k..., c, m), bias (o..., m) -> y (rows, o..., m).
    """
    rank = len(strides)
    counts, size, filters = kernel.shape[:rank], kernel.shape[rank : 2 * rank], kernel.shape[-1]
    matrices = kernel.reshape(math.prod(counts), -1, filters)
    ones = [1] * rank

    def part(x):
        windows = _windows(x[..., None, :], size, strides, ones)
        patches = windows.reshape((x.shape[0], *matrices.shape[:2])).swapaxes(0, 1)
        return np.matmul(patches, matrices).swapaxes(0, 1).reshape((-1, *counts, filters))

    def call(x):
        y = _by_slices(part, x, matrices.shape[0] * matrices.shape[1])
        return y if bias is None else y + bias

    return call


@kernel
def pool(mode, size, strides, padding):
    """The largest ("max") or mean ("average") value of each window; padding counts for nothing.

    Shapes: x (rows, n..., c) -> y (rows, o..., c).
    """
    ones = [1] * len(size)
    combine = np.maximum if mode == "max" else np.add

    def fold(x, fill):
        x = _pad_windows(x, size, strides, ones, padding, fill)
        counts = _count_windows(x.shape[1:-1], size, strides, ones)
        y = None
        for tap in np.ndindex(*size):
            place = [slice(t, t + (n - 1) * s + 1, s) for t, n, s in zip(tap, counts, strides)]
            part = x[(slice(None), *place)]
            y = part.copy() if y is None else combine(y, part, out=y)
        return y

    def call(x):
        if mode == "max":
            return fold(x, -np.inf)
        if padding == "valid":
            return fold(x, 0) / math.prod(size)
        return fold(x, 0) / fold(np.ones((1, *x.shape[1:-1], 1), x.dtype), 0)

    return call


def _count_windows(lengths, size, strides, dilation):
    """How many windows fit along each axis."""
    return [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(lengths, size, strides, dilation)]


def _pad_windows(x, size, strides, dilation, padding, fill):
    """x (rows, n..., c) with the fill around it that padding asks for.

    Raises: ValueError, when an axis of free length is too short for one window.
    """
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation)]
    lengths = x.shape[1:-1]
    if padding == "valid":
        for n, span in zip(lengths, spans):
            if n < span:
                raise ValueError(f"a sequence of {n} is too short, the model needs {span}")
        return x
    if padding == "causal":
        widths = [(span - 1, 0) for span in spans]
    else:
        totals = [
            max(0, (n - 1) // s * s + span - n) for n, s, span in zip(lengths, strides, spans)
        ]
        widths = [(total // 2, total - total // 2) for total in totals]
    if not any(map(any, widths)):
        return x
    return np.pad(x, [(0, 0), *widths, (0, 0)], constant_values=fill)


def _windows(x, size, strides, dilation):
    """All windows of x (rows, n..., g, c) as a view (rows, o..., k..., g, c); nothing is copied."""
    counts = _count_windows(x.shape[1:-2], size, strides, dilation)
    steps = x.strides[1:-2]
    return np.lib.stride_tricks.as_strided(
        x,
        (x.shape[0], *counts, *size, *x.shape[-2:]),
        (
            x.strides[0],
            *[step * s for step, s in zip(steps, strides)],
            *[step * d for step, d in zip(steps, dilation)],
            *x.strides[-2:],
        ),
        writeable=False,
    )


def _by_slices(part, x, numbers):
    """part(x), so many rows at a time that numbers of each row stay below WINDOW_NUMBERS."""
    step = max(1, WINDOW_NUMBERS // max(1, numbers))
    if x.shape[0] <= step:
        return part(x)
    return np.concatenate([part(x[i : i + step]) for i in range(0, x.shape[0], step)])


"""Kernels that sum, average, find or accumulate along an axis."""

import numpy as np


REDUCTIONS: dict = {"mean": np.mean, "sum": np.sum, "max": np.max, "min": np.min, "prod": np.prod}


@kernel
def reduce(function, axes, keepdims):
    """The mean, sum, max, min or prod over axes (which count the batch as 0)."""
    f, axes = REDUCTIONS[function], tuple(axes)
    return lambda x: f(x, axis=axes, keepdims=keepdims)


@kernel
def find_extreme(function, axis):
    """y = where along axis (which counts the batch as 0) the largest or smallest number is first.

    NaN is passed over, and -0 is smaller than 0, as in Keras.
    """
    f = np.argmax if function == "max" else np.argmin
    last = -np.inf if function == "max" else np.inf

    def call(x):
        tiny = np.finfo(x.dtype).tiny
        x = np.where((x == 0) & np.signbit(x), -tiny, np.where(np.isnan(x), last, x))
        return f(x, axis=axis).astype(x.dtype)

    return call


@kernel
def cumulate(function, axis):
    """y = the sum or product along axis (which counts the batch as 0) up to each number."""
    f = np.cumsum if function == "sum" else np.cumprod
    return lambda x: f(x, axis=axis)


@kernel
def masked_mean(axis):
    """y = sum(x * mask) / sum(mask) along axis (which counts the batch as 0).

    Shapes: x (rows, ..., steps, ...), mask (rows, steps) -> y without the axis.
    """

    def call(x, mask):
        shape = [1] * x.ndim
        shape[0], shape[axis] = mask.shape
        m = (mask != 0).reshape(shape)
        return np.where(m, x, x.dtype.type(0)).sum(axis=axis) / m.sum(axis=axis, dtype=x.dtype)

    return call


"""What trees ask, made of the rows' numbers: missing values and sets of categories as numbers."""

import numpy as np

TREE_KINDS = {
    "plain": 0, "right": 1, "zero": 2, "zero_left": 3, "zero_right": 4, "is_nan": 5,
    "is_zero": 6, "set": 8,
}  # fmt: skip
INVERTED, NAN_RIGHT, TRUNCATES = 1, 2, 4  # flags that are added to the kind of a set
TINY = float(np.float32(1e-35))  # LightGBM's zero: numbers of at most this size


class TreeColumns:
    """What the questions are asked of, made of the rows' numbers.

    columns holds four numbers for each: the number of the row it is made of, its kind, and where
    its categories begin and end in members. The kinds: plain, a NaN is less than any bound and so
    goes left; right, a NaN is infinite and goes right; zero, a NaN is 0; zero_left and zero_right,
    NaN and TINY numbers go there; is_nan, 1 for a NaN and 0 for a number; is_zero, 1 for a NaN and
    for TINY numbers; set, 1 for a category among the members and 0 for others. A set's flags:
    INVERTED, 0 for the members and 1 for others; NAN_RIGHT, a NaN is 1, else 0; TRUNCATES, -0.5 is
    category 0, which it else is not.
    """

    def __init__(self, columns, members):
        self.sources = columns[:, 0].astype(np.intp)
        self.kinds = columns[:, 1]
        self.groups = [
            (kind, np.flatnonzero(self.kinds == number))
            for kind, number in TREE_KINDS.items()
            if kind not in ("plain", "set")
        ]
        self.groups = [(kind, places) for kind, places in self.groups if len(places)]
        sets = np.flatnonzero(self.kinds >= TREE_KINDS["set"])
        self.sets = [
            (source, places, *_answer_sets(columns[places], members))
            for source in np.unique(self.sources[sets])
            for places in [sets[self.sources[sets] == source]]
        ]

    def make(self, x):
        """Rows (n, features) -> columns (columns, n)."""
        result = x.T.take(self.sources, axis=0)
        if not self.groups and not self.sets:
            return result
        numbers = x.T
        for kind, places in self.groups:
            result[places] = _replace_missing(kind, result[places])
        for source, places, categories, answers in self.sets:
            result[places] = answers.take(_find_answers(numbers[source], categories), axis=1)
        return result


def _replace_missing(kind, x):
    """Numbers as a column of this kind holds them."""
    missing = np.isnan(x)
    if kind == "is_nan":
        return missing
    if kind in ("zero_left", "zero_right", "is_zero"):
        missing |= np.abs(x) <= TINY
    if kind == "is_zero":
        return missing
    value = {"right": np.inf, "zero": 0, "zero_left": np.nan, "zero_right": np.inf}[kind]
    return np.where(missing, x.dtype.type(value), x)


def _answer_sets(columns, members):
    """All categories that some set names, sorted, and the sets' answers for each.

    Shapes: columns (sets, 4) -> categories (c,), answers (sets, c + 4): behind the categories stand
    the answers for one that no set names, for a NaN, for a fraction of 0 and for its negative.
    """
    flags = columns[:, 1] - TREE_KINDS["set"]
    pieces = [members[start:end] for start, end in columns[:, 2:]]
    categories, places = np.unique(np.concatenate(pieces), return_inverse=True)
    rows = np.repeat(np.arange(len(columns)), [len(piece) for piece in pieces])
    inside = np.zeros((len(columns), len(categories) + 3), np.uint8)
    inside[rows, places.ravel()] = 1
    count = len(categories)
    zero = np.searchsorted(categories, 0)
    if zero < count and categories[zero] == 0:
        truncates = (flags & TRUNCATES) != 0
        inside[truncates, count + 2] = inside[truncates, zero]
    answers = inside ^ (flags & INVERTED).astype(np.uint8)[:, None]
    answers[:, count + 1] = (flags & NAN_RIGHT) != 0
    return categories.astype(np.float64), answers


def _find_answers(x, categories):
    """Where each number's answers stand, see _answer_sets."""
    whole = np.floor(x).astype(np.float64)
    places = np.searchsorted(categories, whole)  # a NaN is placed behind all
    known = categories.take(places, mode="clip") == whole if len(categories) else np.isinf(whole)
    places[~known] = len(categories)
    places[np.isnan(x)] = len(categories) + 1
    places[(x > -1) & (x < 0)] = len(categories) + 2
    return places


"""Nodes of trees, and the distinct questions that they ask, answered for all rows at once."""

import numpy as np

ANSWERS_AT_ONCE, RANKED_AT_ONCE = 16, 8  # questions and columns, so that arrays stay in the cache
FEW_BYTES = 256  # of a column's bounds: more are not compared, but a number's rank is found

# Nanoseconds a row: a byte of a number that is compared; a rank, and an answer that comes of it.
COMPARE_COST, RANK_COST, RANKED_COST = 0.055, 16.0, 0.03


class TreeNodes:
    """The trees' nodes as arrays, siblings side by side, each tree's root first.

    left is the number of the left child, or for a leaf -1 - its place among the leaves; a leaf
    leads to itself here. levels are the nodes that as many questions lead to, the roots first;
    depth is how many lead to the deepest leaf.
    """

    def __init__(self, starts, column, bound, left, leaves):
        self.starts = starts.astype(np.intp)
        self.is_leaf = left < 0
        own = np.arange(len(left))
        self.left = np.where(self.is_leaf, own, left)
        self.column = np.where(self.is_leaf, 0, column).astype(np.intp)
        self.bound = np.where(self.is_leaf, bound.dtype.type(np.nan), bound)
        self.leaf = np.where(self.is_leaf, -1 - left, 0).astype(np.intp)
        self.value = leaves[:, 0].take(self.leaf) if leaves.shape[1] == 1 else None
        self.leaves = leaves
        self.levels = [self.starts]
        while len(inner := self.inner_of(self.levels[-1])):
            self.levels.append(np.concatenate([self.left[inner], self.left[inner] + 1]))
        self.depth = len(self.levels) - 1
        self.reached = np.concatenate(self.levels)  # there may be nodes of trees that do not count

    def inner_of(self, nodes):
        """Those of some nodes that ask."""
        return nodes[~self.is_leaf[nodes]]

    def count_leaves(self):
        """How many leaves each node leads to."""
        counts = np.ones(len(self.left), np.intp)
        for level in reversed(self.levels):
            inner = self.inner_of(level)
            counts[inner] = counts[self.left[inner]] + counts[self.left[inner] + 1]
        return counts

    def value_at(self, nodes):
        """What stands in leaves that are given by their nodes: (...) or, for vectors, (..., k)."""
        if self.value is not None:
            return self.value.take(nodes)
        return self.leaves.take(self.leaf.take(nodes), axis=0)


class TreeQuestions:
    """The distinct questions of all nodes, by column and bound, and each node's number among them.

    All rows are answered in words of 64. Of a column with many bounds only a row's rank among them
    is looked for, 16 * high + low: the answer to bound 16 * h + l is yes where high is above h, or
    is h and low above l, and both are words that are made once for each h and l.
    """

    def __init__(self, nodes):
        inner = nodes.inner_of(nodes.reached)
        order = np.lexsort((nodes.bound[inner], nodes.column[inner]))
        column, bound = nodes.column[inner][order], nodes.bound[inner][order]
        # A NaN, the bound that no number reaches, is never equal to another: one more question.
        is_new = np.ones(len(order), bool)
        is_new[1:] = (column[1:] != column[:-1]) | (bound[1:] != bound[:-1])
        self.number = np.zeros(len(nodes.left), np.intp)
        self.number[inner[order]] = np.cumsum(is_new) - 1
        self.column, self.bound = column[is_new], bound[is_new]
        self.count = len(self.column)
        starts = np.flatnonzero(np.append(True, self.column[1:] != self.column[:-1]))
        counts = np.diff(np.append(starts, self.count))
        is_ranked = counts * bound.itemsize > FEW_BYTES
        self.cost = (
            COMPARE_COST * bound.itemsize * counts[~is_ranked].sum()
            + RANK_COST * is_ranked.sum()
            + RANKED_COST * counts[is_ranked].sum()
        )
        # Where the answers of each column begin; those of ranked ones fill whole groups of 16.
        sizes = np.where(is_ranked, -(-counts // 16) * 16, counts)
        places = np.cumsum(sizes) - sizes
        self.rows = int(sizes.sum())
        self.place = np.arange(self.count) + np.repeat(places - starts, counts)
        parts = list(zip(starts.tolist(), counts.tolist(), places.tolist()))
        self.compared = [part for part, ranked in zip(parts, is_ranked) if not ranked]
        self.ranked = self._list_ranked([part for part, ranked in zip(parts, is_ranked) if ranked])

    def _list_ranked(self, parts):
        """Groups of columns whose bounds need as many steps of a search: [(steps, columns, their
        bounds padded to 2^steps, [(how many bounds, where the answers begin)])]."""
        groups = []
        by_steps: dict = {}
        for part in parts:
            by_steps.setdefault(part[1].bit_length(), []).append(part)
        for steps, members in by_steps.items():
            for first in range(0, len(members), RANKED_AT_ONCE):
                own = members[first : first + RANKED_AT_ONCE]
                table = np.full((len(own), 2**steps), np.nan, self.bound.dtype)
                for line, (start, count, _) in zip(table, own):
                    line[:count] = self.bound[start : start + count]
                columns = self.column[[start for start, _, _ in own]]
                groups.append((steps, columns, table.ravel(), [part[1:] for part in own]))
        return groups

    def answer_one(self, row):
        """The answers for one row by number, and behind them one no."""
        answers = np.zeros(self.count + 1, bool)
        np.greater_equal(row.take(self.column), self.bound, out=answers[:-1])
        return answers

    def answer(self, columns):
        """The answers for all rows by place as words of 64: (places, words)."""
        rows = columns.shape[1]
        words = -(-rows // 64)
        answers = np.empty((self.rows, words), np.uint64)
        bits = np.zeros((ANSWERS_AT_ONCE, words * 64), bool)

        def pack(ask, x, bounds, out):
            for first in range(0, len(bounds), ANSWERS_AT_ONCE):
                part = bounds[first : first + ANSWERS_AT_ONCE, None]
                own = bits[: len(part)]
                ask(x, part, out=own[:, :rows])
                packed = np.packbits(own).view(np.uint64).reshape(len(part), words)
                out[first : first + ANSWERS_AT_ONCE] = packed

        for start, count, place in self.compared:
            bounds = self.bound[start : start + count]
            x = columns[self.column[start]]
            pack(np.greater_equal, x, bounds, answers[place : place + count])
        for steps, places, table, parts in self.ranked:
            ranks = _rank(columns.take(places, axis=0), table, steps)
            high, low = ranks >> 4, (ranks & 15).astype(np.uint8)
            high = high.astype(np.uint8 if steps <= 12 else np.uint16)
            above_low = np.empty((15, words), np.uint64)
            for number, (count, place) in enumerate(parts):
                groups = -(-count // 16)
                above = np.empty((groups + 1, words), np.uint64)
                above[0] = np.iinfo(np.uint64).max
                pack(np.greater, high[number], np.arange(groups, dtype=high.dtype), above[1:])
                pack(np.greater, low[number], np.arange(15, dtype=np.uint8), above_low)
                own = answers[place : place + 16 * groups].reshape(groups, 16, words)
                np.bitwise_and(above[:-1, None], above_low, out=own[:, :15])
                own[:, :15] |= above[1:, None]
                own[:, 15] = above[1:]
        return answers


def _rank(x, table, steps):
    """How many of its line's bounds each number is at least; a NaN none.

    Shapes: x (lines, n), table (lines * 2^steps,), sorted and padded with NaN -> (lines, n).
    """
    starts = np.arange(0, len(table), 2**steps)[:, None]
    ranks = np.repeat(starts, x.shape[1], axis=1)
    bounds = np.empty_like(x)
    is_above = np.empty(x.shape, bool)
    gain = np.empty_like(ranks)
    for step in range(steps - 1, -1, -1):
        table[2**step - 1 :].take(ranks, out=bounds, mode="clip")
        np.greater_equal(x, bounds, out=is_above)
        np.multiply(is_above, 2**step, out=gain)
        ranks += gain
    ranks -= starts
    return ranks


"""Trees: where each row of a batch ends in each tree, and the sum of what is found there.

A node asks one thing: is a number of the row at least the node's bound? Yes leads right, no leads
left. What libraries ask besides (a missing value, a set of categories) are columns that are made
of the row's numbers first, see TreeColumns. A walk follows each row from node to node; TreeSlices
answers every distinct question for all rows and makes the leaves' numbers bit by bit, which is
faster for trees of few leaves (docs/decisions/0015).
"""

import numpy as np


# What is done at once, so that the arrays stay in the cache: steps of a walk (trees times rows),
# and bars of the trees of a block.
WALK_STEPS, SLICE_BARS = 2**15, 2**10
SLICE_ROWS = 4096
FEW_ROWS = 48  # fewer are walked: a word of answers holds 64 rows
MAX_SLICE_LEAVES = 256  # of a tree: a byte holds the number of a leaf

# Nanoseconds a row: a bar, and a tree that is sliced; a level of a tree that is walked.
BAR_COST, SLICED_COST, WALK_COST = 0.04, 2.5, 3.0


class TreeWalk:
    """The way from the root, level by level, for many trees and rows at once.

    With the distinct questions at hand, those of a single row are all answered first: there only
    the number of calls counts.
    """

    def __init__(self, nodes, questions=None):
        self.nodes = nodes
        self.questions = questions
        if questions is not None:
            self.number = np.where(nodes.is_leaf, questions.count, questions.number)  # says no

    def values(self, columns):
        """Columns (c, n) -> blocks of (first tree, values (trees, n) or (trees, n, k))."""
        rows = columns.shape[1]
        if rows == 1 and self.questions is not None:
            yield 0, self.nodes.value_at(self._follow_one(columns[:, 0]))[:, None]
            return
        flat = self._flatten(columns)
        offsets = np.arange(rows) * columns.shape[0]
        size = max(1, WALK_STEPS // rows)
        for first in range(0, len(self.nodes.starts), size):
            starts = self.nodes.starts[first : first + size]
            at = np.repeat(starts, rows).reshape(len(starts), rows)
            self._follow(at, flat, offsets)
            yield first, self.nodes.value_at(at)

    def _follow_one(self, row):
        """The leaf of each tree, as a node, for one row."""
        answers = self.questions.answer_one(row)
        at = self.nodes.starts
        for _ in range(self.nodes.depth):
            at = self.nodes.left.take(at) + answers.take(self.number.take(at))
        return at

    def _flatten(self, columns):
        """Rows side by side."""
        return np.ascontiguousarray(columns.T).ravel()

    def _follow(self, at, flat, offsets):
        """Lead the roots in at, (trees, rows), to the leaves."""
        nodes = self.nodes
        asked = np.empty_like(at)
        numbers = np.empty(at.shape, flat.dtype)
        bounds = np.empty(at.shape, nodes.bound.dtype)
        goes_right = np.empty(at.shape, bool)
        for _ in range(nodes.depth):
            nodes.column.take(at, out=asked, mode="clip")
            asked += offsets
            flat.take(asked, out=numbers, mode="clip")
            nodes.bound.take(at, out=bounds, mode="clip")
            np.greater_equal(numbers, bounds, out=goes_right)
            nodes.left.take(at, out=asked, mode="clip")
            np.add(asked, goes_right, out=at)


class PackedWalk(TreeWalk):
    """The walk of float32, all of a node in one word of 64 bits: its left child, 2^32 less its
    bound, and its column. A number that is added to the middle carries into the child's number
    where it is at least the bound."""

    def __init__(self, nodes):
        super().__init__(nodes)
        self.bits = _count_bits(nodes.column)
        bound = np.where(np.isnan(nodes.bound), 2**32, _in_order(nodes.bound))
        self.words = (nodes.left << (32 + self.bits)) + ((2**32 - bound) << self.bits)
        self.words += nodes.column

    @staticmethod
    def fits(nodes):
        """Whether a word can hold a node."""
        free = 63 - 32 - _count_bits(nodes.column)
        return nodes.bound.dtype == np.float32 and len(nodes.left) < 2**free

    def _flatten(self, columns):
        """Rows side by side, as they are added to words."""
        return _in_order(np.ascontiguousarray(columns.T).ravel()) << self.bits

    def _follow(self, at, flat, offsets):
        """Lead the roots in at, (trees, rows), to the leaves."""
        words, asked, numbers = np.empty_like(at), np.empty_like(at), np.empty_like(at)
        mask = 2**self.bits - 1
        for _ in range(self.nodes.depth):
            self.words.take(at, out=words, mode="clip")
            np.bitwise_and(words, mask, out=asked)
            asked += offsets
            flat.take(asked, out=numbers, mode="clip")
            words += numbers
            np.right_shift(words, 32 + self.bits, out=at)


def _count_bits(column):
    """How many bits hold the number of a column."""
    return max(1, int(column.max()).bit_length())


def _in_order(x):
    """float32 as whole numbers from 1 to 2^32 - 1 in the same order, 0 for NaN."""
    whole = (x + np.float32(0)).view(np.int32)  # -0.0 + 0.0 is 0.0
    ordered = (whole ^ ((whole >> 31) & 0x7FFFFFFF)).astype(np.int64)
    ordered += 2**31
    ordered[np.isnan(x)] = 0
    return ordered


class TreeSlices:
    """Every distinct question is answered for all rows, 64 answers a word, and the leaf's number
    comes of whole words.

    Leaves are numbered from left to right. Each question parts its node's leaves at a bar, and
    which bars stand before a row's leaf follows from the roots on: those where the answer is yes
    and so is the bar of the next ancestor to the left, low, or where the bar of the next ancestor
    to the right, high, is passed. Bit j of the leaf's number tells whether an odd number of the
    bars 2^j, 2 * 2^j, 3 * 2^j ... is passed.
    """

    def __init__(self, nodes, questions):
        self.questions = questions
        counts = nodes.count_leaves()
        trees = len(nodes.starts)
        self.bits = int(counts[nodes.starts].max() - 1).bit_length()
        self.size = max(1, SLICE_BARS >> self.bits)  # trees of a block
        tree, level, first, low, high = _find_bars(nodes, counts)
        leaf = nodes.reached[nodes.is_leaf[nodes.reached]]
        places = np.zeros((trees, 2**self.bits), np.intp)
        places[tree[leaf], first[leaf]] = nodes.leaf[leaf]
        self.table = nodes.leaves.take(places, axis=0)
        if nodes.value is not None:
            self.table = np.ascontiguousarray(self.table[:, :, 0])

        inner = nodes.inner_of(nodes.reached)
        inner = inner[np.lexsort((level[inner], tree[inner] // self.size))]
        block, within = np.divmod(tree[inner], self.size)
        starts = np.searchsorted(block, np.arange(-(-trees // self.size) + 1))
        rows = np.zeros(len(nodes.left) + 2, np.intp)  # of words, by node; two never and always
        rows[-2:] = 0, 1
        rows[inner] = np.arange(len(inner)) - starts[block] + 2
        bars = np.zeros((len(starts) - 1, 2**self.bits, self.size), np.intp)
        bars[block, first[nodes.left[inner] + 1], within] = rows[inner]
        # First the odd multiples of 1, then those of 2, of 4, ...
        order = [np.arange(2**n, 2**self.bits, 2 ** (n + 1)) for n in range(self.bits)]
        self.ends = np.cumsum([len(part) for part in order])
        self.bars = bars[:, np.concatenate(order)]
        number, low, high = (
            questions.place[questions.number[inner]],
            rows[low[inner]],
            rows[high[inner]],
        )
        ends = np.flatnonzero(np.append(np.diff(block * len(nodes.levels) + level[inner]), 1)) + 1
        self.blocks: list = [[] for _ in starts[1:]]
        for start, end in zip(np.append(0, ends[:-1]).tolist(), ends.tolist()):
            part = slice(start, end)
            shift = int(rows[inner[start]])
            self.blocks[block[start]].append(
                (slice(shift, shift + end - start), number[part], low[part], high[part])
            )
        self.most_rows = int(rows.max()) + 1

    def values(self, columns):
        """Columns (c, n) -> blocks of (first tree, values (trees, n) or (trees, n, k))."""
        rows = columns.shape[1]
        answers = self.questions.answer(columns)
        passed = np.empty((self.most_rows, answers.shape[1]), np.uint64)
        passed[0], passed[1] = 0, np.iinfo(np.uint64).max
        spare = np.empty_like(passed)
        for number, steps in enumerate(self.blocks):
            _pass_bars(steps, answers, passed, spare)
            choice = self._number_leaves(passed.take(self.bars[number], axis=0))
            tables = self.table[number * self.size : (number + 1) * self.size]
            values = np.empty((len(tables), rows, *tables.shape[2:]), tables.dtype)
            for table, leaf, found in zip(tables, choice, values):
                table.take(leaf[:rows], axis=0, out=found, mode="clip")
            yield number * self.size, values

    def _number_leaves(self, bars):
        """Which bars are passed, (bars, trees, words) -> the leaves' numbers (trees, rows)."""
        bits = np.zeros(bars.shape[1:], np.uint64)
        result = np.zeros((len(bits), bits.shape[1] * 8), np.uint64)
        for place in reversed(range(self.bits)):
            first = self.ends[place - 1] if place else 0
            bits ^= np.bitwise_xor.reduce(bars[first : self.ends[place]], axis=0)
            result |= SPREAD[place].take(bits.view(np.uint8))
        return result.view(np.uint8)


# For each bit of a number, eight bits of a byte as that bit of eight bytes.
SPREAD = [
    (np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1) << np.uint8(place))
    .view(np.uint64)
    .ravel()
    for place in range(8)
]


def _find_bars(nodes, counts):
    """For each node its tree, its level, the number of its first leaf in the tree, and the nodes
    whose bars are next to its leaves on the left and on the right; -2 and -1 where there are none:
    to the right one that is never passed, to the left one that always is."""
    tree, level, first, low, high = np.zeros((5, len(nodes.left)), np.intp)
    tree[nodes.starts] = np.arange(len(nodes.starts))
    low[nodes.starts], high[nodes.starts] = -1, -2
    for depth, members in enumerate(nodes.levels):
        level[members] = depth
        inner = nodes.inner_of(members)
        left, right = nodes.left[inner], nodes.left[inner] + 1
        tree[left] = tree[right] = tree[inner]
        first[left], first[right] = first[inner], first[inner] + counts[left]
        low[left], high[left] = low[inner], inner
        low[right], high[right] = inner, high[inner]
    return tree, level, first, low, high


def _pass_bars(steps, answers, passed, spare):
    """Find which bars are passed: into passed, level by level."""
    for part, number, low, high in steps:
        own, other = passed[part], spare[part]
        answers.take(number, axis=0, out=own, mode="clip")
        passed.take(low, axis=0, out=other, mode="clip")
        own &= other
        passed.take(high, axis=0, out=other, mode="clip")
        own |= other


def choose_layouts(nodes):
    """What finds the leaves of few rows, and of many: there slices where trees have few leaves, by
    the estimated cost of a row, else a walk."""
    trees, depth = len(nodes.starts), nodes.depth
    packed = PackedWalk(nodes) if PackedWalk.fits(nodes) else None
    is_small = len(nodes.reached) < 2 * MAX_SLICE_LEAVES * trees  # else one tree has more leaves
    if not depth or not is_small or nodes.count_leaves()[nodes.starts].max() > MAX_SLICE_LEAVES:
        walk = TreeWalk(nodes)
        return walk, packed or walk
    questions = TreeQuestions(nodes)
    walk = TreeWalk(nodes, questions)
    bars = (len(nodes.reached) - trees) // 2
    if questions.cost + BAR_COST * bars + SLICED_COST * trees > WALK_COST * depth * trees:
        return walk, packed or walk
    return walk, TreeSlices(nodes, questions)


@kernel
def trees(
    columns, members, starts, column, bound, left, leaves, base, target=None,
    compare="float64", total="float64", divisor=1,
):  # fmt: skip
    """y = (base + sum of the leaves that a row reaches) / divisor, added in the trees' order.

    compare is the type that the row's numbers are rounded to before they are compared, total the
    type that leaves are added in; target says which of the outputs each tree adds to, for leaves
    of one number.
    Shapes: x (rows, features), columns (c, 4), starts (trees,), column, bound and left (nodes,),
    leaves (leaves, 1 or k), base (k,), target (trees,) -> y (rows, k).
    """
    made = TreeColumns(columns.astype(np.intp), members)
    nodes = TreeNodes(starts, column, bound.astype(compare), left, leaves.astype(total))
    few, many = choose_layouts(nodes)
    base = base.astype(total)
    targets = np.zeros(len(starts), np.intp) if target is None else target.astype(np.intp)
    is_vector = leaves.shape[1] > 1

    def call(x):
        y = np.empty((len(x), len(base)), total)
        with np.errstate(over="ignore", invalid="ignore"):
            for first in range(0, len(x), SLICE_ROWS):
                rows = made.make(x[first : first + SLICE_ROWS].astype(compare))
                chosen = few if rows.shape[1] < FEW_ROWS else many
                y[first : first + SLICE_ROWS] = add(chosen.values(rows), rows.shape[1])
            return y / y.dtype.type(divisor) if divisor != 1 else y

    def add(blocks, rows):
        """(rows, k): base and the values of one tree after another."""
        if is_vector:
            y = np.repeat(base[None], rows, axis=0)
            for _, values in blocks:
                for value in values:
                    y += value
            return y
        y = np.repeat(base[:, None], rows, axis=1)
        for first, values in blocks:
            for output in range(len(base)) if len(base) > 1 else (0,):
                own = values
                if len(base) > 1:
                    own = values[targets[first : first + len(values)] == output]
                if rows < FEW_ROWS:
                    # accumulate() adds in order, where sum() adds in pairs, and needs no loop.
                    y[output] = np.add.accumulate(np.concatenate([y[output][None], own]))[-1]
                    continue
                for value in own:
                    y[output] += value
        return y.T

    return call


"""Kernels that bring a row's own numbers to a mean, a deviation or a length."""

import numpy as np



@kernel
def layer_normalization(axes, epsilon, gamma=None, beta=None):
    """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, moments along axes.

    The axes count the batch as 0; gamma and beta are broadcast over the batch.
    """
    axes = tuple(axes)

    def call(x):
        y = x - x.mean(axis=axes, keepdims=True)
        y /= np.sqrt((y * y).mean(axis=axes, keepdims=True) + x.dtype.type(epsilon))
        if gamma is not None:
            y *= gamma
        if beta is not None:
            y += beta
        return y

    return call


@kernel
def unit_normalization(axes, epsilon):
    """y = x * min(1 / sqrt(sum(x^2)), 1 / epsilon) along axes, which count the batch as 0."""
    axes = tuple(axes)

    def call(x):
        inverse = 1 / np.sqrt((x * x).sum(axis=axes, keepdims=True))
        return x * np.minimum(inverse, x.dtype.type(1 / epsilon))

    return call


"""Texts as they lie in a message, in UTF-8; looked up without a str for each."""

import numpy as np

LONGEST = 64  # bytes of words that are compared as numbers; longer ones are looked up one by one
SPARE = 256  # bytes behind a message, so that as many may be read where a text begins
MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio: odd, and without a pattern


class Texts:
    """An array of texts that are bytes of one message, and become str when somebody asks for them.

    To all but those who look for its bytes it is the array of objects that words() makes; slices
    and reshapes are made without a str. SPARE bytes stand behind the message.
    Shapes: starts and lengths are those of the array. Types: whole numbers; a length is negative
    where the text is NULL, and words() holds None there.
    """

    def __init__(self, message, starts, lengths):
        self.message = message
        self.starts = starts
        self.lengths = lengths
        self.shape = starts.shape
        self.made = None

    def __len__(self):
        return len(self.starts)

    def __getitem__(self, key):
        starts = self.starts[key]
        if not isinstance(starts, np.ndarray):
            return self.words()[key]
        return Texts(self.message, starts, self.lengths[key])

    def reshape(self, *shape):
        """As an array's."""
        return Texts(self.message, self.starts.reshape(*shape), self.lengths.reshape(*shape))

    def take(self, indices, axis=None):
        """As an array's."""
        starts, lengths = self.starts.take(indices, axis), self.lengths.take(indices, axis)
        return Texts(self.message, starts, lengths)

    def ravel(self):
        """As an array's."""
        return self.reshape(-1)

    def raw(self):
        """The bytes of each text, None for a NULL, as a flat list."""
        starts = self.starts.ravel()
        ends = (starts + self.lengths.ravel()).tolist()
        message = self.message
        return [
            message[start:end] if end >= start else None
            for start, end in zip(starts.tolist(), ends)
        ]

    def words(self):
        """The array of objects."""
        if self.made is None:
            raw = self.raw()
            known = {item: item.decode() for item in set(raw) if item is not None}
            words = np.empty(len(raw), object)
            words[:] = [known.get(item) for item in raw]
            self.made = words.reshape(self.shape)
        return self.made

    def __array__(self, dtype=None, copy=None):
        return self.words()

    def __getattr__(self, name):
        return getattr(self.words(), name)

    def __iter__(self):
        return iter(self.words())

    def __eq__(self, other):
        return self.words() == other

    def __ne__(self, other):
        return self.words() != other


class Vocabulary:
    """Words to find Texts among.

    Words of up to LONGEST bytes are filled up with zeros and compared as 64-bit numbers, each text
    with the word that has its hash. PostgreSQL's texts hold no zero bytes.
    """

    def __init__(self, words):
        self.count = len(words)
        self.places = {
            word.encode("utf-8", "surrogatepass"): place
            for place, word in enumerate(words)
            if "\0" not in word
        }
        self.width = max(1, -(-max(map(len, self.places), default=0) // 8))
        size = 8 * self.width
        padded = b"".join(raw.ljust(size, b"\0") for raw in self.places)
        blocks = np.frombuffer(padded, np.uint64).reshape(-1, self.width)
        hashes = _hash(blocks)
        order = np.argsort(hashes, kind="stable")
        self.hashes, self.blocks = hashes[order], blocks[order]
        self.numbers = np.array(list(self.places.values()), np.intp)[order]
        self.masks = (np.tri(size + 1, size, -1, np.uint8) * np.uint8(255)).view(np.uint64)
        is_one_to_one = len(np.unique(hashes)) == len(hashes) > 0
        self.is_hashed = size <= LONGEST and is_one_to_one

    def find(self, texts):
        """The place of the word that each text is, and how many words there are where it is none.

        Shapes: those of texts.
        """
        if not self.is_hashed:
            places = [self.places.get(raw, self.count) for raw in texts.raw()]
            return np.array(places, np.intp).reshape(texts.shape)
        size = 8 * self.width
        lengths = texts.lengths.ravel()
        count = len(texts.message) - size + 1
        windows = np.ndarray((count,), f"V{size}", texts.message, 0, (1,))
        blocks = windows[texts.starts.ravel()].view(np.uint64).reshape(-1, self.width)
        blocks &= self.masks[np.clip(lengths, 0, size)]
        nearest = np.searchsorted(self.hashes, _hash(blocks))
        nearest = np.minimum(nearest, len(self.hashes) - 1)
        same = (self.blocks[nearest] == blocks).all(axis=1)
        same &= (lengths >= 0) & (lengths <= size)
        return np.where(same, self.numbers[nearest], self.count).reshape(texts.shape)


def _hash(blocks):
    """One number for each row of 64-bit ones."""
    hashes = blocks[:, 0].copy()
    for column in range(1, blocks.shape[1]):
        hashes *= MIX
        hashes ^= blocks[:, column]
    return hashes


"""Kernels of preprocessing layers: numbers and texts to places in a table."""

import numpy as np



@kernel
def bucketize(boundaries):
    """y = how many of the boundaries, which ascend, are at most x."""
    return lambda x: np.searchsorted(boundaries, x, side="right").astype(x.dtype)


@kernel
def lookup(keys, values, default):
    """y = the value beside the key that equals x, or default; keys ascend."""
    if not keys.size:
        return lambda x: np.full_like(x, default)

    def call(x):
        x = np.trunc(x)
        place = np.minimum(np.searchsorted(keys, x), keys.size - 1)
        return np.where(keys[place] == x, values[place], x.dtype.type(default))

    return call


@kernel
def string_lookup(words, places, default=None):
    """y = the place of the word that equals x, or default; x is an array of texts.

    Raises: ValueError, when x is none of the words and there is no default.
    """
    table = {word: number for number, word in enumerate(words)}
    vocabulary = Vocabulary(words)
    all_places = np.append(places, places.dtype.type(default or 0)).astype(places.dtype)

    def call(x):
        if isinstance(x, Texts):
            numbers = vocabulary.find(x)
        else:
            numbers = [table.get(word, len(words)) for word in x.ravel().tolist()]
            numbers = np.array(numbers, np.intp).reshape(x.shape)
        if default is None and (numbers == len(words)).any():
            word = x[numbers == len(words)][0]
            what = "NULL" if word is None else repr(word[:80])
            raise ValueError(f"{what} is not in the vocabulary of {len(words)} words")
        return all_places[numbers]

    return call


@kernel
def encode(depth, mode):
    """Whole numbers from 0 to depth - 1 as vectors; see the op of this name.

    Shapes: x (rows, ..., n) -> y (rows, ..., n, depth), or (rows, ..., depth).
    Raises: ValueError, when x holds anything but whole numbers from 0 to depth - 1.
    """

    def call(x):
        bad = ~((x >= 0) & (x < depth) & (x == np.floor(x)))
        if bad.any():
            raise ValueError(
                f"{x[bad][0].item()!r} is not a category: give whole numbers from 0 to {depth - 1}"
            )
        y = (x[..., None] == np.arange(depth)).astype(x.dtype)
        if mode == "one_hot":
            return y
        return y.max(axis=-2) if mode == "multi_hot" else y.sum(axis=-2)

    return call


"""Texts to tokens, as TensorFlow takes them apart."""

import re
import string

import numpy as np


SPACES = re.compile("[ \t\n\v\f\r]+")  # what TensorFlow splits at; other Unicode spaces are letters
LOWER = {n: n + 32 for n in range(ord("A"), ord("Z") + 1)}  # TensorFlow leaves all other letters
PUNCTUATION = dict.fromkeys(map(ord, string.punctuation))


def _tokens(texts, standardize, split, ngrams):
    """The tokens of a row's texts, as Keras's TextVectorization takes them apart."""
    if "lower" in standardize:
        texts = [text.translate(LOWER) for text in texts]
    if "strip_punctuation" in standardize:
        texts = [text.translate(PUNCTUATION) for text in texts]
    if split == "whitespace":
        texts = [token for text in texts for token in SPACES.split(text) if token]
    elif split == "character":
        texts = [letter for text in texts for letter in text]
    if not ngrams:
        return texts
    return [" ".join(texts[i : i + n]) for n in ngrams for i in range(len(texts) - n + 1)]


@kernel
def tokenize(standardize, split, ngrams, length):
    """The first tokens of each row's texts, "" where there are fewer than length.

    Shapes: x (rows, ...) -> y (rows, length), arrays of texts.
    """

    def call(x):
        y = np.full((x.shape[0], length), "", object)
        for row, texts in zip(y, x.reshape(x.shape[0], -1).tolist()):
            tokens = _tokens(texts, standardize, split, ngrams)[:length]
            row[: len(tokens)] = tokens
        return y

    return call


@kernel
def count_words(words, weights, standardize, split, ngrams, is_binary):
    """How often each word is among the tokens of a row's texts, or whether it is, times weights.

    Place 0 is for tokens that are none of the words; "" counts nowhere.
    Shapes: x (rows, ...), weights (depth,) -> y (rows, depth).
    """
    table = {word: number for number, word in enumerate(words, 1)}

    def call(x):
        y = np.zeros((x.shape[0], weights.size), weights.dtype)
        for row, texts in zip(y, x.reshape(x.shape[0], -1).tolist()):
            for token in _tokens(texts, standardize, split, ngrams):
                if token:
                    row[table.get(token, 0)] += 1
        return (np.minimum(y, 1) if is_binary else y) * weights

    return call


"""TensorFlow's hashes of texts and numbers, and the kernels that put them into bins."""

import struct

import numpy as np


U64 = 2**64 - 1
K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _rotate(x, bits):
    """The 64 bits of x, rotated right."""
    return (x >> bits | x << (64 - bits)) & U64


def _mix(u, v, factor):
    """HashLen16 of FarmHash."""
    a = (u ^ v) * factor & U64
    a ^= a >> 47
    b = (v ^ a) * factor & U64
    return (b ^ b >> 47) * factor & U64


def _weak(words, a, b):
    """WeakHashLen32WithSeeds of FarmHash."""
    w, x, y, z = words
    a += w
    b = _rotate((b + a + z) & U64, 21)
    c = a
    a += x + y
    b += _rotate(a & U64, 44)
    return (a + z) & U64, (b + c) & U64


def fingerprint(data):
    """FarmHash's Fingerprint64 of bytes.

    Source: google/farmhash, farmhashna::Hash64; TensorFlow's to_hash_bucket_fast.
    """
    n = len(data)

    def at(place):
        return struct.unpack_from("<Q", data, place)[0]

    factor = K2 + 2 * n
    if n <= 16:
        if n >= 8:
            a, b = at(0) + K2 & U64, at(n - 8)
            return _mix(
                _rotate(b, 37) * factor + a & U64, (_rotate(a, 25) + b) * factor & U64, factor
            )
        if n >= 4:
            a, b = struct.unpack_from("<I", data)[0], struct.unpack_from("<I", data, n - 4)[0]
            return _mix(n + (a << 3) & U64, b, factor)
        if n == 0:
            return K2
        y = data[0] + (data[n >> 1] << 8)
        z = (y * K2 ^ (n + (data[n - 1] << 2)) * K0) & U64
        return (z ^ z >> 47) * K2 & U64
    if n <= 64:
        first = K1 if n <= 32 else K2
        a, b, c, d = at(0) * first & U64, at(8), at(n - 8) * factor & U64, at(n - 16) * K2 & U64
        y = _rotate(a + b & U64, 43) + _rotate(c, 30) + d & U64
        z = _mix(y, a + _rotate(b + K2 & U64, 18) + c & U64, factor)
        if n <= 32:
            return z
        e, f = at(16) * factor & U64, at(24)
        g, h = (y + at(n - 32)) * factor & U64, (z + at(n - 24)) * factor & U64
        return _mix(
            _rotate(e + f & U64, 43) + _rotate(g, 30) + h & U64,
            e + _rotate(f + a & U64, 18) + g & U64,
            factor,
        )
    x, y = 81 * K2 + at(0) & U64, 81 * K1 + 113 & U64
    z = y * K2 + 113 & U64
    z = (z ^ z >> 47) * K2 & U64
    v = w = (0, 0)

    def step(place, x, y, z, v, w, factor, nines):
        x = _rotate(x + y + v[0] + at(place + 8) & U64, 37) * factor & U64
        y = _rotate(y + v[1] + at(place + 48) & U64, 42) * factor & U64
        x ^= w[1] * nines & U64
        y = y + v[0] * nines + at(place + 40) & U64
        z = _rotate(z + w[0] & U64, 33) * factor & U64
        words = struct.unpack_from("<8Q", data, place)
        v = _weak(words[:4], v[1] * factor & U64, x + w[0])
        w = _weak(words[4:], z + w[1], y + words[2])
        return z, y, x, v, w

    for place in range(0, (n - 1) // 64 * 64, 64):
        x, y, z, v, w = step(place, x, y, z, v, w, K1, 1)
    factor = K1 + ((z & 255) << 1) & U64
    w = (w[0] + (n - 1 & 63) & U64, w[1])
    v = (v[0] + w[0] & U64, v[1])
    w = (w[0] + v[0] & U64, w[1])
    x, y, z, v, w = step(n - 64, x, y, z, v, w, factor, 9)
    y ^= y >> 47
    return _mix(
        _mix(v[0], w[0], factor) + y * K0 + z & U64, _mix(v[1], w[1], factor) + x & U64, factor
    )


def siphash(data, key):
    """SipHash-2-4 of bytes under a key of two numbers.

    Source: Aumasson and Bernstein, 2012; TensorFlow's to_hash_bucket_strong.
    """
    v0, v1 = key[0] ^ 0x736F6D6570736575, key[1] ^ 0x646F72616E646F6D
    v2, v3 = key[0] ^ 0x6C7967656E657261, key[1] ^ 0x7465646279746573

    def rounds(count, v0, v1, v2, v3):
        for _ in range(count):
            v0, v2 = v0 + v1 & U64, v2 + v3 & U64
            v1, v3 = _rotate(v1, 51) ^ v0, _rotate(v3, 48) ^ v2
            v0 = _rotate(v0, 32)
            v2, v0 = v2 + v1 & U64, v0 + v3 & U64
            v1, v3 = _rotate(v1, 47) ^ v2, _rotate(v3, 43) ^ v0
            v2 = _rotate(v2, 32)
        return v0, v1, v2, v3

    tail = len(data) % 8
    padded = data + bytes(7 - tail) + bytes([len(data) & 255])
    for (word,) in struct.iter_unpack("<Q", padded):
        v0, v1, v2, v3 = rounds(2, v0, v1, v2, v3 ^ word)
        v0 ^= word
    v0, v1, v2, v3 = rounds(4, v0, v1, v2 ^ 255, v3)
    return v0 ^ v1 ^ v2 ^ v3


WHOLE = 2**24  # beyond it float32 does not hold every whole number


def _whole(number):
    """A number as TensorFlow truncates it before it is hashed.

    Raises: ValueError, when it is too large to be told from its neighbours.
    """
    if not abs(number) <= WHOLE:
        raise ValueError(f"{number!r} cannot be hashed: give whole numbers from -2^24 to 2^24")
    return int(number)


@kernel
def hash_bucket(bins, first, key=None, mask=None):
    """y = first + hash of x modulo bins, 0 where x is the mask; numbers are hashed as decimals.

    With a key SipHash, without one FarmHash. Shapes: x (rows, ...), first (1,) -> y (rows, ...).
    """

    def bucket(item):
        if item == mask:
            return 0
        data = (item if isinstance(item, str) else str(_whole(item))).encode()
        return first[0] + (fingerprint(data) if key is None else siphash(data, key)) % bins

    return lambda x: np.array([bucket(item) for item in x.ravel().tolist()], first.dtype).reshape(
        x.shape
    )


@kernel
def cross_bucket(bins, first):
    """y = first + hash of what stands in the same place of all inputs, modulo bins.

    Source: TensorFlow's sparse.cross_hashed and its FingerprintCat64, under its default key.
    """
    factor = 0xC6A4A7935BD1E995

    def part(item):
        return fingerprint(item.encode()) if isinstance(item, str) else _whole(item) & U64

    def join(a, b):
        b = b * factor & U64
        result = (a ^ factor ^ (b ^ b >> 47) * factor & U64) * factor & U64
        result = (result ^ result >> 47) * factor & U64
        return result ^ result >> 47

    def call(*xs):
        numbers = []
        for items in zip(*[x.ravel().tolist() for x in xs]):
            result = 0xDECAFCAFFE
            for item in items:
                result = join(result, part(item))
            numbers.append(first[0] + result % bins)
        return np.array(numbers, first.dtype).reshape(xs[0].shape)

    return call


"""Columns of tables: kernels for what scalers, encoders and imputers do."""

import re
import unicodedata

import numpy as np



@kernel
def select(columns):
    """The elements of each row in these places.

    Shapes: x (rows, n) -> y (rows, columns).
    """
    first = columns[0]
    if columns == list(range(first, first + len(columns))):
        return lambda x: x[:, first : first + len(columns)]
    return lambda x: x.take(columns, axis=1)


@kernel
def impute(values, missing=None):
    """y = values where x is NaN, or equals missing where that is given, else x.

    Shapes: x (rows, n), values (n,) -> y (rows, n).
    """
    if missing is None:
        return lambda x: np.where(np.isnan(x), values.astype(x.dtype), x)
    return lambda x: np.where(x == missing, values.astype(x.dtype), x)


@kernel
def impute_texts(words, missing=None):
    """y = words where x is missing, or equals missing where that is given, else x.

    Shapes: x (rows, n), words (n,) -> y (rows, n), arrays of texts.
    """
    replacements = np.array([*words, None], object)[:-1]
    return lambda x: np.where(np.equal(x, missing), replacements, x)


@kernel
def is_missing(missing=None):
    """y = 1 where x is NaN or a missing text, or equals missing where that is given, else 0."""

    def call(x):
        if x.dtype == object:
            return np.equal(x, missing).astype(np.float64)
        return (np.isnan(x) if missing is None else x == missing).astype(x.dtype)

    return call


@kernel
def map_numbers(keys, values, counts, defaults, absent, strict, complete):
    """y = the value beside the key of its column that equals x; see the op of this name.

    Shapes: x (rows, n), keys (k,), values (k,), defaults (n,), absent (n,) -> y (rows, n).
    Raises: ValueError, when x is no key in a column that is strict, or NaN in a complete one.
    """
    ends = np.cumsum(counts)
    tables = [
        (keys[end - count : end], np.append(values[end - count : end], values.dtype.type(0)))
        for count, end in zip(counts, ends.tolist())
    ]

    def call(x):
        y = np.empty(x.shape, values.dtype)
        for place, (known, numbers) in enumerate(tables):
            column = x[:, place]
            found = np.searchsorted(known, column)
            same = np.append(known, np.nan)[found] == column
            is_nan = np.isnan(column)
            bad = ~same & (place in strict) & ~is_nan | is_nan & (place in complete)
            if bad.any():
                value = column[bad][0].item()
                raise ValueError(f"{value!r} is none of the {known.size} categories of its column")
            y[:, place] = np.where(
                same,
                numbers[np.where(same, found, known.size)],
                np.where(is_nan, absent[place], defaults[place]),
            )
        return y

    return call


@kernel
def map_texts(words, values, defaults, absent, strict, complete):
    """y = the value beside the word of its column that equals x; see the op of this name.

    Shapes: x (rows, n), values (all words,), defaults (n,), absent (n,) -> y (rows, n).
    Raises: ValueError, when x is no word in a column that is strict, or missing in a complete one.
    """
    tables = []
    arrays = []
    vocabularies = [Vocabulary(column) for column in words]
    start = 0
    for place, column in enumerate(words):
        numbers = dict(zip(column, values[start : start + len(column)].tolist()))
        arrays.append(np.append(values[start : start + len(column)], defaults[place]))
        start += len(column)
        if place not in complete:
            numbers[None] = absent[place].item()
        tables.append(numbers)

    def call(x):
        y = np.empty(x.shape, values.dtype)
        for place, numbers in enumerate(tables):
            if isinstance(x, Texts):
                found = vocabularies[place].find(x[:, place])
                missing = x.lengths[:, place] < 0
                is_known = place not in strict or (found < len(words[place])).all()
                if is_known and not (place in complete and missing.any()):
                    y[:, place] = arrays[place][found]
                    y[missing, place] = absent[place]
                    continue
            column = x[:, place].tolist()
            default = defaults[place].item()
            if place in strict:
                unknown = [word for word in column if word not in numbers]
            else:
                unknown = [None] if place in complete and None in column else []
            if unknown:
                text, count = str(unknown[0])[:80], len(words[place])
                raise ValueError(f"{text!r} is none of the {count} categories of its column")
            y[:, place] = [numbers.get(word, default) for word in column]
        return y

    return call


@kernel
def indicate(size):
    """y = 1 in the places that are in x, 0 in the others; -1 in x is no place.

    Shapes: x (rows, n) -> y (rows, size).
    """

    def call(x):
        y = np.zeros((x.shape[0], size + 1), x.dtype)  # the last place is what -1 means
        y[np.arange(x.shape[0])[:, None], x.astype(np.intp)] = 1
        return y[:, :size]

    return call


@kernel
def discretize(edges, counts, slack):
    """y = how many of its column's edges, which ascend, are at most x.

    Shapes: x (rows, n), edges (all,) -> y (rows, n).
    """
    ends = np.cumsum(counts)
    columns = [edges[end - count : end] for count, end in zip(counts, ends.tolist())]

    def call(x):
        if slack:
            x = x + (1e-8 + 1e-5 * np.abs(x))
        y = np.empty(x.shape, x.dtype)
        for place, known in enumerate(columns):
            y[:, place] = np.searchsorted(known, x[:, place], side="right")
        return y

    return call


@kernel
def normalize_row(norm, tiny):
    """y = x / norm of the row, of which one below tiny (or 0) counts as 1."""

    def call(x):
        if norm == "l2":
            size = np.sqrt(np.einsum("ij,ij->i", x, x))  # in the order of scikit-learn's row_norms
        else:
            size = np.abs(x).sum(axis=1) if norm == "l1" else np.abs(x).max(axis=1)
        return x / np.where((size == 0) | (size < tiny), 1, size)[:, None].astype(x.dtype)

    return call


@kernel
def power_transform(method, lambdas):
    """The transform of Yeo and Johnson, or of Box and Cox, column by column.

    Shapes: x (rows, n), lambdas (n,) -> y (rows, n).
    """

    def call(x):
        y = np.empty(x.shape, x.dtype)
        for place, exponent in enumerate(lambdas.tolist()):
            column = x[:, place]
            if method == "box-cox":
                y[:, place] = np.where(column > 0, _power(np.log(column), exponent), np.nan)
                continue
            above = _power(np.log1p(np.maximum(column, 0)), exponent)
            below = _power(np.log1p(-np.minimum(column, 0)), 2 - exponent)
            y[:, place] = np.where(column >= 0, above, -below)
        return y

    return call


def _power(logarithm, exponent):
    """(x ** exponent - 1) / exponent from log(x), and its limit for an exponent of 0."""
    if abs(exponent) < np.spacing(1.0):
        return logarithm
    return np.expm1(exponent * logarithm) / exponent


@kernel
def quantile_transform(quantiles, references, is_normal):
    """Where x stands among its column's quantiles, or the normal distribution's quantile there.

    Shapes: x (rows, n), quantiles (k, n), references (k,) -> y (rows, n).
    """
    margin = 1e-7
    clip_high = normal_quantile(np.array(1 - (margin - np.spacing(1))))
    clip_low = normal_quantile(np.array(margin - np.spacing(1)))

    def call(x):
        y = np.empty(x.shape, x.dtype)
        for place in range(x.shape[1]):
            column, known = x[:, place], quantiles[:, place]
            up = np.interp(column, known, references)
            down = np.interp(-column, -known[::-1], -references[::-1])
            result = np.where(np.isnan(column), np.nan, 0.5 * (up - down))
            slack = margin if is_normal else 0
            is_last = column + slack > known[-1] if is_normal else column == known[-1]
            is_first = column - slack < known[0] if is_normal else column == known[0]
            result[is_last] = 1
            result[is_first] = 0
            if is_normal:
                result = np.clip(normal_quantile(result), clip_low, clip_high)
            y[:, place] = result
        return y

    return call


NORMAL_CENTRE = (
    (-59.9633501014107895267, 98.0010754185999661536, -56.6762857469070293439,
     13.9312609387279679503, -1.23916583867381258016),
    (1.0, 1.95448858338141759834, 4.67627912898881538453, 86.3602421390890590575,
     -225.462687854119370527, 200.260212380060660359, -82.0372256168333339912,
     15.9056225126211695515, -1.18331621121330003142),
)  # fmt: skip
NORMAL_SIDE = (
    (4.05544892305962419923, 31.5251094599893866154, 57.1628192246421288162,
     44.0805073893200834700, 14.6849561928858024014, 2.18663306850790267539,
     -0.140256079171354495875, -0.0350424626827848203418, -0.000857456785154685413611),
    (1.0, 15.7799883256466749731, 45.3907635128879210584, 41.3172038254672030440,
     15.0425385692907503408, 2.50464946208309415979, -0.142182922854787788574,
     -0.0380806407691578277194, -0.000933259480895457427372),
)  # fmt: skip
NORMAL_TAIL = (
    (3.23774891776946035970, 6.91522889068984211695, 3.93881025292474443415,
     1.33303460815807542389, 0.201485389549179081538, 0.0123716634817820021358,
     0.000301581553508235416007, 2.65806974686737550832e-6, 6.23974539184983293730e-9),
    (1.0, 6.02427039364742014255, 3.67983563856160859403, 1.37702099489081330271,
     0.216236993594496635890, 0.0134204006088543189037, 0.000328014464682127739104,
     2.89247864745380683936e-6, 6.79019408009981274425e-9),
)  # fmt: skip


def normal_quantile(p):
    """The number below which a normally distributed one is with probability p.

    Source: Cephes Math Library, ndtri, by Moshier; within a few units in the last place.
    """
    p = np.asarray(p, np.float64)
    upper = p > 1 - 0.13533528323661269189
    tail = np.where(upper, 1 - p, p)
    centre = tail - 0.5
    square = centre * centre
    inner = np.polyval(NORMAL_CENTRE[0], square) / np.polyval(NORMAL_CENTRE[1], square)
    middle = (centre + centre * (square * inner)) * 2.50662827463100050242
    with np.errstate(all="ignore"):
        x = np.sqrt(-2.0 * np.log(tail))
        z = 1.0 / x
        side = np.polyval(NORMAL_SIDE[0], z) / np.polyval(NORMAL_SIDE[1], z)
        far = np.polyval(NORMAL_TAIL[0], z) / np.polyval(NORMAL_TAIL[1], z)
        outer = (x - np.log(x) / x) - z * np.where(x < 8, side, far)
    outer = np.where(upper, outer, -outer)
    y = np.where(tail > 0.13533528323661269189, middle, outer)
    return np.where(p == 0, -np.inf, np.where(p == 1, np.inf, y))


@kernel
def products(places):
    """y = the products of columns of x, one for each list of places; -1 is the number 1.

    Shapes: x (rows, n) -> y (rows, places).
    """
    columns = np.array(places, np.intp).T

    def call(x):
        x = np.concatenate([x, np.ones((x.shape[0], 1), x.dtype)], axis=1)
        y = x[:, columns[-1]]  # from the back, as scikit-learn multiplies
        for column in columns[-2::-1]:
            y = y * x[:, column]
        return y

    return call


UFUNCS: dict = {
    item.__name__: item
    for item in (
        np.log, np.log1p, np.log2, np.log10, np.exp, np.exp2, np.expm1, np.sqrt, np.cbrt,
        np.square, np.absolute, np.fabs, np.negative, np.positive, np.reciprocal, np.sign,
        np.floor, np.ceil, np.trunc, np.rint, np.sin, np.cos, np.tan, np.arcsin, np.arccos,
        np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh, np.deg2rad,
        np.rad2deg, np.degrees, np.radians,
    )
}  # fmt: skip


@kernel
def ufunc(function):
    """y = function(x), element by element, as numpy names and computes it."""
    return UFUNCS[function]


@kernel
def splines(knots, degree, outside, has_last):
    """The values of the B-splines over each column's knots, side by side; see the op.

    Shapes: x (rows, n), knots (k, n) -> y (rows, n * splines).
    Raises: ValueError, when x is outside of the knots and that is an error.
    """
    count = knots.shape[0] - degree - 1

    def column_values(x, t):
        """The splines of one column."""
        first, last = t[degree], t[count]
        if outside == "periodic":
            y = _basis(first + (x - first) % (last - first), t, degree)
            y[:, :degree] += y[:, count - degree :]
            return y[:, : count - degree]
        inside = (x >= first) & (x <= last)
        if outside == "error" and not inside.all():
            raise ValueError(
                f"{x[~inside][0].item()!r} is outside of the knots, from {first:g} to {last:g}"
            )
        if outside in ("continue", "error"):
            return _basis(x, t, degree)
        y = _basis(np.clip(x, first, last), t, degree)
        if outside == "linear":
            for edge, is_out in ((first, x < first), (last, x > last)):
                at = np.full(1, edge)
                slope = _basis(at, t, degree, 1)[0]
                y[is_out] += (x[is_out] - edge)[:, None] * slope
        return y

    def call(x):
        parts = [column_values(x[:, n], knots[:, n]) for n in range(x.shape[1])]
        return np.concatenate([y if has_last else y[:, :-1] for y in parts], axis=1).astype(x.dtype)

    return call


def _basis(x, t, degree, derivative=0):
    """The values, or first derivatives, of all B-splines of this degree over the knots t, by de
    Boor's recursion; beyond the boundaries those of the polynomials there.

    In the order of SciPy's _deBoor_D, to the last bit: what follows may tell values apart.
    Shapes: x (rows,), t (k,) -> y (rows, k - degree - 1).
    """
    place = np.clip(np.searchsorted(t, x, side="right") - 1, degree, len(t) - degree - 2)
    h = np.zeros((degree + 1, len(x)), t.dtype)
    h[0] = 1
    for j in range(1, degree + 1):
        before = h[:j].copy()
        h[0] = 0
        for n in range(1, j + 1):
            right, left = t[place + n], t[place + n - j]
            with np.errstate(all="ignore"):
                w = (before[n - 1] if j <= degree - derivative else j * before[n - 1]) / (
                    right - left
                )
            w = np.where(right == left, 0, w)
            if j <= degree - derivative:
                h[n - 1] += w * (right - x)
                h[n] = w * (x - left)
            else:
                h[n - 1] -= w
                h[n] = w
    y = np.zeros((len(x), len(t) - degree - 1), t.dtype)
    y[np.arange(len(x))[:, None], place[:, None] + np.arange(-degree, 1)] = h.T
    return y


TOKEN = re.compile(r"(?u)\b\w\w+\b")
BLANKS = re.compile(r"\s\s+")


def _prepare(text, lower, accents):
    """A text in lower case and without accents, where that is asked for."""
    if lower:
        text = text.lower()
    if accents == "ascii":
        text = unicodedata.normalize("NFKD", text).encode("ASCII", "ignore").decode("ASCII")
    elif accents and not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join([letter for letter in text if not unicodedata.combining(letter)])
    return text


def _grams(text, analyzer, least, most, stop_words):
    """The n-grams of a text, as scikit-learn's vectorizers take it apart."""
    if analyzer == "word":
        tokens = [word for word in TOKEN.findall(text) if word not in stop_words]
        return [
            " ".join(tokens[i : i + n])
            for n in range(least, most + 1)
            for i in range(len(tokens) - n + 1)
        ]
    text = BLANKS.sub(" ", text)
    if analyzer == "char":
        return [text[i : i + n] for n in range(least, most + 1) for i in range(len(text) - n + 1)]
    grams = []
    for word in text.split():
        word = " " + word + " "
        for n in range(least, most + 1):
            grams.append(word[:n])
            grams += [word[i : i + n] for i in range(1, len(word) - n + 1)]
            if len(word) <= n:  # a word that is too short counts once
                break
    return grams


@kernel
def count_tokens(words, lower, accents, analyzer, least, most, stop_words, is_binary):
    """How often each word is among the tokens of a text, or whether it is; see the op.

    Shapes: x (rows, 1) texts -> y (rows, words).
    """
    table = {word: number for number, word in enumerate(words)}
    stop_words = frozenset(stop_words)

    def call(x):
        y = np.zeros((x.shape[0], len(words)))
        for row, text in zip(y, x[:, 0].tolist()):
            prepared = _prepare(text, lower, accents)
            for token in _grams(prepared, analyzer, least, most, stop_words):
                number = table.get(token)
                if number is not None:
                    row[number] += 1
        return np.minimum(y, 1) if is_binary else y

    return call


def murmur(data):
    """MurmurHash3 of bytes, 32 bits, seed 0, as a signed number.

    Source: Appleby, MurmurHash3_x86_32.
    """
    h = 0
    tail = len(data) & 3
    body = len(data) - tail
    for k in np.frombuffer(data, "<u4", body // 4).tolist():
        k = k * 0xCC9E2D51 & 0xFFFFFFFF
        h ^= ((k << 15 | k >> 17) & 0xFFFFFFFF) * 0x1B873593 & 0xFFFFFFFF
        h = (h << 13 | h >> 19) & 0xFFFFFFFF
        h = h * 5 + 0xE6546B64 & 0xFFFFFFFF
    if tail:
        k = int.from_bytes(data[body:], "little") * 0xCC9E2D51 & 0xFFFFFFFF
        h ^= ((k << 15 | k >> 17) & 0xFFFFFFFF) * 0x1B873593 & 0xFFFFFFFF
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    h ^= h >> 16
    return h - 2**32 if h >> 31 else h


@kernel
def hash_tokens(
    size, lower, accents, analyzer, least, most, stop_words, is_binary, is_signed
):  # fmt: skip
    """How often tokens of each hash are in a text, or whether one is; see the op.

    Shapes: x (rows, 1) texts -> y (rows, size).
    """
    stop_words = frozenset(stop_words)

    def call(x):
        y = np.zeros((x.shape[0], size))
        for row, text in zip(y, x[:, 0].tolist()):
            prepared = _prepare(text, lower, accents)
            for token in _grams(prepared, analyzer, least, most, stop_words):
                number = murmur(token.encode("utf-8"))
                place = abs(number) % size
                if is_binary:
                    row[place] = 1
                else:
                    row[place] += -1 if is_signed and number < 0 else 1
        return y

    return call


@kernel
def decide():
    """1 where the only number is above 0, else the place of the first of the largest.

    Shapes: x (rows, n) -> y (rows, 1).
    """

    def call(x):
        place = x > 0 if x.shape[1] == 1 else x.argmax(axis=1)[:, None]
        return np.where(
            np.isnan(x).any(axis=1)[:, None], x.dtype.type(np.nan), place.astype(x.dtype)
        )

    return call


"""Kernels of predictors of tables: distances, pairs of classes, lines through points."""

import math

import numpy as np



@kernel
def squared_distances(points):
    """y = the sum over columns of (x - point)^2 for each point, column by column: the memory is
    that of y twice, however many columns there are.

    Shapes: x (rows, n), points (m, n) -> y (rows, m).
    """
    columns = np.ascontiguousarray(points.T)

    def call(x):
        y = np.zeros((x.shape[0], points.shape[0]), x.dtype)
        difference = np.empty_like(y)
        for place, column in enumerate(columns):
            np.subtract(x[:, place, None], column, out=difference)
            difference *= difference
            y += difference
        return y

    return call


@kernel
def interpolate(points, values, outside):
    """y on the straight lines through points, which ascend, and the values above them.

    Raises: ValueError, when x is beyond the points and that is an error.
    """
    first, last = points[0], points[-1]

    def call(x):
        y = np.interp(x, points, values).astype(x.dtype)
        if outside == "clip":
            return y
        is_out = (x < first) | (x > last)
        if outside == "error" and is_out.any():
            raise ValueError(
                f"{x[is_out][0].item()!r} is outside of what was fitted, {first:g} to {last:g}"
            )
        return np.where(is_out, x.dtype.type(np.nan), y)

    return call


@kernel
def pair_votes(classes):
    """How many pairs each class wins, and less than a half more by how clearly; see the op.

    Shapes: wins (rows, pairs), confidences (rows, pairs) -> y (rows, classes).
    """
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]

    def call(wins, confidences):
        votes = np.zeros((wins.shape[0], classes), confidences.dtype)
        total = np.zeros_like(votes)
        for place, (i, j) in enumerate(pairs):
            total[:, i] -= confidences[:, place]
            total[:, j] += confidences[:, place]
            votes[:, i] += wins[:, place] == 0
            votes[:, j] += wins[:, place] == 1
        return votes + total / (3 * (np.abs(total) + 1))

    return call


@kernel
def couple_pairs(classes):
    """Probabilities of classes from those of pairs, step by step as libsvm finds them.

    Shapes: x (rows, pairs) -> y (rows, classes).
    """
    first, second = np.triu_indices(classes, 1)
    diagonal = np.arange(classes)

    def call(x):
        wins = np.zeros((x.shape[0], classes, classes), x.dtype)
        wins[:, first, second] = x
        wins[:, second, first] = 1 - x
        q = -wins.transpose(0, 2, 1) * wins
        q[:, diagonal, diagonal] = (wins * wins).sum(axis=1)
        p = np.full((x.shape[0], classes), 1 / classes, x.dtype)
        active = np.arange(x.shape[0])
        for _ in range(max(100, classes)):
            slopes = (q[active] * p[active, None, :]).sum(axis=2)
            mean = (p[active] * slopes).sum(axis=1)
            moves = np.abs(slopes - mean[:, None]).max(axis=1) >= 0.005 / classes
            active, slopes, mean = active[moves], slopes[moves], mean[moves]
            if not active.size:
                break
            p[active] = _step(q[active], p[active], slopes, mean)
        p[np.isnan(x).any(axis=1)] = np.nan
        return p

    return call


def _step(q, p, slopes, mean):
    """One step along each class in turn; p is scaled back to a sum of 1 after each."""
    for t in range(p.shape[1]):
        own = q[:, t, t]
        change = (mean - slopes[:, t]) / own
        p[:, t] += change
        scale = 1 + change
        mean = (mean + change * (change * own + 2 * slopes[:, t])) / scale / scale
        slopes = (slopes + change[:, None] * q[:, t]) / scale[:, None]
        p = p / scale[:, None]
    return p


@kernel
def weighted_median(weights):
    """The least number that, with all that are smaller, has half the weight of the row.

    Shapes: x (rows, n), weights (n,) -> y (rows, 1).
    """

    def call(x):
        order = x.argsort(axis=1)
        reached = weights[order].cumsum(axis=1)
        place = (reached >= 0.5 * reached[:, -1:]).argmax(axis=1)[:, None]
        y = np.take_along_axis(x, np.take_along_axis(order, place, axis=1), axis=1)
        return np.where(np.isnan(x).any(axis=1)[:, None], x.dtype.type(np.nan), y)

    return call


@kernel
def quantile_inverse(quantiles, references, is_normal):
    """What quantile_transform gives y for, column by column.

    Shapes: y (rows, n), quantiles (k, n), references (k,) -> x (rows, n).
    """

    def call(y):
        x = np.empty(y.shape, y.dtype)
        for place in range(y.shape[1]):
            known = quantiles[:, place]
            column = normal_distribution(y[:, place]) if is_normal else y[:, place]
            result = np.interp(column, references, known)
            if is_normal:
                result[column + 1e-7 > 1] = known[-1]
                result[column - 1e-7 < 0] = known[0]
            x[:, place] = np.where(np.isnan(column), np.nan, result)
        return x

    return call


def normal_distribution(x):
    """The probability that a normally distributed number is at most x."""
    return np.array([0.5 * math.erfc(-n * math.sqrt(0.5)) for n in x.tolist()], x.dtype)


@kernel
def power_inverse(method, lambdas):
    """What power_transform gives y for, column by column.

    Shapes: y (rows, n), lambdas (n,) -> x (rows, n).
    """

    def call(y):
        x = np.empty(y.shape, y.dtype)
        for place, exponent in enumerate(lambdas.tolist()):
            column = y[:, place]
            if method == "box-cox":
                x[:, place] = _unpower(column, exponent) + 1
                continue
            above = _unpower(np.maximum(column, 0), exponent)
            below = _unpower(-np.minimum(column, 0), 2 - exponent)
            x[:, place] = np.where(column >= 0, above, -below)
        return x

    return call


def _unpower(y, exponent):
    """(y * exponent + 1) ** (1 / exponent) - 1, and its limit for an exponent of 0."""
    if abs(exponent) < np.spacing(1.0):
        return np.expm1(y)
    return np.expm1(np.log1p(y * exponent) / exponent)


"""Recurrent kernels: a step that is repeated along time."""

import math

import numpy as np


BLOCK_NUMBERS = 2**21  # how many intermediate numbers of a kernel are held at once: 8 MiB
BLOCK_ROWS = 512  # how many rows go through time together: enough to hide the cost of a call


def _blocks(rows, numbers_per_row):
    """Slices of rows that together hold about BLOCK_NUMBERS numbers, so that memory is bounded."""
    size = max(1, BLOCK_NUMBERS // max(1, numbers_per_row))
    return [slice(start, start + size) for start in range(0, rows, size)]


def _gate(activation, units):
    """Function of arrays (rows, k * units); softmax and its kind work gate by gate."""
    name, options = activation
    if name in ACTIVATIONS:
        f, options = ACTIVATIONS[name], dict(options)
        return (lambda x: f(x, **options)) if options else f
    along = KERNELS[name](axis=-1)
    return lambda x: along(x.reshape((*x.shape[:-1], -1, units))).reshape(x.shape)


def _projection(kernel, bias):
    """Function of arrays (steps, rows, n): x @ kernel + bias, and how many numbers that gives."""

    def project(x):
        projected = x.reshape(-1, x.shape[2]) @ kernel
        if bias is not None:
            projected += bias
        return projected.reshape((*x.shape[:2], -1))

    return project, kernel.shape[1]


def _recurrence(step, count, projection, units, result, is_masked, zeroes_masked):
    """Kernel that runs step(projected input, *states) -> new states, the first of them the output.

    One call of the projection projects all steps of a block of rows, or as many as BLOCK_NUMBERS
    allows, before the loop over them. count is the number of states. A masked step leaves the
    states alone and repeats the output before it, or gives zeros where zeroes_masked is set.

    Shapes: x (rows, steps, ..., n), mask (rows, steps), states (rows, ..., units)
    -> y (rows, steps, ..., units) for result "sequence", else (rows, ..., units).
    """
    is_sequence = result == "sequence"
    state = {"hidden": 0, "cell": 1}.get(result)
    project, columns = projection

    def call(x, *others):
        rows, length = x.shape[:2]
        lengths = x.shape[2:-1]
        mask = others[0] != 0 if is_masked else None
        initial = others[is_masked:]
        steps = (length,) if is_sequence else ()
        y = np.zeros((rows, *steps, *lengths, units), x.dtype)
        numbers = math.prod(lengths) * columns if lengths else 1  # of a row of images at a step
        block = min(BLOCK_ROWS, max(1, BLOCK_NUMBERS // numbers))
        for start in range(0, rows, block):
            part = slice(start, start + block)
            inputs = x[part].swapaxes(0, 1)
            ahead = max(1, BLOCK_NUMBERS // (inputs.shape[1] * columns))
            output = np.zeros((inputs.shape[1], *lengths, units), x.dtype)
            states = [s[part] for s in initial] if initial else [output] * count
            if mask is not None:
                m = mask[part]
                every, some = m.all(axis=0).tolist(), m.any(axis=0).tolist()
            for t in range(length):
                if t % ahead == 0:
                    projected = project(inputs[t : t + ahead])
                if mask is None or every[t]:
                    states = step(projected[t % ahead], *states)
                    output = states[0]
                elif some[t]:
                    chosen = m[:, t].reshape((-1,) + (1,) * (len(lengths) + 1))
                    new = step(projected[t % ahead], *states)
                    kept = x.dtype.type(0) if zeroes_masked else output
                    output = np.where(chosen, new[0], kept)
                    states = [np.where(chosen, n, s) for n, s in zip(new, states)]
                elif zeroes_masked:
                    output = np.zeros_like(output)
                if is_sequence:
                    y[part, t] = output
            if not is_sequence:
                y[part] = output if state is None else states[state]
        return y

    return call


@kernel
def simple_rnn(
    kernel, recurrent_kernel, activation, result, is_masked, has_states, zeroes_masked, bias=None
):
    """h = activation(x @ kernel + bias + h @ recurrent_kernel).

    Shapes: as _recurrence, kernel (n, units), recurrent_kernel (units, units), bias (units,).
    """
    units = recurrent_kernel.shape[0]
    f = _gate(activation, units)

    def step(x, h):
        return (f(x + h @ recurrent_kernel),)

    return _recurrence(step, 1, _projection(kernel, bias), units, result, is_masked, zeroes_masked)


@kernel
def lstm(
    kernel, recurrent_kernel, activation, recurrent_activation, result, is_masked, has_states,
    zeroes_masked, bias=None,
):  # fmt: skip
    """i, f, g, o = split(x @ kernel + bias + h @ recurrent_kernel); c = r(f) * c + r(i) * a(g);
    h = r(o) * a(c), where a is the activation and r the recurrent_activation.

    Shapes: as _recurrence, kernel (n, 4 units), recurrent_kernel (units, 4 units),
    bias (4 units,); the states are h and c.
    """
    units = recurrent_kernel.shape[0]
    a, r = _gate(activation, units), _gate(recurrent_activation, units)
    # i, f, o side by side, so that one call computes the three gates.
    order = np.r_[0 : 2 * units, 3 * units : 4 * units, 2 * units : 3 * units]
    kernel, recurrent_kernel = kernel[:, order], recurrent_kernel[:, order]
    bias = None if bias is None else bias[order]

    def step(x, h, c):
        z = h @ recurrent_kernel
        z += x
        gates = r(z[:, : 3 * units])
        c = gates[:, units : 2 * units] * c + gates[:, :units] * a(z[:, 3 * units :])
        return gates[:, 2 * units :] * a(c), c

    return _recurrence(step, 2, _projection(kernel, bias), units, result, is_masked, zeroes_masked)


@kernel
def conv_lstm(
    recurrent_kernel, activation, recurrent_activation, result, is_masked, has_states,
    zeroes_masked,
):  # fmt: skip
    """i, f, g, o = split(x + conv(h, recurrent_kernel)), the rest as lstm.

    Shapes: x (rows, steps, n..., 4 filters), recurrent_kernel (k..., filters, 4 filters), mask
    (rows, steps), states (rows, n..., filters)
    -> y (rows, steps, n..., filters) for result "sequence", else (rows, n..., filters).
    """
    filters = recurrent_kernel.shape[-2]
    ones = [1] * (recurrent_kernel.ndim - 2)
    a, r = _gate(activation, filters), _gate(recurrent_activation, filters)
    convolve = conv(recurrent_kernel, ones, ones, "same")

    def step(x, h, c):
        z = convolve(h)
        z += x
        i, f, g, o = (z[..., n * filters : (n + 1) * filters] for n in range(4))
        c = r(f) * c + r(i) * a(g)
        return r(o) * a(c), c

    return _recurrence(
        step, 2, (lambda x: x, 4 * filters), filters, result, is_masked, zeroes_masked
    )


@kernel
def gru(
    kernel, recurrent_kernel, activation, recurrent_activation, result, is_masked, has_states,
    zeroes_masked, reset_after, bias=None, recurrent_bias=None,
):  # fmt: skip
    """z, s = r(x @ kernel[z, s] + bias[z, s] + h @ recurrent_kernel[z, s]);
    n = a(x @ kernel[n] + bias[n] + (s * h) @ recurrent_kernel[n]); h = z * h + (1 - z) * n,
    where a is the activation and r the recurrent_activation. With reset_after the last product
    is s * (h @ recurrent_kernel[n] + recurrent_bias[n]), and z and s have a recurrent_bias too.

    Shapes: as _recurrence, kernel (n, 3 units), recurrent_kernel (units, 3 units),
    bias and recurrent_bias (3 units,).
    """
    units = recurrent_kernel.shape[0]
    a, r = _gate(activation, units), _gate(recurrent_activation, units)
    if recurrent_bias is not None:  # what is added to z and s need not be added at every step
        bias = bias + np.r_[recurrent_bias[: 2 * units], np.zeros(units, bias.dtype)]
        late_bias = recurrent_bias[2 * units :]
    else:
        late_bias = None
    gate_kernel = recurrent_kernel[:, : 2 * units].copy()
    new_kernel = recurrent_kernel[:, 2 * units :].copy()

    def step(x, h):
        if reset_after:
            product = h @ recurrent_kernel
            gates = r(x[:, : 2 * units] + product[:, : 2 * units])
            late = product[:, 2 * units :]
            late = late if late_bias is None else late + late_bias
            late = gates[:, units:] * late
        else:
            gates = r(x[:, : 2 * units] + h @ gate_kernel)
            late = (gates[:, units:] * h) @ new_kernel
        z = gates[:, :units]
        return (z * h + (1 - z) * a(x[:, 2 * units :] + late),)

    return _recurrence(step, 1, _projection(kernel, bias), units, result, is_masked, zeroes_masked)


"""Attention: each position of one sequence looks at all of another."""

import numpy as np



@kernel
def attention(heads, scale, is_causal, is_masked, zeroes_masked):
    """y = softmax(scale * query @ key^T) @ value in each of heads equal parts of the last axis.

    Shapes: query (rows, t, heads * n), key (rows, s, heads * n), value (rows, s, heads * m),
    mask, where is_masked, broadcast to (rows, t, s) -> y (rows, t, heads * m).
    """

    def split(x):
        return x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(0, 2, 1, 3)

    def scores(query, key):
        query = query * query.dtype.type(scale)
        return split(query) @ split(key).transpose(0, 1, 3, 2)

    def call(query, key, value, *masks):
        y = np.zeros(query.shape[:2] + value.shape[2:], query.dtype)
        for part in _blocks(len(query), heads * query.shape[1] * key.shape[1]):
            mask = masks[0][part, None] if is_masked else None
            weights = _attend(scores(query[part], key[part]), mask, is_causal, zeroes_masked)
            y[part] = (weights @ split(value[part])).transpose(0, 2, 1, 3).reshape(y[part].shape)
        return y

    return call


@kernel
def additive_attention(scale, is_causal, is_masked):
    """y = softmax(sum(scale * tanh(query + key))) @ value, the sum along the last axis.

    Shapes: as attention with one head; scale (n,) or (1,).
    """

    def call(query, key, value, *masks):
        y = np.zeros(query.shape[:2] + value.shape[2:], query.dtype)
        for part in _blocks(len(query), query.shape[1] * key.shape[1] * query.shape[2]):
            pairs = np.tanh(query[part, :, None] + key[part, None])
            mask = masks[0][part] if is_masked else None
            y[part] = _attend((scale * pairs).sum(axis=-1), mask, is_causal) @ value[part]
        return y

    return call


def _attend(scores, mask, is_causal, zeroes_masked=False):
    """Softmax along the last axis of scores (..., t, s), 0 where mask is 0 or, if causal, s > t.

    Where nothing is left, the weights are equal (Keras adds so large a negative number that in
    float32 the scores vanish beside it), or 0 where zeroes_masked is set.
    """
    allowed = True if mask is None else mask != 0
    if is_causal:
        order = np.arange(scores.shape[-1]) <= np.arange(scores.shape[-2])[:, None]
        allowed = allowed & order
    scores = np.where(allowed, scores, scores.dtype.type(-1e30))
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return weights * allowed if zeroes_masked else weights


"""Arrays of PostgreSQL, as they lie in the server's memory, to arrays of numpy."""

import json
import math
import struct
import sys

import numpy as np

ARRAY_HEADER = struct.Struct("=iiI")
NUMERIC = 1700
MIN_NUMERIC = 8  # bytes of a 0: a length, a header, padding
ELEMENT_TYPES = {
    oid: np.dtype(code)
    for oid, code in {700: "f4", 701: "f8", 21: "i2", 23: "i4", 20: "i8"}.items()
}


class Header:
    """The header of an array as it lies in PostgreSQL's memory, without the length in front.

    How many dimensions, where the data begin (counted with the length; 0 when no element is NULL),
    the oid of the elements' type, then each dimension's length and each one's lower bound, all in
    the machine's own byte order; then, if any may be NULL, a bit for each element.
    start and stride are bytes: where its elements begin, and where the array ends, 0 for numeric,
    whose elements differ in length.
    Raises: ValueError, when this is no array of numbers.
    Source: PostgreSQL, src/include/utils/array.h.
    """

    def __init__(self, message, position=0):
        try:
            dimensions, offset, self.oid = ARRAY_HEADER.unpack_from(message, position)
            at = position + ARRAY_HEADER.size
            self.dims = struct.unpack_from(f"={max(0, min(dimensions, 6))}i", message, at)
        except struct.error as error:
            raise ValueError("the message ends before the array does") from error
        self.type = ELEMENT_TYPES.get(self.oid)
        if not 0 <= dimensions <= 6 or any(n < 0 for n in self.dims):
            raise ValueError("the message holds no array")
        if self.type is None and self.oid != NUMERIC:
            raise ValueError(f"an array of type oid {self.oid} was given, not of numbers")
        self.size = ARRAY_HEADER.size + 8 * dimensions
        self.count = math.prod(self.dims) if self.dims else 0
        self.start = offset - 4 if offset else self.size
        self.nulls = self._count_nulls(message, position) if offset else 0
        width = MIN_NUMERIC if self.type is None else self.type.itemsize
        end = self.start + (self.count - self.nulls) * width
        if position + end > len(message):
            raise ValueError("the message ends before the array does")
        self.stride = 0 if self.type is None else end

    def _count_nulls(self, message, position):
        """How many elements are NULL: those whose bit is 0, the lowest of a byte first."""
        end = self.size + (self.count + 7) // 8
        if self.start < end:
            raise ValueError("the message holds no array")
        bits = message[position + self.size : position + end]
        if self.size + len(bits) < end:
            raise ValueError("the message ends before the array does")
        numbers = np.frombuffer(bits, np.uint8)
        present = np.unpackbits(numbers, count=self.count, bitorder="little")
        return self.count - int(present.sum())


def decode_array(message, is_exact=False):
    """Decode an array of numbers as it lies in PostgreSQL's memory, see Header.

    is_exact: as for decode_decimals().
    Returns: (dimensions, values as a flat array), or None when an element is NULL.
    Raises: ValueError, when this is no array of numbers.
    """
    header = Header(message)
    if header.nulls:
        return None
    if header.stride:
        if len(message) != header.stride:
            raise ValueError("the message ends before the array does")
        return header.dims, np.frombuffer(message, header.type, header.count, header.start)
    values, ends = decode_decimals(message, np.array([header.start]), header.count, is_exact)
    if ends[0] != len(message):
        raise ValueError("the message ends before the array does")
    return header.dims, values.ravel()


POWERS = np.append(10.0 ** np.arange(309), np.inf)
MOST_WHOLE, MOST_POWER = 2.0**53, 22
MOST_DIGITS = 8  # of base 10,000: at least 29 decimal ones, where a double holds 17
LENGTH_WORD, LENGTH_SHIFT = (0, 2) if sys.byteorder == "little" else (1, 0)


def decode_decimals(message, starts, count, is_exact=False):
    """Decode count numbers of PostgreSQL's numeric behind each start, all at once.

    A number is its length in bytes (4 bytes, the number of them included, times 4 on little-endian
    machines), then 16-bit words: a header that holds sign and weight of the first digit, or in the
    long form a header with the sign and one with the weight; then the digits, of base 10,000; then
    padding to 4 bytes. A cast in SQL would cost 0.25 us a number, as much as 500 weights do.

    With is_exact each is the float64 nearest to its number, for models that compute in float64 and
    may compare it with another; without, one to four units in the last place beside it.

    Returns: (float64 array (rows, count), positions behind).
    Source: PostgreSQL, src/backend/utils/adt/numeric.c, NumericShort and NumericLong.
    """
    # Positions beyond the end read the last word: the positions behind tell that to the caller.
    words = np.frombuffer(message, np.uint16, len(message) // 2)
    places = np.empty((len(starts), count), np.intp)
    ends = starts // 2
    for column in range(count):
        places[:, column] = ends
        length = words.take(ends + LENGTH_WORD, mode="clip") >> LENGTH_SHIFT
        ends = ends + 2 * ((length.astype(np.intp) + 3) >> 2)
    heads = words.take(places + 2, mode="clip")
    is_long = heads < 0x8000
    is_special = heads >= 0xC000
    digits = words.take(places + LENGTH_WORD, mode="clip") >> LENGTH_SHIFT
    digits = ((digits.astype(np.int32) - 6) >> 1) - is_long
    first = places + 3 + is_long
    used = min(MOST_DIGITS, int(digits.max(initial=0)))
    values = np.zeros(places.shape)
    for digit in range(used):
        word = words.take(first + digit, mode="clip")
        if is_exact:
            values = np.where(digits > digit, values * 10000 + word, values)
        else:
            values *= 10000
            values += word * (digits > digit)
    weights = (heads & 0x3F).astype(np.int32) - (heads & 0x40)
    if is_long.any():
        long_weights = words.take(places + 3, mode="clip").view(np.int16)
        weights = np.where(is_long, long_weights, weights)
    shift = 4 * (weights - ((np.minimum(digits, used) if is_exact else used) - 1))
    inexact: tuple = ()
    if is_exact:
        # Whole numbers to 2^53 and powers of ten to 10^22 are exact, so that one rounding is all.
        large = (values >= MOST_WHOLE) | (np.abs(shift) > MOST_POWER)
        inexact = np.nonzero((large | (digits > used)) & ~is_special & (values > 0))
    power = POWERS.take(np.abs(shift), mode="clip")
    with np.errstate(all="ignore"):
        values = np.where(shift < 0, values / power, values * power)
    for place in zip(*inexact):
        start, count, power = first[place], int(digits[place]), int(shift[place])
        kept = words[start : start + min(count, used)].tolist()
        # Digits that are left out are not all 0: one in their place decides between two neighbours.
        values[place] = _nearest([*kept, 1], power - 4) if count > used else _nearest(kept, power)
    is_negative = np.where(is_long, heads & 0x4000, heads & 0x2000) != 0
    np.negative(values, out=values, where=is_negative)
    if is_special.any():
        for head, special in ((0xC000, np.nan), (0xD000, np.inf), (0xF000, -np.inf)):
            values[heads == head] = special
    return values, 2 * ends


def _nearest(digits, shift):
    """The float64 nearest to digits of base 10,000 times a power of ten."""
    whole = 0
    for digit in digits:
        whole = 10000 * whole + digit
    try:
        return float(whole * 10**shift) if shift >= 0 else whole / 10**-shift
    except OverflowError:
        return math.inf


def decode_texts(message):
    """Decode an array of texts: JSON in UTF-8, nested by dimension.

    The array's own memory would not do: it holds texts in the server's encoding, whichever it is.

    Returns: (dimensions, texts as a flat array of objects), or None when an element is NULL.
    """
    try:
        items = json.loads(message)
    except RecursionError as error:
        raise ValueError("the message holds no array of texts") from error
    if not isinstance(items, list):
        raise ValueError("the message holds no array of texts")
    dims = [len(items)] if items else []
    while items and isinstance(items[0], list):
        dims.append(len(items[0]))
        if any(not isinstance(part, list) or len(part) != dims[-1] for part in items):
            raise ValueError("the message holds no array of texts")
        items = [item for part in items for item in part]
    if None in items:
        return None
    if not all(isinstance(item, str) for item in items):
        raise ValueError("the message holds no array of texts")
    texts = np.empty(len(items), object)
    texts[:] = items
    return tuple(dims), texts


"""Rows of typed columns, as PostgreSQL's records lie in memory, to arrays of numpy."""

import struct
import sys

import numpy as np


MARK = b"\xfe\xff\xff\xff"  # begins a row of columns; no array has so many dimensions
# What a letter of a layout stands for, in the order in which attributes lie: float8, int8,
# timestamp, float4, int4, date, int2, boolean, then numeric and text, which differ in length.
FIXED = {"d": "=d", "q": "=q", "s": "=q", "f": "=f", "i": "=i", "y": "=i", "h": "=h", "b": "=B"}
ORDER = "".join(FIXED) + "nt"
EPOCH = 946684800  # seconds from 1970-01-01 to 2000-01-01, from where PostgreSQL counts
HEADER = struct.Struct("=HHB")  # t_infomask2, t_infomask and t_hoff
HEADER_AT, MASK_AT, START_AT, BITS_AT = 18, 20, 22, 23  # where they lie, and the bits of NULLs
COUNT, HAS_NULLS = 0x7FF, 1  # in t_infomask2 how many attributes there are; in t_infomask
MOST_BYTES = 20  # of a numeric: what precedes its digits, and the first eight of these
NO_TEXT = -1  # the length of a NULL
NO_ROW = "the message holds no row of columns"
CUT = "the message ends before the row does"
PACKED = "a number has thousands of digits; cast it to double precision"
IS_LITTLE = sys.byteorder == "little"


class Layout:
    """How the attributes of a row lie: one letter a column in the callers' order, see FIXED.

    Those of 8 bytes come first and texts last, so that nothing but texts needs padding. head is
    what a row begins with; order the places of columns as their attributes lie; type the fixed
    ones side by side; varying the places of the others. is_big tells how lengths are written: the
    machine's way, or with the highest byte first on any machine, as in Greenplum, where letters of
    what differs in length are capital.
    Raises: ValueError, for other letters.
    """

    def __init__(self, letters):
        self.head = MARK + letters.encode("ascii", "replace") + b"\0"
        is_network = bool(set(letters) & set("NT"))
        if is_network and not set(letters) & set("nt"):
            letters = letters.replace("N", "n").replace("T", "t")
        if not letters or set(letters) - set(ORDER):
            raise ValueError(NO_ROW)
        self.letters = letters
        self.is_big = is_network or not IS_LITTLE
        self.word = ">u4" if self.is_big else "<u4"
        self.order = sorted(range(len(letters)), key=lambda place: ORDER.index(letters[place]))
        fixed = [place for place in self.order if letters[place] in FIXED]
        self.varying = self.order[len(fixed) :]
        self.type = np.dtype([(str(place), FIXED[letters[place]]) for place in fixed])

    def find_piece(self, places):
        """Columns of one type of floats that lie side by side, as a type of rows whose field piece
        they are; None for others."""
        if not places or {self.letters[place] for place in places} not in ({"d"}, {"f"}):
            return None
        names = [str(place) for place in places]
        every = list(self.type.names or ())
        first = every.index(names[0])
        if every[first : first + len(names)] != names:
            return None
        return np.dtype(
            {
                "names": ["piece"],
                "formats": [(self.type[first], (len(names),))],
                "offsets": [sum(self.type[n].itemsize for n in range(first))],
                "itemsize": self.type.itemsize,
            }
        )


def count_alike(rows, spans):
    """How many rows of bytes, from the first on, have the first one's bytes in these spans."""
    alike = 1
    window = 64  # grows: many short runs cost little, and a long one few comparisons
    while alike < len(rows):
        part = rows[alike : alike + window]
        same = np.ones(len(part), bool)
        for start, end in spans:
            same &= (part[:, start:end] == rows[0, start:end]).all(axis=1)
        if not same.all():
            return alike + int(same.argmin())
        alike += len(part)
        window *= 4
    return alike


def with_spare(message, columns):
    """A message with bytes behind it, so that what begins in it may be read in one piece."""
    return message + bytes(SPARE + 8 * columns)


class Records:
    """Rows of one layout from a position on, as far as they follow each other.

    A row is its layout's head and a record without the length in front (HeapTupleHeader: three
    words, t_infomask2, t_infomask, t_hoff, the bits of attributes that are not NULL, padding to 8;
    then the attributes). All are found by the bytes that they have in common and decoded at once,
    column by column. Such bytes may also be found inside a number: rows count as long as each
    ends where the next begins.

    buffer is the message, of this size, with spare bytes behind. count is how many rows there are,
    at most `most`; end the position behind the last.
    present[n] tells in which rows the column at place n is not NULL; None when it is in all.
    Source: PostgreSQL, src/include/access/htup_details.h and src/include/varatt.h.
    Raises: ValueError, when the first row is none.
    """

    def __init__(self, layout, buffer, size, position, most):
        self.layout = layout
        self.buffer = buffer
        self.size = size
        starts = self._find(position, most)
        origins = starts + (len(layout.head) - 4)
        data = origins + self._take("u1", origins + START_AT)
        self.present = None
        if (self._take("=u2", origins + MASK_AT) & HAS_NULLS).any():
            self.present = self._read_present(origins)
        self.spans = {}
        ends, is_packed = self._read_varying(data, self._read_fixed(data))
        self.count = self._count_rows(starts, ends, is_packed)
        self.end = int(ends[self.count - 1])

    def _count_rows(self, starts, ends, is_packed):
        """How many rows are whole and end where the next begins.

        Raises: ValueError, when it is none.
        """
        breaks = np.flatnonzero(ends[:-1] != starts[1:])
        count = int(breaks[0]) + 1 if len(breaks) else len(starts)
        wrong = np.flatnonzero(is_packed[:count] | (ends[:count] > self.size))
        if not len(wrong):
            return count
        if wrong[0] == 0:
            raise ValueError(PACKED if ends[0] <= self.size else CUT)
        return int(wrong[0])

    def _find(self, position, most):
        """Where rows begin that have the first one's layout, type and number of attributes."""
        common = len(self.layout.head) + MASK_AT - 4
        head = self.buffer[position : position + common]
        (flags,) = struct.unpack_from("=H", head, common - 2)
        if flags & COUNT != len(self.layout.letters):
            raise ValueError(NO_ROW)
        even = self._find_even(position, head, most)
        start = int(even[-1])
        found: list = []
        while len(even) + len(found) < most:
            start = self.buffer.find(head, start + common)
            if start < 0:
                break
            found.append(start)
        return np.append(even, found).astype(np.intp) if found else even

    def _find_even(self, position, head, most):
        """Those of the first rows that begin as far from each other as the first two do: all, where
        there are neither texts nor NULLs."""
        second = self.buffer.find(head, position + len(head))
        if second < 0:
            return np.array([position])
        stride = second - position
        count = min(most, (len(self.buffer) - len(head) - position) // stride + 1)
        rows = np.ndarray((count, len(head)), np.uint8, self.buffer, position, (stride, 1))
        return position + stride * np.arange(count_alike(rows, [(0, len(head))]))

    def _take(self, type_, places):
        """What lies at each of the places, which need not be aligned."""
        type_ = np.dtype(type_)
        last = len(self.buffer) - type_.itemsize
        if len(places) > 1 and places[-1] <= last:
            stride = int(places[1] - places[0])
            if (np.diff(places) == stride).all():  # they need not be copied
                return np.ndarray((len(places),), type_, self.buffer, int(places[0]), (stride,))
        values = np.ndarray((last + 1,), type_, self.buffer, 0, (1,))
        return values[np.minimum(places, last)]

    def _read_present(self, origins):
        """Which attributes are not NULL, by place: their bits are 1, the lowest of a byte first."""
        count = len(self.layout.order)
        size = (count + 7) // 8
        bits = self._take(f"V{size}", origins + BITS_AT)
        bits = np.ascontiguousarray(bits).view(np.uint8).reshape(-1, size)
        present = np.unpackbits(bits, axis=1, count=count, bitorder="little").astype(bool)
        present |= (self._take("=u2", origins + MASK_AT) & HAS_NULLS)[:, None] == 0
        by_place = np.empty_like(present.T)
        by_place[self.layout.order] = present.T
        return by_place

    def _read_fixed(self, data):
        """Read the attributes of fixed size. Returns: the positions behind them."""
        layout = self.layout
        if self.present is None:
            self.fixed = self._take(layout.type, data) if layout.type.names else {}
            return data + layout.type.itemsize
        self.fixed = {}
        for name in layout.type.names or ():
            self.fixed[name] = self._take(layout.type[name], data)
            data = data + layout.type[name].itemsize * self.present[int(name)]
        return data

    def _read_varying(self, data, ends):
        """Where the others begin and end. Returns: (positions behind them, whether one of a row is
        compressed).

        A length of one byte lies anywhere, one of four at a multiple of 4 behind zeros.
        """
        is_packed = np.zeros(len(data), bool)
        is_big = self.layout.is_big
        for place in self.layout.varying:
            first = self._take("u1", ends)
            is_short = first >= 128 if is_big else first & 1 == 1
            present = None if self.present is None else self.present[place]
            sizes = (first & 127 if is_big else first >> 1).astype(np.intp)
            starts, behind = ends + 1, ends + sizes
            if not is_short.all():
                words_at = data + ((ends - data + 3) & -4)
                words = self._take(self.layout.word, words_at)
                kinds = words >> 30 if is_big else words & 3
                sizes = (words & 0x3FFFFFFF if is_big else words >> 2).astype(np.intp)
                starts = np.where(is_short, starts, words_at + 4)
                behind = np.where(is_short, behind, words_at + sizes)
                is_wrong = ~is_short & (kinds != 0)
                is_packed |= is_wrong if present is None else is_wrong & present
            if present is not None:
                behind = np.where(present, behind, ends)
            lengths = behind - starts
            if present is not None:
                lengths[~present] = NO_TEXT
            self.spans[place] = starts, lengths
            ends = behind
        return ends, is_packed

    def matrix(self, places):
        """Columns side by side as float64, NaN where they are NULL."""
        alike = self.layout.find_piece(places) if self.present is None else None
        if alike is not None:
            piece = np.asarray(self.fixed)[: self.count].view(alike)
            return piece["piece"].astype(np.float64)
        array = np.empty((self.count, len(places)))
        for number, place in enumerate(places):
            array[:, number] = self.numbers(place)
        return array

    def numbers(self, place):
        """A column as float64, NaN where it is NULL."""
        letter = self.layout.letters[place]
        if letter == "n":
            starts, lengths = (item[: self.count] for item in self.spans[place])
            values = read_decimals(self._take(f"V{MOST_BYTES}", starts), lengths)
        else:
            values = self.fixed[str(place)][: self.count]
            with np.errstate(invalid="ignore"):  # a NULL takes no place: anything may be there
                values = as_float(letter, values)
        if self.present is not None and not self.present[place].all():
            values = np.where(self.present[place][: self.count], values, np.nan)
        return values

    def texts(self, places):
        """Columns of texts side by side."""
        shape = (self.count, len(places))
        starts, lengths = np.empty(shape, np.intp), np.empty(shape, np.intp)
        for column, place in enumerate(places):
            starts[:, column], lengths[:, column] = (x[: self.count] for x in self.spans[place])
        return Texts(self.buffer, starts, lengths)


def read_decimals(taken, lengths):
    """numeric as float64: the first MOST_BYTES of each and how many bytes it has.

    They are brought to where decode_decimals() finds them: four bytes of length, then the number.
    """
    copies = np.zeros((len(taken), 4 + MOST_BYTES), np.uint8)
    copies[:, 4:] = np.ascontiguousarray(taken).view(np.uint8).reshape(-1, MOST_BYTES)
    words = (np.maximum(lengths, 0) + 4).astype(np.uint32)
    copies[:, :4] = (words << 2 if IS_LITTLE else words)[:, None].view(np.uint8)
    places = np.arange(0, copies.size, copies.shape[1])
    return decode_decimals(copies.tobytes(), places, 1, True)[0][:, 0]


def as_float(letter, values):
    """Values of fixed size as float64: dates as days, timestamps as seconds since 1970-01-01."""
    if letter == "d":
        return values
    numbers = values.astype(np.float64)
    if letter == "y":
        numbers += EPOCH // 86400
    elif letter == "s":
        # In whole microseconds as long as they fit, so that nothing is rounded twice.
        far = values > np.iinfo(np.int64).max - EPOCH * 10**6
        numbers = np.where(far, numbers / 1e6 + EPOCH, (values + EPOCH * 10**6) / 1e6)
    if letter in "ys":
        limits = np.iinfo(values.dtype)
        numbers[values == limits.max] = np.inf
        numbers[values == limits.min] = -np.inf
    return numbers


def read_row(layout, message):
    """One row by itself, without numpy, whose calls would cost more than all else.

    Returns: a float, a str or None for each column.
    Raises: ValueError, when the message is not one row.
    """
    values = [None] * len(layout.letters)
    origin = len(layout.head) - 4
    try:
        counts, flags, start = HEADER.unpack_from(message, origin + HEADER_AT)
        if counts & COUNT != len(values):
            raise ValueError(NO_ROW)
        data = at = origin + start
        bits = -1
        if flags & HAS_NULLS:
            size = (len(values) + 7) // 8
            bits = int.from_bytes(message[origin + BITS_AT :][:size], "little")
        for number, place in enumerate(layout.order):
            if not bits >> number & 1:
                continue
            letter = layout.letters[place]
            if letter in FIXED:
                values[place] = read_fixed(letter, message, at)
                at += struct.calcsize(FIXED[letter])
                continue
            begin, at = read_span(message, data, at, layout.is_big)
            piece = message[begin:at]
            values[place] = piece.decode() if letter == "t" else read_decimal(piece)
    except (struct.error, IndexError) as error:
        raise ValueError(CUT) from error
    if at != len(message):
        raise ValueError(CUT)
    return values


def read_fixed(letter, message, at):
    """One value of fixed size as a float, see as_float()."""
    (value,) = struct.unpack_from(FIXED[letter], message, at)
    if letter in "ys":
        return float(as_float(letter, np.array([value], FIXED[letter]))[0])
    return float(value)


def read_decimal(piece):
    """One numeric as a float."""
    taken = np.frombuffer(piece[:MOST_BYTES].ljust(MOST_BYTES, b"\0"), f"V{MOST_BYTES}")
    return float(read_decimals(taken, np.array([len(piece)]))[0])


def read_span(message, data, at, is_big):
    """Where one attribute of varying length begins and ends, see Records."""
    first = message[at]
    if first & 128 if is_big else first & 1:
        return at + 1, at + (first & 127 if is_big else first >> 1)
    at = data + ((at - data + 3) & -4)
    (word,) = struct.unpack_from(">I" if is_big else "<I", message, at)
    if word >> 30 if is_big else word & 3:
        raise ValueError(PACKED)
    return at + 4, at + (word & 0x3FFFFFFF if is_big else word >> 2)


"""What a model takes: one row, or columns of many, as arrays of numpy."""

import math

import numpy as np


LIST_HEADER = ARRAY_HEADER.size + 8  # bytes of the header of a list without a NULL
MOST_USUAL = 16  # headers of lists that are kept: free lengths have many


class Inputs:
    """The inputs of a model by name and shape, and how rows become arrays of them.

    inputs is a list of {"name", "shape"}; a shape leaves out the batch and holds None where the
    length is free. Inputs of texts have "dtype": "text", what is computed in float64 "dtype":
    "float64". dtype is what all else is computed in. name is the model's, for messages. length is
    how many rows a window has, of a model of such: a flat input takes (rows, columns), too.
    """

    def __init__(self, name, inputs, dtype, length=None):
        self.name = name
        self.length = length
        self.inputs = inputs
        self.dtype = np.dtype(dtype)
        self.sizes = [_count(port["shape"]) for port in inputs]
        self.columns = _list_columns(inputs, self.sizes)
        self.layouts = {}
        self.usual: list = [{} for _ in inputs]

    def decode_row(self, messages):
        """Messages -> arrays of one row each, or None when an element is NULL.

        The caller has told numpy to be silent: too large a number becomes infinite.
        """
        if messages[0][: len(MARK)] == MARK:
            return self._decode_columns(messages[0])
        rows = []
        for number, message in enumerate(messages):
            usual = self.usual[number].get(message[:LIST_HEADER])
            if usual is not None and len(message) == usual[0]:
                _, stored, shape, dtype = usual
                values = np.frombuffer(message, stored, -1, LIST_HEADER)
                rows.append(values.astype(dtype).reshape(shape))
                continue
            row = self._decode_input(number, message)
            if row is None:
                return None
            rows.append(row)
        return rows

    def _decode_input(self, number, message):
        """One input's array of a row; how a list of numbers lies is kept, for rows are alike."""
        port = self.inputs[number]
        if port.get("dtype") == "text":
            decoded = decode_texts(message)
        else:
            decoded = decode_array(message, _is_double(port))
        if decoded is None:
            return None
        dims, values = decoded
        shape = (1, *self.row_shape(port, self.sizes[number], dims, values.size))
        if port.get("dtype") == "text":
            return values.reshape(shape)
        row = self.as_numbers(values, port).reshape(shape)
        header = Header(message)
        is_list = len(header.dims) == 1 and header.start == LIST_HEADER and header.stride
        if is_list and len(self.usual[number]) < MOST_USUAL:
            self.usual[number][message[:LIST_HEADER]] = (
                len(message),
                header.type,
                shape,
                row.dtype,
            )
        return row

    def _decode_columns(self, message):
        """The same for one row of columns; None when one is NULL that must not be."""
        values = read_row(self.find_layout(message, 0), message)
        rows = []
        for port, columns in zip(self.inputs, self.columns):
            row = [values[place] for place, _ in columns]
            if any(value is None and nulls == "null" for value, (_, nulls) in zip(row, columns)):
                return None
            if port.get("dtype") == "text":
                array = np.empty(len(row), object)
                array[:] = row
            else:
                array = self.as_numbers(np.array(row, np.float64), port)  # None becomes NaN
            rows.append(array.reshape((1, *port["shape"])))
        return rows

    def find_layout(self, message, position):
        """How the columns of the row at this position lie.

        Raises: ValueError, when they are not as many as the model takes, or other types.
        """
        end = max(message.find(b"\0", position), 0)
        letters = message[position + len(MARK) : end]
        layout = self.layouts.get(letters)
        if layout is None:
            layout = Layout(letters.decode("ascii", "replace"))
            places = sorted(place for columns in self.columns for place, _ in columns)
            if places != list(range(len(letters))):
                raise ValueError(
                    f'model "{self.name}" takes {len(places)} columns, got {len(letters)}'
                )
            for port, columns in zip(self.inputs, self.columns):
                for place, _ in columns:
                    if (port.get("dtype") == "text") != (layout.letters[place] == "t"):
                        raise ValueError(f"column {place + 1} is of another type")
            self.layouts[letters] = layout
        return layout

    def take_columns(self, records):
        """Rows of columns as the inputs' arrays.

        Returns: (which rows, counted from 0, one array an input): those without a NULL in a column
        that must not hold one.
        """
        kept = np.ones(records.count, bool)
        if records.present is not None:
            for columns in self.columns:
                for place, nulls in columns:
                    if nulls == "null":
                        kept &= records.present[place][: records.count]
        places = np.flatnonzero(kept)
        arrays = []
        for port, columns in zip(self.inputs, self.columns):
            if port.get("dtype") == "text":
                array = records.texts([place for place, _ in columns])
            else:
                array = self.as_numbers(records.matrix([place for place, _ in columns]), port)
            array = array if len(places) == records.count else array[places]
            arrays.append(array.reshape((len(places), *port["shape"])))
        return places, arrays

    def as_numbers(self, values, port):
        """An array in the input's own type; too large a number becomes infinite, as in numpy."""
        with np.errstate(all="ignore"):
            return values.astype(np.float64 if _is_double(port) else self.dtype)

    def row_shape(self, port, size, dims, count):
        """The input's shape with free lengths filled in from the dimensions that were given."""
        shape = port["shape"]
        if size is not None:
            if count == size and (
                len(dims) <= 1
                or list(dims) == list(shape)
                or (len(dims) == 2 and len(shape) == 1 and dims[0] == self.length)
            ):
                return shape
        elif len(dims) == len(shape) and all(n in (None, d) for n, d in zip(shape, dims)):
            return dims
        elif len(dims) == 1 and shape.count(None) == 1:
            rest = math.prod(n for n in shape if n is not None)
            if rest and count and count % rest == 0:
                return [count // rest if n is None else n for n in shape]
        expected = "x".join("?" if n is None else str(n) for n in shape) or "1"
        if size is not None and len(shape) != 1:
            expected = f"{size} ({expected})"
        raise ValueError(
            'model "{}": input "{}" takes {} {}{}, got {}'.format(
                self.name,
                port["name"],
                expected,
                "text" if port.get("dtype") == "text" else "number",
                "" if size == 1 else "s",
                "x".join(map(str, dims)) if dims else "0",
            )
        )


def _is_double(port):
    """Whether an input or output is of float64."""
    return port.get("dtype") == "float64"


def _list_columns(inputs, sizes):
    """For each input the (place, what a NULL means) of its elements among all columns; those of a
    plan without columns are counted through the inputs."""
    listed = []
    first = 0
    for port, size in zip(inputs, sizes):
        if "columns" in port:
            listed.append([(place, nulls) for _, _, nulls, place in port["columns"]])
        else:
            listed.append([(first + number, "null") for number in range(size or 0)])
        first += size or 0
    return listed


def _count(shape):
    """How many numbers a row of this shape holds, None where a length is free."""
    return None if None in shape else math.prod(shape)


"""Rows of a batch, packed one after another, to arrays of numpy."""

import struct
import sys

import numpy as np



class RowError(ValueError):
    """A row of a batch is not what the model takes; place counts rows from 0."""

    def __init__(self, place, text):
        super().__init__(text)
        self.place = place


def run_rows(run, places, inputs):
    """run(inputs); a row that a kernel refuses is looked for, so that the error can name it.

    Raises: RowError, with the place of that row.
    """
    try:
        return run(inputs)
    except ValueError:
        for number, place in enumerate(places):
            try:
                run([x[number : number + 1] for x in inputs])
            except ValueError as error:
                raise RowError(place, str(error)) from error
        raise


class Answers:
    """Scores and labels of some rows as texts, None where there is none; scores or labels is None
    when it is not wanted or not there. wanted is "score", "label" or "both"."""

    def __init__(self, model, count, wanted):
        self.model = model
        self.scores = [None] * count if wanted != "label" else None
        self.labels = [None] * count if wanted != "score" and model.labels else None

    def put(self, places, results):
        """The results of run() for the rows at these places."""
        if self.scores is not None:
            texts = self.model.texts_of_scores(results[: len(self.model.outputs)])
            _place(self.scores, places, texts)
        if self.labels is not None:
            _place(self.labels, places, self.model.texts_of_labels(results))


def _place(texts, places, values):
    """texts[place] = value, for each; most often they stand side by side."""
    first, last = places[0], places[-1] + 1
    if last - first == len(places):
        texts[first:last] = values
        return
    for place, value in zip(places, values):
        texts[place] = value


NULL_ROW = b"\xff\xff\xff\xff"  # stands where a row, or one of its inputs, is NULL as a whole


class Rows:
    """Rows of a batch as they lie one after another in one message.

    A row is its inputs in order: numbers as decode_array() takes them, texts as decode_texts()'s
    JSON and a zero byte; or its columns as Records takes them; or NULL_ROW. Rows whose headers are
    the same are read where they lie, without a Python object for each.
    """

    def __init__(self, model, message, count):
        self.model = model
        self.message = message
        self.count = count
        self.are_texts = [port.get("dtype") == "text" for port in model.inputs]
        self.found = {}
        self.buffer = None  # the message as Records reads it
        self.window = count  # rows of numeric to decode at once; less where headers alternate

    def groups(self):
        """[(places, arrays)]: for each shape of row, which rows they are and one array an input.

        Rows that hold a NULL are in no group.
        Raises: RowError, when a row is not what the inputs take.
        """
        position = place = 0
        while place < self.count:
            try:
                read, position = self._read(position, place)
            except (ValueError, struct.error) as error:
                raise RowError(place, str(error)) from error
            place += read
        if position != len(self.message):
            raise RowError(max(0, place - 1), "more rows were packed than keys gathered")
        return [
            (np.concatenate(places).tolist(), [_join(arrays) for arrays in zip(*parts)])
            for places, parts in self.found.values()
        ]

    def _read(self, position, place):
        """Read one row or more. Returns: (how many, the position behind them)."""
        if self.message[position : position + 4] == NULL_ROW:
            return 1, position + 4
        if self.message[position : position + 4] == MARK:
            return self._read_records(position, place)
        if not any(self.are_texts):
            headers = self._headers(position)
            if all(header.stride and not header.nulls for header in headers):
                return self._read_alike(position, place, headers)
            if len(headers) == len(self.model.inputs) == 1 and not headers[0].nulls:
                return self._read_decimals(position, place, headers[0])
        parts = []
        end = position
        for is_text in self.are_texts:
            start, end = end, self._find_end(end, is_text)
            parts.append(self.message[start : end - 1] if is_text else self.message[start:end])
        with np.errstate(all="ignore"):
            arrays = self.model.decode_row(parts)
        if arrays is not None:
            self._keep([place], arrays)
        return 1, end

    def _read_records(self, position, place):
        """Read this row of columns and all behind it that have the same types."""
        layout = self.model.find_layout(self.message, position)
        most = min(self.count - place, self.window)
        if self.buffer is None:
            self.buffer = with_spare(self.message, len(layout.letters))
        records = Records(layout, self.buffer, len(self.message), position, most)
        self.window = 2 * records.count if records.count < most else self.count
        kept, arrays = self.model.take_columns(records)
        self._keep(place + kept, arrays)
        return records.count, records.end

    def _headers(self, position):
        """The headers of a row's arrays, up to the first whose end only its elements tell."""
        headers = []
        for _ in self.model.inputs:
            header = Header(self.message, position)
            headers.append(header)
            if not header.stride:
                break
            position += header.stride
        return headers

    def _read_alike(self, position, place, headers):
        """Read this row and all behind it whose headers are the same."""
        stride = sum(header.stride for header in headers)
        most = min(self.count - place, (len(self.message) - position) // stride)
        if most == 0:
            raise ValueError("the message ends before the array does")
        rows = np.ndarray((most, stride), np.uint8, self.message, position)
        ends = np.cumsum([header.stride for header in headers]).tolist()
        spans = [(e - h.stride, e - h.stride + h.start) for h, e in zip(headers, ends)]
        same = count_alike(rows, spans)
        arrays = []
        start = position
        for header, port, size in zip(headers, self.model.inputs, self.model.sizes):
            shape = self.model.row_shape(port, size, header.dims, header.count)
            steps = (stride, header.type.itemsize)
            at = start + header.start
            values = np.ndarray((same, header.count), header.type, self.message, at, steps)
            arrays.append(self.model.as_numbers(values, port).reshape((same, *shape)))
            start += header.stride
        self._keep(range(place, place + same), arrays)
        return same, position + same * stride

    def _read_decimals(self, position, place, header):
        """Read this row of numeric and all behind it whose headers are the same and lie where
        the one before ends."""
        head = self.message[position : position + header.start]
        least = header.start + header.count * MIN_NUMERIC
        most = min(self.count - place, self.window)
        found = [position]
        while len(found) < most:
            start = self.message.find(head, found[-1] + least)
            if start < 0:
                break
            found.append(start)
        starts = np.array(found)
        is_exact = self.model.inputs[0].get("dtype") == "float64"
        values, ends = decode_decimals(self.message, starts + header.start, header.count, is_exact)
        # A header may also be found inside a number: rows count as long as each ends at the next.
        breaks = np.flatnonzero(ends[:-1] != starts[1:])
        same = int(breaks[0]) + 1 if len(breaks) else len(starts)
        self.window = 2 * same if len(breaks) else min(4 * self.window, self.count)
        if not starts[same - 1] + least <= ends[same - 1] <= len(self.message):
            raise ValueError("the message ends before the array does")
        port, size = self.model.inputs[0], self.model.sizes[0]
        shape = self.model.row_shape(port, size, header.dims, header.count)
        numbers = self.model.as_numbers(values[:same], port)
        self._keep(range(place, place + same), [numbers.reshape((same, *shape))])
        return same, int(ends[same - 1])

    def _find_end(self, position, is_text):
        """Where the message of one input ends."""
        if is_text:
            return self.message.index(b"\0", position) + 1
        header = Header(self.message, position)
        if header.stride:
            return position + header.stride
        end = position + header.start
        for _ in range(header.count - header.nulls):
            end += 4 * ((self._length(end) + 3) >> 2)
        return end

    def _length(self, position):
        """The length in bytes that stands in front of an element, itself included."""
        (word,) = struct.unpack_from("=I", self.message, position)
        return word >> 2 if sys.byteorder == "little" else word & 0x3FFFFFFF

    def _keep(self, places, arrays):
        shapes = tuple(x.shape[1:] for x in arrays)
        kept_places, kept_arrays = self.found.setdefault(shapes, ([], []))
        kept_places.append(np.asarray(places))
        kept_arrays.append(arrays)


def _join(arrays):
    """Arrays one after another; one by itself stays as it is."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


"""The steps of a plan become closures, once a session."""

import numpy as np



def _compile(plan, tensors, dtype):
    """Steps as (function, input slots, output slot, slots not needed afterwards)."""
    # How often a tensor is used: one that is used once, in memory of our own, is negated in place.
    uses = [2 * (not tensor.flags.writeable) for tensor in tensors]
    for step in plan["steps"]:
        for number in step["tensors"].values():
            uses[number] += 1
    kept = {port["value"] for port in plan["outputs"]}
    kept.update([plan["choice"]] if "choice" in plan else [])
    overwritten = _find_overwritten(plan["steps"], kept)
    negated = set()
    last_use = {}
    for position, step in enumerate(plan["steps"]):
        for slot in [*step["inputs"], step["output"]]:
            last_use[slot] = position
    steps = []
    for position, step in enumerate(plan["steps"]):
        parameters = dict(step["parameters"])
        parameters.update({name: tensors[number] for name, number in step["tensors"].items()})
        finished = [s for s in last_use if last_use[s] == position and s not in kept]
        if overwritten.get(step["output"]) == "sigmoid" and step["kernel"] == "dense":
            parameters = {
                name: np.negative(tensor, tensor if uses[step["tensors"][name]] == 1 else None)
                for name, tensor in parameters.items()
            }
            negated.add(step["output"])
        if step["kernel"] == "cast":
            parameters["single"] = dtype
        if step["kernel"] == "activation":
            parameters["overwrites"] = step["inputs"][0] in overwritten
        call = KERNELS[step["kernel"]](**parameters)
        if negated.intersection(step["inputs"]):
            call = _sigmoid_of_negated
        steps.append((call, step["inputs"], step["output"], finished))
    return steps


def run_steps(steps, values):
    """Go through compiled steps; values, by slot, gets their results and loses what is used up."""
    with np.errstate(all="ignore"):
        return walk_steps(steps, values)


def walk_steps(steps, values):
    """run_steps() for one that has told numpy already to be silent, which costs a row 2 us."""
    for call, sources, target, finished in steps:
        if len(sources) == 1:  # a list for each step would cost a row as much as its arithmetic
            values[target] = call(values[sources[0]])
        else:
            values[target] = call(*[values[source] for source in sources])
        for slot in finished:
            values.pop(slot, None)
    return values


def find_steps(steps, slots):
    """Those of the compiled steps that the values in these slots need."""
    needed = set(slots)
    found = []
    for step in reversed(steps):
        if step[2] in needed:
            needed.update(step[1])
            found.append(step)
    return found[::-1]


def _find_overwritten(steps, kept):
    """{slot: activation} for values that it alone needs and that share memory with nothing."""
    uses = [slot for step in steps for slot in step["inputs"]]
    fresh = {step["output"] for step in steps if step["kernel"] in FRESH} - kept
    return {
        step["inputs"][0]: step["parameters"]["function"]
        for step in steps
        if step["kernel"] == "activation"
        and not step["parameters"]["parameters"]
        and step["inputs"][0] in fresh
        and uses.count(step["inputs"][0]) == 1
    }


"""Windows over rows that come in order: each row is decoded and preprocessed once."""

import bisect
import math
import struct

import numpy as np


STATE = struct.Struct("=qqq")  # rows of the run, rows since its last window or NO_WINDOW, rows kept
NO_WINDOW = -1
MOST_STEPS = 1 << 16  # of all series of a call together: nothing can cancel it
BAD_STATE = "the state is none that this version left behind"


class Run:
    """A run is rows without a gap between them; this is what is known at its newest row.

    seen is how many rows it has, since how many of them came after the one that ended its last
    window, NO_WINDOW before the first.
    """

    def __init__(self, seen=0, since=NO_WINDOW):
        self.seen = seen
        self.since = since

    def advance(self, first, end, stored, needed, step):
        """Go on over the rows from first up to end, of which the one at stored ends a window that
        was scored before, where it is no None.

        A window ends where needed rows are there, then every step rows.
        Returns: (the places where windows end, how many rows of the run each finds).
        """
        ready = max(first, first + needed - self.seen - 1)
        if stored is not None:
            last = stored
        elif self.since != NO_WINDOW:
            last = first - 1 - self.since
        else:
            last = ready - step
        begin = last + step
        if begin < ready:
            begin += -(-(ready - begin) // step) * step
        ends = np.arange(begin, end, step)
        found = ends - first + 1 + self.seen
        if len(ends):
            last = int(ends[-1])
        if len(ends) or stored is not None or self.since != NO_WINDOW:
            self.since = end - 1 - last
        self.seen += end - first
        return ends, found


class Windows:
    """The windows of a model: length rows of a run, the oldest first, for every step rows of it.

    The plan's first steps, as many as its window says, are computed once for each row, the others
    for each window; without any a row goes into the window as it is. Between two calls the last
    length - 1 rows are kept, as numbers, in a state that the caller holds.
    """

    def __init__(self, model, plan):
        window = plan["window"]
        self.model = model
        self.length = window["length"]
        self.step = window["step"]
        self.side, self.pad = window.get("padding", (None, 0.0))
        self.inputs = Inputs(model.name, _list_rows(plan), model.dtype)
        self.before, self.after, self.entry = [], model.steps, 0
        self.folded = [(0, 0)]
        self.source = 0
        self.row = window.get("row", self.inputs.inputs[0])
        self.targets = window.get("targets", [])
        taken = {place for place, _, _ in self.targets}
        columns = window.get("columns", [])
        self.others = [column[3] for column in columns if column[3] not in taken]
        port = {"name": "what is ahead", "shape": [len(self.others)], "dtype": "float64"}
        named = [[*columns[place][:3], n] for n, place in enumerate(self.others)]
        self.ahead = Inputs(model.name, [{**port, "columns": named}], model.dtype)
        shape = plan["inputs"][0]["shape"]
        self.shape = tuple(self.length if n is None else n for n in shape)
        count = window.get("steps", 0)
        if count:
            self.cut(model.steps[:count], [step["kernel"] for step in plan["steps"]])
            self.after = model.steps[count:]

    def cut(self, steps, kernels):
        """Take the steps of a row: fold_time of each input, then its own, then unfold_time."""
        *by_row, (_, (self.source, _), self.entry, _) = steps
        known = list(zip(kernels, by_row))
        self.folded = [(s[1][0], s[2]) for kernel, s in known if kernel == "fold_time"]
        self.before = [s for kernel, s in known if kernel != "fold_time"]
        self.shape = (self.length, *self.row["shape"])

    def score(self, message, count, wanted, starts, stored, step, state):
        """Score the windows that end in the rows of a batch, packed as Rows takes them.

        starts are the places at which a run begins, stored those whose window was scored before;
        step is None for the model's own. state is what the call before gave, b"" at first.
        Returns: (scores, labels, given, state): one text a window as in Model.score_batch(), None
        for one with a NULL; given is "t" for each row that ends a window and "f" for others, None
        when all do.
        Raises: RowError, when a row is not what the inputs take.
        """
        step = self.step if step is None else step
        if step < 1:
            raise RowError(0, f"step is {step}; give 1 or more")
        values, present = self.read(message, count)
        try:
            run, old, old_present = self.restore(state, values)
        except ValueError as error:
            raise RowError(0, str(error)) from error
        kept = len(old)
        values = np.concatenate([old, values])
        present = np.concatenate([old_present, present])
        ends, found, run = self.find_ends(count, starts, stored, step, run)
        answers = Answers(self.model, len(ends), wanted)
        self.answer(answers, values, present, ends + kept, found, ends)
        given = None
        if len(ends) < count:
            marks = np.full(count, "f")
            marks[ends] = "t"
            given = marks.tolist()
        return answers.scores, answers.labels, given, self.keep(run, values, present)

    def forecast(self, message, counts, steps, ahead, fed):
        """Forecast series, each from its last rows: what the model gives becomes the next row.

        counts are how many rows of each series are in the message, at most length. ahead is b"",
        or packed rows of the columns that are not forecast, steps for each series. fed is which of
        the numbers that a model of quantiles gives is taken for the next value, from 0.
        Returns: (series, steps, numbers of a step), NaN for a series with a NULL in its rows.
        Raises: RowError, when a row is not what the inputs take; its place counts through both.
        """
        if len(counts) * steps > MOST_STEPS:
            raise RowError(0, f"{len(counts)} series and {steps} steps are too many at once")
        values, present = self.read(message, sum(counts))
        counts = np.array(counts)
        least = 1 if self.side == "before" else self.length
        if not len(counts) or counts.min() < least or counts.max() > self.length or steps < 1:
            raise RowError(0, f"a series has fewer or more rows than {self.length}")
        ends = counts.cumsum() - 1
        values = np.concatenate([values, np.full_like(values[:1], self.pad)])
        missing = np.cumsum(np.append(0, ~present))
        whole = missing[ends + 1] == missing[ends + 1 - counts]
        known, has_known = self.read_ahead(ahead, len(counts) * steps)
        known = known.reshape((len(counts), steps, -1))
        whole &= has_known.reshape((len(counts), steps)).all(axis=1)
        found = np.full((len(counts), steps, self.width()), np.nan)
        at_once = max(1, self.model.batch_rows // self.length)
        places = np.flatnonzero(whole)
        for start in range(0, len(places), at_once):
            part = places[start : start + at_once]
            windows = self.gather(values, ends[part], counts[part])
            found[part] = self.continue_rows(windows, known[part], fed)
        return found

    def width(self):
        """How many numbers the model gives for a window."""
        return sum(_count(port["shape"]) for port in self.model.outputs)

    def read_ahead(self, message, count):
        """The columns that are not forecast, of rows to come: (numbers, which rows are whole)."""
        if not self.others:
            return np.zeros((count, 0)), np.ones(count, bool)
        values, present = np.zeros((count, len(self.others))), np.zeros(count, bool)
        for places, arrays in Rows(self.ahead, message, count).groups():
            values[places] = arrays[0]
            present[places] = True
        return values, present

    def continue_rows(self, windows, known, fed):
        """Forecasts of (windows, steps, numbers of a step), of whole windows."""
        (port,) = self.inputs.inputs
        rows = windows.reshape((len(windows), self.length, -1))
        scale = np.array([scale for _, scale, _ in self.targets])
        offset = np.array([offset for _, _, offset in self.targets])
        found = np.empty((len(rows), known.shape[1], self.width()))
        for step in range(known.shape[1]):
            shaped = np.ascontiguousarray(rows).reshape((len(rows), *self.shape))
            results = self.run([shaped])[: len(self.model.outputs)]
            numbers = np.concatenate([y.reshape(len(rows), -1) for y in results], axis=1)
            found[:, step] = numbers.astype(np.float64) * scale + offset
            new = np.empty((len(rows), len(self.others) + len(self.targets)))
            new[:, self.others] = known[:, step]
            is_quantile = len(self.targets) == 1
            places = [place for place, _, _ in self.targets]
            new[:, places] = found[:, step, fed : fed + 1] if is_quantile else found[:, step]
            row = self.run_row([self.inputs.as_numbers(new, port)])
            rows = np.concatenate([rows[:, 1:], row.reshape(len(rows), 1, -1)], axis=1)
        return found

    def read(self, message, count):
        """The rows as they go into windows, (count, ...), and which of them hold no NULL."""
        values = None
        present = np.zeros(count, bool)
        for places, arrays in Rows(self.inputs, message, count).groups():
            rows = run_rows(self.run_row, places, arrays)
            if len(places) == count:
                return rows, np.ones(count, bool)
            if values is None:
                values = np.zeros((count, *rows.shape[1:]), rows.dtype)
            values[places] = rows
            present[places] = True
        if values is None:
            type_ = np.float64 if _is_double(self.row) else self.inputs.dtype
            values = np.zeros((count, *self.row["shape"]), type_)
        return values, present

    def run_row(self, arrays):
        """What is computed of rows, each by itself."""
        if not self.before:
            return arrays[0]
        values = {slot: arrays[place] for place, slot in self.folded}
        return run_steps(self.before, values)[self.source]

    def find_ends(self, count, starts, stored, step, run):
        """Where windows end in the next count rows, how many rows of its run each finds, and the
        run at the last row."""
        needed = 1 if self.side else self.length
        begins = sorted({0, count, *starts})
        if begins[0] < 0 or begins[-1] > count:
            raise RowError(0, "a run begins outside of the rows")
        known = [-1, *sorted(place for place in stored if 0 <= place < count)]
        is_start = set(starts)
        places, found = [], []
        for number, first in enumerate(begins[:-1]):
            end = begins[number + 1]
            if first in is_start:
                run = Run()
            last = known[bisect.bisect_left(known, end) - 1]
            ends, rows = run.advance(first, end, last if last >= first else None, needed, step)
            places.append(ends)
            found.append(rows)
        if not places:
            return np.zeros(0, np.intp), np.zeros(0, np.intp), run
        return np.concatenate(places), np.concatenate(found), run

    def answer(self, answers, values, present, ends, found, places):
        """Score the windows that end in the rows at ends; places are theirs for errors."""
        if self.side:
            values = np.concatenate([values, np.full_like(values[:1], self.pad)])
        numbers = np.arange(len(ends))
        if not present.all():
            missing = np.cumsum(np.append(0, ~present))
            first = ends + 1 - np.minimum(found, self.length)
            numbers = np.flatnonzero(missing[ends + 1] == missing[first])
        at_once = self.model.batch_rows
        if None in self.model.inputs[0]["shape"]:  # a free length counts as 1 there
            at_once = max(1, at_once // self.length)
        for start in range(0, len(numbers), at_once):
            part = numbers[start : start + at_once]
            windows = self.gather(values, ends[part], found[part])
            answers.put(part.tolist(), run_rows(self.run, places[part].tolist(), [windows]))

    def gather(self, values, ends, found):
        """Windows as they go into the model: (windows, ...), each copied to a place of its own,
        because products of overlapping rows are not done by BLAS, and cost forty times as much."""
        steps = np.arange(self.length)
        first = ends[:, None] + 1 - self.length
        rows = first + steps
        if self.side:
            lacking = np.maximum(self.length - found, 0)[:, None]
            if self.side == "after":
                rows = rows + lacking
                is_pad = steps >= self.length - lacking
            else:
                is_pad = steps < lacking
            rows = np.where(is_pad, len(values) - 1, rows)
        windows = values.take(rows, axis=0)
        return windows.reshape((len(ends), *self.shape))

    def run(self, inputs):
        """What is computed of windows."""
        values = run_steps(self.after, {self.entry: inputs[0]})
        return [values[slot] for slot in self.model.result_slots]

    def keep(self, run, values, present):
        """The state after these rows: the last of them that later windows need."""
        kept = min(run.seen, self.length - 1, len(values))
        head = STATE.pack(run.seen, run.since, kept)
        last = slice(len(values) - kept, None)
        return head + present[last].tobytes() + values[last].tobytes()

    def restore(self, state, values):
        """The run and the rows of a state, as numbers like values.

        Raises: ValueError, when it is none.
        """
        shape, type_ = values.shape[1:], values.dtype
        if not state:
            return Run(), np.zeros((0, *shape), type_), np.zeros(0, bool)
        if len(state) < STATE.size:
            raise ValueError(BAD_STATE)
        seen, since, kept = STATE.unpack_from(state)
        row_bytes = math.prod(shape) * type_.itemsize
        is_whole = len(state) == STATE.size + kept * (1 + row_bytes)
        if not (0 <= kept < self.length and kept <= seen and since >= NO_WINDOW and is_whole):
            raise ValueError(BAD_STATE)
        present = np.frombuffer(state, np.uint8, kept, STATE.size) != 0
        rows = np.frombuffer(state, type_, kept * math.prod(shape), STATE.size + kept)
        return Run(seen, since), rows.reshape((kept, *shape)), present


def _list_rows(plan):
    """The inputs as they are for one row of a window, with its columns."""
    columns = plan["window"].get("columns", [])
    length = plan["window"]["length"]
    ports = []
    for port in plan["inputs"]:
        shape = port["shape"]
        width = shape[0] // length if len(shape) == 1 else _count(shape[1:])
        row = {**port, "shape": [width]}
        is_text = port.get("dtype") == "text"
        own = [column for column in columns if (column[1] == "text") == is_text]
        if own:
            row["columns"] = own
        ports.append(row)
    return ports


"""The loaded model: scores and labels of a row or a batch."""

import math
import time

import numpy as np



class Model(Inputs):
    """A loaded model: run() scores a batch, score() and label() one row as the server sends it.

    Built by load(). outputs is a list as inputs is. windows scores windows over rows, of a model
    that has such. size_bytes is the weights' size, used when it scored last, in seconds since 1970.
    """

    def __init__(self, plan, tensors, dtype):
        length = plan["window"]["length"] if "window" in plan else None
        super().__init__(plan["model"], plan["inputs"], dtype, length)
        self.outputs = plan["outputs"]
        self.labels = plan["labels"]
        self.threshold = plan["threshold"]
        self.size_bytes = sum(tensor.nbytes for tensor in tensors)
        self.used = time.time()
        self.steps = _compile(plan, tensors, self.dtype)
        self.result_slots = [port["value"] for port in self.outputs]
        self.score_steps = find_steps(self.steps, self.result_slots)
        self.has_choice = "choice" in plan
        if self.has_choice:
            self.result_slots.append(plan["choice"])
        self.single = len(self.outputs) == 1
        self.scalar = [_count(port["shape"]) == 1 for port in self.outputs]
        # Nine digits are exact for float32, seventeen for float64.
        self.formats = ["%.17g" if _is_double(port) else "%.9g" for port in self.outputs]
        self.batch_rows = plan["batch_rows"]
        self.quoted = [_quote(label) for label in self.labels]
        if "window" in plan:
            self.windows = Windows(self, plan)

    def run(self, batches):
        """Score a batch: one array (rows, ...) for each input -> one array for each output, and
        behind them the places of the labels, (rows, 1), where the model chooses them itself."""
        values = run_steps(self.steps, dict(enumerate(batches)))
        return [values[slot] for slot in self.result_slots]

    def score(self, *messages):
        """Score one row, a message for each input: decode_array() and decode_texts() read them.

        Returns: a float for one number, a list (row-major) for more, a tuple of those when the
        model has several outputs; None when any element is NULL.
        Raises: ValueError, when a length is not the input's.
        """
        self.used = time.time()
        values = self._run_row(self.score_steps, messages)
        if values is None:
            return None
        if self.single:
            y = values[self.result_slots[0]]
            return y.item() if self.scalar[0] else y.ravel().tolist()
        return tuple(
            values[slot].item() if scalar else values[slot].ravel().tolist()
            for slot, scalar in zip(self.result_slots, self.scalar)  # none for a choice
        )

    def label(self, *messages):
        """Label of one row; None when any element is NULL or the scores are not numbers."""
        self.used = time.time()
        values = self._run_row(self.steps, messages)
        if values is None:
            return None
        (place,) = self._choose_labels([values[slot] for slot in self.result_slots])
        return None if place is None else self.labels[place]

    def _run_row(self, steps, messages):
        """What these steps make of one row, by slot; None when an element is NULL."""
        with np.errstate(all="ignore"):
            rows = self.decode_row(messages)
            return None if rows is None else walk_steps(steps, dict(enumerate(rows)))

    def answer(self, message, count, wanted):
        """score_batch() for the server: (scores, labels, place, problem), these for an error."""
        self.used = time.time()
        try:
            scores, labels = self.score_batch(message, count, wanted)
        except RowError as error:
            return None, None, error.place, str(error)
        return array_literal(scores), array_literal(labels), None, None

    def answer_windows(self, message, count, wanted, starts, stored, step, state):
        """Windows.score() for the server: (scores, labels, given, state, place, problem); given
        tells which rows end a window, None when all do."""
        self.used = time.time()
        try:
            scores, labels, given, state = self.windows.score(
                message, count, wanted, starts, stored, step, state
            )
        except RowError as error:
            return None, None, None, None, error.place, str(error)
        return array_literal(scores), array_literal(labels), array_literal(given), state, None, None

    def answer_forecast(self, message, counts, steps, ahead, fed):
        """Windows.forecast() for the server: (forecasts, place, problem), a text for each step of
        each series: a number, or an array of several."""
        self.used = time.time()
        try:
            found = self.windows.forecast(message, counts, steps, ahead, fed)
        except RowError as error:
            return None, error.place, str(error)
        rows = found.reshape(-1, found.shape[2])
        form = ",".join(["%.17g"] * rows.shape[1])
        form = form if rows.shape[1] == 1 else '"{' + form + '}"'
        is_there = ~np.isnan(rows).any(axis=1)
        texts = [form % tuple(row) if ok else None for row, ok in zip(rows.tolist(), is_there)]
        return array_literal(texts), None, None

    def score_batch(self, message, count, wanted="both"):
        """Score the rows of a batch: packed rows one after another, see Rows.

        wanted is "score", "label" or "both".
        Returns: (scores, labels): one text a row, as PostgreSQL reads the result type inside an
        array, None for a row that holds a NULL; None for what is not wanted or not there.
        Raises: RowError, when a row is not what the inputs take.
        """
        answers = Answers(self, count, wanted)
        for places, inputs in Rows(self, message, count).groups():
            step = self._rows_at_once(inputs)
            for start in range(0, len(places), step):
                part = slice(start, start + step)
                answers.put(
                    places[part], run_rows(self.run, places[part], [x[part] for x in inputs])
                )
        return answers.scores, answers.labels

    def _rows_at_once(self, inputs):
        """How many of these rows to run at once: batch_rows counts a free length as 1."""
        free = 1
        for port, x in zip(self.inputs, inputs):
            lengths = [n for n, known in zip(x.shape[1:], port["shape"]) if known is None]
            free = max(free, math.prod(lengths))
        return max(1, self.batch_rows // free)

    def texts_of_scores(self, results):
        """One text a row: 0.5 for a number, "{0.5,1}" for several, for several outputs a composite
        value of those, "(0.5,\\"{0.5,1}\\")"; quoted as elements of an array are."""
        rows = len(results[0])
        fields = []
        for y, scalar, digits in zip(results, self.scalar, self.formats):
            field = ",".join([digits] * (y.size // rows))
            if not scalar:
                field = '"{' + field + '}"' if self.single else '\\"{' + field + '}\\"'
            fields.append(field)
        row = fields[0] if self.single else '"(' + ",".join(fields) + ')"'
        numbers = np.concatenate([y.reshape(rows, -1) for y in results], axis=1)
        return ("\n".join([row] * rows) % tuple(numbers.ravel().tolist())).split("\n")

    def _choose_labels(self, results):
        """The place of one label a row; None where the scores are not numbers."""
        scores = results[0].reshape(len(results[0]), -1)
        if self.has_choice:
            chosen = np.nan_to_num(results[-1]).reshape(-1).astype(int)
        elif self.threshold is not None:  # in double precision, which the threshold is
            chosen = (scores[:, 0].astype(np.float64) > self.threshold).astype(int)
        else:
            chosen = scores.argmax(axis=1)
        known = ~np.isnan(scores).any(axis=1)
        if self.has_choice:
            known &= ~np.isnan(results[-1]).reshape(-1)
        return [n if k else None for n, k in zip(chosen.tolist(), known.tolist())]

    def texts_of_labels(self, results):
        """One quoted label a row, None where there is none."""
        places = self._choose_labels(results)
        return [None if place is None else self.quoted[place] for place in places]


def _quote(text):
    """A text as an element of an array's literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def array_literal(texts):
    """Texts, quoted where they must be, as the literal of an array; None is NULL."""
    if texts is None:
        return None
    if None in texts:
        texts = ["NULL" if text is None else text for text in texts]
    return "{" + ",".join(texts) + "}"


"""A version is loaded: plan and weights are checked and kept for the session."""

import hashlib
import json

import numpy as np



def load(version, plan, weights, dtype="float32"):
    """Build the Model of a plan (JSON text) and its block of weights.

    Types: version is the hex sha256 of plan and weights; dtype is what is float32 in the plan:
    float32, or float64 for reference, where only its casts round.
    Raises: ValueError, when plan or weights are not those that version names.
    """
    digest = hashlib.sha256(plan.encode("utf-8"))
    digest.update(weights)
    if digest.hexdigest() != version:
        raise ValueError(
            f"the stored plan and weights of version {version[:12]} were altered:"
            f" their digest is {digest.hexdigest()[:12]}; drop the model and deploy it again"
        )
    parsed = json.loads(plan)
    return Model(parsed, read_tensors(parsed["tensors"], weights, dtype), dtype)


def read_tensors(entries, weights, dtype):
    """The tensors of a plan, as views of the block where their type is what it holds.

    An entry is [name, where it begins, shape]: float32, in units of four bytes; or that and the
    type, "f8" or "i4".
    """
    tensors = []
    for _, start, shape, *code in entries:
        stored = np.dtype("<" + (code[0] if code else "f4"))
        tensor = np.ndarray(tuple(shape), stored, weights, 4 * start)
        tensors.append(tensor if code else tensor.astype(dtype, copy=False))
    return tensors


if "GD" in globals():
    # Inside a server: this text is the body of a function with these three arguments. Weights that
    # are NULL were collected before, piece by piece.
    globals()["GD"]["export_model:" + globals()["version"]] = load(
        globals()["version"],
        globals()["plan"],
        globals()["GD"].pop("export_model weights")
        if globals()["weights"] is None
        else globals()["weights"],
    )
$function$
$function1$;
  end if;
end
$function2$;

-- runtime: rights
do $function$
begin
  if has_function_privilege('public', 'export_model."runtime_834039b3c8bc"(text, text, bytea)', 'execute') then
    revoke all on function export_model."runtime_834039b3c8bc"(text, text, bytea) from public;
  end if;
end
$function$;

-- registry: loaded
create or replace function export_model.loaded(version text)
returns boolean
language plpython3u volatile strict parallel restricted
as $function$
return "export_model:" + version in GD
$function$;

-- registry: cache_limit
create or replace function export_model.cache_limit()
returns bigint
language plpgsql stable parallel safe
as $function$
declare
  l_size constant pg_catalog.text :=
    coalesce(nullif(pg_catalog.btrim(pg_catalog.current_setting('export_model.cache_size', true)), ''), '1GB');
begin
  if l_size operator(pg_catalog.!~*) '^[0-9]{1,15}(\.[0-9]+)?\s*(bytes|kb|mb|gb)?$' then
    raise exception 'the setting export_model.cache_size is "%", and no size', l_size
      using errcode = 'invalid_parameter_value', hint = 'Write it like this: set export_model.cache_size = ''512MB''';
  end if;
  return pg_catalog.pg_size_bytes(l_size);
end
$function$;

-- registry: evict
create or replace function export_model.evict(
  wanted bigint, size_limit bigint, since double precision, known text[])
returns void
language plpython3u volatile parallel restricted
as $function$
GD.pop("export_model weights", None)
prefix = "export_model:"
models = {key: GD[key] for key in list(GD) if isinstance(key, str) and key.startswith(prefix)}
idle = sorted((model.used, key) for key, model in models.items() if getattr(model, "used", since) < since)
held = wanted + sum(getattr(model, "size_bytes", 0) for model in models.values())
gone = [key for used, key in idle if known is not None and key[len(prefix) :] not in known]
for key in gone + [key for used, key in idle if key not in gone]:
    if key in gone or held > size_limit:
        held -= models[key].size_bytes
        del GD[key]
$function$;

-- registry: collect
create or replace function export_model.collect(chunk bytea, first bigint, total bigint)
returns void
language plpython3u volatile strict parallel restricted
as $function$
if first == 0:
    GD["export_model weights"] = bytearray(total)
GD["export_model weights"][first : first + len(chunk)] = chunk
$function$;

-- registry: load
create or replace function export_model.load(p_version text)
returns void
language plpgsql stable strict parallel restricted
set debug_print_parse = off
set debug_print_rewritten = off
set debug_print_plan = off
as $function$
declare
  l_plan pg_catalog.text;
  l_runtime pg_catalog.text;
  l_chunks integer;
  l_found bigint;
  l_weights pg_catalog.bytea;
begin
  select pg_catalog.max(case when o.option_name operator(pg_catalog.=) 'plan' then o.option_value end),
      pg_catalog.max(case when o.option_name operator(pg_catalog.=) 'runtime' then o.option_value end),
      pg_catalog.max(case when o.option_name operator(pg_catalog.=) 'chunks' then o.option_value end)
    into l_plan, l_runtime, l_chunks  -- by name: a dump sorts them
    from pg_catalog.pg_user_mappings m, pg_catalog.pg_options_to_table(m.umoptions) o
    where m.srvname operator(pg_catalog.=) ('export_model_' operator(pg_catalog.||) pg_catalog.substr(p_version, 1, 32)
      operator(pg_catalog.||) '_plan')::pg_catalog.name;
  if l_plan is null or l_runtime is null or l_chunks is null then
    perform 1;
    if not found then
      return;  -- the query is ending
    end if;
    raise exception 'model version % cannot be seen by this transaction', p_version
      using hint = 'It was deployed after the transaction began, or dropped: start a new transaction.';
  end if;
  select pg_catalog.count(*),
      pg_catalog.string_agg(pg_catalog.decode(pg_catalog.substr(m.umoptions[1], 6), 'base64'), ''::pg_catalog.bytea order by n.n)
    into l_found, l_weights
    from pg_catalog.generate_series(0, l_chunks operator(pg_catalog.-) 1) as n(n)
    join pg_catalog.pg_user_mappings m
      on m.srvname operator(pg_catalog.=) ('export_model_' operator(pg_catalog.||) pg_catalog.substr(p_version, 1, 32) operator(pg_catalog.||) '_'
        operator(pg_catalog.||) n.n::pg_catalog.text)::pg_catalog.name;
  if l_found operator(pg_catalog.<>) l_chunks or l_found is null then
    perform 1;
    if not found then
      return;
    end if;
    raise exception 'model version %: % of % chunks of weights are there', p_version, l_found, l_chunks
      using hint = 'What held them in the catalog was removed; drop the model and deploy it again.';
  end if;
  perform export_model.evict(coalesce(pg_catalog.octet_length(l_weights), 0), export_model.cache_limit(),
    pg_catalog.date_part('epoch', pg_catalog.statement_timestamp()), null);
  execute pg_catalog.format('select export_model.%I($1, $2, $3)', l_runtime)
    using p_version, l_plan, coalesce(l_weights, ''::pg_catalog.bytea);
end
$function$;

-- registry: drop_model
create or replace function "export_model".drop_model(p_model text, p_force boolean default false)
returns void
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $function$
declare
  l_cascade constant text := case when p_force then ' cascade' else '' end;
  l_tables constant text[] := array(
    select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'export_model' and c.relkind = 'r'
      and c.relname in ('models', 'versions', 'tensors', 'chunks', 'samples', 'objects') order by 1);
  l_owners constant oid[] := array(select r.oid from pg_roles r where r.rolsuper or r.rolname = current_user);
  l_versions text[] := '{}';
  l_objects text[] := '{}';
  l_schema oid;
  l_is_known boolean := false;
  l_is_last boolean := true;
  l_name text;
begin
  perform pg_advisory_xact_lock(7307497, 1);
  if l_tables @> '{versions}' then
    l_versions := array(select version from export_model.versions where model = p_model);
    l_is_known := l_versions <> '{}';
  end if;
  if l_tables @> '{models}' then
    l_is_known := l_is_known or exists (select from export_model.models where name = p_model);
  end if;
  if l_tables @> '{objects}' then
    l_objects := array(select replace(identity, '"', '') from export_model.objects where model = p_model);
    l_is_known := l_is_known or l_objects <> '{}';
  end if;
  select n.oid into l_schema from pg_namespace n where n.nspname = p_model
    and (l_is_known or left(obj_description(n.oid, 'pg_namespace'), 14) = 'export-model: ');
  if l_schema is null and l_is_known then  -- renamed: its comment tells the version
    select n.oid into l_schema from pg_namespace n
      where exists (select from unnest(l_versions) v
                    where obj_description(n.oid, 'pg_namespace') like 'export-model: %, version ' || substr(v, 1, 12))
        and n.nspowner = any (l_owners) limit 1;
  end if;
  if l_schema is null and not l_is_known then
    raise exception 'there is no model "%"', p_model
      using hint = 'See: select model from export_model.overview;';
  end if;

  for l_name in
    select p.oid::regprocedure::text from pg_proc p
      left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
    where substr(d.description, 53) = p_model
        and d.description like 'export-model %' and p.proowner = any (l_owners) or p.pronamespace = l_schema
      and (d.description like 'export-model %'
        or replace(p_model || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '') = any (l_objects))
    order by exists (select from pg_aggregate a where a.aggfnoid = p.oid) desc
  loop
    execute 'drop routine if exists ' || l_name || l_cascade;
  end loop;
  for l_name in
    select t.oid::regtype::text from pg_type t where t.typnamespace = l_schema and t.typtype = 'c'
      and (t.typname ~ '^outputs_[0-9a-f]{8}$' or t.typname = 'stacked_row')
      and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c')
  loop
    execute 'drop type ' || l_name || l_cascade;
  end loop;
  for l_name in
    select w.fdwname from pg_foreign_data_wrapper w
    where obj_description(w.oid, 'pg_foreign_data_wrapper') = 'export-model: weights of model ' || p_model
  loop
    execute format('drop foreign data wrapper %I cascade', l_name);
  end loop;
  foreach l_name in array l_tables loop
    execute format('delete from export_model.%I where %I = any ($1)', l_name,
        case when l_name in ('models', 'objects', 'versions') then case l_name when 'models' then 'name' else 'model' end else 'version' end)
      using case when l_name in ('models', 'objects', 'versions') then array[p_model] else l_versions end;
  end loop;
  if l_schema is not null then
    l_name := (select nspname from pg_namespace where oid = l_schema);
    begin
      execute format('drop schema %I', l_name);
    exception when dependent_objects_still_exist then
      execute format('comment on schema %I is null', l_name);
      raise warning 'schema "%" stays: it holds objects that export-model did not make', l_name;
    end;
  end if;

  if l_tables @> '{versions}' then
    for l_name in
      select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'export_model' and p.proname like 'runtime\_%'
        and not exists (select from export_model.versions v where v.runtime = p.proname)
    loop
      execute 'drop routine ' || l_name;
    end loop;
    l_is_last := not exists (select from export_model.versions);
  end if;
  if l_tables @> '{models}' and l_is_last then
    l_is_last := not exists (select from export_model.models);
  end if;
  if not l_is_last or not exists (select from pg_namespace where nspname = 'export_model') then
    return;
  end if;
  begin
    if to_regclass('export_model.overview') is not null then
      execute 'drop view export_model.overview' || l_cascade;
    end if;
    if l_tables <> '{}' then
      execute (select 'drop table ' || string_agg('export_model.' || quote_ident(t), ', ') || l_cascade from unnest(l_tables) t);
    end if;
    for l_name in
      select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
      where n.nspname = 'export_model' and (p.proname = any (array['drop_model', 'check_place', 'full_name', 'type_name', 'list_columns', 'ask_types', 'pack_item', 'column_letter', 'column_letters', 'pack_arguments', 'pack_columns', 'pack_row', 'count_blocks', 'held_type', 'query_item', 'check_settings', 'source', 'score_rows', 'score_source', 'target_query', 'list_types', 'check_target', 'check_name', 'prepare_target', 'has_key', 'check_key', 'check_key_type', 'lock_target', 'equality', 'describe_job', 'open_scoring', 'is_atomic', 'check_transaction', 'score_into', 'score_group', 'answer_group', 'is_spread', 'drop_own', 'probe_own', 'own_query', 'group_query', 'score_part', 'count_parts', 'loaded', 'cache_limit', 'evict', 'collect', 'load', 'array_bytes', 'record_bytes', 'forget', 'vector_row', 'vector_place', 'vector_times', 'vector_over', 'vector_unknown', 'vector_problem']::pg_catalog.text[]) or p.proname like 'runtime\_%'
        or d.description like 'export-model %')
    loop
      execute 'drop routine ' || l_name || l_cascade;
    end loop;
    execute 'drop schema export_model';
  exception when dependent_objects_still_exist then
    raise warning 'the empty registry stays: other objects depend on it';
  end;
end
$function$;

-- registry: check_place
create or replace function export_model.check_place()
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
begin
  if current_setting('gp_role', true) = 'execute' then
    raise exception 'score_table and label_table read a whole table, which no function can do inside a query that runs on segments'
      using errcode = 'feature_not_supported', hint = 'Keep the scores first, in a statement of their own: call'
        ' MODEL.score_into(''SOURCE'', ''KEY'', ''pg_temp.scores''); then use that table in the query. Or score'
        ' the rows in the query itself, with score or score_batch.';
  end if;
end
$function$;

-- registry: full_name
create or replace function export_model.full_name(p_table regclass)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
select format('%I.%I', n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = p_table
$function$;

-- registry: type_name
create or replace function export_model.type_name(p_type regtype)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
select format_type(p_type, -1)
$function$;

-- registry: list_columns
create or replace function export_model.list_columns(p_key text, p_inputs jsonb)
returns text[]
language sql immutable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
select p_key || array(
  select c.name from jsonb_array_elements(p_inputs) with ordinality as i (input, n),
    jsonb_array_elements_text(i.input -> 'columns') with ordinality as c (name, n)
  order by i.n, c.n)
$function$;

-- registry: ask_types
create or replace function export_model.ask_types(p_from text, p_columns text[])
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
select format('select array[%s] from (values (0)) as o (n) left join %s s on false',
  string_agg(format('pg_catalog.pg_typeof(s.%I)', c), ', ' order by n), p_from)
from unnest(p_columns) with ordinality as u (c, n)
$function$;

-- registry: pack_item
create or replace function export_model.pack_item(p_names text[], p_types regtype[], p_is_array boolean, p_is_text boolean)
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
declare
  l_numbers constant regtype[] := '{smallint,integer,bigint,real,double precision,numeric}';
  l_type regtype;
  l_types regtype[] := '{}';
  l_wanted text := case when p_is_text then 'text' else 'numbers' end || case when p_is_array then ', as an array' else '' end;
  l_items text;
begin
  for i in 1 .. cardinality(p_types) loop
    select case when t.typtype = 'd' then t.typbasetype else t.oid end into l_type
      from pg_type t where t.oid = p_types[i];
    if p_is_array then
      select t.typelem into l_type from pg_type t where t.oid = l_type and t.typcategory = 'A';
    end if;
    if l_type is null or not p_is_text and l_type <> all (l_numbers)
        or p_is_text and not exists (select from pg_type t where t.oid = l_type and t.typcategory = 'S') then
      raise exception 'column "%" is %, the model takes %', p_names[i], p_types[i], l_wanted
        using errcode = 'datatype_mismatch', hint = format('A query can cast it: select %1$I::%2$s as %1$I, ...', p_names[i],
          case when p_is_text then 'text' when l_type = 'boolean'::regtype then 'integer' else 'real' end || case when p_is_array then '[]' else '' end);
    end if;
    l_types := l_types || l_type;
  end loop;
  if p_is_array and p_is_text then
    return format('pg_catalog.convert_to(pg_catalog.array_to_json(s.%I::pg_catalog.text[])::pg_catalog.text, %L)'
      ' operator(pg_catalog.||) %L::pg_catalog.bytea', p_names[1], 'UTF8', E'\\x00');
  elsif p_is_array then
    return format(case when l_type = 'numeric'::regtype then 'export_model.array_bytes(s.%I::pg_catalog.float8[])'
      else 'export_model.array_bytes(s.%I)' end, p_names[1]);
  end if;
  l_type := case when p_is_text then 'text'::regtype
    when l_types <@ '{smallint,real}' then 'real'
    else 'double precision' end;
  select string_agg(format('s.%I::pg_catalog.%I', c, (select t.typname from pg_type t where t.oid = l_type)), ', ' order by n)
    into l_items from unnest(p_names) with ordinality as u (c, n);
  if p_is_text then
    return format('pg_catalog.convert_to(pg_catalog.array_to_json(array[%s])::pg_catalog.text, %L)'
      ' operator(pg_catalog.||) %L::pg_catalog.bytea', l_items, 'UTF8', E'\\x00');
  end if;
  return format('export_model.array_bytes(array[%s])', l_items);
end
$function$;

-- registry: column_letter
create or replace function export_model.column_letter(p_type regtype, p_kind text)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
with recursive below as (
  select t.oid, t.typtype, t.typcategory, t.typbasetype from pg_type t where t.oid = p_type
  union all
  select t.oid, t.typtype, t.typcategory, t.typbasetype from below b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd'
)
select case
    when p_kind = 'text' and (b.typcategory = 'S' or b.typtype = 'e') then 't'
    else (select l.letter from (values
        ('number', 'double precision', 'd'), ('number', 'bigint', 'q'), ('number', 'real', 'f'), ('number', 'integer', 'i'),
        ('number', 'smallint', 'h'), ('number', 'numeric', 'n'), ('boolean', 'boolean', 'b'), ('date', 'date', 'y'),
        ('timestamp', 'timestamp', 's'), ('timestamp', 'timestamptz', 's'), ('timestamp', 'date', 's')
      ) as l (kind, type, letter) where l.kind = p_kind and l.type::regtype = b.oid) end
from below b where b.typtype <> 'd'
$function$;

-- registry: column_letters
create or replace function export_model.column_letters(p_names text[], p_types regtype[], p_kinds text[])
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
declare
  l_letters text := '';
  l_wrong text[] := '{}';
  l_casts text[] := '{}';
  l_letter text;
  l_type regtype;
  l_held text;
  l_item text;
  l_is_array boolean;
begin
  for i in 1 .. cardinality(p_types) loop
    l_letter := export_model.column_letter(p_types[i], p_kinds[i]);
    if l_letter is null then
      l_wrong := l_wrong || format('column "%s" is %s, the model takes a %s', p_names[i], p_types[i], p_kinds[i]);
      select t.typcategory = 'A', case when t.typcategory = 'A' then t.typelem else t.oid end
        into l_is_array, l_type from pg_type t where t.oid = p_types[i];
      select k.kind into l_held from unnest('{number,boolean,date,timestamp,text}'::text[]) with ordinality as k (kind, n)
        where export_model.column_letter(l_type, k.kind) is not null order by k.n limit 1;
      l_item := format('%I', p_names[i]) || case when l_is_array and p_kinds[i] <> 'text' then '[1]' else '' end;
      -- PostgreSQL has no casts between most of these; see cast_column, which says the same of a table.
      l_casts := l_casts || (case case when l_is_array and p_kinds[i] = 'text' then 'other' else coalesce(l_held, 'other') end || ' as ' || p_kinds[i]
        when p_kinds[i] || ' as ' || p_kinds[i] then l_item
        when 'number as boolean' then l_item || ' <> 0'
        when 'number as date' then 'date ''1970-01-01'' + ' || l_item || '::integer'
        when 'number as timestamp' then 'to_timestamp(' || l_item || ') at time zone ''UTC'''
        when 'boolean as number' then l_item || '::integer'
        when 'date as number' then l_item || ' - date ''1970-01-01'''
        when 'timestamp as number' then 'extract(epoch from ' || l_item || ')'
        when 'timestamp as date' then l_item || '::date'
        when 'boolean as date' then 'null::date'
        when 'boolean as timestamp' then 'null::timestamp'
        when 'date as boolean' then 'null::boolean'
        when 'timestamp as boolean' then 'null::boolean'
        else l_item || case when p_kinds[i] = 'text' then '::text'
          else '::text::' || case p_kinds[i] when 'number' then 'double precision' else p_kinds[i] end end
      end || format(' as %I', p_names[i]));
    end if;
    l_letters := l_letters || coalesce(l_letter, '?');
  end loop;
  if cardinality(l_wrong) > 0 then
    raise exception '%', array_to_string(l_wrong, '; ')
      using errcode = 'datatype_mismatch', hint = format('A query can cast: select %s, ...', array_to_string(l_casts, ', '));
  end if;
  return l_letters;
end
$function$;

-- registry: pack_arguments
create or replace function export_model.pack_arguments(p_names text[], p_types regtype[], p_input jsonb)
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
declare
  l_kinds text[];
begin
  if p_input ? 'kinds' then
    l_kinds := array(select k.kind from jsonb_array_elements_text(p_input -> 'kinds') with ordinality as k (kind, n) order by k.n);
    perform export_model.column_letters(p_names, p_types, l_kinds);
    return (
      select format('array[%s]::pg_catalog.float8[], array[%s]::pg_catalog.text[]',
        string_agg(case u.kind
          when 'number' then format('s.%I::pg_catalog.float8', u.name)
          when 'boolean' then format('s.%I::pg_catalog.int4::pg_catalog.float8', u.name)
          when 'date' then format('(pg_catalog.date_part(%L, s.%I) operator(pg_catalog./) 86400)', 'epoch', u.name)
          else format('pg_catalog.date_part(%L, s.%I)', 'epoch', u.name) end, ', ' order by u.n) filter (where u.kind <> 'text'),
        string_agg(format('s.%I::pg_catalog.text', u.name), ', ' order by u.n) filter (where u.kind = 'text'))
      from unnest(p_names, l_kinds) with ordinality as u (name, kind, n));
  end if;
  perform export_model.pack_item(p_names, p_types, (p_input ->> 'is_array')::boolean, (p_input ->> 'is_text')::boolean);
  return case when (p_input ->> 'is_array')::boolean then format('s.%I::pg_catalog.float8[]', p_names[1])
    else (select format('array[%s]', string_agg(format('s.%I::pg_catalog.float8', c.name), ', ' order by c.n))
      from unnest(p_names) with ordinality as c (name, n)) end;
end
$function$;

-- registry: pack_columns
create or replace function export_model.pack_columns(p_names text[], p_types regtype[], p_kinds text[])
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
declare
  l_order constant text := 'dqsfiyhbnt';
  l_is_utf8 constant boolean := pg_catalog.getdatabaseencoding() = 'UTF8';
  -- Greenplum writes lengths with the highest byte first, on any machine.
  l_is_network constant boolean := get_byte(export_model.record_bytes(row(''::text)), 20) > 128;
  l_letters constant text := export_model.column_letters(p_names, p_types, p_kinds);
  l_items text;
begin
  select string_agg(case
      when u.letter = 't' and l_is_utf8 then format('s.%I::pg_catalog.text operator(pg_catalog.||) %L', u.name, '')
      when u.letter = 't' then format('pg_catalog.convert_to(s.%I::pg_catalog.text, %L)', u.name, 'UTF8')
      when u.kind = 'timestamp' and u.type = 'date'::regtype then format('s.%I::pg_catalog.timestamp', u.name)
      else format('s.%I', u.name) end, ', ' order by strpos(l_order, u.letter), u.n)
    into l_items
    from (select p_names[n] as name, p_types[n] as type, p_kinds[n] as kind, substr(l_letters, n, 1) as letter, n
          from generate_series(1, cardinality(p_names)) as g (n)) u;
  return format('%L::pg_catalog.bytea operator(pg_catalog.||) export_model.record_bytes(row(%s))',
    E'\\xfeffffff'::bytea || convert_to(case when l_is_network then translate(l_letters, 'nt', 'NT') else l_letters end, 'UTF8') || E'\\x00'::bytea, l_items);
end
$function$;

-- registry: pack_row
create or replace function export_model.pack_row(p_inputs jsonb, p_types regtype[])
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
declare
  l_input jsonb;
  l_names text[];
  l_items text[] := '{}';
  l_first integer := 2;
begin
  for l_input in select e.input from jsonb_array_elements(p_inputs) with ordinality as e (input, n) order by e.n loop
    l_names := array(select c.name from jsonb_array_elements_text(l_input -> 'columns') with ordinality as c (name, n)
                     order by c.n);
    if p_inputs -> 0 ? 'packer' then
      l_items := l_items || export_model.pack_arguments(l_names, p_types[l_first : l_first + cardinality(l_names) - 1], l_input);
      l_first := l_first + cardinality(l_names);
      continue;
    end if;
    if l_input ? 'kinds' then
      return export_model.pack_columns(l_names, p_types[2:],
        array(select k.kind from jsonb_array_elements_text(l_input -> 'kinds') with ordinality as k (kind, n) order by k.n));
    end if;
    l_items := l_items || export_model.pack_item(l_names, p_types[l_first : l_first + cardinality(l_names) - 1],
      (l_input ->> 'is_array')::boolean, (l_input ->> 'is_text')::boolean);
    l_first := l_first + cardinality(l_names);
  end loop;
  if p_inputs -> 0 ? 'packer' then
    return format('%s(%s)', p_inputs -> 0 ->> 'packer', array_to_string(l_items, ', '));
  end if;
  return format('coalesce(%s, %L::pg_catalog.bytea)', array_to_string(l_items, ' operator(pg_catalog.||) '), E'\\xffffffff');
end
$function$;

-- registry: count_blocks
create or replace function export_model.count_blocks(p_table regclass)
returns bigint
language sql stable
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
with recursive tables as (
  select p_table::oid as id
  union
  select i.inhrelid from pg_inherits i join tables t on i.inhparent = t.id
)
select case when bool_and(c.relkind = 'p' or c.relkind in ('r', 'm') and a.amname = 'heap')
    and current_setting('server_version_num')::integer >= 140000
  then max(pg_relation_size(c.oid)) / current_setting('block_size')::bigint end
from tables t join pg_class c on c.oid = t.id left join pg_am a on a.oid = c.relam
$function$;

-- registry: held_type
create or replace function export_model.held_type(p_type regtype)
returns regtype
language sql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
with recursive below as (
  select t.* from pg_type t where t.oid = p_type
  union all
  select t.* from below b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd'
)
select case when typarray = 0 or typcategory = 'A' or typtype = 'p' then 'text'::regtype else oid::regtype end
from below where typtype <> 'd'
$function$;

-- registry: query_item
create or replace function export_model.query_item(p_source text)
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
select format(E'(%s\n)', regexp_replace(p_source, E'[;[:space:]]+$', ''))
where p_source ~* E'^([[:space:](]|--[^\n]*\n|/[*]([^*]|[*]+[^*/])*[*]+/)*(select|with|values|table)\\M'
$function$;

-- registry: check_settings
create or replace function export_model.check_settings(p_key text, p_type text)
returns void
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
declare
  l_setting text;
begin
  select format('set %I = %L', x.name, x.wanted) into l_setting
    from (values ('DateStyle', 'ISO%', 'ISO'), ('IntervalStyle', 'postgres', 'postgres'), ('array_nulls', 'on', 'on'),
                 ('extra_float_digits', '1', '1')) as x (name, pattern, wanted)
    where case when x.name = 'extra_float_digits' then current_setting(x.name)::integer < 1
               else current_setting(x.name) not like x.pattern end
    limit 1;
  if found then
    raise exception 'column "%" is %: such keys would not be kept exactly under this setting of %', p_key, p_type,
        split_part(l_setting, ' ', 2)
      using errcode = 'invalid_parameter_value', hint = format('Run: %s', l_setting);
  end if;
end
$function$;

-- registry: source
create or replace function export_model.source(
  p_source text, p_key text, p_inputs jsonb,
  out from_item text, out key_item text, out key_type text, out held_item text, out held_type text, out row_item text,
  out blocks bigint)
language plpgsql stable strict
set optimizer = off
as $function$
declare
  l_table pg_catalog.regclass;
  l_columns constant pg_catalog.text[] := export_model.list_columns(p_key, p_inputs);
  l_types pg_catalog.regtype[];
  l_held pg_catalog.regtype;
  l_missing pg_catalog.text[] := '{}';
begin
  perform export_model.check_place();
  from_item := export_model.query_item(p_source);
  if from_item is null then
    l_table := pg_catalog.to_regclass(p_source);
    if l_table is null then
      raise exception 'there is no table "%"', p_source
        using errcode = 'undefined_table', hint = 'Name a table or view that you may read, with its schema'
          ' when that is not in the search_path, or give a query.';
    end if;
    from_item := export_model.full_name(l_table);
  end if;
  begin
    execute export_model.ask_types(from_item, l_columns) into l_types;
  exception
    when undefined_column then
      for i in 1 .. pg_catalog.cardinality(l_columns) loop
        begin
          execute export_model.ask_types(from_item, array[l_columns[i]]) into l_types;
        exception when undefined_column then
          l_missing := pg_catalog.array_append(l_missing, l_columns[i]);
        end;
      end loop;
      raise exception '% has no column %', case when l_table is null then 'the query' else p_source end,
          pg_catalog.array_to_string(l_missing, ', ')
        using errcode = 'undefined_column', hint = 'Names are taken as they are written, without folding to'
          ' lower case; a query can rename columns: select a as b, ...';
    when syntax_error then
      raise exception 'the query cannot be read: %', sqlerrm
        using errcode = 'syntax_error', hint = 'Give one query, as it would run by itself.';
  end;
  l_held := export_model.held_type(l_types[1]);
  key_item := pg_catalog.format('s.%I', p_key);
  key_type := export_model.type_name(l_types[1]);
  held_type := export_model.type_name(l_held);
  held_item := case when l_held operator(pg_catalog.=) l_types[1] then key_item
    else pg_catalog.format('%s::%s', key_item, held_type) end;
  if l_held operator(pg_catalog.=) 'pg_catalog.text'::pg_catalog.regtype and held_item operator(pg_catalog.<>) key_item then
    perform export_model.check_settings(p_key, key_type);
  end if;
  row_item := export_model.pack_row(p_inputs, l_types);
  if l_table is not null then
    blocks := export_model.count_blocks(l_table);
  end if;
end
$function$;

-- registry: score_rows
create or replace function export_model.score_rows(
  p_batch text, p_wanted text, p_keys anyarray, p_rows bytea, out scores text, out labels text)
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
declare
  l_place integer;
  l_problem text;
begin
  execute format('select r.scores, r.labels, r.place, r.problem from %s($1, $2, $3) r', p_batch::regproc)
    into scores, labels, l_place, l_problem using p_rows, cardinality(p_keys), p_wanted;
  if l_problem is not null then
    raise exception 'key %: %', coalesce(p_keys[l_place + 1]::text, 'NULL'), l_problem
      using errcode = 'invalid_parameter_value';
  end if;
end
$function$;

-- registry: score_source
create or replace function export_model.score_source(
  p_scorer jsonb, p_wanted text, p_source text, p_key text, p_result anyelement)
returns table (key text, result anyelement)
language plpgsql volatile
set optimizer = off
as $function$
declare
  l_source record;
begin
  perform export_model.check_place();
  if p_source is null or p_key is null then
    raise exception 'the source and its key column must not be NULL'
      using errcode = 'null_value_not_allowed';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'inputs');
  return query execute pg_catalog.format('select g.key, g.%I::%s from (%s) g', p_wanted,
    pg_catalog.pg_typeof(p_result), export_model.group_query(p_scorer operator(pg_catalog.->>) 'batch', p_wanted,
      pg_catalog.row_to_json(l_source)::pg_catalog.jsonb, 'true', 0, 1,
      case when p_wanted operator(pg_catalog.=) 'score'::pg_catalog.text then export_model.type_name(pg_catalog.pg_typeof(p_result))
        else 'pg_catalog.text' end));
  perform export_model.drop_own();
end
$function$;

-- registry: target_query
create or replace function export_model.target_query(p_target text, p_key_type text, p_score_type text)
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
select format('create table %s (key %s, score %s, label pg_catalog.text, model_version pg_catalog.text,'
  ' scored_at pg_catalog.timestamptz not null, primary key (key, model_version))',
  (select string_agg(quote_ident(part), '.' order by n) from unnest(parse_ident(p_target)) with ordinality as u (part, n)),
  p_key_type, p_score_type)
$function$;

-- registry: list_types
create or replace function export_model.list_types(p_names name[], p_types oid[])
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
select string_agg(p_names[i] || ' ' || format_type(p_types[i], -1), ', ' order by i)
from generate_series(1, cardinality(p_names)) as u (i)
$function$;

-- registry: check_target
create or replace function export_model.check_target(p_target regclass, p_key_type text, p_score_type text)
returns void
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
declare
  l_names constant name[] := '{key,score,label,model_version,scored_at}';
  l_types constant oid[] := array[p_key_type, p_score_type, 'text', 'text', 'timestamptz']::regtype[];
  l_found_names name[];
  l_found_types oid[];
begin
  select array_agg(a.attname order by a.attnum), array_agg(a.atttypid order by a.attnum) into l_found_names, l_found_types
    from pg_attribute a where a.attrelid = p_target and a.attnum > 0 and not a.attisdropped;
  if l_found_names is distinct from l_names or l_found_types is distinct from l_types then
    raise exception 'table % has other columns than scores need: (%)', p_target,
        export_model.list_types(l_found_names, l_found_types)
      using errcode = 'datatype_mismatch',
        detail = format('They must be (%s).', export_model.list_types(l_names, l_types)),
        hint = 'It is left as it is; name another table, which is then made.';
  end if;
  if not exists (
      select from pg_index i where i.indrelid = p_target and i.indisunique and i.indisvalid and i.indpred is null
        and i.indnkeyatts = 2
        and (select array_agg(a.attname::text order by a.attname::text) from pg_attribute a
             where a.attrelid = p_target and a.attnum = any (i.indkey)) = '{key,model_version}') then
    raise exception 'table % has no unique index on (key, model_version)', p_target
      using errcode = 'invalid_table_definition',
        hint = format('Run: alter table %s add primary key (key, model_version);', p_target);
  end if;
end
$function$;

-- registry: check_name
create or replace function export_model.check_name(p_name text)
returns void
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
declare
  l_most constant integer := current_setting('max_identifier_length');
  l_part text;
begin
  foreach l_part in array parse_ident(p_name) loop
    if octet_length(l_part) > l_most then
      raise exception 'the name "%" has % bytes, PostgreSQL takes %', l_part, octet_length(l_part), l_most
        using errcode = 'name_too_long', hint = 'Choose a shorter one.';
    end if;
  end loop;
end
$function$;

-- registry: prepare_target
create or replace function export_model.prepare_target(p_target text, p_key_type text, p_score_type text)
returns regclass
language plpgsql volatile strict
set optimizer = off
as $function$
declare
  l_target pg_catalog.regclass := pg_catalog.to_regclass(p_target);
begin
  perform export_model.check_place();
  if l_target is null then
    perform export_model.check_name(p_target);
    execute export_model.target_query(p_target, p_key_type, p_score_type);
    l_target := pg_catalog.to_regclass(p_target);
  end if;
  perform export_model.check_target(l_target, p_key_type, p_score_type);
  return l_target;
end
$function$;

-- registry: has_key
create or replace function export_model.has_key(p_table regclass, p_key text)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
select exists (
  select from pg_index i
  join pg_class c on c.oid = i.indrelid
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
  where i.indrelid = p_table and a.attname = p_key and a.attnotnull and i.indnkeyatts = 1
    and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null
    and (c.relkind = 'p' or not exists (select from pg_inherits h where h.inhparent = c.oid)))
$function$;

-- registry: check_key
create or replace function export_model.check_key(p_source text, p_key text, p_from_item text)
returns void
language plpgsql stable strict
set optimizer = off
as $function$
declare
  l_is_query constant boolean := pg_catalog.starts_with(p_from_item, '(');
  l_rows bigint;
  l_key pg_catalog.text;
begin
  perform export_model.check_place();
  if not l_is_query and export_model.has_key(pg_catalog.to_regclass(p_from_item), p_key) then
    return;
  end if;
  execute pg_catalog.format(
    'select pg_catalog.count(*), s.%1$I::pg_catalog.text from %2$s s group by s.%1$I'
    ' having pg_catalog.count(*) operator(pg_catalog.>) 1 or s.%1$I is null limit 1', p_key, p_from_item)
    into l_rows, l_key;
  if l_rows is not null then
    raise exception 'column "%" is no key: % has % row(s) where it is %', p_key,
        case when l_is_query then 'the query' else p_source end, l_rows, coalesce(l_key, 'NULL')
      using errcode = 'unique_violation', hint = 'Scores are stored by key. Name a column that tells rows apart.';
  end if;
end
$function$;

-- registry: check_key_type
create or replace function export_model.check_key_type(p_key text, p_type text)
returns void
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
begin
  perform export_model.check_place();
  if exists (select from pg_type t where t.oid = p_type::regtype and t.typtype = 'p') then
    raise undefined_function;
  end if;
  execute format('select null::%s order by 1', p_type);
exception when undefined_function then
  raise exception 'column "%" is %, which cannot be a key: its values have no order', p_key, p_type
    using errcode = 'datatype_mismatch', hint = format('A query can cast it: select %1$I::text as %1$I, ...', p_key);
end
$function$;

-- registry: lock_target
create or replace function export_model.lock_target(p_target regclass)
returns void
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
begin
  if not pg_try_advisory_xact_lock((7307497::bigint << 32) + p_target::oid::bigint) then
    raise exception 'another run is writing scores to %', p_target
      using errcode = 'lock_not_available', hint = 'Wait until it is done, or end it; what it committed is not scored again.';
  end if;
end
$function$;

-- registry: equality
create or replace function export_model.equality(p_target regclass)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
select format('operator(%I.%s)', n.nspname, o.oprname)
from pg_index i
cross join lateral generate_series(0, i.indnkeyatts - 1) as u (place)
join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[u.place] and a.attname = 'key'
join pg_opclass c on c.oid = i.indclass[u.place]
join pg_amop p on p.amopfamily = c.opcfamily and p.amoplefttype = c.opcintype and p.amoprighttype = c.opcintype
  and p.amopstrategy = 3
join pg_operator o on o.oid = p.amopopr
join pg_namespace n on n.oid = o.oprnamespace
where i.indrelid = p_target and i.indisunique and i.indisvalid and i.indpred is null and i.indnkeyatts = 2
order by i.indisprimary desc limit 1
$function$;

-- registry: describe_job
create or replace function export_model.describe_job(p_version text, p_target regclass, p_source jsonb)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
declare
  l_target constant text := export_model.full_name(p_target);
  l_resumes boolean;
  l_condition text := 'true';
begin
  perform export_model.check_place();
  execute format('select exists (select from %s where model_version = $1)', l_target) into l_resumes using p_version;
  if l_resumes then
    l_condition := format('not exists (select from %s t where t.key %s %s'
      ' and t.model_version operator(pg_catalog.=) %L::pg_catalog.text)',
      l_target, export_model.equality(p_target), p_source ->> 'key_item', p_version);
  end if;
  return p_source || jsonb_build_object('target', l_target, 'condition', l_condition);
end
$function$;

-- registry: open_scoring
create or replace function export_model.open_scoring(
  p_scorer jsonb, p_source text, p_key text, p_target text)
returns jsonb
language plpgsql volatile
set optimizer = off
as $function$
declare
  l_source record;
  l_target pg_catalog.regclass;
begin
  if p_source is null or p_key is null or p_target is null then
    raise exception 'the source, its key column and the target must not be NULL'
      using errcode = 'null_value_not_allowed';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'inputs');
  perform export_model.check_key_type(p_key, l_source.key_type);
  perform export_model.check_key(p_source, p_key, l_source.from_item);
  l_target := export_model.prepare_target(p_target, l_source.key_type, p_scorer operator(pg_catalog.->>) 'score_type');
  perform export_model.lock_target(l_target);
  return p_scorer operator(pg_catalog.||) export_model.describe_job(
    p_scorer operator(pg_catalog.->>) 'version', l_target, pg_catalog.row_to_json(l_source)::pg_catalog.jsonb);
end
$function$;

-- registry: is_atomic
create or replace function export_model.is_atomic(p_message text)
returns boolean
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
begin
  commit;
exception when invalid_transaction_termination then
  return sqlerrm = p_message;
end
$function$;

-- registry: check_transaction
create or replace procedure export_model.check_transaction()
language plpgsql
as $function$
begin
  commit;
exception when invalid_transaction_termination then
  if export_model.is_atomic(sqlerrm) then
    raise exception 'score_into commits after each step: it cannot run inside a transaction block'
      using errcode = 'active_sql_transaction',
        hint = 'Call it on its own, outside of begin and commit, and not in one string with other statements.';
  end if;
end
$function$;

-- registry: score_into
create or replace procedure export_model.score_into(p_scorer jsonb, p_source text, p_key text, p_target text)
language plpgsql
as $function$
declare
  l_job pg_catalog.jsonb;
  l_target pg_catalog.regclass;
  l_parts integer;
  l_total bigint := 0;
begin
  call export_model.check_transaction();
  l_job := export_model.open_scoring(p_scorer, p_source, p_key, p_target);
  l_target := l_job operator(pg_catalog.->>) 'target';
  l_parts := export_model.count_parts(l_job);
  for l_part in 0 .. l_parts operator(pg_catalog.-) 1 loop
    l_total := l_total operator(pg_catalog.+) export_model.score_part(l_job, l_part, l_parts);
    commit;
    perform export_model.lock_target(l_target);
  end loop;
  raise notice '% rows scored into %', l_total, l_job operator(pg_catalog.->>) 'target';
end
$function$;

-- registry: score_group
create or replace function export_model.score_group(
  p_batch text, p_wanted text, p_keys anyarray, p_rows bytea)
returns table (key anyelement, score text, label text)
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set array_nulls = on
set optimizer = off
as $function$
declare
  l_scored record;
begin
  l_scored := export_model.score_rows(p_batch, p_wanted, p_keys, p_rows);
  return query select unnest(p_keys), unnest(l_scored.scores::text[]), unnest(l_scored.labels::text[]);
end
$function$;

-- registry: answer_group
create or replace function export_model.answer_group(
  p_batch text, p_wanted text, p_keys anyarray, p_rows bytea)
returns table (key text, score text, label text)
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
set array_nulls = on
set optimizer = off
as $function$
declare
  l_scored record;
begin
  l_scored := export_model.score_rows(p_batch, p_wanted, p_keys, p_rows);
  return query select unnest(p_keys::text[]), unnest(l_scored.scores::text[]), unnest(l_scored.labels::text[]);
end
$function$;

-- registry: is_spread
create or replace function export_model.is_spread(p_from_item text)
returns boolean
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set optimizer = off
as $function$
declare
  l_table regclass;
  l_segments integer;
begin
  if left(p_from_item, 1) = '(' then  -- a query
    return false;
  end if;
  l_table := p_from_item;
  select count(*) into l_segments from gp_segment_configuration where role = 'p' and content >= 0;
  return has_table_privilege(l_table, 'select') and (
    with recursive tables as (
      select l_table::oid as id
      union
      select i.inhrelid from pg_inherits i join tables t on i.inhparent = t.id
    )
    select bool_and(c.relkind in ('r', 'p') and not c.relrowsecurity and d.policytype = 'p' and d.numsegments = l_segments) is true
    from tables t join pg_class c on c.oid = t.id left join gp_distribution_policy d on d.localoid = t.id);
end
$function$;

-- registry: drop_own
create or replace function export_model.drop_own()
returns void
language plpgsql volatile
set optimizer = off
as $function$
begin
  perform export_model.check_place();
  if pg_catalog.to_regprocedure('pg_temp.export_model_scores(boolean)') is not null then
    execute 'drop function pg_temp.export_model_scores(boolean)';
  end if;
  if pg_catalog.to_regprocedure('pg_temp.export_model_rows()') is not null then
    execute 'drop function pg_temp.export_model_rows()';
  end if;
end
$function$;

-- registry: probe_own
create or replace function export_model.probe_own()
returns text
language plpgsql volatile
set optimizer = off
as $function$
declare
  l_read text;
  l_written text;
begin
  perform export_model.check_place();
  begin
    execute 'create temporary table export_model_probe as select g.n from pg_catalog.generate_series(1, 1000) as g (n) distributed by (n)';
    execute 'create function pg_temp.export_model_probed() returns table (segment integer, n integer) language sql stable as'
      ' ''select p.gp_segment_id, p.n from pg_temp.export_model_probe p''';
    execute 'create function pg_temp.export_model_found() returns table (segment integer, n integer) language plpgsql stable'
      ' execute on all segments as ''begin return query select pg_catalog.gp_execution_segment(), p.n from pg_temp.export_model_probed() p; end''';
    execute 'select pg_catalog.md5(pg_catalog.string_agg(p::pg_catalog.text, '' '' order by p.n)) from pg_temp.export_model_found() p' into l_read;
    execute 'select pg_catalog.md5(pg_catalog.string_agg(p::pg_catalog.text, '' '' order by p.n)) from'
      ' (select p.gp_segment_id, p.n from pg_temp.export_model_probe p) p' into l_written;
    execute 'drop function pg_temp.export_model_found()';
    execute 'drop function pg_temp.export_model_probed()';
    execute 'drop table pg_temp.export_model_probe';
  exception when insufficient_privilege or read_only_sql_transaction or feature_not_supported then
    return sqlerrm;
  end;
  if l_read is distinct from l_written then
    raise exception 'segments of this Greenplum read other rows than their own'
      using errcode = 'data_exception', hint = 'score_table and score_into would be wrong here. Please report it with: select version()';
  end if;
  return null;
end
$function$;

-- registry: own_query
create or replace function export_model.own_query(
  p_batch text, p_wanted text, p_source jsonb, p_where text, p_type text)
returns text
language plpgsql volatile strict
set optimizer = off
as $function$
declare
  l_is_both constant boolean := p_wanted operator(pg_catalog.=) 'both'::pg_catalog.text;
begin
  perform export_model.check_place();
  if not export_model.is_spread(p_source operator(pg_catalog.->>) 'from_item') then
    return null;
  end if;
  begin
    perform export_model.drop_own();
    execute pg_catalog.format(
      'create function pg_temp.export_model_rows() returns table (key %s, packed pg_catalog.bytea) language sql stable as %L',
      p_source operator(pg_catalog.->>) 'held_type', pg_catalog.format('select %s, %s from %s s where %s',
        p_source operator(pg_catalog.->>) 'held_item', p_source operator(pg_catalog.->>) 'row_item',
        p_source operator(pg_catalog.->>) 'from_item', p_where));
    execute pg_catalog.format(
      'create function pg_temp.export_model_scores(boolean) returns table (key %s, score %s, label pg_catalog.text)'
      ' language plpgsql stable execute on all segments set enable_hashagg = off as %L',
      case when l_is_both then p_source operator(pg_catalog.->>) 'held_type' else 'pg_catalog.text' end, p_type,
      pg_catalog.format('
  declare
    l_rows pg_catalog.int8;
  begin
    if not $1 then
      perform from pg_temp.export_model_rows() limit 1;
      return;
    end if;
    select greatest(1, least(1000, 4194304 operator(pg_catalog./) (1 operator(pg_catalog.+) pg_catalog.avg(x.bytes))::pg_catalog.int8))
      into l_rows from (select pg_catalog.octet_length(r.packed) as bytes from pg_temp.export_model_rows() r limit 100) x;
    return query select (g.x).key, (g.x).score::%s, (g.x).label
      from (select export_model.%I(%L, %L, pg_catalog.array_agg(r.key), pg_catalog.string_agg(r.packed, %L)) as x
        from (select r.key, r.packed, (pg_catalog.row_number() over () operator(pg_catalog.-) 1) operator(pg_catalog./) l_rows as batch
          from pg_temp.export_model_rows() r) r
        group by r.batch) g;
  end', p_type, case when l_is_both then 'score_group' else 'answer_group' end, p_batch, p_wanted, ''));
    perform from pg_temp.export_model_scores(false);
    return 'select x.key, x.score, x.label from pg_temp.export_model_scores(true) x';
  exception
    -- No language, no temporary objects or nothing to be written for the caller, or no such reading on segments.
    when insufficient_privilege or read_only_sql_transaction or feature_not_supported then
      return null;
  end;
end
$function$;

-- registry: group_query
create or replace function export_model.group_query(
  p_batch text, p_wanted text, p_source jsonb, p_condition text, p_part integer, p_parts integer, p_type text)
returns text
language plpgsql volatile strict
set optimizer = off
as $function$
declare
  l_from constant pg_catalog.text := p_source operator(pg_catalog.->>) 'from_item';
  l_packed constant pg_catalog.text := p_source operator(pg_catalog.->>) 'row_item';
  l_key constant pg_catalog.text := p_source operator(pg_catalog.->>) 'held_item';
  l_hash constant pg_catalog.text := pg_catalog.format(
    'pg_catalog.abs(pg_catalog.hashtext(coalesce(%s::pg_catalog.text, %L))::pg_catalog.int8)', l_key, '');
  l_where constant pg_catalog.text := pg_catalog.format(
    '%s and pg_catalog.mod(%s, %s) operator(pg_catalog.=) %s', p_condition, l_hash, p_parts, p_part);
  l_own text;
  l_rows bigint;
  l_bytes double precision;
begin
  perform export_model.check_place();
  if p_condition operator(pg_catalog.=) 'true'::pg_catalog.text then  -- others read a second table
    l_own := export_model.own_query(p_batch, p_wanted, p_source, case when p_parts operator(pg_catalog.=) 1 then 'true' else l_where end, p_type);
    if l_own is not null then
      return l_own;
    end if;
  end if;
  execute pg_catalog.format('select pg_catalog.count(*) from %s s where %s', l_from, l_where) into l_rows;
  execute pg_catalog.format('select pg_catalog.avg(pg_catalog.octet_length(x.p)) from (select %s as p from %s s limit 100) x',
    l_packed, l_from) into l_bytes;
  return pg_catalog.format('select (g.x).key, (g.x).score, (g.x).label from (select export_model.%I(%L, %L, pg_catalog.array_agg(%s),'
    ' pg_catalog.string_agg(%s, %L)) as x from %s s where %s group by pg_catalog.mod(%s operator(pg_catalog./) %s, %s)) g',
    case when p_wanted operator(pg_catalog.=) 'both'::pg_catalog.text then 'score_group' else 'answer_group' end,
    p_batch, p_wanted, l_key, l_packed, ''::pg_catalog.bytea, l_from, l_where, l_hash, p_parts,
    pg_catalog.ceil(greatest(1, l_rows operator(pg_catalog./) 1000.0::double precision,
      l_rows operator(pg_catalog.*) coalesce(l_bytes, 0) operator(pg_catalog./) 4194304::double precision)));
end
$function$;

-- registry: score_part
create or replace function export_model.score_part(p_job jsonb, p_part integer, p_parts integer)
returns bigint
language plpgsql volatile strict
set optimizer = off
as $function$
declare
  l_count bigint;
begin
  perform export_model.check_place();
  execute pg_catalog.format('insert into %s (key, score, label, model_version, scored_at)'
    ' select g.key::%s, g.score::%s, g.label, %L, pg_catalog.clock_timestamp() from (%s) g%s',
    p_job operator(pg_catalog.->>) 'target', p_job operator(pg_catalog.->>) 'key_type',
    p_job operator(pg_catalog.->>) 'score_type', p_job operator(pg_catalog.->>) 'version',
    export_model.group_query(p_job operator(pg_catalog.->>) 'batch', 'both', p_job,
      p_job operator(pg_catalog.->>) 'condition', p_part, p_parts, p_job operator(pg_catalog.->>) 'score_type'),
    -- For a run that goes on: it costs twice the insert itself.
    case when p_job operator(pg_catalog.->>) 'condition' operator(pg_catalog.=) 'true'::pg_catalog.text then ''
      else ' on conflict (key, model_version) do nothing' end);
  get diagnostics l_count = row_count;
  perform export_model.drop_own();
  return l_count;
end
$function$;

-- registry: count_parts
create or replace function export_model.count_parts(p_job jsonb)
returns integer
language plpgsql volatile strict
set optimizer = off
as $function$
declare
  l_rows bigint;
begin
  perform export_model.check_place();
  execute pg_catalog.format('select pg_catalog.count(*) from %s s where %s', p_job operator(pg_catalog.->>) 'from_item',
    p_job operator(pg_catalog.->>) 'condition') into l_rows;
  return pg_catalog.ceil(greatest(l_rows, 1) operator(pg_catalog./) 10000000::double precision);
end
$function$;

-- registry: array_bytes
create or replace function export_model.array_bytes(anyarray)
returns bytea
language internal stable strict parallel safe
as $function$byteasend$function$;

-- registry: record_bytes
create or replace function export_model.record_bytes(record)
returns bytea
language internal stable strict parallel safe
as $function$byteasend$function$;

-- registry: forget
create or replace function export_model.forget()
returns bigint
language plpython3u volatile
set optimizer = off
as $function$
keys = [key for key in GD if isinstance(key, str) and key.startswith("export_model:")]
return sum(getattr(GD.pop(key), "size_bytes", 0) for key in keys)
$function$;

-- registry: rights of helpers
do $function$
declare
  l_helper regprocedure;
begin
  revoke all on function export_model.loaded(text), export_model.cache_limit(), export_model.evict(bigint, bigint, double precision, text[]), export_model.collect(bytea, bigint, bigint), export_model.load(text), export_model.drop_model(text, boolean) from public;
  grant usage on schema export_model to public;
  for l_helper in
    select p.oid from pg_proc p
    where p.pronamespace = 'export_model'::regnamespace
      and p.proname = any (array['check_place', 'full_name', 'type_name', 'list_columns', 'ask_types', 'pack_item', 'column_letter', 'column_letters', 'pack_arguments', 'pack_columns', 'pack_row', 'count_blocks', 'held_type', 'query_item', 'check_settings', 'source', 'score_rows', 'score_source', 'target_query', 'list_types', 'check_target', 'check_name', 'prepare_target', 'has_key', 'check_key', 'check_key_type', 'lock_target', 'equality', 'describe_job', 'open_scoring', 'is_atomic', 'check_transaction', 'score_into', 'score_group', 'answer_group', 'is_spread', 'drop_own', 'probe_own', 'own_query', 'group_query', 'score_part', 'count_parts', 'array_bytes', 'record_bytes', 'forget']::pg_catalog.text[])
  loop
    execute format('grant execute on routine %s to public', l_helper);
  end loop;
  for l_helper in  -- runtimes of earlier programs, which another one may have left open
    select p.oid from pg_proc p join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
    where p.pronamespace = 'export_model'::regnamespace and p.proname like 'runtime\_%' and d.description like 'export-model %'
      and has_function_privilege('public', p.oid, 'execute')
  loop
    execute format('revoke all on function %s from public', l_helper);
  end loop;
end
$function$;

-- schema: comment
comment on schema "fraud" is 'export-model: fraud.h5, row d40711ced6fa, version 9cf3a7b650ef';

-- remove rows that were altered
do $function$
declare
  l_version constant text := '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58';
begin
  delete from export_model.versions where version = l_version
    and (model <> 'fraud' or chunks <> 1 or md5(plan) <> '2251ac1eca1cfe067a16c0d636908ac0');
  update export_model.versions set runtime = 'runtime_834039b3c8bc', engine = 'plpython'
    where version = l_version and runtime <> 'runtime_834039b3c8bc';
  delete from export_model.chunks where version = l_version
    and (chunk >= 1 or octet_length(data) <> bytes or encode(sha256(data), 'hex') <> sha256);
  if (select count(*) from export_model.tensors where version = l_version) <> 4 then
    delete from export_model.tensors where version = l_version;
  end if;
  delete from export_model.samples where version = l_version;
end
$function$;

-- model
insert into export_model.models (name, current_version)
select 'fraud', '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58'
where not exists (select from export_model.models where name = 'fraud');

-- version
insert into export_model.versions (
  version, model, database, engine, graph_digest, source_file, source_sha256, format, format_version, parameters, inputs,
  outputs, features, labels, threshold, plan, manifest, runtime, weight_bytes, chunks, expected_by, tolerance,
  exporter_version)
select '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 'fraud', 'greenplum', 'plpython', '4881fb28f52f47421e801ee7f047523dd6d190bdce7f2defdd2aea5c7027fe28',
  'fraud.h5', '9ceb39abd0a2f4e7e163dd2d963495ef8c1a613da87b7749a749b8b816cc77a3', 'keras', '2.2.4',
  11, 'dense_0_input (3)', 'dense_1 (1)',
  array['a', 'b', 'c']::pg_catalog.text[], array['0', '1']::pg_catalog.text[],
0.5,
  '{"format":1,"exporter":"0.1.0","model":"fraud","inputs":[{"name":"dense_0_input","shape":[3]}],"outputs":[{"name":"dense_1","shape":[1],"value":4}],"features":["a","b","c"],"feature_table":[],"labels":["0","1"],"threshold":0.5,"batch_rows":1024,"steps":[{"kernel":"dense","inputs":[0],"output":1,"parameters":{},"tensors":{"kernel":0,"bias":1}},{"kernel":"activation","inputs":[1],"output":2,"parameters":{"function":"relu","parameters":{}},"tensors":{}},{"kernel":"dense","inputs":[2],"output":3,"parameters":{},"tensors":{"kernel":2,"bias":3}},{"kernel":"activation","inputs":[3],"output":4,"parameters":{"function":"sigmoid","parameters":{}},"tensors":{}}],"tensors":[["dense_0/kernel",0,[3,2]],["dense_0/bias",6,[2]],["dense_1/kernel",8,[2,1]],["dense_1/bias",10,[1]]]}', '{"manifest":1,"version":"9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58","weight_bytes":44,"source":{"format":"keras","format_version":"2.2.4","file_name":"fraud.h5","sha256":"9ceb39abd0a2f4e7e163dd2d963495ef8c1a613da87b7749a749b8b816cc77a3"},"graph_digest":"4881fb28f52f47421e801ee7f047523dd6d190bdce7f2defdd2aea5c7027fe28","parameters":11,"layers":["dense_0","dense_0","dense_1","dense_1"],"expected_by":"export-model, float64","tolerance":1e-05,"exporter":"0.1.0"}', 'runtime_834039b3c8bc', 44, 1,
  'export-model, float64', 1e-05, '0.1.0'
where not exists (select from export_model.versions where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58');

-- what the version is from
update export_model.versions set model = 'fraud', database = 'greenplum', engine = 'plpython',
  graph_digest = '4881fb28f52f47421e801ee7f047523dd6d190bdce7f2defdd2aea5c7027fe28', source_file = 'fraud.h5',
  source_sha256 = '9ceb39abd0a2f4e7e163dd2d963495ef8c1a613da87b7749a749b8b816cc77a3', format = 'keras', format_version = '2.2.4',
  parameters = 11, inputs = 'dense_0_input (3)', outputs = 'dense_1 (1)',
  features = array['a', 'b', 'c']::pg_catalog.text[], labels = array['0', '1']::pg_catalog.text[],
  threshold = 0.5,
  manifest = '{"manifest":1,"version":"9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58","weight_bytes":44,"source":{"format":"keras","format_version":"2.2.4","file_name":"fraud.h5","sha256":"9ceb39abd0a2f4e7e163dd2d963495ef8c1a613da87b7749a749b8b816cc77a3"},"graph_digest":"4881fb28f52f47421e801ee7f047523dd6d190bdce7f2defdd2aea5c7027fe28","parameters":11,"layers":["dense_0","dense_0","dense_1","dense_1"],"expected_by":"export-model, float64","tolerance":1e-05,"exporter":"0.1.0"}', weight_bytes = 44,
  chunks = 1, expected_by = 'export-model, float64', tolerance = 1e-05,
  exporter_version = '0.1.0'
where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58';

-- tensors
insert into export_model.tensors (version, tensor, name, shape, first_number, numbers, sha256)
select '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', t.tensor, t.name, t.shape::integer[], t.first_number, t.numbers, t.sha256
from (values
  (0, 'dense_0/kernel', '{3,2}',
   0::bigint, 6::bigint, 'f44bcc45578cab46064c15ac303e165006588b29510573d998bbb2fda2a8f1b8'),
  (1, 'dense_0/bias', '{2}',
   6::bigint, 2::bigint, '9ff5465c195a6484b3dd85ca4c61752b4810fb0f1731422c02a0afdebb23b1e9'),
  (2, 'dense_1/kernel', '{2,1}',
   8::bigint, 2::bigint, 'e6b7284509595ebc860032ab1d1fd6f8d5f66a2835cd36cb059082a51e6a342c'),
  (3, 'dense_1/bias', '{1}',
   10::bigint, 1::bigint, '764b265c27bb1ed62986dca4f3291f43bd44a8a30dbeaccffc2164094f7f0c62')
) as t (tensor, name, shape, first_number, numbers, sha256)
where not exists (select from export_model.tensors where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58');

-- weights: chunk 1 of 1
insert into export_model.chunks (version, chunk, bytes, sha256, data)
select '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 0, 44, 'd4742a8fad99861d2c53a39a76df96b85d9f0228f3de6fe481d97980858dfe00',
  pg_catalog.decode('yk9MPoHf8j5KW0M+25tAvyjQBT8n84M+oe9bvaYGbj1D/YM+hPlUPpxEOjs=', 'base64')
where not exists (select from export_model.chunks
                  where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and chunk = 0);

-- sample 1 of 3
insert into export_model.samples (version, sample, is_output, port, name, numbers, texts)
select '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 0, s.is_output, s.port, s.name, s.numbers, s.texts
from (values
  (false, 0, 'dense_0_input', '{0,0,0}'::real[], null::text[]),
  (true, 0, 'dense_1', '{0.503732026}'::real[], null::text[])
) as s (is_output, port, name, numbers, texts)
where not exists (select from export_model.samples
                  where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and sample = 0);

-- sample 2 of 3
insert into export_model.samples (version, sample, is_output, port, name, numbers, texts)
select '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 1, s.is_output, s.port, s.name, s.numbers, s.texts
from (values
  (false, 0, 'dense_0_input', '{0.515035808,0.0278111827,1.81528795}'::real[], null::text[]),
  (true, 0, 'dense_1', '{0.602840662}'::real[], null::text[])
) as s (is_output, port, name, numbers, texts)
where not exists (select from export_model.samples
                  where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and sample = 1);

-- sample 3 of 3
insert into export_model.samples (version, sample, is_output, port, name, numbers, texts)
select '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58', 2, s.is_output, s.port, s.name, s.numbers, s.texts
from (values
  (false, 0, 'dense_0_input', '{-2.01131034,-0.987839937,1.91752529}'::real[], null::text[]),
  (true, 0, 'dense_1', '{0.541494668}'::real[], null::text[])
) as s (is_output, port, name, numbers, texts)
where not exists (select from export_model.samples
                  where version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and sample = 2);

-- what holds weights for functions
do $function$
begin
  if not exists (select from pg_foreign_data_wrapper where fdwname = 'export_model_f02b95ed0b00') then
    create foreign data wrapper "export_model_f02b95ed0b00";
    comment on foreign data wrapper "export_model_f02b95ed0b00" is 'export-model: weights of model fraud';
  end if;
end
$function$;

-- weights: where functions read them
do $function$
declare
  l_version constant text := '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58';
  l_servers constant text := 'export_model_9cf3a7b650ef718f50487b618286786d_';
  l_plan record;
  l_chunk record;
begin
  if exists (select from pg_foreign_server where srvname = l_servers || 'plan') then
    return;
  end if;
  for l_chunk in
    select chunk, data from export_model.chunks where version = l_version order by chunk
  loop
    execute format('create server %I foreign data wrapper "export_model_f02b95ed0b00"', l_servers || l_chunk.chunk);
    execute format('create user mapping for public server %I options (data %L)',
                   l_servers || l_chunk.chunk, encode(l_chunk.data, 'base64'));
  end loop;
  select v.plan, v.runtime, v.chunks into strict l_plan from export_model.versions v where v.version = l_version;
  execute format('create server %I foreign data wrapper "export_model_f02b95ed0b00"', l_servers || 'plan');
  execute format('create user mapping for public server %I options (runtime %L, chunks %L, plan %L)',
                 l_servers || 'plan', l_plan.runtime, l_plan.chunks, l_plan.plan);
end
$function$;

-- score: in Python
create or replace function "fraud"."run_score_9cf3a7b650ef"(p1 bytea)
returns real
language plpython3u volatile strict parallel restricted
as $function$
model = GD.get("export_model:" '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58')
if model is None:
    return None
try:
    return model.score(p1)
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
$function$;

-- score: in Python: rights
do $function$
begin
  if has_function_privilege('public', '"fraud"."run_score_9cf3a7b650ef"(bytea)', 'execute') then
    revoke all on function "fraud"."run_score_9cf3a7b650ef"(bytea) from public;
  end if;
end
$function$;

-- score: this version
create or replace function "fraud"."score_9cf3a7b650ef"(p1 bytea)
returns real
language plpgsql immutable strict parallel safe security definer
as $function$
declare
  l_result real;
begin
  l_result := "fraud"."run_score_9cf3a7b650ef"(p1);
  if l_result is null and not export_model.loaded('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58') then
    perform export_model.load('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58');
    l_result := "fraud"."run_score_9cf3a7b650ef"(p1);
  end if;
  return l_result;
end
$function$;

-- score: this version: rights
grant execute on function "fraud"."score_9cf3a7b650ef"(bytea) to public;

-- label: in Python
create or replace function "fraud"."run_label_9cf3a7b650ef"(p1 bytea)
returns pg_catalog.text
language plpython3u volatile strict parallel restricted
as $function$
model = GD.get("export_model:" '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58')
if model is None:
    return None
try:
    return model.label(p1)
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
$function$;

-- label: in Python: rights
do $function$
begin
  if has_function_privilege('public', '"fraud"."run_label_9cf3a7b650ef"(bytea)', 'execute') then
    revoke all on function "fraud"."run_label_9cf3a7b650ef"(bytea) from public;
  end if;
end
$function$;

-- label: this version
create or replace function "fraud"."label_9cf3a7b650ef"(p1 bytea)
returns pg_catalog.text
language plpgsql immutable strict parallel safe security definer
as $function$
declare
  l_result pg_catalog.text;
begin
  l_result := "fraud"."run_label_9cf3a7b650ef"(p1);
  if l_result is null and not export_model.loaded('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58') then
    perform export_model.load('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58');
    l_result := "fraud"."run_label_9cf3a7b650ef"(p1);
  end if;
  return l_result;
end
$function$;

-- label: this version: rights
grant execute on function "fraud"."label_9cf3a7b650ef"(bytea) to public;

-- batch: in Python
create or replace function "fraud"."run_batch_9cf3a7b650ef"(
  rows bytea, count integer, wanted text,
  out scores text, out labels text, out place integer, out problem text)
language plpython3u volatile strict parallel restricted
as $function$
model = GD.get("export_model:" '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58')
if model is None:
    return None, None, None, None
return model.answer(rows, count, wanted)
$function$;

-- batch: in Python: rights
do $function$
begin
  if has_function_privilege('public', '"fraud"."run_batch_9cf3a7b650ef"(bytea, integer, text)', 'execute') then
    revoke all on function "fraud"."run_batch_9cf3a7b650ef"(bytea, integer, text) from public;
  end if;
end
$function$;

-- batch: this version
create or replace function "fraud"."batch_9cf3a7b650ef"(
  p_rows bytea, p_count integer, p_wanted text,
  out scores text, out labels text, out place integer, out problem text)
language plpgsql immutable strict parallel safe security definer
as $function$
begin
  select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
    from "fraud"."run_batch_9cf3a7b650ef"(p_rows, p_count, p_wanted) r;
  if scores is null and labels is null and problem is null
      and not export_model.loaded('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58') then
    perform export_model.load('9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58');
    select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
      from "fraud"."run_batch_9cf3a7b650ef"(p_rows, p_count, p_wanted) r;
  end if;
end
$function$;

-- batch: this version: rights
grant execute on function "fraud"."batch_9cf3a7b650ef"(bytea, integer, text) to public;

-- verify: difference
create or replace function "fraud".difference(p_expected real[], p_actual real[])
returns double precision
language sql immutable
set search_path = pg_catalog, pg_temp
as $function$
select max(case when x.e = x.a then 0::double precision
                else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
from unnest(p_expected::double precision[], p_actual::double precision[]) as x(e, a)
$function$;

-- verify: difference_protect
revoke all on function "fraud".difference(real[], real[]) from public;

-- stacks: a row
do $function$
begin
  if to_regtype('"fraud"."stacked_row"') is null then
    create type "fraud".stacked_row as (key bigint, features real[]);
  end if;
end
$function$;

-- stacks: the aggregate
create or replace aggregate "fraud".stack_rows("fraud".stacked_row) (
  sfunc = pg_catalog.array_agg_transfn,
  stype = internal,
  finalfunc = pg_catalog.array_agg_finalfn,
  finalfunc_extra
);

-- remove outdated functions
do $function$
declare
  l_outdated record;
begin
  for l_outdated in
    select o.identity, (
      select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'fraud' and replace(o.identity, '"', '')
        = replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '')) as function
    from export_model.objects o
    where o.model = 'fraud' and o.kind = 'alias'
      and not exists (
        select from (values
          ('"fraud"."score"(real[])', '("dense_0_input" real[]) returns real'),
          ('"fraud"."score"(double precision, double precision, double precision)', '("a" double precision, "b" double precision, "c" double precision) returns real'),
          ('"fraud"."label"(real[])', '("dense_0_input" real[]) returns pg_catalog.text'),
          ('"fraud"."label"(double precision, double precision, double precision)', '("a" double precision, "b" double precision, "c" double precision) returns pg_catalog.text'),
          ('"fraud"."pack"(real[])', '("dense_0_input" real[]) returns bytea'),
          ('"fraud"."pack"(double precision, double precision, double precision)', '("a" double precision, "b" double precision, "c" double precision) returns bytea'),
          ('"fraud"."scorer"()', '() returns jsonb'),
          ('"fraud"."score_batch"(anyarray, bytea)', '(keys anyarray, rows bytea) returns table (key anyelement, "score" real)'),
          ('"fraud"."score_table"(text, text)', '(source text, key_column text) returns table (key text, "score" real)'),
          ('"fraud"."label_batch"(anyarray, bytea)', '(keys anyarray, rows bytea) returns table (key anyelement, "label" pg_catalog.text)'),
          ('"fraud"."label_table"(text, text)', '(source text, key_column text) returns table (key text, "label" pg_catalog.text)'),
          ('"fraud"."score_into"(text, text, text)', '(source text, key_column text, target text) returns nothing'),
          ('"fraud"."score_stack"("fraud"."stacked_row"[])', '(rows "fraud"."stacked_row"[]) returns table (key bigint, "score" real)'),
          ('"fraud"."label_stack"("fraud"."stacked_row"[])', '(rows "fraud"."stacked_row"[]) returns table (key bigint, "label" pg_catalog.text)'),
          ('"fraud"."verify"()', '() returns table with form')
        ) as n (identity, header) where n.identity = o.identity and n.header = o.header)
  loop
    if l_outdated.function is not null then
      execute 'drop routine ' || l_outdated.function;
    end if;
    delete from export_model.objects where model = 'fraud' and identity = l_outdated.identity;
  end loop;
end
$function$;

-- score(1 parameters)
create or replace function "fraud"."score"("dense_0_input" real[])
returns real
language sql stable parallel safe
as $function$
select "fraud"."score_9cf3a7b650ef"(export_model.array_bytes($1))
$function$;

-- score(3 parameters)
create or replace function "fraud"."score"("a" double precision, "b" double precision, "c" double precision)
returns real
language sql stable parallel safe
as $function$
select "fraud"."score_9cf3a7b650ef"(export_model.array_bytes(array[$1::double precision, $2::double precision, $3::double precision]))
$function$;

-- label(1 parameters)
create or replace function "fraud"."label"("dense_0_input" real[])
returns pg_catalog.text
language sql stable parallel safe
as $function$
select "fraud"."label_9cf3a7b650ef"(export_model.array_bytes($1))
$function$;

-- label(3 parameters)
create or replace function "fraud"."label"("a" double precision, "b" double precision, "c" double precision)
returns pg_catalog.text
language sql stable parallel safe
as $function$
select "fraud"."label_9cf3a7b650ef"(export_model.array_bytes(array[$1::double precision, $2::double precision, $3::double precision]))
$function$;

-- pack(1 parameters)
create or replace function "fraud".pack("dense_0_input" real[])
returns bytea
language sql stable parallel safe
as $function$
select coalesce(export_model.array_bytes($1), E'\\xffffffff'::pg_catalog.bytea)
$function$;

-- pack(3 parameters)
create or replace function "fraud".pack("a" double precision, "b" double precision, "c" double precision)
returns bytea
language sql stable parallel safe
as $function$
select coalesce(export_model.array_bytes(array[$1::double precision, $2::double precision, $3::double precision]), E'\\xffffffff'::pg_catalog.bytea)
$function$;

-- scorer(0 parameters)
create or replace function "fraud".scorer()
returns jsonb
language sql stable parallel safe
as $function$
select E'{"batch": "\\"fraud\\".\\"batch_9cf3a7b650ef\\"", "version": "9cf3a7b650ef", "score_type": "real", "inputs": [{"columns": ["a", "b", "c"], "is_array": false, "is_text": false}]}'::pg_catalog.jsonb
$function$;

-- score_batch(2 parameters)
create or replace function "fraud"."score_batch"(keys anyarray, rows bytea)
returns table (key anyelement, "score" real)
language plpgsql stable strict parallel safe
set array_nulls = on
as $function$
#variable_conflict use_column
declare
  l_result record;
begin
  if pg_catalog.array_ndims(keys) operator(pg_catalog.>) 1 then
    raise exception 'keys have % dimensions; give one key for each row', pg_catalog.array_ndims(keys)
      using errcode = 'array_subscript_error';
  end if;
  select r.scores, r.labels, r.place, r.problem into l_result
    from "fraud"."batch_9cf3a7b650ef"(rows, pg_catalog.cardinality(keys), 'score') r;
  if l_result.problem is not null then
    raise exception 'key %: %', 
      coalesce(keys[pg_catalog.array_lower(keys, 1) operator(pg_catalog.+) l_result.place]::pg_catalog.text, 'NULL'), l_result.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select pg_catalog.unnest(keys), pg_catalog.unnest(l_result.scores::real[])::real;
end
$function$;

-- score_table(2 parameters)
create or replace function "fraud"."score_table"(source text, key_column text)
returns table (key text, "score" real)
language sql stable
as $function$
select s.key, s.result
from export_model.score_source("fraud".scorer(), 'score', $1, $2, null::real) s
$function$;

-- label_batch(2 parameters)
create or replace function "fraud"."label_batch"(keys anyarray, rows bytea)
returns table (key anyelement, "label" pg_catalog.text)
language plpgsql stable strict parallel safe
set array_nulls = on
as $function$
#variable_conflict use_column
declare
  l_result record;
begin
  if pg_catalog.array_ndims(keys) operator(pg_catalog.>) 1 then
    raise exception 'keys have % dimensions; give one key for each row', pg_catalog.array_ndims(keys)
      using errcode = 'array_subscript_error';
  end if;
  select r.scores, r.labels, r.place, r.problem into l_result
    from "fraud"."batch_9cf3a7b650ef"(rows, pg_catalog.cardinality(keys), 'label') r;
  if l_result.problem is not null then
    raise exception 'key %: %', 
      coalesce(keys[pg_catalog.array_lower(keys, 1) operator(pg_catalog.+) l_result.place]::pg_catalog.text, 'NULL'), l_result.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select pg_catalog.unnest(keys), pg_catalog.unnest(l_result.labels::pg_catalog.text[])::pg_catalog.text;
end
$function$;

-- label_table(2 parameters)
create or replace function "fraud"."label_table"(source text, key_column text)
returns table (key text, "label" pg_catalog.text)
language sql stable
as $function$
select s.key, s.result
from export_model.score_source("fraud".scorer(), 'label', $1, $2, null::pg_catalog.text) s
$function$;

-- score_into(3 parameters)
create or replace procedure "fraud".score_into(source text, key_column text, target text)
language plpgsql
as $function$
begin
  call export_model.score_into("fraud".scorer(), source, key_column, target);
end
$function$;

-- score_stack(1 parameters)
create or replace function "fraud"."score_stack"(rows "fraud".stacked_row[])
returns table (key bigint, "score" real)
language plpgsql stable strict parallel safe
as $function$
begin
  return query
    select ("fraud"."score_batch"(pg_catalog.array_agg(u.key),
      pg_catalog.string_agg("fraud".pack(u.features), ''::pg_catalog.bytea))).*
    from pg_catalog.unnest(rows) as u;
end
$function$;

-- label_stack(1 parameters)
create or replace function "fraud"."label_stack"(rows "fraud".stacked_row[])
returns table (key bigint, "label" pg_catalog.text)
language plpgsql stable strict parallel safe
as $function$
begin
  return query
    select ("fraud"."label_batch"(pg_catalog.array_agg(u.key),
      pg_catalog.string_agg("fraud".pack(u.features), ''::pg_catalog.bytea))).*
    from pg_catalog.unnest(rows) as u;
end
$function$;

-- verify(0 parameters)
create or replace function "fraud".verify()
returns table (segment integer, sample integer, output text, expected real[], actual real[],
               difference double precision, tolerance double precision, ok boolean)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
  l_samples integer[];
  l_sample integer;
  l_input_0 bytea;
  l_given_0 real[];
  l_keys integer[] := '{}';
  l_packed bytea[] := '{}';
  l_rows bytea;
  l_result real;
begin
  return query
  with scored as (
    select gp_execution_segment() as segment, i_0.sample,
      "fraud"."score_9cf3a7b650ef"(i_0.message) as result
    from gp_dist_random('gp_id') g
    join (select i.sample, export_model.array_bytes(i.numbers) as message from export_model.samples i
          where i.version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and not i.is_output and i.port = 0) i_0
      on true
  ), compared as (
    select scored.segment, e.sample, e.port, e.name, coalesce(e.numbers::real[], e.texts::real[]) as wanted, case e.port
        when 0 then array[scored.result]::real[]
      end as got
    from scored join export_model.samples e
      on e.version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and e.is_output and e.sample = scored.sample
  )
  select c.segment, c.sample, c.name, c.wanted, c.got, "fraud".difference(c.wanted, c.got),
    1e-05::double precision,
    coalesce("fraud".difference(c.wanted, c.got) <= 1e-05::double precision, false)
  from compared c order by c.segment, c.sample, c.port;

  select array_agg(distinct x.sample) into l_samples from export_model.samples x
    where x.version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58';
  foreach l_sample in array l_samples loop
    select export_model.array_bytes(i.numbers), i.numbers into strict l_input_0, l_given_0
      from export_model.samples i
      where i.version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and i.sample = l_sample and not i.is_output
        and i.port = 0;
    l_result := "fraud"."score_9cf3a7b650ef"(l_input_0);
    return query
    with compared as (
      select e.port, e.name, coalesce(e.numbers::real[], e.texts::real[]) as wanted, case e.port
          when 0 then array[scored.result]::real[]
        end as got
      from export_model.samples e, (select l_result as result) scored
      where e.version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and e.is_output and e.sample = l_sample
    )
    select -1, l_sample, c.name, c.wanted, c.got, "fraud".difference(c.wanted, c.got),
      1e-05::double precision,
      coalesce("fraud".difference(c.wanted, c.got) <= 1e-05::double precision, false)
    from compared c order by c.port;
    l_keys := l_keys || l_sample;
    l_packed := l_packed || "fraud".pack(l_given_0);
  end loop;

  l_rows := (select string_agg(p, ''::bytea) from unnest(l_packed) p);
  return query
  with scored as (
    select b.key as sample, b.score as result, -1 as segment
    from "fraud".score_batch(l_keys, l_rows) b
    union all
    select (s.b).key, (s.b).score, s.segment
    from (select "fraud".score_batch(l_keys, l_rows) as b, gp_execution_segment() as segment from gp_dist_random('gp_id')) s
  ), compared as (
    select c.content::integer as segment, e.sample, e.port, e.name, coalesce(e.numbers::real[], e.texts::real[]) as wanted, case e.port
        when 0 then array[scored.result]::real[]
      end as got
    from gp_segment_configuration c cross join export_model.samples e
    left join scored on scored.sample = e.sample and scored.segment = c.content
    where c.role = 'p' and e.version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58' and e.is_output
  )
  select c.segment, c.sample, c.name, c.wanted, c.got, "fraud".difference(c.wanted, c.got),
    1e-05::double precision,
    coalesce("fraud".difference(c.wanted, c.got) <= 1e-05::double precision, false)
  from compared c order by c.segment, c.sample, c.port;
end
$function$;

-- remember what was made
insert into export_model.objects (model, kind, identity, header)
select 'fraud', o.kind, o.identity, o.header
from (values
  ('wrapper', '"export_model_f02b95ed0b00"', ''),
  ('function', '"fraud"."run_score_9cf3a7b650ef"(bytea)', 'real'),
  ('function', '"fraud"."score_9cf3a7b650ef"(bytea)', 'real'),
  ('function', '"fraud"."run_label_9cf3a7b650ef"(bytea)', 'pg_catalog.text'),
  ('function', '"fraud"."label_9cf3a7b650ef"(bytea)', 'pg_catalog.text'),
  ('function', '"fraud"."run_batch_9cf3a7b650ef"(bytea, integer, text)', 'record'),
  ('function', '"fraud"."batch_9cf3a7b650ef"(bytea, integer, text)', 'record'),
  ('function', '"fraud"."difference"(real[], real[])', 'double precision'),
  ('type', '"fraud"."stacked_row"', ''),
  ('function', '"fraud"."stack_rows"("fraud"."stacked_row")', 'aggregate'),
  ('alias', '"fraud"."score"(real[])', '("dense_0_input" real[]) returns real'),
  ('alias', '"fraud"."score"(double precision, double precision, double precision)', '("a" double precision, "b" double precision, "c" double precision) returns real'),
  ('alias', '"fraud"."label"(real[])', '("dense_0_input" real[]) returns pg_catalog.text'),
  ('alias', '"fraud"."label"(double precision, double precision, double precision)', '("a" double precision, "b" double precision, "c" double precision) returns pg_catalog.text'),
  ('alias', '"fraud"."pack"(real[])', '("dense_0_input" real[]) returns bytea'),
  ('alias', '"fraud"."pack"(double precision, double precision, double precision)', '("a" double precision, "b" double precision, "c" double precision) returns bytea'),
  ('alias', '"fraud"."scorer"()', '() returns jsonb'),
  ('alias', '"fraud"."score_batch"(anyarray, bytea)', '(keys anyarray, rows bytea) returns table (key anyelement, "score" real)'),
  ('alias', '"fraud"."score_table"(text, text)', '(source text, key_column text) returns table (key text, "score" real)'),
  ('alias', '"fraud"."label_batch"(anyarray, bytea)', '(keys anyarray, rows bytea) returns table (key anyelement, "label" pg_catalog.text)'),
  ('alias', '"fraud"."label_table"(text, text)', '(source text, key_column text) returns table (key text, "label" pg_catalog.text)'),
  ('alias', '"fraud"."score_into"(text, text, text)', '(source text, key_column text, target text) returns nothing'),
  ('alias', '"fraud"."score_stack"("fraud"."stacked_row"[])', '(rows "fraud"."stacked_row"[]) returns table (key bigint, "score" real)'),
  ('alias', '"fraud"."label_stack"("fraud"."stacked_row"[])', '(rows "fraud"."stacked_row"[]) returns table (key bigint, "label" pg_catalog.text)'),
  ('alias', '"fraud"."verify"()', '() returns table with form')
) as o (kind, identity, header)
where not exists (select from export_model.objects x
                  where x.model = 'fraud' and x.identity = o.identity);

-- switch to this version
update export_model.models set current_version = '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58'
where name = 'fraud' and current_version <> '9cf3a7b650ef718f50487b618286786d84f1170d881d2ad0d62381814e88ee58';

-- sign what was made
do $function$
declare
  l_made record;
begin
  for l_made in
    select f.id::regprocedure as function, obj_description(f.id, 'pg_proc') as there,
      format('export-model %s %s %s %s', '312e76c6a913', w.digest, f.state,
        case f.schema when 'export_model' then '' else f.schema end) as sign
    from (values
      ('export_model."runtime_834039b3c8bc"(text, text, bytea)', 'bedaa9734bff'),
      ('export_model.loaded(text)', '1b3c6d718d58'),
      ('export_model.cache_limit()', 'e9f80c05a92f'),
      ('export_model.evict(bigint, bigint, double precision, text[])', 'c4064c788aba'),
      ('export_model.collect(bytea, bigint, bigint)', '9b5769a22513'),
      ('export_model.load(text)', '598d31914c44'),
      ('export_model.drop_model(text, boolean)', '37be30af2739'),
      ('export_model.check_place()', 'fe7f076e24a1'),
      ('export_model.full_name(regclass)', '3a854f10a0ec'),
      ('export_model.type_name(regtype)', 'f79015488a30'),
      ('export_model.list_columns(text, jsonb)', '2df1bbd8b3ce'),
      ('export_model.ask_types(text, text[])', 'f2c12c989817'),
      ('export_model.pack_item(text[], regtype[], boolean, boolean)', 'ce41b6c2ada4'),
      ('export_model.column_letter(regtype, text)', 'abc45f1fcaaa'),
      ('export_model.column_letters(text[], regtype[], text[])', '136035f4784c'),
      ('export_model.pack_arguments(text[], regtype[], jsonb)', '58f16f956a70'),
      ('export_model.pack_columns(text[], regtype[], text[])', '3860cec4f908'),
      ('export_model.pack_row(jsonb, regtype[])', '8b231b7628c4'),
      ('export_model.count_blocks(regclass)', '0b014ba51218'),
      ('export_model.held_type(regtype)', 'eecf410db1ea'),
      ('export_model.query_item(text)', 'e43b59dd2ca2'),
      ('export_model.check_settings(text, text)', '7cfaf4dc2341'),
      ('export_model.source(text, text, jsonb)', 'b4b4ccfb8d1d'),
      ('export_model.score_rows(text, text, anyarray, bytea)', '4674da2626a9'),
      ('export_model.score_source(jsonb, text, text, text, anyelement)', '424df5160d02'),
      ('export_model.target_query(text, text, text)', 'f18c5fe858d6'),
      ('export_model.list_types(name[], oid[])', 'b87d34285ae6'),
      ('export_model.check_target(regclass, text, text)', '2647ccff8c7d'),
      ('export_model.check_name(text)', '61e6a3c2bbfd'),
      ('export_model.prepare_target(text, text, text)', '6971216dc514'),
      ('export_model.has_key(regclass, text)', '92ef74d1d208'),
      ('export_model.check_key(text, text, text)', 'be674c896891'),
      ('export_model.check_key_type(text, text)', '64a460da077f'),
      ('export_model.lock_target(regclass)', '443526b9d19c'),
      ('export_model.equality(regclass)', 'dcc0b8c3ea07'),
      ('export_model.describe_job(text, regclass, jsonb)', '19c51e51b527'),
      ('export_model.open_scoring(jsonb, text, text, text)', '570edcf1a22f'),
      ('export_model.is_atomic(text)', '14d1b799de90'),
      ('export_model.check_transaction()', '512da63e36dd'),
      ('export_model.score_into(jsonb, text, text, text)', '0980087fca5e'),
      ('export_model.score_group(text, text, anyarray, bytea)', 'df8331be29c4'),
      ('export_model.answer_group(text, text, anyarray, bytea)', 'a8f84a4c617c'),
      ('export_model.is_spread(text)', '8652e640c039'),
      ('export_model.drop_own()', '79879241ee0d'),
      ('export_model.probe_own()', '362840d4f473'),
      ('export_model.own_query(text, text, jsonb, text, text)', '2a80cff3de4f'),
      ('export_model.group_query(text, text, jsonb, text, integer, integer, text)', '1753cd9a3ca3'),
      ('export_model.score_part(jsonb, integer, integer)', 'ba91581bb52c'),
      ('export_model.count_parts(jsonb)', '9880ce2951be'),
      ('export_model.array_bytes(anyarray)', '59363b92609f'),
      ('export_model.record_bytes(record)', '4c6976f24e06'),
      ('export_model.forget()', 'd7810aff67c3'),
      ('"fraud"."run_score_9cf3a7b650ef"(bytea)', 'c4bdb5a7b897'),
      ('"fraud"."score_9cf3a7b650ef"(bytea)', 'e91b5b6898f9'),
      ('"fraud"."run_label_9cf3a7b650ef"(bytea)', 'a18dd07ee0ed'),
      ('"fraud"."label_9cf3a7b650ef"(bytea)', 'e2b0d086c5a7'),
      ('"fraud"."run_batch_9cf3a7b650ef"(bytea, integer, text)', '0698c787e22a'),
      ('"fraud"."batch_9cf3a7b650ef"(bytea, integer, text)', '933dbd71d429'),
      ('"fraud"."difference"(real[], real[])', '7aefcee8d0f2'),
      ('"fraud"."stack_rows"("fraud"."stacked_row")', 'ca4ee492c7f6'),
      ('"fraud"."score"(real[])', 'fe2730d420db'),
      ('"fraud"."score"(double precision, double precision, double precision)', '1cb0783f876c'),
      ('"fraud"."label"(real[])', 'a98e1932c92a'),
      ('"fraud"."label"(double precision, double precision, double precision)', '611b160e4b81'),
      ('"fraud"."pack"(real[])', 'e179c3c3271a'),
      ('"fraud"."pack"(double precision, double precision, double precision)', '5b1b06c02836'),
      ('"fraud"."scorer"()', 'f6684d278bdc'),
      ('"fraud"."score_batch"(anyarray, bytea)', '7bb64777ddaa'),
      ('"fraud"."score_table"(text, text)', '60991cf0b4f4'),
      ('"fraud"."label_batch"(anyarray, bytea)', 'de290766fb09'),
      ('"fraud"."label_table"(text, text)', 'd6f50bc92d4f'),
      ('"fraud"."score_into"(text, text, text)', '428711ebc5f8'),
      ('"fraud"."score_stack"("fraud"."stacked_row"[])', 'd89cc60e1707'),
      ('"fraud"."label_stack"("fraud"."stacked_row"[])', 'b68defa3c895'),
      ('"fraud"."verify"()', '3fde0edf02b8')
    ) as w (identity, digest)
    join (
select p.oid as id, n.nspname as schema,
  replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '') as function,
  split_part(d.description, ' ', 2) as program, split_part(d.description, ' ', 3) as statement,
  split_part(d.description, ' ', 4) as signed,
  substr(md5(concat_ws('|', p.prosrc, l.lanname, p.provolatile, p.prosecdef, p.proisstrict, row_to_json(p) ->> 'proparallel', p.proconfig,
    pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
    case when n.nspname = 'export_model' or p.proname ~ '_[0-9a-f]{12}$' then has_function_privilege('public', p.oid, 'execute') end)),
    1, 12) as state
from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass and d.description like 'export-model %'
where n.nspname = any (array['export_model', 'fraud']::pg_catalog.text[])
    ) f on f.function = replace(w.identity, '"', '')
  loop
    if l_made.there is distinct from l_made.sign then
      execute 'comment on routine ' || l_made.function || format(' is %L', l_made.sign);
    end if;
  end loop;
end
$function$;

-- check that nothing belongs to others
do $function$
declare
  l_findings text;
begin
  select string_agg(format(E'%s\n    mend it: %s;', f.finding, f.mend), E'\n' order by f.finding) into l_findings from (
with trusted as (
  select r.oid from pg_roles r where r.rolsuper or r.rolname = case when (select s.rolsuper from pg_roles s where s.rolname = session_user) then session_user else current_user end

), places as (
  select n.oid, n.nspname, n.nspowner, n.nspacl from pg_namespace n where n.nspname = any (array['export_model', 'fraud']::pg_catalog.text[])
), tables as (
  select c.oid, c.relkind, c.relacl from pg_class c join places n on n.oid = c.relnamespace
  where n.nspname = 'export_model' and c.relname in ('models', 'versions', 'tensors', 'chunks', 'samples', 'objects')
), owned (class, id, owner) as (
  select 'pg_namespace'::regclass, n.oid, n.nspowner from places n
  union all
  select 'pg_class'::regclass, c.oid, c.relowner from pg_class c join places n on n.oid = c.relnamespace
    where n.nspname = 'export_model' and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all
  select 'pg_proc'::regclass, p.oid, p.proowner from pg_proc p join places n on n.oid = p.pronamespace
  union all
  select 'pg_type'::regclass, t.oid, t.typowner from pg_type t join places n on n.oid = t.typnamespace
    left join pg_class c on c.oid = t.typrelid
    where t.typelem = 0 and coalesce(c.relkind = 'c', true)
  union all
  select 'pg_foreign_data_wrapper'::regclass, w.oid, w.fdwowner from pg_foreign_data_wrapper w
    where w.fdwname like 'export\_model\_%'
  union all
  select 'pg_foreign_server'::regclass, s.oid, s.srvowner from pg_foreign_server s where s.srvname like 'export\_model\_%'
), hanging (class, id) as (
  select d.classid::regclass, d.objid from pg_depend d join tables t on t.oid = d.refobjid
    where d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') and d.classid <> 'pg_type'::regclass
), granted (what, privilege, grantee) as (
  select format('schema %I', n.nspname), a.privilege_type, a.grantee from places n, aclexplode(n.nspacl) a
    where a.privilege_type = 'CREATE'
  union all
  select format('table %s', t.oid::regclass), a.privilege_type, a.grantee from tables t, aclexplode(t.relacl) a
    where a.privilege_type <> 'SELECT'
  union all
  select format('table %s', t.oid::regclass), a.privilege_type, a.grantee
    from tables t join pg_attribute c on c.attrelid = t.oid, aclexplode(c.attacl) a where a.privilege_type <> 'SELECT'
), found (what, problem, mend) as (
  select i.type || ' ' || i.identity, 'belongs to role ' || quote_ident(r.rolname),
      case when i.type in ('schema', 'table') then format('alter %s %s owner to %I', i.type, i.identity, case when (select s.rolsuper from pg_roles s where s.rolname = session_user) then session_user else current_user end)
        else format('drop %s %s', case o.class when 'pg_type'::regclass then 'type'
          when 'pg_foreign_data_wrapper'::regclass then 'foreign data wrapper' else i.type end, i.identity) end
    from owned o join pg_roles r on r.oid = o.owner, pg_identify_object(o.class, o.id, 0) i
    where o.owner not in (select oid from trusted)
  union all
  select format('event trigger %I', e.evtname), format('runs function %s of role %I', p.oid::regprocedure, r.rolname),
      format('alter event trigger %I disable', e.evtname)
    from pg_event_trigger e join pg_proc p on p.oid = e.evtfoid join pg_roles r on r.oid = p.proowner
    where e.evtenabled <> 'D' and p.proowner not in (select oid from trusted)
  union all
  select i.type || ' ' || i.identity, 'runs with the rights of who writes to the registry', format('drop %s %s', i.type, i.identity)
    from hanging h, pg_identify_object(h.class, h.id, 0) i
    where h.class::text in ('pg_trigger', 'pg_rewrite', 'pg_policy', 'pg_statistic_ext')
  union all
  select u.type || ' ' || u.identity, 'needs ' || f.type || ' ' || f.identity, 'drop schema export_model cascade'
    from (select h.class, h.id from hanging h where h.class::text in ('pg_class', 'pg_attrdef', 'pg_constraint')
          union select 'pg_class'::regclass, t.oid from tables t) h
    join pg_depend d on d.classid = h.class and d.objid = h.id
      and d.refclassid::regclass::text in ('pg_proc', 'pg_type', 'pg_operator', 'pg_opclass'),
    pg_identify_object(h.class, h.id, 0) u, pg_identify_object(d.refclassid, d.refobjid, 0) f
  union all
  select format('constraint %I on %s', k.conname, k.conrelid::regclass), 'ties the registry to other tables',
      format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname)
    from pg_constraint k where k.contype in ('f', 'x')
      and (k.conrelid in (select oid from tables) or k.confrelid in (select oid from tables))
  union all
  select 'table ' || h.inhrelid::regclass, 'inherits from ' || h.inhparent::regclass, format('drop table %s', h.inhrelid::regclass)
    from pg_inherits h where h.inhrelid in (select oid from tables) or h.inhparent in (select oid from tables)
  union all
  select t.oid::regclass::text, 'is no table', 'drop schema export_model cascade' from tables t where t.relkind <> 'r'
  union all
  select g.what, format('%s is granted to %s', g.privilege, coalesce(quote_ident(r.rolname), 'public')),
      format('revoke %s on %s from %s', g.privilege, g.what, coalesce(quote_ident(r.rolname), 'public'))
    from granted g left join pg_roles r on r.oid = g.grantee
    where g.grantee not in (select oid from trusted)
)
select distinct f.what || ' ' || f.problem as finding, f.mend from found f order by 1
  ) f;
  if l_findings is not null then
    raise exception 'the registry or the model is in the hands of others than role "%" and superusers',
        case when (select s.rolsuper from pg_roles s where s.rolname = session_user) then session_user else current_user end
      using errcode = 'insufficient_privilege', detail = l_findings,
        hint = 'It is neither run nor reused. Look at each; what export-model made, the next deployment makes again.';
  end if;
end
$function$;

-- prove it: score the samples
do $function$
declare
  l_row record;
  l_worst record;
  l_difference double precision := -1;
  l_seen integer[] := '{}';
  l_missing text;
begin
  for l_row in select v.* from "fraud".verify() v loop
    if l_row.actual is not null then
      l_seen := l_seen || l_row.segment;
    end if;
    if not l_row.ok and coalesce(l_row.difference, 'Infinity') > l_difference then
      l_worst := l_row;
      l_difference := coalesce(l_row.difference, 'Infinity');
    end if;
  end loop;
  select string_agg(c.content::text, ', ' order by c.content) into l_missing
    from gp_segment_configuration c where c.role = 'p' and c.content <> all (l_seen);
  if l_missing is not null then
    raise exception 'no sample of model "%" could be scored on segment %', 'fraud', l_missing;
  end if;
  if l_difference >= 0 then
    raise exception 'sample %, output "%": % scores %, expected %', l_worst.sample, l_worst.output,
        case when l_worst.segment < 0 then 'the coordinator' else 'segment ' || l_worst.segment end,
        l_worst.actual, l_worst.expected
      using errcode = 'data_exception',
        detail = format('They differ by %s, the tolerance is %s.', l_worst.difference, l_worst.tolerance),
        hint = 'Nothing was deployed. Please report this with the model file.';
  end if;
end
$function$;

-- prove it: segments read their own rows
do $function$
begin
  perform export_model.probe_own();
end
$function$;

commit;
