"""The weights of a network as the routines of nn_runtime take them: arrays, in parts to load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from exporter.databases.oracle.registry import MAX_ARRAY, Part
from exporter.databases.oracle.text import ident, number, remark
from exporter.engines.plsql.kinds import Kind, kind_of
from exporter.engines.plsql.runtime import DOUBLE, TABLES, TREES, in_runtime
from exporter.errors import ExportError
from exporter.ir.graph import format_shape
from exporter.ir.ops import Dtype, Tensor
from exporter.ir.plan import Plan
from exporter.samples import Array
from exporter.sql.text import Sql


class CannotCall(ExportError):
    """An op cannot be called with what this network gives it: a reason and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


@dataclass(frozen=True)
class Global:
    """Weights in the package: a variable, what it is, and the parts that it is loaded from."""

    variable: Sql
    comment: Sql
    parts: tuple[int, ...]
    is_blocked: bool
    kind: Kind

    @property
    def type_name(self) -> Sql:
        """The type of the variable."""
        return in_runtime("t_blocks", self.kind.package) if self.is_blocked else self.kind.array

    @property
    def loads(self) -> Iterator[Sql]:
        """Assignments from the parts."""
        for block, part in enumerate(self.parts, 1):
            place = Sql("({})").format(number(block)) if self.is_blocked else Sql("")
            yield Sql("{}{} := {}({});").format(self.variable, place, self.kind.parts, number(part))


@dataclass(frozen=True)
class Places(Global):
    """Weights that are places: whole numbers in a collection of PLS_INTEGER."""

    @property
    def type_name(self) -> Sql:
        """The type of the variable."""
        return in_runtime("t_shape", DOUBLE)

    @property
    def loads(self) -> Iterator[Sql]:
        """The assignment from the only part."""
        (part,) = self.parts
        yield Sql("{} := {}({}({}));").format(
            self.variable, in_runtime("to_places", TREES), self.kind.parts, number(part)
        )


@dataclass(frozen=True)
class Words:
    """Words to look up: a variable, what it is, and the call that makes it."""

    variable: Sql
    comment: Sql
    made: Sql

    @property
    def type_name(self) -> Sql:
        """The type of the variable."""
        return in_runtime("t_vocabulary", TABLES)

    @property
    def loads(self) -> Iterator[Sql]:
        """The only assignment."""
        yield Sql("{} := {};").format(self.variable, self.made)


@dataclass
class Weights:
    """Arrays as the routines take them; what several layers share is loaded once."""

    plan: Plan
    globals: list[Global | Words] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    _known: dict[Any, Sql] = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)

    def vector(
        self,
        tensor: Tensor,
        name: str,
        array: Array | None = None,
        how: Any = None,
        dtype: Dtype = "float32",
    ) -> Sql:
        """The variable of a tensor, or of array, what it becomes by how; in a type of numbers."""
        flat = (tensor if array is None else array).ravel()
        if flat.size > MAX_ARRAY:
            raise CannotCall(
                f"its {name} holds {flat.size:,} numbers, a UTL_NLA array {MAX_ARRAY:,}",
                "Make the layer smaller.",
            )
        return self._enter(tensor, name, flat, [flat], False, (name, how), kind_of(dtype))

    def places(self, tensor: Tensor, name: str, array: Array) -> Sql:
        """The variable of what a tensor becomes: places, as many as an array holds at most."""
        key = ("places", name)
        flat, kind = array.ravel(), kind_of("float64")
        return self._enter(tensor, name, flat, [flat], False, key, kind, Places)

    def words(self, made: Sql, count: int) -> Sql:
        """The variable of words that a call makes."""
        if made not in self._known:
            serial = self._names["words"] = self._names.get("words", 0) + 1
            variable = ident(f"g_words_{serial}")
            self.globals.append(Words(variable, Sql("{} words").format(number(count)), made))
            self._known[made] = variable
        return self._known[made]

    def blocks(
        self,
        tensor: Tensor,
        name: str,
        matrix: Array | None = None,
        how: Any = None,
        dtype: Dtype = "float32",
    ) -> Sql:
        """The variable of a matrix (inputs, units), in blocks of whole rows."""
        matrix = tensor.reshape(-1, tensor.shape[-1]) if matrix is None else matrix
        step = max(1, MAX_ARRAY // matrix.shape[1])
        pieces = [matrix[i : i + step].ravel() for i in range(0, matrix.shape[0], step)]
        key = ("blocks", name, how)
        return self._enter(tensor, name, matrix, pieces, True, key, kind_of(dtype))

    def count_parts(self, kind: Kind) -> int:
        """How many parts hold numbers of a type."""
        return sum(part.array.dtype == kind.number for part in self.parts)

    def _enter(
        self,
        tensor: Tensor,
        name: str,
        whole: Array,
        pieces: list[Array],
        is_blocked: bool,
        key: Any,
        kind: Kind,
        held: type[Global] = Global,
    ) -> Sql:
        key = (tensor.key, *key, kind)
        if key in self._known:
            return self._known[key]
        index = self.plan.numbers[tensor.key]
        serial = self._names[name] = self._names.get(name, 0) + 1
        variable = ident(f"g_{name}_{serial}")
        is_own_order = whole.size == tensor.size and bool(
            np.array_equal(whole.ravel(), tensor.ravel(), equal_nan=True)
        )
        first, numbers = self.count_parts(kind), 0
        for place, piece in enumerate(pieces, first):
            array = np.ascontiguousarray(piece, kind.number)
            self.parts.append(Part(place, index, numbers if is_own_order else -1, array))
            numbers += array.size
        entry = self.plan.tensors[index]
        shape = format_shape(entry.shape)
        self.globals.append(
            held(
                variable,
                remark(f"{entry.name} ({shape})"),
                tuple(range(first, first + len(pieces))),
                is_blocked,
                kind,
            )
        )
        self._known[key] = variable
        return variable
