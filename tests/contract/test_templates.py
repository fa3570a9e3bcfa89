"""Templates: a header that names each variable, one statement, nothing unquoted."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta

from exporter.databases.greenplum.script import GreenplumCompiler, SharedGreenplumCompiler
from exporter.databases.oracle import templates as oracle
from exporter.databases.postgres.helpers import CALLER_HELPERS, OWNER_HELPERS
from exporter.databases.postgres.shared import ENGINES, OWN_TEMPLATES, SharedCompiler
from exporter.databases.postgres.shared import TABLES as REGISTRY_TABLES
from exporter.engines.engine import Engine
from exporter.engines.pgvector.record import PGVECTOR
from exporter.engines.plpython.record import PLPYTHON
from exporter.engines.statements import Statements
from exporter.errors import SqlTextError
from exporter.sql.templates import FILTERS, environment, render
from exporter.sql.text import require_sql

ROOT = Path(__file__).parents[2] / "sql_templates"
TEMPLATES = sorted(ROOT.rglob("*.sql"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_header_names_every_variable(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    header = re.match(r"\{#(.*?)#\}", source, flags=re.S)
    assert header is not None, "a template begins with a comment that says what it does"
    _, _, described = header[1].partition("variables:")
    used = meta.find_undeclared_variables(_environment(path).parse(source))
    if described.strip() == "none":
        assert used == set()
    for name in used:
        assert re.search(rf"\b{name}\b", described), f"{name} is not in the header"


def _environment(path: Path) -> jinja2.Environment:
    """As the template's database renders it."""
    filters = oracle.FILTERS if path.parent.name == "oracle" else FILTERS
    return environment((path.parent.relative_to(ROOT).as_posix(),), filters)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_is_one_statement_without_macros(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    source = re.sub(r"\{% set source %\}.*?\{% endset %\}", "", source, flags=re.S)
    if not is_program_unit(source):
        assert ";" not in source
    banned = ["macro", "import", "| safe", "extends"]
    for word in banned if path.name in QUERIES_OF_QUERIES else [*banned, "include"]:
        assert word not in source


QUERIES_OF_QUERIES = {"owners.sql", "missing_parts.sql", "compare.sql", "compare_kept.sql"}
"""Queries that join others, which stand in blocks or other queries elsewhere, too."""


def is_program_unit(source: str) -> bool:
    """PL/SQL has semicolons inside; it is one statement when nothing follows its end."""
    unit = r"\s*(declare|begin|create or replace package)\b.*\bend( \S.*)?;\s*"
    return re.fullmatch(unit, source, flags=re.S) is not None


def test_text_that_was_not_quoted_never_gets_through() -> None:
    for value in ("fraud", 1, None, ["a"], jinja2.Undefined()):
        with pytest.raises(SqlTextError, match="without being quoted"):
            require_sql(value)
    template = environment(("postgres",)).from_string("select {{ name }}")
    with pytest.raises(SqlTextError):
        template.render(name="x; drop table y")


def test_a_missing_variable_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render(("postgres",), "schema", {})


@pytest.mark.parametrize("folders", [("postgres",), ("greenplum", "postgres")])
def test_a_proof_that_fails_tells_rounding_from_errors(folders: tuple[str, ...]) -> None:
    said = str(render(folders, "prove", {"model": "m", "function": "verify"}))
    assert "rounding that the network magnifies" in said and "Please report this" in said


def helpers_on_greenplum() -> dict[str, str]:
    """The templates of the helpers that callers need, without their first comment."""
    compiler = GreenplumCompiler
    folders = [f"plpython/{name}" for name in compiler.templates] + list(compiler.templates)
    loader = environment(tuple(folders))
    found = {}
    for helper in compiler.helpers:
        name = OWN_TEMPLATES.get(helper, helper)
        assert loader.loader is not None
        source, _, _ = loader.loader.get_source(loader, f"{name}.sql")
        found[name] = re.sub(r"\{#.*?#\}", "", source, flags=re.S)
    return found


# Segments run them: they take a function's name alone; nobody can call the procedures there.
RUNS_ON_SEGMENTS = ("score_rows", "score_window_rows", "answer_forecasts", *OWN_TEMPLATES.values())
# Procedures that commit can have no SET, and for what is called for every row it would cost time.
WITHOUT_SETTINGS = (*OWN_TEMPLATES.values(), "check_transaction", "array_bytes", "record_bytes",
                    "bytes_array", "bytes_doubles")  # fmt: skip


def test_helpers_that_run_text_refuse_to_on_segments() -> None:
    for name, source in helpers_on_greenplum().items():
        runs_text = re.search(r"\bexecute\s", source) is not None
        is_guarded = "\nbegin\n{% for guard in guards %}\n  perform {{ guard }};" in source
        assert is_guarded == (runs_text and name not in RUNS_ON_SEGMENTS), name


def test_helpers_take_settings() -> None:
    for name, source in helpers_on_greenplum().items():
        has_place = "{% for setting in settings %}\nset {{ setting }}\n" in source
        assert has_place == (name not in WITHOUT_SETTINGS), name


# What the grammar makes the system's own, what has a schema, and what Python names with its own.
GRAMMAR = r"(integer|bigint|boolean|double precision|real|record|pg_catalog\.|export_model\.|{{)"


def test_variables_have_types_of_the_system_whatever_the_callers_path() -> None:
    """A type of his temporary schema comes before the system's, where no path is set."""
    found = 0
    for path in TEMPLATES:
        source = path.read_text(encoding="utf-8")
        is_function = re.match(r"\{#.*?#\}\ncreate or replace (function|proc)", source, re.S)
        if is_function and path.parent.name != "oracle" and "set search_path" not in source:
            for block in re.findall(r"^declare\n(.*?)^begin$", source, re.M | re.S):
                for line in re.findall(r"^  l_\w+ (?:constant )?(.*)$", block, re.M):
                    assert re.match(GRAMMAR, line), f"{path.name}: {line}"
                    found += 1
    assert found > 50


def test_nothing_that_is_called_for_every_row_has_a_setting() -> None:
    """It is set and reset at every call, which was a fifth of a batch's time on Greenplum."""
    for name in ("alias", "pack", "array_bytes", "record_bytes", "run", "versioned"):
        paths = [path for path in TEMPLATES if path.stem == name and path.parent.name != "oracle"]
        assert paths
        for path in paths:
            assert not re.search(r"^set (?!statement)", path.read_text(), re.M), path


def test_every_table_of_the_registry_has_a_place_for_its_storage() -> None:
    tables = {path for path in TEMPLATES if path.parent.name == "postgres"
              and "create table if not exists export_model." in path.read_text()}  # fmt: skip
    assert {path.stem.removeprefix("registry_") for path in tables} == set(REGISTRY_TABLES)
    for path in tables:
        assert path.read_text().endswith(
            "{% for clause in storage %}\n{{ clause }}\n{% endfor %}\n"
        )


@pytest.mark.parametrize(
    ("compiler", "engine"),
    [(SharedCompiler, PLPYTHON), (SharedCompiler, PGVECTOR), (SharedGreenplumCompiler, PLPYTHON)],
)
def test_a_script_says_once_what_each_function_of_the_registry_is_for(
    compiler: type[SharedCompiler], engine: Engine[Statements]
) -> None:
    """Beside its name, for who reads all before he runs it."""
    script = compiler(engine).compile_shared(None)
    parts = re.split(r"^-- registry: ", str(script), flags=re.M)
    said = [part for part in parts if re.search(r"^create or replace ", part, re.M)]
    assert len(said) > 40
    told: set[str] = set()
    for part in said:
        comment = "".join(re.findall(r"^-- .*", part.partition("\ncreate or replace ")[0], re.M))
        is_of_a_kind = part.startswith("run_") and bool(told)
        assert len(comment) > 20 or is_of_a_kind, part[:200]
        assert comment not in told or not comment
        assert not re.search(r"\b(variables|settings of the function)\b", comment)
        told.add(comment)


def helpers_by_template() -> dict[str, str]:
    """Every helper of a registry by its template, with the function that it is said to make."""
    known = dict(OWNER_HELPERS)
    for engine in ENGINES:
        making = engine.making
        known |= {**making.owner_helpers, **making.helpers, **making.closed_helpers}
    return {**known, **CALLER_HELPERS, **GreenplumCompiler.helpers}


@pytest.mark.parametrize("helper", sorted(helpers_by_template()))
def test_a_helper_makes_the_function_that_it_is_said_to(helper: str) -> None:
    name = OWN_TEMPLATES.get(helper, helper)
    paths = [path for path in TEMPLATES if path.stem == name and path.parent.name != "oracle"]
    assert paths
    for path in paths:
        source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        found = re.search(
            r"create or replace \w+ [\w.|{} ]*?\.(\w+)\((.*?)\)\s*(?:returns|language)",
            source,
            re.S,
        )
        assert found is not None
        types = []
        for parameter in found[2].split(","):
            words = re.sub(r" default .*", "", parameter.strip()).split()
            if words and words[0] != "out":
                words = words[1:] if words[0] == "inout" else words
                types.append(" ".join(words[1:] or words))
        assert helpers_by_template()[helper] == f"export_model.{found[1]}({', '.join(types)})"
