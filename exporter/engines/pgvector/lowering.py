"""What each op is as statements and expressions; see LOWERINGS at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.engines.pgvector.elements import (
    ACTIVATIONS,
    ERF_LIMIT,
    HALF,
    LEAST,
    ONE,
    UNARY,
    ZERO,
    erf,
    gelu_by_tanh,
    takes_once,
)
from exporter.engines.pgvector.scalars import (
    add,
    as_single,
    call,
    choose,
    clip,
    compare,
    constant,
    divide,
    exp,
    exp_of_negative,
    is_nan,
    largest,
    multiply,
    over,
    product,
    smallest,
    subtract,
    times,
    total,
    within,
)
from exporter.engines.pgvector.trees import trees
from exporter.engines.pgvector.values import (
    DOUBLES,
    MOST,
    SCHEMA,
    Body,
    Products,
    Step,
    Value,
    array,
    elements,
)
from exporter.ir import ops
from exporter.sql.text import Sql, ident, literal, number, texts

MAX_VECTOR = 15_999  # a vector has at most 16,000 numbers, one of which is 1, for the bias
MAX_VALUE = 16_000  # numbers of any value: each is an expression
LEAST_WEIGHT = 1e-120  # smaller ones add nothing to a score of float64
LEAST_DOUBLE, MOST_DOUBLE = 1e-300, 1e307
MAX_DOUBLE = 20_000  # products in double precision, each of them written out


Lowering = Callable[[Body, Step], Value]


def _made(step: Step, items: Sequence[Sql], bound: float = math.inf) -> Value:
    return Value(tuple(items), step.shape, bound)


# --- products ---


def dense(body: Body, step: Step) -> Value:
    """Inner products: by vectors for float32, else one by one in double precision."""
    if body.is_careful:
        return _dense_by_loop(body, step)
    if step.dtype == "float64":
        return _dense_in_double(body, step)
    op = step.op
    kernel = np.asarray(op.kernel, np.float64)
    bias = np.zeros(kernel.shape[1]) if op.bias is None else np.asarray(op.bias, np.float64)
    size = np.abs(kernel).sum(axis=0).max(initial=0.0)
    x = body.checked(step.x, most=min(1e30, MOST / max(size, 1.0)))
    bias = bias + x.offset * kernel.sum(axis=0)
    has_bias = bool(bias.any())
    weights = np.vstack([kernel * x.scale, bias[None]]) if has_bias else kernel * x.scale
    vectors = tuple(_vectors(body, x, kernel.shape[0], has_bias))
    bound = float(size * x.bound + np.abs(bias).max(initial=0.0))
    return Value((), step.shape, bound, products=Products(vectors, weights))


def _vectors(body: Body, x: Value, width: int, has_bias: bool) -> list[Sql]:
    """Variables of type vector, each with width numbers, and 1 where there is a bias."""
    items = x.items or x.numbers()
    names = []
    for first in range(0, len(items), width):
        name = body.variable(Sql("h"), Sql("{}.vector").format(SCHEMA))
        if x.name is not None and len(items) == width:
            source = x.name
            if has_bias:
                source = call(Sql("array_append"), source, Sql("1::double precision"))
        else:
            part = items[first : first + width]
            source = array([*part, ONE] if has_bias else part)
        body.run(Sql("{} := {}::{}.vector;"), name, source, SCHEMA)
        names.append(name)
    return names


def _dense_in_double(body: Body, step: Step) -> Value:
    op = step.op
    kernel = np.asarray(op.kernel, np.float64)
    kernel = np.where(np.abs(kernel) < LEAST_WEIGHT, 0.0, kernel)
    x = _limited(body, step.x, kernel, kernel.shape[0])
    items = []
    for first in range(0, len(x.items), kernel.shape[0]):
        row = x.items[first : first + kernel.shape[0]]
        for place, column in enumerate(kernel.T.tolist()):
            terms = [multiply(item, constant(w)) for item, w in zip(row, column, strict=True)]
            if op.bias is not None:
                terms.append(constant(float(op.bias[place])))
            items.append(total(terms))
    return _made(step, items)


def _limited(body: Body, value: Value, factors: Any, terms: int = 1) -> Value:
    """Doubles whose products with these factors, and sums of so many, raise no error: only numbers
    that would over- or underflow become infinite or 0."""
    sizes = np.abs(factors[factors != 0])
    most = MOST_DOUBLE / (terms * max(1.0, sizes.max(initial=0.0)))
    least = LEAST_DOUBLE / min(1.0, sizes.min(initial=1.0))
    value = body.kept(value)
    name, items = body.keep([within(item, least, most) for item in value.items])
    return replace(value, items=items, name=name)


def _dense_by_loop(body: Body, step: Step) -> Value:
    op, x = step.op, body.kept(step.x)
    width, count = op.kernel.shape
    bias = np.zeros(count) if op.bias is None else np.asarray(op.bias)
    first = sum(map(len, body.weights))
    body.weights += [
        np.ascontiguousarray(np.asarray(op.kernel).T, "<f4").tobytes(),
        np.asarray(bias, "<f4").tobytes(),
    ]
    name = body.variable(Sql("v"), DOUBLES)
    body.run(
        Sql("{} := export_model.{}({}, weights, {}, {}, {});"),
        name,
        ident(body.runtime),
        x.name or Sql("null"),
        number(first),
        number(width),
        number(count),
    )
    return replace(_made(step, elements(name, math.prod(step.shape))), is_kept=True, name=name)


def affine(body: Body, step: Step) -> Value:
    """y = x * scale + offset."""
    scale, offset = np.asarray(step.op.scale), np.asarray(step.op.offset)
    x = _limited(body, step.x, scale) if step.dtype == "float64" else step.x
    pairs = zip(x.numbers(), step.spread(scale), step.spread(offset), strict=True)
    bound = step.x.bound * float(np.abs(scale).max(initial=0)) + np.abs(offset).max(initial=0)
    return _made(step, [add(multiply(item, a), b) for item, a, b in pairs], float(bound))


def standardize(body: Body, step: Step) -> Value:
    """y = (x - mean) / deviation."""
    mean, deviation = np.asarray(step.op.mean), np.asarray(step.op.deviation)
    x = _limited(body, step.x, 1 / deviation) if step.dtype == "float64" else step.x
    items = zip(x.numbers(), step.spread(mean), step.spread(deviation), strict=True)
    smallest_deviation = float(np.abs(deviation).min(initial=math.inf))
    bound = (step.x.bound + float(np.abs(mean).max(initial=0))) / smallest_deviation
    return _made(step, [divide(subtract(item, m), d) for item, m, d in items], bound)


# --- element by element ---

LEAST_OF_DOUBLE = -700.0
BOUNDED = {"sigmoid", "hard_sigmoid", "hard_tanh", "tanh", "sparse_sigmoid", "softsign"}
BESIDE = 2.0  # what softplus, selu and the like add to the size of x, and more


def activation(body: Body, step: Step) -> Value:
    """y = function(x)."""
    function, parameters = step.op.function, dict(step.op.options)
    if function == "gelu":
        return _gelu(body, step, **parameters)
    if function == "sigmoid":  # the halves go into the weights before it and behind it
        items = [call(Sql("tanh"), item) for item in step.x.scaled(0.5)]
        bound = 1.0 if step.x.bound < math.inf else math.inf  # NaN stays NaN
        return Value(tuple(items), step.shape, bound, scale=0.5, offset=0.5)
    x = step.x if takes_once(function, parameters) else body.kept(step.x)
    if function == "exponential" and step.dtype == "float64":
        return _made(step, [exp(item, LEAST_OF_DOUBLE) for item in body.kept(x).items])
    element = ACTIVATIONS[function]
    items = [element(item, **parameters) for item in x.numbers()]
    return _made(step, items, _bound_of(function, parameters, x.bound))


def _bound_of(function: str, parameters: Mapping[str, Any], bound: float) -> float:
    if math.isinf(bound):
        return bound
    if function in BOUNDED:
        return 1.0
    if function == "relu6":
        return 6.0
    if function == "exponential":
        return math.exp(bound) if bound < 700 else math.inf
    sizes = [abs(float(value)) for value in parameters.values() if value is not None]
    return (bound + BESIDE + sum(sizes)) * (BESIDE + sum(sizes))


def _gelu(body: Body, step: Step, approximate: bool = False) -> Value:
    x = body.kept(step.x)
    if approximate:
        return _made(step, [gelu_by_tanh(item) for item in x.items], x.bound)
    roots = [multiply(item, constant(math.sqrt(0.5))) for item in x.items]
    parts = zip(x.items, _erf(body, roots), strict=True)
    return _made(step, [multiply(multiply(HALF, item), add(ONE, e)) for item, e in parts], x.bound)


def _erf(body: Body, items: Sequence[Sql]) -> list[Sql]:
    _, xs = body.keep(items)
    _, insides = body.keep([clip(x, -ERF_LIMIT, ERF_LIMIT) for x in xs])
    _, squares = body.keep([multiply(x, x) for x in insides])
    return [erf(x, i, s) for x, i, s in zip(xs, insides, squares, strict=True)]


def unary(body: Body, step: Step) -> Value:
    """y = function(x)."""
    if step.op.function == "erf":
        return _made(
            step, _erf(body, step.x.numbers()), 1.0 if step.x.bound < math.inf else math.inf
        )
    x = step.x if takes_once(step.op.function, {}) else body.kept(step.x)
    if step.dtype == "float64" and step.op.function in ("exp", "square"):
        element = {"exp": lambda x: exp(x, LEAST_OF_DOUBLE), "square": lambda x: times(x, x)}
        return _made(step, [element[step.op.function](item) for item in x.numbers()])
    return _made(step, [UNARY[step.op.function](item) for item in x.numbers()])


def clipped(body: Body, step: Step) -> Value:
    """y = min(max(x, low), high)."""
    low, high = step.op.low, step.op.high
    bound = max(abs(low), abs(high)) if step.x.bound < math.inf else math.inf
    return _made(step, [clip(x, low, high) for x in step.x.numbers()], bound)


def prelu(body: Body, step: Step) -> Value:
    """y = x for x >= 0, alpha * x below."""
    x = body.kept(step.x)
    items = [
        choose(compare(item, Sql(">="), ZERO), item, multiply(item, alpha))
        for item, alpha in zip(x.items, step.spread(step.op.alpha), strict=True)
    ]
    most = float(np.abs(step.op.alpha).max(initial=1.0))
    return _made(step, items, x.bound * max(1.0, most))


def cast(body: Body, step: Step) -> Value:
    """y = x in another type; what is float32 from here on is rounded."""
    if step.op.dtype == "float64":
        return replace(step.x, shape=step.shape)
    x = body.kept(step.x)
    return _made(step, [as_single(item) for item in x.items], x.bound)


def fill(body: Body, step: Step) -> Value:
    """The same number everywhere."""
    items = [constant(step.op.value)] * math.prod(step.shape)
    return replace(_made(step, items, abs(step.op.value)), is_kept=True)


def constants(body: Body, step: Step) -> Value:
    """The same numbers for every row."""
    numbers = np.asarray(step.op.value, np.float64)
    items = [constant(value) for value in numbers.ravel().tolist()]
    return replace(_made(step, items, float(np.abs(numbers).max(initial=0))), is_kept=True)


def not_equal(body: Body, step: Step) -> Value:
    """y = 1 where x is not value, 0 elsewhere."""
    value = constant(step.op.value)
    items = [choose(compare(x, Sql("="), value), ZERO, ONE) for x in step.x.numbers()]
    return _made(step, items, 1.0)


def is_missing(body: Body, step: Step) -> Value:
    """y = 1 where x is missing, 0 elsewhere."""
    missing = step.op.missing
    if isinstance(missing, str):
        tests = [_equals(x, missing) for x in step.x.items]
    elif step.x.is_text:
        tests = [Sql("{} is null").format(x) for x in step.x.items]
    else:
        wanted = constant(math.nan if missing is None else missing)
        tests = [compare(x, Sql("="), wanted) for x in step.x.numbers()]
    return _made(step, [choose(test, ONE, ZERO) for test in tests], 1.0)


# --- several inputs ---


def compared(body: Body, step: Step) -> Value:
    """y = 1 where a relation holds, 0 elsewhere; of NaN only "not equal" holds."""
    sign, nan_beside = COMPARISONS[step.op.function]
    rows = [_spread_items(body.kept(value), step.shape) for value in step.inputs]
    items = []
    for a, b in zip(*rows, strict=True):
        holds = Sql("({} and not {})").format(compare(a, sign, b), is_nan((a, b)[nan_beside]))
        is_not = step.op.function == "not_equal"
        items.append(choose(holds, ZERO if is_not else ONE, ONE if is_not else ZERO))
    return _made(step, items, 1.0)


COMPARISONS: Mapping[str, tuple[Sql, int]] = {
    "equal": (Sql("="), 0),
    "not_equal": (Sql("="), 0),
    "less": (Sql("<"), 1),
    "less_equal": (Sql("<="), 1),
    "greater": (Sql(">"), 0),
    "greater_equal": (Sql(">="), 0),
}
"""The operator, and which side must not be NaN, which SQL has above all numbers."""


def where(body: Body, step: Step) -> Value:
    """y = x where the condition is not 0, else other."""
    rows = [_spread_items(body.kept(value), step.shape) for value in step.inputs]
    items = [
        choose(compare(condition, Sql("<>"), ZERO), x, other)
        for condition, x, other in zip(*rows, strict=True)
    ]
    return _made(step, items, max(value.bound for value in step.inputs[1:]))


def merge(
    combine: Callable[[Sequence[Sql]], Sql], grow: Callable[[Sequence[float]], float]
) -> Lowering:
    """An op over inputs that broadcast against each other."""

    def lower(body: Body, step: Step) -> Value:
        rows = [
            _spread_items(value if _is_whole(value, step) else body.kept(value), step.shape)
            for value in step.inputs
        ]
        items = [combine(items) for items in zip(*rows, strict=True)]
        return _made(step, items, grow([value.bound for value in step.inputs]))

    return lower


def multiplied(body: Body, step: Step) -> Value:
    """The product of all inputs."""
    combine = _in_order if step.dtype == "float64" else product
    return merge(combine, math.prod)(body, step)


def _is_whole(value: Value, step: Step) -> bool:
    return math.prod(value.shape) == math.prod(step.shape)


def _spread_items(value: Value, shape: tuple[int, ...]) -> list[Sql]:
    items = np.empty(math.prod(value.shape), object)
    items[:] = value.numbers()
    return list(np.broadcast_to(items.reshape(value.shape), shape).ravel())


def _average(items: Sequence[Sql]) -> Sql:
    return divide(total(items), constant(len(items)))


def _difference(items: Sequence[Sql]) -> Sql:
    return subtract(*items)


# --- moving ---


def moved(step: Step, body: Body, places: np.ndarray[Any, Any], sources: Sequence[Value]) -> Value:
    """Elements of the sources one after another, in these places."""
    chosen = places.ravel().tolist()
    if len(set(chosen)) < len(chosen):
        sources = [body.kept(value) if not value.is_text else value for value in sources]
    every = [item for value in sources for item in value.numbers()]
    return replace(
        _made(step, [every[place] for place in chosen], max(value.bound for value in sources)),
        is_kept=all(value.is_kept for value in sources),
        is_text=sources[0].is_text,
    )


def _numbered(values: Sequence[Value]) -> list[np.ndarray[Any, Any]]:
    """For each value the places of its elements among those of all, in its shape."""
    sizes = [math.prod(value.shape) for value in values]
    starts = np.cumsum([0, *sizes])
    return [
        (start + np.arange(size)).reshape(value.shape)
        for start, size, value in zip(starts, sizes, values, strict=False)
    ]


def concatenate(body: Body, step: Step) -> Value:
    """The inputs along an axis."""
    return moved(step, body, np.concatenate(_numbered(step.inputs), axis=step.op.axis), step.inputs)


def reshape(body: Body, step: Step) -> Value:
    """The same numbers in another shape."""
    return replace(step.x, shape=step.shape)


def transpose(body: Body, step: Step) -> Value:
    """The axes in another order."""
    (places,) = _numbered(step.inputs)
    return moved(step, body, places.transpose(step.op.axes), step.inputs)


def cut(body: Body, step: Step) -> Value:
    """Slices."""
    (places,) = _numbered(step.inputs)
    return moved(step, body, places[tuple(slice(*s) for s in step.op.slices)], step.inputs)


def repeat(body: Body, step: Step) -> Value:
    """Each position several times."""
    (places,) = _numbered(step.inputs)
    return moved(step, body, places.repeat(step.op.times, axis=step.op.axis), step.inputs)


def select(body: Body, step: Step) -> Value:
    """Some elements of a row."""
    return moved(step, body, np.array(step.op.columns), step.inputs)


# --- along an axis ---


def _groups(value: Value, axes: Sequence[int]) -> list[list[int]]:
    """The places of the elements that are taken together when axes are reduced."""
    (places,) = _numbered([value])
    count = math.prod(value.shape[axis] for axis in axes)
    rank = len(value.shape)
    last = [axis % rank for axis in axes]
    order = [axis for axis in range(rank) if axis not in last] + last
    return places.transpose(order).reshape(-1, count).tolist()


def _by_group(
    body: Body,
    value: Value,
    axes: Sequence[int],
    make: Callable[[list[Sql]], Sql],
) -> tuple[list[Sql], list[int]]:
    """What is made of each group, kept; and for each element the number of its group."""
    groups = _groups(value, axes)
    _, made = body.keep([make([value.items[place] for place in group]) for group in groups])
    of = [0] * len(value.items)
    for number_, group in enumerate(groups):
        for place in group:
            of[place] = number_
    return list(made), of


def softmax(body: Body, step: Step) -> Value:
    """exp(x) / sum(exp(x)) along an axis, shifted by the largest."""
    x = body.kept(step.x)
    most, of = _by_group(body, x, [step.op.axis], largest)
    shifted = [subtract(item, most[of[n]]) for n, item in enumerate(x.items)]
    name, powers = body.keep([exp_of_negative(item, LEAST) for item in shifted])
    held = replace(x, items=powers, name=name)
    sums, of = _by_group(body, held, [step.op.axis], total)
    bound = 1.0 if x.bound < math.inf else math.inf
    return _made(step, [divide(p, sums[of[n]]) for n, p in enumerate(powers)], bound)


def log_softmax(body: Body, step: Step) -> Value:
    """x - log(sum(exp(x))) along an axis, shifted by the largest."""
    x = body.kept(step.x)
    most, of = _by_group(body, x, [step.op.axis], largest)
    name, shifted = body.keep([subtract(item, most[of[n]]) for n, item in enumerate(x.items)])
    held = replace(x, items=shifted, name=name)
    logs, of = _by_group(
        body,
        held,
        [step.op.axis],
        lambda items: call(Sql("ln"), total([exp_of_negative(item, LEAST) for item in items])),
    )
    return _made(step, [subtract(s, logs[of[n]]) for n, s in enumerate(shifted)], 2 * x.bound + 12)


def layer_normalization(body: Body, step: Step) -> Value:
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta, moments along axes."""
    op, x = step.op, body.kept(step.x)
    count = math.prod(x.shape[axis] for axis in op.axes)
    means, of = _by_group(body, x, op.axes, _average)
    name, centered = body.keep([subtract(item, means[of[n]]) for n, item in enumerate(x.items)])
    held = replace(x, items=centered, name=name)
    roots, of = _by_group(
        body,
        held,
        op.axes,
        lambda items: call(
            Sql("sqrt"), add(_average([multiply(i, i) for i in items]), constant(op.epsilon))
        ),
    )
    items = [divide(item, roots[of[n]]) for n, item in enumerate(centered)]
    bound = math.sqrt(count) if x.bound < math.inf else math.inf
    if op.gamma is not None:
        gammas = step.spread(op.gamma)
        items = [multiply(item, g) for item, g in zip(items, gammas, strict=True)]
        bound *= float(np.abs(op.gamma).max(initial=0))
    if op.beta is not None:
        items = [add(item, b) for item, b in zip(items, step.spread(op.beta), strict=True)]
        bound += float(np.abs(op.beta).max(initial=0))
    return _made(step, items, bound)


REDUCTIONS: Mapping[str, Callable[[Sequence[Sql]], Sql]] = {
    "mean": _average,
    "sum": total,
    "max": largest,
    "min": smallest,
    "prod": product,
}


def reduce(body: Body, step: Step) -> Value:
    """Mean, sum, max, min or product over axes."""
    x = body.kept(step.x) if step.op.function == "min" else step.x
    numbers, make = x.numbers(), REDUCTIONS[step.op.function]
    groups = _groups(x, step.op.axes)
    bound = x.bound * (max(map(len, groups)) if step.op.function == "sum" else 1)
    bound = math.inf if step.op.function == "prod" else bound
    return _made(step, [make([numbers[place] for place in group]) for group in groups], bound)


# --- lookups ---


def embedding(body: Body, step: Step) -> Value:
    """A row of a table for each whole number."""
    table = np.asarray(step.op.table, np.float64)
    x = _whole(body, step, len(table))
    width = table.shape[1]
    name = body.variable(Sql("v"), DOUBLES)
    text = literal("{" + ",".join(map(repr, table.ravel().tolist())) + "}")
    place = body.variable(Sql("n"), Sql("double precision"))
    body.run(Sql("{} := {};"), name, Sql("'{}'"))
    body.run(
        Sql(
            "foreach {place} in array {given} loop\n{name} := {name} operator(pg_catalog.||)"
            " ({table}::double precision[])[{place}::integer operator(pg_catalog.*) {width}"
            " operator(pg_catalog.+) 1 : {place}::integer operator(pg_catalog.*) {width}"
            " operator(pg_catalog.+) {width}];\nend loop;"
        ),
        place=place,
        given=x.name or Sql("null"),
        name=name,
        table=text,
        width=number(width),
    )
    bound = float(np.abs(table).max(initial=0))
    return replace(
        _made(step, elements(name, math.prod(step.shape)), bound), is_kept=True, name=name
    )


def _whole(body: Body, step: Step, count: int) -> Value:
    """The input, kept; an error where it is no whole number from 0 to count - 1."""
    x = body.kept(step.x)
    body.run(
        Sql("perform export_model.vector_place({}, {});"), x.name or Sql("null"), number(count)
    )
    return x


def encode(body: Body, step: Step) -> Value:
    """Whole numbers as vectors of zeros and ones, or counts."""
    x = _whole(body, step, step.op.depth)
    depth, mode = step.op.depth, step.op.mode
    ones = [
        [choose(compare(item, Sql("="), constant(n)), ONE, ZERO) for n in range(depth)]
        for item in x.items
    ]
    if mode == "one_hot":
        return _made(step, [item for row in ones for item in row], 1.0)
    width = x.shape[-1]
    join = largest if mode == "multi_hot" else total
    groups = [ones[first : first + width] for first in range(0, len(ones), width)]
    items = [join(list(column)) for group in groups for column in zip(*group, strict=True)]
    return _made(step, items, float(width))


def bucketize(body: Body, step: Step) -> Value:
    """How many boundaries are at most x."""
    edges = np.asarray(step.op.boundaries, np.float64)
    return _made(step, [_count_edges(x, edges) for x in step.x.numbers()], float(len(edges)))


def _count_edges(x: Sql, edges: np.ndarray[Any, Any]) -> Sql:
    if not len(edges):
        return choose(Sql("{} is null").format(x), ZERO, ZERO)
    text = literal("{" + ",".join(map(repr, edges.tolist())) + "}")
    known = Sql("{}::double precision[]").format(text)
    return Sql("{}::double precision").format(call(Sql("width_bucket"), x, known))


def lookup(body: Body, step: Step) -> Value:
    """The value beside the key that x is, without its fraction; or default."""
    op = step.op
    _, kept = body.keep([call(Sql("trunc"), x) for x in step.x.numbers()])
    items = [_value_beside(x, op.keys, op.values, constant(op.default)) for x in kept]
    most = max(abs(op.default), float(np.abs(op.values).max(initial=0)))
    return _made(step, items, most)


def _value_beside(x: Sql, keys: Any, values: Any, other: Sql) -> Sql:
    cases = [
        Sql("when {} then {}").format(
            compare(x, Sql("="), constant(float(key))), constant(float(value))
        )
        for key, value in zip(keys, values, strict=True)
    ]
    if not cases:
        return other
    return Sql("case {} else {} end").format(Sql(" ").join(cases), other)


# --- columns of tables ---


def impute(body: Body, step: Step) -> Value:
    """A value where x is missing."""
    op, x = step.op, body.kept(step.x)
    missing = constant(math.nan if op.missing is None else op.missing)
    items = [
        choose(compare(item, Sql("="), missing), value, item)
        for item, value in zip(x.items, step.spread(op.values), strict=True)
    ]
    return _made(step, items)


def impute_texts(body: Body, step: Step) -> Value:
    """A word where x is missing."""
    items = []
    for item, word in zip(step.x.items, step.op.words, strict=True):
        test = Sql("{} is null").format(item)
        if step.op.missing is not None:
            test = _equals(item, step.op.missing)
        items.append(choose(test, literal(word), item))
    _, kept = body.keep(items, Sql("pg_catalog.text[]"))
    return replace(_made(step, kept), is_kept=True, is_text=True)


def _equals(x: Sql, word: str) -> Sql:
    """Whether a text is a word; a missing one is not."""
    return Sql("coalesce({}, false)").format(compare(x, Sql("="), literal(word)))


def discretize(body: Body, step: Step) -> Value:
    """How many of its column's edges are at most x."""
    op, x = step.op, body.kept(step.x)
    parts = np.split(np.asarray(op.edges, np.float64), np.cumsum(op.counts)[:-1])
    items = []
    for item, edges in zip(x.items, parts, strict=True):
        if op.slack:
            slack = add(constant(1e-8), multiply(constant(1e-5), call(Sql("abs"), item)))
            item = add(item, slack)
        items.append(_count_edges(item, edges))
    return _made(step, items, float(max(op.counts)))


def map_numbers(body: Body, step: Step) -> Value:
    """The value beside the key of its column."""
    op, x = step.op, body.kept(step.x)
    ends = np.cumsum(op.counts).tolist()
    items = []
    for place, (item, end, count) in enumerate(zip(x.items, ends, op.counts, strict=True)):
        keys = np.asarray(op.keys)[end - count : end]
        has_nan = bool(np.isnan(keys).any())
        values = np.asarray(op.values)[end - count : end]
        absent, default = constant(float(op.absent[place])), constant(float(op.defaults[place]))
        wrong = Sql("export_model.vector_unknown({}::pg_catalog.text, {})").format(
            item, number(count)
        )
        other = wrong if place in op.strict else default
        none = wrong if place in op.complete else absent
        found = _value_beside(item, keys, values, other)
        items.append(found if has_nan else choose(is_nan(item), none, found))
    name, kept = body.keep(items)
    return replace(_made(step, kept), is_kept=True, name=name)


def map_texts(body: Body, step: Step) -> Value:
    """The value beside the word of its column."""
    op, items, start = step.op, [], 0
    for place, (item, words) in enumerate(zip(step.x.items, op.words, strict=True)):
        values = np.asarray(op.values)[start : start + len(words)].tolist()
        start += len(words)
        wrong = Sql("export_model.vector_unknown({}, {})").format(item, number(len(words)))
        other = wrong if place in op.strict else constant(float(op.defaults[place]))
        none = wrong if place in op.complete else constant(float(op.absent[place]))
        items.append(
            Sql("case when {x} is null then {none} else {found} end").format(
                x=item, none=none, found=_value_of_word(item, words, values, other)
            )
        )
    name, kept = body.keep(items)
    return replace(_made(step, kept), is_kept=True, name=name)


def _value_of_word(x: Sql, words: Sequence[str], values: Sequence[float], other: Sql) -> Sql:
    """Compared byte by byte, whatever the database's collation says."""
    if not words:
        return other
    place = call(Sql("array_position"), texts(words), Sql('({} collate pg_catalog."C")').format(x))
    numbers = array(constant(value) for value in values)
    return Sql("coalesce(({})[{}], {})").format(numbers, place, other)


def indicate(body: Body, step: Step) -> Value:
    """1 in the places that are in x."""
    x = body.kept(step.x)
    items = [
        choose(
            Sql("{} operator(pg_catalog.=) any ({})").format(
                Sql("{}::double precision").format(number(place)), x.name or Sql("null")
            ),
            ONE,
            ZERO,
        )
        for place in range(step.op.size)
    ]
    return _made(step, items, 1.0)


def normalize_row(body: Body, step: Step) -> Value:
    """x / its norm."""
    op, x = step.op, body.kept(step.x)
    sizes = [call(Sql("abs"), item) for item in x.items]
    if op.norm == "l2":
        norm = call(Sql("sqrt"), total([times(item, item) for item in x.items]))
    else:
        norm = total(sizes) if op.norm == "l1" else largest(sizes)
    _, (size,) = body.keep([norm])
    is_small = compare(size, Sql("<"), constant(max(op.tiny, 1e-300)))
    _, (divisor,) = body.keep([choose(is_small, ONE, size)])
    return _made(step, [over(item, divisor) for item in x.items])


def products(body: Body, step: Step) -> Value:
    """Products of columns."""
    x = body.kept(step.x)
    items = [
        _in_order([ONE if place < 0 else x.items[place] for place in places])
        for places in step.op.places
    ]
    return _made(step, items)


def _in_order(items: Sequence[Sql]) -> Sql:
    """The product of any doubles, from the left to the right."""
    result = items[0]
    for item in items[1:]:
        result = times(result, item)
    return result


def decide(body: Body, step: Step) -> Value:
    """Which class a row has."""
    x = body.kept(step.x)
    if len(x.items) == 1:
        (item,) = x.items
        chosen = choose(compare(item, Sql(">"), ZERO), ONE, ZERO)
        return _made(step, [choose(is_nan(item), item, chosen)])
    _, (most,) = body.keep([largest(x.items)])
    place = call(Sql("array_position"), x.name or Sql("null"), most)
    place = Sql("({} operator(pg_catalog.-) 1)::double precision").format(place)
    return _made(step, [choose(is_nan(most), most, place)])


LOWERINGS: Mapping[type[ops.Op], Lowering] = {
    ops.Activation: activation,
    ops.Add: merge(total, sum),
    ops.Affine: affine,
    ops.Average: merge(_average, max),
    ops.Bucketize: bucketize,
    ops.Cast: cast,
    ops.Clip: clipped,
    ops.Compare: compared,
    ops.Concatenate: concatenate,
    ops.Constant: constants,
    ops.Cut: cut,
    ops.Decide: decide,
    ops.Dense: dense,
    ops.Discretize: discretize,
    ops.Divide: merge(lambda items: over(*items), lambda bounds: math.inf),
    ops.Embedding: embedding,
    ops.Encode: encode,
    ops.Fill: fill,
    ops.Impute: impute,
    ops.ImputeTexts: impute_texts,
    ops.Indicate: indicate,
    ops.IsMissing: is_missing,
    ops.LayerNormalization: layer_normalization,
    ops.LogSoftmax: log_softmax,
    ops.Lookup: lookup,
    ops.MapNumbers: map_numbers,
    ops.MapTexts: map_texts,
    ops.Maximum: merge(largest, max),
    ops.Minimum: merge(smallest, max),
    ops.Multiply: multiplied,
    ops.NormalizeRow: normalize_row,
    ops.NotEqual: not_equal,
    ops.Prelu: prelu,
    ops.Products: products,
    ops.Reduce: reduce,
    ops.Repeat: repeat,
    ops.Reshape: reshape,
    ops.Select: select,
    ops.Softmax: softmax,
    ops.Standardize: standardize,
    ops.Subtract: merge(_difference, sum),
    ops.Transpose: transpose,
    ops.Trees: trees,
    ops.Unary: unary,
    ops.Where: where,
}
"""The ops that this engine computes; it lacks all others."""
