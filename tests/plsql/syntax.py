"""The syntax tree: frozen dataclasses, each with the line where it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """Anything parsed."""

    line: int


# Expressions


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """kind: int, number, float, double, string, boolean or null."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Floats(Node):
    """A long run of float literals; suffix f or d."""

    suffix: str
    values: Any


@dataclass(frozen=True, slots=True)
class Bind(Node):
    """:name, in SQL given with bind values."""

    name: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """a.b.c"""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """value or name => value."""

    name: str | None
    value: Any


@dataclass(frozen=True, slots=True)
class Call(Node):
    """target(arguments): a call, a constructor or a subscript."""

    target: Any
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Field(Node):
    """target.name after a subscript or call."""

    target: Any
    name: str


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """cursor%notfound and its like."""

    target: Any
    name: str


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """op: -, + or NOT."""

    op: str
    operand: Any


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic, comparison, ||, AND, OR."""

    op: str
    left: Any
    right: Any


@dataclass(frozen=True, slots=True)
class Is(Node):
    """operand IS [NOT] NULL, NAN or INFINITE."""

    operand: Any
    what: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Between(Node):
    """operand [NOT] BETWEEN low AND high."""

    operand: Any
    low: Any
    high: Any
    negated: bool


@dataclass(frozen=True, slots=True)
class InList(Node):
    """operand [NOT] IN (items) or IN (select)."""

    operand: Any
    items: tuple[Any, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Like(Node):
    """operand [NOT] LIKE pattern."""

    operand: Any
    pattern: Any
    escape: Any
    negated: bool


@dataclass(frozen=True, slots=True)
class Case(Node):
    """CASE [selector] WHEN ... THEN ... ELSE ... END."""

    selector: Any
    branches: tuple[tuple[Any, Any], ...]
    otherwise: Any


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """CAST(operand AS type)."""

    operand: Any
    type: TypeName


@dataclass(frozen=True, slots=True)
class Subquery(Node):
    """(select) as a value, EXISTS (select) or CURSOR (select)."""

    kind: str  # scalar, exists, cursor
    select: Select


@dataclass(frozen=True, slots=True)
class Star(Node):
    """* in count(*) and select *."""

    qualifier: str | None = None


# Types and declarations


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A named type with its length or precision, or name%type."""

    parts: tuple[str, ...]
    sizes: tuple[int, ...] = ()
    percent: str | None = None  # TYPE or ROWTYPE
    unit: str | None = None  # BYTE or CHAR


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """A variable, constant or record field."""

    name: str
    type: TypeName
    constant: bool = False
    not_null: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class RecordType(Node):
    """TYPE name IS RECORD (fields)."""

    name: str
    fields: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class CollectionType(Node):
    """TYPE name IS TABLE OF element [INDEX BY key], or VARRAY(limit) OF element."""

    name: str
    element: TypeName
    index: TypeName | None
    limit: int | None


@dataclass(frozen=True, slots=True)
class ExceptionDeclaration(Node):
    """name EXCEPTION."""

    name: str


@dataclass(frozen=True, slots=True)
class Pragma(Node):
    """PRAGMA name(arguments)."""

    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A formal parameter; mode IN, OUT or IN OUT."""

    name: str
    mode: str
    nocopy: bool
    type: TypeName
    default: Any


@dataclass(frozen=True, slots=True)
class Subprogram(Node):
    """A function (returns set) or procedure; body None in a specification."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: TypeName | None
    options: tuple[str, ...]
    body: Block | None


# Statements


@dataclass(frozen=True, slots=True)
class Handler(Node):
    """WHEN names THEN statements; OTHERS is the name of all."""

    names: tuple[Name, ...]
    statements: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Block(Node):
    """DECLARE ... BEGIN ... EXCEPTION ... END."""

    declarations: tuple[Any, ...]
    statements: tuple[Any, ...]
    handlers: tuple[Handler, ...]


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """target := value."""

    target: Any
    value: Any


@dataclass(frozen=True, slots=True)
class If(Node):
    """IF branches ELSE otherwise; otherwise None where there is no ELSE."""

    branches: tuple[tuple[Any, tuple[Any, ...]], ...]
    otherwise: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class CaseStatement(Node):
    """CASE [selector] WHEN ... END CASE."""

    selector: Any
    branches: tuple[tuple[Any, tuple[Any, ...]], ...]
    otherwise: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class ForRange(Node):
    """FOR name IN [REVERSE] low..high LOOP."""

    name: str
    low: Any
    high: Any
    reverse: bool
    statements: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ForQuery(Node):
    """FOR name IN (select) LOOP."""

    name: str
    select: Select
    statements: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Loop(Node):
    """[WHILE condition] LOOP."""

    condition: Any
    statements: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Leave(Node):
    """EXIT or CONTINUE [WHEN condition]."""

    kind: str
    condition: Any


@dataclass(frozen=True, slots=True)
class Return(Node):
    """RETURN [value]."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raise(Node):
    """RAISE [name]."""

    name: Name | None


@dataclass(frozen=True, slots=True)
class NullStatement(Node):
    """NULL."""


@dataclass(frozen=True, slots=True)
class PipeRow(Node):
    """PIPE ROW (value)."""

    value: Any


@dataclass(frozen=True, slots=True)
class CallStatement(Node):
    """A procedure call."""

    call: Any


@dataclass(frozen=True, slots=True)
class Fetch(Node):
    """FETCH cursor [BULK COLLECT] INTO targets [LIMIT limit]."""

    cursor: Any
    bulk: bool
    targets: tuple[Any, ...]
    limit: Any


@dataclass(frozen=True, slots=True)
class OpenFor(Node):
    """OPEN cursor FOR select."""

    cursor: Any
    select: Any


@dataclass(frozen=True, slots=True)
class CloseCursor(Node):
    """CLOSE cursor."""

    cursor: Any


@dataclass(frozen=True, slots=True)
class ExecuteImmediate(Node):
    """EXECUTE IMMEDIATE text [INTO targets] [USING values]."""

    text: Any
    targets: tuple[Any, ...]
    using: tuple[Any, ...]


# SQL


@dataclass(frozen=True, slots=True)
class SelectItem(Node):
    """expression [AS alias]."""

    value: Any
    alias: str | None


@dataclass(frozen=True, slots=True)
class Source(Node):
    """What FROM names: a Name, a Select or a TABLE(...) expression, with its alias."""

    kind: str  # table, select, function
    value: Any
    alias: str | None


@dataclass(frozen=True, slots=True)
class OrderItem(Node):
    """expression [DESC] [NULLS FIRST|LAST]."""

    value: Any
    descending: bool
    nulls: str | None


@dataclass(frozen=True, slots=True)
class Select(Node):
    """SELECT ... [[BULK COLLECT] INTO ...] FROM ... WHERE ... GROUP BY ... ORDER BY."""

    items: tuple[SelectItem, ...]
    sources: tuple[Source, ...]
    where: Any = None
    group_by: tuple[Any, ...] = ()
    having: Any = None
    order_by: tuple[OrderItem, ...] = ()
    distinct: bool = False
    into: tuple[Any, ...] = ()
    bulk: bool = False
    for_update: bool = False
    union: Select | None = None


@dataclass(frozen=True, slots=True)
class Insert(Node):
    """INSERT INTO table (columns) VALUES (...) | select."""

    table: Name
    columns: tuple[str, ...]
    values: tuple[Any, ...]
    select: Select | None


@dataclass(frozen=True, slots=True)
class Update(Node):
    """UPDATE table SET column = value, ... WHERE."""

    table: Name
    alias: str | None
    assignments: tuple[tuple[str, Any], ...]
    where: Any


@dataclass(frozen=True, slots=True)
class Delete(Node):
    """DELETE FROM table WHERE."""

    table: Name
    alias: str | None
    where: Any


@dataclass(frozen=True, slots=True)
class Merge(Node):
    """MERGE INTO table USING source ON (condition) WHEN [NOT] MATCHED."""

    table: Name
    alias: str | None
    source: Source
    condition: Any
    matched: tuple[tuple[str, Any], ...]
    matched_where: Any
    columns: tuple[str, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Transaction(Node):
    """COMMIT, ROLLBACK [TO name], SAVEPOINT name or SET TRANSACTION READ ONLY."""

    kind: str
    savepoint: str | None = None


# Definitions


@dataclass(frozen=True, slots=True)
class Package(Node):
    """CREATE [OR REPLACE] PACKAGE [BODY]."""

    name: Name
    is_body: bool
    replace: bool
    authid: str | None
    declarations: tuple[Any, ...]
    block: Block | None


@dataclass(frozen=True, slots=True)
class Column(Node):
    """A column of CREATE TABLE."""

    name: str
    type: TypeName
    not_null: bool
    default: Any
    primary_key: bool
    unique: bool
    checks: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Key(Node):
    """PRIMARY KEY or UNIQUE (columns) of a table."""

    kind: str
    columns: tuple[str, ...]
    name: str | None


@dataclass(frozen=True, slots=True)
class Check(Node):
    """CHECK (condition) of a table."""

    condition: Any
    name: str | None


@dataclass(frozen=True, slots=True)
class ForeignKey(Node):
    """FOREIGN KEY (columns) REFERENCES table (columns)."""

    columns: tuple[str, ...]
    table: Name
    references: tuple[str, ...]
    name: str | None
    cascade: bool


@dataclass(frozen=True, slots=True)
class CreateTable(Node):
    """CREATE TABLE."""

    name: Name
    columns: tuple[Column, ...]
    constraints: tuple[Any, ...]
    stores: tuple[tuple[str, str], ...]  # varray column, LOB segment


@dataclass(frozen=True, slots=True)
class CreateSynonym(Node):
    """CREATE [OR REPLACE] [PUBLIC] SYNONYM name FOR target."""

    name: Name
    target: Name
    replace: bool
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class CreateView(Node):
    """CREATE [OR REPLACE] VIEW name AS select."""

    name: Name
    columns: tuple[str, ...]
    select: Select
    replace: bool


@dataclass(frozen=True, slots=True)
class Drop(Node):
    """DROP kind name."""

    kind: str
    name: Name
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grant(Node):
    """GRANT or REVOKE privileges ON object TO|FROM grantees."""

    revoke: bool
    privileges: tuple[str, ...]
    target: Name
    grantees: tuple[str, ...]
    option: bool = False


@dataclass(frozen=True, slots=True)
class Alter(Node):
    """ALTER PACKAGE name COMPILE ...; ALTER SESSION SET name = value."""

    kind: str
    name: Name
    action: str


@dataclass(frozen=True, slots=True)
class AddColumns(Node):
    """ALTER TABLE name ADD (columns)."""

    table: Name
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class RenameColumn(Node):
    """ALTER TABLE name RENAME COLUMN old TO new."""

    table: Name
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Comment(Node):
    """COMMENT ON TABLE|COLUMN name IS text."""

    kind: str
    name: Name
    text: str


@dataclass(frozen=True, slots=True)
class AnonymousBlock(Node):
    """BEGIN ... END; outside of a package."""

    block: Block
