{# One row a deployed name.
   variables: storage, clauses that say where rows lie #}
create table if not exists export_model.models (
  name text primary key,
  current_version text not null,
  created_at timestamp with time zone not null default current_timestamp
)
{% for clause in storage %}
{{ clause }}
{% endfor %}
