"""Files that are damaged, hostile or something else are refused with a message that helps."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from files import (
    dense,
    functional,
    input_layer,
    keras3_call,
    keras3_tensor,
    layer,
    sequential,
    write_h5,
    write_keras,
    write_zip,
)

from exporter.errors import ArchiveError, ExportError, UnsupportedError
from exporter.formats import read
from exporter.formats.opening import opened
from exporter.ir.passes import simplify

KERNEL, BIAS = np.ones((3, 2), np.float32), np.zeros(2, np.float32)
NAMED = {"d": [("d/kernel:0", KERNEL), ("d/bias:0", BIAS)]}
MODEL = sequential(dense("d", 2, batch_input_shape=[None, 3]))
TREE = {"layers/dense": [KERNEL, BIAS]}


def good_h5(folder: Path, named: Any = None, config: Any = MODEL, **options: Any) -> Path:
    """A valid .h5 file of one Dense layer, or one spoilt by other weights or configuration."""
    return write_h5(folder / "m.h5", config, NAMED if named is None else named, **options)


def good_keras(folder: Path, config: Any = MODEL, tree: Any = None) -> Path:
    """A valid .keras file of one Dense layer."""
    return write_keras(folder / "m.keras", config, TREE if tree is None else tree)


def refusal(path: Path) -> str:
    """The message with which a file is refused; it must be readable."""
    with pytest.raises(ExportError) as caught:
        read(path)
    message = str(caught.value)
    assert len(message) < 2000
    assert "Traceback" not in message
    assert message.rstrip().endswith((".", ").", "?")), message
    return message


def functional_of(*layers: dict[str, Any], outputs: Any) -> dict[str, Any]:
    """A Functional on one input x of 3."""
    return functional([input_layer("x", [3]), *layers], [["x", 0, 0]], outputs, "Functional")


# Not a model file


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", "git lfs pull"),
        (pickle.dumps({"a": 1}), "not a fitted estimator"),
        (pickle.dumps({"a": 1}, protocol=2), "not a fitted estimator"),
        (
            b"ccatboost.core\nCatBoostClassifier\n)R.",
            "save it by model.save_model('model.json', for",
        ),
        (b"cxgboost.core\nBooster\n)R.", "save it by booster.save_model('model.json')"),
        (b'{"class_name": "Sequential"}', "configuration without weights"),
        (b"Dear model,\n", "is text"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"\n\n<!doctype html>\n<html>", "a web page"),
        (b"\xef\xbb\xbf<HTML><BODY>", "a web page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied", "Download the file again"),
        (b"404: Not Found", "a server's error message"),
        (b"BZh91AY&SY", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"\x93NUMPY\x01\x00", "an array of numpy"),
        (b"[1, 2]", "JSON"),
        (b"PK\x05\x06" + bytes(18), "without config.json"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x1c\x00\x00\x00TFL3rest", "TensorFlow Lite"),
        (b"PK\x03\x04", "damaged or not complete"),
        (b"\x89HDF\r\n\x1a\n", "damaged or not complete"),
        (bytes(1000), "of no kind that is known"),
    ],
)
def test_other_files(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(content)
    assert words in refusal(path)


def test_missing_file(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "absent.h5")


def test_directories(tmp_path: Path) -> None:
    assert "is a directory, not a model file" in refusal(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01")
    assert "SavedModel directory" in refusal(tmp_path)


def test_a_directory_named_by_a_dot_says_which_files_are_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(Path()).startswith(
        f"{tmp_path.name} is a directory, not a model file. Name a model"
    )
    good_h5(tmp_path)
    assert "Name a file in it: m.h5. What" in refusal(Path())
    for number in range(6):
        (tmp_path / f"n{number}.keras").touch()
    assert "n2.keras, n3.keras, and 2 more. What" in refusal(Path())


def test_a_name_that_is_nearly_right_is_shown(tmp_path: Path) -> None:
    good_h5(tmp_path).rename(tmp_path / "model.h5")
    assert refusal(tmp_path / "modle.h5").endswith(f"Did you mean {tmp_path / 'model.h5'}?")
    assert "nor a directory" in refusal(tmp_path / "modles" / "model.h5")
    (tmp_path / "link.h5").symlink_to("gone.h5")
    assert "is a link to gone.h5" in refusal(tmp_path / "link.h5")


# Opening these without looking first waits for ever.
READER = "import sys; from exporter.formats import read; read(sys.argv[1])"


@pytest.mark.parametrize("kind", ["FIFO", "link to a FIFO", "socket", "folder"])
def test_files_that_never_end_are_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "m.h5"
    if kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    elif kind == "folder":
        os.mkfifo(good_savedmodel(path) / "variables" / "variables.data-00000-of-00001")
    else:
        pipe = tmp_path / "pipe" if kind == "link to a FIFO" else path
        os.mkfifo(pipe)
        if pipe != path:
            path.symlink_to(pipe)
    done = read_in_another_process(path)
    assert ("is a socket" if kind == "socket" else "is a FIFO") in done


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/dev/zero", "is a device"),
        ("/dev/null", "is a device"),
        ("/dev/stdin", "is a FIFO"),
        ("/proc/self/status", "is empty"),
    ],
)
def test_files_of_the_system_are_refused_at_once(path: str, words: str) -> None:
    assert words in read_in_another_process(Path(path))


def test_a_link_to_a_model_is_read(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(good_h5(tmp_path))
    assert read(tmp_path / "link").parameters == 8


@pytest.mark.parametrize("change", ["grows", "vanishes", "is replaced"])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, change: str) -> None:
    path = good_h5(tmp_path)
    with pytest.raises(ArchiveError, match="changed while it was read"), opened(path):
        if change == "grows":
            with path.open("ab") as file:
                file.write(b"more")
        elif change == "vanishes":
            path.unlink()
        else:
            good_keras(tmp_path).replace(path)


def read_in_another_process(path: Path) -> str:
    """The error that reading a file ends in; a pipe that nobody writes to is its input."""
    reading, writing = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, "-c", READER, path], stdin=reading, capture_output=True,
            text=True, check=False, timeout=60,
        )  # fmt: skip
    finally:
        os.close(reading)
        os.close(writing)
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


def good_savedmodel(folder: Path) -> Path:
    """The beginnings of a SavedModel directory, without its numbers."""
    shutil.copytree(Path(__file__).parents[1] / "data" / "dense.savedmodel", folder)
    (folder / "variables" / "variables.data-00000-of-00001").unlink()
    return folder


@pytest.mark.parametrize("percent", [1, 10, 25, 50, 75, 90, 99])
@pytest.mark.parametrize("make", [good_h5, good_keras])
def test_truncated_files(tmp_path: Path, make: Callable[[Path], Path], percent: int) -> None:
    path = make(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * percent // 100])
    assert "Copy it again" in refusal(path)


def test_zip_without_a_model(tmp_path: Path) -> None:
    assert "without config.json" in refusal(write_zip(tmp_path / "m.keras", {"a.txt": "a"}))


def test_zip_without_weights(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "m.keras", {"config.json": json.dumps(MODEL)})
    assert "no model.weights.h5" in refusal(path)


def test_weights_without_a_model(tmp_path: Path) -> None:
    path = good_h5(tmp_path)
    with h5py.File(path, "a") as file:
        del file.attrs["model_config"]
    assert "no model_config" in refusal(path)


def test_model_without_weights(tmp_path: Path) -> None:
    path = good_h5(tmp_path)
    with h5py.File(path, "a") as file:
        del file["model_weights"]
    assert "no weights" in refusal(path)


def test_layer_without_its_weights(tmp_path: Path) -> None:
    assert "the file has []" in refusal(good_h5(tmp_path, {}))
    assert "the file has []" in refusal(good_keras(tmp_path, tree={}))


def test_weight_that_is_listed_but_absent(tmp_path: Path) -> None:
    path = good_h5(tmp_path)
    with h5py.File(path, "a") as file:
        del file["model_weights/d/d/bias:0"]
    assert 'weight "d/bias:0" of layer "d" is missing' in refusal(path)


# Bombs


@pytest.mark.parametrize("member", ["config.json", "model.weights.h5", "metadata.json"])
def test_zip_bomb(tmp_path: Path, member: str) -> None:
    parts: dict[str, str | bytes] = {"config.json": json.dumps(MODEL), "metadata.json": "{}"}
    parts[member] = bytes(50 * 2**20)
    path = write_zip(tmp_path / "m.keras", parts, zipfile.ZIP_DEFLATED)
    assert "zip bomb" in refusal(path)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_nested_100_000_deep(tmp_path: Path, opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    text = opening * 100_000 + "1" + closing * 100_000
    archive = write_zip(tmp_path / "m.keras", {"config.json": text, "metadata.json": "{}"})
    assert "nested deeper" in refusal(archive)
    path = good_h5(tmp_path)
    with h5py.File(path, "a") as file:
        del file.attrs["model_config"]
        file.attrs["model_config"] = text
    assert "nested deeper" in refusal(path)


def test_models_nested_40_deep(tmp_path: Path) -> None:
    model = MODEL
    for _ in range(40):
        model = sequential(model)
    assert "nested" in refusal(good_h5(tmp_path, config=model))


@pytest.mark.slow
def test_models_that_call_each_other_twice_20_deep(tmp_path: Path) -> None:
    """2^19 calls from a file of a few kilobytes."""
    model = functional([input_layer("x", [3])], [["x", 0, 0]], [["x", 0, 0]], name="m0")
    for depth in range(1, 20):
        inner = model | {"name": f"m{depth - 1}"}
        inner["inbound_nodes"] = [[["x", 0, 0, {}]], [[f"m{depth - 1}", 1, 0, {}]]]
        model = functional(
            [input_layer("x", [3]), inner],
            [["x", 0, 0]],
            [[f"m{depth - 1}", 2, 0]],
            name=f"m{depth}",
        )
    assert "more than 100,000 times" in refusal(good_h5(tmp_path, {}, model))


def test_dataset_that_claims_a_trillion_numbers(tmp_path: Path) -> None:
    path = good_h5(tmp_path)
    with h5py.File(path, "a") as file:
        del file["model_weights/d/d/kernel:0"]
        file["model_weights/d/d"].create_dataset(
            "kernel:0", (10**6, 10**6), np.float32, chunks=(1000, 1000)
        )
    assert "claims 4,000,000,000,000 bytes" in refusal(path)


def test_group_that_contains_itself(tmp_path: Path) -> None:
    buffer = tmp_path / "weights.h5"
    with h5py.File(buffer, "w") as file:
        group = file.create_group("layers/dense")
        group["layers"] = group
    path = write_zip(tmp_path / "m.keras", {
        "config.json": json.dumps(MODEL), "model.weights.h5": buffer.read_bytes()})  # fmt: skip
    assert "nested in more groups" in refusal(path)


# Weights that point elsewhere: refused, never followed


def spoil(folder: Path, kind: str, place: str) -> Path:
    """A file in which one part of the tree points to another place."""
    secret = folder / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["data"] = np.ones((3, 2), np.float32)
    path = good_h5(folder)
    with h5py.File(path, "a") as file:
        file.copy(place, "moved")
        del file[place]
        if kind == "soft":
            file[place] = h5py.SoftLink("/moved")
        elif kind == "external":
            file[place] = h5py.ExternalLink(str(secret), "/data")
        elif kind == "storage":
            file.create_dataset(place, (3, 2), np.float32, external=[("/etc/passwd", 0, 24)])
        else:
            layout = h5py.VirtualLayout((3, 2), np.float32)
            layout[:] = h5py.VirtualSource(str(secret), "data", (3, 2))
            file.create_virtual_dataset(place, layout)
    return path


@pytest.mark.parametrize("kind", ["soft", "external"])
@pytest.mark.parametrize(
    "place", ["model_weights", "model_weights/d", "model_weights/d/d/kernel:0"]
)
def test_links_are_not_followed(tmp_path: Path, kind: str, place: str) -> None:
    assert "is a link to another place; it is not followed" in refusal(spoil(tmp_path, kind, place))


@pytest.mark.parametrize("kind", ["storage", "virtual"])
def test_data_in_other_files_is_not_read(tmp_path: Path, kind: str) -> None:
    message = refusal(spoil(tmp_path, kind, "model_weights/d/d/kernel:0"))
    assert "points to another file; it is not followed" in message


@pytest.mark.parametrize("kind", ["soft", "external"])
def test_links_in_archives_are_not_followed(tmp_path: Path, kind: str) -> None:
    weights = tmp_path / "weights.h5"
    with h5py.File(weights, "w") as file:
        link = h5py.SoftLink("/") if kind == "soft" else h5py.ExternalLink("/etc/passwd", "/")
        file["layers"] = link
    path = write_zip(tmp_path / "m.keras", {
        "config.json": json.dumps(MODEL), "model.weights.h5": weights.read_bytes()})  # fmt: skip
    assert "is a link to another place" in refusal(path)


@pytest.mark.parametrize(
    "data",
    [np.array([b"a", b"b"]), np.array(["a", "b"], dtype=h5py.string_dtype()), np.ones(2, complex)],
)
def test_weights_that_are_not_numbers(tmp_path: Path, data: np.ndarray) -> None:
    path = good_h5(tmp_path)
    with h5py.File(path, "a") as file:
        del file["model_weights/d/d/bias:0"]
        file["model_weights/d/d/bias:0"] = data
    assert "not numbers" in refusal(path)


def test_names_that_are_not_text(tmp_path: Path) -> None:
    path = good_h5(tmp_path)
    with h5py.File(path, "a") as file:
        file["model_weights/d"].attrs["weight_names"] = [1, 2, 3]
    assert "attribute weight_names of /model_weights/d is not text" in refusal(path)


# Contradictions


@pytest.mark.parametrize(
    "arrays", [[KERNEL.T, BIAS], [KERNEL], [KERNEL, BIAS, BIAS], [BIAS, KERNEL], [KERNEL[0], BIAS]]
)
def test_weights_of_other_shapes(tmp_path: Path, arrays: list[np.ndarray]) -> None:
    named = {"d": [(f"d/w{number}", array) for number, array in enumerate(arrays)]}
    for path in (good_h5(tmp_path, named), good_keras(tmp_path, tree={"layers/dense": arrays})):
        message = refusal(path)
        assert 'layer "d" (Dense): its configuration asks for weights of shapes' in message
        assert "3 x 2" in message


def test_nan_weights_are_allowed_with_a_warning(tmp_path: Path) -> None:
    kernel = KERNEL.copy()
    kernel[0, 0] = np.nan
    graph = read(good_h5(tmp_path, {"d": [("kernel", kernel), ("bias", BIAS)]}))
    assert len(graph.warnings) == 1
    assert 'layer "d" hold NaN' in graph.warnings[0]


# Configurations


def twice(name: str, inbound: Any) -> dict[str, Any]:
    """An Add entry."""
    return layer("Add", name, inbound)


CONFIGURATIONS: dict[str, tuple[Any, str]] = {
    "a list": ([], "not a JSON object"),
    "empty": ({}, 'class "None"'),
    "no layers": (sequential(), "empty model"),
    "subclassed": ({"class_name": "MyNet", "config": {"units": 3}}, "Rebuild it as a Functional"),
    "layers not a list": ({"class_name": "Sequential", "config": {"layers": 3}}, "no list of"),
    "layer not an object": ({"class_name": "Sequential", "config": {"layers": [3]}}, "layer 0"),
    "layer without class": ({"class_name": "Sequential", "config": {"layers": [{}]}}, "layer 0"),
    "duplicate names": (sequential(dense("d", 2, input_dim=3), dense("d", 2)), "share the name d"),
    "name with zero byte": (sequential(dense("a\0b", 2, input_dim=3)), "not valid text"),
    "name with surrogate": (sequential(dense("a\ud800b", 2, input_dim=3)), "not valid text"),
    "name too long": (sequential(dense("d" * 2000, 2, input_dim=3)), "too long"),
    "missing output": (functional_of(outputs=[["gone", 0, 0]]), 'layer "gone", which is not there'),
    "no outputs": (functional_of(outputs=[]), "has no outputs"),
    "missing input": (
        functional([dense("d", 2)], [["x", 0, 0]], [["d", 0, 0]]), "not among its input layers"),
    "link to nowhere": (
        functional_of(twice("a", [[["gone", 0, 0, {}], ["x", 0, 0, {}]]]), outputs=[["a", 0, 0]]),
        'layer "gone", which is not there'),
    "call that is not there": (
        functional_of(twice("a", [[["x", 3, 0, {}], ["x", 0, 0, {}]]]), outputs=[["a", 0, 0]]),
        'call 3 of layer "x"'),
    "negative call": (
        functional_of(twice("a", [[["x", -1, 0, {}], ["x", 0, 0, {}]]]), outputs=[["a", 0, 0]]),
        'call -1 of layer "x"'),
    "output that is not there": (
        functional_of(twice("a", [[["x", 0, 5, {}], ["x", 0, 0, {}]]]), outputs=[["a", 0, 0]]),
        'output 5 of layer "x"'),
    "negative output": (
        functional_of(twice("a", [[["x", 0, 0, {}], ["x", 0, 0, {}]]]), outputs=[["a", 0, -1]]),
        'output -1 of layer "a"'),
    "circle": (
        functional_of(twice("a", [[["x", 0, 0, {}], ["b", 0, 0, {}]]]),
                      twice("b", [[["a", 0, 0, {}], ["x", 0, 0, {}]]]), outputs=[["b", 0, 0]]),
        "depends on its own output"),
    "circle of one": (
        functional_of(twice("a", [[["a", 0, 0, {}], ["x", 0, 0, {}]]]), outputs=[["a", 0, 0]]),
        "depends on its own output"),
    "node not a list": (functional_of(twice("a", [3]), outputs=[["a", 0, 0]]), "neither a list"),
    "inbound not a list": (functional_of(twice("a", 3), outputs=[["a", 0, 0]]), "not a list"),
    "node unreadable": (functional_of(twice("a", [[3]]), outputs=[["a", 0, 0]]), "cannot be read"),
    "tensor without history": (
        functional_of(twice("a", [keras3_call({"class_name": "__keras_tensor__"})]),
                      outputs=[["a", 0, 0]]), "no keras_history"),
    "call without a list": (
        functional_of(twice("a", [{"args": {}, "kwargs": {}}]), outputs=[["a", 0, 0]]),
        "no list of arguments"),
    "nested model with too few inputs": (
        functional_of(
            functional([input_layer("p", [3]), input_layer("q", [3])],
                       [["p", 0, 0], ["q", 0, 0]], [["p", 0, 0]], name="inner")
            | {"name": "inner", "inbound_nodes": [[["x", 0, 0, {}]]]}, outputs=[["inner", 1, 0]]),
        "has 2 inputs, it is called with 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", CONFIGURATIONS)
def test_configurations_that_make_no_sense(tmp_path: Path, case: str) -> None:
    config, words = CONFIGURATIONS[case]
    assert words in refusal(good_h5(tmp_path, {}, config))


def training(value: Any, place: str) -> dict[str, Any]:
    """A Dropout called with training, by name in two spellings or as second argument."""
    if place == "keras 2":
        node: Any = [["x", 0, 0, {"training": value}]]
    elif place == "keras 3":
        node = keras3_call(keras3_tensor("x"), training=value)
    else:
        node = keras3_call(keras3_tensor("x"), value)
    return functional_of(layer("Dropout", "drop", [node], rate=0.5), outputs=[["drop", 0, 0]])


@pytest.mark.parametrize("place", ["keras 2", "keras 3", "second argument"])
def test_training_is_refused(tmp_path: Path, place: str) -> None:
    assert 'layer "drop" (Dropout): it is called with training=True' in refusal(
        good_h5(tmp_path, {}, training(True, place))
    )
    for value in (False, None):
        assert not simplify(read(good_h5(tmp_path, {}, training(value, place)))).nodes


ARRAY = {"class_name": "__numpy__", "config": {"value": [[1.0, 2.0, 3.0]], "dtype": "float32"}}
X = keras3_tensor("x")
WITH_CONSTANTS: dict[str, Any] = {
    "an array": layer("Add", "odd", [keras3_call([X, ARRAY])]),
    "a number": layer("Multiply", "odd", [keras3_call([X, 0])]),
    "lists": layer("Add", "odd", [[["x", 0, 0], ["_CONSTANT_VALUE", -1, [[1.0, 2.0, 3.0]], {}]]]),
    "by keyword": layer("Softmax", "odd", [keras3_call(X, mask=ARRAY)]),
    "keyword, lists": layer("Softmax", "odd", [[["x", 0, 0, {"mask": [[True, False, True]]}]]]),
}


@pytest.mark.parametrize("case", WITH_CONSTANTS)
def test_layers_that_are_called_with_constants_are_refused(tmp_path: Path, case: str) -> None:
    """They were left aside: Add gave its only tensor back."""
    config = functional_of(WITH_CONSTANTS[case], outputs=[["odd", 0, 0]])
    config["config"]["layers"][-1]["config"]["trainable"] = True
    said = refusal(good_h5(tmp_path, {}, config))
    assert '"odd"' in said
    assert "is called with a constant" in said


@pytest.mark.parametrize("value", [True, False])
def test_options_of_a_call_that_nobody_knows_are_refused(tmp_path: Path, value: bool) -> None:
    for node in ([["x", 0, 0, {"fast": value}]], keras3_call(X, fast=value)):
        config = functional_of(layer("Softmax", "odd", [node]), outputs=[["odd", 0, 0]])
        config["config"]["layers"][-1]["config"]["trainable"] = True
        assert f'layer "odd" (Softmax): it is called with fast = {value}' in refusal(
            good_h5(tmp_path, {}, config)
        )


def test_training_of_steps_is_refused(tmp_path: Path) -> None:
    """The layer inside is called as the one around it."""
    inner = layer("Dropout", "drop", rate=0.5)
    steps = layer("TimeDistributed", "t", [[["x", 0, 0, {"training": True}]]], layer=inner)
    config = functional_of(steps, outputs=[["t", 0, 0]])
    config["config"]["layers"][0]["config"]["batch_input_shape"] = [None, 3, 3]
    assert 'layer "t" (TimeDistributed): it is called with training=True' in refusal(
        good_h5(tmp_path, {}, config)
    )


def test_training_of_an_augmentation_counts_in_keras_2_only(tmp_path: Path) -> None:
    """Keras 3 writes it into every call of such a layer, and ignores it when it predicts."""
    node = [["x", 0, 0, {"training": True}]]
    config = functional_of(layer("RandomFlip", "flip", [node]), outputs=[["flip", 0, 0]])
    assert 'layer "flip" (RandomFlip): it is called with training=True' in refusal(
        good_h5(tmp_path, {}, config, version="2.9.0")
    )
    newer = write_h5(tmp_path / "newer.h5", config, {}, version="3.5.0")
    assert not simplify(read(newer)).nodes


def test_training_of_a_nested_model_is_refused(tmp_path: Path) -> None:
    inner = sequential(layer("Dropout", "drop", rate=0.5)) | {
        "name": "inner", "inbound_nodes": [[["x", 0, 0, {"training": True}]]]}  # fmt: skip
    config = functional_of(inner, outputs=[["inner", 0, 0]])
    assert 'layer "inner" (Sequential): it is called with training=True' in refusal(
        good_h5(tmp_path, {}, config)
    )


@pytest.mark.parametrize(
    "dtype",
    [
        "float16",
        "mixed_float16",
        "bfloat16",
        {"class_name": "Policy", "config": {"name": "mixed_float16"}},
        {"class_name": "DTypePolicy", "config": {"name": "mixed_bfloat16"}},
    ],
)
def test_reduced_precision_is_refused(tmp_path: Path, dtype: Any) -> None:
    config = sequential(dense("d", 2, batch_input_shape=[None, 3], dtype=dtype))
    assert 'layer "d" (Dense): it computes in' in refusal(good_h5(tmp_path, config=config))


@pytest.mark.parametrize("dtype", ["int32", "uint8", "bool", "complex64", "string", 7, "x" * 9000])
def test_layers_of_other_types_are_refused(tmp_path: Path, dtype: Any) -> None:
    """Keras computes a layer of whole numbers in whole numbers: it was silently float32."""
    config = sequential(dense("d", 2, batch_input_shape=[None, 3], dtype=dtype))
    said = refusal(good_h5(tmp_path, config=config))
    assert 'layer "d" (Dense): it computes in' in said
    assert len(said) < 1000


TABLE = {"d": [("d/embeddings:0", KERNEL)]}


def embedding(dtype: str) -> dict[str, Any]:
    """A network of one Embedding of this dtype."""
    sizes = {"input_dim": len(KERNEL), "output_dim": KERNEL.shape[1]}
    return sequential(
        layer("Embedding", "d", batch_input_shape=[None, 4], dtype=dtype, input_length=4, **sizes)
    )


@pytest.mark.parametrize("version", ["2.0.0", "2.0.2-tf", "2.0.5"])
def test_an_embedding_of_old_keras_wrote_the_type_of_its_input(
    tmp_path: Path, version: str
) -> None:
    """Every Embedding did, until Keras 2.0.5 and TensorFlow 1.2; its weights were of float32."""
    graph = read(good_h5(tmp_path, TABLE, embedding("int32"), version=version))
    (table,) = graph.nodes[-1].op.tensors().values()
    assert np.array_equal(table, KERNEL)


@pytest.mark.parametrize("version", ["2.0.6", "2.0.6-tf", "2.2.4-tf", "2.15.0", "3.12.0"])
def test_an_embedding_of_whole_numbers_is_refused(tmp_path: Path, version: str) -> None:
    """Its dtype is that of its weights: they were scored in float32 in silence."""
    path = good_h5(tmp_path, TABLE, embedding("int32"), version=version)
    assert 'layer "d" (Embedding): it computes in "int32"' in refusal(path)


def test_an_embedding_of_old_keras_is_of_no_other_type(tmp_path: Path) -> None:
    path = good_h5(tmp_path, TABLE, embedding("uint8"), version="2.0.2")
    assert 'layer "d" (Embedding): it computes in "uint8"' in refusal(path)


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32", "uint8", "bool"])
def test_vectors_of_narrow_types_are_refused(tmp_path: Path, dtype: str) -> None:
    """Sums of them wrap, or stay true or false."""
    bins = layer("Discretization", "b", bin_boundaries=[0.5], output_mode="one_hot", dtype=dtype)
    config = sequential(bins | {"config": {**bins["config"], "batch_input_shape": [None, 3]}})
    path = good_h5(tmp_path, {}, config, version="2.15.0")
    if dtype in ("uint8", "bool"):
        assert f'layer "b" (Discretization): it computes in "{dtype}"' in refusal(path)
    else:
        assert read(path).outputs


def test_a_cell_of_whole_numbers_is_refused(tmp_path: Path) -> None:
    cell = {"class_name": "SimpleRNNCell", "config": {"name": "c", "units": 2, "dtype": "int32"}}
    config = sequential(layer("RNN", "d", cell=cell, batch_input_shape=[None, 4, 3]))
    assert 'layer "d" (RNN): it computes in "int32"' in refusal(good_h5(tmp_path, config=config))


@pytest.mark.parametrize(
    "dtype", ["float64", {"class_name": "DTypePolicy", "config": {"name": "float64"}}]
)
def test_double_precision_stays_double(tmp_path: Path, dtype: Any) -> None:
    """Of a first layer that says so, as older files have it, and of layers that say nothing."""
    layers = [dense("d", 2, batch_input_shape=[None, 3], dtype=dtype), dense("e", 2)]
    named = {**NAMED, "e": [("e/kernel:0", KERNEL[:2]), ("e/bias:0", BIAS)]}
    graph = read(good_h5(tmp_path, named, sequential(*layers)))
    assert graph.warnings == ()
    assert [graph.inputs[0].dtype, graph.outputs[0].dtype] == ["float64", "float64"]
    assert {t.dtype.name for node in graph.nodes for t in node.op.tensors().values()} == {"float64"}


CUSTOM: dict[str, dict[str, Any]] = {
    "Lambda": layer("Lambda", "odd", function=["4wAAAA==", None, None], function_type="lambda"),
    "registered": dense("odd", 2) | {"registered_name": "Pkg>Dense", "module": None},
    "of the author": dense("odd", 2) | {"module": "my_project.layers", "registered_name": "Dense"},
    "unknown": layer("MyAttention", "odd"),
    "custom activation": dense("odd", 2, "my_activation"),
    "registered activation": layer("Dense", "odd", units=2, activation={
        "class_name": "function", "config": "swish", "registered_name": "Pkg>swish"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CUSTOM)
def test_custom_code_is_refused(tmp_path: Path, case: str) -> None:
    config = sequential(dense("d", 2, batch_input_shape=[None, 3]), CUSTOM[case])
    named = NAMED | {"odd": [("kernel", np.ones((2, 2))), ("bias", BIAS)]}
    assert 'layer "odd"' in refusal(good_h5(tmp_path, named, config))


def test_every_problem_is_in_one_message(tmp_path: Path) -> None:
    inner = sequential(CUSTOM["unknown"], dense("half", 2, dtype="float16"))
    inner["config"]["name"] = "block"
    config = sequential(
        dense("d", 2, batch_input_shape=[None, 3]),
        CUSTOM["Lambda"] | {"config": {"name": "code"}},
        inner,
        dense("wrong", 5),
        layer("Dropout", "fine", rate=0.1),
    )
    with pytest.raises(UnsupportedError) as caught:
        read(good_h5(tmp_path, NAMED | {"wrong": []}, config))
    problems = {problem.layer: problem for problem in caught.value.problems}
    assert set(problems) >= {"code", "odd", "half"}
    assert "fine" not in problems
    assert problems["code"].class_name == "Lambda"
    message = str(caught.value)
    for problem in problems.values():
        assert f'layer "{problem.layer}" ({problem.class_name}): {problem.reason}' in message
        assert problem.advice in message


def test_a_problem_that_repeats_is_reported_once(tmp_path: Path) -> None:
    config = functional_of(
        layer("Lambda", "odd", [[["x", 0, 0, {}]], [["odd", 0, 0, {}]]]), outputs=[["odd", 1, 0]]
    )
    with pytest.raises(UnsupportedError) as caught:
        read(good_h5(tmp_path, {}, config))
    assert len(caught.value.problems) == 1


def test_errors_are_all_of_one_family() -> None:
    assert issubclass(ArchiveError, ExportError)
    assert issubclass(UnsupportedError, ExportError)


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = good_h5(tmp_path)

    def deny(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    assert "Permission denied" in refusal(path)


@pytest.mark.parametrize("mode", ["int8", "int4/128", "float8", "gptq/4/128", "awq/4/128"])
def test_quantized_weights_are_refused_by_that_name(tmp_path: Path, mode: str) -> None:
    policy = {"class_name": "QuantizedDTypePolicy", "config": {"mode": mode, "source_name": "f"}}
    named = {"class_name": "DTypePolicy", "config": {"name": f"{mode}_from_float32"}}
    config = sequential(dense("d", 2, batch_input_shape=[None, 3], dtype=named))
    assert "its weights are quantized" in refusal(good_h5(tmp_path, config=config))
    assert f"its weights are quantized ({mode})" in refusal(
        good_h5(tmp_path, {}, functional_of(dense("d", 3, inbound=[[["x", 0, 0, {}]]],
                                                  dtype=policy), outputs=[["d", 0, 0]]))
    )  # fmt: skip


def test_prelu_given_as_an_activation_has_lost_its_weights(tmp_path: Path) -> None:
    spec: Any = {"class_name": "PReLU", "config": {"name": "p"}}
    entry = dense("d", 3, spec, inbound=[[["x", 0, 0, {}]]], use_bias=False)
    path = write_h5(
        tmp_path / "m.h5", functional_of(entry, outputs=[["d", 0, 0]]),
        {"d": [("d/kernel:0", np.ones((3, 3)))]},
    )  # fmt: skip
    assert "whose learned alpha Keras does not save" in refusal(path)


def test_attention_over_vectors_mixes_rows(tmp_path: Path) -> None:
    entry = layer("Attention", "a", [[["x", 0, 0, {}], ["x", 0, 0, {}]]])
    path = write_h5(
        tmp_path / "m.h5", functional_of(entry, outputs=[["a", 0, 0]]), {}, version="2.12.0"
    )
    assert "works across the rows that are scored together" in refusal(path)


def test_a_feature_space_alone_is_refused_by_its_name(tmp_path: Path) -> None:
    config = {"class_name": "FeatureSpace", "config": {"features": {}}}
    assert "space.get_encoded_features()" in refusal(good_h5(tmp_path, {}, config))
