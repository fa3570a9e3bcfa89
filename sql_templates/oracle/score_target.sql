{# The table that scores are written to.
   variables: target; key_type, of the source's key; score_type; segment, a name where scores are arrays #}
create table {{ target }} (
  key {{ key_type }} not null,
  score {{ score_type }},
  label varchar2(4000),
  model_version varchar2(64) not null,
  scored_at timestamp with time zone default systimestamp not null,
  primary key (key, model_version)
)
{% if segment %}
varray score store as lob {{ segment }}
{% endif %}
