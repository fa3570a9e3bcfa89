{# Does a unique index prove that this column tells the table's rows apart? Not for a parent of other tables.
   variables: settings of the function #}
create or replace function export_model.has_key(p_table regclass, p_key text)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select exists (
  select from pg_index i
  join pg_class c on c.oid = i.indrelid
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
  where i.indrelid = p_table and a.attname = p_key and a.attnotnull and i.indnkeyatts = 1
    and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null
    and (c.relkind = 'p' or not exists (select from pg_inherits h where h.inhparent = c.oid)))
{% endset %}{{ source | body }}
