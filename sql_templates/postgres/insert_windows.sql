{# The statement that writes windows' scores, as a job has its columns. p_rows is a query of (k, s, l): keys, or rows of the target in their
   place, scores and labels.
   variables: settings of the function #}
create or replace function export_model.insert_windows(p_job jsonb, p_rows text)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format('insert into %s (%s) select %s from (%s) u', p_job ->> 'target', string_agg(quote_ident(e ->> 'name'), ', ' order by n),
  string_agg(case e ->> 'what'
    when 'key' then format('%s::%s', coalesce('(u.k).' || quote_ident(p_job ->> 'held_key'), 'u.k'), e ->> 'type')
    when 'order_by' then format('(u.k).%I', e ->> 'name') when 'partition_by' then format('(u.k).%I', e ->> 'name')
    when 'score' then format('u.s::%s', e ->> 'type') when 'label' then 'u.l'
    when 'model_version' then quote_literal(p_job ->> 'version') || '::pg_catalog.text'
    when 'model_name' then quote_literal(p_job ->> 'model') || '::pg_catalog.text'
    else 'pg_catalog.clock_timestamp()' end, ', ' order by n), p_rows)
from jsonb_array_elements(p_job -> 'columns') with ordinality as c (e, n)
{% endset %}{{ source | body }}
