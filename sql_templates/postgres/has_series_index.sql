{# Does an index give the rows of each series in their order? p_partition is NULL where all rows are one series.
   variables: settings of the function #}
create or replace function export_model.has_series_index(p_table regclass, p_partition text, p_order text)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select exists (
  select from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_am m on m.oid = c.relam and m.amname = 'btree'
  where i.indrelid = p_table and i.indisvalid and i.indpred is null
    and (select array_agg(a.attname::text order by u.n) from generate_series(0, i.indnkeyatts - 1) as u (n)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[u.n])
      [1 : case when p_partition is null then 1 else 2 end] = array_remove(array[p_partition, p_order], null))
{% endset %}{{ source | body }}
