"""CatBoost's statistics of categories (CTRs): the tables in its JSON, and what they stand for.

Source: catboost/libs/model/static_ctr_provider.cpp, online_ctr.h and
model_export/json_model_helpers.cpp.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from exporter.errors import ArchiveError, UnsupportedError, counted
from exporter.formats.json_text import parse_object
from exporter.formats.trees.ensemble import Floats
from exporter.formats.trees.fields import get, list_of, number_of, numbers_of, whole
from exporter.formats.trees.hashed import Part, Table
from exporter.formats.trees.model import refuse

MEANS = ("BinarizedTargetMeanValue", "FloatTargetMeanValue")
COUNTERS = ("Counter", "FeatureFreq")
CLASSES = ("Borders", "Buckets")
EMPTY = 2**64 - 1  # the key of what CatBoost's table holds nothing in
MOST_PARTS = 64  # of a combination; CatBoost joins 16 categories at most
MOST_COUNT = 2**31
OF_TARGETS = ("MultiRMSE", "MultiRMSEWithMissingValues", "MultiLogloss", "MultiCrossEntropy")
ADVICE = (
    "Train for one target, with one TargetBorderCount for each type of CTR; or with CTRs of type"
    " Counter alone, or without (one_hot_max_size=255)."
)
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Statistic:
    """One CTR: what is counted, of which combination, and how the counts become a number.

    borders are what trees compare the number with.
    """

    kind: str
    parts: tuple[Part, ...]
    identifier: str
    target: int
    prior: tuple[float, float]
    shift: float
    scale: float
    borders: tuple[float, ...]

    @property
    def what(self) -> tuple[Any, ...]:
        """All that its value depends on."""
        return self.kind, self.parts, self.target, self.prior, self.shift, self.scale

    def value(self, count: Array, total: Array) -> Floats:
        """The number, rounded to float32 after each step as CatBoost does."""
        with np.errstate(all="ignore"):
            first, second, shift, scale = np.array(
                [*self.prior, self.shift, self.scale], np.float32
            )
            ratio = (count.astype(np.float32) + first) / (total.astype(np.float32) + second)
            return np.asarray((ratio + shift) * scale, np.float32)


def read_statistics(
    every: Mapping[str, Any], read_part: Callable[[Any], Part]
) -> tuple[Statistic, ...]:
    """The statistics of a file's features_info, in its order; read_part reads an element.

    Raises: ArchiveError.
    """
    return tuple(
        _read_statistic(entry, number, read_part)
        for number, entry in enumerate(list_of(every.get("ctrs"), "ctrs"))
    )


def _read_statistic(entry: Any, number: int, read_part: Callable[[Any], Part]) -> Statistic:
    what = f"CTR {number}"
    if not isinstance(entry, dict):
        raise ArchiveError(f"{what} is no object.")
    kind = get(entry, "ctr_type", str)
    if kind not in (*MEANS, *COUNTERS, *CLASSES):
        raise refuse("ctr", kind, "this type of CTR is not known", ADVICE)
    elements = get(entry, "elements", list)
    if not 0 < len(elements) <= MOST_PARTS:
        raise ArchiveError(f"{what} is of {counted(len(elements), 'element')}.")
    identifier = get(entry, "identifier", str)
    described = parse_object(identifier, f"the identifier of {what}")
    if described != {"identifier": elements, "type": kind}:
        raise ArchiveError(f"{what} has the identifier of another.")
    prior, denominator, shift, scale = (
        number_of(entry.get(name), f'"{name}" of {what}')
        for name in ("prior_numerator", "prior_denomerator", "shift", "scale")
    )
    borders = numbers_of(entry.get("borders"), f"borders of {what}")
    _check_ascending(borders, what)
    return Statistic(
        kind=kind,
        parts=tuple(read_part(element) for element in _in_order(elements)),
        identifier=identifier,
        target=whole(entry, "target_border_idx"),
        prior=(prior, denominator),
        shift=shift,
        scale=scale,
        borders=tuple(borders),
    )


ELEMENTS = ("cat_feature_value", "float_feature", "cat_feature_exact_value")


def _in_order(elements: list[Any]) -> list[dict[str, Any]]:
    """Categories before numbers and these before single categories, which is how they are joined.

    Raises: ArchiveError.
    """
    for element in elements:
        kind = element.get("combination_element") if isinstance(element, dict) else None
        if kind not in ELEMENTS:
            raise ArchiveError(f"a combination has an element that is none: {str(kind)[:60]!r}.")
    return sorted(elements, key=lambda element: ELEMENTS.index(element["combination_element"]))


def _check_ascending(borders: list[float], what: str) -> None:
    """Borders must ascend: a tree's question is known by its border's place."""
    if not (np.diff(borders) > 0).all() or not np.isfinite(borders).all():
        raise ArchiveError(f"the borders of {what} do not ascend.")


@dataclass(frozen=True, eq=False)
class Tables:
    """Tables of all combinations, where the values of each statistic stand among all of them, and
    whether sums of targets have fractions."""

    tables: tuple[Table, ...]
    places: dict[int, int]
    has_fractions: bool


def make_tables(statistics: tuple[Statistic, ...], data: Mapping[str, Any]) -> Tables:
    """The tables of the statistics, one for each combination.

    Raises: ArchiveError, where a table is missing or damaged.
    """
    groups: dict[tuple[Part, ...], list[int]] = defaultdict(list)
    for number, statistic in enumerate(statistics):
        groups[statistic.parts].append(number)
    counted = {
        s.identifier: _read_counts(data.get(s.identifier), s.kind, s.identifier) for s in statistics
    }
    tables = []
    order: list[int] = []
    for parts, numbers in groups.items():
        own = [statistics[number] for number in numbers]
        keys = np.unique(np.concatenate([counted[s.identifier].keys for s in own]))
        values = np.empty((len(keys) + 1, len(own)), np.float32)
        for column, statistic in enumerate(own):
            counts = counted[statistic.identifier]
            values[:, column] = statistic.value(*counts.unknown(statistic))[0]
            rows = np.searchsorted(keys, counts.keys)
            values[rows, column] = statistic.value(*counts.pick(statistic))
        tables.append(Table(parts, keys, values))
        order += numbers
    places = {number: place for place, number in enumerate(order)}
    has_fractions = any((c.numbers != np.floor(c.numbers)).any() for c in counted.values())
    return Tables(tuple(tables), places, has_fractions)


@dataclass(frozen=True, eq=False)
class _Counts:
    """A table as the file holds it: hashes, and beside each what was counted.

    Shapes: keys (k,), numbers (k, n).
    """

    keys: Array
    numbers: Array
    denominator: int

    def pick(self, statistic: Statistic) -> tuple[Array, Array]:
        """For each key how often it was so, and how often altogether."""
        if statistic.kind in COUNTERS:
            return self.numbers[:, 0], np.full(len(self.keys), self.denominator)
        if statistic.kind in MEANS:
            return self.numbers[:, 0], self.numbers[:, 1]
        classes, target = self.numbers.shape[1], statistic.target
        total = self.numbers.sum(axis=1)
        last = classes - 1 if statistic.kind == "Buckets" else classes - 2
        if target > last:
            raise ArchiveError(f"a CTR asks for class {target} of {classes}.")
        if statistic.kind == "Buckets":
            return self.numbers[:, target], total
        return self.numbers[:, target + 1 :].sum(axis=1), total

    def unknown(self, statistic: Statistic) -> tuple[Array, Array]:
        """The same for a combination that was never seen."""
        total = self.denominator if statistic.kind in COUNTERS else 0
        return np.zeros(1), np.full(1, total)


def _read_counts(entry: Any, kind: str, identifier: str) -> _Counts:
    """The table of an identifier.

    Raises: ArchiveError.
    """
    what = f"the table {identifier[:80]!r}"
    if not isinstance(entry, dict):
        raise ArchiveError(f"{what} is missing.")
    stride = whole(entry, "hash_stride")
    flat = get(entry, "hash_map", list)
    fixed = 3 if kind in MEANS else 2 if kind in COUNTERS else None
    if stride < 2 or stride != (fixed or max(3, stride)) or len(flat) % stride:
        raise ArchiveError(f"{what} has {len(flat)} items in strides of {stride}.")
    keys = np.array([_read_key(item, what) for item in flat[::stride]], np.uint64)
    columns = [flat[place::stride] for place in range(1, stride)]
    numbers = np.empty((len(keys), stride - 1))
    for place, column in enumerate(columns):
        is_sum = kind in MEANS and place == 0
        numbers[:, place] = numbers_of(column, what)
        own = numbers[:, place]
        is_count = (own >= 0) & (own < MOST_COUNT) & (own == np.floor(own))
        if not (np.isfinite(own) if is_sum else is_count).all():
            raise ArchiveError(f"{what} holds what is no count.")
    is_there = keys != EMPTY
    keys, numbers = keys[is_there], numbers[is_there]
    order = np.argsort(keys)
    keys, numbers = keys[order], numbers[order]
    if (keys[1:] == keys[:-1]).any():
        raise ArchiveError(f"{what} holds a hash twice.")
    return _Counts(keys, numbers, whole(entry, "counter_denominator"))


def _read_key(item: Any, what: str) -> int:
    """A hash, which is written as a text."""
    fine = isinstance(item, str) and item.isascii() and item.isdigit() and len(item) <= 20
    if not fine or int(item) > EMPTY:
        raise ArchiveError(f"{what} holds a key that is no hash: {str(item)[:40]!r}.")
    return int(item)


def check_targets(info: Mapping[str, Any], statistics: tuple[Statistic, ...]) -> None:
    """Refuse statistics of one type that were counted for several targets, or for several numbers
    of classes: CatBoost writes their tables under one key, so that only one of them is in the file.

    Raises: UnsupportedError.
    """
    used = {statistic.kind for statistic in statistics} - set(COUNTERS)
    parameters = info.get("params")
    parameters = parameters if isinstance(parameters, dict) else {}
    loss = parameters.get("loss_function")
    loss = loss.get("type") if isinstance(loss, dict) else None
    if used and loss in OF_TARGETS:
        raise _refuse_tables(sorted(used)[0], f"for each of the targets of {loss}")
    if len({statistic.what for statistic in statistics}) < len(statistics):
        raise _refuse_tables(statistics[0].kind, "twice, for several targets")
    options = parameters.get("cat_feature_params")
    for kind, counts in _find_binarizations(options if isinstance(options, dict) else {}):
        if kind in used and len(counts) > 1:
            numbers = " and ".join(map(str, sorted(counts)))
            raise _refuse_tables(kind, f"with TargetBorderCount {numbers}")


def _refuse_tables(kind: str, trained: str) -> UnsupportedError:
    reason = f"it was trained {trained}, and CatBoost writes only one of the tables into the file"
    return refuse("ctr", kind, reason, ADVICE)


def _find_binarizations(options: Mapping[str, Any]) -> Iterator[tuple[str, set[int]]]:
    """By type of CTR how many borders of the target it has, for each list of types there is."""
    own = options.get("per_feature_ctrs")
    lists = [options.get("simple_ctrs"), options.get("combinations_ctrs")]
    lists += own.values() if isinstance(own, dict) else []
    for entries in lists:
        found: dict[str, set[int]] = defaultdict(set)
        for entry in entries if isinstance(entries, list) else []:
            binarization = entry.get("target_binarization") if isinstance(entry, dict) else None
            count = binarization.get("border_count") if isinstance(binarization, dict) else None
            if isinstance(count, int):
                found[str(entry.get("ctr_type"))].add(count)
        yield from found.items()
