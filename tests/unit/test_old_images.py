"""Convolutions and operations in files of old Keras versions, against plain formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import functional, input_layer, layer, sequential, write_h5
from scoring import score_file
from tolerances import PARITY, check_close
from window_formulas import conv, conv_transpose, locally_connected, pool

from exporter.errors import UnsupportedError
from exporter.formats import read

RNG = np.random.default_rng(17)
IMAGE, SEQUENCE = (RNG.normal(size=s).astype(np.float32) for s in ((2, 6, 5, 3), (2, 8, 3)))
FIRST = IMAGE.transpose(0, 3, 1, 2)
KERNEL, KERNEL1, KERNEL_T = (
    RNG.normal(size=s).astype(np.float32) for s in ((3, 2, 3, 4), (3, 3, 4), (3, 2, 4, 3))
)
BIAS = RNG.normal(size=4).astype(np.float32)
ONE, TWO = [1, 1], [2, 2]
EXPECTED = conv(IMAGE, KERNEL, BIAS, ONE, ONE, "valid")
EXPECTED1 = conv(SEQUENCE, KERNEL1, BIAS, [1], [1], "same")


def conv2d(class_name: str, **config: Any) -> dict[str, Any]:
    """An entry with the arguments of Keras 1."""
    common = {"nb_filter": 4, "nb_row": 3, "nb_col": 2, "border_mode": "valid", "bias": True}
    return layer(class_name, "c", **{**common, "activation": "linear", **config})


def channels_first(y: np.ndarray) -> np.ndarray:
    """(rows, n..., c) -> (rows, c, n...)."""
    return np.moveaxis(y, -1, 1)


# (layer, kernel, version, backend, x, expected). Keras 1 does not write the backend: names tell it.
OLD_FILES: dict[str, tuple[dict[str, Any], np.ndarray, str, str, np.ndarray, np.ndarray]] = {
    "Keras 1, tf": (
        conv2d("Convolution2D", dim_ordering="tf", subsample=[1, 1],
               batch_input_shape=[None, 6, 5, 3]),
        KERNEL, "1.2.2", "", IMAGE, EXPECTED),
    "Keras 1, th": (
        conv2d("Convolution2D", dim_ordering="th", subsample=[1, 1],
               batch_input_shape=[None, 3, 6, 5]),
        KERNEL.transpose(3, 2, 0, 1), "1.2.2", "", FIRST, channels_first(EXPECTED)),
    "Keras 1, th, Theano": (
        conv2d("Convolution2D", dim_ordering="th", subsample=[1, 1],
               batch_input_shape=[None, 3, 6, 5]),
        KERNEL[::-1, ::-1].transpose(3, 2, 0, 1), "1.2.2", "theano", FIRST,
        channels_first(EXPECTED)),
    "Keras 1, tf, Theano": (
        conv2d("Convolution2D", dim_ordering="tf", subsample=[1, 1],
               batch_input_shape=[None, 6, 5, 3]),
        KERNEL[::-1, ::-1], "1.2.2", "theano", IMAGE, EXPECTED),
    "Keras 1, sequence, Theano": (
        layer("Convolution1D", "c", nb_filter=4, filter_length=3, border_mode="same", bias=True,
              subsample_length=1, activation="linear", input_dim=3, input_length=8),
        KERNEL1[::-1][:, None], "1.2.2", "theano", SEQUENCE, EXPECTED1),
    "Keras 1, subsample": (
        conv2d("Convolution2D", dim_ordering="tf", subsample=[2, 2], border_mode="same",
               batch_input_shape=[None, 6, 5, 3]),
        KERNEL, "1.0.8", "", IMAGE, conv(IMAGE, KERNEL, BIAS, TWO, ONE, "same")),
    "Keras 1, atrous": (
        conv2d("AtrousConvolution2D", dim_ordering="tf", atrous_rate=[2, 2],
               batch_input_shape=[None, 6, 5, 3]),
        KERNEL, "1.2.2", "", IMAGE, conv(IMAGE, KERNEL, BIAS, ONE, TWO, "valid")),
    "Keras 1, sequence": (
        layer("Convolution1D", "c", nb_filter=4, filter_length=3, border_mode="same", bias=True,
              subsample_length=1, activation="linear", input_dim=3, input_length=8),
        KERNEL1[:, None], "1.2.2", "", SEQUENCE, EXPECTED1),
    "Keras 1.1, sequence": (
        layer("Convolution1D", "c", nb_filter=4, filter_length=3, border_mode="same", bias=True,
              subsample_length=1, activation="linear", batch_input_shape=[None, 8, 3]),
        KERNEL1.transpose(2, 1, 0)[..., None], "1.0.8", "", SEQUENCE, EXPECTED1),
    "Keras 1, deconvolution": (
        conv2d("Deconvolution2D", dim_ordering="tf", subsample=[2, 2],
               batch_input_shape=[None, 6, 5, 3]),
        KERNEL_T.transpose(0, 1, 3, 2), "1.2.2", "", IMAGE,
        conv_transpose(IMAGE, KERNEL_T, BIAS, TWO, ONE, [0, 0], [0, 0])),
    "Keras 2, Theano": (
        layer("Conv2D", "c", filters=4, kernel_size=[3, 2], padding="valid", use_bias=True,
              data_format="channels_first", batch_input_shape=[None, 3, 6, 5]),
        KERNEL[::-1, ::-1], "2.1.2", "theano", FIRST, channels_first(EXPECTED)),
    "Keras 2, Theano, sequence": (
        layer("Conv1D", "c", filters=4, kernel_size=[3], padding="same", use_bias=True,
              batch_input_shape=[None, 8, 3]),
        KERNEL1[::-1], "2.1.2", "theano", SEQUENCE, EXPECTED1),
    "Keras 2, Theano, transposed": (
        layer("Conv2DTranspose", "c", filters=4, kernel_size=[3, 2], padding="valid",
              use_bias=True, strides=[2, 2], batch_input_shape=[None, 6, 5, 3]),
        KERNEL_T[::-1, ::-1], "2.1.2", "theano", IMAGE,
        conv_transpose(IMAGE, KERNEL_T, BIAS, TWO, ONE, [0, 0], [0, 0])),
    "Keras 2, CNTK": (
        layer("Conv1D", "c", filters=4, kernel_size=[3], padding="same", use_bias=True,
              batch_input_shape=[None, 8, 3]),
        KERNEL1, "2.1.2", "cntk", SEQUENCE, EXPECTED1),
}  # fmt: skip


@pytest.mark.parametrize("name", OLD_FILES)
def test_convolutions_of_old_files(name: str, tmp_path: Path) -> None:
    entry, kernel, version, backend, x, expected = OLD_FILES[name]
    suffix = "" if backend == "theano" else ":0"
    weights = {"c": [(f"c_W{suffix}", kernel), (f"c_b{suffix}", BIAS)]}
    written = "" if version.startswith("1.") else backend
    config: Any = sequential(entry)
    path = write_h5(tmp_path / "m.h5", config, weights, version, written)
    (y,) = score_file(path, [x])
    check_close(y, expected, PARITY, name)


def test_a_kernel_that_may_be_mirrored_is_refused(tmp_path: Path) -> None:
    entry, kernel, version, _, _, _ = OLD_FILES["Keras 1, th"]
    weights = {"c": [("param_0", kernel), ("param_1", BIAS)]}
    with pytest.raises(UnsupportedError, match="whether Theano trained it"):
        read(write_h5(tmp_path / "m.h5", sequential(entry), weights, version, ""))


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize(("implementation", "padding"), [(1, "valid"), (2, "valid"), (2, "same"),
                                                         (3, "valid"), (3, "same")])  # fmt: skip
def test_locally_connected_in_every_implementation(
    implementation: int, padding: str, first: bool, tmp_path: Path
) -> None:
    """One axis: with "same", Keras begins the windows half a kernel before each position."""
    x = np.pad(SEQUENCE, [(0, 0), (1, 0), (0, 0)]) if padding == "same" else SEQUENCE
    count = 4 if padding == "same" else 3
    kernel, bias = RNG.normal(size=(count, 3, 3, 4)), RNG.normal(size=(count, 4))
    expected = locally_connected(x, kernel, bias, [2])
    before = 1 if padding == "same" else 0
    full = np.zeros((8, 3, count, 4))
    for o in range(count):
        for t in range(3):
            if 0 <= o * 2 + t - before < 8:
                full[o * 2 + t - before, :, o] = kernel[o, t]
    if first:
        stored = kernel.transpose(0, 2, 1, 3).reshape(count, 9, 4)
        full = full.transpose(1, 0, 3, 2)
    else:
        stored = kernel.reshape(count, 9, 4)
    if implementation == 2:
        stored = full
    if implementation == 3:
        flat = full.reshape(24, count * 4).T  # by output, then input
        stored = flat[flat != 0]
    entry = layer(
        "LocallyConnected1D", "c", filters=4, kernel_size=[3], strides=[2], padding=padding,
        implementation=implementation, use_bias=True, activation="linear",
        data_format="channels_first" if first else "channels_last",
        batch_input_shape=[None, 3, 8] if first else [None, 8, 3],
    )  # fmt: skip
    stored_bias = bias.T.reshape(bias.shape) if first else bias
    weights = {"c": [("c/kernel:0", stored), ("c/bias:0", stored_bias)]}
    path = write_h5(tmp_path / "m.h5", sequential(entry), weights)
    (y,) = score_file(path, [np.moveaxis(SEQUENCE, -1, 1) if first else SEQUENCE])
    check_close(y, channels_first(expected) if first else expected, PARITY, "LocallyConnected1D")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (layer("MaxPooling2D", "p", pool_size=[2, 2], strides=[2, 2], border_mode="same",
               dim_ordering="th"),
         channels_first(pool(IMAGE, max, TWO, TWO, "same"))),
        (layer("ZeroPadding2D", "p", padding=[1, 2], dim_ordering="th"),
         np.pad(FIRST, [(0, 0), (0, 0), (1, 1), (2, 2)])),
        (layer("ZeroPadding2D", "p", padding=[1, 0, 2, 3], dim_ordering="th"),
         np.pad(FIRST, [(0, 0), (0, 0), (1, 0), (2, 3)])),
        (layer("ZeroPadding2D", "p", dim_ordering="th",
               padding={"top_pad": 1, "bottom_pad": 2, "left_pad": 0, "right_pad": 3}),
         np.pad(FIRST, [(0, 0), (0, 0), (1, 2), (0, 3)])),
        (layer("Cropping2D", "p", cropping=[[1, 0], [0, 2]], dim_ordering="th"),
         FIRST[:, :, 1:, :-2]),
        (layer("UpSampling2D", "p", size=[2, 1], dim_ordering="th"), FIRST.repeat(2, axis=2)),
        (layer("GlobalAveragePooling2D", "p", dim_ordering="th"), FIRST.mean(axis=(2, 3))),
    ],
)  # fmt: skip
def test_layers_of_keras_1_without_weights(
    entry: dict[str, Any], expected: np.ndarray, tmp_path: Path
) -> None:
    entry["config"]["batch_input_shape"] = [None, 3, 6, 5]
    path = write_h5(tmp_path / "m.h5", sequential(entry), {"p": []}, "1.2.2")
    (y,) = score_file(path, [FIRST])
    check_close(y, expected, PARITY, entry["class_name"])


# Operations as tf.keras wrote them: (class, configuration, inbound node, expected).
X = RNG.normal(size=(4, 3, 2)).astype(np.float32)
REF = ["x", 0, 0]
LAMBDAS: tuple[tuple[str, list[Any], np.ndarray], ...] = (
    ("__operators__.add", [*REF, {"y": 1.0, "name": None}], X + 1),
    ("math.subtract", ["_CONSTANT_VALUE", -1, 5.0, {"y": REF}], 5 - X),
    ("math.truediv", [*REF, {"y": [2.0, 4.0], "name": None}], X / [2, 4]),
    ("math.pow", [*REF, {"y": 2, "name": None}], X**2),
    ("concat", [[*REF, {"axis": -1}], [*REF, {"axis": -1}]], np.concatenate([X, X], -1)),
    ("math.reduce_mean", [*REF, {"axis": 1, "keepdims": True}], X.mean(1, keepdims=True)),
    ("linalg.matmul", [*REF, {"b": [[1.0, 2.0], [3.0, 4.0]]}], X @ [[1, 2], [3, 4]]),
    ("linalg.matmul", [*REF, {"b": REF, "transpose_b": True}], X @ X.swapaxes(1, 2)),
    ("reshape", [*REF, {"shape": [-1, 6]}], X.reshape(4, 6)),
    ("compat.v1.transpose", [*REF, {"perm": [0, 2, 1]}], X.swapaxes(1, 2)),
    ("split", [*REF, {"num_or_size_splits": [1, 2], "axis": 1}], X[:, :1]),
    ("clip_by_value", [*REF, {"clip_value_min": 0, "clip_value_max": 1}], X.clip(0, 1)),
    ("nn.relu", [*REF, {"name": None}], X.clip(0)),
    ("nn.relu", [*REF, {"name": "r"}], X.clip(0)),
    ("nn.silu", [*REF, {"beta": 1.0}], X / (1 + np.exp(-X))),
    ("nn.bias_add", [*REF, {"bias": [1.0, 2.0], "data_format": "NHWC"}], X + np.array([1, 2])),
    ("transpose", [*REF, {"perm": [0, 2, 1], "conjugate": False}], X.swapaxes(1, 2)),
    ("cast", [*REF, {"dtype": "int32"}], np.trunc(X)),
    ("stack", [[*REF, {"axis": 1}], [*REF, {"axis": 1}]], np.stack([X, X], 1)),
    ("__operators__.getitem",
     [*REF, {"slice_spec": [{"start": None, "stop": None, "step": None},
                            {"start": 1, "stop": None, "step": None}, 0]}], X[:, 1:, 0]),
    ("__operators__.getitem", [*REF, {"slice_spec": [{"class_name": "__ellipsis__"}, -1]}],
     X[..., -1]),
)  # fmt: skip


def write_operation(path: Path, entry: dict[str, Any]) -> Path:
    """A file with one operation on an input x of 3 x 2."""
    layers = [input_layer("x", (3, 2)), entry]
    config = functional(layers, [REF], [["op", 0, 0]], "Functional")
    return write_h5(path, config, {"x": [], "op": []}, "2.13.1")


@pytest.mark.parametrize(("function", "node", "expected"), LAMBDAS)
def test_operations_of_tf_keras(
    function: str, node: list[Any], expected: np.ndarray, tmp_path: Path
) -> None:
    name = "SlicingOpLambda" if function.endswith("getitem") else "TFOpLambda"
    entry = layer(name, "op", [node], function=function)
    (y,) = score_file(write_operation(tmp_path / "m.h5", entry), [X])
    check_close(y, expected, PARITY, function)


@pytest.mark.parametrize(
    ("node", "constants", "expected"),
    [
        ('{"op": "AddV2", "attr": {"T": {"type": "DT_FLOAT"}}}', {"1": 2.0}, X + 2),
        ('{"op": "RealDiv"}', {"0": 1.0}, 1 / X),
        ('{"op": "Mean", "attr": {"keep_dims": {"b": true}}}', {"1": [2]},
         X.mean(2, keepdims=True)),
        ('{"op": "Cast", "attr": {"SrcT": {"type": "DT_FLOAT"}, "DstT": {"type": "DT_INT32"},'
         ' "Truncate": {"b": false}}}', {}, np.trunc(X)),
        ('{"op": "Sum", "attr": {"keep_dims": {"b": false}}}', {"1": 1}, X.sum(1)),
        ('{"op": "Reshape"}', {"1": [-1, 6]}, X.reshape(4, 6)),
        ('{"op": "StridedSlice", "attr": {"begin_mask": {"i": "1"}, "end_mask": {"i": "1"},'
         ' "shrink_axis_mask": {"i": "2"}}}', {"1": [0, 1], "2": [0, 2], "3": [1, 1]}, X[:, 1]),
        ('{"op": "Relu"}', {}, X.clip(0)),
        ('{"op": "Einsum", "attr": {"equation": {"s": "YmlqLGprLT5iaWs="}, "N": {"i": "2"}}}',
         {"1": [[1.0, 0.0, 2.0], [0.5, -1.0, 1.0]]},
         X @ np.array([[1.0, 0.0, 2.0], [0.5, -1.0, 1.0]])),
    ],
)  # fmt: skip
def test_nodes_of_tf_keras_2_0(
    node: str, constants: dict[str, Any], expected: np.ndarray, tmp_path: Path
) -> None:
    entry = layer(
        "TensorFlowOpLayer", "op", [[["x", 0, 0, {}]]], node_def=node, constants=constants
    )
    (y,) = score_file(write_operation(tmp_path / "m.h5", entry), [X])
    check_close(y, expected, PARITY, node)


@pytest.mark.parametrize(
    ("function", "kwargs", "reason"),
    [
        ("math.bessel_i0", {}, "operation tf.math.bessel_i0 is not supported"),
        ("sparse.add", {"b": 1.0}, "operation tf.sparse.add is not supported"),
        ("math.reduce_mean", {"axis": None}, "across the rows"),
        ("math.reduce_mean", {"axis": 0}, "across the rows"),
        ("reshape", {"shape": [-1, 2]}, "across the rows"),
        ("reshape", {"shape": [4, 6]}, "across the rows"),
        ("compat.v1.transpose", {"perm": [1, 0, 2]}, "across the rows"),
        ("expand_dims", {"axis": 0}, "across the rows"),
        ("math.add", {"y": [[[[1.0]], [[2.0]]]]}, "across the rows"),
        ("cast", {"dtype": "complex64"}, "casts to complex64"),
        ("cast", {"dtype": "uint8"}, "casts to uint8"),
        ("nn.silu", {"beta": 2.0}, "beta = 2.0"),
        ("nn.bias_add", {"bias": [1.0, 2.0], "data_format": "NCHW"}, "data_format"),
        ("nn.relu", {"negative_slope": 0.5}, "negative_slope = 0.5"),
        ("math.reduce_sum", {"axis": 1, "keep_everything": True}, "keep_everything = True"),
        ("linalg.normalize", {"axis": 1}, "tf.linalg.normalize is not supported"),
        ("math.add", {"y": None}, "is not a number"),
        ("math.add", {"y": "1.5"}, "is not a number"),
        ("where", {"x": None, "y": None}, "is not a number"),
    ],
)
def test_operations_that_cannot_be_exported_are_named(
    function: str, kwargs: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    entry = layer("TFOpLambda", "op", [[*REF, kwargs]], function=function)
    with pytest.raises(UnsupportedError, match=reason):
        read(write_operation(tmp_path / "m.h5", entry))


def test_einsum_whose_tensors_tf_keras_did_not_save(tmp_path: Path) -> None:
    entry = layer("TFOpLambda", "op", [["_CONSTANT_VALUE", -1, "bij,bjk->bik", {}]])
    entry["config"]["function"] = "einsum"
    with pytest.raises(UnsupportedError, match=r"leaves them out when it saves tf\.einsum"):
        read(write_operation(tmp_path / "m.h5", entry))


@pytest.mark.parametrize(
    ("class_name", "config"),
    [
        ("UpSampling2D", {"size": [10**12, 10**12]}),
        ("UpSampling2D", {"size": [10**12, 1], "interpolation": "bilinear"}),
        ("UpSampling2D", {"size": [-1, 1]}),
        ("MaxPooling2D", {"pool_size": [10**12, 10**12], "padding": "same"}),
        ("MaxPooling2D", {"pool_size": [0, 0]}),
        ("MaxPooling2D", {"strides": [-1, 1]}),
        ("ZeroPadding2D", {"padding": [10**12, 10**12]}),
        ("Cropping2D", {"cropping": [3, 3]}),
        ("Resizing", {"height": 10**12, "width": 3}),
        ("LocallyConnected2D", {"filters": 10**12, "kernel_size": [2, 2]}),
        ("Conv2D", {"filters": "many", "kernel_size": "large"}),
        ("CategoryEncoding", {"num_tokens": 10**12}),
        ("IntegerLookup", {"vocabulary": [[1], [2, 3]]}),
        ("IntegerLookup", {"vocabulary": [2**40]}),
        ("IntegerLookup", {"vocabulary": None}),
        ("Discretization", {"bin_boundaries": [2.0, 1.0]}),
        ("ConvLSTM2D", {"filters": 2, "kernel_size": [3, 3]}),
        ("ConvLSTM2D", {}),
        ("StringLookup", {}),
        ("TextVectorization", {}),
    ],
)
def test_senseless_settings_are_refused_at_once(
    class_name: str, config: dict[str, Any], tmp_path: Path
) -> None:
    entry = layer(class_name, "l", **config, batch_input_shape=[None, 5, 5, 2])
    with pytest.raises(UnsupportedError, match='layer "l"'):
        read(write_h5(tmp_path / "m.h5", sequential(entry), {"l": []}))
