{# Sample rows: one array for each input and each expected output, of numbers or texts; numbers of float64 are written out as
   texts.
   variables: storage, clauses that say where rows lie #}
create table if not exists export_model.samples (
  version text not null,
  sample integer not null,
  is_output boolean not null,
  port integer not null,
  name text not null,
  numbers real[],
  texts text[],
  primary key (version, sample, is_output, port),
  check ((numbers is null) <> (texts is null))
)
{% for clause in storage %}
{{ clause }}
{% endfor %}
