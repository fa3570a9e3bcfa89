"""Networks of float64, and of layers of both types, score as in Keras, to their last digits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from files import functional, input_layer, layer, write_h5
from scoring import score_file, score_graph
from tolerances import FLOAT64, PARITY, check_close
from zoo_models import framework_scores, save

from exporter.errors import UnsupportedError
from exporter.formats import read
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph
from exporter.samples import draw_inputs, make_samples

D, F = "float64", "float32"
Build = Callable[[ModuleType], Any]


def chain(shape: tuple[int, ...], dtype: str, *layers: Callable[[Any], Any]) -> Build:
    """A Sequential on an input of this type."""
    return lambda k: k.Sequential(
        [k.Input(shape, dtype=dtype), *(layer(k.layers) for layer in layers)]
    )


def dense(dtype: str, **arguments: Any) -> Callable[[Any], Any]:
    """A Dense layer of this type."""
    return lambda layers: layers.Dense(3, dtype=dtype, **arguments)


def operations(k: ModuleType) -> Any:
    """What operations make of float64, constants and whole numbers."""
    x = k.Input((4,), dtype=D)
    return k.Model(x, [
        k.ops.log1p(abs(x)) * 0.3 + 1.1, k.layers.Dense(2)(k.ops.sin(x)), x // 0.7, x % 0.7,
        k.ops.cast(x, F) * x, k.ops.cast(x, "int32") + x, k.ops.where(x > 0.1, x, 0.1),
        k.ops.clip(x, -0.1, 0.7), x / 3.3, k.ops.leaky_relu(x, 0.05), k.ops.gelu(x),
        k.ops.gelu(x, approximate=False), k.ops.argmax(x, axis=1),
    ])  # fmt: skip


def casts(k: ModuleType) -> Any:
    """A network of float32 with a cast in it, and an array of float64 that does the same."""
    x = k.Input((4,))
    y = k.ops.cast(x, D)
    return k.Model(x, [y * 0.1, k.ops.exp(y), k.layers.Dense(2)(y), y + x, x * np.full(4, 0.1)])


def arrays(k: ModuleType) -> Any:
    """A network of float32 whose only float64 are arrays; whole numbers stay what they meet."""
    x, o, a = k.Input((4,)), k.ops, np.array([0.1, -0.7, 1.1, 0.3])
    whole, kernel = o.cast(x, "int32"), np.outer(a, a[:3])
    return k.Model(x, [
        x * a, o.add(a, x), x - a, x / a, o.power(abs(x), a), o.maximum(x, a), o.minimum(a, x),
        o.mod(x, a), x // a, o.where(x > 0, x, a), o.matmul(x, kernel),
        o.einsum("bi,ij->bj", x, kernel), o.stack([x, x * a], 1), o.mean(x * a, axis=1), whole * a,
        whole + np.arange(4), x * np.arange(4), x * a.astype(F), k.layers.Dense(2)(x * a),
        o.where(x > a, np.arange(4), a), o.matmul(x, kernel.astype(F)),
    ])  # fmt: skip


def merges(k: ModuleType) -> Any:
    """Inputs of both types."""
    a, b, add = k.Input((4,), dtype=D), k.Input((4,)), k.layers.Add
    return k.Model([a, b], [add()([a, b]), add(dtype=D)([a, b]), a + b, a * k.layers.Dense(4)(b)])


def nested(k: ModuleType) -> Any:
    """A model inside whose input is of float32."""
    x = k.Input((4,), dtype=D)
    inner = k.Sequential([k.Input((4,), dtype=F), k.layers.Dense(3, dtype=D)])
    return k.Model(x, k.layers.Dense(2, dtype=D)(inner(x)))


def embedded(dtype: str) -> Build:
    """Places looked up in a table of float64, masked where they are 0."""

    def build(k: ModuleType) -> Any:
        x = k.Input((3,), dtype=dtype, name="ids")
        y = k.layers.Embedding(7, 4, dtype=D, mask_zero=True)(x)
        return k.Model(x, [k.layers.LSTM(3, dtype=F)(y), k.layers.GRU(3, dtype=D)(y)])

    return build


def whole(k: ModuleType) -> Any:
    """Whole numbers beyond the digits of float32."""
    x = k.Input((4,), dtype="int64", name="whole")
    rescaled = [k.layers.Rescaling(0.1, dtype=d)(x) for d in (D, F)]
    return k.Model(x, [*rescaled, k.layers.Dense(2, dtype=D)(x)])


def normalized(layers: Any) -> Any:
    """Seconds since 1970 and others."""
    return layers.Normalization(mean=[1.7e9, 0, 0, 1], variance=[1e3, 1, 2, 0.1], dtype=D)


CASES: dict[str, Build] = {
    "dense": chain((4,), D, dense(D, activation="tanh"),
                   lambda la: la.BatchNormalization(dtype=D), dense(D)),
    "input of float32": chain((4,), F, dense(D, activation="leaky_relu"), dense(D)),
    "one layer": chain((4,), F, dense(F), dense(D), lambda la: la.Dropout(0.1), dense(F)),
    "dropout rounds": chain((4,), D, lambda la: la.Dropout(0.1), dense(D)),
    "layer normalization": chain((4,), D, lambda la: la.LayerNormalization(), dense(D)),
    "normalization": chain((4,), D, normalized),
    "rescaling": chain((4,), D, lambda la: la.Rescaling([0.1, 0.2, 0.3, 0.4], 0.7, dtype=D)),
    "discretization": chain((4,), D, lambda la: la.Discretization([0.1, 0.7]), dense(D)),
    "convolution": chain((6, 4), D, lambda la: la.Conv1D(3, 2, dtype=D),
                         lambda la: la.MaxPooling1D(2, dtype=F),
                         lambda la: la.GlobalAveragePooling1D(dtype=D)),
    "attention": lambda k: (lambda x: k.Model(
        x, k.layers.MultiHeadAttention(2, 3, dtype=D)(x, x)))(k.Input((3, 4), dtype=D)),
    "operations": operations, "casts": casts, "arrays": arrays, "merges": merges,
    "nested": nested, "whole": whole,
    "ids": embedded(F), "ids of int32": embedded("int32"),
}  # fmt: skip


def draw(port: Any, seed: int) -> np.ndarray:
    """Rows for an input, whose first number is of seconds since 1970."""
    rng = np.random.default_rng(seed)
    shape = (16, *port.shape[1:])
    if port.name == "ids":
        return rng.integers(0, 7, shape).astype(F)
    if port.name == "whole":
        return rng.integers(-(2**50), 2**50, shape).astype(D)
    x = rng.normal(0, 2, shape)
    if x.ndim == 2:
        x[:, 0] += 1.7e9 if port.dtype == D else 0
    return x.astype(D if port.dtype == D else F)


@pytest.mark.parametrize("name", CASES)
def test_scores_have_the_digits_of_their_type(name: str, keras: ModuleType, tmp_path: Path) -> None:
    model = CASES[name](keras)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if "seed" not in weight.path:
            is_variance = "variance" in weight.path
            weight.assign(rng.uniform(0.3, 2, weight.shape) if is_variance
                          else rng.normal(0, 0.5, weight.shape))  # fmt: skip
    rows = [draw(port, number) for number, port in enumerate(model.inputs)]
    expected = framework_scores(
        model, [x.astype(port.dtype) for x, port in zip(rows, model.inputs, strict=True)]
    )
    graph = simplify(read(save(model, tmp_path / "m.keras")))
    assert not graph.warnings
    for number, (a, e) in enumerate(zip(score_graph(graph, rows), expected, strict=True)):
        assert a.dtype == e.dtype or e.dtype.kind == "i", number
        tolerance = FLOAT64 if a.dtype == np.float64 else 2e-6
        scale = np.abs(e).max(initial=1.0)
        assert np.abs(a - e).max() <= tolerance * scale, f"output {number} of {name}"


@pytest.mark.parametrize(
    ("dtype", "is_whole"), [("float16", True), ("int8", False), ("uint16", False)]
)
def test_arrays_of_few_bits_are_refused(
    dtype: str, is_whole: bool, keras: ModuleType, tmp_path: Path
) -> None:
    """Beside whole numbers Keras computes in float16; beside truth values in small numbers."""
    x = keras.Input((4,))
    y = (keras.ops.cast(x, "int32") if is_whole else x > 0) * np.arange(4).astype(dtype)
    with pytest.raises(UnsupportedError, match=f"it computes in {dtype} with an array"):
        read(save(keras.Model(x, y), tmp_path / "m.keras"))
    read(save(keras.Model(x, x * np.arange(4).astype(dtype)), tmp_path / "n.keras"))


def test_products_of_whole_numbers_with_a_matrix_are_refused(
    keras: ModuleType, tmp_path: Path
) -> None:
    x = keras.Input((4,), dtype="int32")
    model = keras.Model(x, keras.ops.matmul(x, np.ones((4, 2), "int32")))
    with pytest.raises(UnsupportedError, match="it multiplies whole numbers as such"):
        read(save(model, tmp_path / "m.keras"))


ARRAY = np.array([0.1, -2.3, 1.7, 0.77])
OF_WHOLE: dict[str, Callable[[Any, Any], Any]] = {  # float32 in Keras, beside float64
    "product": lambda o, i: i * 0.1 + ARRAY, "quotient": lambda o, i: i / 3 + ARRAY,
    "sum": lambda o, i: (i + 0.1) - ARRAY, "power": lambda o, i: abs(i) ** 0.5 * ARRAY,
    "rest": lambda o, i: i % 2.5 + ARRAY, "sqrt": lambda o, i: o.sqrt(abs(i)) + ARRAY,
    "exp": lambda o, i: o.exp(i % 3) + ARRAY, "log": lambda o, i: o.log(abs(i) + 1) * ARRAY,
    "mean": lambda o, i: o.mean(i, axis=1, keepdims=True) + ARRAY,
    "cast after": lambda o, i: o.cast(i * 0.1, D), "truth": lambda o, i: (i > 0) * 0.1 + ARRAY,
    "where": lambda o, i: o.where(i > 0, i * 0.1, ARRAY),
    "tanh": lambda o, i: o.tanh(i * 0.1 + ARRAY), "ones": lambda o, i: o.ones_like(i) * 0.1 + ARRAY,
    "array of float32": lambda o, i: i * ARRAY.astype(F) + ARRAY,
    "matrix of float32": lambda o, i: o.matmul(i, np.eye(4, dtype=F) * 0.1) + ARRAY,
}  # fmt: skip


@pytest.mark.parametrize("name", OF_WHOLE)
def test_float32_of_whole_numbers_beside_float64_is_refused(
    name: str, keras: ModuleType, tmp_path: Path
) -> None:
    """And is scored as in Keras, where its advice is followed."""
    reason = r"it makes float32 of whole numbers.*by keras\.ops\.cast"
    i = keras.Input((4,), dtype="int32")
    with pytest.raises(UnsupportedError, match=reason):
        read(save(keras.Model(i, OF_WHOLE[name](keras.ops, i)), tmp_path / "m.keras"))
    if name != "truth":
        y = OF_WHOLE[name](keras.ops, keras.ops.cast(i, F))
        check_whole(keras.Model(i, y), tmp_path, 1e-6)


def test_whole_numbers_that_meet_float64_keep_all_their_digits(
    keras: ModuleType, tmp_path: Path
) -> None:
    o, i = keras.ops, keras.Input((4,), dtype="int32")
    few = i % 5
    model = keras.Model(i, [
        i + ARRAY, i * ARRAY, i // 2 + ARRAY, o.relu(i) * ARRAY, o.round(i) * ARRAY,
        o.where(o.equal(i, 3), i, 7) * ARRAY, o.where(o.logical_not(i > 3), i, 7) * ARRAY,
        o.pad(i, [[0, 0], [2, 2]]) * np.tile(ARRAY, 2), o.matmul(i, np.diag(ARRAY)),
        o.einsum("bi,ij->bj", abs(i), np.diag(ARRAY)), o.isfinite(i) * ARRAY, few**2 * ARRAY,
        (few + o.ones_like(i)) * ARRAY, o.argmax(o.cast(i, F), axis=1), (i > 2.5) * ARRAY,
        o.cast(i, F) * 0.1 + ARRAY, keras.layers.Rescaling(0.1)(i) + ARRAY,
        keras.layers.Discretization([0.0, 5.0])(o.cast(i, F)) * 0.1 + ARRAY,
    ])  # fmt: skip
    check_whole(model, tmp_path, 1e-9)


def check_whole(model: Any, directory: Path, tolerance: float) -> None:
    """Whole numbers, some beyond the digits of float32, score as in Keras."""
    rows = [np.array([[3, -7, 5, 1], [2, 0, -4, 9], [16777217, -123456789, 7, 11]], "int32")]
    actual = score_file(save(model, directory / "n.keras"), rows)
    expected = framework_scores(model, rows)
    for number, (a, e) in enumerate(zip(actual, expected, strict=True)):
        e = np.asarray(e, np.float64)
        assert np.abs((a - e) / np.maximum(np.abs(e), 1)).max() <= tolerance, f"output {number}"


@pytest.mark.parametrize("operation", ["multiply", "power"])
def test_sums_of_whole_numbers_with_an_array_of_few_bits_are_refused(
    operation: str, keras: ModuleType, tmp_path: Path
) -> None:
    i = keras.Input((4,), dtype="int32")
    for whole in (i, abs(i), keras.ops.sum(i, axis=1, keepdims=True)):
        y = getattr(keras.ops, operation)(whole, abs(ARRAY).astype("float16"))
        with pytest.raises(UnsupportedError, match="it computes in float16 with an array"):
            read(save(keras.Model(i, y), tmp_path / "m.keras"))


WHOLE: dict[str, Callable[[ModuleType, Any], Any]] = {
    "input": lambda k, x: x,
    "lookup": lambda k, x: k.layers.IntegerLookup(vocabulary=[1, 2, 3])(x),
    "argmax": lambda k, x: k.ops.argmax(k.ops.reshape(x, (-1, 4, 2, 2)), axis=3),
    "halves": lambda k, x: 3 - x // 2,
    "sums": lambda k, x: k.ops.cumsum(abs(x) + x, axis=1),
    "truth values": lambda k, x: x > 0,
    "choice": lambda k, x: k.ops.clip(k.ops.where(x > 0, 1, 3), 0, 2),
}
CUT_OFF: dict[str, Callable[[Any], Any]] = {
    "LayerNormalization": lambda la: la.LayerNormalization(),
    "GroupNormalization": lambda la: la.GroupNormalization(2),
    "RMSNormalization": lambda la: la.RMSNormalization(),
    "SpectralNormalization": lambda la: la.SpectralNormalization(la.Dense(2)),
    "ReLU": lambda la: la.ReLU(max_value=1.5),
}


@pytest.mark.parametrize("name", CUT_OFF)
def test_fractions_that_keras_cuts_off_are_refused(
    name: str, keras: ModuleType, tmp_path: Path
) -> None:
    """And are scored as in Keras, where its advice is followed."""
    rows = [np.random.default_rng(1).integers(-4, 5, (16, 4, 4)).astype("int32")]
    for source in WHOLE.values():
        x = keras.Input((4, 4), dtype="int32")
        y = source(keras, x)
        with pytest.raises(UnsupportedError, match=rf"({name}).*by keras\.ops\.cast"):
            read(save(keras.Model(x, CUT_OFF[name](keras.layers)(y)), tmp_path / "m.keras"))
        model = keras.Model(x, CUT_OFF[name](keras.layers)(keras.ops.cast(y, F)))
        (actual,) = score_file(save(model, tmp_path / "n.keras"), rows)
        check_close(actual, framework_scores(model, rows)[0], PARITY, name)


@pytest.mark.parametrize(("class_name", "version"), [
    ("LayerNormalization", "3.10.0"), ("GroupNormalization", "3.6.0")])  # fmt: skip
def test_fractions_that_an_older_keras_kept_are_scored(
    class_name: str, version: str, tmp_path: Path
) -> None:
    entry = layer(class_name, "n", [[["x", 0, 0]]], axis=-1, groups=1, center=False, scale=False)
    x = input_layer("x", [2], batch_input_shape=[None, 2], dtype="int32")
    config = functional([x, entry], [["x", 0, 0]], [["n", 0, 0]])
    path = write_h5(tmp_path / "m.h5", config, {}, version=version)
    (y,) = score_file(path, [np.array([[0, 4]])])
    check_close(y, np.array([[-1.0, 1.0]]), 1e-3, version)


def test_what_is_cast_to_fractions_wraps_no_more(keras: ModuleType, tmp_path: Path) -> None:
    x = keras.Input((3,), dtype="uint8")
    y = keras.ops.cast(x, F)
    model = keras.Model(x, [y + y, keras.ops.clip(y, 0.5, 1.5), y * keras.ops.cast(y > 3, F)])
    rows = [np.array([[0, 1, 255]], "uint8")]
    graph = read(save(model, tmp_path / "m.keras"))
    assert not any("wrap" in text for text in graph.warnings)
    for actual, expected in zip(
        score_graph(simplify(graph), rows), framework_scores(model, rows), strict=True
    ):
        assert np.array_equal(actual, expected)


def test_samples_of_a_network_that_rounds_on_its_way_are_held_to_float32(
    keras: ModuleType, tmp_path: Path
) -> None:
    found = {}
    for name in ("dense", "one layer"):
        layers = [dense(D if name == "dense" else F), dense(D)]
        graph = simplify(read(save(chain((4,), D, *layers)(keras), tmp_path / "m.keras")))
        samples = make_samples(graph, plan_graph(graph, Signature("m")), draw_inputs(graph, 8))
        assert samples.outputs[0].dtype == np.float64
        found[name] = samples.tolerance
    assert found["dense"] == 1e-9
    assert 1e-5 <= found["one layer"] < 1e-4


@pytest.mark.parametrize("wrapper", [D, F])
def test_layers_inside_a_layer_are_of_its_type(
    wrapper: str, keras: ModuleType, tmp_path: Path
) -> None:
    la, other = keras.layers, F if wrapper == D else D
    for inner in (
        la.Bidirectional(la.LSTM(2, dtype=other), dtype=wrapper),
        la.RNN(la.LSTMCell(2, dtype=other), dtype=wrapper),
        la.TimeDistributed(la.Dense(2, dtype=other), dtype=wrapper),
        la.Dense(3, activation=la.ReLU(dtype=other), dtype=wrapper),
    ):
        model = keras.Sequential([keras.Input((3, 4), dtype=D), inner])
        with pytest.raises(UnsupportedError, match=f"it computes in {wrapper}, and a layer inside"):
            read(save(model, tmp_path / "m.keras"))


def test_masked_attention_in_float64_is_refused(keras: ModuleType, tmp_path: Path) -> None:
    x = keras.Input((3, 4), dtype=D)
    y = keras.layers.Masking(dtype=D)(x)
    model = keras.Model(x, keras.layers.Attention(dtype=D)([y, y]))
    with pytest.raises(UnsupportedError, match="it has a mask and computes in float64"):
        read(save(model, tmp_path / "m.keras"))


def test_whole_numbers_that_may_wrap_are_told(keras: ModuleType, tmp_path: Path) -> None:
    """In Keras 70,000 times 70,000 is 605,032,704 in int32."""
    x = keras.Input((2,), dtype="int32")
    for y, is_told in (
        (x * x, True),
        (x + x, True),
        (x + 1, False),
        (x * np.array([3, 4]), True),
        (x * 0.5, False),
        (keras.ops.maximum(x, 3), False),
    ):
        model = keras.Model(x, keras.ops.cast(y, F))
        warnings = read(save(model, tmp_path / "m.keras")).warnings
        assert any("wrap beyond 2,147,483,647" in text for text in warnings) == is_told
