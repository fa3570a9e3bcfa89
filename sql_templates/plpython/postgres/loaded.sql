{# Is this version in the session's memory?
   variables: none #}
create or replace function export_model.loaded(version text)
returns boolean
language plpython3u volatile strict parallel restricted
as {% set source %}

return "export_model:" + version in GD
{% endset %}{{ source | body }}
