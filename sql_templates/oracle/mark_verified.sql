{# From here on the version is never touched again; it gets its number, and what is beside the champion an entry in the journal.
   variables: version; is_promoted; because, in pieces #}
declare
  l_model varchar2(128);
  l_number number(10);
{% if not is_promoted %}
  l_id number(19);
{% endif %}
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
    select nvl(max(id), 0) + 1 into l_id from export_model_journal where model = l_model;
    insert into export_model_journal (model, id, action, to_version, to_number, because, state)
    values (l_model, l_id, 'add', {{ version | literal }}, l_number, l_because, 'done');
{% endif %}
  end if;
  commit;
end;
