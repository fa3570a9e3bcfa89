{# A key as errors name it: p_held, or where rows travel in the place of keys, the column of it that is the key.
   variables: settings of the function #}
create or replace function export_model.key_text(p_held anyelement, p_key text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select coalesce(case when p_key is null then p_held::text else to_jsonb(p_held) ->> p_key end, 'NULL')
{% endset %}{{ source | body }}
