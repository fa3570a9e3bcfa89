{# The registry as a person reads it.
   variables: none #}
create or replace view export_model.overview as
select v.model,
       substr(v.version, 1, 12) as version,
       v.version operator(pg_catalog.=) m.current_version as is_current,
       v.inputs,
       v.outputs,
       v.parameters,
       v.source_file,
       v.format_version,
       v.expected_by,
       v.tolerance,
       v.deployed_at,
       v.deployed_by,
       v.format,
       v.database,
       v.engine,
       v.number
from export_model.versions v
join export_model.models m on m.name operator(pg_catalog.=) v.model
order by v.model, v.deployed_at desc
