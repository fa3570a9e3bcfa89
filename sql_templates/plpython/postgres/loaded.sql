{# Is a version with PL/Python functions of its own in the session's memory? Programs made such until registry format 2; these functions ask it.
   variables: none #}
create or replace function export_model.loaded(version text)
returns boolean
language plpython3u volatile strict parallel restricted
as {% set source %}

return "export_model:" + version in GD
{% endset %}{{ source | body }}
