{# Where each tensor lies in the file's weights. The rows are made anew, all or none.
   variables: version; tensors, each with name, shape, offset, size and sha256 #}
begin
  delete from export_model_tensors where version = {{ version | literal }};
{% for tensor in tensors %}
  insert into export_model_tensors (version, tensor, name, shape, first_number, numbers, sha256)
  values ({{ version | literal }}, {{ loop.index0 | number }}, {{ tensor.name | literal }},
    {{ tensor.shape | literal }}, {{ tensor.offset | number }}, {{ tensor.size | number }},
    {{ tensor.sha256 | literal }});
{% endfor %}
end;
