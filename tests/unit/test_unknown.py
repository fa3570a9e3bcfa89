"""Files of no format that is known: each is called what it is, with what to do and what is read."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from commands import write_sigmoid

from exporter import api
from exporter.errors import ArchiveError, VerificationError
from exporter.formats import FORMATS, describe_judges, read, recognise
from exporter.formats.format import Answer, Framework
from exporter.formats.keras.record import KERAS
from exporter.formats.opening import ModelFile, opened


def archive(*names: str) -> bytes:
    """A zip with members of these names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in names:
            target.writestr(name, "{}")
    return buffer.getvalue()


def old_xgboost() -> bytes:
    """The beginning of what save_model wrote before 1.0: numbers, then the names of its parts."""
    numbers = np.array([0.5], "<f4").tobytes() + bytes(132)
    return numbers + (15).to_bytes(8, "little") + b"binary:logistic" + bytes([6]) + b"gbtree"


FILES: dict[str, tuple[bytes, str]] = {
    "PyTorch, old": (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M", "a file of PyTorch"),
    "PyTorch": (archive("m/data.pkl", "m/version"), "a file of PyTorch (torch.save)"),
    "ONNX": (b"\x08\x08\x12\x07pytorch\x1a\x05", "an ONNX file"),
    "ONNX of the graph at once": (b"\x08\x03\x3a\x07", "an ONNX file"),
    "saved_model.pb": (b"\x08\x01\x12\xff\x01", "Name the directory that it lies in"),
    "XGBoost, old": (old_xgboost(), "an XGBoost model in its old binary form"),
    "XGBoost, older": (b"binf\0\0\0\x3f", "an XGBoost model in its old binary form"),
    "XGBoost's dump": (b"booster[0]:\n0:[f0<0.5] yes=1,no=2", "a dump of XGBoost"),
    "XGBoost's dump as JSON": (b'[\n  { "nodeid": 0, "depth": 0', "a dump of XGBoost"),
    "LightGBM's dump": (b'{"name":"tree","version":"v4"', "LightGBM's dump_model"),
    "CatBoost": (b"CBM1\x10\0\0\0", "a CatBoost model in its binary form"),
    "PMML": (b'<?xml version="1.0"?>\n<PMML version="4.4">', "is PMML"),
    "safetensors": (b"\x40" + bytes(7) + b'{"a":{"dtype":"F32"', "weights without the network"),
    "zlib": (zlib.compress(b"no pickle" * 99), "zlib compressed"),
    "npz": (archive("arr_0.npy"), "zip archive of numpy's arrays"),
    "zip of a configuration": (archive("config.json"), "config.json but no model.weights.h5"),
    "zip": (archive("word/document.xml"), "a zip archive without config.json"),
    "zip, cut short": (archive("config.json", "metadata.json")[:-9], "damaged or not complete"),
    "tar": (bytes(257) + b"ustar", "a tar archive. Unpack it first"),
    "Parquet": (b"PAR1\x15\x04", "a table, not a model"),
    "configuration": (b'{"class_name": "Sequential"}', "JSON: a configuration without weights"),
    "JSON": (b' [{"a": 1}]', "JSON, but no model"),
    "text": ("id;größe\n1;2\n".encode() * 400, "is text"),
    "text, cut in a letter": (b"a" + "ß".encode() * 4000, "is text"),
    "text in latin-1": ("größe\n".encode("latin-1"), "it begins with b'gr\\xf6\\xdfe\\n'"),
    "noise": (b"\x01\xff\x00\x07noise", "of no kind that is known (it begins with b'\\x01\\xff"),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_read_by_nothing_is_called_what_it_is(tmp_path: Path, name: str) -> None:
    content, words = FILES[name]
    path = tmp_path / "m.keras"
    path.write_bytes(content)
    with pytest.raises(ArchiveError) as caught:
        read(path)
    message = str(caught.value)
    assert words in message
    for item in FORMATS.values():
        assert f"{item.title}, saved by {item.saved_by}" in message
    assert message.startswith("m.keras is ") and message.endswith(".") and len(message) < 800


def test_a_directory_names_what_is_in_it(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"not a model file\. Name a model file\. What is read"):
        read(tmp_path)
    (tmp_path / "other.any").touch()
    write_sigmoid(tmp_path / "a.h5")
    with pytest.raises(ArchiveError, match=r"Name a file in it: .*/a\.h5\. What is read: Keras"):
        read(tmp_path)


def test_hdf5_behind_a_block_of_the_users_own(tmp_path: Path) -> None:
    path = write_sigmoid(tmp_path / "m.h5")
    with h5py.File(path) as old, h5py.File(tmp_path / "n", "w", userblock_size=2048) as new:
        new.attrs.update(old.attrs)
        for name in old:
            old.copy(name, new)
    assert read(tmp_path / "n").parameters == read(path).parameters


def test_what_two_formats_take_for_theirs_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FORMATS, "greedy", replace(KERAS, name="greedy", title="Greedy"))
    with (
        opened(write_sigmoid(tmp_path / "m.h5")) as file,
        pytest.raises(ArchiveError, match=r"could be a file of Keras or of Greedy\."),
    ):
        recognise(file)


# Opened and hashed once


def test_a_file_is_opened_once_and_hashed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once to be read; once more, without a digest, to be shown to its framework."""
    path = write_sigmoid(tmp_path / "m.h5")
    content = path.read_bytes()
    opens: list[str] = []
    digests: list[Any] = []
    genuine, is_on = hashlib.sha256, True

    def listen(event: str, arguments: tuple[Any, ...]) -> None:
        if is_on and event == "open" and str(arguments[0]) == str(path):
            opens.append(event)

    def count(*arguments: Any) -> Any:
        digests.append(genuine(*arguments))
        return digests[-1]

    def open_hdf5(place: Any, *arguments: Any, genuine: Any = h5py.File) -> Any:
        assert not isinstance(place, (str, Path)), "opened behind Python's back"
        return genuine(place, *arguments)

    def expect(file: ModelFile, rows: tuple[Any, ...]) -> Answer:
        assert file.start().read() == content
        return Answer(None, "", "seen")

    sys.addaudithook(listen)
    monkeypatch.setattr("exporter.formats.opening.hashlib.sha256", count)
    monkeypatch.setattr(h5py, "File", open_hdf5)
    judged = replace(KERAS, framework=Framework("Keras", expect, executes=False))
    monkeypatch.setitem(FORMATS, "keras", judged)
    model = api.read(path)
    assert len(opens) == 1
    api.script(model, target="postgres")
    is_on = False
    assert len(opens) == 2
    of_the_file = genuine(content).hexdigest()
    assert model.graph.source.sha256 == of_the_file
    assert [item.hexdigest() for item in digests].count(of_the_file) == 1


def test_what_the_framework_is_shown_has_not_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sigmoid(tmp_path / "m.h5")

    def expect(file: ModelFile, rows: tuple[Any, ...]) -> Answer:
        path.write_bytes(path.read_bytes() + b"more")
        return Answer(None, "", "seen")

    judged = replace(KERAS, framework=Framework("Keras", expect, executes=False))
    monkeypatch.setitem(FORMATS, "keras", judged)
    with pytest.raises(ArchiveError, match="changed while it was read"):
        api.script(api.read(path), target="postgres")


# Who computes expected outputs


def judged_by(
    patch: pytest.MonkeyPatch, executes: bool, outputs: tuple[Any, ...] | None
) -> list[str]:
    """Let something else judge Keras files; each time that it is asked is noted."""
    asked: list[str] = []

    def expect(file: ModelFile, rows: tuple[Any, ...]) -> Answer:
        asked.append(file.name)
        if outputs is None:
            return Answer(None, "", "the judge is ill")
        return Answer((1 / (1 + np.exp(-rows[0].sum(axis=1, keepdims=True))),), "the judge")

    framework = Framework("Judge", expect, executes)
    patch.setitem(FORMATS, "keras", replace(KERAS, framework=framework))
    return asked


@pytest.mark.parametrize(
    ("executes", "expected_by", "is_asked"),
    [
        (False, "auto", True),
        (False, "framework", True),
        (False, "float64", False),
        (True, "auto", False),
        (True, "framework", True),
        (True, "float64", False),
    ],
)
def test_who_is_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    executes: bool,
    expected_by: Any,
    is_asked: bool,
) -> None:
    """What would execute the file is asked only where the user says so."""
    asked = judged_by(monkeypatch, executes, ())
    model = api.read(write_sigmoid(tmp_path / "m.h5"))
    script = api.script(model, target="postgres", expected_by=expected_by)
    assert (asked == ["m.h5"]) is is_asked
    assert script.expected_by == ("the judge" if is_asked else "export-model, float64")


def test_what_came_from_memory_may_be_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has been in this process already; a file object has not."""
    asked = judged_by(monkeypatch, True, ())
    kept = write_sigmoid(tmp_path / "m.h5").read_bytes()
    api.script(api.read(io.BytesIO(kept)), target="postgres")
    assert asked == []

    class Sequential:
        name = "mine"

        def save(self, place: str) -> None:
            Path(place).write_bytes(kept)

    Sequential.__module__ = "keras.src.models.sequential"
    assert api.script(api.read(Sequential()), target="postgres").expected_by == "the judge"


def test_a_framework_that_is_insisted_on_has_to_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged_by(monkeypatch, False, None)
    model = api.read(write_sigmoid(tmp_path / "m.h5"))
    assert api.script(model, target="postgres").expected_by == "export-model, float64"
    words = "cannot: the judge is ill. .* --expected-by float64"
    with pytest.raises(VerificationError, match=words):
        api.script(model, target="postgres", expected_by="framework")
    monkeypatch.setitem(FORMATS, "keras", replace(KERAS, framework=None))
    with pytest.raises(VerificationError, match="Keras has no framework that could be asked"):
        api.script(model, target="postgres", expected_by="framework")


def test_help_names_who_would_execute_files(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "safe (auto: Keras" in describe_judges()
    assert "nobody (framework; scikit-learn executes what is in the file)" in describe_judges()
    risky = Framework("Pickler", lambda file, rows: Answer(None, ""), executes=True)
    monkeypatch.setitem(FORMATS, "other", replace(KERAS, framework=risky))
    assert "scikit-learn and Pickler executes" in describe_judges()
    assert json.dumps(describe_judges()).isascii()
