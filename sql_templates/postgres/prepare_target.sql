{# The table that scores are written to: make it, or refuse one that looks different.
   variables: none #}
create or replace function export_model.prepare_target(p_target text, p_key_type text, p_score_type text)
returns regclass
language plpgsql volatile strict
as {% set source %}

declare
  l_target regclass;
  l_name text := (select string_agg(quote_ident(part), '.' order by n)
                  from unnest(parse_ident(p_target)) with ordinality as u (part, n));
  l_wanted text[] := array['key ' || p_key_type, 'score ' || p_score_type, 'label text',
                           'model_version text', 'scored_at timestamp with time zone'];
  l_found text[];
begin
  execute format('create table if not exists %s (key %s, score %s, label text, model_version text,'
    ' scored_at timestamp with time zone not null, primary key (key, model_version))',
    l_name, p_key_type, p_score_type);
  l_target := to_regclass(l_name);
  select array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) order by a.attnum) into l_found
    from pg_attribute a where a.attrelid = l_target and a.attnum > 0 and not a.attisdropped;
  if l_found is distinct from l_wanted then
    raise exception 'table "%" has other columns than scores need: (%)', p_target, array_to_string(l_found, ', ')
      using errcode = 'datatype_mismatch',
        detail = format('They must be (%s).', array_to_string(l_wanted, ', ')),
        hint = 'It is left as it is; name another table, which is then made.';
  end if;
  if not exists (
      select from pg_index i where i.indrelid = l_target and i.indisunique and i.indisvalid and i.indpred is null
        and i.indnkeyatts = 2 and i.indkey[0] in (1, 4) and i.indkey[1] in (1, 4) and i.indkey[0] <> i.indkey[1]) then
    raise exception 'table "%" has no unique index on (key, model_version)', p_target
      using errcode = 'invalid_table_definition', hint = format('Run: alter table %s add primary key (key, model_version);', l_name);
  end if;
  return l_target;
end
{% endset %}{{ source | body }}
