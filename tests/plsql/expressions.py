"""Expressions: checks names and types, and writes Python code for them.

Every expression has two codes. fast knows nothing of NULL and fails with a Python error where it
meets one (or anything else that is not plain); slow is evaluated then, from the start, and gives
Oracle's answer. Both are free of side effects: calls of PL/SQL subprograms are written before
the statement that needs them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from plsql import syntax as s
from plsql.types import (
    BOOLEAN,
    CLOB,
    DATE,
    DOUBLE,
    FLOAT,
    NAMED_TYPES,
    NULL,
    NUMBER,
    PLS,
    REFCURSOR,
    TIMESTAMP,
    VARCHAR,
    CursorType,
    Exc,
    Param,
    RecordType,
    RowType,
    Scalar,
    Scope,
    Sub,
    TableType,
    Var,
)  # fmt: skip
from plsql.values import PLS_MAX, PLS_MIN, CheckRefused, f32

_ATOM = re.compile(r"^-?[\w.]+$")
_RANK = {"PLS": 0, "NUMBER": 1, "FLOAT": 2, "DOUBLE": 3}
_NOTHING = object()
# PL/SQL Language Reference 19c, table C-1: parameters of a call.
MAX_ARGUMENTS = 65536


@dataclass(frozen=True)
class E:
    """A checked expression: its codes, type, and what is known of its value."""

    fast: str
    slow: str
    type: Any
    nonnull: bool = False
    low: int | None = None
    high: int | None = None
    fresh: bool = False
    constant: Any = _NOTHING

    @property
    def is_plain(self) -> bool:
        return self.fast == self.slow


def plain(code: str, type_: Any, **known: Any) -> E:
    """An expression whose two codes are the same."""
    return E(code, code, type_, **known)


def _of_type(e: E, target: Any) -> E:
    """An expression of this type, whose value is no other; the same, where it is of it."""
    return e if e.type is target else replace(e, type=target)


def spread(arguments: tuple[s.Argument, ...]) -> tuple[s.Argument, ...]:
    """The arguments of a call, a run of float literals as single ones."""
    if len(arguments) != 1 or not isinstance(arguments[0].value, s.Floats):
        return arguments
    floats = arguments[0].value
    kind = "float" if floats.suffix == "f" else "double"
    return tuple(
        s.Argument(floats.line, None, s.Literal(floats.line, kind, repr(value)))
        for value in floats.values
    )


class Function:
    """The Python function being written."""

    def __init__(self, name: str, parent: Function | None, returns: Any = None) -> None:
        self.name = name
        self.parent = parent
        self.returns = returns
        self.sub: Sub | None = None
        self.lines: list[str] = []
        self.depth = 1
        self.nonlocals: set[str] = set()
        self.returned = False
        self.has_pipe = False
        self.loops = 0  # how many are open here
        self.handlers: list[str] = []


class Expressions:
    """The part of the compiler that writes expressions."""

    scope: Scope
    fn: Function
    sql: Any
    unit: Any
    catalog: Any

    def __init__(self) -> None:
        self.serial = 0
        self.constants: dict[str, Any] = {}
        self.units_used: dict[Any, str] = {}

    # Writing

    def refuse(self, message: str, node: Any) -> CheckRefused:
        return CheckRefused(message, getattr(node, "line", None))

    def new(self, prefix: str) -> str:
        """A Python name that is used nowhere else."""
        self.serial += 1
        return f"{prefix}_{self.serial}"

    def emit(self, line: str) -> None:
        self.fn.lines.append("    " * self.fn.depth + line)

    def register(self, value: Any, prefix: str = "_k") -> str:
        """A global name of the generated code for a Python object."""
        name = self.new(prefix)
        self.constants[name] = value
        return name

    def into(self, target: str, e: E) -> None:
        """Write target = e."""
        self.attempt(f"{target} = {e.fast}", f"{target} = {e.slow}")

    def attempt(self, fast: str, slow: str) -> None:
        """Write a statement in its fast form, with the slow one behind it."""
        if fast == slow or self.catalog.slow_only:
            self.emit(slow)
            return
        self.emit("try:")
        self.emit("    " + fast)
        self.emit("except _NULLISH:")
        self.emit("    " + slow)

    def settled(self, e: E) -> str:
        """Code of e that may stand anywhere: e itself, or a temporary that holds it."""
        if e.is_plain:
            return e.fast
        name = self.new("_t")
        self.into(name, e)
        return name

    def settle(self, e: E) -> E:
        """e as an atom."""
        if e.is_plain and _ATOM.match(e.fast):
            return e
        name = self.new("_t")
        self.into(name, e)
        return replace(e, fast=name, slow=name)

    def captured(self, write: Any) -> tuple[Any, list[str]]:
        """What write() returns, and the lines that it wrote, taken back."""
        mark = len(self.fn.lines)
        result = write()
        lines = self.fn.lines[mark:]
        del self.fn.lines[mark:]
        return result, lines

    def put_lines(self, lines: list[str], deeper: int = 0) -> None:
        self.fn.lines.extend("    " * deeper + line for line in lines)

    # Types

    def type_of(self, node: s.TypeName) -> Any:
        """The datatype that a type name stands for."""
        if node.percent == "TYPE":
            return self._percent_type(node)
        if node.percent == "ROWTYPE":
            return self.table_record(node)
        if len(node.parts) == 1 and self.scope.find(node.parts[0]) is None:
            known = NAMED_TYPES.get(node.parts[0])
            if known is not None:
                return self._sized(known, node)
        if node.parts[:1] == ("SYS",) and node.parts[1:] and node.parts[1] in NAMED_TYPES:
            return NAMED_TYPES[node.parts[1]]
        kind, entity, rest = self.resolve(node.parts, node)
        if kind != "type" or rest:
            raise self.refuse(f"PLS-00201: type {'.'.join(node.parts)} must be declared", node)
        if node.sizes:
            raise self.refuse(f"type {entity} takes no length", node)
        return entity

    def _sized(self, known: Any, node: s.TypeName) -> Any:
        sizes = node.sizes
        if not isinstance(known, Scalar):
            if sizes:
                raise self.refuse(f"type {known} takes no length", node)
            return known
        if known.kind in ("VARCHAR", "RAW") and len(sizes) == 1 and 1 <= sizes[0] <= 32767:
            return replace(known, size=sizes[0], unit=node.unit)
        if known == NUMBER and 1 <= len(sizes) <= 2 and 1 <= sizes[0] <= 38:
            return replace(known, size=sizes[0], scale=sizes[1] if len(sizes) == 2 else 0)
        if known.kind == "TIMESTAMP" and len(sizes) <= 1:
            return replace(known, unit=node.unit)
        if sizes:
            raise self.refuse(f"type {known} with ({', '.join(map(str, sizes))})", node)
        return known

    def _percent_type(self, node: s.TypeName) -> Any:
        entity = self.scope.find(node.parts[0])
        if isinstance(entity, Var) and len(node.parts) == 1:
            return entity.type
        if len(node.parts) < 2:
            raise self.refuse(f"PLS-00201: {node.parts[0]} must be declared", node)
        return self.column_type(node.parts[:-1], node.parts[-1], node)

    def column_type(self, table: tuple[str, ...], column: str, node: Any) -> Any:
        raise NotImplementedError

    def table_record(self, node: s.TypeName) -> Any:
        raise NotImplementedError

    def sized_needed(self, type_: Any, node: Any, what: str) -> Any:
        """Refuse VARCHAR2 and RAW variables without a length."""
        unsized = isinstance(type_, Scalar) and type_.kind in ("VARCHAR", "RAW") and not type_.size
        if unsized and not getattr(node, "percent", None):
            raise self.refuse(f"PLS-00215: {what} of {type_} needs a length", node)
        return type_

    # Names

    def resolve(self, parts: tuple[str, ...], node: Any) -> tuple[str, Any, tuple[str, ...]]:
        """What a name stands for: its kind, the entity and the parts behind it."""
        first = parts[0]
        entity = self.scope.find(first)
        if entity is not None:
            return self._kind(entity), entity, parts[1:]
        labelled = self._labelled(parts)
        if labelled is not None:
            return self._kind(labelled), labelled, parts[2:]
        if len(parts) == 1:
            special = self._standard(first)
            if special is not None:
                return special
        if first in ("STANDARD", "DBMS_STANDARD") and len(parts) == 2:
            special = self._standard(parts[1])
            if special is not None:
                return special
        if first == "SYS" and len(parts) > 2:
            return self.resolve(parts[1:], node)
        named = NAMED_TYPES.get(parts[1]) if first == "SYS" and len(parts) == 2 else None
        if getattr(named, "owner", None) == "SYS":
            return "type", named, ()
        return self._in_packages(parts, node)

    def _labelled(self, parts: tuple[str, ...]) -> Any:
        scope: Scope | None = self.scope
        while scope is not None and len(parts) > 1:
            if scope.label == parts[0] and parts[1] in scope.names:
                return scope.names[parts[1]]
            scope = scope.parent
        return None

    def _standard(self, name: str) -> tuple[str, Any, tuple[str, ...]] | None:
        from plsql.builtins import FUNCTIONS
        from plsql.types import PREDEFINED

        if name in PREDEFINED:
            return "exception", PREDEFINED[name], ()
        if name in NAMED_TYPES:
            return "type", NAMED_TYPES[name], ()
        if name in FUNCTIONS:
            return "builtin", name, ()
        return None

    def _in_packages(self, parts: tuple[str, ...], node: Any) -> tuple[str, Any, tuple[str, ...]]:
        from plsql import nla
        from plsql.builtins import FUNCTIONS, PACKAGES

        known = parts[0] in PACKAGES and parts[0] in self.catalog.system_packages
        if known and len(parts) > 1 and not self.package_of(parts[:1]):
            routines = PACKAGES[parts[0]]
            if parts[1] in routines:
                return "subprogram", routines[parts[1]], parts[2:]
            if ".".join(parts[:2]) in FUNCTIONS:
                return "builtin", ".".join(parts[:2]), parts[2:]
            reason = nla.CONTRADICTED.get(parts[1], "not declared or outside the subset")
            raise self.refuse(f"{'.'.join(parts)}: {reason}", node)
        for length in (1, 2):
            package = self.package_of(parts[:length]) if len(parts) > length else None
            if package is not None:
                entity = package.scope.names.get(parts[length])
                if entity is None:
                    raise self.refuse(
                        f"PLS-00302: component {parts[length]} of package "
                        f"{'.'.join(parts[:length])} must be declared", node
                    )  # fmt: skip
                self.use_unit(package)
                return self._kind(entity), entity, parts[length + 1 :]
        raise self.refuse(f"PLS-00201: identifier {'.'.join(parts)} must be declared", node)

    def package_of(self, parts: tuple[str, ...]) -> Any:
        raise NotImplementedError

    def use_unit(self, package: Any) -> str:
        """The generated name of a function that gives another package's instance."""
        if package not in self.units_used:
            self.units_used[package] = self.new("_unit")
        return self.units_used[package]

    @staticmethod
    def _kind(entity: Any) -> str:
        if isinstance(entity, Var):
            return "variable"
        if isinstance(entity, list):
            return "subprogram"
        return "exception" if isinstance(entity, Exc) else "type"

    # Expressions by class

    def expr(self, node: Any) -> E:
        """The checked expression of a node."""
        method = getattr(self, f"x_{type(node).__name__.lower()}", None)
        if method is None:
            raise self.refuse(f"{type(node).__name__} cannot stand here", node)
        result = method(node)
        assert isinstance(result, E)
        return result

    def value(self, node: Any, target: Any, what: str = "value") -> E:
        """The expression converted to a datatype."""
        return self.convert(self.expr(node), target, node, what)

    def x_literal(self, node: s.Literal) -> E:
        if node.kind == "null":
            return plain("None", NULL, constant=None)
        if node.kind == "boolean":
            return plain(repr(node.value), BOOLEAN, nonnull=True)
        if node.kind == "string":
            if node.value == "":
                return plain("None", VARCHAR, constant=None)
            if self.sql is not None and len(node.value.encode()) > 4000:
                raise self.refuse("ORA-01704: string literal too long for SQL (4000 bytes)", node)
            return plain(repr(node.value), VARCHAR, nonnull=True, constant=node.value)
        if node.kind == "int" and self.sql is None:
            return self._int(node.value)
        if node.kind in ("int", "number"):
            return self._decimal(Decimal(node.value))
        single = node.kind == "float"
        value = f32(float(node.value)) if single else float(node.value)
        if math.isinf(value):
            raise self.refuse("ORA-01426: numeric overflow in a literal", node)
        return plain(repr(value), FLOAT if single else DOUBLE, nonnull=True, constant=value)

    def _int(self, value: int) -> E:
        return plain(str(value), PLS, nonnull=True, low=value, high=value, constant=value)

    def _decimal(self, value: Decimal) -> E:
        name = self.register(+value)
        return plain(name, NUMBER, nonnull=True, constant=value)

    def x_floats(self, node: s.Floats) -> E:
        raise self.refuse("a list of numbers belongs in a constructor", node)

    def x_star(self, node: Any) -> E:
        raise self.refuse("* cannot stand here", node)

    def x_bind(self, node: s.Bind) -> E:
        raise self.refuse(f"bind :{node.name} in a stored unit", node)

    def x_name(self, node: s.Name) -> E:
        if self.sql is not None:
            column = self.column(node)
            if column is not None:
                return column
        kind, entity, rest = self.resolve(node.parts, node)
        if kind == "variable":
            return self._through(self.load(entity, node), rest, node)
        if kind == "subprogram":
            if rest:
                raise self.refuse(f"PLS-00302: {'.'.join(rest)} of a call", node)
            return self.call(entity, (), node)
        if kind == "builtin":
            return self.builtin(entity, (), node)
        raise self.refuse(f"PLS-00330: {node} is no value", node)

    def column(self, node: s.Name) -> E | None:
        raise NotImplementedError

    def load(self, var: Var, node: Any) -> E:
        """The value of a variable."""
        if var.unit is not None and var.unit is not self.unit:
            getter = f"{self.use_unit(var.unit)}().get_{var.py}()"
            name = self.new("_t")
            self.emit(f"{name} = {getter}")
            return plain(name, var.type)
        if self.sql is not None and var.type == PLS:
            e = plain(var.py, PLS, nonnull=var.nonnull, low=var.low, high=var.high)
            return self.convert(e, NUMBER, node)
        return plain(var.py, var.type, nonnull=var.nonnull, low=var.low, high=var.high)

    def _through(self, e: E, parts: tuple[str, ...], node: Any) -> E:
        """e.part.part: fields and methods without arguments."""
        for part in parts:
            e = self.member(e, part, (), node)
        return e

    def x_field(self, node: s.Field) -> E:
        return self.member(self.expr(node.target), node.name, (), node)

    def member(self, e: E, name: str, arguments: tuple[Any, ...], node: Any) -> E:
        """A record's field or a collection's method."""
        if isinstance(e.type, RecordType):
            place = e.type.place(name)
            if place is None:
                raise self.refuse(f"PLS-00302: field {name} of {e.type} must be declared", node)
            field_type = e.type.fields[place].type
            return E(f"{e.fast}.f[{place}]", f"{e.slow}.f[{place}]", field_type)
        if isinstance(e.type, TableType):
            return self._method(e, name, arguments, node)
        if isinstance(e.type, RowType):
            if name not in e.type.columns:
                raise self.refuse(f"PLS-00302: column {name} must be declared", node)
            place, type_ = e.type.columns[name]
            return plain(f"{e.fast}[{place}]", type_)
        raise self.refuse(f"PLS-00487: {name} of a {e.type}", node)

    def _method(self, e: E, name: str, arguments: tuple[Any, ...], node: Any) -> E:
        keyed = e.type.key is not None
        inside = "d" if keyed else "a"
        if any(argument.name for argument in arguments):
            raise self.refuse(f"named arguments of {name}", node)
        if name in ("EXTEND", "TRIM", "DELETE"):
            raise self.refuse(f"{name} is a statement, not a value", node)
        count = len(arguments)
        if name == "COUNT" and not count:
            return E(f"len({e.fast}.{inside})", f"len(_initialized({e.slow}))", PLS,
                     nonnull=True, low=0, high=PLS_MAX)  # fmt: skip
        if name in ("FIRST", "LAST") and not count:
            code = f"_{name.lower()}({e.slow})"
            return plain(code, e.type.key if keyed else PLS)
        if name in ("NEXT", "PRIOR") and count == 1:
            key = self.subscript(arguments[0].value, e.type)
            return plain(f"_{name.lower()}({e.slow}, {self.settled(key)})", e.type.key or PLS)
        if name == "EXISTS" and count == 1:
            key = self.subscript(arguments[0].value, e.type)
            return plain(f"_exists({e.slow}, {self.settled(key)})", BOOLEAN, nonnull=True)
        if name == "LIMIT" and not count and not keyed:
            return plain(f"_limit({e.slow})", PLS)
        raise self.refuse(f"PLS-00302: method {name} with {count} arguments", node)

    def x_call(self, node: s.Call) -> E:
        target = node.target
        if isinstance(target, s.Name):
            return self._named_call(target, node)
        if isinstance(target, s.Field):
            owner = self.expr(target.target)
            if isinstance(owner.type, TableType):
                return self._method(owner, target.name, node.arguments, node)
            return self._element(self.member(owner, target.name, (), node), node)
        return self._element(self.expr(target), node)

    def _named_call(self, target: s.Name, node: s.Call) -> E:
        if self.sql is not None:
            aggregate = self.aggregate(target, node)
            if aggregate is not None:
                return aggregate
        kind, entity, rest = self.resolve(target.parts, node)
        if kind != "type":
            node = replace(node, arguments=spread(node.arguments))
        if kind == "subprogram" and not rest:
            return self.call(entity, node.arguments, node)
        if kind == "builtin":
            return self.builtin(entity, node.arguments, node)
        if kind == "type" and not rest:
            return self._constructor(entity, node)
        if kind != "variable":
            raise self.refuse(f"PLS-00222: no function {target} in this scope", node)
        e = self.load(entity, node)
        for place, part in enumerate(rest):
            is_last = place == len(rest) - 1
            if is_last and isinstance(e.type, TableType):
                return self._method(e, part, node.arguments, node)
            e = self.member(e, part, (), node)
        return self._element(e, node)

    def aggregate(self, target: s.Name, node: s.Call) -> E | None:
        raise NotImplementedError

    def _element(self, e: E, node: s.Call) -> E:
        """collection(index)"""
        if not isinstance(e.type, TableType):
            raise self.refuse(f"PLS-00224: a {e.type} has no subscript", node)
        if len(node.arguments) != 1 or node.arguments[0].name:
            raise self.refuse("PLS-00316: one subscript is needed", node)
        index = self.subscript(node.arguments[0].value, e.type)
        slow = f"_get({e.slow}, {index.slow})"
        if e.type.key is not None:
            return E(f"{e.fast}.d[{index.fast}]", slow, e.type.element)
        return E(self.place_code(e.fast, index), slow, e.type.element)

    def place_code(self, collection: str, index: E) -> str:
        """collection.a[index - 1], which fails for an index under 1."""
        if index.low is not None and index.low >= 1:
            place = str(index.constant - 1) if index.constant is not _NOTHING else (
                f"{index.fast} - 1")  # fmt: skip
            return f"{collection}.a[{place}]"
        name = self.new("_i")
        return f"({collection}.a[{name}] if ({name} := {index.fast} - 1) >= 0 else _null())"

    def _constructor(self, type_: Any, node: s.Call) -> E:
        if not isinstance(type_, TableType):
            raise self.refuse(f"{type_} has no constructor before 18c", node)
        if type_.key is not None:
            raise self.refuse("an associative array has no constructor before 18c", node)
        items = node.arguments
        if len(items) == 1 and isinstance(items[0].value, s.Floats):
            return self._constructed_floats(type_, items[0].value)
        if any(item.name for item in items):
            raise self.refuse(f"named arguments of constructor {type_}", node)
        if type_.limit is not None and len(items) > type_.limit:
            raise self.refuse(f"ORA-06532: {len(items)} elements for {type_}", node)
        values = [self.value(item.value, type_.element, "element") for item in items]
        codes = ", ".join(self.settled(value) for value in values)
        name = self.register(type_, "_type")
        return plain(f"{name}.make([{codes}])", type_, nonnull=True, fresh=True)

    def _constructed_floats(self, type_: TableType, node: s.Floats) -> E:
        code = type_.element.code if isinstance(type_.element, Scalar) else None
        if code not in ("f", "d"):
            raise self.refuse(f"float literals for {type_}", node)
        if type_.limit is not None and len(node.values) > type_.limit:
            raise self.refuse(f"ORA-06532: {len(node.values)} elements for {type_}", node)
        if len(node.values) > MAX_ARGUMENTS:
            raise self.refuse(f"{len(node.values)} arguments; {MAX_ARGUMENTS} are allowed", node)
        values = [f32(value) for value in node.values] if "f" in (node.suffix, code) else (
            list(node.values))  # fmt: skip
        if any(math.isinf(value) for value in values):
            raise self.refuse("ORA-01426: numeric overflow in a literal", node)
        collection = self.register(type_.make(values))
        return plain(f"{collection}.copy()", type_, nonnull=True, fresh=True)

    def x_attribute(self, node: s.Attribute) -> E:
        if isinstance(node.target, s.Name) and node.target.parts == ("SQL",):
            if node.name == "ROWCOUNT":
                return plain("S.rowcount", PLS)
            if node.name in ("FOUND", "NOTFOUND"):
                return plain(f"S.sql_{node.name.lower()}()", BOOLEAN)
            raise self.refuse(f"SQL%{node.name} is outside the subset", node)
        cursor = self.expr(node.target)
        if not isinstance(cursor.type, CursorType):
            raise self.refuse(f"%{node.name} of a {cursor.type}", node)
        type_ = PLS if node.name == "ROWCOUNT" else BOOLEAN
        return plain(f"_attribute({self.settled(cursor)}, '{node.name}')", type_)

    # Operators

    def x_unary(self, node: s.Unary) -> E:
        if node.op == "NOT":
            e = self.boolean(node.operand)
            slow = f"_not({e.slow})" if not e.nonnull else f"(not {e.slow})"
            return E(f"(not {self.known(e)})", slow, BOOLEAN, nonnull=e.nonnull)
        folded = self._folded_sign(node)
        if folded is not None:
            return folded
        e = self.expr(node.operand)
        if not e.type.is_numeric:
            raise self.refuse(f"PLS-00306: {node.op} of a {e.type}", node)
        if node.op == "+":
            return e
        if e.type.kind == "PLS":
            return self._checked(f"-{e.fast}", f"_nn(_neg_i, {e.slow})", e.nonnull, None, None)
        slow = f"_nn(_neg, {e.slow})"
        slow = f"(-{e.slow})" if e.nonnull else slow
        return E(f"(-{e.fast})", slow, e.type, nonnull=e.nonnull)

    def _folded_sign(self, node: s.Unary) -> E | None:
        literal = node.operand
        if node.op != "-" or not isinstance(literal, s.Literal):
            return None
        if literal.kind == "int" and self.sql is None:
            return self._int(-literal.value)
        if literal.kind in ("int", "number"):
            return self._decimal(-Decimal(literal.value))
        if literal.kind in ("float", "double"):
            return self.x_literal(replace(literal, value="-" + literal.value))
        return None

    def known(self, e: E) -> str:
        """The fast code of a boolean that fails on NULL."""
        if e.nonnull or not e.is_plain:
            return e.fast
        if not _ATOM.match(e.fast):
            name = self.new("_b")
            return f"({name} if ({name} := {e.fast}) is not None else _null())"
        return f"({e.fast} if {e.fast} is not None else _null())"

    def boolean(self, node: Any) -> E:
        """A condition."""
        e = self.expr(node)
        if e.type == NULL:
            return replace(e, type=BOOLEAN)
        if e.type != BOOLEAN:
            raise self.refuse(f"PLS-00382: a condition is needed, found a {e.type}", node)
        return e

    def x_binary(self, node: s.Binary) -> E:
        if node.op in ("AND", "OR"):
            return self._logical(node)
        if node.op == "**":
            sides = (node.left, node.right)
            given = tuple(s.Argument(node.line, None, side) for side in sides)
            return self.builtin("POWER", given, node)
        left, right = self.expr(node.left), self.expr(node.right)
        if node.op == "||":
            return self._concatenation(left, right, node)
        if node.op in ("+", "-", "*", "/"):
            return self.arithmetic(node.op, left, right, node)
        return self.comparison(node.op, left, right, node)

    def _logical(self, node: s.Binary) -> E:
        left = self.boolean(node.left)
        right, lines = self.captured(lambda: self.boolean(node.right))
        is_and = node.op == "AND"
        function, stop = ("_both", "False") if is_and else ("_either", "True")
        if not lines:
            word = "and" if is_and else "or"
            nonnull = left.nonnull and right.nonnull
            fast = f"({self.known(left)} {word} {self.known(right)})"
            name = self.new("_b")
            slow = (
                f"({stop} if ({name} := {left.slow}) is {stop} "
                f"else {function}({name}, {right.slow}))"
            )
            if nonnull and left.is_plain and right.is_plain:
                slow = fast
            return E(fast, slow, BOOLEAN, nonnull=nonnull)
        name = self.new("_b")
        self.into(name, left)
        self.emit(f"if {name} is not {stop}:")
        self.put_lines(lines, 1)
        self.fn.depth += 1
        self.into(name, E(f"{function}({name}, {right.fast})", f"{function}({name}, {right.slow})",
                          BOOLEAN))  # fmt: skip
        self.fn.depth -= 1
        return plain(name, BOOLEAN)

    def _concatenation(self, left: E, right: E, node: Any) -> E:
        sides = [self.as_text(side, node) for side in (left, right)]
        lob = CLOB if any(side.type.kind == "CLOB" for side in sides) else VARCHAR
        if all(side.nonnull for side in sides) and all(side.is_plain for side in sides):
            return plain(f"({sides[0].fast} + {sides[1].fast})", lob, nonnull=True)
        return E(f"({sides[0].fast} + {sides[1].fast})",
                 f"_cat({sides[0].slow}, {sides[1].slow})", lob)  # fmt: skip

    def as_text(self, e: E, node: Any) -> E:
        """e as || takes it."""
        if e.type == NULL:
            return plain("None", VARCHAR)
        if e.type.is_text:
            return e
        if isinstance(e.type, Scalar) and (e.type.is_numeric or e.type.kind == "RAW"):
            function = "_to_char_f" if e.type.kind == "FLOAT" else "_to_char"
            return E(f"{function}({e.fast})", f"{function}({e.slow})", VARCHAR, nonnull=e.nonnull)
        raise self.refuse(f"PLS-00306: || of a {e.type}", node)

    def arithmetic(self, op: str, left: E, right: E, node: Any) -> E:
        """left op right of numbers."""
        kinds = [left.type, right.type]
        if op == "-" and all(k in (DATE, TIMESTAMP) for k in kinds):
            raise self.refuse("arithmetic of dates is outside the subset", node)
        if NULL in kinds:
            raise self.refuse(f"{op} with NULL is always NULL", node)
        for kind in kinds:
            if not kind.is_numeric:
                raise self.refuse(f"PLS-00306: {op} of a {kind}", node)
        self._same_family(kinds, op, node)
        type_ = max(kinds, key=lambda kind: _RANK[kind.kind])
        type_ = {"PLS": PLS, "NUMBER": NUMBER, "FLOAT": FLOAT, "DOUBLE": DOUBLE}[type_.kind]
        if type_ == PLS and op == "/":
            type_ = NUMBER
        left, right = self.convert(left, type_, node), self.convert(right, type_, node)
        nonnull = left.nonnull and right.nonnull
        if type_ == PLS:
            return self._integers(op, left, right, nonnull)
        slow = f"_arith_{type_.code or 'n'}('{op}', {left.slow}, {right.slow})"
        fast = f"({left.fast} {op} {right.fast})"
        if type_ == FLOAT:
            fast = f"_unpack(_pack{fast})[0]"
        elif type_ == DOUBLE and op != "/" and nonnull and left.is_plain and right.is_plain:
            slow = fast
        return E(fast, slow, type_, nonnull=nonnull)

    def _same_family(self, types: list[Any], what: str, node: Any) -> None:
        """Refuse binary floats beside NUMBER or PLS_INTEGER in PL/SQL: package STANDARD declares
        no such pair, and which overload takes it is not documented. SQL has numeric precedence."""
        binary = {type_.kind in ("FLOAT", "DOUBLE") for type_ in types}
        if len(binary) == 2 and self.sql is None and self.catalog.explicit_numbers:
            shown = " and ".join(dict.fromkeys(str(type_) for type_ in types))
            raise self.refuse(f"{what} of {shown}: convert one explicitly, or write 1f or 1d", node)

    def _integers(self, op: str, left: E, right: E, nonnull: bool) -> E:
        low = high = None
        bounds = (left.low, left.high, right.low, right.high)
        if None not in bounds:
            a, b, c, d = (int(bound or 0) for bound in bounds)
            corners = {"+": (a + c, b + d), "-": (a - d, b - c)}.get(
                op, (min(a * c, a * d, b * c, b * d), max(a * c, a * d, b * c, b * d))
            )
            low, high = corners
        slow = f"_nn(_int_{ {'+': 'add', '-': 'sub', '*': 'mul'}[op] }, {left.slow}, {right.slow})"
        code = f"{left.fast} {op} {right.fast}"
        if nonnull and left.is_plain and right.is_plain:
            slow = ""
        return self._checked(code, slow, nonnull, low, high)

    def _checked(self, code: str, slow: str, nonnull: bool, low: int | None, high: int | None) -> E:
        """A PLS_INTEGER result, with the check of its range where it is needed."""
        if low is not None and high is not None and low >= PLS_MIN and high <= PLS_MAX:
            fast = f"({code})"
        else:
            name = self.new("_n")
            fast = (f"({name} if -2147483648 <= ({name} := {code}) <= 2147483647 "
                    f"else _fail(-1426))")  # fmt: skip
            low = None if low is None else max(low, PLS_MIN)
            high = None if high is None else min(high, PLS_MAX)
        return E(fast, slow or fast, PLS, nonnull=nonnull, low=low, high=high)

    def comparison(self, op: str, left: E, right: E, node: Any) -> E:
        """left op right in three-valued logic."""
        if NULL in (left.type, right.type):
            raise self.refuse(f"{op} NULL is never true: use IS NULL", node)
        if any(getattr(side.type, "is_padded", False) for side in (left, right)):
            raise self.refuse("a CHAR is compared as its padding and the other type say", node)
        left, right = self._comparable(left, right, op, node)
        if left.type.is_text and right.type.is_text and self.catalog.is_linguistic:
            # Globalization Support Guide 19c, "Linguistic Sorting and Matching".
            left, right = self._caseless(left), self._caseless(right)
        nonnull = left.nonnull and right.nonnull
        slow = self._slow_comparison(op, left, right)
        fast = self._fast_comparison(op, left, right)
        if nonnull and left.is_plain and right.is_plain:
            slow = fast
        return E(fast, slow, BOOLEAN, nonnull=nonnull)

    def orders_nan(self, *sides: E) -> bool:
        """Whether a comparison of these has a place for NaN: in SQL always."""
        is_binary = any(side.type.kind in ("FLOAT", "DOUBLE") for side in sides)
        return self.catalog.orders_nan or self.sql is not None or not is_binary

    def _slow_comparison(self, op: str, left: E, right: E) -> str:
        if not self.orders_nan(left, right):
            return {
                "=": "_unordered_equal({0}, {1})", "<>": "_not(_unordered_equal({0}, {1}))",
                "<": "_unordered_less({0}, {1})", ">": "_unordered_less({1}, {0})",
                "<=": "_either(_unordered_less({0}, {1}), _unordered_equal({0}, {1}))",
                ">=": "_either(_unordered_less({1}, {0}), _unordered_equal({0}, {1}))",
            }[op].format(left.slow, right.slow)  # fmt: skip
        return {
            "=": "_equal({0}, {1})", "<>": "_not(_equal({0}, {1}))", "<": "_less({0}, {1})",
            ">": "_less({1}, {0})", "<=": "_not(_less({1}, {0}))", ">=": "_not(_less({0}, {1}))",
        }[op].format(left.slow, right.slow)  # fmt: skip

    def _caseless(self, e: E) -> E:
        """A text as NLS_SORT = BINARY_CI compares it."""
        return E(f"{e.fast}.lower()", f"_nn(_lower, {e.slow})", e.type, e.nonnull)

    def subscript(self, node: Any, type_: Any) -> E:
        """The index of a collection. A text is compared as a session compares texts: PL/SQL
        Language Reference 19c, "NLS Parameter Values Affect Associative Arrays Indexed by String".
        """
        e = self.value(node, type_.key or PLS, "subscript")
        return self._caseless(e) if e.type.is_text and self.catalog.is_linguistic else e

    def _comparable(self, left: E, right: E, op: str, node: Any) -> tuple[E, E]:
        a, b = left.type, right.type
        if a.is_numeric and b.is_numeric:
            kinds = {a.kind, b.kind}
            self._same_family([a, b], op, node)
            if kinds <= {"PLS", "NUMBER"} or kinds <= {"FLOAT", "DOUBLE"}:
                return left, right
            type_ = max((a, b), key=lambda kind: _RANK[kind.kind])
            return self.convert(left, type_, node), self.convert(right, type_, node)
        if a.is_composite or b.is_composite or isinstance(a, (CursorType, RowType)):
            raise self.refuse(f"PLS-00306: {op} of {a} and {b}", node)
        if a.is_text and b.is_text:
            if self.sql is not None and "CLOB" in (a.kind, b.kind):
                raise self.refuse("ORA-00932: a CLOB cannot be compared in SQL", node)
            return left, right
        if {a.kind, b.kind} <= {"DATE", "TIMESTAMP"} or a.kind == b.kind:
            if a.kind == "BOOLEAN" and op not in ("=", "<>"):
                raise self.refuse(f"{op} of BOOLEAN", node)
            return left, right
        raise self.refuse(f"{op} of {a} and {b}: convert one explicitly", node)

    def _fast_comparison(self, op: str, left: E, right: E) -> str:
        binary = left.type.kind in ("FLOAT", "DOUBLE") and self.orders_nan(left, right)
        a1, a = self._twice(left)
        b1, b = self._twice(right)
        # A literal is not NaN, so one test less is needed.
        a_const, b_const = left.constant is not _NOTHING, right.constant is not _NOTHING
        if op in ("=", "<>"):
            guards = [f"{first} is not None" for first, e in ((a1, left), (b1, right))
                      if not e.nonnull]  # fmt: skip
            first_a, first_b = (a if not left.nonnull else a1), (b if not right.nonnull else b1)
            core = f"{first_a} == {first_b}"
            if binary and not a_const and not b_const:
                core = f"({core} or {a} != {a} and {b} != {b})"
            if op == "<>":
                core = f"not ({core})"
            return f"(({core}) if {' and '.join(guards)} else _null())" if guards else f"({core})"
        if not binary:
            return f"({left.fast} {op} {right.fast})"
        test = f"{a1} {op} {b1}"
        extra = {
            ">": "" if a_const else f"{a} != {a}" + ("" if b_const else f" and {b} == {b}"),
            "<": "" if b_const else f"{b} != {b}" + ("" if a_const else f" and {a} == {a}"),
            ">=": "" if a_const else f"{a} != {a}",
            "<=": "" if b_const else f"{b} != {b}",
        }[op]
        return f"({test} or {extra})" if extra else f"({test})"

    def _twice(self, e: E) -> tuple[str, str]:
        """Code for the first use of e and for the later ones."""
        if _ATOM.match(e.fast):
            return e.fast, e.fast
        name = self.new("_c")
        return f"({name} := {e.fast})", name

    def x_is(self, node: s.Is) -> E:
        e = self.expr(node.operand)
        if node.what == "NULL":
            if (
                isinstance(e.type, (RecordType, RowType))
                or getattr(e.type, "key", None) is not None
            ):
                raise self.refuse(f"PLS-00306: IS NULL of a {e.type}", node)
            code = self.settled(e)
            if e.nonnull:
                # Evaluated all the same: it may raise.
                return plain(f"({code}, {node.negated})[1]", BOOLEAN, nonnull=True)
            return plain(f"({code} is {'not ' if node.negated else ''}None)", BOOLEAN, nonnull=True)
        if e.type.kind not in ("FLOAT", "DOUBLE", "NUMBER"):
            raise self.refuse(f"PLS-00306: IS {node.what} of a {e.type}", node)
        if e.type.kind == "NUMBER":
            e = self.convert(e, DOUBLE, node)
        function = "_isnan" if node.what == "NAN" else "_isinf"
        prefix = "not " if node.negated else ""
        slow = f"_nn({function}, {e.slow})"
        return E(f"({prefix}{function}({e.fast}))", f"_not({slow})" if prefix else slow, BOOLEAN)

    def x_between(self, node: s.Between) -> E:
        e = self.settle(self.expr(node.operand))
        # All operands are evaluated: only AND and OR promise to stop early.
        low = self.comparison(">=", e, self.settle(self.expr(node.low)), node)
        high = self.comparison("<=", e, self.settle(self.expr(node.high)), node)
        return self._negated_if(node.negated, self._all([low, high], "_both", "and"))

    def _all(self, items: list[E], function: str, word: str) -> E:
        fast = "(" + f" {word} ".join(self.known(item) for item in items) + ")"
        slow = items[0].slow
        for item in items[1:]:
            slow = f"{function}({slow}, {item.slow})"
        nonnull = all(item.nonnull for item in items)
        if nonnull and all(item.is_plain for item in items):
            slow = fast
        return E(fast, slow, BOOLEAN, nonnull=nonnull)

    def _negated_if(self, negated: bool, e: E) -> E:
        if not negated:
            return e
        return E(f"(not {self.known(e)})", f"_not({e.slow})", BOOLEAN, nonnull=e.nonnull)

    def x_inlist(self, node: s.InList) -> E:
        e = self.settle(self.expr(node.operand))
        if len(node.items) == 1 and isinstance(node.items[0], s.Subquery):
            values = self.subquery_list(node.items[0])
            listed = plain(f"_in({e.fast}, {values})", BOOLEAN)
            return self._negated_if(node.negated, listed)
        if node.negated and any(isinstance(i, s.Literal) and i.kind == "null" for i in node.items):
            raise self.refuse("NOT IN with NULL is never true", node)
        tests = [self.comparison("=", e, self.settle(self.expr(item)), node) for item in node.items]
        return self._negated_if(node.negated, self._all(tests, "_either", "or"))

    def subquery_list(self, node: s.Subquery) -> str:
        raise NotImplementedError

    def x_like(self, node: s.Like) -> E:
        operand, pattern = self.expr(node.operand), self.expr(node.pattern)
        if not (operand.type.is_text and pattern.type.is_text):
            raise self.refuse("LIKE of texts is needed", node)
        escape = self.settled(self.expr(node.escape)) if node.escape is not None else "None"
        code = f"_like({self.settled(operand)}, {self.settled(pattern)}, {escape})"
        return self._negated_if(node.negated, plain(code, BOOLEAN))

    def x_case(self, node: s.Case) -> E:
        selector = None if node.selector is None else self.settle(self.expr(node.selector))
        pieces = []
        for when, then in node.branches:
            condition, before = self.captured(lambda when=when: self._when(selector, when, node))
            result, inside = self.captured(lambda then=then: self.expr(then))
            pieces.append((condition, before, result, inside))
        last, last_lines = (plain("None", NULL), []) if node.otherwise is None else (
            self.captured(lambda: self.expr(node.otherwise)))  # fmt: skip
        type_ = self.common_type([piece[2] for piece in pieces] + [last], node)
        if last_lines or any(piece[1] or piece[3] for piece in pieces):
            return self._case_by_statements(pieces, last, last_lines, type_, node)
        fast = slow = "None"
        last = self.convert(last, type_, node)
        fast, slow, nonnull = last.fast, last.slow, last.nonnull
        for condition, _, result, _ in reversed(pieces):
            result = self.convert(result, type_, node)
            nonnull = nonnull and result.nonnull
            fast = f"({result.fast} if {condition.fast} else {fast})"
            slow = f"({result.slow} if {condition.slow} else {slow})"
        return E(fast, slow, type_, nonnull=nonnull)

    def _when(self, selector: E | None, when: Any, node: Any) -> E:
        if selector is None:
            return self.boolean(when)
        return self.comparison("=", selector, self.expr(when), node)

    def _case_by_statements(
        self, pieces: Any, last: E, last_lines: list[str], type_: Any, node: Any
    ) -> E:
        name = self.new("_t")
        depth = self.fn.depth
        for condition, before, result, inside in pieces:
            deeper = self.fn.depth - depth
            self.put_lines(before, deeper)
            test = self.settled(condition)
            self.emit(f"if {test}:")
            self.put_lines(inside, deeper + 1)
            self.fn.depth += 1
            self.into(name, self.convert(result, type_, node))
            self.fn.depth -= 1
            self.emit("else:")
            self.fn.depth += 1
        self.put_lines(last_lines, self.fn.depth - depth)
        self.into(name, self.convert(last, type_, node))
        self.fn.depth = depth
        return plain(name, type_)

    def common_type(self, items: list[E], node: Any) -> Any:
        """The type of CASE, COALESCE and their like."""
        types = [item.type for item in items if item.type != NULL]
        if not types:
            raise self.refuse("all results are NULL", node)
        if all(type_.is_numeric for type_ in types):
            self._same_family(types, "a choice", node)
            return max(types, key=lambda kind: _RANK[kind.kind])
        if all(type_.is_text for type_ in types):
            return CLOB if any(type_.kind == "CLOB" for type_ in types) else VARCHAR
        first = types[0]
        if all(type_ is first or type_ == first for type_ in types):
            return first
        raise self.refuse(f"results of different types: {', '.join(map(str, types))}", node)

    def x_cast(self, node: s.Cast) -> E:
        target = self.type_of(node.type)
        e = self.expr(node.operand)
        if isinstance(target, Scalar) and target.is_text and not e.type.is_text:
            e = self.as_text(e, node)
        return self.convert(e, target, node)

    def x_subquery(self, node: s.Subquery) -> E:
        raise self.refuse(f"a {node.kind} subquery outside of SQL", node)

    # Conversions

    def convert(self, e: E, target: Any, node: Any, what: str = "value") -> E:
        """e as a value of target, with the checks that an assignment makes."""
        source = e.type
        if source == NULL:
            if isinstance(target, Scalar) and target.not_null:
                raise self.refuse(f"PLS-00567: NULL for a NOT NULL {target}", node)
            if isinstance(target, RecordType) or getattr(target, "key", None) is not None:
                raise self.refuse(f"PLS-00382: NULL for a {target}", node)
            return plain("None", target, constant=None)
        if not isinstance(target, Scalar) or not isinstance(source, Scalar):
            if source is target or (isinstance(source, CursorType) and target is REFCURSOR):
                return e
            raise self.refuse(f"PLS-00382: {what} is a {source}, a {target} is needed", node)
        if target.is_numeric and source.is_numeric:
            return self._constrained_number(self._numeric(e, target, node), target, node)
        if target.is_text and source.is_text:
            return self._constrained_text(e, target)
        if "TIMESTAMP" in (source.kind, target.kind) and source.unit != target.unit:
            raise self.refuse(
                f"the session's time zone, or none at all, makes a {target} of a {source}", node
            )
        if {source.kind, target.kind} <= {"DATE", "TIMESTAMP"} or source.kind == target.kind:
            if target.kind == "RAW" and target.size:
                code = f"_fit_raw({e.slow}, {target.size})"
                return E(f"_fit_raw({e.fast}, {target.size})", code, target)
            return replace(e, type=target)
        if (source.kind, target.kind) == ("RAW", "BLOB"):
            return replace(e, type=target)
        raise self.refuse(
            f"PLS-00382: {what} is a {source}, a {target} is needed: convert explicitly", node
        )

    def _numeric(self, e: E, target: Scalar, node: Any) -> E:
        a, b = e.type.kind, target.kind
        if a == b or (a, b) == ("FLOAT", "DOUBLE"):
            return _of_type(e, target)
        if e.constant is not _NOTHING and e.constant is not None:
            folded = self._folded(e.constant, b)
            if folded is not None:
                return folded
        function = {
            ("PLS", "NUMBER"): "_Decimal", ("PLS", "FLOAT"): "_f32", ("PLS", "DOUBLE"): "_float",
            ("NUMBER", "PLS"): "_number_pls", ("NUMBER", "FLOAT"): "_number_f32",
            ("NUMBER", "DOUBLE"): "_float", ("FLOAT", "NUMBER"): "_float_number",
            ("FLOAT", "PLS"): "_float_pls", ("DOUBLE", "FLOAT"): "_f32",
            ("DOUBLE", "NUMBER"): "_number", ("DOUBLE", "PLS"): "_float_pls",
        }[a, b]  # fmt: skip
        fast = f"{function}({e.fast})"
        if function == "_f32":
            fast = f"_unpack(_pack({e.fast}))[0]"
        slow = f"_nn({function}, {e.slow})"
        if e.nonnull and e.is_plain and function in ("_Decimal", "_float"):
            slow = fast
        return E(fast, slow, target, nonnull=e.nonnull)

    def _folded(self, value: Any, kind: str) -> E | None:
        if kind == "NUMBER" and isinstance(value, (int, Decimal)):
            return self._decimal(Decimal(value))
        if kind == "PLS" and isinstance(value, Decimal) and value == value.to_integral_value():
            return self._int(int(value)) if PLS_MIN <= value <= PLS_MAX else None
        if kind in ("FLOAT", "DOUBLE"):
            number = f32(float(value)) if kind == "FLOAT" else float(value)
            if math.isinf(number):
                return None
            return plain(repr(number), FLOAT if kind == "FLOAT" else DOUBLE, nonnull=True,
                         constant=number)  # fmt: skip
        return None

    def _constrained_number(self, e: E, target: Scalar, node: Any) -> E:
        if target.kind == "NUMBER" and target.size is not None:
            limits = f"{target.size}, {target.scale or 0}"
            fit = "_fit_number" if self.sql is None else "_fit_number_sql"
            return E(f"{fit}({e.fast}, {limits})", f"{fit}({e.slow}, {limits})", target,
                     nonnull=e.nonnull)  # fmt: skip
        if target.low is not None and not (e.low is not None and e.low >= target.low):
            if e.constant is not _NOTHING and e.constant is not None:
                raise self.refuse(f"ORA-06502: {e.constant} is less than {target.low}", node)
            check = f"_at_least({{}}, {target.low}, {target.not_null})"
            return E(check.format(e.fast), check.format(e.slow), target, nonnull=target.not_null)
        return _of_type(e, target)

    def _constrained_text(self, e: E, target: Scalar) -> E:
        if target.size is None:
            return _of_type(e, target)
        if e.constant is not _NOTHING and e.constant is not None:
            length = len(e.constant) if target.unit == "CHAR" else len(e.constant.encode())
            if length <= target.size and not target.is_padded:
                return replace(e, type=target)
        if target.is_padded:
            return plain(f"_nn(_padded, {e.slow}, {target.size})", target)
        in_characters = target.unit == "CHAR"
        suffix = "" if self.sql is None else "_sql"
        check = f"_fit_text{suffix}({{}}, {target.size}, {in_characters})"
        return E(check.format(e.fast), check.format(e.slow), target, nonnull=e.nonnull)

    # Calls

    def call(self, subs: list[Sub], arguments: tuple[s.Argument, ...], node: Any) -> E:
        """A function call: written before the statement, its result in a temporary."""
        sub, bound = self._overload(subs, arguments, node, wants_value=True)
        if sub.is_pipelined:
            raise self.refuse(f"PLS-00653: pipelined {sub.name} outside of TABLE(...)", node)
        if self.sql is not None:
            self.check_sql_call(sub, node)
        name = self.new("_r")
        self.write_call(sub, bound, node, name)
        return plain(name, sub.returns, fresh=True)

    def check_sql_call(self, sub: Sub, node: Any, is_table: bool = False) -> None:
        """Refuse what SQL cannot call; is_table: inside TABLE(...)."""
        if not sub.public:
            raise self.refuse(
                f"PLS-00231: function {sub.name} is private: SQL cannot call it", node
            )
        if sub.outs:
            raise self.refuse(f"ORA-06572: function {sub.name} has OUT parameters", node)
        for type_ in (sub.returns, *(p.type for p in sub.params)):
            if type_ == BOOLEAN or getattr(type_, "key", None) is not None:
                raise self.refuse(f"PLS-00382: {sub.name} has a {type_}, unknown to SQL", node)
        returned = sub.returns
        in_package = isinstance(returned, TableType) and returned.owner != "SYS"
        if isinstance(returned, RecordType) or (in_package and not is_table):
            raise self.refuse(f"ORA-00902: {sub.name} returns a {returned}, unknown to SQL", node)

    def _overload(
        self, subs: list[Sub], arguments: tuple[s.Argument, ...], node: Any, wants_value: bool
    ) -> tuple[Sub, list[tuple[Param, Any]]]:
        """The subprogram that the arguments fit best, and its parameters with their arguments."""
        fitting = []
        problem = ""
        for sub in subs:
            if (sub.returns is not None) != wants_value:
                problem = "it is a procedure" if wants_value else "it is a function"
                continue
            bound = self._bind(sub, arguments)
            if isinstance(bound, str):
                problem = bound
                continue
            fitting.append((sub, bound))
        if len(fitting) > 1:
            fitting = self._by_types(fitting, node)
        if not fitting:
            problem = problem or "the types of the arguments fit no declaration"
            raise self.refuse(f"PLS-00306: call to {subs[0].name}: {problem}", node)
        if len(fitting) > 1:
            raise self.refuse(f"PLS-00307: too many declarations of {subs[0].name} fit", node)
        return fitting[0]

    @staticmethod
    def _bind(sub: Sub, arguments: tuple[s.Argument, ...]) -> Any:
        """The parameters with their arguments, or what is wrong with them."""
        names = {param.name: param for param in sub.params}
        bound: dict[str, Any] = {}
        for place, argument in enumerate(arguments):
            if argument.name is None:
                if place >= len(sub.params):
                    return f"{len(arguments)} arguments for {len(sub.params)} parameters"
                bound[sub.params[place].name] = argument.value
            elif argument.name not in names:
                return f"there is no parameter {argument.name}"
            elif argument.name in bound:
                return f"parameter {argument.name} is given twice"
            else:
                bound[argument.name] = argument.value
        for param in sub.params:
            if param.name not in bound and param.default is None:
                return f"parameter {param.name} is missing"
        return [(param, bound[param.name]) for param in sub.params if param.name in bound]

    def _by_types(self, fitting: list[Any], node: Any) -> list[Any]:
        """Those overloads that no other one fits better in any argument."""
        types: dict[int, E] = {}
        possible: list[tuple[dict[int, int], Any]] = []
        for sub, bound in fitting:
            steps: dict[int, int] = {}
            for param, argument in bound:
                if id(argument) not in types:
                    types[id(argument)] = self._type_only(argument)
                step = self._distance(types[id(argument)].type, param)
                if step is None:
                    break
                steps[id(argument)] = step
            else:
                possible.append((steps, (sub, bound)))
        best = [
            item
            for steps, item in possible
            if all(steps[key] <= other[key] for other, _ in possible for key in steps)
        ]
        return best or [item for _, item in possible]

    def _type_only(self, node: Any) -> E:
        """The expression, with all that it wrote taken back."""
        if isinstance(node, s.Floats):
            return plain("", FLOAT)
        e, _ = self.captured(lambda: self.expr(node))
        return e  # type: ignore[no-any-return]

    @staticmethod
    def _distance(source: Any, param: Param) -> int | None:
        """How far a parameter's type is from an argument's; None where none converts."""
        target = param.type
        if source == NULL:
            return 0
        if isinstance(source, Scalar) and isinstance(target, Scalar):
            if source.kind == target.kind:
                return 0
            if source.is_numeric and target.is_numeric:
                step = _RANK[target.kind] - _RANK[source.kind]
                return step if step > 0 else 10 - step
            if source.is_text and target.is_text:
                return 1
            return None
        return 0 if source is target else None

    def write_call(
        self, sub: Sub, bound: list[tuple[Param, Any]], node: Any, result: str | None
    ) -> None:
        """Write a call: arguments, the call itself, what comes back through OUT parameters."""
        codes: list[str] = []
        stores: list[tuple[str, Any, Any]] = []
        given = {param.name for param, _ in bound}
        gap = False
        arguments = {param.name: value for param, value in bound}
        for param in sub.params:
            if param.name not in given:
                gap = True
                continue
            code = self._argument_code(param, arguments[param.name], stores, node)
            if code is not None:
                codes.append(f"{param.py}={code}" if gap or sub.outs else code)
        outs = [name for name, _, _ in stores]
        target = ", ".join(([result] if result else []) + outs)
        call = f"{self._callee(sub)}({', '.join((['S'] if sub.native else []) + codes)})"
        if self.sql is not None:
            self._write_sql_call(result, call, node)
            return
        self.emit(f"{target} = {call}" if target else call)
        for name, lvalue, type_ in stores:
            self.store(lvalue, plain(name, type_, fresh=True), node)

    def _write_sql_call(self, result: str | None, call: str, node: Any) -> None:
        """A call inside SQL: no changes of data in it, NO_DATA_FOUND gives NULL."""
        self.emit("S.query_depth += 1")
        self.emit("try:")
        self.emit(f"    {result} = {call}")
        self.emit("except _PlsqlError as _found_none:")
        self.emit("    if _found_none.code != -1403: raise")
        self.emit(f"    {result} = None")
        self.emit("finally:")
        self.emit("    S.query_depth -= 1")

    def _callee(self, sub: Sub) -> str:
        if sub.unit is not None and sub.unit is not self.unit:
            return f"{self.use_unit(sub.unit)}().{sub.py}"
        return sub.py

    def _argument_code(
        self, param: Param, argument: Any, stores: list[tuple[str, Any, Any]], node: Any
    ) -> str | None:
        if not param.is_out:
            e = self.value(argument, param.type, f"argument {param.name}")
            return self.settled(e)
        lvalue = self.lvalue(argument, f"PLS-00363: argument of OUT parameter {param.name}")
        stores.append((self.new("_o"), lvalue, param.type))
        if param.mode == "OUT":
            return None
        current = self.convert(lvalue.load(), param.type, node, f"argument {param.name}")
        code = self.settled(current)
        by_value = param.type.is_composite and not param.nocopy
        return f"_copied({code})" if by_value else code

    def lvalue(self, node: Any, what: str) -> Any:
        raise NotImplementedError

    def store(self, lvalue: Any, e: E, node: Any) -> None:
        raise NotImplementedError

    def builtin(self, name: str, arguments: tuple[s.Argument, ...], node: Any) -> E:
        """A function of package STANDARD or of one of Oracle's packages."""
        from plsql.builtins import FUNCTIONS

        return FUNCTIONS[name](self, arguments, node)
