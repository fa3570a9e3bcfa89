{# One row a version; a version never changes. plan is the JSON that the runtime executes; with it, manifest is enough to compile
   the functions again, see exporter/manifest.py. database and engine are what they were compiled for. number counts the versions of a
   model; metrics, source_uri and because were given at its deployment.
   variables: storage, clauses that say where rows lie #}
create table if not exists export_model.versions (
  version text primary key,
  model text not null,
  database text not null,
  engine text not null,
  graph_digest text not null,
  source_file text not null,
  source_sha256 text not null,
  format text not null,
  format_version text not null,
  parameters bigint not null,
  inputs text not null,
  outputs text not null,
  features text[] not null,
  labels text[] not null,
  threshold double precision,
  plan text not null,
  manifest text not null,
  runtime text not null,
  weight_bytes bigint not null,
  chunks integer not null,
  expected_by text not null,
  tolerance double precision not null,
  exporter_version text not null,
  deployed_at timestamp with time zone not null default current_timestamp,
  deployed_by text not null default session_user,
  number integer not null,
  metrics jsonb,
  source_uri text,
  because text,
  unique (model, number)
)
{% for clause in storage %}
{{ clause }}
{% endfor %}
