{# Is this version in the session's memory, for the role that runs this?
   variables: none #}
create or replace function export_model.holds(version text)
returns boolean
language plpython3u volatile strict parallel restricted
as {% set source %}

models = GD.get("export_model models")
return bool(models) and (GD["export_model role"](), version) in models
{% endset %}{{ source | body }}
