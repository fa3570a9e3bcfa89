"""Who may do what: roles with EXECUTE only, hostile search paths, bodies that never query."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from databases import Database, make_database

from database.networks import deploy_model, query, write_sequential
from exporter.engines.plpython.runtime import PARTS
from exporter.errors import counted
from exporter.resources import read_text

README_GRANTS = "grant usage on schema fraud to analyst"


@pytest.fixture(scope="module")
def deployed(server: Any, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with a model, to be copied."""
    with make_database(server, "security_deployed", template):
        path = tmp_path_factory.mktemp("security") / "m.h5"
        write_sequential(path, [2, 2], ["softmax"])
        deploy_model(server.dsn("security_deployed"), path, "fraud", features=["a", "b"])
        yield "security_deployed"


@pytest.fixture
def scorer(server: Any, deployed: str) -> Iterator[Database]:
    """A model, and a role `analyst` that has what the README grants."""
    with make_database(server, "security", deployed):
        database = Database(server, "security")
        query(server.dsn("postgres"), "create role analyst login")
        query(database.dsn, "revoke create on schema public from public")
        query(database.dsn, README_GRANTS)
        yield database
        query(database.dsn, "drop owned by analyst cascade")
        query(server.dsn("postgres"), "drop role analyst")


def test_execute_is_enough_to_score_in_a_fresh_session(scorer: Database) -> None:
    analyst = scorer.dsn_of("analyst")
    for call in ("fraud.score(1, 2)", "fraud.label(1, 2)", "fraud.score('{1,2}'::real[])"):
        assert query(analyst, f"select {call} is not null") == [(True,)]


@pytest.mark.parametrize(
    "sql",
    [
        *(
            f"select * from export_model.{table}"
            for table in (
                "models",
                "versions",
                "tensors",
                "chunks",
                "samples",
                "objects",
                "overview",
            )
        ),
        "update export_model.chunks set data = ''",
        "delete from export_model.models",
        "select export_model.load('x')",
        "select export_model.loaded('x')",
        "select export_model.drop_model('fraud')",
        "select export_model.bytes_array('')",
        "select export_model.bytes_doubles('')",
        "select export_model.array_message(array[1], '')",
        "select * from export_model.run_batch('{version}', '', 0, 'score')",
        "select export_model.run_real('{version}', ''::bytea)",
        "select export_model.run_text('{version}', array[''::bytea])",
        "select * from fraud.verify()",
        "create table fraud.mine (id integer)",
        "drop function fraud.score(real[])",
    ],
)
def test_a_scoring_role_reads_and_changes_nothing(scorer: Database, sql: str) -> None:
    version = "select version from export_model.versions"
    sql = sql.replace("{version}", query(scorer.dsn, version)[0][0])
    with pytest.raises(psycopg2.Error) as caught:
        query(scorer.dsn_of("analyst"), sql)
    assert caught.value.pgcode == "42501", str(caught.value)


def test_the_loader_and_the_python_functions_are_not_for_a_scoring_role(scorer: Database) -> None:
    query(scorer.dsn, "grant usage on schema export_model to analyst")
    names = query(
        scorer.dsn,
        "select p.oid::regprocedure::text from pg_proc p"
        " where p.pronamespace in ('fraud'::regnamespace, 'export_model'::regnamespace)"
        " and (p.proname like 'run%' or p.proname like 'load%' or p.proname = 'drop_model')",
    )
    assert len(names) == 19
    for (name,) in names:
        allowed = query(
            scorer.dsn, "select has_function_privilege('analyst', %s, 'execute')", (name,)
        )
        assert allowed == [(False,)], name


def test_the_catalog_shows_no_weights_to_a_scoring_role(scorer: Database) -> None:
    rows = query(
        scorer.dsn_of("analyst"),
        "select prosrc from pg_proc where pronamespace = 'fraud'::regnamespace",
    )
    short = query(
        scorer.dsn,
        "select max(length(prosrc)) from pg_proc where pronamespace = 'fraud'::regnamespace"
        " and proname <> 'verify'",
    )
    assert rows
    assert short[0][0] < 3000
    assert max(len(source) for (source,) in rows) < 5000  # verify asks each form of score
    (chunk,) = query(scorer.dsn, "select data from export_model.chunks limit 1")[0]
    weights = [f"{value:.6g}" for value in np.frombuffer(chunk, "<f4") if value % 1]
    assert weights
    for weight in weights:
        assert not any(weight in source for (source,) in rows)


def test_printed_plans_show_no_weights(scorer: Database) -> None:
    """Who may score may have the plans of all queries of his session printed to himself."""
    ((data,),) = query(scorer.dsn, "select data from export_model.chunks")
    connection = psycopg2.connect(scorer.dsn_of("analyst"))
    connection.notices = deque()  # a list keeps the last 50 only
    with connection.cursor() as cursor:
        cursor.execute("set client_min_messages = log")
        for what in ("parse", "rewritten", "plan"):
            cursor.execute(f"set debug_print_{what} = on")
        cursor.execute("select fraud.score(1, 2), '\\x0102037f'::bytea")
        for form in ("score_table", "label_table"):
            cursor.execute(
                f"select * from fraud.{form}('select 1 as id, 1::real as a, 2 as b', 'id')"
            )
    connection.close()
    shown = re.sub(r"\s+", "", "".join(connection.notices))  # lines end within numbers, too
    assert "123127]" in shown  # the setting works
    weights = "".join(str(byte - 256 if byte > 127 else byte) for byte in bytes(data))
    assert weights not in shown


def test_a_hostile_search_path_is_not_followed(scorer: Database) -> None:
    """Operators and functions of the caller must never run with the owner's rights."""
    query(scorer.dsn, "create schema evil; grant all on schema evil to analyst")
    query(scorer.dsn, "create table trophy (who text)")
    evil = """
        create function evil.spy(text, text) returns boolean language plpgsql as
          $$ begin raise exception 'spied as %', current_user; end $$;
        create operator evil.= (leftarg = text, rightarg = text, function = evil.spy);
        create operator evil.<> (leftarg = text, rightarg = text, function = evil.spy);
        create function evil.spy(bytea, bytea) returns bytea language plpgsql as
          $$ begin raise exception 'spied as %', current_user; end $$;
        create function evil.spy(bigint, bigint) returns boolean language plpgsql as
          $$ begin raise exception 'spied as %', current_user; end $$;
        create operator evil.= (leftarg = bigint, rightarg = bigint, function = evil.spy);
        create operator evil.<> (leftarg = bigint, rightarg = bigint, function = evil.spy);
        create function evil.format(text, text) returns text language plpgsql as
          $$ begin raise exception 'spied as %', current_user; end $$;
        create function evil.array_bytes(real[]) returns bytea language plpgsql as
          $$ begin raise exception 'spied as %', current_user; end $$;
        create function evil.byteasend(bytea) returns bytea language plpgsql as
          $$ begin raise exception 'spied as %', current_user; end $$;
        create operator evil.|| (leftarg = bytea, rightarg = bytea, function = evil.spy);
        create function evil.count() returns bigint language sql as 'select 0::bigint';
        create table evil.versions (version text); create table evil.chunks (version text);
        create domain evil.real as text; create domain evil.text as integer;
    """
    query(scorer.dsn_of("analyst"), evil)
    connection = psycopg2.connect(scorer.dsn_of("analyst"))
    with connection.cursor() as cursor:
        cursor.execute("set search_path = evil, pg_catalog")
        with pytest.raises(psycopg2.Error, match="spied as analyst"):
            cursor.execute("select 'a'::pg_catalog.text = 'b'::pg_catalog.text")  # the trap works
        connection.rollback()
        cursor.execute("set search_path = evil, pg_catalog")
        cursor.execute("set export_model.cache_size = '512MB'")
        for call in ("fraud.score(1, 2)", "fraud.label('{1,2}'::pg_catalog.float4[])"):
            cursor.execute(f"select {call}")
            assert cursor.fetchone() is not None
        source = "'select 1 as id, 0.5 as a, 2::pg_catalog.float8 as b'"
        for call in (
            "s.score from fraud.score_batch('{1}'::pg_catalog.int4[], fraud.pack(1, 2)) s",
            f"s.score from fraud.score_table({source}, 'id') s",
            f"s.label from fraud.label_table({source}, 'id') s",
        ):
            cursor.execute(f"select {call}")
            assert len(cursor.fetchall()) == 1
    connection.close()
    connection = psycopg2.connect(scorer.dsn_of("analyst"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "create table evil.rows (id pg_catalog.int4, a pg_catalog.float4, b numeric)"
        )
        cursor.execute("insert into evil.rows values (1, 2, 3)")
        cursor.execute("set search_path = evil, pg_catalog")
        for name in ("rows", "table rows"):
            for count in (1, 0):
                cursor.execute(f"call fraud.score_into('{name}', 'id', '\"scores of {name}\"')")
                assert f"{counted(count, 'row')} scored" in connection.notices[-1]
    connection.close()


def test_deploying_under_a_hostile_search_path(database: Database, tmp_path: Path) -> None:
    query(
        database.dsn,
        "create schema evil; create function evil.count() returns bigint language plpgsql as"
        " $$ begin raise exception 'spied'; end $$;"
        "create table evil.pg_language (lanname text); create table evil.pg_roles (x text)",
    )
    dsn = database.dsn + "?options=-c%20search_path%3Devil%2Cpg_catalog"
    path = write_sequential(tmp_path / "m.h5", [2, 2], ["softmax"])
    deploy_model(dsn, path, "m")
    assert query(database.dsn, "select m.score('{1,2}') is not null") == [(True,)]


def test_what_ships_never_queries_from_python() -> None:
    """A query from PL/Python fails in a parallel plan, and then crashed the server."""
    root = Path(__file__).parents[2]
    asked = [
        node.attr
        for part in ("head", *PARTS, "tail")
        for node in ast.walk(ast.parse(read_text(f"plpython/{part}.py")))
        if isinstance(node, ast.Attribute) and "plpy" in ast.unparse(node.value)
    ]
    assert sorted(asked) == ["error", "log"]  # of a plan, and where a statement was cancelled
    template = (root / "sql_templates" / "plpython" / "postgres" / "run.sql").read_text()
    assert template.count("plpy.") == template.count("plpy.error(") == 1


def test_functions_of_a_plain_owner_still_score(scorer: Database) -> None:
    """Superuser rights can be taken out of scoring: the owner only needs the registry."""
    query(scorer.dsn, "create role keeper nologin")
    try:
        query(
            scorer.dsn,
            """do $$
            declare l_sql text;
            begin
              for l_sql in
                select format('alter routine %s owner to keeper', oid::regprocedure) from pg_proc
                  where pronamespace in ('fraud'::regnamespace, 'export_model'::regnamespace)
                union all
                select format('alter table %s owner to keeper', oid::regclass) from pg_class
                  where relnamespace = 'export_model'::regnamespace and relkind in ('r', 'v')
                union all select 'alter schema fraud owner to keeper'
                union all select 'alter schema export_model owner to keeper'
              loop execute l_sql; end loop;
            end $$""",
        )
        assert query(scorer.dsn_of("analyst"), "select fraud.score(1, 2) is not null") == [(True,)]
        owners = query(
            scorer.dsn,
            "select distinct proowner::regrole::text from pg_proc"
            " where pronamespace = 'fraud'::regnamespace",
        )
        assert owners == [("keeper",)]
    finally:
        query(scorer.dsn, "drop owned by keeper cascade; drop role keeper")
