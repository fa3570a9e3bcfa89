{# One row a deployed name. current_version is the champion, the version that the model's functions belong to; last_number the number
   of its newest version, which is given to no other when that one is gone; owner the role that deploys it, by its name: a dump can be restored where
   the role is missing.
   variables: storage, clauses that say where rows lie #}
create table if not exists export_model.models (
  name text primary key,
  current_version text not null,
  created_at timestamp with time zone not null default current_timestamp,
  owner text not null default current_user,
  last_number integer not null default 0
)
{% for clause in storage %}
{{ clause }}
{% endfor %}
