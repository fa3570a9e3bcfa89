{# The statement that makes a table of scores. Rows on segments lie by their key, so that joins with what was scored move none.
   variables: settings of the function; has_segments #}
create or replace function export_model.target_query(p_target text, p_key_type text, p_score_type text)
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format('create table if not exists %s (key %s, score %s, label pg_catalog.text, model_version pg_catalog.text,'
  ' scored_at pg_catalog.timestamptz not null, primary key (key, model_version)){% if has_segments %} distributed by (key){% endif %}',
  (select string_agg(quote_ident(part), '.' order by n) from unnest(parse_ident(p_target)) with ordinality as u (part, n)),
  p_key_type, p_score_type)
{% endset %}{{ source | body }}
