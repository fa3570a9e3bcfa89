{# Writes into the journal that a synonym is about to stand for a version, or to go. DDL commits, so no lock would last: the entry
   is the lock, while its session is alive. One that a session left behind is done where the synonym stands so, else it never was.
   variables: model, action; alias, or none for the champion; synonym, as the dictionary spells it; version, or none; because, in
   pieces; busy, the code of an error #}
declare
  l_found pls_integer;
  l_id number(19);
  l_from_version varchar2(64);
  l_from_number number(10);
  l_to_version varchar2(64) := {{ version | literal }};
  l_to_number number(10);
  l_because clob;
  l_session varchar2(24) := dbms_session.unique_session_id;
  procedure find_version(p_synonym varchar2) is
  begin
    l_from_version := null;
    l_from_number := null;
    for r in (select v.version, v.version_number from export_model_versions v, user_synonyms s
              where v.model = {{ model | literal }} and s.synonym_name = p_synonym
                and s.table_owner = user and s.table_name = v.package_name) loop
      l_from_version := r.version;
      l_from_number := r.version_number;
    end loop;
  end find_version;
begin
  -- Two sessions come by here one after the other.
  update export_model_models set last_number = last_number where name = {{ model | literal }};
  for r in (select id, session_id, synonym_name, to_version, done_at from export_model_journal
            where model = {{ model | literal }} and state = 'begun' order by id) loop
    if r.session_id <> l_session then
      if dbms_session.is_session_alive(r.session_id) then
        raise_application_error({{ busy | number }}, 'another session is switching model '
          || {{ model | literal }} || ', since ' || to_char(sys_extract_utc(r.done_at), 'YYYY-MM-DD HH24:MI:SS')
          || ' UTC: wait until it ends, then run this again; where it hangs, export-model doctor says how a DBA ends it');
      end if;
    end if;
    find_version(r.synonym_name);
    if nvl(l_from_version, '-') = nvl(r.to_version, '-') then
      update export_model_journal set state = 'done', session_id = null
        where model = {{ model | literal }} and id = r.id;
    else
      delete from export_model_journal where model = {{ model | literal }} and id = r.id;
    end if;
  end loop;
  find_version({{ synonym | literal }});
  if nvl(l_from_version, '-') <> nvl(l_to_version, '-') then
    for r in (select version_number from export_model_versions where version = l_to_version) loop
      l_to_number := r.version_number;
    end loop;
{% for piece in because %}
    l_because := l_because || ({{ piece | literal }});
{% endfor %}
    select nvl(max(id), 0) + 1 into l_id from export_model_journal where model = {{ model | literal }};
    insert into export_model_journal (model, id, action, alias, synonym_name, from_version, to_version,
      from_number, to_number, because, state, session_id)
    values ({{ model | literal }}, l_id, {{ action | literal }}, {{ alias | literal }},
      {{ synonym | literal }}, l_from_version, l_to_version, l_from_number, l_to_number, l_because, 'begun', l_session);
  end if;
{% if alias is not none and version is not none %}
  select count(*) into l_found from export_model_aliases
    where model = {{ model | literal }} and alias = {{ alias | literal }};
  if l_found = 0 then
    insert into export_model_aliases (model, alias, synonym_name)
    values ({{ model | literal }}, {{ alias | literal }}, {{ synonym | literal }});
  end if;
{% endif %}
  commit;
end;
