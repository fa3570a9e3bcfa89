"""Random stacks of convolutions, pooling and padding score as in Keras."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import zoo
from budgets import cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scoring import score_file
from tolerances import PARITY, check_close
from zoo_forms import Layer, layer, make
from zoo_models import framework_scores

STACKS = settings(
    max_examples=cases(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SMALL = st.integers(1, 3)
PADDING = st.sampled_from(["valid", "same"])
ACTIVATIONS = st.sampled_from(["linear", "relu", "tanh"])
PLAIN = st.sampled_from(
    [layer("BatchNormalization"), layer("ReLU"), layer("Dropout", rate=0.5),
     layer("Activation", activation="sigmoid"), layer("LeakyReLU")]
)  # fmt: skip


@st.composite
def convolution(draw: st.DrawFn, rank: int) -> Layer:
    """A convolution of any kind, of which strides or dilation is 1, as Keras asks."""
    kinds = ["Conv", "Conv", "DepthwiseConv", "SeparableConv"] if rank < 3 else ["Conv"]
    kind = draw(st.sampled_from([*kinds, "Transpose"]))
    name = f"Conv{rank}DTranspose" if kind == "Transpose" else f"{kind}{rank}D"
    options: dict[str, Any] = {
        "kernel_size": draw(SMALL),
        "padding": draw(PADDING),
        "use_bias": draw(st.booleans()),
        "activation": draw(ACTIVATIONS),
    }
    options["dilation_rate" if draw(st.integers(0, 3)) == 0 else "strides"] = draw(SMALL)
    if kind != "DepthwiseConv":
        options["filters"] = draw(st.sampled_from([2, 4, 6]))
    if kind in ("DepthwiseConv", "SeparableConv"):
        options["depth_multiplier"] = draw(st.integers(1, 2))
        options.pop("dilation_rate", None)
    if kind == "Transpose":
        options.pop("dilation_rate", None)
    if kind == "Conv":
        options["groups"] = draw(st.integers(1, 2))
    return Layer(name, options)


@st.composite
def any_layer(draw: st.DrawFn, rank: int) -> Layer:
    """A layer that keeps the number of axes."""
    kind = draw(st.integers(0, 5))
    if kind <= 1:
        return draw(convolution(rank))
    if kind == 2:
        name = draw(st.sampled_from(["Max", "Average"]))
        options = {"pool_size": draw(SMALL), "strides": draw(SMALL), "padding": draw(PADDING)}
        return Layer(f"{name}Pooling{rank}D", options)
    if kind == 3:
        return layer(f"ZeroPadding{rank}D", padding=draw(st.integers(0, 2)))
    if kind == 4:
        return layer(f"UpSampling{rank}D", size=draw(st.integers(1, 2)))
    return draw(PLAIN)


@STACKS
@given(data=st.data())
def test_stacks_of_images(data: st.DataObject, keras: ModuleType, tmp_path: Path) -> None:
    rank = data.draw(st.sampled_from([1, 2, 2, 3]))
    lengths = data.draw(st.lists(st.integers(3, 8), min_size=rank, max_size=rank))
    x = keras.Input((*lengths, 2))
    y = x
    for item in data.draw(st.lists(any_layer(rank), min_size=1, max_size=5)):
        if item.arguments.get("groups") == 2 and y.shape[-1] % 2:
            continue
        try:
            y = make(keras, item)(y)
        except ValueError:  # the window is larger than what is left of the image
            continue
    end = data.draw(st.sampled_from(["Flatten", f"GlobalMaxPooling{rank}D"]))
    y = keras.layers.Dense(3)(make(keras, layer(end))(y))
    model = keras.Model(x, y)
    zoo.randomize(model, data.draw(st.integers(0, 9)))
    inputs = zoo.sample(model)
    model.save(tmp_path / "m.keras")
    (expected,) = framework_scores(model, inputs)
    (actual,) = score_file(tmp_path / "m.keras", inputs)
    names = [type(item).__name__ for item in model.layers]
    check_close(actual, expected, PARITY, " ".join(names))
