"""Datatypes, and what a name can stand for while a unit is checked."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any

from plsql.values import Associative, Collection, Record


@dataclass(frozen=True)
class Scalar:
    """kind: PLS, NUMBER, FLOAT, DOUBLE, VARCHAR, RAW, BOOLEAN, CLOB, BLOB, DATE, TIMESTAMP or NULL,
    the type of the literal; sizes as declared."""

    kind: str
    size: int | None = None
    scale: int | None = None
    unit: str | None = None
    low: int | None = None  # of POSITIVE and its like
    not_null: bool = False
    is_padded: bool = False  # CHAR: a VARCHAR2 whose values are padded to its size

    is_composite = False

    @property
    def code(self) -> str | None:
        """The typecode of an array of these."""
        return {"FLOAT": "f", "DOUBLE": "d"}.get(self.kind)

    @property
    def is_numeric(self) -> bool:
        return self.kind in ("PLS", "NUMBER", "FLOAT", "DOUBLE")

    @property
    def is_text(self) -> bool:
        return self.kind in ("VARCHAR", "CLOB")

    def __str__(self) -> str:
        if self.is_padded:
            return "CHAR"
        names = {"PLS": "PLS_INTEGER", "FLOAT": "BINARY_FLOAT", "DOUBLE": "BINARY_DOUBLE",
                 "VARCHAR": "VARCHAR2"}  # fmt: skip
        return names.get(self.kind, self.kind)


PLS = Scalar("PLS")
NUMBER = Scalar("NUMBER")
INTEGER = Scalar("NUMBER", 38, 0)
FLOAT = Scalar("FLOAT")
DOUBLE = Scalar("DOUBLE")
VARCHAR = Scalar("VARCHAR")
RAW = Scalar("RAW")
BOOLEAN = Scalar("BOOLEAN")
CLOB = Scalar("CLOB")
BLOB = Scalar("BLOB")
DATE = Scalar("DATE")
TIMESTAMP = Scalar("TIMESTAMP")
TIMESTAMP_TZ = Scalar("TIMESTAMP", unit="TIME ZONE")
NULL = Scalar("NULL")
POSITIVEN = Scalar("PLS", low=1, not_null=True)


@dataclass(eq=False)
class TableType:
    """A collection: VARRAY (limit), nested table, or with a key an associative array."""

    name: str
    element: Any
    limit: int | None = None
    key: Scalar | None = None
    owner: str | None = None

    is_composite = True
    code = None
    kind = "TABLE"
    is_numeric = False
    is_text = False
    not_null = False

    def make(self, values: list[Any]) -> Any:
        """A collection of values."""
        if self.key is not None:
            return Associative(self)
        if self.element.code and None not in values:
            return Collection(self, array(self.element.code, values))
        return Collection(self, values)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class RecordField:
    """A field and the name of what makes its first value."""

    name: str
    type: Any
    default: Any = None


@dataclass(eq=False)
class RecordType:
    """A record; makers give the first values of fields with defaults."""

    name: str
    fields: tuple[RecordField, ...] = ()

    is_composite = True
    code = None
    kind = "RECORD"
    is_numeric = False
    is_text = False
    not_null = False

    def place(self, name: str) -> int | None:
        """Where the field is."""
        for place, item in enumerate(self.fields):
            if item.name == name:
                return place
        return None

    def make(self) -> Record:
        """A record with its defaults, else NULLs."""
        return Record(self, [first_value(item) for item in self.fields])

    def __str__(self) -> str:
        return self.name


def first_value(item: RecordField) -> Any:
    """What a field holds before it is assigned."""
    return item.default if item.default is not None else initial(item.type)


def initial(type_: Any) -> Any:
    """What a variable of the type holds before it is assigned."""
    if isinstance(type_, RecordType):
        return type_.make()
    if isinstance(type_, TableType) and type_.key is not None:
        return Associative(type_)
    return None


@dataclass(eq=False)
class CursorType:
    """SYS_REFCURSOR."""

    name: str = "SYS_REFCURSOR"
    is_composite = False
    code = None
    kind = "CURSOR"
    is_numeric = False
    is_text = False
    not_null = False

    def __str__(self) -> str:
        return self.name


REFCURSOR = CursorType()
ARRAY_FLT = TableType("UTL_NLA_ARRAY_FLT", FLOAT, 1_000_000, owner="SYS")
ARRAY_DBL = TableType("UTL_NLA_ARRAY_DBL", DOUBLE, 1_000_000, owner="SYS")
ARRAY_INT = TableType("UTL_NLA_ARRAY_INT", INTEGER, 1_000_000, owner="SYS")
# Data Cartridge Developer's Guide 19c, "System Defined Constants and Types": VARRAY(32767) OF
# VARCHAR2(4000).
TEXT_LIST = TableType("ODCIVARCHAR2LIST", Scalar("VARCHAR", 4000), 32_767, owner="SYS")
NAMED_TYPES: dict[str, Any] = {
    "PLS_INTEGER": PLS,
    "BINARY_INTEGER": PLS,
    "POSITIVE": Scalar("PLS", low=1),
    "POSITIVEN": POSITIVEN,
    "NATURAL": Scalar("PLS", low=0),
    "NATURALN": Scalar("PLS", low=0, not_null=True),
    "NUMBER": NUMBER,
    "INTEGER": INTEGER,
    "BINARY_FLOAT": FLOAT,
    "BINARY_DOUBLE": DOUBLE,
    "VARCHAR2": VARCHAR,
    "CHAR": Scalar("VARCHAR", 1, is_padded=True),
    "RAW": RAW,
    "BOOLEAN": BOOLEAN,
    "CLOB": CLOB,
    "BLOB": BLOB,
    "DATE": DATE,
    "TIMESTAMP": TIMESTAMP,
    "SYS_REFCURSOR": REFCURSOR,
    "UTL_NLA_ARRAY_FLT": ARRAY_FLT,
    "UTL_NLA_ARRAY_DBL": ARRAY_DBL,
    "UTL_NLA_ARRAY_INT": ARRAY_INT,
    "ODCIVARCHAR2LIST": TEXT_LIST,
}


# What a name stands for


@dataclass(eq=False)
class Var:
    """A variable, constant, parameter or loop variable; py is its name in the generated code."""

    name: str
    type: Any
    py: str
    function: Any
    constant: bool = False
    nonnull: bool = False
    low: int | None = None
    high: int | None = None
    nocopy: bool = False
    why_constant: str = "a constant"
    unit: Any = None  # the package that declares it, for another unit
    fields: dict[str, Any] | None = None  # of a loop's row


@dataclass(eq=False)
class Param:
    """A formal parameter."""

    name: str
    mode: str
    nocopy: bool
    type: Any
    default: Any
    py: str

    @property
    def is_out(self) -> bool:
        return self.mode != "IN"


@dataclass(eq=False)
class Sub:
    """A subprogram; native is the name of a Python function that stands in for it."""

    name: str
    params: tuple[Param, ...]
    returns: Any
    options: tuple[str, ...]
    py: str
    unit: Any = None
    node: Any = None
    defined: bool = False
    public: bool = False
    native: bool = False

    @property
    def is_pipelined(self) -> bool:
        return "PIPELINED" in self.options

    @property
    def outs(self) -> tuple[Param, ...]:
        return tuple(p for p in self.params if p.is_out)

    def same_signature(self, other: Sub) -> bool:
        """Whether a body's subprogram is the specification's: names, modes, types, options."""
        mine = [(p.name, p.mode, p.nocopy, _identity(p.type)) for p in self.params]
        others = [(p.name, p.mode, p.nocopy, _identity(p.type)) for p in other.params]
        return mine == others and _identity(self.returns) == _identity(other.returns)


def _identity(type_: Any) -> Any:
    return type_ if isinstance(type_, Scalar) else id(type_)


@dataclass(eq=False)
class Exc:
    """A declared or predefined exception; code None until PRAGMA EXCEPTION_INIT."""

    name: str
    code: int | None = None


@dataclass(eq=False)
class Scope:
    """Names declared in one block, subprogram or package."""

    parent: Scope | None
    names: dict[str, Any] = field(default_factory=dict)
    label: str | None = None

    def find(self, name: str) -> Any:
        """The entity or list of overloaded subprograms, from inside out; None if undeclared."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None


PREDEFINED = {
    "NO_DATA_FOUND": Exc("NO_DATA_FOUND", -1403),
    "TOO_MANY_ROWS": Exc("TOO_MANY_ROWS", -1422),
    "ZERO_DIVIDE": Exc("ZERO_DIVIDE", -1476),
    "VALUE_ERROR": Exc("VALUE_ERROR", -6502),
    "INVALID_NUMBER": Exc("INVALID_NUMBER", -1722),
    "INVALID_CURSOR": Exc("INVALID_CURSOR", -1001),
    "CURSOR_ALREADY_OPEN": Exc("CURSOR_ALREADY_OPEN", -6511),
    "DUP_VAL_ON_INDEX": Exc("DUP_VAL_ON_INDEX", -1),
    "COLLECTION_IS_NULL": Exc("COLLECTION_IS_NULL", -6531),
    "SUBSCRIPT_OUTSIDE_LIMIT": Exc("SUBSCRIPT_OUTSIDE_LIMIT", -6532),
    "SUBSCRIPT_BEYOND_COUNT": Exc("SUBSCRIPT_BEYOND_COUNT", -6533),
    "CASE_NOT_FOUND": Exc("CASE_NOT_FOUND", -6592),
    "ROWTYPE_MISMATCH": Exc("ROWTYPE_MISMATCH", -6504),
    "NO_DATA_NEEDED": Exc("NO_DATA_NEEDED", -6548),
    "PROGRAM_ERROR": Exc("PROGRAM_ERROR", -6501),
    "STORAGE_ERROR": Exc("STORAGE_ERROR", -6500),
    "LOGIN_DENIED": Exc("LOGIN_DENIED", -1017),
}


@dataclass(eq=False)
class RowType:
    """The row of a cursor FOR loop: column -> (place, type)."""

    columns: dict[str, tuple[int, Any]]

    is_composite = False
    code = None
    kind = "ROW"
    is_numeric = False
    is_text = False
    not_null = False

    def __str__(self) -> str:
        return "row of a query"
