{# Remember what was made, for drop.
   variables: model; objects, each with kind, identity, header #}
insert into export_model.objects (model, kind, identity, header)
select {{ model | literal }}, o.kind, o.identity, o.header
from (values
{% for object in objects %}
  ({{ object.kind | literal }}, {{ object.identity | literal }}, {{ object.header | literal }}){% if not loop.last %},{% endif %}

{% endfor %}
) as o (kind, identity, header)
where not exists (select from export_model.objects x
                  where x.model = {{ model | literal }} and x.identity = o.identity)
