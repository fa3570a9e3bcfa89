{# What the row of a version that is there already says of the file, and of who computed its samples: it tells of those of this
   deployment, which put them back.
   variables: version, graph_digest, source_file, source_sha256, format, format_version, expected_by, tolerance, exporter_version,
   manifest #}
update export_model.versions set graph_digest = {{ graph_digest | literal }}, source_file = {{ source_file | literal }},
  source_sha256 = {{ source_sha256 | literal }}, format = {{ format | literal }}, format_version = {{ format_version | literal }},
  expected_by = {{ expected_by | literal }}, tolerance = {{ tolerance | number }}, exporter_version = {{ exporter_version | literal }},
  manifest = {{ manifest | literal }}
where version = {{ version | literal }} and manifest <> {{ manifest | literal }}
