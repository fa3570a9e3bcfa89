{# The version's row; a version that is there already stays as it is.
   variables: version, model, database, engine, graph_digest, source_file, source_sha256, format, format_version, parameters,
   inputs, outputs, features, labels, threshold, plan, manifest, runtime, weight_bytes, chunks, expected_by,
   tolerance, exporter_version,
   source_uri; has_policies, whether somebody's row may be there that this role does not see: check_version tells #}
insert into export_model.versions (
  version, model, database, engine, graph_digest, source_file, source_sha256, format, format_version, parameters, inputs,
  outputs, features, labels, threshold, plan, manifest, runtime, weight_bytes, chunks, expected_by, tolerance,
  exporter_version, source_uri, number)
select {{ version | literal }}, {{ model | literal }}, {{ database | literal }}, {{ engine | literal }}, {{ graph_digest | literal }},
  {{ source_file | literal }}, {{ source_sha256 | literal }}, {{ format | literal }}, {{ format_version | literal }},
  {{ parameters | number }}, {{ inputs | literal }}, {{ outputs | literal }},
  {{ features | texts }}, {{ labels | texts }},
  {% if threshold is none %}null{% else %}{{ threshold | number }}{% endif %},
  {{ plan | literal }}, {{ manifest | literal }}, {{ runtime | literal }}, {{ weight_bytes | number }}, {{ chunks | number }},
  {{ expected_by | literal }}, {{ tolerance | number }}, {{ exporter_version | literal }},
  {% if source_uri is none %}null{% else %}{{ source_uri | literal }}{% endif %},
  (select m.last_number + 1 from export_model.models m where m.name = {{ model | literal }})
where not exists (select from export_model.versions where version = {{ version | literal }})
{% if has_policies %}
on conflict (version) do nothing
{% endif %}
