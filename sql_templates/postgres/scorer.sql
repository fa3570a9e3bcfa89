{# What the functions that read whole tables need to know of this version.
   variables: model; function, its name; scorer, SQL of the JSON's text #}
create or replace function {{ model | ident }}.{{ function | ident }}()
returns jsonb
language sql stable parallel safe
as {% set source %}

select ({{ scorer }})::pg_catalog.jsonb
{% endset %}{{ source | body }}
