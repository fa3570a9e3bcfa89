{# The list of tensors.
   variables: version; tensors, each with name, shape, offset, size, sha256 #}
insert into export_model.tensors (version, tensor, name, shape, first_number, numbers, sha256)
select {{ version | literal }}, t.tensor, t.name, t.shape::integer[], t.first_number, t.numbers, t.sha256
from (values
{% for tensor in tensors %}
  ({{ loop.index0 | number }}, {{ tensor.name | literal }}, {{ tensor.shape | literal }},
   {{ tensor.offset | number }}::bigint, {{ tensor.size | number }}::bigint, {{ tensor.sha256 | literal }}){% if not loop.last %},{% endif %}

{% endfor %}
) as t (tensor, name, shape, first_number, numbers, sha256)
where not exists (select from export_model.tensors where version = {{ version | literal }})
