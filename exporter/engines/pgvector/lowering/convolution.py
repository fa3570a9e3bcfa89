"""Convolutions over one axis, pooling over windows, and zeros around."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.engines.pgvector.lowering.linear import bounded, neurons
from exporter.engines.pgvector.lowering.rows import Window, over_windows, pooled, products_of
from exporter.engines.pgvector.scalars import call, constant, divide, total
from exporter.engines.pgvector.values import DOUBLES, EMPTY, Body, Step, Value, elements, made
from exporter.sql.text import Sql, literal, number


def conv(body: Body, step: Step) -> Value:
    """Each window times kernel: neurons of a window, in a loop over the positions."""
    op, x = step.op, body.kept(step.x)
    positions, channels = step.x.shape
    taps = op.kernel.shape[0]
    (stride,), (gap,), count = op.strides, op.dilation, step.shape[0]
    span = (taps - 1) * gap + 1
    if body.is_careful:
        x = _padded(body, x, positions, channels, span, stride, op.padding, 0.0)
        return _conv_by_loop(body, step, x, channels, stride, gap)
    kernel = whole_kernel(op)
    x = bounded(body, x, kernel)
    weights, bound = neurons(kernel, op.bias, x)
    x = _padded(body, x, positions, channels, span, stride, op.padding, 0.0)
    enter = products_of(weights, len(weights) > len(kernel), bound)
    return over_windows(step, x, count, stride * channels, span * channels, enter, weights.size)


def whole_kernel(op: Any) -> Any:
    """The weights of all numbers of a window, with zeros for those of other groups and between the
    taps of a dilated one, as columns: (span * channels, filters)."""
    kernel = np.asarray(op.kernel, np.float64)
    taps, depth, filters = kernel.shape
    (gap,), each = op.dilation, filters // op.groups
    whole = np.zeros(((taps - 1) * gap + 1, depth * op.groups, filters))
    for group in range(op.groups):
        part = slice(group * each, (group + 1) * each)
        whole[::gap, group * depth : (group + 1) * depth, part] = kernel[:, :, part]
    return whole.reshape(-1, filters)


def _conv_by_loop(body: Body, step: Step, x: Value, channels: int, stride: int, gap: int) -> Value:
    """In double precision, each group by itself: zeros in a kernel would make NaN of infinities."""
    op, count = step.op, step.shape[0]
    kernel = np.asarray(op.kernel)
    taps, depth, filters = kernel.shape
    each = filters // op.groups
    bias = np.zeros(filters) if op.bias is None else np.asarray(op.bias)
    names = [
        slide(
            body, x.name or EMPTY, kernel[:, :, part].reshape(-1, each), bias[part],
            count=count, stride=stride * channels, taps=taps, gap=gap * channels,
            first=first, width=depth,
        )
        for first, part in (
            (n * depth, slice(n * each, (n + 1) * each)) for n in range(op.groups)
        )
    ]  # fmt: skip
    if op.groups == 1:
        value = Value(elements(names[0], count * filters), step.shape, math.inf, True, names[0])
    else:
        columns = [
            np.reshape(np.array(elements(name, count * each), object), (count, each))
            for name in names
        ]
        value = body.kept(made(step, np.concatenate(columns, axis=1).ravel().tolist()))
    return over_windows(
        step, value, count, filters, filters, lambda inner, w: w.kept(inner, math.inf)
    )


def slide(
    body: Body,
    x: Sql,
    kernel: Any,
    bias: Any,
    *,
    count: int = 1,
    stride: int = 0,
    taps: int = 1,
    gap: int = 0,
    first: int = 0,
    width: int,
) -> Sql:
    """The variable of products in double precision, which hold for any numbers: of a kernel (taps *
    width, outputs) and so many windows of x, whose taps are gap numbers apart."""
    weights = body.doubles(np.concatenate([np.asarray(kernel).T.ravel(), np.asarray(bias)]))
    name = body.variable(Sql("v"), DOUBLES)
    sizes = [number(n) for n in (count, stride, taps, gap, first, width, len(bias))]
    form = Sql("{} := export_model.vector_slide({}, {}, {}, {}, {}, {}, {}, {}, {});")
    body.run(form, name, x, weights, *sizes)
    return name


def _padded(
    body: Body, x: Value, positions: int, channels: int, span: int, stride: int, padding: str,
    fill: float,
) -> Value:  # fmt: skip
    """A value with what padding asks for around it."""
    before, after = _widths(positions, span, stride, padding)
    if not before and not after:
        return x
    name = body.variable(Sql("v"), DOUBLES)
    result = x.name or EMPTY
    if before:
        result = call(Sql("array_cat"), _filled(before * channels, fill), result)
    if after:
        result = call(Sql("array_cat"), result, _filled(after * channels, fill))
    body.run(Sql("{} := {};"), name, result)
    items = elements(name, (before + positions + after) * channels)
    return replace(x, items=items, shape=(before + positions + after, channels), name=name)


def _filled(count: int, fill: float) -> Sql:
    return literal("{" + ",".join([repr(fill)] * count) + "}")


def _widths(positions: int, span: int, stride: int, padding: str) -> tuple[int, int]:
    """How many positions stand before and after, as plpython/convolution.py has it."""
    if padding == "valid":
        return 0, 0
    if padding == "causal":
        return span - 1, 0
    whole = max(0, (positions - 1) // stride * stride + span - positions)
    return whole // 2, whole - whole // 2


def pool(body: Body, step: Step) -> Value:
    """The largest or mean value of each window, channel by channel."""
    op, x = step.op, body.kept(step.x)
    positions, channels = step.x.shape
    (size,), (stride,), count = op.size, op.strides, step.shape[0]
    fill = -math.inf if op.mode == "max" else 0.0
    before, _ = _widths(positions, size, stride, op.padding)
    sizes = [
        min(first + size, positions) - max(first, 0)
        for first in range(-before, count * stride - before, stride)
    ]
    x = _padded(body, x, positions, channels, size, stride, op.padding, fill)

    def enter(inner: Body, window: Window) -> Value:
        given = window.kept(inner, x.bound)
        columns = [given.items[n::channels] for n in range(channels)]
        if set(sizes) == {size} or op.mode == "max":
            items = [pooled(op.mode, column, step.dtype) for column in columns]
        else:
            known = Sql("({}::double precision[])[{}]").format(
                literal("{" + ",".join(map(str, sizes)) + "}"), window.place
            )
            items = [divide(total(column), known) for column in columns]
        return Value(tuple(items), (channels,), x.bound)

    return over_windows(step, x, count, stride * channels, size * channels, enter)


def pad(body: Body, step: Step) -> Value:
    """A number around each axis."""
    x = body.kept(step.x)
    items = np.empty(math.prod(x.shape), object)
    items[:] = x.items
    whole = np.empty(step.shape, object)
    whole.fill(constant(step.op.value))
    inside = (
        slice(before, before + n) for (before, _), n in zip(step.op.widths, x.shape, strict=True)
    )
    whole[tuple(inside)] = items.reshape(x.shape)
    value = made(step, whole.ravel().tolist(), max(x.bound, abs(step.op.value)))
    return replace(value, is_kept=True)
