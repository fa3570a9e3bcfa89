{# What keeps a table from holding predictions in these columns; NULL when nothing does.
   variables: settings of the function #}
create or replace function export_model.window_target_problem(p_target regclass, p_columns jsonb)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

with wanted as (
  select e ->> 'name' as name, e ->> 'what' as what, (e ->> 'type')::regtype::oid as type, n
  from jsonb_array_elements(p_columns) with ordinality as u (e, n)
), there as (
  select a.attname::text as name, a.atttypid as type, a.atttypmod as modifier, a.attnum as n from pg_attribute a
  where a.attrelid = p_target and a.attnum > 0 and not a.attisdropped
)
select case
  when exists (select from wanted w full join there t on t.name = w.name and t.type = w.type where w.name is null or t.name is null)
      or exists (select from wanted w join there t on t.name = w.name
        where w.what in ('key', 'order_by', 'partition_by') and t.modifier <> -1)
    then format('it has (%s), and they need (%s)',
      (select string_agg(t.name || ' ' || format_type(t.type, t.modifier), ', ' order by t.n) from there t),
      (select string_agg(w.name || ' ' || format_type(w.type, -1), ', ' order by w.n) from wanted w))
  when not exists (
      select from pg_index i where i.indrelid = p_target and i.indisunique and i.indisvalid and i.indpred is null and i.indnkeyatts = 2
        and (select array_agg(a.attname::text order by a.attname::text) from pg_attribute a
             where a.attrelid = p_target and a.attnum = any (i.indkey))
          = (select array_agg(w.name order by w.name) from wanted w where w.what in ('key', 'model_version')))
    then format('it has no unique index on (%s)',
      (select string_agg(w.name, ', ' order by w.what) from wanted w where w.what in ('key', 'model_version'))) end
{% endset %}{{ source | body }}
