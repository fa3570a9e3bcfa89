{# Names of versions beside the champion, which is models.current_version.
   variables: storage, clauses that say where rows lie #}
create table if not exists export_model.aliases (
  model text not null,
  alias text not null,
  version text not null,
  primary key (model, alias)
)
{% for clause in storage %}
{{ clause }}
{% endfor %}
