{# From here on the version is never touched again; it gets its number, and what is beside the champion an entry in the journal.
   variables: version; is_promoted; because, in pieces #}
declare
  l_model varchar2(128);
  l_number number(10);
  l_because clob;
begin
  select model, version_number into l_model, l_number from export_model_versions
    where version = {{ version | literal }};
  update export_model_versions set state = 'verified' where version = {{ version | literal }};
  if l_number is null then
    update export_model_models set last_number = last_number + 1 where name = l_model;
    select last_number into l_number from export_model_models where name = l_model;
    update export_model_versions set version_number = l_number where version = {{ version | literal }};
{% for piece in because %}
    l_because := l_because || ({{ piece | literal }});
{% endfor %}
    update export_model_versions set because = l_because where version = {{ version | literal }};
{% if not is_promoted %}
    insert into export_model_journal (model, id, action, to_version, to_number, because, state)
    select l_model, nvl(max(id), 0) + 1, 'add', {{ version | literal }}, l_number, l_because, 'done'
    from export_model_journal where model = l_model;
{% endif %}
  end if;
  commit;
end;
