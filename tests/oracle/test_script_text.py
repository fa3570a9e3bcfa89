"""The script for Oracle as text: names, exact weights, bounded statements, order."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from database.networks import write_sequential
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from plsql.grammar.checker import split_script
from plsql.grammar.scripts import compile_file

from exporter.databases.oracle.assembly import BLOCK_NUMBERS, CALL_NUMBERS, fletcher
from exporter.databases.oracle.registry import model_key, model_names
from exporter.databases.oracle.sqlplus import ArrayStatement, SqlPlusScript, Unit
from exporter.databases.oracle.switches import SWITCH
from exporter.errors import SignatureError, SqlTextError

VERSION = "0123456789abcdef" * 4
FLOATS = st_numpy.arrays(np.float32, st.integers(2, 60), elements=st.floats(-1e6, 1e6, width=32))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> SqlPlusScript:
    """The script of a model with a tensor of 45,000 numbers."""
    path = tmp_path_factory.mktemp("large") / "large.h5"
    return compile_file(write_sequential(path, [300, 150, 2], ["relu", "softmax"]), "large")


@pytest.mark.parametrize(
    ("model", "synonym", "package", "synonym_key", "package_key"),
    [
        ("fraud", "fraud", "fraud_01234567", "FRAUD", "FRAUD_01234567"),
        ("Fraud", "fraud", "fraud_01234567", "FRAUD", "FRAUD_01234567"),
        ("date", '"date"', "date_01234567", "date", "DATE_01234567"),
        ("my model", '"my model"', '"my model_01234567"', "my model", "my model_01234567"),
    ],
)
def test_names(model: str, synonym: str, package: str, synonym_key: str, package_key: str) -> None:
    names = model_names(model, VERSION, "19")
    assert (names.synonym, names.package) == (synonym, package)
    assert (names.synonym_key, names.package_key) == (synonym_key, package_key)
    assert names.model == model_key(model)


@pytest.mark.parametrize(
    ("model", "version", "error"),
    [
        ("", "19", SqlTextError),
        ("x" * 22, "12.1", SqlTextError),
        ("x" * 120, "19", SqlTextError),
        ('a"b', "19", SqlTextError),
        ("prix_é", "19", SqlTextError),
        ("tick & tock", "19", SqlTextError),
        ("export_model_models", "19", SignatureError),
        ("NN_RUNTIME", "19", SignatureError),
    ],
)
def test_names_that_cannot_be(model: str, version: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        model_names(model, VERSION, version)


def test_the_longest_names_are_accepted() -> None:
    assert len(model_names("x" * 21, VERSION, "12.1").package) == 30
    assert len(model_names("x" * 119, VERSION, "12.2").package) == 128


def read_array(text: str) -> np.ndarray:
    """The numbers of all constructors in a text."""
    found = re.findall(r"utl_nla_array_flt\(([^()]*)\)", text)
    items = [item.strip() for part in found for item in part.split(",") if item.strip()]
    assert all(item.endswith("f") for item in items)
    return np.array([float(item[:-1]) for item in items]).astype(np.float32)


def test_arrays_are_written_exactly_and_in_bounded_statements(large: SqlPlusScript) -> None:
    arrays = [item for item in large.statements if isinstance(item, ArrayStatement)]
    assert max(item.array.size for item in arrays) == 45_000
    for statement in arrays:
        pieces = list(statement.pieces())
        numbers = [read_array(piece) for piece in pieces]
        np.testing.assert_array_equal(np.concatenate(numbers), statement.array)
        assert all(array.size <= BLOCK_NUMBERS for array in numbers)
        for piece in pieces:
            calls = re.findall(r"utl_nla_array_flt\(([^()]*)\)", piece)
            assert all(call.count(",") < CALL_NUMBERS for call in calls)
        assert ":numbers" in statement.sql and not read_array(statement.sql).size


def test_a_statement_bound_and_written_does_the_same(large: SqlPlusScript) -> None:
    for statement in large.statements:
        if isinstance(statement, ArrayStatement) and statement.array.size <= CALL_NUMBERS:
            (piece,) = statement.pieces()
            assert re.sub(r"utl_nla_array_flt\([^()]+\)", ":numbers", piece) == statement.sql


def test_the_file_holds_every_statement_in_order(large: SqlPlusScript) -> None:
    written = split_script(str(large))
    pieces = [
        large.guard.sql,
        large.stop.sql,
        *(p for item in large.statements for p in item.pieces()),
    ]
    assert written == [f"{piece}\n/\n" for piece in pieces]


def test_the_synonym_is_replaced_once_and_then_old_grants_go(large: SqlPlusScript) -> None:
    replacing = [item for item in large.statements if "replace synonym" in item.sql]
    assert replacing == [large.statements[-3]]
    assert replacing[0].name == SWITCH
    assert "revoke execute" in large.statements[-2].sql
    names = [item.name for item in large.statements]
    order = ["was the package compiled?", "prove it: score the samples"]
    assert [name for name in names if name in order] == order
    last_unit = max(n for n, item in enumerate(large.statements) if isinstance(item, Unit))
    assert last_unit < names.index(order[0])


def test_sqlplus_stops_at_errors_and_asks_for_no_variables(large: SqlPlusScript) -> None:
    lines = str(large).splitlines()
    assert lines.index("set define off") < lines.index(large.guard.sql.splitlines()[0])
    guard, rest = str(large).split("whenever sqlerror exit :status rollback\n")
    assert "whenever sqlerror exit failure rollback\nvariable status number\n" in guard
    assert guard.rpartition("\nrem ")[0].endswith(f"{large.guard.sql}\n/")
    assert rest.startswith(f"{large.stop.sql}\n/\nwhenever sqlerror exit failure rollback\n")
    assert "whenever sqlerror continue" in lines[-2:]
    assert sum(line == "show errors" for line in lines) == 4
    assert not any("termout" in line for line in lines)


def test_errors_are_passed_over_and_shown_at_packages_only(large: SqlPlusScript) -> None:
    passed_over = re.findall(r"whenever sqlerror continue\n(.*?)whenever", str(large), flags=re.S)
    assert len(passed_over) == 5
    assert all(
        re.match(r"create package( body)? (nn_runtime|large)_", part) for part in passed_over[:-1]
    )
    assert passed_over[-1].strip() == ""


def test_the_file_begins_with_what_it_does(large: SqlPlusScript) -> None:
    head = str(large).split("set define off")[0]
    assert all(line.startswith("rem ") for line in head.splitlines())
    for package in {item.key for item in large.statements if isinstance(item, Unit)}:
        assert package in head
    weights = [
        item.array.size
        for item in large.statements
        if isinstance(item, ArrayStatement) and item.name.startswith("weights")
    ]
    assert f"{sum(weights):,} numbers of weights" in head
    for words in ("CREATE TABLE, CREATE PROCEDURE, CREATE SYNONYM", "quota", "_uninstall.sql"):
        assert words in head
    assert large.removal is not None
    assert "drops the model's synonym" in str(large.removal).split("set define off")[0]


def test_the_script_is_the_same_for_the_same_file(tmp_path: Path) -> None:
    path = write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"])
    assert compile_file(path, "m").digest == compile_file(path, "m").digest


def test_fletcher_adds_in_order() -> None:
    array = np.random.default_rng(1).standard_normal(5000).astype(np.float32)
    first = second = 0.0
    for value in array.tolist():
        first += value
        second += first
    assert fletcher(array) == (first, second)
    assert fletcher(np.zeros(0, np.float32)) == (0.0, 0.0)


@given(FLOATS, st.data())
def test_fletcher_finds_changes_and_exchanges(array: np.ndarray, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, array.size - 1))
    changed = array.copy()
    changed[place] += max(1.0, abs(changed[place])) * np.float32(1e-3)
    assert fletcher(changed) != fletcher(array)
    other = data.draw(st.integers(0, array.size - 1))
    if abs(array[place] - array[other]) > 1e-3:
        exchanged = array.copy()
        exchanged[[place, other]] = array[[other, place]]
        assert fletcher(exchanged) != fletcher(array)
