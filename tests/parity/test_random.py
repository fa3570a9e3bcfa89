"""Random networks over the supported layers score as in Keras."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import zoo
from budgets import cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scoring import score_file
from tolerances import PARITY, check_close
from zoo_forms import Layer, chain, layer, make
from zoo_models import framework_scores

NETWORKS = settings(
    max_examples=cases(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# exp without bound would only test how fast float32 overflows; sparsemax and hard_shrink jump.
SMOOTH = tuple(
    name
    for name in zoo.ACTIVATIONS
    if name not in ("exponential", "glu", "sparsemax", "hard_shrink", "log_softmax")
)
ACTIVATION = st.sampled_from(SMOOTH)
DENSE = st.builds(
    lambda units, name, bias: layer("Dense", units=units, activation=name, use_bias=bias),
    st.integers(1, 9),
    ACTIVATION,
    st.booleans(),
)
ANY_SHAPE = st.one_of(
    DENSE,
    st.builds(lambda name: layer("Activation", activation=name), ACTIVATION),
    st.builds(
        lambda center, scale: layer("BatchNormalization", center=center, scale=scale),
        st.booleans(),
        st.booleans(),
    ),
    st.just(layer("Dropout", rate=0.5)),
    st.builds(lambda slope: layer("LeakyReLU", negative_slope=slope), st.floats(0, 1)),
    st.builds(lambda alpha: layer("ELU", alpha=alpha), st.floats(0.1, 2)),
    st.builds(lambda top: layer("ReLU", max_value=top), st.floats(0.5, 8)),
    st.just(layer("PReLU")),
    st.just(layer("Softmax")),
    st.builds(
        lambda scale, offset: layer("Rescaling", scale=scale, offset=offset),
        st.floats(-2, 2),
        st.floats(-2, 2),
    ),
    st.just(layer("Flatten")),
    st.just(layer("Reshape", target_shape=(-1, 1))),
    st.just(layer("Reshape", target_shape=(1, -1))),
)
SHAPE = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)
JOIN = st.sampled_from(["Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"])


def check(model: Any, path: Path, seed: int) -> None:
    """Fail unless the saved model scores as the model."""
    zoo.randomize(model, seed)
    inputs = zoo.sample(model, seed)
    expected = framework_scores(model, inputs)
    if not all(np.isfinite(y).all() for y in expected):
        return
    model.save(path)
    for a, e in zip(score_file(path, inputs), expected, strict=True):
        check_close(a, e, PARITY, path.name)


@pytest.mark.parametrize("suffix", ["h5", "keras"])
@NETWORKS
@given(shape=SHAPE, layers=st.lists(ANY_SHAPE, min_size=1, max_size=6), seed=st.integers(0, 999))
def test_chains(
    keras: ModuleType,
    tmp_path: Path,
    suffix: str,
    shape: tuple[int, ...],
    layers: list[Layer],
    seed: int,
) -> None:
    check(chain(shape, *layers).build(keras), tmp_path / f"m.{suffix}", seed)


@pytest.mark.parametrize("suffix", ["h5", "keras"])
@NETWORKS
@given(data=st.data())
def test_graphs(keras: ModuleType, tmp_path: Path, suffix: str, data: st.DataObject) -> None:
    """Values of one width, each new one made from any earlier; layers and models called again."""
    width = data.draw(st.integers(1, 5))
    inputs = [keras.Input((width,)) for _ in range(data.draw(st.integers(1, 3)))]
    values = list(inputs)
    known: list[Any] = []
    for _ in range(data.draw(st.integers(1, 8))):
        kind = data.draw(st.sampled_from(["layer", "again", "join", "model"]))
        pick = st.sampled_from(values)
        if kind == "again" and known:
            values.append(data.draw(st.sampled_from(known))(data.draw(pick)))
        elif kind == "join":
            several = data.draw(st.lists(pick, min_size=2, max_size=3))
            joined = make(keras, layer(data.draw(JOIN)))(several)
            values.append(keras.layers.Dense(width, activation="tanh")(joined))
        elif kind == "model":
            made = chain((width,), data.draw(DENSE), layer("BatchNormalization")).build(keras)
            made.add(keras.layers.Dense(width, activation="softsign"))
            known.append(made)
            values.append(made(data.draw(pick)))
        else:
            made = keras.layers.Dense(width, activation=data.draw(ACTIVATION))
            known.append(made)
            values.append(made(data.draw(pick)))
    outputs = data.draw(st.lists(st.sampled_from(values[len(inputs) :] or values), min_size=1,
                                 max_size=3))  # fmt: skip
    check(keras.Model(inputs, outputs), tmp_path / f"m.{suffix}", data.draw(st.integers(0, 999)))
