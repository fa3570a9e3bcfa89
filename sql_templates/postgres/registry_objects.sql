{# What was created for each model, so that drop removes that and nothing else.
   kind: alias (score, label, verify), function, type, wrapper (a foreign data wrapper, on Greenplum). header: parameters and result.
   variables: storage, clauses that say where rows lie #}
create table if not exists export_model.objects (
  model text not null,
  kind text not null,
  identity text not null,
  header text not null,
  primary key (model, identity)
)
{% for clause in storage %}
{{ clause }}
{% endfor %}
