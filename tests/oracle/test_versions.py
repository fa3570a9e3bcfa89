"""The life of a model's versions in Oracle, from the registry alone; each step is committed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from database.networks import write_sequential
from plsql.machine import Database, Session
from plsql.values import PlsqlError

import exporter
from exporter.databases import database_of
from exporter.databases.oracle.switches import SWITCH
from exporter.errors import DatabaseError, SqlTextError
from oracle.schemas import Schema

ABC = ["a", "b", "c"]
ROW = np.array([0.5, -1.0, 2.0], np.float32)


def write(folder: Path, seed: int, inputs: int = 3) -> Path:
    """A network of its own for each seed."""
    return write_sequential(folder / f"v{seed}.h5", [inputs, 2, 1], ["relu", "sigmoid"], seed=seed)


def script(path: Path, **options: Any) -> exporter.Script:
    """fraud, with three features."""
    given = {"features": ABC, "labels": ["good", "bad"], "name": "fraud", "samples": 1} | options
    return exporter.script(exporter.read(path), target="oracle", **given)


def deploy(schema: Schema, made: exporter.Script) -> Any:
    """Through a connection."""
    return database_of(schema.dsn).deploy(made, schema.dsn, lambda name: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[exporter.Script]:
    """Scripts of three versions."""
    folder = tmp_path_factory.mktemp("versions")
    return [
        script(write(folder, seed), metrics={"auc": 0.8 + seed / 10}, because=f"run {seed}")
        for seed in (1, 2, 3)
    ]


@pytest.fixture
def three(interpreter: Schema, made: list[exporter.Script]) -> Schema:
    """A schema with all of them, the third the champion."""
    for item in made:
        deploy(interpreter, item)
    return interpreter


def database(schema: Schema) -> Database:
    """The interpreter's."""
    assert schema.database is not None
    return schema.database


def score(session: Session, name: str = "fraud") -> float:
    """What a synonym's version gives for ROW."""
    return float(session.call(f"{name}.score", ROW))


def scores_of(schema: Schema, made: list[exporter.Script]) -> list[float]:
    """What each version gives, by its own package."""
    session = database(schema).session()
    return [score(session, f"fraud_{item.version[:8]}") for item in made]


def standing(schema: Schema) -> dict[int, tuple[str, ...]]:
    """The versions, and what stands for them."""
    return {entry.number: entry.aliases for entry in exporter.versions(schema.dsn, "fraud")}


def actions(schema: Schema) -> list[tuple[str, str | None, int | None, int | None]]:
    """The journal without times and reasons."""
    entries = exporter.journal(schema.dsn, "fraud")
    return [(e.action, e.alias, e.from_number, e.to_number) for e in entries]


def test_versions_are_numbered_and_known(three: Schema, made: list[exporter.Script]) -> None:
    entries = exporter.versions(three.dsn, "fraud")
    assert [entry.number for entry in entries] == [3, 2, 1]
    assert standing(three) == {3: ("champion",), 2: (), 1: ()}
    last = entries[0]
    assert (last.version, last.source_file) == (made[2].version[:12], "v3.h5")
    assert (last.metrics, last.because) == ({"auc": 1.1}, "run 3")
    assert (last.size, last.parameters, last.engine) == (4 * 11, 11, "plsql")
    assert actions(three) == [("deploy", None, n or None, n + 1) for n in range(3)]
    assert [entry.because for entry in exporter.journal(three.dsn)] == ["run 1", "run 2", "run 3"]
    assert {entry.by for entry in exporter.journal(three.dsn)} == {"OWNER"}


def test_promote_and_roll_back(three: Schema, made: list[exporter.Script]) -> None:
    of_versions = scores_of(three, made)
    watcher = database(three).session()
    analyst = database(three).session("analyst")
    watcher.execute("grant execute on fraud to analyst")
    done = exporter.promote(three.dsn, "fraud", 1, because="drift")
    assert (done.from_number, done.to_number, done.changes) == (3, 1, ())
    assert score(watcher) == score(analyst, "owner.fraud") == of_versions[0]
    assert exporter.verify(three.dsn, "fraud").is_ok
    again = exporter.promote(three.dsn, "fraud", "1")
    assert not again.is_changed
    assert str(again).endswith(", as before: nothing was switched")
    again = exporter.promote(three.dsn, "fraud", "1", because="to be sure")
    assert str(again).endswith("nothing was switched, and the reason was not written down")
    for expected in (3, 2, 1):  # further back each time
        assert exporter.rollback(three.dsn, "fraud").to_number == expected
        assert score(watcher) == score(analyst, "owner.fraud") == of_versions[expected - 1]
    with pytest.raises(DatabaseError, match=r"knows no champion .* before this one"):
        exporter.rollback(three.dsn, "fraud")
    assert actions(three)[3:] == [
        ("promote", None, 3, 1),
        ("rollback", None, 1, 3),
        ("rollback", None, 3, 2),
        ("rollback", None, 2, 1),
    ]
    granted = watcher.query("select table_name from user_tab_privs where grantee = 'ANALYST'")
    assert granted == [(f"FRAUD_{made[0].version[:8].upper()}",)]
    assert deploy(three, made[0]).was_there


def test_a_switch_that_ends_half_way_is_told_as_it_is(
    three: Schema, made: list[exporter.Script]
) -> None:
    """Before each statement of a promotion; then it is run again, or another is."""
    of_versions = scores_of(three, made)
    counted = len(database(three).statements)
    exporter.promote(three.dsn, "fraud", 2)
    count = len(database(three).statements) - counted
    exporter.promote(three.dsn, "fraud", 3)
    before = actions(three)
    switched = 0
    for number in range(1, count + 1):
        database(three).fail_statement(number)
        with pytest.raises(DatabaseError):
            exporter.promote(three.dsn, "fraud", 2)
        now = score(database(three).session())
        assert now in of_versions[1:]
        is_switched = now == of_versions[1]
        switched += is_switched
        assert standing(three)[2] == (("champion",) if is_switched else ())
        assert actions(three) == before + [("promote", None, 3, 2)] * is_switched
        exporter.promote(three.dsn, "fraud", 2)
        assert actions(three) == [*before, ("promote", None, 3, 2)]
        exporter.rollback(three.dsn, "fraud")
        before = actions(three)
        assert before[-2:] == [("promote", None, 3, 2), ("rollback", None, 2, 3)]
        assert score(database(three).session()) == of_versions[2]
    assert switched == 2  # the last two statements come after the switch
    assert three.run("select count(*) from export_model_journal where state = 'begun'") == [(0,)]


def test_two_switches_at_once(three: Schema, made: list[exporter.Script]) -> None:
    """The second is refused while the first one's session is there, and goes on when it is not."""
    run = database_of(three.dsn).life.promote
    first = database(three).session()
    begin = next(i for i in made[0].statements if i.name == "journal: what is switched")
    first.execute(begin.sql)
    with pytest.raises(DatabaseError, match=r"switching model fraud, since 20\d\d-.*doctor says"):
        run(three.dsn, "fraud", 2, None, lambda changes: None)
    assert standing(three)[3] == ("champion",)
    (held,) = [check for check in exporter.doctor(three.dsn) if check.name == "switch"]
    assert (held.level, "session of OWNER" in held.finding) == ("slow", True)
    assert "v$session where username = 'OWNER'" in held.advice
    first.close()
    assert not [check for check in exporter.doctor(three.dsn) if check.name == "switch"]
    run(three.dsn, "fraud", 2, None, lambda changes: None)
    assert standing(three)[2] == ("champion",)
    assert actions(three)[3:] == [("promote", None, 3, 2)]


def test_a_version_that_scores_wrong_is_not_promoted(
    three: Schema, made: list[exporter.Script]
) -> None:
    scored = score(database(three).session())
    three.run(
        "update export_model_samples set numbers = utl_nla_array_flt(9f)"
        " where is_output = 1 and version = :1",
        made[0].version,
    )
    with pytest.raises(DatabaseError, match="ORA-20107"):
        exporter.promote(three.dsn, "fraud", 1)
    three.run(f"drop package fraud_{made[1].version[:8]}")
    with pytest.raises(DatabaseError, match=r"is gone.*export-model repair --name fraud"):
        exporter.promote(three.dsn, "fraud", 2)
    assert score(database(three).session()) == scored
    assert len(actions(three)) == 3


def test_a_version_beside_the_champion(three: Schema, tmp_path: Path) -> None:
    scored = score(database(three).session())
    beside = script(write(tmp_path, 4), promote=False, because="a trial")
    for was_there in (False, True):
        assert deploy(three, beside).was_there is was_there
    assert score(database(three).session()) == scored
    assert standing(three)[4] == ()
    assert actions(three)[3:] == [("add", None, None, 4)]
    exporter.promote(three.dsn, "fraud", beside.version[:8])
    assert score(database(three).session()) != scored
    alone = script(write(tmp_path, 5), promote=False, name="fresh")
    with pytest.raises(DatabaseError, match="its first version is its champion"):
        deploy(three, alone)


def test_aliases(three: Schema, made: list[exporter.Script]) -> None:
    of_versions = scores_of(three, made)
    owner, analyst = database(three).session(), database(three).session("analyst")
    owner.execute("grant execute on fraud to analyst")
    done = exporter.alias(three.dsn, "fraud", "challenger", 1, because="to compare")
    assert (done.from_number, done.to_number) == (None, 1)
    for session, name in ((owner, "fraud"), (analyst, "owner.fraud")):
        assert score(session, f"{name}_challenger") == of_versions[0]
        assert score(session, name) == of_versions[2]
    assert standing(three) == {3: ("champion",), 2: (), 1: ("challenger",)}
    exporter.promote(three.dsn, "fraud", 2)  # an alias keeps its grants
    assert score(analyst, "owner.fraud_challenger") == of_versions[0]
    assert exporter.alias(three.dsn, "fraud", "challenger", 3).from_number == 1
    assert score(analyst, "owner.fraud_challenger") == of_versions[2]
    with pytest.raises(PlsqlError):  # nothing stands for it any more
        score(analyst, f"owner.fraud_{made[0].version[:8]}")
    assert deploy(three, made[1]).was_there
    exporter.unalias(three.dsn, "fraud", "challenger")
    assert standing(three) == {3: (), 2: ("champion",), 1: ()}
    with pytest.raises(PlsqlError):
        score(analyst, f"owner.fraud_{made[2].version[:8]}")
    assert actions(three)[3:] == [
        ("alias", "challenger", None, 1),
        ("promote", None, 3, 2),
        ("alias", "challenger", 1, 3),
        ("unalias", "challenger", 3, None),
    ]
    exporter.alias(three.dsn, "fraud", "next", 1)
    exporter.drop(three.dsn, "fraud")
    assert three.objects == []


def test_an_alias_is_as_long_as_the_server_takes(
    three: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    alias = "a" * 25  # with the model's name 31 bytes
    monkeypatch.setattr(database(three), "version", "12.1")
    with pytest.raises(SqlTextError, match="31 bytes, the database allows 30"):
        exporter.alias(three.dsn, "fraud", alias, 1)
    assert actions(three)[3:] == []
    monkeypatch.setattr(database(three), "version", "19")
    assert exporter.alias(three.dsn, "fraud", alias, 1).to_number == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda dsn: exporter.promote(dsn, "fraud", 9), r'no version "9".*3 \('),
        (lambda dsn: exporter.promote(dsn, "nobody", 1), 'no model "nobody"'),
        (lambda dsn: exporter.alias(dsn, "fraud", "champion", 1), "switch it with promote"),
        (lambda dsn: exporter.alias(dsn, "fraud", "x y", 1), "cannot be an alias"),
        (lambda dsn: exporter.alias(dsn, "fraud", "abcdef12", 1), "eight hex digits"),
        (lambda dsn: exporter.alias(dsn, "fraud", "taken", 1), "FRAUD_TAKEN is taken"),
        (lambda dsn: exporter.unalias(dsn, "fraud", "none"), 'has no alias "none"'),
        (lambda dsn: exporter.drop_version(dsn, "fraud", 3), "in use: champion"),
        (lambda dsn: exporter.drop_version(dsn, "fraud", 1, force=True), "--force is for"),
        (lambda dsn: exporter.revoke(dsn, "fraud", ["ada"]), "not granted to ada"),
        (lambda dsn: exporter.grant(dsn, "fraud", ["nobody"]), "ORA-01917"),
        (lambda dsn: exporter.repair(dsn, "nobody"), 'no version of model "nobody"'),
    ],
)
def test_bad_input(three: Schema, call: Any, message: str) -> None:
    three.run("create table fraud_taken (id number)")
    before = standing(three)
    with pytest.raises(DatabaseError, match=message):
        call(three.dsn)
    assert standing(three) == before
    assert len(actions(three)) == 3


def test_removing_versions(three: Schema, made: list[exporter.Script]) -> None:
    done = exporter.drop_version(three.dsn, "fraud", 2, because="too old")
    assert (done.removed, done.kept) == ((2,), (3, 1))
    deploy(three, made[1])  # a number is given once
    assert standing(three) == {4: ("champion",), 3: (), 1: ()}
    exporter.alias(three.dsn, "fraud", "keep", 1)
    done = exporter.prune(three.dsn, "fraud", keep=1)
    assert (done.removed, done.kept) == ((3,), (4, 1))
    assert [e.action for e in exporter.journal(three.dsn)][-3:] == [
        "deploy",
        "alias",
        "drop version",
    ]
    packages = [name for name, kind in three.objects if kind == "PACKAGE" and "FRAUD" in name]
    assert len(packages) == 2
    exporter.drop(three.dsn, "fraud")
    assert three.objects == []


def test_grants(three: Schema, made: list[exporter.Script], tmp_path: Path) -> None:
    analyst = database(three).session("analyst")
    database(three).role("app")
    exporter.alias(three.dsn, "fraud", "challenger", 1)
    assert exporter.grant(three.dsn, "fraud", ["analyst", "app"]).grantees == ("ANALYST", "APP")
    assert score(analyst, "owner.fraud_challenger") == scores_of(three, made)[0]
    deploy(three, script(write(tmp_path, 4), grant=["public"]))
    assert score(analyst, "owner.fraud") == score(database(three).session("anybody"), "owner.fraud")
    done = exporter.revoke(three.dsn, "fraud", ["analyst"])
    assert (done.grantees, done.still_able) == (("APP", "PUBLIC"), ("PUBLIC",))
    exporter.revoke(three.dsn, "fraud", ["public"])
    for name in ("fraud", "fraud_challenger"):
        with pytest.raises(PlsqlError):
            score(analyst, f"owner.{name}")
    assert [e.action for e in exporter.journal(three.dsn)][-4:] == [
        "deploy",
        "grant",
        "revoke",
        "revoke",
    ]


def test_what_is_said_of_a_version_that_is_there(three: Schema, tmp_path: Path) -> None:
    said = script(write(tmp_path, 3), metrics={"f1": 0.5}, grant=["analyst"])
    database(three).user("analyst")
    assert deploy(three, said).was_there
    entry = exporter.versions(three.dsn, "fraud")[0]
    assert (entry.metrics, entry.because) == ({"f1": 0.5}, "run 3")
    assert score(database(three).session("analyst"), "owner.fraud") > 0


def test_changes_of_the_functions_are_told(three: Schema, tmp_path: Path) -> None:
    wide = script(write(tmp_path, 6, inputs=4), features=[*ABC, "d"], promote=False)
    deploy(three, wide)
    told: list[Any] = []
    done = exporter.promote(three.dsn, "fraud", 4, said=told.append)
    assert list(done.changes) == lines_of("-", ABC) + lines_of("+", [*ABC, "d"]) == list(told[0])


def test_a_deployment_tells_before_what_callers_see_change(
    three: Schema, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the words of PostgreSQL: functions with their types, labels and the threshold."""
    wide = write_sequential(tmp_path / "wide.h5", [2, 3], ["softmax"])
    labels = ["low", "middle", "high"]
    changed = script(wide, features=["c", "a"], labels=labels)
    beside = script(write(tmp_path, 7), labels=labels[:2], threshold=0.25, promote=False)
    assert not deploy(three, beside).changes
    assert not caplog.messages
    told: list[int] = []
    done = database_of(three.dsn).deploy(
        changed, three.dsn, lambda name: told.append(len(caplog.messages))
    )
    assert told[0] == 1, "before the first statement"
    (warning,) = caplog.messages
    assert warning.startswith("fraud: this version replaces one, and what calls it sees a change:")
    assert "--no-promote" in warning and "export-model rollback --name fraud" in warning
    come = lines_of("+", ["c", "a"], "utl_nla_array_flt")
    come += [f"+ fraud.score(p_x utl_nla_array_{kind}) return utl_nla_array_flt" for kind in
             ("dbl", "flt")]  # fmt: skip
    gone = lines_of("-", ABC)
    gone += [f"- fraud.score(p_x utl_nla_array_{kind}) return binary_double" for kind in
             ("dbl", "flt")]  # fmt: skip
    meanings = ["- labels good, bad", "+ labels low, middle, high"]
    assert list(done.changes) == [*sorted(gone), *sorted(come), *meanings]
    assert all(f"\n  {line}\n" in warning for line in done.changes)


def test_labels_and_thresholds_are_told_where_the_functions_stay(
    three: Schema, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = script(write(tmp_path, 8), labels=["no", "yes"], threshold=0.25)
    lines = ("- labels good, bad", "+ labels no, yes", "- threshold 0.5", "+ threshold 0.25")
    assert deploy(three, other).changes == lines
    assert exporter.rollback(three.dsn, "fraud").changes == tuple(
        line.translate(str.maketrans("+-", "-+")) for line in (*lines[1::-1], *lines[:1:-1])
    )
    caplog.clear()
    three.run("update export_model_versions set manifest = '{' where version_number = 3")
    (line,) = deploy(three, other).changes  # which goes on, and mends what it can
    assert line.startswith("? of version ") and "manifest" in line


def lines_of(sign: str, features: list[str], returns: str = "binary_double") -> list[str]:
    """The functions of a version that take features, as a deployment tells them."""
    arguments = ", ".join(f"{name} binary_double" for name in features)
    cursor = f"cursor(id, {', '.join(features)})"
    return [
        f"{sign} fraud.label({arguments}) return varchar2",
        f"{sign} fraud.label_table({cursor}) return rows (id varchar2, label varchar2)",
        f"{sign} fraud.score({arguments}) return {returns}",
        f"{sign} fraud.score_table({cursor})"
        f" return rows (id varchar2, score {returns}, label varchar2)",
    ]


def test_a_script_does_the_same(interpreter: Schema, made: list[exporter.Script]) -> None:
    for item in made:
        for _ in range(2):
            assert not database(interpreter).session().run_script(str(item), stop=False).failed
    assert standing(interpreter) == {3: ("champion",), 2: (), 1: ()}
    assert actions(interpreter) == [("deploy", None, n or None, n + 1) for n in range(3)]
    assert any(item.name == SWITCH for item in made[0].statements)
