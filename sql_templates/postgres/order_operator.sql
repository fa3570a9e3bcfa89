{# The operator by which a type's values are put in order: 1 is <, 2 <=, 3 =, 4 >=, 5 >. Those of an extension's types lie in the
   extension's schema; a type without an order of its own is compared as what it is coerced to.
   variables: settings of the function #}
create or replace function export_model.order_operator(p_type regtype, p_strategy integer)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select coalesce((
  select format('operator(%I.%s)', n.nspname, o.oprname)
  from pg_opclass c
  join pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
  join pg_amop p on p.amopfamily = c.opcfamily and p.amoplefttype = c.opcintype and p.amoprighttype = c.opcintype
    and p.amopstrategy = p_strategy
  join pg_operator o on o.oid = p.amopopr
  join pg_namespace n on n.oid = o.oprnamespace
  where c.opcdefault and c.opcintype = p_type
  limit 1), format('operator(pg_catalog.%s)', (array['<', '<=', '=', '>=', '>'])[p_strategy]))
{% endset %}{{ source | body }}
