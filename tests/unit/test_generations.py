"""Files of every Keras generation, written by hand, score to what plain numpy formulas give."""

from __future__ import annotations

from collections.abc import Sequence
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
)
from scoring import score_file
from tolerances import PARITY, check_close

from exporter.errors import ArchiveError, UnsupportedError
from exporter.formats import read

RNG = np.random.default_rng(11)
X = RNG.normal(size=(6, 3)).astype(np.float32)
K1, B1 = RNG.normal(size=(3, 4)), RNG.normal(size=4)
K2, B2 = RNG.normal(size=(4, 2)), RNG.normal(size=2)
KS, BS = RNG.normal(size=(4, 4)), RNG.normal(size=4)  # square, for what is applied repeatedly
KT, BT = RNG.normal(size=(4, 4)), RNG.normal(size=4)
GAMMA, BETA, MEAN = RNG.uniform(0.5, 1.5, 4), RNG.normal(size=4), RNG.normal(size=4)
VARIANCE = RNG.uniform(0.5, 2.0, 4)


def relu(x: np.ndarray) -> np.ndarray:
    """max(x, 0)."""
    return np.maximum(x, 0)


def softmax(x: np.ndarray) -> np.ndarray:
    """exp(x) / sum(exp(x))."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def normalize(x: np.ndarray, epsilon: float = 1e-3) -> np.ndarray:
    """BatchNormalization with the statistics above."""
    return (x - MEAN) / np.sqrt(VARIANCE + epsilon) * GAMMA + BETA


H1 = X @ K1 + B1
MLP = softmax(relu(H1) @ K2 + B2)
NORM = [GAMMA, BETA, MEAN, VARIANCE]


def check(path: Path, expected: np.ndarray | Sequence[np.ndarray], *inputs: np.ndarray) -> None:
    """Fail unless the file scores to expected, in both precisions."""
    wanted = [expected] if isinstance(expected, np.ndarray) else list(expected)
    for dtype in ("float32", "float64"):
        actual = score_file(path, inputs or (X,), dtype)
        assert len(actual) == len(wanted)
        for a, e in zip(actual, wanted, strict=True):
            check_close(a, e, PARITY, f"{path.name} in {dtype}")


def weights(name: str, kernel: np.ndarray, bias: np.ndarray, scope: str | None = None) -> Any:
    """A Dense layer's weights as Keras 2 names them."""
    scope = scope or name
    return [(f"{scope}/kernel:0", kernel), (f"{scope}/bias:0", bias)]


def norm_weights(scope: str) -> Any:
    """A BatchNormalization's weights as Keras 2 names them."""
    names = ("gamma:0", "beta:0", "moving_mean:0", "moving_variance:0")
    return [(f"{scope}/{name}", array) for name, array in zip(names, NORM, strict=True)]


TWO = {"dense_1": weights("dense_1", K1, B1), "dense_2": weights("dense_2", K2, B2)}


# Keras 1


def keras1_layers() -> list[dict[str, Any]]:
    """Dense, Activation, Dropout, Dense as a Sequential of Keras 1 lists them."""
    return [
        layer("Dense", "dense_1", output_dim=4, init="glorot_uniform", activation="linear",
              bias=True, input_dim=3, batch_input_shape=[None, 3]),
        layer("Activation", "activation_1", activation="relu"),
        layer("Dropout", "dropout_1", p=0.5),
        layer("Dense", "dense_2", output_dim=2, activation="softmax", bias=True, input_dim=None),
    ]  # fmt: skip


@pytest.mark.parametrize("version", [None, "1.0.8", "1.2.2"])
def test_keras_1_sequential_is_a_bare_list(tmp_path: Path, version: str | None) -> None:
    config = {"class_name": "Sequential", "config": keras1_layers()}
    named = {
        "dense_1": [("dense_1_W:0", K1), ("dense_1_b:0", B1)],
        "activation_1": [],
        "dropout_1": [],
        "dense_2": [("dense_2_W:0", K2), ("dense_2_b:0", B2)],
    }
    path = write_h5(tmp_path / "m.h5", config, named, version)
    check(path, MLP)
    assert read(path).inputs[0].name == "dense_1_input"


def test_keras_1_weights_of_theano(tmp_path: Path) -> None:
    config = {"class_name": "Sequential", "config": keras1_layers()}
    named = {"dense_1": [("dense_1_W", K1), ("dense_1_b", B1)],
             "dense_2": [("dense_2_W", K2), ("dense_2_b", B2)]}  # fmt: skip
    check(write_h5(tmp_path / "m.h5", config, named, "1.1.0", "theano"), MLP)


def test_keras_1_without_bias(tmp_path: Path) -> None:
    config = {"class_name": "Sequential", "config": [
        layer("Dense", "d", output_dim=4, activation="relu", bias=False, input_dim=3)]}  # fmt: skip
    check(write_h5(tmp_path / "m.h5", config, {"d": [("d_W", K1)]}, "1.2.2"), relu(X @ K1))


def test_keras_1_nested_sequential_in_a_functional(tmp_path: Path) -> None:
    """Flat names without a scope: the layer's name is the beginning of the weight's."""
    inner = {"class_name": "Sequential", "name": "sequential_1", "config": keras1_layers(),
             "inbound_nodes": [[["input_1", 0, 0]]]}  # fmt: skip
    outer = functional(
        [input_layer("input_1", [3]), inner], [["input_1", 0, 0]], [["sequential_1", 1, 0]]
    )
    named = {
        "input_1": [],
        "sequential_1": [("dense_1_W:0", K1), ("dense_1_b:0", B1),
                         ("dense_2_W:0", K2), ("dense_2_b:0", B2)],
    }  # fmt: skip
    check(write_h5(tmp_path / "m.h5", outer, named, "1.2.2"), MLP)


def test_keras_1_batch_normalization_keeps_the_variance_under_the_name_of_std(
    tmp_path: Path,
) -> None:
    norm = layer("BatchNormalization", "bn", epsilon=1e-5, mode=0, axis=-1, momentum=0.99)
    config = {"class_name": "Sequential", "config": [keras1_layers()[0], norm]}
    names = ("bn_gamma:0", "bn_beta:0", "bn_running_mean:0", "bn_running_std:0")
    named = {"dense_1": [("dense_1_W:0", K1), ("dense_1_b:0", B1)],
             "bn": list(zip(names, NORM, strict=True))}  # fmt: skip
    check(write_h5(tmp_path / "m.h5", config, named, "1.2.2"), normalize(H1, 1e-5))


@pytest.mark.parametrize("mode", [1, 2])
def test_keras_1_batch_normalization_of_other_modes_is_refused(tmp_path: Path, mode: int) -> None:
    norm = layer("BatchNormalization", "bn", epsilon=1e-5, mode=mode, axis=-1)
    config = {"class_name": "Sequential", "config": [keras1_layers()[0], norm]}
    named = {"dense_1": [("W", K1), ("b", B1)], "bn": list(zip("abcd", NORM, strict=True))}
    with pytest.raises(UnsupportedError, match='"bn"'):
        read(write_h5(tmp_path / "m.h5", config, named, "1.2.2"))


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("sum", 2 * H1 + H1),
        ("mul", H1 * H1 * H1),
        ("ave", H1),
        ("max", H1),
        ("concat", np.concatenate([H1, H1, H1], axis=1)),
    ],
)
def test_keras_1_merge(tmp_path: Path, mode: str, expected: np.ndarray) -> None:
    first = layer("Dense", "d", [[["x", 0, 0]]], output_dim=4, activation="linear", bias=True)
    merge = layer(
        "Merge", "merge_1", [[["d", 0, 0], ["d", 0, 0], ["d", 0, 0]]], mode=mode, concat_axis=-1
    )
    config = functional([input_layer("x", [3]), first, merge], [["x", 0, 0]], [["merge_1", 0, 0]])
    named = {"d": [("d_W", K1), ("d_b", B1)]}
    check(write_h5(tmp_path / "m.h5", config, named, "1.2.2"), expected)


def test_keras_1_merge_of_another_mode_is_refused(tmp_path: Path) -> None:
    merge = layer("Merge", "merge_1", [[["x", 0, 0], ["x", 0, 0]]], mode="strange")
    config = functional([input_layer("x", [3]), merge], [["x", 0, 0]], [["merge_1", 0, 0]])
    with pytest.raises(UnsupportedError, match="'strange'"):
        read(write_h5(tmp_path / "m.h5", config, {}, "1.2.2"))


# Keras 2 and tf.keras


def test_keras_2_bare_list_of_layers(tmp_path: Path) -> None:
    """Sequential before 2.2.3."""
    config = {"class_name": "Sequential", "config": [
        dense("dense_1", 4, "relu", batch_input_shape=[None, 3]),
        dense("dense_2", 2, "softmax")]}  # fmt: skip
    check(write_h5(tmp_path / "m.h5", config, TWO, "2.1.6"), MLP)


def test_keras_2_nameless_sequential_in_a_sequential(tmp_path: Path) -> None:
    """Before 2.2.3 a Sequential's configuration was a list, so that it has no name inside another.

    Its group is the one that no named layer claims.
    """
    first = {"class_name": "Sequential", "config": [
        dense("dense_1", 4, "relu", batch_input_shape=[None, 3])]}  # fmt: skip
    second = {"class_name": "Sequential", "config": [dense("dense_2", 4, "tanh")]}
    config = {"class_name": "Sequential", "config": [first, second, dense("dense_3", 2)]}
    named = {
        "sequential_7": weights("dense_1", K1, B1),
        "sequential_9": weights("dense_2", KS, BS),
        "dense_3": weights("dense_3", K2, B2),
    }
    expected = np.tanh(relu(H1) @ KS + BS) @ K2 + B2
    check(write_h5(tmp_path / "m.h5", config, named, "2.1.6"), expected)


def test_keras_2_functional(tmp_path: Path) -> None:
    config = functional(
        [
            input_layer("input_1", [3]),
            dense("dense_1", 4, "relu", [[["input_1", 0, 0, {}]]]),
            dense("dense_2", 2, "softmax", [[["dense_1", 0, 0, {}]]]),
        ],
        [["input_1", 0, 0]],
        [["dense_2", 0, 0]],
    )
    check(write_h5(tmp_path / "m.h5", config, {"input_1": [], **TWO}), MLP)


def test_tf_keras_functional_with_flat_ports_and_tensors_among_the_arguments(
    tmp_path: Path,
) -> None:
    config = functional(
        [
            input_layer("a", [3]),
            dense("dense_1", 4, "relu", [["a", 0, 0, {"training": False}]]),
            dense("dense_2", 4, "linear", [[["a", 0, 0, {}]]]),
            layer("Add", "add", [[["dense_1", 0, 0, {}], ["dense_2", 0, 0, {}]]]),
        ],
        ["a", 0, 0],
        ["add", 0, 0],
        "Functional",
    )
    named = {"dense_1": weights("dense_1", K1, B1), "dense_2": weights("dense_2", K1, B1)}
    check(write_h5(tmp_path / "m.h5", config, named, "2.9.0"), relu(H1) + H1)


def test_tf_keras_inputs_given_as_keyword_arguments(tmp_path: Path) -> None:
    """A nested model called with one tensor as an argument and the other by keyword."""
    inner = functional(
        [input_layer("p", [3]), input_layer("q", [3]),
         layer("Subtract", "minus", [[["p", 0, 0, {}], ["q", 0, 0, {}]]])],
        [["p", 0, 0], ["q", 0, 0]], [["minus", 0, 0]], "Functional", "inner",
    )  # fmt: skip
    inner |= {"name": "inner", "inbound_nodes": [[["a", 0, 0, {"q": ["b", 0, 0]}]]]}
    config = functional(
        [input_layer("a", [3]), input_layer("b", [3]), inner],
        [["a", 0, 0], ["b", 0, 0]], [["inner", 1, 0]], "Functional",
    )  # fmt: skip
    check(write_h5(tmp_path / "m.h5", config, {"inner": []}, "2.9.0"), X - 2 * X, X, 2 * X)


def test_tf_keras_inputs_by_name(tmp_path: Path) -> None:
    """A nested model called with an object of tensors."""
    inner = functional(
        [input_layer("p", [3]), input_layer("q", [3]),
         layer("Subtract", "minus", [[["p", 0, 0, {}], ["q", 0, 0, {}]]])],
        {"q": ["q", 0, 0], "p": ["p", 0, 0]}, [["minus", 0, 0]], "Functional", "inner",
    )  # fmt: skip
    inner |= {"name": "inner",
              "inbound_nodes": [{"q": ["b", 0, 0, {}], "p": ["a", 0, 0, {}]}]}  # fmt: skip
    config = functional(
        [input_layer("a", [3]), input_layer("b", [3]), inner],
        [["a", 0, 0], ["b", 0, 0]], [["inner", 1, 0]], "Functional",
    )  # fmt: skip
    check(write_h5(tmp_path / "m.h5", config, {"inner": []}, "2.9.0"), X - 2 * X, X, 2 * X)


def nested(inbound: list[Any], outputs: Any, inner_norm: dict[str, Any], **norm: Any) -> Any:
    """input -> dense_1 -> block (dense_2, bn) called once or twice."""
    block = sequential(
        dense("dense_2", 4, batch_input_shape=[None, 4]),
        layer("BatchNormalization", "bn", axis=[1], epsilon=1e-3, **norm),
        dense("dense_3", 4, "tanh"),
        **inner_norm,
    )
    block["config"]["name"] = "block"
    block |= {"name": "block", "inbound_nodes": inbound}
    return functional(
        [input_layer("x", [3]), dense("dense_1", 4, "linear", [[["x", 0, 0, {}]]]), block],
        [["x", 0, 0]], outputs,
    )  # fmt: skip


def block_output(x: np.ndarray) -> np.ndarray:
    """The block by formula."""
    return np.tanh(normalize(x @ KS + BS) @ KT + BT)


TRAINABLE_FIRST = [
    *weights("dense_2", KS, BS),
    ("bn/gamma:0", GAMMA),
    ("bn/beta:0", BETA),
    *weights("dense_3", KT, BT),
    ("bn/moving_mean:0", MEAN),
    ("bn/moving_variance:0", VARIANCE),
]
FROZEN_LAST = [
    *weights("dense_2", KS, BS),
    *weights("dense_3", KT, BT),
    *norm_weights("bn"),
]


@pytest.mark.parametrize("first_call", [0, 1])
@pytest.mark.parametrize("prefix", ["", "block/", "model_1/block/"])
def test_keras_2_nested_model_called_twice(tmp_path: Path, prefix: str, first_call: int) -> None:
    """Calls of a nested model count from 1, as it was called once when it was made."""
    calls = [[["dense_1", 0, 0, {}]], [["block", first_call, 0, {}]]]
    config = nested(calls, [["block", first_call + 1, 0], ["block", first_call, 0]], {})
    block = [(prefix + name, array) for name, array in TRAINABLE_FIRST]
    path = write_h5(
        tmp_path / "m.h5", config, {"dense_1": weights("dense_1", K1, B1), "block": block}
    )
    check(path, [block_output(block_output(H1)), block_output(H1)])


@pytest.mark.parametrize("trainable", [True, False])
def test_nested_model_whose_paths_name_no_layer(tmp_path: Path, trainable: bool) -> None:
    """TensorFlow 1 numbered scopes anew when a model was built a second time in a session.

    Only the order is left: trainable weights of all layers, then the others; those of a frozen
    layer are all others.
    """
    config = nested([[["dense_1", 0, 0, {}]]], [["block", 1, 0]], {}, trainable=trainable)
    block = TRAINABLE_FIRST if trainable else FROZEN_LAST
    renamed = [(name.replace("/", "_1/"), array) for name, array in block]
    named = {"dense_1": weights("dense_1", K1, B1, "dense_1_1"), "block": renamed}
    check(write_h5(tmp_path / "m.h5", config, named, "2.2.4"), block_output(H1))


def test_frozen_batch_normalization_in_a_nested_model_by_name(tmp_path: Path) -> None:
    config = nested([[["dense_1", 0, 0, {}]]], [["block", 1, 0]], {}, trainable=False)
    named = {"dense_1": weights("dense_1", K1, B1), "block": FROZEN_LAST}
    check(write_h5(tmp_path / "m.h5", config, named, "2.2.4"), block_output(H1))


def test_nested_model_whose_weights_cannot_be_told_apart_is_refused(tmp_path: Path) -> None:
    config = nested([[["dense_1", 0, 0, {}]]], [["block", 1, 0]], {})
    block = [(f"variable_{number}:0", array) for number, (_, array) in enumerate(TRAINABLE_FIRST)]
    named = {"dense_1": weights("dense_1", K1, B1), "block": block[:-1]}
    with pytest.raises(UnsupportedError, match=r'"block".*cannot be told apart'):
        read(write_h5(tmp_path / "m.h5", config, named, "2.2.4"))


def test_weight_names_split_over_attributes(tmp_path: Path) -> None:
    config = nested([[["dense_1", 0, 0, {}]]], [["block", 1, 0]], {})
    named = {"dense_1": weights("dense_1", K1, B1), "block": TRAINABLE_FIRST}
    path = write_h5(tmp_path / "m.h5", config, named, "2.2.4", names_per_attribute=1)
    check(path, block_output(H1))


def test_weight_order_is_that_of_weight_names(tmp_path: Path) -> None:
    """Alphabetically beta comes before gamma, bias before kernel."""
    config = sequential(
        dense("d", 4, batch_input_shape=[None, 3]),
        layer("BatchNormalization", "bn", axis=-1, epsilon=1e-3),
    )
    named = {"d": weights("d", K1, B1), "bn": norm_weights("bn")}
    check(write_h5(tmp_path / "m.h5", config, named), normalize(H1))


@pytest.mark.parametrize(
    ("version", "slope"),
    [("1.2.2", 0.2), ("2.2.4", 0.2), ("2.15.0", 0.2), ("3.0.0", 1 / 6), ("3.15.1", 1 / 6)],
)
def test_hard_sigmoid_is_that_of_the_version(tmp_path: Path, version: str, slope: float) -> None:
    config = sequential(dense("d", 4, "hard_sigmoid", batch_input_shape=[None, 3]))
    path = write_h5(tmp_path / "m.h5", config, {"d": weights("d", K1, B1)}, version)
    check(path, np.clip(slope * H1 + 0.5, 0, 1))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (layer("LeakyReLU", "a", alpha=0.25), np.where(H1 > 0, H1, 0.25 * H1)),
        (layer("LeakyReLU", "a", alpha={"type": "ndarray", "value": 0.25}),
         np.where(H1 > 0, H1, 0.25 * H1)),
        (layer("LeakyReLU", "a"), np.where(H1 > 0, H1, 0.3 * H1)),
        (layer("ELU", "a", alpha=0.5), np.where(H1 > 0, H1, 0.5 * np.expm1(H1))),
        (layer("ThresholdedReLU", "a", theta=0.5), np.where(H1 > 0.5, H1, 0)),
        (layer("ReLU", "a", max_value=1.0, negative_slope=0.0, threshold=0.0), np.clip(H1, 0, 1)),
        (layer("ReLU", "a", max_value=None), relu(H1)),
        (layer("Softmax", "a", axis=-1), softmax(H1)),
        (layer("Activation", "a", activation="swish"), H1 / (1 + np.exp(-H1))),
        (layer("Activation", "a", activation="softmax_v2"), softmax(H1)),
        (layer("Activation", "a", activation={"class_name": "LeakyReLU", "config": {"alpha": 0.5}}),
         np.where(H1 > 0, H1, 0.5 * H1)),
        (layer("Rescaling", "a", scale=0.5, offset=-1.0), H1 * 0.5 - 1),
        (layer("Normalization", "a", axis=[-1], mean=MEAN.tolist(), variance=VARIANCE.tolist()),
         (H1 - MEAN) / np.sqrt(VARIANCE)),
        (layer("Reshape", "a", target_shape=[2, -1]), H1.reshape(6, 2, 2)),
        (layer("BatchNormalizationV1", "a", axis=-1, epsilon=1e-3), normalize(H1)),
        (layer("Dropout", "a", rate=0.5, noise_shape=None, seed=None), H1),
    ],
)  # fmt: skip
def test_layers_as_keras_2_writes_them(
    tmp_path: Path, entry: dict[str, Any], expected: np.ndarray
) -> None:
    config = sequential(dense("d", 4, batch_input_shape=[None, 3]), entry)
    learned = norm_weights("a") if entry["class_name"].startswith("Batch") else []
    named = {"d": weights("d", K1, B1), "a": learned}
    check(write_h5(tmp_path / "m.h5", config, named, "2.6.0"), expected)


def test_prelu_and_adapted_normalization_of_keras_2(tmp_path: Path) -> None:
    config = sequential(
        layer("Normalization", "n", axis=[-1], batch_input_shape=[None, 3]),
        layer("PReLU", "p", shared_axes=None),
    )
    mean, variance, alpha = RNG.normal(size=3), RNG.uniform(0.5, 2, 3), RNG.normal(size=3)
    named = {
        "n": [("mean:0", mean), ("variance:0", variance), ("count:0", np.float32(6))],
        "p": [("p/alpha:0", alpha)],
    }
    y = (X - mean) / np.sqrt(variance)
    check(write_h5(tmp_path / "m.h5", config, named, "2.6.0"), relu(y) + alpha * np.minimum(y, 0))


def test_flatten_of_channels_first(tmp_path: Path) -> None:
    image = RNG.normal(size=(6, 3, 2, 2)).astype(np.float32)
    config = sequential(
        layer("Flatten", "f", data_format="channels_first", batch_input_shape=[None, 3, 2, 2])
    )
    expected = image.transpose(0, 2, 3, 1).reshape(6, -1)
    check(write_h5(tmp_path / "m.h5", config, {"f": []}), expected, image)


# Where the input's shape is written


SHAPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "batch_input_shape": ({"batch_input_shape": [None, 3]}, {}),
    "fixed batch": ({"batch_input_shape": [32, 3]}, {}),
    "batch_shape": ({"batch_shape": [None, 3]}, {}),
    "input_dim": ({"input_dim": 3}, {}),
    "input_shape": ({"input_shape": [3]}, {}),
    "build_input_shape": ({}, {"build_input_shape": [None, 3]}),
    "build_config": ({}, {"build_config": {"input_shape": [None, 3]}}),
    "nowhere": ({}, {}),
}


@pytest.mark.parametrize("where", SHAPES)
def test_input_shape(tmp_path: Path, where: str) -> None:
    first, model = SHAPES[where]
    config = sequential(dense("dense_1", 4, "relu", **first), dense("dense_2", 2, "softmax"))
    config["config"] |= model
    path = write_h5(tmp_path / "m.h5", config, TWO)
    assert read(path).inputs[0].shape == (3,)
    check(path, MLP)


def test_input_shape_in_the_first_layers_build_config(tmp_path: Path) -> None:
    first = dense("dense_1", 4, "relu") | {"build_config": {"input_shape": [None, 3]}}
    config = sequential(first, dense("dense_2", 2, "softmax"))
    check(write_h5(tmp_path / "m.h5", config, TWO, "2.13.1"), MLP)


def test_input_layer_of_a_sequential(tmp_path: Path) -> None:
    config = sequential(
        layer("InputLayer", "start", batch_input_shape=[None, 3]),
        dense("dense_1", 4, "relu"),
        dense("dense_2", 2, "softmax"),
    )
    path = write_h5(tmp_path / "m.h5", config, TWO)
    assert read(path).inputs[0].name == "start"
    check(path, MLP)


def test_no_input_shape_at_all_is_refused(tmp_path: Path) -> None:
    config = sequential(layer("Flatten", "f"), dense("dense_1", 4))
    with pytest.raises(UnsupportedError, match="shape is not in the file"):
        read(write_h5(tmp_path / "m.h5", config, TWO))


# .keras archives


def keras3_mlp(**dtype: Any) -> dict[str, Any]:
    """The two Dense layers as Keras 3 lists them."""
    start = layer("InputLayer", "input", batch_shape=[None, 3]) | {"module": "keras.layers"}
    rest = [
        dense("one", 4, "relu", **dtype) | {"module": "keras.layers", "registered_name": None},
        layer("Dropout", "drop", rate=0.5, **dtype) | {"module": "keras.layers"},
        dense("two", 2, "softmax", **dtype) | {"module": "keras.layers"},
    ]
    return sequential(start, *rest)


OLD = "_layer_checkpoint_dependencies"
GROUPS = {
    "2.12 to 2.14": (f"{OLD}/dense", f"{OLD}/dense_1"),
    "2.15": ("layers/dense", "layers/dense_1"),
    "numbers skipped": ("layers/dense_3", "layers/dense_7"),
    "over nine": ("layers/dense_9", "layers/dense_10"),
    "Windows": ("layers\\dense", "layers\\dense_1"),
    "without a folder": ("dense", "dense_1"),
}  # fmt: skip


@pytest.mark.parametrize("spelling", GROUPS)
def test_keras_archive_groups(tmp_path: Path, spelling: str) -> None:
    first, second = GROUPS[spelling]
    groups = {first: [K1, B1], "layers/dropout": [], second: [K2, B2]}
    if not first.startswith("layers/"):
        del groups["layers/dropout"]
    path = write_keras(tmp_path / "m.keras", keras3_mlp(), groups, "2.14.0")
    check(path, MLP)


def test_keras_archive_names_decide_over_order(tmp_path: Path) -> None:
    groups = {"layers/dense": [K2, B2], "layers/dense_1": [K1, B1]}
    names = {"layers/dense": "two", "layers/dense_1": "one"}
    check(write_keras(tmp_path / "m.keras", keras3_mlp(), groups, names=names), MLP)


def test_nested_models_saved_on_windows(tmp_path: Path) -> None:
    """Keras 2 wrote the whole path as one name; the ends of the paths are not unique."""
    block = sequential(dense("inner", 4, "relu", batch_input_shape=[None, 3]))
    block["config"]["name"] = "block"
    config = sequential(block, dense("outer", 2, "softmax"))
    groups = {
        "layers\\dense": [K2, B2],
        "layers\\sequential\\layers\\dense": [K1, B1],
    }
    check(write_keras(tmp_path / "m.keras", config, groups, "2.13.1"), MLP)


def test_two_normalizations_of_which_one_has_no_weights(tmp_path: Path) -> None:
    config = sequential(
        layer("Normalization", "given", axis=[-1], mean=[1.0, 2.0, 3.0], variance=[4.0, 9.0, 16.0],
              batch_input_shape=[None, 3]),
        layer("Normalization", "learned", axis=[-1]),
    )  # fmt: skip
    mean, variance = RNG.normal(size=3), RNG.uniform(0.5, 2, 3)
    groups = {"layers/normalization": [], "layers/normalization_1": [mean, variance, np.array(9)]}
    path = write_keras(tmp_path / "m.keras", config, groups, "2.15.0")
    check(path, ((X - [1, 2, 3]) / [2, 3, 4] - mean) / np.sqrt(variance))


def test_more_groups_than_layers_is_refused(tmp_path: Path) -> None:
    groups = {f"layers/dense_{number}": [K1, B1] for number in range(3)}
    with pytest.raises(ArchiveError, match="3 groups of weights for 2 layers of class Dense"):
        read(write_keras(tmp_path / "m.keras", keras3_mlp(), groups, "2.15.0"))


@pytest.mark.parametrize(
    "dtype",
    [
        "float32",
        "float64",
        {"class_name": "Policy", "config": {"name": "float32"}},
        {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"},
         "registered_name": None, "shared_object_id": 3},
        None,
    ],
)  # fmt: skip
def test_dtype_policies(tmp_path: Path, dtype: Any) -> None:
    groups = {"layers/dense": [K1, B1], "layers/dense_1": [K2, B2]}
    check(write_keras(tmp_path / "m.keras", keras3_mlp(dtype=dtype), groups), MLP)


def test_keras_3_functional(tmp_path: Path) -> None:
    """Ports as a flat reference, a list or an object; calls as args and kwargs."""
    tensor = keras3_tensor
    layers = [
        input_layer("b", [3], batch_shape=[None, 3]),
        input_layer("a", [3], batch_shape=[None, 3]),
        dense("one", 4, "relu", [keras3_call(tensor("b"))]),
        dense("two", 4, "linear", [keras3_call(tensor("a"), training=False)]),
        layer("Subtract", "minus", [keras3_call([tensor("one"), tensor("two")])]),
    ]
    groups = {"layers/dense": [K1, B1], "layers/dense_1": [K1, B1]}
    b, a = X, 2 * X
    expected = relu(b @ K1 + B1) - (a @ K1 + B1)
    for inputs, outputs, given in (
        ([["b", 0, 0], ["a", 0, 0]], [["minus", 0, 0]], (b, a)),
        ([["b", 0, 0], ["a", 0, 0]], ["minus", 0, 0], (b, a)),
        ({"b": ["b", 0, 0], "a": ["a", 0, 0]}, {"y": ["minus", 0, 0]}, (a, b)),
    ):
        config = functional(layers, inputs, outputs, "Functional")
        check(write_keras(tmp_path / "m.keras", config, groups), expected, *given)


def test_hdf5_named_keras_and_zip_named_h5(tmp_path: Path) -> None:
    config = sequential(dense("dense_1", 4, "relu", batch_input_shape=[None, 3]),
                        dense("dense_2", 2, "softmax"))  # fmt: skip
    check(write_h5(tmp_path / "model.keras", config, TWO), MLP)
    groups = {"layers/dense": [K1, B1], "layers/dense_1": [K2, B2]}
    check(write_keras(tmp_path / "model.h5", keras3_mlp(), groups), MLP)


def test_an_optimizer_that_nobody_knows_is_not_read(tmp_path: Path) -> None:
    path = write_h5(tmp_path / "m.h5", sequential(
        dense("dense_1", 4, "relu", batch_input_shape=[None, 3]), dense("dense_2", 2, "softmax")
    ), TWO)  # fmt: skip
    with h5py.File(path, "a") as file:
        file.attrs["training_config"] = "{ this is not JSON"
        file.create_group("optimizer_weights").attrs["weight_names"] = [1, 2]
    check(path, MLP)
