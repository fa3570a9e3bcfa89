"""Quoting, as text; tests/database/test_quoting.py asks a server what it reads."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

import exporter
from exporter.databases.postgres.ports import argument_names
from exporter.databases.results import Difference, mend
from exporter.errors import SqlTextError
from exporter.sql import text
from exporter.sql.text import Sql

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        (text.ident, "a", '"a"'),
        (text.ident, 'a"b', '"a""b"'),
        (text.ident, "x" * 63, '"' + "x" * 63 + '"'),
        (text.show_ident, "fraud_2", "fraud_2"),
        (text.show_ident, "Fraud", '"Fraud"'),
        (text.show_ident, "select", '"select"'),
        (text.literal, None, "null"),
        (text.literal, "it's", "'it''s'"),
        (text.literal, "a\\b", "E'a\\\\b'"),
        (text.number, 3, "3"),
        (text.number, 0.1, "0.1"),
        (text.number, np.float64(0.1), "0.1"),
        (text.number, float("inf"), "'Infinity'::double precision"),
        (text.number, float("nan"), "'NaN'::double precision"),
        (text.boolean, True, "true"),
        (text.body, "x", "$function$x$function$"),
        (text.body, "$function$", "$function1$$function$$function1$"),
        (text.texts, ["a", "b'"], "array['a', 'b''']::pg_catalog.text[]"),
        (text.texts, [], "array[]::pg_catalog.text[]"),
        (text.binary, b"\x00\xff", "pg_catalog.decode('AP8=', 'base64')"),
        (text.reals, np.array([[1.5, np.nan]]), "'{{1.5,NaN}}'::real[]"),
        (text.reals, np.array([np.inf, -0.0]), "'{Infinity,-0}'::real[]"),
        (text.remark, "a\nb */ $x", "a?b ? ?x"),
        (text.comma, [Sql("a"), Sql("b")], "a, b"),
    ],
)  # fmt: skip
def test_quoting(function: object, value: object, expected: str) -> None:
    result = function(value)  # type: ignore[operator]
    assert result == expected
    assert isinstance(result, str)


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (text.ident, ""),
        (text.ident, "x" * 64),
        (text.ident, "ü" * 32),
        (text.ident, "a\x00"),
        (text.literal, "a\x00"),
        (text.literal, "\udc80"),
        (text.body, "\x00"),
        (text.number, True),
        (text.number, "1"),
        (text.comma, ["a"]),
        (text.comma, [Sql("a"), "b"]),
    ],
)
def test_what_cannot_be_written_is_refused(function: object, value: object) -> None:
    with pytest.raises(SqlTextError):
        function(value)  # type: ignore[operator]


def test_nine_digits_are_exact_for_float32() -> None:
    values = np.random.default_rng(0).integers(0, 2**32, 20000, np.uint32).view(np.float32)
    values = values[np.isfinite(values)]
    written = str(text.reals(values))[2:-10].split(",")
    read = np.array([float(item) for item in written]).astype(np.float32)
    np.testing.assert_array_equal(read, values)


@pytest.mark.parametrize(
    ("names", "arguments"),
    [
        (["input_layer_7"], ["input_layer"]),
        (["input_layer"], ["input_layer"]),
        (["input_4"], ["input_1"]),
        (["dense_12_input"], ["dense_input"]),
        (["input_9", "amount", "input_5"], ["input_2", "amount", "input_1"]),
        (["input_layer_2", "input_layer_4"], ["input_layer", "input_layer_1"]),
        (["sensor_2_input"], ["sensor_2_input"]),
        (["pixels_3"], ["pixels_3"]),
        (["input_layer_2", "input_layer_02"], ["input_layer", "input_layer"]),
    ],
)
def test_names_that_keras_counted_are_counted_from_the_beginning(
    names: list[str], arguments: list[str]
) -> None:
    """Where that leaves two arguments of a name, the model's own stay."""
    given = argument_names(names)
    assert given == (arguments if len(set(arguments)) == len(arguments) else names)


def test_a_network_trained_again_has_the_same_functions(tmp_path: Path) -> None:
    """Keras counts inputs in a session: what calls the functions of the first fits the second."""
    headers = []
    for name in ("input_layer", "input_layer_3"):
        path = tmp_path / f"{name}.keras"
        with ZipFile(ROOT / "examples/digits/digits.keras") as given, ZipFile(path, "w") as made:
            for item in given.namelist():
                data = given.read(item)
                if item == "config.json":
                    data = data.replace(b'"pixels"', f'"{name}"'.encode())
                made.writestr(item, data)
        script = exporter.script(exporter.read(path), target="postgres", name="digits")
        text = "".join(statement.sql for statement in script.statements)
        headers.append(re.findall(r"\(.?input_layer\w*.? real\[\]", text))
    assert headers[0] == headers[1] != []


@pytest.mark.parametrize(
    ("found", "starts"),
    [
        (["function f.score(real) was altered"], "export-model repair --name f"),
        (["schema f is missing", "type f.row is missing"], "export-model repair --name f"),
        (["3 functions were made by another version"], "export-model repair --name f"),
        (["function f.g() is missing", "0 of 1 chunks of weights are there"], "deploy it again"),
        (["the registry has no current version of model"], "deploy it again"),
        (["the registry does not list function f.g(real)"], "export-model repair --name f"),
    ],
)
def test_a_mend_names_what_is_enough(found: list[str], starts: str) -> None:
    text = mend("f", [Difference(what) for what in found])
    assert text.startswith(starts)
    if "not list" in found[0]:
        assert text.endswith("then drop function f.g(real);")
