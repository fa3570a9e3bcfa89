"""Recurrent layers: a loop over the steps, each neurons of what comes and what was kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from exporter.engines.pgvector.elements import ONE
from exporter.engines.pgvector.lowering.activation import BOUNDED, activation
from exporter.engines.pgvector.lowering.convolution import slide
from exporter.engines.pgvector.scalars import (
    add,
    as_single,
    call,
    compare,
    constant,
    multiply,
    subtract,
)
from exporter.engines.pgvector.values import (
    DOUBLES,
    EMPTY,
    MOST,
    ORDINARY,
    VECTOR,
    Array,
    Body,
    Products,
    Step,
    Value,
    elements,
    within_limits,
)
from exporter.ir import ops
from exporter.sql.text import Sql, comma, number

GATES = {"sigmoid", "hard_sigmoid"}  # from 0 to 1
SMALL_EXPONENT = 150.0  # a gate of it times the smallest real is a double
NO_EXPONENT = 151.0  # beyond what sigmoid takes exp for
MAX_TWICE = 20_000  # weights of a layer whose loop is written twice
LEAST_LIMIT = 1.0  # of numbers that come, for which the shorter loop is written


@dataclass(frozen=True, eq=False)
class Layer:
    """A recurrent layer: its op, how many units it has, where the numbers come from, and how large
    these and its states can be; states are the variables that hold what it keeps."""

    op: Any
    units: int
    x: Value
    states: tuple[Value, ...]

    @property
    def columns(self) -> int:
        """How many numbers come at each step."""
        return int(self.op.kernel.shape[0])


def recurrent(body: Body, step: Step) -> Value:
    """The states after each step, by those before it."""
    op = step.op
    x, *others = [body.kept(value) for value in step.inputs]
    mask = others.pop(0) if op.is_masked else None
    layer = _begin(body, op, x, others)
    output = layer.states[0].name or EMPTY
    if op.is_masked:
        output = _zeros(body, layer.units)
    result = None
    if op.result == "sequence":
        result = body.variable(Sql("v"), DOUBLES)
        body.run(Sql("{} := {};"), result, EMPTY)
    limit = _limit_of_short(body, layer)
    if limit is None:
        _write(body, layer, mask, output, result)
    else:
        short, long = body.inner(), body.inner()
        _write(short, replace(layer, x=replace(layer.x, bound=limit)), mask, output, result)
        _write(long, layer, mask, output, result)
        body.choose(within_limits(x.name or EMPTY, limit), short, long)
    if result is not None:
        return _held(result, step.shape, layer.states[0].bound)
    if op.result in ("hidden", "cell"):
        state = layer.states[op.result == "cell"]
        return _held(state.name or EMPTY, step.shape, state.bound)
    return _held(output, step.shape, layer.states[0].bound)


def _held(name: Sql, shape: tuple[int, ...], bound: float) -> Value:
    return Value(elements(name, math.prod(shape)), shape, bound, is_kept=True, name=name)


def _begin(body: Body, op: Any, x: Value, given: Sequence[Value]) -> Layer:
    """The layer with its states in variables, as they are before the first step."""
    units = op.recurrent_kernel.shape[0]
    if not body.is_careful:
        kernel = np.abs(np.asarray(op.kernel, np.float64)).sum(axis=0).max(initial=1.0)
        x = body.checked(x, min(1e30, MOST / kernel))
        given = [body.checked(value, _most_of_state(op)) for value in given]
    states = []
    for place in range(op.states):
        name = _zeros(body, units)
        if given:
            body.run(Sql("{} := {};"), name, given[place].name or EMPTY)
        first = given[place].bound if given else 0.0
        bound = math.inf if body.is_careful else _bound(op, place, x.shape[0], first)
        states.append(_held(name, (units,), bound))
    return Layer(op, units, x, tuple(states))


def _zeros(body: Body, units: int) -> Sql:
    name = body.variable(Sql("v"), DOUBLES)
    form = Sql("{} := pg_catalog.array_fill(0::double precision, array[{}]);")
    body.run(form, name, number(units))
    return name


def _most_of_state(op: Any) -> float:
    """How large a state may be, so that products with it are numbers that a vector holds."""
    size = np.abs(np.asarray(op.recurrent_kernel, np.float64)).sum(axis=0).max(initial=1.0)
    return float(min(ORDINARY, MOST / size))


def _bound(op: Any, place: int, steps: int, first: float) -> float:
    """How large a state can become: 1 where functions are bounded, and a cell grows by 1 a step;
    else what is checked at each step."""
    is_bounded = op.activation[0] in BOUNDED
    if not isinstance(op, ops.SimpleRnn):
        is_bounded = is_bounded and op.recurrent_activation[0] in GATES
    if not is_bounded:
        return _most_of_state(op)
    if isinstance(op, ops.Lstm) and place == 1:
        return first + steps
    return max(1.0, first)


def _limit_of_short(body: Body, layer: Layer) -> float | None:
    """How large numbers may be for which sigmoid is by exp alone; None where that is all, or none,
    or where weights are too many to be written twice."""
    op = layer.op
    is_sigmoid = getattr(op, "recurrent_activation", ("", ()))[0] == "sigmoid"
    if body.is_careful or not is_sigmoid or layer.states[0].bound > SMALL_EXPONENT:
        return None
    if op.kernel.size + op.recurrent_kernel.size > MAX_TWICE:
        return None
    kernel, state = (np.abs(np.asarray(k, np.float64)) for k in (op.kernel, op.recurrent_kernel))
    rest = state.sum(axis=0) * layer.states[0].bound + _biases(op)
    limit = float(((SMALL_EXPONENT - rest) / np.maximum(kernel.sum(axis=0), 1e-30)).min())
    return limit if LEAST_LIMIT <= limit < layer.x.bound else None


def _biases(op: Any) -> Any:
    late = getattr(op, "recurrent_bias", None)
    return sum(np.abs(np.asarray(b, np.float64)) for b in (op.bias, late) if b is not None)


def _write(body: Body, layer: Layer, mask: Value | None, output: Sql, result: Sql | None) -> None:
    """The loop over the steps."""
    n, inner = body.counter(), body.inner()
    place = Sql("{} operator(pg_catalog.*) {}").format(n, number(layer.columns))
    given = Sql("{x}[{place} operator(pg_catalog.+) 1 : {place} operator(pg_catalog.+) {n}]")
    x_t = given.format(x=layer.x.name or EMPTY, place=place, n=number(layer.columns))
    CELLS[type(layer.op)](inner, layer, x_t)
    if mask is not None:
        inner.run(Sql("{} := {};"), output, layer.states[0].name or EMPTY)
        step, inner = inner, body.inner()
        masked = None
        if layer.op.zeroes_masked:
            masked = body.inner()
            _clear(masked, output, layer.units)
        of_step = Sql("{}[{} operator(pg_catalog.+) 1]").format(mask.name or EMPTY, n)
        inner.choose(compare(of_step, Sql("<>"), constant(0.0)), step, masked)
    if result is not None:
        inner.run(Sql("{} := {};"), result, call(Sql("array_cat"), result, output))
    body.loop(n, number(layer.x.shape[0] - 1), inner)


def _clear(body: Body, name: Sql, units: int) -> None:
    form = Sql("{} := pg_catalog.array_fill(0::double precision, array[{}]);")
    body.run(form, name, number(units))


class _Neurons:
    """Products of numbers with parts of a layer's kernels, at one step: by one vector of all that
    is given, with 1 behind it for the biases, or in double precision by loops."""

    def __init__(self, body: Body, given: Sequence[tuple[Sql, int, float]]) -> None:
        self.body, self.given = body, given
        self.name = EMPTY
        if not body.is_careful:
            self.name = body.variable(Sql("h"), VECTOR)
            body.run(
                Sql("{} := {}::{};"), self.name, _joined([*self._arrays(), Sql("'{1}'")]), VECTOR
            )

    def _arrays(self) -> list[Sql]:
        return [name for name, _, _ in self.given]

    def of(self, kernels: Sequence[Array | None], bias: Array | None, columns: slice) -> Value:
        """Those of some columns: a kernel for each of what is given, None where it counts for
        nothing."""
        parts = [None if k is None else np.asarray(k, np.float64)[:, columns] for k in kernels]
        count = next(k.shape[1] for k in parts if k is not None)
        biases = np.zeros(count) if bias is None else np.asarray(bias, np.float64)[columns]
        if self.body.is_careful:
            used = [k for k in parts if k is not None]
            names = [
                name for (name, _, _), k in zip(self.given, parts, strict=True) if k is not None
            ]
            x = _joined(names)
            width = sum(len(k) for k in used)
            name = slide(self.body, x, np.vstack(used), biases, width=width)
            return _held(name, (count,), math.inf)
        whole = [
            np.zeros((width, count)) if k is None else k
            for (_, width, _), k in zip(self.given, parts, strict=True)
        ]
        sizes = [
            np.abs(k).sum(axis=0) * bound
            for (_, _, bound), k in zip(self.given, parts, strict=True)
            if k is not None
        ]
        bound = float((sum(sizes) + np.abs(biases)).max())
        weights = np.vstack([*whole, biases[None]])
        products = Products((self.name,), weights, self.body.write)
        return Value((), (count,), bound, products=products)


def _joined(arrays: Sequence[Sql]) -> Sql:
    result = arrays[0]
    for array in arrays[1:]:
        result = call(Sql("array_cat"), result, array)
    return result


def _apply(
    body: Body, function: tuple[str, Any], value: Value, is_gate: bool = False
) -> Sequence[Sql]:
    """A function of the layer; the sigmoid of a gate is by exp only where what it is multiplied
    with is no product of such."""
    name, options = function
    if not is_gate or value.bound > SMALL_EXPONENT:
        value = replace(value, bound=max(value.bound, NO_EXPONENT))
    step = Step(ops.Activation(name, tuple(options)), (value,), value.shape, "float32")
    return activation(body, step).numbers()


def _keep(body: Body, layer: Layer, state: Value, items: Sequence[Sql], shrinks: bool) -> None:
    """Put a state into its variable. One that may shrink at each step is kept as real numbers are:
    one day it is 0, where PostgreSQL's double precision raises an error; one without a bound is
    looked at first."""
    name = state.name or EMPTY
    if body.is_careful:
        _, kept = body.keep(items)
        body.put(name, DOUBLES, [as_single(item) for item in kept])
        return
    is_checked = state.bound >= _most_of_state(layer.op)
    if is_checked or not shrinks:
        body.put(name, DOUBLES, items)
    if is_checked:
        body.checked(replace(state, bound=math.inf), state.bound)
    if shrinks:
        given = name if is_checked else Sql("array[{}]::{}").format(comma(items), DOUBLES)
        body.run(Sql("{} := {}::{}::real[]::{};"), name, given, VECTOR, DOUBLES)


def _simple_rnn(body: Body, layer: Layer, x_t: Sql) -> None:
    (h,) = layer.states
    op = layer.op
    neurons = _Neurons(body, _given(layer, x_t, h))
    z = neurons.of([op.kernel, op.recurrent_kernel], op.bias, slice(None))
    _keep(body, layer, h, _apply(body, op.activation, z), shrinks=False)


def _given(layer: Layer, x_t: Sql, h: Value) -> list[tuple[Sql, int, float]]:
    return [(x_t, layer.columns, layer.x.bound), (h.name or EMPTY, layer.units, h.bound)]


def _gate(layer: Layer, n: int) -> slice:
    return slice(n * layer.units, (n + 1) * layer.units)


def _lstm(body: Body, layer: Layer, x_t: Sql) -> None:
    h, c = layer.states
    op = layer.op
    neurons = _Neurons(body, _given(layer, x_t, h))

    def part(n: int) -> Value:
        return neurons.of([op.kernel, op.recurrent_kernel], op.bias, _gate(layer, n))

    i, f, o = (_apply(body, op.recurrent_activation, part(n), is_gate=True) for n in (0, 1, 3))
    g = _apply(body, op.activation, part(2))
    cells = [
        add(multiply(f_, c_), multiply(i_, g_))
        for f_, c_, i_, g_ in zip(f, c.items, i, g, strict=True)
    ]
    _keep(body, layer, c, cells, shrinks=True)
    a = _apply(body, op.activation, c)
    _keep(body, layer, h, [multiply(*pair) for pair in zip(o, a, strict=True)], shrinks=False)


def _gru(body: Body, layer: Layer, x_t: Sql) -> None:
    (h,) = layer.states
    op = layer.op
    neurons = _Neurons(body, _given(layer, x_t, h))
    both = [op.kernel, op.recurrent_kernel]
    bias, late_bias = op.bias, getattr(op, "recurrent_bias", None)
    early = bias if late_bias is None else np.asarray(bias) + np.asarray(late_bias)

    def gate(n: int) -> Sequence[Sql]:
        return _apply(body, op.recurrent_activation, neurons.of(both, early, _gate(layer, n)), True)

    third = _gate(layer, 2)
    if op.reset_after:
        _, late = body.keep(neurons.of([None, op.recurrent_kernel], late_bias, third).numbers())
        at_once = neurons.of([op.kernel, None], bias, third)
        s = gate(1)
        terms = zip(at_once.numbers(), s, late, strict=True)
        items = [add(x, multiply(s_, y)) for x, s_, y in terms]
        size = at_once.bound + _late_bound(op, h.bound)
    else:
        name, _ = body.keep([multiply(*pair) for pair in zip(gate(1), h.items, strict=True)])
        given = [*_given(layer, x_t, h)[:1], (name, layer.units, h.bound)]
        value = _Neurons(body, given).of(both, bias, third)
        items, size = None, value.bound
    if items is not None:
        value = Value(tuple(items), (layer.units,), math.inf if body.is_careful else size)
    _, new = body.keep(_apply(body, op.activation, value))
    _, z = body.keep(gate(0))
    states = [
        add(multiply(z_, h_), multiply(subtract(ONE, z_), n_))
        for z_, h_, n_ in zip(z, h.items, new, strict=True)
    ]
    _keep(body, layer, h, states, shrinks=True)


def _late_bound(op: Any, bound: float) -> float:
    third = slice(2 * op.recurrent_kernel.shape[0], None)
    size = np.abs(np.asarray(op.recurrent_kernel, np.float64))[:, third].sum(axis=0)
    late = 0.0 if op.recurrent_bias is None else np.abs(np.asarray(op.recurrent_bias))[third]
    return float((size * bound + late).max())


CELLS: dict[type[ops.Recurrent], Callable[[Body, Layer, Sql], None]] = {
    ops.SimpleRnn: _simple_rnn,
    ops.Lstm: _lstm,
    ops.Gru: _gru,
}
