{# Bring a registry of an earlier format to this one, in the deployment's own transaction. Format 1 knew Keras alone, and one
   engine; a row of it says all that a manifest does but the names of layers. Functions of models are not touched.
   Who scores has a lock on the versions until his transaction ends, if he loaded a model in it; we wait for him, but not for long,
   because others would wait behind us.
   variables: registry_format, the comment of a registry of this format; database and engine, what models in it are for #}
do {% set source %}

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
    update export_model.versions v set database = {{ database | literal }}, engine = {{ engine | literal }}, format = 'keras',
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
  execute format('comment on schema export_model is %L', {{ registry_format | literal }});
end
{% endset %}{{ source | body }}
