{# Who switched what, when and why; rows are only added, and stay when a model is dropped. alias is empty where the champion was switched.
   owner is the role that acted, by is who logged in.
   variables: storage, clauses that say where rows lie #}
create table if not exists export_model.journal (
  id bigint generated always as identity primary key,
  model text not null,
  owner text not null default current_user,
  at timestamp with time zone not null default clock_timestamp(),
  by text not null default session_user,
  action text not null,
  alias text,
  from_version text,
  to_version text,
  from_number integer,
  to_number integer,
  because text
)
{% for clause in storage %}
{{ clause }}
{% endfor %}
