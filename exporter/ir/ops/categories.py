"""Ops that take categories as CatBoost does: by hashes of texts, and statistics beside hashes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

import numpy as np

from exporter.errors import ShapeError, counted
from exporter.ir.ops.base import Elementwise, Op
from exporter.ir.ops.probes import Probe, gather_probes
from exporter.ir.ops.shapes import Shape
from exporter.ir.ops.tensor import Dtype, Tensor
from exporter.ir.ops.traits import PLAIN, Traits

JOIN = 0x4906BA494954CB65  # of CatBoost's CalcHash
BACK = pow(JOIN, -1, 2**64)
MOST_BITS = 8  # yes and no of a combination that are tried to find the category behind its hash
MOST_KEYS = 1000  # of a column: as many rows of samples there hardly are


class PartKind(IntEnum):
    """What a part of a combination is: the number itself, whether it is above the operand as
    float32, the same where a NaN is above all, or whether it equals the operand."""

    VALUE = 0
    ABOVE = 1
    ABOVE_OR_MISSING = 2
    EQUAL = 3


@dataclass(frozen=True, eq=False)
class CityHash(Elementwise):
    """y = the lower 32 bits of CityHash64 (version 1.0) of a text, as a whole number with a sign.

    A text that is missing is an error. Types: x texts, y float64.
    """

    traits: ClassVar[Traits] = Traits(takes="texts")

    def output_dtype(self, *dtypes: Dtype) -> Dtype:
        """Which holds every whole number of 32 bits."""
        return "float64"


@dataclass(frozen=True, eq=False)
class CategoryStatistics(Op):
    """y = what tables hold beside the hash of a combination of a row's numbers.

    A combination is of counts parts, each a column of x, a PartKind and its operand; the first are
    hashes of categories. CatBoost's CalcHash joins their numbers: h = JOIN * (h + JOIN * part),
    from 0 on. Each table has sizes keys, halves of 64 bits with the lower first, and beside each
    widths values; behind those of its keys stand the values of all other combinations.
    Shapes: x (n,), columns, kinds, operands (parts,), keys (k, 2), values (all,) -> y (sum of
    widths,). Types: y is of x's.
    """

    columns: Tensor
    kinds: Tensor
    operands: Tensor
    counts: tuple[int, ...]
    keys: Tensor
    sizes: tuple[int, ...]
    values: Tensor
    widths: tuple[int, ...]

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """One number for each statistic; the input must have every column that is asked for."""
        (x,) = shapes
        most = int(self.columns.max(initial=-1))
        if len(x) != 1 or x[0] is None or most >= x[0]:
            raise ShapeError(f"its tables ask for {counted(most + 1, 'number')}, the input is {x}")
        return (sum(self.widths),)

    def output_dtype(self, *dtypes: Dtype) -> Dtype:
        """That of the numbers; values are float32, and all of them are numbers of float64."""
        return dtypes[0]

    def probes(self, width: int) -> dict[int, Probe]:
        """The borders of numbers, and of categories those hashes that the tables tell."""
        edges: dict[int, list[np.ndarray[Any, Any]]] = {}
        keys: dict[int, list[np.ndarray[Any, Any]]] = {}
        hashes = np.ascontiguousarray(self.keys, "<i4").view("<u8").ravel()
        part = key = 0
        for count, size in zip(self.counts, self.sizes, strict=True):
            own = slice(part, part + count)
            columns, kinds = self.columns[own].tolist(), self.kinds[own].tolist()
            for column, kind, operand in zip(columns, kinds, self.operands[own], strict=True):
                if kind in (PartKind.ABOVE, PartKind.ABOVE_OR_MISSING):
                    bound = np.nextafter(np.float32(operand), np.float32(np.inf))
                    edges.setdefault(column, []).append(np.array([bound]))
                elif kind == PartKind.EQUAL:
                    keys.setdefault(column, []).append(np.array([float(operand)]))
            if kinds.count(PartKind.VALUE) == 1 and count <= MOST_BITS:
                found = _find_hashes(hashes[key : key + size][:MOST_KEYS], count - 1)
                keys.setdefault(columns[0], []).append(found)
            part, key = part + count, key + size
        return gather_probes(edges, keys, np.float32)


def _find_hashes(joined: np.ndarray[Any, Any], bits: int) -> np.ndarray[Any, Any]:
    """The hashes of categories that CalcHash joined with so many answers, yes or no."""
    back, join = np.uint64(BACK), np.uint64(JOIN)
    values = joined.astype(np.uint64)
    for _ in range(bits):
        values = np.unique(np.concatenate([values * back, values * back - join]))
    found = (values * back * back).view(np.int64)
    fits = found == found.astype(np.int32)
    return np.asarray(found[fits], np.float64)
