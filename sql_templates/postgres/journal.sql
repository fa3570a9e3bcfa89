{# One entry of the journal.
   variables: model, action; alias, from_version, to_version and because, each a text or none #}
insert into export_model.journal (model, action, alias, from_version, to_version, from_number, to_number, because)
select e.model, e.action, e.alias, e.from_version, e.to_version,
  (select v.number from export_model.versions v where v.version = e.from_version),
  (select v.number from export_model.versions v where v.version = e.to_version), e.because
from (values ({{ model | literal }}, {{ action | literal }},
  {% if alias is none %}null::text{% else %}{{ alias | literal }}{% endif %},
  {% if from_version is none %}null::text{% else %}{{ from_version | literal }}{% endif %},
  {% if to_version is none %}null::text{% else %}{{ to_version | literal }}{% endif %},
  {% if because is none %}null::text{% else %}{{ because | literal }}{% endif %})) as e (model, action, alias, from_version, to_version, because)
