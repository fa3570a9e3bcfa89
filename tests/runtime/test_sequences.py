"""Kernels over sequences against plain formulas, one number or one step at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from kernels import check_kernel
from tolerances import FLOAT64, KERNEL_FLOAT32, check_close

from exporter.engines.plpython.runtime import part, runtime

RNG = np.random.default_rng(11)
ROWS, STEPS, WIDTH, UNITS = 5, 4, 3, 2
X = RNG.normal(size=(ROWS, STEPS, WIDTH))
MASK = np.array([[1, 1, 1, 1], [0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0.0]])
H, C = RNG.normal(size=(2, ROWS, UNITS))
PLACES = 3
IMAGES = RNG.normal(size=(ROWS, STEPS, PLACES, 4 * UNITS))
IMAGE_H, IMAGE_C = RNG.normal(size=(2, ROWS, PLACES, UNITS))
RECURRENT = {n: RNG.normal(size=(n, UNITS, 4 * UNITS)) for n in (2, 3)}
TABLE = RNG.normal(size=(7, 3))
INDICES = RNG.integers(7, size=(ROWS, 4)).astype(float)
GAMMA, BETA = RNG.normal(size=(2, 1, WIDTH))
QUERY, KEY, VALUE = (RNG.normal(size=(ROWS, n, 4)) for n in (3, STEPS, STEPS))
SCORE_MASK = (RNG.uniform(size=(ROWS, 3, STEPS)) < 0.6).astype(float)
SCORE_MASK[0, 0], SCORE_MASK[0, 1] = 0, 1
WEIGHTS = RNG.normal(size=4)
TANH, SIGMOID = ["tanh", []], ["sigmoid", []]
HARD = ["hard_sigmoid", [["slope", 0.2]]]


def logistic(x: float) -> float:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + math.exp(-x))


def hard(x: float) -> float:
    """Keras 2's hard_sigmoid."""
    return min(max(0.2 * x + 0.5, 0.0), 1.0)


def dot(vector: Any, matrix: np.ndarray, column: int) -> float:
    """One number of vector @ matrix."""
    return sum(float(v) * float(matrix[i, column]) for i, v in enumerate(vector))


def weights(gates: int, bias: bool = True) -> dict[str, np.ndarray]:
    """Random weights of a cell."""
    rng = np.random.default_rng(gates)
    found = {
        "kernel": rng.normal(size=(WIDTH, gates * UNITS)),
        "recurrent_kernel": rng.normal(size=(UNITS, gates * UNITS)),
    }
    return found | ({"bias": rng.normal(size=gates * UNITS)} if bias else {})


State = list[list[float]]
Step = Callable[[Any, State], State]


def simple_step(w: dict[str, np.ndarray]) -> Step:
    """h = tanh(x W + b + h U)."""

    def step(x: Any, state: State) -> State:
        (h,) = state
        return [[
            math.tanh(dot(x, w["kernel"], j) + w["bias"][j] + dot(h, w["recurrent_kernel"], j))
            for j in range(UNITS)
        ]]  # fmt: skip

    return step


def lstm_step(w: dict[str, np.ndarray], gate: Callable[[float], float]) -> Step:
    """The textbook's LSTM, gates in the order i, f, g, o."""

    def step(x: Any, state: State) -> State:
        h, c = state
        bias = w.get("bias", np.zeros(4 * UNITS))
        z = [
            dot(x, w["kernel"], j) + bias[j] + dot(h, w["recurrent_kernel"], j)
            for j in range(4 * UNITS)
        ]
        i, f, g, o = (z[n * UNITS : (n + 1) * UNITS] for n in range(4))
        c = [gate(f[j]) * c[j] + gate(i[j]) * math.tanh(g[j]) for j in range(UNITS)]
        return [[gate(o[j]) * math.tanh(c[j]) for j in range(UNITS)], c]

    return step


def gru_step(w: dict[str, np.ndarray], after: bool) -> Step:
    """The textbook's GRU, gates in the order z, r, n."""

    def step(x: Any, state: State) -> State:
        (h,) = state
        bias = w.get("bias", np.zeros(3 * UNITS))
        late = w.get("recurrent_bias", np.zeros(3 * UNITS))

        def gate(j: int) -> float:
            own = dot(x, w["kernel"], j) + bias[j]
            return logistic(own + dot(h, w["recurrent_kernel"], j) + late[j])

        z, r = ([gate(n * UNITS + j) for j in range(UNITS)] for n in range(2))
        new = []
        for j in range(UNITS):
            n = 2 * UNITS + j
            if after:
                other = r[j] * (dot(h, w["recurrent_kernel"], n) + late[n])
            else:
                other = dot([a * b for a, b in zip(r, h, strict=True)], w["recurrent_kernel"], n)
            new.append(math.tanh(dot(x, w["kernel"], n) + bias[n] + other))
        return [[z[j] * h[j] + (1 - z[j]) * new[j] for j in range(UNITS)]]

    return step


def run(
    step: Step,
    count: int,
    result: str,
    mask: np.ndarray | None = None,
    initial: tuple[np.ndarray, ...] = (),
    zeroes: bool = False,
) -> np.ndarray:
    """Row by row, step by step."""
    rows = []
    for row in range(ROWS):
        state = [list(s[row]) for s in initial] or [[0.0] * UNITS for _ in range(count)]
        output, outputs = [0.0] * UNITS, []
        for t in range(STEPS):
            if mask is None or mask[row, t]:
                state = step(X[row, t], state)
                output = state[0]
            elif zeroes:
                output = [0.0] * UNITS
            outputs.append(output)
        rows.append(
            {"sequence": outputs, "last": output, "hidden": state[0], "cell": state[-1]}[result]
        )
    return np.array(rows)


def run_conv_lstm(
    kernel: np.ndarray,
    result: str,
    mask: np.ndarray | None = None,
    initial: tuple[np.ndarray, ...] = (),
) -> np.ndarray:
    """Row by row, step by step, place by place, over images of one axis."""
    taps, before = len(kernel), (len(kernel) - 1) // 2
    y = []
    for row in range(ROWS):
        h, c = [s[row] for s in initial] or [np.zeros((PLACES, UNITS)) for _ in range(2)]
        outputs = []
        for t in range(STEPS):
            new_h, new_c = np.zeros_like(h), np.zeros_like(c)
            for p, u in np.ndindex(PLACES, UNITS):
                near = [(k, p + k - before) for k in range(taps) if 0 <= p + k - before < PLACES]
                i, f, g, o = (
                    IMAGES[row, t, p, j] + sum(dot(h[q], kernel[k], j) for k, q in near)
                    for j in range(u, 4 * UNITS, UNITS)
                )
                new_c[p, u] = hard(f) * c[p, u] + hard(i) * math.tanh(g)
                new_h[p, u] = hard(o) * math.tanh(new_c[p, u])
            if mask is None or mask[row, t]:
                h, c = new_h, new_c
            outputs.append(h)
        y.append({"sequence": outputs, "last": h, "cell": c}[result])
    return np.array(y)


def options(result: str, masked: bool, states: bool, zeroes: bool, **more: Any) -> dict[str, Any]:
    """Parameters that all recurrent kernels take."""
    return {
        "activation": TANH, "result": result, "is_masked": masked, "has_states": states,
        "zeroes_masked": zeroes, **more,
    }  # fmt: skip


def attend(
    scores: Callable[[Any, Any], float],
    heads: int = 1,
    mask: np.ndarray | None = None,
    causal: bool = False,
    zeroes: bool = False,
) -> np.ndarray:
    """Softmax over the keys that are allowed; all keys alike, or nothing, where none is."""
    y = np.zeros((ROWS, 3, 4))
    for row, t, head in np.ndindex(ROWS, 3, heads):
        part = slice(head * 4 // heads, (head + 1) * 4 // heads)
        allowed = [
            s for s in range(STEPS) if (mask is None or mask[row, t, s]) and not (causal and s > t)
        ]
        chosen = allowed or ([] if zeroes else list(range(STEPS)))
        e = [
            math.exp(scores(QUERY[row, t, part], KEY[row, s, part])) if allowed else 1.0
            for s in chosen
        ]
        for weight, s in zip(e, chosen, strict=True):
            y[row, t, part] += weight / sum(e) * VALUE[row, s, part]
    return y


def product(q: Any, k: Any) -> float:
    """0.7 q k."""
    return 0.7 * sum(float(a) * float(b) for a, b in zip(q, k, strict=True))


def additive(q: Any, k: Any) -> float:
    """sum(w tanh(q + k))."""
    pairs = zip(WEIGHTS, q, k, strict=True)
    return sum(float(w) * math.tanh(float(a + b)) for w, a, b in pairs)


def normalized(x: np.ndarray, epsilon: float) -> np.ndarray:
    """Rows of the last axis with mean 0 and variance 1."""
    y = np.zeros_like(x)
    for place in np.ndindex(*x.shape[:-1]):
        row = [float(v) for v in x[place]]
        mean = sum(row) / len(row)
        variance = sum((v - mean) ** 2 for v in row) / len(row)
        y[place] = [(v - mean) / math.sqrt(variance + epsilon) for v in row]
    return y


ONE, FOUR, THREE = weights(1), weights(4), weights(3)
BARE_FOUR, BARE_THREE = weights(4, bias=False), weights(3, bias=False)
LATE = {**THREE, "recurrent_bias": RNG.normal(size=3 * UNITS)}
GATED = {"recurrent_activation": SIGMOID}

# (kernel, parameters, inputs, expected)
CASES: tuple[tuple[str, dict[str, Any], tuple[np.ndarray, ...], np.ndarray], ...] = (
    ("not_equal", {"value": 0.0}, (MASK,), np.array([[float(bool(v)) for v in r] for r in MASK])),
    ("fill", {"value": 2.5}, (X,), np.array([[[2.5] * WIDTH] * STEPS] * ROWS)),
    ("where", {}, (MASK[..., None], X, np.ones((ROWS, 1, 1))),
     np.array([[x[t] if m[t] else [1.0] * WIDTH for t in range(STEPS)]
               for x, m in zip(X, MASK, strict=True)])),
    ("embedding", {"table": TABLE}, (INDICES,),
     np.array([[TABLE[int(i)] for i in row] for row in INDICES])),
    ("fold_time", {}, (X,), np.array([step for row in X for step in row])),
    ("unfold_time", {}, (X.reshape(ROWS * STEPS, WIDTH), X), X),
    ("masked_mean", {"axis": 1}, (X[:4], MASK[:4]),
     np.array([[sum(x[t, j] for t in range(STEPS) if m[t]) / sum(m) for j in range(WIDTH)]
               for x, m in zip(X[:4], MASK[:4], strict=True)])),
    ("simple_rnn", options("sequence", False, False, False, **ONE), (X,),
     run(simple_step(ONE), 1, "sequence")),
    ("simple_rnn", options("last", True, True, False, **ONE), (X, MASK, H),
     run(simple_step(ONE), 1, "last", MASK, (H,))),
    ("simple_rnn", options("sequence", True, False, True, **ONE), (X, MASK),
     run(simple_step(ONE), 1, "sequence", MASK, zeroes=True)),
    ("lstm", options("last", False, False, False, **GATED, **FOUR), (X,),
     run(lstm_step(FOUR, logistic), 2, "last")),
    ("lstm", options("sequence", True, False, False, recurrent_activation=HARD, **FOUR), (X, MASK),
     run(lstm_step(FOUR, hard), 2, "sequence", MASK)),
    ("lstm", options("cell", True, True, False, **GATED, **BARE_FOUR), (X, MASK, H, C),
     run(lstm_step(BARE_FOUR, logistic), 2, "cell", MASK, (H, C))),
    ("lstm", options("hidden", True, False, True, **GATED, **FOUR), (X, MASK),
     run(lstm_step(FOUR, logistic), 2, "hidden", MASK)),
    ("conv_lstm", options("sequence", True, False, False, recurrent_activation=HARD,
                          recurrent_kernel=RECURRENT[3]), (IMAGES, MASK),
     run_conv_lstm(RECURRENT[3], "sequence", MASK)),
    ("conv_lstm", options("last", False, False, False, recurrent_activation=HARD,
                          recurrent_kernel=RECURRENT[2]), (IMAGES,),
     run_conv_lstm(RECURRENT[2], "last")),
    ("conv_lstm", options("cell", False, True, False, recurrent_activation=HARD,
                          recurrent_kernel=RECURRENT[3]), (IMAGES, IMAGE_H, IMAGE_C),
     run_conv_lstm(RECURRENT[3], "cell", None, (IMAGE_H, IMAGE_C))),
    ("gru", options("sequence", True, False, False, reset_after=True, **GATED, **LATE), (X, MASK),
     run(gru_step(LATE, True), 1, "sequence", MASK)),
    ("gru", options("last", False, True, False, reset_after=False, **GATED, **THREE), (X, H),
     run(gru_step(THREE, False), 1, "last", None, (H,))),
    ("gru", options("last", False, False, False, reset_after=True, **GATED, **BARE_THREE), (X,),
     run(gru_step(BARE_THREE, True), 1, "last")),
    ("gru", options("last", True, False, True, reset_after=False, **GATED, **BARE_THREE), (X, MASK),
     run(gru_step(BARE_THREE, False), 1, "last", MASK, zeroes=True)),
    ("layer_normalization", {"axes": [2], "epsilon": 0.1}, (X,), normalized(X, 0.1)),
    ("layer_normalization", {"axes": [2], "epsilon": 0.1, "gamma": GAMMA, "beta": BETA}, (X,),
     normalized(X, 0.1) * GAMMA + BETA),
    ("layer_normalization", {"axes": [1, 2], "epsilon": 1e-3}, (X,),
     normalized(X.reshape(ROWS, -1), 1e-3).reshape(X.shape)),
    ("unit_normalization", {"axes": [2], "epsilon": 1e-12}, (X,),
     np.array([[[v / math.sqrt(sum(u * u for u in step)) for v in step] for step in row]
               for row in X])),
    ("attention", {"heads": 2, "scale": 0.7, "is_causal": False, "is_masked": False,
                   "zeroes_masked": False}, (QUERY, KEY, VALUE), attend(product, 2)),
    ("attention", {"heads": 1, "scale": 0.7, "is_causal": True, "is_masked": True,
                   "zeroes_masked": False}, (QUERY, KEY, VALUE, SCORE_MASK),
     attend(product, 1, SCORE_MASK, causal=True)),
    ("attention", {"heads": 2, "scale": 0.7, "is_causal": True, "is_masked": True,
                   "zeroes_masked": True}, (QUERY, KEY, VALUE, SCORE_MASK),
     attend(product, 2, SCORE_MASK, causal=True, zeroes=True)),
    ("additive_attention", {"scale": WEIGHTS, "is_causal": False, "is_masked": True},
     (QUERY, KEY, VALUE, SCORE_MASK), attend(additive, 1, SCORE_MASK)),
)  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "parameters", "inputs", "expected"), CASES)
def test_kernel_equals_its_formula(
    name: str,
    parameters: dict[str, Any],
    inputs: tuple[np.ndarray, ...],
    expected: np.ndarray,
    dtype: str,
) -> None:
    check_kernel(name, parameters, inputs, expected, dtype, KERNEL_FLOAT32 * 4)


@pytest.mark.parametrize("value", [-1.0, 7.0, 2.5, math.nan, math.inf, -math.inf])
def test_embedding_names_a_value_that_is_no_index(value: float) -> None:
    x = np.array([[1.0, value, 3.0]])
    with pytest.raises(ValueError, match=r"is not an index into a vocabulary of 7") as caught:
        runtime().KERNELS["embedding"](TABLE)(x)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "parameters", "inputs", "expected"),
    [
        case
        for case in CASES
        if case[0] in ("lstm", "conv_lstm", "gru", "attention", "additive_attention")
    ],
)
def test_blocks_of_rows_give_the_same(
    name: str,
    parameters: dict[str, Any],
    inputs: tuple[np.ndarray, ...],
    expected: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(part("recurrent"), "BLOCK_NUMBERS", 50)
    monkeypatch.setattr(part("recurrent"), "BLOCK_ROWS", 3)
    check_close(runtime().KERNELS[name](**parameters)(*inputs), expected, FLOAT64, name)


def test_a_batch_without_rows_gives_none() -> None:
    for name, parameters, inputs, expected in CASES:
        if name not in ("fold_time", "unfold_time"):
            y = runtime().KERNELS[name](**parameters)(*[x[:0] for x in inputs])
            assert y.shape == (0, *expected.shape[1:]), name


def test_masked_mean_of_nothing_is_nan() -> None:
    with np.errstate(invalid="ignore"):
        y = runtime().KERNELS["masked_mean"](axis=1)(X, MASK)
    assert np.isnan(y[4]).all()
    assert np.isfinite(y[:4]).all()
