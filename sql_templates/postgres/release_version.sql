{# What was said about a version at its deployment; what was not said now stays.
   variables: version; metrics, JSON, and because, each a text or none #}
update export_model.versions set version = version
{%- if metrics is not none %}, metrics = {{ metrics | literal }}::jsonb{% endif %}
{%- if because is not none %}, because = {{ because | literal }}{% endif %}

where version = {{ version | literal }}
