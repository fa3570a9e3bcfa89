{# What the comment of a table of scores says while its primary key is still to be made, see postpone_key.
   variables: settings of the function #}
create or replace function export_model.key_mark()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select 'export-model: scores are being written, and the primary key is made behind the last. If that run has ended, give its command again.'::text
{% endset %}{{ source | body }}
