{# A type's name that means the same under every search_path.
   variables: none #}
create or replace function export_model.type_name(p_type regtype)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

select format_type(p_type, null)
{% endset %}{{ source | body }}
