--
-- PostgreSQL database dump
--



SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: export_model; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA export_model;


--
-- Name: SCHEMA export_model; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA export_model IS 'export-model registry, format 2';


--
-- Name: fraud; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA fraud;


--
-- Name: SCHEMA fraud; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA fraud IS 'export-model: fraud.h5, row f970b05a2732, version 79edef71c9e3';


--
-- Name: plain; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA plain;


--
-- Name: SCHEMA plain; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA plain IS 'export-model: plain.h5, row 5b0c8c262eb2, version c75d89980096';


--
-- Name: two; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA two;


--
-- Name: SCHEMA two; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA two IS 'export-model: two.h5, row c02e64f6979a, version eeb2f85bc215';


--
-- Name: words; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA words;


--
-- Name: SCHEMA words; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA words IS 'export-model: words.h5, row 999fe280a68b, version bcae8574d08a';


--
-- Name: plpython3u; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS plpython3u WITH SCHEMA pg_catalog;


--
-- Name: EXTENSION plpython3u; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION plpython3u IS 'PL/Python3U untrusted procedural language';


--
-- Name: outputs_91e0cfde; Type: TYPE; Schema: two; Owner: -
--

CREATE TYPE two.outputs_91e0cfde AS (
	one real,
	two real[]
);


--
-- Name: all_rows(jsonb); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.all_rows(p_source jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select format('select %s as key, %s as packed, %s as p, %s as o, false as is_stored from %s s',
  p_source ->> 'held_item', p_source ->> 'row_item', coalesce(p_source ->> 'partition_item', 'null::pg_catalog.bool'),
  p_source ->> 'order_item', p_source ->> 'from_item')
$$;


--
-- Name: FUNCTION all_rows(p_source jsonb); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.all_rows(p_source jsonb) IS 'export-model 312e76c6a913 77c1ffaccc18 59430503a005 ';


--
-- Name: answer_batch(text, text, regtype, anyarray, bytea); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.answer_batch(p_batch text, p_wanted text, p_result regtype, p_keys anyarray, p_rows bytea, OUT keys text[], OUT numbers real[], OUT doubles double precision[], OUT texts text[], OUT bytes bigint) RETURNS record
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET array_nulls TO 'on'
    AS $$
declare
  l_scored record;
begin
  l_scored := export_model.score_rows(p_batch, p_wanted, p_keys, p_rows);
  keys := p_keys::text[];
  if p_result = 'real'::regtype then
    numbers := l_scored.scores;
  elsif p_result = 'double precision'::regtype then
    doubles := l_scored.scores;
  else
    texts := coalesce(l_scored.labels, l_scored.scores);
  end if;
  bytes := octet_length(p_rows);
end
$$;


--
-- Name: FUNCTION answer_batch(p_batch text, p_wanted text, p_result regtype, p_keys anyarray, p_rows bytea, OUT keys text[], OUT numbers real[], OUT doubles double precision[], OUT texts text[], OUT bytes bigint); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.answer_batch(p_batch text, p_wanted text, p_result regtype, p_keys anyarray, p_rows bytea, OUT keys text[], OUT numbers real[], OUT doubles double precision[], OUT texts text[], OUT bytes bigint) IS 'export-model 312e76c6a913 7e23b95c1355 9b551d487567 ';


--
-- Name: answer_forecasts(text, anyarray, bytea, integer[], integer, bytea, integer); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.answer_forecasts(p_forecasts text, p_series anyarray, p_rows bytea, p_counts integer[], p_steps integer, p_ahead bytea, p_fed integer) RETURNS TABLE(series text, step integer, forecast text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET array_nulls TO 'on'
    AS $_$
declare
  l_found record;
begin
  execute format('select r.forecasts, r.place, r.problem from %s($1, $2, $3, $4, $5) r', p_forecasts::regproc)
    into l_found using p_rows, p_counts, p_steps, p_ahead, p_fed;
  if l_found.problem is not null then
    raise exception 'a row of the series from % to %: %', p_series[1], p_series[cardinality(p_series)], l_found.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select u.s::text, g.n, f.value
    from unnest(p_series) with ordinality as u (s, place)
    cross join generate_series(1, p_steps) as g (n)
    join unnest(l_found.forecasts::text[]) with ordinality as f (value, number) on f.number = (u.place - 1) * p_steps + g.n
    order by u.place, g.n;
end
$_$;


--
-- Name: FUNCTION answer_forecasts(p_forecasts text, p_series anyarray, p_rows bytea, p_counts integer[], p_steps integer, p_ahead bytea, p_fed integer); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.answer_forecasts(p_forecasts text, p_series anyarray, p_rows bytea, p_counts integer[], p_steps integer, p_ahead bytea, p_fed integer) IS 'export-model 312e76c6a913 e18c0b689d79 b949872c2ee4 ';


--
-- Name: answer_windows(text, text, regtype, anyarray, bytea, integer[], integer[], integer, bytea); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.answer_windows(p_windows text, p_wanted text, p_result regtype, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_step integer, p_state bytea, OUT keys text[], OUT numbers real[], OUT doubles double precision[], OUT texts text[], OUT state bytea) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET array_nulls TO 'on'
    AS $$
declare
  l_scored record;
begin
  if p_keys is null then
    return;
  end if;
  l_scored := export_model.score_window_rows(p_windows, p_wanted, p_keys, p_rows, p_starts, p_stored, p_step, p_state, null);
  keys := l_scored.keys::text[];
  state := l_scored.state;
  if p_result = 'real'::regtype then
    numbers := l_scored.scores;
  elsif p_result = 'double precision'::regtype then
    doubles := l_scored.scores;
  else
    texts := coalesce(l_scored.labels, l_scored.scores);
  end if;
end
$$;


--
-- Name: FUNCTION answer_windows(p_windows text, p_wanted text, p_result regtype, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_step integer, p_state bytea, OUT keys text[], OUT numbers real[], OUT doubles double precision[], OUT texts text[], OUT state bytea); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.answer_windows(p_windows text, p_wanted text, p_result regtype, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_step integer, p_state bytea, OUT keys text[], OUT numbers real[], OUT doubles double precision[], OUT texts text[], OUT state bytea) IS 'export-model 312e76c6a913 269fbde6a638 f31450242644 ';


--
-- Name: array_bytes(anyarray); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.array_bytes(anyarray) RETURNS bytea
    LANGUAGE internal STABLE STRICT PARALLEL SAFE
    AS $$byteasend$$;


--
-- Name: FUNCTION array_bytes(anyarray); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.array_bytes(anyarray) IS 'export-model 312e76c6a913 59363b92609f 1d783e13c13a ';


--
-- Name: ask_types(text, text[]); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.ask_types(p_from text, p_columns text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select format('select array[%s] from (values (0)) as o (n) left join %s s on false',
  string_agg(format('pg_catalog.pg_typeof(s.%I)', c), ', ' order by n), p_from)
from unnest(p_columns) with ordinality as u (c, n)
$$;


--
-- Name: FUNCTION ask_types(p_from text, p_columns text[]); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.ask_types(p_from text, p_columns text[]) IS 'export-model 312e76c6a913 5a8ce892be91 5e5577aaf7c4 ';


--
-- Name: cache_limit(); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.cache_limit() RETURNS bigint
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $_$
declare
  l_size constant pg_catalog.text :=
    coalesce(nullif(pg_catalog.btrim(pg_catalog.current_setting('export_model.cache_size', true)), ''), '1GB');
begin
  if l_size operator(pg_catalog.!~*) '^[0-9]{1,15}(\.[0-9]+)?\s*(bytes|kb|mb|gb)?$' then
    raise exception 'the setting export_model.cache_size is "%", and no size', l_size
      using errcode = 'invalid_parameter_value', hint = 'Write it like this: set export_model.cache_size = ''512MB''';
  end if;
  return pg_catalog.pg_size_bytes(l_size);
end
$_$;


--
-- Name: FUNCTION cache_limit(); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.cache_limit() IS 'export-model 312e76c6a913 e9f80c05a92f c6a28bbbad8f ';


--
-- Name: check_key(text, text, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.check_key(p_source text, p_key text, p_from_item text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT
    AS $_$
declare
  l_is_query constant boolean := pg_catalog.starts_with(p_from_item, '(');
  l_rows bigint;
  l_key pg_catalog.text;
begin
  if not l_is_query and export_model.has_key(pg_catalog.to_regclass(p_from_item), p_key) then
    return;
  end if;
  execute pg_catalog.format(
    'select pg_catalog.count(*), s.%1$I::pg_catalog.text from %2$s s group by s.%1$I'
    ' having pg_catalog.count(*) operator(pg_catalog.>) 1 or s.%1$I is null limit 1', p_key, p_from_item)
    into l_rows, l_key;
  if l_rows is not null then
    raise exception 'column "%" is no key: % has % row(s) where it is %', p_key,
        case when l_is_query then 'the query' else p_source end, l_rows, coalesce(l_key, 'NULL')
      using errcode = 'unique_violation', hint = 'Scores are stored by key. Name a column that tells rows apart.';
  end if;
end
$_$;


--
-- Name: FUNCTION check_key(p_source text, p_key text, p_from_item text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.check_key(p_source text, p_key text, p_from_item text) IS 'export-model 312e76c6a913 67a84c850f2b b083fb6dfef1 ';


--
-- Name: check_key_type(text, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.check_key_type(p_key text, p_type text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
  if exists (select from pg_type t where t.oid = p_type::regtype and t.typtype = 'p') then
    raise undefined_function;
  end if;
  execute format('select null::%s order by 1', p_type);
exception when undefined_function then
  raise exception 'column "%" is %, which cannot be a key: its values have no order', p_key, p_type
    using errcode = 'datatype_mismatch', hint = format('A query can cast it: select %1$I::text as %1$I, ...', p_key);
end
$_$;


--
-- Name: FUNCTION check_key_type(p_key text, p_type text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.check_key_type(p_key text, p_type text) IS 'export-model 312e76c6a913 036849b523c2 f7b511b41c8d ';


--
-- Name: check_name(text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.check_name(p_name text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  l_most constant integer := current_setting('max_identifier_length');
  l_part text;
begin
  foreach l_part in array parse_ident(p_name) loop
    if octet_length(l_part) > l_most then
      raise exception 'the name "%" has % bytes, PostgreSQL takes %', l_part, octet_length(l_part), l_most
        using errcode = 'name_too_long', hint = 'Choose a shorter one.';
    end if;
  end loop;
end
$$;


--
-- Name: FUNCTION check_name(p_name text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.check_name(p_name text) IS 'export-model 312e76c6a913 5b1bf825b2bb 8eaf6c45808d ';


--
-- Name: check_settings(text, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.check_settings(p_key text, p_type text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  l_setting text;
begin
  select format('set %I = %L', x.name, x.wanted) into l_setting
    from (values ('DateStyle', 'ISO%', 'ISO'), ('IntervalStyle', 'postgres', 'postgres'), ('array_nulls', 'on', 'on'),
                 ('extra_float_digits', '1', '1')) as x (name, pattern, wanted)
    where case when x.name = 'extra_float_digits' then current_setting(x.name)::integer < 1
               else current_setting(x.name) not like x.pattern end
    limit 1;
  if found then
    raise exception 'column "%" is %: such keys would not be kept exactly under this setting of %', p_key, p_type,
        split_part(l_setting, ' ', 2)
      using errcode = 'invalid_parameter_value', hint = format('Run: %s', l_setting);
  end if;
end
$$;


--
-- Name: FUNCTION check_settings(p_key text, p_type text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.check_settings(p_key text, p_type text) IS 'export-model 312e76c6a913 a5e1fee60e50 868cbd2ff305 ';


--
-- Name: check_target(regclass, text, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.check_target(p_target regclass, p_key_type text, p_score_type text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;


--
-- Name: FUNCTION check_target(p_target regclass, p_key_type text, p_score_type text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.check_target(p_target regclass, p_key_type text, p_score_type text) IS 'export-model 312e76c6a913 f750b1397515 dee4c79cf68e ';


--
-- Name: check_transaction(); Type: PROCEDURE; Schema: export_model; Owner: -
--

CREATE PROCEDURE export_model.check_transaction()
    LANGUAGE plpgsql
    AS $$
begin
  commit;
exception when invalid_transaction_termination then
  if export_model.is_atomic(sqlerrm) then
    raise exception 'score_into commits after each step: it cannot run inside a transaction block'
      using errcode = 'active_sql_transaction',
        hint = 'Call it on its own, outside of begin and commit, and not in one string with other statements.';
  end if;
end
$$;


--
-- Name: PROCEDURE check_transaction(); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON PROCEDURE export_model.check_transaction() IS 'export-model 312e76c6a913 512da63e36dd dabe928bad46 ';


--
-- Name: choose_blocks(bigint, bigint, bigint); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.choose_blocks(p_blocks bigint, p_rows bigint, p_bytes bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select greatest(1, least(4 * p_blocks, 1024, floor(p_blocks * least(
  8192.0 / greatest(1, p_rows), 4194304.0 / greatest(1, p_bytes)))::bigint))
$$;


--
-- Name: FUNCTION choose_blocks(p_blocks bigint, p_rows bigint, p_bytes bigint); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.choose_blocks(p_blocks bigint, p_rows bigint, p_bytes bigint) IS 'export-model 312e76c6a913 bfc84ce8bbb9 0eb023b69e50 ';


--
-- Name: collect(bytea, bigint, bigint); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.collect(chunk bytea, first bigint, total bigint) RETURNS void
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
if first == 0:
    GD["export_model weights"] = bytearray(total)
GD["export_model weights"][first : first + len(chunk)] = chunk
$$;


--
-- Name: FUNCTION collect(chunk bytea, first bigint, total bigint); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.collect(chunk bytea, first bigint, total bigint) IS 'export-model 312e76c6a913 9b5769a22513 94d55a986cc4 ';


--
-- Name: column_letter(regtype, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.column_letter(p_type regtype, p_kind text) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
with recursive below as (
  select t.oid, t.typtype, t.typcategory, t.typbasetype from pg_type t where t.oid = p_type
  union all
  select t.oid, t.typtype, t.typcategory, t.typbasetype from below b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd'
)
select case
    when p_kind = 'text' and (b.typcategory = 'S' or b.typtype = 'e') then 't'
    else (select l.letter from (values
        ('number', 'double precision', 'd'), ('number', 'bigint', 'q'), ('number', 'real', 'f'), ('number', 'integer', 'i'),
        ('number', 'smallint', 'h'), ('number', 'numeric', 'n'), ('boolean', 'boolean', 'b'), ('date', 'date', 'y'),
        ('timestamp', 'timestamp', 's'), ('timestamp', 'timestamptz', 's'), ('timestamp', 'date', 's')
      ) as l (kind, type, letter) where l.kind = p_kind and l.type::regtype = b.oid) end
from below b where b.typtype <> 'd'
$$;


--
-- Name: FUNCTION column_letter(p_type regtype, p_kind text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.column_letter(p_type regtype, p_kind text) IS 'export-model 312e76c6a913 cf9c667ace26 20eeb82ac5ed ';


--
-- Name: column_letters(text[], regtype[], text[]); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.column_letters(p_names text[], p_types regtype[], p_kinds text[]) RETURNS text
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  l_letters text := '';
  l_wrong text[] := '{}';
  l_casts text[] := '{}';
  l_letter text;
  l_type regtype;
  l_held text;
  l_item text;
  l_is_array boolean;
begin
  for i in 1 .. cardinality(p_types) loop
    l_letter := export_model.column_letter(p_types[i], p_kinds[i]);
    if l_letter is null then
      l_wrong := l_wrong || format('column "%s" is %s, the model takes a %s', p_names[i], p_types[i], p_kinds[i]);
      select t.typcategory = 'A', case when t.typcategory = 'A' then t.typelem else t.oid end
        into l_is_array, l_type from pg_type t where t.oid = p_types[i];
      select k.kind into l_held from unnest('{number,boolean,date,timestamp,text}'::text[]) with ordinality as k (kind, n)
        where export_model.column_letter(l_type, k.kind) is not null order by k.n limit 1;
      l_item := format('%I', p_names[i]) || case when l_is_array and p_kinds[i] <> 'text' then '[1]' else '' end;
      -- PostgreSQL has no casts between most of these; see cast_column, which says the same of a table.
      l_casts := l_casts || (case case when l_is_array and p_kinds[i] = 'text' then 'other' else coalesce(l_held, 'other') end || ' as ' || p_kinds[i]
        when p_kinds[i] || ' as ' || p_kinds[i] then l_item
        when 'number as boolean' then l_item || ' <> 0'
        when 'number as date' then 'date ''1970-01-01'' + ' || l_item || '::integer'
        when 'number as timestamp' then 'to_timestamp(' || l_item || ') at time zone ''UTC'''
        when 'boolean as number' then l_item || '::integer'
        when 'date as number' then l_item || ' - date ''1970-01-01'''
        when 'timestamp as number' then 'extract(epoch from ' || l_item || ')'
        when 'timestamp as date' then l_item || '::date'
        when 'boolean as date' then 'null::date'
        when 'boolean as timestamp' then 'null::timestamp'
        when 'date as boolean' then 'null::boolean'
        when 'timestamp as boolean' then 'null::boolean'
        else l_item || case when p_kinds[i] = 'text' then '::text'
          else '::text::' || case p_kinds[i] when 'number' then 'double precision' else p_kinds[i] end end
      end || format(' as %I', p_names[i]));
    end if;
    l_letters := l_letters || coalesce(l_letter, '?');
  end loop;
  if cardinality(l_wrong) > 0 then
    raise exception '%', array_to_string(l_wrong, '; ')
      using errcode = 'datatype_mismatch', hint = format('A query can cast: select %s, ...', array_to_string(l_casts, ', '));
  end if;
  return l_letters;
end
$$;


--
-- Name: FUNCTION column_letters(p_names text[], p_types regtype[], p_kinds text[]); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.column_letters(p_names text[], p_types regtype[], p_kinds text[]) IS 'export-model 312e76c6a913 5efb317d9e20 2d45d0d9717b ';


--
-- Name: count_blocks(regclass); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.count_blocks(p_table regclass) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
with recursive tables as (
  select p_table::oid as id
  union
  select i.inhrelid from pg_inherits i join tables t on i.inhparent = t.id
)
select case when bool_and(c.relkind = 'p' or c.relkind in ('r', 'm') and a.amname = 'heap')
    and current_setting('server_version_num')::integer >= 140000
  then max(pg_relation_size(c.oid)) / current_setting('block_size')::bigint end
from tables t join pg_class c on c.oid = t.id left join pg_am a on a.oid = c.relam
$$;


--
-- Name: FUNCTION count_blocks(p_table regclass); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.count_blocks(p_table regclass) IS 'export-model 312e76c6a913 935e53c6c1ee 6be49733dfaa ';


--
-- Name: describe_job(text, regclass, jsonb); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.describe_job(p_version text, p_target regclass, p_source jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  l_target constant text := export_model.full_name(p_target);
  l_resumes boolean;
  l_condition text := 'true';
begin
  execute format('select exists (select from %s where model_version = $1)', l_target) into l_resumes using p_version;
  if l_resumes then
    l_condition := format('(select true from %s t where t.key %s %s'
      ' and t.model_version operator(pg_catalog.=) %L::pg_catalog.text offset 0) is null',
      l_target, export_model.equality(p_target), p_source ->> 'key_item', p_version);
  end if;
  return p_source || jsonb_build_object('target', l_target, 'condition', l_condition);
end
$_$;


--
-- Name: FUNCTION describe_job(p_version text, p_target regclass, p_source jsonb); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.describe_job(p_version text, p_target regclass, p_source jsonb) IS 'export-model 312e76c6a913 b104895d992d 4cd7d613f353 ';


--
-- Name: describe_windows(jsonb, regclass, text, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.describe_windows(p_job jsonb, p_target regclass, p_partition text, p_order text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  l_target constant text := export_model.full_name(p_target);
  l_from constant text := p_job ->> 'from_item';
  l_names constant jsonb := (select jsonb_object_agg(e ->> 'what', e ->> 'name') from jsonb_array_elements(p_job -> 'columns') as u (e));
  l_resumes boolean;
  l_row text;
begin
  execute format('select exists (select from %s where %I = $1)', l_target, l_names ->> 'model_version')
    into l_resumes using p_job ->> 'version';
  if l_names ?| array['order_by', 'partition_by'] then
    select format('row(%s)::%s', string_agg(coalesce(case w.what when 'key' then p_job ->> 'held_item' when 'order_by' then p_job ->> 'order_item'
        when 'partition_by' then p_job ->> 'partition_item' end || '::' || w.type, 'null'), ', ' order by a.attnum), l_target)
      into l_row
      from pg_attribute a join jsonb_to_recordset(p_job -> 'columns') as w (name text, what text, type text) on w.name = a.attname
      where a.attrelid = p_target and a.attnum > 0 and not a.attisdropped;
    p_job := p_job || jsonb_build_object('held_item', l_row, 'held_type', l_target, 'held_key', l_names ->> 'key');
  end if;
  return p_job || jsonb_build_object('target', l_target, 'key_column', l_names ->> 'key', 'version_column', l_names ->> 'model_version',
    'resumes', l_resumes,
    'has_index', not starts_with(l_from, '(') and export_model.has_series_index(to_regclass(l_from), p_partition, p_order));
end
$_$;


--
-- Name: FUNCTION describe_windows(p_job jsonb, p_target regclass, p_partition text, p_order text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.describe_windows(p_job jsonb, p_target regclass, p_partition text, p_order text) IS 'export-model 312e76c6a913 8b2f2a6e6345 5bbdf5fe3dc7 ';


--
-- Name: drop_model(text, boolean); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.drop_model(p_model text, p_force boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET client_min_messages TO 'warning'
    AS $_$
declare
  l_cascade constant text := case when p_force then ' cascade' else '' end;
  l_tables constant text[] := array(
    select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'export_model' and c.relkind = 'r'
      and c.relname in ('models', 'versions', 'tensors', 'chunks', 'samples', 'objects') order by 1);
  l_owners constant oid[] := array(select r.oid from pg_roles r where r.rolsuper or r.rolname = current_user);
  l_versions text[] := '{}';
  l_objects text[] := '{}';
  l_schema oid;
  l_is_known boolean := false;
  l_is_last boolean := true;
  l_name text;
begin
  perform pg_advisory_xact_lock(7307497, 1);
  if l_tables @> '{versions}' then
    l_versions := array(select version from export_model.versions where model = p_model);
    l_is_known := l_versions <> '{}';
  end if;
  if l_tables @> '{models}' then
    l_is_known := l_is_known or exists (select from export_model.models where name = p_model);
  end if;
  if l_tables @> '{objects}' then
    l_objects := array(select replace(identity, '"', '') from export_model.objects where model = p_model);
    l_is_known := l_is_known or l_objects <> '{}';
  end if;
  select n.oid into l_schema from pg_namespace n where n.nspname = p_model
    and (l_is_known or left(obj_description(n.oid, 'pg_namespace'), 14) = 'export-model: ');
  if l_schema is null and l_is_known then  -- renamed: its comment tells the version
    select n.oid into l_schema from pg_namespace n
      where exists (select from unnest(l_versions) v
                    where obj_description(n.oid, 'pg_namespace') like 'export-model: %, version ' || substr(v, 1, 12))
        and n.nspowner = any (l_owners) limit 1;
  end if;
  if l_schema is null and not l_is_known then
    raise exception 'there is no model "%"', p_model
      using hint = 'See: select model from export_model.overview;';
  end if;

  for l_name in
    select p.oid::regprocedure::text from pg_proc p
      left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
    where substr(d.description, 53) = p_model
        and d.description like 'export-model %' and p.proowner = any (l_owners) or p.pronamespace = l_schema
      and (d.description like 'export-model %'
        or replace(p_model || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '') = any (l_objects))
    order by exists (select from pg_aggregate a where a.aggfnoid = p.oid) desc
  loop
    execute 'drop routine if exists ' || l_name || l_cascade;
  end loop;
  for l_name in
    select t.oid::regtype::text from pg_type t where t.typnamespace = l_schema and t.typtype = 'c'
      and (t.typname ~ '^outputs_[0-9a-f]{8}$' or t.typname = 'stacked_row')
      and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c')
  loop
    execute 'drop type ' || l_name || l_cascade;
  end loop;
  for l_name in
    select w.fdwname from pg_foreign_data_wrapper w
    where obj_description(w.oid, 'pg_foreign_data_wrapper') = 'export-model: weights of model ' || p_model
  loop
    execute format('drop foreign data wrapper %I cascade', l_name);
  end loop;
  foreach l_name in array l_tables loop
    execute format('delete from export_model.%I where %I = any ($1)', l_name,
        case when l_name in ('models', 'objects', 'versions') then case l_name when 'models' then 'name' else 'model' end else 'version' end)
      using case when l_name in ('models', 'objects', 'versions') then array[p_model] else l_versions end;
  end loop;
  if l_schema is not null then
    l_name := (select nspname from pg_namespace where oid = l_schema);
    begin
      execute format('drop schema %I', l_name);
    exception when dependent_objects_still_exist then
      execute format('comment on schema %I is null', l_name);
      raise warning 'schema "%" stays: it holds objects that export-model did not make', l_name;
    end;
  end if;

  if l_tables @> '{versions}' then
    for l_name in
      select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'export_model' and p.proname like 'runtime\_%'
        and not exists (select from export_model.versions v where v.runtime = p.proname)
    loop
      execute 'drop routine ' || l_name;
    end loop;
    l_is_last := not exists (select from export_model.versions);
  end if;
  if l_tables @> '{models}' and l_is_last then
    l_is_last := not exists (select from export_model.models);
  end if;
  if not l_is_last or not exists (select from pg_namespace where nspname = 'export_model') then
    return;
  end if;
  begin
    if to_regclass('export_model.overview') is not null then
      execute 'drop view export_model.overview' || l_cascade;
    end if;
    if l_tables <> '{}' then
      execute (select 'drop table ' || string_agg('export_model.' || quote_ident(t), ', ') || l_cascade from unnest(l_tables) t);
    end if;
    for l_name in
      select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
      where n.nspname = 'export_model' and (p.proname = any (array['drop_model', 'full_name', 'type_name', 'list_columns', 'ask_types', 'pack_item', 'column_letter', 'column_letters', 'pack_arguments', 'pack_columns', 'pack_row', 'count_blocks', 'held_type', 'query_item', 'check_settings', 'source', 'gather_query', 'give_query', 'choose_blocks', 'fetch_batch', 'score_rows', 'answer_batch', 'score_source', 'target_query', 'list_types', 'check_target', 'check_name', 'prepare_target', 'has_key', 'check_key', 'check_key_type', 'lock_target', 'equality', 'describe_job', 'open_scoring', 'store_scores', 'score_blocks', 'score_fetched', 'rows_query', 'is_atomic', 'check_transaction', 'score_into', 'order_operator', 'gap_condition', 'series', 'windows_query', 'all_rows', 'key_text', 'fetch_windows', 'score_window_rows', 'answer_windows', 'window_source', 'score_series', 'last_rows', 'fetch_series', 'answer_forecasts', 'forecast_source', 'has_series_index', 'target_columns', 'window_target_query', 'window_target_problem', 'window_target', 'new_rows', 'window_rows_query', 'describe_windows', 'open_windows', 'write_windows', 'store_windows', 'score_windows_into', 'loaded', 'cache_limit', 'evict', 'collect', 'load', 'array_bytes', 'record_bytes', 'forget', 'vector_row', 'vector_place', 'vector_times', 'vector_over', 'vector_unknown', 'vector_problem']::pg_catalog.text[]) or p.proname like 'runtime\_%'
        or d.description like 'export-model %')
    loop
      execute 'drop routine ' || l_name || l_cascade;
    end loop;
    execute 'drop schema export_model';
  exception when dependent_objects_still_exist then
    raise warning 'the empty registry stays: other objects depend on it';
  end;
end
$_$;


--
-- Name: FUNCTION drop_model(p_model text, p_force boolean); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.drop_model(p_model text, p_force boolean) IS 'export-model 312e76c6a913 06268a463464 82d58c300ad9 ';


--
-- Name: equality(regclass); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.equality(p_target regclass) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;


--
-- Name: FUNCTION equality(p_target regclass); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.equality(p_target regclass) IS 'export-model 312e76c6a913 228f27251cf4 dda4012978ee ';


--
-- Name: evict(bigint, bigint, double precision, text[]); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.evict(wanted bigint, size_limit bigint, since double precision, known text[]) RETURNS void
    LANGUAGE plpython3u PARALLEL RESTRICTED
    AS $$
GD.pop("export_model weights", None)
prefix = "export_model:"
models = {key: GD[key] for key in list(GD) if isinstance(key, str) and key.startswith(prefix)}
idle = sorted((model.used, key) for key, model in models.items() if getattr(model, "used", since) < since)
held = wanted + sum(getattr(model, "size_bytes", 0) for model in models.values())
gone = [key for used, key in idle if known is not None and key[len(prefix) :] not in known]
for key in gone + [key for used, key in idle if key not in gone]:
    if key in gone or held > size_limit:
        held -= models[key].size_bytes
        del GD[key]
$$;


--
-- Name: FUNCTION evict(wanted bigint, size_limit bigint, since double precision, known text[]); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.evict(wanted bigint, size_limit bigint, since double precision, known text[]) IS 'export-model 312e76c6a913 c4064c788aba 96eb40305bd4 ';


--
-- Name: fetch_batch(refcursor, anyelement); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.fetch_batch(p_cursor refcursor, p_null anyelement, OUT keys anyarray, OUT rows bytea) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  l_row record;
  l_parts bytea[] := '{}';
  l_bytes bigint := 0;
begin
  while cardinality(l_parts) < 4096 and l_bytes < 4194304 loop
    fetch p_cursor into l_row;
    exit when not found;
    keys := array_append(keys, l_row.key);
    l_parts := array_append(l_parts, l_row.packed);
    l_bytes := l_bytes + octet_length(l_row.packed);
  end loop;
  rows := (select string_agg(u, '') from unnest(l_parts) u);
end
$$;


--
-- Name: FUNCTION fetch_batch(p_cursor refcursor, p_null anyelement, OUT keys anyarray, OUT rows bytea); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.fetch_batch(p_cursor refcursor, p_null anyelement, OUT keys anyarray, OUT rows bytea) IS 'export-model 312e76c6a913 3a85554956c6 2cd32c0bf8e8 ';


--
-- Name: fetch_series(refcursor, integer, anyelement); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.fetch_series(p_cursor refcursor, p_steps integer, p_null anyelement, OUT series anyarray, OUT rows bytea, OUT counts integer[], OUT ahead bytea) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  l_most constant integer := least(1024, greatest(1, 65536 / p_steps));  -- a call cannot be cancelled, and holds all of its steps
  l_row record;
  l_rows bytea[] := '{}';
  l_ahead bytea[] := '{}';
  l_bytes bigint := 0;
begin
  while cardinality(l_rows) < l_most and l_bytes < 4194304 loop
    fetch p_cursor into l_row;
    exit when not found;
    if l_row.is_nowhere then
      raise exception 'a row of series % has no place: what it is ordered or partitioned by is NULL', coalesce(l_row.p::text, 'NULL')
        using errcode = 'null_value_not_allowed', hint = 'Leave such rows out by a query: select ... where ... is not null.';
    elsif l_row.is_tied then
      raise exception 'two of the last rows of series % have the same place', l_row.p
        using errcode = 'cardinality_violation', hint = 'Order by a column that tells the rows of a series apart.';
    elsif l_row.ahead_count < p_steps then
      raise exception 'series % has % rows ahead, and % steps need as many', l_row.p, l_row.ahead_count, p_steps
        using errcode = 'no_data_found', hint = 'Give more rows in ahead, or ask for fewer steps.';
    end if;
    series := array_append(series, l_row.p);
    counts := array_append(counts, l_row.count);
    l_rows := array_append(l_rows, l_row.rows);
    l_ahead := array_append(l_ahead, l_row.ahead);
    l_bytes := l_bytes + octet_length(l_row.rows) + octet_length(l_row.ahead);
  end loop;
  rows := (select string_agg(u, '' order by n) from unnest(l_rows) with ordinality as x (u, n));
  ahead := (select string_agg(u, '' order by n) from unnest(l_ahead) with ordinality as x (u, n));
end
$$;


--
-- Name: FUNCTION fetch_series(p_cursor refcursor, p_steps integer, p_null anyelement, OUT series anyarray, OUT rows bytea, OUT counts integer[], OUT ahead bytea); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.fetch_series(p_cursor refcursor, p_steps integer, p_null anyelement, OUT series anyarray, OUT rows bytea, OUT counts integer[], OUT ahead bytea) IS 'export-model 312e76c6a913 b1a5b8d0c988 e94fb3c002d1 ';


--
-- Name: fetch_windows(refcursor, text, text, anyelement); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.fetch_windows(p_cursor refcursor, p_order text, p_key text, p_null anyelement, OUT keys anyarray, OUT rows bytea, OUT starts integer[], OUT stored integer[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  l_row record;
  l_parts bytea[] := '{}';
  l_bytes bigint := 0;
  l_count integer := 0;
begin
  starts := '{}';
  stored := '{}';
  while l_count < 4096 and l_bytes < 4194304 loop
    fetch p_cursor into l_row;
    exit when not found;
    if l_row.mark > 0 then
      if l_row.mark = 8 then
        raise exception 'the row with key % has the same % as another of its series',
            export_model.key_text(l_row.key, p_key), p_order
          using errcode = 'cardinality_violation', hint = 'Order by a column that tells the rows of a series apart, or give'
            ' a query that leaves one of each.';
      elsif l_row.mark = 16 then
        raise exception 'the row with key % has no place: what it is ordered or partitioned by is NULL',
            export_model.key_text(l_row.key, p_key)
          using errcode = 'null_value_not_allowed', hint = 'Leave such rows out by a query: select ... where ... is not null.';
      end if;
      if l_row.mark in (1, 3) then
        starts := array_append(starts, l_count);
      end if;
      if l_row.mark in (2, 3) then
        stored := array_append(stored, l_count);
      end if;
    end if;
    keys := array_append(keys, l_row.key);
    l_parts := array_append(l_parts, l_row.packed);
    l_bytes := l_bytes + octet_length(l_row.packed);
    l_count := l_count + 1;
  end loop;
  rows := (select string_agg(u, '') from unnest(l_parts) u);
end
$$;


--
-- Name: FUNCTION fetch_windows(p_cursor refcursor, p_order text, p_key text, p_null anyelement, OUT keys anyarray, OUT rows bytea, OUT starts integer[], OUT stored integer[]); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.fetch_windows(p_cursor refcursor, p_order text, p_key text, p_null anyelement, OUT keys anyarray, OUT rows bytea, OUT starts integer[], OUT stored integer[]) IS 'export-model 312e76c6a913 1f6847f0ff12 ed8f8b9f1816 ';


--
-- Name: forecast_source(jsonb, text, text, text, integer, text, integer); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.forecast_source(p_scorer jsonb, p_source text, p_partition text, p_order text, p_steps integer, p_ahead text, p_fed integer) RETURNS TABLE(series text, step integer, forecast text)
    LANGUAGE plpgsql STABLE
    AS $_$
declare
  l_job pg_catalog.jsonb;
  l_ahead pg_catalog.jsonb;
  l_cursor pg_catalog.refcursor;
  l_type pg_catalog.text;
  l_next record;
begin
  if p_steps is null or p_steps operator(pg_catalog.<) 1 or p_steps operator(pg_catalog.>) 10000 then
    raise exception 'steps is %; give 1 to 10000', p_steps using errcode = 'invalid_parameter_value';
  end if;
  if p_fed is not null and (p_fed operator(pg_catalog.<) 1 or p_fed operator(pg_catalog.>) (p_scorer operator(pg_catalog.->>) 'numbers')::pg_catalog.int4) then
    raise exception 'fed is %; the model gives % numbers', p_fed, p_scorer operator(pg_catalog.->>) 'numbers'
      using errcode = 'invalid_parameter_value', hint = 'It tells which of them becomes the next value, from 1; NULL is the one in the middle.';
  end if;
  l_job := p_scorer operator(pg_catalog.||) export_model.window_source(p_scorer, p_source, p_order, p_partition, p_order, null, null);
  if (p_scorer operator(pg_catalog.->) 'ahead') is not null then
    if p_ahead is null then
      raise exception 'the model forecasts some columns of a row, and the others have to be known: %',
          p_scorer operator(pg_catalog.#>>) '{ahead,0,columns}'
        using errcode = 'null_value_not_allowed', hint = 'Give ahead, a table or query of these columns for the steps to come.';
    end if;
    l_ahead := export_model.window_source(
      p_scorer operator(pg_catalog.||) pg_catalog.jsonb_build_object('rows', p_scorer operator(pg_catalog.->) 'ahead'),
      p_ahead, p_order, p_partition, p_order, null, null);
  elsif p_ahead is not null then
    raise exception 'the model forecasts all columns of a row, and ahead is of no use' using errcode = 'invalid_parameter_value';
  end if;
  l_type := coalesce(l_job operator(pg_catalog.->>) 'partition_type', 'pg_catalog.bool');
  open l_cursor no scroll for execute export_model.last_rows(l_job, p_steps, l_ahead);
  loop
    return query execute pg_catalog.format('select a.series, a.step, a.forecast from export_model.fetch_series($1, $2, null::%s) f,'
      ' lateral export_model.answer_forecasts($3, f.series, f.rows, f.counts, $2, f.ahead, $4) a where f.series is not null', l_type)
      using l_cursor, p_steps, p_scorer operator(pg_catalog.->>) 'forecasts',
        coalesce(p_fed operator(pg_catalog.-) 1, ((p_scorer operator(pg_catalog.->>) 'numbers')::pg_catalog.int4 operator(pg_catalog.-) 1) operator(pg_catalog./) 2);
    exit when not found;
  end loop;
  close l_cursor;
end
$_$;


--
-- Name: FUNCTION forecast_source(p_scorer jsonb, p_source text, p_partition text, p_order text, p_steps integer, p_ahead text, p_fed integer); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.forecast_source(p_scorer jsonb, p_source text, p_partition text, p_order text, p_steps integer, p_ahead text, p_fed integer) IS 'export-model 312e76c6a913 b49f2f1a1eef 71da285fbabb ';


--
-- Name: forget(); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.forget() RETURNS bigint
    LANGUAGE plpython3u
    AS $$
keys = [key for key in GD if isinstance(key, str) and key.startswith("export_model:")]
return sum(getattr(GD.pop(key), "size_bytes", 0) for key in keys)
$$;


--
-- Name: FUNCTION forget(); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.forget() IS 'export-model 312e76c6a913 de073fccf8dc 702fb43e482b ';


--
-- Name: full_name(regclass); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.full_name(p_table regclass) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select format('%I.%I', n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = p_table
$$;


--
-- Name: FUNCTION full_name(p_table regclass); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.full_name(p_table regclass) IS 'export-model 312e76c6a913 5b522158e56e 53c58b09cf4d ';


--
-- Name: gap_condition(text, text, text, regtype); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.gap_condition(p_order text, p_type text, p_gap text, p_gap_type regtype) RETURNS text
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  l_numbers constant regtype[] := '{smallint,integer,bigint,real,double precision,numeric}';
  l_is_time constant boolean := p_type::regtype = any ('{timestamp,timestamptz,date}'::regtype[]);
  l_gap constant text := format('%L::%s', p_gap, case when p_gap_type = 'interval'::regtype then 'pg_catalog.interval' else 'pg_catalog.numeric' end);
  l_is_wide boolean;
begin
  if not (l_is_time and p_gap_type = 'interval'::regtype
      or p_type::regtype = any (l_numbers) and p_gap_type = any (l_numbers)) then
    raise exception 'max_gap is %, and column "%" is %', p_gap_type, p_order, p_type
      using errcode = 'datatype_mismatch',
        hint = 'Times take an interval, as in max_gap => interval ''5 minutes''; numbers take a number.';
  end if;
  execute format('select %s > %s', l_gap, case when l_is_time then 'interval ''0''' else '0' end) into l_is_wide;
  if not l_is_wide then
    raise exception 'max_gap is %; give more than nothing', p_gap using errcode = 'invalid_parameter_value';
  end if;
  return format('(%1$s operator(pg_catalog.-) pg_catalog.lag(%1$s) over w) operator(pg_catalog.>) %2$s',
    case when p_type::regtype = 'date'::regtype then 'q.o::pg_catalog.timestamp' else 'q.o' end, l_gap);
end
$_$;


--
-- Name: FUNCTION gap_condition(p_order text, p_type text, p_gap text, p_gap_type regtype); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.gap_condition(p_order text, p_type text, p_gap text, p_gap_type regtype) IS 'export-model 312e76c6a913 584118ca96c0 a7c2c42fb2a9 ';


--
-- Name: gather_query(text, text, text, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.gather_query(p_from_item text, p_key text, p_row_item text, p_condition text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
select format('select pg_catalog.array_agg(%s) as keys, pg_catalog.string_agg(%s, %L::pg_catalog.bytea) as rows from %s s'
  ' where s.ctid operator(pg_catalog.>=) pg_catalog.format(%L, $1)::pg_catalog.tid'
  ' and s.ctid operator(pg_catalog.<) pg_catalog.format(%L, $2)::pg_catalog.tid and %s',
  p_key, p_row_item, '', p_from_item, '(%s,0)', '(%s,0)', p_condition)
$_$;


--
-- Name: FUNCTION gather_query(p_from_item text, p_key text, p_row_item text, p_condition text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.gather_query(p_from_item text, p_key text, p_row_item text, p_condition text) IS 'export-model 312e76c6a913 dd0250afdf19 91c45aeb5c87 ';


--
-- Name: give_query(regtype); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.give_query(p_type regtype) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
select format('select pg_catalog.unnest($1), pg_catalog.unnest($2)::%I.%I', n.nspname, t.typname)
from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.oid = p_type
$_$;


--
-- Name: FUNCTION give_query(p_type regtype); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.give_query(p_type regtype) IS 'export-model 312e76c6a913 07cf8d56d050 064eb9ce45b9 ';


--
-- Name: has_key(regclass, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.has_key(p_table regclass, p_key text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select exists (
  select from pg_index i
  join pg_class c on c.oid = i.indrelid
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
  where i.indrelid = p_table and a.attname = p_key and a.attnotnull and i.indnkeyatts = 1
    and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null
    and (c.relkind = 'p' or not exists (select from pg_inherits h where h.inhparent = c.oid)))
$$;


--
-- Name: FUNCTION has_key(p_table regclass, p_key text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.has_key(p_table regclass, p_key text) IS 'export-model 312e76c6a913 f991db1e5048 05ae83e56bea ';


--
-- Name: has_series_index(regclass, text, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.has_series_index(p_table regclass, p_partition text, p_order text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select exists (
  select from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_am m on m.oid = c.relam and m.amname = 'btree'
  where i.indrelid = p_table and i.indisvalid and i.indpred is null
    and (select array_agg(a.attname::text order by u.n) from generate_series(0, i.indnkeyatts - 1) as u (n)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[u.n])
      [1 : case when p_partition is null then 1 else 2 end] = array_remove(array[p_partition, p_order], null))
$$;


--
-- Name: FUNCTION has_series_index(p_table regclass, p_partition text, p_order text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.has_series_index(p_table regclass, p_partition text, p_order text) IS 'export-model 312e76c6a913 c523f9f2cc7a 57742c3788c1 ';


--
-- Name: held_type(regtype); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.held_type(p_type regtype) RETURNS regtype
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
with recursive below as (
  select t.* from pg_type t where t.oid = p_type
  union all
  select t.* from below b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd'
)
select case when typarray = 0 or typcategory = 'A' or typtype = 'p' then 'text'::regtype else oid::regtype end
from below where typtype <> 'd'
$$;


--
-- Name: FUNCTION held_type(p_type regtype); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.held_type(p_type regtype) IS 'export-model 312e76c6a913 9bc3dd504ebf 72fb5d0573e9 ';


--
-- Name: is_atomic(text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.is_atomic(p_message text) RETURNS boolean
    LANGUAGE plpgsql STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  commit;
exception when invalid_transaction_termination then
  return sqlerrm = p_message;
end
$$;


--
-- Name: FUNCTION is_atomic(p_message text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.is_atomic(p_message text) IS 'export-model 312e76c6a913 18f505f41021 780ee84b7df2 ';


--
-- Name: key_text(anyelement, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.key_text(p_held anyelement, p_key text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select coalesce(case when p_key is null then p_held::text else to_jsonb(p_held) ->> p_key end, 'NULL')
$$;


--
-- Name: FUNCTION key_text(p_held anyelement, p_key text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.key_text(p_held anyelement, p_key text) IS 'export-model 312e76c6a913 952a98b7d5e1 fb3daa8fb31a ';


--
-- Name: last_rows(jsonb, integer, jsonb); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.last_rows(p_job jsonb, p_steps integer, p_ahead jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  l_partition constant text := coalesce(p_job ->> 'partition_item', 'true');
  l_order constant text := p_job ->> 'order_item';
  l_length constant integer := p_job ->> 'length';
  l_last text;
  l_follows text;
begin
  l_last := format('select q.p, pg_catalog.string_agg(q.packed, %L order by q.o) as rows, pg_catalog.count(*)::pg_catalog.int4 as count,'
    ' (pg_catalog.array_agg(q.o order by q.o desc))[1] as last,'
    ' pg_catalog.bool_or(q.o is null or q.p is null) as is_nowhere, pg_catalog.bool_or(q.n operator(pg_catalog.<>) q.rank) as is_tied'
    ' from (select %s as p, %s as o, %s as packed, pg_catalog.row_number() over w as n, pg_catalog.rank() over w as rank from %s s'
    ' window w as (partition by %s order by %s desc)) q where q.n operator(pg_catalog.<=) %s group by q.p%s',
    ''::bytea, l_partition, l_order, p_job ->> 'row_item', p_job ->> 'from_item', l_partition, l_order, l_length,
    case when (p_job ->> 'pads')::boolean then '' else format(
      ' having pg_catalog.count(*) operator(pg_catalog.=) %s or pg_catalog.bool_or(q.o is null or q.p is null)', l_length) end);
  if p_ahead is null then
    return format('select l.p, l.rows, l.count, %L::pg_catalog.bytea as ahead, %s as ahead_count, l.is_nowhere, l.is_tied from (%s) l order by l.p',
      ''::bytea, p_steps, l_last);
  end if;
  l_follows := format('%s %s l.last', p_ahead ->> 'order_item', export_model.order_operator((p_job ->> 'order_type')::regtype, 5));
  if p_job ->> 'partition_item' is not null then
    l_follows := l_follows || format(' and %s %s l.p', p_ahead ->> 'partition_item',
      export_model.order_operator((p_job ->> 'partition_type')::regtype, 3));
  end if;
  return format('with l as (%1$s) select l.p, l.rows, l.count, a.rows as ahead, coalesce(a.count, 0) as ahead_count, l.is_nowhere, l.is_tied from l'
    ' left join (select q.p, pg_catalog.string_agg(q.packed, %2$L order by q.o) as rows, pg_catalog.count(*)::pg_catalog.int4 as count from ('
    'select l.p, %3$s as o, %4$s as packed, pg_catalog.row_number() over (partition by l.p order by %3$s) as n'
    ' from %5$s s join l on %6$s) q where q.n operator(pg_catalog.<=) %7$s group by q.p) a on a.p %8$s l.p order by l.p',
    l_last, ''::bytea, p_ahead ->> 'order_item', p_ahead ->> 'row_item', p_ahead ->> 'from_item', l_follows, p_steps,
    case when p_job ->> 'partition_item' is null then 'operator(pg_catalog.=)'
      else export_model.order_operator((p_job ->> 'partition_type')::regtype, 3) end);
end
$_$;


--
-- Name: FUNCTION last_rows(p_job jsonb, p_steps integer, p_ahead jsonb); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.last_rows(p_job jsonb, p_steps integer, p_ahead jsonb) IS 'export-model 312e76c6a913 734c034ac87c fe3a2f03800f ';


--
-- Name: list_columns(text, jsonb); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.list_columns(p_key text, p_inputs jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select p_key || array(
  select c.name from jsonb_array_elements(p_inputs) with ordinality as i (input, n),
    jsonb_array_elements_text(i.input -> 'columns') with ordinality as c (name, n)
  order by i.n, c.n)
$$;


--
-- Name: FUNCTION list_columns(p_key text, p_inputs jsonb); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.list_columns(p_key text, p_inputs jsonb) IS 'export-model 312e76c6a913 f3a5ed4ce570 8a8a83561cba ';


--
-- Name: list_types(name[], oid[]); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.list_types(p_names name[], p_types oid[]) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select string_agg(p_names[i] || ' ' || format_type(p_types[i], -1), ', ' order by i)
from generate_series(1, cardinality(p_names)) as u (i)
$$;


--
-- Name: FUNCTION list_types(p_names name[], p_types oid[]); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.list_types(p_names name[], p_types oid[]) IS 'export-model 312e76c6a913 e5b0b2cddf22 29a99b88021e ';


--
-- Name: load(text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.load(p_version text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED
    SET debug_print_parse TO 'off'
    SET debug_print_rewritten TO 'off'
    SET debug_print_plan TO 'off'
    AS $_$
declare
  l_plan pg_catalog.text;
  l_runtime pg_catalog.text;
  l_expected bigint;
  l_found bigint;
  l_total bigint;
  l_first bigint := 0;
  l_takes_collected boolean;
  l_chunk pg_catalog.bytea;
begin
  select v.plan, v.runtime, v.chunks into l_plan, l_runtime, l_expected
    from export_model.versions v where v.version operator(pg_catalog.=) p_version;
  if not found then
    raise exception 'model version % cannot be seen by this transaction', p_version
      using hint = 'It was deployed after the transaction began, or dropped: start a new transaction.';
  end if;
  select pg_catalog.count(*), coalesce(pg_catalog.sum(pg_catalog.octet_length(c.data)), 0) into l_found, l_total
    from export_model.chunks c where c.version operator(pg_catalog.=) p_version;
  if l_found operator(pg_catalog.<>) l_expected then
    raise exception 'model version %: % of % chunks of weights are there', p_version, l_found, l_expected
      using hint = 'Rows of export_model.chunks were removed; drop the model and deploy it again.';
  end if;
  perform export_model.evict(l_total, export_model.cache_limit(),
    pg_catalog.date_part('epoch', pg_catalog.statement_timestamp()),
    (select pg_catalog.array_agg(v.version) from export_model.versions v));
  select p.pronargdefaults operator(pg_catalog.>) 0 into l_takes_collected from pg_catalog.pg_proc p
    where p.pronamespace operator(pg_catalog.=) 'export_model'::pg_catalog.regnamespace::pg_catalog.oid
      and p.proname operator(pg_catalog.=) l_runtime::pg_catalog.name;
  if not l_takes_collected then  -- a runtime made by an earlier program
    execute pg_catalog.format('select export_model.%I($1, $2, $3)', l_runtime)
      using p_version, l_plan, (
        select coalesce(pg_catalog.string_agg(c.data, ''::pg_catalog.bytea order by c.chunk), ''::pg_catalog.bytea)
        from export_model.chunks c where c.version operator(pg_catalog.=) p_version);
    return;
  end if;
  perform export_model.collect(''::pg_catalog.bytea, 0, l_total);
  for l_chunk in
    select c.data from export_model.chunks c where c.version operator(pg_catalog.=) p_version order by c.chunk
  loop
    perform export_model.collect(l_chunk, l_first, l_total);
    l_first := l_first operator(pg_catalog.+) pg_catalog.octet_length(l_chunk);
  end loop;
  execute pg_catalog.format('select export_model.%I($1, $2)', l_runtime) using p_version, l_plan;
end
$_$;


--
-- Name: FUNCTION load(p_version text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.load(p_version text) IS 'export-model 312e76c6a913 64ae1bc65dbc eb3aa69be0f3 ';


--
-- Name: loaded(text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.loaded(version text) RETURNS boolean
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
return "export_model:" + version in GD
$$;


--
-- Name: FUNCTION loaded(version text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.loaded(version text) IS 'export-model 312e76c6a913 1b3c6d718d58 7a81d78c6471 ';


--
-- Name: lock_target(regclass); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.lock_target(p_target regclass) RETURNS void
    LANGUAGE plpgsql STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if not pg_try_advisory_xact_lock((7307497::bigint << 32) + p_target::oid::bigint) then
    raise exception 'another run is writing scores to %', p_target
      using errcode = 'lock_not_available', hint = 'Wait until it is done, or end it; what it committed is not scored again.';
  end if;
end
$$;


--
-- Name: FUNCTION lock_target(p_target regclass); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.lock_target(p_target regclass) IS 'export-model 312e76c6a913 8c56e9ebc6de bdcb4c45cdfb ';


--
-- Name: new_rows(jsonb, integer, integer); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.new_rows(p_job jsonb, p_part integer, p_parts integer) RETURNS text
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  l_partition constant text := p_job ->> 'partition_item';
  l_from constant text := p_job ->> 'from_item';
  l_order constant text := p_job ->> 'order_item';
  l_order_type constant regtype := (p_job ->> 'order_type')::regtype;
  l_stored constant text := format('(select true from %s t where t.%I %s %s and t.%I operator(pg_catalog.=) %L::pg_catalog.text offset 0)',
    p_job ->> 'target', p_job ->> 'key_column', export_model.order_operator((p_job ->> 'key_type')::regtype, 3), p_job ->> 'key_item',
    p_job ->> 'version_column', p_job ->> 'version');
  l_row constant text := format('%s as key, %s as packed, %s as p, %s as o', p_job ->> 'held_item', p_job ->> 'row_item',
    coalesce(l_partition, 'true'), l_order);
  l_part text := 'true';
  l_same text := 'true';
  l_length constant integer := p_job ->> 'length';
  l_parts text := 'select true';
begin
  if p_parts > 1 then
    l_part := format('pg_catalog.mod(pg_catalog.abs(pg_catalog.hashtext(pg_catalog.encode(export_model.array_bytes(array[%s]), %L))'
      '::pg_catalog.int8), %s) operator(pg_catalog.=) %s', l_partition, 'hex', p_parts, p_part);
  end if;
  if not (p_job ->> 'resumes')::boolean then
    return format('select %s, false as is_stored from %s s where %s', l_row, l_from, l_part);
  end if;
  if not (p_job ->> 'has_index')::boolean then
    return format('select q.key, q.packed, q.p, q.o, coalesce(q.n operator(pg_catalog.<=) q.last, false) as is_stored from ('
      'select r.*, pg_catalog.max(case when r.is_stored then r.n end) over (partition by r.p) as last from ('
      'select %s, %s is not null as is_stored, pg_catalog.row_number() over (%s order by %s) as n from %s s where %s) r) q'
      ' where q.last is null or q.n operator(pg_catalog.>) (q.last operator(pg_catalog.-) %s)',
      l_row, l_stored, coalesce('partition by ' || l_partition, ''), l_order, l_from, l_part, l_length);
  end if;
  if l_partition is not null then
    l_same := format('%s %s b.p', l_partition, export_model.order_operator((p_job ->> 'partition_type')::regtype, 3));
    l_parts := format('(select %1$s as p from %2$s s where %1$s is not null order by %1$s limit 1) union all'
      ' select (select %1$s from %2$s s where %1$s %3$s a.p order by %1$s limit 1) from all_parts a where a.p is not null',
      l_partition, l_from, export_model.order_operator((p_job ->> 'partition_type')::regtype, 5));
  end if;
  return format('with recursive all_parts (p) as (%1$s), parts as ('
    'select s.p from all_parts s where s.p is not null and %2$s), newest as materialized ('
    'select b.p, (select %4$s from %3$s s where %5$s and %4$s is not null and %6$s is not null order by %4$s desc limit 1) as o'
    ' from parts b), begins as materialized ('
    'select b.p, b.o, coalesce((select %4$s from %3$s s where %5$s and %4$s %7$s b.o order by %4$s desc offset %9$s limit 1),'
    ' (select %4$s from %3$s s where %5$s and %4$s is not null order by %4$s limit 1)) as first from newest b)'
    ' select r.key, r.packed, r.p, r.o, coalesce(r.o %10$s b.o, false) as is_stored from begins b'
    ' cross join lateral (select %8$s from %3$s s where %5$s and %4$s %11$s b.first offset 0) r'
    ' union all select r.key, r.packed, r.p, r.o, false from parts b'
    ' cross join lateral (select %8$s from %3$s s where %5$s and %4$s is null limit 1) r%12$s',
    l_parts, replace(l_part, coalesce(l_partition, ''), 's.p'), l_from, l_order, l_same, l_stored,
    export_model.order_operator(l_order_type, 2), l_row, l_length - 1, export_model.order_operator(l_order_type, 2),
    export_model.order_operator(l_order_type, 4),
    case when l_partition is null then '' else format(
      ' union all (select r.key, r.packed, r.p, r.o, false from (select %s from %s s where %s is null limit 1) r)', l_row, l_from, l_partition) end);
end
$_$;


--
-- Name: FUNCTION new_rows(p_job jsonb, p_part integer, p_parts integer); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.new_rows(p_job jsonb, p_part integer, p_parts integer) IS 'export-model 312e76c6a913 e2744039b38b bd0eab968119 ';


--
-- Name: open_scoring(jsonb, text, text, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.open_scoring(p_scorer jsonb, p_source text, p_key text, p_target text) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
declare
  l_source record;
  l_target pg_catalog.regclass;
begin
  if p_source is null or p_key is null or p_target is null then
    raise exception 'the source, its key column and the target must not be NULL'
      using errcode = 'null_value_not_allowed';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'inputs');
  perform export_model.check_key_type(p_key, l_source.key_type);
  perform export_model.check_key(p_source, p_key, l_source.from_item);
  l_target := export_model.prepare_target(p_target, l_source.key_type, p_scorer operator(pg_catalog.->>) 'score_type');
  perform export_model.lock_target(l_target);
  return p_scorer operator(pg_catalog.||) export_model.describe_job(
    p_scorer operator(pg_catalog.->>) 'version', l_target, pg_catalog.row_to_json(l_source)::pg_catalog.jsonb);
end
$$;


--
-- Name: FUNCTION open_scoring(p_scorer jsonb, p_source text, p_key text, p_target text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.open_scoring(p_scorer jsonb, p_source text, p_key text, p_target text) IS 'export-model 312e76c6a913 655b179015b4 47399181fcc6 ';


--
-- Name: open_windows(jsonb, text, text, text, text, text, integer, text, regtype, text[]); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.open_windows(p_scorer jsonb, p_source text, p_key text, p_partition text, p_order text, p_target text, p_step integer, p_gap text, p_gap_type regtype, p_columns text[]) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
declare
  l_job pg_catalog.jsonb;
  l_columns pg_catalog.jsonb;
  l_target pg_catalog.regclass;
begin
  if p_target is null then
    raise exception 'the target must not be NULL' using errcode = 'null_value_not_allowed';
  end if;
  if p_step operator(pg_catalog.<) 1 then
    raise exception 'step is %; give 1 or more', p_step using errcode = 'invalid_parameter_value';
  end if;
  l_job := p_scorer operator(pg_catalog.||) export_model.window_source(p_scorer, p_source, p_key, p_partition, p_order, p_gap, p_gap_type);
  perform export_model.check_key_type(p_key, l_job operator(pg_catalog.->>) 'key_type');
  perform export_model.check_key(p_source, p_key, l_job operator(pg_catalog.->>) 'from_item');
  l_columns := export_model.target_columns(p_columns, l_job);
  l_target := export_model.window_target(p_target, l_columns);
  perform export_model.lock_target(l_target);
  return export_model.describe_windows(
    l_job operator(pg_catalog.||) pg_catalog.jsonb_build_object('step', p_step, 'order', p_order, 'columns', l_columns),
    l_target, p_partition, p_order);
end
$$;


--
-- Name: FUNCTION open_windows(p_scorer jsonb, p_source text, p_key text, p_partition text, p_order text, p_target text, p_step integer, p_gap text, p_gap_type regtype, p_columns text[]); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.open_windows(p_scorer jsonb, p_source text, p_key text, p_partition text, p_order text, p_target text, p_step integer, p_gap text, p_gap_type regtype, p_columns text[]) IS 'export-model 312e76c6a913 85915f1f4bd0 6e038054b363 ';


--
-- Name: order_operator(regtype, integer); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.order_operator(p_type regtype, p_strategy integer) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select coalesce((
  select format('operator(%I.%s)', n.nspname, o.oprname)
  from pg_opclass c
  join pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
  join pg_amop p on p.amopfamily = c.opcfamily and p.amoplefttype = c.opcintype and p.amoprighttype = c.opcintype
    and p.amopstrategy = p_strategy
  join pg_operator o on o.oid = p.amopopr
  join pg_namespace n on n.oid = o.oprnamespace
  where c.opcdefault and c.opcintype = p_type
  limit 1), format('operator(pg_catalog.%s)', (array['<', '<=', '=', '>=', '>'])[p_strategy]))
$$;


--
-- Name: FUNCTION order_operator(p_type regtype, p_strategy integer); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.order_operator(p_type regtype, p_strategy integer) IS 'export-model 312e76c6a913 629ff267569e ed726a5519f8 ';


--
-- Name: pack_arguments(text[], regtype[], jsonb); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.pack_arguments(p_names text[], p_types regtype[], p_input jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  l_kinds text[];
begin
  if p_input ? 'kinds' then
    l_kinds := array(select k.kind from jsonb_array_elements_text(p_input -> 'kinds') with ordinality as k (kind, n) order by k.n);
    perform export_model.column_letters(p_names, p_types, l_kinds);
    return (
      select format('array[%s]::pg_catalog.float8[], array[%s]::pg_catalog.text[]',
        string_agg(case u.kind
          when 'number' then format('s.%I::pg_catalog.float8', u.name)
          when 'boolean' then format('s.%I::pg_catalog.int4::pg_catalog.float8', u.name)
          when 'date' then format('(pg_catalog.date_part(%L, s.%I) operator(pg_catalog./) 86400)', 'epoch', u.name)
          else format('pg_catalog.date_part(%L, s.%I)', 'epoch', u.name) end, ', ' order by u.n) filter (where u.kind <> 'text'),
        string_agg(format('s.%I::pg_catalog.text', u.name), ', ' order by u.n) filter (where u.kind = 'text'))
      from unnest(p_names, l_kinds) with ordinality as u (name, kind, n));
  end if;
  perform export_model.pack_item(p_names, p_types, (p_input ->> 'is_array')::boolean, (p_input ->> 'is_text')::boolean);
  return case when (p_input ->> 'is_array')::boolean then format('s.%I::pg_catalog.float8[]', p_names[1])
    else (select format('array[%s]', string_agg(format('s.%I::pg_catalog.float8', c.name), ', ' order by c.n))
      from unnest(p_names) with ordinality as c (name, n)) end;
end
$$;


--
-- Name: FUNCTION pack_arguments(p_names text[], p_types regtype[], p_input jsonb); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.pack_arguments(p_names text[], p_types regtype[], p_input jsonb) IS 'export-model 312e76c6a913 d6cae55dc031 40fcb044999e ';


--
-- Name: pack_columns(text[], regtype[], text[]); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.pack_columns(p_names text[], p_types regtype[], p_kinds text[]) RETURNS text
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  l_order constant text := 'dqsfiyhbnt';
  l_is_utf8 constant boolean := pg_catalog.getdatabaseencoding() = 'UTF8';
  -- Greenplum writes lengths with the highest byte first, on any machine.
  l_is_network constant boolean := get_byte(export_model.record_bytes(row(''::text)), 20) > 128;
  l_letters constant text := export_model.column_letters(p_names, p_types, p_kinds);
  l_items text;
begin
  select string_agg(case
      when u.letter = 't' and l_is_utf8 then format('s.%I::pg_catalog.text operator(pg_catalog.||) %L', u.name, '')
      when u.letter = 't' then format('pg_catalog.convert_to(s.%I::pg_catalog.text, %L)', u.name, 'UTF8')
      when u.kind = 'timestamp' and u.type = 'date'::regtype then format('s.%I::pg_catalog.timestamp', u.name)
      else format('s.%I', u.name) end, ', ' order by strpos(l_order, u.letter), u.n)
    into l_items
    from (select p_names[n] as name, p_types[n] as type, p_kinds[n] as kind, substr(l_letters, n, 1) as letter, n
          from generate_series(1, cardinality(p_names)) as g (n)) u;
  return format('%L::pg_catalog.bytea operator(pg_catalog.||) export_model.record_bytes(row(%s))',
    E'\\xfeffffff'::bytea || convert_to(case when l_is_network then translate(l_letters, 'nt', 'NT') else l_letters end, 'UTF8') || E'\\x00'::bytea, l_items);
end
$$;


--
-- Name: FUNCTION pack_columns(p_names text[], p_types regtype[], p_kinds text[]); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.pack_columns(p_names text[], p_types regtype[], p_kinds text[]) IS 'export-model 312e76c6a913 55c7e86cb5fd 732a4bd41d12 ';


--
-- Name: pack_item(text[], regtype[], boolean, boolean); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.pack_item(p_names text[], p_types regtype[], p_is_array boolean, p_is_text boolean) RETURNS text
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  l_numbers constant regtype[] := '{smallint,integer,bigint,real,double precision,numeric}';
  l_type regtype;
  l_types regtype[] := '{}';
  l_wanted text := case when p_is_text then 'text' else 'numbers' end || case when p_is_array then ', as an array' else '' end;
  l_items text;
begin
  for i in 1 .. cardinality(p_types) loop
    select case when t.typtype = 'd' then t.typbasetype else t.oid end into l_type
      from pg_type t where t.oid = p_types[i];
    if p_is_array then
      select t.typelem into l_type from pg_type t where t.oid = l_type and t.typcategory = 'A';
    end if;
    if l_type is null or not p_is_text and l_type <> all (l_numbers)
        or p_is_text and not exists (select from pg_type t where t.oid = l_type and t.typcategory = 'S') then
      raise exception 'column "%" is %, the model takes %', p_names[i], p_types[i], l_wanted
        using errcode = 'datatype_mismatch', hint = format('A query can cast it: select %1$I::%2$s as %1$I, ...', p_names[i],
          case when p_is_text then 'text' when l_type = 'boolean'::regtype then 'integer' else 'real' end || case when p_is_array then '[]' else '' end);
    end if;
    l_types := l_types || l_type;
  end loop;
  if p_is_array and p_is_text then
    return format('pg_catalog.convert_to(pg_catalog.array_to_json(s.%I::pg_catalog.text[])::pg_catalog.text, %L)'
      ' operator(pg_catalog.||) %L::pg_catalog.bytea', p_names[1], 'UTF8', E'\\x00');
  elsif p_is_array then
    return format('export_model.array_bytes(s.%I)', p_names[1]);
  end if;
  l_type := case when p_is_text then 'text'::regtype
    when l_types <@ '{smallint,real}' then 'real'
    when 'numeric'::regtype = any (l_types) and l_types <@ '{smallint,integer,bigint,numeric}' then 'numeric'
    else 'double precision' end;
  select string_agg(format('s.%I::pg_catalog.%I', c, (select t.typname from pg_type t where t.oid = l_type)), ', ' order by n)
    into l_items from unnest(p_names) with ordinality as u (c, n);
  if p_is_text then
    return format('pg_catalog.convert_to(pg_catalog.array_to_json(array[%s])::pg_catalog.text, %L)'
      ' operator(pg_catalog.||) %L::pg_catalog.bytea', l_items, 'UTF8', E'\\x00');
  end if;
  return format('export_model.array_bytes(array[%s])', l_items);
end
$_$;


--
-- Name: FUNCTION pack_item(p_names text[], p_types regtype[], p_is_array boolean, p_is_text boolean); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.pack_item(p_names text[], p_types regtype[], p_is_array boolean, p_is_text boolean) IS 'export-model 312e76c6a913 cebd629da6e8 c18f751126c8 ';


--
-- Name: pack_row(jsonb, regtype[]); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.pack_row(p_inputs jsonb, p_types regtype[]) RETURNS text
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  l_input jsonb;
  l_names text[];
  l_items text[] := '{}';
  l_first integer := 2;
begin
  for l_input in select e.input from jsonb_array_elements(p_inputs) with ordinality as e (input, n) order by e.n loop
    l_names := array(select c.name from jsonb_array_elements_text(l_input -> 'columns') with ordinality as c (name, n)
                     order by c.n);
    if p_inputs -> 0 ? 'packer' then
      l_items := l_items || export_model.pack_arguments(l_names, p_types[l_first : l_first + cardinality(l_names) - 1], l_input);
      l_first := l_first + cardinality(l_names);
      continue;
    end if;
    if l_input ? 'kinds' then
      return export_model.pack_columns(l_names, p_types[2:],
        array(select k.kind from jsonb_array_elements_text(l_input -> 'kinds') with ordinality as k (kind, n) order by k.n));
    end if;
    l_items := l_items || export_model.pack_item(l_names, p_types[l_first : l_first + cardinality(l_names) - 1],
      (l_input ->> 'is_array')::boolean, (l_input ->> 'is_text')::boolean);
    l_first := l_first + cardinality(l_names);
  end loop;
  if p_inputs -> 0 ? 'packer' then
    return format('%s(%s)', p_inputs -> 0 ->> 'packer', array_to_string(l_items, ', '));
  end if;
  return format('coalesce(%s, %L::pg_catalog.bytea)', array_to_string(l_items, ' operator(pg_catalog.||) '), E'\\xffffffff');
end
$$;


--
-- Name: FUNCTION pack_row(p_inputs jsonb, p_types regtype[]); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.pack_row(p_inputs jsonb, p_types regtype[]) IS 'export-model 312e76c6a913 a542a2778b20 be9b1697f69f ';


--
-- Name: prepare_target(text, text, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.prepare_target(p_target text, p_key_type text, p_score_type text) RETURNS regclass
    LANGUAGE plpgsql STRICT
    AS $$
declare
  l_target pg_catalog.regclass := pg_catalog.to_regclass(p_target);
begin
  if l_target is null then
    perform export_model.check_name(p_target);
    execute export_model.target_query(p_target, p_key_type, p_score_type);
    l_target := pg_catalog.to_regclass(p_target);
  end if;
  perform export_model.check_target(l_target, p_key_type, p_score_type);
  return l_target;
end
$$;


--
-- Name: FUNCTION prepare_target(p_target text, p_key_type text, p_score_type text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.prepare_target(p_target text, p_key_type text, p_score_type text) IS 'export-model 312e76c6a913 c69bb3814de6 4f6b0726200d ';


--
-- Name: query_item(text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.query_item(p_source text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
select format(E'(%s\n)', regexp_replace(p_source, E'[;[:space:]]+$', ''))
where p_source ~* E'^([[:space:](]|--[^\n]*\n|/[*]([^*]|[*]+[^*/])*[*]+/)*(select|with|values|table)\\M'
$_$;


--
-- Name: FUNCTION query_item(p_source text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.query_item(p_source text) IS 'export-model 312e76c6a913 d07cbcdb94aa c8310628b72c ';


--
-- Name: record_bytes(record); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.record_bytes(record) RETURNS bytea
    LANGUAGE internal STABLE STRICT PARALLEL SAFE
    AS $$byteasend$$;


--
-- Name: FUNCTION record_bytes(record); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.record_bytes(record) IS 'export-model 312e76c6a913 4c6976f24e06 948b9918edc2 ';


--
-- Name: rows_query(jsonb, integer, integer); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.rows_query(p_job jsonb, p_part integer, p_parts integer) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select format('select %s as key, %s as packed from %s s where %s',
    p_job ->> 'held_item', p_job ->> 'row_item', p_job ->> 'from_item', p_job ->> 'condition')
  || case when p_parts = 1 then '' else format(
    ' and pg_catalog.mod(pg_catalog.abs(pg_catalog.hashtext(pg_catalog.encode(%s(array[%s]), %L))'
    '::pg_catalog.int8), %s) operator(pg_catalog.=) %s',
    case when to_regprocedure('export_model.array_bytes(anyarray)') is null then 'pg_catalog.array_send' else 'export_model.array_bytes' end,
    p_job ->> 'held_item', 'hex', p_parts, p_part) end
$$;


--
-- Name: FUNCTION rows_query(p_job jsonb, p_part integer, p_parts integer); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.rows_query(p_job jsonb, p_part integer, p_parts integer) IS 'export-model 312e76c6a913 6d0fd29a3e74 d01b53173fdf ';


--
-- Name: runtime_834039b3c8bc(text, text, bytea); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.runtime_834039b3c8bc(version text, plan text, weights bytea DEFAULT NULL::bytea) RETURNS void
    LANGUAGE plpython3u PARALLEL RESTRICTED
    AS $$"""The kernels and the scoring function, in Python's standard library and numpy.

The exporter joins the parts in this folder into one text. The exporter and its tests run that
text, and it is also, byte for byte, the body of the PL/Python function that loads a model into a
database session. There PostgreSQL runs it as a function's body with the arguments `version`, `plan`
and `weights`; hence no `from __future__`, no multi-line string whose content matters, no assignment
to those names, and no name twice. Imports of one part by another are left out: in one text they are
not needed.

It never talks to the database: inside a parallel plan a query from PL/Python cannot start the
subtransaction that it needs, and PostgreSQL 15 then crashed (docs/decisions/0001).

A model is a plan (JSON: steps in order, each naming a kernel, its inputs and its tensors) and
one block of little-endian numbers, the tensors in row-major order one after another: float32
unless the plan says float64 or int32.
"""

import os

if "GD" in globals():
    # One thread a backend: sessions, workers and segments already use the cores, and threads
    # that fight for them made small products up to 3 times slower. Must precede numpy.
    for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(_variable, "1")

KERNELS: dict = {}


def kernel(build):
    """Enter a kernel under its own name: build(**parameters) -> function of input arrays."""
    KERNELS[build.__name__] = build
    return build


"""Activations: functions of an array of any float type, and the kernels that apply them."""

import math

import numpy as np



def linear(x):
    """y = x."""
    return x


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """y = x for x > threshold, at most max_value; minus negative_slope * max(threshold - x, 0)."""
    y = np.maximum(x, 0) if threshold == 0.0 else np.where(x <= threshold, x.dtype.type(0), x)
    if max_value is not None:
        y = np.clip(y, 0, x.dtype.type(max_value))
    if negative_slope != 0.0:
        y = y - x.dtype.type(negative_slope) * np.maximum(x.dtype.type(threshold) - x, 0)
    return y


def relu6(x):
    """y = min(max(x, 0), 6)."""
    return np.minimum(np.maximum(x, 0), 6)


def leaky_relu(x, negative_slope=0.2):
    """y = x for x >= 0, negative_slope * x below."""
    return np.where(x >= 0, x, x * x.dtype.type(negative_slope))


def threshold_relu(x, theta=1.0):
    """y = x for x > theta, 0 elsewhere (NaN stays NaN)."""
    return x * ((x > theta) | np.isnan(x))


def sigmoid(x):
    """y = 1 / (1 + exp(-x)); where exp overflows, y is 0, as it should be."""
    return 1 / (1 + np.exp(-x))


def tanh(x):
    """y = tanh(x)."""
    return np.tanh(x)


def hard_sigmoid(x, slope=1 / 6, offset=0.5):
    """y = clip(slope * x + offset, 0, 1); Keras 1 and 2: slope 0.2, Keras 3: slope 1/6."""
    return np.clip(x * x.dtype.type(slope) + x.dtype.type(offset), 0, 1)


def softplus(x):
    """y = log(1 + exp(x))."""
    return np.logaddexp(x, x.dtype.type(0))


def log_sigmoid(x):
    """y = log(sigmoid(x)) = -softplus(-x)."""
    return -np.logaddexp(-x, x.dtype.type(0))


def softsign(x):
    """y = x / (1 + |x|)."""
    return x / (1 + np.abs(x))


def exponential(x):
    """y = exp(x)."""
    return np.exp(x)


def elu(x, alpha=1.0):
    """y = x for x > 0, alpha * (exp(x) - 1) below."""
    return np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, 0)))


def celu(x, alpha=1.0):
    """y = max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)."""
    a = x.dtype.type(alpha)
    return np.maximum(x, 0) + a * np.expm1(np.minimum(x, 0) / a)


def selu(x):
    """y = scale * elu(x, alpha), Klambauer et al., 2017."""
    scale = x.dtype.type(1.0507009873554805)
    return scale * elu(x, 1.6732632423543772)


def silu(x):
    """y = x * sigmoid(x)."""
    return x * sigmoid(x)


def hard_silu(x):
    """y = x * hard_sigmoid(x)."""
    return x * hard_sigmoid(x)


def mish(x):
    """y = x * tanh(softplus(x))."""
    return x * np.tanh(softplus(x))


def erf(x):
    """Error function; float32: rational approximation within 6 units in the last place (3e-7).

    Beyond 3.74 it is 1 exactly: gelu multiplies what is missing from 1 by x.
    """
    if x.dtype == np.float64:
        return np.array([math.erf(v) for v in x.ravel()]).reshape(x.shape)
    f = np.float32
    limit = f(3.7439211627767994)
    x = np.clip(x, -limit, limit)
    z = x * x
    p = z * f(0.00022905065861350646) + f(0.0034082910107109506)
    p = (p * z + f(0.050955695062380861)) * z + f(0.18520832239976145)
    p = p * z + f(1.128379143519084)
    q = z * f(-1.1791602954361697e-7) + f(0.000023547966471313185)
    q = (q * z + f(0.0010179625278914885)) * z + f(0.014070470171167667)
    q = (q * z + f(0.11098505178285362)) * z + f(0.49746925110067538)
    q = q * z + f(1)
    return np.where(np.abs(x) < limit, x * p / q, np.sign(x))


def gelu(x, approximate=False):
    """y = x * P(N(0,1) <= x), or its tanh approximation."""
    half, one = x.dtype.type(0.5), x.dtype.type(1)
    if approximate:
        inner = x.dtype.type(math.sqrt(2 / math.pi)) * (x + x.dtype.type(0.044715) * x * x * x)
        return half * x * (one + np.tanh(inner))
    return half * x * (one + erf(x * x.dtype.type(math.sqrt(0.5))))


def squareplus(x, b=4.0):
    """y = (x + sqrt(x^2 + b)) / 2."""
    return (x + np.sqrt(x * x + x.dtype.type(b))) / 2


def hard_tanh(x):
    """y = clip(x, -1, 1)."""
    return np.clip(x, -1, 1)


def hard_shrink(x, threshold=0.5):
    """y = x for |x| > threshold, 0 elsewhere."""
    return x * ((np.abs(x) > threshold) | np.isnan(x))


def soft_shrink(x, threshold=0.5):
    """y = x - threshold above it, x + threshold below its negative, 0 between."""
    t = x.dtype.type(threshold)
    return np.sign(x) * np.maximum(np.abs(x) - t, 0)


def tanh_shrink(x):
    """y = x - tanh(x)."""
    return x - np.tanh(x)


def sparse_plus(x):
    """y = 0 for x <= -1, ((x + 1) / 2)^2 between, x for x >= 1."""
    middle = (x + 1) * (x + 1) / 4
    return np.where(x <= -1, x.dtype.type(0), np.where(x >= 1, x, middle))


def sparse_sigmoid(x):
    """y = clip((x + 1) / 2, 0, 1)."""
    return np.clip((x + 1) / 2, 0, 1)


ACTIVATIONS: dict = {
    function.__name__: function
    for function in (
        linear, relu, relu6, leaky_relu, threshold_relu, sigmoid, tanh, hard_sigmoid, softplus,
        log_sigmoid, softsign, exponential, elu, celu, selu, silu, hard_silu, mish, gelu,
        squareplus, hard_tanh, hard_shrink, soft_shrink, tanh_shrink, sparse_plus,
        sparse_sigmoid,
    )
}  # fmt: skip


ONE = np.ones((), np.float32)  # as an array: a Python number would cost 0.3 us more a call


def _sigmoid_of_negated(x):
    """sigmoid(-x) in the memory of x, for a dense layer whose weights were negated (exact)."""
    np.exp(x, x)
    np.add(x, ONE, x)
    return np.reciprocal(x, x)


# The same numbers in the memory of x: for a batch, fresh memory costs more than the arithmetic.
IN_PLACE: dict = {
    "relu": lambda x: np.maximum(x, 0, out=x),
    "sigmoid": lambda x: _sigmoid_of_negated(np.negative(x, x)),
    "tanh": lambda x: np.tanh(x, x),
    "exponential": lambda x: np.exp(x, x),
}
FRESH = ("dense", "conv", "affine")  # kernels whose result shares memory with nothing


@kernel
def activation(function, parameters, overwrites=False):
    """y = function(x), element by element; overwrites says that nothing else needs x."""
    f = ACTIVATIONS[function]
    if parameters:
        return lambda x: f(x, **parameters)
    return IN_PLACE.get(function, f) if overwrites else f


@kernel
def softmax(axis):
    """y = exp(x) / sum(exp(x)) along axis (which counts the batch as 0), shifted by the maximum."""

    def call(x):
        e = np.exp(x - x.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    return call


@kernel
def log_softmax(axis):
    """y = x - log(sum(exp(x))) along axis, shifted by the maximum."""

    def call(x):
        shifted = x - x.max(axis=axis, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))

    return call


@kernel
def sparsemax(axis):
    """y = max(x - t, 0) along axis (which counts the batch as 0), t as Keras computes it.

    With z sorted downwards, c its running sums and k the count of z > (c - 1) / rank, Keras takes
    t = (sum of those c - 1) / k, where Martins and Astudillo, 2016, take the last of them. The
    two agree for k = 1 only, but the promise is the framework's numbers.
    """

    def call(x):
        z = -np.sort(-x, axis=axis)
        c = z.cumsum(axis=axis)
        shape = [1] * x.ndim
        shape[axis] = -1
        rank = np.arange(1, x.shape[axis] + 1, dtype=x.dtype).reshape(shape)
        supported = z - (c - 1) / rank > 0
        k = supported.sum(axis=axis, keepdims=True, dtype=x.dtype)
        t = (np.where(supported, c, 0).sum(axis=axis, keepdims=True) - 1) / k
        return np.maximum(x - t, 0)

    return call


@kernel
def glu(axis):
    """y = a * sigmoid(b), a and b the halves of x along axis (which counts the batch as 0)."""

    def call(x):
        a, b = np.split(x, 2, axis=axis)
        return a * sigmoid(b)

    return call


@kernel
def prelu(alpha):
    """y = x for x >= 0, alpha * x below; alpha broadcast over the batch."""
    return lambda x: np.where(x >= 0, x, alpha * x)


"""Kernels whose work is a product with weights, or a row of a table of them."""

import numpy as np



@kernel
def dense(kernel, bias=None):
    """y = x @ kernel + bias.

    Shapes: x (rows, ..., n), kernel (n, m), bias (m,) -> y (rows, ..., m).
    """

    def call(x):
        rows = x if x.ndim == 2 else x.reshape(-1, kernel.shape[0])
        y = rows @ kernel
        if bias is not None:
            y += bias
        return y if x.ndim == 2 else y.reshape((*x.shape[:-1], kernel.shape[1]))

    return call


@kernel
def affine(scale, offset):
    """y = x * scale + offset, both broadcast over the batch."""
    return lambda x: x * scale + offset


@kernel
def matmul():
    """y = x0 @ x1, matrix by matrix.

    Shapes: x0 (rows, ..., n, k), x1 (rows, ..., k, m) -> y (rows, ..., n, m).
    """
    return np.matmul


@kernel
def embedding(table):
    """y = table[x].

    Shapes: x (rows, ...), table (vocabulary, n) -> y (rows, ..., n).
    Raises: ValueError, when x holds anything but whole numbers from 0 to vocabulary - 1.
    """
    size = table.shape[0]

    def call(x):
        bad = ~((x >= 0) & (x < size) & (x == np.floor(x)))
        if bad.any():
            raise ValueError(
                f"{x[bad][0].item()!r} is not an index into a vocabulary of {size}:"
                f" give whole numbers from 0 to {size - 1}"
            )
        return table[x.astype(np.intp)]

    return call


"""Kernels that work element by element, on one input or on several."""

import numpy as np



@kernel
def standardize(mean, deviation):
    """y = (x - mean) / deviation, both broadcast over the batch."""
    return lambda x: (x - mean) / deviation


@kernel
def add():
    """y = x0 + x1 + ..."""
    return lambda *xs: _accumulate(np.add, xs)


@kernel
def multiply():
    """y = x0 * x1 * ..."""
    return lambda *xs: _accumulate(np.multiply, xs)


@kernel
def subtract():
    """y = x0 - x1."""
    return lambda x0, x1: x0 - x1


@kernel
def average():
    """y = (x0 + x1 + ...) / count."""
    return lambda *xs: _accumulate(np.add, xs) / len(xs)


@kernel
def maximum():
    """y = max(x0, x1, ...), NaN where any is NaN."""
    return lambda *xs: _accumulate(np.maximum, xs)


@kernel
def minimum():
    """y = min(x0, x1, ...), NaN where any is NaN."""
    return lambda *xs: _accumulate(np.minimum, xs)


@kernel
def divide():
    """y = x0 / x1."""
    return lambda x0, x1: x0 / x1


@kernel
def power():
    """y = x0 to the power of x1."""
    return lambda x0, x1: x0**x1


@kernel
def modulo():
    """y = the remainder of x0 / x1 with the sign of x1."""
    return np.mod


COMPARISONS: dict = {
    "equal": np.equal, "not_equal": np.not_equal, "less": np.less, "less_equal": np.less_equal,
    "greater": np.greater, "greater_equal": np.greater_equal,
}  # fmt: skip


@kernel
def compare(function):
    """y = 1 where the relation holds between x0 and x1, 0 elsewhere."""
    f = COMPARISONS[function]
    return lambda x0, x1: f(x0, x1).astype(x0.dtype)


FUNCTIONS = {
    "abs": np.abs, "negative": np.negative, "log": np.log, "exp": np.exp, "expm1": np.expm1,
    "log1p": np.log1p, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x), "square": np.square,
    "reciprocal": np.reciprocal, "sign": np.sign, "floor": np.floor, "ceil": np.ceil,
    "round": np.round, "trunc": lambda x: np.trunc(x) + 0, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "arctan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "erf": erf,
    "isnan": lambda x: np.isnan(x).astype(x.dtype),
    "isinf": lambda x: np.isinf(x).astype(x.dtype),
    "isfinite": lambda x: np.isfinite(x).astype(x.dtype),
}  # fmt: skip


@kernel
def unary(function):
    """y = function(x), element by element."""
    return FUNCTIONS[function]


@kernel
def clip(low, high):
    """y = min(max(x, low), high)."""
    return lambda x: np.clip(x, x.dtype.type(low), x.dtype.type(high))


@kernel
def cast(dtype, single=np.float32):
    """y = x rounded to dtype, float32 or float64; single is what float32 is computed in."""
    if dtype == "float64":
        return lambda x: x.astype(np.float64)
    return lambda x: x.astype(np.float32).astype(single, copy=False)


@kernel
def constant(value):
    """The same numbers for every row, with 1 as the number of rows: they broadcast."""
    return lambda: value[None]


@kernel
def not_equal(value):
    """y = 1 where x is not value, 0 elsewhere."""
    return lambda x: (x != value).astype(x.dtype)


@kernel
def where():
    """y = x where the condition is not 0, else other."""
    return lambda condition, x, other: np.where(condition != 0, x, other)


@kernel
def fill(value):
    """y = value everywhere."""
    return lambda x: np.full_like(x, value)


def _accumulate(function, arrays):
    """function(...function(function(a0, a1), a2)..., an)."""
    result = arrays[0]
    for array in arrays[1:]:
        result = function(result, array)
    return result


"""Kernels that move numbers and compute none."""

import numpy as np



@kernel
def concatenate(axis):
    """Join the inputs along axis (which counts the batch as 0)."""
    return lambda *xs: np.concatenate(xs, axis=axis)


@kernel
def reshape(shape):
    """The same numbers in row-major order, each row as shape (one axis may be -1)."""
    return lambda x: x.reshape((x.shape[0], *shape))


@kernel
def transpose(axes):
    """Reorder the axes of each row; axes count the batch as 0."""
    return lambda x: x.transpose((0, *axes))


@kernel
def pad(widths, value):
    """Put value around the axes of each row; widths are (before, after) of each axis."""
    widths = [(0, 0), *widths]
    return lambda x: np.pad(x, widths, constant_values=value)


@kernel
def cut(slices):
    """Of each axis of each row the positions start, start + step, ... before stop."""
    place = (slice(None), *[slice(*item) for item in slices])
    return lambda x: x[place]


@kernel
def repeat(times, axis):
    """Each position along axis (which counts the batch as 0), times times in a row."""
    return lambda x: np.repeat(x, times, axis)


@kernel
def fold_time():
    """Each step becomes a row.

    Shapes: x (rows, steps, ...) -> y (rows * steps, ...).
    """
    return lambda x: x.reshape((x.shape[0] * x.shape[1], *x.shape[2:]))


@kernel
def unfold_time():
    """The reverse of fold_time, with rows and steps as in folded.

    Shapes: x (rows * steps, ...), folded (rows, steps, ...) -> y (rows, steps, ...).
    """
    return lambda x, folded: x.reshape(folded.shape[:2] + x.shape[1:])


"""Convolution and pooling: kernels that slide a window along the axes of a row."""

import math

import numpy as np


WINDOW_NUMBERS = 2**22  # of windows side by side at once: 16 MiB, whatever the batch


@kernel
def conv(kernel, strides, dilation, padding, groups=1, bias=None):
    """Each window of x times kernel, plus bias: windows side by side, then one matrix product.

    Shapes: x (rows, n..., c), kernel (k..., c / groups, m), bias (m,) -> y (rows, o..., m).
    """
    size, depth, filters = kernel.shape[:-2], kernel.shape[-2], kernel.shape[-1]
    matrices = kernel.reshape(-1, groups, filters // groups).swapaxes(0, 1)

    def part(x):
        x = x.reshape((*x.shape[:-1], groups, depth))
        windows = _windows(x, size, strides, dilation)
        patches = np.moveaxis(windows, -2, 0).reshape(groups, -1, matrices.shape[1])
        y = np.matmul(patches, matrices).swapaxes(0, 1)
        return y.reshape((*windows.shape[: len(size) + 1], filters))

    def call(x):
        x = _pad_windows(x, size, strides, dilation, padding, 0)
        counts = _count_windows(x.shape[1:-1], size, strides, dilation)
        y = _by_slices(part, x, math.prod(counts) * math.prod(size) * x.shape[-1])
        if bias is not None:
            y += bias
        return y

    return call


@kernel
def conv_transpose(kernel, strides, dilation, before, after, bias=None):
    """Each position of x times kernel, added to its window of y; before and after are cut off.

    Shapes: x (rows, n..., c), kernel (k..., m, c), bias (m,) -> y (rows, o..., m).
    """
    size, filters, depth = kernel.shape[:-2], kernel.shape[-2], kernel.shape[-1]
    matrix = kernel.reshape(-1, depth).T

    def part(x):
        lengths = x.shape[1:-1]
        windows = (x.reshape(-1, depth) @ matrix).reshape((x.shape[0], *lengths, *size, filters))
        spans = [(n - 1) * s + 1 for n, s in zip(lengths, strides)]
        full = [n + (k - 1) * d for n, k, d in zip(spans, size, dilation)]
        y = np.zeros((x.shape[0], *[n - min(a, 0) for n, a in zip(full, after)], filters), x.dtype)
        for tap in np.ndindex(*size):
            place = [
                slice(t * d, t * d + n, s) for t, d, n, s in zip(tap, dilation, spans, strides)
            ]
            y[(slice(None), *place)] += windows[(slice(None),) * (len(size) + 1) + tap]
        return y[(slice(None), *[slice(b, n - a) for b, n, a in zip(before, full, after)])]

    def call(x):
        y = _by_slices(part, x, math.prod(x.shape[1:-1]) * matrix.shape[1])
        return y if bias is None else y + bias

    return call


@kernel
def locally_connected(kernel, strides, bias=None):
    """Each window of x times the kernel of its position, plus bias.

    Shapes: x (rows, n..., c), kernel (o..., k..., c, m), bias (o..., m) -> y (rows, o..., m).
    """
    rank = len(strides)
    counts, size, filters = kernel.shape[:rank], kernel.shape[rank : 2 * rank], kernel.shape[-1]
    matrices = kernel.reshape(math.prod(counts), -1, filters)
    ones = [1] * rank

    def part(x):
        windows = _windows(x[..., None, :], size, strides, ones)
        patches = windows.reshape((x.shape[0], *matrices.shape[:2])).swapaxes(0, 1)
        return np.matmul(patches, matrices).swapaxes(0, 1).reshape((-1, *counts, filters))

    def call(x):
        y = _by_slices(part, x, matrices.shape[0] * matrices.shape[1])
        return y if bias is None else y + bias

    return call


@kernel
def pool(mode, size, strides, padding):
    """The largest ("max") or mean ("average") value of each window; padding counts for nothing.

    Shapes: x (rows, n..., c) -> y (rows, o..., c).
    """
    ones = [1] * len(size)
    combine = np.maximum if mode == "max" else np.add

    def fold(x, fill):
        x = _pad_windows(x, size, strides, ones, padding, fill)
        counts = _count_windows(x.shape[1:-1], size, strides, ones)
        y = None
        for tap in np.ndindex(*size):
            place = [slice(t, t + (n - 1) * s + 1, s) for t, n, s in zip(tap, counts, strides)]
            part = x[(slice(None), *place)]
            y = part.copy() if y is None else combine(y, part, out=y)
        return y

    def call(x):
        if mode == "max":
            return fold(x, -np.inf)
        if padding == "valid":
            return fold(x, 0) / math.prod(size)
        return fold(x, 0) / fold(np.ones((1, *x.shape[1:-1], 1), x.dtype), 0)

    return call


def _count_windows(lengths, size, strides, dilation):
    """How many windows fit along each axis."""
    return [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(lengths, size, strides, dilation)]


def _pad_windows(x, size, strides, dilation, padding, fill):
    """x (rows, n..., c) with the fill around it that padding asks for.

    Raises: ValueError, when an axis of free length is too short for one window.
    """
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation)]
    lengths = x.shape[1:-1]
    if padding == "valid":
        for n, span in zip(lengths, spans):
            if n < span:
                raise ValueError(f"a sequence of {n} is too short, the model needs {span}")
        return x
    if padding == "causal":
        widths = [(span - 1, 0) for span in spans]
    else:
        totals = [
            max(0, (n - 1) // s * s + span - n) for n, s, span in zip(lengths, strides, spans)
        ]
        widths = [(total // 2, total - total // 2) for total in totals]
    if not any(map(any, widths)):
        return x
    return np.pad(x, [(0, 0), *widths, (0, 0)], constant_values=fill)


def _windows(x, size, strides, dilation):
    """All windows of x (rows, n..., g, c) as a view (rows, o..., k..., g, c); nothing is copied."""
    counts = _count_windows(x.shape[1:-2], size, strides, dilation)
    steps = x.strides[1:-2]
    return np.lib.stride_tricks.as_strided(
        x,
        (x.shape[0], *counts, *size, *x.shape[-2:]),
        (
            x.strides[0],
            *[step * s for step, s in zip(steps, strides)],
            *[step * d for step, d in zip(steps, dilation)],
            *x.strides[-2:],
        ),
        writeable=False,
    )


def _by_slices(part, x, numbers):
    """part(x), so many rows at a time that numbers of each row stay below WINDOW_NUMBERS."""
    step = max(1, WINDOW_NUMBERS // max(1, numbers))
    if x.shape[0] <= step:
        return part(x)
    return np.concatenate([part(x[i : i + step]) for i in range(0, x.shape[0], step)])


"""Kernels that sum, average, find or accumulate along an axis."""

import numpy as np


REDUCTIONS: dict = {"mean": np.mean, "sum": np.sum, "max": np.max, "min": np.min, "prod": np.prod}


@kernel
def reduce(function, axes, keepdims):
    """The mean, sum, max, min or prod over axes (which count the batch as 0)."""
    f, axes = REDUCTIONS[function], tuple(axes)
    return lambda x: f(x, axis=axes, keepdims=keepdims)


@kernel
def find_extreme(function, axis):
    """y = where along axis (which counts the batch as 0) the largest or smallest number is first.

    NaN is passed over, and -0 is smaller than 0, as in Keras.
    """
    f = np.argmax if function == "max" else np.argmin
    last = -np.inf if function == "max" else np.inf

    def call(x):
        tiny = np.finfo(x.dtype).tiny
        x = np.where((x == 0) & np.signbit(x), -tiny, np.where(np.isnan(x), last, x))
        return f(x, axis=axis).astype(x.dtype)

    return call


@kernel
def cumulate(function, axis):
    """y = the sum or product along axis (which counts the batch as 0) up to each number."""
    f = np.cumsum if function == "sum" else np.cumprod
    return lambda x: f(x, axis=axis)


@kernel
def masked_mean(axis):
    """y = sum(x * mask) / sum(mask) along axis (which counts the batch as 0).

    Shapes: x (rows, ..., steps, ...), mask (rows, steps) -> y without the axis.
    """

    def call(x, mask):
        shape = [1] * x.ndim
        shape[0], shape[axis] = mask.shape
        m = (mask != 0).reshape(shape)
        return np.where(m, x, x.dtype.type(0)).sum(axis=axis) / m.sum(axis=axis, dtype=x.dtype)

    return call


"""What trees ask, made of the rows' numbers: missing values and sets of categories as numbers."""

import numpy as np

TREE_KINDS = {
    "plain": 0, "right": 1, "zero": 2, "zero_left": 3, "zero_right": 4, "is_nan": 5,
    "is_zero": 6, "set": 8,
}  # fmt: skip
INVERTED, NAN_RIGHT, TRUNCATES = 1, 2, 4  # flags that are added to the kind of a set
TINY = float(np.float32(1e-35))  # LightGBM's zero: numbers of at most this size


class TreeColumns:
    """What the questions are asked of, made of the rows' numbers.

    columns holds four numbers for each: the number of the row it is made of, its kind, and where
    its categories begin and end in members. The kinds: plain, a NaN is less than any bound and so
    goes left; right, a NaN is infinite and goes right; zero, a NaN is 0; zero_left and zero_right,
    NaN and TINY numbers go there; is_nan, 1 for a NaN and 0 for a number; is_zero, 1 for a NaN and
    for TINY numbers; set, 1 for a category among the members and 0 for others. A set's flags:
    INVERTED, 0 for the members and 1 for others; NAN_RIGHT, a NaN is 1, else 0; TRUNCATES, -0.5 is
    category 0, which it else is not.
    """

    def __init__(self, columns, members):
        self.sources = columns[:, 0].astype(np.intp)
        self.kinds = columns[:, 1]
        self.groups = [
            (kind, np.flatnonzero(self.kinds == number))
            for kind, number in TREE_KINDS.items()
            if kind not in ("plain", "set")
        ]
        self.groups = [(kind, places) for kind, places in self.groups if len(places)]
        sets = np.flatnonzero(self.kinds >= TREE_KINDS["set"])
        self.sets = [
            (source, places, *_answer_sets(columns[places], members))
            for source in np.unique(self.sources[sets])
            for places in [sets[self.sources[sets] == source]]
        ]

    def make(self, x):
        """Rows (n, features) -> columns (columns, n)."""
        result = x.T.take(self.sources, axis=0)
        if not self.groups and not self.sets:
            return result
        numbers = x.T
        for kind, places in self.groups:
            result[places] = _replace_missing(kind, result[places])
        for source, places, categories, answers in self.sets:
            result[places] = answers.take(_find_answers(numbers[source], categories), axis=1)
        return result


def _replace_missing(kind, x):
    """Numbers as a column of this kind holds them."""
    missing = np.isnan(x)
    if kind == "is_nan":
        return missing
    if kind in ("zero_left", "zero_right", "is_zero"):
        missing |= np.abs(x) <= TINY
    if kind == "is_zero":
        return missing
    value = {"right": np.inf, "zero": 0, "zero_left": np.nan, "zero_right": np.inf}[kind]
    return np.where(missing, x.dtype.type(value), x)


def _answer_sets(columns, members):
    """All categories that some set names, sorted, and the sets' answers for each.

    Shapes: columns (sets, 4) -> categories (c,), answers (sets, c + 4): behind the categories stand
    the answers for one that no set names, for a NaN, for a fraction of 0 and for its negative.
    """
    flags = columns[:, 1] - TREE_KINDS["set"]
    pieces = [members[start:end] for start, end in columns[:, 2:]]
    categories, places = np.unique(np.concatenate(pieces), return_inverse=True)
    rows = np.repeat(np.arange(len(columns)), [len(piece) for piece in pieces])
    inside = np.zeros((len(columns), len(categories) + 3), np.uint8)
    inside[rows, places.ravel()] = 1
    count = len(categories)
    zero = np.searchsorted(categories, 0)
    if zero < count and categories[zero] == 0:
        truncates = (flags & TRUNCATES) != 0
        inside[truncates, count + 2] = inside[truncates, zero]
    answers = inside ^ (flags & INVERTED).astype(np.uint8)[:, None]
    answers[:, count + 1] = (flags & NAN_RIGHT) != 0
    return categories.astype(np.float64), answers


def _find_answers(x, categories):
    """Where each number's answers stand, see _answer_sets."""
    whole = np.floor(x).astype(np.float64)
    places = np.searchsorted(categories, whole)  # a NaN is placed behind all
    known = categories.take(places, mode="clip") == whole if len(categories) else np.isinf(whole)
    places[~known] = len(categories)
    places[np.isnan(x)] = len(categories) + 1
    places[(x > -1) & (x < 0)] = len(categories) + 2
    return places


"""Nodes of trees, and the distinct questions that they ask, answered for all rows at once."""

import numpy as np

ANSWERS_AT_ONCE, RANKED_AT_ONCE = 16, 8  # questions and columns, so that arrays stay in the cache
FEW_BYTES = 256  # of a column's bounds: more are not compared, but a number's rank is found

# Nanoseconds a row: a byte of a number that is compared; a rank, and an answer that comes of it.
COMPARE_COST, RANK_COST, RANKED_COST = 0.055, 16.0, 0.03


class TreeNodes:
    """The trees' nodes as arrays, siblings side by side, each tree's root first.

    left is the number of the left child, or for a leaf -1 - its place among the leaves; a leaf
    leads to itself here. levels are the nodes that as many questions lead to, the roots first;
    depth is how many lead to the deepest leaf.
    """

    def __init__(self, starts, column, bound, left, leaves):
        self.starts = starts.astype(np.intp)
        self.is_leaf = left < 0
        own = np.arange(len(left))
        self.left = np.where(self.is_leaf, own, left)
        self.column = np.where(self.is_leaf, 0, column).astype(np.intp)
        self.bound = np.where(self.is_leaf, bound.dtype.type(np.nan), bound)
        self.leaf = np.where(self.is_leaf, -1 - left, 0).astype(np.intp)
        self.value = leaves[:, 0].take(self.leaf) if leaves.shape[1] == 1 else None
        self.leaves = leaves
        self.levels = [self.starts]
        while len(inner := self.inner_of(self.levels[-1])):
            self.levels.append(np.concatenate([self.left[inner], self.left[inner] + 1]))
        self.depth = len(self.levels) - 1
        self.reached = np.concatenate(self.levels)  # there may be nodes of trees that do not count

    def inner_of(self, nodes):
        """Those of some nodes that ask."""
        return nodes[~self.is_leaf[nodes]]

    def count_leaves(self):
        """How many leaves each node leads to."""
        counts = np.ones(len(self.left), np.intp)
        for level in reversed(self.levels):
            inner = self.inner_of(level)
            counts[inner] = counts[self.left[inner]] + counts[self.left[inner] + 1]
        return counts

    def value_at(self, nodes):
        """What stands in leaves that are given by their nodes: (...) or, for vectors, (..., k)."""
        if self.value is not None:
            return self.value.take(nodes)
        return self.leaves.take(self.leaf.take(nodes), axis=0)


class TreeQuestions:
    """The distinct questions of all nodes, by column and bound, and each node's number among them.

    All rows are answered in words of 64. Of a column with many bounds only a row's rank among them
    is looked for, 16 * high + low: the answer to bound 16 * h + l is yes where high is above h, or
    is h and low above l, and both are words that are made once for each h and l.
    """

    def __init__(self, nodes):
        inner = nodes.inner_of(nodes.reached)
        order = np.lexsort((nodes.bound[inner], nodes.column[inner]))
        column, bound = nodes.column[inner][order], nodes.bound[inner][order]
        # A NaN, the bound that no number reaches, is never equal to another: one more question.
        is_new = np.ones(len(order), bool)
        is_new[1:] = (column[1:] != column[:-1]) | (bound[1:] != bound[:-1])
        self.number = np.zeros(len(nodes.left), np.intp)
        self.number[inner[order]] = np.cumsum(is_new) - 1
        self.column, self.bound = column[is_new], bound[is_new]
        self.count = len(self.column)
        starts = np.flatnonzero(np.append(True, self.column[1:] != self.column[:-1]))
        counts = np.diff(np.append(starts, self.count))
        is_ranked = counts * bound.itemsize > FEW_BYTES
        self.cost = (
            COMPARE_COST * bound.itemsize * counts[~is_ranked].sum()
            + RANK_COST * is_ranked.sum()
            + RANKED_COST * counts[is_ranked].sum()
        )
        # Where the answers of each column begin; those of ranked ones fill whole groups of 16.
        sizes = np.where(is_ranked, -(-counts // 16) * 16, counts)
        places = np.cumsum(sizes) - sizes
        self.rows = int(sizes.sum())
        self.place = np.arange(self.count) + np.repeat(places - starts, counts)
        parts = list(zip(starts.tolist(), counts.tolist(), places.tolist()))
        self.compared = [part for part, ranked in zip(parts, is_ranked) if not ranked]
        self.ranked = self._list_ranked([part for part, ranked in zip(parts, is_ranked) if ranked])

    def _list_ranked(self, parts):
        """Groups of columns whose bounds need as many steps of a search: [(steps, columns, their
        bounds padded to 2^steps, [(how many bounds, where the answers begin)])]."""
        groups = []
        by_steps: dict = {}
        for part in parts:
            by_steps.setdefault(part[1].bit_length(), []).append(part)
        for steps, members in by_steps.items():
            for first in range(0, len(members), RANKED_AT_ONCE):
                own = members[first : first + RANKED_AT_ONCE]
                table = np.full((len(own), 2**steps), np.nan, self.bound.dtype)
                for line, (start, count, _) in zip(table, own):
                    line[:count] = self.bound[start : start + count]
                columns = self.column[[start for start, _, _ in own]]
                groups.append((steps, columns, table.ravel(), [part[1:] for part in own]))
        return groups

    def answer_one(self, row):
        """The answers for one row by number, and behind them one no."""
        answers = np.zeros(self.count + 1, bool)
        np.greater_equal(row.take(self.column), self.bound, out=answers[:-1])
        return answers

    def answer(self, columns):
        """The answers for all rows by place as words of 64: (places, words)."""
        rows = columns.shape[1]
        words = -(-rows // 64)
        answers = np.empty((self.rows, words), np.uint64)
        bits = np.zeros((ANSWERS_AT_ONCE, words * 64), bool)

        def pack(ask, x, bounds, out):
            for first in range(0, len(bounds), ANSWERS_AT_ONCE):
                part = bounds[first : first + ANSWERS_AT_ONCE, None]
                own = bits[: len(part)]
                ask(x, part, out=own[:, :rows])
                packed = np.packbits(own).view(np.uint64).reshape(len(part), words)
                out[first : first + ANSWERS_AT_ONCE] = packed

        for start, count, place in self.compared:
            bounds = self.bound[start : start + count]
            x = columns[self.column[start]]
            pack(np.greater_equal, x, bounds, answers[place : place + count])
        for steps, places, table, parts in self.ranked:
            ranks = _rank(columns.take(places, axis=0), table, steps)
            high, low = ranks >> 4, (ranks & 15).astype(np.uint8)
            high = high.astype(np.uint8 if steps <= 12 else np.uint16)
            above_low = np.empty((15, words), np.uint64)
            for number, (count, place) in enumerate(parts):
                groups = -(-count // 16)
                above = np.empty((groups + 1, words), np.uint64)
                above[0] = np.iinfo(np.uint64).max
                pack(np.greater, high[number], np.arange(groups, dtype=high.dtype), above[1:])
                pack(np.greater, low[number], np.arange(15, dtype=np.uint8), above_low)
                own = answers[place : place + 16 * groups].reshape(groups, 16, words)
                np.bitwise_and(above[:-1, None], above_low, out=own[:, :15])
                own[:, :15] |= above[1:, None]
                own[:, 15] = above[1:]
        return answers


def _rank(x, table, steps):
    """How many of its line's bounds each number is at least; a NaN none.

    Shapes: x (lines, n), table (lines * 2^steps,), sorted and padded with NaN -> (lines, n).
    """
    starts = np.arange(0, len(table), 2**steps)[:, None]
    ranks = np.repeat(starts, x.shape[1], axis=1)
    bounds = np.empty_like(x)
    is_above = np.empty(x.shape, bool)
    gain = np.empty_like(ranks)
    for step in range(steps - 1, -1, -1):
        table[2**step - 1 :].take(ranks, out=bounds, mode="clip")
        np.greater_equal(x, bounds, out=is_above)
        np.multiply(is_above, 2**step, out=gain)
        ranks += gain
    ranks -= starts
    return ranks


"""Trees: where each row of a batch ends in each tree, and the sum of what is found there.

A node asks one thing: is a number of the row at least the node's bound? Yes leads right, no leads
left. What libraries ask besides (a missing value, a set of categories) are columns that are made
of the row's numbers first, see TreeColumns. A walk follows each row from node to node; TreeSlices
answers every distinct question for all rows and makes the leaves' numbers bit by bit, which is
faster for trees of few leaves (docs/decisions/0015).
"""

import numpy as np


# What is done at once, so that the arrays stay in the cache: steps of a walk (trees times rows),
# and bars of the trees of a block.
WALK_STEPS, SLICE_BARS = 2**15, 2**10
SLICE_ROWS = 4096
FEW_ROWS = 48  # fewer are walked: a word of answers holds 64 rows
MAX_SLICE_LEAVES = 256  # of a tree: a byte holds the number of a leaf

# Nanoseconds a row: a bar, and a tree that is sliced; a level of a tree that is walked.
BAR_COST, SLICED_COST, WALK_COST = 0.04, 2.5, 3.0


class TreeWalk:
    """The way from the root, level by level, for many trees and rows at once.

    With the distinct questions at hand, those of a single row are all answered first: there only
    the number of calls counts.
    """

    def __init__(self, nodes, questions=None):
        self.nodes = nodes
        self.questions = questions
        if questions is not None:
            self.number = np.where(nodes.is_leaf, questions.count, questions.number)  # says no

    def values(self, columns):
        """Columns (c, n) -> blocks of (first tree, values (trees, n) or (trees, n, k))."""
        rows = columns.shape[1]
        if rows == 1 and self.questions is not None:
            yield 0, self.nodes.value_at(self._follow_one(columns[:, 0]))[:, None]
            return
        flat = self._flatten(columns)
        offsets = np.arange(rows) * columns.shape[0]
        size = max(1, WALK_STEPS // rows)
        for first in range(0, len(self.nodes.starts), size):
            starts = self.nodes.starts[first : first + size]
            at = np.repeat(starts, rows).reshape(len(starts), rows)
            self._follow(at, flat, offsets)
            yield first, self.nodes.value_at(at)

    def _follow_one(self, row):
        """The leaf of each tree, as a node, for one row."""
        answers = self.questions.answer_one(row)
        at = self.nodes.starts
        for _ in range(self.nodes.depth):
            at = self.nodes.left.take(at) + answers.take(self.number.take(at))
        return at

    def _flatten(self, columns):
        """Rows side by side."""
        return np.ascontiguousarray(columns.T).ravel()

    def _follow(self, at, flat, offsets):
        """Lead the roots in at, (trees, rows), to the leaves."""
        nodes = self.nodes
        asked = np.empty_like(at)
        numbers = np.empty(at.shape, flat.dtype)
        bounds = np.empty(at.shape, nodes.bound.dtype)
        goes_right = np.empty(at.shape, bool)
        for _ in range(nodes.depth):
            nodes.column.take(at, out=asked, mode="clip")
            asked += offsets
            flat.take(asked, out=numbers, mode="clip")
            nodes.bound.take(at, out=bounds, mode="clip")
            np.greater_equal(numbers, bounds, out=goes_right)
            nodes.left.take(at, out=asked, mode="clip")
            np.add(asked, goes_right, out=at)


class PackedWalk(TreeWalk):
    """The walk of float32, all of a node in one word of 64 bits: its left child, 2^32 less its
    bound, and its column. A number that is added to the middle carries into the child's number
    where it is at least the bound."""

    def __init__(self, nodes):
        super().__init__(nodes)
        self.bits = _count_bits(nodes.column)
        bound = np.where(np.isnan(nodes.bound), 2**32, _in_order(nodes.bound))
        self.words = (nodes.left << (32 + self.bits)) + ((2**32 - bound) << self.bits)
        self.words += nodes.column

    @staticmethod
    def fits(nodes):
        """Whether a word can hold a node."""
        free = 63 - 32 - _count_bits(nodes.column)
        return nodes.bound.dtype == np.float32 and len(nodes.left) < 2**free

    def _flatten(self, columns):
        """Rows side by side, as they are added to words."""
        return _in_order(np.ascontiguousarray(columns.T).ravel()) << self.bits

    def _follow(self, at, flat, offsets):
        """Lead the roots in at, (trees, rows), to the leaves."""
        words, asked, numbers = np.empty_like(at), np.empty_like(at), np.empty_like(at)
        mask = 2**self.bits - 1
        for _ in range(self.nodes.depth):
            self.words.take(at, out=words, mode="clip")
            np.bitwise_and(words, mask, out=asked)
            asked += offsets
            flat.take(asked, out=numbers, mode="clip")
            words += numbers
            np.right_shift(words, 32 + self.bits, out=at)


def _count_bits(column):
    """How many bits hold the number of a column."""
    return max(1, int(column.max()).bit_length())


def _in_order(x):
    """float32 as whole numbers from 1 to 2^32 - 1 in the same order, 0 for NaN."""
    whole = (x + np.float32(0)).view(np.int32)  # -0.0 + 0.0 is 0.0
    ordered = (whole ^ ((whole >> 31) & 0x7FFFFFFF)).astype(np.int64)
    ordered += 2**31
    ordered[np.isnan(x)] = 0
    return ordered


class TreeSlices:
    """Every distinct question is answered for all rows, 64 answers a word, and the leaf's number
    comes of whole words.

    Leaves are numbered from left to right. Each question parts its node's leaves at a bar, and
    which bars stand before a row's leaf follows from the roots on: those where the answer is yes
    and so is the bar of the next ancestor to the left, low, or where the bar of the next ancestor
    to the right, high, is passed. Bit j of the leaf's number tells whether an odd number of the
    bars 2^j, 2 * 2^j, 3 * 2^j ... is passed.
    """

    def __init__(self, nodes, questions):
        self.questions = questions
        counts = nodes.count_leaves()
        trees = len(nodes.starts)
        self.bits = int(counts[nodes.starts].max() - 1).bit_length()
        self.size = max(1, SLICE_BARS >> self.bits)  # trees of a block
        tree, level, first, low, high = _find_bars(nodes, counts)
        leaf = nodes.reached[nodes.is_leaf[nodes.reached]]
        places = np.zeros((trees, 2**self.bits), np.intp)
        places[tree[leaf], first[leaf]] = nodes.leaf[leaf]
        self.table = nodes.leaves.take(places, axis=0)
        if nodes.value is not None:
            self.table = np.ascontiguousarray(self.table[:, :, 0])

        inner = nodes.inner_of(nodes.reached)
        inner = inner[np.lexsort((level[inner], tree[inner] // self.size))]
        block, within = np.divmod(tree[inner], self.size)
        starts = np.searchsorted(block, np.arange(-(-trees // self.size) + 1))
        rows = np.zeros(len(nodes.left) + 2, np.intp)  # of words, by node; two never and always
        rows[-2:] = 0, 1
        rows[inner] = np.arange(len(inner)) - starts[block] + 2
        bars = np.zeros((len(starts) - 1, 2**self.bits, self.size), np.intp)
        bars[block, first[nodes.left[inner] + 1], within] = rows[inner]
        # First the odd multiples of 1, then those of 2, of 4, ...
        order = [np.arange(2**n, 2**self.bits, 2 ** (n + 1)) for n in range(self.bits)]
        self.ends = np.cumsum([len(part) for part in order])
        self.bars = bars[:, np.concatenate(order)]
        number, low, high = (
            questions.place[questions.number[inner]],
            rows[low[inner]],
            rows[high[inner]],
        )
        ends = np.flatnonzero(np.append(np.diff(block * len(nodes.levels) + level[inner]), 1)) + 1
        self.blocks: list = [[] for _ in starts[1:]]
        for start, end in zip(np.append(0, ends[:-1]).tolist(), ends.tolist()):
            part = slice(start, end)
            shift = int(rows[inner[start]])
            self.blocks[block[start]].append(
                (slice(shift, shift + end - start), number[part], low[part], high[part])
            )
        self.most_rows = int(rows.max()) + 1

    def values(self, columns):
        """Columns (c, n) -> blocks of (first tree, values (trees, n) or (trees, n, k))."""
        rows = columns.shape[1]
        answers = self.questions.answer(columns)
        passed = np.empty((self.most_rows, answers.shape[1]), np.uint64)
        passed[0], passed[1] = 0, np.iinfo(np.uint64).max
        spare = np.empty_like(passed)
        for number, steps in enumerate(self.blocks):
            _pass_bars(steps, answers, passed, spare)
            choice = self._number_leaves(passed.take(self.bars[number], axis=0))
            tables = self.table[number * self.size : (number + 1) * self.size]
            values = np.empty((len(tables), rows, *tables.shape[2:]), tables.dtype)
            for table, leaf, found in zip(tables, choice, values):
                table.take(leaf[:rows], axis=0, out=found, mode="clip")
            yield number * self.size, values

    def _number_leaves(self, bars):
        """Which bars are passed, (bars, trees, words) -> the leaves' numbers (trees, rows)."""
        bits = np.zeros(bars.shape[1:], np.uint64)
        result = np.zeros((len(bits), bits.shape[1] * 8), np.uint64)
        for place in reversed(range(self.bits)):
            first = self.ends[place - 1] if place else 0
            bits ^= np.bitwise_xor.reduce(bars[first : self.ends[place]], axis=0)
            result |= SPREAD[place].take(bits.view(np.uint8))
        return result.view(np.uint8)


# For each bit of a number, eight bits of a byte as that bit of eight bytes.
SPREAD = [
    (np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1) << np.uint8(place))
    .view(np.uint64)
    .ravel()
    for place in range(8)
]


def _find_bars(nodes, counts):
    """For each node its tree, its level, the number of its first leaf in the tree, and the nodes
    whose bars are next to its leaves on the left and on the right; -2 and -1 where there are none:
    to the right one that is never passed, to the left one that always is."""
    tree, level, first, low, high = np.zeros((5, len(nodes.left)), np.intp)
    tree[nodes.starts] = np.arange(len(nodes.starts))
    low[nodes.starts], high[nodes.starts] = -1, -2
    for depth, members in enumerate(nodes.levels):
        level[members] = depth
        inner = nodes.inner_of(members)
        left, right = nodes.left[inner], nodes.left[inner] + 1
        tree[left] = tree[right] = tree[inner]
        first[left], first[right] = first[inner], first[inner] + counts[left]
        low[left], high[left] = low[inner], inner
        low[right], high[right] = inner, high[inner]
    return tree, level, first, low, high


def _pass_bars(steps, answers, passed, spare):
    """Find which bars are passed: into passed, level by level."""
    for part, number, low, high in steps:
        own, other = passed[part], spare[part]
        answers.take(number, axis=0, out=own, mode="clip")
        passed.take(low, axis=0, out=other, mode="clip")
        own &= other
        passed.take(high, axis=0, out=other, mode="clip")
        own |= other


def choose_layouts(nodes):
    """What finds the leaves of few rows, and of many: there slices where trees have few leaves, by
    the estimated cost of a row, else a walk."""
    trees, depth = len(nodes.starts), nodes.depth
    packed = PackedWalk(nodes) if PackedWalk.fits(nodes) else None
    is_small = len(nodes.reached) < 2 * MAX_SLICE_LEAVES * trees  # else one tree has more leaves
    if not depth or not is_small or nodes.count_leaves()[nodes.starts].max() > MAX_SLICE_LEAVES:
        walk = TreeWalk(nodes)
        return walk, packed or walk
    questions = TreeQuestions(nodes)
    walk = TreeWalk(nodes, questions)
    bars = (len(nodes.reached) - trees) // 2
    if questions.cost + BAR_COST * bars + SLICED_COST * trees > WALK_COST * depth * trees:
        return walk, packed or walk
    return walk, TreeSlices(nodes, questions)


@kernel
def trees(
    columns, members, starts, column, bound, left, leaves, base, target=None,
    compare="float64", total="float64", divisor=1,
):  # fmt: skip
    """y = (base + sum of the leaves that a row reaches) / divisor, added in the trees' order.

    compare is the type that the row's numbers are rounded to before they are compared, total the
    type that leaves are added in; target says which of the outputs each tree adds to, for leaves
    of one number.
    Shapes: x (rows, features), columns (c, 4), starts (trees,), column, bound and left (nodes,),
    leaves (leaves, 1 or k), base (k,), target (trees,) -> y (rows, k).
    """
    made = TreeColumns(columns.astype(np.intp), members)
    nodes = TreeNodes(starts, column, bound.astype(compare), left, leaves.astype(total))
    few, many = choose_layouts(nodes)
    base = base.astype(total)
    targets = np.zeros(len(starts), np.intp) if target is None else target.astype(np.intp)
    is_vector = leaves.shape[1] > 1

    def call(x):
        y = np.empty((len(x), len(base)), total)
        with np.errstate(over="ignore", invalid="ignore"):
            for first in range(0, len(x), SLICE_ROWS):
                rows = made.make(x[first : first + SLICE_ROWS].astype(compare))
                chosen = few if rows.shape[1] < FEW_ROWS else many
                y[first : first + SLICE_ROWS] = add(chosen.values(rows), rows.shape[1])
            return y / y.dtype.type(divisor) if divisor != 1 else y

    def add(blocks, rows):
        """(rows, k): base and the values of one tree after another."""
        if is_vector:
            y = np.repeat(base[None], rows, axis=0)
            for _, values in blocks:
                for value in values:
                    y += value
            return y
        y = np.repeat(base[:, None], rows, axis=1)
        for first, values in blocks:
            for output in range(len(base)) if len(base) > 1 else (0,):
                own = values
                if len(base) > 1:
                    own = values[targets[first : first + len(values)] == output]
                if rows < FEW_ROWS:
                    # accumulate() adds in order, where sum() adds in pairs, and needs no loop.
                    y[output] = np.add.accumulate(np.concatenate([y[output][None], own]))[-1]
                    continue
                for value in own:
                    y[output] += value
        return y.T

    return call


"""Kernels that bring a row's own numbers to a mean, a deviation or a length."""

import numpy as np



@kernel
def layer_normalization(axes, epsilon, gamma=None, beta=None):
    """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, moments along axes.

    The axes count the batch as 0; gamma and beta are broadcast over the batch.
    """
    axes = tuple(axes)

    def call(x):
        y = x - x.mean(axis=axes, keepdims=True)
        y /= np.sqrt((y * y).mean(axis=axes, keepdims=True) + x.dtype.type(epsilon))
        if gamma is not None:
            y *= gamma
        if beta is not None:
            y += beta
        return y

    return call


@kernel
def unit_normalization(axes, epsilon):
    """y = x * min(1 / sqrt(sum(x^2)), 1 / epsilon) along axes, which count the batch as 0."""
    axes = tuple(axes)

    def call(x):
        inverse = 1 / np.sqrt((x * x).sum(axis=axes, keepdims=True))
        return x * np.minimum(inverse, x.dtype.type(1 / epsilon))

    return call


"""Texts as they lie in a message, in UTF-8; looked up without a str for each."""

import numpy as np

LONGEST = 64  # bytes of words that are compared as numbers; longer ones are looked up one by one
SPARE = 256  # bytes behind a message, so that as many may be read where a text begins
MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio: odd, and without a pattern


class Texts:
    """An array of texts that are bytes of one message, and become str when somebody asks for them.

    To all but those who look for its bytes it is the array of objects that words() makes; slices
    and reshapes are made without a str. SPARE bytes stand behind the message.
    Shapes: starts and lengths are those of the array. Types: whole numbers; a length is negative
    where the text is NULL, and words() holds None there.
    """

    def __init__(self, message, starts, lengths):
        self.message = message
        self.starts = starts
        self.lengths = lengths
        self.shape = starts.shape
        self.made = None

    def __len__(self):
        return len(self.starts)

    def __getitem__(self, key):
        starts = self.starts[key]
        if not isinstance(starts, np.ndarray):
            return self.words()[key]
        return Texts(self.message, starts, self.lengths[key])

    def reshape(self, *shape):
        """As an array's."""
        return Texts(self.message, self.starts.reshape(*shape), self.lengths.reshape(*shape))

    def take(self, indices, axis=None):
        """As an array's."""
        starts, lengths = self.starts.take(indices, axis), self.lengths.take(indices, axis)
        return Texts(self.message, starts, lengths)

    def ravel(self):
        """As an array's."""
        return self.reshape(-1)

    def raw(self):
        """The bytes of each text, None for a NULL, as a flat list."""
        starts = self.starts.ravel()
        ends = (starts + self.lengths.ravel()).tolist()
        message = self.message
        return [
            message[start:end] if end >= start else None
            for start, end in zip(starts.tolist(), ends)
        ]

    def words(self):
        """The array of objects."""
        if self.made is None:
            raw = self.raw()
            known = {item: item.decode() for item in set(raw) if item is not None}
            words = np.empty(len(raw), object)
            words[:] = [known.get(item) for item in raw]
            self.made = words.reshape(self.shape)
        return self.made

    def __array__(self, dtype=None, copy=None):
        return self.words()

    def __getattr__(self, name):
        return getattr(self.words(), name)

    def __iter__(self):
        return iter(self.words())

    def __eq__(self, other):
        return self.words() == other

    def __ne__(self, other):
        return self.words() != other


class Vocabulary:
    """Words to find Texts among.

    Words of up to LONGEST bytes are filled up with zeros and compared as 64-bit numbers, each text
    with the word that has its hash. PostgreSQL's texts hold no zero bytes.
    """

    def __init__(self, words):
        self.count = len(words)
        self.places = {
            word.encode("utf-8", "surrogatepass"): place
            for place, word in enumerate(words)
            if "\0" not in word
        }
        self.width = max(1, -(-max(map(len, self.places), default=0) // 8))
        size = 8 * self.width
        padded = b"".join(raw.ljust(size, b"\0") for raw in self.places)
        blocks = np.frombuffer(padded, np.uint64).reshape(-1, self.width)
        hashes = _hash(blocks)
        order = np.argsort(hashes, kind="stable")
        self.hashes, self.blocks = hashes[order], blocks[order]
        self.numbers = np.array(list(self.places.values()), np.intp)[order]
        self.masks = (np.tri(size + 1, size, -1, np.uint8) * np.uint8(255)).view(np.uint64)
        is_one_to_one = len(np.unique(hashes)) == len(hashes) > 0
        self.is_hashed = size <= LONGEST and is_one_to_one

    def find(self, texts):
        """The place of the word that each text is, and how many words there are where it is none.

        Shapes: those of texts.
        """
        if not self.is_hashed:
            places = [self.places.get(raw, self.count) for raw in texts.raw()]
            return np.array(places, np.intp).reshape(texts.shape)
        size = 8 * self.width
        lengths = texts.lengths.ravel()
        count = len(texts.message) - size + 1
        windows = np.ndarray((count,), f"V{size}", texts.message, 0, (1,))
        blocks = windows[texts.starts.ravel()].view(np.uint64).reshape(-1, self.width)
        blocks &= self.masks[np.clip(lengths, 0, size)]
        nearest = np.searchsorted(self.hashes, _hash(blocks))
        nearest = np.minimum(nearest, len(self.hashes) - 1)
        same = (self.blocks[nearest] == blocks).all(axis=1)
        same &= (lengths >= 0) & (lengths <= size)
        return np.where(same, self.numbers[nearest], self.count).reshape(texts.shape)


def _hash(blocks):
    """One number for each row of 64-bit ones."""
    hashes = blocks[:, 0].copy()
    for column in range(1, blocks.shape[1]):
        hashes *= MIX
        hashes ^= blocks[:, column]
    return hashes


"""Kernels of preprocessing layers: numbers and texts to places in a table."""

import numpy as np



@kernel
def bucketize(boundaries):
    """y = how many of the boundaries, which ascend, are at most x."""
    return lambda x: np.searchsorted(boundaries, x, side="right").astype(x.dtype)


@kernel
def lookup(keys, values, default):
    """y = the value beside the key that equals x, or default; keys ascend."""
    if not keys.size:
        return lambda x: np.full_like(x, default)

    def call(x):
        x = np.trunc(x)
        place = np.minimum(np.searchsorted(keys, x), keys.size - 1)
        return np.where(keys[place] == x, values[place], x.dtype.type(default))

    return call


@kernel
def string_lookup(words, places, default=None):
    """y = the place of the word that equals x, or default; x is an array of texts.

    Raises: ValueError, when x is none of the words and there is no default.
    """
    table = {word: number for number, word in enumerate(words)}
    vocabulary = Vocabulary(words)
    all_places = np.append(places, places.dtype.type(default or 0)).astype(places.dtype)

    def call(x):
        if isinstance(x, Texts):
            numbers = vocabulary.find(x)
        else:
            numbers = [table.get(word, len(words)) for word in x.ravel().tolist()]
            numbers = np.array(numbers, np.intp).reshape(x.shape)
        if default is None and (numbers == len(words)).any():
            word = x[numbers == len(words)][0]
            what = "NULL" if word is None else repr(word[:80])
            raise ValueError(f"{what} is not in the vocabulary of {len(words)} words")
        return all_places[numbers]

    return call


@kernel
def encode(depth, mode):
    """Whole numbers from 0 to depth - 1 as vectors; see the op of this name.

    Shapes: x (rows, ..., n) -> y (rows, ..., n, depth), or (rows, ..., depth).
    Raises: ValueError, when x holds anything but whole numbers from 0 to depth - 1.
    """

    def call(x):
        bad = ~((x >= 0) & (x < depth) & (x == np.floor(x)))
        if bad.any():
            raise ValueError(
                f"{x[bad][0].item()!r} is not a category: give whole numbers from 0 to {depth - 1}"
            )
        y = (x[..., None] == np.arange(depth)).astype(x.dtype)
        if mode == "one_hot":
            return y
        return y.max(axis=-2) if mode == "multi_hot" else y.sum(axis=-2)

    return call


"""Texts to tokens, as TensorFlow takes them apart."""

import re
import string

import numpy as np


SPACES = re.compile("[ \t\n\v\f\r]+")  # what TensorFlow splits at; other Unicode spaces are letters
LOWER = {n: n + 32 for n in range(ord("A"), ord("Z") + 1)}  # TensorFlow leaves all other letters
PUNCTUATION = dict.fromkeys(map(ord, string.punctuation))


def _tokens(texts, standardize, split, ngrams):
    """The tokens of a row's texts, as Keras's TextVectorization takes them apart."""
    if "lower" in standardize:
        texts = [text.translate(LOWER) for text in texts]
    if "strip_punctuation" in standardize:
        texts = [text.translate(PUNCTUATION) for text in texts]
    if split == "whitespace":
        texts = [token for text in texts for token in SPACES.split(text) if token]
    elif split == "character":
        texts = [letter for text in texts for letter in text]
    if not ngrams:
        return texts
    return [" ".join(texts[i : i + n]) for n in ngrams for i in range(len(texts) - n + 1)]


@kernel
def tokenize(standardize, split, ngrams, length):
    """The first tokens of each row's texts, "" where there are fewer than length.

    Shapes: x (rows, ...) -> y (rows, length), arrays of texts.
    """

    def call(x):
        y = np.full((x.shape[0], length), "", object)
        for row, texts in zip(y, x.reshape(x.shape[0], -1).tolist()):
            tokens = _tokens(texts, standardize, split, ngrams)[:length]
            row[: len(tokens)] = tokens
        return y

    return call


@kernel
def count_words(words, weights, standardize, split, ngrams, is_binary):
    """How often each word is among the tokens of a row's texts, or whether it is, times weights.

    Place 0 is for tokens that are none of the words; "" counts nowhere.
    Shapes: x (rows, ...), weights (depth,) -> y (rows, depth).
    """
    table = {word: number for number, word in enumerate(words, 1)}

    def call(x):
        y = np.zeros((x.shape[0], weights.size), weights.dtype)
        for row, texts in zip(y, x.reshape(x.shape[0], -1).tolist()):
            for token in _tokens(texts, standardize, split, ngrams):
                if token:
                    row[table.get(token, 0)] += 1
        return (np.minimum(y, 1) if is_binary else y) * weights

    return call


"""TensorFlow's hashes of texts and numbers, and the kernels that put them into bins."""

import struct

import numpy as np


U64 = 2**64 - 1
K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _rotate(x, bits):
    """The 64 bits of x, rotated right."""
    return (x >> bits | x << (64 - bits)) & U64


def _mix(u, v, factor):
    """HashLen16 of FarmHash."""
    a = (u ^ v) * factor & U64
    a ^= a >> 47
    b = (v ^ a) * factor & U64
    return (b ^ b >> 47) * factor & U64


def _weak(words, a, b):
    """WeakHashLen32WithSeeds of FarmHash."""
    w, x, y, z = words
    a += w
    b = _rotate((b + a + z) & U64, 21)
    c = a
    a += x + y
    b += _rotate(a & U64, 44)
    return (a + z) & U64, (b + c) & U64


def fingerprint(data):
    """FarmHash's Fingerprint64 of bytes.

    Source: google/farmhash, farmhashna::Hash64; TensorFlow's to_hash_bucket_fast.
    """
    n = len(data)

    def at(place):
        return struct.unpack_from("<Q", data, place)[0]

    factor = K2 + 2 * n
    if n <= 16:
        if n >= 8:
            a, b = at(0) + K2 & U64, at(n - 8)
            return _mix(
                _rotate(b, 37) * factor + a & U64, (_rotate(a, 25) + b) * factor & U64, factor
            )
        if n >= 4:
            a, b = struct.unpack_from("<I", data)[0], struct.unpack_from("<I", data, n - 4)[0]
            return _mix(n + (a << 3) & U64, b, factor)
        if n == 0:
            return K2
        y = data[0] + (data[n >> 1] << 8)
        z = (y * K2 ^ (n + (data[n - 1] << 2)) * K0) & U64
        return (z ^ z >> 47) * K2 & U64
    if n <= 64:
        first = K1 if n <= 32 else K2
        a, b, c, d = at(0) * first & U64, at(8), at(n - 8) * factor & U64, at(n - 16) * K2 & U64
        y = _rotate(a + b & U64, 43) + _rotate(c, 30) + d & U64
        z = _mix(y, a + _rotate(b + K2 & U64, 18) + c & U64, factor)
        if n <= 32:
            return z
        e, f = at(16) * factor & U64, at(24)
        g, h = (y + at(n - 32)) * factor & U64, (z + at(n - 24)) * factor & U64
        return _mix(
            _rotate(e + f & U64, 43) + _rotate(g, 30) + h & U64,
            e + _rotate(f + a & U64, 18) + g & U64,
            factor,
        )
    x, y = 81 * K2 + at(0) & U64, 81 * K1 + 113 & U64
    z = y * K2 + 113 & U64
    z = (z ^ z >> 47) * K2 & U64
    v = w = (0, 0)

    def step(place, x, y, z, v, w, factor, nines):
        x = _rotate(x + y + v[0] + at(place + 8) & U64, 37) * factor & U64
        y = _rotate(y + v[1] + at(place + 48) & U64, 42) * factor & U64
        x ^= w[1] * nines & U64
        y = y + v[0] * nines + at(place + 40) & U64
        z = _rotate(z + w[0] & U64, 33) * factor & U64
        words = struct.unpack_from("<8Q", data, place)
        v = _weak(words[:4], v[1] * factor & U64, x + w[0])
        w = _weak(words[4:], z + w[1], y + words[2])
        return z, y, x, v, w

    for place in range(0, (n - 1) // 64 * 64, 64):
        x, y, z, v, w = step(place, x, y, z, v, w, K1, 1)
    factor = K1 + ((z & 255) << 1) & U64
    w = (w[0] + (n - 1 & 63) & U64, w[1])
    v = (v[0] + w[0] & U64, v[1])
    w = (w[0] + v[0] & U64, w[1])
    x, y, z, v, w = step(n - 64, x, y, z, v, w, factor, 9)
    y ^= y >> 47
    return _mix(
        _mix(v[0], w[0], factor) + y * K0 + z & U64, _mix(v[1], w[1], factor) + x & U64, factor
    )


def siphash(data, key):
    """SipHash-2-4 of bytes under a key of two numbers.

    Source: Aumasson and Bernstein, 2012; TensorFlow's to_hash_bucket_strong.
    """
    v0, v1 = key[0] ^ 0x736F6D6570736575, key[1] ^ 0x646F72616E646F6D
    v2, v3 = key[0] ^ 0x6C7967656E657261, key[1] ^ 0x7465646279746573

    def rounds(count, v0, v1, v2, v3):
        for _ in range(count):
            v0, v2 = v0 + v1 & U64, v2 + v3 & U64
            v1, v3 = _rotate(v1, 51) ^ v0, _rotate(v3, 48) ^ v2
            v0 = _rotate(v0, 32)
            v2, v0 = v2 + v1 & U64, v0 + v3 & U64
            v1, v3 = _rotate(v1, 47) ^ v2, _rotate(v3, 43) ^ v0
            v2 = _rotate(v2, 32)
        return v0, v1, v2, v3

    tail = len(data) % 8
    padded = data + bytes(7 - tail) + bytes([len(data) & 255])
    for (word,) in struct.iter_unpack("<Q", padded):
        v0, v1, v2, v3 = rounds(2, v0, v1, v2, v3 ^ word)
        v0 ^= word
    v0, v1, v2, v3 = rounds(4, v0, v1, v2 ^ 255, v3)
    return v0 ^ v1 ^ v2 ^ v3


WHOLE = 2**24  # beyond it float32 does not hold every whole number


def _whole(number):
    """A number as TensorFlow truncates it before it is hashed.

    Raises: ValueError, when it is too large to be told from its neighbours.
    """
    if not abs(number) <= WHOLE:
        raise ValueError(f"{number!r} cannot be hashed: give whole numbers from -2^24 to 2^24")
    return int(number)


@kernel
def hash_bucket(bins, first, key=None, mask=None):
    """y = first + hash of x modulo bins, 0 where x is the mask; numbers are hashed as decimals.

    With a key SipHash, without one FarmHash. Shapes: x (rows, ...), first (1,) -> y (rows, ...).
    """

    def bucket(item):
        if item == mask:
            return 0
        data = (item if isinstance(item, str) else str(_whole(item))).encode()
        return first[0] + (fingerprint(data) if key is None else siphash(data, key)) % bins

    return lambda x: np.array([bucket(item) for item in x.ravel().tolist()], first.dtype).reshape(
        x.shape
    )


@kernel
def cross_bucket(bins, first):
    """y = first + hash of what stands in the same place of all inputs, modulo bins.

    Source: TensorFlow's sparse.cross_hashed and its FingerprintCat64, under its default key.
    """
    factor = 0xC6A4A7935BD1E995

    def part(item):
        return fingerprint(item.encode()) if isinstance(item, str) else _whole(item) & U64

    def join(a, b):
        b = b * factor & U64
        result = (a ^ factor ^ (b ^ b >> 47) * factor & U64) * factor & U64
        result = (result ^ result >> 47) * factor & U64
        return result ^ result >> 47

    def call(*xs):
        numbers = []
        for items in zip(*[x.ravel().tolist() for x in xs]):
            result = 0xDECAFCAFFE
            for item in items:
                result = join(result, part(item))
            numbers.append(first[0] + result % bins)
        return np.array(numbers, first.dtype).reshape(xs[0].shape)

    return call


"""Columns of tables: kernels for what scalers, encoders and imputers do."""

import re
import unicodedata

import numpy as np



@kernel
def select(columns):
    """The elements of each row in these places.

    Shapes: x (rows, n) -> y (rows, columns).
    """
    first = columns[0]
    if columns == list(range(first, first + len(columns))):
        return lambda x: x[:, first : first + len(columns)]
    return lambda x: x.take(columns, axis=1)


@kernel
def impute(values, missing=None):
    """y = values where x is NaN, or equals missing where that is given, else x.

    Shapes: x (rows, n), values (n,) -> y (rows, n).
    """
    if missing is None:
        return lambda x: np.where(np.isnan(x), values.astype(x.dtype), x)
    return lambda x: np.where(x == missing, values.astype(x.dtype), x)


@kernel
def impute_texts(words, missing=None):
    """y = words where x is missing, or equals missing where that is given, else x.

    Shapes: x (rows, n), words (n,) -> y (rows, n), arrays of texts.
    """
    replacements = np.array([*words, None], object)[:-1]
    return lambda x: np.where(np.equal(x, missing), replacements, x)


@kernel
def is_missing(missing=None):
    """y = 1 where x is NaN or a missing text, or equals missing where that is given, else 0."""

    def call(x):
        if x.dtype == object:
            return np.equal(x, missing).astype(np.float64)
        return (np.isnan(x) if missing is None else x == missing).astype(x.dtype)

    return call


@kernel
def map_numbers(keys, values, counts, defaults, absent, strict, complete):
    """y = the value beside the key of its column that equals x; see the op of this name.

    Shapes: x (rows, n), keys (k,), values (k,), defaults (n,), absent (n,) -> y (rows, n).
    Raises: ValueError, when x is no key in a column that is strict, or NaN in a complete one.
    """
    ends = np.cumsum(counts)
    tables = [
        (keys[end - count : end], np.append(values[end - count : end], values.dtype.type(0)))
        for count, end in zip(counts, ends.tolist())
    ]

    def call(x):
        y = np.empty(x.shape, values.dtype)
        for place, (known, numbers) in enumerate(tables):
            column = x[:, place]
            found = np.searchsorted(known, column)
            same = np.append(known, np.nan)[found] == column
            is_nan = np.isnan(column)
            bad = ~same & (place in strict) & ~is_nan | is_nan & (place in complete)
            if bad.any():
                value = column[bad][0].item()
                raise ValueError(f"{value!r} is none of the {known.size} categories of its column")
            y[:, place] = np.where(
                same,
                numbers[np.where(same, found, known.size)],
                np.where(is_nan, absent[place], defaults[place]),
            )
        return y

    return call


@kernel
def map_texts(words, values, defaults, absent, strict, complete):
    """y = the value beside the word of its column that equals x; see the op of this name.

    Shapes: x (rows, n), values (all words,), defaults (n,), absent (n,) -> y (rows, n).
    Raises: ValueError, when x is no word in a column that is strict, or missing in a complete one.
    """
    tables = []
    arrays = []
    vocabularies = [Vocabulary(column) for column in words]
    start = 0
    for place, column in enumerate(words):
        numbers = dict(zip(column, values[start : start + len(column)].tolist()))
        arrays.append(np.append(values[start : start + len(column)], defaults[place]))
        start += len(column)
        if place not in complete:
            numbers[None] = absent[place].item()
        tables.append(numbers)

    def call(x):
        y = np.empty(x.shape, values.dtype)
        for place, numbers in enumerate(tables):
            if isinstance(x, Texts):
                found = vocabularies[place].find(x[:, place])
                missing = x.lengths[:, place] < 0
                is_known = place not in strict or (found < len(words[place])).all()
                if is_known and not (place in complete and missing.any()):
                    y[:, place] = arrays[place][found]
                    y[missing, place] = absent[place]
                    continue
            column = x[:, place].tolist()
            default = defaults[place].item()
            if place in strict:
                unknown = [word for word in column if word not in numbers]
            else:
                unknown = [None] if place in complete and None in column else []
            if unknown:
                text, count = str(unknown[0])[:80], len(words[place])
                raise ValueError(f"{text!r} is none of the {count} categories of its column")
            y[:, place] = [numbers.get(word, default) for word in column]
        return y

    return call


@kernel
def indicate(size):
    """y = 1 in the places that are in x, 0 in the others; -1 in x is no place.

    Shapes: x (rows, n) -> y (rows, size).
    """

    def call(x):
        y = np.zeros((x.shape[0], size + 1), x.dtype)  # the last place is what -1 means
        y[np.arange(x.shape[0])[:, None], x.astype(np.intp)] = 1
        return y[:, :size]

    return call


@kernel
def discretize(edges, counts, slack):
    """y = how many of its column's edges, which ascend, are at most x.

    Shapes: x (rows, n), edges (all,) -> y (rows, n).
    """
    ends = np.cumsum(counts)
    columns = [edges[end - count : end] for count, end in zip(counts, ends.tolist())]

    def call(x):
        if slack:
            x = x + (1e-8 + 1e-5 * np.abs(x))
        y = np.empty(x.shape, x.dtype)
        for place, known in enumerate(columns):
            y[:, place] = np.searchsorted(known, x[:, place], side="right")
        return y

    return call


@kernel
def normalize_row(norm, tiny):
    """y = x / norm of the row, of which one below tiny (or 0) counts as 1."""

    def call(x):
        if norm == "l2":
            size = np.sqrt(np.einsum("ij,ij->i", x, x))  # in the order of scikit-learn's row_norms
        else:
            size = np.abs(x).sum(axis=1) if norm == "l1" else np.abs(x).max(axis=1)
        return x / np.where((size == 0) | (size < tiny), 1, size)[:, None].astype(x.dtype)

    return call


@kernel
def power_transform(method, lambdas):
    """The transform of Yeo and Johnson, or of Box and Cox, column by column.

    Shapes: x (rows, n), lambdas (n,) -> y (rows, n).
    """

    def call(x):
        y = np.empty(x.shape, x.dtype)
        for place, exponent in enumerate(lambdas.tolist()):
            column = x[:, place]
            if method == "box-cox":
                y[:, place] = np.where(column > 0, _power(np.log(column), exponent), np.nan)
                continue
            above = _power(np.log1p(np.maximum(column, 0)), exponent)
            below = _power(np.log1p(-np.minimum(column, 0)), 2 - exponent)
            y[:, place] = np.where(column >= 0, above, -below)
        return y

    return call


def _power(logarithm, exponent):
    """(x ** exponent - 1) / exponent from log(x), and its limit for an exponent of 0."""
    if abs(exponent) < np.spacing(1.0):
        return logarithm
    return np.expm1(exponent * logarithm) / exponent


@kernel
def quantile_transform(quantiles, references, is_normal):
    """Where x stands among its column's quantiles, or the normal distribution's quantile there.

    Shapes: x (rows, n), quantiles (k, n), references (k,) -> y (rows, n).
    """
    margin = 1e-7
    clip_high = normal_quantile(np.array(1 - (margin - np.spacing(1))))
    clip_low = normal_quantile(np.array(margin - np.spacing(1)))

    def call(x):
        y = np.empty(x.shape, x.dtype)
        for place in range(x.shape[1]):
            column, known = x[:, place], quantiles[:, place]
            up = np.interp(column, known, references)
            down = np.interp(-column, -known[::-1], -references[::-1])
            result = np.where(np.isnan(column), np.nan, 0.5 * (up - down))
            slack = margin if is_normal else 0
            is_last = column + slack > known[-1] if is_normal else column == known[-1]
            is_first = column - slack < known[0] if is_normal else column == known[0]
            result[is_last] = 1
            result[is_first] = 0
            if is_normal:
                result = np.clip(normal_quantile(result), clip_low, clip_high)
            y[:, place] = result
        return y

    return call


NORMAL_CENTRE = (
    (-59.9633501014107895267, 98.0010754185999661536, -56.6762857469070293439,
     13.9312609387279679503, -1.23916583867381258016),
    (1.0, 1.95448858338141759834, 4.67627912898881538453, 86.3602421390890590575,
     -225.462687854119370527, 200.260212380060660359, -82.0372256168333339912,
     15.9056225126211695515, -1.18331621121330003142),
)  # fmt: skip
NORMAL_SIDE = (
    (4.05544892305962419923, 31.5251094599893866154, 57.1628192246421288162,
     44.0805073893200834700, 14.6849561928858024014, 2.18663306850790267539,
     -0.140256079171354495875, -0.0350424626827848203418, -0.000857456785154685413611),
    (1.0, 15.7799883256466749731, 45.3907635128879210584, 41.3172038254672030440,
     15.0425385692907503408, 2.50464946208309415979, -0.142182922854787788574,
     -0.0380806407691578277194, -0.000933259480895457427372),
)  # fmt: skip
NORMAL_TAIL = (
    (3.23774891776946035970, 6.91522889068984211695, 3.93881025292474443415,
     1.33303460815807542389, 0.201485389549179081538, 0.0123716634817820021358,
     0.000301581553508235416007, 2.65806974686737550832e-6, 6.23974539184983293730e-9),
    (1.0, 6.02427039364742014255, 3.67983563856160859403, 1.37702099489081330271,
     0.216236993594496635890, 0.0134204006088543189037, 0.000328014464682127739104,
     2.89247864745380683936e-6, 6.79019408009981274425e-9),
)  # fmt: skip


def normal_quantile(p):
    """The number below which a normally distributed one is with probability p.

    Source: Cephes Math Library, ndtri, by Moshier; within a few units in the last place.
    """
    p = np.asarray(p, np.float64)
    upper = p > 1 - 0.13533528323661269189
    tail = np.where(upper, 1 - p, p)
    centre = tail - 0.5
    square = centre * centre
    inner = np.polyval(NORMAL_CENTRE[0], square) / np.polyval(NORMAL_CENTRE[1], square)
    middle = (centre + centre * (square * inner)) * 2.50662827463100050242
    with np.errstate(all="ignore"):
        x = np.sqrt(-2.0 * np.log(tail))
        z = 1.0 / x
        side = np.polyval(NORMAL_SIDE[0], z) / np.polyval(NORMAL_SIDE[1], z)
        far = np.polyval(NORMAL_TAIL[0], z) / np.polyval(NORMAL_TAIL[1], z)
        outer = (x - np.log(x) / x) - z * np.where(x < 8, side, far)
    outer = np.where(upper, outer, -outer)
    y = np.where(tail > 0.13533528323661269189, middle, outer)
    return np.where(p == 0, -np.inf, np.where(p == 1, np.inf, y))


@kernel
def products(places):
    """y = the products of columns of x, one for each list of places; -1 is the number 1.

    Shapes: x (rows, n) -> y (rows, places).
    """
    columns = np.array(places, np.intp).T

    def call(x):
        x = np.concatenate([x, np.ones((x.shape[0], 1), x.dtype)], axis=1)
        y = x[:, columns[-1]]  # from the back, as scikit-learn multiplies
        for column in columns[-2::-1]:
            y = y * x[:, column]
        return y

    return call


UFUNCS: dict = {
    item.__name__: item
    for item in (
        np.log, np.log1p, np.log2, np.log10, np.exp, np.exp2, np.expm1, np.sqrt, np.cbrt,
        np.square, np.absolute, np.fabs, np.negative, np.positive, np.reciprocal, np.sign,
        np.floor, np.ceil, np.trunc, np.rint, np.sin, np.cos, np.tan, np.arcsin, np.arccos,
        np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh, np.deg2rad,
        np.rad2deg, np.degrees, np.radians,
    )
}  # fmt: skip


@kernel
def ufunc(function):
    """y = function(x), element by element, as numpy names and computes it."""
    return UFUNCS[function]


@kernel
def splines(knots, degree, outside, has_last):
    """The values of the B-splines over each column's knots, side by side; see the op.

    Shapes: x (rows, n), knots (k, n) -> y (rows, n * splines).
    Raises: ValueError, when x is outside of the knots and that is an error.
    """
    count = knots.shape[0] - degree - 1

    def column_values(x, t):
        """The splines of one column."""
        first, last = t[degree], t[count]
        if outside == "periodic":
            y = _basis(first + (x - first) % (last - first), t, degree)
            y[:, :degree] += y[:, count - degree :]
            return y[:, : count - degree]
        inside = (x >= first) & (x <= last)
        if outside == "error" and not inside.all():
            raise ValueError(
                f"{x[~inside][0].item()!r} is outside of the knots, from {first:g} to {last:g}"
            )
        if outside in ("continue", "error"):
            return _basis(x, t, degree)
        y = _basis(np.clip(x, first, last), t, degree)
        if outside == "linear":
            for edge, is_out in ((first, x < first), (last, x > last)):
                at = np.full(1, edge)
                slope = _basis(at, t, degree, 1)[0]
                y[is_out] += (x[is_out] - edge)[:, None] * slope
        return y

    def call(x):
        parts = [column_values(x[:, n], knots[:, n]) for n in range(x.shape[1])]
        return np.concatenate([y if has_last else y[:, :-1] for y in parts], axis=1).astype(x.dtype)

    return call


def _basis(x, t, degree, derivative=0):
    """The values, or first derivatives, of all B-splines of this degree over the knots t, by de
    Boor's recursion; beyond the boundaries those of the polynomials there.

    In the order of SciPy's _deBoor_D, to the last bit: what follows may tell values apart.
    Shapes: x (rows,), t (k,) -> y (rows, k - degree - 1).
    """
    place = np.clip(np.searchsorted(t, x, side="right") - 1, degree, len(t) - degree - 2)
    h = np.zeros((degree + 1, len(x)), t.dtype)
    h[0] = 1
    for j in range(1, degree + 1):
        before = h[:j].copy()
        h[0] = 0
        for n in range(1, j + 1):
            right, left = t[place + n], t[place + n - j]
            with np.errstate(all="ignore"):
                w = (before[n - 1] if j <= degree - derivative else j * before[n - 1]) / (
                    right - left
                )
            w = np.where(right == left, 0, w)
            if j <= degree - derivative:
                h[n - 1] += w * (right - x)
                h[n] = w * (x - left)
            else:
                h[n - 1] -= w
                h[n] = w
    y = np.zeros((len(x), len(t) - degree - 1), t.dtype)
    y[np.arange(len(x))[:, None], place[:, None] + np.arange(-degree, 1)] = h.T
    return y


TOKEN = re.compile(r"(?u)\b\w\w+\b")
BLANKS = re.compile(r"\s\s+")


def _prepare(text, lower, accents):
    """A text in lower case and without accents, where that is asked for."""
    if lower:
        text = text.lower()
    if accents == "ascii":
        text = unicodedata.normalize("NFKD", text).encode("ASCII", "ignore").decode("ASCII")
    elif accents and not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join([letter for letter in text if not unicodedata.combining(letter)])
    return text


def _grams(text, analyzer, least, most, stop_words):
    """The n-grams of a text, as scikit-learn's vectorizers take it apart."""
    if analyzer == "word":
        tokens = [word for word in TOKEN.findall(text) if word not in stop_words]
        return [
            " ".join(tokens[i : i + n])
            for n in range(least, most + 1)
            for i in range(len(tokens) - n + 1)
        ]
    text = BLANKS.sub(" ", text)
    if analyzer == "char":
        return [text[i : i + n] for n in range(least, most + 1) for i in range(len(text) - n + 1)]
    grams = []
    for word in text.split():
        word = " " + word + " "
        for n in range(least, most + 1):
            grams.append(word[:n])
            grams += [word[i : i + n] for i in range(1, len(word) - n + 1)]
            if len(word) <= n:  # a word that is too short counts once
                break
    return grams


@kernel
def count_tokens(words, lower, accents, analyzer, least, most, stop_words, is_binary):
    """How often each word is among the tokens of a text, or whether it is; see the op.

    Shapes: x (rows, 1) texts -> y (rows, words).
    """
    table = {word: number for number, word in enumerate(words)}
    stop_words = frozenset(stop_words)

    def call(x):
        y = np.zeros((x.shape[0], len(words)))
        for row, text in zip(y, x[:, 0].tolist()):
            prepared = _prepare(text, lower, accents)
            for token in _grams(prepared, analyzer, least, most, stop_words):
                number = table.get(token)
                if number is not None:
                    row[number] += 1
        return np.minimum(y, 1) if is_binary else y

    return call


def murmur(data):
    """MurmurHash3 of bytes, 32 bits, seed 0, as a signed number.

    Source: Appleby, MurmurHash3_x86_32.
    """
    h = 0
    tail = len(data) & 3
    body = len(data) - tail
    for k in np.frombuffer(data, "<u4", body // 4).tolist():
        k = k * 0xCC9E2D51 & 0xFFFFFFFF
        h ^= ((k << 15 | k >> 17) & 0xFFFFFFFF) * 0x1B873593 & 0xFFFFFFFF
        h = (h << 13 | h >> 19) & 0xFFFFFFFF
        h = h * 5 + 0xE6546B64 & 0xFFFFFFFF
    if tail:
        k = int.from_bytes(data[body:], "little") * 0xCC9E2D51 & 0xFFFFFFFF
        h ^= ((k << 15 | k >> 17) & 0xFFFFFFFF) * 0x1B873593 & 0xFFFFFFFF
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    h ^= h >> 16
    return h - 2**32 if h >> 31 else h


@kernel
def hash_tokens(
    size, lower, accents, analyzer, least, most, stop_words, is_binary, is_signed
):  # fmt: skip
    """How often tokens of each hash are in a text, or whether one is; see the op.

    Shapes: x (rows, 1) texts -> y (rows, size).
    """
    stop_words = frozenset(stop_words)

    def call(x):
        y = np.zeros((x.shape[0], size))
        for row, text in zip(y, x[:, 0].tolist()):
            prepared = _prepare(text, lower, accents)
            for token in _grams(prepared, analyzer, least, most, stop_words):
                number = murmur(token.encode("utf-8"))
                place = abs(number) % size
                if is_binary:
                    row[place] = 1
                else:
                    row[place] += -1 if is_signed and number < 0 else 1
        return y

    return call


@kernel
def decide():
    """1 where the only number is above 0, else the place of the first of the largest.

    Shapes: x (rows, n) -> y (rows, 1).
    """

    def call(x):
        place = x > 0 if x.shape[1] == 1 else x.argmax(axis=1)[:, None]
        return np.where(
            np.isnan(x).any(axis=1)[:, None], x.dtype.type(np.nan), place.astype(x.dtype)
        )

    return call


"""Kernels of predictors of tables: distances, pairs of classes, lines through points."""

import math

import numpy as np



@kernel
def squared_distances(points):
    """y = the sum over columns of (x - point)^2 for each point, column by column: the memory is
    that of y twice, however many columns there are.

    Shapes: x (rows, n), points (m, n) -> y (rows, m).
    """
    columns = np.ascontiguousarray(points.T)

    def call(x):
        y = np.zeros((x.shape[0], points.shape[0]), x.dtype)
        difference = np.empty_like(y)
        for place, column in enumerate(columns):
            np.subtract(x[:, place, None], column, out=difference)
            difference *= difference
            y += difference
        return y

    return call


@kernel
def interpolate(points, values, outside):
    """y on the straight lines through points, which ascend, and the values above them.

    Raises: ValueError, when x is beyond the points and that is an error.
    """
    first, last = points[0], points[-1]

    def call(x):
        y = np.interp(x, points, values).astype(x.dtype)
        if outside == "clip":
            return y
        is_out = (x < first) | (x > last)
        if outside == "error" and is_out.any():
            raise ValueError(
                f"{x[is_out][0].item()!r} is outside of what was fitted, {first:g} to {last:g}"
            )
        return np.where(is_out, x.dtype.type(np.nan), y)

    return call


@kernel
def pair_votes(classes):
    """How many pairs each class wins, and less than a half more by how clearly; see the op.

    Shapes: wins (rows, pairs), confidences (rows, pairs) -> y (rows, classes).
    """
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]

    def call(wins, confidences):
        votes = np.zeros((wins.shape[0], classes), confidences.dtype)
        total = np.zeros_like(votes)
        for place, (i, j) in enumerate(pairs):
            total[:, i] -= confidences[:, place]
            total[:, j] += confidences[:, place]
            votes[:, i] += wins[:, place] == 0
            votes[:, j] += wins[:, place] == 1
        return votes + total / (3 * (np.abs(total) + 1))

    return call


@kernel
def couple_pairs(classes):
    """Probabilities of classes from those of pairs, step by step as libsvm finds them.

    Shapes: x (rows, pairs) -> y (rows, classes).
    """
    first, second = np.triu_indices(classes, 1)
    diagonal = np.arange(classes)

    def call(x):
        wins = np.zeros((x.shape[0], classes, classes), x.dtype)
        wins[:, first, second] = x
        wins[:, second, first] = 1 - x
        q = -wins.transpose(0, 2, 1) * wins
        q[:, diagonal, diagonal] = (wins * wins).sum(axis=1)
        p = np.full((x.shape[0], classes), 1 / classes, x.dtype)
        active = np.arange(x.shape[0])
        for _ in range(max(100, classes)):
            slopes = (q[active] * p[active, None, :]).sum(axis=2)
            mean = (p[active] * slopes).sum(axis=1)
            moves = np.abs(slopes - mean[:, None]).max(axis=1) >= 0.005 / classes
            active, slopes, mean = active[moves], slopes[moves], mean[moves]
            if not active.size:
                break
            p[active] = _step(q[active], p[active], slopes, mean)
        p[np.isnan(x).any(axis=1)] = np.nan
        return p

    return call


def _step(q, p, slopes, mean):
    """One step along each class in turn; p is scaled back to a sum of 1 after each."""
    for t in range(p.shape[1]):
        own = q[:, t, t]
        change = (mean - slopes[:, t]) / own
        p[:, t] += change
        scale = 1 + change
        mean = (mean + change * (change * own + 2 * slopes[:, t])) / scale / scale
        slopes = (slopes + change[:, None] * q[:, t]) / scale[:, None]
        p = p / scale[:, None]
    return p


@kernel
def weighted_median(weights):
    """The least number that, with all that are smaller, has half the weight of the row.

    Shapes: x (rows, n), weights (n,) -> y (rows, 1).
    """

    def call(x):
        order = x.argsort(axis=1)
        reached = weights[order].cumsum(axis=1)
        place = (reached >= 0.5 * reached[:, -1:]).argmax(axis=1)[:, None]
        y = np.take_along_axis(x, np.take_along_axis(order, place, axis=1), axis=1)
        return np.where(np.isnan(x).any(axis=1)[:, None], x.dtype.type(np.nan), y)

    return call


@kernel
def quantile_inverse(quantiles, references, is_normal):
    """What quantile_transform gives y for, column by column.

    Shapes: y (rows, n), quantiles (k, n), references (k,) -> x (rows, n).
    """

    def call(y):
        x = np.empty(y.shape, y.dtype)
        for place in range(y.shape[1]):
            known = quantiles[:, place]
            column = normal_distribution(y[:, place]) if is_normal else y[:, place]
            result = np.interp(column, references, known)
            if is_normal:
                result[column + 1e-7 > 1] = known[-1]
                result[column - 1e-7 < 0] = known[0]
            x[:, place] = np.where(np.isnan(column), np.nan, result)
        return x

    return call


def normal_distribution(x):
    """The probability that a normally distributed number is at most x."""
    return np.array([0.5 * math.erfc(-n * math.sqrt(0.5)) for n in x.tolist()], x.dtype)


@kernel
def power_inverse(method, lambdas):
    """What power_transform gives y for, column by column.

    Shapes: y (rows, n), lambdas (n,) -> x (rows, n).
    """

    def call(y):
        x = np.empty(y.shape, y.dtype)
        for place, exponent in enumerate(lambdas.tolist()):
            column = y[:, place]
            if method == "box-cox":
                x[:, place] = _unpower(column, exponent) + 1
                continue
            above = _unpower(np.maximum(column, 0), exponent)
            below = _unpower(-np.minimum(column, 0), 2 - exponent)
            x[:, place] = np.where(column >= 0, above, -below)
        return x

    return call


def _unpower(y, exponent):
    """(y * exponent + 1) ** (1 / exponent) - 1, and its limit for an exponent of 0."""
    if abs(exponent) < np.spacing(1.0):
        return np.expm1(y)
    return np.expm1(np.log1p(y * exponent) / exponent)


"""Recurrent kernels: a step that is repeated along time."""

import math

import numpy as np


BLOCK_NUMBERS = 2**21  # how many intermediate numbers of a kernel are held at once: 8 MiB
BLOCK_ROWS = 512  # how many rows go through time together: enough to hide the cost of a call


def _blocks(rows, numbers_per_row):
    """Slices of rows that together hold about BLOCK_NUMBERS numbers, so that memory is bounded."""
    size = max(1, BLOCK_NUMBERS // max(1, numbers_per_row))
    return [slice(start, start + size) for start in range(0, rows, size)]


def _gate(activation, units):
    """Function of arrays (rows, k * units); softmax and its kind work gate by gate."""
    name, options = activation
    if name in ACTIVATIONS:
        f, options = ACTIVATIONS[name], dict(options)
        return (lambda x: f(x, **options)) if options else f
    along = KERNELS[name](axis=-1)
    return lambda x: along(x.reshape((*x.shape[:-1], -1, units))).reshape(x.shape)


def _projection(kernel, bias):
    """Function of arrays (steps, rows, n): x @ kernel + bias, and how many numbers that gives."""

    def project(x):
        projected = x.reshape(-1, x.shape[2]) @ kernel
        if bias is not None:
            projected += bias
        return projected.reshape((*x.shape[:2], -1))

    return project, kernel.shape[1]


def _recurrence(step, count, projection, units, result, is_masked, zeroes_masked):
    """Kernel that runs step(projected input, *states) -> new states, the first of them the output.

    One call of the projection projects all steps of a block of rows, or as many as BLOCK_NUMBERS
    allows, before the loop over them. count is the number of states. A masked step leaves the
    states alone and repeats the output before it, or gives zeros where zeroes_masked is set.

    Shapes: x (rows, steps, ..., n), mask (rows, steps), states (rows, ..., units)
    -> y (rows, steps, ..., units) for result "sequence", else (rows, ..., units).
    """
    is_sequence = result == "sequence"
    state = {"hidden": 0, "cell": 1}.get(result)
    project, columns = projection

    def call(x, *others):
        rows, length = x.shape[:2]
        lengths = x.shape[2:-1]
        mask = others[0] != 0 if is_masked else None
        initial = others[is_masked:]
        steps = (length,) if is_sequence else ()
        y = np.zeros((rows, *steps, *lengths, units), x.dtype)
        numbers = math.prod(lengths) * columns if lengths else 1  # of a row of images at a step
        block = min(BLOCK_ROWS, max(1, BLOCK_NUMBERS // numbers))
        for start in range(0, rows, block):
            part = slice(start, start + block)
            inputs = x[part].swapaxes(0, 1)
            ahead = max(1, BLOCK_NUMBERS // (inputs.shape[1] * columns))
            output = np.zeros((inputs.shape[1], *lengths, units), x.dtype)
            states = [s[part] for s in initial] if initial else [output] * count
            if mask is not None:
                m = mask[part]
                every, some = m.all(axis=0).tolist(), m.any(axis=0).tolist()
            for t in range(length):
                if t % ahead == 0:
                    projected = project(inputs[t : t + ahead])
                if mask is None or every[t]:
                    states = step(projected[t % ahead], *states)
                    output = states[0]
                elif some[t]:
                    chosen = m[:, t].reshape((-1,) + (1,) * (len(lengths) + 1))
                    new = step(projected[t % ahead], *states)
                    kept = x.dtype.type(0) if zeroes_masked else output
                    output = np.where(chosen, new[0], kept)
                    states = [np.where(chosen, n, s) for n, s in zip(new, states)]
                elif zeroes_masked:
                    output = np.zeros_like(output)
                if is_sequence:
                    y[part, t] = output
            if not is_sequence:
                y[part] = output if state is None else states[state]
        return y

    return call


@kernel
def simple_rnn(
    kernel, recurrent_kernel, activation, result, is_masked, has_states, zeroes_masked, bias=None
):
    """h = activation(x @ kernel + bias + h @ recurrent_kernel).

    Shapes: as _recurrence, kernel (n, units), recurrent_kernel (units, units), bias (units,).
    """
    units = recurrent_kernel.shape[0]
    f = _gate(activation, units)

    def step(x, h):
        return (f(x + h @ recurrent_kernel),)

    return _recurrence(step, 1, _projection(kernel, bias), units, result, is_masked, zeroes_masked)


@kernel
def lstm(
    kernel, recurrent_kernel, activation, recurrent_activation, result, is_masked, has_states,
    zeroes_masked, bias=None,
):  # fmt: skip
    """i, f, g, o = split(x @ kernel + bias + h @ recurrent_kernel); c = r(f) * c + r(i) * a(g);
    h = r(o) * a(c), where a is the activation and r the recurrent_activation.

    Shapes: as _recurrence, kernel (n, 4 units), recurrent_kernel (units, 4 units),
    bias (4 units,); the states are h and c.
    """
    units = recurrent_kernel.shape[0]
    a, r = _gate(activation, units), _gate(recurrent_activation, units)
    # i, f, o side by side, so that one call computes the three gates.
    order = np.r_[0 : 2 * units, 3 * units : 4 * units, 2 * units : 3 * units]
    kernel, recurrent_kernel = kernel[:, order], recurrent_kernel[:, order]
    bias = None if bias is None else bias[order]

    def step(x, h, c):
        z = h @ recurrent_kernel
        z += x
        gates = r(z[:, : 3 * units])
        c = gates[:, units : 2 * units] * c + gates[:, :units] * a(z[:, 3 * units :])
        return gates[:, 2 * units :] * a(c), c

    return _recurrence(step, 2, _projection(kernel, bias), units, result, is_masked, zeroes_masked)


@kernel
def conv_lstm(
    recurrent_kernel, activation, recurrent_activation, result, is_masked, has_states,
    zeroes_masked,
):  # fmt: skip
    """i, f, g, o = split(x + conv(h, recurrent_kernel)), the rest as lstm.

    Shapes: x (rows, steps, n..., 4 filters), recurrent_kernel (k..., filters, 4 filters), mask
    (rows, steps), states (rows, n..., filters)
    -> y (rows, steps, n..., filters) for result "sequence", else (rows, n..., filters).
    """
    filters = recurrent_kernel.shape[-2]
    ones = [1] * (recurrent_kernel.ndim - 2)
    a, r = _gate(activation, filters), _gate(recurrent_activation, filters)
    convolve = conv(recurrent_kernel, ones, ones, "same")

    def step(x, h, c):
        z = convolve(h)
        z += x
        i, f, g, o = (z[..., n * filters : (n + 1) * filters] for n in range(4))
        c = r(f) * c + r(i) * a(g)
        return r(o) * a(c), c

    return _recurrence(
        step, 2, (lambda x: x, 4 * filters), filters, result, is_masked, zeroes_masked
    )


@kernel
def gru(
    kernel, recurrent_kernel, activation, recurrent_activation, result, is_masked, has_states,
    zeroes_masked, reset_after, bias=None, recurrent_bias=None,
):  # fmt: skip
    """z, s = r(x @ kernel[z, s] + bias[z, s] + h @ recurrent_kernel[z, s]);
    n = a(x @ kernel[n] + bias[n] + (s * h) @ recurrent_kernel[n]); h = z * h + (1 - z) * n,
    where a is the activation and r the recurrent_activation. With reset_after the last product
    is s * (h @ recurrent_kernel[n] + recurrent_bias[n]), and z and s have a recurrent_bias too.

    Shapes: as _recurrence, kernel (n, 3 units), recurrent_kernel (units, 3 units),
    bias and recurrent_bias (3 units,).
    """
    units = recurrent_kernel.shape[0]
    a, r = _gate(activation, units), _gate(recurrent_activation, units)
    if recurrent_bias is not None:  # what is added to z and s need not be added at every step
        bias = bias + np.r_[recurrent_bias[: 2 * units], np.zeros(units, bias.dtype)]
        late_bias = recurrent_bias[2 * units :]
    else:
        late_bias = None
    gate_kernel = recurrent_kernel[:, : 2 * units].copy()
    new_kernel = recurrent_kernel[:, 2 * units :].copy()

    def step(x, h):
        if reset_after:
            product = h @ recurrent_kernel
            gates = r(x[:, : 2 * units] + product[:, : 2 * units])
            late = product[:, 2 * units :]
            late = late if late_bias is None else late + late_bias
            late = gates[:, units:] * late
        else:
            gates = r(x[:, : 2 * units] + h @ gate_kernel)
            late = (gates[:, units:] * h) @ new_kernel
        z = gates[:, :units]
        return (z * h + (1 - z) * a(x[:, 2 * units :] + late),)

    return _recurrence(step, 1, _projection(kernel, bias), units, result, is_masked, zeroes_masked)


"""Attention: each position of one sequence looks at all of another."""

import numpy as np



@kernel
def attention(heads, scale, is_causal, is_masked, zeroes_masked):
    """y = softmax(scale * query @ key^T) @ value in each of heads equal parts of the last axis.

    Shapes: query (rows, t, heads * n), key (rows, s, heads * n), value (rows, s, heads * m),
    mask, where is_masked, broadcast to (rows, t, s) -> y (rows, t, heads * m).
    """

    def split(x):
        return x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(0, 2, 1, 3)

    def scores(query, key):
        query = query * query.dtype.type(scale)
        return split(query) @ split(key).transpose(0, 1, 3, 2)

    def call(query, key, value, *masks):
        y = np.zeros(query.shape[:2] + value.shape[2:], query.dtype)
        for part in _blocks(len(query), heads * query.shape[1] * key.shape[1]):
            mask = masks[0][part, None] if is_masked else None
            weights = _attend(scores(query[part], key[part]), mask, is_causal, zeroes_masked)
            y[part] = (weights @ split(value[part])).transpose(0, 2, 1, 3).reshape(y[part].shape)
        return y

    return call


@kernel
def additive_attention(scale, is_causal, is_masked):
    """y = softmax(sum(scale * tanh(query + key))) @ value, the sum along the last axis.

    Shapes: as attention with one head; scale (n,) or (1,).
    """

    def call(query, key, value, *masks):
        y = np.zeros(query.shape[:2] + value.shape[2:], query.dtype)
        for part in _blocks(len(query), query.shape[1] * key.shape[1] * query.shape[2]):
            pairs = np.tanh(query[part, :, None] + key[part, None])
            mask = masks[0][part] if is_masked else None
            y[part] = _attend((scale * pairs).sum(axis=-1), mask, is_causal) @ value[part]
        return y

    return call


def _attend(scores, mask, is_causal, zeroes_masked=False):
    """Softmax along the last axis of scores (..., t, s), 0 where mask is 0 or, if causal, s > t.

    Where nothing is left, the weights are equal (Keras adds so large a negative number that in
    float32 the scores vanish beside it), or 0 where zeroes_masked is set.
    """
    allowed = True if mask is None else mask != 0
    if is_causal:
        order = np.arange(scores.shape[-1]) <= np.arange(scores.shape[-2])[:, None]
        allowed = allowed & order
    scores = np.where(allowed, scores, scores.dtype.type(-1e30))
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return weights * allowed if zeroes_masked else weights


"""Arrays of PostgreSQL, as they lie in the server's memory, to arrays of numpy."""

import json
import math
import struct
import sys

import numpy as np

ARRAY_HEADER = struct.Struct("=iiI")
NUMERIC = 1700
MIN_NUMERIC = 8  # bytes of a 0: a length, a header, padding
ELEMENT_TYPES = {
    oid: np.dtype(code)
    for oid, code in {700: "f4", 701: "f8", 21: "i2", 23: "i4", 20: "i8"}.items()
}


class Header:
    """The header of an array as it lies in PostgreSQL's memory, without the length in front.

    How many dimensions, where the data begin (counted with the length; 0 when no element is NULL),
    the oid of the elements' type, then each dimension's length and each one's lower bound, all in
    the machine's own byte order; then, if any may be NULL, a bit for each element.
    start and stride are bytes: where its elements begin, and where the array ends, 0 for numeric,
    whose elements differ in length.
    Raises: ValueError, when this is no array of numbers.
    Source: PostgreSQL, src/include/utils/array.h.
    """

    def __init__(self, message, position=0):
        try:
            dimensions, offset, self.oid = ARRAY_HEADER.unpack_from(message, position)
            at = position + ARRAY_HEADER.size
            self.dims = struct.unpack_from(f"={max(0, min(dimensions, 6))}i", message, at)
        except struct.error as error:
            raise ValueError("the message ends before the array does") from error
        self.type = ELEMENT_TYPES.get(self.oid)
        if not 0 <= dimensions <= 6 or any(n < 0 for n in self.dims):
            raise ValueError("the message holds no array")
        if self.type is None and self.oid != NUMERIC:
            raise ValueError(f"an array of type oid {self.oid} was given, not of numbers")
        self.size = ARRAY_HEADER.size + 8 * dimensions
        self.count = math.prod(self.dims) if self.dims else 0
        self.start = offset - 4 if offset else self.size
        self.nulls = self._count_nulls(message, position) if offset else 0
        width = MIN_NUMERIC if self.type is None else self.type.itemsize
        end = self.start + (self.count - self.nulls) * width
        if position + end > len(message):
            raise ValueError("the message ends before the array does")
        self.stride = 0 if self.type is None else end

    def _count_nulls(self, message, position):
        """How many elements are NULL: those whose bit is 0, the lowest of a byte first."""
        end = self.size + (self.count + 7) // 8
        if self.start < end:
            raise ValueError("the message holds no array")
        bits = message[position + self.size : position + end]
        if self.size + len(bits) < end:
            raise ValueError("the message ends before the array does")
        numbers = np.frombuffer(bits, np.uint8)
        present = np.unpackbits(numbers, count=self.count, bitorder="little")
        return self.count - int(present.sum())


def decode_array(message, is_exact=False):
    """Decode an array of numbers as it lies in PostgreSQL's memory, see Header.

    is_exact: as for decode_decimals().
    Returns: (dimensions, values as a flat array), or None when an element is NULL.
    Raises: ValueError, when this is no array of numbers.
    """
    header = Header(message)
    if header.nulls:
        return None
    if header.stride:
        if len(message) != header.stride:
            raise ValueError("the message ends before the array does")
        return header.dims, np.frombuffer(message, header.type, header.count, header.start)
    values, ends = decode_decimals(message, np.array([header.start]), header.count, is_exact)
    if ends[0] != len(message):
        raise ValueError("the message ends before the array does")
    return header.dims, values.ravel()


POWERS = np.append(10.0 ** np.arange(309), np.inf)
MOST_WHOLE, MOST_POWER = 2.0**53, 22
MOST_DIGITS = 8  # of base 10,000: at least 29 decimal ones, where a double holds 17
LENGTH_WORD, LENGTH_SHIFT = (0, 2) if sys.byteorder == "little" else (1, 0)


def decode_decimals(message, starts, count, is_exact=False):
    """Decode count numbers of PostgreSQL's numeric behind each start, all at once.

    A number is its length in bytes (4 bytes, the number of them included, times 4 on little-endian
    machines), then 16-bit words: a header that holds sign and weight of the first digit, or in the
    long form a header with the sign and one with the weight; then the digits, of base 10,000; then
    padding to 4 bytes. A cast in SQL would cost 0.25 us a number, as much as 500 weights do.

    With is_exact each is the float64 nearest to its number, for models that compute in float64 and
    may compare it with another; without, one to four units in the last place beside it.

    Returns: (float64 array (rows, count), positions behind).
    Source: PostgreSQL, src/backend/utils/adt/numeric.c, NumericShort and NumericLong.
    """
    # Positions beyond the end read the last word: the positions behind tell that to the caller.
    words = np.frombuffer(message, np.uint16, len(message) // 2)
    places = np.empty((len(starts), count), np.intp)
    ends = starts // 2
    for column in range(count):
        places[:, column] = ends
        length = words.take(ends + LENGTH_WORD, mode="clip") >> LENGTH_SHIFT
        ends = ends + 2 * ((length.astype(np.intp) + 3) >> 2)
    heads = words.take(places + 2, mode="clip")
    is_long = heads < 0x8000
    is_special = heads >= 0xC000
    digits = words.take(places + LENGTH_WORD, mode="clip") >> LENGTH_SHIFT
    digits = ((digits.astype(np.int32) - 6) >> 1) - is_long
    first = places + 3 + is_long
    used = min(MOST_DIGITS, int(digits.max(initial=0)))
    values = np.zeros(places.shape)
    for digit in range(used):
        word = words.take(first + digit, mode="clip")
        if is_exact:
            values = np.where(digits > digit, values * 10000 + word, values)
        else:
            values *= 10000
            values += word * (digits > digit)
    weights = (heads & 0x3F).astype(np.int32) - (heads & 0x40)
    if is_long.any():
        long_weights = words.take(places + 3, mode="clip").view(np.int16)
        weights = np.where(is_long, long_weights, weights)
    shift = 4 * (weights - ((np.minimum(digits, used) if is_exact else used) - 1))
    inexact: tuple = ()
    if is_exact:
        # Whole numbers to 2^53 and powers of ten to 10^22 are exact, so that one rounding is all.
        large = (values >= MOST_WHOLE) | (np.abs(shift) > MOST_POWER)
        inexact = np.nonzero((large | (digits > used)) & ~is_special & (values > 0))
    power = POWERS.take(np.abs(shift), mode="clip")
    with np.errstate(all="ignore"):
        values = np.where(shift < 0, values / power, values * power)
    for place in zip(*inexact):
        start, count, power = first[place], int(digits[place]), int(shift[place])
        kept = words[start : start + min(count, used)].tolist()
        # Digits that are left out are not all 0: one in their place decides between two neighbours.
        values[place] = _nearest([*kept, 1], power - 4) if count > used else _nearest(kept, power)
    is_negative = np.where(is_long, heads & 0x4000, heads & 0x2000) != 0
    np.negative(values, out=values, where=is_negative)
    if is_special.any():
        for head, special in ((0xC000, np.nan), (0xD000, np.inf), (0xF000, -np.inf)):
            values[heads == head] = special
    return values, 2 * ends


def _nearest(digits, shift):
    """The float64 nearest to digits of base 10,000 times a power of ten."""
    whole = 0
    for digit in digits:
        whole = 10000 * whole + digit
    try:
        return float(whole * 10**shift) if shift >= 0 else whole / 10**-shift
    except OverflowError:
        return math.inf


def decode_texts(message):
    """Decode an array of texts: JSON in UTF-8, nested by dimension.

    The array's own memory would not do: it holds texts in the server's encoding, whichever it is.

    Returns: (dimensions, texts as a flat array of objects), or None when an element is NULL.
    """
    try:
        items = json.loads(message)
    except RecursionError as error:
        raise ValueError("the message holds no array of texts") from error
    if not isinstance(items, list):
        raise ValueError("the message holds no array of texts")
    dims = [len(items)] if items else []
    while items and isinstance(items[0], list):
        dims.append(len(items[0]))
        if any(not isinstance(part, list) or len(part) != dims[-1] for part in items):
            raise ValueError("the message holds no array of texts")
        items = [item for part in items for item in part]
    if None in items:
        return None
    if not all(isinstance(item, str) for item in items):
        raise ValueError("the message holds no array of texts")
    texts = np.empty(len(items), object)
    texts[:] = items
    return tuple(dims), texts


"""Rows of typed columns, as PostgreSQL's records lie in memory, to arrays of numpy."""

import struct
import sys

import numpy as np


MARK = b"\xfe\xff\xff\xff"  # begins a row of columns; no array has so many dimensions
# What a letter of a layout stands for, in the order in which attributes lie: float8, int8,
# timestamp, float4, int4, date, int2, boolean, then numeric and text, which differ in length.
FIXED = {"d": "=d", "q": "=q", "s": "=q", "f": "=f", "i": "=i", "y": "=i", "h": "=h", "b": "=B"}
ORDER = "".join(FIXED) + "nt"
EPOCH = 946684800  # seconds from 1970-01-01 to 2000-01-01, from where PostgreSQL counts
HEADER = struct.Struct("=HHB")  # t_infomask2, t_infomask and t_hoff
HEADER_AT, MASK_AT, START_AT, BITS_AT = 18, 20, 22, 23  # where they lie, and the bits of NULLs
COUNT, HAS_NULLS = 0x7FF, 1  # in t_infomask2 how many attributes there are; in t_infomask
MOST_BYTES = 20  # of a numeric: what precedes its digits, and the first eight of these
NO_TEXT = -1  # the length of a NULL
NO_ROW = "the message holds no row of columns"
CUT = "the message ends before the row does"
PACKED = "a number has thousands of digits; cast it to double precision"
IS_LITTLE = sys.byteorder == "little"


class Layout:
    """How the attributes of a row lie: one letter a column in the callers' order, see FIXED.

    Those of 8 bytes come first and texts last, so that nothing but texts needs padding. head is
    what a row begins with; order the places of columns as their attributes lie; type the fixed
    ones side by side; varying the places of the others. is_big tells how lengths are written: the
    machine's way, or with the highest byte first on any machine, as in Greenplum, where letters of
    what differs in length are capital.
    Raises: ValueError, for other letters.
    """

    def __init__(self, letters):
        self.head = MARK + letters.encode("ascii", "replace") + b"\0"
        is_network = bool(set(letters) & set("NT"))
        if is_network and not set(letters) & set("nt"):
            letters = letters.replace("N", "n").replace("T", "t")
        if not letters or set(letters) - set(ORDER):
            raise ValueError(NO_ROW)
        self.letters = letters
        self.is_big = is_network or not IS_LITTLE
        self.word = ">u4" if self.is_big else "<u4"
        self.order = sorted(range(len(letters)), key=lambda place: ORDER.index(letters[place]))
        fixed = [place for place in self.order if letters[place] in FIXED]
        self.varying = self.order[len(fixed) :]
        self.type = np.dtype([(str(place), FIXED[letters[place]]) for place in fixed])

    def find_piece(self, places):
        """Columns of one type of floats that lie side by side, as a type of rows whose field piece
        they are; None for others."""
        if not places or {self.letters[place] for place in places} not in ({"d"}, {"f"}):
            return None
        names = [str(place) for place in places]
        every = list(self.type.names or ())
        first = every.index(names[0])
        if every[first : first + len(names)] != names:
            return None
        return np.dtype(
            {
                "names": ["piece"],
                "formats": [(self.type[first], (len(names),))],
                "offsets": [sum(self.type[n].itemsize for n in range(first))],
                "itemsize": self.type.itemsize,
            }
        )


def count_alike(rows, spans):
    """How many rows of bytes, from the first on, have the first one's bytes in these spans."""
    alike = 1
    window = 64  # grows: many short runs cost little, and a long one few comparisons
    while alike < len(rows):
        part = rows[alike : alike + window]
        same = np.ones(len(part), bool)
        for start, end in spans:
            same &= (part[:, start:end] == rows[0, start:end]).all(axis=1)
        if not same.all():
            return alike + int(same.argmin())
        alike += len(part)
        window *= 4
    return alike


def with_spare(message, columns):
    """A message with bytes behind it, so that what begins in it may be read in one piece."""
    return message + bytes(SPARE + 8 * columns)


class Records:
    """Rows of one layout from a position on, as far as they follow each other.

    A row is its layout's head and a record without the length in front (HeapTupleHeader: three
    words, t_infomask2, t_infomask, t_hoff, the bits of attributes that are not NULL, padding to 8;
    then the attributes). All are found by the bytes that they have in common and decoded at once,
    column by column. Such bytes may also be found inside a number: rows count as long as each
    ends where the next begins.

    buffer is the message, of this size, with spare bytes behind. count is how many rows there are,
    at most `most`; end the position behind the last.
    present[n] tells in which rows the column at place n is not NULL; None when it is in all.
    Source: PostgreSQL, src/include/access/htup_details.h and src/include/varatt.h.
    Raises: ValueError, when the first row is none.
    """

    def __init__(self, layout, buffer, size, position, most):
        self.layout = layout
        self.buffer = buffer
        self.size = size
        starts = self._find(position, most)
        origins = starts + (len(layout.head) - 4)
        data = origins + self._take("u1", origins + START_AT)
        self.present = None
        if (self._take("=u2", origins + MASK_AT) & HAS_NULLS).any():
            self.present = self._read_present(origins)
        self.spans = {}
        ends, is_packed = self._read_varying(data, self._read_fixed(data))
        self.count = self._count_rows(starts, ends, is_packed)
        self.end = int(ends[self.count - 1])

    def _count_rows(self, starts, ends, is_packed):
        """How many rows are whole and end where the next begins.

        Raises: ValueError, when it is none.
        """
        breaks = np.flatnonzero(ends[:-1] != starts[1:])
        count = int(breaks[0]) + 1 if len(breaks) else len(starts)
        wrong = np.flatnonzero(is_packed[:count] | (ends[:count] > self.size))
        if not len(wrong):
            return count
        if wrong[0] == 0:
            raise ValueError(PACKED if ends[0] <= self.size else CUT)
        return int(wrong[0])

    def _find(self, position, most):
        """Where rows begin that have the first one's layout, type and number of attributes."""
        common = len(self.layout.head) + MASK_AT - 4
        head = self.buffer[position : position + common]
        (flags,) = struct.unpack_from("=H", head, common - 2)
        if flags & COUNT != len(self.layout.letters):
            raise ValueError(NO_ROW)
        even = self._find_even(position, head, most)
        start = int(even[-1])
        found: list = []
        while len(even) + len(found) < most:
            start = self.buffer.find(head, start + common)
            if start < 0:
                break
            found.append(start)
        return np.append(even, found).astype(np.intp) if found else even

    def _find_even(self, position, head, most):
        """Those of the first rows that begin as far from each other as the first two do: all, where
        there are neither texts nor NULLs."""
        second = self.buffer.find(head, position + len(head))
        if second < 0:
            return np.array([position])
        stride = second - position
        count = min(most, (len(self.buffer) - len(head) - position) // stride + 1)
        rows = np.ndarray((count, len(head)), np.uint8, self.buffer, position, (stride, 1))
        return position + stride * np.arange(count_alike(rows, [(0, len(head))]))

    def _take(self, type_, places):
        """What lies at each of the places, which need not be aligned."""
        type_ = np.dtype(type_)
        last = len(self.buffer) - type_.itemsize
        if len(places) > 1 and places[-1] <= last:
            stride = int(places[1] - places[0])
            if (np.diff(places) == stride).all():  # they need not be copied
                return np.ndarray((len(places),), type_, self.buffer, int(places[0]), (stride,))
        values = np.ndarray((last + 1,), type_, self.buffer, 0, (1,))
        return values[np.minimum(places, last)]

    def _read_present(self, origins):
        """Which attributes are not NULL, by place: their bits are 1, the lowest of a byte first."""
        count = len(self.layout.order)
        size = (count + 7) // 8
        bits = self._take(f"V{size}", origins + BITS_AT)
        bits = np.ascontiguousarray(bits).view(np.uint8).reshape(-1, size)
        present = np.unpackbits(bits, axis=1, count=count, bitorder="little").astype(bool)
        present |= (self._take("=u2", origins + MASK_AT) & HAS_NULLS)[:, None] == 0
        by_place = np.empty_like(present.T)
        by_place[self.layout.order] = present.T
        return by_place

    def _read_fixed(self, data):
        """Read the attributes of fixed size. Returns: the positions behind them."""
        layout = self.layout
        if self.present is None:
            self.fixed = self._take(layout.type, data) if layout.type.names else {}
            return data + layout.type.itemsize
        self.fixed = {}
        for name in layout.type.names or ():
            self.fixed[name] = self._take(layout.type[name], data)
            data = data + layout.type[name].itemsize * self.present[int(name)]
        return data

    def _read_varying(self, data, ends):
        """Where the others begin and end. Returns: (positions behind them, whether one of a row is
        compressed).

        A length of one byte lies anywhere, one of four at a multiple of 4 behind zeros.
        """
        is_packed = np.zeros(len(data), bool)
        is_big = self.layout.is_big
        for place in self.layout.varying:
            first = self._take("u1", ends)
            is_short = first >= 128 if is_big else first & 1 == 1
            present = None if self.present is None else self.present[place]
            sizes = (first & 127 if is_big else first >> 1).astype(np.intp)
            starts, behind = ends + 1, ends + sizes
            if not is_short.all():
                words_at = data + ((ends - data + 3) & -4)
                words = self._take(self.layout.word, words_at)
                kinds = words >> 30 if is_big else words & 3
                sizes = (words & 0x3FFFFFFF if is_big else words >> 2).astype(np.intp)
                starts = np.where(is_short, starts, words_at + 4)
                behind = np.where(is_short, behind, words_at + sizes)
                is_wrong = ~is_short & (kinds != 0)
                is_packed |= is_wrong if present is None else is_wrong & present
            if present is not None:
                behind = np.where(present, behind, ends)
            lengths = behind - starts
            if present is not None:
                lengths[~present] = NO_TEXT
            self.spans[place] = starts, lengths
            ends = behind
        return ends, is_packed

    def matrix(self, places):
        """Columns side by side as float64, NaN where they are NULL."""
        alike = self.layout.find_piece(places) if self.present is None else None
        if alike is not None:
            piece = np.asarray(self.fixed)[: self.count].view(alike)
            return piece["piece"].astype(np.float64)
        array = np.empty((self.count, len(places)))
        for number, place in enumerate(places):
            array[:, number] = self.numbers(place)
        return array

    def numbers(self, place):
        """A column as float64, NaN where it is NULL."""
        letter = self.layout.letters[place]
        if letter == "n":
            starts, lengths = (item[: self.count] for item in self.spans[place])
            values = read_decimals(self._take(f"V{MOST_BYTES}", starts), lengths)
        else:
            values = self.fixed[str(place)][: self.count]
            with np.errstate(invalid="ignore"):  # a NULL takes no place: anything may be there
                values = as_float(letter, values)
        if self.present is not None and not self.present[place].all():
            values = np.where(self.present[place][: self.count], values, np.nan)
        return values

    def texts(self, places):
        """Columns of texts side by side."""
        shape = (self.count, len(places))
        starts, lengths = np.empty(shape, np.intp), np.empty(shape, np.intp)
        for column, place in enumerate(places):
            starts[:, column], lengths[:, column] = (x[: self.count] for x in self.spans[place])
        return Texts(self.buffer, starts, lengths)


def read_decimals(taken, lengths):
    """numeric as float64: the first MOST_BYTES of each and how many bytes it has.

    They are brought to where decode_decimals() finds them: four bytes of length, then the number.
    """
    copies = np.zeros((len(taken), 4 + MOST_BYTES), np.uint8)
    copies[:, 4:] = np.ascontiguousarray(taken).view(np.uint8).reshape(-1, MOST_BYTES)
    words = (np.maximum(lengths, 0) + 4).astype(np.uint32)
    copies[:, :4] = (words << 2 if IS_LITTLE else words)[:, None].view(np.uint8)
    places = np.arange(0, copies.size, copies.shape[1])
    return decode_decimals(copies.tobytes(), places, 1, True)[0][:, 0]


def as_float(letter, values):
    """Values of fixed size as float64: dates as days, timestamps as seconds since 1970-01-01."""
    if letter == "d":
        return values
    numbers = values.astype(np.float64)
    if letter == "y":
        numbers += EPOCH // 86400
    elif letter == "s":
        # In whole microseconds as long as they fit, so that nothing is rounded twice.
        far = values > np.iinfo(np.int64).max - EPOCH * 10**6
        numbers = np.where(far, numbers / 1e6 + EPOCH, (values + EPOCH * 10**6) / 1e6)
    if letter in "ys":
        limits = np.iinfo(values.dtype)
        numbers[values == limits.max] = np.inf
        numbers[values == limits.min] = -np.inf
    return numbers


def read_row(layout, message):
    """One row by itself, without numpy, whose calls would cost more than all else.

    Returns: a float, a str or None for each column.
    Raises: ValueError, when the message is not one row.
    """
    values = [None] * len(layout.letters)
    origin = len(layout.head) - 4
    try:
        counts, flags, start = HEADER.unpack_from(message, origin + HEADER_AT)
        if counts & COUNT != len(values):
            raise ValueError(NO_ROW)
        data = at = origin + start
        bits = -1
        if flags & HAS_NULLS:
            size = (len(values) + 7) // 8
            bits = int.from_bytes(message[origin + BITS_AT :][:size], "little")
        for number, place in enumerate(layout.order):
            if not bits >> number & 1:
                continue
            letter = layout.letters[place]
            if letter in FIXED:
                values[place] = read_fixed(letter, message, at)
                at += struct.calcsize(FIXED[letter])
                continue
            begin, at = read_span(message, data, at, layout.is_big)
            piece = message[begin:at]
            values[place] = piece.decode() if letter == "t" else read_decimal(piece)
    except (struct.error, IndexError) as error:
        raise ValueError(CUT) from error
    if at != len(message):
        raise ValueError(CUT)
    return values


def read_fixed(letter, message, at):
    """One value of fixed size as a float, see as_float()."""
    (value,) = struct.unpack_from(FIXED[letter], message, at)
    if letter in "ys":
        return float(as_float(letter, np.array([value], FIXED[letter]))[0])
    return float(value)


def read_decimal(piece):
    """One numeric as a float."""
    taken = np.frombuffer(piece[:MOST_BYTES].ljust(MOST_BYTES, b"\0"), f"V{MOST_BYTES}")
    return float(read_decimals(taken, np.array([len(piece)]))[0])


def read_span(message, data, at, is_big):
    """Where one attribute of varying length begins and ends, see Records."""
    first = message[at]
    if first & 128 if is_big else first & 1:
        return at + 1, at + (first & 127 if is_big else first >> 1)
    at = data + ((at - data + 3) & -4)
    (word,) = struct.unpack_from(">I" if is_big else "<I", message, at)
    if word >> 30 if is_big else word & 3:
        raise ValueError(PACKED)
    return at + 4, at + (word & 0x3FFFFFFF if is_big else word >> 2)


"""What a model takes: one row, or columns of many, as arrays of numpy."""

import math

import numpy as np


LIST_HEADER = ARRAY_HEADER.size + 8  # bytes of the header of a list without a NULL
MOST_USUAL = 16  # headers of lists that are kept: free lengths have many


class Inputs:
    """The inputs of a model by name and shape, and how rows become arrays of them.

    inputs is a list of {"name", "shape"}; a shape leaves out the batch and holds None where the
    length is free. Inputs of texts have "dtype": "text", what is computed in float64 "dtype":
    "float64". dtype is what all else is computed in. name is the model's, for messages. length is
    how many rows a window has, of a model of such: a flat input takes (rows, columns), too.
    """

    def __init__(self, name, inputs, dtype, length=None):
        self.name = name
        self.length = length
        self.inputs = inputs
        self.dtype = np.dtype(dtype)
        self.sizes = [_count(port["shape"]) for port in inputs]
        self.columns = _list_columns(inputs, self.sizes)
        self.layouts = {}
        self.usual: list = [{} for _ in inputs]

    def decode_row(self, messages):
        """Messages -> arrays of one row each, or None when an element is NULL.

        The caller has told numpy to be silent: too large a number becomes infinite.
        """
        if messages[0][: len(MARK)] == MARK:
            return self._decode_columns(messages[0])
        rows = []
        for number, message in enumerate(messages):
            usual = self.usual[number].get(message[:LIST_HEADER])
            if usual is not None and len(message) == usual[0]:
                _, stored, shape, dtype = usual
                values = np.frombuffer(message, stored, -1, LIST_HEADER)
                rows.append(values.astype(dtype).reshape(shape))
                continue
            row = self._decode_input(number, message)
            if row is None:
                return None
            rows.append(row)
        return rows

    def _decode_input(self, number, message):
        """One input's array of a row; how a list of numbers lies is kept, for rows are alike."""
        port = self.inputs[number]
        if port.get("dtype") == "text":
            decoded = decode_texts(message)
        else:
            decoded = decode_array(message, _is_double(port))
        if decoded is None:
            return None
        dims, values = decoded
        shape = (1, *self.row_shape(port, self.sizes[number], dims, values.size))
        if port.get("dtype") == "text":
            return values.reshape(shape)
        row = self.as_numbers(values, port).reshape(shape)
        header = Header(message)
        is_list = len(header.dims) == 1 and header.start == LIST_HEADER and header.stride
        if is_list and len(self.usual[number]) < MOST_USUAL:
            self.usual[number][message[:LIST_HEADER]] = (
                len(message),
                header.type,
                shape,
                row.dtype,
            )
        return row

    def _decode_columns(self, message):
        """The same for one row of columns; None when one is NULL that must not be."""
        values = read_row(self.find_layout(message, 0), message)
        rows = []
        for port, columns in zip(self.inputs, self.columns):
            row = [values[place] for place, _ in columns]
            if any(value is None and nulls == "null" for value, (_, nulls) in zip(row, columns)):
                return None
            if port.get("dtype") == "text":
                array = np.empty(len(row), object)
                array[:] = row
            else:
                array = self.as_numbers(np.array(row, np.float64), port)  # None becomes NaN
            rows.append(array.reshape((1, *port["shape"])))
        return rows

    def find_layout(self, message, position):
        """How the columns of the row at this position lie.

        Raises: ValueError, when they are not as many as the model takes, or other types.
        """
        end = max(message.find(b"\0", position), 0)
        letters = message[position + len(MARK) : end]
        layout = self.layouts.get(letters)
        if layout is None:
            layout = Layout(letters.decode("ascii", "replace"))
            places = sorted(place for columns in self.columns for place, _ in columns)
            if places != list(range(len(letters))):
                raise ValueError(
                    f'model "{self.name}" takes {len(places)} columns, got {len(letters)}'
                )
            for port, columns in zip(self.inputs, self.columns):
                for place, _ in columns:
                    if (port.get("dtype") == "text") != (layout.letters[place] == "t"):
                        raise ValueError(f"column {place + 1} is of another type")
            self.layouts[letters] = layout
        return layout

    def take_columns(self, records):
        """Rows of columns as the inputs' arrays.

        Returns: (which rows, counted from 0, one array an input): those without a NULL in a column
        that must not hold one.
        """
        kept = np.ones(records.count, bool)
        if records.present is not None:
            for columns in self.columns:
                for place, nulls in columns:
                    if nulls == "null":
                        kept &= records.present[place][: records.count]
        places = np.flatnonzero(kept)
        arrays = []
        for port, columns in zip(self.inputs, self.columns):
            if port.get("dtype") == "text":
                array = records.texts([place for place, _ in columns])
            else:
                array = self.as_numbers(records.matrix([place for place, _ in columns]), port)
            array = array if len(places) == records.count else array[places]
            arrays.append(array.reshape((len(places), *port["shape"])))
        return places, arrays

    def as_numbers(self, values, port):
        """An array in the input's own type; too large a number becomes infinite, as in numpy."""
        with np.errstate(all="ignore"):
            return values.astype(np.float64 if _is_double(port) else self.dtype)

    def row_shape(self, port, size, dims, count):
        """The input's shape with free lengths filled in from the dimensions that were given."""
        shape = port["shape"]
        if size is not None:
            if count == size and (
                len(dims) <= 1
                or list(dims) == list(shape)
                or (len(dims) == 2 and len(shape) == 1 and dims[0] == self.length)
            ):
                return shape
        elif len(dims) == len(shape) and all(n in (None, d) for n, d in zip(shape, dims)):
            return dims
        elif len(dims) == 1 and shape.count(None) == 1:
            rest = math.prod(n for n in shape if n is not None)
            if rest and count and count % rest == 0:
                return [count // rest if n is None else n for n in shape]
        expected = "x".join("?" if n is None else str(n) for n in shape) or "1"
        if size is not None and len(shape) != 1:
            expected = f"{size} ({expected})"
        raise ValueError(
            'model "{}": input "{}" takes {} {}{}, got {}'.format(
                self.name,
                port["name"],
                expected,
                "text" if port.get("dtype") == "text" else "number",
                "" if size == 1 else "s",
                "x".join(map(str, dims)) if dims else "0",
            )
        )


def _is_double(port):
    """Whether an input or output is of float64."""
    return port.get("dtype") == "float64"


def _list_columns(inputs, sizes):
    """For each input the (place, what a NULL means) of its elements among all columns; those of a
    plan without columns are counted through the inputs."""
    listed = []
    first = 0
    for port, size in zip(inputs, sizes):
        if "columns" in port:
            listed.append([(place, nulls) for _, _, nulls, place in port["columns"]])
        else:
            listed.append([(first + number, "null") for number in range(size or 0)])
        first += size or 0
    return listed


def _count(shape):
    """How many numbers a row of this shape holds, None where a length is free."""
    return None if None in shape else math.prod(shape)


"""Rows of a batch, packed one after another, to arrays of numpy."""

import struct
import sys

import numpy as np



class RowError(ValueError):
    """A row of a batch is not what the model takes; place counts rows from 0."""

    def __init__(self, place, text):
        super().__init__(text)
        self.place = place


def run_rows(run, places, inputs):
    """run(inputs); a row that a kernel refuses is looked for, so that the error can name it.

    Raises: RowError, with the place of that row.
    """
    try:
        return run(inputs)
    except ValueError:
        for number, place in enumerate(places):
            try:
                run([x[number : number + 1] for x in inputs])
            except ValueError as error:
                raise RowError(place, str(error)) from error
        raise


class Answers:
    """Scores and labels of some rows as texts, None where there is none; scores or labels is None
    when it is not wanted or not there. wanted is "score", "label" or "both"."""

    def __init__(self, model, count, wanted):
        self.model = model
        self.scores = [None] * count if wanted != "label" else None
        self.labels = [None] * count if wanted != "score" and model.labels else None

    def put(self, places, results):
        """The results of run() for the rows at these places."""
        if self.scores is not None:
            texts = self.model.texts_of_scores(results[: len(self.model.outputs)])
            _place(self.scores, places, texts)
        if self.labels is not None:
            _place(self.labels, places, self.model.texts_of_labels(results))


def _place(texts, places, values):
    """texts[place] = value, for each; most often they stand side by side."""
    first, last = places[0], places[-1] + 1
    if last - first == len(places):
        texts[first:last] = values
        return
    for place, value in zip(places, values):
        texts[place] = value


NULL_ROW = b"\xff\xff\xff\xff"  # stands where a row, or one of its inputs, is NULL as a whole


class Rows:
    """Rows of a batch as they lie one after another in one message.

    A row is its inputs in order: numbers as decode_array() takes them, texts as decode_texts()'s
    JSON and a zero byte; or its columns as Records takes them; or NULL_ROW. Rows whose headers are
    the same are read where they lie, without a Python object for each.
    """

    def __init__(self, model, message, count):
        self.model = model
        self.message = message
        self.count = count
        self.are_texts = [port.get("dtype") == "text" for port in model.inputs]
        self.found = {}
        self.buffer = None  # the message as Records reads it
        self.window = count  # rows of numeric to decode at once; less where headers alternate

    def groups(self):
        """[(places, arrays)]: for each shape of row, which rows they are and one array an input.

        Rows that hold a NULL are in no group.
        Raises: RowError, when a row is not what the inputs take.
        """
        position = place = 0
        while place < self.count:
            try:
                read, position = self._read(position, place)
            except (ValueError, struct.error) as error:
                raise RowError(place, str(error)) from error
            place += read
        if position != len(self.message):
            raise RowError(max(0, place - 1), "more rows were packed than keys gathered")
        return [
            (np.concatenate(places).tolist(), [_join(arrays) for arrays in zip(*parts)])
            for places, parts in self.found.values()
        ]

    def _read(self, position, place):
        """Read one row or more. Returns: (how many, the position behind them)."""
        if self.message[position : position + 4] == NULL_ROW:
            return 1, position + 4
        if self.message[position : position + 4] == MARK:
            return self._read_records(position, place)
        if not any(self.are_texts):
            headers = self._headers(position)
            if all(header.stride and not header.nulls for header in headers):
                return self._read_alike(position, place, headers)
            if len(headers) == len(self.model.inputs) == 1 and not headers[0].nulls:
                return self._read_decimals(position, place, headers[0])
        parts = []
        end = position
        for is_text in self.are_texts:
            start, end = end, self._find_end(end, is_text)
            parts.append(self.message[start : end - 1] if is_text else self.message[start:end])
        with np.errstate(all="ignore"):
            arrays = self.model.decode_row(parts)
        if arrays is not None:
            self._keep([place], arrays)
        return 1, end

    def _read_records(self, position, place):
        """Read this row of columns and all behind it that have the same types."""
        layout = self.model.find_layout(self.message, position)
        most = min(self.count - place, self.window)
        if self.buffer is None:
            self.buffer = with_spare(self.message, len(layout.letters))
        records = Records(layout, self.buffer, len(self.message), position, most)
        self.window = 2 * records.count if records.count < most else self.count
        kept, arrays = self.model.take_columns(records)
        self._keep(place + kept, arrays)
        return records.count, records.end

    def _headers(self, position):
        """The headers of a row's arrays, up to the first whose end only its elements tell."""
        headers = []
        for _ in self.model.inputs:
            header = Header(self.message, position)
            headers.append(header)
            if not header.stride:
                break
            position += header.stride
        return headers

    def _read_alike(self, position, place, headers):
        """Read this row and all behind it whose headers are the same."""
        stride = sum(header.stride for header in headers)
        most = min(self.count - place, (len(self.message) - position) // stride)
        if most == 0:
            raise ValueError("the message ends before the array does")
        rows = np.ndarray((most, stride), np.uint8, self.message, position)
        ends = np.cumsum([header.stride for header in headers]).tolist()
        spans = [(e - h.stride, e - h.stride + h.start) for h, e in zip(headers, ends)]
        same = count_alike(rows, spans)
        arrays = []
        start = position
        for header, port, size in zip(headers, self.model.inputs, self.model.sizes):
            shape = self.model.row_shape(port, size, header.dims, header.count)
            steps = (stride, header.type.itemsize)
            at = start + header.start
            values = np.ndarray((same, header.count), header.type, self.message, at, steps)
            arrays.append(self.model.as_numbers(values, port).reshape((same, *shape)))
            start += header.stride
        self._keep(range(place, place + same), arrays)
        return same, position + same * stride

    def _read_decimals(self, position, place, header):
        """Read this row of numeric and all behind it whose headers are the same and lie where
        the one before ends."""
        head = self.message[position : position + header.start]
        least = header.start + header.count * MIN_NUMERIC
        most = min(self.count - place, self.window)
        found = [position]
        while len(found) < most:
            start = self.message.find(head, found[-1] + least)
            if start < 0:
                break
            found.append(start)
        starts = np.array(found)
        is_exact = self.model.inputs[0].get("dtype") == "float64"
        values, ends = decode_decimals(self.message, starts + header.start, header.count, is_exact)
        # A header may also be found inside a number: rows count as long as each ends at the next.
        breaks = np.flatnonzero(ends[:-1] != starts[1:])
        same = int(breaks[0]) + 1 if len(breaks) else len(starts)
        self.window = 2 * same if len(breaks) else min(4 * self.window, self.count)
        if not starts[same - 1] + least <= ends[same - 1] <= len(self.message):
            raise ValueError("the message ends before the array does")
        port, size = self.model.inputs[0], self.model.sizes[0]
        shape = self.model.row_shape(port, size, header.dims, header.count)
        numbers = self.model.as_numbers(values[:same], port)
        self._keep(range(place, place + same), [numbers.reshape((same, *shape))])
        return same, int(ends[same - 1])

    def _find_end(self, position, is_text):
        """Where the message of one input ends."""
        if is_text:
            return self.message.index(b"\0", position) + 1
        header = Header(self.message, position)
        if header.stride:
            return position + header.stride
        end = position + header.start
        for _ in range(header.count - header.nulls):
            end += 4 * ((self._length(end) + 3) >> 2)
        return end

    def _length(self, position):
        """The length in bytes that stands in front of an element, itself included."""
        (word,) = struct.unpack_from("=I", self.message, position)
        return word >> 2 if sys.byteorder == "little" else word & 0x3FFFFFFF

    def _keep(self, places, arrays):
        shapes = tuple(x.shape[1:] for x in arrays)
        kept_places, kept_arrays = self.found.setdefault(shapes, ([], []))
        kept_places.append(np.asarray(places))
        kept_arrays.append(arrays)


def _join(arrays):
    """Arrays one after another; one by itself stays as it is."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


"""The steps of a plan become closures, once a session."""

import numpy as np



def _compile(plan, tensors, dtype):
    """Steps as (function, input slots, output slot, slots not needed afterwards)."""
    # How often a tensor is used: one that is used once, in memory of our own, is negated in place.
    uses = [2 * (not tensor.flags.writeable) for tensor in tensors]
    for step in plan["steps"]:
        for number in step["tensors"].values():
            uses[number] += 1
    kept = {port["value"] for port in plan["outputs"]}
    kept.update([plan["choice"]] if "choice" in plan else [])
    overwritten = _find_overwritten(plan["steps"], kept)
    negated = set()
    last_use = {}
    for position, step in enumerate(plan["steps"]):
        for slot in [*step["inputs"], step["output"]]:
            last_use[slot] = position
    steps = []
    for position, step in enumerate(plan["steps"]):
        parameters = dict(step["parameters"])
        parameters.update({name: tensors[number] for name, number in step["tensors"].items()})
        finished = [s for s in last_use if last_use[s] == position and s not in kept]
        if overwritten.get(step["output"]) == "sigmoid" and step["kernel"] == "dense":
            parameters = {
                name: np.negative(tensor, tensor if uses[step["tensors"][name]] == 1 else None)
                for name, tensor in parameters.items()
            }
            negated.add(step["output"])
        if step["kernel"] == "cast":
            parameters["single"] = dtype
        if step["kernel"] == "activation":
            parameters["overwrites"] = step["inputs"][0] in overwritten
        call = KERNELS[step["kernel"]](**parameters)
        if negated.intersection(step["inputs"]):
            call = _sigmoid_of_negated
        steps.append((call, step["inputs"], step["output"], finished))
    return steps


def run_steps(steps, values):
    """Go through compiled steps; values, by slot, gets their results and loses what is used up."""
    with np.errstate(all="ignore"):
        return walk_steps(steps, values)


def walk_steps(steps, values):
    """run_steps() for one that has told numpy already to be silent, which costs a row 2 us."""
    for call, sources, target, finished in steps:
        if len(sources) == 1:  # a list for each step would cost a row as much as its arithmetic
            values[target] = call(values[sources[0]])
        else:
            values[target] = call(*[values[source] for source in sources])
        for slot in finished:
            values.pop(slot, None)
    return values


def find_steps(steps, slots):
    """Those of the compiled steps that the values in these slots need."""
    needed = set(slots)
    found = []
    for step in reversed(steps):
        if step[2] in needed:
            needed.update(step[1])
            found.append(step)
    return found[::-1]


def _find_overwritten(steps, kept):
    """{slot: activation} for values that it alone needs and that share memory with nothing."""
    uses = [slot for step in steps for slot in step["inputs"]]
    fresh = {step["output"] for step in steps if step["kernel"] in FRESH} - kept
    return {
        step["inputs"][0]: step["parameters"]["function"]
        for step in steps
        if step["kernel"] == "activation"
        and not step["parameters"]["parameters"]
        and step["inputs"][0] in fresh
        and uses.count(step["inputs"][0]) == 1
    }


"""Windows over rows that come in order: each row is decoded and preprocessed once."""

import bisect
import math
import struct

import numpy as np


STATE = struct.Struct("=qqq")  # rows of the run, rows since its last window or NO_WINDOW, rows kept
NO_WINDOW = -1
MOST_STEPS = 1 << 16  # of all series of a call together: nothing can cancel it
BAD_STATE = "the state is none that this version left behind"


class Run:
    """A run is rows without a gap between them; this is what is known at its newest row.

    seen is how many rows it has, since how many of them came after the one that ended its last
    window, NO_WINDOW before the first.
    """

    def __init__(self, seen=0, since=NO_WINDOW):
        self.seen = seen
        self.since = since

    def advance(self, first, end, stored, needed, step):
        """Go on over the rows from first up to end, of which the one at stored ends a window that
        was scored before, where it is no None.

        A window ends where needed rows are there, then every step rows.
        Returns: (the places where windows end, how many rows of the run each finds).
        """
        ready = max(first, first + needed - self.seen - 1)
        if stored is not None:
            last = stored
        elif self.since != NO_WINDOW:
            last = first - 1 - self.since
        else:
            last = ready - step
        begin = last + step
        if begin < ready:
            begin += -(-(ready - begin) // step) * step
        ends = np.arange(begin, end, step)
        found = ends - first + 1 + self.seen
        if len(ends):
            last = int(ends[-1])
        if len(ends) or stored is not None or self.since != NO_WINDOW:
            self.since = end - 1 - last
        self.seen += end - first
        return ends, found


class Windows:
    """The windows of a model: length rows of a run, the oldest first, for every step rows of it.

    The plan's first steps, as many as its window says, are computed once for each row, the others
    for each window; without any a row goes into the window as it is. Between two calls the last
    length - 1 rows are kept, as numbers, in a state that the caller holds.
    """

    def __init__(self, model, plan):
        window = plan["window"]
        self.model = model
        self.length = window["length"]
        self.step = window["step"]
        self.side, self.pad = window.get("padding", (None, 0.0))
        self.inputs = Inputs(model.name, _list_rows(plan), model.dtype)
        self.before, self.after, self.entry = [], model.steps, 0
        self.folded = [(0, 0)]
        self.source = 0
        self.row = window.get("row", self.inputs.inputs[0])
        self.targets = window.get("targets", [])
        taken = {place for place, _, _ in self.targets}
        columns = window.get("columns", [])
        self.others = [column[3] for column in columns if column[3] not in taken]
        port = {"name": "what is ahead", "shape": [len(self.others)], "dtype": "float64"}
        named = [[*columns[place][:3], n] for n, place in enumerate(self.others)]
        self.ahead = Inputs(model.name, [{**port, "columns": named}], model.dtype)
        shape = plan["inputs"][0]["shape"]
        self.shape = tuple(self.length if n is None else n for n in shape)
        count = window.get("steps", 0)
        if count:
            self.cut(model.steps[:count], [step["kernel"] for step in plan["steps"]])
            self.after = model.steps[count:]

    def cut(self, steps, kernels):
        """Take the steps of a row: fold_time of each input, then its own, then unfold_time."""
        *by_row, (_, (self.source, _), self.entry, _) = steps
        known = list(zip(kernels, by_row))
        self.folded = [(s[1][0], s[2]) for kernel, s in known if kernel == "fold_time"]
        self.before = [s for kernel, s in known if kernel != "fold_time"]
        self.shape = (self.length, *self.row["shape"])

    def score(self, message, count, wanted, starts, stored, step, state):
        """Score the windows that end in the rows of a batch, packed as Rows takes them.

        starts are the places at which a run begins, stored those whose window was scored before;
        step is None for the model's own. state is what the call before gave, b"" at first.
        Returns: (scores, labels, given, state): one text a window as in Model.score_batch(), None
        for one with a NULL; given is "t" for each row that ends a window and "f" for others, None
        when all do.
        Raises: RowError, when a row is not what the inputs take.
        """
        step = self.step if step is None else step
        if step < 1:
            raise RowError(0, f"step is {step}; give 1 or more")
        values, present = self.read(message, count)
        try:
            run, old, old_present = self.restore(state, values)
        except ValueError as error:
            raise RowError(0, str(error)) from error
        kept = len(old)
        values = np.concatenate([old, values])
        present = np.concatenate([old_present, present])
        ends, found, run = self.find_ends(count, starts, stored, step, run)
        answers = Answers(self.model, len(ends), wanted)
        self.answer(answers, values, present, ends + kept, found, ends)
        given = None
        if len(ends) < count:
            marks = np.full(count, "f")
            marks[ends] = "t"
            given = marks.tolist()
        return answers.scores, answers.labels, given, self.keep(run, values, present)

    def forecast(self, message, counts, steps, ahead, fed):
        """Forecast series, each from its last rows: what the model gives becomes the next row.

        counts are how many rows of each series are in the message, at most length. ahead is b"",
        or packed rows of the columns that are not forecast, steps for each series. fed is which of
        the numbers that a model of quantiles gives is taken for the next value, from 0.
        Returns: (series, steps, numbers of a step), NaN for a series with a NULL in its rows.
        Raises: RowError, when a row is not what the inputs take; its place counts through both.
        """
        if len(counts) * steps > MOST_STEPS:
            raise RowError(0, f"{len(counts)} series and {steps} steps are too many at once")
        values, present = self.read(message, sum(counts))
        counts = np.array(counts)
        least = 1 if self.side == "before" else self.length
        if not len(counts) or counts.min() < least or counts.max() > self.length or steps < 1:
            raise RowError(0, f"a series has fewer or more rows than {self.length}")
        ends = counts.cumsum() - 1
        values = np.concatenate([values, np.full_like(values[:1], self.pad)])
        missing = np.cumsum(np.append(0, ~present))
        whole = missing[ends + 1] == missing[ends + 1 - counts]
        known, has_known = self.read_ahead(ahead, len(counts) * steps)
        known = known.reshape((len(counts), steps, -1))
        whole &= has_known.reshape((len(counts), steps)).all(axis=1)
        found = np.full((len(counts), steps, self.width()), np.nan)
        at_once = max(1, self.model.batch_rows // self.length)
        places = np.flatnonzero(whole)
        for start in range(0, len(places), at_once):
            part = places[start : start + at_once]
            windows = self.gather(values, ends[part], counts[part])
            found[part] = self.continue_rows(windows, known[part], fed)
        return found

    def width(self):
        """How many numbers the model gives for a window."""
        return sum(_count(port["shape"]) for port in self.model.outputs)

    def read_ahead(self, message, count):
        """The columns that are not forecast, of rows to come: (numbers, which rows are whole)."""
        if not self.others:
            return np.zeros((count, 0)), np.ones(count, bool)
        values, present = np.zeros((count, len(self.others))), np.zeros(count, bool)
        for places, arrays in Rows(self.ahead, message, count).groups():
            values[places] = arrays[0]
            present[places] = True
        return values, present

    def continue_rows(self, windows, known, fed):
        """Forecasts of (windows, steps, numbers of a step), of whole windows."""
        (port,) = self.inputs.inputs
        rows = windows.reshape((len(windows), self.length, -1))
        scale = np.array([scale for _, scale, _ in self.targets])
        offset = np.array([offset for _, _, offset in self.targets])
        found = np.empty((len(rows), known.shape[1], self.width()))
        for step in range(known.shape[1]):
            shaped = np.ascontiguousarray(rows).reshape((len(rows), *self.shape))
            results = self.run([shaped])[: len(self.model.outputs)]
            numbers = np.concatenate([y.reshape(len(rows), -1) for y in results], axis=1)
            found[:, step] = numbers.astype(np.float64) * scale + offset
            new = np.empty((len(rows), len(self.others) + len(self.targets)))
            new[:, self.others] = known[:, step]
            is_quantile = len(self.targets) == 1
            places = [place for place, _, _ in self.targets]
            new[:, places] = found[:, step, fed : fed + 1] if is_quantile else found[:, step]
            row = self.run_row([self.inputs.as_numbers(new, port)])
            rows = np.concatenate([rows[:, 1:], row.reshape(len(rows), 1, -1)], axis=1)
        return found

    def read(self, message, count):
        """The rows as they go into windows, (count, ...), and which of them hold no NULL."""
        values = None
        present = np.zeros(count, bool)
        for places, arrays in Rows(self.inputs, message, count).groups():
            rows = run_rows(self.run_row, places, arrays)
            if len(places) == count:
                return rows, np.ones(count, bool)
            if values is None:
                values = np.zeros((count, *rows.shape[1:]), rows.dtype)
            values[places] = rows
            present[places] = True
        if values is None:
            type_ = np.float64 if _is_double(self.row) else self.inputs.dtype
            values = np.zeros((count, *self.row["shape"]), type_)
        return values, present

    def run_row(self, arrays):
        """What is computed of rows, each by itself."""
        if not self.before:
            return arrays[0]
        values = {slot: arrays[place] for place, slot in self.folded}
        return run_steps(self.before, values)[self.source]

    def find_ends(self, count, starts, stored, step, run):
        """Where windows end in the next count rows, how many rows of its run each finds, and the
        run at the last row."""
        needed = 1 if self.side else self.length
        begins = sorted({0, count, *starts})
        if begins[0] < 0 or begins[-1] > count:
            raise RowError(0, "a run begins outside of the rows")
        known = [-1, *sorted(place for place in stored if 0 <= place < count)]
        is_start = set(starts)
        places, found = [], []
        for number, first in enumerate(begins[:-1]):
            end = begins[number + 1]
            if first in is_start:
                run = Run()
            last = known[bisect.bisect_left(known, end) - 1]
            ends, rows = run.advance(first, end, last if last >= first else None, needed, step)
            places.append(ends)
            found.append(rows)
        if not places:
            return np.zeros(0, np.intp), np.zeros(0, np.intp), run
        return np.concatenate(places), np.concatenate(found), run

    def answer(self, answers, values, present, ends, found, places):
        """Score the windows that end in the rows at ends; places are theirs for errors."""
        if self.side:
            values = np.concatenate([values, np.full_like(values[:1], self.pad)])
        numbers = np.arange(len(ends))
        if not present.all():
            missing = np.cumsum(np.append(0, ~present))
            first = ends + 1 - np.minimum(found, self.length)
            numbers = np.flatnonzero(missing[ends + 1] == missing[first])
        at_once = self.model.batch_rows
        if None in self.model.inputs[0]["shape"]:  # a free length counts as 1 there
            at_once = max(1, at_once // self.length)
        for start in range(0, len(numbers), at_once):
            part = numbers[start : start + at_once]
            windows = self.gather(values, ends[part], found[part])
            answers.put(part.tolist(), run_rows(self.run, places[part].tolist(), [windows]))

    def gather(self, values, ends, found):
        """Windows as they go into the model: (windows, ...), each copied to a place of its own,
        because products of overlapping rows are not done by BLAS, and cost forty times as much."""
        steps = np.arange(self.length)
        first = ends[:, None] + 1 - self.length
        rows = first + steps
        if self.side:
            lacking = np.maximum(self.length - found, 0)[:, None]
            if self.side == "after":
                rows = rows + lacking
                is_pad = steps >= self.length - lacking
            else:
                is_pad = steps < lacking
            rows = np.where(is_pad, len(values) - 1, rows)
        windows = values.take(rows, axis=0)
        return windows.reshape((len(ends), *self.shape))

    def run(self, inputs):
        """What is computed of windows."""
        values = run_steps(self.after, {self.entry: inputs[0]})
        return [values[slot] for slot in self.model.result_slots]

    def keep(self, run, values, present):
        """The state after these rows: the last of them that later windows need."""
        kept = min(run.seen, self.length - 1, len(values))
        head = STATE.pack(run.seen, run.since, kept)
        last = slice(len(values) - kept, None)
        return head + present[last].tobytes() + values[last].tobytes()

    def restore(self, state, values):
        """The run and the rows of a state, as numbers like values.

        Raises: ValueError, when it is none.
        """
        shape, type_ = values.shape[1:], values.dtype
        if not state:
            return Run(), np.zeros((0, *shape), type_), np.zeros(0, bool)
        if len(state) < STATE.size:
            raise ValueError(BAD_STATE)
        seen, since, kept = STATE.unpack_from(state)
        row_bytes = math.prod(shape) * type_.itemsize
        is_whole = len(state) == STATE.size + kept * (1 + row_bytes)
        if not (0 <= kept < self.length and kept <= seen and since >= NO_WINDOW and is_whole):
            raise ValueError(BAD_STATE)
        present = np.frombuffer(state, np.uint8, kept, STATE.size) != 0
        rows = np.frombuffer(state, type_, kept * math.prod(shape), STATE.size + kept)
        return Run(seen, since), rows.reshape((kept, *shape)), present


def _list_rows(plan):
    """The inputs as they are for one row of a window, with its columns."""
    columns = plan["window"].get("columns", [])
    length = plan["window"]["length"]
    ports = []
    for port in plan["inputs"]:
        shape = port["shape"]
        width = shape[0] // length if len(shape) == 1 else _count(shape[1:])
        row = {**port, "shape": [width]}
        is_text = port.get("dtype") == "text"
        own = [column for column in columns if (column[1] == "text") == is_text]
        if own:
            row["columns"] = own
        ports.append(row)
    return ports


"""The loaded model: scores and labels of a row or a batch."""

import math
import time

import numpy as np



class Model(Inputs):
    """A loaded model: run() scores a batch, score() and label() one row as the server sends it.

    Built by load(). outputs is a list as inputs is. windows scores windows over rows, of a model
    that has such. size_bytes is the weights' size, used when it scored last, in seconds since 1970.
    """

    def __init__(self, plan, tensors, dtype):
        length = plan["window"]["length"] if "window" in plan else None
        super().__init__(plan["model"], plan["inputs"], dtype, length)
        self.outputs = plan["outputs"]
        self.labels = plan["labels"]
        self.threshold = plan["threshold"]
        self.size_bytes = sum(tensor.nbytes for tensor in tensors)
        self.used = time.time()
        self.steps = _compile(plan, tensors, self.dtype)
        self.result_slots = [port["value"] for port in self.outputs]
        self.score_steps = find_steps(self.steps, self.result_slots)
        self.has_choice = "choice" in plan
        if self.has_choice:
            self.result_slots.append(plan["choice"])
        self.single = len(self.outputs) == 1
        self.scalar = [_count(port["shape"]) == 1 for port in self.outputs]
        # Nine digits are exact for float32, seventeen for float64.
        self.formats = ["%.17g" if _is_double(port) else "%.9g" for port in self.outputs]
        self.batch_rows = plan["batch_rows"]
        self.quoted = [_quote(label) for label in self.labels]
        if "window" in plan:
            self.windows = Windows(self, plan)

    def run(self, batches):
        """Score a batch: one array (rows, ...) for each input -> one array for each output, and
        behind them the places of the labels, (rows, 1), where the model chooses them itself."""
        values = run_steps(self.steps, dict(enumerate(batches)))
        return [values[slot] for slot in self.result_slots]

    def score(self, *messages):
        """Score one row, a message for each input: decode_array() and decode_texts() read them.

        Returns: a float for one number, a list (row-major) for more, a tuple of those when the
        model has several outputs; None when any element is NULL.
        Raises: ValueError, when a length is not the input's.
        """
        self.used = time.time()
        values = self._run_row(self.score_steps, messages)
        if values is None:
            return None
        if self.single:
            y = values[self.result_slots[0]]
            return y.item() if self.scalar[0] else y.ravel().tolist()
        return tuple(
            values[slot].item() if scalar else values[slot].ravel().tolist()
            for slot, scalar in zip(self.result_slots, self.scalar)  # none for a choice
        )

    def label(self, *messages):
        """Label of one row; None when any element is NULL or the scores are not numbers."""
        self.used = time.time()
        values = self._run_row(self.steps, messages)
        if values is None:
            return None
        (place,) = self._choose_labels([values[slot] for slot in self.result_slots])
        return None if place is None else self.labels[place]

    def _run_row(self, steps, messages):
        """What these steps make of one row, by slot; None when an element is NULL."""
        with np.errstate(all="ignore"):
            rows = self.decode_row(messages)
            return None if rows is None else walk_steps(steps, dict(enumerate(rows)))

    def answer(self, message, count, wanted):
        """score_batch() for the server: (scores, labels, place, problem), these for an error."""
        self.used = time.time()
        try:
            scores, labels = self.score_batch(message, count, wanted)
        except RowError as error:
            return None, None, error.place, str(error)
        return array_literal(scores), array_literal(labels), None, None

    def answer_windows(self, message, count, wanted, starts, stored, step, state):
        """Windows.score() for the server: (scores, labels, given, state, place, problem); given
        tells which rows end a window, None when all do."""
        self.used = time.time()
        try:
            scores, labels, given, state = self.windows.score(
                message, count, wanted, starts, stored, step, state
            )
        except RowError as error:
            return None, None, None, None, error.place, str(error)
        return array_literal(scores), array_literal(labels), array_literal(given), state, None, None

    def answer_forecast(self, message, counts, steps, ahead, fed):
        """Windows.forecast() for the server: (forecasts, place, problem), a text for each step of
        each series: a number, or an array of several."""
        self.used = time.time()
        try:
            found = self.windows.forecast(message, counts, steps, ahead, fed)
        except RowError as error:
            return None, error.place, str(error)
        rows = found.reshape(-1, found.shape[2])
        form = ",".join(["%.17g"] * rows.shape[1])
        form = form if rows.shape[1] == 1 else '"{' + form + '}"'
        is_there = ~np.isnan(rows).any(axis=1)
        texts = [form % tuple(row) if ok else None for row, ok in zip(rows.tolist(), is_there)]
        return array_literal(texts), None, None

    def score_batch(self, message, count, wanted="both"):
        """Score the rows of a batch: packed rows one after another, see Rows.

        wanted is "score", "label" or "both".
        Returns: (scores, labels): one text a row, as PostgreSQL reads the result type inside an
        array, None for a row that holds a NULL; None for what is not wanted or not there.
        Raises: RowError, when a row is not what the inputs take.
        """
        answers = Answers(self, count, wanted)
        for places, inputs in Rows(self, message, count).groups():
            step = self._rows_at_once(inputs)
            for start in range(0, len(places), step):
                part = slice(start, start + step)
                answers.put(
                    places[part], run_rows(self.run, places[part], [x[part] for x in inputs])
                )
        return answers.scores, answers.labels

    def _rows_at_once(self, inputs):
        """How many of these rows to run at once: batch_rows counts a free length as 1."""
        free = 1
        for port, x in zip(self.inputs, inputs):
            lengths = [n for n, known in zip(x.shape[1:], port["shape"]) if known is None]
            free = max(free, math.prod(lengths))
        return max(1, self.batch_rows // free)

    def texts_of_scores(self, results):
        """One text a row: 0.5 for a number, "{0.5,1}" for several, for several outputs a composite
        value of those, "(0.5,\\"{0.5,1}\\")"; quoted as elements of an array are."""
        rows = len(results[0])
        fields = []
        for y, scalar, digits in zip(results, self.scalar, self.formats):
            field = ",".join([digits] * (y.size // rows))
            if not scalar:
                field = '"{' + field + '}"' if self.single else '\\"{' + field + '}\\"'
            fields.append(field)
        row = fields[0] if self.single else '"(' + ",".join(fields) + ')"'
        numbers = np.concatenate([y.reshape(rows, -1) for y in results], axis=1)
        return ("\n".join([row] * rows) % tuple(numbers.ravel().tolist())).split("\n")

    def _choose_labels(self, results):
        """The place of one label a row; None where the scores are not numbers."""
        scores = results[0].reshape(len(results[0]), -1)
        if self.has_choice:
            chosen = np.nan_to_num(results[-1]).reshape(-1).astype(int)
        elif self.threshold is not None:  # in double precision, which the threshold is
            chosen = (scores[:, 0].astype(np.float64) > self.threshold).astype(int)
        else:
            chosen = scores.argmax(axis=1)
        known = ~np.isnan(scores).any(axis=1)
        if self.has_choice:
            known &= ~np.isnan(results[-1]).reshape(-1)
        return [n if k else None for n, k in zip(chosen.tolist(), known.tolist())]

    def texts_of_labels(self, results):
        """One quoted label a row, None where there is none."""
        places = self._choose_labels(results)
        return [None if place is None else self.quoted[place] for place in places]


def _quote(text):
    """A text as an element of an array's literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def array_literal(texts):
    """Texts, quoted where they must be, as the literal of an array; None is NULL."""
    if texts is None:
        return None
    if None in texts:
        texts = ["NULL" if text is None else text for text in texts]
    return "{" + ",".join(texts) + "}"


"""A version is loaded: plan and weights are checked and kept for the session."""

import hashlib
import json

import numpy as np



def load(version, plan, weights, dtype="float32"):
    """Build the Model of a plan (JSON text) and its block of weights.

    Types: version is the hex sha256 of plan and weights; dtype is what is float32 in the plan:
    float32, or float64 for reference, where only its casts round.
    Raises: ValueError, when plan or weights are not those that version names.
    """
    digest = hashlib.sha256(plan.encode("utf-8"))
    digest.update(weights)
    if digest.hexdigest() != version:
        raise ValueError(
            f"the stored plan and weights of version {version[:12]} were altered:"
            f" their digest is {digest.hexdigest()[:12]}; drop the model and deploy it again"
        )
    parsed = json.loads(plan)
    return Model(parsed, read_tensors(parsed["tensors"], weights, dtype), dtype)


def read_tensors(entries, weights, dtype):
    """The tensors of a plan, as views of the block where their type is what it holds.

    An entry is [name, where it begins, shape]: float32, in units of four bytes; or that and the
    type, "f8" or "i4".
    """
    tensors = []
    for _, start, shape, *code in entries:
        stored = np.dtype("<" + (code[0] if code else "f4"))
        tensor = np.ndarray(tuple(shape), stored, weights, 4 * start)
        tensors.append(tensor if code else tensor.astype(dtype, copy=False))
    return tensors


if "GD" in globals():
    # Inside a server: this text is the body of a function with these three arguments. Weights that
    # are NULL were collected before, piece by piece.
    globals()["GD"]["export_model:" + globals()["version"]] = load(
        globals()["version"],
        globals()["plan"],
        globals()["GD"].pop("export_model weights")
        if globals()["weights"] is None
        else globals()["weights"],
    )
$$;


--
-- Name: FUNCTION runtime_834039b3c8bc(version text, plan text, weights bytea); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.runtime_834039b3c8bc(version text, plan text, weights bytea) IS 'export-model 312e76c6a913 bedaa9734bff 172abf88467f ';


--
-- Name: score_blocks(jsonb, bigint, bigint, bigint); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.score_blocks(p_job jsonb, p_first bigint, p_end bigint, INOUT step bigint, OUT written bigint) RETURNS record
    LANGUAGE plpgsql STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  l_store constant text := format(
    'select w.written, cardinality(g.keys), octet_length(g.rows) from (%s) g,'
    ' lateral export_model.store_scores($3, g.keys, g.rows) as w (written)',
    export_model.gather_query(
      p_job ->> 'from_item', p_job ->> 'held_item', p_job ->> 'row_item', p_job ->> 'condition'));
  l_first bigint := p_first;
  l_last bigint;
  l_written bigint;
  l_rows bigint;
  l_bytes bigint;
begin
  written := 0;
  while l_first < p_end loop
    l_last := least(l_first + step, p_end);
    execute l_store into l_written, l_rows, l_bytes using l_first, l_last, p_job;
    written := written + coalesce(l_written, 0);
    step := export_model.choose_blocks(l_last - l_first, l_rows, l_bytes);
    l_first := l_last;
  end loop;
end
$_$;


--
-- Name: FUNCTION score_blocks(p_job jsonb, p_first bigint, p_end bigint, INOUT step bigint, OUT written bigint); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.score_blocks(p_job jsonb, p_first bigint, p_end bigint, INOUT step bigint, OUT written bigint) IS 'export-model 312e76c6a913 d35e49b33caa f94d1cf68efd ';


--
-- Name: score_fetched(jsonb, refcursor); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.score_fetched(p_job jsonb, p_cursor refcursor) RETURNS bigint
    LANGUAGE plpgsql STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  l_written bigint;
begin
  execute format('select export_model.store_scores($1, b.keys, b.rows) from export_model.fetch_batch($2, null::%s) b',
    p_job ->> 'held_type') into l_written using p_job, p_cursor;
  return l_written;
end
$_$;


--
-- Name: FUNCTION score_fetched(p_job jsonb, p_cursor refcursor); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.score_fetched(p_job jsonb, p_cursor refcursor) IS 'export-model 312e76c6a913 821732481e30 a5832b331ed2 ';


--
-- Name: score_into(jsonb, text, text, text); Type: PROCEDURE; Schema: export_model; Owner: -
--

CREATE PROCEDURE export_model.score_into(IN p_scorer jsonb, IN p_source text, IN p_key text, IN p_target text)
    LANGUAGE plpgsql
    AS $$
declare
  l_job pg_catalog.jsonb;
  l_target pg_catalog.regclass;
  l_blocks bigint;
  l_cursor constant pg_catalog.refcursor := 'export_model_rows';
  l_step constant bigint := 1024;  -- blocks of a transaction
  l_scored record;
  l_batch bigint := 1;
  l_first bigint := 0;
  l_count bigint;
  l_total bigint := 0;
begin
  call export_model.check_transaction();
  l_job := export_model.open_scoring(p_scorer, p_source, p_key, p_target);
  l_target := l_job operator(pg_catalog.->>) 'target';
  l_blocks := l_job operator(pg_catalog.->>) 'blocks';
  if exists (select from pg_catalog.pg_cursors c where c.name operator(pg_catalog.=) 'export_model_rows') then
    close l_cursor;  -- of a run that was cancelled between two steps
  end if;
  if l_blocks is null then
    execute pg_catalog.format('declare export_model_rows no scroll cursor with hold for %s',
      export_model.rows_query(l_job, 0, 1));
  end if;
  loop
    if l_blocks is not null then
      exit when l_first operator(pg_catalog.>=) l_blocks;
      perform export_model.lock_target(l_target);
      l_scored := export_model.score_blocks(
        l_job, l_first, least(l_first operator(pg_catalog.+) l_step, l_blocks), l_batch);
      l_batch := l_scored.step;
      l_count := l_scored.written;
      l_first := l_first operator(pg_catalog.+) l_step;
    else
      begin
        perform export_model.lock_target(l_target);
        l_count := export_model.score_fetched(l_job, l_cursor);
      exception when query_canceled or others then
        close l_cursor;
        raise;
      end;
      exit when l_count is null;
    end if;
    l_total := l_total operator(pg_catalog.+) l_count;
    commit;
  end loop;
  if l_blocks is null then
    close l_cursor;
  end if;
  raise notice '% rows scored into %', l_total, l_job operator(pg_catalog.->>) 'target';
end
$$;


--
-- Name: PROCEDURE score_into(IN p_scorer jsonb, IN p_source text, IN p_key text, IN p_target text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON PROCEDURE export_model.score_into(IN p_scorer jsonb, IN p_source text, IN p_key text, IN p_target text) IS 'export-model 312e76c6a913 57bf7382d57e 0c92901a52f0 ';


--
-- Name: score_rows(text, text, anyarray, bytea); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.score_rows(p_batch text, p_wanted text, p_keys anyarray, p_rows bytea, OUT scores text, OUT labels text) RETURNS record
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  l_place integer;
  l_problem text;
begin
  execute format('select r.scores, r.labels, r.place, r.problem from %s($1, $2, $3) r', p_batch::regproc)
    into scores, labels, l_place, l_problem using p_rows, cardinality(p_keys), p_wanted;
  if l_problem is not null then
    raise exception 'key %: %', coalesce(p_keys[l_place + 1]::text, 'NULL'), l_problem
      using errcode = 'invalid_parameter_value';
  end if;
end
$_$;


--
-- Name: FUNCTION score_rows(p_batch text, p_wanted text, p_keys anyarray, p_rows bytea, OUT scores text, OUT labels text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.score_rows(p_batch text, p_wanted text, p_keys anyarray, p_rows bytea, OUT scores text, OUT labels text) IS 'export-model 312e76c6a913 e121175d2200 2741ebbaa61a ';


--
-- Name: score_series(jsonb, text, text, text, text, text, integer, text, regtype, anyelement); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.score_series(p_scorer jsonb, p_wanted text, p_source text, p_key text, p_partition text, p_order text, p_step integer, p_gap text, p_gap_type regtype, p_result anyelement) RETURNS TABLE(key text, result anyelement)
    LANGUAGE plpgsql STABLE
    SET cursor_tuple_fraction TO '1'
    SET jit TO 'off'
    AS $_$
declare
  l_source pg_catalog.jsonb;
  l_next pg_catalog.text;
  l_answer record;
  l_state pg_catalog.bytea := '';
  l_give constant pg_catalog.text := export_model.give_query(pg_catalog.pg_typeof(p_result));
  l_cursor pg_catalog.refcursor;
begin
  l_source := export_model.window_source(p_scorer, p_source, p_key, p_partition, p_order, p_gap, p_gap_type);
  open l_cursor no scroll for execute export_model.windows_query(
    export_model.all_rows(l_source), p_partition is not null, l_source operator(pg_catalog.->>) 'gap');
  l_next := pg_catalog.format('select a.keys, a.numbers, a.doubles, a.texts, a.state'
    ' from export_model.fetch_windows(%L, %L, null, null::%s) f,'
    ' lateral export_model.answer_windows(%L, %L, %s, f.keys, f.rows, f.starts, f.stored, $1, $2) a',
    l_cursor, p_order, l_source operator(pg_catalog.->>) 'held_type',
    p_scorer operator(pg_catalog.->>) 'windows', p_wanted, pg_catalog.pg_typeof(p_result)::pg_catalog.oid);
  loop
    execute l_next into l_answer using p_step, l_state;
    exit when l_answer.state is null;
    l_state := l_answer.state;
    continue when pg_catalog.cardinality(l_answer.keys) operator(pg_catalog.=) 0;
    if l_answer.numbers is not null then
      return query execute l_give using l_answer.keys, l_answer.numbers;
    elsif l_answer.doubles is not null then
      return query execute l_give using l_answer.keys, l_answer.doubles;
    else
      return query execute l_give using l_answer.keys, l_answer.texts;
    end if;
  end loop;
  close l_cursor;
end
$_$;


--
-- Name: FUNCTION score_series(p_scorer jsonb, p_wanted text, p_source text, p_key text, p_partition text, p_order text, p_step integer, p_gap text, p_gap_type regtype, p_result anyelement); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.score_series(p_scorer jsonb, p_wanted text, p_source text, p_key text, p_partition text, p_order text, p_step integer, p_gap text, p_gap_type regtype, p_result anyelement) IS 'export-model 312e76c6a913 3939e801c211 b4bfe2e24c43 ';


--
-- Name: score_source(jsonb, text, text, text, anyelement); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.score_source(p_scorer jsonb, p_wanted text, p_source text, p_key text, p_result anyelement) RETURNS TABLE(key text, result anyelement)
    LANGUAGE plpgsql STABLE
    AS $$
declare
  l_source record;
  l_batch pg_catalog.text;
  l_answer record;
  l_first bigint := 0;
  l_step bigint := 1;
  l_give pg_catalog.text;
  l_cursor pg_catalog.refcursor;
begin
  if p_source is null or p_key is null then
    raise exception 'the source and its key column must not be NULL'
      using errcode = 'null_value_not_allowed';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'inputs');
  l_give := export_model.give_query(pg_catalog.pg_typeof(p_result));
  if l_source.blocks is not null then
    l_batch := export_model.gather_query(l_source.from_item, l_source.held_item, l_source.row_item, 'true');
  else
    open l_cursor no scroll for execute pg_catalog.format(
      'select %s as key, %s as packed from %s s', l_source.held_item, l_source.row_item, l_source.from_item);
    l_batch := pg_catalog.format('select b.keys, b.rows from export_model.fetch_batch(%L, null::%s) b',
      l_cursor, l_source.held_type);
  end if;
  l_batch := pg_catalog.format('select a.keys, a.numbers, a.doubles, a.texts, a.bytes from (%s) g,'
    ' lateral export_model.answer_batch(%L, %L, %s, g.keys, g.rows) a',
    l_batch, p_scorer operator(pg_catalog.->>) 'batch', p_wanted,
    pg_catalog.pg_typeof(p_result)::pg_catalog.oid);
  loop
    if l_source.blocks is not null then
      exit when l_first operator(pg_catalog.>=) l_source.blocks;
      execute l_batch into l_answer using l_first, l_first operator(pg_catalog.+) l_step;
      l_first := l_first operator(pg_catalog.+) l_step;
      l_step := export_model.choose_blocks(l_step, pg_catalog.cardinality(l_answer.keys), l_answer.bytes);
      continue when l_answer.keys is null;
    else
      execute l_batch into l_answer;
      exit when l_answer.keys is null;
    end if;
    if l_answer.numbers is not null then
      return query execute l_give using l_answer.keys, l_answer.numbers;
    elsif l_answer.doubles is not null then
      return query execute l_give using l_answer.keys, l_answer.doubles;
    else
      return query execute l_give using l_answer.keys, l_answer.texts;
    end if;
  end loop;
  if l_source.blocks is null then
    close l_cursor;  -- else the source could not be dropped or altered before the transaction's end
  end if;
end
$$;


--
-- Name: FUNCTION score_source(p_scorer jsonb, p_wanted text, p_source text, p_key text, p_result anyelement); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.score_source(p_scorer jsonb, p_wanted text, p_source text, p_key text, p_result anyelement) IS 'export-model 312e76c6a913 393b3830b3e8 834f7f438baf ';


--
-- Name: score_window_rows(text, text, anyarray, bytea, integer[], integer[], integer, bytea, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.score_window_rows(p_windows text, p_wanted text, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_step integer, p_state bytea, p_key text, OUT keys anyarray, OUT scores text, OUT labels text, OUT state bytea) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  l_given text;
  l_place integer;
  l_problem text;
begin
  if p_keys is null then
    return;
  end if;
  execute format('select r.scores, r.labels, r.given, r.state, r.place, r.problem from %s($1, $2, $3, $4, $5, $6, $7) r', p_windows::regproc)
    into scores, labels, l_given, state, l_place, l_problem
    using p_rows, cardinality(p_keys), p_wanted, p_starts, p_stored, p_step, p_state;
  if l_problem is not null then
    raise exception 'key %: %', export_model.key_text(p_keys[l_place + 1], p_key), l_problem
      using errcode = 'invalid_parameter_value';
  end if;
  keys := p_keys;
  if l_given is not null then
    -- In the list of a select, because behind from it takes rows apart.
    select array_agg(u.k) into keys from (select unnest(p_keys) as k, unnest(l_given::boolean[]) as is_given) u where u.is_given;
    keys := coalesce(keys, p_keys[1:0]);
  end if;
end
$_$;


--
-- Name: FUNCTION score_window_rows(p_windows text, p_wanted text, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_step integer, p_state bytea, p_key text, OUT keys anyarray, OUT scores text, OUT labels text, OUT state bytea); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.score_window_rows(p_windows text, p_wanted text, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_step integer, p_state bytea, p_key text, OUT keys anyarray, OUT scores text, OUT labels text, OUT state bytea) IS 'export-model 312e76c6a913 6fd819416611 78bc66614649 ';


--
-- Name: score_windows_into(jsonb, text, text, text, text, text, integer, text, regtype, text[]); Type: PROCEDURE; Schema: export_model; Owner: -
--

CREATE PROCEDURE export_model.score_windows_into(IN p_scorer jsonb, IN p_source text, IN p_key text, IN p_partition text, IN p_order text, IN p_target text, IN p_step integer, IN p_gap text, IN p_gap_type regtype, IN p_columns text[])
    LANGUAGE plpgsql
    AS $$
declare
  l_job pg_catalog.jsonb;
  l_target pg_catalog.regclass;
  l_cursor constant pg_catalog.refcursor := 'export_model_rows';
  l_next record;
  l_state pg_catalog.bytea := '';
  l_total bigint := 0;
begin
  call export_model.check_transaction();
  l_job := export_model.open_windows(p_scorer, p_source, p_key, p_partition, p_order, p_target, p_step, p_gap, p_gap_type, p_columns);
  l_target := l_job operator(pg_catalog.->>) 'target';
  if exists (select from pg_catalog.pg_cursors c where c.name operator(pg_catalog.=) 'export_model_rows') then
    close l_cursor;  -- of a run that was cancelled between two steps
  end if;
  perform pg_catalog.set_config('jit', 'off', true);
  execute pg_catalog.format('declare export_model_rows no scroll cursor with hold for %s', export_model.window_rows_query(l_job, 0, 1));
  loop
    begin
      perform export_model.lock_target(l_target);
      l_next := export_model.store_windows(l_job, l_cursor, l_state);
    exception when query_canceled or others then
      close l_cursor;
      raise;
    end;
    l_state := l_next.state;
    exit when l_state is null;
    l_total := l_total operator(pg_catalog.+) l_next.written;
    commit;
  end loop;
  close l_cursor;
  raise notice '% windows scored into %', l_total, l_job operator(pg_catalog.->>) 'target';
end
$$;


--
-- Name: PROCEDURE score_windows_into(IN p_scorer jsonb, IN p_source text, IN p_key text, IN p_partition text, IN p_order text, IN p_target text, IN p_step integer, IN p_gap text, IN p_gap_type regtype, IN p_columns text[]); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON PROCEDURE export_model.score_windows_into(IN p_scorer jsonb, IN p_source text, IN p_key text, IN p_partition text, IN p_order text, IN p_target text, IN p_step integer, IN p_gap text, IN p_gap_type regtype, IN p_columns text[]) IS 'export-model 312e76c6a913 34abf3aeae9e e5aeefe00889 ';


--
-- Name: series(text, text, text, text, text, regtype); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.series(p_source text, p_from_item text, p_partition text, p_order text, p_gap text, p_gap_type regtype, OUT partition_item text, OUT partition_type text, OUT order_item text, OUT order_type text, OUT gap text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
declare
  l_columns constant pg_catalog.text[] := case when p_partition is null then array[p_order] else array[p_order, p_partition] end;
  l_types pg_catalog.regtype[];
begin
  for i in 1 .. pg_catalog.cardinality(l_columns) loop
    begin
      execute export_model.ask_types(p_from_item, array[l_columns[i]]) into l_types;
    exception when undefined_column then
      raise exception '% has no column %', case when pg_catalog.starts_with(p_from_item, '(') then 'the query' else p_source end, l_columns[i]
        using errcode = 'undefined_column', hint = 'order_by and partition_by are names of columns, taken as they are written.';
    end;
    if i operator(pg_catalog.=) 1 then
      order_item := pg_catalog.format('s.%I', p_order);
      order_type := export_model.type_name(export_model.held_type(l_types[1]));
    else
      partition_item := pg_catalog.format('s.%I', p_partition);
      partition_type := export_model.type_name(export_model.held_type(l_types[1]));
    end if;
  end loop;
  if p_gap is not null then
    gap := export_model.gap_condition(p_order, order_type, p_gap, p_gap_type);
  end if;
end
$$;


--
-- Name: FUNCTION series(p_source text, p_from_item text, p_partition text, p_order text, p_gap text, p_gap_type regtype, OUT partition_item text, OUT partition_type text, OUT order_item text, OUT order_type text, OUT gap text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.series(p_source text, p_from_item text, p_partition text, p_order text, p_gap text, p_gap_type regtype, OUT partition_item text, OUT partition_type text, OUT order_item text, OUT order_type text, OUT gap text) IS 'export-model 312e76c6a913 3a60bd5bfa4f 9811c3241871 ';


--
-- Name: source(text, text, jsonb); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.source(p_source text, p_key text, p_inputs jsonb, OUT from_item text, OUT key_item text, OUT key_type text, OUT held_item text, OUT held_type text, OUT row_item text, OUT blocks bigint) RETURNS record
    LANGUAGE plpgsql STABLE STRICT
    AS $$
declare
  l_table pg_catalog.regclass;
  l_columns constant pg_catalog.text[] := export_model.list_columns(p_key, p_inputs);
  l_types pg_catalog.regtype[];
  l_held pg_catalog.regtype;
  l_missing pg_catalog.text[] := '{}';
begin
  from_item := export_model.query_item(p_source);
  if from_item is null then
    l_table := pg_catalog.to_regclass(p_source);
    if l_table is null then
      raise exception 'there is no table "%"', p_source
        using errcode = 'undefined_table', hint = 'Name a table or view that you may read, with its schema'
          ' when that is not in the search_path, or give a query.';
    end if;
    from_item := export_model.full_name(l_table);
  end if;
  begin
    execute export_model.ask_types(from_item, l_columns) into l_types;
  exception
    when undefined_column then
      for i in 1 .. pg_catalog.cardinality(l_columns) loop
        begin
          execute export_model.ask_types(from_item, array[l_columns[i]]) into l_types;
        exception when undefined_column then
          l_missing := pg_catalog.array_append(l_missing, l_columns[i]);
        end;
      end loop;
      raise exception '% has no column %', case when l_table is null then 'the query' else p_source end,
          pg_catalog.array_to_string(l_missing, ', ')
        using errcode = 'undefined_column', hint = 'Names are taken as they are written, without folding to'
          ' lower case; a query can rename columns: select a as b, ...';
    when syntax_error then
      raise exception 'the query cannot be read: %', sqlerrm
        using errcode = 'syntax_error', hint = 'Give one query, as it would run by itself.';
  end;
  l_held := export_model.held_type(l_types[1]);
  key_item := pg_catalog.format('s.%I', p_key);
  key_type := export_model.type_name(l_types[1]);
  held_type := export_model.type_name(l_held);
  held_item := case when l_held operator(pg_catalog.=) l_types[1] then key_item
    else pg_catalog.format('%s::%s', key_item, held_type) end;
  if l_held operator(pg_catalog.=) 'pg_catalog.text'::pg_catalog.regtype and held_item operator(pg_catalog.<>) key_item then
    perform export_model.check_settings(p_key, key_type);
  end if;
  row_item := export_model.pack_row(p_inputs, l_types);
  if l_table is not null then
    blocks := export_model.count_blocks(l_table);
  end if;
end
$$;


--
-- Name: FUNCTION source(p_source text, p_key text, p_inputs jsonb, OUT from_item text, OUT key_item text, OUT key_type text, OUT held_item text, OUT held_type text, OUT row_item text, OUT blocks bigint); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.source(p_source text, p_key text, p_inputs jsonb, OUT from_item text, OUT key_item text, OUT key_type text, OUT held_item text, OUT held_type text, OUT row_item text, OUT blocks bigint) IS 'export-model 312e76c6a913 a357ea8aae4c 7580a74ab0f3 ';


--
-- Name: store_scores(jsonb, anyarray, bytea); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.store_scores(p_job jsonb, p_keys anyarray, p_rows bytea) RETURNS bigint
    LANGUAGE plpgsql STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET array_nulls TO 'on'
    AS $_$
declare
  l_scored record;
  l_insert constant text := format('insert into %s (key, score, label, model_version, scored_at)'
    ' select u.k::%s, u.s::%s, u.l, $4, clock_timestamp()'
    ' from (select unnest($1) as k, unnest($2::text[]) as s, unnest($3::text[]) as l) u',
    p_job ->> 'target', p_job ->> 'key_type', p_job ->> 'score_type');
  l_count bigint;
begin
  l_scored := export_model.score_rows(p_job ->> 'batch', 'both', p_keys, p_rows);
  begin
    execute l_insert using p_keys, l_scored.scores, l_scored.labels, p_job ->> 'version';
  exception when unique_violation then
    execute l_insert || ' on conflict (key, model_version) do nothing'
      using p_keys, l_scored.scores, l_scored.labels, p_job ->> 'version';
  end;
  get diagnostics l_count = row_count;
  return l_count;
end
$_$;


--
-- Name: FUNCTION store_scores(p_job jsonb, p_keys anyarray, p_rows bytea); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.store_scores(p_job jsonb, p_keys anyarray, p_rows bytea) IS 'export-model 312e76c6a913 afa7a5373636 fe3dada10eb7 ';


--
-- Name: store_windows(jsonb, refcursor, bytea); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.store_windows(p_job jsonb, p_cursor refcursor, INOUT state bytea, OUT written bigint) RETURNS record
    LANGUAGE plpgsql STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
  execute format('select w.written, w.state from export_model.fetch_windows($2, $3, $5, null::%s) f,'
    ' lateral export_model.write_windows($1, f.keys, f.rows, f.starts, f.stored, $4) w', p_job ->> 'held_type')
    into written, state using p_job, p_cursor, p_job ->> 'order', state, p_job ->> 'held_key';
end
$_$;


--
-- Name: FUNCTION store_windows(p_job jsonb, p_cursor refcursor, INOUT state bytea, OUT written bigint); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.store_windows(p_job jsonb, p_cursor refcursor, INOUT state bytea, OUT written bigint) IS 'export-model 312e76c6a913 3ffa192b0338 17e144f72d9c ';


--
-- Name: target_columns(text[], jsonb); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.target_columns(p_columns text[], p_job jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  l_columns constant text[] := coalesce(p_columns, '{key,score,label,model_version,scored_at}');
  l_known constant jsonb := jsonb_strip_nulls(jsonb_build_object('key', p_job ->> 'key_type', 'score', p_job ->> 'score_type',
    'label', 'pg_catalog.text', 'model_version', 'pg_catalog.text', 'scored_at', 'pg_catalog.timestamptz', 'model_name', 'pg_catalog.text',
    'order_by', p_job ->> 'order_type', 'partition_by', p_job ->> 'partition_type'));
  l_result jsonb := '[]';
  l_column text;
  l_name text;
  l_what text;
begin
  foreach l_column in array l_columns loop
    l_name := split_part(l_column, '=', 1);
    l_what := substr(l_column, strpos(l_column, '=') + 1);
    if not coalesce(l_known ? l_what, false) or l_name = '' then
      raise exception 'column "%" holds nothing that is known', l_column
        using errcode = 'invalid_parameter_value', hint = format('Give NAME or NAME=WHAT, where WHAT is one of: %s.',
          (select string_agg(k, ', ' order by k) from jsonb_object_keys(l_known) as u (k)));
    end if;
    l_result := l_result || jsonb_build_object('name', l_name, 'what', l_what, 'type', l_known ->> l_what);
  end loop;
  if (select count(distinct e ->> 'name') <> count(*) or count(distinct e ->> 'what') <> count(*)
        or count(*) filter (where e ->> 'what' in ('key', 'model_version')) <> 2
        or count(*) filter (where e ->> 'what' in ('score', 'label')) = 0
      from jsonb_array_elements(l_result) as u (e)) then
    raise exception 'the columns of a target are key, model_version, and score or label at least, each once: %', l_columns
      using errcode = 'invalid_parameter_value', hint = 'By key and version a run knows what is there.';
  end if;
  return l_result;
end
$$;


--
-- Name: FUNCTION target_columns(p_columns text[], p_job jsonb); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.target_columns(p_columns text[], p_job jsonb) IS 'export-model 312e76c6a913 7cd7bc568e27 1a1952986d2d ';


--
-- Name: target_query(text, text, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.target_query(p_target text, p_key_type text, p_score_type text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select format('create table %s (key %s, score %s, label pg_catalog.text, model_version pg_catalog.text,'
  ' scored_at pg_catalog.timestamptz not null, primary key (key, model_version))',
  (select string_agg(quote_ident(part), '.' order by n) from unnest(parse_ident(p_target)) with ordinality as u (part, n)),
  p_key_type, p_score_type)
$$;


--
-- Name: FUNCTION target_query(p_target text, p_key_type text, p_score_type text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.target_query(p_target text, p_key_type text, p_score_type text) IS 'export-model 312e76c6a913 6eac370fab3d 31148598c1a5 ';


--
-- Name: type_name(regtype); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.type_name(p_type regtype) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select format_type(p_type, -1)
$$;


--
-- Name: FUNCTION type_name(p_type regtype); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.type_name(p_type regtype) IS 'export-model 312e76c6a913 8b18b1510774 b9bb268d1294 ';


--
-- Name: window_rows_query(jsonb, integer, integer); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.window_rows_query(p_job jsonb, p_part integer, p_parts integer) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select export_model.windows_query(export_model.new_rows(p_job, p_part, p_parts), (p_job ->> 'partition_item') is not null, p_job ->> 'gap')
$$;


--
-- Name: FUNCTION window_rows_query(p_job jsonb, p_part integer, p_parts integer); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.window_rows_query(p_job jsonb, p_part integer, p_parts integer) IS 'export-model 312e76c6a913 48fd62d284ed 7bf1037e6e5c ';


--
-- Name: window_source(jsonb, text, text, text, text, text, regtype); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.window_source(p_scorer jsonb, p_source text, p_key text, p_partition text, p_order text, p_gap text, p_gap_type regtype) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    AS $$
declare
  l_source record;
  l_series record;
begin
  if p_source is null or p_key is null or p_order is null then
    raise exception 'the source, its key column and order_by must not be NULL'
      using errcode = 'null_value_not_allowed', hint = 'partition_by may be NULL: then all rows are one series.';
  end if;
  if not (p_scorer operator(pg_catalog.?) 'windows') then
    raise exception 'the model does not take windows of rows'
      using errcode = 'wrong_object_type', hint = 'Deploy it with --window LENGTH, or use score_table.';
  end if;
  l_source := export_model.source(p_source, p_key, p_scorer operator(pg_catalog.->) 'rows');
  l_series := export_model.series(p_source, l_source.from_item, p_partition, p_order, p_gap, p_gap_type);
  return pg_catalog.row_to_json(l_source)::pg_catalog.jsonb operator(pg_catalog.||) pg_catalog.row_to_json(l_series)::pg_catalog.jsonb;
end
$$;


--
-- Name: FUNCTION window_source(p_scorer jsonb, p_source text, p_key text, p_partition text, p_order text, p_gap text, p_gap_type regtype); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.window_source(p_scorer jsonb, p_source text, p_key text, p_partition text, p_order text, p_gap text, p_gap_type regtype) IS 'export-model 312e76c6a913 53a7f3e071e8 58dd9f25a06f ';


--
-- Name: window_target(text, jsonb); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.window_target(p_target text, p_columns jsonb) RETURNS regclass
    LANGUAGE plpgsql STRICT
    AS $$
declare
  l_target pg_catalog.regclass := pg_catalog.to_regclass(p_target);
  l_problem pg_catalog.text;
begin
  if l_target is null then
    perform export_model.check_name(p_target);
    execute export_model.window_target_query(p_target, p_columns);
    l_target := pg_catalog.to_regclass(p_target);
  end if;
  l_problem := export_model.window_target_problem(l_target, p_columns);
  if l_problem is not null then
    raise exception 'table % cannot hold these scores: %', l_target, l_problem
      using errcode = 'datatype_mismatch', hint = 'It is left as it is; name another table, which is then made.';
  end if;
  return l_target;
end
$$;


--
-- Name: FUNCTION window_target(p_target text, p_columns jsonb); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.window_target(p_target text, p_columns jsonb) IS 'export-model 312e76c6a913 b5decdcf1679 a8225cefcbb3 ';


--
-- Name: window_target_problem(regclass, jsonb); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.window_target_problem(p_target regclass, p_columns jsonb) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;


--
-- Name: FUNCTION window_target_problem(p_target regclass, p_columns jsonb); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.window_target_problem(p_target regclass, p_columns jsonb) IS 'export-model 312e76c6a913 08bedf49fe9f 7753b6dc514e ';


--
-- Name: window_target_query(text, jsonb); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.window_target_query(p_target text, p_columns jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select format('create table %s (%s, primary key (%s))',
  (select string_agg(quote_ident(part), '.' order by n) from unnest(parse_ident(p_target)) with ordinality as u (part, n)),
  (select string_agg(format('%I %s', e ->> 'name', e ->> 'type'), ', ' order by n)
   from jsonb_array_elements(p_columns) with ordinality as u (e, n)),
  (select string_agg(quote_ident(e ->> 'name'), ', ' order by e ->> 'what')
   from jsonb_array_elements(p_columns) as u (e) where e ->> 'what' in ('key', 'model_version')))
$$;


--
-- Name: FUNCTION window_target_query(p_target text, p_columns jsonb); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.window_target_query(p_target text, p_columns jsonb) IS 'export-model 312e76c6a913 64619830bff6 b74ec931a43d ';


--
-- Name: windows_query(text, boolean, text); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.windows_query(p_rows text, p_has_partition boolean, p_gap text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select format('select q.key, q.packed, case when q.o is null%s then 16'
  ' when pg_catalog.row_number() over w operator(pg_catalog.<>) pg_catalog.rank() over w then 8'
  ' when pg_catalog.row_number() over w operator(pg_catalog.=) 1%s then case when q.is_stored then 3 else 1 end'
  ' when q.is_stored then 2 else 0 end as mark from (%s) q window w as (%sorder by q.o) order by %sq.o',
  case when p_has_partition then ' or q.p is null' else '' end, coalesce(' or ' || p_gap, ''), p_rows,
  case when p_has_partition then 'partition by q.p ' else '' end, case when p_has_partition then 'q.p, ' else '' end)
$$;


--
-- Name: FUNCTION windows_query(p_rows text, p_has_partition boolean, p_gap text); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.windows_query(p_rows text, p_has_partition boolean, p_gap text) IS 'export-model 312e76c6a913 09fc0a758aa9 eb2be8d103bb ';


--
-- Name: write_windows(jsonb, anyarray, bytea, integer[], integer[], bytea); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.write_windows(p_job jsonb, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_state bytea, OUT written bigint, OUT state bytea) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET array_nulls TO 'on'
    AS $_$
declare
  l_scored record;
  l_key constant text := p_job ->> 'key_column';
  l_held_key constant text := p_job ->> 'held_key';
  l_insert text;
begin
  if p_keys is null then
    return;
  end if;
  l_scored := export_model.score_window_rows(
    p_job ->> 'windows', 'both', p_keys, p_rows, p_starts, p_stored, (p_job ->> 'step')::integer, p_state, l_held_key);
  state := l_scored.state;
  select format('insert into %s (%s) select %s from (select unnest($1) as k, unnest($2::text[]) as s, unnest($3::text[]) as l) u',
      p_job ->> 'target', string_agg(quote_ident(e ->> 'name'), ', ' order by n),
      string_agg(case e ->> 'what' when 'key' then format('%s::%s', coalesce('(u.k).' || quote_ident(l_held_key), 'u.k'), e ->> 'type')
        when 'order_by' then format('(u.k).%I', e ->> 'name') when 'partition_by' then format('(u.k).%I', e ->> 'name')
        when 'score' then format('u.s::%s', e ->> 'type')
        when 'label' then 'u.l' when 'model_version' then '$4' when 'model_name' then '$5' else 'clock_timestamp()' end, ', ' order by n))
    into l_insert from jsonb_array_elements(p_job -> 'columns') with ordinality as c (e, n);
  begin
    execute l_insert using l_scored.keys, l_scored.scores, l_scored.labels, p_job ->> 'version', p_job ->> 'model';
  exception when unique_violation then
    execute l_insert || format(' on conflict (%I, %I) do nothing', l_key, p_job ->> 'version_column')
      using l_scored.keys, l_scored.scores, l_scored.labels, p_job ->> 'version', p_job ->> 'model';
  end;
  get diagnostics written = row_count;
end
$_$;


--
-- Name: FUNCTION write_windows(p_job jsonb, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_state bytea, OUT written bigint, OUT state bytea); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.write_windows(p_job jsonb, p_keys anyarray, p_rows bytea, p_starts integer[], p_stored integer[], p_state bytea, OUT written bigint, OUT state bytea) IS 'export-model 312e76c6a913 649831682ee6 21a084f9b3f2 ';


--
-- Name: batch_0e6cd705ec83(bytea, integer, text); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.batch_0e6cd705ec83(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) RETURNS record
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
begin
  select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
    from "fraud"."run_batch_0e6cd705ec83"(p_rows, p_count, p_wanted) r;
  if scores is null and labels is null and problem is null
      and not export_model.loaded('0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22') then
    perform export_model.load('0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22');
    select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
      from "fraud"."run_batch_0e6cd705ec83"(p_rows, p_count, p_wanted) r;
  end if;
end
$$;


--
-- Name: FUNCTION batch_0e6cd705ec83(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.batch_0e6cd705ec83(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 312e76c6a913 0950d1088a7d a8e06f484a16 fraud';


--
-- Name: batch_79edef71c9e3(bytea, integer, text); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.batch_79edef71c9e3(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) RETURNS record
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
begin
  select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
    from "fraud"."run_batch_79edef71c9e3"(p_rows, p_count, p_wanted) r;
  if scores is null and labels is null and problem is null
      and not export_model.loaded('79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda') then
    perform export_model.load('79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda');
    select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
      from "fraud"."run_batch_79edef71c9e3"(p_rows, p_count, p_wanted) r;
  end if;
end
$$;


--
-- Name: FUNCTION batch_79edef71c9e3(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.batch_79edef71c9e3(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 312e76c6a913 77a7b51ecc48 09736daaf233 fraud';


--
-- Name: label(real[]); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.label(dense_0_input real[]) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "fraud"."label_79edef71c9e3"(export_model.array_bytes($1))
$_$;


--
-- Name: FUNCTION label(dense_0_input real[]); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.label(dense_0_input real[]) IS 'export-model 312e76c6a913 f7a7981392cd 619683e393c4 fraud';


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: cards; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.cards (
    id integer NOT NULL,
    a real,
    b double precision,
    c real
);


--
-- Name: label(public.cards); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.label("row" public.cards) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "fraud"."label_79edef71c9e3"(export_model.array_bytes(array[($1)."a"::double precision, ($1)."b"::double precision, ($1)."c"::double precision]))
$_$;


--
-- Name: FUNCTION label("row" public.cards); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.label("row" public.cards) IS 'export-model 312e76c6a913 d100b63951ab 68366292ce6f fraud';


--
-- Name: label(double precision, double precision, double precision); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.label(a double precision, b double precision, c double precision) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "fraud"."label_79edef71c9e3"(export_model.array_bytes(array[$1::double precision, $2::double precision, $3::double precision]))
$_$;


--
-- Name: FUNCTION label(a double precision, b double precision, c double precision); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.label(a double precision, b double precision, c double precision) IS 'export-model 312e76c6a913 9f8f53554dc4 c93f622972a9 fraud';


--
-- Name: label_0e6cd705ec83(bytea); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.label_0e6cd705ec83(p1 bytea) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
declare
  l_result pg_catalog.text;
begin
  l_result := "fraud"."run_label_0e6cd705ec83"(p1);
  if l_result is null and not export_model.loaded('0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22') then
    perform export_model.load('0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22');
    l_result := "fraud"."run_label_0e6cd705ec83"(p1);
  end if;
  return l_result;
end
$$;


--
-- Name: FUNCTION label_0e6cd705ec83(p1 bytea); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.label_0e6cd705ec83(p1 bytea) IS 'export-model 312e76c6a913 612392b9ae42 25aeae394482 fraud';


--
-- Name: label_79edef71c9e3(bytea); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.label_79edef71c9e3(p1 bytea) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
declare
  l_result pg_catalog.text;
begin
  l_result := "fraud"."run_label_79edef71c9e3"(p1);
  if l_result is null and not export_model.loaded('79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda') then
    perform export_model.load('79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda');
    l_result := "fraud"."run_label_79edef71c9e3"(p1);
  end if;
  return l_result;
end
$$;


--
-- Name: FUNCTION label_79edef71c9e3(p1 bytea); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.label_79edef71c9e3(p1 bytea) IS 'export-model 312e76c6a913 197f0545f0a9 43eb9bcd07fc fraud';


--
-- Name: label_batch(anyarray, bytea); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.label_batch(keys anyarray, rows bytea) RETURNS TABLE(key anyelement, label text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET array_nulls TO 'on'
    AS $$
#variable_conflict use_column
declare
  l_result record;
begin
  if pg_catalog.array_ndims(keys) operator(pg_catalog.>) 1 then
    raise exception 'keys have % dimensions; give one key for each row', pg_catalog.array_ndims(keys)
      using errcode = 'array_subscript_error';
  end if;
  select r.scores, r.labels, r.place, r.problem into l_result
    from "fraud"."batch_79edef71c9e3"(rows, pg_catalog.cardinality(keys), 'label') r;
  if l_result.problem is not null then
    raise exception 'key %: %', 
      coalesce(keys[pg_catalog.array_lower(keys, 1) operator(pg_catalog.+) l_result.place]::pg_catalog.text, 'NULL'), l_result.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select pg_catalog.unnest(keys), pg_catalog.unnest(l_result.labels::pg_catalog.text[])::pg_catalog.text;
end
$$;


--
-- Name: FUNCTION label_batch(keys anyarray, rows bytea); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.label_batch(keys anyarray, rows bytea) IS 'export-model 312e76c6a913 90835bf6859a 27f5706d376c fraud';


--
-- Name: label_table(text, text); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.label_table(source text, key_column text) RETURNS TABLE(key text, label text)
    LANGUAGE sql STABLE
    AS $_$
select s.key, s.result
from export_model.score_source("fraud".scorer(), 'label', $1, $2, null::pg_catalog.text) s
$_$;


--
-- Name: FUNCTION label_table(source text, key_column text); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.label_table(source text, key_column text) IS 'export-model 312e76c6a913 d6f50bc92d4f 6b14bf64d18f fraud';


--
-- Name: pack(real[]); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.pack(dense_0_input real[]) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select coalesce(export_model.array_bytes($1), E'\\xffffffff'::pg_catalog.bytea)
$_$;


--
-- Name: FUNCTION pack(dense_0_input real[]); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.pack(dense_0_input real[]) IS 'export-model 312e76c6a913 e179c3c3271a a7411e1c40d3 fraud';


--
-- Name: pack(public.cards); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.pack("row" public.cards) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select coalesce(export_model.array_bytes(array[($1)."a"::double precision, ($1)."b"::double precision, ($1)."c"::double precision]), E'\\xffffffff'::pg_catalog.bytea)
$_$;


--
-- Name: FUNCTION pack("row" public.cards); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.pack("row" public.cards) IS 'export-model 312e76c6a913 c48d5b1b3822 475ccba400da fraud';


--
-- Name: pack(double precision, double precision, double precision); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.pack(a double precision, b double precision, c double precision) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select coalesce(export_model.array_bytes(array[$1::double precision, $2::double precision, $3::double precision]), E'\\xffffffff'::pg_catalog.bytea)
$_$;


--
-- Name: FUNCTION pack(a double precision, b double precision, c double precision); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.pack(a double precision, b double precision, c double precision) IS 'export-model 312e76c6a913 5b1b06c02836 85b7803ceee6 fraud';


--
-- Name: run_batch_0e6cd705ec83(bytea, integer, text); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.run_batch_0e6cd705ec83(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) RETURNS record
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" '0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22')
if model is None:
    return None, None, None, None
return model.answer(rows, count, wanted)
$$;


--
-- Name: FUNCTION run_batch_0e6cd705ec83(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.run_batch_0e6cd705ec83(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 312e76c6a913 e982f6e58b84 0fc70bf507a4 fraud';


--
-- Name: run_batch_79edef71c9e3(bytea, integer, text); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.run_batch_79edef71c9e3(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) RETURNS record
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" '79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda')
if model is None:
    return None, None, None, None
return model.answer(rows, count, wanted)
$$;


--
-- Name: FUNCTION run_batch_79edef71c9e3(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.run_batch_79edef71c9e3(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 312e76c6a913 146990f480d4 2842d41386fd fraud';


--
-- Name: run_label_0e6cd705ec83(bytea); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.run_label_0e6cd705ec83(p1 bytea) RETURNS text
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" '0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22')
if model is None:
    return None
try:
    return model.label(p1)
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
$$;


--
-- Name: FUNCTION run_label_0e6cd705ec83(p1 bytea); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.run_label_0e6cd705ec83(p1 bytea) IS 'export-model 312e76c6a913 51194b4421c9 37563c22c18b fraud';


--
-- Name: run_label_79edef71c9e3(bytea); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.run_label_79edef71c9e3(p1 bytea) RETURNS text
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" '79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda')
if model is None:
    return None
try:
    return model.label(p1)
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
$$;


--
-- Name: FUNCTION run_label_79edef71c9e3(p1 bytea); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.run_label_79edef71c9e3(p1 bytea) IS 'export-model 312e76c6a913 d6642f26a1c0 c4ff3aa19ffc fraud';


--
-- Name: run_score_0e6cd705ec83(bytea); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.run_score_0e6cd705ec83(p1 bytea) RETURNS real
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" '0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22')
if model is None:
    return None
try:
    return model.score(p1)
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
$$;


--
-- Name: FUNCTION run_score_0e6cd705ec83(p1 bytea); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.run_score_0e6cd705ec83(p1 bytea) IS 'export-model 312e76c6a913 c88d5b47caa2 b4725967a58b fraud';


--
-- Name: run_score_79edef71c9e3(bytea); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.run_score_79edef71c9e3(p1 bytea) RETURNS real
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" '79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda')
if model is None:
    return None
try:
    return model.score(p1)
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
$$;


--
-- Name: FUNCTION run_score_79edef71c9e3(p1 bytea); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.run_score_79edef71c9e3(p1 bytea) IS 'export-model 312e76c6a913 e503b56afd01 d984437e0093 fraud';


--
-- Name: score(real[]); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.score(dense_0_input real[]) RETURNS real
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "fraud"."score_79edef71c9e3"(export_model.array_bytes($1))
$_$;


--
-- Name: FUNCTION score(dense_0_input real[]); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.score(dense_0_input real[]) IS 'export-model 312e76c6a913 a0ea1176dac7 af287dd2f4dd fraud';


--
-- Name: score(public.cards); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.score("row" public.cards) RETURNS real
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "fraud"."score_79edef71c9e3"(export_model.array_bytes(array[($1)."a"::double precision, ($1)."b"::double precision, ($1)."c"::double precision]))
$_$;


--
-- Name: FUNCTION score("row" public.cards); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.score("row" public.cards) IS 'export-model 312e76c6a913 1b369db852e1 63873ed7b98c fraud';


--
-- Name: score(double precision, double precision, double precision); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.score(a double precision, b double precision, c double precision) RETURNS real
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "fraud"."score_79edef71c9e3"(export_model.array_bytes(array[$1::double precision, $2::double precision, $3::double precision]))
$_$;


--
-- Name: FUNCTION score(a double precision, b double precision, c double precision); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.score(a double precision, b double precision, c double precision) IS 'export-model 312e76c6a913 11c6d7987761 3242a030bd62 fraud';


--
-- Name: score_0e6cd705ec83(bytea); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.score_0e6cd705ec83(p1 bytea) RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
declare
  l_result real;
begin
  l_result := "fraud"."run_score_0e6cd705ec83"(p1);
  if l_result is null and not export_model.loaded('0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22') then
    perform export_model.load('0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22');
    l_result := "fraud"."run_score_0e6cd705ec83"(p1);
  end if;
  return l_result;
end
$$;


--
-- Name: FUNCTION score_0e6cd705ec83(p1 bytea); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.score_0e6cd705ec83(p1 bytea) IS 'export-model 312e76c6a913 b77352f61101 b147ff9a5fdb fraud';


--
-- Name: score_79edef71c9e3(bytea); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.score_79edef71c9e3(p1 bytea) RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
declare
  l_result real;
begin
  l_result := "fraud"."run_score_79edef71c9e3"(p1);
  if l_result is null and not export_model.loaded('79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda') then
    perform export_model.load('79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda');
    l_result := "fraud"."run_score_79edef71c9e3"(p1);
  end if;
  return l_result;
end
$$;


--
-- Name: FUNCTION score_79edef71c9e3(p1 bytea); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.score_79edef71c9e3(p1 bytea) IS 'export-model 312e76c6a913 d54e86c85fc1 344976f236ed fraud';


--
-- Name: score_batch(anyarray, bytea); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.score_batch(keys anyarray, rows bytea) RETURNS TABLE(key anyelement, score real)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET array_nulls TO 'on'
    AS $$
#variable_conflict use_column
declare
  l_result record;
begin
  if pg_catalog.array_ndims(keys) operator(pg_catalog.>) 1 then
    raise exception 'keys have % dimensions; give one key for each row', pg_catalog.array_ndims(keys)
      using errcode = 'array_subscript_error';
  end if;
  select r.scores, r.labels, r.place, r.problem into l_result
    from "fraud"."batch_79edef71c9e3"(rows, pg_catalog.cardinality(keys), 'score') r;
  if l_result.problem is not null then
    raise exception 'key %: %', 
      coalesce(keys[pg_catalog.array_lower(keys, 1) operator(pg_catalog.+) l_result.place]::pg_catalog.text, 'NULL'), l_result.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select pg_catalog.unnest(keys), pg_catalog.unnest(l_result.scores::real[])::real;
end
$$;


--
-- Name: FUNCTION score_batch(keys anyarray, rows bytea); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.score_batch(keys anyarray, rows bytea) IS 'export-model 312e76c6a913 91553e773bd8 06908a1fc64a fraud';


--
-- Name: score_into(text, text, text); Type: PROCEDURE; Schema: fraud; Owner: -
--

CREATE PROCEDURE fraud.score_into(IN source text, IN key_column text, IN target text)
    LANGUAGE plpgsql
    AS $$
begin
  call export_model.score_into("fraud".scorer(), source, key_column, target);
end
$$;


--
-- Name: PROCEDURE score_into(IN source text, IN key_column text, IN target text); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON PROCEDURE fraud.score_into(IN source text, IN key_column text, IN target text) IS 'export-model 312e76c6a913 428711ebc5f8 94aa7d6eb95f fraud';


--
-- Name: score_table(text, text); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.score_table(source text, key_column text) RETURNS TABLE(key text, score real)
    LANGUAGE sql STABLE
    AS $_$
select s.key, s.result
from export_model.score_source("fraud".scorer(), 'score', $1, $2, null::real) s
$_$;


--
-- Name: FUNCTION score_table(source text, key_column text); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.score_table(source text, key_column text) IS 'export-model 312e76c6a913 60991cf0b4f4 3299db26df07 fraud';


--
-- Name: scorer(); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.scorer() RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
select E'{"batch": "\\"fraud\\".\\"batch_79edef71c9e3\\"", "version": "79edef71c9e3", "score_type": "real", "inputs": [{"columns": ["a", "b", "c"], "is_array": false, "is_text": false}]}'::pg_catalog.jsonb
$$;


--
-- Name: FUNCTION scorer(); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.scorer() IS 'export-model 312e76c6a913 cbe03efbe72f c89d6071db78 fraud';


--
-- Name: verify(); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.verify() RETURNS TABLE(sample integer, output text, expected real[], actual real[], difference double precision, tolerance double precision, ok boolean, form text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return query
  with given as (
    select s.sample,
      (select i.numbers from export_model.samples i where i.version = '79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda' and i.sample = s.sample
         and not i.is_output and i.port = 0) as input_0
    from (select distinct x.sample from export_model.samples x where x.version = '79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda') s
  ), packed as (
    select array_agg(g.sample order by g.sample) as keys, string_agg("fraud".pack(g.input_0), ''::bytea order by g.sample) as rows from given g
  ), score as (
    select 'score of a row' as form, g.sample, "fraud"."score"(g.input_0) as result from given g
    union all
    select 'score of columns' as form, g.sample, "fraud"."score"(g.input_0[1], g.input_0[2], g.input_0[3]) as result from given g
    union all
    select 'score_batch', b.key, b.score from packed p, "fraud".score_batch(p.keys, p.rows) b
    union all
    select 'score_table', t.key::integer, t.score
    from "fraud".score_table('select s.sample as "sample", (s.numbers)[1] as "a", (s.numbers)[2] as "b", (s.numbers)[3] as "c" from export_model.samples s where s.version = ''79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda'' and not s.is_output and s.port = 0', 'sample') t
  ), label as (
    select 'label of a row' as form, g.sample, "fraud"."label"(g.input_0) as result from given g
    union all
    select 'label of columns' as form, g.sample, "fraud"."label"(g.input_0[1], g.input_0[2], g.input_0[3]) as result from given g
    union all
    select 'label_batch', b.key, b.label from packed p, "fraud".label_batch(p.keys, p.rows) b
    union all
    select 'label_table', t.key::integer, t.label
    from "fraud".label_table('select s.sample as "sample", (s.numbers)[1] as "a", (s.numbers)[2] as "b", (s.numbers)[3] as "c" from export_model.samples s where s.version = ''79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda'' and not s.is_output and s.port = 0', 'sample') t
  ), outputs as (
    select scored.form, scored.sample, 0 as port, array[scored.result]::real[] as actual
    from score scored
  ), compared as (
    select f.form, e.sample, e.port, e.name, e.expected, o.actual,
      (select max(case when x.e = x.a then 0::double precision
                       else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
       from unnest(e.expected::double precision[], o.actual::double precision[]) as x(e, a)) as difference
    from (select x.sample, x.port, x.name, coalesce(x.numbers::real[], x.texts::real[]) as expected
          from export_model.samples x where x.version = '79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda' and x.is_output) e
    cross join (select distinct a.form from score a) f
    left join outputs o on o.sample = e.sample and o.port = e.port and o.form = f.form
    union all
    select b.form, b.sample, 1, 'label', null, null,
      case when a.result is not distinct from b.result then 0 else 'Infinity'::double precision end
    from label a join label b on b.sample = a.sample where a.form = 'label of a row' and b.form <> a.form
  )
  select c.sample, c.name, c.expected, c.actual, c.difference, 1e-05::double precision,
    coalesce(c.difference <= 1e-05::double precision, false), c.form
  from compared c order by c.sample, c.port, c.form;
end
$$;


--
-- Name: FUNCTION verify(); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.verify() IS 'export-model 312e76c6a913 e02867ed54cc 7c8a22d62cf0 fraud';


--
-- Name: batch_c75d89980096(bytea, integer, text); Type: FUNCTION; Schema: plain; Owner: -
--

CREATE FUNCTION plain.batch_c75d89980096(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) RETURNS record
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
begin
  select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
    from "plain"."run_batch_c75d89980096"(p_rows, p_count, p_wanted) r;
  if scores is null and labels is null and problem is null
      and not export_model.loaded('c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1') then
    perform export_model.load('c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1');
    select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
      from "plain"."run_batch_c75d89980096"(p_rows, p_count, p_wanted) r;
  end if;
end
$$;


--
-- Name: FUNCTION batch_c75d89980096(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON FUNCTION plain.batch_c75d89980096(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 312e76c6a913 278acd7d5944 4c547654c62f plain';


--
-- Name: pack(real[]); Type: FUNCTION; Schema: plain; Owner: -
--

CREATE FUNCTION plain.pack(dense_0_input real[]) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select coalesce(export_model.array_bytes($1), E'\\xffffffff'::pg_catalog.bytea)
$_$;


--
-- Name: FUNCTION pack(dense_0_input real[]); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON FUNCTION plain.pack(dense_0_input real[]) IS 'export-model 312e76c6a913 f841af2d06c6 a7411e1c40d3 plain';


--
-- Name: run_batch_c75d89980096(bytea, integer, text); Type: FUNCTION; Schema: plain; Owner: -
--

CREATE FUNCTION plain.run_batch_c75d89980096(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) RETURNS record
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" 'c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1')
if model is None:
    return None, None, None, None
return model.answer(rows, count, wanted)
$$;


--
-- Name: FUNCTION run_batch_c75d89980096(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON FUNCTION plain.run_batch_c75d89980096(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 312e76c6a913 af625deb8c2c a32ff6b6a1cb plain';


--
-- Name: run_score_c75d89980096(bytea); Type: FUNCTION; Schema: plain; Owner: -
--

CREATE FUNCTION plain.run_score_c75d89980096(p1 bytea) RETURNS real
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" 'c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1')
if model is None:
    return None
try:
    return model.score(p1)
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
$$;


--
-- Name: FUNCTION run_score_c75d89980096(p1 bytea); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON FUNCTION plain.run_score_c75d89980096(p1 bytea) IS 'export-model 312e76c6a913 925c6b8e5777 9663d42a0f4f plain';


--
-- Name: score(real[]); Type: FUNCTION; Schema: plain; Owner: -
--

CREATE FUNCTION plain.score(dense_0_input real[]) RETURNS real
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "plain"."score_c75d89980096"(export_model.array_bytes($1))
$_$;


--
-- Name: FUNCTION score(dense_0_input real[]); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON FUNCTION plain.score(dense_0_input real[]) IS 'export-model 312e76c6a913 d8bf5d075e58 28d93ad21f92 plain';


--
-- Name: score_batch(anyarray, bytea); Type: FUNCTION; Schema: plain; Owner: -
--

CREATE FUNCTION plain.score_batch(keys anyarray, rows bytea) RETURNS TABLE(key anyelement, score real)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET array_nulls TO 'on'
    AS $$
#variable_conflict use_column
declare
  l_result record;
begin
  if pg_catalog.array_ndims(keys) operator(pg_catalog.>) 1 then
    raise exception 'keys have % dimensions; give one key for each row', pg_catalog.array_ndims(keys)
      using errcode = 'array_subscript_error';
  end if;
  select r.scores, r.labels, r.place, r.problem into l_result
    from "plain"."batch_c75d89980096"(rows, pg_catalog.cardinality(keys), 'score') r;
  if l_result.problem is not null then
    raise exception 'key %: %', 
      coalesce(keys[pg_catalog.array_lower(keys, 1) operator(pg_catalog.+) l_result.place]::pg_catalog.text, 'NULL'), l_result.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select pg_catalog.unnest(keys), pg_catalog.unnest(l_result.scores::real[])::real;
end
$$;


--
-- Name: FUNCTION score_batch(keys anyarray, rows bytea); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON FUNCTION plain.score_batch(keys anyarray, rows bytea) IS 'export-model 312e76c6a913 2b3e40ae5d35 eeaabdb040fa plain';


--
-- Name: score_c75d89980096(bytea); Type: FUNCTION; Schema: plain; Owner: -
--

CREATE FUNCTION plain.score_c75d89980096(p1 bytea) RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
declare
  l_result real;
begin
  l_result := "plain"."run_score_c75d89980096"(p1);
  if l_result is null and not export_model.loaded('c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1') then
    perform export_model.load('c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1');
    l_result := "plain"."run_score_c75d89980096"(p1);
  end if;
  return l_result;
end
$$;


--
-- Name: FUNCTION score_c75d89980096(p1 bytea); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON FUNCTION plain.score_c75d89980096(p1 bytea) IS 'export-model 312e76c6a913 19154a288142 1377bf6fd503 plain';


--
-- Name: score_into(text, text, text); Type: PROCEDURE; Schema: plain; Owner: -
--

CREATE PROCEDURE plain.score_into(IN source text, IN key_column text, IN target text)
    LANGUAGE plpgsql
    AS $$
begin
  call export_model.score_into("plain".scorer(), source, key_column, target);
end
$$;


--
-- Name: PROCEDURE score_into(IN source text, IN key_column text, IN target text); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON PROCEDURE plain.score_into(IN source text, IN key_column text, IN target text) IS 'export-model 312e76c6a913 6e9f6ab50154 44fa1a86699c plain';


--
-- Name: score_table(text, text); Type: FUNCTION; Schema: plain; Owner: -
--

CREATE FUNCTION plain.score_table(source text, key_column text) RETURNS TABLE(key text, score real)
    LANGUAGE sql STABLE
    AS $_$
select s.key, s.result
from export_model.score_source("plain".scorer(), 'score', $1, $2, null::real) s
$_$;


--
-- Name: FUNCTION score_table(source text, key_column text); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON FUNCTION plain.score_table(source text, key_column text) IS 'export-model 312e76c6a913 80b1b92bee5a a5092ebb41dc plain';


--
-- Name: scorer(); Type: FUNCTION; Schema: plain; Owner: -
--

CREATE FUNCTION plain.scorer() RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
select E'{"batch": "\\"plain\\".\\"batch_c75d89980096\\"", "version": "c75d89980096", "score_type": "real", "inputs": [{"columns": ["dense_0_input"], "is_array": true, "is_text": false}]}'::pg_catalog.jsonb
$$;


--
-- Name: FUNCTION scorer(); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON FUNCTION plain.scorer() IS 'export-model 312e76c6a913 b06e1060c664 c76815e61c34 plain';


--
-- Name: verify(); Type: FUNCTION; Schema: plain; Owner: -
--

CREATE FUNCTION plain.verify() RETURNS TABLE(sample integer, output text, expected real[], actual real[], difference double precision, tolerance double precision, ok boolean, form text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return query
  with given as (
    select s.sample,
      (select i.numbers from export_model.samples i where i.version = 'c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1' and i.sample = s.sample
         and not i.is_output and i.port = 0) as input_0
    from (select distinct x.sample from export_model.samples x where x.version = 'c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1') s
  ), packed as (
    select array_agg(g.sample order by g.sample) as keys, string_agg("plain".pack(g.input_0), ''::bytea order by g.sample) as rows from given g
  ), score as (
    select 'score of a row' as form, g.sample, "plain"."score"(g.input_0) as result from given g
    union all
    select 'score_batch', b.key, b.score from packed p, "plain".score_batch(p.keys, p.rows) b
    union all
    select 'score_table', t.key::integer, t.score
    from "plain".score_table('select s.sample as "sample", s.numbers as "dense_0_input" from export_model.samples s where s.version = ''c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1'' and not s.is_output and s.port = 0', 'sample') t
  ), outputs as (
    select scored.form, scored.sample, 0 as port, array[scored.result]::real[] as actual
    from score scored
  ), compared as (
    select f.form, e.sample, e.port, e.name, e.expected, o.actual,
      (select max(case when x.e = x.a then 0::double precision
                       else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
       from unnest(e.expected::double precision[], o.actual::double precision[]) as x(e, a)) as difference
    from (select x.sample, x.port, x.name, coalesce(x.numbers::real[], x.texts::real[]) as expected
          from export_model.samples x where x.version = 'c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1' and x.is_output) e
    cross join (select distinct a.form from score a) f
    left join outputs o on o.sample = e.sample and o.port = e.port and o.form = f.form
  )
  select c.sample, c.name, c.expected, c.actual, c.difference, 1e-05::double precision,
    coalesce(c.difference <= 1e-05::double precision, false), c.form
  from compared c order by c.sample, c.port, c.form;
end
$$;


--
-- Name: FUNCTION verify(); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON FUNCTION plain.verify() IS 'export-model 312e76c6a913 d711fe896471 60ab8e42b41d plain';


--
-- Name: batch_eeb2f85bc215(bytea, integer, text); Type: FUNCTION; Schema: two; Owner: -
--

CREATE FUNCTION two.batch_eeb2f85bc215(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) RETURNS record
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
begin
  select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
    from "two"."run_batch_eeb2f85bc215"(p_rows, p_count, p_wanted) r;
  if scores is null and labels is null and problem is null
      and not export_model.loaded('eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7') then
    perform export_model.load('eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7');
    select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
      from "two"."run_batch_eeb2f85bc215"(p_rows, p_count, p_wanted) r;
  end if;
end
$$;


--
-- Name: FUNCTION batch_eeb2f85bc215(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON FUNCTION two.batch_eeb2f85bc215(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 312e76c6a913 5da2e528c5fd 32d3b4438869 two';


--
-- Name: pack(real[], real[]); Type: FUNCTION; Schema: two; Owner: -
--

CREATE FUNCTION two.pack(a real[], b real[]) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select coalesce(export_model.array_bytes($1) operator(pg_catalog.||) export_model.array_bytes($2), E'\\xffffffff'::pg_catalog.bytea)
$_$;


--
-- Name: FUNCTION pack(a real[], b real[]); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON FUNCTION two.pack(a real[], b real[]) IS 'export-model 312e76c6a913 affa233bbede 64e8b9d83b76 two';


--
-- Name: run_batch_eeb2f85bc215(bytea, integer, text); Type: FUNCTION; Schema: two; Owner: -
--

CREATE FUNCTION two.run_batch_eeb2f85bc215(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) RETURNS record
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" 'eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7')
if model is None:
    return None, None, None, None
return model.answer(rows, count, wanted)
$$;


--
-- Name: FUNCTION run_batch_eeb2f85bc215(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON FUNCTION two.run_batch_eeb2f85bc215(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 312e76c6a913 671705f44fbd 32700b59a460 two';


--
-- Name: run_score_eeb2f85bc215(bytea, bytea); Type: FUNCTION; Schema: two; Owner: -
--

CREATE FUNCTION two.run_score_eeb2f85bc215(p1 bytea, p2 bytea) RETURNS two.outputs_91e0cfde
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" 'eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7')
if model is None:
    return None
try:
    return model.score(p1, p2)
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
$$;


--
-- Name: FUNCTION run_score_eeb2f85bc215(p1 bytea, p2 bytea); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON FUNCTION two.run_score_eeb2f85bc215(p1 bytea, p2 bytea) IS 'export-model 312e76c6a913 115d6dc7b4bd b770e501d647 two';


--
-- Name: score(real[], real[]); Type: FUNCTION; Schema: two; Owner: -
--

CREATE FUNCTION two.score(a real[], b real[]) RETURNS two.outputs_91e0cfde
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "two"."score_eeb2f85bc215"(export_model.array_bytes($1), export_model.array_bytes($2))
$_$;


--
-- Name: FUNCTION score(a real[], b real[]); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON FUNCTION two.score(a real[], b real[]) IS 'export-model 312e76c6a913 1c40db271201 2e23260dd048 two';


--
-- Name: score_batch(anyarray, bytea); Type: FUNCTION; Schema: two; Owner: -
--

CREATE FUNCTION two.score_batch(keys anyarray, rows bytea) RETURNS TABLE(key anyelement, score two.outputs_91e0cfde)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET array_nulls TO 'on'
    AS $$
#variable_conflict use_column
declare
  l_result record;
begin
  if pg_catalog.array_ndims(keys) operator(pg_catalog.>) 1 then
    raise exception 'keys have % dimensions; give one key for each row', pg_catalog.array_ndims(keys)
      using errcode = 'array_subscript_error';
  end if;
  select r.scores, r.labels, r.place, r.problem into l_result
    from "two"."batch_eeb2f85bc215"(rows, pg_catalog.cardinality(keys), 'score') r;
  if l_result.problem is not null then
    raise exception 'key %: %', 
      coalesce(keys[pg_catalog.array_lower(keys, 1) operator(pg_catalog.+) l_result.place]::pg_catalog.text, 'NULL'), l_result.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select pg_catalog.unnest(keys), pg_catalog.unnest(l_result.scores::pg_catalog.text[])::"two"."outputs_91e0cfde";
end
$$;


--
-- Name: FUNCTION score_batch(keys anyarray, rows bytea); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON FUNCTION two.score_batch(keys anyarray, rows bytea) IS 'export-model 312e76c6a913 a00e00e5d823 936812b2d951 two';


--
-- Name: score_eeb2f85bc215(bytea, bytea); Type: FUNCTION; Schema: two; Owner: -
--

CREATE FUNCTION two.score_eeb2f85bc215(p1 bytea, p2 bytea) RETURNS two.outputs_91e0cfde
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
declare
  l_result "two"."outputs_91e0cfde";
begin
  l_result := "two"."run_score_eeb2f85bc215"(p1, p2);
  if l_result is null and not export_model.loaded('eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7') then
    perform export_model.load('eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7');
    l_result := "two"."run_score_eeb2f85bc215"(p1, p2);
  end if;
  return l_result;
end
$$;


--
-- Name: FUNCTION score_eeb2f85bc215(p1 bytea, p2 bytea); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON FUNCTION two.score_eeb2f85bc215(p1 bytea, p2 bytea) IS 'export-model 312e76c6a913 20303e1b469d a41ffc519ffa two';


--
-- Name: score_into(text, text, text); Type: PROCEDURE; Schema: two; Owner: -
--

CREATE PROCEDURE two.score_into(IN source text, IN key_column text, IN target text)
    LANGUAGE plpgsql
    AS $$
begin
  call export_model.score_into("two".scorer(), source, key_column, target);
end
$$;


--
-- Name: PROCEDURE score_into(IN source text, IN key_column text, IN target text); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON PROCEDURE two.score_into(IN source text, IN key_column text, IN target text) IS 'export-model 312e76c6a913 ab7f42464b1f 98bb369c1bf7 two';


--
-- Name: score_table(text, text); Type: FUNCTION; Schema: two; Owner: -
--

CREATE FUNCTION two.score_table(source text, key_column text) RETURNS TABLE(key text, score two.outputs_91e0cfde)
    LANGUAGE sql STABLE
    AS $_$
select s.key, s.result
from export_model.score_source("two".scorer(), 'score', $1, $2, null::"two"."outputs_91e0cfde") s
$_$;


--
-- Name: FUNCTION score_table(source text, key_column text); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON FUNCTION two.score_table(source text, key_column text) IS 'export-model 312e76c6a913 7faeb91fa5f0 a065c687313d two';


--
-- Name: scorer(); Type: FUNCTION; Schema: two; Owner: -
--

CREATE FUNCTION two.scorer() RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
select E'{"batch": "\\"two\\".\\"batch_eeb2f85bc215\\"", "version": "eeb2f85bc215", "score_type": "\\"two\\".\\"outputs_91e0cfde\\"", "inputs": [{"columns": ["a"], "is_array": true, "is_text": false}, {"columns": ["b"], "is_array": true, "is_text": false}]}'::pg_catalog.jsonb
$$;


--
-- Name: FUNCTION scorer(); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON FUNCTION two.scorer() IS 'export-model 312e76c6a913 a7ef16ea44ae 595b62432e27 two';


--
-- Name: verify(); Type: FUNCTION; Schema: two; Owner: -
--

CREATE FUNCTION two.verify() RETURNS TABLE(sample integer, output text, expected real[], actual real[], difference double precision, tolerance double precision, ok boolean, form text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return query
  with given as (
    select s.sample,
      (select i.numbers from export_model.samples i where i.version = 'eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7' and i.sample = s.sample
         and not i.is_output and i.port = 0) as input_0,
      (select i.numbers from export_model.samples i where i.version = 'eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7' and i.sample = s.sample
         and not i.is_output and i.port = 1) as input_1
    from (select distinct x.sample from export_model.samples x where x.version = 'eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7') s
  ), packed as (
    select array_agg(g.sample order by g.sample) as keys, string_agg("two".pack(g.input_0, g.input_1), ''::bytea order by g.sample) as rows from given g
  ), score as (
    select 'score of a row' as form, g.sample, "two"."score"(g.input_0, g.input_1) as result from given g
    union all
    select 'score_batch', b.key, b.score from packed p, "two".score_batch(p.keys, p.rows) b
    union all
    select 'score_table', t.key::integer, t.score
    from "two".score_table('select s.sample as "sample", s.numbers as "a", (select i.numbers from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 1) as "b" from export_model.samples s where s.version = ''eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7'' and not s.is_output and s.port = 0', 'sample') t
  ), outputs as (
    select scored.form, scored.sample, 0 as port, array[(scored.result)."one"]::real[] as actual
    from score scored union all
    select scored.form, scored.sample, 1 as port, (scored.result)."two"::real[] as actual
    from score scored
  ), compared as (
    select f.form, e.sample, e.port, e.name, e.expected, o.actual,
      (select max(case when x.e = x.a then 0::double precision
                       else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
       from unnest(e.expected::double precision[], o.actual::double precision[]) as x(e, a)) as difference
    from (select x.sample, x.port, x.name, coalesce(x.numbers::real[], x.texts::real[]) as expected
          from export_model.samples x where x.version = 'eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7' and x.is_output) e
    cross join (select distinct a.form from score a) f
    left join outputs o on o.sample = e.sample and o.port = e.port and o.form = f.form
  )
  select c.sample, c.name, c.expected, c.actual, c.difference, 1e-05::double precision,
    coalesce(c.difference <= 1e-05::double precision, false), c.form
  from compared c order by c.sample, c.port, c.form;
end
$$;


--
-- Name: FUNCTION verify(); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON FUNCTION two.verify() IS 'export-model 312e76c6a913 cb3c39292f0d 733644532858 two';


--
-- Name: batch_bcae8574d08a(bytea, integer, text); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.batch_bcae8574d08a(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) RETURNS record
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
begin
  select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
    from "words"."run_batch_bcae8574d08a"(p_rows, p_count, p_wanted) r;
  if scores is null and labels is null and problem is null
      and not export_model.loaded('bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9') then
    perform export_model.load('bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9');
    select r.scores, r.labels, r.place, r.problem into scores, labels, place, problem
      from "words"."run_batch_bcae8574d08a"(p_rows, p_count, p_wanted) r;
  end if;
end
$$;


--
-- Name: FUNCTION batch_bcae8574d08a(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.batch_bcae8574d08a(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 312e76c6a913 4febb24fff2c 2f26abfa942e words';


--
-- Name: label(text[]); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.label(words text[]) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "words"."label_bcae8574d08a"(pg_catalog.convert_to(pg_catalog.array_to_json($1)::pg_catalog.text, 'UTF8'))
$_$;


--
-- Name: FUNCTION label(words text[]); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.label(words text[]) IS 'export-model 312e76c6a913 4ffe055fac08 ee0922b6e0e6 words';


--
-- Name: label(text, text); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.label(one text, other text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "words"."label_bcae8574d08a"(pg_catalog.decode('/v///3R0AA==', 'base64') operator(pg_catalog.||) export_model.record_bytes(row(pg_catalog.convert_to($1::pg_catalog.text, 'UTF8'), pg_catalog.convert_to($2::pg_catalog.text, 'UTF8'))))
$_$;


--
-- Name: FUNCTION label(one text, other text); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.label(one text, other text) IS 'export-model 312e76c6a913 82f93dfcac88 3f813aa09fb3 words';


--
-- Name: label_batch(anyarray, bytea); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.label_batch(keys anyarray, rows bytea) RETURNS TABLE(key anyelement, label text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET array_nulls TO 'on'
    AS $$
#variable_conflict use_column
declare
  l_result record;
begin
  if pg_catalog.array_ndims(keys) operator(pg_catalog.>) 1 then
    raise exception 'keys have % dimensions; give one key for each row', pg_catalog.array_ndims(keys)
      using errcode = 'array_subscript_error';
  end if;
  select r.scores, r.labels, r.place, r.problem into l_result
    from "words"."batch_bcae8574d08a"(rows, pg_catalog.cardinality(keys), 'label') r;
  if l_result.problem is not null then
    raise exception 'key %: %', 
      coalesce(keys[pg_catalog.array_lower(keys, 1) operator(pg_catalog.+) l_result.place]::pg_catalog.text, 'NULL'), l_result.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select pg_catalog.unnest(keys), pg_catalog.unnest(l_result.labels::pg_catalog.text[])::pg_catalog.text;
end
$$;


--
-- Name: FUNCTION label_batch(keys anyarray, rows bytea); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.label_batch(keys anyarray, rows bytea) IS 'export-model 312e76c6a913 295d07b6ef95 a9ad8e19af48 words';


--
-- Name: label_bcae8574d08a(bytea); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.label_bcae8574d08a(p1 bytea) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
declare
  l_result pg_catalog.text;
begin
  l_result := "words"."run_label_bcae8574d08a"(p1);
  if l_result is null and not export_model.loaded('bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9') then
    perform export_model.load('bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9');
    l_result := "words"."run_label_bcae8574d08a"(p1);
  end if;
  return l_result;
end
$$;


--
-- Name: FUNCTION label_bcae8574d08a(p1 bytea); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.label_bcae8574d08a(p1 bytea) IS 'export-model 312e76c6a913 97ea90de2eb1 202636c2ad44 words';


--
-- Name: label_table(text, text); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.label_table(source text, key_column text) RETURNS TABLE(key text, label text)
    LANGUAGE sql STABLE
    AS $_$
select s.key, s.result
from export_model.score_source("words".scorer(), 'label', $1, $2, null::pg_catalog.text) s
$_$;


--
-- Name: FUNCTION label_table(source text, key_column text); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.label_table(source text, key_column text) IS 'export-model 312e76c6a913 dd5b1fd2db7f b855f1500398 words';


--
-- Name: pack(text[]); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.pack(words text[]) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select coalesce(pg_catalog.convert_to(pg_catalog.array_to_json($1)::pg_catalog.text, 'UTF8') operator(pg_catalog.||) E'\\x00'::pg_catalog.bytea, E'\\xffffffff'::pg_catalog.bytea)
$_$;


--
-- Name: FUNCTION pack(words text[]); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.pack(words text[]) IS 'export-model 312e76c6a913 a45f7d3f575b 75f51c06948c words';


--
-- Name: pack(text, text); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.pack(one text, other text) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select coalesce(pg_catalog.decode('/v///3R0AA==', 'base64') operator(pg_catalog.||) export_model.record_bytes(row(pg_catalog.convert_to($1::pg_catalog.text, 'UTF8'), pg_catalog.convert_to($2::pg_catalog.text, 'UTF8'))), E'\\xffffffff'::pg_catalog.bytea)
$_$;


--
-- Name: FUNCTION pack(one text, other text); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.pack(one text, other text) IS 'export-model 312e76c6a913 bfeb600724d5 83ccdc8a6cf9 words';


--
-- Name: run_batch_bcae8574d08a(bytea, integer, text); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.run_batch_bcae8574d08a(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) RETURNS record
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" 'bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9')
if model is None:
    return None, None, None, None
return model.answer(rows, count, wanted)
$$;


--
-- Name: FUNCTION run_batch_bcae8574d08a(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.run_batch_bcae8574d08a(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 312e76c6a913 e4fb1b7726c0 61d51dbb9d1c words';


--
-- Name: run_label_bcae8574d08a(bytea); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.run_label_bcae8574d08a(p1 bytea) RETURNS text
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" 'bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9')
if model is None:
    return None
try:
    return model.label(p1)
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
$$;


--
-- Name: FUNCTION run_label_bcae8574d08a(p1 bytea); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.run_label_bcae8574d08a(p1 bytea) IS 'export-model 312e76c6a913 aa4d91690956 23efde7329e6 words';


--
-- Name: run_score_bcae8574d08a(bytea); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.run_score_bcae8574d08a(p1 bytea) RETURNS real[]
    LANGUAGE plpython3u STRICT PARALLEL RESTRICTED
    AS $$
model = GD.get("export_model:" 'bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9')
if model is None:
    return None
try:
    return model.score(p1)
except ValueError as error:
    plpy.error(str(error), sqlstate="22023")
$$;


--
-- Name: FUNCTION run_score_bcae8574d08a(p1 bytea); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.run_score_bcae8574d08a(p1 bytea) IS 'export-model 312e76c6a913 e9c8419a6289 b751fa2963f6 words';


--
-- Name: score(text[]); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.score(words text[]) RETURNS real[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "words"."score_bcae8574d08a"(pg_catalog.convert_to(pg_catalog.array_to_json($1)::pg_catalog.text, 'UTF8'))
$_$;


--
-- Name: FUNCTION score(words text[]); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.score(words text[]) IS 'export-model 312e76c6a913 501722e25d8e b7233c7e6173 words';


--
-- Name: score(text, text); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.score(one text, other text) RETURNS real[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "words"."score_bcae8574d08a"(pg_catalog.decode('/v///3R0AA==', 'base64') operator(pg_catalog.||) export_model.record_bytes(row(pg_catalog.convert_to($1::pg_catalog.text, 'UTF8'), pg_catalog.convert_to($2::pg_catalog.text, 'UTF8'))))
$_$;


--
-- Name: FUNCTION score(one text, other text); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.score(one text, other text) IS 'export-model 312e76c6a913 26dab38a5379 655871d234da words';


--
-- Name: score_batch(anyarray, bytea); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.score_batch(keys anyarray, rows bytea) RETURNS TABLE(key anyelement, score real[])
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET array_nulls TO 'on'
    AS $$
#variable_conflict use_column
declare
  l_result record;
begin
  if pg_catalog.array_ndims(keys) operator(pg_catalog.>) 1 then
    raise exception 'keys have % dimensions; give one key for each row', pg_catalog.array_ndims(keys)
      using errcode = 'array_subscript_error';
  end if;
  select r.scores, r.labels, r.place, r.problem into l_result
    from "words"."batch_bcae8574d08a"(rows, pg_catalog.cardinality(keys), 'score') r;
  if l_result.problem is not null then
    raise exception 'key %: %', 
      coalesce(keys[pg_catalog.array_lower(keys, 1) operator(pg_catalog.+) l_result.place]::pg_catalog.text, 'NULL'), l_result.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select pg_catalog.unnest(keys), pg_catalog.unnest(l_result.scores::pg_catalog.text[])::real[];
end
$$;


--
-- Name: FUNCTION score_batch(keys anyarray, rows bytea); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.score_batch(keys anyarray, rows bytea) IS 'export-model 312e76c6a913 ee41337d9b85 2851143654c3 words';


--
-- Name: score_bcae8574d08a(bytea); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.score_bcae8574d08a(p1 bytea) RETURNS real[]
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    AS $$
declare
  l_result real[];
begin
  l_result := "words"."run_score_bcae8574d08a"(p1);
  if l_result is null and not export_model.loaded('bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9') then
    perform export_model.load('bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9');
    l_result := "words"."run_score_bcae8574d08a"(p1);
  end if;
  return l_result;
end
$$;


--
-- Name: FUNCTION score_bcae8574d08a(p1 bytea); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.score_bcae8574d08a(p1 bytea) IS 'export-model 312e76c6a913 07c1dec6e2d9 4dcfb7a0e39e words';


--
-- Name: score_into(text, text, text); Type: PROCEDURE; Schema: words; Owner: -
--

CREATE PROCEDURE words.score_into(IN source text, IN key_column text, IN target text)
    LANGUAGE plpgsql
    AS $$
begin
  call export_model.score_into("words".scorer(), source, key_column, target);
end
$$;


--
-- Name: PROCEDURE score_into(IN source text, IN key_column text, IN target text); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON PROCEDURE words.score_into(IN source text, IN key_column text, IN target text) IS 'export-model 312e76c6a913 05403e8da86d 1007c6625029 words';


--
-- Name: score_table(text, text); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.score_table(source text, key_column text) RETURNS TABLE(key text, score real[])
    LANGUAGE sql STABLE
    AS $_$
select s.key, s.result
from export_model.score_source("words".scorer(), 'score', $1, $2, null::real[]) s
$_$;


--
-- Name: FUNCTION score_table(source text, key_column text); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.score_table(source text, key_column text) IS 'export-model 312e76c6a913 e9a97cc96bb8 d4134081ee86 words';


--
-- Name: scorer(); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.scorer() RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
select E'{"batch": "\\"words\\".\\"batch_bcae8574d08a\\"", "version": "bcae8574d08a", "score_type": "real[]", "inputs": [{"columns": ["one", "other"], "kinds": ["text", "text"]}]}'::pg_catalog.jsonb
$$;


--
-- Name: FUNCTION scorer(); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.scorer() IS 'export-model 312e76c6a913 189fd8994a38 3f4a7710cb63 words';


--
-- Name: verify(); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.verify() RETURNS TABLE(sample integer, output text, expected real[], actual real[], difference double precision, tolerance double precision, ok boolean, form text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return query
  with given as (
    select s.sample,
      (select i.texts from export_model.samples i where i.version = 'bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9' and i.sample = s.sample
         and not i.is_output and i.port = 0) as input_0
    from (select distinct x.sample from export_model.samples x where x.version = 'bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9') s
  ), packed as (
    select array_agg(g.sample order by g.sample) as keys, string_agg("words".pack(g.input_0), ''::bytea order by g.sample) as rows from given g
  ), score as (
    select 'score of a row' as form, g.sample, "words"."score"(g.input_0) as result from given g
    union all
    select 'score of columns' as form, g.sample, "words"."score"(g.input_0[1], g.input_0[2]) as result from given g
    union all
    select 'score_batch', b.key, b.score from packed p, "words".score_batch(p.keys, p.rows) b
    union all
    select 'score_table', t.key::integer, t.score
    from "words".score_table('select s.sample as "sample", (s.texts)[1] as "one", (s.texts)[2] as "other" from export_model.samples s where s.version = ''bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9'' and not s.is_output and s.port = 0', 'sample') t
  ), label as (
    select 'label of a row' as form, g.sample, "words"."label"(g.input_0) as result from given g
    union all
    select 'label of columns' as form, g.sample, "words"."label"(g.input_0[1], g.input_0[2]) as result from given g
    union all
    select 'label_batch', b.key, b.label from packed p, "words".label_batch(p.keys, p.rows) b
    union all
    select 'label_table', t.key::integer, t.label
    from "words".label_table('select s.sample as "sample", (s.texts)[1] as "one", (s.texts)[2] as "other" from export_model.samples s where s.version = ''bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9'' and not s.is_output and s.port = 0', 'sample') t
  ), outputs as (
    select scored.form, scored.sample, 0 as port, scored.result::real[] as actual
    from score scored
  ), compared as (
    select f.form, e.sample, e.port, e.name, e.expected, o.actual,
      (select max(case when x.e = x.a then 0::double precision
                       else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
       from unnest(e.expected::double precision[], o.actual::double precision[]) as x(e, a)) as difference
    from (select x.sample, x.port, x.name, coalesce(x.numbers::real[], x.texts::real[]) as expected
          from export_model.samples x where x.version = 'bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9' and x.is_output) e
    cross join (select distinct a.form from score a) f
    left join outputs o on o.sample = e.sample and o.port = e.port and o.form = f.form
    union all
    select b.form, b.sample, 1, 'label', null, null,
      case when a.result is not distinct from b.result then 0 else 'Infinity'::double precision end
    from label a join label b on b.sample = a.sample where a.form = 'label of a row' and b.form <> a.form
  )
  select c.sample, c.name, c.expected, c.actual, c.difference, 1e-05::double precision,
    coalesce(c.difference <= 1e-05::double precision, false), c.form
  from compared c order by c.sample, c.port, c.form;
end
$$;


--
-- Name: FUNCTION verify(); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.verify() IS 'export-model 312e76c6a913 99534b1d21ea 0f7a1f61ac25 words';


--
-- Name: chunks; Type: TABLE; Schema: export_model; Owner: -
--

CREATE TABLE export_model.chunks (
    version text NOT NULL,
    chunk integer NOT NULL,
    bytes integer NOT NULL,
    sha256 text NOT NULL,
    data bytea NOT NULL
);


--
-- Name: models; Type: TABLE; Schema: export_model; Owner: -
--

CREATE TABLE export_model.models (
    name text NOT NULL,
    current_version text NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);


--
-- Name: objects; Type: TABLE; Schema: export_model; Owner: -
--

CREATE TABLE export_model.objects (
    model text NOT NULL,
    kind text NOT NULL,
    identity text NOT NULL,
    header text NOT NULL
);


--
-- Name: versions; Type: TABLE; Schema: export_model; Owner: -
--

CREATE TABLE export_model.versions (
    version text NOT NULL,
    model text NOT NULL,
    database text NOT NULL,
    engine text NOT NULL,
    graph_digest text NOT NULL,
    source_file text NOT NULL,
    source_sha256 text NOT NULL,
    format text NOT NULL,
    format_version text NOT NULL,
    parameters bigint NOT NULL,
    inputs text NOT NULL,
    outputs text NOT NULL,
    features text[] NOT NULL,
    labels text[] NOT NULL,
    threshold double precision,
    plan text NOT NULL,
    manifest text NOT NULL,
    runtime text NOT NULL,
    weight_bytes bigint NOT NULL,
    chunks integer NOT NULL,
    expected_by text NOT NULL,
    tolerance double precision NOT NULL,
    exporter_version text NOT NULL,
    deployed_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    deployed_by text DEFAULT SESSION_USER NOT NULL
);


--
-- Name: overview; Type: VIEW; Schema: export_model; Owner: -
--

CREATE VIEW export_model.overview AS
 SELECT v.model,
    substr(v.version, 1, 12) AS version,
    (v.version = m.current_version) AS is_current,
    v.inputs,
    v.outputs,
    v.parameters,
    v.source_file,
    v.format_version,
    v.expected_by,
    v.tolerance,
    v.deployed_at,
    v.deployed_by,
    v.format,
    v.database,
    v.engine
   FROM (export_model.versions v
     JOIN export_model.models m ON ((m.name = v.model)))
  ORDER BY v.model, v.deployed_at DESC;


--
-- Name: samples; Type: TABLE; Schema: export_model; Owner: -
--

CREATE TABLE export_model.samples (
    version text NOT NULL,
    sample integer NOT NULL,
    is_output boolean NOT NULL,
    port integer NOT NULL,
    name text NOT NULL,
    numbers real[],
    texts text[],
    CONSTRAINT samples_check CHECK (((numbers IS NULL) <> (texts IS NULL)))
);


--
-- Name: tensors; Type: TABLE; Schema: export_model; Owner: -
--

CREATE TABLE export_model.tensors (
    version text NOT NULL,
    tensor integer NOT NULL,
    name text NOT NULL,
    shape integer[] NOT NULL,
    first_number bigint NOT NULL,
    numbers bigint NOT NULL,
    sha256 text NOT NULL
);


--
-- Name: expected; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.expected (
    id integer,
    fraud real,
    label text,
    plain real,
    two real[],
    words real[]
);


--
-- Name: scores; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.scores (
    key integer NOT NULL,
    score real,
    label text,
    model_version text NOT NULL,
    scored_at timestamp with time zone NOT NULL
);


--
-- Name: watched; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.watched AS
 SELECT cards.id,
    fraud.score((cards.a)::double precision, cards.b, (cards.c)::double precision) AS fraud,
    fraud.label(cards.*) AS label,
    plain.score(ARRAY[cards.a, (cards.b)::real]) AS plain,
    (two.score(ARRAY[cards.a, (cards.b)::real, cards.c], ARRAY[cards.a, (cards.b)::real, cards.c, cards.a])).two AS two,
    words.score(
        CASE
            WHEN ((cards.id % 2) = 0) THEN 'ja'::text
            ELSE 'größer'::text
        END, 'a''b'::text) AS words
   FROM public.cards;


--
-- Data for Name: chunks; Type: TABLE DATA; Schema: export_model; Owner: -
--

COPY export_model.chunks (version, chunk, bytes, sha256, data) FROM stdin;
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	0	84	b9cae56e7d86481a51c9538ac421a691908ceca25f2b91c22c3eb8e6e1fd8d92	\\xca4f4c3e81dff23e4a5b433edb9b40bf28d0053f27f3833ea5b99ebeccc7ab3ea289573ea2e42d3e676d863c359ca13e67d396bdb17485bce07945bd9449753da6b3a23ce4bc15be272bc8beb4ae03be4071553a
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	0	84	a1398d7d3d1a8ef1531faf685652126a905fba4fc6299c4d4eec6f2f3f3ae39e	\\x0c8adf3db4869abeb73474be2e6db4bff8ff843f101c293f646440be64bde43eee40263e3eb6a3be717c103f659a37beafaf06bd4e3ba2bdd0593a3dae8622bc0b988b3e86709bbe29df813d126ce4be0055ac3d
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	0	52	30c2a72fe71d77ac004bf6195dc907a27653c2b42b525207dde70344aca72160	\\x11b9b83ff94fe7bf325e973ef78dcdbe65e0a3bee91b1cbeb9d84ebebfffbdbc1532b1bd8b92f53f8f7c053e497a50be3f6ee6bc
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	0	96	8c1bc75266cd2383de371479208520eae96d02210636bed06b588e7dc4009a35	\\x614b4dbf9884a9bf82527ebe9944d73ef969913fc0ade03d4b7a0dbf5ee748bfcead3f3f9240d13f59a88b3eb7dd9dbfde5075bf6dcdcc3f6ac04f3e98b6ddbfe968abbd97e494bf061921bfe6dbf9beb59b36bf36aa0d3f383381bdf8e416bf
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	0	72	5e5e481e57400ddf9d8670bd4cf9b42fa9b3a7623cf57aa6425f37e97d564cdb	\\x0000803f0000004000004040193da13a2df5983ecc5b8cbed4fd63bf9ccae8be8cdc7dbf2359763d2c8cab3f7e02fcbe71d71ebf94ccfa3ee5b9b63e00000000cdcccc3dcdcc4c3e
\.


--
-- Data for Name: models; Type: TABLE DATA; Schema: export_model; Owner: -
--

COPY export_model.models (name, current_version, created_at) FROM stdin;
fraud	79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	2026-11-22 01:42:47.858575+00
plain	c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	2026-11-22 01:42:50.873072+00
two	eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	2026-11-22 01:42:52.205129+00
words	bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	2026-11-22 01:42:54.015305+00
\.


--
-- Data for Name: objects; Type: TABLE DATA; Schema: export_model; Owner: -
--

COPY export_model.objects (model, kind, identity, header) FROM stdin;
fraud	function	"fraud"."run_score_0e6cd705ec83"(bytea)	real
fraud	function	"fraud"."score_0e6cd705ec83"(bytea)	real
fraud	function	"fraud"."run_label_0e6cd705ec83"(bytea)	pg_catalog.text
fraud	function	"fraud"."label_0e6cd705ec83"(bytea)	pg_catalog.text
fraud	function	"fraud"."run_batch_0e6cd705ec83"(bytea, integer, text)	record
fraud	function	"fraud"."batch_0e6cd705ec83"(bytea, integer, text)	record
fraud	alias	"fraud"."score"(real[])	("dense_0_input" real[]) returns real
fraud	alias	"fraud"."score"(double precision, double precision, double precision)	("a" double precision, "b" double precision, "c" double precision) returns real
fraud	alias	"fraud"."score"("public"."cards")	("row" "public"."cards") returns real
fraud	alias	"fraud"."label"(real[])	("dense_0_input" real[]) returns pg_catalog.text
fraud	alias	"fraud"."label"(double precision, double precision, double precision)	("a" double precision, "b" double precision, "c" double precision) returns pg_catalog.text
fraud	alias	"fraud"."label"("public"."cards")	("row" "public"."cards") returns pg_catalog.text
fraud	alias	"fraud"."pack"(real[])	("dense_0_input" real[]) returns bytea
fraud	alias	"fraud"."pack"(double precision, double precision, double precision)	("a" double precision, "b" double precision, "c" double precision) returns bytea
fraud	alias	"fraud"."pack"("public"."cards")	("row" "public"."cards") returns bytea
fraud	alias	"fraud"."scorer"()	() returns jsonb
fraud	alias	"fraud"."score_batch"(anyarray, bytea)	(keys anyarray, rows bytea) returns table (key anyelement, "score" real)
fraud	alias	"fraud"."score_table"(text, text)	(source text, key_column text) returns table (key text, "score" real)
fraud	alias	"fraud"."label_batch"(anyarray, bytea)	(keys anyarray, rows bytea) returns table (key anyelement, "label" pg_catalog.text)
fraud	alias	"fraud"."label_table"(text, text)	(source text, key_column text) returns table (key text, "label" pg_catalog.text)
fraud	alias	"fraud"."score_into"(text, text, text)	(source text, key_column text, target text) returns nothing
fraud	alias	"fraud"."verify"()	() returns table with form
fraud	function	"fraud"."run_score_79edef71c9e3"(bytea)	real
fraud	function	"fraud"."score_79edef71c9e3"(bytea)	real
fraud	function	"fraud"."run_label_79edef71c9e3"(bytea)	pg_catalog.text
fraud	function	"fraud"."label_79edef71c9e3"(bytea)	pg_catalog.text
fraud	function	"fraud"."run_batch_79edef71c9e3"(bytea, integer, text)	record
fraud	function	"fraud"."batch_79edef71c9e3"(bytea, integer, text)	record
plain	function	"plain"."run_score_c75d89980096"(bytea)	real
plain	function	"plain"."score_c75d89980096"(bytea)	real
plain	function	"plain"."run_batch_c75d89980096"(bytea, integer, text)	record
plain	function	"plain"."batch_c75d89980096"(bytea, integer, text)	record
plain	alias	"plain"."score"(real[])	("dense_0_input" real[]) returns real
plain	alias	"plain"."pack"(real[])	("dense_0_input" real[]) returns bytea
plain	alias	"plain"."scorer"()	() returns jsonb
plain	alias	"plain"."score_batch"(anyarray, bytea)	(keys anyarray, rows bytea) returns table (key anyelement, "score" real)
plain	alias	"plain"."score_table"(text, text)	(source text, key_column text) returns table (key text, "score" real)
plain	alias	"plain"."score_into"(text, text, text)	(source text, key_column text, target text) returns nothing
plain	alias	"plain"."verify"()	() returns table with form
two	type	"two"."outputs_91e0cfde"	
two	function	"two"."run_score_eeb2f85bc215"(bytea, bytea)	"two"."outputs_91e0cfde"
two	function	"two"."score_eeb2f85bc215"(bytea, bytea)	"two"."outputs_91e0cfde"
two	function	"two"."run_batch_eeb2f85bc215"(bytea, integer, text)	record
two	function	"two"."batch_eeb2f85bc215"(bytea, integer, text)	record
two	alias	"two"."score"(real[], real[])	("a" real[], "b" real[]) returns "two"."outputs_91e0cfde"
two	alias	"two"."pack"(real[], real[])	("a" real[], "b" real[]) returns bytea
two	alias	"two"."scorer"()	() returns jsonb
two	alias	"two"."score_batch"(anyarray, bytea)	(keys anyarray, rows bytea) returns table (key anyelement, "score" "two"."outputs_91e0cfde")
two	alias	"two"."score_table"(text, text)	(source text, key_column text) returns table (key text, "score" "two"."outputs_91e0cfde")
two	alias	"two"."score_into"(text, text, text)	(source text, key_column text, target text) returns nothing
two	alias	"two"."verify"()	() returns table with form
words	function	"words"."run_score_bcae8574d08a"(bytea)	real[]
words	function	"words"."score_bcae8574d08a"(bytea)	real[]
words	function	"words"."run_label_bcae8574d08a"(bytea)	pg_catalog.text
words	function	"words"."label_bcae8574d08a"(bytea)	pg_catalog.text
words	function	"words"."run_batch_bcae8574d08a"(bytea, integer, text)	record
words	function	"words"."batch_bcae8574d08a"(bytea, integer, text)	record
words	alias	"words"."score"(text[])	("words" text[]) returns real[]
words	alias	"words"."score"(text, text)	("one" text, "other" text) returns real[]
words	alias	"words"."label"(text[])	("words" text[]) returns pg_catalog.text
words	alias	"words"."label"(text, text)	("one" text, "other" text) returns pg_catalog.text
words	alias	"words"."pack"(text[])	("words" text[]) returns bytea
words	alias	"words"."pack"(text, text)	("one" text, "other" text) returns bytea
words	alias	"words"."scorer"()	() returns jsonb
words	alias	"words"."score_batch"(anyarray, bytea)	(keys anyarray, rows bytea) returns table (key anyelement, "score" real[])
words	alias	"words"."score_table"(text, text)	(source text, key_column text) returns table (key text, "score" real[])
words	alias	"words"."label_batch"(anyarray, bytea)	(keys anyarray, rows bytea) returns table (key anyelement, "label" pg_catalog.text)
words	alias	"words"."label_table"(text, text)	(source text, key_column text) returns table (key text, "label" pg_catalog.text)
words	alias	"words"."score_into"(text, text, text)	(source text, key_column text, target text) returns nothing
words	alias	"words"."verify"()	() returns table with form
\.


--
-- Data for Name: samples; Type: TABLE DATA; Schema: export_model; Owner: -
--

COPY export_model.samples (version, sample, is_output, port, name, numbers, texts) FROM stdin;
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	0	f	0	dense_0_input	{0,0,0}	\N
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	0	t	0	dense_1	{0.49827832}	\N
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	1	f	0	dense_0_input	{-0.17052582,-0.5162452,1.8139517}	\N
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	1	t	0	dense_1	{0.46787587}	\N
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	2	f	0	dense_0_input	{-1.0269704,-0.91312736,-2.4507058}	\N
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	2	t	0	dense_1	{0.50020355}	\N
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	0	f	0	dense_0_input	{0,0,0}	\N
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	0	t	0	dense_1	{0.5217442}	\N
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	1	f	0	dense_0_input	{-1.094887,-0.18019503,-0.03878115}	\N
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	1	t	0	dense_1	{0.35643998}	\N
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	2	f	0	dense_0_input	{-2.4392343,2.2900832,-0.39896917}	\N
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	2	t	0	dense_1	{0.11089368}	\N
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	0	f	0	dense_0_input	{0,0}	\N
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	0	t	0	dense_1	{-0.3959354}	\N
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	1	f	0	dense_0_input	{0.0774589,0.13357423}	\N
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	1	t	0	dense_1	{-0.31161645}	\N
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	2	f	0	dense_0_input	{1.1004442,3.1377463}	\N
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	2	t	0	dense_1	{0.13117912}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	0	f	0	a	{0,0,0}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	0	f	1	b	{0,0,0,0}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	0	t	0	one	{0.3132905}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	0	t	1	two	{-0.06308597,-0.5894313}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	1	f	0	a	{1.9014957,-0.57664406,-0.008659862}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	1	f	1	b	{0.2776245,0.2541882,-1.020265,-2.1491582}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	1	t	0	one	{0.48437443}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	1	t	1	two	{3.4217734,1.7484733}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	2	f	0	a	{0.28520206,-3.1788542,-0.7964635}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	2	f	1	b	{5.3611846,5.7370877,0.8823141,-3.693351}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	2	t	0	one	{0.9999994}	\N
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	2	t	1	two	{2.733394,-15.911192}	\N
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	0	f	0	words	\N	{"no word of the vocabulary","no word of the vocabulary"}
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	0	t	0	dense	{0.2696915,0.54039997,0.18990856}	\N
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	1	f	0	words	\N	{"no word of the vocabulary",ja}
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	1	t	0	dense	{0.24157642,0.5559189,0.20250472}	\N
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	2	f	0	words	\N	{"no word of the vocabulary",a'b}
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	2	t	0	dense	{0.12529066,0.565929,0.30878034}	\N
\.


--
-- Data for Name: tensors; Type: TABLE DATA; Schema: export_model; Owner: -
--

COPY export_model.tensors (version, tensor, name, shape, first_number, numbers, sha256) FROM stdin;
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	0	dense_0/kernel	{3,4}	0	12	7e231e2cd07d3d993dbfc3456b9df277fb45d8e4bf0dfa6daac9678d729bee0c
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	1	dense_0/bias	{4}	12	4	1bbe122be85c415854ead2d15db4d6b1d84eb913c21a77594801c316281a7f19
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	2	dense_1/kernel	{4,1}	16	4	8b4c3f8c9895a70a7b42412a651cf0a09809c03e05c4fc7ac2c0404601276028
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	3	dense_1/bias	{1}	20	1	456ddfed34608fc6da640ca5b3f1ee2498bd3a8b4248528d4ab1a194fe3edda3
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	0	dense_0/kernel	{3,4}	0	12	90035099b5baff27cdf381315f2f2ae22ea2e16a5b71d74b670c93c76c7cdfef
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	1	dense_0/bias	{4}	12	4	e600792ec250369529b403aa0be3c609dbd72a65f1e2ff892759ce63b29cda0a
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	2	dense_1/kernel	{4,1}	16	4	facf58d46e48b0efc7a7c53171c29821158412de12fe57a47a108785c1373bfc
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	3	dense_1/bias	{1}	20	1	9e572966fa4b628c9fcb0dfbed21737447fe73315d570c1704922a5f5758cd0b
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	0	dense_0/kernel	{2,3}	0	6	d28467e94eb0e57b90a7ea6a682cd6051ab40b90cd33eb67ee777904e3208e57
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	1	dense_0/bias	{3}	6	3	80b3f1bf487c68abada875e5bf2b8f005c6781afdb0e64858a7567b6abebd656
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	2	dense_1/kernel	{3,1}	9	3	5cd82d9dd39e8c71526b6ac4657b91db7403facc591ca87f1e2ab75274b7515b
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	3	dense_1/bias	{1}	12	1	524c6900b29187e7553fe676e3634bb8488236791cfa07a8d183e01983f4b876
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	0	one/kernel	{7,1}	0	7	7ff15a39065b6775d9714ec0fce5ca541f2238acb6449f4a83cbfd9ba695b770
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	1	one/bias	{1}	7	1	541537349b8c46bd899b31e82dbba599075689c1ae3e77732b6c152b7a3b7c81
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	2	two/kernel	{7,2}	8	14	bc7c2d9cebc22dce04003129a545572c92de497fc180c60e6c3db7f21bb9f932
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	3	two/bias	{2}	22	2	79076a9193123b4c2b3655fd07eefbffb04791574f4da84ab9b2c46273cfec79
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	0	lookup/places	{3}	0	3	8e628779e6a74ee0b36991c10158f63cafec7d340ad4e075592502c8708524dd
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	1	dense/kernel	{4,3}	3	12	dca44f105a9ab4d2aca1a5eb3273be62569f329c835abab0530b158ec695723a
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	2	dense/bias	{3}	15	3	861bacb97c44fdb944f2babe9548764ed87269882ebefa122b007d9c1385d821
\.


--
-- Data for Name: versions; Type: TABLE DATA; Schema: export_model; Owner: -
--

COPY export_model.versions (version, model, database, engine, graph_digest, source_file, source_sha256, format, format_version, parameters, inputs, outputs, features, labels, threshold, plan, manifest, runtime, weight_bytes, chunks, expected_by, tolerance, exporter_version, deployed_at, deployed_by) FROM stdin;
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	fraud	postgres	plpython	dbd31531cde464d32e58bcb43ceecaa2c0a4ee514cec9a4e8c4dc5f73bdc5081	first.h5	75b70632c29b6f40c81ce212fe7a20c6d9b979b2d43a350c7a0285a7f1d95627	keras	2.2.4	21	dense_0_input (3)	dense_1 (1)	{a,b,c}	{good,bad}	0.5	{"format":1,"exporter":"0.1.0","model":"fraud","inputs":[{"name":"dense_0_input","shape":[3]}],"outputs":[{"name":"dense_1","shape":[1],"value":4}],"features":["a","b","c"],"feature_table":["public","cards"],"labels":["good","bad"],"threshold":0.5,"batch_rows":1024,"steps":[{"kernel":"dense","inputs":[0],"output":1,"parameters":{},"tensors":{"kernel":0,"bias":1}},{"kernel":"activation","inputs":[1],"output":2,"parameters":{"function":"relu","parameters":{}},"tensors":{}},{"kernel":"dense","inputs":[2],"output":3,"parameters":{},"tensors":{"kernel":2,"bias":3}},{"kernel":"activation","inputs":[3],"output":4,"parameters":{"function":"sigmoid","parameters":{}},"tensors":{}}],"tensors":[["dense_0/kernel",0,[3,4]],["dense_0/bias",12,[4]],["dense_1/kernel",16,[4,1]],["dense_1/bias",20,[1]]]}	{"manifest":1,"version":"0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22","weight_bytes":84,"source":{"format":"keras","format_version":"2.2.4","file_name":"first.h5","sha256":"75b70632c29b6f40c81ce212fe7a20c6d9b979b2d43a350c7a0285a7f1d95627"},"graph_digest":"dbd31531cde464d32e58bcb43ceecaa2c0a4ee514cec9a4e8c4dc5f73bdc5081","parameters":21,"layers":["dense_0","dense_0","dense_1","dense_1"],"expected_by":"export-model, float64","tolerance":1e-05,"exporter":"0.1.0"}	runtime_834039b3c8bc	84	1	export-model, float64	1e-05	0.1.0	2026-11-22 01:42:47.858575+00	postgres
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	fraud	postgres	plpython	900ae18aee4c7c7c1a43d928a998ced01fe121aa0e4b53e56218b7dc0da5de89	fraud.h5	2400d6c666e24bcccacffc89fb326940142872b60776b6aab4a8219051199527	keras	2.2.4	21	dense_0_input (3)	dense_1 (1)	{a,b,c}	{good,bad}	0.5	{"format":1,"exporter":"0.1.0","model":"fraud","inputs":[{"name":"dense_0_input","shape":[3]}],"outputs":[{"name":"dense_1","shape":[1],"value":4}],"features":["a","b","c"],"feature_table":["public","cards"],"labels":["good","bad"],"threshold":0.5,"batch_rows":1024,"steps":[{"kernel":"dense","inputs":[0],"output":1,"parameters":{},"tensors":{"kernel":0,"bias":1}},{"kernel":"activation","inputs":[1],"output":2,"parameters":{"function":"relu","parameters":{}},"tensors":{}},{"kernel":"dense","inputs":[2],"output":3,"parameters":{},"tensors":{"kernel":2,"bias":3}},{"kernel":"activation","inputs":[3],"output":4,"parameters":{"function":"sigmoid","parameters":{}},"tensors":{}}],"tensors":[["dense_0/kernel",0,[3,4]],["dense_0/bias",12,[4]],["dense_1/kernel",16,[4,1]],["dense_1/bias",20,[1]]]}	{"manifest":1,"version":"79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda","weight_bytes":84,"source":{"format":"keras","format_version":"2.2.4","file_name":"fraud.h5","sha256":"2400d6c666e24bcccacffc89fb326940142872b60776b6aab4a8219051199527"},"graph_digest":"900ae18aee4c7c7c1a43d928a998ced01fe121aa0e4b53e56218b7dc0da5de89","parameters":21,"layers":["dense_0","dense_0","dense_1","dense_1"],"expected_by":"export-model, float64","tolerance":1e-05,"exporter":"0.1.0"}	runtime_834039b3c8bc	84	1	export-model, float64	1e-05	0.1.0	2026-11-22 01:42:49.640872+00	postgres
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	plain	postgres	plpython	399838c3c177e67a385f87d077f88a5a043a4167ed82f4d4691e538695cd4c33	plain.h5	8312a471bf9e5ba7c3f2c6d871ffb9437c9b97a83e73c9db55555863f688e76a	keras	2.2.4	13	dense_0_input (2)	dense_1 (1)	{}	{}	\N	{"format":1,"exporter":"0.1.0","model":"plain","inputs":[{"name":"dense_0_input","shape":[2]}],"outputs":[{"name":"dense_1","shape":[1],"value":3}],"features":[],"feature_table":[],"labels":[],"threshold":null,"batch_rows":1024,"steps":[{"kernel":"dense","inputs":[0],"output":1,"parameters":{},"tensors":{"kernel":0,"bias":1}},{"kernel":"activation","inputs":[1],"output":2,"parameters":{"function":"tanh","parameters":{}},"tensors":{}},{"kernel":"dense","inputs":[2],"output":3,"parameters":{},"tensors":{"kernel":2,"bias":3}}],"tensors":[["dense_0/kernel",0,[2,3]],["dense_0/bias",6,[3]],["dense_1/kernel",9,[3,1]],["dense_1/bias",12,[1]]]}	{"manifest":1,"version":"c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1","weight_bytes":52,"source":{"format":"keras","format_version":"2.2.4","file_name":"plain.h5","sha256":"8312a471bf9e5ba7c3f2c6d871ffb9437c9b97a83e73c9db55555863f688e76a"},"graph_digest":"399838c3c177e67a385f87d077f88a5a043a4167ed82f4d4691e538695cd4c33","parameters":13,"layers":["dense_0","dense_0","dense_1"],"expected_by":"export-model, float64","tolerance":1e-05,"exporter":"0.1.0"}	runtime_834039b3c8bc	52	1	export-model, float64	1e-05	0.1.0	2026-11-22 01:42:50.873072+00	postgres
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	two	postgres	plpython	13edc9bad7ab976368f20e28ed977484aed318399aa07c1881fcc688b79540a6	two.h5	7f009df4bbe55892c714da2d8f1d143966082ec9ae8b94ea7632d05645644f85	keras	2.2.4	24	a (3), b (2 x 2)	one (1), two (2)	{}	{}	\N	{"format":1,"exporter":"0.1.0","model":"two","inputs":[{"name":"a","shape":[3]},{"name":"b","shape":[2,2]}],"outputs":[{"name":"one","shape":[1],"value":5},{"name":"two","shape":[2],"value":6}],"features":[],"feature_table":[],"labels":[],"threshold":null,"batch_rows":1024,"steps":[{"kernel":"reshape","inputs":[1],"output":2,"parameters":{"shape":[-1]},"tensors":{}},{"kernel":"concatenate","inputs":[0,2],"output":3,"parameters":{"axis":1},"tensors":{}},{"kernel":"dense","inputs":[3],"output":4,"parameters":{},"tensors":{"kernel":0,"bias":1}},{"kernel":"activation","inputs":[4],"output":5,"parameters":{"function":"sigmoid","parameters":{}},"tensors":{}},{"kernel":"dense","inputs":[3],"output":6,"parameters":{},"tensors":{"kernel":2,"bias":3}}],"tensors":[["one/kernel",0,[7,1]],["one/bias",7,[1]],["two/kernel",8,[7,2]],["two/bias",22,[2]]]}	{"manifest":1,"version":"eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7","weight_bytes":96,"source":{"format":"keras","format_version":"2.2.4","file_name":"two.h5","sha256":"7f009df4bbe55892c714da2d8f1d143966082ec9ae8b94ea7632d05645644f85"},"graph_digest":"13edc9bad7ab976368f20e28ed977484aed318399aa07c1881fcc688b79540a6","parameters":24,"layers":["flat","both","one","one","two"],"expected_by":"export-model, float64","tolerance":1e-05,"exporter":"0.1.0"}	runtime_834039b3c8bc	96	1	export-model, float64	1e-05	0.1.0	2026-11-22 01:42:52.205129+00	postgres
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	words	postgres	plpython	e0222ccd0754a025cc72066123e64d812deae8ec67365ed3ebd3111aaff0c420	words.h5	b27bd4f8e2cf2eaa9d70f5cedf1999eff9a1bb60baccd32e2257859879e02418	keras	2.4.0	15	words (2)	dense (3)	{one,other}	{0,1,2}	\N	{"format":1,"exporter":"0.1.0","model":"words","inputs":[{"name":"words","shape":[2],"dtype":"text"}],"outputs":[{"name":"dense","shape":[3],"value":4}],"features":["one","other"],"feature_table":[],"labels":["0","1","2"],"threshold":null,"batch_rows":1024,"steps":[{"kernel":"string_lookup","inputs":[0],"output":1,"parameters":{"words":["ja","gr\\u00f6\\u00dfer","a'b"],"default":0.0},"tensors":{"places":0}},{"kernel":"encode","inputs":[1],"output":2,"parameters":{"depth":4,"mode":"count"},"tensors":{}},{"kernel":"dense","inputs":[2],"output":3,"parameters":{},"tensors":{"kernel":1,"bias":2}},{"kernel":"softmax","inputs":[3],"output":4,"parameters":{"axis":1},"tensors":{}}],"tensors":[["lookup/places",0,[3]],["dense/kernel",3,[4,3]],["dense/bias",15,[3]]]}	{"manifest":1,"version":"bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9","weight_bytes":72,"source":{"format":"keras","format_version":"2.4.0","file_name":"words.h5","sha256":"b27bd4f8e2cf2eaa9d70f5cedf1999eff9a1bb60baccd32e2257859879e02418"},"graph_digest":"e0222ccd0754a025cc72066123e64d812deae8ec67365ed3ebd3111aaff0c420","parameters":15,"layers":["lookup","lookup","dense","dense"],"expected_by":"export-model, float64","tolerance":1e-05,"exporter":"0.1.0"}	runtime_834039b3c8bc	72	1	export-model, float64	1e-05	0.1.0	2026-11-22 01:42:54.015305+00	postgres
\.


--
-- Data for Name: cards; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.cards (id, a, b, c) FROM stdin;
1	0.84147096	0.5403023058681398	1
2	0.9092974	-0.4161468365471424	2
3	0.14112	-0.9899924966004454	3
4	-0.7568025	-0.6536436208636119	4
5	-0.9589243	0.28366218546322625	0
6	-0.2794155	0.960170286650366	1
7	0.6569866	\N	2
8	0.98935825	-0.14550003380861354	3
9	0.4121185	-0.9111302618846769	4
10	-0.5440211	-0.8390715290764524	0
11	-0.9999902	0.004425697988050785	1
12	-0.53657293	0.8438539587324921	2
13	0.42016703	0.9074467814501962	3
14	0.9906074	0.1367372182078336	4
15	0.65028787	-0.7596879128588213	0
16	-0.2879033	-0.9576594803233847	1
17	-0.96139747	-0.27516333805159693	2
18	-0.75098723	0.6603167082440802	3
19	0.1498772	0.9887046181866692	4
20	0.9129453	0.40808206181339196	0
\.


--
-- Data for Name: expected; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.expected (id, fraud, label, plain, two, words) FROM stdin;
1	0.57860905	bad	1.1025193	{-1.3479478,-0.38854894}	{0.06696025,0.80794007,0.1250997}
2	0.537385	bad	1.4458953	{-3.1001754,3.0465777}	{0.10963405,0.56871873,0.3216472}
3	0.5508399	bad	0.6828733	{-4.9792953,5.1835346}	{0.06696025,0.80794007,0.1250997}
4	0.5567977	bad	-1.3527938	{-6.7172427,5.0799923}	{0.10963405,0.56871873,0.3216472}
5	0.34641418	good	-1.6225191	{-0.23797911,-1.7065383}	{0.06696025,0.80794007,0.1250997}
6	0.50872177	bad	-1.3970487	{-1.5356863,-1.9059396}	{0.10963405,0.56871873,0.3216472}
7	\N	\N	\N	\N	{0.06696025,0.80794007,0.1250997}
8	0.5727868	bad	1.4486203	{-4.617477,3.5464816}	{0.10963405,0.56871873,0.3216472}
9	0.55843616	bad	1.1072516	{-6.487355,6.230132}	{0.06696025,0.80794007,0.1250997}
10	0.48370686	good	-0.9912212	{-0.35137966,1.1733614}	{0.10963405,0.56871873,0.3216472}
11	0.4011594	good	-1.61183	{-1.8881149,0.055953324}	{0.06696025,0.80794007,0.1250997}
12	0.52944434	bad	-1.5392078	{-3.2065165,-0.63243854}	{0.10963405,0.56871873,0.3216472}
13	0.6389127	bad	-0.033970654	{-4.5540404,0.7634703}	{0.06696025,0.80794007,0.1250997}
14	0.6106151	bad	1.3934288	{-6.1513696,3.9826665}	{0.10963405,0.56871873,0.3216472}
15	0.52154875	bad	1.3242568	{-0.05174887,1.527751}	{0.06696025,0.80794007,0.1250997}
16	0.5345912	bad	-0.37520504	{-1.9003179,2.6863737}	{0.10963405,0.56871873,0.3216472}
17	0.4479627	good	-1.5691718	{-3.5193338,1.8556166}	{0.06696025,0.80794007,0.1250997}
18	0.53169787	bad	-1.5971943	{-4.8798695,0.82165325}	{0.10963405,0.56871873,0.3216472}
19	0.66123456	bad	-0.7605705	{-6.1906443,1.5574856}	{0.06696025,0.80794007,0.1250997}
20	0.55427456	bad	1.2446083	{0.23163956,-1.1510949}	{0.10963405,0.56871873,0.3216472}
\.


--
-- Data for Name: scores; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.scores (key, score, label, model_version, scored_at) FROM stdin;
1	0.57860905	bad	79edef71c9e3	2026-11-22 01:42:57.723144+00
2	0.537385	bad	79edef71c9e3	2026-11-22 01:42:57.72339+00
3	0.5508399	bad	79edef71c9e3	2026-11-22 01:42:57.723394+00
4	0.5567977	bad	79edef71c9e3	2026-11-22 01:42:57.723395+00
5	0.34641418	good	79edef71c9e3	2026-11-22 01:42:57.723396+00
6	0.50872177	bad	79edef71c9e3	2026-11-22 01:42:57.723397+00
7	\N	\N	79edef71c9e3	2026-11-22 01:42:57.723398+00
8	0.5727868	bad	79edef71c9e3	2026-11-22 01:42:57.723399+00
9	0.55843616	bad	79edef71c9e3	2026-11-22 01:42:57.7234+00
10	0.48370686	good	79edef71c9e3	2026-11-22 01:42:57.723401+00
11	0.4011594	good	79edef71c9e3	2026-11-22 01:42:57.723402+00
12	0.52944434	bad	79edef71c9e3	2026-11-22 01:42:57.723403+00
13	0.6389127	bad	79edef71c9e3	2026-11-22 01:42:57.723404+00
14	0.6106151	bad	79edef71c9e3	2026-11-22 01:42:57.723404+00
15	0.52154875	bad	79edef71c9e3	2026-11-22 01:42:57.723405+00
16	0.5345912	bad	79edef71c9e3	2026-11-22 01:42:57.723406+00
17	0.4479627	good	79edef71c9e3	2026-11-22 01:42:57.723407+00
18	0.53169787	bad	79edef71c9e3	2026-11-22 01:42:57.723408+00
19	0.66123456	bad	79edef71c9e3	2026-11-22 01:42:57.723409+00
20	0.55427456	bad	79edef71c9e3	2026-11-22 01:42:57.723409+00
\.


--
-- Name: chunks chunks_pkey; Type: CONSTRAINT; Schema: export_model; Owner: -
--

ALTER TABLE ONLY export_model.chunks
    ADD CONSTRAINT chunks_pkey PRIMARY KEY (version, chunk);


--
-- Name: models models_pkey; Type: CONSTRAINT; Schema: export_model; Owner: -
--

ALTER TABLE ONLY export_model.models
    ADD CONSTRAINT models_pkey PRIMARY KEY (name);


--
-- Name: objects objects_pkey; Type: CONSTRAINT; Schema: export_model; Owner: -
--

ALTER TABLE ONLY export_model.objects
    ADD CONSTRAINT objects_pkey PRIMARY KEY (model, identity);


--
-- Name: samples samples_pkey; Type: CONSTRAINT; Schema: export_model; Owner: -
--

ALTER TABLE ONLY export_model.samples
    ADD CONSTRAINT samples_pkey PRIMARY KEY (version, sample, is_output, port);


--
-- Name: tensors tensors_pkey; Type: CONSTRAINT; Schema: export_model; Owner: -
--

ALTER TABLE ONLY export_model.tensors
    ADD CONSTRAINT tensors_pkey PRIMARY KEY (version, tensor);


--
-- Name: versions versions_pkey; Type: CONSTRAINT; Schema: export_model; Owner: -
--

ALTER TABLE ONLY export_model.versions
    ADD CONSTRAINT versions_pkey PRIMARY KEY (version);


--
-- Name: cards cards_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_pkey PRIMARY KEY (id);


--
-- Name: scores scores_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.scores
    ADD CONSTRAINT scores_pkey PRIMARY KEY (key, model_version);


--
-- Name: SCHEMA export_model; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA export_model TO PUBLIC;


--
-- Name: SCHEMA fraud; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA fraud TO clerk;


--
-- Name: FUNCTION cache_limit(); Type: ACL; Schema: export_model; Owner: -
--

REVOKE ALL ON FUNCTION export_model.cache_limit() FROM PUBLIC;


--
-- Name: FUNCTION collect(chunk bytea, first bigint, total bigint); Type: ACL; Schema: export_model; Owner: -
--

REVOKE ALL ON FUNCTION export_model.collect(chunk bytea, first bigint, total bigint) FROM PUBLIC;


--
-- Name: FUNCTION drop_model(p_model text, p_force boolean); Type: ACL; Schema: export_model; Owner: -
--

REVOKE ALL ON FUNCTION export_model.drop_model(p_model text, p_force boolean) FROM PUBLIC;


--
-- Name: FUNCTION evict(wanted bigint, size_limit bigint, since double precision, known text[]); Type: ACL; Schema: export_model; Owner: -
--

REVOKE ALL ON FUNCTION export_model.evict(wanted bigint, size_limit bigint, since double precision, known text[]) FROM PUBLIC;


--
-- Name: FUNCTION load(p_version text); Type: ACL; Schema: export_model; Owner: -
--

REVOKE ALL ON FUNCTION export_model.load(p_version text) FROM PUBLIC;


--
-- Name: FUNCTION loaded(version text); Type: ACL; Schema: export_model; Owner: -
--

REVOKE ALL ON FUNCTION export_model.loaded(version text) FROM PUBLIC;


--
-- Name: FUNCTION runtime_834039b3c8bc(version text, plan text, weights bytea); Type: ACL; Schema: export_model; Owner: -
--

REVOKE ALL ON FUNCTION export_model.runtime_834039b3c8bc(version text, plan text, weights bytea) FROM PUBLIC;


--
-- Name: TABLE cards; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.cards TO clerk;


--
-- Name: FUNCTION run_batch_0e6cd705ec83(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: ACL; Schema: fraud; Owner: -
--

REVOKE ALL ON FUNCTION fraud.run_batch_0e6cd705ec83(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) FROM PUBLIC;


--
-- Name: FUNCTION run_batch_79edef71c9e3(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: ACL; Schema: fraud; Owner: -
--

REVOKE ALL ON FUNCTION fraud.run_batch_79edef71c9e3(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) FROM PUBLIC;


--
-- Name: FUNCTION run_label_0e6cd705ec83(p1 bytea); Type: ACL; Schema: fraud; Owner: -
--

REVOKE ALL ON FUNCTION fraud.run_label_0e6cd705ec83(p1 bytea) FROM PUBLIC;


--
-- Name: FUNCTION run_label_79edef71c9e3(p1 bytea); Type: ACL; Schema: fraud; Owner: -
--

REVOKE ALL ON FUNCTION fraud.run_label_79edef71c9e3(p1 bytea) FROM PUBLIC;


--
-- Name: FUNCTION run_score_0e6cd705ec83(p1 bytea); Type: ACL; Schema: fraud; Owner: -
--

REVOKE ALL ON FUNCTION fraud.run_score_0e6cd705ec83(p1 bytea) FROM PUBLIC;


--
-- Name: FUNCTION run_score_79edef71c9e3(p1 bytea); Type: ACL; Schema: fraud; Owner: -
--

REVOKE ALL ON FUNCTION fraud.run_score_79edef71c9e3(p1 bytea) FROM PUBLIC;


--
-- Name: FUNCTION run_batch_c75d89980096(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: ACL; Schema: plain; Owner: -
--

REVOKE ALL ON FUNCTION plain.run_batch_c75d89980096(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) FROM PUBLIC;


--
-- Name: FUNCTION run_score_c75d89980096(p1 bytea); Type: ACL; Schema: plain; Owner: -
--

REVOKE ALL ON FUNCTION plain.run_score_c75d89980096(p1 bytea) FROM PUBLIC;


--
-- Name: FUNCTION run_batch_eeb2f85bc215(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: ACL; Schema: two; Owner: -
--

REVOKE ALL ON FUNCTION two.run_batch_eeb2f85bc215(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) FROM PUBLIC;


--
-- Name: FUNCTION run_score_eeb2f85bc215(p1 bytea, p2 bytea); Type: ACL; Schema: two; Owner: -
--

REVOKE ALL ON FUNCTION two.run_score_eeb2f85bc215(p1 bytea, p2 bytea) FROM PUBLIC;


--
-- Name: FUNCTION run_batch_bcae8574d08a(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text); Type: ACL; Schema: words; Owner: -
--

REVOKE ALL ON FUNCTION words.run_batch_bcae8574d08a(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) FROM PUBLIC;


--
-- Name: FUNCTION run_label_bcae8574d08a(p1 bytea); Type: ACL; Schema: words; Owner: -
--

REVOKE ALL ON FUNCTION words.run_label_bcae8574d08a(p1 bytea) FROM PUBLIC;


--
-- Name: FUNCTION run_score_bcae8574d08a(p1 bytea); Type: ACL; Schema: words; Owner: -
--

REVOKE ALL ON FUNCTION words.run_score_bcae8574d08a(p1 bytea) FROM PUBLIC;


--
-- Name: TABLE watched; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.watched TO clerk;


--
-- PostgreSQL database dump complete
--


