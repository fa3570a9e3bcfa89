{# How many bytes of a key surely fit into the primary key of a table of scores, beside the version: an index takes a third of a page.
   variables: settings of the function #}
create or replace function export_model.longest_key()
returns integer
language sql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select current_setting('block_size')::integer / 3 - 130
{% endset %}{{ source | body }}
