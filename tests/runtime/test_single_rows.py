"""Single rows of networks that are chains: vectors in kept memory give what batches give."""

from __future__ import annotations

import gc
import math
import weakref
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import activation, model, send, step

from exporter.engines.plpython.runtime import part, runtime

INF, NAN = math.inf, math.nan
NEAR = 1e-6  # of 1, or of the largest number on the way
SMOOTH = ["linear", "relu", "leaky_relu", "sigmoid", "tanh", "elu", "softplus", "gelu", "silu"]


is_tanh_fast = part("halves").is_tanh_fast


@pytest.fixture(autouse=True, scope="module")
def tanh_in_batches() -> Iterator[None]:
    """On any processor."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part("halves"), "is_tanh_fast", lambda: True)
        yield


class Layers:
    """Steps of a chain and their tensors, as they are added."""

    def __init__(self, width: int, seed: int) -> None:
        self.first = self.width = width
        self.steps: list[dict[str, Any]] = []
        self.tensors: list[np.ndarray] = []
        self.generator = np.random.default_rng(seed)

    def tensor(self, array: np.ndarray) -> int:
        self.tensors.append(array.astype(np.float32))
        return len(self.tensors) - 1

    def add(self, kernel: str, tensors: dict[str, int] | None = None, **parameters: Any) -> None:
        place = len(self.steps)
        self.steps.append(step(kernel, [place], place + 1, tensors=tensors or {}, **parameters))

    def dense(self, width: int, scale: float = 1.0, is_biased: bool = True) -> None:
        """Some weights are 0, which infinite inputs make NaN of."""
        draw = self.generator.standard_normal
        kernel = draw((self.width, width)) * scale / math.sqrt(self.width)
        kernel[self.generator.random(kernel.shape) < 0.05] = 0
        own = {"kernel": self.tensor(kernel)}
        if is_biased:
            own["bias"] = self.tensor(draw(width) * scale)
        self.add("dense", own)
        self.width = width

    def activation(self, function: str, **parameters: Any) -> None:
        self.add("activation", function=function, parameters=parameters)

    def both(self, kernel: str, first: str, second: str) -> None:
        """affine or standardize."""
        numbers = [self.generator.uniform(0.5, 2, self.width) for _ in range(2)]
        self.add(kernel, {first: self.tensor(numbers[0]), second: self.tensor(numbers[1])})

    def load(self, **more: Any) -> Any:
        outputs = [("y", [self.width], len(self.steps))]
        return model([[self.first]], self.steps, outputs, self.tensors, **more)


def hard_rows(width: int, seed: int) -> list[np.ndarray]:
    """Rows with a number in one place that spreads, plain rows between them."""
    generator = np.random.default_rng(seed)
    plain = generator.uniform(-3, 3, (3, width))
    rows = [plain[0], np.zeros(width), np.full(width, -0.0), np.full(width, 1e-42)]
    for odd in (NAN, INF, -INF, 1e30, -1e30, 1e-45):
        row = plain[1].copy()
        row[generator.integers(width)] = odd
        rows += [row, plain[2]]
    opposite = plain[1].copy()
    opposite[0], opposite[-1] = INF, -INF
    return [row.astype(np.float32) for row in (*rows, opposite, plain[0])]


def check_rows(loaded: Any, rows: list[np.ndarray]) -> None:
    """Each row's score, by itself and in a batch, is what the steps give: NaN and infinity alike,
    numbers nearly."""
    for row in rows:
        values = {0: row[None]}
        largest = 1.0
        with np.errstate(all="ignore"):
            for call, (source,), target, _ in loaded.steps:
                values[target] = y = call(values[source].copy())
                largest = max(largest, np.abs(y[np.isfinite(y)]).max(initial=0))
        wanted = values[len(loaded.steps)].ravel().tolist()
        score = loaded.score(send(row))
        found = score if isinstance(score, list) else [score]
        for numbers in (found, loaded.run([row[None]])[0].ravel()):
            np.testing.assert_allclose(
                numbers, wanted, rtol=0, atol=NEAR * largest, err_msg=f"{row}"
            )


@st.composite
def chains(draw: st.DrawFn) -> Layers:
    """Layers as networks have them, in any order."""
    layers = Layers(draw(st.integers(1, 30)), draw(st.integers(0, 2**16)))
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["layer", "layer", "sigmoids", "scale", "other"]))
        scale = draw(st.sampled_from([0.3, 1.0, 2.0]))
        if kind in ("layer", "sigmoids"):
            layers.dense(draw(st.integers(1, 33)), scale, draw(st.booleans()))
            is_sigmoid = kind == "sigmoids"
            layers.activation("sigmoid" if is_sigmoid else draw(st.sampled_from(SMOOTH)))
        elif kind == "scale":
            fields = draw(st.sampled_from([("affine", "scale", "offset"),
                                           ("standardize", "mean", "deviation")]))  # fmt: skip
            layers.both(*fields)
        elif draw(st.booleans()):
            layers.add("softmax", axis=1)
        else:
            layers.add("reshape", shape=[layers.width, 1])
            layers.add("reshape", shape=[layers.width])
    return layers


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(chains())
def test_a_row_of_a_chain_is_what_a_batch_of_it_is(layers: Layers) -> None:
    loaded = layers.load()
    check_rows(loaded, hard_rows(layers.first, len(layers.steps)))
    assert loaded.chain is not None


@pytest.mark.parametrize("function", sorted(runtime().ACTIVATIONS))
@pytest.mark.parametrize("is_last", [False, True])
def test_each_activation_between_sigmoids_and_at_the_end(function: str, is_last: bool) -> None:
    layers = Layers(7, 3)
    for name in ("sigmoid", function):
        layers.dense(20)
        layers.activation(name)
    if not is_last:
        layers.dense(9)
        layers.activation("sigmoid")
        layers.dense(1)
    loaded = layers.load()
    check_rows(loaded, hard_rows(7, 5))
    assert loaded.chain is not None


OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("relu", {"negative_slope": 0.1, "max_value": 2.0, "threshold": 0.5}),
    ("gelu", {"approximate": True}),
    ("elu", {"alpha": 0.5}),
]


@pytest.mark.parametrize(("function", "options"), OPTIONS)
def test_options_of_activations(function: str, options: dict[str, Any]) -> None:
    layers = Layers(5, 1)
    layers.dense(6)
    layers.activation(function, **options)
    layers.add("unary", function="square")
    layers.add("clip", low=0.1, high=5.0)
    check_rows(layers.load(), hard_rows(5, 2))


def sigmoids(scale: float, last: str = "sigmoid") -> Layers:
    layers = Layers(6, 4)
    for width in (40, 30):
        layers.dense(width, scale)
        layers.activation("sigmoid")
    layers.dense(1, scale)
    layers.activation(last)
    return layers


def halved(layers: Layers) -> set[int]:
    loaded = layers.load()
    return set(runtime().find_halved(loaded.layers))


def test_sigmoids_between_layers_become_tanh_and_the_last_does_not() -> None:
    assert halved(sigmoids(1.0)) == {1, 3}, "or the property above compares a thing with itself"
    assert halved(sigmoids(1.0, "exponential")) == set(), "what is behind may be steep"


def test_large_weights_keep_their_sigmoids() -> None:
    """1 - 1 + 2e-9 is 0 in float32, and the weights behind would show it."""
    assert halved(sigmoids(100.0)) == set()
    tensors = [np.array([[1.0]]), np.array([-20.0]), np.array([[1e8]])]
    steps = [step("dense", [0], 1, tensors={"kernel": 0, "bias": 1}), activation("sigmoid", 1, 2),
             step("dense", [2], 3, tensors={"kernel": 2})]  # fmt: skip
    loaded = model([[1]], steps, [("y", [1], 3)], tensors)
    assert loaded.score(send([0.5])) == pytest.approx(1e8 / (1 + math.exp(19.5)), rel=1e-5)
    assert loaded.chain is not None


@pytest.mark.parametrize("odd", [INF, -INF, NAN, 3e38])
def test_weights_that_are_not_finite_keep_their_sigmoids(odd: float) -> None:
    layers = sigmoids(1.0)
    layers.tensors[2][3, 4] = odd
    assert halved(layers) == set()
    check_rows(layers.load(), hard_rows(6, 1))


def test_small_scores_keep_their_digits() -> None:
    layers = sigmoids(0.5)
    layers.tensors[-1][:] = -40
    loaded = layers.load()
    assert halved(layers) == {1, 3}
    rows = np.random.default_rng(0).uniform(-1, 1, (20, 6)).astype(np.float32)
    wanted = loaded.run([rows])[0].ravel()
    assert 0 < wanted.max() < 1e-15
    assert [loaded.score(send(row)) for row in rows] == pytest.approx(wanted.tolist(), rel=1e-4)


@pytest.mark.parametrize("last", ["linear", "relu"])
def test_small_numbers_of_other_ends_keep_their_digits(last: str) -> None:
    """Sums of nearly closed sigmoids are never negative, and differ from row to row."""
    generator = np.random.default_rng(1)
    layers = Layers(8, 1)
    layers.dense(16)
    layers.tensors[0] = -3 * np.abs(generator.standard_normal((8, 16))).astype(np.float32)
    layers.tensors[1][:] = 6
    layers.activation("sigmoid")
    layers.dense(1, is_biased=False)
    layers.tensors[2] = 0.3 * np.abs(generator.standard_normal((16, 1))).astype(np.float32)
    layers.activation(last)
    rows = generator.uniform(0, 4, (200, 8)).astype(np.float32)
    hidden = rows.astype(np.float64) @ layers.tensors[0] + 6
    wanted = (1 / (1 + np.exp(-hidden)) @ layers.tensors[2]).ravel()
    assert wanted.min() < 1e-7
    loaded = layers.load()
    for numbers in (loaded.run([rows])[0].ravel(), [loaded.score(send(row)) for row in rows]):
        np.testing.assert_allclose(numbers, wanted, rtol=2e-5)


def test_batches_take_tanh_where_it_is_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    tanh = runtime().IN_PLACE["tanh"]
    for is_fast, count in ((True, 2), (False, 0)):
        monkeypatch.setattr(part("halves"), "is_tanh_fast", lambda fast=is_fast: fast)
        loaded = sigmoids(1.0).load()
        loaded.run([np.zeros((3, 6), np.float32)])
        assert [step[0] for step in loaded.batch_steps].count(tanh) == count


@pytest.mark.parametrize("name", ["numpy._core._multiarray_umath", "numpy.core._multiarray_umath"])
@pytest.mark.parametrize("has_avx512", [True, False])
def test_tanh_is_fast_by_the_processor(
    name: str, has_avx512: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As numpy before 2 tells what it uses of the processor, and since."""
    features = SimpleNamespace(__cpu_features__={"AVX2": True, "AVX512_SKX": has_avx512})
    monkeypatch.setattr(part("halves"), "sys", SimpleNamespace(modules={name: features}))
    assert is_tanh_fast() is has_avx512
    monkeypatch.setattr(part("halves"), "sys", SimpleNamespace(modules={}))
    assert is_tanh_fast() is False


def test_an_old_numpy_keeps_sigmoids(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = sigmoids(1.0)
    monkeypatch.setattr(part("halves"), "TANH_SINCE", (99, 0))
    assert halved(layers) == set()
    check_rows(layers.load(), hard_rows(6, 7))


def test_large_kernels_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = sigmoids(1.0)
    monkeypatch.setattr(part("halves"), "MOST_KERNEL", 4 * 30 * 40 - 1)
    assert halved(layers) == set(), "each is beside a large one"
    loaded = layers.load()
    check_rows(loaded, hard_rows(6, 7))
    kernels = [call.args[0] for call in loaded.chain.calls if len(call.args) == 2]
    assert any(np.shares_memory(kernel, loaded.layers[2][1]["kernel"]) for kernel in kernels)


def test_a_kernel_that_many_layers_share_is_not_copied_for_all() -> None:
    """A model of half a megabyte took 600 for its rows."""
    layers = Layers(360, seed=0)
    layers.dense(360)
    layers.steps += [
        step("dense", [n], n + 1, tensors={"kernel": 0, "bias": 1}) for n in range(1, 200)
    ]
    loaded = layers.load()
    row = send(np.zeros(360))
    assert np.isfinite(loaded.score(row)).all() and loaded.chain is None
    layers.steps = layers.steps[:100]
    loaded = layers.load()
    assert np.isfinite(loaded.score(row)).all() and loaded.chain is not None


def test_rows_of_any_type_and_null_between_them() -> None:
    layers = Layers(4, 0)
    layers.dense(3)
    layers.activation("relu")
    layers.dense(2)
    loaded = layers.load()
    numbers = [1, -2, 3, 4]
    wanted = loaded.run([np.array([numbers], np.float32)])[0][0].tolist()
    other = loaded.run([np.array([[9, 9, 9, INF]], np.float32)])[0][0].tolist()
    for _ in range(2):
        for kind in ("float4", "float8", "int2", "int4", "int8", "numeric"):
            assert loaded.score(send(numbers, kind=kind)) == pytest.approx(wanted, rel=1e-6)
            assert loaded.score(send([1, None, 3, 4], kind=kind)) is None
            with pytest.raises(ValueError, match="takes 4 numbers, got 3"):
                loaded.score(send([1, 2, 3], kind=kind))
            with pytest.raises(ValueError, match="ends before the array does"):
                loaded.score(send(numbers, kind=kind)[:-4])
        assert loaded.score(send(numbers, lower=0)) == pytest.approx(wanted, rel=1e-6)
        assert loaded.score(send(numbers, has_bitmap=True)) == pytest.approx(wanted, rel=1e-6)
        too_large = loaded.score(send([9, 9, 9, 1e300], kind="float8"))
        np.testing.assert_array_equal(too_large, other)


def test_float64_and_casts() -> None:
    """As preprocessing has it: standardized in float64, rounded, then a network."""
    steps = [
        step("standardize", [0], 1, tensors={"mean": 0, "deviation": 1}),
        step("cast", [1], 2, dtype="float32"),
        step("dense", [2], 3, tensors={"kernel": 2}),
        activation("sigmoid", 3, 4),
        step("cast", [4], 5, dtype="float64"),
    ]
    tensors = [np.array([1e6, 1.0]), np.array([3.0, 7.0]), np.array([[1.0], [-2.0]])]
    loaded = model([[2]], steps, [("y", [1], 5)], tensors, is_double=True)
    row = np.array([[1e6 + 2.123456789, 0.1]])
    assert loaded.score(send(row[0], kind="float8")) == loaded.run([row])[0].item()
    assert loaded.score(send(row[0], kind="numeric")) == loaded.run([row])[0].item()
    assert loaded.chain is not None


def test_labels_come_from_the_same_numbers() -> None:
    layers = Layers(3, 8)
    layers.dense(3)
    layers.add("softmax", axis=1)
    loaded = layers.load(labels=["a", "b", "c"])
    for row in hard_rows(3, 1):
        score, label = loaded.score(send(row)), loaded.label(send(row))
        assert label == (None if any(map(math.isnan, score)) else "abc"[int(np.argmax(score))])


@pytest.mark.parametrize("case", ["two inputs", "branch", "two outputs", "a step of time"])
def test_what_is_no_chain(case: str) -> None:
    dense = step("dense", [0], 1, tensors={"kernel": 0})
    tensors = [np.eye(2)]
    if case == "two inputs":
        loaded = model([[2], [2]], [step("add", [0, 1], 2)], [("y", [2], 2)])
        rows = [send([1, 2]), send([3, 4])]
    elif case == "branch":
        steps = [dense, step("add", [0, 1], 2)]
        loaded, rows = model([[2]], steps, [("y", [2], 2)], tensors), [send([2, 3])]
    elif case == "two outputs":
        outputs = [("y", [2], 1), ("x", [2], 0)]
        loaded, rows = model([[2]], [dense], outputs, tensors), [send([2, 3])]
    else:
        steps = [step("dense", [0], 1, tensors={"kernel": 0}),
                 step("reduce", [1], 2, function="sum", axes=[1], keepdims=False)]  # fmt: skip
        loaded, rows = model([[3, 2]], steps, [("y", [2], 2)], tensors), [send(range(6))]
    wanted = {"two inputs": [4, 6], "branch": [4, 6], "two outputs": ([2, 3], [2, 3]),
              "a step of time": [6, 9]}  # fmt: skip
    assert loaded.score(*rows) == wanted[case]
    assert loaded.chain is None


def test_nothing_of_a_model_is_left_when_it_is_dropped() -> None:
    """What makes room in a session counts on it."""
    layers = sigmoids(1.0)
    gc.disable()
    try:
        loaded = layers.load()
        loaded.score(send([1.0] * 6))
        assert loaded.chain is not None
        left = weakref.ref(loaded)
        del loaded
        assert left() is None
    finally:
        gc.enable()


def test_numpy_is_silent_for_a_row_and_as_before_behind_it() -> None:
    """Warnings are errors in these tests."""
    loaded = model([[1]], [activation("exponential", 0, 1)], [("y", [1], 1)])
    two = model([[1], [1]], [step("multiply", [0, 1], 2)], [("y", [1], 2)])
    with np.errstate(over="raise", invalid="warn"):
        before = np.geterr()
        assert loaded.score(send([1e5])) == INF
        assert two.score(send([1e30]), send([1e30])) == INF
        with pytest.raises(ValueError):
            loaded.score(send([1, 2]))
        assert np.geterr() == before
