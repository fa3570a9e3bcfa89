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

select coalesce(case when p_key is not null then to_jsonb(p_held) ->> p_key when p_held is null then null else format('%s', p_held) end, 'NULL')
{% endset %}{{ source | body }}
