{# The row of a version that is there already becomes what it is made as: another file may hold the same version, and somebody may
   have altered it. Its plan is what it was: where not, the row was removed before. Samples and weights follow.
   variables: version, model, database, engine, graph_digest, source_file, source_sha256, format, format_version, parameters,
   inputs, outputs, features, labels, threshold, manifest, weight_bytes, chunks, expected_by, tolerance, exporter_version,
   source_uri #}
update export_model.versions set model = {{ model | literal }}, database = {{ database | literal }}, engine = {{ engine | literal }},
  graph_digest = {{ graph_digest | literal }}, source_file = {{ source_file | literal }},
  source_sha256 = {{ source_sha256 | literal }}, format = {{ format | literal }}, format_version = {{ format_version | literal }},
  parameters = {{ parameters | number }}, inputs = {{ inputs | literal }}, outputs = {{ outputs | literal }},
  features = {{ features | texts }}, labels = {{ labels | texts }},
  threshold = {% if threshold is none %}null{% else %}{{ threshold | number }}{% endif %},
  manifest = {{ manifest | literal }}, weight_bytes = {{ weight_bytes | number }},
  chunks = {{ chunks | number }}, expected_by = {{ expected_by | literal }}, tolerance = {{ tolerance | number }},
  source_uri = {% if source_uri is none %}null{% else %}{{ source_uri | literal }}{% endif %},
  exporter_version = {{ exporter_version | literal }}
where version = {{ version | literal }}
