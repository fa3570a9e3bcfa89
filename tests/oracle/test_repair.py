"""What `repair` mends in Oracle from the registry alone, and what it says that it cannot."""

from __future__ import annotations

from contextlib import suppress

import pytest
from database.networks import write_sequential
from plsql.values import PlsqlError

import exporter
from exporter.databases.oracle.sqlplus import SqlPlusScript, Unit
from exporter.engines.plsql.runtime import runtime_units
from exporter.errors import DatabaseError
from oracle.schemas import Schema
from oracle.test_versions import actions, database, deploy, score, script, standing

V1, V2 = 0, 1
RUNTIME = runtime_units().name.rpartition("_")[2]
OLD = "0LD0LD00"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[SqlPlusScript]:
    """Scripts of two versions."""
    folder = tmp_path_factory.mktemp("repair")
    files = [
        write_sequential(folder / f"v{seed}.h5", [3, 2, 1], ["relu", "sigmoid"], seed=seed)
        for seed in (1, 2)
    ]
    return [script(path) for path in files]  # type: ignore[misc]


@pytest.fixture
def model(interpreter: Schema, made: list[SqlPlusScript]) -> Schema:
    """Two versions, the second the champion, the first the challenger, granted to analyst."""
    for item in made:
        deploy(interpreter, item)
    exporter.alias(interpreter.dsn, "fraud", "challenger", 1)
    database(interpreter).user("analyst")
    database(interpreter).user("app")
    exporter.grant(interpreter.dsn, "fraud", ["analyst"])
    return interpreter


def package(made: list[SqlPlusScript], which: int) -> str:
    """A version's package."""
    return f"fraud_{made[which].version[:8]}"


def runtime(made: list[SqlPlusScript]) -> str:
    """The first package of the runtime."""
    return made[V1].runtime[0]


def scores(schema: Schema) -> list[float]:
    """What an analyst gets of champion and challenger."""
    analyst = database(schema).session("analyst")
    return [score(analyst, f"owner.{name}") for name in ("fraud", "fraud_challenger")]


def repaired(schema: Schema) -> str:
    """What repair says."""
    return exporter.repair(schema.dsn, "fraud").outcome


def damages(made: list[SqlPlusScript]) -> dict[str, tuple[list[str], str]]:
    """Statements that damage a model, and what repair says of it."""
    one, two = package(made, V1), package(made, V2)
    spec = f"create or replace package {two} is\n  function score return number;\nend {two};"
    return {
        "package dropped": ([f"drop package {two}"], f"package {two.upper()} is missing"),
        "body dropped": (
            [f"drop package body {two}"],
            f"package body {two.upper()} is missing",
        ),
        "body replaced": (
            [f"drop package body {two}", f"create package body {two} is\nend {two};"],
            f"package body {two.upper()} was altered",
        ),
        "specification replaced": ([spec], f"package {two.upper()} was altered"),
        "runtime dropped": (
            [f"drop package {runtime(made)}"],
            f"package {runtime(made)} is missing",
        ),
        "runtime replaced": (
            [f"create or replace package body {runtime(made)} is\nend {runtime(made)};"],
            f"package body {runtime(made)} was altered",
        ),
        "package of another version": (
            [f"drop package {one}"],
            f"package {one.upper()} is missing",
        ),
        "synonym dropped": (["drop synonym fraud"], "synonym FRAUD stood for no version"),
        "synonym led elsewhere": (
            ["create or replace synonym fraud for dual"],
            "synonym FRAUD stood for no version",
        ),
        "alias dropped": (
            ["drop synonym fraud_challenger"],
            'alias "challenger" stood for no version',
        ),
        "alias forgotten": (
            ["delete from export_model_aliases"],
            'alias "challenger" stood for no version',
        ),
        "model forgotten": (["delete from export_model_models"], "the model's row is missing"),
        "everything dropped": (
            ["drop synonym fraud", f"drop package {one}", f"drop package {two}",
             f"drop package {runtime(made)}", "drop table export_model_aliases"],
            "table EXPORT_MODEL_ALIASES is missing",
        ),
        "granted by hand": (
            [f"grant execute on {two} to app"],
            'who may score with alias "challenger" was not',
        ),
        "format forgotten": (
            ["comment on table export_model_versions is ''"],
            "the registry's format was not told",
        ),
    }  # fmt: skip


NAMES = list(damages([SqlPlusScript("", "0" * 64, (), guard=None, stop=None, purpose="",
                                    runtime=("R",))] * 2))  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_is_mended(model: Schema, made: list[SqlPlusScript], name: str) -> None:
    before, known = scores(model), standing(model)
    statements, told = damages(made)[name]
    for statement in statements:
        session = database(model).session()
        session.catalog.strict_compile = False
        session.execute(statement)
        session.commit()
        session.close()
    assert told in repaired(model)
    assert scores(model) == before
    assert standing(model) == known
    assert exporter.verify(model.dsn, "fraud").is_ok
    assert repaired(model).endswith("nothing had to be mended")
    last = exporter.journal(model.dsn, "fraud")[-1]
    assert last.action == "repair"
    assert told in (last.because or "")
    assert exporter.rollback(model.dsn, "fraud").to_number == 1


def test_nothing_is_mended_where_nothing_is_wrong(model: Schema) -> None:
    count, there = len(actions(model)), model.objects
    assert repaired(model).endswith("nothing had to be mended")
    assert (len(actions(model)), model.objects) == (count, there)


def test_rights_that_went_with_a_package_come_back(
    model: Schema, made: list[SqlPlusScript]
) -> None:
    """Those of an alias, and those that the journal knows."""
    exporter.grant(model.dsn, "fraud", ["app"])
    exporter.revoke(model.dsn, "fraud", ["app"])
    for alias in (True, False):
        if not alias:
            exporter.unalias(model.dsn, "fraud", "challenger")
        model.run(f"drop package {package(made, V2)}")
        with pytest.raises(PlsqlError):
            score(database(model).session("analyst"), "owner.fraud")
        assert "EXECUTE for ANALYST went with the package" in repaired(model)
        assert score(database(model).session("analyst"), "owner.fraud") > 0
        with pytest.raises(PlsqlError):
            score(database(model).session("app"), "owner.fraud")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("delete from export_model_weights where version = :2", "part.* of version 2 are missing"),
        ("delete from export_model_samples where version = :2", "sample rows .* are missing"),
        ("update export_model_samples set numbers = utl_nla_array_flt(9f)"
         " where is_output = 1 and version = :2", "weights or samples were altered"),
        ("update export_model_weights set data = utl_nla_array_flt(9f)"
         " where version = :2 and part = 0", "weights or samples were altered"),
        ("update export_model_versions set plan = '{}' where version = :2", "plan in the registry"),
        ("update export_model_versions set manifest = null where version = :2", "manifest in the"),
    ],
)  # fmt: skip
def test_what_only_the_file_can_give(
    model: Schema, made: list[SqlPlusScript], damage: str, message: str
) -> None:
    before = model.objects
    model.run(damage.replace(":2", f"'{made[V2].version}'"))
    with pytest.raises(DatabaseError, match=rf"(?s){message}.*Deploy the model's file again"):
        repaired(model)
    assert model.objects == before


def test_another_version_that_cannot_be_mended_is_told(
    model: Schema, made: list[SqlPlusScript]
) -> None:
    model.run("delete from export_model_weights where version = :1", made[V1].version)
    model.run(f"drop package {package(made, V2)}")
    told = repaired(model)
    assert f"package {package(made, V2).upper()} is missing" in told
    assert "version 1 cannot be made again: 4 parts of the weights of version 1" in told
    assert score(database(model).session("analyst"), "owner.fraud") > 0


def test_what_has_a_name_that_is_needed(model: Schema, made: list[SqlPlusScript]) -> None:
    model.run("drop synonym fraud_challenger")
    model.run("create table fraud_challenger (id number)")
    assert "FRAUD_CHALLENGER is taken by a table" in repaired(model)
    model.run("drop synonym fraud")
    model.run("create table fraud (id number)")
    with pytest.raises(DatabaseError, match=r"FRAUD is taken by a table .* rename that"):
        repaired(model)


def test_where_the_registry_knows_no_model(model: Schema, made: list[SqlPlusScript]) -> None:
    with pytest.raises(DatabaseError, match=r'no version of model "nobody".*file again.$'):
        exporter.repair(model.dsn, "nobody")
    model.run("delete from export_model_versions")
    with pytest.raises(DatabaseError, match='remove that first: drop package "FRAUD_'):
        repaired(model)
    for table in ("versions", "weights", "samples"):
        model.run(f"drop table export_model_{table}")
    with pytest.raises(DatabaseError, match='no version of model "fraud"'):
        repaired(model)


def test_a_package_of_an_earlier_program_stays(model: Schema, made: list[SqlPlusScript]) -> None:
    """Its text is not this program's; while it is valid and scores right, that is no damage."""
    session = database(model).session()
    for item in made[V1].statements:
        if item.name.startswith("runtime: ") and isinstance(item, Unit):
            session.execute(item.sql.replace(RUNTIME, OLD))
    for which in (V1, V2):
        units = [item for item in made[which].statements if item.name.startswith("model: ")]
        for item in units:
            session.execute(item.sql.replace(RUNTIME, OLD))
    session.execute("update export_model_versions set runtime_name = :1", [f"NN_RUNTIME_{OLD}"])
    session.commit()
    before = scores(model)
    assert repaired(model).endswith("nothing had to be mended")
    session.execute(f"drop package nn_runtime_{OLD}")
    told = repaired(model)
    assert f"package body {package(made, V2).upper()} was altered" in told
    assert scores(model) == before
    names = {name for (name,) in model.run("select runtime_name from export_model_versions")}
    assert names == {made[V1].runtime[0]}


def test_a_repair_that_ends_half_way_continues(model: Schema, made: list[SqlPlusScript]) -> None:
    """A seventh of its statements fail in turn."""
    before = scores(model)
    kinds = {"fraud": "synonym", "fraud_challenger": "synonym", package(made, V2): "package"}

    def spoil() -> None:
        there = {name for name, _ in model.objects}
        for name, kind in kinds.items():
            if name.upper() in there:
                model.run(f"drop {kind} {name}")

    spoil()
    counted = len(database(model).statements)
    exporter.repair(model.dsn, "fraud")
    count = len(database(model).statements) - counted
    for number in range(1, count, 7):
        spoil()
        database(model).fail_statement(number)
        with suppress(DatabaseError):  # or it is told of what is not the champion's
            exporter.repair(model.dsn, "fraud")
        exporter.repair(model.dsn, "fraud")
        assert score(database(model).session()) == before[0]
        assert standing(model) == {2: ("champion",), 1: ("challenger",)}
    assert scores(model) == before
