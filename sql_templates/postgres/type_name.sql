{# A type's name that means the same under every search_path. The -1 makes it "bpchar" where it would be "character",
   which as the type of a column means one character, and cuts keys off.
   variables: settings of the function #}
create or replace function export_model.type_name(p_type regtype)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format_type(p_type, -1)
{% endset %}{{ source | body }}
