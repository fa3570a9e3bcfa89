{# The same by a model's name: its row is shown to whom it belongs to.
   variables: none #}
create or replace function export_model.owns_model(p_model text)
returns boolean
language sql stable
as {% set source %}

select exists (select from export_model.models m where m.name operator(pg_catalog.=) p_model)
{% endset %}{{ source | body }}
