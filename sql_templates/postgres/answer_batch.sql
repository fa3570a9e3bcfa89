{# What score_table answers for one batch: keys as texts, and scores or labels: numbers where the result is one real,
   doubles where it is one double precision, else texts. Keys are written in one way under all settings, which every type but money reads as the same value
   under any of them; the settings are those of this function alone, so that the source is read under the caller's.
   variables: settings of the function #}
create or replace function export_model.answer_batch(
  p_batch text, p_wanted text, p_result regtype, p_keys anyarray, p_rows bytea,
  out keys text[], out numbers real[], out doubles double precision[], out texts text[], out bytes bigint)
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
set array_nulls = on
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_scored record;
begin
  l_scored := export_model.score_rows(p_batch,
    case when p_wanted = 'score' and p_result in ('real'::regtype, 'double precision'::regtype) then 'numbers' else p_wanted end, p_keys, p_rows);
  if pg_typeof(p_keys)::oid < 16384 then
    keys := p_keys::text[];
  else  -- as the type writes them: a cast to text is a function of who made it
    keys := array(select case when u.k is null then null else format('%s', u.k) end from (select unnest(p_keys) as k) u);
  end if;
  if p_result = 'real'::regtype then
    numbers := export_model.reals(l_scored.scores);
  elsif p_result = 'double precision'::regtype then
    doubles := export_model.doubles(l_scored.scores);
  else
    texts := coalesce(l_scored.labels, l_scored.scores);
  end if;
  bytes := octet_length(p_rows);
end
{% endset %}{{ source | body }}
