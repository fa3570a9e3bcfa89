{# One sample row: its inputs and expected outputs.
   variables: version; sample, its number; ports, each with is_output, number, name, numbers #}
insert into export_model.samples (version, sample, is_output, port, name, numbers)
select {{ version | literal }}, {{ sample | number }}, s.is_output, s.port, s.name, s.numbers
from (values
{% for port in ports %}
  ({{ port.is_output | boolean }}, {{ port.number | number }}, {{ port.name | literal }}, {{ port.numbers | reals }}){% if not loop.last %},{% endif %}

{% endfor %}
) as s (is_output, port, name, numbers)
where not exists (select from export_model.samples
                  where version = {{ version | literal }} and sample = {{ sample | number }})
