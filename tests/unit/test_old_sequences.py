"""Sequence layers in files of old Keras versions, and those that are refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import Named, functional, input_layer, layer, sequential, write_h5
from scoring import score_file
from tolerances import PARITY, check_close

from exporter.errors import UnsupportedError
from exporter.formats import read

RNG = np.random.default_rng(23)
WIDTH, UNITS, STEPS = 3, 2, 5
X = RNG.normal(size=(4, STEPS, WIDTH)).astype(np.float32)
X[0, :2] = X[1, 3:] = X[2, [1, 3]] = X[3] = 0
MASK = (X != 0).any(axis=-1)
W, U, B = (RNG.normal(size=s) for s in ((WIDTH, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)))
B2 = RNG.normal(size=3 * UNITS)
INPUT = {"batch_input_shape": [None, STEPS, WIDTH]}
Gate = Any


def hard(z: np.ndarray) -> np.ndarray:
    """hard_sigmoid of Keras 1 and 2."""
    return np.clip(0.2 * z + 0.5, 0, 1)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z))."""
    return 1 / (1 + np.exp(-z))


def lstm(x: np.ndarray, gate: Gate, mask: np.ndarray | None = None) -> np.ndarray:
    """Outputs of all steps, gates in the order i, f, g, o."""
    h = c = np.zeros((len(x), UNITS))
    outputs = []
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ W + h @ U + B, 4, axis=1)
        new = gate(f) * c + gate(i) * np.tanh(g)
        kept = np.ones((len(x), 1), bool) if mask is None else mask[:, t, None]
        c, h = np.where(kept, new, c), np.where(kept, gate(o) * np.tanh(new), h)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def gru(x: np.ndarray, gate: Gate, late: np.ndarray | None = None) -> np.ndarray:
    """The last output; with a late bias the reset comes after the recurrent product."""
    n = 3 * UNITS
    h = np.zeros((len(x), UNITS))
    for t in range(x.shape[1]):
        a = x[:, t] @ W[:, :n] + B[:n]
        b = h @ U[:, :n] + (0 if late is None else late)
        z, r = (gate(v) for v in np.split((a + b)[:, : 2 * UNITS], 2, axis=1))
        own, recurrent = a[:, 2 * UNITS :], U[:, 2 * UNITS : n]
        other = (r * h) @ recurrent if late is None else r * b[:, 2 * UNITS :]
        h = z * h + (1 - z) * np.tanh(own + other)
    return h


def per_gate(gates: Sequence[int], names: str) -> Named:
    """Keras 1's arrays, W, U and b of each gate, these gates in this order."""
    parts: list[tuple[str, np.ndarray]] = []
    for gate, name in zip(gates, names, strict=True):
        part = slice(gate * UNITS, (gate + 1) * UNITS)
        parts += [(f"r_W_{name}:0", W[:, part]), (f"r_U_{name}:0", U[:, part])]
        parts.append((f"r_b_{name}:0", B[part]))
    return parts


def flat(gates: int, *biases: np.ndarray) -> Named:
    """Keras 2's arrays."""
    n = gates * UNITS
    named = [("r/kernel:0", W[:, :n]), ("r/recurrent_kernel:0", U[:, :n])]
    return [*named, *((f"r/bias_{i}:0", bias) for i, bias in enumerate(biases))]


def cudnn(gates: int, bias: np.ndarray) -> Named:
    """What a CuDNN layer stores: the matrices of each gate by columns, in the shape of rows."""

    def convert(matrix: np.ndarray) -> np.ndarray:
        parts = np.split(matrix[:, : gates * UNITS], gates, axis=1)
        return np.hstack([part.T.reshape(part.shape) for part in parts])

    return [("r/kernel:0", convert(W)), ("r/recurrent_kernel:0", convert(U)), ("r/bias:0", bias)]


def cell(class_name: str, **config: Any) -> dict[str, Any]:
    """A recurrent entry of Keras 2."""
    gate = {} if "CuDNN" in class_name else {"recurrent_activation": "hard_sigmoid"}
    plain = {"units": UNITS, "activation": "tanh", **gate, **INPUT}
    return layer(class_name, "r", **{**plain, **config})


def old(class_name: str, **config: Any) -> dict[str, Any]:
    """A recurrent entry of Keras 1."""
    plain = {"output_dim": UNITS, "activation": "tanh", "inner_activation": "hard_sigmoid"}
    return layer(class_name, "r", **{**plain, "consume_less": "cpu", **INPUT, **config})


BOTH = np.concatenate([B[: 3 * UNITS], B2])
FILES: dict[str, tuple[dict[str, Any], Named, str, np.ndarray]] = {
    "Keras 1 LSTM": (old("LSTM"), per_gate((0, 2, 1, 3), "icfo"), "1.2.2", lstm(X, hard)[:, -1]),
    "Keras 1 LSTM, gpu": (
        old("LSTM", consume_less="gpu"), flat(4, B), "1.2.2", lstm(X, hard)[:, -1]),
    "Keras 1 GRU": (old("GRU"), per_gate((0, 1, 2), "zrh"), "1.0.8", gru(X, hard)),
    "Keras 1 backwards": (
        old("LSTM", go_backwards=True, return_sequences=True),
        per_gate((0, 2, 1, 3), "icfo"), "1.2.2", lstm(X[:, ::-1], hard)),
    "Keras 2 GRU": (cell("GRU"), flat(3, B[: 3 * UNITS]), "2.1.2", gru(X, hard)),
    "tf.keras 2 GRU without reset_after": (
        cell("GRU", recurrent_activation="sigmoid"),
        flat(3, np.stack([B[: 3 * UNITS], B2])), "2.2.4-tf", gru(X, sigmoid, B2)),
    "tf.keras 2 LSTM": (
        cell("LSTM", time_major=False, unroll=True, implementation=2), flat(4, B), "2.12.0",
        lstm(X, hard)[:, -1]),
    "CuDNNLSTM": (
        cell("CuDNNLSTM", return_sequences=True), cudnn(4, np.concatenate([B * 0.25, B * 0.75])),
        "2.2.4", lstm(X, sigmoid)),
    "CuDNNGRU": (cell("CuDNNGRU"), cudnn(3, BOTH), "2.2.4", gru(X, sigmoid, B2)),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_recurrent_layers_of_old_files(tmp_path: Path, name: str) -> None:
    entry, weights, version, expected = FILES[name]
    path = write_h5(tmp_path / "m.h5", sequential(entry), {"r": weights}, version)
    (actual,) = score_file(path, [X])
    check_close(actual, expected, PARITY, name)


def test_keras_1_bidirectional_keeps_outputs_over_masked_steps(tmp_path: Path) -> None:
    inner = old("LSTM", return_sequences=True)
    inner["config"]["name"] = "forward"
    two = layer("Bidirectional", "r", layer=inner, merge_mode="sum")
    gates = per_gate((0, 2, 1, 3), "icfo")
    named = [*((f"f_{n}", a) for n, a in gates), *((f"b_{n}", a) for n, a in gates)]
    config = sequential(layer("Masking", "m", mask_value=0.0, **INPUT), two)
    path = write_h5(tmp_path / "m.h5", config, {"m": [], "r": named}, "1.2.2")
    expected = lstm(X, hard, MASK) + lstm(X[:, ::-1], hard, MASK[:, ::-1])[:, ::-1]
    check_close(score_file(path, [X])[0], expected, PARITY, "Bidirectional of Keras 1")


@pytest.mark.parametrize(("version", "is_zero"), [("2.1.2", False), ("2.12.0", True)])
def test_bidirectional_of_tf_keras_gives_zeros_at_masked_steps(
    tmp_path: Path, version: str, is_zero: bool
) -> None:
    inner = cell("LSTM", return_sequences=True)
    two = layer("Bidirectional", "r", layer=inner, merge_mode="ave")
    named = [(f"{way}/{n}", a) for way in ("forward", "backward") for n, a in flat(4, B)]
    config = sequential(layer("Masking", "m", mask_value=0.0, **INPUT), two)
    path = write_h5(tmp_path / "m.h5", config, {"m": [], "r": named}, version)
    ways = lstm(X, hard, MASK), lstm(X[:, ::-1], hard, MASK[:, ::-1])[:, ::-1]
    expected = (ways[0] + ways[1]) / 2
    if is_zero:
        expected = expected * MASK[..., None]
    check_close(score_file(path, [X])[0], expected, PARITY, version)


def test_keras_1_embedding_and_states_as_further_inputs(tmp_path: Path) -> None:
    table = RNG.normal(size=(6, WIDTH))
    layers = [
        input_layer("ids", (STEPS,)),
        input_layer("h", (UNITS,)),
        input_layer("c", (UNITS,)),
        layer("Embedding", "e", [[["ids", 0, 0]]], input_dim=6, output_dim=WIDTH),
        cell("LSTM"),
    ]
    layers[-1] |= {"name": "r", "inbound_nodes": [[["e", 0, 0], ["h", 0, 0], ["c", 0, 0]]]}
    config = functional(layers, [["ids", 0, 0], ["h", 0, 0], ["c", 0, 0]], [["r", 0, 0]])
    weights = {"e": [("e_W:0", table)], "r": flat(4, B)}
    path = write_h5(tmp_path / "m.h5", config, weights, "2.2.4")
    ids = RNG.integers(6, size=(4, STEPS))
    zeros = np.zeros((4, UNITS))
    (actual,) = score_file(path, [ids, zeros, zeros])
    check_close(actual, lstm(table[ids], hard)[:, -1], PARITY, "LSTM over Embedding")


def test_before_keras_3_4_masks_are_joined_by_all(tmp_path: Path) -> None:
    def entry(class_name: str, name: str, *sources: str, **config: Any) -> dict[str, Any]:
        return layer(class_name, name, [[[source, 0, 0, {}] for source in sources]], **config)

    layers = [
        input_layer("x", (STEPS, WIDTH)),
        input_layer("y", (STEPS, WIDTH)),
        entry("Masking", "m", "x", mask_value=0.0),
        entry("Masking", "n", "y", mask_value=0.0),
        entry("Add", "a", "m", "n"),
        {**cell("LSTM"), "name": "r", "inbound_nodes": [[["a", 0, 0, {}]]]},
    ]
    config = functional(layers, [["x", 0, 0], ["y", 0, 0]], [["r", 0, 0]])
    path = write_h5(tmp_path / "m.h5", config, {"r": flat(4, B)}, "2.2.4")
    y = X[::-1]
    (actual,) = score_file(path, [X, y])
    expected = lstm(X + y, hard, MASK & MASK[::-1])[:, -1]
    check_close(actual, expected, PARITY, "joined masks")


MASKING = layer("Masking", "m", mask_value=0.0, **INPUT)
REFUSED: dict[str, tuple[list[dict[str, Any]], Named, str]] = {
    "stateful": ([cell("LSTM", stateful=True)], flat(4, B), "2.2.4"),
    "time_major": ([cell("LSTM", time_major=True)], flat(4, B), "2.8.0"),
    "halves its input": ([cell("LSTM", activation="glu")], flat(4, B), "3.8.0"),
    "does not tell whether": (
        [cell("GRU", use_bias=False, recurrent_activation="sigmoid")], flat(3), "2.4.0"),
    "its cell is": (
        [layer("RNN", "r", cell=layer("PeepholeCell", "s", units=3), **INPUT)], [], "2.2.4"),
    "merge_mode": (
        [layer("Bidirectional", "r", layer=cell("LSTM"), merge_mode="max", **INPUT)],
        flat(4, B), "2.2.4"),
    "wraps a layer of class": (
        [layer("Bidirectional", "r", layer=layer("Dense", "c", units=2), **INPUT)], [], "2.2.4"),
    "did not take": ([MASKING, layer("Flatten", "r")], [], "2.2.4"),
    "not supported": ([layer("ConvRNN2D", "r", **INPUT)], [], "2.2.4"),
}  # fmt: skip


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_scored_right_is_refused(tmp_path: Path, reason: str) -> None:
    layers, weights, version = REFUSED[reason]
    groups: dict[str, Named] = {"m": [], "r": weights}
    path = write_h5(tmp_path / "m.h5", sequential(*layers), groups, version)
    with pytest.raises(UnsupportedError, match=reason) as caught:
        read(path)
    assert len(caught.value.problems) == 1


def test_a_mask_that_is_lost_is_no_error_in_tf_keras(tmp_path: Path) -> None:
    layers = [MASKING, layer("Flatten", "f")]
    path = write_h5(tmp_path / "m.h5", sequential(*layers), {"m": [], "f": []}, "2.12.0")
    check_close(score_file(path, [X])[0], X.reshape(4, -1), PARITY, "Flatten")
