{# Where each tensor lies in the weights: first_number counts float32 numbers from 0.
   variables: storage, clauses that say where rows lie #}
create table if not exists export_model.tensors (
  version text not null,
  tensor integer not null,
  name text not null,
  shape integer[] not null,
  first_number bigint not null,
  numbers bigint not null,
  sha256 text not null,
  primary key (version, tensor)
)
{% for clause in storage %}
{{ clause }}
{% endfor %}
