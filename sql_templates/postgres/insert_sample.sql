{# One sample row: its inputs and expected outputs.
   variables: version; sample, its number; ports, each with is_output, number, name, and one of
   numbers, doubles and texts, the others none. doubles are written out, because numbers are real #}
insert into export_model.samples (version, sample, is_output, port, name, numbers, texts)
select {{ version | literal }}, {{ sample | number }}, s.is_output, s.port, s.name, s.numbers, s.texts
from (values
{% for port in ports %}
  ({{ port.is_output | boolean }}, {{ port.number | number }}, {{ port.name | literal }}, {% if port.numbers is not none %}{{ port.numbers | reals }}, null::text[]{% elif port.doubles is not none %}null::real[], {{ port.doubles | written }}{% else %}null::real[], {{ port.texts | texts }}{% endif %}){% if not loop.last %},{% endif %}

{% endfor %}
) as s (is_output, port, name, numbers, texts)
where not exists (select from export_model.samples
                  where version = {{ version | literal }} and sample = {{ sample | number }})
