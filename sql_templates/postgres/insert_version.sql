{# The version's row; a version that is there already stays as it is.
   variables: version, model, graph_digest, source_file, source_sha256, keras_version, parameters,
   inputs, outputs, features, labels, threshold, plan, runtime, weight_bytes, chunks, expected_by,
   tolerance, exporter_version #}
insert into export_model.versions (
  version, model, graph_digest, source_file, source_sha256, keras_version, parameters, inputs,
  outputs, features, labels, threshold, plan, runtime, weight_bytes, chunks, expected_by, tolerance,
  exporter_version)
select {{ version | literal }}, {{ model | literal }}, {{ graph_digest | literal }},
  {{ source_file | literal }}, {{ source_sha256 | literal }}, {{ keras_version | literal }},
  {{ parameters | number }}, {{ inputs | literal }}, {{ outputs | literal }},
  {{ features | texts }}, {{ labels | texts }},
  {% if threshold is none %}null{% else %}{{ threshold | number }}{% endif %},
  {{ plan | literal }}, {{ runtime | literal }}, {{ weight_bytes | number }}, {{ chunks | number }},
  {{ expected_by | literal }}, {{ tolerance | number }}, {{ exporter_version | literal }}
where not exists (select from export_model.versions where version = {{ version | literal }})
