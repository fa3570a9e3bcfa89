{# Refuse a table that looks different from a table of scores; it is left as it is.
   variables: settings of the function #}
create or replace function export_model.check_target(p_target regclass, p_key_type text, p_score_type text)
returns void
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_names constant name[] := '{key,score,label,model_version,scored_at}';
  l_types constant oid[] := array[p_key_type, p_score_type, 'text', 'text', 'timestamptz']::regtype[];
  l_found_names name[];
  l_found_types oid[];
begin
  select array_agg(a.attname order by a.attnum), array_agg(a.atttypid order by a.attnum) into l_found_names, l_found_types
    from pg_attribute a where a.attrelid = p_target and a.attnum > 0 and not a.attisdropped;
  if l_found_names is distinct from l_names or l_found_types is distinct from l_types then
    raise exception 'table % has other columns than scores need: (%)', p_target,
        export_model.list_types(l_found_names, l_found_types)
      using errcode = 'datatype_mismatch',
        detail = format('They must be (%s).', export_model.list_types(l_names, l_types)),
        hint = 'It is left as it is; name another table, which is then made.';
  end if;
  if not exists (
      select from pg_index i where i.indrelid = p_target and i.indisunique and i.indisvalid and i.indpred is null
        and i.indnkeyatts = 2
        and (select array_agg(a.attname::text order by a.attname::text) from pg_attribute a
             where a.attrelid = p_target and a.attnum = any (i.indkey)) = '{key,model_version}') then
    raise exception 'table % has no unique index on (key, model_version)', p_target
      using errcode = 'invalid_table_definition',
        hint = format('Run: alter table %s add primary key (key, model_version);', p_target);
  end if;
end
{% endset %}{{ source | body }}
