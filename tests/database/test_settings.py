"""No setting of the caller's changes a key, a score or a label: every type of key in every form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import databases
import psycopg2
import pytest
from budgets import is_thorough
from databases import Database, make_database

import exporter
from database.networks import deploy_model, query, write_sequential
from database.tables import ABC, fetch, session
from exporter.databases.postgres.score import score
from exporter.errors import counted

EXTENSIONS = ("citext", "ltree", "hstore", "cube", "isn")
SETUP = """
create type mood as enum ('low', 'hi"gh', 'NULL', E'back\\\\slash');
create domain instant as timestamptz;
create domain short_instant as instant;
create domain readings as float8[];
create type measured as (at timestamptz, value float8, words text[]);
create type float_range as range (subtype = float8);
create table named_1 (); create table named_2 ();
"""
FLOATS = (
    "select x from (values ('NaN'::float8), ('Infinity'), ('-Infinity'), ('-0'), ('5e-324'),"
    " ('1.7976931348623157e308'), ('2.2250738585072014e-308'), ('0.1'), ('1e22')) v (x)"
    " union all select sqrt(g) from generate_series(2, 30) g"
)
INSTANTS = (
    "select timestamptz '2024-11-03 04:30:00.123456+00' + g * interval '31 min 7.000001 s'"
    " from generate_series(0, 20) g union all"
    " select * from unnest('{infinity,-infinity,0044-03-15 12:00:00+00 BC,1883-11-18 17:01:02+00,"
    "10000-02-03 04:05:06+00,2001-02-03 04:05:06.789+00}'::timestamptz[])"
)
INTERVALS = (
    "select * from unnest(array['-1 year -2 mons +3 days -04:05:06.789', '1 day -00:00:01',"
    " '-1 day +00:00:02', '-00:00:03', '1 mon', '178000000 years', '00:00:00.000001',"
    " '-1 mon +1 day']::interval[])"
)
TEXTS = (
    "select * from unnest(array['', ' ', E'\\\\', E'a\\\\x41', '''', '\"', 'NULL', 'null', '{}',"
    " '{NULL}', E'new\\nline', E'\\t', 'ä', '(1,2)', '--', '$1', '%s', '1e5'])"
)
KEYS: dict[str, tuple[str, str]] = {
    "int2": ("int2", "select g::int2 from generate_series(-5, 5) g"),
    "int4": ("int4", "select g from generate_series(-5, 5) g"),
    "int8": ("int8", "select g * 922337203685477580 from generate_series(-9, 9) g"),
    "numeric": (
        "numeric",
        "select * from unnest('{NaN,0.10,-1e-30,123456789012345678901234567890.5,1e200,7}'"
        "::numeric[])",
    ),
    "float4": (
        "float4",
        "select sqrt(g)::float4 from generate_series(2, 40) g union all"
        " select * from unnest('{NaN,-0,1e-45,3.4028235e38,Infinity}'::float4[])",
    ),
    "float8": ("float8", FLOATS),
    "text": ("text", TEXTS),
    "varchar": ("varchar(20)", TEXTS),
    "char": ("char(9)", f"select x from ({TEXTS}) t (x) where x <> ' '"),
    "one char": ('"char"', "select x::\"char\" from unnest('{a,b,N}'::text[]) x"),
    "name": ("name", TEXTS),
    "bytea": ("bytea", r"select * from unnest(array['\x', '\x00', '\x5c', '\x5c78ff']::bytea[])"),
    "uuid": ("uuid", "select md5(g::text)::uuid from generate_series(1, 9) g"),
    "boolean": ("boolean", "select * from unnest('{t,f}'::boolean[])"),
    "date": (
        "date",
        "select date '2024-01-02' + 31 * g from generate_series(0, 11) g union all"
        " select * from unnest('{infinity,-infinity,0044-03-15 BC,10001-12-31}'::date[])",
    ),
    "timestamp": (
        "timestamp",
        f"select x at time zone 'UTC' from ({INSTANTS}) v (x) where x > '1900-01-01'",
    ),
    "timestamptz": ("timestamptz", INSTANTS),
    "time": ("time", "select * from unnest('{00:00,24:00,12:34:56.789012}'::time[])"),
    "timetz": ("timetz", "select * from unnest('{00:00+14,12:34:56.789012-11:30}'::timetz[])"),
    "interval": ("interval", INTERVALS),
    "money": ("money", "select x::text::money from unnest('{1234567.89,-0.01,0}'::numeric[]) x"),
    "inet": ("inet", "select * from unnest('{10.0.0.1/8,::1,255.255.255.255}'::inet[])"),
    "cidr": ("cidr", "select * from unnest('{10.0.0.0/8,::/0}'::cidr[])"),
    "macaddr": ("macaddr", "select * from unnest('{08:00:2b:01:02:03}'::macaddr[])"),
    "macaddr8": ("macaddr8", "select * from unnest('{08:00:2b:01:02:03:04:05}'::macaddr8[])"),
    "bit": ("bit(5)", "select g::bit(5) from generate_series(0, 9) g"),
    "varbit": ("varbit", "select * from unnest('{0,1,01,10,0000000000}'::varbit[])"),
    "oid": ("oid", "select g::oid from unnest('{0,1,4294967295}'::int8[]) g"),
    "regclass": ("regclass", "select * from unnest('{named_1,named_2,pg_class}'::regclass[])"),
    "pg_lsn": ("pg_lsn", "select * from unnest('{0/0,FFFFFFFF/1}'::pg_lsn[])"),
    "enum": ("mood", "select * from unnest(enum_range(null::mood))"),
    "domain": ("instant", INSTANTS),
    "domain of a domain": ("short_instant", INSTANTS),
    "composite": (
        "measured",
        f"select (x, sqrt(2), array['a', 'NULL'])::measured from ({INSTANTS}) t (x)",
    ),
    "range of instants": ("tstzrange", f"select tstzrange(null, x) from ({INSTANTS}) t (x)"),
    "range of floats": (
        "float_range",
        f"select float_range(null, x) from ({FLOATS}) t (x) where x > 0",
    ),
    "jsonb": ("jsonb", "select * from unnest(array['null', '1.50', '{\"a\": [1]}']::jsonb[])"),
    "tsvector": ("tsvector", "select * from unnest(array['a:1 b', E'''\\\\\\\\'' x']::tsvector[])"),
    "citext": ("citext", "select * from unnest(array['Ab', 'bC', 'NULL']::citext[])"),
    "ltree": ("ltree", "select * from unnest('{a.b,a.c,A}'::ltree[])"),
    "hstore": ("hstore", "select * from unnest(array['a=>1', 'a=>NULL', 'b=>\"NULL\"']::hstore[])"),
    "cube": ("cube", "select cube(array[sqrt(g), 1]) from generate_series(2, 12) g"),
    "isn": ("isbn", "select '1-56592-479-7'::isbn"),
    "array": (
        "int4[]",
        "select * from (values ('{1,2}'::int4[]), ('{}'), ('{NULL}'), ('[2:3]={1,2}')) v",
    ),
    "array of floats": ("readings", f"select array[x, null] from ({FLOATS}) t (x)"),
    "array of texts": ("text[]", "select array[x, null, 'NULL'] from (" + TEXTS + ") t (x)"),
}
ARRAYS = [name for name in KEYS if name.startswith("array")]
SETTINGS: dict[str, dict[str, str]] = {
    "German dates, few digits": {
        "DateStyle": "German, DMY",
        "TimeZone": "America/New_York",
        "IntervalStyle": "sql_standard",
        "extra_float_digits": "0",
    },
    "SQL dates, fewer digits": {
        "DateStyle": "SQL, DMY",
        "TimeZone": "Asia/Kolkata",
        "IntervalStyle": "iso_8601",
        "extra_float_digits": "-15",
        "bytea_output": "escape",
        "xmlbinary": "hex",
    },
    "Postgres dates, old strings": {
        "DateStyle": "Postgres, MDY",
        "TimeZone": "Europe/Lisbon",
        "IntervalStyle": "postgres_verbose",
        "standard_conforming_strings": "off",
        "backslash_quote": "off",
        "escape_string_warning": "on",
        "quote_all_identifiers": "on",
        "transform_null_equals": "on",
        "client_encoding": "LATIN1",
    },
    "no NULL in arrays": {"array_nulls": "off"},
    "names, plans and transactions": {
        "search_path": "pg_temp, hostile, public",
        "check_function_bodies": "off",
        "enable_tidscan": "off",
        "enable_seqscan": "off",
        "enable_hashagg": "off",
        "enable_sort": "off",
        "enable_material": "off",
        "enable_nestloop": "off",
        "jit": "off",  # the costs of what is disabled would have it compile every query
        "plan_cache_mode": "force_generic_plan",
        "work_mem": "64kB",
        "from_collapse_limit": "1",
        "default_transaction_isolation": "serializable",
        "session_replication_role": "replica",
        "synchronous_commit": "off",
        "row_security": "off",
        "plpgsql.extra_errors": "all",
        "plpgsql.extra_warnings": "all",
        "default_toast_compression": "pglz",
        "idle_in_transaction_session_timeout": "60s",
    },
}
LOSSY = ("German", "SQL", "Postgres", "no NULL")
SCORE = "fraud.score(s.a, s.b, s.c)"


@pytest.fixture(scope="module")
def keyed(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A table for each type of key, keyed_0 and so on, and a schema that hides functions."""
    if databases.TARGET == "greenplum":
        pytest.skip("tests/greenplum has its own")
    with make_database(server, "test_settings", template):
        database = Database(server, "test_settings")
        path = write_sequential(
            tmp_path_factory.mktemp("m") / "m.h5", [3, 4, 1], ["relu", "sigmoid"]
        )
        deploy_model(database.dsn, path, "fraud", features=ABC, labels=["good", "NULL"])
        query(database.dsn, SETUP)
        query(
            database.dsn,
            "create schema hostile; create function hostile.unnest(anyarray) returns text"
            " language sql as 'select ''taken''';"
            "create function hostile.eq(text, text) returns boolean language sql as 'select true';"
            "create operator hostile.= (function = hostile.eq, leftarg = text, rightarg = text)",
        )
        for extension in EXTENSIONS:
            sql = f"select 1 from pg_available_extensions where name = '{extension}'"
            if query(database.dsn, sql):
                query(database.dsn, f"create extension {extension}")
        for number, name in enumerate(KEYS):
            if not is_there(database.dsn, name):
                continue
            kind, values = KEYS[name]
            query(
                database.dsn,
                f"create table keyed_{number} (id {kind} primary key, a real, b real, c real);"
                f"insert into keyed_{number} select x, row_number() over () % 7,"
                " nullif(row_number() over (), 3), 0.3"
                f" from ({values}) as t (x); create view view_{number} as"
                f" select * from keyed_{number}; analyze keyed_{number}",
            )
        yield database


def is_there(dsn: str, name: str) -> bool:
    """Does this server know the type?"""
    return name not in EXTENSIONS or bool(
        query(dsn, "select 1 from pg_extension where extname = %s", (name,))
    )


def set_all(cursor: Any, settings: dict[str, str]) -> None:
    """Set what this version of PostgreSQL has."""
    for name, value in settings.items():
        cursor.execute("select 1 from pg_settings where name = %s", (name,))
        if cursor.fetchall() or "." in name:
            cursor.execute("select set_config(%s, %s, false)", (name, value))


@pytest.mark.parametrize("chosen", SETTINGS)
def test_every_key_in_every_form(keyed: Database, chosen: str) -> None:
    faults = {}
    with session(keyed.dsn) as clean, session(keyed.dsn) as cursor:
        set_all(cursor, SETTINGS[chosen])
        for number, name in enumerate(KEYS):
            if not is_there(keyed.dsn, name):
                continue
            try:
                if name in ARRAYS and chosen.startswith(LOSSY):
                    check_refused(cursor, number)
                else:
                    sources = [f"public.keyed_{number}", f"public.view_{number}"]
                    if not is_thorough():  # each key from both, under one setting or another
                        del sources[(number + list(SETTINGS).index(chosen)) % 2]
                    check_forms(cursor, clean, number, KEYS[name][0], sources)
            except (psycopg2.Error, AssertionError) as error:
                faults[name] = str(error)
    assert not faults


def check_refused(cursor: Any, number: int) -> None:
    """Keys that travel as texts are refused under settings that lose something, with what to do."""
    for call in (
        f"call fraud.score_into('public.keyed_{number}', 'id', 'public.never')",
        f"select * from fraud.score_table('select * from public.keyed_{number}', 'id')",
    ):
        with pytest.raises(psycopg2.Error, match="would not be kept exactly") as caught:
            cursor.execute(call)
        assert "Run: set" in str(caught.value.diag.message_hint)


def check_forms(cursor: Any, clean: Any, number: int, kind: str, sources: list[str]) -> None:
    """What every form gives under cursor's settings is what score() gives under none; sources are
    those of score_into."""
    table = f"public.keyed_{number}"
    ((rows,),) = fetch(clean, f"select count(*) from {table}")
    wanted = fetch(
        clean,
        f"select s.id::text, {SCORE}, fraud.label(s.a, s.b, s.c) from {table} s order by 1",
    )
    assert rows == len(wanted) > 0
    base = kind.split("(")[0] if kind.startswith(("char", "varchar")) else kind
    base = "bpchar" if base == "char" else base
    for method, source in (("score", table), ("score", f"table {table}"), ("label", table)):
        found = fetch(
            cursor,
            f"select count(*) from {table} k join fraud.{method}_table(%s, 'id') t"
            f" on t.key::{base} = k.id and t.{method} is not distinct from"
            f" fraud.{method}(k.a, k.b, k.c)",
            (source,),
        )
        assert found == [(rows,)], (method, source)
    if not kind.endswith("[]") and kind != "readings":
        fetch(
            cursor,
            "create temp table batch as select t.* from (select array_agg(s.id) as keys,"
            f" string_agg(fraud.pack(s.a, s.b, s.c), '') as rows from {table} s) g,"
            " lateral fraud.score_batch(g.keys, g.rows) t; select 1",
        )
        sql = f"select count(*) from {table} k join pg_temp.batch t on t.key = k.id"
        same = "t.score is not distinct from fraud.score(k.a, k.b, k.c)"
        assert fetch(cursor, f"{sql} and {same}") == [(rows,)]
        cursor.execute("drop table pg_temp.batch")
    for source in sources:
        clean.execute("drop table if exists public.target")
        for count in (rows, 0):
            cursor.execute("call fraud.score_into(%s, 'id', 'public.target')", (source,))
            told = cursor.connection.notices.pop()
            assert f"{counted(count, 'row')} " in told, (source, told)
        cursor.execute("delete from public.target where score is null")
        cursor.execute("call fraud.score_into(%s, 'id', 'public.target')", (source,))
        found = fetch(clean, "select key::text, score, label from public.target order by 1")
        assert found == wanted, source
    clean.execute("drop table public.target")


@pytest.mark.parametrize(
    ("chosen", "jobs"),
    [
        (chosen, jobs)
        for turn, chosen in enumerate(list(SETTINGS)[:4])
        for jobs in (1, 2)
        if jobs == 1 + turn % 2 or is_thorough()
    ],
)
def test_the_command_keeps_keys_whole(
    keyed: Database, chosen: str, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SETTINGS[chosen]
    options = [f"-c {n}={v.replace(' ', chr(92) + ' ')}" for n, v in settings.items()]
    monkeypatch.setenv("PGOPTIONS", " ".join(options))
    names = list(KEYS)
    for turn, name in enumerate(("float8", "timestamptz", "money", "composite", "citext")):
        number = names.index(name)
        if not is_there(keyed.dsn, name):
            continue
        # Each type by one process from its table and by two from its view, or the other way round.
        source = ("keyed_{}", "view_{}")[(turn + jobs) % 2].format(number)
        query(keyed.dsn, "drop table if exists command_scores")
        done = score(keyed.dsn, "fraud", source, "id", "command_scores", jobs)
        again = score(keyed.dsn, "fraud", source, "id", "command_scores", jobs)
        monkeypatch.delenv("PGOPTIONS")
        keys = "select key::text from command_scores order by 1"
        wanted = query(keyed.dsn, f"select id::text from keyed_{number} order by 1")
        assert query(keyed.dsn, keys) == wanted, (name, source)
        assert (done.rows, again.rows) == (len(wanted), 0)
        monkeypatch.setenv("PGOPTIONS", " ".join(options))


def test_verify_under_hostile_settings(keyed: Database) -> None:
    with session(keyed.dsn) as cursor:
        for settings in SETTINGS.values():
            set_all(cursor, settings)
        assert fetch(cursor, "select bool_and(ok), count(*) > 0 from fraud.verify()") == [
            (True, True)
        ]


@pytest.mark.parametrize("kind", ["json", "point", "xid", "xml", "record"])
def test_a_type_without_order_is_no_key(keyed: Database, kind: str) -> None:
    value = "(1, 2)" if kind == "record" else f"null::{kind}"
    source = f"select {value} as id, 1 as a, 2 as b, 3 as c"
    with session(keyed.dsn) as cursor:
        with pytest.raises(psycopg2.Error, match="cannot be a key") as caught:
            cursor.execute("call fraud.score_into(%s, 'id', 'never')", (source,))
        assert caught.value.diag.message_hint == "A query can cast it: select id::text as id, ..."
        assert fetch(cursor, "select to_regclass('never')") == [(None,)]


def test_a_name_that_would_be_cut_is_refused(keyed: Database) -> None:
    with session(keyed.dsn) as cursor:
        for name in ("t" * 64, '"' + "ä" * 32 + '"', "s" * 70 + ".t"):
            with pytest.raises(psycopg2.errors.NameTooLong, match="PostgreSQL takes 63"):
                cursor.execute("call fraud.score_into('keyed_1', 'id', %s)", (name,))
        cursor.execute("call fraud.score_into('keyed_1', 'id', %s)", ("t" * 63,))
        assert fetch(cursor, f"select count(*) from {'t' * 63}") == [(11,)]


@pytest.mark.parametrize(
    "source",
    [
        "-- the rows\nselect * from keyed_1",
        "/* the * rows **/ /* of */ select * from keyed_1",
        "(select * from keyed_1 where id < 0) union all (select * from keyed_1 where id >= 0)",
        "( -- all\n(select * from keyed_1))",
        "select * from keyed_1;",
        "select * from keyed_1 ; \n;",
        "with w as (table keyed_1) select * from w where ';' = ';' ;",
        "table keyed_1;",
    ],
)
def test_queries_as_people_write_them(keyed: Database, source: str) -> None:
    with session(keyed.dsn) as cursor:
        sql = "select count(*) from fraud.score_table(%s, 'id')"
        assert fetch(cursor, sql, (source,)) == [(11,)]
        cursor.execute("set standard_conforming_strings = off")
        assert fetch(cursor, sql, (source,)) == [(11,)]


def test_a_query_that_cannot_be_read_is_told(keyed: Database) -> None:
    with session(keyed.dsn) as cursor:
        with pytest.raises(psycopg2.errors.SyntaxError, match="the query cannot be read") as caught:
            cursor.execute("select * from fraud.score_table('select * frm keyed_1', 'id')")
        assert "Give one query" in str(caught.value.diag.message_hint)


def test_statements_sent_in_one_string_are_refused_with_a_hint(keyed: Database) -> None:
    with session(keyed.dsn) as cursor:
        for text in (
            "select 1; call fraud.score_into('keyed_1', 'id', 'never')",
            "call fraud.score_into('keyed_1', 'id', 'never'); select 1",
            "begin; call fraud.score_into('keyed_1', 'id', 'never')",
        ):
            with pytest.raises(psycopg2.errors.ActiveSqlTransaction) as caught:
                cursor.execute(text)
            assert "not in one string" in str(caught.value.diag.message_hint)
            cursor.execute("rollback")
        assert fetch(cursor, "select to_regclass('never')") == [(None,)]


@pytest.mark.parametrize("kind", ["text[]", "date[]"])
def test_the_hint_for_an_array_column_names_an_array(keyed: Database, kind: str) -> None:
    with session(keyed.dsn) as cursor:
        with pytest.raises(psycopg2.Error) as caught:
            cursor.execute(
                "select export_model.pack_item(array['X y'], array[%s]::regtype[], true, false)",
                (kind,),
            )
        assert 'select "X y"::real[] as "X y", ...' in str(caught.value.diag.message_hint)


def test_queries_within_ours_are_not_compiled(own: Database) -> None:
    """Where a setting has PostgreSQL compile each query, a verification took two minutes. It leaves
    a file of each that it compiled: of the caller's own statement, and no more."""
    if query(own.dsn, "select pg_jit_available()") != [(True,)]:
        pytest.skip("this server compiles nothing")
    for setting in ("jit_above_cost = 0", "jit_dump_bitcode = on"):
        query(own.dsn, f'alter database "{own.name}" set {setting}')

    def count_compiled() -> int:
        files = "set jit = off; select count(*) from pg_ls_dir('.') f where f like '%.bc'"
        return int(query(own.dsn, files)[0][0])

    def run(sql: str) -> None:
        with session(own.dsn) as cursor:
            cursor.execute(sql)

    for ask in (
        lambda: exporter.verify(own.dsn, "fraud"),
        lambda: exporter.models(own.dsn),
        lambda: run("select * from fraud.verify()"),
        lambda: run("select * from fraud.score_table('rows', 'id') limit 1"),
        lambda: run("call fraud.score_into('rows', 'id', 'scores')"),
    ):
        before = count_compiled()
        ask()
        assert count_compiled() - before < 10
