"""What a database holds: schemas, tables with rows, packages, synonyms, views, grants."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from types import CodeType
from typing import Any

from plsql import syntax as s
from plsql.builtins import PACKAGES
from plsql.compiler import Compiler, Unit
from plsql.expressions import Function
from plsql.queries import Rows, SqlScope, shown
from plsql.runtime import NAMES
from plsql.types import NUMBER, TIMESTAMP, TIMESTAMP_TZ, VARCHAR, Scalar, Scope, Sub, TableType
from plsql.values import CheckRefused, PlsqlError


@dataclass(eq=False)
class ColumnInfo:
    """A column of a table."""

    name: str
    type: Any
    not_null: bool = False
    default: Any = None


class Row:
    """A stored row: now and, while a transaction has changed it, what others still see."""

    __slots__ = ("before", "now", "writer")

    def __init__(self, now: list[Any] | None, before: list[Any] | None, writer: Any) -> None:
        self.now, self.before, self.writer = now, before, writer

    def seen_by(self, session: Any) -> list[Any] | None:
        return self.now if self.writer is None or self.writer is session else self.before


@dataclass(eq=False)
class Table:
    """A heap table."""

    owner: str
    name: str
    columns: list[ColumnInfo]
    keys: list[tuple[str, str, tuple[int, ...]]] = field(default_factory=list)
    checks: list[tuple[str, Any]] = field(default_factory=list)
    foreign: list[tuple[str, tuple[int, ...], Any, tuple[int, ...], bool]] = field(
        default_factory=list
    )
    rows: list[Row] = field(default_factory=list)
    stores: tuple[tuple[str, str], ...] = ()
    comment: str | None = None

    kind = "TABLE"
    select = None
    is_writable = True

    def column_types(self) -> list[tuple[str, Any]]:
        return [(column.name, column.type) for column in self.columns]

    def visible(self, session: Any) -> list[tuple[Row, list[Any]]]:
        """The rows that a session sees, with what it sees of them."""
        seen = ((row, row.seen_by(session)) for row in self.rows)
        return [(row, now) for row, now in seen if now is not None]


@dataclass(eq=False)
class View:
    """A stored query."""

    owner: str
    name: str
    select: s.Select
    columns: list[tuple[str, Any]]

    kind = "VIEW"
    is_writable = False

    def column_types(self) -> list[tuple[str, Any]]:
        return self.columns


@dataclass(eq=False)
class DictionaryView:
    """A view on the catalog itself."""

    name: str
    columns: list[tuple[str, Any]]
    make: Callable[[Any], list[tuple[Any, ...]]]
    owner: str = "SYS"

    kind = "VIEW"
    select = None
    is_writable = False

    def column_types(self) -> list[tuple[str, Any]]:
        return self.columns


@dataclass(eq=False)
class Synonym:
    """A private or public synonym."""

    owner: str
    name: str
    target: tuple[str, ...]

    kind = "SYNONYM"


@dataclass(eq=False)
class Version:
    """One compilation of a package: make(session) gives the package's state and subprograms."""

    make: Callable[[Any], Any]
    stateful: bool
    source: str


@dataclass(eq=False)
class Package:
    """A package: its trees, and what they were compiled to."""

    owner: str
    name: str
    spec: s.Package | None = None
    body: s.Package | None = None
    unit: Unit | None = None
    spec_lines: list[str] = field(default_factory=list)
    serial: int = 0
    version: Version | None = None
    spec_uses: list[tuple[Any, Any]] = field(default_factory=list)
    body_uses: list[tuple[Any, Any]] = field(default_factory=list)
    checked_at: int = -1
    errors: list[tuple[str, int, str]] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)

    kind = "PACKAGE"

    @property
    def key(self) -> tuple[str, str]:
        return self.owner, self.name


def build(compiler: Compiler, lines: list[str], exported: str, what: str) -> tuple[Any, str]:
    """Compile the generated text; the function _make and the text."""
    text = ["def _make(S):", "    _counts = S.counts"]
    for unit, name in compiler.units_used.items():
        compiler.constants[f"{name}_key"] = (unit.owner, unit.name)
        text.append(f"    {name} = lambda: S.instance({name}_key)")
    text += lines
    text.append(f"    return {exported}")
    source = "\n".join(text)
    scope = {**NAMES, **compiler.constants}
    exec(_code(source, what), scope)
    return scope["_make"], source


@functools.lru_cache(maxsize=512)
def _code(source: str, what: str) -> CodeType:
    """Many databases load the same packages, and many tests give the same statements."""
    return compile(source, f"<{what}>", "exec")


SYSTEM_PRIVILEGES = frozenset(
    ("CREATE SESSION", "CREATE TABLE", "CREATE PROCEDURE", "CREATE SYNONYM", "CREATE VIEW")
)
CREATE_ANY = "CREATE ANY PROCEDURE"
# Of a DBA what scripts may need.
DBA_PRIVILEGES = SYSTEM_PRIVILEGES | {
    CREATE_ANY, "ALTER ANY PROCEDURE", "DROP ANY PROCEDURE", "GRANT ANY OBJECT PRIVILEGE",
    "CREATE PUBLIC SYNONYM", "DROP PUBLIC SYNONYM", "SELECT ANY DICTIONARY",
}  # fmt: skip


class Catalog:
    """The objects of all schemas."""

    def __init__(self) -> None:
        self.schemas: dict[str, dict[str, Any]] = {}
        self.roles: dict[str, set[str]] = {}
        self.grants: dict[tuple[str, str], dict[str, set[str]]] = {}
        # Users that are not named here hold SYSTEM_PRIVILEGES.
        self.system_privileges: dict[str, frozenset[str]] = {}
        # Packages of SYS that PUBLIC may execute; take one away to see what happens without.
        self.system_packages = set(PACKAGES)
        # Bytes that a user may fill in tablespace USERS; -1 is unlimited.
        self.quotas: dict[str, int] = {}
        self.character_set = "AL32UTF8"
        self.serial = 0  # of all definitions
        self.serial_but_packages = 0
        self.strict_compile = True
        self.explicit_numbers = True
        self.is_linguistic = False
        self.orders_nan = True
        # Whether the fast form of statements is left out, to compare the two.
        self.slow_only = False
        self.dictionary = _dictionary(self)

    def changed(self) -> None:
        """A definition changed: what was compiled is checked before it is used again."""
        self.serial += 1
        self.serial_but_packages += 1

    def changed_package(self) -> None:
        """A package changed: statements that asked for none may be used again unchecked."""
        self.serial += 1

    # Finding

    def find(
        self,
        user: str,
        parts: tuple[str, ...],
        privileges: set[str] | None = None,
        roles: bool = True,
    ) -> Any:
        """The object that a user means, synonyms followed; None where he may not see it. Stored
        code sees nothing through roles."""
        owner, name = (user, parts[0]) if len(parts) == 1 else parts[:2]
        item = self.schemas.get(owner, {}).get(name)
        if item is None and len(parts) == 1:
            item = self.schemas.get("PUBLIC", {}).get(name)
        depth = 0
        while isinstance(item, Synonym):
            depth += 1
            if depth > 10:
                raise PlsqlError(-1775, "ORA-01775: looping chain of synonyms")
            target = item.target if len(item.target) == 2 else (item.owner, item.target[0])
            item = self.schemas.get(target[0], {}).get(target[1])
        if item is None or not self.allowed(user, item, privileges, roles):
            return None
        return item

    def holds(self, user: str, privilege: str) -> bool:
        """Whether a user has a system privilege."""
        return privilege in self.system_privileges.get(user, SYSTEM_PRIVILEGES)

    def allowed(
        self, user: str, item: Any, privileges: set[str] | None = None, roles: bool = True
    ) -> bool:
        """Whether a user owns an object or has any (or one of these) privileges on it."""
        if item.owner == user:
            return True
        granted = self.grants.get((item.owner, item.name), {})
        for grantee in (user, "PUBLIC", *(self.roles.get(user, ()) if roles else ())):
            held = granted.get(grantee, set())
            if held and (privileges is None or held & privileges):
                return True
        return False

    def table(self, user: str, parts: tuple[str, ...]) -> Any:
        item = self.find(user, parts)
        if isinstance(item, (Table, View)):
            return item
        is_open = not parts[-1].startswith("DBA_") or self.holds(user, "SELECT ANY DICTIONARY")
        if item is None and is_open and parts[-1] in self.dictionary and (
            len(parts) == 1 or parts[0] == "SYS"
        ):  # fmt: skip
            return self.dictionary[parts[-1]]
        return None

    def package_unit(self, user: str, parts: tuple[str, ...], roles: bool = True) -> Unit | None:
        """The checked specification of a package."""
        item = self.find(user, parts, roles=roles)
        if not isinstance(item, Package):
            return None
        self.ready_spec(item)
        return item.unit

    def package(self, key: tuple[str, str]) -> Package:
        item = self.schemas.get(key[0], {}).get(key[1])
        if not isinstance(item, Package):
            raise PlsqlError(
                -6508,
                f"ORA-06508: PL/SQL: could not find program unit being called: {'.'.join(key)}",
            )
        return item

    # Packages

    def create_package(self, owner: str, node: s.Package, text: str) -> None:
        """CREATE PACKAGE [BODY]; Oracle keeps its text from the word PACKAGE on."""
        name = node.name.parts[-1]
        item = self.schemas[owner].get(name)
        if item is None:
            item = self.schemas[owner][name] = Package(owner, name)
            if name in self.schemas["PUBLIC"]:
                self.changed()  # it hides what the name meant
        elif not isinstance(item, Package) or (
            not node.replace and (item.body if node.is_body else item.spec) is not None
        ):
            raise PlsqlError(-955, "ORA-00955: name is already used by an existing object")
        kind = "PACKAGE BODY" if node.is_body else "PACKAGE"
        item.sources[kind] = re.sub(r"(?i)^\s*create\s+(or\s+replace\s+)?", "", text)
        item.errors = [e for e in item.errors if e[0] != kind]
        item.version = None
        item.checked_at = -1
        self.changed_package()
        if node.is_body:
            item.body = node
        else:
            # Fine-grained dependencies (Development Guide 19c, 30.10): what uses a specification
            # stays valid when it is replaced by the same one.
            same = item.spec is not None and shown(item.spec) == shown(node)
            item.spec = node
            if not same:
                item.unit = None
        try:
            if node.is_body:
                self.ready(item)
            else:
                self.ready_spec(item)
        except CheckRefused as problem:
            item.errors.append((kind, problem.line or 0, str(problem)))
            if self.strict_compile:
                raise CheckRefused(f"{kind} {owner}.{name}: {problem}") from problem

    def ready_spec(self, item: Package) -> None:
        """Check the specification, unless it is checked and all it uses is unchanged."""
        if item.unit is not None and self._unchanged(item.owner, item.spec_uses):
            return
        if item.spec is None:
            raise PlsqlError(-4067, f"ORA-04067: package {item.name} has no specification")
        unit = Unit(item.owner, item.name, Scope(None, label=item.name))
        compiler = Compiler(self, item.owner, unit)
        compiler.scope = unit.scope
        compiler.declare_all(item.spec.declarations, public=True)
        item.unit, item.spec_lines, item.version = unit, compiler.fn.lines, None
        item.serial = compiler.serial
        unit.stateful, unit.constants = compiler.stateful, compiler.constants
        item.spec_uses = self._uses(compiler)
        unit.uses = tuple(compiler.units_used.items())

    def _uses(self, compiler: Compiler) -> list[tuple[Any, Any]]:
        """What a compilation depends on: how to look it up, and what was found."""
        units = [(("unit", unit.owner, unit.name), unit) for unit in compiler.units_used]
        tables = [(("table", *key), table) for key, table in compiler.tables_used.items()]
        return units + tables

    def _unchanged(self, user: str, uses: list[tuple[Any, Any]]) -> bool:
        for key, found in uses:
            if key[0] == "unit":
                item = self.schemas.get(key[1], {}).get(key[2])
                if not isinstance(item, Package) or item.unit is not found:
                    return False
                if not self.allowed(user, item, roles=False):
                    return False
            elif self.table(key[1], key[2]) is not found:
                return False
        return True

    def ready(self, item: Package) -> Version:
        """The package compiled, again where something that it uses has changed."""
        if item.version is not None and item.checked_at == self.serial:
            return item.version
        self.ready_spec(item)
        if item.version is None or not self._unchanged(item.owner, item.body_uses):
            item.version = self._compile(item)
        item.checked_at = self.serial
        return item.version

    def _compile(self, item: Package) -> Version:
        unit = item.unit
        assert unit is not None and unit.constants is not None
        compiler = Compiler(self, item.owner, unit)
        compiler.constants = dict(unit.constants)
        compiler.serial = item.serial
        compiler.units_used = dict(unit.uses)
        compiler.fn.lines = list(item.spec_lines)
        compiler.stateful = unit.stateful
        for sub in _subs(unit.scope):
            sub.defined = False
        if item.body is not None:
            compiler.scope = Scope(unit.scope, label=item.name)
            compiler.declare_all(item.body.declarations)
            if item.body.block is not None:
                compiler.fn.sub = None
                compiler.s_block(item.body.block)
        for sub in _subs(unit.scope):
            if not sub.defined:
                if item.body is None:
                    raise PlsqlError(
                        -4067,
                        f"ORA-04067: package body {item.owner}.{item.name} does not exist",
                    )
                raise CheckRefused(
                    f"PLS-00323: subprogram {sub.name} is declared in the specification of "
                    f"{item.name} and not defined in its body",
                    sub.node.line,
                )
        exported = [f"'{sub.py}': {sub.py}" for sub in _subs(unit.scope)]
        for entity in unit.scope.names.values():
            if hasattr(entity, "why_constant"):
                exported.append(f"'get_{entity.py}': lambda: {entity.py}")
        make, source = build(compiler, compiler.fn.lines, f"_namespace({{{', '.join(exported)}}})",
                             f"{item.owner}.{item.name}")  # fmt: skip
        item.body_uses = self._uses(compiler)
        return Version(make, compiler.stateful, source)

    # Tables

    def create_table(self, owner: str, node: s.CreateTable) -> None:
        name = node.name.parts[-1]
        if name in self.schemas[owner]:
            raise PlsqlError(-955, "ORA-00955: name is already used by an existing object")
        others = (item for item in self.schemas[owner].values() if isinstance(item, Table))
        segments = {segment for other in others for _, segment in other.stores}
        if segments & {segment for _, segment in node.stores}:
            raise PlsqlError(-955, "ORA-00955: name is already used by an existing object")
        columns: list[ColumnInfo] = []
        self._column_infos(owner, node.columns, columns)
        self._check_storage(node, columns)
        table = Table(owner, name, columns, stores=node.stores)
        self._constraints(table, node)
        self.schemas[owner][name] = table
        self.changed()

    def add_columns(self, table: Table, node: s.AddColumns) -> None:
        """New columns, which hold NULL in the rows that are there."""
        before = len(table.columns)
        if any(c.not_null and c.default is None for c in node.columns) and table.rows:
            raise PlsqlError(-1758, "ORA-01758: table must be empty to add mandatory column")
        self._column_infos(table.owner, node.columns, table.columns)
        for row in table.rows:
            if row.now is not None:
                row.now = [*row.now, *[None] * (len(table.columns) - before)]
        self.changed()

    def _column_infos(
        self, owner: str, nodes: tuple[s.Column, ...], columns: list[ColumnInfo]
    ) -> None:
        """Append what these columns are to those that are there."""
        compiler = Compiler(self, owner)
        for item in nodes:
            type_ = compiler.sized_needed(compiler.type_of(item.type), item.type, item.name)
            if isinstance(type_, Scalar) and type_.kind == "BOOLEAN":
                raise CheckRefused("ORA-00902: BOOLEAN is no column type before 23", item.line)
            if isinstance(type_, Scalar) and (type_.kind == "PLS"):
                raise CheckRefused(f"ORA-00902: {type_} is no column type", item.line)
            if type_ in (VARCHAR,) or (type_.kind == "VARCHAR" and type_.size > 4000) or (
                type_.kind == "RAW" and type_.size > 2000
            ):  # fmt: skip
                raise CheckRefused("ORA-00910: length of a column over the limit", item.line)
            if any(item.name == other.name for other in columns):
                raise CheckRefused(f"ORA-00957: duplicate column name {item.name}", item.line)
            columns.append(ColumnInfo(item.name, type_, item.not_null or item.primary_key,
                                      item.default))  # fmt: skip

    @staticmethod
    def _check_storage(node: s.CreateTable, columns: list[ColumnInfo]) -> None:
        stored = {column for column, _ in node.stores}
        by_name = {column.name: column for column in columns}
        for column in stored:
            if column not in by_name or not isinstance(by_name[column].type, TableType):
                raise CheckRefused(f"VARRAY {column} STORE AS: no VARRAY column", node.line)
        for info in columns:
            if isinstance(info.type, TableType) and info.name not in stored:
                raise CheckRefused(
                    f"VARRAY column {info.name} without VARRAY ... STORE AS LOB segment",
                    node.line,
                )

    def _constraints(self, table: Table, node: s.CreateTable) -> None:
        names = [column.name for column in table.columns]

        def places(columns: tuple[str, ...], line: int) -> tuple[int, ...]:
            for column in columns:
                if column not in names:
                    raise CheckRefused(f"ORA-00904: {column}: invalid identifier", line)
            return tuple(names.index(column) for column in columns)

        for column in node.columns:
            if column.primary_key or column.unique:
                kind = "PRIMARY" if column.primary_key else "UNIQUE"
                table.keys.append((kind, f"SYS_{column.name}", places((column.name,), column.line)))
            for check in column.checks:
                table.checks.append(("SYS_C", self._check(table, check)))
        for item in node.constraints:
            if isinstance(item, s.Key):
                key = places(item.columns, item.line)
                table.keys.append((item.kind, item.name or "SYS_C", key))
                if item.kind == "PRIMARY":
                    for place in key:
                        table.columns[place].not_null = True
            elif isinstance(item, s.Check):
                table.checks.append((item.name or "SYS_C", self._check(table, item.condition)))
            else:
                target = self.find(table.owner, item.table.parts)
                if item.table.parts == (table.name,):
                    target = table
                if not isinstance(target, Table):
                    raise PlsqlError(-942, f"ORA-00942: table {item.table} does not exist")
                primary = next((key[2] for key in target.keys if key[0] == "PRIMARY"), None)
                others = [column.name for column in target.columns]
                theirs = tuple(others.index(c) for c in item.references) or primary
                if theirs is None or theirs not in [key[2] for key in target.keys]:
                    raise PlsqlError(-2270, "ORA-02270: no matching unique or primary key")
                table.foreign.append((item.name or "SYS_C", places(item.columns, item.line), target,
                                      theirs, item.cascade))  # fmt: skip
        if sum(key[0] == "PRIMARY" for key in table.keys) > 1:
            raise PlsqlError(-2260, "ORA-02260: table can have only one primary key")

    def _check(self, table: Table, condition: Any) -> Any:
        """A function of a row's values: the CHECK condition in three-valued logic."""
        compiler = Compiler(self, table.owner)
        compiler.fn = Function("_check", compiler.fn)
        compiler.fn.depth = 2
        compiler.sql = SqlScope(None, [Rows(table.name, table.column_types(), "_row")])
        compiler.emit(f"return {compiler.settled(compiler.boolean(condition))}")
        lines = ["    def _check(_row):", *compiler.fn.lines]
        make, _ = build(compiler, lines, "_check", f"check of {table.name}")
        return make(_Nobody())


class _Nobody:
    """The session of a CHECK condition, which needs none."""

    counts = [0]  # noqa: RUF012


def _subs(scope: Scope) -> list[Sub]:
    return [sub for e in scope.names.values() if isinstance(e, list) for sub in e]


def _data_type(type_: Any) -> str:
    """DATA_TYPE of USER_TAB_COLUMNS: a timestamp's holds its precision."""
    if type_ == TIMESTAMP_TZ:
        return "TIMESTAMP(6) WITH TIME ZONE"
    return "TIMESTAMP(6)" if type_ == TIMESTAMP else str(type_)


def _size(type_: Any) -> tuple[Any, ...]:
    """DATA_LENGTH in bytes, DATA_PRECISION, DATA_SCALE, CHAR_LENGTH and CHAR_USED."""
    if not isinstance(type_, Scalar) or type_.size is None:
        return Decimal(22), None, None, Decimal(0), None
    size = Decimal(type_.size)
    if type_.kind == "NUMBER":
        return Decimal(22), size, Decimal(type_.scale or 0), Decimal(0), None
    if type_.kind == "VARCHAR":
        in_characters = type_.unit == "CHAR"
        return size * (4 if in_characters else 1), None, None, size, "C" if in_characters else "B"
    return size, None, None, Decimal(0), None


@functools.lru_cache(maxsize=64)
def _source_rows(name: str, kind: str, text: str) -> list[tuple[Any, ...]]:
    """What USER_SOURCE says of a package, or its body: a row for each line."""
    lines = enumerate(text.splitlines(keepends=True), 1)
    return [(name, kind, Decimal(place), line) for place, line in lines]


def _dictionary(catalog: Catalog) -> dict[str, DictionaryView]:
    """The views of the data dictionary that scripts may read."""
    text, number = VARCHAR, NUMBER

    def objects(session: Any) -> list[tuple[Any, ...]]:
        return [row[1:] for row in all_objects(session) if row[0] == session.user]

    def all_objects(session: Any) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = [
            ("SYS", name, "PACKAGE", "VALID", session.now())
            for name in sorted(catalog.system_packages)
        ]
        for owner, items in catalog.schemas.items():
            for name, item in items.items():
                is_open = owner in (session.user, "PUBLIC") or (
                    isinstance(item, Package) and catalog.holds(session.user, CREATE_ANY)
                )
                if not is_open and not catalog.allowed(session.user, item):
                    continue
                kinds = [item.kind]
                if isinstance(item, Package):
                    # Who may only call a package sees no body of it.
                    kinds = ["PACKAGE"] * (item.spec is not None)
                    kinds += ["PACKAGE BODY"] * (item.body is not None and is_open)
                for kind in kinds:
                    bad = isinstance(item, Package) and any(e[0] == kind for e in item.errors)
                    found.append((owner, name, kind, "INVALID" if bad else "VALID", session.now()))
        return found

    def tables(session: Any) -> list[tuple[Any, ...]]:
        items = catalog.schemas[session.user].values()
        return [(item.name,) for item in items if isinstance(item, Table)]

    def columns(session: Any) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for item in catalog.schemas[session.user].values():
            if isinstance(item, (Table, View)):
                for place, (name, type_) in enumerate(item.column_types(), 1):
                    rows.append((item.name, name, _data_type(type_), Decimal(place), *_size(type_)))
        return rows

    def synonyms(session: Any) -> list[tuple[Any, ...]]:
        return [row[1:] for row in all_synonyms(session) if row[0] == session.user]

    def all_synonyms(session: Any) -> list[tuple[Any, ...]]:
        return [
            (owner, name, item.target[0] if len(item.target) == 2 else item.owner, item.target[-1])
            for owner, items in catalog.schemas.items()
            for name, item in items.items()
            if isinstance(item, Synonym)
        ]

    def errors(session: Any) -> list[tuple[Any, ...]]:
        return [row[1:] for row in all_errors(session) if row[0] == session.user]

    def all_errors(session: Any) -> list[tuple[Any, ...]]:
        return [
            (owner, item.name, kind, Decimal(place), Decimal(line), Decimal(1), message, "ERROR")
            for owner, items in catalog.schemas.items()
            if owner == session.user or catalog.holds(session.user, CREATE_ANY)
            for item in items.values()
            if isinstance(item, Package)
            for place, (kind, line, message) in enumerate(item.errors, 1)
        ]

    def dependencies(session: Any) -> list[tuple[Any, ...]]:
        """Of packages, on packages and on the synonyms that they are named by."""
        found = []
        for owner, items in catalog.schemas.items():
            for name, item in items.items():
                if not isinstance(item, Package):
                    continue
                for kind, key, unit in [
                    *(("PACKAGE", *use) for use in item.spec_uses),
                    *(("PACKAGE BODY", *use) for use in item.body_uses),
                ]:
                    if key[0] == "unit":
                        found.append((owner, name, kind, unit.owner, unit.name, "PACKAGE"))
        return found

    def sources(session: Any) -> list[tuple[Any, ...]]:
        return [
            row
            for item in catalog.schemas[session.user].values()
            if isinstance(item, Package)
            for kind, text in item.sources.items()
            if (item.spec if kind == "PACKAGE" else item.body) is not None
            for row in _source_rows(item.name, kind, text)
        ]

    def privileges(session: Any) -> list[tuple[Any, ...]]:
        return [
            (
                grantee,
                owner,
                name,
                session.user if owner == session.user else owner,
                privilege,
                "NO",
            )
            for (owner, name), granted in catalog.grants.items()
            for grantee, held in granted.items()
            for privilege in sorted(held)
            if session.user in (owner, grantee)
        ]

    def all_privileges(session: Any) -> list[tuple[Any, ...]]:
        """Those of which the user is owner or grantee, or a role of his, or PUBLIC."""
        own = {session.user, "PUBLIC", *catalog.roles.get(session.user, ())}
        supplied = sorted(catalog.system_packages)
        return [("SYS", "PUBLIC", "SYS", name, "EXECUTE", "NO") for name in supplied] + [
            (owner, grantee, owner, name, privilege, "NO")
            for (owner, name), granted in catalog.grants.items()
            for grantee, held in granted.items()
            for privilege in sorted(held)
            if owner == session.user or grantee in own
        ]

    def made(session: Any) -> list[tuple[Any, ...]]:
        return [
            (row[0], row[2], row[3], row[4], row[5])
            for row in privileges(session)
            if row[1] == session.user
        ]

    def constraints(session: Any) -> list[tuple[Any, ...]]:
        return [
            (name, kind[0], item.name)
            for item in catalog.schemas[session.user].values()
            if isinstance(item, Table)
            for kind, name, _ in item.keys
        ]

    def comments(session: Any) -> list[tuple[Any, ...]]:
        return [
            (item.name, "TABLE", item.comment)
            for item in catalog.schemas[session.user].values()
            if isinstance(item, Table)
        ]

    def session_privileges(session: Any) -> list[tuple[Any, ...]]:
        held = catalog.system_privileges.get(session.user, SYSTEM_PRIVILEGES)
        return [(privilege,) for privilege in sorted(held)]

    def quotas(session: Any) -> list[tuple[Any, ...]]:
        return [("USERS", Decimal(catalog.quotas.get(session.user, -1)))]

    views = [
        DictionaryView("USER_USERS", [("USERNAME", text), ("DEFAULT_TABLESPACE", text)],
                       lambda session: [(session.user, "USERS")]),
        DictionaryView("USER_TS_QUOTAS", [("TABLESPACE_NAME", text), ("MAX_BYTES", number)],
                       quotas),
        DictionaryView("USER_TAB_COMMENTS", [("TABLE_NAME", text), ("TABLE_TYPE", text),
                                             ("COMMENTS", text)], comments),
        DictionaryView("SESSION_PRIVS", [("PRIVILEGE", text)], session_privileges),
        DictionaryView("USER_OBJECTS", [("OBJECT_NAME", text), ("OBJECT_TYPE", text),
                                        ("STATUS", text), ("CREATED", TIMESTAMP)], objects),
        DictionaryView("ALL_OBJECTS", [("OWNER", text), ("OBJECT_NAME", text),
                                       ("OBJECT_TYPE", text), ("STATUS", text),
                                       ("CREATED", TIMESTAMP)], all_objects),
        DictionaryView("USER_TABLES", [("TABLE_NAME", text)], tables),
        DictionaryView("USER_TAB_COLUMNS", [("TABLE_NAME", text), ("COLUMN_NAME", text),
                                            ("DATA_TYPE", text), ("COLUMN_ID", number),
                                            ("DATA_LENGTH", number), ("DATA_PRECISION", number),
                                            ("DATA_SCALE", number), ("CHAR_LENGTH", number),
                                            ("CHAR_USED", text)], columns),
        DictionaryView("NLS_DATABASE_PARAMETERS", [("PARAMETER", text), ("VALUE", text)],
                       lambda session: [("NLS_CHARACTERSET", catalog.character_set)]),
        DictionaryView("USER_SYNONYMS", [("SYNONYM_NAME", text), ("TABLE_OWNER", text),
                                         ("TABLE_NAME", text)], synonyms),
        DictionaryView("ALL_SYNONYMS", [("OWNER", text), ("SYNONYM_NAME", text),
                                        ("TABLE_OWNER", text), ("TABLE_NAME", text)], all_synonyms),
        DictionaryView("USER_ERRORS", [("NAME", text), ("TYPE", text), ("SEQUENCE", number),
                                       ("LINE", number), ("POSITION", number), ("TEXT", text),
                                       ("ATTRIBUTE", text)], errors),
        DictionaryView("USER_SOURCE", [("NAME", text), ("TYPE", text), ("LINE", number),
                                       ("TEXT", text)], sources),
        DictionaryView("USER_TAB_PRIVS", [("GRANTEE", text), ("OWNER", text), ("TABLE_NAME", text),
                                          ("GRANTOR", text), ("PRIVILEGE", text),
                                          ("GRANTABLE", text)], privileges),
        DictionaryView("ALL_TAB_PRIVS", [("GRANTOR", text), ("GRANTEE", text),
                                         ("TABLE_SCHEMA", text), ("TABLE_NAME", text),
                                         ("PRIVILEGE", text), ("GRANTABLE", text)],
                       all_privileges),
        DictionaryView("ALL_USERS", [("USERNAME", text)],
                       lambda session: [(name,) for name in catalog.schemas if name != "PUBLIC"]),
        DictionaryView("ALL_ERRORS", [("OWNER", text), ("NAME", text), ("TYPE", text),
                                      ("SEQUENCE", number), ("LINE", number),
                                      ("POSITION", number), ("TEXT", text), ("ATTRIBUTE", text)],
                       all_errors),
        DictionaryView("DBA_DEPENDENCIES", [("OWNER", text), ("NAME", text), ("TYPE", text),
                                            ("REFERENCED_OWNER", text),
                                            ("REFERENCED_NAME", text),
                                            ("REFERENCED_TYPE", text)], dependencies),
        DictionaryView("USER_TAB_PRIVS_MADE", [("GRANTEE", text), ("TABLE_NAME", text),
                                               ("GRANTOR", text), ("PRIVILEGE", text),
                                               ("GRANTABLE", text)], made),
        DictionaryView("USER_CONSTRAINTS", [("CONSTRAINT_NAME", text), ("CONSTRAINT_TYPE", text),
                                            ("TABLE_NAME", text)], constraints),
    ]  # fmt: skip
    return {view.name: view for view in views}
