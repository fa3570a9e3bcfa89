"""What goes into the tables beside functions: weights in chunks, samples with their outputs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from exporter.engines.reference import evaluate
from exporter.errors import ShapeError, VerificationError
from exporter.formats.format import Answer
from exporter.ir.graph import Graph, Node, Port
from exporter.ir.ops import Concatenate, Select, Shape, WordLookup
from exporter.ir.passes import simplify
from exporter.ir.plan import Plan, Signature, plan_graph

CHUNK_BYTES = 2**20
FREE_LENGTHS = (5, 16, 64, 256)  # what a free length is in sample rows: the first that fits
SCALES = (1, 1, 4, 1, 1, 1, 30, 1)  # of rows, again and again
EDGE_ROW = 4
EDGES = np.array([-6, -3, -2.5, -1, -0.5, 0, 0.5, 1, 1.5, 2.5, 3, 6, 100], np.float32)
ILL_CONDITIONED = 4  # times what float32 costs the row in the middle: such rows prove little
# Dates in days and timestamps in seconds since 1970: middle, spread, parts of one that there are,
# and how far from 1970 they go: what parts of a second a double still tells apart.
EPOCHS = {"date": (18_000, 2_000, 1, 700_000), "timestamp": (1.6e9, 1e8, 10**6, 8e9)}
UNKNOWN_WORD = "no word of the vocabulary"
HASHED_WORDS = (
    "",
    "a",
    "größer",
    "8 bytes!",
    "17 bytes, or more",
    "x" * 40,
    "模型" * 12,
    "y" * 150,
)
AGREEMENT = 10  # times the tolerance: what a framework may differ by, for it may be rounding
REPORT = (
    "Please report it with the model file (or its configuration);"
    " --expected-by float64 exports it on this program's word."
)
BASE_TOLERANCE = {"float32": 1e-5, "float64": 1e-9}  # of scores that are computed in it
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Chunk:
    """A piece of the weights, at most CHUNK_BYTES long: a view of the block."""

    number: int
    data: memoryview
    sha256: str


@dataclass(frozen=True, eq=False)
class Samples:
    """Rows with expected outputs, scored in the database before a deployment is accepted.

    Shapes: one array (rows, ...) for each input and output. expected_by says who computed them.
    A score may differ from its expected output e by tolerance * max(1, |e|).
    """

    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    expected_by: str
    tolerance: float

    def __len__(self) -> int:
        return len(self.inputs[0])


def split_block(block: bytes, chunk_bytes: int = CHUNK_BYTES) -> list[Chunk]:
    """The weights in order; a model without weights has no chunk."""
    view = memoryview(block)
    return [
        Chunk(number, data, hashlib.sha256(data).hexdigest())
        for number, start in enumerate(range(0, len(block), chunk_bytes))
        for data in [view[start : start + chunk_bytes]]
    ]


def draw_inputs(graph: Graph, rows: int) -> tuple[Array, ...]:
    """Sample inputs: a row of zeros, then standard normal numbers; the same for the same graph.

    Some rows are wider (SCALES), one in five holds EDGES: where functions bend or round. So they
    are in inputs of whole numbers and truth values, too, within what their type holds. Inputs that
    an Embedding looks up are whole numbers below its vocabulary's size; texts are words of the
    vocabularies that they are looked up in, the first row unknown ones where they may be. What
    trees ask about is drawn from their bounds and the numbers below these, every second time.
    """
    generator = np.random.default_rng(int(graph.digest[:16], 16))
    sizes = vocabularies(graph)
    words = known_words(graph)
    landmarks = find_landmarks(graph)
    closed = find_closed(graph)
    free_length = choose_free_length(graph)
    inputs = []
    for port in graph.inputs:
        shape = tuple(free_length if n is None else n for n in port.shape)
        if port.is_text:
            choice = words.get(port.value, [*HASHED_WORDS, UNKNOWN_WORD])
            places = generator.integers(len(choice), size=(rows, *shape))
            places[0] = len(choice) - 1
            texts = np.array(choice, object)[places]
            for (value, place), (some, is_closed) in find_words(graph).items():
                if value == port.value:
                    texts[:, place] = generator.choice(
                        np.array([*some, *(() if is_closed else (UNKNOWN_WORD, ""))], object), rows
                    )
            for number, column in enumerate(port.columns):
                if column.nulls == "missing":
                    texts[(np.arange(rows) + column.place) % 4 == 3, number] = None
            inputs.append(texts)
            continue
        if port.value in sizes:
            values = generator.integers(sizes[port.value], size=(rows, *shape)).astype(port.dtype)
        else:
            values = generator.standard_normal((rows, *shape)).astype(port.dtype)
            for row in range(1, rows):
                values[row] *= SCALES[row % len(SCALES)]
                if row % len(SCALES) == EDGE_ROW:
                    values[row] = generator.choice(EDGES, shape)
            values = np.clip(np.abs(values) if port.low == 0 else values, port.low, port.high)
        values = _in_units(port, values, generator) if port.columns else values
        values[0] = 0
        for (value, place), numbers in landmarks.items():
            if value == port.value and len(numbers):
                is_drawn = generator.random(rows) < 0.5
                if place in closed.get(value, ()):
                    is_drawn = np.ones(rows, bool)
                values[is_drawn, place] = generator.choice(numbers, int(is_drawn.sum()))
        inputs.append(_as_columns(port, values) if port.columns else values)
    return tuple(inputs)


def find_landmarks(graph: Graph) -> dict[tuple[int, int], Array]:
    """By input and place in its row, numbers that an op tells from those beside them."""
    found: dict[tuple[int, int], list[Array]] = {}
    only: dict[tuple[int, int], Array] = {}  # where others are an error
    for node, known in _first_readers(graph):
        closed = node.op.closed()
        for place, numbers in node.op.landmarks().items():
            if place < len(known):
                found.setdefault(known[place], []).append(numbers)
                if place in closed:
                    only.setdefault(known[place], numbers)
    return {origin: np.concatenate(parts) for origin, parts in found.items()} | only


def find_words(graph: Graph) -> dict[tuple[int, int], tuple[list[str], bool]]:
    """By input and place in its row, texts that an op tells from others, and whether others are
    an error."""
    found: dict[tuple[int, int], tuple[list[str], bool]] = {}
    for node, known in _first_readers(graph):
        for place, words in node.op.words_at().items():
            if place < len(known):
                before, was_closed = found.get(known[place], ([], False))
                is_closed = place in node.op.closed()
                both = [w for w in before if w in words] if was_closed and is_closed else None
                if was_closed != is_closed:
                    both = before if was_closed else list(words)
                words = tuple(word for word in words if "\0" not in word)
                found[known[place]] = (
                    [*before, *words] if both is None else both,
                    was_closed or is_closed,
                )
    return {origin: item for origin, item in found.items() if item[0]}


def find_closed(graph: Graph) -> dict[int, set[int]]:
    """By input, the places in its row where numbers but the landmarks are an error."""
    found: dict[int, set[int]] = {}
    for node, known in _first_readers(graph):
        for place in node.op.closed():
            if place < len(known):
                found.setdefault(known[place][0], set()).add(known[place][1])
    return found


def _first_readers(graph: Graph) -> Iterator[tuple[Node, list[tuple[int, int]]]]:
    """Each node with the elements of inputs that those of its first input are, where they are."""
    origins: dict[int, list[tuple[int, int]]] = {
        port.value: [(port.value, place) for place in range(port.shape[0] or 0)]
        for port in graph.inputs
        if len(port.shape) == 1
    }
    for node in graph.nodes:
        known = [origins.get(value, []) for value in node.inputs]
        if isinstance(node.op, Select) and known[0]:
            origins[node.value] = [known[0][place] for place in node.op.columns]
        elif isinstance(node.op, Concatenate) and all(known):
            origins[node.value] = [origin for part in known for origin in part]
        elif node.op.keeps_places and known[0]:
            origins[node.value] = known[0]
        yield node, known[0] if known else []


def _in_units(port: Port, values: Array, generator: np.random.Generator) -> Array:
    """Rows in the units of their columns: dates and timestamps of about now, booleans."""
    values = values.astype(np.float64)
    for number, column in enumerate(port.columns):
        if column.kind == "boolean":
            values[:, number] = generator.integers(2, size=len(values))
        elif column.kind in EPOCHS:
            middle, spread, _, _ = EPOCHS[column.kind]
            values[:, number] = middle + spread * values[:, number]
    return values


def _as_columns(port: Port, values: Array) -> Array:
    """Rows that columns of these kinds can hold, with something missing in one of four where that
    reaches the model."""
    rows = len(values)
    for number, column in enumerate(port.columns):
        if column.kind == "boolean":
            values[:, number] = values[:, number] != 0
        elif column.kind in EPOCHS:
            _, _, unit, most = EPOCHS[column.kind]
            held = np.round(values[:, number] * unit) / unit
            values[:, number] = np.clip(held, -most, most)
        if column.nulls == "missing":
            values[(np.arange(rows) + column.place) % 4 == 3, number] = np.nan
    return values


def choose_free_length(graph: Graph) -> int:
    """The shortest of FREE_LENGTHS that every op accepts: a convolution needs a whole window."""
    for length in FREE_LENGTHS:
        shapes: dict[int, Shape] = {
            port.value: tuple(length if n is None else n for n in port.shape)
            for port in graph.inputs
        }
        try:
            for node in graph.nodes:
                shapes[node.value] = node.op.output_shape(*(shapes[v] for v in node.inputs))
        except ShapeError:
            continue
        return length
    return FREE_LENGTHS[-1]


def vocabularies(graph: Graph) -> dict[int, int]:
    """The smallest vocabulary that each value is looked up in, by number of the value."""
    sizes: dict[int, int] = {}
    for node in reversed(graph.nodes):
        size = node.op.vocabulary
        if node.op.traits.moves:
            size = sizes.get(node.value)
        if size is None:
            continue
        for value in node.inputs:
            sizes[value] = min(size, sizes.get(value, size))
    return sizes


def known_words(graph: Graph) -> dict[int, list[str]]:
    """Words to score each value of texts with; UNKNOWN_WORD is the last where none is an error.

    What is taken apart into tokens is scored with several of them in a text.
    """
    found: dict[int, list[WordLookup]] = {}
    taken_apart: set[int] = set()
    for node in reversed(graph.nodes):
        if node.op.traits.splits_texts:
            taken_apart.update(node.inputs)
        if isinstance(node.op, WordLookup):
            found.setdefault(node.inputs[0], []).append(node.op)
        elif node.value in found:
            for value in node.inputs:
                found.setdefault(value, []).extend(found[node.value])
    result = {}
    for value, ops in found.items():
        words = {word: None for op in ops for word in op.words if "\0" not in word}
        strict = [set(op.words) for op in ops if op.is_closed]
        if value in taken_apart:
            words = dict.fromkeys(_sentences(list(words)))
        choice = [word for word in words if all(word in known for known in strict)]
        result[value] = choice if strict and choice else [*choice, UNKNOWN_WORD]
    return result


def _sentences(words: list[str]) -> list[str]:
    """Texts of one to five of the words, in capitals and with punctuation now and then."""
    if not words:
        return [""]
    texts = ["", *words]
    for start in range(len(words)):
        first, *rest = [words[(start * 7 + n) % len(words)] for n in range(1 + start % 5)]
        texts.append(" ".join([f"{first.upper()}!", *rest, "größer,\u00a0NEU"]))
    return texts


def expect_outputs(plan: Plan, inputs: tuple[Array, ...]) -> Samples:
    """Samples with outputs by this program in float64, each in its own type.

    The tolerance starts at BASE_TOLERANCE, of float32 if any output is, and grows with what float32
    costs this very network: four times the difference between its evaluation as in a database and
    that in float64 on the samples. Rows that differ by far more than others, because a number
    overflows or cancels, are left out: they would raise the tolerance for all.
    """
    with np.errstate(all="ignore"):
        single = evaluate(plan, list(inputs), "float32")
        double = evaluate(plan, list(inputs), "float64")
        exact = [e.astype(s.dtype) for s, e in zip(single, double, strict=True)]
    base = base_tolerance(exact)
    pairs = list(zip(single, exact, strict=True))
    each = [max(scaled_difference(s[n], e[n]) for s, e in pairs) for n in range(len(inputs[0]))]
    limit = max(base / 4, ILL_CONDITIONED * float(np.median(each)))
    kept = [n for n, difference in enumerate(each) if difference <= limit]
    rounding = max(each[n] for n in kept)
    return Samples(
        inputs=tuple(array[kept] for array in inputs),
        outputs=tuple(array[kept] for array in exact),
        expected_by="export-model, float64",
        tolerance=max(base, 4 * rounding),
    )


def base_tolerance(outputs: Sequence[Array]) -> float:
    """What scores may be off in any case, from the outputs in their own types."""
    return max(BASE_TOLERANCE[output.dtype.name] for output in outputs)


def transform(graph: Graph, inputs: tuple[Array, ...], port: Port) -> tuple[Array, ...]:
    """What a transformer makes of rows in float64, as the input of the model behind it takes it."""
    simple = simplify(graph)
    names = tuple(column.name for column in simple.columns)
    (array,) = evaluate(plan_graph(simple, Signature(graph.name, names)), list(inputs))
    return (array.astype(port.dtype).reshape(-1, *(n or 0 for n in port.shape)),)


def make_samples(
    graph: Graph,
    plan: Plan,
    inputs: tuple[Array, ...],
    ask: Callable[[tuple[Array, ...]], Answer] | None = None,
) -> Samples:
    """Samples with outputs by the framework that ask gives, else by this program in float64.

    Raises: VerificationError, when the framework computes something else.
    """
    samples = expect_outputs(plan, inputs)
    answer = Answer(None, "", "not asked") if ask is None else ask(samples.inputs)
    if answer.outputs is None:
        return samples
    difference = _compare(graph, answer.who, answer.outputs, samples)
    return replace(
        samples,
        outputs=answer.outputs,
        expected_by=answer.who,
        tolerance=max(samples.tolerance, 2 * difference),
    )


def _compare(graph: Graph, who: str, expected: tuple[Array, ...], samples: Samples) -> float:
    """By how much outputs differ from those that this program computed.

    Raises: VerificationError, when it is more than rounding, with the two numbers.
    """
    shapes = [array.shape for array in expected], [array.shape for array in samples.outputs]
    if shapes[0] != shapes[1]:
        raise VerificationError(
            f"{who} gives outputs of shapes {shapes[0]} for the sample rows, this program"
            f" {shapes[1]}, so one of them is wrong and nothing is exported. {REPORT}"
        )
    worst = [worst_difference(a, b) for a, b in zip(expected, samples.outputs, strict=True)]
    number = max(range(len(worst)), key=lambda n: worst[n][0])
    difference, place = worst[number]
    allowed = AGREEMENT * base_tolerance(samples.outputs)
    if difference <= max(allowed, samples.tolerance):
        return difference
    index = f"[{', '.join(map(str, place[1:]))}]" if len(place) > 1 else ""
    raise VerificationError(
        f"{who} and this program differ by {difference:.2g} on sample rows of this file,"
        f" so one of them is wrong and nothing is exported: in row {place[0]}, output"
        f' "{graph.outputs[number].name}"{index} is {expected[number][place]:.7g} by {who} and'
        f" {samples.outputs[number][place]:.7g} by this program. {REPORT}"
    )


def worst_difference(a: Array, b: Array) -> tuple[float, tuple[int, ...]]:
    """The largest scaled difference, and where it is."""
    differences = _scaled(a, b)
    if not differences.size:
        return 0.0, ()
    place = np.unravel_index(int(differences.argmax()), differences.shape)
    return float(differences[place]), tuple(int(n) for n in place)


def scaled_difference(a: Array, b: Array) -> float:
    """Largest |a - b| / max(1, |b|), NaN equal to NaN and infinities to themselves."""
    return float(_scaled(a, b).max(initial=0.0))


def _scaled(a: Array, b: Array) -> Array:
    a, b = a.astype(np.float64), b.astype(np.float64)
    with np.errstate(invalid="ignore"):
        difference = np.abs(a - b) / np.maximum(1, np.abs(b))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(same, 0.0, np.where(np.isnan(difference), np.inf, difference))
