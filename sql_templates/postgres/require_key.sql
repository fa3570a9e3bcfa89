{# Refuse a target without a unique index on the columns of key and version, by which a run knows what is there. Where a run that ended early
   left the primary key for later, it is made here: of a table that looks as that run made it, which is to be known before.
   variables: settings of the function #}
create or replace function export_model.require_key(p_target regclass, p_columns jsonb)
returns void
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_key constant text[] := array(
    select e ->> 'name' from jsonb_array_elements(p_columns) u (e) where e ->> 'what' in ('key', 'model_version') order by e ->> 'what');
begin
  perform export_model.refuse_code(p_target);
  if l_key = '{key,model_version}' and obj_description(p_target, 'pg_class') = export_model.key_mark() then
    perform export_model.make_key(p_target);
  end if;
  if not exists (
      select from pg_index i where i.indrelid = p_target and i.indisunique and i.indisvalid and i.indpred is null
        and i.indnkeyatts = 2
        and (select array_agg(a.attname::text order by a.attname::text) from pg_attribute a
             where a.attrelid = p_target and a.attnum = any (i.indkey)) = (select array_agg(c order by c) from unnest(l_key) c)) then
    raise exception 'table % has no unique index on (%)', p_target, array_to_string(l_key, ', ')
      using errcode = 'invalid_table_definition', hint = format('Run: alter table %s add primary key (%s);', p_target,
        (select string_agg(quote_ident(c), ', ' order by n) from unnest(l_key) with ordinality as u (c, n)));
  end if;
end
{% endset %}{{ source | body }}
