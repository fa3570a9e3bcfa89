"""Verification notices faults of the reader: each was in it once, and is put back here.

Keras is asked in this process; tests/parity/test_framework.py asks it as an export does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from zoo_models import save

from exporter.errors import VerificationError
from exporter.formats import read
from exporter.formats.format import Answer
from exporter.formats.keras import framework
from exporter.formats.keras import model as reader
from exporter.formats.keras.layers import operations, padding
from exporter.ir.ops import Activation, Reduce, Unary
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph
from exporter.samples import draw_inputs, make_samples

ROWS = 8  # as export-model draws them unless told otherwise


def on_input(function: Callable[[Any, Any], Any], shape: tuple[int, ...] = (4,), **options: Any):
    """A model of one input and what function(keras, x) makes of it."""

    def build(keras: Any) -> Any:
        x = keras.Input(shape, **options)
        return keras.Model(x, function(keras, x))

    return build


def dropped(op: Callable[[], Any]) -> Callable[[pytest.MonkeyPatch, str], None]:
    """The fault of a function that emits op and leaves its arguments aside."""

    def put(patch: pytest.MonkeyPatch, name: str) -> None:
        patch.setitem(operations.OPERATIONS, name, operations._unary(op))
        patch.setattr(operations.Arguments, "unused", lambda self: {})

    return put


def without_types(patch: pytest.MonkeyPatch, name: str) -> None:
    """The fault of inputs that keep what they are given, whatever their type."""
    patch.setattr(reader, "as_input", lambda builder, layer, value: value)


def truncating(patch: pytest.MonkeyPatch, name: str) -> None:
    """The fault of casts that take every whole-number type for int32."""
    patch.setattr(
        operations, "_as_dtype", lambda context, x, dtype: context.emit(Unary("trunc"), x)
    )


def from_corners(patch: pytest.MonkeyPatch, name: str) -> None:
    """The fault of TensorFlow 1's interpolation in a file of Keras 3."""
    patch.setattr(padding, "bilinear", padding.bilinear_from_corners)


def exact_gelu(patch: pytest.MonkeyPatch, name: str) -> None:
    """The fault of one gelu for another."""
    gelu = Activation("gelu", (("approximate", False),))
    patch.setitem(operations.OPERATIONS, name, operations._unary(lambda: gelu))
    patch.setattr(operations.Arguments, "unused", lambda self: {})


@pytest.fixture(autouse=True)
def asked_here(keras: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Keras answer from this process, which takes a tenth of the time."""

    def ask(path: Path, inputs: tuple[Any, ...]) -> Answer:
        model = keras.saving.load_model(path, compile=False)
        y = model(list(inputs) if len(inputs) > 1 else inputs[0], training=False)
        return Answer((np.asarray(y),), f"Keras {keras.__version__}")

    monkeypatch.setattr(framework, "ask", ask)


def twice(k: Any, x: Any) -> Any:
    """A layer that keeps the numbers apart."""
    return k.layers.Rescaling(2.0)(x)


FAULTS: dict[str, tuple[Any, Callable[[pytest.MonkeyPatch, str], None]]] = {
    "squareplus": (on_input(lambda k, x: k.ops.squareplus(x, b=3.0)),
                   dropped(partial(Activation, "squareplus"))),
    "round": (on_input(lambda k, x: k.ops.round(x, decimals=2)), dropped(partial(Unary, "round"))),
    "max": (on_input(lambda k, x: k.ops.max(x, axis=1, initial=3.0)),
            dropped(partial(Reduce, "max", (0,)))),
    "min": (on_input(lambda k, x: k.ops.min(x, axis=1, initial=-3.0)),
            dropped(partial(Reduce, "min", (0,)))),
    "gelu": (on_input(lambda k, x: k.ops.gelu(x, approximate=True)), exact_gelu),
    "int32 input": (on_input(twice, dtype="int32"), without_types),
    "uint8 input": (on_input(twice, dtype="uint8"), without_types),
    "bool input": (on_input(twice, dtype="bool"), without_types),
    "float16 input": (on_input(twice, dtype="float16"), without_types),
    "bfloat16 input": (on_input(twice, dtype="bfloat16"), without_types),
    "cast to uint8": (on_input(lambda k, x: twice(k, k.ops.cast(x, "uint8"))), truncating),
    "bilinear": (on_input(lambda k, x: k.layers.UpSampling2D(2, interpolation="bilinear")(x),
                          (3, 3, 1)), from_corners),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_reader_is_noticed(
    name: str, keras: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build, put = FAULTS[name]
    path = save(build(keras), tmp_path / "m.keras")
    put(monkeypatch, name)
    graph = simplify(read(path))
    plan = plan_graph(graph, Signature("m"))
    told = r"in row \d+, output .* by Keras [0-9.]+ and .* by this"
    with pytest.raises(VerificationError, match=told):
        make_samples(graph, plan, draw_inputs(graph, ROWS), lambda rows: framework.ask(path, rows))


@pytest.mark.parametrize("dtype", ["int32", "uint8", "int8", "bool"])
def test_inputs_of_every_type_agree_with_keras(
    dtype: str, keras: ModuleType, tmp_path: Path
) -> None:
    path = save(on_input(twice, dtype=dtype)(keras), tmp_path / "m.keras")
    graph = simplify(read(path))
    plan = plan_graph(graph, Signature("m"))
    samples = make_samples(
        graph, plan, draw_inputs(graph, ROWS), lambda rows: framework.ask(path, rows)
    )
    assert samples.expected_by.startswith("Keras 3.")
    (x,) = samples.inputs
    assert (x % 1 != 0).any() and (abs(x) > 1).any()
    assert (x < 0).any() or dtype == "uint8"
