"""What trees of CatBoost ask for: numbers, single categories, and statistics of categories.

Source: catboost/libs/model/model_export/json_model_helpers.cpp.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from exporter.errors import ArchiveError
from exporter.formats.trees.ensemble import Kind
from exporter.formats.trees.fields import get, list_of, number_of, whole
from exporter.formats.trees.hashed import Hashed, Part
from exporter.formats.trees.statistics import (
    Tables,
    check_targets,
    make_tables,
    read_statistics,
)
from exporter.ir.ops.categories import PartKind

NAN_KINDS = {"AsIs": Kind.PLAIN, "AsFalse": Kind.PLAIN, "AsTrue": Kind.RIGHT}
MOST_SINGLE = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Feature:
    """A feature that trees may ask for: its place among those of its kind, and among all that the
    model was trained with, its name, where a missing number goes, and how many questions about it
    the file lists."""

    place: int
    flat: int
    name: str
    kind: Kind
    questions: int


@dataclass(frozen=True)
class Question:
    """What a node asks: a column, how, and the border that must be exceeded to go right; or of a
    set the code that goes right."""

    column: int
    kind: int
    border: float
    code: int = -1


NO_QUESTION = Question(0, 0, 0.0)  # of a leaf


class Questions:
    """What the trees of a file ask for: numbers, then codes of categories, then statistics.

    asked are the indices of the categorical features that they ask for.
    """

    def __init__(self, document: Mapping[str, Any], splits: Sequence[Mapping[str, Any]]) -> None:
        every = document["features_info"]
        self.codes = _find_codes(splits)
        is_counted = any(split.get("split_type") == "OnlineCtr" for split in splits)
        self.asked = self.codes.keys() | (_find_combined(every) if is_counted else set())
        self.features = _read_features(every)
        self.categories = _read_categories(every, self.asked)
        self.statistics = read_statistics(every, self._read_part) if is_counted else ()
        check_targets(document["model_info"], self.statistics)
        self.tables = Tables((), {}, False)
        if self.statistics:
            self.tables = make_tables(self.statistics, get(document, "ctr_data", dict))
        # Behind the numbers stand codes, and behind these statistics.
        coded = [index for index in self.categories if index in self.codes]
        self.columns = {index: len(self.features) + n for n, index in enumerate(coded)}
        # CatBoost numbers all questions: those about numbers, single categories, then statistics.
        self.first = sum(feature.questions for feature in self.features.values())
        self.first += _count_values(every)
        sizes = [len(statistic.borders) for statistic in self.statistics]
        self.ends = self.first + np.cumsum(sizes, dtype=np.int64)

    @property
    def hashed(self) -> Hashed | None:
        """What becomes of categories, None where trees ask for none."""
        if not self.categories:
            return None
        inputs = (*self.features.values(), *self.categories.values())
        places = {feature.flat: place for place, feature in enumerate(self._in_order())}
        of_all = tuple(places[feature.flat] for feature in inputs)
        return Hashed(
            numbers=of_all[: len(self.features)],
            texts=of_all[len(self.features) :],
            codes=tuple((self.categories[n].place, self.codes[n]) for n in self.columns),
            tables=self.tables.tables,
            flat=tuple(feature.flat for feature in inputs),
            has_fractions=self.tables.has_fractions,
        )

    @property
    def width(self) -> int:
        """How many columns trees may ask for."""
        return len(self.features) + len(self.codes) + len(self.statistics)

    @property
    def names(self) -> tuple[str, ...]:
        """The features' names, in the order in which the model was trained with them."""
        return tuple(feature.name for feature in self._in_order())

    def _in_order(self) -> list[Feature]:
        own = sorted(
            (*self.features.values(), *self.categories.values()), key=lambda feature: feature.flat
        )
        if len({feature.flat for feature in own}) < len(own):
            raise ArchiveError("two features have the same flat_feature_index.")
        return own

    def _read_part(self, element: Any) -> Part:
        """An element of a combination."""
        kind = element["combination_element"]
        if kind == "float_feature":
            feature = self._number(element, "a combination")
            part = PartKind.ABOVE_OR_MISSING if feature.kind == Kind.RIGHT else PartKind.ABOVE
            border = number_of(element.get("border"), "a border")
            if not abs(border) <= MOST_SINGLE:
                raise ArchiveError("a combination has a border that is no float32.")
            return feature.place, int(part), border
        column = len(self.features) + self.categories[whole(element, "cat_feature_index")].place
        if kind == "cat_feature_value":
            return column, int(PartKind.VALUE), 0.0
        return column, int(PartKind.EQUAL), float(_read_hash(element))

    def _number(self, entry: Any, what: str) -> Feature:
        feature = self.features.get(whole(entry, "float_feature_index"))
        if feature is None:
            raise ArchiveError(f"{what} asks for a feature that is not there.")
        return feature

    def read(self, split: Any, number: int) -> Question:
        """A question of tree number.

        Raises: ArchiveError.
        """
        kind = split.get("split_type") if isinstance(split, dict) else None
        if kind == "OneHotFeature":
            index = whole(split, "cat_feature_index")
            code = self.codes[index].index(_read_hash(split))
            return Question(self.columns[index], Kind.SET, 0.5, code)
        if kind == "OnlineCtr":
            return self._read_statistic(split, number)
        feature = self._number(split, f"tree {number}")
        border = number_of(split.get("border"), "a border")
        return Question(feature.place, int(feature.kind), border)

    def _read_statistic(self, split: Any, number: int) -> Question:
        """A question about a statistic, which is known by its number among all questions only."""
        index = whole(split, "split_index")
        which = int(np.searchsorted(self.ends, index, side="right"))
        if index < self.first or which >= len(self.statistics):
            raise ArchiveError(f"tree {number} asks for a CTR that is not there.")
        statistic = self.statistics[which]
        border = statistic.borders[index - int(self.ends[which])]
        told = number_of(split.get("border"), "a border"), split.get("ctr_target_border_idx")
        if told != (border, statistic.target):
            raise ArchiveError(f"tree {number} asks for another CTR than its split_index.")
        column = len(self.features) + len(self.codes) + self.tables.places[which]
        return Question(column, int(Kind.PLAIN), border)


def _find_codes(splits: Sequence[Mapping[str, Any]]) -> dict[int, tuple[int, ...]]:
    """The hashes of single categories that trees ask for, by categorical feature; they ascend."""
    found: dict[int, set[int]] = defaultdict(set)
    for split in splits:
        if split.get("split_type") == "OneHotFeature":
            found[whole(split, "cat_feature_index")].add(_read_hash(split))
    return {index: tuple(sorted(hashes)) for index, hashes in found.items()}


def _count_values(every: Mapping[str, Any]) -> int:
    """How many questions about single categories the file lists."""
    entries = list_of(every.get("categorical_features"), "categorical_features")
    return sum(len(list_of(entry.get("values"), "values")) for entry in entries)


def _find_combined(every: Mapping[str, Any]) -> set[int]:
    """The categorical features that statistics are of."""
    entries = [entry for entry in list_of(every.get("ctrs"), "ctrs") if isinstance(entry, dict)]
    return {
        whole(element, "cat_feature_index")
        for entry in entries
        for element in list_of(entry.get("elements"), "elements")
        if isinstance(element, dict) and "cat_feature_index" in element
    }


def _read_hash(entry: Mapping[str, Any]) -> int:
    """32 bits of a category's hash, as a number with a sign, however they are written."""
    value = whole(entry, "value", -(2**31), 2**32)
    return value - 2**32 if value >= 2**31 else value


def _read_features(every: Mapping[str, Any]) -> dict[int, Feature]:
    """The features of numbers, by the index that trees know them by."""
    found = {}
    entries = list_of(every.get("float_features"), "float_features")
    entries = sorted(entries, key=lambda entry: whole(entry, "flat_feature_index"))
    for place, entry in enumerate(entries):
        kind = NAN_KINDS.get(str(entry.get("nan_value_treatment", "AsIs")))
        if kind is None:
            raise ArchiveError(f"feature {place} does not tell what becomes of missing values.")
        if entry.get("has_nans") is False:  # then it was trained without, and nothing is replaced
            kind = Kind.PLAIN
        borders = list_of(entry.get("borders"), "borders")
        found[whole(entry, "feature_index")] = Feature(
            place, entry["flat_feature_index"], _name(entry), kind, len(borders)
        )
    if len(found) != len(entries):
        raise ArchiveError("two features have the same index.")
    return found


def _read_categories(every: Mapping[str, Any], asked: Set[int]) -> dict[int, Feature]:
    """The features of categories that trees ask for, by their index."""
    found: dict[int, Feature] = {}
    entries = list_of(every.get("categorical_features"), "categorical_features")
    entries = sorted(entries, key=lambda entry: whole(entry, "flat_feature_index"))
    for entry in entries:
        index = whole(entry, "feature_index")
        if index in found:
            raise ArchiveError("two categorical features have the same index.")
        if index in asked:
            values = list_of(entry.get("values"), "values")
            flat = entry["flat_feature_index"]
            found[index] = Feature(len(found), flat, _name(entry), Kind.SET, len(values))
    if missing := asked - found.keys():
        raise ArchiveError(f"categorical feature {min(missing)} is not there.")
    return found


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("feature_id") or entry["flat_feature_index"])


def tell_unused(every: Mapping[str, Any], asked: Set[int]) -> tuple[str, ...]:
    """A sentence about features that are no numbers and that no tree asks for."""
    names = [
        str(entry.get("feature_id") or entry.get("flat_feature_index"))
        for kind in ("categorical_features", "text_features", "embedding_features")
        for entry in list_of(every.get(kind), kind)
        if isinstance(entry, dict)
        and not (kind == "categorical_features" and entry.get("feature_index") in asked)
    ]
    if not names:
        return ()
    return (f"no tree asks for these features, so they are left out: {', '.join(names)}",)
