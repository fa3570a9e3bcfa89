"""Random stacks of layers over masked sequences score as in Keras."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import zoo
from budgets import cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scoring import score_file
from tolerances import PARITY, check_close
from zoo_forms import Layer, layer, make
from zoo_models import framework_scores
from zoo_sequences import VOCABULARY

STACKS = settings(
    max_examples=cases(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
GATES = st.sampled_from(["sigmoid", "hard_sigmoid", "tanh"])
ACTIVATIONS = st.sampled_from(["tanh", "sigmoid", "softsign", "softmax"])
PASSING = st.one_of(
    st.builds(
        lambda units, name: layer("Dense", units=units, activation=name),
        st.integers(1, 5),
        ACTIVATIONS,
    ),
    st.builds(lambda axis: layer("LayerNormalization", axis=axis), st.sampled_from([-1, 2])),
    st.just(layer("BatchNormalization")),
    st.just(layer("Dropout", rate=0.5)),
    st.just(layer("UnitNormalization")),
    st.just(layer("Activation", activation="tanh")),
)


@st.composite
def recurrent(draw: st.DrawFn, last: bool = False) -> Layer:
    """A recurrent layer with random options."""
    name = draw(st.sampled_from(["SimpleRNN", "LSTM", "GRU"]))
    options: dict[str, Any] = {
        "units": draw(st.integers(1, 5)),
        "activation": draw(ACTIVATIONS),
        "use_bias": draw(st.booleans()),
        "go_backwards": draw(st.booleans()),
        "zero_output_for_mask": draw(st.booleans()),
        "return_sequences": not last or draw(st.booleans()),
    }
    if name != "SimpleRNN":
        options["recurrent_activation"] = draw(GATES)
    if name == "GRU":
        options["reset_after"] = draw(st.booleans())
    return Layer(name, options)


@st.composite
def any_layer(draw: st.DrawFn) -> tuple[str, Layer]:
    """A layer that keeps the steps, and what it is wrapped in."""
    kind = draw(st.sampled_from(["", "", "Bidirectional", "TimeDistributed"]))
    if kind == "TimeDistributed":
        return kind, layer("Dense", units=draw(st.integers(1, 4)))
    if kind == "Bidirectional":
        inner = draw(recurrent())
        return kind, Layer(inner.class_name, {**inner.arguments, "go_backwards": False})
    return kind, draw(st.one_of(PASSING, recurrent()))


def wrap(keras: Any, kind: str, item: Layer, merge: str) -> Any:
    """The layer of an entry in its wrapper."""
    inner = make(keras, item)
    if kind == "Bidirectional":
        return keras.layers.Bidirectional(inner, merge_mode=merge)
    return keras.layers.TimeDistributed(inner) if kind else inner


@pytest.mark.parametrize("suffix", ["h5", "keras"])
@STACKS
@given(
    starts_with_ids=st.booleans(),
    steps=st.sampled_from([1, 4, None]),
    middle=st.lists(any_layer(), max_size=3),
    last=recurrent(last=True),
    merge=st.sampled_from(["concat", "sum", "mul", "ave"]),
    is_functional=st.booleans(),
    seed=st.integers(0, 999),
)
def test_stacks(
    keras: ModuleType,
    tmp_path: Path,
    suffix: str,
    starts_with_ids: bool,
    steps: int | None,
    middle: list[tuple[str, Layer]],
    last: Layer,
    merge: str,
    is_functional: bool,
    seed: int,
) -> None:
    layers = keras.layers
    if starts_with_ids:
        x = keras.Input((steps,), name="ids")
        first = layers.Embedding(VOCABULARY, 3, mask_zero=True)
    else:
        x = keras.Input((steps, 3), name="masked")
        first = layers.Masking()
    items = [first, *(wrap(keras, kind, item, merge) for kind, item in middle)]
    items.append(make(keras, last))
    if is_functional:
        y = x
        for item in items:
            y = item(y)
        model = keras.Model(x, y)
    else:
        model = keras.Sequential([x, *items])
    zoo.randomize(model, seed)
    inputs = zoo.sample(model, seed, free_length=3)
    path = tmp_path / f"m.{suffix}"
    model.save(path)
    for a, e in zip(score_file(path, inputs), framework_scores(model, inputs), strict=True):
        check_close(a, e, PARITY, path.name)
