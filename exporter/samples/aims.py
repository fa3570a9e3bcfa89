"""What sample rows have to hold in each column, from what the ops of a model tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from exporter.engines.reference import Array, kernel_of
from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Node
from exporter.ir.ops import (
    CityHash,
    Compare,
    Concatenate,
    Constant,
    Impute,
    Op,
    PowerTransform,
    Probe,
    Select,
    Tensor,
    Trees,
    Ufunc,
    Unary,
    Where,
    as_tensor,
)
from exporter.samples.hashes import find_text

RISING = frozenset(
    ("log", "log1p", "log2", "log10", "exp", "exp2", "expm1", "sqrt", "cbrt", "arctan", "arcsinh")
)  # functions that only rise
EXACT = frozenset(("sqrt",))  # of these, those that every numpy and processor rounds alike
APART = 1e-9  # of an edge behind the others: their last digits differ from server to server
SMALLEST = 1e-300  # of what is drawn: databases differ in numbers that are still smaller
LARGEST = 1e300
MOST_HASHES = 200  # of a column, for which a text is looked for
NONE = np.zeros(0)


@dataclass(frozen=True)
class Origin:
    """Where an element of a value comes from: an element of an input, and what each op on the way
    does to it, for that element alone."""

    port: int
    place: int
    way: tuple[Op, ...] = ()

    def follow(self, x: Array) -> Array:
        """What becomes of numbers of the column."""
        y = x[:, None]
        with np.errstate(all="ignore"):
            for op in self.way:
                y = kernel_of(op)(y)
        return y[:, 0]


@dataclass(eq=False)
class Aim:
    """What is to be reached in one column.

    sides are numbers on an edge and those next to them on the other side; counted tells which of
    them a row reaches by holding them, which in trees is for the way through the tree to say.
    allowed and words_allowed are all that the column takes, None where it takes anything.
    """

    column: Column
    sides: list[Array] = field(default_factory=list)
    counted: list[Array] = field(default_factory=list)
    keys: list[Array] = field(default_factory=list)
    words: dict[str, None] = field(default_factory=dict)
    is_split: bool = False
    allowed: Array | None = None
    words_allowed: frozenset[str] | None = None
    low: float = -LARGEST
    high: float = LARGEST
    middle: float | None = None
    spread: float = 1.0
    takes_missing: bool = False


def find_aims(graph: Graph) -> dict[tuple[int, int], Aim]:
    """By input and place in its row, what is to be reached there."""
    aims = {
        (port.value, place): Aim(column, takes_missing=column.nulls == "missing")
        for port in graph.inputs
        for place, column in enumerate(port.columns)
    }
    for op, origin, probe in _find_probes(graph):
        _take(aims[origin.port, origin.place], op, origin, probe)
    return aims


def _find_probes(graph: Graph) -> Iterator[tuple[Op, Origin, Probe]]:
    """Every probe of an op with the column that it is about."""
    origins: dict[int, Sequence[Origin | None]] = {
        port.value: [Origin(port.value, place) for place in range(len(port.columns))]
        for port in graph.inputs
    }
    constants: dict[int, Tensor] = {
        node.value: node.op.value for node in graph.nodes if isinstance(node.op, Constant)
    }
    guards = {node.value for node in graph.nodes if _is_guard(node.op)}
    widths = {node.value: node.shape[0] for node in graph.nodes if len(node.shape) == 1}
    for node in graph.nodes:
        if isinstance(node.op, Where) and node.inputs[0] in guards:
            origins[node.value] = origins.get(node.inputs[2], ())
            continue
        known = [origins.get(value, ()) for value in node.inputs]
        if isinstance(node.op, Concatenate):  # of some parts nothing may be known
            parts = zip(node.inputs, known, strict=True)
            known = [part or [None] * (widths.get(value) or 0) for value, part in parts]
        if not known or not known[0]:
            continue
        for place, probe in _probes_of(node, len(known[0]), constants).items():
            origin = known[0][place] if place < len(known[0]) else None
            if origin is not None:
                yield node.op, origin, probe
        if isinstance(node.op, Select) and known[0]:
            origins[node.value] = [known[0][place] for place in node.op.columns]
        elif isinstance(node.op, Concatenate) and all(known):
            origins[node.value] = [origin for part in known for origin in part]
        elif known[0] and (_follows(node.op) or isinstance(node.op, CityHash)):
            origins[node.value] = [
                origin and _lengthen(origin, node.op, place, len(known[0]))
                for place, origin in enumerate(known[0])
            ]


def _probes_of(node: Node, width: int, constants: dict[int, Tensor]) -> dict[int, Probe]:
    """Those of the op; of a comparison with constants the constants."""
    if not isinstance(node.op, Compare) or node.inputs[1] not in constants or not width:
        return node.op.probes(width)
    limits = np.broadcast_to(constants[node.inputs[1]], (width,)).copy()
    if node.op.function in ("equal", "not_equal"):
        return {place: Probe(keys=limits[place : place + 1]) for place in range(width)}
    if node.op.function in ("greater", "less_equal"):
        limits = np.nextafter(limits, limits.dtype.type(np.inf))
    return {place: Probe(edges=limits[place : place + 1]) for place in range(width)}


def _is_guard(op: Op) -> bool:
    """Whether it asks for what a Where then takes from elsewhere, all else passing: missing values,
    or zeros."""
    if isinstance(op, Unary):
        return op.function == "isnan"
    return isinstance(op, Compare) and op.function == "equal"


def _follows(op: Op) -> bool:
    if isinstance(op, (Unary, Ufunc)):
        return op.function in RISING
    return op.traits.follows


def _lengthen(origin: Origin, op: Op, place: int, width: int) -> Origin:
    """The origin one op further on; texts are what they were."""
    if op.traits.gives == "texts":
        return origin
    cut = {}
    for name, tensor in op.tensors().items():
        element = np.broadcast_to(tensor, (width,))[place : place + 1]
        cut[name] = as_tensor(element, dtype=tensor.dtype.name)
    return replace(origin, way=(*origin.way, replace(op, **cut)))


def _take(aim: Aim, op: Op, origin: Origin, probe: Probe) -> None:
    """Add what a probe asks for."""
    if probe.words:
        words = [word for word in probe.words if "\0" not in word]
        aim.words.update(dict.fromkeys(words))
        aim.is_split = aim.is_split or probe.is_split
        if probe.is_closed:
            known = frozenset(words)
            aim.words_allowed = known if aim.words_allowed is None else aim.words_allowed & known
    if len(probe.edges):
        sides = _find_sides(origin, probe.edges)
        own = probe.edges.astype(np.float64)
        with np.errstate(over="ignore"):  # below the least number is an infinity
            below = np.nextafter(probe.edges, probe.edges.dtype.type(-np.inf)).astype(np.float64)
        aim.sides += [sides, *([] if origin.way else [own, below])]
        if not isinstance(op, Trees):
            aim.counted.append(sides)
    if aim.column.is_text and len(probe.keys):
        aim.words.update(dict.fromkeys(_find_words(probe.keys)))
    elif len(probe.keys):
        keys = _reach_keys(origin, probe.keys.astype(np.float64))
        aim.keys.append(keys)
        if probe.is_closed:
            aim.allowed = keys if aim.allowed is None else np.intersect1d(aim.allowed, keys)
    if all(isinstance(step, Impute) for step in origin.way):  # a number passes it as it is
        aim.low, aim.high = max(aim.low, probe.low), min(aim.high, probe.high)
        if aim.middle is None and probe.middle is not None:
            aim.middle, aim.spread = probe.middle, probe.spread


def _find_sides(origin: Origin, edges: Array) -> Array:
    """Numbers of the column on both sides of edges, ascending: next to each other, but not where a
    function is on the way whose last digit another numpy or processor computes differently."""
    if all(_is_exact(op) for op in origin.way):
        return cross(origin.follow, edges)
    with np.errstate(over="ignore"):
        apart = APART * np.maximum(1, np.abs(edges.astype(np.float64)))
        below = (edges - apart).astype(edges.dtype)
        above = (edges + apart).astype(edges.dtype)
        below = np.minimum(below, np.nextafter(edges, edges.dtype.type(-np.inf)))
        above = np.maximum(above, np.nextafter(edges, edges.dtype.type(np.inf)))
    # Each crossing gives two neighbours: one of them is enough.
    found = [cross(origin.follow, border)[::2] for border in (below, above)]
    return np.unique(np.concatenate(found))


def _is_exact(op: Op) -> bool:
    """Whether every server computes it alike, to the last digit."""
    if isinstance(op, (Unary, Ufunc)):
        return op.function in EXACT
    return not isinstance(op, PowerTransform)


def _find_words(hashes: Array) -> Iterator[str]:
    """Texts of some of these hashes, from all of their range."""
    places = np.linspace(0, len(hashes) - 1, min(len(hashes), MOST_HASHES)).astype(np.intp)
    texts = (find_text(int(number)) for number in hashes[np.unique(places)].tolist())
    return (text for text in texts if text is not None)


def _reach_keys(origin: Origin, keys: Array) -> Array:
    """The numbers of the column that become these."""
    found = np.where(origin.follow(keys) == keys, keys, np.nan)
    crossed = cross(origin.follow, keys) if np.isnan(found).any() else NONE
    numbers = np.concatenate([found[~np.isnan(found)], crossed])
    return np.unique(numbers[np.isin(origin.follow(numbers), keys)]) if len(numbers) else numbers


def cross(follow: Callable[[Array], Array], edges: Array) -> Array:
    """The float64 numbers next to each other between which follow, which only rises or only falls,
    gets from below an edge to it, or the reverse; nothing for an edge that it never crosses.

    Shapes: edges (k,) -> (up to 2 k,), ascending.
    """
    low, high = (np.full(len(edges), _order(np.float64(x))) for x in (-LARGEST, LARGEST))

    def is_there(places: Array) -> Array:
        with np.errstate(all="ignore"):
            return follow(_number(places)).astype(edges.dtype) >= edges

    at_low, at_high = is_there(low), is_there(high)
    crosses = at_low != at_high
    low, high, edges, at_low = low[crosses], high[crosses], edges[crosses], at_low[crosses]
    for _ in range(64):
        middle = (low >> 1) + (high >> 1) + (low & high & 1)
        as_low = is_there(middle) == at_low
        low, high = np.where(as_low, middle, low), np.where(as_low, high, middle)
    found = np.unique(_number(np.concatenate([low, high])))
    tiny = (np.abs(found) < SMALLEST) & (found != 0)
    return np.where(tiny, np.copysign(SMALLEST, found), found)


def _order(x: Array | np.float64) -> Array:
    """Numbers as whole numbers in the same order."""
    bits = np.asarray(x, np.float64).view(np.int64)
    return np.where(bits >= 0, bits, -(bits & np.int64(2**63 - 1)))


def _number(places: Array) -> Array:
    """The other way round."""
    bits = np.where(places >= 0, places, -places | np.int64(-(2**63)))
    return bits.astype(np.int64).view(np.float64)
