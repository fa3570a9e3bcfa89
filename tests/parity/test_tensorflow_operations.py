"""Operations as tf.keras wrote them, by every name in the tables, against TensorFlow's own."""

from __future__ import annotations

import base64
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import tensorflow_calls
from arguments import ARGUMENTS
from files import functional, input_layer, layer, write_h5
from scoring import score_file
from tensorflow_calls import BEFORE, FunctionCall, NodeCall, X
from test_arguments import operation_classes
from tolerances import PARITY, check_close

from exporter.formats.keras.layers import operations
from exporter.formats.keras.layers.operations import NODES, OPERATIONS, _snake_case

REF = ["x", 0, 0]
VALUES = np.random.default_rng(17).normal(0, 1.5, (8, 3, 2)).astype("float32")


@pytest.fixture(scope="module")
def tensorflow(keras: ModuleType) -> ModuleType:
    """The tensorflow module."""
    return pytest.importorskip("tensorflow")


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of operations and nodes that were looked up."""
    names: set[str] = set()

    class Table(dict):  # type: ignore[type-arg]
        def get(self, key: str, default: Any = None) -> Any:
            names.add(key)
            return super().get(key, default)

        def __getitem__(self, key: str) -> Any:
            names.add(key)
            return super().__getitem__(key)

    monkeypatch.setattr(operations, "OPERATIONS", Table(OPERATIONS))
    return names


def name_of(call: FunctionCall) -> str:
    """What a function is called in the table."""
    return call.path.rpartition(".")[2]


def write(path: Path, entry: dict[str, Any], of: str) -> Path:
    """A file with the operation, on x or on what is made of it before."""
    layers = [input_layer("x", (3, 2)), entry]
    if of != "x":
        function, kwargs = BEFORE[of]
        layers.insert(1, layer("TFOpLambda", of, [[*REF, kwargs]], function=function))
    names = {item["config"]["name"]: [] for item in layers}
    return write_h5(path, functional(layers, [REF], [["op", 0, 0]], "Functional"), names, "2.13.1")


def fill(item: Any, tensor: Any) -> Any:
    """An argument with the tensor in its place."""
    return tensor if isinstance(item, str) and item == X else item


@pytest.mark.parametrize("call", tensorflow_calls.FUNCTIONS, ids=lambda call: call.path)
def test_a_function_scores_as_in_tensorflow(
    call: FunctionCall, tensorflow: ModuleType, reached: set[str], tmp_path: Path
) -> None:
    ref = [call.of, 0, 0]
    kwargs = {key: fill(item, REF) for key, item in call.arguments.items()}
    node = [[*ref, kwargs], [*ref, kwargs]] if call.listed else [*ref, kwargs]
    name = "SlicingOpLambda" if call.path.endswith("getitem") else "TFOpLambda"
    entry = layer(name, "op", [node], function=call.path)
    rows = np.abs(VALUES) + 0.25 if call.positive else VALUES
    (actual,) = score_file(write(tmp_path / "m.h5", entry, call.of), [rows])
    expected = ask(tensorflow, call, rows)
    check_close(actual, np.asarray(expected, np.float64), PARITY, call.path)
    assert name_of(call) in reached


def find(tensorflow: ModuleType, path: str) -> Any:
    """A function of TensorFlow by its full name."""
    found: Any = tensorflow
    for part in path.split("."):
        found = getattr(found, part)
    return found


def prepare(tensorflow: ModuleType, of: str, x: Any) -> Any:
    """What a call is of."""
    if of == "x":
        return x
    path, kwargs = BEFORE[of]
    return find(tensorflow, path)(x, **kwargs)


def ask(tensorflow: ModuleType, call: FunctionCall, rows: np.ndarray) -> Any:
    """TensorFlow's own result."""
    x = tensorflow.constant(rows)
    if call.path == "__operators__.getitem":
        return x[:, 1:]
    function = find(tensorflow, call.path)
    given = prepare(tensorflow, call.of, x)
    kwargs = {key: fill(item, x) for key, item in call.arguments.items()}
    return function([given, given] if call.listed else given, **kwargs)


@pytest.mark.parametrize("call", tensorflow_calls.NODES, ids=lambda call: call.op)
def test_a_node_scores_as_in_tensorflow(
    call: NodeCall, tensorflow: ModuleType, tmp_path: Path
) -> None:
    ref = [call.of, 0, 0, {}]
    constants = {str(n): item for n, item in enumerate(call.inputs) if item is not X}
    entry = layer(
        "TensorFlowOpLayer", "op", [[ref] * (len(call.inputs) - len(constants))],
        node_def=json.dumps({"op": call.op, "attr": dict(attributes_of(call))}),
        constants=constants,
    )  # fmt: skip
    rows = np.abs(VALUES) + 0.25 if call.positive else VALUES
    actual, *_ = score_file(write(tmp_path / "m.h5", entry, call.of), [rows])
    check_close(actual, np.asarray(ask_node(tensorflow, call, rows), np.float64), PARITY, call.op)


def attributes_of(call: NodeCall) -> Iterator[tuple[str, dict[str, Any]]]:
    """As protobuf writes them to JSON."""
    for key, value in call.attributes.items():
        if isinstance(value, bool):
            yield key, {"b": value}
        elif isinstance(value, int):
            yield key, {"i": str(value)}
        elif isinstance(value, list):
            yield key, {"list": {"i": [str(item) for item in value]}}
        elif value.startswith("DT_"):
            yield key, {"type": value}
        else:
            yield key, {"s": base64.b64encode(value.encode()).decode()}


def ask_node(tensorflow: ModuleType, call: NodeCall, rows: np.ndarray) -> Any:
    """TensorFlow's own result, of the first output."""
    x = tensorflow.constant(rows)
    given = prepare(tensorflow, call.of, x)
    inputs = [fill(item, given) for item in call.inputs]
    if call.op in ("ConcatV2", "Pack", "Einsum"):
        count = 2
        inputs = [inputs[:count], *inputs[count:]]
    function = getattr(tensorflow.raw_ops, call.op)
    attributes = {
        {"squeeze_dims": "axis"}.get(key, key): tensorflow.int32 if key == "DstT" else value
        for key, value in call.attributes.items()
    }
    if call.op == "MatMul":
        return x @ np.asarray(call.inputs[1], np.float32)
    names = [name for name in inspect.signature(function).parameters if name not in attributes]
    result = function(**dict(zip(names, inputs, strict=False)), **attributes)
    return result[0] if call.op == "Split" else result


@pytest.mark.parametrize("name", ["shape", "Shape"])
def test_the_shape_of_a_tensor_is_the_one_that_another_takes(name: str, tmp_path: Path) -> None:
    if name == "Shape":
        node = json.dumps({"op": "Shape", "attr": {"out_type": {"type": "DT_INT32"}}})
        lengths = layer("TensorFlowOpLayer", "n", [[[*REF, {}]]], node_def=node, constants={})
    else:
        lengths = layer("TFOpLambda", "n", [[*REF, {}]], function="shape")
    flat = layer("TFOpLambda", "flat", [[*REF, {"shape": [-1, 6]}]], function="reshape")
    kwargs = {"shape": ["n", 0, 0]}
    op = layer("TFOpLambda", "op", [["flat", 0, 0, kwargs]], function="reshape")
    layers = [input_layer("x", (3, 2)), lengths, flat, op]
    config = functional(layers, [REF], [["op", 0, 0]], "Functional")
    path = write_h5(tmp_path / "m.h5", config, {"x": [], "n": [], "flat": [], "op": []}, "2.13.1")
    (actual,) = score_file(path, [VALUES])
    np.testing.assert_array_equal(actual, VALUES)


def test_every_name_in_the_tables_has_a_call(keras: ModuleType) -> None:
    """So that no name is taken for granted: each scores as in the framework that writes it."""
    nodes = {_snake_case(call.op) for call in tensorflow_calls.NODES} | {"shape"}
    assert sorted(set(NODES) - nodes) == [], "nodes without a call in tests/tensorflow_calls.py"
    functions = {name_of(call) for call in tensorflow_calls.FUNCTIONS}
    of_keras = set(ARGUMENTS) & set(operation_classes())
    missing = set(OPERATIONS) - nodes - functions - of_keras
    assert sorted(missing) == [], "operations without a call that reaches them"
