"""Operations that compare numbers, find them, add them up: of keras.ops and of TensorFlow.

Importing this module enters them into the table of operations.
"""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.layers.einsum import contract
from exporter.formats.keras.layers.operations import (
    ADVICE,
    MAX_PARTS,
    NODES,
    Arguments,
    Lower,
    _array,
    _as_dtype,
    _axes,
    _axis,
    _holds,
    _operands,
    _value,
    meet_array,
    operation,
)
from exporter.ir.ops import (
    Affine,
    Compare,
    Constant,
    Cumulate,
    Divide,
    FindExtreme,
    NotEqual,
    Power,
    Reduce,
    Reshape,
    Transpose,
    Unary,
)

OPS = ("Compare", "Cumulate", "FindExtreme")


def _comparison(function: str) -> Lower:
    def lower(context: Context, given: Arguments) -> list[Value]:
        pair = [given.get(0, "x", "x1"), given.get(1, "y", "x2")]
        if given.get(None, "incompatible_shape_error", default=True) is not True:
            context.refuse("it compares tensors whose shapes may not fit", ADVICE)
        if function in ("equal", "not_equal") and not isinstance(pair[1], Value):
            number = _array(context, pair[1])
            if not number.shape and np.isfinite(number):  # so Keras 3 writes its masks
                differs = context.emit(NotEqual(float(number)), _value(context, pair[0]))
                return [differs if function == "not_equal" else _negation(context, differs)]
        return [context.emit(Compare(function), *_operands(context, pair))]

    return lower


for _name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"):
    operation(_name)(_comparison(_name))


def _negation(context: Context, x: Value) -> Value:
    one = np.ones((1,) * len(x.shape))
    op = Affine(context.constant(-one), context.constant(one))
    builder = context.builder
    y = builder.emit(op, [x], context.layer.name, context.dtype or builder.dtype_of(x))
    builder.integers.add(y.number)
    return y


@operation("logical_not")
def _logical_not(context: Context, given: Arguments) -> list[Value]:
    return [_negation(context, _holds(context, given.get(0, "x")))]


@operation("logical_xor")
def _logical_xor(context: Context, given: Arguments) -> list[Value]:
    pair = [_holds(context, x) for x in (given.get(0, "x", "x1"), given.get(1, "y", "x2"))]
    return [context.emit(Compare("not_equal"), *_operands(context, pair))]


@operation("floor_divide", "floordiv", "floor_div")
def _floor_divide(context: Context, given: Arguments) -> list[Value]:
    pair = _operands(context, [given.get(0, "x", "x1"), given.get(1, "y", "x2")])
    builder = context.builder
    builder.check_exact(pair)
    is_whole = builder.is_integer(*({x.number for x in pair} - builder.whole_constants))
    dtype = builder.dtype_of(*pair) if is_whole else context.dtype
    y = builder.emit(Divide(), pair, context.layer.name, dtype)
    y = builder.emit(Unary("floor"), [y], context.layer.name, dtype)
    if is_whole:
        builder.integers.add(y.number)
    return [y]


def _position(function: str) -> Lower:
    def lower(context: Context, given: Arguments) -> list[Value]:
        x = _value(context, given.get(0, "x", "input"))
        keepdims = bool(given.get(2, "keepdims", default=False)) and _is_keras(context)
        _check_type(context, given.get(None, "output_type"))
        axis = _axis(context, given.get(1, "axis"), len(x.shape))
        y = context.emit(FindExtreme(function, axis), x)
        if keepdims:
            y = context.emit(_shaped(context, (*y.shape[:axis], 1, *y.shape[axis:])), y)
        return [y]

    return lower


operation("argmax")(_position("max"))
operation("argmin")(_position("min"))


def _cumulation(function: str) -> Lower:
    def lower(context: Context, given: Arguments) -> list[Value]:
        x = _value(context, given.get(0, "x"))
        axis = _axis(context, given.get(1, "axis"), len(x.shape))
        for key in ("exclusive", "reverse"):
            if given.get(None, key, default=False):
                context.refuse(f"it adds up {key}ly" if key == "exclusive" else "it adds up in"
                               " reverse", ADVICE)  # fmt: skip
        if _is_keras(context):
            dtype = given.get(2, "dtype")
            _check_type(context, dtype)
            x = x if dtype is None else _as_dtype(context, x, dtype)  # Keras casts, then adds
        return [context.emit(Cumulate(function, axis), x)]

    return lower


operation("cumsum")(_cumulation("sum"))
operation("cumprod")(_cumulation("prod"))


@operation("one_hot")
def _one_hot(context: Context, given: Arguments) -> list[Value]:
    """1 at the place that x names, 0 elsewhere; nowhere 1 where x is no place."""
    x = _value(context, given.get(0, "x", "indices"))
    depth = given.get(1, "num_classes", "depth")
    if isinstance(depth, bool) or not isinstance(depth, int) or not 1 <= depth <= MAX_PARTS:
        context.refuse(f"its number of classes is {str(depth)[:40]}", "Give it a whole number.")
    if _is_keras(context):
        axis, dtype = given.get(2, "axis", default=-1), given.get(3, "dtype")
        if given.get(4, "sparse", default=False):
            context.refuse("it gives a sparse tensor", "Build it without sparse.")
    else:
        axis, dtype = given.get(4, "axis"), given.get(5, "dtype")
        on, off = given.get(2, "on_value"), given.get(3, "off_value")
        if on not in (None, 1, True) or off not in (None, 0, False):
            context.refuse("its on_value and off_value are not 1 and 0", ADVICE)
    _check_type(context, dtype)
    rank = len(x.shape)
    place = _axis(context, -1 if axis is None else axis, rank + 1)
    whole = context.emit(_shaped(context, (*x.shape, 1)), context.emit(Unary("trunc"), x))
    numbers = context.emit(
        Constant(context.constant(np.arange(depth).reshape((1,) * rank + (depth,))))
    )
    y = context.emit(Compare("equal"), whole, numbers)
    order = [*range(rank)]
    order.insert(place, rank)
    return [y if place == rank else context.emit(Transpose(tuple(order)), y)]


@operation("norm")
def _norm(context: Context, given: Arguments) -> list[Value]:
    """The length of vectors along an axis, or of matrices along two."""
    x = _value(context, given.get(0, "x", "tensor"))
    order = given.get(1, "ord")
    keepdims = bool(given.get(3, "keepdims", default=False))
    given_axes = given.get(2, "axis")
    axes = _axes(context, given_axes, len(x.shape))
    if isinstance(given_axes, list) and len(given_axes) != len(axes):
        context.refuse(f"its axis is {given_axes!r}", "Name each axis once.")
    if isinstance(order, dict):  # infinity, as Keras 3 may write it
        order = float(_array(context, order))
    if order in (None, "euclidean", "fro") or (order == 2 and len(axes) == 1):
        squares = context.emit(Unary("square"), x)
        return [context.emit(Unary("sqrt"), context.emit(Reduce("sum", axes, keepdims), squares))]
    sizes = context.emit(Unary("abs"), x)
    if len(axes) != 1 or isinstance(order, (str, bool)) or not isinstance(order, (int, float)):
        context.refuse(f"its order is {order!r} along {len(axes)} axes", ADVICE)
    if math.isinf(order):
        return [context.emit(Reduce("max" if order > 0 else "min", axes, keepdims), sizes)]
    if order == 0:
        return [context.emit(Reduce("sum", axes, keepdims), context.emit(NotEqual(0.0), x))]
    if order == 1:
        return [context.emit(Reduce("sum", axes, keepdims), sizes)]
    powers = context.emit(Power(), *_operands(context, [sizes, float(order)]))
    total = context.emit(Reduce("sum", axes, keepdims), powers)
    return [context.emit(Power(), *_operands(context, [total, 1 / order]))]


@operation("einsum")
def _einsum(context: Context, given: Arguments) -> list[Value]:
    """Products of tensors and constants, summed along the axes that the result does not name."""
    settings = context.config if _is_keras(context) else {}
    equation = settings.get("subscripts")
    items: list[Any] = [given.get(n) for n in range(len(given.args))]
    given.get(None, "subscripts")
    if equation is None:
        equation, *items = items
    if not items:
        context.refuse(
            f"the file holds its equation {str(equation)[:60]!r} without the tensors: tf.keras"
            " leaves them out when it saves tf.einsum, and cannot load the file either",
            "Build the model with EinsumDense, Dense, Permute and Dot layers instead, copy the"
            " weights and save that.",
        )
    if len(items) == 1 and isinstance(items[0], list) and isinstance(items[0][0], Value):
        items = items[0]
    for array in items:
        items = [meet_array(context, x, array) if isinstance(x, Value) else x for x in items]
    return [contract(context, equation, items)]


def _einsum_node(context: Context, given: Arguments) -> list[Value]:
    equation = base64.b64decode(given.get(None, "equation")).decode("ascii")
    return [contract(context, equation, given.all_by_position())]


NODES["einsum"] = _einsum_node


def _is_keras(context: Context) -> bool:
    """Whether it is one of keras.ops, not of TensorFlow."""
    return "function" not in context.config and "node_def" not in context.config


def _check_type(context: Context, dtype: Any) -> None:
    """Refuse a type of the result in which the numbers would not be the same."""
    name = str(dtype).lower().replace("dt_", "")
    if dtype is not None and name not in ("float32", "float64", "int32", "int64"):
        context.refuse(f"it gives numbers of type {name}", "Let it give float32 or int32.")


def _shaped(context: Context, shape: tuple[int | None, ...]) -> Reshape:
    if shape.count(None) > 1:
        context.refuse("two axes of its input have no fixed length", "Give Input() a full shape.")
    return Reshape(tuple(-1 if n is None else n for n in shape))
