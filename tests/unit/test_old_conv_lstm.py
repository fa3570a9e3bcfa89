"""ConvLSTM2D in files of old Keras versions against plain formulas, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import Named, functional, input_layer, layer, sequential, write_h5
from scoring import score_file
from tolerances import PARITY, check_close

from exporter.errors import UnsupportedError
from exporter.formats import read

RNG = np.random.default_rng(31)
STEPS, HEIGHT, WIDTH, CHANNELS, FILTERS = 3, 4, 5, 2, 2
X = RNG.normal(size=(4, STEPS, HEIGHT, WIDTH, CHANNELS)).astype(np.float32)
W = RNG.normal(size=(3, 2, CHANNELS, 4 * FILTERS))
U = RNG.normal(size=(3, 2, FILTERS, 4 * FILTERS))
B = RNG.normal(size=4 * FILTERS)
INPUT = {"batch_input_shape": [None, STEPS, HEIGHT, WIDTH, CHANNELS]}


def hard(z: np.ndarray) -> np.ndarray:
    """hard_sigmoid of Keras 1 and 2."""
    return np.clip(0.2 * z + 0.5, 0, 1)


def convolve(x: np.ndarray, kernel: np.ndarray, same: bool) -> np.ndarray:
    """Sums over taps; for same, zeros around x, the odd one behind."""
    rows, columns = kernel.shape[:2]
    if same:
        widths = [((n - 1) // 2, n // 2) for n in (rows, columns)]
        x = np.pad(x, [(0, 0), *widths, (0, 0)])
    height, width = x.shape[1] - rows + 1, x.shape[2] - columns + 1
    return sum(
        x[:, i : i + height, j : j + width] @ kernel[i, j]
        for i in range(rows) for j in range(columns)
    )  # fmt: skip


def conv_lstm(x: np.ndarray, same: bool = False) -> np.ndarray:
    """Outputs of all steps, gates in the order i, f, g, o."""
    h = c = np.zeros(())
    outputs = []
    for t in range(STEPS):
        z = convolve(x[:, t], W, same) + B
        z = z + convolve(h, U, True) if t else z
        i, f, g, o = np.split(z, 4, axis=-1)
        c = hard(f) * c + hard(i) * np.tanh(g)
        h = hard(o) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def flat(w: np.ndarray = W, u: np.ndarray = U) -> Named:
    """Keras 2's arrays."""
    return [("c/kernel:0", w), ("c/recurrent_kernel:0", u), ("c/bias:0", B)]


def per_gate() -> Named:
    """Keras 1's arrays, those of each gate together, in the order i, c, f, o."""
    parts: list[tuple[str, np.ndarray]] = []
    for gate, name in ((0, "i"), (2, "c"), (1, "f"), (3, "o")):
        part = slice(gate * FILTERS, (gate + 1) * FILTERS)
        parts += [(f"c_W_{name}:0", W[..., part]), (f"c_U_{name}:0", U[..., part])]
        parts.append((f"c_b_{name}:0", B[part]))
    return parts


def modern(**config: Any) -> dict[str, Any]:
    """An entry of Keras 2."""
    plain = {"filters": FILTERS, "kernel_size": [3, 2], "recurrent_activation": "hard_sigmoid"}
    return layer("ConvLSTM2D", "c", **{**plain, **INPUT, **config})


def old(**config: Any) -> dict[str, Any]:
    """An entry of Keras 1."""
    plain = {
        "nb_filter": FILTERS, "nb_row": 3, "nb_col": 2, "inner_activation": "hard_sigmoid",
        "activation": "tanh", "inner_init": "orthogonal", "border_mode": "valid",
        "dim_ordering": "tf",
    }  # fmt: skip
    return layer("ConvLSTM2D", "c", **{**plain, **INPUT, **config})


MIRRORED = (slice(None, None, -1),) * 2
FILES: dict[str, tuple[dict[str, Any], Named, str, str, np.ndarray]] = {
    "Keras 1": (old(), per_gate(), "1.2.2", "tensorflow", conv_lstm(X)[:, -1]),
    "Keras 1, all steps": (
        old(return_sequences=True, border_mode="same"), per_gate(), "1.2.2", "tensorflow",
        conv_lstm(X, same=True)),
    "Keras 2.0": (modern(), flat(), "2.0.8", "tensorflow", conv_lstm(X)[:, -1]),
    "Keras 2 with Theano": (
        modern(go_backwards=True, return_sequences=True), flat(W[MIRRORED], U[MIRRORED]), "2.2.4",
        "theano", conv_lstm(X[:, ::-1])),
    "tf.keras": (
        modern(padding="same", unit_forget_bias=True, dropout=0.2), flat(), "2.12.0", "tensorflow",
        conv_lstm(X, same=True)[:, -1]),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_files_of_old_versions(tmp_path: Path, name: str) -> None:
    entry, weights, version, backend, expected = FILES[name]
    path = write_h5(tmp_path / "m.h5", sequential(entry), {"c": weights}, version, backend)
    (actual,) = score_file(path, [X])
    check_close(actual, expected, PARITY, name)


def test_a_file_that_does_not_tell_the_function_of_gates_has_that_of_keras_2(
    tmp_path: Path,
) -> None:
    entry = modern()
    del entry["config"]["recurrent_activation"]
    path = write_h5(tmp_path / "m.h5", sequential(entry), {"c": flat()}, "2.1.2")
    (actual,) = score_file(path, [X])
    check_close(actual, conv_lstm(X)[:, -1], PARITY, "hard_sigmoid")


@pytest.mark.parametrize(
    ("entry", "version", "reason"),
    [
        (modern(stateful=True), "2.12.0", "it is stateful"),
        (modern(padding="causal"), "2.12.0", "its padding is 'causal'"),
        (modern(batch_input_shape=[None, 4, 5, 2]), "2.12.0", "it takes 4 axes besides the batch"),
        (modern(data_format="channels_first", activation="softmax",
                batch_input_shape=[None, STEPS, CHANNELS, HEIGHT, WIDTH]), "2.12.0",
         "works along an axis of the image"),
        (old(dim_ordering="th"), "1.2.2", "by Keras 1 with channels_first"),
        (modern(filters=3), "2.12.0", "its configuration asks for weights of shapes"),
    ],
)  # fmt: skip
def test_what_cannot_be_scored_is_refused(
    tmp_path: Path, entry: dict[str, Any], version: str, reason: str
) -> None:
    weights = per_gate() if version.startswith("1") else flat()
    path = write_h5(tmp_path / "m.h5", sequential(entry), {"c": weights}, version)
    with pytest.raises(UnsupportedError, match=reason):
        read(path)


@pytest.mark.parametrize(("version", "is_refused"), [("2.2.4", True), ("2.12.0", False)])
def test_masks_count_in_tf_keras_only(tmp_path: Path, version: str, is_refused: bool) -> None:
    entry = modern(return_sequences=True)
    entry["inbound_nodes"] = [[["x", 0, 0, {"mask": ["m", 0, 0]}]]]
    images = input_layer("x", (STEPS, HEIGHT, WIDTH, CHANNELS))
    layers = [images, input_layer("m", (STEPS,)), entry]
    config = functional(layers, [["x", 0, 0], ["m", 0, 0]], [["c", 0, 0]])
    path = write_h5(tmp_path / "m.h5", config, {"x": [], "m": [], "c": flat()}, version)
    mask = np.array([[1, 0, 1]] * len(X), np.float32)
    if is_refused:
        with pytest.raises(UnsupportedError, match=r"which only tf\.keras and Keras 3 apply"):
            read(path)
        return
    (actual,) = score_file(path, [X, mask])
    check_close(actual[:, 1], actual[:, 0], PARITY, "a masked step repeats the one before")
    assert not np.allclose(actual[:, 2], conv_lstm(X)[:, 2])
