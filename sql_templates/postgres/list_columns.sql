{# The key and the columns of all inputs, in order.
   variables: settings of the function #}
create or replace function export_model.list_columns(p_key text, p_inputs jsonb)
returns text[]
language sql immutable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select p_key || array(
  select c.name from jsonb_array_elements(p_inputs) with ordinality as i (input, n),
    jsonb_array_elements_text(i.input -> 'columns') with ordinality as c (name, n)
  order by i.n, c.n)
{% endset %}{{ source | body }}
