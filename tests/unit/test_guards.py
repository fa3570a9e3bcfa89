"""What every format reads hostile files with: JSON, zip archives, libraries in other processes."""

from __future__ import annotations

import io
import json
import math
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exporter.errors import ArchiveError
from exporter.formats import zipped
from exporter.formats.child import (
    ChildError,
    load_arrays,
    run_module,
    save_arrays,
    score_in_child,
)
from exporter.formats.json_text import parse_json, parse_object
from exporter.formats.zipped import open_zip

# JSON


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "its text is not valid JSON"),
        ('{"a": 1', "not valid JSON"),
        (b"\xff\xfe{", "not valid JSON"),
        (b'"\xff"', "not valid JSON"),
        ('{"a": {"b": 1, "c": 2, "b": 3}}', "the key 'b' stands twice"),
        ("[NaN]", "NaN is no number of JSON"),
        ("[-Infinity]", "-Infinity is no number of JSON"),
        ("[" * 201 + "]" * 201, "nested deeper than 200 levels"),
        ('{"a":' * 300_000 + "1" + "}" * 300_000, "nested deeper than 200 levels"),
        ("9" * 10_000, "not valid JSON"),
        ("[" + " " * (64 * 2**20) + "]", "the limit is 67,108,864"),
    ],
)
def test_json_that_is_refused(text: str | bytes, words: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        parse_json(text, "its text")
    assert words in str(caught.value) and len(str(caught.value)) < 300


def test_json_that_is_read() -> None:
    nested = "[" * 200 + "]" * 200
    assert parse_json(nested, "it") == json.loads(nested)
    assert parse_json(b'\xef\xbb\xbf{"a": [1, 2.5, null]}', "it") == {"a": [1, 2.5, None]}
    found = parse_json("[NaN, -Infinity]", "it", has_nan=True)
    assert math.isnan(found[0]) and found[1] == -math.inf
    assert parse_json("[1]", "it", max_bytes=3, max_depth=1) == [1]
    with pytest.raises(ArchiveError, match="the limit is 2"):
        parse_json("[1]", "it", max_bytes=2)
    with pytest.raises(ArchiveError, match="its text is not a JSON object"):
        parse_object("[1]", "its text")


# Zip archives


def archive(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as target:
        for name, data in members:
            target.writestr(name, data)
    return buffer


def test_members_are_read() -> None:
    noise = np.random.default_rng(1).bytes(3_000_000)
    with open_zip(archive(("a", b"1"), ("b/c", noise), ("zeros", bytes(2**20)))) as parts:
        assert sorted(parts.members) == ["a", "b/c", "zeros"]
        assert (parts.read("a", 1), parts.read("b/c", 2**30)) == (b"1", noise)
        assert parts.read("zeros", 2**30) == bytes(2**20)
        with parts.unpacked("b/c", 2**30) as content:
            assert content.read() == noise
        with pytest.raises(ArchiveError, match="more than"), parts.unpacked("b/c", 2**20):
            pass
        with pytest.raises(ArchiveError, match="a would unpack from 3 to 1 bytes"):
            parts.read("a", 0)
        with pytest.raises(KeyError):
            parts.read("d", 1)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = archive(("big", bytes(50 * 2**20)))
    with open_zip(bomb) as parts, pytest.raises(ArchiveError, match="zip bomb"):
        parts.read("big", 2**30)


def test_two_members_of_one_name_are_ambiguous() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = archive(("a", b"1"), ("a", b"2"))
    with pytest.raises(ArchiveError, match="holds a twice"), open_zip(twice):
        pass


def test_too_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MAX_MEMBERS", 2)
    three = archive(("a", b""), ("b", b""), ("c", b""))
    with pytest.raises(ArchiveError, match="it has 3 members, the limit is 2"), open_zip(three):
        pass


def test_an_encrypted_member_says_so() -> None:
    data = archive(("a", b"1"), method=zipfile.ZIP_STORED).getvalue()
    for start, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(start) + place
        data = data[:at] + b"\x01" + data[at + 1 :]
    with open_zip(io.BytesIO(data)) as parts, pytest.raises(ArchiveError, match="a is encrypted"):
        parts.read("a", 9)


# Libraries in other processes

TWICE = """
import sys
from pathlib import Path
from exporter.formats.child import load_arrays, save_arrays
model, given, computed = map(Path, sys.argv[1:])
factor = float(model.read_text())
save_arrays(computed, [a if a.dtype == object else factor * a for a in load_arrays(given)])
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a module, of which a child finds the name."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def write(text: str) -> str:
        (tmp_path / "judge.py").write_text(text)
        return "judge"

    return write


def test_arrays_go_there_and_come_back(module: Any, tmp_path: Path) -> None:
    model = tmp_path / "factor"
    model.write_text("3")
    numbers = np.array([[1.5, np.nan], [0.1, -0.0]])
    texts = np.array([["größer\0", None], ["", "a\nb"]], object)
    inputs = [numbers, texts, np.zeros((0, 2), object), np.arange(3, dtype=np.int32)]
    found = score_in_child(module(TWICE), model, inputs)
    np.testing.assert_array_equal(found[0], 3 * numbers)
    assert found[1].dtype == object and found[1].tolist() == texts.tolist()
    assert found[2].shape == (0, 2)
    np.testing.assert_array_equal(found[3], [0, 3, 6])


def test_arrays_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", numbers0=np.array([print], object), allow_pickle=True)
    with pytest.raises(ValueError, match="pickle"):
        load_arrays(tmp_path / "a.npz")
    save_arrays(tmp_path / "b.npz", [np.array(["x"], object)])
    with np.load(tmp_path / "b.npz", allow_pickle=False) as file:
        assert file["texts0"].dtype == np.uint8


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("raise ValueError('no such thing')", "ValueError: no such thing"),
        ("import os; os._exit(3)", "exit status 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "exit status -9"),
        ("import sys; sys.exit('x' * 1000)", "x" * 200),
    ],
)
def test_a_failure_is_its_last_line(module: Any, text: str, words: str) -> None:
    with pytest.raises(ChildError) as caught:
        run_module(module(text))
    assert str(caught.value) == words


def test_the_time_is_limited(module: Any) -> None:
    with pytest.raises(ChildError, match=r"it took longer than 0\.5 s"):
        run_module(module("import time; time.sleep(60)"), timeout_s=0.5)


def test_the_child_has_variables_and_reads_nothing_from_us(
    module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGE", "ours")
    text = "import os, sys; open(sys.argv[1], 'w').write(os.environ['JUDGE'] + sys.stdin.read())"
    run_module(module(text), tmp_path / "a")
    run_module(module(text), tmp_path / "b", variables={"JUDGE": "set"})
    assert (tmp_path / "a").read_text() == "ours"
    assert (tmp_path / "b").read_text() == "set"
    assert sys.modules.get("judge") is None
