"""Sample inputs for networks whose columns say nothing of themselves."""

from __future__ import annotations

import numpy as np

from exporter.engines.reference import Array
from exporter.errors import ShapeError
from exporter.ir.graph import Graph
from exporter.ir.ops import Shape, WordLookup

FREE_LENGTHS = (5, 16, 64, 256)  # what a free length is in sample rows: the first that fits
SCALES = (1, 1, 4, 1, 1, 1, 30, 1)  # of rows, again and again
EDGE_ROW = 4
EDGES = np.array([-6, -3, -2.5, -1, -0.5, 0, 0.5, 1, 1.5, 2.5, 3, 6, 100], np.float32)
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


def draw_plain(graph: Graph, rows: int, length: int | None = None) -> tuple[Array, ...]:
    """Sample inputs: a row of zeros, then standard normal numbers; the same for the same graph.

    Some rows are wider (SCALES), one in eight holds EDGES: where functions bend or round. So they
    are in inputs of whole numbers and truth values, too, within what their type holds. Inputs that
    an Embedding looks up are whole numbers below its vocabulary's size; texts are words of the
    vocabularies that they are looked up in, the first row unknown ones where they may be. A free
    length is the given one.
    """
    generator = np.random.default_rng(int(graph.digest[:16], 16))
    sizes = vocabularies(graph)
    words = known_words(graph)
    free_length = choose_free_length(graph) if length is None else length
    inputs = []
    for port in graph.inputs:
        shape = tuple(free_length if n is None else n for n in port.shape)
        if port.is_text:
            choice = words.get(port.value, [*HASHED_WORDS, UNKNOWN_WORD])
            places = generator.integers(len(choice), size=(rows, *shape))
            places[0] = len(choice) - 1
            inputs.append(np.array(choice, object)[places])
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
        values[0] = 0
        inputs.append(values)
    return tuple(inputs)


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
            words = dict.fromkeys(sentences(list(words)))
        choice = [word for word in words if all(word in known for known in strict)]
        result[value] = choice if strict and choice else [*choice, UNKNOWN_WORD]
    return result


def sentences(words: list[str]) -> list[str]:
    """Texts of one to five of the words, in capitals and with punctuation now and then."""
    if not words:
        return [""]
    texts = ["", *words]
    for start in range(len(words)):
        first, *rest = [words[(start * 7 + n) % len(words)] for n in range(1 + start % 5)]
        texts.append(" ".join([f"{first.upper()}!", *rest, "größer,\u00a0NEU"]))
    return texts
