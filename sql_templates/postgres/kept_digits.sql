{# The digits by which functions are named that a statement is to call: those of the version that it keeps, see kept, or these.
   variables: none #}
create or replace function export_model.kept_digits(p_digits text, p_kept text)
returns text
language sql stable strict parallel safe
as {% set source %}

select case when pg_catalog.split_part(p_kept, ' ', 2) operator(pg_catalog.=) ({% include 'statement_time.sql' %})::pg_catalog.text
  then pg_catalog.left(p_kept, 12) else p_digits end
{% endset %}{{ source | body }}
