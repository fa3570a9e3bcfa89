{# The version's row, where it is absent.
   variables: version, model; package and runtime, as the dictionary spells them; and the columns of
   the table: graph_digest, source_file, source_sha256, format_version, parameters, inputs, outputs,
   numbers, parts, expected_by, tolerance, exporter_version, database, engine, format, source_uri; plan and manifest, JSON in pieces #}
declare
  l_found pls_integer;
  l_plan clob;
  l_manifest clob;
begin
  select count(*) into l_found from export_model_versions where version = {{ version | literal }};
  if l_found = 0 then
{% for piece in plan %}
    l_plan := l_plan || ({{ piece | literal }});
{% endfor %}
{% for piece in manifest %}
    l_manifest := l_manifest || ({{ piece | literal }});
{% endfor %}
    insert into export_model_versions (version, model, package_name, runtime_name, state,
      graph_digest, source_file, source_sha256, format_version, parameters, inputs, outputs,
      plan, numbers, parts, expected_by, tolerance, exporter_version, database, engine, format, manifest, source_uri)
    values ({{ version | literal }}, {{ model | literal }}, {{ package | literal }},
      {{ runtime | literal }}, 'staged', {{ graph_digest | literal }}, {{ source_file | literal }},
      {{ source_sha256 | literal }}, {{ format_version | literal }}, {{ parameters | number }},
      {{ inputs | literal }}, {{ outputs | literal }}, l_plan, {{ numbers | number }},
      {{ parts | number }}, {{ expected_by | literal }}, {{ tolerance | number }},
      {{ exporter_version | literal }}, {{ database | literal }}, {{ engine | literal }}, {{ format | literal }}, l_manifest,
      {{ source_uri | literal }});
  end if;
end;
