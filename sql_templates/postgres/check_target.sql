{# Refuse a table that looks different from a table of scores; it is left as it is.
   variables: none #}
create or replace function export_model.check_target(p_target regclass, p_key_type text, p_score_type text)
returns void
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_wanted constant text[] := array['key ' || p_key_type, 'score ' || format_type(p_score_type::regtype, -1), 'label text',
                                    'model_version text', 'scored_at timestamp with time zone'];
  l_found text[];
begin
  select array_agg(a.attname || ' ' || format_type(a.atttypid, -1) order by a.attnum) into l_found
    from pg_attribute a where a.attrelid = p_target and a.attnum > 0 and not a.attisdropped;
  if l_found is distinct from l_wanted then
    raise exception 'table % has other columns than scores need: (%)', p_target, array_to_string(l_found, ', ')
      using errcode = 'datatype_mismatch',
        detail = format('They must be (%s).', array_to_string(l_wanted, ', ')),
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
