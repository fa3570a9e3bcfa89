"""An engine that the program does not know, in plain SQL, runs a model in PostgreSQL; and no
template outside of an engine's folder knows that engine."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import MISSING, fields, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
import psycopg2
import pytest
from database.networks import query, write_sequential
from databases import Database

from exporter import api
from exporter.databases import DATABASES
from exporter.databases.database import nothing_open, refuse_later
from exporter.databases.postgres.record import POSTGRES
from exporter.databases.postgres.script import compile_script
from exporter.engines.engine import Engine, no_problems
from exporter.engines.pgvector.record import PGVECTOR
from exporter.engines.plpython.record import PLPYTHON
from exporter.engines.plsql.record import PLSQL
from exporter.engines.statements import Function, Runtime, Statements, Step, Version
from exporter.errors import UnsupportedError
from exporter.ir.ops import Activation
from exporter.resources import folder
from exporter.sql import templates
from exporter.sql.text import Sql

ROOT = folder("sql_templates")
PACKAGE = Path(templates.__file__).parents[1]
TEMPLATES = {
    "check": """{# variables: none #}
do {% set source %}

begin
  if current_setting('toys.missing', true) = 'yes' then
    raise exception 'toys are missing in this server';
  end if;
end
{% endset %}{{ source | body }}""",
    "toys": """{# variables: none #}
create or replace function export_model.runtime_toys() returns integer
language sql as 'select 1'""",
    "count_toys": """{# variables: none #}
create or replace function export_model.count_toys() returns integer
language sql as 'select 7'""",
    "score_toy": """{# variables: all #}
create or replace function {{ model | ident }}.{{ function | ident }}(p1 real[])
returns {{ returns }} language sql immutable strict
as {% set source %}
select (sum(x.v * x.w) + {{ bias | number }})::real
from unnest(p1::double precision[], {{ kernel | reals }}::double precision[]) x (v, w)
{% endset %}{{ source | body }}""",
}


def make_functions(version: Version) -> tuple[Function, ...]:
    """One sum of products, with the weights in its text."""
    *kernel, bias = np.frombuffer(version.plan.block, "<f4")
    (method, returns), *_ = version.methods
    name = version.name(method)
    variables = {
        "model": version.schema,
        "function": name,
        "returns": returns,
        "kernel": kernel,
        "bias": float(bias),
    }
    identity = version.identity(name, Sql("real[]"))
    return (
        Function("toy", "score_toy", variables, identity=identity, returns=returns, is_open=True),
    )


TOY: Engine[Statements] = Engine(
    name="toysql",
    title="Toy SQL",
    lacks=MappingProxyType({Activation: ("it only adds", "Take the activation away.")}),
    problems=no_problems,
    rights=("Rights: those of any child.",),
    needs=("A floor must be there.",),
    making=Statements(
        checks=(Step("check toys", "check"),),
        runtime=lambda: Runtime(
            "runtime_toys",
            Function(
                "toys",
                "toys",
                identity=Sql("export_model.runtime_toys()"),
                returns="integer",
                is_open=False,
            ),
        ),
        owner_helpers={},
        helpers={"count_toys": Sql("export_model.count_toys()")},
        closed_helpers={},
        shared=tuple,
        functions=make_functions,
        message=lambda array, port: Sql("{}::real[]").format(array),
        row_message=None,
        packs_rows=False,
        keeps=False,
        packer=None,
        examine=lambda connection, is_cluster: [],
        find_lost=lambda connection, model: [],
    ),
)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The name of a target that is PostgreSQL with the toy as engine, which has its templates."""
    root = tmp_path / "sql_templates"
    shutil.copytree(ROOT / "postgres", root / "postgres")
    (root / "toysql" / "postgres").mkdir(parents=True)
    for name, text in TEMPLATES.items():
        (root / "toysql" / "postgres" / f"{name}.sql").write_text(text)
    monkeypatch.setattr(templates, "folder", lambda name: root)
    compile_toys = partial(compile_script, engine=TOY)
    record = replace(
        POSTGRES,
        name="toy",
        engine=TOY,
        options=(),
        compile=compile_toys,
        settle=nothing_open,
        refuse=refuse_later,
    )
    monkeypatch.setitem(DATABASES, "toy", record)
    templates.environment.cache_clear()
    yield "toy"
    templates.environment.cache_clear()


def test_a_script_of_another_engine(toy: str, tmp_path: Path) -> None:
    model = api.read(write_sequential(tmp_path / "m.h5", [3, 1], ["linear"]))
    script = api.script(model, target=toy, name="fraud", features=["a", "b", "c"])
    text = str(script)
    moves = "registry: bring it to this format"  # says what ran the models of format 1
    others = [item.sql for item in script.statements if item.name != moves]
    assert "plpython" not in "".join(others).lower()
    assert "numpy" not in text
    assert "-- Rights: those of any child." in text
    made = [made.key for made in script.made]
    assert "export_model.count_toys()" in made
    assert "export_model.load(text)" not in made
    names = [statement.name for statement in script.statements]
    assert names.index("check toys") < names.index("registry: schema")
    assert names.index("remove functions that were altered") == names.index("toys") - 2


def test_another_engine_scores_in_postgresql(toy: str, database: Database, tmp_path: Path) -> None:
    """Deployed by a role that is no superuser, because this engine needs none."""
    role = "toymaker"
    query(
        database.dsn,
        f'create role {role} login; grant create on database "{database.name}" to {role}',
    )
    try:
        path = write_sequential(tmp_path / "m.h5", [3, 1], ["linear"])
        model = api.read(path)
        dsn = database.dsn_of(role)
        deployed = api.deploy(model, dsn, target=toy, name="fraud", features=["a", "b", "c"])
        assert deployed.verify().is_ok
        with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
            cursor.execute("select fraud.score('{1,2,3}'), fraud.score(1, 2, 3)")
            (scores,) = cursor.fetchall()
            cursor.execute("select distinct form from fraud.verify() order by 1")
            forms = cursor.fetchall()
            cursor.execute("select runtime from export_model.versions")
            assert cursor.fetchall() == [("runtime_toys",)]
        connection.close()
        assert scores[0] == scores[1]
        assert forms == [("score of a row",), ("score of columns",)]
        assert not api.deploy(model, dsn, target=toy, name="fraud").differences
        api.drop(dsn, "fraud")
        left = "select count(*) from pg_namespace where nspname in ('fraud', 'export_model')"
        assert query(database.dsn, left) == [(0,)]
    finally:
        query(database.dsn, f"drop owned by {role}; drop role {role}")


def test_what_the_server_lacks_is_said_before_anything_is_made(
    toy: str, database: Database, tmp_path: Path
) -> None:
    model = api.read(write_sequential(tmp_path / "m.h5", [3, 1], ["linear"]))
    dsn = f"{database.dsn}?options=-c%20toys.missing%3Dyes"
    with pytest.raises(Exception, match="toys are missing in this server"):
        api.deploy(model, dsn, target=toy, name="fraud")
    assert query(database.dsn, "select to_regnamespace('export_model')") == [(None,)]


def test_ops_that_an_engine_lacks_are_refused(toy: str, tmp_path: Path) -> None:
    model = api.read(write_sequential(tmp_path / "m.h5", [3, 4, 1], ["relu", "sigmoid"]))
    with pytest.raises(UnsupportedError) as caught:
        api.script(model, target=toy, name="fraud")
    assert [problem.reason for problem in caught.value.problems] == ["it only adds"] * 2


def test_every_field_of_an_engine_has_to_be_given() -> None:
    for kind, record in ((Engine, TOY), (Statements, TOY.making)):
        given = {item.name: getattr(record, item.name) for item in fields(kind)}
        for item in fields(kind):
            assert item.default is MISSING and item.default_factory is MISSING, item.name
            with pytest.raises(TypeError, match=item.name):
                kind(**{name: value for name, value in given.items() if name != item.name})


@pytest.mark.parametrize("engine", [PLPYTHON, PGVECTOR, PLSQL], ids=lambda engine: str(engine.name))
def test_an_engine_has_its_folders(engine: Engine[object]) -> None:
    assert (PACKAGE / "engines" / engine.name / "record.py").is_file()
    assert (ROOT / engine.name).is_dir() or folder(engine.name).is_dir()


def test_no_template_outside_of_the_engines_folder_names_it() -> None:
    words = {
        "plpython": re.compile(r"plpython|PL/Python|numpy|\bGD\b", re.I),
        "pgvector": re.compile(r"pgvector|\bvector\b|<#>", re.I),
    }
    for path in sorted(ROOT.rglob("*.sql")):
        inside = path.relative_to(ROOT).as_posix()
        for engine, found in words.items():
            if not inside.startswith(f"{engine}/"):
                assert not found.search(path.read_text()), inside
