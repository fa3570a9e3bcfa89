"""Sample rows for models of table columns: hard rows, chosen so that few reach much."""

from __future__ import annotations

import numpy as np

from exporter.engines.reference import Array, compute_values
from exporter.errors import VerificationError
from exporter.ir.graph import Graph
from exporter.ir.ops import Trees
from exporter.samples.aims import Aim, find_aims
from exporter.samples.drawn import EDGES, HASHED_WORDS, UNKNOWN_WORD, sentences
from exporter.samples.reach import choose_rows, measure

DRAWN, LEAST, MOST = 16, 256, 8000  # rows that are drawn for each that is wanted; at least, at most
STEPS = 3_000_000  # of rows through trees
WITH_MISSING = 0.5  # share of rows that may miss something
MISSING, SPECIAL = 0.25, 0.7  # shares, in a column, of those rows and of all
ZEROS = 24  # one row of so many is 0, and one -0
FAR = 8  # deviations from the middle: a 0 that is farther off hides what the others do
# Dates in days and timestamps in seconds since 1970: middle, spread, parts of one that there are,
# and how far from 1970 they go: what parts of a second a double still tells apart.
EPOCHS = {"date": (18_000.0, 2_000.0, 1, 700_000.0), "timestamp": (1.6e9, 1e8, 10**6, 8e9)}


def draw_columns(graph: Graph, rows: int) -> tuple[Array, ...]:
    """Rows of a model's columns, the same for the same graph.

    Many more are drawn than are wanted: numbers around the means of scalers, categories, numbers on
    edges and next to them, missing ones where they reach the model, unknown words where they are
    no error. Of these the rows are taken that reach the most of the model.
    Raises: VerificationError, when no row is found that the model takes.
    """
    generator = np.random.default_rng(int(graph.digest[:16], 16))
    aims = find_aims(graph)
    trees = sum(len(node.op.starts) for node in graph.nodes if isinstance(node.op, Trees))
    count = max(2 * rows, min(max(LEAST, DRAWN * rows), MOST, STEPS // (trees + 1)))
    may_miss = generator.random(count) < WITH_MISSING
    pool = []
    for port in graph.inputs:
        array = np.empty((count, len(port.columns)), object if port.is_text else np.float64)
        for place in range(len(port.columns)):
            draw = _draw_texts if port.is_text else _draw_numbers
            array[:, place] = draw(aims[port.value, place], generator, may_miss)
        pool.append(array)
    kept = _find_taken(graph, pool)
    pool = [array[kept] for array in pool]
    chosen = choose_rows(measure(graph, pool), rows)
    return tuple(array[chosen] for array in pool)


def _find_taken(graph: Graph, inputs: list[Array]) -> list[int]:
    """The rows that the model takes."""
    last = {node.value for node in graph.nodes}
    count = len(inputs[0])
    try:
        compute_values(graph, inputs, last)
        return list(range(count))
    except ValueError as error:
        reason = error
    taken = []
    for row in range(count):
        try:
            compute_values(graph, [array[row : row + 1] for array in inputs], last)
        except ValueError as error:
            reason = error
        else:
            taken.append(row)
    if not taken:
        raise VerificationError(
            f"no sample row was found that the model takes: {reason}. Give rows that it does take:"
            " --samples-from FILE."
        )
    return taken


def _draw_texts(aim: Aim, generator: np.random.Generator, may_miss: Array) -> Array:
    """Known words again and again, in one of four rows unknown ones where they may be."""
    count = len(may_miss)
    words = list(aim.words)
    if aim.is_split:
        words = sentences(words)
    if aim.words_allowed is not None:
        words = [word for word in words if word in aim.words_allowed]
    hard = [] if aim.words_allowed is not None else _unknown_words(aim)
    texts = np.empty(count, object)
    is_hard = generator.random(count) < (0.25 if words else 1.0) if hard else np.zeros(count, bool)
    for places, choice in ((is_hard, hard), (~is_hard, words)):
        texts[places] = _again_and_again(np.array([*choice, None], object)[:-1], places, generator)
    if aim.takes_missing:
        texts[may_miss & (generator.random(count) < MISSING)] = None
    return texts


def _unknown_words(aim: Aim) -> list[str]:
    """Texts that are none of the words: empty, not ASCII, and nearly one."""
    near = [text for word in list(aim.words)[:3] for text in (f"{word} ", word.upper())]
    known = aim.words
    return [w for w in ("", UNKNOWN_WORD, *(near or HASHED_WORDS), "größer") if w not in known]


def _draw_numbers(aim: Aim, generator: np.random.Generator, may_miss: Array) -> Array:
    """Ordinary numbers of the column, and among them those that the model tells apart."""
    count = len(may_miss)
    values = _draw_ordinary(aim, generator, count)
    special = _special(aim)
    if len(special):
        share = 1.0 if aim.allowed is not None else min(SPECIAL, 0.2 + len(special) / 20)
        places = generator.random(count) < share
        values[places] = _again_and_again(special, places, generator)
    if aim.allowed is None:
        is_near = aim.middle is None or abs(aim.middle) <= FAR * aim.spread
        drawn = generator.integers(ZEROS if is_near else 4 * ZEROS, size=count)
        if aim.low <= 0 <= aim.high and aim.column.kind != "boolean":
            values[drawn == 0] = 0.0
            values[drawn == 1] = -0.0 if aim.column.kind == "number" else 0.0
    values = np.clip(values, aim.low, aim.high)
    if aim.takes_missing:
        values[may_miss & (generator.random(count) < MISSING)] = np.nan
    return values


def _draw_ordinary(aim: Aim, generator: np.random.Generator, count: int) -> Array:
    kind = aim.column.kind
    if kind == "boolean":
        return generator.integers(2, size=count).astype(np.float64)
    drawn = generator.standard_normal(count)
    if kind in EPOCHS:
        middle, spread, unit, _ = EPOCHS[kind]
        if aim.middle is not None:
            middle, spread = aim.middle, aim.spread
        return _within_years(np.round((middle + spread * drawn) * unit) / unit, kind)
    if aim.middle is not None:
        return aim.middle + aim.spread * drawn
    on_edge = generator.random(count) < 0.2
    values: Array = np.where(
        on_edge, generator.choice(EDGES, count), drawn * generator.choice((1, 4), count)
    )
    return values


def _special(aim: Aim) -> Array:
    """The numbers that the model tells apart, as far as the column can hold them."""
    if aim.allowed is not None:
        return aim.allowed
    groups = [*aim.sides, *aim.keys]
    if aim.middle is not None:
        ends = [aim.middle, aim.middle - aim.spread, aim.middle + aim.spread]
        groups.append(np.array([*ends, np.nextafter(aim.middle, np.inf)]))
    found = np.unique(np.concatenate(groups)) if groups else np.zeros(0)
    found = found[(found >= aim.low) & (found <= aim.high)]
    if aim.column.kind == "boolean":
        found = found[(found == 0) | (found == 1)]
    if aim.column.kind in EPOCHS:
        unit = EPOCHS[aim.column.kind][2]
        found = np.concatenate([np.floor(found * unit), np.ceil(found * unit)]) / unit
        found = np.unique(_within_years(found, aim.column.kind))
    return found


def _within_years(x: Array, kind: str) -> Array:
    """Dates and timestamps that are not too far off."""
    most = EPOCHS[kind][3]
    clipped: Array = np.clip(x, -most, most)
    return clipped


def _again_and_again(choice: Array, places: Array, generator: np.random.Generator) -> Array:
    """All of a choice, in another order, as often as fills the places."""
    return np.resize(choice[generator.permutation(len(choice))], int(places.sum()))
