"""The life of a model's versions: deployed beside the champion, promoted, rolled back, named by
aliases, granted, removed; all from the registry alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from databases import Database, make_database

import exporter
from database.networks import query, write_sequential, write_two_by_two
from exporter.databases.life import Switch
from exporter.databases.postgres.connection import connect
from exporter.databases.postgres.versions import resolve
from exporter.errors import DatabaseError, ExportError, SignatureError

ABC = ["a", "b", "c"]
LABELS = ["good", "bad"]
ROW = "(0.3, -1, 2)"
HEALTHY = "select (select count(*) from export_model.versions), (select count(*) from pg_proc p"
" where p.pronamespace = 'fraud'::regnamespace)"


def write(folder: Path, seed: int, sizes: tuple[int, ...] = (3, 4, 1)) -> Path:
    """A network of its own for each seed."""
    ends = ["relu"] * (len(sizes) - 2) + ["sigmoid"]
    return write_sequential(folder / f"v{seed}.h5", sizes, ends, seed=seed)


def deploy(dsn: Any, path: Path, **options: Any) -> exporter.Deployment:
    """fraud, with three features and labels."""
    given = {"features": ABC, "labels": LABELS, "name": "fraud"} | options
    return exporter.deploy(exporter.read(path), dsn, target="postgres", **given)


@pytest.fixture(scope="module")
def made(
    server: Any, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, list[str], list[float]]]:
    """The name of a database with three versions, the third the champion; their digests and the
    score of a row by each."""
    name, folder = "template_versions", tmp_path_factory.mktemp("versions")
    with make_database(server, name, template):
        dsn = server.dsn(name)
        session = psycopg2.connect(dsn)
        digests, scores = [], []
        for seed in (1, 2, 3):
            metrics = {"auc": round(0.8 + seed / 100, 2)}
            done = deploy(session, write(folder, seed), metrics=metrics, because=f"run {seed}")
            digests.append(done.version)
            with session.cursor() as cursor:
                cursor.execute(f"select fraud.score{ROW}")
                scores.append(cursor.fetchone()[0])
            session.commit()
        session.close()
        yield name, digests, scores


@pytest.fixture
def three(server: Any, made: tuple[str, list[str], list[float]]) -> Iterator[Database]:
    """A copy of it."""
    with make_database(server, "versions", made[0]):
        yield Database(server, "versions")


@pytest.fixture
def scores(made: tuple[str, list[str], list[float]]) -> list[float]:
    """What versions 1, 2 and 3 give for a row."""
    return made[2]


def score(database: Database, ending: str = "") -> float:
    """The row by the champion, or by an alias."""
    return float(query(database.dsn, f"select fraud.score{ending}{ROW}")[0][0])


def numbers(database: Database) -> dict[int, tuple[str, ...]]:
    """Versions by number, with their names."""
    return {entry.number: entry.aliases for entry in exporter.versions(database.dsn, "fraud")}


def everything(database: Database) -> list[Any]:
    """Rows of the registry, functions and their comments."""
    return query(
        database.dsn,
        "select 'models', m::text from export_model.models m union all"
        " select 'aliases', a::text from export_model.aliases a union all"
        " select 'versions', v.version from export_model.versions v union all"
        " select 'journal', j::text from export_model.journal j union all"
        " select 'grants', g::text from export_model.grants g union all"
        " select p.oid::regprocedure::text, p.prosrc || coalesce(p.proacl::text, '') || coalesce("
        " obj_description(p.oid, 'pg_proc'), '') from pg_proc p where p.pronamespace ="
        " 'fraud'::regnamespace order by 1, 2",
    )


def test_versions_are_numbered_and_tell_what_was_said(three: Database) -> None:
    known = exporter.versions(three.dsn, "fraud")
    assert [entry.number for entry in known] == [3, 2, 1]
    assert [entry.aliases for entry in known] == [("champion",), (), ()]
    assert [entry.metrics for entry in known] == [{"auc": 0.83}, {"auc": 0.82}, {"auc": 0.81}]
    assert [entry.because for entry in known] == ["run 3", "run 2", "run 1"]
    assert {(entry.source_file, entry.size > 0) for entry in known} == {
        (f"v{n}.h5", True) for n in (1, 2, 3)
    }
    entries = exporter.journal(three.dsn, "fraud")
    assert [(e.action, e.from_number, e.to_number, e.because) for e in entries] == [
        ("deploy", None, 1, "run 1"),
        ("deploy", 1, 2, "run 2"),
        ("deploy", 2, 3, "run 3"),
    ]


def test_promote_and_rollback(three: Database, scores: list[float]) -> None:
    query(three.dsn, f"create view watched as select fraud.score{ROW}, fraud.label{ROW}")
    done = exporter.promote(three.dsn, "fraud", 1, because="drift")
    assert (done.from_number, done.to_number, done.changes) == (3, 1, ())
    assert score(three) == scores[0]
    assert query(three.dsn, "select score from watched") == [(scores[0],)]
    assert exporter.verify(three.dsn, "fraud").is_ok
    assert exporter.models(three.dsn)[2].state == "ok"
    again = exporter.promote(three.dsn, "fraud", "1")
    assert not again.is_changed
    assert str(again).endswith(", as before: nothing was switched")
    again = exporter.promote(three.dsn, "fraud", "1", because="to be sure")
    assert str(again).endswith("nothing was switched, and the reason was not written down")
    for expected in (3, 2, 1):  # further back each time
        assert exporter.rollback(three.dsn, "fraud").to_number == expected
        assert score(three) == scores[expected - 1]
    with pytest.raises(DatabaseError, match=r"knows no champion .* before this one .*--version"):
        exporter.rollback(three.dsn, "fraud")
    actions = [(e.action, e.from_number, e.to_number) for e in exporter.journal(three.dsn, "fraud")]
    assert actions[3:] == [
        ("promote", 3, 1),
        ("rollback", 1, 3),
        ("rollback", 3, 2),
        ("rollback", 2, 1),
    ]


def test_a_version_beside_the_champion(
    three: Database, scores: list[float], tmp_path: Path
) -> None:
    done = deploy(three.dsn, write(tmp_path, 4), promote=False, because="a trial")
    assert score(three) == scores[2]
    assert numbers(three)[4] == ()
    assert query(three.dsn, "select count(*) from pg_proc where proname like '%\\_of\\_%'") == [
        (0,)
    ]
    assert exporter.journal(three.dsn, "fraud")[-1].action == "add"
    assert exporter.verify(three.dsn, "fraud").is_ok
    exporter.promote(three.dsn, "fraud", done.version[:8])
    assert score(three) not in scores
    with pytest.raises(DatabaseError, match="its first version is its champion"):
        deploy(three.dsn, write(tmp_path, 5), promote=False, name="fresh")


def test_what_is_said_of_a_version_that_is_there(three: Database, tmp_path: Path) -> None:
    query(three.dsn, "drop role if exists analyst; create role analyst")
    path = write(tmp_path, 3)
    for _ in range(2):  # the second time says nothing new
        assert deploy(three.dsn, path, metrics={"f1": 0.5}, grant=["analyst"]).was_there
    entry = exporter.versions(three.dsn, "fraud")[0]
    assert (entry.metrics, entry.because) == ({"f1": 0.5}, "run 3")
    noted = [e for e in exporter.journal(three.dsn, "fraud") if e.action == "describe"]
    assert [(e.to_number, e.because) for e in noted] == [(3, 'before: metrics {"auc": 0.83}')]
    assert deploy(three.dsn, path, metrics={"f1": 0.6}, because="again").was_there
    last = exporter.journal(three.dsn, "fraud")[-1]
    assert last.because == 'before: metrics {"f1": 0.5}, because run 3'
    assert query(three.dsn, "select has_schema_privilege('analyst', 'fraud', 'usage')") == [(True,)]
    query(three.dsn, "drop owned by analyst; drop role analyst")


def test_an_alias_has_functions_of_its_own(three: Database, scores: list[float]) -> None:
    query(three.dsn, "create table cards as select 1 as id, 0.3 as a, -1.0 as b, 2.0 as c")
    done = exporter.alias(three.dsn, "fraud", "challenger", 2, because="to compare")
    assert (done.to_number, done.changes) == (2, ())
    assert (score(three, "_challenger"), score(three)) == (scores[1], scores[2])
    both = "select score from fraud.score_table('cards', 'id', version => %s)"
    for name, expected in (("challenger", scores[1]), ("champion", scores[2])):
        assert query(three.dsn, both, (name,)) == [(pytest.approx(expected, 1e-6),)]
    connection = psycopg2.connect(three.dsn)
    connection.autocommit = True
    for name in ("champion", "challenger"):
        connection.cursor().execute(
            "call fraud.score_into('cards', 'id', 'scores', version => %s)", (name,)
        )
    connection.close()
    assert query(three.dsn, "select count(distinct model_version) from scores") == [(2,)]
    label = "select fraud.label_challenger(0.3, -1, 2), l.label from fraud.label_table('cards',"
    ((one, other),) = query(three.dsn, label + " 'id', version => 'challenger') l")
    assert one == other
    with pytest.raises(psycopg2.Error, match=r'no alias "x"\s.*champion, challenger'):
        query(three.dsn, both, ("x",))
    exporter.alias(three.dsn, "fraud", "challenger", 1)
    assert score(three, "_challenger") == scores[0]
    exporter.promote(three.dsn, "fraud", "challenger")
    assert score(three) == scores[0]
    assert numbers(three) == {3: (), 2: (), 1: ("champion", "challenger")}
    assert exporter.verify(three.dsn, "fraud").is_ok
    removed = exporter.unalias(three.dsn, "fraud", "challenger")
    assert removed.to_number is None
    with pytest.raises(psycopg2.Error, match="does not exist"):
        score(three, "_challenger")
    assert exporter.verify(three.dsn, "fraud").is_ok
    assert exporter.models(three.dsn)[-1].state == "ok"


def test_changes_of_functions_are_shown_and_refused_where_views_need_them(
    three: Database, tmp_path: Path
) -> None:
    wide = write(tmp_path, 5, (4, 4, 1))
    told: list[str] = []
    deploy(three.dsn, wide, features=[*ABC, "d"], promote=False)
    query(three.dsn, f"create view watched as select fraud.score{ROW}")
    before = everything(three)
    with pytest.raises(DatabaseError, match=r"view public\.watched needs fraud\.score\(double"):
        exporter.promote(three.dsn, "fraud", 4, said=told.extend)
    assert everything(three) == before
    assert any(line.startswith("- fraud.score(a double precision, b ") for line in told)
    assert any(line.startswith("+ fraud.score(a double") and "d double" in line for line in told)
    query(three.dsn, "drop view watched")
    assert exporter.promote(three.dsn, "fraud", 4).changes == tuple(told)
    query(three.dsn, "select fraud.score(1, 2, 3, 4)")
    assert exporter.rollback(three.dsn, "fraud").to_number == 3


def test_what_is_in_use_stays(three: Database) -> None:
    exporter.alias(three.dsn, "fraud", "old", 1)
    for wanted in (3, "old", 1):
        with pytest.raises(DatabaseError, match="is in use"):
            exporter.drop_version(three.dsn, "fraud", wanted)
    done = exporter.prune(three.dsn, "fraud", keep=1, because="space")
    assert (done.removed, done.kept) == ((2,), (3, 1))
    assert exporter.prune(three.dsn, "fraud", keep=1).removed == ()
    exporter.unalias(three.dsn, "fraud", "old")
    own = "select p.oid::regprocedure::text from pg_proc p where p.proname ~ '^score_[0-9a-f]{12}$'"
    (first,) = {name for (name,) in query(three.dsn, own)} - {
        name
        for (name,) in query(
            three.dsn,
            f"{own} and right(p.proname, 12) in"
            " (select left(current_version, 12) from export_model.models)",
        )
    }
    name, _, kind = first.rstrip(")").partition("(")
    call = f"{name}(null::{kind.replace('anyarray', 'real[]')})"
    query(three.dsn, f"create view pinned as select pg_typeof(v.f) from (select {call}) v (f)")
    with pytest.raises(DatabaseError, match="let drop --version do it with --force"):
        exporter.drop_version(three.dsn, "fraud", 1)
    removal = exporter.drop_version(three.dsn, "fraud", 1, force=True)
    assert (removal.kept, removal.others) == ((3,), ("view public.pinned",))
    assert "    view public.pinned" in str(removal).splitlines()
    left = "select count(*) from export_model.{} where version not in"
    left += " (select current_version from export_model.models)"
    for table in ("versions", "chunks", "tensors", "samples"):
        assert query(three.dsn, left.format(table)) == [(0,)]
    assert query(
        three.dsn,
        "select count(distinct right(proname, 12)) from pg_proc where proname ~ '_[0-9a-f]{12}$'"
        " and pronamespace = 'fraud'::regnamespace",
    ) == [(1,)]
    with pytest.raises(DatabaseError, match="knows no champion"):
        exporter.rollback(three.dsn, "fraud")
    assert exporter.verify(three.dsn, "fraud").is_ok
    assert exporter.journal(three.dsn, "fraud")[-1].action == "drop version"


def test_a_number_is_given_once(three: Database, tmp_path: Path) -> None:
    exporter.promote(three.dsn, "fraud", 1)
    exporter.drop_version(three.dsn, "fraud", 3)
    deploy(three.dsn, write(tmp_path, 6))
    assert sorted(numbers(three)) == [1, 2, 4]


def test_outputs_that_keras_counted_are_told(three: Database, tmp_path: Path) -> None:
    """At the deployment, when they can still be named, and where a view stands against it."""
    for number, promote in ((3, True), (5, False)):
        path = write_two_by_two(tmp_path / "two.h5", (f"dense_{number}", f"dense_{number + 1}"))
        graph = exporter.read(path)
        said = exporter.script(graph, target="postgres", name="two", server=three.dsn).choice
        assert f"Keras counted the outputs dense_{number}, dense_{number + 1}:" in said
        exporter.deploy(graph, three.dsn, target="postgres", name="two", promote=promote)
    row = "array[1, 2, 3]::real[], array[1, 2, 3, 4]::real[]"
    query(three.dsn, f"create view watched as select (two.score({row})).dense_3")
    with pytest.raises(
        DatabaseError, match=r"watched needs .*\n.*\n.*dense_5, dense_6.*Name their"
    ):
        exporter.promote(three.dsn, "two", 2)
    named = exporter.read(write_two_by_two(tmp_path / "named.h5", ("price", "dense_4")))
    said = exporter.script(named, target="postgres", name="n", server=three.dsn).choice
    assert "counted the outputs dense_4:" in said


def test_a_view_on_a_versions_own_function_keeps_it(three: Database) -> None:
    ((own, types),) = query(
        three.dsn,
        "select proname, oidvectortypes(proargtypes) from pg_proc"
        " where proname ~ '^score_[0-9a-f]{12}$' and proname <> 'score_'"
        " || (select substr(current_version, 1, 12) from export_model.models) limit 1",
    )
    nothing = ", ".join(f"null::{type_}" for type_ in types.split(", "))
    query(three.dsn, f"create view old as select fraud.{own}({nothing})")
    before = everything(three)
    with pytest.raises(DatabaseError, match=r"view public\.old depends on function"):
        exporter.prune(three.dsn, "fraud", keep=1)
    assert everything(three) == before


def test_grants_are_kept_over_versions_and_aliases(three: Database, tmp_path: Path) -> None:
    query(three.dsn, "drop role if exists analyst; create role analyst login")
    query(three.dsn, "alter default privileges revoke execute on functions from public")
    asked = "select fraud.score{}(0.3, -1, 2)"
    dsn = three.dsn_of("analyst")
    with pytest.raises(psycopg2.Error, match="permission denied"):
        query(dsn, asked.format(""))
    assert exporter.grant(three.dsn, "fraud", ["analyst"]).grantees == ("analyst",)
    query(dsn, asked.format(""))
    exporter.alias(three.dsn, "fraud", "next", 1)
    deploy(three.dsn, write(tmp_path, 7, (3, 2, 1)), labels=[])  # other functions
    for ending in ("", "_next"):
        query(dsn, asked.format(ending))
    with pytest.raises(psycopg2.Error, match="permission denied"):
        query(dsn, "select * from export_model.chunks")
    assert exporter.revoke(three.dsn, "fraud", ["analyst"]).still_able == ()
    with pytest.raises(psycopg2.Error, match="permission denied"):
        query(dsn, asked.format("_next"))
    with pytest.raises(DatabaseError, match="not granted to analyst"):
        exporter.revoke(three.dsn, "fraud", ["analyst"])
    query(three.dsn, "drop owned by analyst; drop role analyst")
    query(three.dsn, "alter default privileges grant execute on functions to public")


REFUSED: dict[str, tuple[Callable[[str], Any], str]] = {
    "unknown version": (lambda dsn: exporter.promote(dsn, "fraud", 9), r'no version "9".*3 \('),
    "unknown alias": (lambda dsn: exporter.promote(dsn, "fraud", "next"), 'no version "next"'),
    "short digest": (lambda dsn: exporter.promote(dsn, "fraud", "ab"), 'no version "ab"'),
    "unknown model": (lambda dsn: exporter.promote(dsn, "x", 1), 'no model "x"'),
    "alias like a function": (lambda d: exporter.alias(d, "fraud", "table", 1), "cannot be an al"),
    "alias of two": (lambda dsn: exporter.alias(dsn, "fraud", "into_x", 1), "cannot be an alias"),
    "alias like a version": (lambda d: exporter.alias(d, "fraud", "a" * 12, 1), "cannot be an a"),
    "alias champion": (lambda dsn: exporter.alias(dsn, "fraud", "champion", 1), "with promote"),
    "alias with a sign": (lambda dsn: exporter.alias(dsn, "fraud", "a'b", 1), "cannot be an alias"),
    "alias too long": (lambda dsn: exporter.alias(dsn, "fraud", "a" * 31, 1), "cannot be an alias"),
    "no such alias": (lambda dsn: exporter.unalias(dsn, "fraud", "x"), "there are: none"),
    "keep nothing": (lambda dsn: exporter.prune(dsn, "fraud", keep=0), "1 or more"),
    "unknown role": (lambda dsn: exporter.grant(dsn, "fraud", ["nobody"]), "no role nobody"),
    "roles as a text": (lambda dsn: exporter.grant(dsn, "fraud", "nobody"), "give a list"),
    "no reason": (lambda dsn: exporter.promote(dsn, "fraud", 1, because=" "), "give a sentence"),
    "a truth value": (lambda dsn: exporter.promote(dsn, "fraud", True), "give a number"),
    "revoke": (lambda dsn: exporter.revoke(dsn, "fraud", ["x"]), "not granted to x"),
}


@pytest.fixture(scope="module")
def kept(server: Any, made: tuple[str, list[str], list[float]]) -> Iterator[Database]:
    """A copy for tests that change nothing."""
    with make_database(server, "versions_kept", made[0]):
        yield Database(server, "versions_kept")


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused_and_changes_nothing(kept: Database, name: str) -> None:
    call, text = REFUSED[name]
    before = everything(kept)
    with pytest.raises(ExportError, match=text):
        call(kept.dsn)
    assert everything(kept) == before


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"metrics": {"auc": float("nan")}}, "finite"),
        ({"metrics": {"auc": [1]}}, "a number or a text"),
        ({"metrics": [1]}, "mapping"),
        ({"because": ""}, "give a sentence"),
        ({"grant": "analyst"}, "list of names"),
        ({"promote": "no"}, "True or False"),
    ],
)
def test_what_is_said_wrongly_is_refused_before_a_connection(
    tmp_path: Path, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(SignatureError, match=text):
        deploy("postgresql://localhost:1/none", write(tmp_path, 1), **options)


def test_versions_are_found_by_every_name(kept: Database, made: Any) -> None:
    with connect(kept.dsn) as connection:
        for wanted, number in (("champion", 3), (1, 1), ("2", 2), (made[1][0][:6], 1)):
            assert resolve(connection, "fraud", wanted) == made[1][number - 1]


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (
            "update export_model.samples s set numbers = '{7}' from export_model.versions v"
            " where v.version = s.version and v.number = 1 and is_output",
            "the database scores",
        ),
        (
            "update export_model.chunks c set data = set_byte(data, 0, 77)"
            " from export_model.versions v where v.version = c.version and v.number = 1",
            "are not what they were",
        ),
        (
            "delete from export_model.samples s using export_model.versions v"
            " where v.version = s.version and v.number = 1",
            "sample rows .* are missing",
        ),
    ],
)
def test_a_broken_version_is_not_promoted(three: Database, damage: str, text: str) -> None:
    query(three.dsn, damage)
    before = everything(three)
    for call in (
        lambda: exporter.promote(three.dsn, "fraud", 1),
        lambda: exporter.alias(three.dsn, "fraud", "next", 1),
    ):
        with pytest.raises(DatabaseError, match=text):
            call()
        assert everything(three) == before


def test_functions_of_a_version_that_are_damaged_are_made_again(
    three: Database, scores: list[float], made: Any
) -> None:
    query(three.dsn, f"drop function fraud.score_{made[1][0][:12]}")
    exporter.promote(three.dsn, "fraud", 1)
    assert score(three) == scores[0]


def test_two_promotes_at_once_come_one_after_the_other(three: Database) -> None:
    done: list[Any] = []

    def switch(number: int) -> None:
        try:
            done.append(exporter.promote(three.dsn, "fraud", number))
        except Exception as error:
            done.append(error)

    threads = [threading.Thread(target=switch, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(item, Switch) for item in done), done
    last = exporter.journal(three.dsn, "fraud")[-2:]
    assert last[0].to_number == last[1].from_number
    assert numbers(three)[last[1].to_number or 0] == ("champion",)
    assert exporter.verify(three.dsn, "fraud").is_ok


def test_a_registry_of_a_newer_format_is_left_alone(three: Database) -> None:
    query(three.dsn, "comment on schema export_model is 'export-model registry, format 9'")
    before = everything(three)
    for call in (
        lambda: exporter.promote(three.dsn, "fraud", 1),
        lambda: exporter.prune(three.dsn, "fraud", keep=1),
        lambda: exporter.versions(three.dsn, "fraud"),
        lambda: exporter.journal(three.dsn),
    ):
        with pytest.raises(DatabaseError, match="a newer export-model made"):
            call()
    assert everything(three) == before


def test_the_journal_stays_when_a_model_is_dropped(three: Database, tmp_path: Path) -> None:
    deploy(three.dsn, write(tmp_path, 8), name="other")
    exporter.drop(three.dsn, "fraud")
    assert [entry.action for entry in exporter.journal(three.dsn, "fraud")] == ["deploy"] * 3 + [
        "drop"
    ]
    for table in ("aliases", "grants", "versions"):
        assert query(
            three.dsn, f"select count(*) from export_model.{table} where model = 'fraud'"
        ) == [(0,)]


def test_other_versions_and_aliases_are_repaired_too(
    three: Database, scores: list[float], made: Any
) -> None:
    exporter.alias(three.dsn, "fraud", "next", 2)
    query(three.dsn, f"drop function fraud.score_{made[1][1][:12]}")
    query(three.dsn, "drop function fraud.label_next(real[])")
    damaged = str(exporter.verify(three.dsn, "fraud"))
    assert '"fraud"."label_next"(real[]) is missing' in damaged
    assert "mend it: export-model repair --name fraud" in damaged
    done = str(exporter.repair(three.dsn, "fraud"))
    assert "functions of version 2 were missing or altered" in done
    assert 'functions of alias "next" were missing or altered' in done
    query(three.dsn, f"select fraud.label_next{ROW}, fraud.label_next('{{1,2,3}}')")
    assert score(three, "_next") == scores[1]
    assert exporter.repair(three.dsn, "fraud").differences == ()
    query(three.dsn, f"update export_model.chunks set data = '' where version = '{made[1][0]}'")
    query(three.dsn, f"drop function fraud.score_{made[1][0][:12]}")
    done = str(exporter.repair(three.dsn, "fraud"))
    assert "version 1 cannot be made again: plan or weights" in done
    query(three.dsn, "update export_model.models set owner = 'gone'")
    owner = "select owner = current_user from export_model.models"
    assert query(three.dsn, owner) == [(False,)]
    query(three.dsn, "drop function fraud.score(real[])")
    exporter.repair(three.dsn, "fraud")
    assert query(three.dsn, owner) == [(True,)]


def test_sessions_that_score_go_on_and_mix_nothing(three: Database, scores: list[float]) -> None:
    """benchmarks/switching.py does the same at length."""
    both = (
        f"select fraud.score{ROW}, l.version from (select fraud.score{ROW} as version offset 0) l"
    )
    stop, seen, errors = threading.Event(), set(), list[Exception]()

    def ask() -> None:
        session = psycopg2.connect(three.dsn)
        session.autocommit = True
        with session.cursor() as cursor:
            while not stop.is_set():
                try:
                    cursor.execute(both)
                    seen.add(cursor.fetchone())
                except psycopg2.Error as error:
                    errors.append(error)
        session.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    session = psycopg2.connect(three.dsn)
    for number in (1, 2, 3, 1, 2, 3):
        exporter.promote(session, "fraud", number)
        session.commit()
    session.close()
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert seen <= {(value, value) for value in scores}
    assert len(seen) > 1
