{# Writes the manifest of each version of a registry of format 1, from the columns of its row.
   variables: none #}
update export_model_versions set manifest = '{"manifest":1,"version":"' || version || '","weight_bytes":' || to_char(4 * numbers)
  || ',"source":{"format":"keras","format_version":"' || replace(replace(keras_version, '\', '\\'), '"', '\"')
  || '","file_name":"' || replace(replace(source_file, '\', '\\'), '"', '\"') || '","sha256":"' || source_sha256
  || '"},"graph_digest":"' || graph_digest || '","parameters":' || to_char(parameters) || ',"layers":null,"expected_by":"'
  || replace(replace(expected_by, '\', '\\'), '"', '\"') || '","tolerance":' || replace(to_char(tolerance), ',', '.')
  || ',"exporter":"' || exporter_version || '"}'
