"""Features that are categories: the table holds them, a library numbered them 0, 1, ..."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.errors import Problem, UnsupportedError
from exporter.formats.trees.ensemble import INVERTED, NAN_RIGHT, Ensemble, Kind
from exporter.formats.trees.model import Booster
from exporter.ir.ops import StringLookup, as_tensor

MISSING = -1  # the number of a text that is NULL, or none of the categories
Array = np.ndarray[Any, Any]


def find_texts(booster: Booster) -> list[int]:
    """The features whose categories are texts."""
    return sorted(n for n, values in booster.categories.items() if _are_texts(values))


def _are_texts(values: Sequence[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _are_whole(values: Sequence[Any]) -> bool:
    return all(
        isinstance(value, (bool, int, float)) and abs(value) < 2**24 and value == int(value)
        for value in values
    )


def check_categories(booster: Booster) -> None:
    """Refuse categories that are neither small whole numbers nor texts, and texts that a tree
    compares.

    Raises: UnsupportedError, naming every feature.
    """
    names = booster.names or [f"f{n}" for n in range(1 + max(booster.categories, default=0))]
    asked = booster.body.columns[:, :2].tolist() if isinstance(booster.body, Ensemble) else []
    compared = {feature for feature, kind in asked if kind < Kind.SET}
    problems = []
    for feature, values in booster.categories.items():
        if _are_whole(values):
            continue
        reason = f"its categories are such as {values[0]!r}"
        if _are_texts(values):
            if feature not in compared and isinstance(booster.body, Ensemble):
                continue
            reason = f"a tree compares its categories, such as {values[0]!r}, as numbers"
        advice = "Train with the categories as whole numbers, and give the table such a column."
        kind = "categorical feature"
        problems.append(Problem(names[feature], kind, reason, advice, "column"))
    if problems:
        raise UnsupportedError(problems)


def look_up(words: Sequence[str]) -> StringLookup:
    """The number of each text, MISSING for NULL and for others."""
    places = as_tensor(np.arange(len(words)), dtype="float64")
    return StringLookup(tuple(words), places, float(MISSING))


def replace_categories(body: Ensemble, categories: Mapping[int, Sequence[Any]]) -> Ensemble:
    """Sets of whole numbers as they are in the table, instead of the library's numbers of them;
    among texts MISSING goes where a missing value does."""
    columns = body.columns.copy()
    pieces = [body.members[:0]]
    end = 0
    for place, (feature, kind, first, last) in enumerate(body.columns.tolist()):
        own = body.members[first:last]
        values = categories.get(feature, ())
        if values and not _are_texts(values):
            own = np.array([int(values[n]) for n in own.tolist() if n < len(values)], np.int32)
        elif values and kind >= Kind.SET and (kind & NAN_RIGHT != 0) != (kind & INVERTED != 0):
            own = np.append(own, np.int32(MISSING))
        columns[place, 2:] = end, end + len(own)
        end += len(own)
        pieces.append(own)
    return replace(body, columns=columns, members=np.concatenate(pieces))


def find_codes(booster: Booster, inputs: Sequence[Array]) -> Array:
    """Rows as the library takes them, from the inputs of the graph: numbers of categories, NaN for
    a text and -1 for a whole number that is none of them."""
    texts = find_texts(booster)
    numbers = [array for array in inputs if array.dtype != object]
    width = sum(array.shape[1] for array in inputs)
    result = np.empty((len(inputs[0]), width))
    result[:, [n for n in range(width) if n not in texts]] = numbers[0] if numbers else 0
    for place, feature in enumerate(texts):
        codes = {word: float(code) for code, word in enumerate(booster.categories[feature])}
        own = inputs[-1][:, place].tolist()
        result[:, feature] = [codes.get(word, np.nan) for word in own]
    for feature, values in booster.categories.items():
        if feature not in texts:
            known = {float(value): float(code) for code, value in enumerate(values)}
            own = result[:, feature].tolist()
            result[:, feature] = [known.get(v, v if np.isnan(v) else -1.0) for v in own]
    return result
