"""Calls of keras.ops with every argument that each function takes, as data.

ARGUMENTS holds, for a function of keras.ops, calls of it besides the plain one: keyword arguments,
and with `refused` those that the reader must refuse. tests/parity/test_arguments.py compares the
scores of each call with Keras, and asks the signatures of the installed Keras whether an argument
is missing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Call:
    """A call: its arguments, the shapes of its tensors, whether it is to be refused.

    positive: the tensors hold numbers above 0 only. listed: it takes a list of tensors.
    """

    arguments: Mapping[str, Any]
    shapes: tuple[tuple[int, ...], ...] = ((4, 3),)
    is_refused: bool = False
    positive: bool = False
    listed: bool = False


def call(*shapes: tuple[int, ...], **arguments: Any) -> Call:
    """A call that scores as in Keras."""
    return Call(arguments, shapes or ((4, 3),))


def refused(*shapes: tuple[int, ...], **arguments: Any) -> Call:
    """A call that is refused."""
    return Call(arguments, shapes or ((4, 3),), is_refused=True)


def joined(**arguments: Any) -> Call:
    """A call with a list of two tensors."""
    return Call(arguments, ((4, 3), (4, 3)), listed=True)


REDUCTION = (
    call(axis=1), call(axis=-1, keepdims=True), call(axis=(1, 2)), refused(axis=None),
    refused(axis=0), refused(axis=(0, 1)),
)  # fmt: skip
PAIR = (call((4, 3), (4, 3)), call((4, 3), (1, 3)))
POSITIVE_PAIR = (Call({}, ((4, 3), (4, 3)), positive=True),)
GRID = np.linspace(-1.5, 2.0, 12).reshape(4, 3).astype("float32")

ARGUMENTS: dict[str, tuple[Call, ...]] = {
    **{
        name: (call(),)
        for name in (
            "abs", "absolute", "arctan", "ceil", "copy", "cos", "cosh", "erf", "exp",
            "expm1", "fabs", "floor", "hard_sigmoid", "hard_silu", "hard_tanh", "isfinite",
            "isinf", "isnan",
            "log_sigmoid",
            "logical_not", "negative",
            "relu", "relu6", "selu", "sigmoid", "sign", "silu", "sin", "sinh", "softplus",
            "softsign", "sparse_plus", "sparse_sigmoid", "square", "stop_gradient", "swish", "tan",
            "tanh", "tanh_shrink", "trunc",
        )
    },
    **{
        name: (Call({}, positive=True),)
        for name in ("log", "log1p", "reciprocal", "rsqrt", "sqrt")
    },
    **dict.fromkeys(
        ("add", "logical_and", "logical_or", "logical_xor", "maximum", "minimum", "multiply",
         "subtract"), PAIR
    ),
    **dict.fromkeys(("divide", "power", "true_divide"), POSITIVE_PAIR),
    **dict.fromkeys(("all", "amax", "amin", "any", "mean", "std", "sum", "var"), REDUCTION),
    "max": (*REDUCTION, call(axis=1, initial=0.25), call(axis=(1, 2), initial=-7.0),
            call(axis=2, keepdims=True, initial=0.5)),
    "min": (*REDUCTION, call(axis=1, initial=-0.25), call(axis=(1, 2), initial=7.0),
            call(axis=2, keepdims=True, initial=-0.5)),
    "prod": (*REDUCTION, call(axis=1, dtype="float32"), refused(axis=1, dtype="int32"),
             refused(axis=1, dtype="float16")),
    "cast": (call(dtype="int32"), call(dtype="int64"), call(dtype="bool"), call(dtype="float64"),
             *(refused(dtype=name) for name in (
                 "float16", "bfloat16", "int8", "uint8", "int16", "uint16", "uint32"))),
    "convert_to_tensor": (call(), call(dtype="float32"), call(dtype="int32"), call(dtype="bool"),
                          refused(dtype="float16"), call(sparse=False), call(ragged=False)),
    "celu": (call(alpha=0.3), call(alpha=2.0)),
    "elu": (call(alpha=0.3), refused(alpha=float("inf"))),
    "clip": (call(x_min=-0.5, x_max=0.25), call(x_min=0.0, x_max=float("inf")),
             call(x_min=float("-inf"), x_max=1.0), call(x_min=0, x_max=1),
             refused(x_min=0.5, x_max=0.25), refused(x_min=float("inf"), x_max=float("inf"))),
    "concatenate": (joined(axis=1), joined(axis=-1)),
    "stack": (joined(axis=1), joined(axis=-1), joined(axis=2)),
    **{
        name: (*PAIR, call(x2=0.0), call(x2=GRID.tolist()), call(x2=float("inf")),
               call(x2=float("nan")))
        for name in ("equal", "greater", "greater_equal", "less", "less_equal", "not_equal")
    },
    **dict.fromkeys(("argmax", "argmin"), (
        call(axis=1), call(axis=-1, keepdims=True), refused(axis=0), refused(axis=None))),
    **dict.fromkeys(("cumsum", "cumprod"), (
        call(axis=1), call(axis=-1, dtype="float32"), refused(axis=1, dtype="float16"),
        call(axis=1, dtype="int32"), call(axis=-1, dtype="int64"),
        refused(axis=0), refused(axis=None))),
    "einsum": (call((4, 3), (4, 3), subscripts="bij,bij->bi"),
               call((4, 3), (3, 4), subscripts="bij,bjk->bik"),
               refused((4, 3), (4, 3), subscripts="bij,bij->ij"),
               refused((4, 3), (4, 3), subscripts="bij,bkj")),
    **dict.fromkeys(("floor_divide", "mod"), POSITIVE_PAIR),
    "norm": (call(axis=1), call(axis=-1, keepdims=True), call(ord=1, axis=1),
             call(ord=3, axis=2), call(ord="fro", axis=(1, 2)), refused(axis=None),
             refused(ord="nuc", axis=(1, 2)), refused(ord=2, axis=(1, 2)), refused(axis=0)),
    "one_hot": (call(num_classes=3), call(num_classes=2, axis=1),
                call(num_classes=2, dtype="int32"),
                refused(num_classes=3, dtype="float16"), refused(num_classes=3, sparse=True),
                refused(num_classes=3, axis=0)),
    "expand_dims": (call(axis=1), call(axis=-1), refused(axis=0)),
    "gelu": (call(approximate=True), call(approximate=False)),
    "get_item": (call(key=(slice(None), 1)),),
    "glu": (call((4, 6), axis=1), call((4, 6), axis=-1)),
    "leaky_relu": (call(negative_slope=0.4), refused(negative_slope=float("inf"))),
    "log_softmax": (call(axis=1), call(axis=-1), refused(axis=0)),
    "matmul": (call((4, 3), (3, 2)), call(x2=GRID.T)),
    "moveaxis": (call(source=1, destination=2), call(source=(1, 2), destination=(2, 1)),
                 refused(source=0, destination=1)),
    "normalize": (call(axis=1), call(axis=-1, epsilon=0.5), refused(axis=-1, order=1),
                  refused(axis=-1, order=3)),
    "ones_like": (call(), call(dtype="float32"), call(dtype="int32")),
    "zeros_like": (call(), call(dtype="float32"), call(dtype="int32")),
    "pad": (call(pad_width=((0, 0), (1, 2), (0, 1))),
            call(pad_width=((0, 0), (1, 0), (2, 1)), constant_values=3.5),
            call(pad_width=((0, 0), (1, 0), (2, 1)), mode="constant", constant_values=-1),
            call(pad_width=((0, 0), (1, 0), (2, 1)), constant_values=float("-inf")),
            refused(pad_width=((0, 0), (1, 1), (1, 1)), mode="reflect"),
            refused(pad_width=((0, 0), (1, 1), (1, 1)), mode="symmetric")),
    "repeat": (call(repeats=3, axis=1), call(repeats=2, axis=-1),
               refused(repeats=[1, 2, 1, 3], axis=1), refused(repeats=2)),
    "reshape": (call(newshape=(-1, 12)), call(newshape=(-1, 2, 6)), refused(newshape=(-1, 6))),
    "round": (call(), call(decimals=1), call(decimals=3), call(decimals=-1)),
    "softmax": (call(axis=1), call(axis=-1), refused(axis=0)),
    "sparsemax": (call(axis=-1),),
    "split": (call(indices_or_sections=2, axis=1), call(indices_or_sections=[1, 3], axis=1),
              call(indices_or_sections=3, axis=-1), refused(indices_or_sections=2, axis=0)),
    "squareplus": (call(), call(b=0), call(b=1.5), call(b=9)),
    "squeeze": (call((4, 1, 3), axis=2), call((1, 4, 1))),
    "swapaxes": (call(axis1=1, axis2=2), call(axis1=-1, axis2=1), refused(axis1=0, axis2=1)),
    "tile": (call(repeats=(1, 2, 3)), refused(repeats=(2, 1, 1))),
    "transpose": (call(axes=(0, 2, 1)), refused(axes=(1, 0, 2)), refused(axes=None)),
    "unstack": (call(axis=1), call(num=4, axis=1), call(num=3, axis=-1)),
    "where": (call((4, 3), (4, 3), (4, 3)), refused()),
}  # fmt: skip
# Functions that take what no tensor of a model is.
NOT_IN_MODELS = {"identity": "takes the size of a matrix", "select": "takes lists of conditions",
                 "shape": "gives numbers, not a tensor"}  # fmt: skip
