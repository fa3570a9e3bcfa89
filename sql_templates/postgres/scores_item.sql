{# SQL of the array that p_scores is the text of, which scores of this type are cast from.
   variables: none #}
create or replace function export_model.scores_item(p_type text, p_scores text)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

select format(case p_type::regtype when 'real'::regtype then 'export_model.reals(%s)'
  when 'double precision'::regtype then 'export_model.doubles(%s)' else '%s::pg_catalog.text[]' end, p_scores)
{% endset %}{{ source | body }}
