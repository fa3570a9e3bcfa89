{# The operator that tells the keys of a target apart, from its unique index: those of an extension's types lie in
   the extension's schema, and citext's is not text's.
   variables: settings of the function #}
create or replace function export_model.equality(p_target regclass)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select format('operator(%I.%s)', n.nspname, o.oprname)
from pg_index i
cross join lateral generate_series(0, i.indnkeyatts - 1) as u (place)
join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[u.place] and a.attname = 'key'
join pg_opclass c on c.oid = i.indclass[u.place]
join pg_amop p on p.amopfamily = c.opcfamily and p.amoplefttype = c.opcintype and p.amoprighttype = c.opcintype
  and p.amopstrategy = 3
join pg_operator o on o.oid = p.amopopr
join pg_namespace n on n.oid = o.oprnamespace
where i.indrelid = p_target and i.indisunique and i.indisvalid and i.indpred is null and i.indnkeyatts = 2
order by i.indisprimary desc limit 1
{% endset %}{{ source | body }}
