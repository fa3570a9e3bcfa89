{# Bring a registry of an earlier format to this one, in the deployment's own transaction. Format 1 knew Keras alone, and one
   engine; a row of it says all that a manifest does but the names of layers. Format 2 knew one version of a model at a time: its versions are
   numbered as they were deployed, and a model belongs to whom its schema does. Functions of models are not touched.
   Who scores has a lock on the versions until his transaction ends, if he loaded a model in it; we wait for him, but not for long,
   because others would wait behind us. Tables that were missing have this format already, which their columns tell. The journal begins with what is
   known: versions in the order of their first deployments, and the champion last.
   variables: registry_format, the comment of a registry of this format; database and engine, what models in it are for; moved, why such
   entries of the journal are there #}
do {% set source %}

declare
  l_timeout constant text := current_setting('lock_timeout');
begin
  if (select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'export_model') = {{ registry_format | literal }} then
    return;
  end if;
  begin
    perform set_config('lock_timeout', '15s', true);
    lock table export_model.versions, export_model.models in access exclusive mode;
  exception when lock_not_available then
    raise exception 'the registry cannot be brought to the format of this export-model: sessions are using it'
      using errcode = 'lock_not_available', hint = 'Deploy again when their transactions have ended; nothing was changed.';
  end;
  perform set_config('lock_timeout', l_timeout, true), set_config('extra_float_digits', '3', true);
  if exists (select from pg_attribute where attrelid = 'export_model.versions'::regclass and attname = 'keras_version') then
    alter table export_model.versions rename column keras_version to format_version;
    alter table export_model.versions add column database text, add column engine text, add column format text,
      add column manifest text;
    update export_model.versions v set database = {{ database | literal }}, engine = {{ engine | literal }}, format = 'keras',
      manifest = json_build_object('manifest', 1, 'version', v.version, 'weight_bytes', v.weight_bytes,
        'source', json_build_object('format', 'keras', 'format_version', v.format_version, 'file_name', v.source_file,
          'sha256', v.source_sha256),
        'graph_digest', v.graph_digest, 'parameters', v.parameters, 'layers', null, 'expected_by', v.expected_by,
        'tolerance', v.tolerance, 'exporter', v.exporter_version);
    alter table export_model.versions alter column database set not null, alter column engine set not null,
      alter column format set not null, alter column manifest set not null;
  end if;
  if not exists (select from pg_attribute where attrelid = 'export_model.versions'::regclass and attname = 'number') then
    alter table export_model.versions add column number integer, add column metrics jsonb, add column source_uri text,
      add column because text;
    update export_model.versions v set number = o.number
      from (select x.version, row_number() over (partition by x.model order by x.deployed_at, x.version) as number
            from export_model.versions x) o
      where o.version = v.version;
    alter table export_model.versions alter column number set not null, add unique (model, number);
    insert into export_model.journal (model, at, by, action, from_version, to_version, from_number, to_number, because)
      select v.model, v.deployed_at, v.deployed_by, 'deploy', lag(v.version) over w, v.version, lag(v.number) over w, v.number, {{ moved | literal }}
      from export_model.versions v window w as (partition by v.model order by v.number) order by v.model, v.number;
    insert into export_model.journal (model, action, from_version, to_version, from_number, to_number, because)
      select v.model, 'deploy', v.version, c.version, v.number, c.number, {{ moved | literal }}
      from export_model.versions v join export_model.models m on m.name = v.model
        join export_model.versions c on c.version = m.current_version and c.model = v.model
      where v.version <> c.version and not exists (select from export_model.versions x where x.model = v.model and x.number > v.number)
      order by v.model;
  end if;
  if not exists (select from pg_attribute where attrelid = 'export_model.models'::regclass and attname = 'owner') then
    alter table export_model.models add column owner text not null default current_user, add column last_number integer not null default 0;
    update export_model.models m set owner = pg_get_userbyid(n.nspowner) from pg_namespace n where n.nspname = m.name;
    update export_model.models m set last_number = v.last
      from (select x.model, max(x.number) as last from export_model.versions x group by x.model) v where v.model = m.name;
  end if;
  if exists (select from pg_attribute where attrelid = to_regclass('export_model.overview') and attname = 'keras_version') then
    alter table export_model.overview rename column keras_version to format_version;
  end if;
  execute format('comment on schema export_model is %L', {{ registry_format | literal }});
end
{% endset %}{{ source | body }}
