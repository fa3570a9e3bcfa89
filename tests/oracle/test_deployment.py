"""Deploying to Oracle: staged beside what scores, with a failure at every statement in turn."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from budgets import is_thorough
from database.networks import compile_graph, write_sequential
from plsql.grammar.scripts import compile_file
from plsql.machine import Database, Session
from plsql.values import PlsqlError

import exporter
from exporter.databases import database_of
from exporter.databases.oracle.registry import TABLES, uninstall
from exporter.databases.oracle.sqlplus import ArrayStatement, SqlPlusScript, Unit
from exporter.databases.oracle.switches import SWITCH
from exporter.databases.results import Entry
from exporter.engines.plsql.runtime import runtime_units
from exporter.errors import DatabaseError, SignatureError
from exporter.ir.graph import Graph, Node, Port
from exporter.ir.ops import Softmax
from exporter.sql.script import Statement
from exporter.sql.text import Sql
from oracle.networks import SOURCE, dense
from oracle.schemas import Schema

ROW = [0.5, -1.0, 2.0]
NOTHING = "nothing to do"


def small(
    folder: Path, seed: int, name: str = "fraud", samples: int = 2, **options: Any
) -> SqlPlusScript:
    """The script of a 3-2 softmax; seeds make versions."""
    path = write_sequential(folder / f"{seed}.h5", [3, 4, 2], ["relu", "softmax"], seed=seed)
    options = {"features": ["a", "b", "c"], "labels": ["no", "yes"], **options}
    return compile_file(path, name, samples, **options)


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[SqlPlusScript, SqlPlusScript]:
    """Two versions of one model."""
    folder = tmp_path_factory.mktemp("versions")
    return small(folder, 0, samples=1), small(folder, 1, samples=1)


def scores(session: Session, name: str = "fraud") -> list[float]:
    """What a model gives for ROW."""
    return list(session.call(f"{name}.score", np.array(ROW, np.float32)).a)


def test_names_of_many_bytes_are_cut_to_their_columns(interpreter: Schema) -> None:
    name = "\u0431" * 900
    ops = (dense(3, 2), Softmax(0))
    nodes = tuple(
        Node(op, (n,), n + 1, (2,), f"{name}{n}") for n, op in enumerate(ops)
    )  # fmt: skip
    source = replace(SOURCE, file_name=name)
    ports = (Port(name, 0, (3,)),), (Port(name, 2, (2,)),)
    graph = Graph("long", ports[0], nodes, ports[1], source, 0)
    script, _ = compile_graph(graph, "fraud", 1, target="oracle")
    database_of(interpreter.dsn).deploy(script, interpreter.dsn, lambda name: None)
    assert exporter.verify(interpreter.dsn, "fraud").is_ok
    for column, table in (("name", "tensors"), ("name", "samples"), ("source_file", "versions")):
        rows = interpreter.run(f"select {column} from export_model_{table}")
        assert {text for (text,) in rows} == {"\u0431" * 500}


def expected(script: SqlPlusScript) -> list[float]:
    """What it should give: scored in a database of its own."""
    session = Database().session()
    session.run_script(str(script))
    return scores(session)


def list_of(schema: Schema) -> list[Entry]:
    """What export-model list shows."""
    return database_of(schema.dsn).list_versions(schema.dsn)


def deploy(schema: Schema, script: SqlPlusScript) -> Any:
    """Deploy through a connection."""
    return database_of(schema.dsn).deploy(script, schema.dsn, lambda name: None)


def test_the_life_of_a_model(schema: Schema, versions: tuple[SqlPlusScript, SqlPlusScript]) -> None:
    before = schema.objects
    server = database_of(schema.dsn)
    for number, script in enumerate(versions, 1):
        assert deploy(schema, script).was_there is False
        assert deploy(schema, script).was_there is True
        report = server.verify(schema.dsn, "Fraud")
        assert report.is_ok
        assert report.samples == 1
        assert report.difference < 1e-6
        assert report.expected_by == "export-model, float64"
        entries = list_of(schema)
        assert len(entries) == number
        assert [e.version for e in entries if e.is_current] == [script.version[:12]]
    entry = next(e for e in entries if e.is_current)
    assert (entry.model, entry.parameters, entry.format_version) == ("fraud", 26, "2.2.4")
    assert entry.inputs == "dense_0_input (3)"
    ((label,),) = schema.run("select fraud.label(0.5, -1, 2) from dual")
    assert label in ("no", "yes")
    server.drop(schema.dsn, "fraud", False)
    assert schema.objects == before
    with pytest.raises(DatabaseError, match='no model "fraud"'):
        server.drop(schema.dsn, "fraud", False)
    with pytest.raises(DatabaseError, match='no model "fraud"'):
        server.verify(schema.dsn, "fraud")


def test_an_older_version_can_be_deployed_again(
    schema: Schema, versions: tuple[SqlPlusScript, SqlPlusScript]
) -> None:
    first, second = versions
    for script in (first, second, first):
        deploy(schema, script)
        current = [entry.version for entry in list_of(schema) if entry.is_current]
        assert current == [script.version[:12]]
        assert database_of(schema.dsn).verify(schema.dsn, "fraud").is_ok


def contents(database: Database) -> dict[str, list[Any]]:
    """All rows of the registry, without times."""
    session = database.session()
    found = {}
    for table in TABLES:
        result = session.execute(f"select * from export_model_{table}")
        names = [name for name, _ in result.columns]
        keep = [n for n, name in enumerate(names) if not name.endswith("_AT")]
        found[table] = sorted(str([_plain(row[n]) for n in keep]) for row in result.rows)
    return found


def _plain(value: Any) -> Any:
    return list(value.a) if hasattr(value, "a") else value


def test_script_and_connection_reach_the_same_state(interpreter: Schema, tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "large.h5", [300, 150, 2], ["relu", "softmax"])
    script = compile_file(path, "large", labels=["it's", "é & ü"])
    deploy(interpreter, script)
    other = Database()
    for _ in range(2):  # the second run changes nothing
        outcome = other.session("owner").run_script(str(script), stop=False)
        assert not outcome.failed
        assert interpreter.database is not None
        assert contents(other) == contents(interpreter.database)
    assert NOTHING in str(outcome.errors[0])


def test_registry_holds_the_weights_exactly(interpreter: Schema, tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "large.h5", [300, 150, 2], ["relu", "softmax"])
    script = compile_file(path, "large")
    assert interpreter.database is not None
    session = interpreter.database.session()
    session.run_script(str(script))
    rows = session.execute("select numbers, data from export_model_weights order by part").rows
    stored = [(int(numbers), np.array(data.a, np.float32)) for numbers, data in rows]
    arrays = [
        item.array
        for item in script.statements
        if isinstance(item, ArrayStatement) and item.name.startswith("weights")
    ]
    assert len(stored) == len(arrays) == 4
    for (numbers, data), array in zip(stored, arrays, strict=True):
        assert numbers == data.size
        np.testing.assert_array_equal(data, array)


def test_a_large_part_is_written_twice_and_continues(interpreter: Schema, tmp_path: Path) -> None:
    """Not once for each piece: the pieces wait as rows, and are joined when the last has come."""
    path = write_sequential(tmp_path / "large.h5", [300, 150, 2], ["relu", "softmax"])
    script = compile_file(path, "large", samples=1)
    (large,) = [
        item
        for item in script.statements
        if isinstance(item, ArrayStatement) and item.array.size == 45_000
    ]
    pieces = list(large.pieces())
    assert len(pieces) == 3 + 1  # of 20,000 numbers, and the one that joins them
    assert all("insert into export_model_weights" in piece for piece in pieces)
    assert not any("update" in piece for piece in pieces)
    deploy(interpreter, script)
    assert interpreter.database is not None
    first = numbers_of(script, large.name)[0]
    for number in (first + 1, first + 3):  # the second piece, and the join
        database = Database()
        database.fail_statement(number)
        assert database.session("owner").run_script(str(script), stop=False).failed
        assert not database.session("owner").run_script(str(script), stop=False).failed
        assert contents(database) == contents(interpreter.database)


def count_statements(script: SqlPlusScript) -> int:
    """Statements of the file; the first two only ask whether anything is left to do."""
    return 2 + sum(len(list(item.pieces())) for item in script.statements)


def numbers_of(script: SqlPlusScript, name: str) -> list[int]:
    """The numbers of the statements whose names begin so; they count from 1, the guard."""
    statements = [item for item in script.statements for _ in item.pieces()]
    return [n for n, item in enumerate(statements, 3) if item.name.startswith(name)]


def forget(session: Session, script: SqlPlusScript, other: SqlPlusScript) -> None:
    """Remove a version as if it had never been deployed; the other one scores."""
    package, old = (f"fraud_{item.version[:8]}" for item in (script, other))
    session.execute(f"create or replace synonym fraud for {old}")
    session.execute(f"drop package {package}")
    for table in ("samples", "weights", "tensors", "versions"):
        session.execute(f"delete from export_model_{table} where version = :1", [script.version])
    session.commit()


def some_of(count: int, first: int, near: int = -1) -> list[int]:
    """Numbers of statements, from 1: every second one and those at a place where more depends on
    each, for time; all of them in the profile `thorough`."""
    return [n for n in range(1, count + 1) if is_thorough() or n % 2 != first or abs(n - near) < 2]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_failure_at_any_statement_leaves_the_old_version_scoring(
    versions: tuple[SqlPlusScript, SqlPlusScript], after: bool
) -> None:
    text = str(versions[1])
    old, new = map(expected, versions)
    assert old != new
    count = count_statements(versions[1])
    # Errors at packages are passed over: at the runtime, which is there already, and at those of
    # the model, where they were made all the same.
    passed = numbers_of(versions[1], "runtime")
    passed += numbers_of(versions[1], "model: package") if after else []
    (switch,) = numbers_of(versions[1], SWITCH)
    database = Database()
    database.session().run_script(str(versions[0]))
    for number in some_of(count, after, near=switch):
        watcher = database.session()
        assert scores(watcher) == old
        database.fail_statement(number, after=after)
        session = database.session()
        outcome = session.run_script(text, stop=False)
        session.close()
        assert outcome.failed == (number not in passed), f"statement {number}"
        switched = number + after > switch or number in passed
        for reader in (watcher, database.session()):
            assert scores(reader) == (new if switched else old), f"statement {number}"
        again = database.session().run_script(text, stop=False)
        assert not again.failed, f"running again after statement {number}: {again.errors}"
        for reader in (watcher, database.session()):  # no ORA-04068 in a session that held state
            assert scores(reader) == new
        states = database.session().query("select state from export_model_versions")
        assert states == [("verified",), ("verified",)]
        forget(database.session(), versions[1], versions[0])


def test_a_first_deployment_that_fails_continues(
    versions: tuple[SqlPlusScript, SqlPlusScript],
) -> None:
    script = str(versions[0])
    # The test above fails at the others of the same statements.
    for number in some_of(count_statements(versions[0]), 1):
        database = Database()
        database.fail_statement(number)
        session = database.session()
        assert session.run_script(script, stop=False).failed
        session.close()
        assert not database.session().run_script(script, stop=False).failed
        assert len(scores(database.session())) == 2


def test_a_lost_connection_at_any_statement(
    interpreter: Schema, versions: tuple[SqlPlusScript, SqlPlusScript]
) -> None:
    first, second = versions
    old, new = map(expected, versions)
    database = interpreter.database
    assert database is not None
    deploy(interpreter, first)
    names = ["guard", *["what changes for callers?"] * 5, "is the runtime installed?"]
    asked = len(names)
    for item in second.statements:  # before a package is made, it is asked whether it is there
        names += [item.name] * (2 if item.name.startswith("model: package") else 1)
    switch = names.index(SWITCH) + 1
    for number in some_of(len(names), 1, near=switch):
        database.fail_statement(number)
        with pytest.raises(DatabaseError) as caught:
            deploy(interpreter, second)
        message = str(caught.value)
        assert "ORA-03113" in message
        assert number <= asked or "continues" in message or "export-model list" in message
        assert "secret" not in message
        assert scores(database.session()) == (new if number > switch else old)
        deploy(interpreter, second)
        assert scores(database.session()) == new
        forget(database.session(), second, first)


def test_an_uninstallation_that_fails_continues(
    versions: tuple[SqlPlusScript, SqlPlusScript],
) -> None:
    removal = uninstall("fraud")
    for number in some_of(count_statements(removal), 0):
        database = Database()
        for script in versions:
            database.session().run_script(str(script))
        database.fail_statement(number)
        assert database.session().run_script(str(removal), stop=False).failed
        assert not database.session().run_script(str(removal), stop=False).failed
        assert database.session().query("select object_name from user_objects") == []
    outcome = database.session().run_script(str(removal), stop=False)
    assert not outcome.failed
    assert "nothing to remove" in str(outcome.errors[0])


def test_two_models_share_a_runtime_and_a_registry(tmp_path: Path) -> None:
    database = Database()
    session = database.session()
    session.execute("create table keep (id number)")
    session.run_script(str(small(tmp_path, 0)))
    session.run_script(str(small(tmp_path, 1, name="churn")))
    session.run_script(str(uninstall("fraud")))
    assert len(scores(database.session(), "churn")) == 2
    with pytest.raises(PlsqlError):
        scores(database.session(), "fraud")
    outcome = session.run_script(str(uninstall("fraud")), stop=False)
    assert "nothing to remove" in str(outcome.errors[0])
    session.run_script(str(uninstall("churn")))
    assert session.query("select object_name from user_objects") == [("KEEP",)]


def broken(script: SqlPlusScript, name: str, pattern: str, replacement: str) -> SqlPlusScript:
    """The script with one statement changed."""
    statements = list(script.statements)
    (place,) = [n for n, item in enumerate(statements) if item.name.startswith(name)]
    (piece,) = statements[place].pieces()
    text = re.sub(pattern, replacement, piece, count=1)
    assert text != piece
    statements[place] = Statement(statements[place].name, Sql(text))
    return replace(script, statements=tuple(statements))


@pytest.mark.parametrize(
    ("name", "pattern", "replacement", "message"),
    [
        ("model: package body", r"g_is_loaded := true", "g_is_loaded := 1", "does not compile"),
        ("sample 1 of 1: dense_1", r"utl_nla_array_flt\([^)]*\)", "utl_nla_array_flt(0.25f, 0.75f)",
         "ORA-20107"),
        ("weights: part 2 of 4", r"utl_nla_array_flt\(", "utl_nla_array_flt(1f, ", "ORA-20104"),
        ("weights: part 3 of 4", r"if l_found = 0", "if l_found = 9", "ORA-20103"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_never_switched_to(
    versions: tuple[SqlPlusScript, SqlPlusScript],
    name: str,
    pattern: str,
    replacement: str,
    message: str,
) -> None:
    old, new = map(expected, versions)
    database = Database(strict_compile=False)
    database.session().run_script(str(versions[0]))
    bad = broken(versions[1], name, pattern, replacement)
    outcome = database.session().run_script(str(bad), stop=False)
    assert outcome.failed
    assert message in str(outcome.errors[-1])
    assert scores(database.session()) == old
    # What was staged wrong does not stay: the right script makes it anew.
    assert not database.session().run_script(str(versions[1]), stop=False).failed
    assert scores(database.session()) == new


def test_a_compilation_error_names_line_and_reason(
    versions: tuple[SqlPlusScript, SqlPlusScript],
) -> None:
    bad = broken(versions[0], "model: package body", r"l_2, 2\)", "l_2, 2, unknown_name)")
    outcome = Database(strict_compile=False).session().run_script(str(bad), stop=False)
    message = str(outcome.errors[-1])
    assert re.search(r"line \d+: .*unknown_name", message, flags=re.I), message
    assert "ORA-20904" in message


@pytest.mark.parametrize("privilege", ["CREATE TABLE", "CREATE PROCEDURE", "CREATE SYNONYM"])
def test_a_missing_privilege_is_told_before_anything_is_made(
    versions: tuple[SqlPlusScript, SqlPlusScript], privilege: str
) -> None:
    database = Database()
    held = {"CREATE TABLE", "CREATE PROCEDURE", "CREATE SYNONYM"} - {privilege}
    session = database.session()
    database.catalog.system_privileges["OWNER"] = held
    outcome = session.run_script(str(versions[0]), stop=False)
    assert outcome.failed
    assert f"grant {privilege.lower()} to OWNER" in str(outcome.errors[0])
    assert session.query("select object_name from user_objects") == []


@pytest.mark.parametrize(
    "statement",
    [
        "create table fraud (id number)",
        "create or replace synonym fraud for something_else",
        "create or replace package fraud is\n  procedure x;\nend fraud;",
    ],
)
def test_a_name_that_is_taken_is_refused_and_left_untouched(
    versions: tuple[SqlPlusScript, SqlPlusScript], statement: str
) -> None:
    database = Database()
    session = database.session()
    session.execute(statement)
    before = session.query("select object_name, object_type from user_objects")
    for _ in range(2):
        outcome = session.run_script(str(versions[0]), stop=False)
        assert outcome.failed
        assert "ORA-20902" in str(outcome.errors[0])
        assert session.query("select object_name, object_type from user_objects") == before


def test_a_foreign_registry_is_refused(versions: tuple[SqlPlusScript, SqlPlusScript]) -> None:
    session = Database().session()
    session.execute("create table export_model_versions (id number)")
    session.execute("comment on table export_model_versions is 'mine'")
    outcome = session.run_script(str(versions[0]), stop=False)
    assert "ORA-20903" in str(outcome.errors[0])


def test_a_synonym_that_someone_turned_elsewhere_is_left_alone(
    versions: tuple[SqlPlusScript, SqlPlusScript],
) -> None:
    database = Database()
    session = database.session()
    session.run_script(str(versions[0]))
    session.execute("create or replace synonym fraud for something_else")
    session.run_script(str(uninstall("fraud")))
    assert session.query("select synonym_name from user_synonyms") == [("FRAUD",)]


def test_grants_are_copied_and_scorers_see_no_weights(
    versions: tuple[SqlPlusScript, SqlPlusScript],
) -> None:
    first, second = versions
    new = expected(second)
    database = Database()
    owner = database.session()
    database.role("scorers")
    analyst = database.session("analyst")
    clerk = database.session("clerk")
    database.user("clerk", ["scorers"])
    owner.run_script(str(first))
    with pytest.raises(PlsqlError):
        scores(analyst, "owner.fraud")
    owner.execute("grant execute on fraud to analyst")
    owner.execute("grant execute on fraud to scorers")
    for reader in (analyst, clerk):
        assert len(scores(reader, "owner.fraud")) == 2
    owner.run_script(str(second))
    for reader in (analyst, clerk, database.session("analyst")):
        assert scores(reader, "owner.fraud") == new
        for table in TABLES:
            with pytest.raises(PlsqlError, match="ORA-00942"):
                reader.query(f"select count(*) from owner.export_model_{table}")
    with pytest.raises(PlsqlError):
        scores(database.session("stranger"), "owner.fraud")


def grants(owner: Session) -> set[tuple[str, str]]:
    """(package, grantee) of all that others may call."""
    found = owner.query("select table_name, grantee from user_tab_privs where owner = 'OWNER'")
    return {(str(package), str(grantee)) for package, grantee in found}


def test_a_revoked_user_calls_no_version(
    versions: tuple[SqlPlusScript, SqlPlusScript],
) -> None:
    first, second = versions
    database = Database()
    owner = database.session()
    owner.run_script(str(first))
    packages = [f"fraud_{item.version[:8]}" for item in versions]
    analyst, clerk = database.session("analyst"), database.session("clerk")
    for grantee in ("analyst", "clerk", "public"):
        owner.execute(f"grant execute on fraud to {grantee}")
    owner.run_script(str(second))
    assert grants(owner) == {
        (packages[1].upper(), name) for name in ("ANALYST", "CLERK", "PUBLIC")
    }  # nobody calls the version before
    owner.execute("revoke execute on fraud from public")
    owner.execute("revoke execute on fraud from analyst")
    assert len(scores(clerk, "owner.fraud")) == 2
    for package in ("fraud", *packages):
        with pytest.raises(PlsqlError):
            scores(analyst, f"owner.{package}")
    # Going back gives nothing back to who was revoked meanwhile.
    owner.execute(f"grant execute on {packages[0]} to analyst")
    owner.run_script(str(first))
    assert grants(owner) == {(packages[0].upper(), "CLERK")}
    # A grant on a version that was replaced is a reason to run the script again.
    owner.execute(f"grant execute on {packages[1]} to analyst")
    assert not owner.run_script(str(first), stop=False).failed
    assert grants(owner) == {(packages[0].upper(), "CLERK")}


@pytest.mark.parametrize("through", ["script", "connection"])
def test_going_back_to_an_older_file_compiles_nothing(
    interpreter: Schema, versions: tuple[SqlPlusScript, SqlPlusScript], through: str
) -> None:
    """A session that scores with the older package meets no ORA-04068."""
    database = interpreter.database
    assert database is not None

    def put(script: SqlPlusScript) -> None:
        if through == "script":
            database.session().run_script(str(script))
        else:
            deploy(interpreter, script)

    put(versions[0])
    package = f"fraud_{versions[0].version[:8]}"
    watcher = database.session()
    old = scores(watcher, package)
    put(versions[1])
    put(versions[0])
    assert scores(watcher, package) == old
    assert scores(watcher) == old


def test_an_error_of_the_runtime_is_shown(
    versions: tuple[SqlPlusScript, SqlPlusScript],
) -> None:
    database = Database()
    text = str(versions[0])
    database.fail_statement(numbers_of(versions[0], "runtime: package body")[0])
    outcome = database.session().run_script(text, stop=False)
    assert outcome.failed
    assert [error.code for error in outcome.errors] == [-3113, -20904]
    assert "could not be made" in str(outcome.errors[-1])
    assert not database.session().run_script(text, stop=False).failed


@pytest.mark.parametrize(
    ("character_set", "label", "is_held"),
    [
        ("AL32UTF8", "\u0436\U0001f600", True),
        ("WE8MSWIN1252", "\u00e9\u20ac", True),
        ("WE8ISO8859P1", "\u00e9\u20ac", False),
        ("WE8MSWIN1252", "\u0436", False),
        ("CL8MSWIN1251", "\u0436", True),
        ("US7ASCII", "\u00e9", False),
        ("JA16SJIS", "\u00e9", False),  # not known to hold it
        ("US7ASCII", "e", True),
    ],
)
def test_labels_that_the_database_would_lose_are_refused(
    interpreter: Schema, tmp_path: Path, character_set: str, label: str, is_held: bool
) -> None:
    assert interpreter.database is not None
    interpreter.database.catalog.character_set = character_set
    script = small(tmp_path, 0, samples=1, labels=["no", label])
    if is_held:
        deploy(interpreter, script)
        return
    for run in (
        lambda: deploy(interpreter, script),
        lambda: interpreter.database.session().run_script(str(script)),  # type: ignore[union-attr]
    ):
        with pytest.raises((DatabaseError, PlsqlError), match="ORA-20905") as caught:
            run()
        assert ascii(label) in str(caught.value)
        assert character_set in str(caught.value)
    assert interpreter.objects == []


def test_a_grant_to_public_is_copied(versions: tuple[SqlPlusScript, SqlPlusScript]) -> None:
    database = Database()
    owner = database.session()
    owner.run_script(str(versions[0]))
    owner.execute("grant execute on fraud to public")
    owner.run_script(str(versions[1]))
    assert scores(database.session("stranger"), "owner.fraud") == expected(versions[1])


@pytest.mark.parametrize(
    ("name", "sql_name"),
    [
        ("Fraud_2", "fraud_2"),
        ("date", '"date"'),
        ("my model", '"my model"'),
        ("x'; drop table keep; --", '"x\'; drop table keep; --"'),
        ("a" * 119, "a" * 119),
    ],
)
def test_any_name_that_oracle_can_have(
    interpreter: Schema, tmp_path: Path, name: str, sql_name: str
) -> None:
    script = small(tmp_path, 0, name=name)
    assert interpreter.database is not None
    session = interpreter.database.session()
    session.execute("create table keep (id number)")
    session.run_script(str(script))
    assert len(scores(session, sql_name)) == 2
    server = database_of(interpreter.dsn)
    assert server.verify(interpreter.dsn, name).is_ok
    assert deploy(interpreter, script).was_there
    server.drop(interpreter.dsn, name, False)
    assert interpreter.objects == [("KEEP", "TABLE")]


def test_names_before_12_2(tmp_path: Path) -> None:
    script = small(tmp_path, 0, name="a" * 21, oracle_version="12.1")
    session = Database("12.1").session()
    session.run_script(str(script))
    assert len(scores(session, "a" * 21)) == 2
    session.run_script(str(uninstall("a" * 21)))
    assert session.query("select object_name from user_objects") == []


def test_labels_with_quotes_and_beyond_ascii(schema: Schema, tmp_path: Path) -> None:
    labels = ["it's", "Größe 模型 & 😀"]
    deploy(schema, small(tmp_path, 0, labels=labels))
    found = {
        schema.run(f"select fraud.label({a}, {-a}, {2 - a}) from dual")[0][0] for a in range(-4, 5)
    }
    assert found == set(labels)


def test_doctor(schema: Schema) -> None:
    checks = database_of(schema.dsn).examine(schema.dsn)
    assert [check.level for check in checks] == ["ok"] * 7, checks
    names = ["server", "user", "space", "UTL_NLA", "supplied packages", "runtime", "registry"]
    assert [check.name for check in checks] == names


def test_doctor_says_what_is_missing_and_what_did_not_finish(
    interpreter: Schema, versions: tuple[SqlPlusScript, SqlPlusScript]
) -> None:
    database = interpreter.database
    assert database is not None
    broken_script = broken(versions[0], "was the package compiled?", "begin", "begin\n  wrong;")
    database.session().run_script(str(broken_script), stop=False)
    database.catalog.system_privileges["OWNER"] = {"CREATE TABLE"}
    database.catalog.quotas["OWNER"] = 0
    checks = {check.name: check for check in database_of(interpreter.dsn).examine(interpreter.dsn)}
    assert checks["user"].advice.endswith("grant create procedure, create synonym to OWNER;")
    assert "quota unlimited on USERS" in checks["space"].advice
    assert checks["registry"].level == "slow"
    assert "fraud" in checks["registry"].finding
    database.catalog.system_packages -= {"DBMS_SESSION", "UTL_RAW"}
    checks = {check.name: check for check in database_of(interpreter.dsn).examine(interpreter.dsn)}
    assert (
        "UTL_RAW, for models of texts or windows; DBMS_SESSION"
        in checks["supplied packages"].finding
    )
    assert "grant execute on sys.dbms_session to OWNER;" in checks["supplied packages"].advice


def test_without_utl_nla_nothing_is_made(
    versions: tuple[SqlPlusScript, SqlPlusScript],
) -> None:
    database = Database()
    session = database.session()
    database.catalog.system_packages = set()
    outcome = session.run_script(str(versions[0]), stop=False)
    assert outcome.failed
    assert "grant execute on sys.utl_nla to OWNER" in str(outcome.errors[0])
    assert session.query("select object_name from user_objects") == []


def test_verify_tells_how_far_samples_are_off(
    interpreter: Schema, versions: tuple[SqlPlusScript, SqlPlusScript]
) -> None:
    deploy(interpreter, versions[0])
    assert interpreter.database is not None
    session = interpreter.database.session()
    wrong = np.array([0.9, 0.9], np.float32)
    session.execute(
        "update export_model_samples set numbers = :x where is_output = 1", {"x": wrong}
    )
    session.commit()
    report = database_of(interpreter.dsn).verify(interpreter.dsn, "fraud")
    assert not report.is_ok
    assert report.failed == 1
    assert 0.1 < report.difference < 1
    with pytest.raises(PlsqlError, match="ORA-20107"):
        session.call_procedure("fraud.verify")


def test_a_score_may_be_off_by_the_fifth_digit(
    interpreter: Schema, versions: tuple[SqlPlusScript, SqlPlusScript]
) -> None:
    deploy(interpreter, versions[0])
    assert interpreter.database is not None
    session = interpreter.database.session()
    ((right,),) = session.query("select numbers from export_model_samples where is_output = 1")
    for difference, failed in ((0.9e-5, 0), (1.2e-5, 1), (-0.9e-5, 0), (-1.2e-5, 1)):
        session.execute(
            "update export_model_samples set numbers = :x where is_output = 1",
            {"x": np.array(list(right), np.float32) + np.float32([0, difference])},
        )
        session.commit()
        report = database_of(interpreter.dsn).verify(interpreter.dsn, "fraud")
        assert report.failed == failed, difference


PIPE_ALL_BUT_ONE = "if i > 1 then pipe row (l_score); end if;"


def spoiled(script: SqlPlusScript, name: str, right: str, wrong: str) -> SqlPlusScript:
    """The script with a fault, and a runtime of its own, because none is replaced."""
    known = runtime_units().name
    statements = []
    for item in script.statements:
        sql = item.sql.replace(right, wrong) if item.name.startswith(name) else item.sql
        assert (sql != item.sql) is item.name.startswith(name)
        sql = sql.replace(known, "nn_runtime_spoiled")
        sql = sql.replace(known.upper(), "NN_RUNTIME_SPOILED")
        is_runtime = isinstance(item, Unit) and item.key == known.upper()
        key = {"key": "NN_RUNTIME_SPOILED"} if is_runtime else {}
        statements.append(replace(item, sql=Sql(sql), **key))
    return replace(script, statements=tuple(statements))


@pytest.mark.parametrize(
    ("samples", "name", "right", "wrong"),
    [
        # The bias twice, in batches alone: rows that are scored alone never come here.
        (1, "runtime: package body", "p_rows, 1, 1f, p_bias", "p_rows, 1, 2f, p_bias"),
        (3, "runtime: package body", "p_rows, 1, 1f, p_bias", "p_rows, 1, 2f, p_bias"),
        (3, "model: package body", "forward(l_x, l_count,", "forward(l_x, 1,"),
        (3, "model: package body", "l_score.score := nn_runtime", "l_score.score := null; -- nn"),
        (3, "model: package body", "pipe row (l_score);", PIPE_ALL_BUT_ONE),
        (3, "model: package body", "pipe row (l_score);", "pipe row (l_score);" * 2),
        (3, "model: package body", "a, b, c\n", "a, c, b\n"),  # score(a, b, c) alone
    ],
    ids=["bias of one sample", "bias", "rows", "null", "lost", "twice", "features"],
)  # fmt: skip
def test_what_is_wrong_on_one_path_alone_is_not_switched_to(
    interpreter: Schema,
    versions: tuple[SqlPlusScript, SqlPlusScript],
    tmp_path: Path,
    samples: int,
    name: str,
    right: str,
    wrong: str,
) -> None:
    deploy(interpreter, versions[0])
    assert interpreter.database is not None
    scored = scores(interpreter.database.session())
    script = spoiled(small(tmp_path, 5, samples=samples), name, right, wrong)
    with pytest.raises(DatabaseError, match=r"ORA-20107.*score_table|ORA-06533"):
        deploy(interpreter, script)
    session = interpreter.database.session()
    assert scores(session) == scored
    session.execute("begin fraud.verify; end;")


def test_columns_of_a_table_become_features(schema: Schema) -> None:
    schema.run("create table export_model_test (id number(9), v1 binary_double, note varchar2(9))")
    try:
        server = database_of(schema.dsn)
        found = server.columns(schema.dsn, "export_model_test")
        assert found == (None, {"id": "number", "v1": "number", "note": "text"})
        with pytest.raises(SignatureError, match='no table "nowhere"'):
            server.columns(schema.dsn, "nowhere")
    finally:
        schema.run("drop table export_model_test purge")
