{# The statement that makes a table of scores. Rows on segments lie by their key, so that joins with what was scored move none.
   variables: settings of the function; has_segments #}
create or replace function export_model.target_query(p_target text, p_columns jsonb)
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format('create table if not exists %s (%s, primary key (%s)){% if has_segments %} distributed by (%I){% endif %}',
  (select string_agg(quote_ident(part), '.' order by n) from unnest(parse_ident(p_target)) with ordinality as u (part, n)),
  (select string_agg(format('%I %s', e ->> 'name', e ->> 'type') || case when e ->> 'what' = 'scored_at' then ' not null' else '' end, ', ' order by n)
   from jsonb_array_elements(p_columns) with ordinality as u (e, n)),
  (select string_agg(quote_ident(e ->> 'name'), ', ' order by e ->> 'what')
   from jsonb_array_elements(p_columns) as u (e) where e ->> 'what' in ('key', 'model_version')){% if has_segments %},
  (select e ->> 'name' from jsonb_array_elements(p_columns) as u (e) where e ->> 'what' = 'key'){% endif %})
{% endset %}{{ source | body }}
