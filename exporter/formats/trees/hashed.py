"""Categories that a model knows by hashes, as CatBoost does: codes of those that trees ask for, and
statistics of combinations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from exporter.formats.trees.ensemble import Floats
from exporter.ir.ops import (
    CategoryStatistics,
    CityHash,
    Concatenate,
    MapNumbers,
    Select,
    as_tensor,
)

V = TypeVar("V")
UNKNOWN = -1.0  # the code of a category that no tree asks for
# A part of a combination: its column, numbers before texts, its PartKind and its operand.
Part = tuple[int, int, float]


@dataclass(frozen=True, eq=False)
class Table:
    """Statistics of one combination: values beside the hashes of those that were seen, and last
    those of all others.

    Shapes: keys (k,), ascending, of uint64; values (k + 1, statistics), of float32.
    """

    parts: tuple[Part, ...]
    keys: np.ndarray[Any, np.dtype[np.uint64]]
    values: Floats


@dataclass(frozen=True, eq=False)
class Hashed:
    """Which features are numbers and which categories, by their places among all, and what trees
    ask of them: numbers, then a code for each category of codes, then the tables' statistics.

    codes are, by place among the categories, the hashes whose codes are 0, 1, ...: they ascend.
    flat are the places of numbers, then of categories, among the features that the library was
    trained with; has_fractions tells that sums of targets are no whole numbers.
    """

    numbers: tuple[int, ...]
    texts: tuple[int, ...]
    codes: tuple[tuple[int, tuple[int, ...]], ...]
    tables: tuple[Table, ...]
    flat: tuple[int, ...]
    has_fractions: bool

    def encode(self, add: Callable[..., V], numbers: V | None, texts: V) -> V:
        """The columns that trees ask for, as nodes that add appends."""
        hashes = add(CityHash(), texts)
        given = [] if numbers is None else [numbers]
        parts = [*given]
        if self.codes:
            places = tuple(place for place, _ in self.codes)
            is_all = places == tuple(range(len(self.texts)))
            parts.append(add(self._codes(), hashes if is_all else add(Select(places), hashes)))
        if self.tables:
            every = add(Concatenate(0), *given, hashes) if given else hashes
            parts.append(add(self._statistics(), every))
        return add(Concatenate(0), *parts) if len(parts) > 1 else parts[0]

    def _codes(self) -> MapNumbers:
        known = [np.array(hashes, np.float64) for _, hashes in self.codes]
        codes = [np.arange(len(hashes)) for hashes in known]
        unknown = as_tensor(np.full(len(known), UNKNOWN), dtype="float64")
        return MapNumbers(
            keys=as_tensor(np.concatenate(known), dtype="float64"),
            values=as_tensor(np.concatenate(codes), dtype="float64"),
            counts=tuple(map(len, known)),
            defaults=unknown,
            absent=unknown,
            strict=(),
            complete=(),
        )

    def _statistics(self) -> CategoryStatistics:
        parts = np.array([part for table in self.tables for part in table.parts], np.float64)
        keys = np.concatenate([table.keys for table in self.tables]).astype("<u8")
        return CategoryStatistics(
            columns=as_tensor(parts[:, 0], dtype="int32"),
            kinds=as_tensor(parts[:, 1], dtype="int32"),
            operands=as_tensor(parts[:, 2], dtype="float64"),
            counts=tuple(len(table.parts) for table in self.tables),
            keys=as_tensor(keys.view("<i4").reshape(-1, 2), dtype="int32"),
            sizes=tuple(len(table.keys) for table in self.tables),
            values=as_tensor(np.concatenate([table.values.ravel() for table in self.tables])),
            widths=tuple(table.values.shape[1] for table in self.tables),
        )
