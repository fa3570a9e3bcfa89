{# One version's network: never changes, so it is immutable. It runs with its owner's rights, so that those who score need
   none on the extension's schema.
   variables: model; function, its name; parameters, declarations and statements, SQL; returns, an SQL type; schema_of_vector, what
   stands for the name of the extension's schema #}
{% set statement %}

create or replace function {{ model | ident }}.{{ function | ident }}({{ parameters }})
returns {{ returns }}
language plpgsql immutable strict parallel safe security definer
as {% set source %}

declare
  {{ declarations }}
begin
{{ statements }}
end
{% endset %}{{ source | body }}
{% endset %}
do {% set source %}

begin
  execute replace({{ statement | body }}, {{ schema_of_vector | literal }},
    (select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'));
end
{% endset %}{{ source | body }}
