{# An entry of the journal about what changes no synonym.
   variables: model, action; version, or none; because, in pieces #}
declare
  l_because clob;
  l_number number(10);
  l_id number(19);
begin
{% for piece in because %}
  l_because := l_because || ({{ piece | literal }});
{% endfor %}
{% if version is not none %}
  for r in (select version_number from export_model_versions where version = {{ version | literal }}) loop
    l_number := r.version_number;
  end loop;
{% endif %}
  update export_model_models set last_number = last_number where name = {{ model | literal }};
  select nvl(max(id), 0) + 1 into l_id from export_model_journal where model = {{ model | literal }};
  insert into export_model_journal (model, id, action, from_version, from_number, because, state)
  values ({{ model | literal }}, l_id, {{ action | literal }}, {{ version | literal }}, l_number, l_because, 'done');
  commit;
end;
