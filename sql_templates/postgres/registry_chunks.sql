{# The weights themselves: little-endian float32, in pieces of at most 1 MiB.
   variables: storage, clauses that say where rows lie #}
create table if not exists export_model.chunks (
  version text not null,
  chunk integer not null,
  bytes integer not null,
  sha256 text not null,
  data bytea not null,
  primary key (version, chunk)
)
{% for clause in storage %}
{{ clause }}
{% endfor %}
