"""Sample rows that the user gives, and those that are refused."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exporter.errors import ArchiveError, SignatureError
from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Node, Port, Source
from exporter.ir.ops import MapTexts, as_tensor
from exporter.samples.given import Given, as_inputs, is_file, read_file

KINDS: Any = ("number", "boolean", "date", "timestamp")
NUMBERS = tuple(
    Column(k[0], k, "null" if k == "date" else "missing", n) for n, k in enumerate(KINDS)
)
TEXT = Column("w", "text", "missing", 4)
HEADER = "w,extra,n,b,d,t\n"


def graph() -> Graph:
    """Columns of all kinds; of the texts a and b are known, others are an error."""
    one, none = (as_tensor(np.array(v), dtype="float64") for v in ([1.0, 2.0], [0.0]))
    op = MapTexts((("a", "b"),), one, none, none, (0,), ())
    ports = (
        Port("numbers", 0, (4,), "float64", columns=NUMBERS),
        Port("texts", 1, (1,), "text", columns=(TEXT,)),
    )
    output = Port("score", 2, (1,), "float64")
    node = Node(op, (1,), 2, (1,), "encoder")
    return Graph("m", ports, (node,), (output,), Source("sklearn", "1", "m", "0"), 0)


def write(folder: Path, text: str) -> str:
    """A CSV file."""
    path = folder / "rows.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_csv_file_by_name(tmp_path: Path) -> None:
    first = "a,x,1600000000.25,true,1970-01-03,1970-01-01 00:01:00.5\n"
    path = write(tmp_path, HEADER + first + ",y,,,2024-02-01,\n")
    numbers, texts = as_inputs(graph(), read_file(path, 8), ())
    assert numbers[0].tolist() == [1600000000.25, 1, 2, 60.5]
    assert np.isnan(numbers[1, [0, 1, 3]]).all()
    assert numbers[1, 2] == 19754
    assert texts.tolist() == [["a"], [None]]
    assert len(read_file(path, 1).rows) == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01 00:01:00.5", 60.5),
        ("1970-01-01 00:01:00.5+00", 60.5),
        ("1970-01-01T02:01:00+02:00", 60),
        ("1970-01-01 05:31:00.25+0530", 60.25),
        ("1970-01-01 00:01:00.123456789", 60.123456),
        ("1970-01-01", 0),
        ("1969-12-31 23:59:59.999", -0.001),
    ],
)
def test_timestamps_as_databases_write_them(tmp_path: Path, text: str, seconds: float) -> None:
    path = write(tmp_path, HEADER + f"a,x,1,true,1970-01-03,{text}\n")
    numbers, _ = as_inputs(graph(), read_file(path, 8), ())
    assert numbers[0, 3] == pytest.approx(seconds, abs=1e-9)


def test_values_of_a_driver() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    row = (
        Decimal("0.5"), False, datetime.date(1970, 1, 2),
        datetime.datetime(1970, 1, 1, 3, tzinfo=zone), "b",
    )  # fmt: skip
    numbers, texts = as_inputs(graph(), Given("t", ("n", "b", "d", "t", "w"), [row]), ())
    assert numbers.tolist() == [[0.5, 0, 1, 3600]]
    assert texts.tolist() == [["b"]]


def test_rows_of_an_array_for_a_model_without_names(tmp_path: Path) -> None:
    path = tmp_path / "rows.npy"
    np.save(path, np.arange(6.0).reshape(3, 2))
    port = Port("x", 0, (2,))
    plain = Graph("m", (port,), (), (port,), Source("keras", "2", "m", "0"), 0)
    (x,) = as_inputs(plain, read_file(str(path), 2), ())
    assert x.tolist() == [[0, 1], [2, 3]]
    assert x.dtype == np.float32
    with pytest.raises(SignatureError, match="has 2 columns, and the model takes 5"):
        as_inputs(graph(), read_file(str(path), 2), ())


REFUSED = [
    ("n,b\n1,2\n", "has no columns d, t, w; it has n, b"),
    (HEADER, "has no rows"),
    (HEADER + "a,x,1,true\n", "row 1 of .* has 4 columns only"),
    (HEADER + "a,x,1,true,,\n", 'column "d" is empty, and the score of such a row is NULL'),
    (HEADER + "a,x,one,true,2024-01-01,\n", """column "n" is 'one', which is no number"""),
    (HEADER + "a,x,1,2,2024-01-01,\n", "which is no boolean"),
    (HEADER + "a,x,1,t,2024-01-01 10:00,\n", "which is no date"),
    (HEADER + "a,x,1,t,2024-01-01,\nc,x,1,t,2024-01-01,\n", "row 2 of .* 'c' is none of the 2"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(SignatureError, match=reason):
        as_inputs(graph(), read_file(write(tmp_path, text), 8), ())


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for text in ("", "a,a\n1,2\n"):
        with pytest.raises(ArchiveError):
            read_file(write(tmp_path, text), 8)
    with pytest.raises(ArchiveError, match="cannot be read from"):
        read_file(str(tmp_path / "none.csv"), 8)
    path = tmp_path / "objects.npy"
    np.save(path, np.array([print, None], object)[1:], allow_pickle=True)
    with pytest.raises(ArchiveError, match="cannot be read from"):
        read_file(str(path), 8)


def test_a_name_is_a_file_by_its_end() -> None:
    assert is_file("rows.CSV")
    assert not is_file("public.customers")
