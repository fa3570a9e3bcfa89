"""Lengths of axes: numbers, or the names of PL/SQL variables where a row decides them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from exporter.databases.oracle.text import number
from exporter.sql.text import Sql

Length: TypeAlias = int | Sql
Lengths: TypeAlias = tuple[Length, ...]
Argument: TypeAlias = Length | None


def times(*factors: Length) -> Sql:
    """A product: numbers first multiplied, then names."""
    known = math.prod(n for n in factors if isinstance(n, int))
    names = [n for n in factors if isinstance(n, Sql)]
    if names and known == 1:
        return Sql(" * ").join(names)
    return Sql(" * ").join([*names, number(known)])


def along(shape: Lengths, axes: Sequence[int]) -> tuple[Sql, Sql]:
    """p_length and p_inner of axes that lie side by side."""
    return times(*shape[axes[0] : axes[-1] + 1]), times(*shape[axes[-1] + 1 :])


def runs(axes: Sequence[int]) -> list[tuple[int, ...]]:
    """Axes in groups that lie side by side."""
    groups: list[tuple[int, ...]] = []
    for axis in sorted(set(axes)):
        if groups and groups[-1][-1] == axis - 1:
            groups[-1] = (*groups[-1], axis)
        else:
            groups.append((axis,))
    return groups


def replaced(shape: Lengths, axis: int, length: Length) -> Lengths:
    """The shape with another length along axis."""
    return (*shape[:axis], length, *shape[axis + 1 :])


def joined(a: Lengths, b: Lengths) -> Lengths:
    """The shape of a + b; of two lengths that a row decides, the first: they agree."""
    return tuple(n if m == 1 else m for m, n in zip(a, b, strict=True))


def number_of(length: Length) -> Sql:
    """A length as an argument."""
    return length if isinstance(length, Sql) else number(int(length))


def place_of(n: Sql, place: int) -> Sql:
    """A place in n as Python counts: from behind where it is negative."""
    return number(place) if place >= 0 else Sql("{} - {}").format(n, number(-place))


def boolean(value: bool) -> Sql:
    """true or false."""
    return Sql("true") if value else Sql("false")
