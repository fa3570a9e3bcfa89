"""Names and formulas that changed between versions: a file is read by the Keras that saved it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import functional, input_layer, layer, sequential, write_h5
from scoring import score_file
from tolerances import PARITY, check_close

from exporter.errors import UnsupportedError
from exporter.formats import read
from exporter.formats.keras.version import KerasVersion, parse_version
from exporter.ir.passes import simplify

REF = ["x", 0, 0]
INPUT = {"batch_input_shape": [None, 3]}


def activated(folder: Path, name: str, version: str | None) -> Path:
    """A file of one activation."""
    entry = layer("Activation", "a", activation=name, **INPUT)
    return write_h5(folder / "m.h5", sequential(entry), {"a": []}, version)


def network(folder: Path, version: str, *layers: dict[str, Any], **declared: Any) -> Path:
    """A Functional of one input x, declared so, and layers one after another."""
    before = "x"
    chained = []
    for item in layers:
        name = item["config"]["name"]
        chained.append(item | {"name": name, "inbound_nodes": [[[before, 0, 0, {}]]]})
        before = name
    shape = declared.pop("shape", [3])
    entry = input_layer("x", shape, batch_input_shape=[None, *shape], **declared)
    config = functional([entry, *chained], [REF], [[before, 0, 0]])
    return write_h5(
        folder / "m.h5", config, {item["config"]["name"]: [] for item in layers}, version
    )


def test_the_patch_is_part_of_a_version() -> None:
    assert parse_version("2.2.4-tf") == KerasVersion(2, 2, True, 4)
    assert parse_version("3.0.1") == KerasVersion(3, 0, False, 1)
    assert str(parse_version("2.2.4-tf")) == "2.2.4-tf"
    assert parse_version("unknown") > parse_version("1.0.3")


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("softsign", "1.0.2"), ("elu", "1.1.0"), ("selu", "2.0.5"), ("exponential", "2.2.2"),
        ("exponential", "2.1.6-tf"), ("swish", "2.2.4-tf"), ("swish", "2.3.1"),
        ("gelu", "2.2.4"), ("gelu", "2.3.1"), ("gelu", "2.2.4-tf"), ("gelu", "2.4.0"),
        ("mish", "2.12.0"), ("mish", "2.2.4"), ("celu", "3.6.0"), ("celu", "2.15.0"),
        ("squareplus", "3.6.0"), ("sparsemax", "3.7.0"), ("sparsemax", "2.15.0"),
        ("hard_silu", "3.0.0"), ("hard_silu", "2.15.0"), ("hard_swish", "2.15.0"),
        ("silu", "2.15.0"), ("leaky_relu", "2.15.0"), ("sparse_sigmoid", "3.9.2"),
        ("glu", "3.6.0"), ("log_sigmoid", "3.5.0"), ("gelu", None),
    ],
)  # fmt: skip
def test_an_activation_older_than_its_name_is_the_authors_own(
    name: str, version: str | None, tmp_path: Path
) -> None:
    with pytest.raises(UnsupportedError, match=f'"{name}" came with .*model\'s author'):
        read(activated(tmp_path, name, version))


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("softsign", "1.0.3"), ("softsign", None), ("elu", "1.1.1"), ("selu", "2.0.6"),
        ("exponential", "2.2.3"), ("exponential", "2.2.4-tf"), ("swish", "2.3.0-tf"),
        ("gelu", "2.5.0"), ("gelu", "3.0.0"), ("mish", "2.13.1"), ("celu", "3.7.0"),
        ("squareplus", "3.7.0"), ("sparsemax", "3.8.0"), ("hard_silu", "3.0.1"),
        ("silu", "3.0.0"), ("leaky_relu", "3.0.0"), ("sparse_sigmoid", "3.10.0"),
        ("relu6", "2.1.2"), ("softmax_v2", "2.4.0"), ("log_softmax", "2.4.0"),
        ("selu", "2.1.6-tf"),
    ],
)  # fmt: skip
def test_an_activation_that_the_files_keras_had_is_read(
    name: str, version: str | None, tmp_path: Path
) -> None:
    assert read(activated(tmp_path, name, version)).nodes


@pytest.mark.parametrize(
    ("class_name", "config", "version"),
    [
        ("LayerNormalization", {}, "2.2.4"), ("LayerNormalization", {}, "2.1.6-tf"),
        ("Attention", {}, "2.3.1"), ("MultiHeadAttention", {}, "2.2.4-tf"),
        ("UnitNormalization", {}, "2.8.0"), ("Rescaling", {"scale": 2.0}, "2.2.4-tf"),
        ("Softmax", {}, "2.1.2"), ("Subtract", {}, "2.0.6"), ("Identity", {}, "2.11.0"),
        ("ReLU", {}, "2.1.6"), ("GroupNormalization", {}, "2.2.4"),
    ],
)  # fmt: skip
def test_a_class_older_than_its_name_is_the_authors_own(
    class_name: str, config: dict[str, Any], version: str, tmp_path: Path
) -> None:
    entry = layer(class_name, "own", **config)
    with pytest.raises(UnsupportedError, match=r"this class came with .* model's author"):
        read(network(tmp_path, version, entry))


ROW = np.array([0.0, 1.0, 2.0])
CORNERS = [0, 0.5, 1, 1.5, 2, 2]
CENTERS = [0, 0.25, 0.75, 1.25, 1.75, 2]


@pytest.mark.parametrize(
    ("version", "declared", "expected"),
    [
        ("2.2.3", {}, CORNERS), ("2.2.4", {}, CORNERS), ("2.3.1", {}, CORNERS),
        ("2.1.6-tf", {}, CORNERS), ("2.2.4-tf", {"ragged": False}, CENTERS),
        ("2.3.0-tf", {}, CENTERS), ("2.4.0", {}, CENTERS), ("2.15.0", {}, CENTERS),
        ("3.5.0", {}, CENTERS),
    ],
)  # fmt: skip
def test_bilinear_upsampling_is_that_of_the_files_keras(
    version: str, declared: dict[str, Any], expected: list[float], tmp_path: Path
) -> None:
    entry = layer("UpSampling2D", "up", size=[1, 2], interpolation="bilinear")
    path = network(tmp_path, version, entry, shape=[1, 3, 1], **declared)
    (y,) = score_file(path, [ROW.reshape(1, 1, 3, 1)])
    check_close(y.ravel(), np.array(expected), PARITY, version)


def test_bilinear_upsampling_of_tensorflow_1_in_two_directions(tmp_path: Path) -> None:
    """By the formula of resize_bilinear: new pixel i lies at i * n / length of the old ones."""
    entry = layer("UpSampling2D", "up", size=[3, 2], interpolation="bilinear")
    path = network(tmp_path, "2.2.4", entry, shape=[4, 5, 2])
    x = np.random.default_rng(3).normal(size=(2, 4, 5, 2))
    (y,) = score_file(path, [x], "float64")
    for row, column in np.ndindex(12, 10):
        a, b = row / 3, column / 2
        i, j = int(a), int(b)
        k, m = min(i + 1, 3), min(j + 1, 4)
        top = x[:, i, j] * (1 - (b - j)) + x[:, i, m] * (b - j)
        low = x[:, k, j] * (1 - (b - j)) + x[:, k, m] * (b - j)
        check_close(y[:, row, column], top * (1 - (a - i)) + low * (a - i), PARITY, "pixel")


def test_whole_numbers_are_interpolated_as_fractions_in_keras_2_only(tmp_path: Path) -> None:
    """Keras 3 cuts the results off, since 3.6 Resizing rounds them; the input is of uint8."""
    entry = layer("Resizing", "r", height=1, width=6, interpolation="bilinear")
    path = network(tmp_path, "2.15.0", entry, shape=[1, 3, 1], dtype="uint8")
    (y,) = score_file(path, [np.array([0, 1, 2]).reshape(1, 1, 3, 1)])
    check_close(y.ravel(), np.array(CENTERS), PARITY, "uint8")
    for version in ("3.0.0", "3.12.0"):
        with pytest.raises(UnsupportedError, match=r"between whole numbers.*Rescaling\(1\.0\)"):
            read(network(tmp_path, version, entry, shape=[1, 3, 1], dtype="uint8"))


@pytest.mark.parametrize("dtype", ["int32", "uint8"])
def test_means_of_whole_numbers_lose_their_fractions_in_keras_2(dtype: str, tmp_path: Path) -> None:
    """TensorFlow's mean of whole numbers is a whole number; Keras 3 makes float32 of them first."""
    entry = layer("GlobalAveragePooling1D", "g")
    rows = [np.array([[[1], [2]]])]
    with pytest.raises(UnsupportedError, match="takes a mean of whole numbers"):
        read(network(tmp_path, "2.15.0", entry, shape=[2, 1], dtype=dtype))
    rescaled = layer("Rescaling", "r", scale=1.0)
    for version, layers in (("2.15.0", [rescaled, entry]), ("3.5.0", [entry])):
        path = network(tmp_path, version, *layers, shape=[2, 1], dtype=dtype)
        assert score_file(path, rows)[0].tolist() == [[1.5]]


def test_bilinear_upsampling_of_an_ambiguous_version_is_refused(tmp_path: Path) -> None:
    entry = layer("UpSampling2D", "up", size=[2, 2], interpolation="bilinear")
    with pytest.raises(UnsupportedError, match=r"1\.13 and 1\.14.*keras_version"):
        read(network(tmp_path, "2.2.4-tf", entry, shape=[2, 3, 1]))
    nearest = layer("UpSampling2D", "up", size=[2, 2], interpolation="nearest")
    assert read(network(tmp_path, "2.2.4-tf", nearest, shape=[2, 3, 1])).nodes


X = np.array([[-2.7, -0.5, 0.0], [0.4, 1.9, 7.0]])


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("int32", np.trunc(X)), ("int64", np.trunc(X)), ("int8", np.trunc(X)),
        ("bool", X != 0), ("float32", X), ("float64", X),
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", ["2.2.4", "2.9.0", "3.5.0"])
def test_inputs_become_numbers_of_their_type(
    version: str, dtype: str, expected: np.ndarray, tmp_path: Path
) -> None:
    path = network(tmp_path, version, layer("LeakyReLU", "r", alpha=0.5), dtype=dtype)
    (y,) = score_file(path, [X])
    e = expected.astype(np.float64)
    check_close(y, np.where(e >= 0, e, 0.5 * e), PARITY, dtype)
    assert bool(read(path).warnings) == (dtype == "int8")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "complex64"])
def test_inputs_of_other_types_are_refused(dtype: str, tmp_path: Path) -> None:
    path = network(tmp_path, "3.5.0", layer("LeakyReLU", "r"), dtype=dtype)
    with pytest.raises(UnsupportedError, match=f'"x".*its dtype is {dtype}'):
        read(path)


def test_whole_numbers_that_are_looked_up_need_no_truncation(tmp_path: Path) -> None:
    """There a fraction is an error, so that the network, and its version, stay what they were."""
    entry = layer("Embedding", "e", input_dim=5, output_dim=2)
    config = functional(
        [input_layer("x", [3], batch_input_shape=[None, 3], dtype="int32"),
         entry | {"name": "e", "inbound_nodes": [[[*REF, {}]]]}],
        [REF], [["e", 0, 0]])  # fmt: skip
    table = ("e/embeddings", np.arange(10.0).reshape(5, 2))
    path = write_h5(tmp_path / "m.h5", config, {"e": [table]}, "2.9.0")
    assert [node.op.kernel_name for node in simplify(read(path)).nodes] == ["embedding"]
    with pytest.raises(ValueError, match=r"0\.5"):
        score_file(path, [np.array([[0, 0.5, 1]])])


def test_relu_above_a_threshold_takes_minus_infinity_and_nan_for_zero(tmp_path: Path) -> None:
    """As the Keras of today, whoever saved the file; 3.5 itself multiplied with 0, and got NaN."""
    path = network(tmp_path, "3.5.0", layer("ReLU", "r", threshold=1.0))
    (y,) = score_file(path, [np.array([[-np.inf, 0.5, np.inf], [np.nan, 1.5, -3]])])
    np.testing.assert_array_equal(y, [[0, 0, np.inf], [0, 1.5, 0]])


def test_whole_numbers_have_no_negative_zero(tmp_path: Path) -> None:
    path = network(tmp_path, "3.5.0", layer("LeakyReLU", "r", alpha=0.5), dtype="int32")
    (y,) = score_file(path, [np.array([[-0.5, 0.5, -1.0]])])
    assert not np.signbit(y[0, 0])


def test_sums_of_small_whole_numbers_are_refused(tmp_path: Path) -> None:
    """In uint8, 200 + 100 is 44."""
    entry = layer("Add", "sum", [[["x", 0, 0, {}], ["x", 0, 0, {}]]])
    for dtype, is_refused in (("uint8", True), ("int16", True), ("bool", True), ("int32", False)):
        declared = input_layer("x", [3], batch_input_shape=[None, 3], dtype=dtype)
        config = functional([declared, entry], [REF], [["sum", 0, 0]])
        path = write_h5(tmp_path / "m.h5", config, {"sum": []}, "3.5.0")
        if is_refused:
            with pytest.raises(UnsupportedError, match=r"by keras\.ops\.cast"):
                read(path)
        else:
            assert read(path).nodes
