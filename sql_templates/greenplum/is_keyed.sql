{# Does an INSERT into a table of scores fail at once where its keys are not one each, or NULL?
   variables: settings of the function #}
create or replace function export_model.is_keyed(p_target regclass)
returns boolean
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select exists (
  select from pg_index i
  where i.indrelid = p_target and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and i.indnkeyatts = 2
    and (select array_agg(a.attname::text order by a.attname::text) from pg_attribute a
         where a.attrelid = p_target and a.attnum = any (i.indkey) and a.attnotnull) = '{key,model_version}')
{% endset %}{{ source | body }}
