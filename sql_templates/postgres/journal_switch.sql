{# That the champion is switched to this version, before it is; nothing where it is this one already.
   variables: model, version, action; because, a text or none #}
insert into export_model.journal (model, action, from_version, to_version, from_number, to_number, because)
select m.name, {{ action | literal }}, f.version, v.version, f.number, v.number, {% if because is none %}null{% else %}{{ because | literal }}{% endif %}

from export_model.models m join export_model.versions v on v.version = {{ version | literal }}
left join export_model.versions f on f.version = nullif(m.current_version, v.version)
where m.name = {{ model | literal }} and (m.current_version <> v.version or m.created_at = current_timestamp
  and not exists (select from export_model.journal j where j.model = m.name and j.at >= current_timestamp))
