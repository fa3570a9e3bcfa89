{# What was said about a version until now, where something else is said: the version's row keeps the newest alone.
   variables: version; metrics, JSON, and because, each a text or none #}
insert into export_model.journal (model, action, from_version, to_version, from_number, to_number, because)
select v.model, 'describe', v.version, v.version, v.number, v.number, 'before: ' || concat_ws(', '
{%- if metrics is none %}, null{% else %}, 'metrics ' || nullif(v.metrics, {{ metrics | literal }}::jsonb)::text{% endif %}
{%- if because is none %}, null{% else %}, 'because ' || nullif(v.because, {{ because | literal }}){% endif %})
from export_model.versions v where v.version = {{ version | literal }} and (false
{%- if metrics is not none %} or v.metrics <> {{ metrics | literal }}::jsonb{% endif %}
{%- if because is not none %} or v.because <> {{ because | literal }}{% endif %})
