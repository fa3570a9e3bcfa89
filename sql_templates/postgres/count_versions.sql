{# Keep the number of the newest version, so that it is given to no other.
   variables: model #}
update export_model.models m set last_number = v.last
from (select max(x.number) as last from export_model.versions x where x.model = {{ model | literal }}) v
where m.name = {{ model | literal }} and m.last_number < v.last
