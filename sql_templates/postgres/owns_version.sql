{# The same by a version: its row is shown to whom its model belongs to.
   variables: none #}
create or replace function export_model.owns_version(p_version text)
returns boolean
language sql stable
as {% set source %}

select exists (select from export_model.versions v where v.version operator(pg_catalog.=) p_version)
{% endset %}{{ source | body }}
