{# The version's row, where it is absent.
   variables: version, model; package and runtime, as the dictionary spells them; and the columns of
   the table: graph_digest, source_file, source_sha256, keras_version, parameters, inputs, outputs,
   numbers, parts, expected_by, tolerance, exporter_version; plan, the JSON in pieces #}
declare
  l_found pls_integer;
  l_plan clob;
begin
  select count(*) into l_found from export_model_versions where version = {{ version | literal }};
  if l_found = 0 then
{% for piece in plan %}
    l_plan := l_plan || ({{ piece | literal }});
{% endfor %}
    insert into export_model_versions (version, model, package_name, runtime_name, state,
      graph_digest, source_file, source_sha256, keras_version, parameters, inputs, outputs,
      plan, numbers, parts, expected_by, tolerance, exporter_version)
    values ({{ version | literal }}, {{ model | literal }}, {{ package | literal }},
      {{ runtime | literal }}, 'staged', {{ graph_digest | literal }}, {{ source_file | literal }},
      {{ source_sha256 | literal }}, {{ keras_version | literal }}, {{ parameters | number }},
      {{ inputs | literal }}, {{ outputs | literal }}, l_plan, {{ numbers | number }},
      {{ parts | number }}, {{ expected_by | literal }}, {{ tolerance | number }},
      {{ exporter_version | literal }});
  end if;
end;
