"""Einstein's notation for products, as matrix products: EinsumDense and keras.ops.einsum."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from exporter.errors import counted
from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.hdf5 import Array
from exporter.formats.keras.layers.activations import apply_activation
from exporter.ir.ops import (
    Affine,
    Constant,
    Dense,
    Matmul,
    Reduce,
    Reshape,
    Transpose,
)

Labels: TypeAlias = list[str]
ADVICE = "Write it with Dense, Permute, Reshape and Dot layers."


def einsum_dense(context: Context) -> list[Value]:
    """y = activation(einsum(equation, x, kernel) + bias)."""
    equation = context.config.get("equation")
    axes = context.config.get("bias_axes")
    tensors = context.arrays
    if len(tensors) != 1 + bool(axes):
        context.take(*[()] * (1 + bool(axes)))  # says what is there
    y = contract(context, equation, [context.input, tensors[0]])
    if axes:
        bias = tensors[1].reshape((1,) * (len(y.shape) - tensors[1].ndim) + tensors[1].shape)
        y = context.emit(
            Affine(context.constant(np.ones((1,) * len(y.shape))), context.constant(bias)), y
        )
    return [apply_activation(context, y, context.config.get("activation"))]


def einsum_dense_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """kernel, bias."""
    return 1 + bool(config.get("bias_axes")), 0


def contract(context: Context, equation: Any, items: Sequence[Any]) -> Value:
    """Products of the items, Values or constants, summed along all axes that the result lacks.

    The first axis of every Value, and of the result, is that of the rows.
    """
    operands: list[Value | Array] = [
        item if isinstance(item, Value) else _constant(context, item) for item in items
    ]
    labels, wanted = _parse(context, equation, operands)
    while len(operands) > 2:
        kept = {label for other in labels[2:] for label in other} | set(wanted)
        both = [label for label in dict.fromkeys(labels[0] + labels[1]) if label in kept]
        pair = _multiply(context, operands[0], operands[1], labels[0], labels[1], both)
        operands[:2], labels[:2] = [pair], [both]
    if len(operands) == 1:
        x, have = _summed(context, operands[0], labels[0], set(wanted))
        return _ordered(context, _as_value(context, x), have, wanted)
    y = _multiply(context, operands[0], operands[1], labels[0], labels[1], wanted)
    return _as_value(context, y)


def _parse(
    context: Context, equation: Any, operands: Sequence[Value | Array]
) -> tuple[list[Labels], Labels]:
    """The labels of the axes of each operand and of the result, without that of the rows."""
    text = str(equation).replace(" ", "")
    pattern = r"(?:[A-Za-z]|\.\.\.)*"
    if not re.fullmatch(rf"{pattern}(?:,{pattern})*(?:->{pattern})?", text):
        context.refuse(f"its equation is {str(equation)[:60]!r}", "Write it as in ab,bc->ac.")
    left, arrow, right = text.partition("->")
    parts = left.split(",")
    if len(parts) != len(operands):
        context.refuse(
            f"its equation {text!r} is for {counted(len(parts), 'tensor')}, it is given"
            f" {len(operands)}",
            ADVICE,
        )
    labels = []
    for part, item in zip(parts, operands, strict=True):
        rank = len(item.shape) + isinstance(item, Value)
        count = rank - len(part.replace("...", ""))
        if count < 0 or part.count("...") > 1 or (count and "..." not in part):
            context.refuse(f"{part!r} of its equation does not fit an input of {rank} axes", ADVICE)
        labels.append(_split(part, count))
    longest = max((sum(_is_dots(label) for label in item) for item in labels), default=0)
    if not arrow:
        counts = Counter(letter for letter in left if letter.isalpha())
        right = "..." * ("..." in left) + "".join(sorted(k for k, n in counts.items() if n == 1))
    wanted = _split(right, longest if "..." in right else 0)
    rows = {item[0] for item, x in zip(labels, operands, strict=True) if isinstance(x, Value)}
    constants = [item for item, x in zip(labels, operands, strict=True) if not isinstance(x, Value)]
    row = wanted[0] if wanted else ""
    if rows != {row} or any(row in item for item in constants):
        context.refuse(f"its equation {text!r} works across the rows scored together", ADVICE)
    rest = [
        item[1:] if isinstance(x, Value) else item for item, x in zip(labels, operands, strict=True)
    ]
    known = {label for item in rest for label in item}
    if any(row in item or len(set(item)) < len(item) for item in [*rest, wanted[1:]]):
        context.refuse(f"its equation {text!r} names an axis of a tensor twice", ADVICE)
    if not set(wanted[1:]) <= known:
        context.refuse(f"its equation {text!r} names an axis that no tensor has", ADVICE)
    return rest, wanted[1:]


def _split(part: str, dots: int) -> Labels:
    """Letters one by one; dots stand for axes numbered from the right: .1 is the last of them."""
    before, found, after = part.partition("...")
    middle = [f".{number}" for number in range(dots, 0, -1)] if found else []
    return [*before, *middle, *after]


def _is_dots(label: str) -> bool:
    return label.startswith(".")


def _constant(context: Context, item: Any) -> Array:
    if isinstance(item, Mapping):
        item = item.get("config", item)
        item = item.get("value", item) if isinstance(item, Mapping) else item
    array = np.asarray(item)
    if array.dtype.kind not in "biuf":
        context.refuse("one of its tensors is not numbers", ADVICE)
    return array.astype(np.float64)


def _as_value(context: Context, x: Value | Array) -> Value:
    return x if isinstance(x, Value) else context.emit(Constant(context.constant(x)))


def _summed(
    context: Context, x: Value | Array, labels: Labels, kept: set[str]
) -> tuple[Value | Array, Labels]:
    """x without the axes that are not kept, which are summed."""
    axes = tuple(axis for axis, label in enumerate(labels) if label not in kept)
    if not axes:
        return x, labels
    rest = [label for label in labels if label in kept]
    if isinstance(x, Value):
        return context.emit(Reduce("sum", axes), x), rest
    return x.sum(axis=axes), rest


def _ordered(context: Context, x: Value, have: Labels, wanted: Labels) -> Value:
    if have == wanted:
        return x
    return context.emit(Transpose(tuple(have.index(label) for label in wanted)), x)


def _arranged(
    context: Context, x: Value | Array, have: Labels, groups: Sequence[Labels]
) -> Value | Array:
    """x with its axes in the order of the groups, those of the last two groups made one each."""
    order = [have.index(label) for group in groups for label in group]
    if not isinstance(x, Value):
        x = x.transpose(order)
        lead = x.shape[: len(groups[0])]
        sizes = [math.prod(x.shape[len(lead) :][: len(groups[1])])]
        return x.reshape((*lead, *sizes, -1)) if x.size else x
    shape = [x.shape[axis] for axis in order]
    y = context.emit(Transpose(tuple(order)), x)
    lead_shape = shape[: len(groups[0])]
    middle = shape[len(lead_shape) :][: len(groups[1])]
    last = shape[len(lead_shape) + len(middle) :]
    return _reshaped(context, y, [*lead_shape, _size(middle), _size(last)])


def _size(lengths: Sequence[int | None]) -> int | None:
    return None if None in lengths else math.prod(n for n in lengths if n is not None)


def _reshaped(context: Context, x: Value, shape: Sequence[int | None]) -> Value:
    if tuple(shape) == x.shape:
        return x
    if list(shape).count(None) > 1:
        context.refuse("two axes of its input have no fixed length", "Give Input() a full shape.")
    return context.emit(Reshape(tuple(-1 if n is None else n for n in shape)), x)


def _multiply(
    context: Context,
    a: Value | Array,
    b: Value | Array,
    a_labels: Labels,
    b_labels: Labels,
    wanted: Labels,
) -> Value | Array:
    """The product of two operands as one matrix product for each place of the axes they share."""
    kept = set(wanted)
    a, a_labels = _summed(context, a, a_labels, kept | set(b_labels))
    b, b_labels = _summed(context, b, b_labels, kept | set(a_labels))
    lengths = dict(zip(a_labels, a.shape, strict=True))
    for label, n in zip(b_labels, b.shape, strict=True):
        known = lengths.setdefault(label, n)
        if known != n and None not in (known, n):
            context.refuse(f"an axis of its equation has lengths {known} and {n}", ADVICE)
        lengths[label] = n if known is None else known
    if not isinstance(a, Value) and not isinstance(b, Value):
        letters = {label: chr(97 + n) for n, label in enumerate(lengths)}
        spelled = ["".join(letters[label] for label in x) for x in (a_labels, b_labels, wanted)]
        product: Array = np.einsum(f"{spelled[0]},{spelled[1]}->{spelled[2]}", a, b)
        return product
    if not isinstance(a, Value):
        a, b, a_labels, b_labels = b, a, b_labels, a_labels
    shared = [label for label in a_labels if label in b_labels]
    together = [label for label in shared if label in kept]
    summed = [label for label in shared if label not in kept]
    a_own = [label for label in a_labels if label not in b_labels]
    b_own = [label for label in b_labels if label not in a_labels]
    x = _as_value(context, _arranged(context, a, a_labels, (together, a_own, summed)))
    kernel = _arranged(context, b, b_labels, (together, summed, b_own))
    if not isinstance(kernel, Value) and not together:
        y = context.emit(Dense(context.constant(kernel)), x)
    else:
        y = context.emit(Matmul(), x, _as_value(context, kernel))
    have = [*together, *a_own, *b_own]
    y = _reshaped(context, y, [lengths[label] for label in have])
    return _ordered(context, y, have, wanted)
