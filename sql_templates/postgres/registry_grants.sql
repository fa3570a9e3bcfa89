{# Roles that may score a model, by their names: each new function of it is given to them.
   variables: storage, clauses that say where rows lie #}
create table if not exists export_model.grants (
  model text not null,
  grantee text not null,
  primary key (model, grantee)
)
{% for clause in storage %}
{{ clause }}
{% endfor %}
