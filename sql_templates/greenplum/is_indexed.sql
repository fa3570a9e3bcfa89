{# Are series looked up in an index? Not on Greenplum, where segments read their rows at once, each all of its own.
   variables: settings of the function #}
create or replace function export_model.is_indexed(p_job jsonb, p_partition text, p_order text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select false
{% endset %}{{ source | body }}
