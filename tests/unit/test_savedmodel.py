"""SavedModel directories: scored where TensorFlow is, else refused with the way out.

The checkpoint of the hand-made directories is given as TensorFlow would have passed it on, so that
all but the last tests run without it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from files import dense, sequential
from scoring import score_graph

from exporter.cli import command
from exporter.errors import ArchiveError, ExportError
from exporter.formats import read
from exporter.formats.keras import saved, savedmodel
from exporter.ir.passes import simplify

DATA = Path(__file__).parent.parent / "data"
KERNEL, BIAS = np.ones((3, 2), np.float32), np.full(2, 0.5, np.float32)
MODEL = sequential(dense("d", 2, batch_input_shape=[None, 3]))
LAYER = ("root.layer_with_weights-0", {"name": "d", "class_name": "Dense"})
# root, the layer, its list of variables, the two variables
OBJECTS: list[Any] = [
    [[["layer_with_weights-0", 1], ["layer-0", 1]], None],
    [[["variables", 2], ["bias", 4], ["kernel", 3]], None],
    [[["0", 3], ["1", 4]], None],
    [[], 0],
    [[], 1],
]
needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"
)


def varint(number: int) -> bytes:
    """A number as protocol buffers write it."""
    data = b""
    while number > 127:
        data += bytes([number & 127 | 128])
        number >>= 7
    return data + bytes([number])


def field(number: int, value: bytes) -> bytes:
    """A field of bytes."""
    return varint(number << 3 | 2) + varint(len(value)) + value


def node(path: str, metadata: Any) -> bytes:
    """A SavedObject with its path and metadata, and numbers that are skipped."""
    text = metadata if isinstance(metadata, str) else json.dumps(metadata)
    version = field(1, b"\x08\x01\x15\x00\x00\x00\x00")
    return field(1, version + b"\x10\x07" + field(3, path.encode()) + field(5, text.encode()))


def good_metadata(**changes: Any) -> bytes:
    """keras_metadata.pb of one Dense layer, its shape as a marked tuple."""
    shape = {"class_name": "__tuple__", "items": [None, 3]}
    model = sequential(dense("d", 2, batch_input_shape=shape))
    return node("root", {"name": "m", **model, **changes}) + node(*LAYER)


def make(folder: Path, metadata: bytes | None = None) -> Path:
    """A SavedModel directory, whose checkpoint nothing but TensorFlow would open."""
    path = folder / "m.savedmodel"
    (path / "variables").mkdir(parents=True)
    (path / "saved_model.pb").write_bytes(b"\x08\x01")
    (path / "keras_metadata.pb").write_bytes(good_metadata() if metadata is None else metadata)
    (path / "variables/variables.index").write_bytes(b"index")
    (path / "variables/variables.data-00000-of-00001").write_bytes(b"data")
    return path


def pretend(monkeypatch: pytest.MonkeyPatch, objects: Any = OBJECTS) -> None:
    """Let a checkpoint's objects come from here instead of TensorFlow."""

    def run(folder: Path, target: Path) -> None:
        text = np.frombuffer(json.dumps(objects).encode(), np.uint8)
        np.savez(target, KERNEL, BIAS, objects=text)

    monkeypatch.setattr(savedmodel, "_run", run)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())


def refusal(path: Path) -> str:
    """The message with which a directory is refused."""
    with pytest.raises(ExportError) as caught:
        read(path)
    message = str(caught.value)
    assert message.endswith((".", ")"))
    assert len(message) < 2000
    return message


def test_a_directory_scores_and_tells_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch)
    graph = read(make(tmp_path))
    scores = score_graph(graph, [np.ones((2, 3), np.float32)])
    assert scores[0].tolist() == [[3.5, 3.5]] * 2
    assert graph.source.file_name == "m.savedmodel"
    assert graph.source.format_version == saved.FIRST_VERSION
    before = graph.source.sha256
    (tmp_path / "m.savedmodel/variables/variables.index").write_bytes(b"other")
    assert read(tmp_path / "m.savedmodel").source.sha256 != before


def test_the_version_in_the_metadata_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch)
    path = make(tmp_path, good_metadata(keras_version="2.9.0"))
    assert read(path).source.format_version == "2.9.0"


def test_without_tensorflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    message = refusal(make(tmp_path))
    assert "model.save('model.keras')" in message
    assert "pip install 'export-model[tensorflow]'" in message


def test_without_metadata(tmp_path: Path) -> None:
    path = make(tmp_path)
    (path / "keras_metadata.pb").unlink()
    assert "Go back to the Keras model" in refusal(path)


def test_other_directories_are_no_savedmodels(tmp_path: Path) -> None:
    assert "is a directory, not a model file" in refusal(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [{"class_name": "Mine"}, {"class_name": "Mine", "config": {}}, {"config": None}],
)
def test_subclassed_models(tmp_path: Path, changes: dict[str, Any]) -> None:
    message = refusal(make(tmp_path, good_metadata(**changes)))
    assert "subclassed model" in message
    assert "Rebuild it as a Sequential or Functional model" in message


def test_truncated_metadata(tmp_path: Path) -> None:
    data = good_metadata()
    first = len(node("root", {"name": "m", **json.loads(json.dumps(MODEL))}))
    path = make(tmp_path)
    for size in [0, 1, 2, 3, first // 2, len(data) - 1]:
        (path / "keras_metadata.pb").write_bytes(data[:size])
        assert "Copy it again" in refusal(path), size


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x0a" + b"\xff" * 9 + b"\x01", "damaged or not complete"),  # a length of 2**64 - 1
        (b"\x0a" + b"\xff" * 100, "damaged or not complete"),
        (b"\x80" * 100_000, "damaged or not complete"),
        (b"\x0b", "no field is of kind 3"),
        (field(1, b"\x18\x05"), "a path or a text is a number"),
        (node("root", "[" * 100_000), "nested deeper"),
        (node("root", "[" * 300 + "]" * 300), "nested deeper"),
        (node("root", "[]"), "not a JSON object"),
        (node("root", "{"), "not valid JSON"),
        (node("elsewhere", {}), "it has no root"),
        (good_metadata(config={"layers": 5}), "no list of layers"),
    ],
    ids=range(11),
)
def test_hostile_metadata(
    tmp_path: Path, data: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch)
    assert words in refusal(make(tmp_path, data))


def test_flipped_bytes_are_read_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch)
    path = make(tmp_path)
    data = good_metadata()
    for position in range(len(data)):
        for flip in (1, 64, 128):
            spoilt = bytearray(data)
            spoilt[position] ^= flip
            (path / "keras_metadata.pb").write_bytes(spoilt)
            with contextlib.suppress(ExportError):
                read(path)


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path)
    monkeypatch.setattr(saved, "MAX_WEIGHTS_BYTES", 3)
    assert "larger than" in refusal(path)
    monkeypatch.setattr(saved, "MAX_JSON_BYTES", 10)
    assert "larger than the limit" in refusal(path)


@pytest.mark.parametrize("name", ["variables.index", "variables.data-00000-of-00001"])
def test_missing_files_of_variables(tmp_path: Path, name: str) -> None:
    path = make(tmp_path)
    (path / "variables" / name).unlink()
    assert "Copy the whole directory again" in refusal(path)


@pytest.mark.parametrize(
    ("number", "spoilt", "words"),
    [
        (4, [[], None], 'variable 1 of layer "d" is not in the checkpoint'),
        (0, [[], None], 'layer "d" has no weights in the checkpoint'),
        (2, [[["0", 3], ["extra", 4]], None], "is no list"),
        (
            2,
            [[["0", 3]], None],
            "asks for weights of shapes ['3 x 2', '2'], the file has ['3 x 2']",
        ),
    ],
)
def test_checkpoints_that_do_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, spoilt: Any, words: str
) -> None:
    pretend(monkeypatch, [*OBJECTS[:number], spoilt, *OBJECTS[number + 1 :]])
    assert words in refusal(make(tmp_path))


def test_a_failing_reader_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    assert "TensorFlow cannot read the variables of m.savedmodel" in refusal(make(tmp_path))


def test_the_command_exports_a_directory_without_asking_keras(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch)
    output = tmp_path / "m.sql"
    arguments = [str(make(tmp_path)), "--target", "postgres", "--output", str(output)]
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "model m, version" in done.output
    assert output.exists()


@pytest.mark.framework
@needs_tensorflow
@pytest.mark.parametrize("name", ["dense", "nested"])
def test_genuine_directories_score_to_their_stored_outputs(name: str) -> None:
    path = DATA / f"{name}.savedmodel"
    with np.load(f"{path}.npz") as arrays:
        inputs = [arrays[key] for key in sorted(arrays.files) if key.startswith("x")]
        expected = arrays["y0"]
    scores = score_graph(simplify(read(path)), inputs)
    np.testing.assert_allclose(scores[0], expected, rtol=1e-6, atol=1e-6)


@pytest.mark.framework
@needs_tensorflow
@pytest.mark.parametrize("name", ["variables.index", "variables.data-00000-of-00001"])
def test_genuine_directories_that_are_cut_short_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "m"
    shutil.copytree(DATA / "dense.savedmodel", path)
    file = path / "variables" / name
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ArchiveError, match="TensorFlow cannot read the variables of m"):
        read(path)
