{# A query as it stands in FROM; NULL for the name of a table. A query may begin with comments and parentheses, and
   end in semicolons.
   variables: settings of the function #}
create or replace function export_model.query_item(p_source text)
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format(E'(%s\n)', regexp_replace(p_source, E'[;[:space:]]+$', ''))
where p_source ~* E'^([[:space:](]|--[^\n]*\n|/[*]([^*]|[*]+[^*/])*[*]+/)*(select|with|values|table)\\M'
{% endset %}{{ source | body }}
