"""Whatever a file holds, reading it gives a Graph or an ExportError, never another exception."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import dense, functional, input_layer, layer, sequential, write_h5, write_keras
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from exporter.errors import ExportError
from exporter.formats import read
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph

ARRAYS = [np.full((4, 4), 0.5), np.ones(4)]
STATISTICS = [np.full(4, value) for value in (1.0, 0.5, 0.0, 2.0)]


def network() -> dict[str, Any]:
    """A Functional that uses most of what a configuration can say."""
    block = sequential(
        layer("InputLayer", "block_input", batch_input_shape=[None, 4]),
        dense("inner", 4, "relu", trainable=True, use_bias=True),
        layer("BatchNormalization", "norm", axis=[1], epsilon=1e-3, center=True, scale=True),
    )
    block["config"]["name"] = "block"
    block |= {"name": "block", "inbound_nodes": [[["d", 0, 0, {}]], [["act", 0, 0, {}]]]}
    one = [["block", 1, 0, {}]]
    return functional(
        [
            input_layer("x", [4]),
            dense("d", 4, "hard_sigmoid", [[["x", 0, 0, {"training": False}]]], dtype="float32"),
            block,
            layer("Activation", "act", [[["block", 1, 0, {}]]], activation="softmax"),
            layer("LeakyReLU", "leaky", [one], alpha=0.3),
            layer("ReLU", "relu", [one], max_value=6.0, negative_slope=0.1, threshold=0.2),
            layer("Normalization", "n", [one], axis=[-1], mean=[1.0] * 4, variance=[2.0] * 4),
            layer("Rescaling", "r", [one], scale=0.5, offset=[1.0, 2.0, 3.0, 4.0]),
            layer("PReLU", "p", [one], shared_axes=None),
            layer("Softmax", "s", [one], axis=-1),
            layer("Reshape", "shape", [one], target_shape=[2, -1]),
            layer("Permute", "swap", [[["shape", 0, 0, {}]]], dims=[2, 1]),
            layer("Flatten", "flat", [[["swap", 0, 0, {}]]], data_format="channels_first"),
            layer("Dropout", "drop", [[["flat", 0, 0, {}]]], rate=0.5),
            layer("Add", "add", [[["leaky", 0, 0, {}], ["relu", 0, 0, {}], ["n", 0, 0, {}]]]),
            layer("Concatenate", "join", [
                [["add", 0, 0, {}], ["r", 0, 0, {}], ["p", 0, 0, {}], ["s", 0, 0, {}],
                 ["drop", 0, 0, {}], ["block", 2, 0, {}]]], axis=-1),
        ],
        [["x", 0, 0]], [["join", 0, 0]], "Functional",
    )  # fmt: skip


SAVED_BY = "2.4.0"  # the first tf.keras with all its layers
NAMED = {
    "d": [("d/kernel:0", ARRAYS[0]), ("d/bias:0", ARRAYS[1])],
    "block": [("inner/kernel:0", ARRAYS[0]), ("inner/bias:0", ARRAYS[1]),
              *zip(("norm/gamma:0", "norm/beta:0", "norm/mean:0", "norm/variance:0"), STATISTICS,
                   strict=True)],
    "p": [("p/alpha:0", ARRAYS[1])],
}  # fmt: skip
TREE = {
    "layers/dense": ARRAYS,
    "layers/sequential/layers/dense": ARRAYS,
    "layers/sequential/layers/batch_normalization": STATISTICS,
    "layers/p_re_lu": [ARRAYS[1]],
}


def attempt(path: Path) -> bool:
    """Whether a file is read; any other outcome than a Graph or an ExportError is a failure."""
    try:
        graph = simplify(read(path))
    except ExportError as error:
        assert str(error)
        return False
    assert plan_graph(graph, Signature("m")).version
    assert str(graph)
    assert graph.digest
    return True


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths to everything inside a JSON value."""
    children = (
        value.items() if isinstance(value, dict)
        else enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    for key, item in children:
        yield (*path, key)
        yield from places(item, (*path, key))


PLACES = list(places(network()))
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 5),
    st.sampled_from([10**30, -(10**30), 2**63]),
    st.floats(),
    st.sampled_from(["", "x", "d", "block", "relu", "Dense", "Lambda", "float16", "\ud800", "a/b"]),
    st.just([]),
    st.just({}),
    st.lists(st.one_of(st.none(), st.integers(-2, 4), st.text(max_size=3)), max_size=4),
    st.dictionaries(
        st.sampled_from(["class_name", "config", "value", "name", "args", "kwargs"]),
        st.one_of(st.none(), st.integers(), st.text(max_size=3), st.just({}), st.just([])),
        max_size=3,
    ),
)


def mutate(config: Any, path: tuple[Any, ...], what: str, value: Any) -> None:
    """Replace, delete or repeat what lies at path, if it is still there."""
    for key in path[:-1]:
        try:
            config = config[key]
        except (KeyError, IndexError, TypeError):
            return
    key = path[-1]
    if not isinstance(config, (dict, list)):
        return
    if not (
        key in config if isinstance(config, dict) else isinstance(key, int) and key < len(config)
    ):
        return
    if what == "replace":
        config[key] = value
    elif what == "delete":
        del config[key]
    elif isinstance(config, list):
        config.append(copy.deepcopy(config[key]))
    else:
        config[str(value)[:20]] = copy.deepcopy(config[key])


MUTATIONS = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(["replace", "delete", "repeat"]), ODD),
    min_size=1,
    max_size=3,
)
FUZZING = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_the_network_itself_is_read(tmp_path: Path) -> None:
    assert attempt(write_h5(tmp_path / "m.h5", network(), NAMED, SAVED_BY))
    assert attempt(write_keras(tmp_path / "m.keras", network(), TREE, "2.15.0"))


@FUZZING
@given(MUTATIONS)
def test_mutated_configurations(tmp_path: Path, mutations: list[tuple[Any, str, Any]]) -> None:
    config = network()
    for path, what, value in mutations:
        mutate(config, path, what, value)
    attempt(write_h5(tmp_path / "m.h5", config, NAMED, SAVED_BY))


@FUZZING
@given(MUTATIONS)
def test_mutated_configurations_in_archives(
    tmp_path: Path, mutations: list[tuple[Any, str, Any]]
) -> None:
    config = network()
    for path, what, value in mutations:
        mutate(config, path, what, value)
    attempt(write_keras(tmp_path / "m.keras", config, TREE, "2.15.0"))


@FUZZING
@given(st.recursive(ODD, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_json_as_configuration(tmp_path: Path, config: Any) -> None:
    assert not attempt(write_h5(tmp_path / "m.h5", config, {}))


@pytest.fixture(scope="module", params=["h5", "keras"])
def sound_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a small valid file."""
    path = tmp_path_factory.mktemp("sound") / f"m.{request.param}"
    config = sequential(dense("d", 4, batch_input_shape=[None, 4]))
    if request.param == "h5":
        write_h5(path, config, {"d": NAMED["d"]})
    else:
        write_keras(path, config, {"layers/dense": ARRAYS}, names={"layers/dense": "d"})
    assert attempt(path)
    return path.read_bytes()


@FUZZING
@given(st.data())
def test_flipped_bytes(tmp_path: Path, sound_file: bytes, data: st.DataObject) -> None:
    spoilt = bytearray(sound_file)
    positions = st.integers(0, len(spoilt) - 1)
    for position in data.draw(st.lists(positions, min_size=1, max_size=4)):
        spoilt[position] = data.draw(st.integers(0, 255))
    path = tmp_path / "m.h5"
    path.write_bytes(spoilt)
    attempt(path)


@pytest.mark.parametrize("position", [48, 52])
def test_an_address_that_no_file_has(tmp_path: Path, position: int) -> None:
    """HDF5 goes there, and Python does not take the number."""
    path = write_h5(
        tmp_path / "m.h5",
        sequential(dense("d", 4, batch_input_shape=[None, 4])),
        {"d": NAMED["d"]},
    )
    spoilt = bytearray(path.read_bytes())
    spoilt[position] = 128
    path.write_bytes(spoilt)
    with pytest.raises(ExportError, match=r"m\.h5 is damaged or not complete"):
        read(path)


@FUZZING
@given(st.data())
def test_cut_files(tmp_path: Path, sound_file: bytes, data: st.DataObject) -> None:
    path = tmp_path / "m.h5"
    path.write_bytes(sound_file[: data.draw(st.integers(0, len(sound_file) - 1))])
    assert not attempt(path)


@FUZZING
@given(st.binary(max_size=200))
@example(b"\x08")
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.h5"
    path.write_bytes(content)
    assert not attempt(path)


def test_numbers_that_json_does_not_have(tmp_path: Path) -> None:
    """Python's parser reads NaN, Infinity and 1e999; a plan must not carry them on."""
    for value in ("NaN", "Infinity", "-Infinity", "1e999"):
        config = json.dumps(network()).replace('"alpha": 0.3', f'"alpha": {value}')
        path = write_h5(tmp_path / "m.h5", json.loads(config), NAMED, SAVED_BY)
        assert not attempt(path)
