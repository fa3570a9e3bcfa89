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

COMMENT ON SCHEMA export_model IS 'export-model registry, format 1';


--
-- Name: fraud; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA fraud;


--
-- Name: SCHEMA fraud; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA fraud IS 'export-model: fraud.h5, version 79edef71c9e3';


--
-- Name: plain; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA plain;


--
-- Name: SCHEMA plain; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA plain IS 'export-model: plain.h5, version c75d89980096';


--
-- Name: two; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA two;


--
-- Name: SCHEMA two; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA two IS 'export-model: two.h5, version eeb2f85bc215';


--
-- Name: words; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA words;


--
-- Name: SCHEMA words; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA words IS 'export-model: words.h5, version bcae8574d08a';


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
-- Name: answer_batch(text, text, regtype, anyarray, bytea); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.answer_batch(p_batch text, p_wanted text, p_result regtype, p_keys anyarray, p_rows bytea, OUT keys text[], OUT numbers real[], OUT texts text[], OUT bytes bigint) RETURNS record
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
  else
    texts := coalesce(l_scored.labels, l_scored.scores);
  end if;
  bytes := octet_length(p_rows);
end
$$;


--
-- Name: FUNCTION answer_batch(p_batch text, p_wanted text, p_result regtype, p_keys anyarray, p_rows bytea, OUT keys text[], OUT numbers real[], OUT texts text[], OUT bytes bigint); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.answer_batch(p_batch text, p_wanted text, p_result regtype, p_keys anyarray, p_rows bytea, OUT keys text[], OUT numbers real[], OUT texts text[], OUT bytes bigint) IS 'export-model 86aabe39053e a3a92c4aa3d1 825d436beddd ';


--
-- Name: array_bytes(anyarray); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.array_bytes(anyarray) RETURNS bytea
    LANGUAGE internal STABLE STRICT PARALLEL SAFE
    AS $$byteasend$$;


--
-- Name: FUNCTION array_bytes(anyarray); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.array_bytes(anyarray) IS 'export-model 86aabe39053e 59363b92609f 1d783e13c13a ';


--
-- Name: ask_types(text, text[]); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.ask_types(p_from text, p_columns text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
select format('select array[%s]', string_agg(
  format('pg_catalog.pg_typeof((select s.%I from %s s where false))', c, p_from), ', ' order by n))
from unnest(p_columns) with ordinality as u (c, n)
$$;


--
-- Name: FUNCTION ask_types(p_from text, p_columns text[]); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.ask_types(p_from text, p_columns text[]) IS 'export-model 86aabe39053e 1ad2e2b9b4ca 103e8e45a529 ';


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

COMMENT ON FUNCTION export_model.cache_limit() IS 'export-model 86aabe39053e e9f80c05a92f c6a28bbbad8f ';


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

COMMENT ON FUNCTION export_model.check_key(p_source text, p_key text, p_from_item text) IS 'export-model 86aabe39053e 67a84c850f2b b083fb6dfef1 ';


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

COMMENT ON FUNCTION export_model.check_key_type(p_key text, p_type text) IS 'export-model 86aabe39053e 036849b523c2 f7b511b41c8d ';


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

COMMENT ON FUNCTION export_model.check_name(p_name text) IS 'export-model 86aabe39053e 5b1bf825b2bb 8eaf6c45808d ';


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

COMMENT ON FUNCTION export_model.check_settings(p_key text, p_type text) IS 'export-model 86aabe39053e a5e1fee60e50 868cbd2ff305 ';


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

COMMENT ON FUNCTION export_model.check_target(p_target regclass, p_key_type text, p_score_type text) IS 'export-model 86aabe39053e f750b1397515 dee4c79cf68e ';


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

COMMENT ON PROCEDURE export_model.check_transaction() IS 'export-model 86aabe39053e 512da63e36dd dabe928bad46 ';


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

COMMENT ON FUNCTION export_model.choose_blocks(p_blocks bigint, p_rows bigint, p_bytes bigint) IS 'export-model 86aabe39053e bfc84ce8bbb9 0eb023b69e50 ';


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

COMMENT ON FUNCTION export_model.collect(chunk bytea, first bigint, total bigint) IS 'export-model 86aabe39053e 9b5769a22513 94d55a986cc4 ';


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

COMMENT ON FUNCTION export_model.count_blocks(p_table regclass) IS 'export-model 86aabe39053e 935e53c6c1ee 6be49733dfaa ';


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

COMMENT ON FUNCTION export_model.describe_job(p_version text, p_target regclass, p_source jsonb) IS 'export-model 86aabe39053e b104895d992d 4cd7d613f353 ';


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
    select p.oid::regprocedure::text from pg_proc p where substr(obj_description(p.oid, 'pg_proc'), 53) = p_model
        and obj_description(p.oid, 'pg_proc') like 'export-model %' and p.proowner = any (l_owners) or p.pronamespace = l_schema
      and (obj_description(p.oid, 'pg_proc') like 'export-model %'
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
      where n.nspname = 'export_model' and (p.proname = any (array['loaded', 'cache_limit', 'evict', 'collect', 'load', 'drop_model', 'array_bytes', 'full_name', 'type_name', 'list_columns', 'ask_types', 'pack_item', 'pack_row', 'count_blocks', 'held_type', 'query_item', 'check_settings', 'source', 'gather_query', 'give_query', 'choose_blocks', 'fetch_batch', 'score_rows', 'answer_batch', 'score_source', 'target_query', 'list_types', 'check_target', 'check_name', 'prepare_target', 'has_key', 'check_key', 'check_key_type', 'lock_target', 'equality', 'describe_job', 'open_scoring', 'store_scores', 'score_blocks', 'score_fetched', 'rows_query', 'is_atomic', 'check_transaction', 'score_into', 'forget']::text[]) or p.proname like 'runtime\_%'
        or obj_description(p.oid, 'pg_proc') like 'export-model %')
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

COMMENT ON FUNCTION export_model.drop_model(p_model text, p_force boolean) IS 'export-model 86aabe39053e 3c5321aff063 9f6fed52b731 ';


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

COMMENT ON FUNCTION export_model.equality(p_target regclass) IS 'export-model 86aabe39053e 228f27251cf4 dda4012978ee ';


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

COMMENT ON FUNCTION export_model.evict(wanted bigint, size_limit bigint, since double precision, known text[]) IS 'export-model 86aabe39053e c4064c788aba 96eb40305bd4 ';


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

COMMENT ON FUNCTION export_model.fetch_batch(p_cursor refcursor, p_null anyelement, OUT keys anyarray, OUT rows bytea) IS 'export-model 86aabe39053e 3a85554956c6 2cd32c0bf8e8 ';


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

COMMENT ON FUNCTION export_model.forget() IS 'export-model 86aabe39053e de073fccf8dc 702fb43e482b ';


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

COMMENT ON FUNCTION export_model.full_name(p_table regclass) IS 'export-model 86aabe39053e 5b522158e56e 53c58b09cf4d ';


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

COMMENT ON FUNCTION export_model.gather_query(p_from_item text, p_key text, p_row_item text, p_condition text) IS 'export-model 86aabe39053e dd0250afdf19 91c45aeb5c87 ';


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

COMMENT ON FUNCTION export_model.give_query(p_type regtype) IS 'export-model 86aabe39053e 07cf8d56d050 064eb9ce45b9 ';


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

COMMENT ON FUNCTION export_model.has_key(p_table regclass, p_key text) IS 'export-model 86aabe39053e f991db1e5048 05ae83e56bea ';


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

COMMENT ON FUNCTION export_model.held_type(p_type regtype) IS 'export-model 86aabe39053e 9bc3dd504ebf 72fb5d0573e9 ';


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

COMMENT ON FUNCTION export_model.is_atomic(p_message text) IS 'export-model 86aabe39053e 18f505f41021 780ee84b7df2 ';


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

COMMENT ON FUNCTION export_model.list_columns(p_key text, p_inputs jsonb) IS 'export-model 86aabe39053e f3a5ed4ce570 8a8a83561cba ';


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

COMMENT ON FUNCTION export_model.list_types(p_names name[], p_types oid[]) IS 'export-model 86aabe39053e e5b0b2cddf22 29a99b88021e ';


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

COMMENT ON FUNCTION export_model.load(p_version text) IS 'export-model 86aabe39053e 64ae1bc65dbc eb3aa69be0f3 ';


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

COMMENT ON FUNCTION export_model.loaded(version text) IS 'export-model 86aabe39053e 1b3c6d718d58 7a81d78c6471 ';


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

COMMENT ON FUNCTION export_model.lock_target(p_target regclass) IS 'export-model 86aabe39053e 8c56e9ebc6de bdcb4c45cdfb ';


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

COMMENT ON FUNCTION export_model.open_scoring(p_scorer jsonb, p_source text, p_key text, p_target text) IS 'export-model 86aabe39053e 655b179015b4 47399181fcc6 ';


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
          case when p_is_text then 'text' else 'real' end || case when p_is_array then '[]' else '' end);
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

COMMENT ON FUNCTION export_model.pack_item(p_names text[], p_types regtype[], p_is_array boolean, p_is_text boolean) IS 'export-model 86aabe39053e 2f242ac442e4 1ef40279bf7a ';


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
    l_items := l_items || export_model.pack_item(l_names, p_types[l_first : l_first + cardinality(l_names) - 1],
      (l_input ->> 'is_array')::boolean, (l_input ->> 'is_text')::boolean);
    l_first := l_first + cardinality(l_names);
  end loop;
  return format('coalesce(%s, %L::pg_catalog.bytea)', array_to_string(l_items, ' operator(pg_catalog.||) '), E'\\xffffffff');
end
$$;


--
-- Name: FUNCTION pack_row(p_inputs jsonb, p_types regtype[]); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.pack_row(p_inputs jsonb, p_types regtype[]) IS 'export-model 86aabe39053e 8b2a5528d9af d0bfc30c3984 ';


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

COMMENT ON FUNCTION export_model.prepare_target(p_target text, p_key_type text, p_score_type text) IS 'export-model 86aabe39053e c69bb3814de6 4f6b0726200d ';


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

COMMENT ON FUNCTION export_model.query_item(p_source text) IS 'export-model 86aabe39053e d07cbcdb94aa c8310628b72c ';


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
    ' and pg_catalog.mod(pg_catalog.abs(pg_catalog.hashtext(pg_catalog.encode(export_model.array_bytes(array[%s]), %L))'
    '::pg_catalog.int8), %s) operator(pg_catalog.=) %s', p_job ->> 'held_item', 'hex', p_parts, p_part) end
$$;


--
-- Name: FUNCTION rows_query(p_job jsonb, p_part integer, p_parts integer); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.rows_query(p_job jsonb, p_part integer, p_parts integer) IS 'export-model 86aabe39053e d5acb493fede 111b6a88a584 ';


--
-- Name: runtime_4ab417093c3a(text, text, bytea); Type: FUNCTION; Schema: export_model; Owner: -
--

CREATE FUNCTION export_model.runtime_4ab417093c3a(version text, plan text, weights bytea DEFAULT NULL::bytea) RETURNS void
    LANGUAGE plpython3u PARALLEL RESTRICTED
    AS $$"""The kernels and the scoring function, in Python's standard library and numpy.

This file is imported by the exporter and its tests, and it is also, byte for byte, the body
of the PL/Python function that loads a model into a database session. There PostgreSQL runs it
as a function's body with the arguments `version`, `plan` and `weights`; hence no `from
__future__`, no multi-line string whose content matters, and no assignment to those names.

It never talks to the database: inside a parallel plan a query from PL/Python cannot start the
subtransaction that it needs, and PostgreSQL 15 then crashed (docs/decisions/0001).

A model is a plan (JSON: steps in order, each naming a kernel, its inputs and its tensors) and
one block of little-endian float32 numbers, the tensors in row-major order one after another.
"""

import hashlib
import json
import math
import os
import re
import string
import struct
import sys
import time

if "GD" in globals():
    # One thread a backend: sessions, workers and segments already use the cores, and threads
    # that fight for them made small products up to 3 times slower. Must precede numpy.
    for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(_variable, "1")

import numpy as np

KERNELS: dict = {}


def kernel(build):
    """Enter a kernel under its own name: build(**parameters) -> function of input arrays."""
    KERNELS[build.__name__] = build
    return build


# Activation functions: array in, array of the same shape and type out.


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


# Kernels: build(**parameters) gives a function from batches (rows, ...) to a batch.


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
def dense(kernel, bias=None):
    """y = x @ kernel + bias.

    Shapes: x (rows, ..., n), kernel (n, m), bias (m,) -> y (rows, ..., m).
    """

    def call(x):
        if x.ndim == 2:
            y = x @ kernel
            if bias is not None:
                y += bias
            return y
        return call(x.reshape(-1, kernel.shape[0])).reshape((*x.shape[:-1], kernel.shape[1]))

    return call


@kernel
def affine(scale, offset):
    """y = x * scale + offset, both broadcast over the batch."""
    return lambda x: x * scale + offset


@kernel
def standardize(mean, deviation):
    """y = (x - mean) / deviation, both broadcast over the batch."""
    return lambda x: (x - mean) / deviation


@kernel
def prelu(alpha):
    """y = x for x >= 0, alpha * x below; alpha broadcast over the batch."""
    return lambda x: np.where(x >= 0, x, alpha * x)


@kernel
def concatenate(axis):
    """Join the inputs along axis (which counts the batch as 0)."""
    return lambda *xs: np.concatenate(xs, axis=axis)


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


@kernel
def reshape(shape):
    """The same numbers in row-major order, each row as shape (one axis may be -1)."""
    return lambda x: x.reshape((x.shape[0], *shape))


@kernel
def transpose(axes):
    """Reorder the axes of each row; axes count the batch as 0."""
    return lambda x: x.transpose((0, *axes))


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
def constant(value):
    """The same numbers for every row, with 1 as the number of rows: they broadcast."""
    return lambda: value[None]


@kernel
def matmul():
    """y = x0 @ x1, matrix by matrix.

    Shapes: x0 (rows, ..., n, k), x1 (rows, ..., k, m) -> y (rows, ..., n, m).
    """
    return np.matmul


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
    all_places = np.append(places, places.dtype.type(default or 0)).astype(places.dtype)

    def call(x):
        numbers = [table.get(word, len(words)) for word in x.ravel().tolist()]
        if default is None and len(words) in numbers:
            word = x.ravel()[numbers.index(len(words))]
            raise ValueError(f"{word[:80]!r} is not in the vocabulary of {len(words)} words")
        return all_places[np.array(numbers, np.intp)].reshape(x.shape)

    return call


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


def _accumulate(function, arrays):
    """function(...function(function(a0, a1), a2)..., an)."""
    result = arrays[0]
    for array in arrays[1:]:
        result = function(result, array)
    return result


# Plans become closures, once a session.


class Model:
    """A loaded model: run() scores a batch, score() and label() one row as the server sends it.

    Built by load(). Inputs and outputs are lists of {"name", "shape"}; a shape leaves out the
    batch and holds None where the length is free. Inputs of texts have "dtype": "text".
    size_bytes is the weights' size, used when it scored last, in seconds since 1970.
    """

    def __init__(self, plan, tensors):
        self.name = plan["model"]
        self.inputs = plan["inputs"]
        self.outputs = plan["outputs"]
        self.labels = plan["labels"]
        self.threshold = plan["threshold"]
        self.dtype = tensors.dtype
        self.size_bytes = tensors.nbytes
        self.used = time.time()
        self.sizes = [_count(port["shape"]) for port in self.inputs]
        self.steps = _compile(plan, tensors)
        self.result_slots = [port["value"] for port in self.outputs]
        self.single = len(self.outputs) == 1
        self.scalar = [_count(port["shape"]) == 1 for port in self.outputs]
        self.batch_rows = plan["batch_rows"]
        self.quoted = [_quote(label) for label in self.labels]

    def run(self, batches):
        """Score a batch: one array (rows, ...) for each input -> one array for each output."""
        values = dict(enumerate(batches))
        with np.errstate(all="ignore"):
            for call, sources, target, finished in self.steps:
                values[target] = call(*[values[source] for source in sources])
                for slot in finished:
                    del values[slot]
        return [values[slot] for slot in self.result_slots]

    def score(self, *messages):
        """Score one row, a message for each input: decode_array() and decode_texts() read them.

        Returns: a float for one number, a list (row-major) for more, a tuple of those when the
        model has several outputs; None when any element is NULL.
        Raises: ValueError, when a length is not the input's.
        """
        self.used = time.time()
        rows = self.decode_row(messages)
        if rows is None:
            return None
        results = [
            y.item() if scalar else y.ravel().tolist()
            for y, scalar in zip(self.run(rows), self.scalar)
        ]
        return results[0] if self.single else tuple(results)

    def label(self, *messages):
        """Label of one row; None when any element is NULL or the scores are not numbers."""
        self.used = time.time()
        rows = self.decode_row(messages)
        if rows is None:
            return None
        (place,) = self._choose_labels(self.run(rows)[0])
        return None if place is None else self.labels[place]

    def answer(self, message, count, wanted):
        """score_batch() for the server: (scores, labels, place, problem), these for an error."""
        self.used = time.time()
        try:
            scores, labels = self.score_batch(message, count, wanted)
        except RowError as error:
            return None, None, error.place, str(error)
        return _array_literal(scores), _array_literal(labels), None, None

    def score_batch(self, message, count, wanted="both"):
        """Score the rows of a batch: packed rows one after another, see Rows.

        wanted is "score", "label" or "both".
        Returns: (scores, labels): one text a row, as PostgreSQL reads the result type inside an
        array, None for a row that holds a NULL; None for what is not wanted or not there.
        Raises: RowError, when a row is not what the inputs take.
        """
        groups = Rows(self, message, count).groups()
        scores = [None] * count if wanted != "label" else None
        labels = [None] * count if wanted != "score" and self.labels else None
        for places, inputs in groups:
            step = self._rows_at_once(inputs)
            for start in range(0, len(places), step):
                part = slice(start, start + step)
                results = self._run_rows(places[part], [x[part] for x in inputs])
                if scores is not None:
                    _place(scores, places[part], self._texts_of_scores(results))
                if labels is not None:
                    _place(labels, places[part], self._texts_of_labels(results[0]))
        return scores, labels

    def _rows_at_once(self, inputs):
        """How many of these rows to run at once: batch_rows counts a free length as 1."""
        free = 1
        for port, x in zip(self.inputs, inputs):
            lengths = [n for n, known in zip(x.shape[1:], port["shape"]) if known is None]
            free = max(free, math.prod(lengths))
        return max(1, self.batch_rows // free)

    def _run_rows(self, places, inputs):
        """run(); a row that a kernel refuses is looked for, so that the error can name it."""
        try:
            return self.run(inputs)
        except ValueError:
            for number, place in enumerate(places):
                try:
                    self.run([x[number : number + 1] for x in inputs])
                except ValueError as error:
                    raise RowError(place, str(error)) from error
            raise

    def _texts_of_scores(self, results):
        """One text a row: 0.5 for a number, "{0.5,1}" for several, for several outputs a composite
        value of those, "(0.5,\\"{0.5,1}\\")"; quoted as elements of an array are."""
        rows = len(results[0])
        fields = []
        for y, scalar in zip(results, self.scalar):
            field = ",".join(["%.9g"] * (y.size // rows))  # nine digits are exact for float32
            if not scalar:
                field = '"{' + field + '}"' if self.single else '\\"{' + field + '}\\"'
            fields.append(field)
        row = fields[0] if self.single else '"(' + ",".join(fields) + ')"'
        numbers = np.concatenate([y.reshape(rows, -1) for y in results], axis=1)
        return ("\n".join([row] * rows) % tuple(numbers.ravel().tolist())).split("\n")

    def _choose_labels(self, scores):
        """The place of one label a row; None where the scores are not numbers."""
        scores = scores.reshape(len(scores), -1)
        if self.threshold is not None:  # in double precision, which the threshold is
            chosen = (scores[:, 0].astype(np.float64) > self.threshold).astype(int)
        else:
            chosen = scores.argmax(axis=1)
        known = ~np.isnan(scores).any(axis=1)
        return [n if k else None for n, k in zip(chosen.tolist(), known.tolist())]

    def _texts_of_labels(self, scores):
        """One quoted label a row, None where there is none."""
        places = self._choose_labels(scores)
        return [None if place is None else self.quoted[place] for place in places]

    def decode_row(self, messages):
        """Messages -> arrays of one row each, or None when an element is NULL."""
        rows = []
        for port, size, message in zip(self.inputs, self.sizes, messages):
            is_text = port.get("dtype") == "text"
            decoded = decode_texts(message) if is_text else decode_array(message)
            if decoded is None:
                return None
            dims, values = decoded
            if not is_text:
                values = self.as_numbers(values)
            shape = self.row_shape(port, size, dims, values.size)
            rows.append(values.reshape((1, *shape)))
        return rows

    def as_numbers(self, values):
        """An array in the model's own type; too large a number becomes infinite, as in numpy."""
        with np.errstate(all="ignore"):
            return values.astype(self.dtype)

    def row_shape(self, port, size, dims, count):
        """The input's shape with free lengths filled in from the dimensions that were given."""
        shape = port["shape"]
        if size is not None:
            if count == size and (len(dims) <= 1 or list(dims) == list(shape)):
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
                port.get("dtype", "number"),
                "" if size == 1 else "s",
                "x".join(map(str, dims)) if dims else "0",
            )
        )


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


def decode_array(message):
    """Decode an array of numbers as it lies in PostgreSQL's memory, see Header.

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
    values, ends = decode_decimals(message, np.array([header.start]), header.count)
    if ends[0] != len(message):
        raise ValueError("the message ends before the array does")
    return header.dims, values.ravel()


POWERS = np.append(10.0 ** np.arange(309), np.inf)
MOST_DIGITS = 8  # of base 10,000: at least 29 decimal ones, where a double holds 17
LENGTH_WORD, LENGTH_SHIFT = (0, 2) if sys.byteorder == "little" else (1, 0)


def decode_decimals(message, starts, count):
    """Decode count numbers of PostgreSQL's numeric behind each start, all at once.

    A number is its length in bytes (4 bytes, the number of them included, times 4 on little-endian
    machines), then 16-bit words: a header that holds sign and weight of the first digit, or in the
    long form a header with the sign and one with the weight; then the digits, of base 10,000; then
    padding to 4 bytes. A cast in SQL would cost 0.25 us a number, as much as 500 weights do.

    Returns: (float64 array (rows, count), to four units in the last place; positions behind).
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
        values *= 10000
        values += words.take(first + digit, mode="clip") * (digits > digit)
    weights = (heads & 0x3F).astype(np.int32) - (heads & 0x40)
    if is_long.any():
        long_weights = words.take(places + 3, mode="clip").view(np.int16)
        weights = np.where(is_long, long_weights, weights)
    shift = 4 * (weights - (used - 1))
    power = POWERS.take(np.abs(shift), mode="clip")
    with np.errstate(all="ignore"):
        values = np.where(shift < 0, values / power, values * power)
    is_negative = np.where(is_long, heads & 0x4000, heads & 0x2000) != 0
    np.negative(values, out=values, where=is_negative)
    if is_special.any():
        for head, special in ((0xC000, np.nan), (0xD000, np.inf), (0xF000, -np.inf)):
            values[heads == head] = special
    return values, 2 * ends


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


class RowError(ValueError):
    """A row of a batch is not what the model takes; place counts rows from 0."""

    def __init__(self, place, text):
        super().__init__(text)
        self.place = place


NULL_ROW = b"\xff\xff\xff\xff"  # stands where a row, or one of its inputs, is NULL as a whole


class Rows:
    """Rows of a batch as they lie one after another in one message.

    A row is its inputs in order: numbers as decode_array() takes them, texts as decode_texts()'s
    JSON and a zero byte; or NULL_ROW. Rows whose headers are the same are read where they lie,
    without a Python object for each.
    """

    def __init__(self, model, message, count):
        self.model = model
        self.message = message
        self.count = count
        self.are_texts = [port.get("dtype") == "text" for port in model.inputs]
        self.found = {}
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
            (np.concatenate(places).tolist(), [np.concatenate(arrays) for arrays in zip(*parts)])
            for places, parts in self.found.values()
        ]

    def _read(self, position, place):
        """Read one row or more. Returns: (how many, the position behind them)."""
        if self.message[position : position + 4] == NULL_ROW:
            return 1, position + 4
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
        arrays = self.model.decode_row(parts)
        if arrays is not None:
            self._keep([place], arrays)
        return 1, end

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
        same = _count_alike(rows, headers)
        arrays = []
        start = position
        for header, port, size in zip(headers, self.model.inputs, self.model.sizes):
            shape = self.model.row_shape(port, size, header.dims, header.count)
            steps = (stride, header.type.itemsize)
            at = start + header.start
            values = np.ndarray((same, header.count), header.type, self.message, at, steps)
            arrays.append(self.model.as_numbers(values).reshape((same, *shape)))
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
        values, ends = decode_decimals(self.message, starts + header.start, header.count)
        # A header may also be found inside a number: rows count as long as each ends at the next.
        breaks = np.flatnonzero(ends[:-1] != starts[1:])
        same = int(breaks[0]) + 1 if len(breaks) else len(starts)
        self.window = 2 * same if len(breaks) else min(4 * self.window, self.count)
        if not starts[same - 1] + least <= ends[same - 1] <= len(self.message):
            raise ValueError("the message ends before the array does")
        port, size = self.model.inputs[0], self.model.sizes[0]
        shape = self.model.row_shape(port, size, header.dims, header.count)
        numbers = self.model.as_numbers(values[:same])
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


def _count_alike(rows, headers):
    """How many rows of bytes, from the first on, have the first one's headers."""
    alike = 1
    window = 64  # grows: many short runs cost little, and a long one few comparisons
    while alike < len(rows):
        part = rows[alike : alike + window]
        same = np.ones(len(part), bool)
        start = 0
        for header in headers:
            end = start + header.start
            same &= (part[:, start:end] == rows[0, start:end]).all(axis=1)
            start += header.stride
        if not same.all():
            return alike + int(same.argmin())
        alike += len(part)
        window *= 4
    return alike


def _place(texts, places, values):
    """texts[place] = value, for each; most often they stand side by side."""
    first, last = places[0], places[-1] + 1
    if last - first == len(places):
        texts[first:last] = values
        return
    for place, value in zip(places, values):
        texts[place] = value


def _quote(text):
    """A text as an element of an array's literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _array_literal(texts):
    """Texts, quoted where they must be, as the literal of an array; None is NULL."""
    if texts is None:
        return None
    if None in texts:
        texts = ["NULL" if text is None else text for text in texts]
    return "{" + ",".join(texts) + "}"


def load(version, plan, weights, dtype="float32"):
    """Build the Model of a plan (JSON text) and its block of float32 weights.

    Types: version is the hex sha256 of plan and weights; dtype float32, or float64 for reference.
    Raises: ValueError, when plan or weights are not those that version names.
    """
    digest = hashlib.sha256(plan.encode("utf-8"))
    digest.update(weights)
    if digest.hexdigest() != version:
        raise ValueError(
            f"the stored plan and weights of version {version[:12]} were altered:"
            f" their digest is {digest.hexdigest()[:12]}; drop the model and deploy it again"
        )
    block = np.frombuffer(weights, "<f4").astype(dtype, copy=False)
    return Model(json.loads(plan), block)


def _compile(plan, block):
    """Steps as (function, input slots, output slot, slots not needed afterwards)."""
    tensors = [
        block[start : start + math.prod(shape)].reshape(shape)
        for _, start, shape in plan["tensors"]
    ]
    # How often a tensor is used: one that is used once, in memory of our own, is negated in place.
    uses = [2 * (not block.flags.writeable)] * len(tensors)
    for step in plan["steps"]:
        for number in step["tensors"].values():
            uses[number] += 1
    kept = {port["value"] for port in plan["outputs"]}
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
        if step["kernel"] == "activation":
            parameters["overwrites"] = step["inputs"][0] in overwritten
        call = KERNELS[step["kernel"]](**parameters)
        if negated.intersection(step["inputs"]):
            call = _sigmoid_of_negated
        steps.append((call, step["inputs"], step["output"], finished))
    return steps


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


def _count(shape):
    """How many numbers a row of this shape holds, None where a length is free."""
    return None if None in shape else math.prod(shape)


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
-- Name: FUNCTION runtime_4ab417093c3a(version text, plan text, weights bytea); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.runtime_4ab417093c3a(version text, plan text, weights bytea) IS 'export-model 86aabe39053e 683ee3e4c8da bcf5abe2a206 ';


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

COMMENT ON FUNCTION export_model.score_blocks(p_job jsonb, p_first bigint, p_end bigint, INOUT step bigint, OUT written bigint) IS 'export-model 86aabe39053e d35e49b33caa f94d1cf68efd ';


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

COMMENT ON FUNCTION export_model.score_fetched(p_job jsonb, p_cursor refcursor) IS 'export-model 86aabe39053e 821732481e30 a5832b331ed2 ';


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
  if l_blocks is null then
    execute pg_catalog.format('declare export_model_rows no scroll cursor with hold for %s',
      export_model.rows_query(l_job, 0, 1));
  end if;
  loop
    if l_blocks is not null then
      exit when l_first operator(pg_catalog.>=) l_blocks;
      l_scored := export_model.score_blocks(
        l_job, l_first, least(l_first operator(pg_catalog.+) l_step, l_blocks), l_batch);
      l_batch := l_scored.step;
      l_count := l_scored.written;
      l_first := l_first operator(pg_catalog.+) l_step;
    else
      begin
        l_count := export_model.score_fetched(l_job, l_cursor);
      exception when query_canceled or others then
        close l_cursor;
        raise;
      end;
      exit when l_count is null;
    end if;
    l_total := l_total operator(pg_catalog.+) l_count;
    commit;
    perform export_model.lock_target(l_target);
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

COMMENT ON PROCEDURE export_model.score_into(IN p_scorer jsonb, IN p_source text, IN p_key text, IN p_target text) IS 'export-model 86aabe39053e 6ce9ea108b97 8bf291bbccdd ';


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

COMMENT ON FUNCTION export_model.score_rows(p_batch text, p_wanted text, p_keys anyarray, p_rows bytea, OUT scores text, OUT labels text) IS 'export-model 86aabe39053e e121175d2200 2741ebbaa61a ';


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
  l_batch := pg_catalog.format('select a.keys, a.numbers, a.texts, a.bytes from (%s) g,'
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
    if l_answer.texts is null then
      return query execute l_give using l_answer.keys, l_answer.numbers;
    else
      return query execute l_give using l_answer.keys, l_answer.texts;
    end if;
  end loop;
end
$$;


--
-- Name: FUNCTION score_source(p_scorer jsonb, p_wanted text, p_source text, p_key text, p_result anyelement); Type: COMMENT; Schema: export_model; Owner: -
--

COMMENT ON FUNCTION export_model.score_source(p_scorer jsonb, p_wanted text, p_source text, p_key text, p_result anyelement) IS 'export-model 86aabe39053e a2664c8fe185 967dfc7a238b ';


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

COMMENT ON FUNCTION export_model.source(p_source text, p_key text, p_inputs jsonb, OUT from_item text, OUT key_item text, OUT key_type text, OUT held_item text, OUT held_type text, OUT row_item text, OUT blocks bigint) IS 'export-model 86aabe39053e a357ea8aae4c 7580a74ab0f3 ';


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

COMMENT ON FUNCTION export_model.store_scores(p_job jsonb, p_keys anyarray, p_rows bytea) IS 'export-model 86aabe39053e afa7a5373636 fe3dada10eb7 ';


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

COMMENT ON FUNCTION export_model.target_query(p_target text, p_key_type text, p_score_type text) IS 'export-model 86aabe39053e 6eac370fab3d 31148598c1a5 ';


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

COMMENT ON FUNCTION export_model.type_name(p_type regtype) IS 'export-model 86aabe39053e 8b18b1510774 b9bb268d1294 ';


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

COMMENT ON FUNCTION fraud.batch_0e6cd705ec83(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 86aabe39053e 0950d1088a7d a8e06f484a16 fraud';


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

COMMENT ON FUNCTION fraud.batch_79edef71c9e3(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 86aabe39053e 77a7b51ecc48 09736daaf233 fraud';


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

COMMENT ON FUNCTION fraud.label(dense_0_input real[]) IS 'export-model 86aabe39053e f7a7981392cd 619683e393c4 fraud';


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

COMMENT ON FUNCTION fraud.label("row" public.cards) IS 'export-model 86aabe39053e d100b63951ab 68366292ce6f fraud';


--
-- Name: label(double precision, double precision, double precision); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.label(a double precision, b double precision, c double precision) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "fraud"."label_79edef71c9e3"(export_model.array_bytes(array[$1, $2, $3]))
$_$;


--
-- Name: FUNCTION label(a double precision, b double precision, c double precision); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.label(a double precision, b double precision, c double precision) IS 'export-model 86aabe39053e a12fb56d8ce8 032d35b8956e fraud';


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

COMMENT ON FUNCTION fraud.label_0e6cd705ec83(p1 bytea) IS 'export-model 86aabe39053e 612392b9ae42 25aeae394482 fraud';


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

COMMENT ON FUNCTION fraud.label_79edef71c9e3(p1 bytea) IS 'export-model 86aabe39053e 197f0545f0a9 43eb9bcd07fc fraud';


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

COMMENT ON FUNCTION fraud.label_batch(keys anyarray, rows bytea) IS 'export-model 86aabe39053e 90835bf6859a 27f5706d376c fraud';


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

COMMENT ON FUNCTION fraud.label_table(source text, key_column text) IS 'export-model 86aabe39053e d6f50bc92d4f 6b14bf64d18f fraud';


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

COMMENT ON FUNCTION fraud.pack(dense_0_input real[]) IS 'export-model 86aabe39053e e179c3c3271a a7411e1c40d3 fraud';


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

COMMENT ON FUNCTION fraud.pack("row" public.cards) IS 'export-model 86aabe39053e c48d5b1b3822 475ccba400da fraud';


--
-- Name: pack(double precision, double precision, double precision); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.pack(a double precision, b double precision, c double precision) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select coalesce(export_model.array_bytes(array[$1, $2, $3]), E'\\xffffffff'::pg_catalog.bytea)
$_$;


--
-- Name: FUNCTION pack(a double precision, b double precision, c double precision); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.pack(a double precision, b double precision, c double precision) IS 'export-model 86aabe39053e 7b88a1db9538 120698f450bb fraud';


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

COMMENT ON FUNCTION fraud.run_batch_0e6cd705ec83(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 86aabe39053e e982f6e58b84 0fc70bf507a4 fraud';


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

COMMENT ON FUNCTION fraud.run_batch_79edef71c9e3(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 86aabe39053e 146990f480d4 2842d41386fd fraud';


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

COMMENT ON FUNCTION fraud.run_label_0e6cd705ec83(p1 bytea) IS 'export-model 86aabe39053e 51194b4421c9 37563c22c18b fraud';


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

COMMENT ON FUNCTION fraud.run_label_79edef71c9e3(p1 bytea) IS 'export-model 86aabe39053e d6642f26a1c0 c4ff3aa19ffc fraud';


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

COMMENT ON FUNCTION fraud.run_score_0e6cd705ec83(p1 bytea) IS 'export-model 86aabe39053e c88d5b47caa2 b4725967a58b fraud';


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

COMMENT ON FUNCTION fraud.run_score_79edef71c9e3(p1 bytea) IS 'export-model 86aabe39053e e503b56afd01 d984437e0093 fraud';


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

COMMENT ON FUNCTION fraud.score(dense_0_input real[]) IS 'export-model 86aabe39053e a0ea1176dac7 af287dd2f4dd fraud';


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

COMMENT ON FUNCTION fraud.score("row" public.cards) IS 'export-model 86aabe39053e 1b369db852e1 63873ed7b98c fraud';


--
-- Name: score(double precision, double precision, double precision); Type: FUNCTION; Schema: fraud; Owner: -
--

CREATE FUNCTION fraud.score(a double precision, b double precision, c double precision) RETURNS real
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "fraud"."score_79edef71c9e3"(export_model.array_bytes(array[$1, $2, $3]))
$_$;


--
-- Name: FUNCTION score(a double precision, b double precision, c double precision); Type: COMMENT; Schema: fraud; Owner: -
--

COMMENT ON FUNCTION fraud.score(a double precision, b double precision, c double precision) IS 'export-model 86aabe39053e a811944bb9d9 2113b0e7fa50 fraud';


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

COMMENT ON FUNCTION fraud.score_0e6cd705ec83(p1 bytea) IS 'export-model 86aabe39053e b77352f61101 b147ff9a5fdb fraud';


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

COMMENT ON FUNCTION fraud.score_79edef71c9e3(p1 bytea) IS 'export-model 86aabe39053e d54e86c85fc1 344976f236ed fraud';


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

COMMENT ON FUNCTION fraud.score_batch(keys anyarray, rows bytea) IS 'export-model 86aabe39053e 91553e773bd8 06908a1fc64a fraud';


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

COMMENT ON PROCEDURE fraud.score_into(IN source text, IN key_column text, IN target text) IS 'export-model 86aabe39053e 428711ebc5f8 94aa7d6eb95f fraud';


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

COMMENT ON FUNCTION fraud.score_table(source text, key_column text) IS 'export-model 86aabe39053e 60991cf0b4f4 3299db26df07 fraud';


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

COMMENT ON FUNCTION fraud.scorer() IS 'export-model 86aabe39053e cbe03efbe72f c89d6071db78 fraud';


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
    select 'score of a row' as form, g.sample, "fraud".score(g.input_0) as result from given g
    union all
    select 'score of columns', g.sample, "fraud".score(g.input_0[1], g.input_0[2], g.input_0[3]) from given g
    union all
    select 'score_batch', b.key, b.score from packed p, "fraud".score_batch(p.keys, p.rows) b
    union all
    select 'score_table', t.key::integer, t.score
    from "fraud".score_table('select s.sample as "sample", ((select i.numbers from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0))[1] as "a", ((select i.numbers from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0))[2] as "b", ((select i.numbers from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0))[3] as "c" from (select distinct x.version, x.sample from export_model.samples x where x.version = ''79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda'') s', 'sample') t
  ), label as (
    select 'label of a row' as form, g.sample, "fraud".label(g.input_0) as result from given g
    union all
    select 'label of columns', g.sample, "fraud".label(g.input_0[1], g.input_0[2], g.input_0[3]) from given g
    union all
    select 'label_batch', b.key, b.label from packed p, "fraud".label_batch(p.keys, p.rows) b
    union all
    select 'label_table', t.key::integer, t.label
    from "fraud".label_table('select s.sample as "sample", ((select i.numbers from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0))[1] as "a", ((select i.numbers from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0))[2] as "b", ((select i.numbers from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0))[3] as "c" from (select distinct x.version, x.sample from export_model.samples x where x.version = ''79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda'') s', 'sample') t
  ), outputs as (
    select scored.form, scored.sample, 0 as port, array[scored.result] as actual
    from score scored
  ), compared as (
    select f.form, e.sample, e.port, e.name, e.numbers as expected, o.actual,
      (select max(case when x.e = x.a then 0::double precision
                       else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
       from unnest(e.numbers::double precision[], o.actual::double precision[]) as x(e, a)) as difference
    from export_model.samples e cross join (select distinct a.form from score a) f
    left join outputs o on o.sample = e.sample and o.port = e.port and o.form = f.form
    where e.version = '79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda' and e.is_output
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

COMMENT ON FUNCTION fraud.verify() IS 'export-model 86aabe39053e f45bbd4c75fd 608b4ddf0ff6 fraud';


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

COMMENT ON FUNCTION plain.batch_c75d89980096(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 86aabe39053e 278acd7d5944 4c547654c62f plain';


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

COMMENT ON FUNCTION plain.pack(dense_0_input real[]) IS 'export-model 86aabe39053e f841af2d06c6 a7411e1c40d3 plain';


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

COMMENT ON FUNCTION plain.run_batch_c75d89980096(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 86aabe39053e af625deb8c2c a32ff6b6a1cb plain';


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

COMMENT ON FUNCTION plain.run_score_c75d89980096(p1 bytea) IS 'export-model 86aabe39053e 925c6b8e5777 9663d42a0f4f plain';


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

COMMENT ON FUNCTION plain.score(dense_0_input real[]) IS 'export-model 86aabe39053e d8bf5d075e58 28d93ad21f92 plain';


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

COMMENT ON FUNCTION plain.score_batch(keys anyarray, rows bytea) IS 'export-model 86aabe39053e 2b3e40ae5d35 eeaabdb040fa plain';


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

COMMENT ON FUNCTION plain.score_c75d89980096(p1 bytea) IS 'export-model 86aabe39053e 19154a288142 1377bf6fd503 plain';


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

COMMENT ON PROCEDURE plain.score_into(IN source text, IN key_column text, IN target text) IS 'export-model 86aabe39053e 6e9f6ab50154 44fa1a86699c plain';


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

COMMENT ON FUNCTION plain.score_table(source text, key_column text) IS 'export-model 86aabe39053e 80b1b92bee5a a5092ebb41dc plain';


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

COMMENT ON FUNCTION plain.scorer() IS 'export-model 86aabe39053e b06e1060c664 c76815e61c34 plain';


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
    select 'score of a row' as form, g.sample, "plain".score(g.input_0) as result from given g
    union all
    select 'score_batch', b.key, b.score from packed p, "plain".score_batch(p.keys, p.rows) b
    union all
    select 'score_table', t.key::integer, t.score
    from "plain".score_table('select s.sample as "sample", (select i.numbers from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0) as "dense_0_input" from (select distinct x.version, x.sample from export_model.samples x where x.version = ''c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1'') s', 'sample') t
  ), outputs as (
    select scored.form, scored.sample, 0 as port, array[scored.result] as actual
    from score scored
  ), compared as (
    select f.form, e.sample, e.port, e.name, e.numbers as expected, o.actual,
      (select max(case when x.e = x.a then 0::double precision
                       else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
       from unnest(e.numbers::double precision[], o.actual::double precision[]) as x(e, a)) as difference
    from export_model.samples e cross join (select distinct a.form from score a) f
    left join outputs o on o.sample = e.sample and o.port = e.port and o.form = f.form
    where e.version = 'c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1' and e.is_output
  )
  select c.sample, c.name, c.expected, c.actual, c.difference, 1e-05::double precision,
    coalesce(c.difference <= 1e-05::double precision, false), c.form
  from compared c order by c.sample, c.port, c.form;
end
$$;


--
-- Name: FUNCTION verify(); Type: COMMENT; Schema: plain; Owner: -
--

COMMENT ON FUNCTION plain.verify() IS 'export-model 86aabe39053e 9753fc684c07 1ebe13010a51 plain';


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

COMMENT ON FUNCTION two.batch_eeb2f85bc215(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 86aabe39053e 5da2e528c5fd 32d3b4438869 two';


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

COMMENT ON FUNCTION two.pack(a real[], b real[]) IS 'export-model 86aabe39053e affa233bbede 64e8b9d83b76 two';


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

COMMENT ON FUNCTION two.run_batch_eeb2f85bc215(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 86aabe39053e 671705f44fbd 32700b59a460 two';


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

COMMENT ON FUNCTION two.run_score_eeb2f85bc215(p1 bytea, p2 bytea) IS 'export-model 86aabe39053e 115d6dc7b4bd b770e501d647 two';


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

COMMENT ON FUNCTION two.score(a real[], b real[]) IS 'export-model 86aabe39053e 1c40db271201 2e23260dd048 two';


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

COMMENT ON FUNCTION two.score_batch(keys anyarray, rows bytea) IS 'export-model 86aabe39053e a00e00e5d823 936812b2d951 two';


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

COMMENT ON FUNCTION two.score_eeb2f85bc215(p1 bytea, p2 bytea) IS 'export-model 86aabe39053e 20303e1b469d a41ffc519ffa two';


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

COMMENT ON PROCEDURE two.score_into(IN source text, IN key_column text, IN target text) IS 'export-model 86aabe39053e ab7f42464b1f 98bb369c1bf7 two';


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

COMMENT ON FUNCTION two.score_table(source text, key_column text) IS 'export-model 86aabe39053e 7faeb91fa5f0 a065c687313d two';


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

COMMENT ON FUNCTION two.scorer() IS 'export-model 86aabe39053e a7ef16ea44ae 595b62432e27 two';


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
    select 'score of a row' as form, g.sample, "two".score(g.input_0, g.input_1) as result from given g
    union all
    select 'score_batch', b.key, b.score from packed p, "two".score_batch(p.keys, p.rows) b
    union all
    select 'score_table', t.key::integer, t.score
    from "two".score_table('select s.sample as "sample", (select i.numbers from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0) as "a", (select i.numbers from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 1) as "b" from (select distinct x.version, x.sample from export_model.samples x where x.version = ''eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7'') s', 'sample') t
  ), outputs as (
    select scored.form, scored.sample, 0 as port, array[(scored.result)."one"] as actual
    from score scored union all
    select scored.form, scored.sample, 1 as port, (scored.result)."two" as actual
    from score scored
  ), compared as (
    select f.form, e.sample, e.port, e.name, e.numbers as expected, o.actual,
      (select max(case when x.e = x.a then 0::double precision
                       else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
       from unnest(e.numbers::double precision[], o.actual::double precision[]) as x(e, a)) as difference
    from export_model.samples e cross join (select distinct a.form from score a) f
    left join outputs o on o.sample = e.sample and o.port = e.port and o.form = f.form
    where e.version = 'eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7' and e.is_output
  )
  select c.sample, c.name, c.expected, c.actual, c.difference, 1e-05::double precision,
    coalesce(c.difference <= 1e-05::double precision, false), c.form
  from compared c order by c.sample, c.port, c.form;
end
$$;


--
-- Name: FUNCTION verify(); Type: COMMENT; Schema: two; Owner: -
--

COMMENT ON FUNCTION two.verify() IS 'export-model 86aabe39053e 8752f059ead4 d1dfeb3957b4 two';


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

COMMENT ON FUNCTION words.batch_bcae8574d08a(p_rows bytea, p_count integer, p_wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 86aabe39053e 4febb24fff2c 2f26abfa942e words';


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

COMMENT ON FUNCTION words.label(words text[]) IS 'export-model 86aabe39053e 4ffe055fac08 ee0922b6e0e6 words';


--
-- Name: label(text, text); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.label(one text, other text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "words"."label_bcae8574d08a"(pg_catalog.convert_to(pg_catalog.array_to_json(array[$1, $2])::pg_catalog.text, 'UTF8'))
$_$;


--
-- Name: FUNCTION label(one text, other text); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.label(one text, other text) IS 'export-model 86aabe39053e b9541b664a42 de2bc3e5a895 words';


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

COMMENT ON FUNCTION words.label_batch(keys anyarray, rows bytea) IS 'export-model 86aabe39053e 295d07b6ef95 a9ad8e19af48 words';


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

COMMENT ON FUNCTION words.label_bcae8574d08a(p1 bytea) IS 'export-model 86aabe39053e 97ea90de2eb1 202636c2ad44 words';


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

COMMENT ON FUNCTION words.label_table(source text, key_column text) IS 'export-model 86aabe39053e dd5b1fd2db7f b855f1500398 words';


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

COMMENT ON FUNCTION words.pack(words text[]) IS 'export-model 86aabe39053e a45f7d3f575b 75f51c06948c words';


--
-- Name: pack(text, text); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.pack(one text, other text) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select coalesce(pg_catalog.convert_to(pg_catalog.array_to_json(array[$1, $2])::pg_catalog.text, 'UTF8') operator(pg_catalog.||) E'\\x00'::pg_catalog.bytea, E'\\xffffffff'::pg_catalog.bytea)
$_$;


--
-- Name: FUNCTION pack(one text, other text); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.pack(one text, other text) IS 'export-model 86aabe39053e 138cb5d09c90 fd0ee10c45ce words';


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

COMMENT ON FUNCTION words.run_batch_bcae8574d08a(rows bytea, count integer, wanted text, OUT scores text, OUT labels text, OUT place integer, OUT problem text) IS 'export-model 86aabe39053e e4fb1b7726c0 61d51dbb9d1c words';


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

COMMENT ON FUNCTION words.run_label_bcae8574d08a(p1 bytea) IS 'export-model 86aabe39053e aa4d91690956 23efde7329e6 words';


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

COMMENT ON FUNCTION words.run_score_bcae8574d08a(p1 bytea) IS 'export-model 86aabe39053e e9c8419a6289 b751fa2963f6 words';


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

COMMENT ON FUNCTION words.score(words text[]) IS 'export-model 86aabe39053e 501722e25d8e b7233c7e6173 words';


--
-- Name: score(text, text); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.score(one text, other text) RETURNS real[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
select "words"."score_bcae8574d08a"(pg_catalog.convert_to(pg_catalog.array_to_json(array[$1, $2])::pg_catalog.text, 'UTF8'))
$_$;


--
-- Name: FUNCTION score(one text, other text); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.score(one text, other text) IS 'export-model 86aabe39053e d1b1d8b495a9 497ccd0630dd words';


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

COMMENT ON FUNCTION words.score_batch(keys anyarray, rows bytea) IS 'export-model 86aabe39053e ee41337d9b85 2851143654c3 words';


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

COMMENT ON FUNCTION words.score_bcae8574d08a(p1 bytea) IS 'export-model 86aabe39053e 07c1dec6e2d9 4dcfb7a0e39e words';


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

COMMENT ON PROCEDURE words.score_into(IN source text, IN key_column text, IN target text) IS 'export-model 86aabe39053e 05403e8da86d 1007c6625029 words';


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

COMMENT ON FUNCTION words.score_table(source text, key_column text) IS 'export-model 86aabe39053e e9a97cc96bb8 d4134081ee86 words';


--
-- Name: scorer(); Type: FUNCTION; Schema: words; Owner: -
--

CREATE FUNCTION words.scorer() RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
select E'{"batch": "\\"words\\".\\"batch_bcae8574d08a\\"", "version": "bcae8574d08a", "score_type": "real[]", "inputs": [{"columns": ["one", "other"], "is_array": false, "is_text": true}]}'::pg_catalog.jsonb
$$;


--
-- Name: FUNCTION scorer(); Type: COMMENT; Schema: words; Owner: -
--

COMMENT ON FUNCTION words.scorer() IS 'export-model 86aabe39053e bd4207a90ac8 945555d0c1bc words';


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
    select 'score of a row' as form, g.sample, "words".score(g.input_0) as result from given g
    union all
    select 'score of columns', g.sample, "words".score(g.input_0[1], g.input_0[2]) from given g
    union all
    select 'score_batch', b.key, b.score from packed p, "words".score_batch(p.keys, p.rows) b
    union all
    select 'score_table', t.key::integer, t.score
    from "words".score_table('select s.sample as "sample", ((select i.texts from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0))[1] as "one", ((select i.texts from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0))[2] as "other" from (select distinct x.version, x.sample from export_model.samples x where x.version = ''bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9'') s', 'sample') t
  ), label as (
    select 'label of a row' as form, g.sample, "words".label(g.input_0) as result from given g
    union all
    select 'label of columns', g.sample, "words".label(g.input_0[1], g.input_0[2]) from given g
    union all
    select 'label_batch', b.key, b.label from packed p, "words".label_batch(p.keys, p.rows) b
    union all
    select 'label_table', t.key::integer, t.label
    from "words".label_table('select s.sample as "sample", ((select i.texts from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0))[1] as "one", ((select i.texts from export_model.samples i where i.version = s.version and i.sample = s.sample and not i.is_output and i.port = 0))[2] as "other" from (select distinct x.version, x.sample from export_model.samples x where x.version = ''bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9'') s', 'sample') t
  ), outputs as (
    select scored.form, scored.sample, 0 as port, scored.result as actual
    from score scored
  ), compared as (
    select f.form, e.sample, e.port, e.name, e.numbers as expected, o.actual,
      (select max(case when x.e = x.a then 0::double precision
                       else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
       from unnest(e.numbers::double precision[], o.actual::double precision[]) as x(e, a)) as difference
    from export_model.samples e cross join (select distinct a.form from score a) f
    left join outputs o on o.sample = e.sample and o.port = e.port and o.form = f.form
    where e.version = 'bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9' and e.is_output
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

COMMENT ON FUNCTION words.verify() IS 'export-model 86aabe39053e a01cb8eee8fd bcc13587c4d4 words';


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
    graph_digest text NOT NULL,
    source_file text NOT NULL,
    source_sha256 text NOT NULL,
    keras_version text NOT NULL,
    parameters bigint NOT NULL,
    inputs text NOT NULL,
    outputs text NOT NULL,
    features text[] NOT NULL,
    labels text[] NOT NULL,
    threshold double precision,
    plan text NOT NULL,
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
    v.keras_version,
    v.expected_by,
    v.tolerance,
    v.deployed_at,
    v.deployed_by
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
fraud	79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	2026-11-21 19:08:21.294015+00
plain	c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	2026-11-21 19:08:21.886911+00
two	eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	2026-11-21 19:08:22.260712+00
words	bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	2026-11-21 19:08:22.518133+00
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

COPY export_model.versions (version, model, graph_digest, source_file, source_sha256, keras_version, parameters, inputs, outputs, features, labels, threshold, plan, runtime, weight_bytes, chunks, expected_by, tolerance, exporter_version, deployed_at, deployed_by) FROM stdin;
0e6cd705ec8311aa6b1727822496281486cf457366ac44f4bf616889b19fae22	fraud	dbd31531cde464d32e58bcb43ceecaa2c0a4ee514cec9a4e8c4dc5f73bdc5081	first.h5	75b70632c29b6f40c81ce212fe7a20c6d9b979b2d43a350c7a0285a7f1d95627	2.2.4	21	dense_0_input (3)	dense_1 (1)	{a,b,c}	{good,bad}	0.5	{"format":1,"exporter":"0.1.0","model":"fraud","inputs":[{"name":"dense_0_input","shape":[3]}],"outputs":[{"name":"dense_1","shape":[1],"value":4}],"features":["a","b","c"],"feature_table":["public","cards"],"labels":["good","bad"],"threshold":0.5,"batch_rows":1024,"steps":[{"kernel":"dense","inputs":[0],"output":1,"parameters":{},"tensors":{"kernel":0,"bias":1}},{"kernel":"activation","inputs":[1],"output":2,"parameters":{"function":"relu","parameters":{}},"tensors":{}},{"kernel":"dense","inputs":[2],"output":3,"parameters":{},"tensors":{"kernel":2,"bias":3}},{"kernel":"activation","inputs":[3],"output":4,"parameters":{"function":"sigmoid","parameters":{}},"tensors":{}}],"tensors":[["dense_0/kernel",0,[3,4]],["dense_0/bias",12,[4]],["dense_1/kernel",16,[4,1]],["dense_1/bias",20,[1]]]}	runtime_4ab417093c3a	84	1	export-model, float64	1e-05	0.1.0	2026-11-21 19:08:21.294015+00	postgres
79edef71c9e373ac419e931c578b9100f97f84f09fd41d99a41d02a0204facda	fraud	900ae18aee4c7c7c1a43d928a998ced01fe121aa0e4b53e56218b7dc0da5de89	fraud.h5	2400d6c666e24bcccacffc89fb326940142872b60776b6aab4a8219051199527	2.2.4	21	dense_0_input (3)	dense_1 (1)	{a,b,c}	{good,bad}	0.5	{"format":1,"exporter":"0.1.0","model":"fraud","inputs":[{"name":"dense_0_input","shape":[3]}],"outputs":[{"name":"dense_1","shape":[1],"value":4}],"features":["a","b","c"],"feature_table":["public","cards"],"labels":["good","bad"],"threshold":0.5,"batch_rows":1024,"steps":[{"kernel":"dense","inputs":[0],"output":1,"parameters":{},"tensors":{"kernel":0,"bias":1}},{"kernel":"activation","inputs":[1],"output":2,"parameters":{"function":"relu","parameters":{}},"tensors":{}},{"kernel":"dense","inputs":[2],"output":3,"parameters":{},"tensors":{"kernel":2,"bias":3}},{"kernel":"activation","inputs":[3],"output":4,"parameters":{"function":"sigmoid","parameters":{}},"tensors":{}}],"tensors":[["dense_0/kernel",0,[3,4]],["dense_0/bias",12,[4]],["dense_1/kernel",16,[4,1]],["dense_1/bias",20,[1]]]}	runtime_4ab417093c3a	84	1	export-model, float64	1e-05	0.1.0	2026-11-21 19:08:21.595536+00	postgres
c75d89980096ce3bc0c0a815889a42ea9473afd1cccc635cd5c3f68b768a0cd1	plain	399838c3c177e67a385f87d077f88a5a043a4167ed82f4d4691e538695cd4c33	plain.h5	8312a471bf9e5ba7c3f2c6d871ffb9437c9b97a83e73c9db55555863f688e76a	2.2.4	13	dense_0_input (2)	dense_1 (1)	{}	{}	\N	{"format":1,"exporter":"0.1.0","model":"plain","inputs":[{"name":"dense_0_input","shape":[2]}],"outputs":[{"name":"dense_1","shape":[1],"value":3}],"features":[],"feature_table":[],"labels":[],"threshold":null,"batch_rows":1024,"steps":[{"kernel":"dense","inputs":[0],"output":1,"parameters":{},"tensors":{"kernel":0,"bias":1}},{"kernel":"activation","inputs":[1],"output":2,"parameters":{"function":"tanh","parameters":{}},"tensors":{}},{"kernel":"dense","inputs":[2],"output":3,"parameters":{},"tensors":{"kernel":2,"bias":3}}],"tensors":[["dense_0/kernel",0,[2,3]],["dense_0/bias",6,[3]],["dense_1/kernel",9,[3,1]],["dense_1/bias",12,[1]]]}	runtime_4ab417093c3a	52	1	export-model, float64	1e-05	0.1.0	2026-11-21 19:08:21.886911+00	postgres
eeb2f85bc215436ef2e1ce7a3b1eb05ecd87d5553d045c9e4b90eec6f9fecfb7	two	13edc9bad7ab976368f20e28ed977484aed318399aa07c1881fcc688b79540a6	two.h5	7f009df4bbe55892c714da2d8f1d143966082ec9ae8b94ea7632d05645644f85	2.2.4	24	a (3), b (2 x 2)	one (1), two (2)	{}	{}	\N	{"format":1,"exporter":"0.1.0","model":"two","inputs":[{"name":"a","shape":[3]},{"name":"b","shape":[2,2]}],"outputs":[{"name":"one","shape":[1],"value":5},{"name":"two","shape":[2],"value":6}],"features":[],"feature_table":[],"labels":[],"threshold":null,"batch_rows":1024,"steps":[{"kernel":"reshape","inputs":[1],"output":2,"parameters":{"shape":[-1]},"tensors":{}},{"kernel":"concatenate","inputs":[0,2],"output":3,"parameters":{"axis":1},"tensors":{}},{"kernel":"dense","inputs":[3],"output":4,"parameters":{},"tensors":{"kernel":0,"bias":1}},{"kernel":"activation","inputs":[4],"output":5,"parameters":{"function":"sigmoid","parameters":{}},"tensors":{}},{"kernel":"dense","inputs":[3],"output":6,"parameters":{},"tensors":{"kernel":2,"bias":3}}],"tensors":[["one/kernel",0,[7,1]],["one/bias",7,[1]],["two/kernel",8,[7,2]],["two/bias",22,[2]]]}	runtime_4ab417093c3a	96	1	export-model, float64	1e-05	0.1.0	2026-11-21 19:08:22.260712+00	postgres
bcae8574d08a0bd3054a17bf3933b3125f60ee4ceb8f994638a9bdf3aae336e9	words	e0222ccd0754a025cc72066123e64d812deae8ec67365ed3ebd3111aaff0c420	words.h5	b27bd4f8e2cf2eaa9d70f5cedf1999eff9a1bb60baccd32e2257859879e02418	2.4.0	15	words (2)	dense (3)	{one,other}	{0,1,2}	\N	{"format":1,"exporter":"0.1.0","model":"words","inputs":[{"name":"words","shape":[2],"dtype":"text"}],"outputs":[{"name":"dense","shape":[3],"value":4}],"features":["one","other"],"feature_table":[],"labels":["0","1","2"],"threshold":null,"batch_rows":1024,"steps":[{"kernel":"string_lookup","inputs":[0],"output":1,"parameters":{"words":["ja","gr\\u00f6\\u00dfer","a'b"],"default":0.0},"tensors":{"places":0}},{"kernel":"encode","inputs":[1],"output":2,"parameters":{"depth":4,"mode":"count"},"tensors":{}},{"kernel":"dense","inputs":[2],"output":3,"parameters":{},"tensors":{"kernel":1,"bias":2}},{"kernel":"softmax","inputs":[3],"output":4,"parameters":{"axis":1},"tensors":{}}],"tensors":[["lookup/places",0,[3]],["dense/kernel",3,[4,3]],["dense/bias",15,[3]]]}	runtime_4ab417093c3a	72	1	export-model, float64	1e-05	0.1.0	2026-11-21 19:08:22.518133+00	postgres
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
1	0.57860905	bad	79edef71c9e3	2026-11-21 19:08:23.063764+00
2	0.537385	bad	79edef71c9e3	2026-11-21 19:08:23.063934+00
3	0.5508399	bad	79edef71c9e3	2026-11-21 19:08:23.063938+00
4	0.5567977	bad	79edef71c9e3	2026-11-21 19:08:23.06394+00
5	0.34641418	good	79edef71c9e3	2026-11-21 19:08:23.063941+00
6	0.50872177	bad	79edef71c9e3	2026-11-21 19:08:23.063942+00
7	\N	\N	79edef71c9e3	2026-11-21 19:08:23.063943+00
8	0.5727868	bad	79edef71c9e3	2026-11-21 19:08:23.063945+00
9	0.55843616	bad	79edef71c9e3	2026-11-21 19:08:23.063946+00
10	0.48370686	good	79edef71c9e3	2026-11-21 19:08:23.063947+00
11	0.4011594	good	79edef71c9e3	2026-11-21 19:08:23.063948+00
12	0.52944434	bad	79edef71c9e3	2026-11-21 19:08:23.063949+00
13	0.6389127	bad	79edef71c9e3	2026-11-21 19:08:23.06395+00
14	0.6106151	bad	79edef71c9e3	2026-11-21 19:08:23.063955+00
15	0.52154875	bad	79edef71c9e3	2026-11-21 19:08:23.063956+00
16	0.5345912	bad	79edef71c9e3	2026-11-21 19:08:23.063957+00
17	0.4479627	good	79edef71c9e3	2026-11-21 19:08:23.063958+00
18	0.53169787	bad	79edef71c9e3	2026-11-21 19:08:23.063959+00
19	0.66123456	bad	79edef71c9e3	2026-11-21 19:08:23.06396+00
20	0.55427456	bad	79edef71c9e3	2026-11-21 19:08:23.063961+00
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
-- Name: FUNCTION runtime_4ab417093c3a(version text, plan text, weights bytea); Type: ACL; Schema: export_model; Owner: -
--

REVOKE ALL ON FUNCTION export_model.runtime_4ab417093c3a(version text, plan text, weights bytea) FROM PUBLIC;


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


