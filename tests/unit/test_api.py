"""The Python API without a database: what is imported when, what is read, refused and shown."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from commands import environment, write_sigmoid

import exporter
from exporter import api
from exporter.databases import known_drivers
from exporter.databases.results import Scoring
from exporter.dsn import find_dsn, holds_password
from exporter.errors import ArchiveError, DatabaseError, ExportError, SignatureError
from exporter.facts import Listing, html_table
from exporter.places import driver_of
from exporter.progress import show_rows, show_steps
from exporter.sql.script import Statement, WeightsStatement
from exporter.sql.text import Sql, shorten

HEAVY = ("tensorflow", "keras", "psycopg2", "psycopg", "oracledb", "sqlalchemy", "tqdm")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A 3-1 sigmoid."""
    return write_sigmoid(tmp_path / "fraud.h5")


def imported_by(program: str) -> set[str]:
    """Packages that a program has imported at its end."""
    text = (
        f"{program}\nimport sys, json; print(json.dumps([m for m in sys.modules if '.' not in m]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", text], env=environment(), capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_an_import_is_light() -> None:
    assert not imported_by("import exporter") & {*HEAVY, "numpy", "h5py", "click", "jinja2"}


def test_reading_and_writing_needs_no_driver_and_no_framework(path: Path) -> None:
    program = (
        f"import exporter; model = exporter.read({str(path)!r}); print(model.describe());"
        "str(exporter.script(model, target='postgres', expected_by='float64'))"
    )
    assert not imported_by(program) & set(HEAVY)


def test_all_names_are_there() -> None:
    assert all(getattr(exporter, name) is not None for name in exporter.__all__)
    assert set(exporter.__all__) <= set(dir(exporter))
    with pytest.raises(AttributeError, match="nope"):
        exporter.nope  # noqa: B018


def test_no_module_has_the_name_of_a_function() -> None:
    """Its import would put it in the function's place."""
    modules = {path.stem for path in Path(exporter.__file__).parent.iterdir()}
    assert not modules & set(exporter.__all__)


def test_a_path_in_the_place_of_a_model_is_refused(path: Path) -> None:
    with pytest.raises(SignatureError, match="give what exporter"):
        api.script(str(path), target="postgres")  # type: ignore[arg-type]


def test_what_is_installed_says_that_it_is_typed() -> None:
    assert (Path(exporter.__file__).parent / "py.typed").exists()


def test_a_path_a_text_and_a_file_give_the_same(path: Path) -> None:
    with path.open("rb") as file:
        models = [api.read(path), api.read(str(path)), api.read(file)]
    scripts = {str(api.script(m, target="postgres", expected_by="float64")) for m in models}
    assert len(scripts) == 1
    unnamed = api.read(io.BytesIO(path.read_bytes()))
    assert api.script(unnamed, target="postgres", expected_by="float64").model == "model"


def test_a_temporary_file_goes_with_its_model(path: Path) -> None:
    model = api.read(io.BytesIO(path.read_bytes()))
    folder = model.path.parent
    assert folder.exists()
    del model
    assert not folder.exists()


@pytest.mark.parametrize("source", [b"PK", 7, None, io.StringIO("text"), ["a.h5"]])
def test_what_is_no_model_is_refused(source: Any) -> None:
    with pytest.raises(ArchiveError, match="is no model that can be read"):
        api.read(source)


def test_a_model_in_memory_is_saved_by_itself(path: Path) -> None:
    """No Keras is needed here for one that saves itself."""
    kept = path.read_bytes()

    class Sequential:
        name = "in/memory"

        def save(self, place: str) -> None:
            Path(place).write_bytes(kept)

    Sequential.__module__ = "keras.src.models.sequential"
    model = api.read(Sequential())
    assert api.script(model, target="postgres", expected_by="float64").model == "in_memory"


def test_what_cannot_be_saved_says_why() -> None:
    class Sequential:
        name = "unbuilt"

        def save(self, place: str) -> None:
            raise ValueError("The model has no weights yet.")

    Sequential.__module__ = "keras.src.models.sequential"
    with pytest.raises(ArchiveError, match="cannot be saved: The model has no weights yet"):
        api.read(Sequential())


@pytest.mark.framework
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own
@pytest.mark.framework
def test_a_model_of_keras_is_scored_by_it(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    network = keras.Sequential([keras.layers.Input([3]), keras.layers.Dense(1)], name="small")
    script = api.script(api.read(network), target="postgres")
    assert script.model == "small"
    assert script.expected_by.startswith("Keras")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"target": "mysql"}, 'there is no target "mysql"; choose greenplum, oracle, postgres'),
        ({"features": "a,b,c"}, "features is one text; give a list"),
        ({"labels": ["a", 1]}, "labels: 1 is no name"),
        ({"features": ["a", "", "c"]}, "features: '' is no name"),
        ({"samples": 0}, "samples is 0"),
        ({"samples": True}, "samples is True"),
        ({"samples": 1001}, "from 1 to 1000"),
        ({"expected_by": "keras"}, "expected_by is 'keras'"),
        ({"oracle_version": "19"}, "oracle_version is for target oracle"),
        ({"target": "oracle", "oracle_version": "11"}, "oracle_version is '11'; choose one of"),
        ({"target": "greenplum", "greenplum_version": 5}, "greenplum_version is 5"),
        ({"colour": "red"}, 'there is no argument "colour"'),
        ({"label": ["a", "b"]}, 'Did you mean "labels"'),
        ({"features_from": "t"}, "features_from and database are given together"),
        ({"database": "postgresql://h/d"}, "features_from and database are given together"),
        ({"samples_from": "t"}, "so are samples_from, where it names a table, and database"),
        ({"samples_from": 5}, "samples_from is 5; give a file or a table's name"),
        ({"features": ["a"]}, "3 numbers"),
        ({"name": 5}, "name is 5; give a text"),
        ({"features_from": 5, "database": "postgresql://h/d"}, "features_from is 5; give a text"),
        ({"threshold": "0.5"}, "threshold is '0.5'; give a number"),
        ({"threshold": True}, "threshold is True; give a number"),
    ],
)
def test_wrong_arguments_are_refused(path: Path, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(SignatureError, match=words):
        api.script(api.read(path), **{"target": "postgres", "expected_by": "float64", **arguments})


def test_a_file_that_changed_since_it_was_read_is_refused(path: Path) -> None:
    model = api.read(path)
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(ArchiveError, match="changed while it was read"):
        api.script(model, target="postgres")


def test_scripts_write_themselves_and_keep_others(path: Path) -> None:
    script = api.script(api.read(path), target="postgres", expected_by="float64")
    place = path.with_name("fraud.sql")
    assert script.write(str(place)) == (place,)
    assert place.read_text() == str(script)
    place.write_text("mine")
    with pytest.raises(ExportError, match="there already"):
        script.write(place)
    assert script.write(place, force=True) == (place,)
    oracle = api.script(api.read(path), target="oracle", expected_by="float64")
    assert oracle.write(path.with_name("o.sql"))[1].name == "o_uninstall.sql"


def test_values_are_frozen(path: Path) -> None:
    model = api.read(path)
    script = api.script(model, target="postgres", expected_by="float64")
    for value in (model, model.describe(), script):
        with pytest.raises(FrozenInstanceError):
            value.name = "other"  # type: ignore[misc]


ASYNCHRONOUS = type("AsyncConnection", (), {"__module__": "psycopg"})


@pytest.mark.parametrize("place", [7, object(), io.StringIO(), {"host": "h"}, ASYNCHRONOUS()])
def test_what_is_no_database_is_refused(place: Any) -> None:
    with pytest.raises(DatabaseError, match="is no database that is known here"):
        api.models(place)


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgresql+psycopg2://h/d", "psycopg2"),
        ("postgresql+psycopg://h/d", "psycopg"),
        ("oracle+oracledb://h/d", "oracledb"),
        ("sqlite://", None),
    ],
)
def test_drivers_of_engines(url: str, driver: str | None) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine(url)
    if driver is not None:
        assert driver_of(engine, known_drivers()) == driver
        return
    with pytest.raises(DatabaseError, match="over pysqlite is no database"):
        driver_of(engine, known_drivers())


def test_tables_of_notebooks_are_nothing_but_text(path: Path) -> None:
    evil = "<script>alert('x')</script>"
    shown = html_table((evil,), [(evil, {evil: [evil, None]})])
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 4
    model = api.read(path)
    script = api.script(model, target="postgres", name=evil, labels=[evil, "b"],
                        expected_by="float64")  # fmt: skip
    for value in (model, model.describe(), script, Listing([script])):
        text = value._repr_html_()
        assert text.startswith("<table>")
        assert "<script" not in text


def test_facts_are_json(path: Path) -> None:
    model = api.read(path)
    assert json.loads(json.dumps(model.facts()))["parameters"] == 4
    assert model.facts() == model.describe().facts()


def test_a_function_of_the_caller_follows(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[Any] = []
    with show_steps(told.append, 2) as advance:
        advance("one")
    with show_rows(lambda *values: told.append(values)) as rows:
        rows(5, 0.5)
    with show_steps(False, 2) as advance:
        advance("quiet")
    assert told == ["one", (5, 0.5)]
    assert capsys.readouterr().err == ""


def test_without_a_terminal_progress_is_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with show_rows(True) as rows:
        for _ in range(100):
            rows(10, 0.5)
        rows(10, 1.0)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(" 50% 10 rows")
    assert lines[1].startswith("100% 1,010 rows")


@pytest.mark.filterwarnings("ignore:IProgress not found")  # tqdm's, without ipywidgets
def test_in_a_notebook_progress_is_that_of_tqdm(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tqdm")
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    with show_steps(True, 2) as advance:
        advance("first")
        advance("commit")
    last = capsys.readouterr().err.split("\r")[-1]
    assert last.startswith("100%|")
    assert last.rstrip().endswith("| commit")


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, None),
        ({"PGUSER": "u", "PGPASSWORD": "p"}, None),
        ({"PGHOST": "h", "PGDATABASE": "d"}, ("", "the variables PGHOST, PGDATABASE of libpq")),
        ({"PGSERVICE": "s"}, ("", "the variable PGSERVICE of libpq")),
        ({"DATABASE_URL": "postgres://h/d", "PGHOST": "h"}, ("postgres://h/d", "DATABASE_URL")),
        (
            {"EXPORT_MODEL_DSN": "postgres://a/b", "DATABASE_URL": "x"},
            ("postgres://a/b", "MODEL_DSN"),
        ),
        ({"DATABASE_URL": "", "PGPORT": "1"}, ("", "PGPORT")),
    ],
)
def test_where_a_database_is_found(
    variables: dict[str, str], found: tuple[str, str] | None
) -> None:
    result = find_dsn(variables)
    if found is None or result is None:
        assert result is found
    else:
        assert result[0] == found[0]
        assert found[1] in result[1]


@pytest.mark.parametrize(
    ("dsn", "has"),
    [
        ("postgresql://u:secret@h/d", True),
        ("postgresql://h/d?user=u&password=secret", True),
        ("host=h password=secret", True),
        ("password='s' host=h", True),
        ("oracle://u:secret@h:1521/s", True),
        ("u/secret@h:1521/s", True),
        ("postgresql://u@h:5432/d", False),
        ("postgresql://h/d?host=/tmp/a@b", False),
        ("host=h passfile=/home/u/.pgpass", False),
        ("oracle://u@h:1521/s", False),
        ("u@h:1521/s", False),
    ],
)
def test_a_dsn_with_a_password_is_told_from_one_without(dsn: str, has: bool) -> None:
    assert holds_password(dsn) is has


def test_weights_are_not_shown_and_long_texts_cut() -> None:
    assert "AAAA" not in WeightsStatement("weights", Sql("insert 'AAAA'")).shown
    text = Statement("model", Sql(f"insert 'a', '{'b' * 500}', $x$ {'c' * 500} $x$")).shown
    assert text.startswith("-- model\ninsert 'a', '... 502 characters ...'")
    assert "ccc" not in text
    assert shorten("select 'it''s', 1") == "select 'it''s', 1"


def test_the_log_says_what_takes_long(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "exporter"):
        api.script(api.read(path), target="postgres", expected_by="float64")
    assert caplog.messages[0] == "computing expected outputs of the sample rows"


@pytest.mark.parametrize(
    ("rows", "seconds", "text"),
    [
        (12_000, 2.0, "12,000 rows scored into t in 2.0 s (6,000 rows/s)"),
        (3, 7.3, "3 rows scored into t in 7.3 s"),
        (0, 0.2, "0 rows scored into t in 0.2 s"),
    ],
)
def test_a_rate_is_told_where_there_is_one(rows: int, seconds: float, text: str) -> None:
    assert str(Scoring("t", rows, seconds, was_stopped=False)) == text


def test_a_description_is_short_and_tells_equal_steps_once(path: Path) -> None:
    model = api.read(path)
    described = model.describe()
    shown = str(described)
    assert "As in the file, and as it is scored, " in shown and shown.count("layer ") == 1
    assert repr(described) == (
        f"<Description of {path.name}: Keras 2.2.4; 4 parameters; input d_input: 3; output d: 1;"
        " 2 steps; print it for all>"
    )
