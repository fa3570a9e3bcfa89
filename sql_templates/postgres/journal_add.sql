{# That a version was deployed beside the champion; nothing where it was there.
   variables: model, version; because, a text or none #}
insert into export_model.journal (model, action, to_version, to_number, because)
select v.model, 'add', v.version, v.number, {% if because is none %}null{% else %}{{ because | literal }}{% endif %}

from export_model.versions v where v.version = {{ version | literal }} and v.deployed_at = current_timestamp
