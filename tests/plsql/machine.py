"""A database and its sessions: they run what the compiler wrote."""

from __future__ import annotations

import datetime
import decimal
import functools
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np

from plsql import syntax as s
from plsql.catalog import (
    CREATE_ANY,
    DBA_PRIVILEGES,
    Catalog,
    Package,
    Row,
    Synonym,
    Table,
    View,
    build,
)
from plsql.compiler import Compiler, Target
from plsql.expressions import E, Function, plain
from plsql.parser import parse_statement
from plsql.runtime import NAMES, coerce
from plsql.types import (
    ARRAY_DBL,
    ARRAY_FLT,
    BOOLEAN,
    CLOB,
    DOUBLE,
    NAMED_TYPES,
    NULL,
    NUMBER,
    RAW,
    REFCURSOR,
    TEXT_LIST,
    TIMESTAMP,
    VARCHAR,
    TableType,
    Var,
)  # fmt: skip
from plsql.values import (
    CONTEXT,
    Associative,
    CheckRefused,
    Collection,
    PlsqlError,
    Record,
    Refused,
    copied,
    error,
)  # fmt: skip

NAMES["_namespace"] = lambda items: SimpleNamespace(**items)
_CODE = re.compile(r"\bORA-(\d{5}): ")


@functools.lru_cache(maxsize=64)
def _parsed_unit(text: str, first_line: int, identifier_bytes: int) -> Any:
    return parse_statement(text, first_line, identifier_bytes)


@functools.lru_cache(maxsize=1024)
def _parsed_short(text: str, first_line: int, identifier_bytes: int) -> Any:
    return parse_statement(text, first_line, identifier_bytes)


SHORT = 10_000  # characters of a statement; a longer one holds weights, and comes once


def parsed(text: str, first_line: int, identifier_bytes: int) -> Any:
    """The tree of a statement; those of packages and of short statements are kept, many databases
    load the same ones."""
    if re.match(r"\s*create\b[^;]*\bpackage\b", text[:200], re.IGNORECASE):
        return _parsed_unit(text, first_line, identifier_bytes)
    if len(text) < SHORT:
        return _parsed_short(text, first_line, identifier_bytes)
    return parse_statement(text, first_line, identifier_bytes)


@dataclass(eq=False)
class Variable:
    """A bind variable with a datatype, for OUT binds: its value is what the block left in it."""

    type: Any
    value: Any = None


class Cursor:
    """A REF CURSOR over rows; the session remembers it until it is closed.

    mismatch is what a FETCH into another number of variables raises: ORA-06504, or ORA-01007 where
    the query was dynamic. Which of them comes of CURSOR() in a query, no manual says.
    """

    mismatch = -6504

    def __init__(self, rows: Iterable[Sequence[Any]], columns: int | None = None) -> None:
        self.rows = iter(rows)
        self.columns = columns
        self.is_open = True
        self.fetched = 0
        self.found: bool | None = None

    def _next(self) -> Sequence[Any] | None:
        if not self.is_open:
            raise error(-1001)
        return next(self.rows, None)

    def _types(self, row: Sequence[Any], types: list[Any]) -> None:
        if len(row) != len(types):
            raise error(self.mismatch)

    def one(self, types: list[Any]) -> list[Any] | None:
        """FETCH INTO."""
        if self.columns is not None and self.columns != len(types):
            raise error(self.mismatch)
        row = self._next()
        self.found = row is not None
        if row is None:
            return None
        self._types(row, types)
        self.fetched += 1
        return [coerce(value, type_) for value, type_ in zip(row, types, strict=True)]

    def rows_of(self, types: list[Any], limit: int | None, has_limit: bool) -> list[list[Any]]:
        """FETCH BULK COLLECT INTO a table of records."""
        if has_limit and (limit is None or limit < 1):
            raise error(-6502)
        if self.columns is not None and self.columns != len(types):
            raise error(self.mismatch)
        if not self.is_open:
            raise error(-1001)
        rows: list[list[Any]] = []
        while limit is None or len(rows) < limit:
            row = self._next()
            if row is None:
                break
            self._types(row, types)
            rows.append([coerce(value, type_) for value, type_ in zip(row, types, strict=True)])
        self.fetched += len(rows)
        # %NOTFOUND after BULK COLLECT LIMIT: fewer rows than asked for.
        self.found = len(rows) == limit if has_limit else bool(rows)
        return rows

    def columns_of(self, types: list[Any], limit: int | None, has_limit: bool) -> list[list[Any]]:
        """FETCH BULK COLLECT INTO one table a column."""
        rows = self.rows_of(types, limit, has_limit)
        return [[row[place] for row in rows] for place in range(len(types))]

    def close(self) -> None:
        """CLOSE."""
        if not self.is_open:
            raise error(-1001)
        self.is_open = False
        close = getattr(self.rows, "close", None)
        if close is not None:
            close()

    def attribute(self, name: str) -> Any:
        """%FOUND and its like."""
        if name == "ISOPEN":
            return self.is_open
        if not self.is_open:
            raise error(-1001)
        if name == "ROWCOUNT":
            return self.fetched
        if self.found is None:
            return None
        return self.found if name == "FOUND" else not self.found


@dataclass
class Fault:
    """An error to be raised at a statement, counted from the moment of its planning."""

    remaining: int
    code: int
    message: str
    after: bool


class Database:
    """A server: Database().session() connects to it.

    strict_compile: whether a package with errors raises at once; Oracle only warns and leaves it
    invalid, with its errors in USER_ERRORS.
    explicit_numbers: whether PL/SQL must convert between binary floats and NUMBER or PLS_INTEGER
    itself; Oracle does it, in decimal software where it chooses NUMBER.
    is_linguistic: whether sessions have NLS_COMP = LINGUISTIC and NLS_SORT = BINARY_CI: texts are
    compared without regard to case; RAW is not.
    orders_nan: whether NaN equals itself and is greater than every number in PL/SQL, too. That is
    how the SQL Language Reference compares; of PL/SQL no manual says so, and IEEE 754 has neither.
    """

    def __init__(
        self,
        version: str = "19",
        strict_compile: bool = True,
        explicit_numbers: bool = True,
        is_linguistic: bool = False,
        orders_nan: bool = True,
    ) -> None:
        self.version = version
        self.catalog = Catalog()
        self.catalog.strict_compile = strict_compile
        self.catalog.explicit_numbers = explicit_numbers
        self.catalog.is_linguistic = is_linguistic
        self.catalog.orders_nan = orders_nan
        self.catalog.schemas["PUBLIC"] = {}
        self.faults: list[Fault] = []
        self.statements: list[str] = []
        self.sessions: list[Session] = []
        self.compiled: dict[Any, Prepared] = {}

    @property
    def identifier_bytes(self) -> int:
        """How long a name may be: 30 bytes before 12.2."""
        return 30 if self.version in ("11.2", "12.1") else 128

    def user(self, name: str, roles: Iterable[str] = ()) -> str:
        """Make a user, or give him roles."""
        self.catalog.schemas.setdefault(name.upper(), {})
        self.catalog.roles.setdefault(name.upper(), set()).update(r.upper() for r in roles)
        return name.upper()

    def dba(self, name: str = "DBA_USER") -> str:
        """Make a user who may do what an administrator may."""
        self.catalog.system_privileges[name.upper()] = DBA_PRIVILEGES
        return self.user(name)

    def role(self, name: str) -> None:
        """Make a role; grants name it like a user."""
        self.catalog.roles.setdefault(name.upper(), set())

    def session(self, user: str = "OWNER") -> Session:
        """A new connection of a user, who is made if he does not exist."""
        session = Session(self, self.user(user))
        self.sessions.append(session)
        return session

    def fail_statement(
        self, ordinal: int = 1, code: int = -3113, message: str | None = None, after: bool = False
    ) -> None:
        """Let the ordinal-th statement from now raise; after: once it has had its effect."""
        text = message or f"ORA-{-code:05d}: fault planned by a test"
        self.faults.append(Fault(ordinal, code, text, after))

    def due_fault(self) -> Fault | None:
        """The fault of the statement that starts now."""
        due = None
        for fault in list(self.faults):
            fault.remaining -= 1
            if fault.remaining == 0:
                self.faults.remove(fault)
                due = fault
        return due


class _Statement(Compiler):
    """Compiles one SQL statement or anonymous block, with bind variables."""

    def __init__(self, catalog: Catalog, owner: str, binds: Mapping[str, Any]) -> None:
        super().__init__(catalog, owner)
        self.binds = binds
        self.is_plain_sql = False
        self.fn = Function("_run", self.fn)
        self.fn.depth = 2
        self.asked: dict[tuple[str, ...], Any] = {}

    def package_of(self, parts: tuple[str, ...]) -> Any:
        unit = self.asked[parts] = super().package_of(parts)
        return unit

    def x_bind(self, node: s.Bind) -> E:
        if node.name not in self.binds:
            raise self.refuse(f"ORA-01008: bind :{node.name} has no value", node)
        return plain(f"_b['{node.name}'].value", self.binds[node.name])

    def load(self, var: Var, node: Any) -> E:
        if self.is_plain_sql:
            raise self.refuse(f"ORA-06553: PLS-221: {var.name} is no function: SQL sees no "
                              "variables and constants of packages", node)  # fmt: skip
        return super().load(var, node)

    def bind_target(self, node: s.Bind) -> Target:
        e = self.x_bind(node)
        return Target("bind", e.type, e)


def bind_type(value: Any) -> Any:
    """The datatype that a Python value is bound as."""
    if isinstance(value, Variable):
        return value.type
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, (int, Decimal)):
        return NUMBER
    if isinstance(value, float):
        return DOUBLE
    if isinstance(value, str):
        return CLOB if len(value.encode()) > 32767 else VARCHAR
    if isinstance(value, bytes):
        return RAW
    if isinstance(value, datetime.datetime):
        return TIMESTAMP
    if isinstance(value, Cursor):
        return REFCURSOR
    if isinstance(value, (Collection, Record, Associative)):
        return value.type
    raise Refused(f"a {type(value).__name__} cannot be bound")


def from_python(value: Any) -> Any:
    """A Python or numpy value as the interpreter holds it."""
    if isinstance(value, Variable):
        return value
    if isinstance(value, np.ndarray) and value.dtype == object:
        return TEXT_LIST.make([from_python(item) for item in value.ravel()])
    if isinstance(value, np.ndarray):
        table = ARRAY_DBL if value.dtype == np.float64 else ARRAY_FLT
        return table.make([float(item) for item in value.ravel()])
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (list, tuple)):
        return ARRAY_FLT.make([None if v is None else float(np.float32(v)) for v in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and not value:
        return None
    return value


def to_python(value: Any) -> Any:
    """Records and collections of records as tuples and lists, numbers as they are."""
    if isinstance(value, Record):
        return tuple(to_python(item) for item in value.f)
    if isinstance(value, Collection) and value.type.element.is_composite:
        return [to_python(item) for item in value.a]
    return value


@dataclass
class Result:
    """Rows of a query with the names and datatypes of its columns."""

    columns: list[tuple[str, Any]]
    made: Any

    def __post_init__(self) -> None:
        self.rows = _stepping(self.made)

    def together(self) -> list[Sequence[Any]]:
        """All of them: Oracle's arithmetic is set once."""
        with running():
            return list(self.made)


@dataclass(eq=False)
class Prepared:
    """A compiled statement: make(session) gives what runs it; columns of a query; the names that
    it asked for as packages, with the specifications found, None where there was none."""

    make: Any
    columns: Any
    serial: int
    asked: dict[tuple[str, ...], Any]


class Session:
    """One connection: package state, a transaction, counters, printed lines."""

    def __init__(self, database: Database, user: str) -> None:
        self.database = database
        self.catalog = database.catalog
        self.user = user
        self.instances: dict[tuple[str, str], tuple[Any, Any]] = {}
        # What to take back: table, row, what it was, and whether this made the session its writer.
        self.undo: list[tuple[Table, Row, list[Any] | None, bool]] = []
        self.transactions = 0
        self.failed: set[tuple[str, str]] = set()
        self.rowcount: int | None = None
        self.query_depth = 0
        self.cursors: list[Cursor] = []
        self.output: list[str] = []
        self.counts = [0]
        self.nla_calls: Counter[str] = Counter()
        self.nla_elements = 0
        self.is_closed = False
        self.is_read_only = False

    # Counting

    def count_nla(self, name: str, *arrays: Any) -> None:
        """One call of a UTL_NLA routine, which moves its arrays into C whole."""
        self.nla_calls[name] += 1
        self.nla_elements += sum(len(array) for array in arrays if isinstance(array, Collection))

    @property
    def loop_iterations(self) -> int:
        """PL/SQL loop iterations since reset_counters. A loop without EXIT is counted in one
        addition when it starts, also if an exception ends it early."""
        return self.counts[0]

    def reset_counters(self) -> None:
        """Start counting anew."""
        self.counts[0] = 0
        self.nla_calls.clear()
        self.nla_elements = 0

    @property
    def open_cursors(self) -> list[Cursor]:
        """The REF CURSORs that nobody has closed."""
        return [cursor for cursor in self.cursors if cursor.is_open]

    # Services for generated code

    def now(self) -> datetime.datetime:
        return datetime.datetime.now().replace(microsecond=0)

    def unique_id(self) -> str:
        """DBMS_SESSION.UNIQUE_SESSION_ID: no two sessions that are connected have the same."""
        return f"{self.database.sessions.index(self) + 1:012X}"

    def is_alive(self, unique_id: str) -> bool:
        """DBMS_SESSION.IS_SESSION_ALIVE."""
        return any(
            item.unique_id() == unique_id and not item.is_closed for item in self.database.sessions
        )

    def hundredths(self) -> Decimal:
        return Decimal(int(time.monotonic() * 100))

    def sys_context(self, namespace: str | None, name: str | None) -> str | None:
        if namespace is None or name is None or namespace.upper() != "USERENV":
            raise Refused(f"SYS_CONTEXT({namespace!r}, {name!r}) is outside the subset")
        known = {"SESSION_USER": self.user, "CURRENT_SCHEMA": self.user, "CURRENT_USER": self.user}
        if name.upper() not in known:
            raise Refused(f"SYS_CONTEXT('USERENV', {name!r}) is outside the subset")
        return known[name.upper()]

    def instance(self, key: tuple[str, str]) -> Any:
        """A package's state in this session, made at its first use."""
        version = self.catalog.ready(self.catalog.package(key))
        held = self.instances.get(key)
        if held is not None:
            if held[0] is version:
                return held[1]
            del self.instances[key]
            if held[0].stateful:
                raise PlsqlError(
                    -4068,
                    "ORA-04068: existing state of packages has been discarded\n"
                    f'ORA-04061: existing state of package body "{key[0]}.{key[1]}" has been '
                    "invalidated",
                )
        if key in self.failed:
            raise Refused(
                f"the initialization of {'.'.join(key)} has failed in this session: whether it is "
                "repeated or taken for done differs between versions"
            )
        try:
            made = version.make(self)
        except PlsqlError:
            self.failed.add(key)
            raise
        self.instances[key] = (version, made)
        return made

    def open_cursor(self, rows: Any, columns: int) -> Cursor:
        cursor = Cursor(rows, columns)
        self.cursors.append(cursor)
        return cursor

    def piped(self, rows: Any) -> Iterator[Any]:
        """The rows of a pipelined function; NO_DATA_NEEDED where the consumer stops early."""
        try:
            while True:
                self.query_depth += 1
                try:
                    row = next(rows)
                except StopIteration:
                    return
                finally:
                    self.query_depth -= 1
                yield row
        except GeneratorExit:
            try:
                rows.throw(error(-6548))
            except (StopIteration, PlsqlError) as problem:
                if isinstance(problem, PlsqlError) and problem.code != -6548:
                    raise
            raise

    def rows(self, table: Any) -> list[Any]:
        """What a query sees of a table."""
        if isinstance(table, Table):
            return [now for _, now in table.visible(self)]
        return list(table.make(self))

    def stored_rows(self, table: Table) -> list[tuple[Row, list[Any]]]:
        return table.visible(self)

    def counted(self, rows: list[Any]) -> list[Any]:
        self.rowcount = len(rows)
        return rows

    def exact(self, rows: Iterator[Any]) -> Any:
        """The one row of SELECT INTO."""
        found = [row for row, _ in zip(rows, range(2), strict=False)]
        self.rowcount = len(found)
        if not found:
            raise error(-1403)
        if len(found) > 1:
            raise error(-1422)
        return found[0]

    def sql_found(self) -> bool | None:
        return None if self.rowcount is None else self.rowcount > 0

    def sql_notfound(self) -> bool | None:
        return None if self.rowcount is None else self.rowcount == 0

    # Changes

    def _may_change(self) -> None:
        if self.query_depth:
            raise PlsqlError(-14551, "ORA-14551: cannot perform a DML operation inside a query")
        if self.is_read_only:
            raise PlsqlError(-1456, "ORA-01456: may not perform insert, delete, update operation "
                             "inside a READ ONLY transaction")  # fmt: skip

    def read_only(self) -> None:
        """SET TRANSACTION READ ONLY, before all else of a transaction."""
        if self.undo:
            raise PlsqlError(-1453, "ORA-01453: SET TRANSACTION must be first statement of "
                             "transaction")  # fmt: skip
        self.is_read_only = True

    def insert_rows(self, table: Table, places: list[int], rows: list[list[Any]]) -> None:
        self._may_change()
        changes: list[Any] = []
        for values in rows:
            full: list[Any] = [None] * len(table.columns)
            for place, value in zip(places, values, strict=True):
                full[place] = copied(value)
            changes.append((None, full))
        self._apply(table, changes)
        self.rowcount = len(rows)

    def update_rows(self, table: Table, places: list[int], changes: list[Any]) -> None:
        self._may_change()
        planned: list[Any] = []
        for row, values in changes:
            full = list(row.seen_by(self))
            for place, value in zip(places, values, strict=True):
                full[place] = copied(value)
            planned.append((row, full))
        self._apply(table, planned)
        self.rowcount = len(planned)

    def delete_rows(self, table: Table, rows: list[Row]) -> None:
        self._may_change()
        self._delete(table, rows)
        self.rowcount = len(rows)

    def _delete(self, table: Table, rows: list[Row]) -> None:
        for child in [t for schema in self.catalog.schemas.values() for t in schema.values()]:
            for name, places, parent, theirs, cascade in getattr(child, "foreign", ()):
                if parent is not table:
                    continue
                keys = {tuple(row.seen_by(self)[p] for p in theirs) for row in rows}  # type: ignore[index]
                hit = [r for r, now in child.visible(self) if tuple(now[p] for p in places) in keys]
                if hit and not cascade:
                    raise PlsqlError(
                        -2292, f"ORA-02292: integrity constraint ({name}) violated - child record "
                        "found"
                    )  # fmt: skip
                self._delete(child, hit)
        self._apply(table, [(row, None) for row in rows])

    def merge_rows(
        self, table: Table, matched: list[int], changes: list[Any], places: list[int],
        new: list[list[Any]],
    ) -> None:  # fmt: skip
        if len({id(row) for row, _ in changes}) != len(changes):
            raise PlsqlError(-30926, "ORA-30926: unable to get a stable set of rows")
        self.update_rows(table, matched, changes)
        self.insert_rows(table, places, new)
        self.rowcount = len(changes) + len(new)

    def _apply(self, table: Table, changes: list[tuple[Row | None, list[Any] | None]]) -> None:
        """Change rows, all of them or, where a constraint fails, none."""
        done: list[tuple[Row, bool, list[Any] | None]] = []
        try:
            for row, after in changes:
                if row is not None and row.writer not in (None, self):
                    raise Refused(f"a row of {table.name} is locked by another session: would wait")
                if after is not None:
                    self._check_row(table, after)
                if row is None:
                    row = Row(after, None, self)
                    table.rows.append(row)
                    done.append((row, True, None))
                else:
                    fresh = row.writer is None
                    done.append((row, fresh, row.now))
                    if fresh:
                        row.before, row.writer = row.now, self
                    row.now = after
            self._check_keys(table, [row for row, _, _ in done])
        except BaseException:
            for row, fresh, before in reversed(done):
                row.now = before
                if fresh:
                    row.writer = None
                if before is None and row.before is None:
                    table.rows.remove(row)
            raise
        self.undo += [(table, row, before, fresh) for row, fresh, before in done]

    def _check_row(self, table: Table, values: list[Any]) -> None:
        for column, value in zip(table.columns, values, strict=True):
            if value is None and column.not_null:
                raise PlsqlError(
                    -1400,
                    f'ORA-01400: cannot insert NULL into ("{table.owner}"."{table.name}".'
                    f'"{column.name}")',
                )
        for name, check in table.checks:
            if check(values) is False:
                raise PlsqlError(
                    -2290, f"ORA-02290: check constraint ({table.owner}.{name}) violated"
                )
        for name, places, parent, theirs, _ in table.foreign:
            key = tuple(values[place] for place in places)
            if None in key:
                continue
            known = (tuple(now[p] for p in theirs) for _, now in parent.visible(self))
            if key not in known and not (
                parent is table and key == tuple(values[p] for p in theirs)
            ):
                raise PlsqlError(
                    -2291, f"ORA-02291: integrity constraint ({table.owner}.{name}) violated - "
                    "parent key not found"
                )  # fmt: skip

    def _check_keys(self, table: Table, changed: list[Row]) -> None:
        for _, name, places in table.keys:
            wanted = [
                (row, tuple(row.now[place] for place in places))
                for row in changed
                if row.now is not None
            ]
            if not wanted:
                continue
            seen: dict[Any, int] = {}
            for row in table.rows:
                if row.now is None:
                    continue
                key = tuple(row.now[place] for place in places)
                seen[key] = seen.get(key, 0) + 1
            for _, key in wanted:
                if any(part is not None for part in key) and seen.get(key, 0) > 1:
                    raise PlsqlError(
                        -1,
                        f"ORA-00001: unique constraint ({table.owner}.{name}) violated",
                    )

    def commit(self) -> None:
        """COMMIT."""
        if self.query_depth:
            raise PlsqlError(-14552, "ORA-14552: cannot perform a DDL, commit or rollback inside a "
                             "query or DML")  # fmt: skip
        self.is_read_only = False
        for table, row, _, _ in self.undo:
            row.writer = row.before = None
            if row.now is None and row in table.rows:
                table.rows.remove(row)
        self.undo = []
        self.transactions += 1

    def rollback(self) -> None:
        """ROLLBACK."""
        if self.query_depth:
            raise PlsqlError(-14552, "ORA-14552: cannot perform a DDL, commit or rollback inside a "
                             "query or DML")  # fmt: skip
        self._undo_to(0)
        self.is_read_only = False
        self.transactions += 1

    def close(self) -> None:
        """End the session: what is not committed is lost."""
        self.rollback()
        self.is_closed = True

    # Statements

    def execute(self, text: str, binds: Any = None, first_line: int = 1) -> Any:
        """Run one statement; a query gives its Result, everything else None.

        binds: a sequence for :1, :2 or a mapping by name; Variable for what comes back.
        Raises: PlsqlError, what Oracle would raise; Refused, what leaves the subset.
        """
        if self.is_closed:
            raise PlsqlError(-3113, "ORA-03113: end-of-file on communication channel")
        self.database.statements.append(text)
        fault = self.database.due_fault()
        if fault is not None and not fault.after:
            raise PlsqlError(fault.code, fault.message)
        result = self._execute(text, _bind_names(text, binds), first_line)
        if fault is not None:
            raise PlsqlError(fault.code, fault.message)
        return result

    def query(self, text: str, binds: Any = None) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        result = self.execute(text, binds)
        return [tuple(map(to_python, row)) for row in result.together()]

    def value(self, text: str, binds: Any = None) -> Any:
        """The one value of a query with one row and one column."""
        ((value,),) = self.query(text, binds)
        return value

    def _execute(self, text: str, binds: dict[str, Any], first_line: int = 1) -> Any:
        types = tuple((name, _hashable(bind_type(value))) for name, value in binds.items())
        key = (text, self.user, self.catalog.serial_but_packages, types)
        with running():
            prepared = self._kept(key)
            if prepared is None:
                node = parsed(text, first_line, self.database.identifier_bytes)
                if self._define(node, text):
                    return None
                try:
                    prepared = self._prepare(node, {n: bind_type(v) for n, v in binds.items()})
                except CheckRefused as problem:
                    raise _as_oracle(problem) from problem
                if len(text) < 100_000:
                    self.database.compiled[key] = prepared
            make, columns = prepared.make, prepared.columns
            holders = {
                name: value if isinstance(value, Variable) else Variable(bind_type(value), value)
                for name, value in binds.items()
            }
            depth = self.query_depth
            mark, transaction = len(self.undo), self.transactions
            try:
                result = make(self)(holders)
            except PlsqlError:
                # A statement that fails leaves nothing behind.
                self.query_depth = depth
                self._undo_to(mark if self.transactions == transaction else 0)
                raise
            if columns is not None:
                return Result(columns, result)
            return None

    def _kept(self, key: Any) -> Prepared | None:
        """A statement as it was compiled, unless a package's name means another one since."""
        kept = self.database.compiled.get(key)
        if kept is None or kept.serial == self.catalog.serial:
            return kept
        try:
            for parts, unit in kept.asked.items():
                if self.catalog.package_unit(self.user, parts) is not unit:
                    return None
        except (CheckRefused, PlsqlError):
            return None
        kept.serial = self.catalog.serial
        return kept

    def _undo_to(self, mark: int) -> None:
        """Take back the changes since a mark, the last one first."""
        for table, row, before, fresh in reversed(self.undo[mark:]):
            row.now = before
            if fresh:
                row.writer = row.before = None
                if before is None:
                    table.rows.remove(row)
        del self.undo[mark:]

    def _prepare(self, node: Any, types: dict[str, Any]) -> Prepared:
        compiler = _Statement(self.catalog, self.user, types)
        columns = None
        compiler.is_plain_sql = not isinstance(node, s.AnonymousBlock)
        if isinstance(node, s.Select):
            if node.into:
                raise CheckRefused("INTO outside of PL/SQL", node.line)
            name, columns = compiler.query(node)
            compiler.emit(f"return {name}()")
        elif isinstance(node, s.AnonymousBlock):
            compiler.s_block(node.block)
        else:
            compiler.statements((node,))
        lines = ["    def _run(_b):", *(compiler.fn.lines or ["        pass"])]
        make, _ = build(compiler, lines, "_run", "statement")
        return Prepared(make, columns, self.catalog.serial, compiler.asked)

    # Definitions

    def _define(self, node: Any, text: str) -> bool:
        """Run DDL, which commits before and after; whether node is some."""
        self.defining = text
        actions: dict[Any, Any] = {
            s.Package: self._create_package, s.CreateTable: self._create_table,
            s.CreateSynonym: self._create_synonym, s.CreateView: self._create_view,
            s.Drop: self._drop, s.Grant: self._grant, s.Alter: self._alter,
            s.Comment: self._comment, s.AddColumns: self._add_columns,
            s.RenameColumn: self._rename_column,
        }  # fmt: skip
        action = actions.get(type(node))
        if action is None:
            return False
        self.commit()
        try:
            action(node)
        except CheckRefused as problem:
            if _CODE.search(str(problem)) and not isinstance(node, s.Package):
                raise _as_oracle(problem) from problem
            raise
        return True

    def _owner(self, name: s.Name, privilege: str = "") -> str:
        """The schema of a name: another's only with this privilege."""
        owner = self.user if len(name.parts) == 1 else name.parts[0]
        may = owner == self.user or (privilege and self.catalog.holds(self.user, privilege))
        if not may or owner not in self.catalog.schemas:
            raise PlsqlError(-1031, "ORA-01031: insufficient privileges")
        return owner

    def _create_package(self, node: s.Package) -> None:
        self.catalog.create_package(self._owner(node.name, CREATE_ANY), node, self.defining)

    def _create_table(self, node: s.CreateTable) -> None:
        self.catalog.create_table(self._owner(node.name), node)

    def _create_synonym(self, node: s.CreateSynonym) -> None:
        owner, name = self._owner(node.name), node.name.parts[-1]
        if node.is_public:
            self._create_public_synonym(node)
            return
        held = self.catalog.schemas[owner].get(name)
        if held is not None and not (node.replace and isinstance(held, Synonym)):
            raise PlsqlError(-955, "ORA-00955: name is already used by an existing object")
        if node.target.parts[-1] == name and node.target.parts[:-1] in ((), (owner,)):
            raise PlsqlError(-1471, "ORA-01471: cannot create a synonym with same name as object")
        self.catalog.schemas[owner][name] = Synonym(owner, name, node.target.parts)
        self.catalog.changed()

    def _create_public_synonym(self, node: s.CreateSynonym) -> None:
        name = node.name.parts[-1]
        if not self.catalog.holds(self.user, "CREATE PUBLIC SYNONYM"):
            raise PlsqlError(-1031, "ORA-01031: insufficient privileges")
        if name in self.catalog.schemas["PUBLIC"] and not node.replace:
            raise PlsqlError(-955, "ORA-00955: name is already used by an existing object")
        target = node.target.parts if len(node.target.parts) > 1 else (self.user, name)
        self.catalog.schemas["PUBLIC"][name] = Synonym("PUBLIC", name, target)
        self.catalog.changed()

    def _create_view(self, node: s.CreateView) -> None:
        owner, name = self._owner(node.name), node.name.parts[-1]
        held = self.catalog.schemas[owner].get(name)
        if held is not None and not (node.replace and isinstance(held, View)):
            raise PlsqlError(-955, "ORA-00955: name is already used by an existing object")
        compiler = _Statement(self.catalog, owner, {})
        _, columns = compiler.query(node.select)
        if node.columns:
            columns = [(c, t) for c, (_, t) in zip(node.columns, columns, strict=True)]
        self.catalog.schemas[owner][name] = View(owner, name, node.select, columns)
        self.catalog.changed()

    def _drop(self, node: s.Drop) -> None:
        if node.kind == "PUBLIC SYNONYM":
            if not self.catalog.holds(self.user, "DROP PUBLIC SYNONYM"):
                raise PlsqlError(-1031, "ORA-01031: insufficient privileges")
            if self.catalog.schemas["PUBLIC"].pop(node.name.parts[-1], None) is None:
                raise PlsqlError(-1432, "ORA-01432: public synonym to be dropped does not exist")
            self.catalog.changed()
            return
        needed = "DROP ANY PROCEDURE" if node.kind.startswith("PACKAGE") else ""
        owner, name = self._owner(node.name, needed), node.name.parts[-1]
        item = self.catalog.schemas[owner].get(name)
        if node.kind == "PACKAGE BODY":
            if not isinstance(item, Package) or item.body is None:
                raise PlsqlError(-4043, f"ORA-04043: object {name} does not exist")
            item.body, item.version, item.checked_at = None, None, -1
            self.catalog.changed_package()
            return
        if item is None or item.kind != node.kind:
            code, text = {
                "TABLE": (-942, "table or view does not exist"),
                "VIEW": (-942, "table or view does not exist"),
                "SYNONYM": (-1434, "private synonym to be dropped does not exist"),
            }.get(node.kind, (-4043, f"object {name} does not exist"))
            raise PlsqlError(code, f"ORA-{-code:05d}: {text}")
        if isinstance(item, Table):
            self._drop_table(item, "CASCADE" in node.options)
        del self.catalog.schemas[owner][name]
        if not isinstance(item, Synonym):
            self.catalog.grants.pop((owner, name), None)
        if isinstance(item, Package):
            self.catalog.changed_package()
        else:
            self.catalog.changed()

    def _drop_table(self, table: Table, cascade: bool) -> None:
        for schema in self.catalog.schemas.values():
            for child in schema.values():
                references = [f for f in getattr(child, "foreign", ()) if f[2] is table]
                if references and child is not table:
                    if not cascade:
                        raise PlsqlError(-2449, "ORA-02449: unique/primary keys in table "
                                         "referenced by foreign keys")  # fmt: skip
                    child.foreign = [f for f in child.foreign if f[2] is not table]

    def _grant(self, node: s.Grant) -> None:
        grants_any = self.catalog.holds(self.user, "GRANT ANY OBJECT PRIVILEGE")
        seen_by = node.target.parts[0] if grants_any and len(node.target.parts) > 1 else self.user
        item = self.catalog.find(seen_by, node.target.parts)
        if item is None:
            raise PlsqlError(-942, "ORA-00942: table or view does not exist")
        if item.owner != self.user and not grants_any:
            raise PlsqlError(-1031, "ORA-01031: insufficient privileges")
        granted = self.catalog.grants.setdefault((item.owner, item.name), {})
        fitting = {"EXECUTE"} if isinstance(item, Package) else {"SELECT", "INSERT", "UPDATE",
                                                                 "DELETE", "READ"}  # fmt: skip
        for privilege in node.privileges:
            if privilege != "ALL" and privilege not in fitting:
                raise PlsqlError(-2224, f"ORA-02224: {privilege} not allowed for {item.name}")
        names = fitting if "ALL" in node.privileges else set(node.privileges)
        for grantee in node.grantees:
            if grantee == item.owner:
                raise PlsqlError(
                    -1749, "ORA-01749: you may not GRANT/REVOKE privileges to/from yourself"
                )
            known = grantee in self.catalog.schemas or grantee in self.catalog.roles
            if not known:
                raise PlsqlError(-1917, f"ORA-01917: user or role '{grantee}' does not exist")
            held = granted.setdefault(grantee, set())
            if node.revoke:
                if not held & names:
                    raise PlsqlError(-1927, "ORA-01927: cannot REVOKE privileges you did not grant")
                held -= names
            else:
                held |= names
        self.catalog.changed()

    def _alter(self, node: s.Alter) -> None:
        if node.kind == "SESSION":
            return
        alters_any = self.catalog.holds(self.user, "ALTER ANY PROCEDURE")
        seen_by = node.name.parts[0] if alters_any and len(node.name.parts) > 1 else self.user
        item = self.catalog.find(seen_by, node.name.parts)
        if not isinstance(item, Package):
            raise PlsqlError(-4043, f"ORA-04043: object {node.name} does not exist")
        if node.action == "PACKAGE":
            item.unit = None
        item.version, item.checked_at = None, -1
        self.catalog.changed_package()
        try:
            self.catalog.ready(item)
        except CheckRefused as problem:
            if self.catalog.strict_compile:
                raise
            raise PlsqlError(-24344, "ORA-24344: success with compilation error") from problem
        item.errors = []

    def _own_table(self, name: s.Name) -> Table:
        item = self.catalog.table(self.user, name.parts)
        if item is None:
            raise PlsqlError(-942, "ORA-00942: table or view does not exist")
        if any(row.writer is not None for row in item.rows):
            raise PlsqlError(-54, "ORA-00054: resource busy and acquire with NOWAIT specified")
        return item

    def _add_columns(self, node: s.AddColumns) -> None:
        """Rows that are there get the default of each new column."""
        table = self._own_table(node.table)
        self.catalog.add_columns(table, node)
        given = tuple((item.name, item.default) for item in node.columns if item.default)
        if given:
            update = s.Update(node.line, node.table, None, given, None)
            self._prepare(update, {}).make(self)({})
            self.commit()

    def _rename_column(self, node: s.RenameColumn) -> None:
        table = self._own_table(node.table)
        names = [column.name for column in table.columns]
        if node.old not in names:
            raise PlsqlError(-904, f'ORA-00904: "{node.old}": invalid identifier')
        if node.new in names:
            raise PlsqlError(-957, "ORA-00957: duplicate column name")
        table.columns[names.index(node.old)].name = node.new
        self.catalog.changed()

    def _comment(self, node: s.Comment) -> None:
        parts = node.name.parts if node.kind == "TABLE" else node.name.parts[:-1]
        item = self.catalog.table(self.user, parts)
        if item is None:
            raise PlsqlError(-942, "ORA-00942: table or view does not exist")
        if node.kind == "TABLE":
            item.comment = node.text or None

    # Dynamic SQL

    def execute_immediate(
        self, text: str | None, values: list[Any], types: list[Any], wants_row: bool
    ) -> Any:
        """EXECUTE IMMEDIATE."""
        if text is None:
            raise error(-6502)
        if text.rstrip().endswith(";") and not re.match(r"\s*(begin|declare|create\s)", text, re.I):
            raise PlsqlError(-911, "ORA-00911: invalid character")
        variables = [Variable(t, v) for t, v in zip(types, values, strict=True)]
        result = self._execute(text, _bind_names(text, variables))
        if wants_row and result is None:
            raise Refused("EXECUTE IMMEDIATE ... INTO of a statement that is no query")
        return result

    def dynamic_row(self, result: Result, types: list[Any]) -> list[Any]:
        row = self.exact(result.rows)
        if len(row) != len(types):
            raise PlsqlError(-1007, "ORA-01007: variable not in select list")
        return [coerce(value, type_) for value, type_ in zip(row, types, strict=True)]

    # For tests

    def run_script(self, text: str, stop: bool = True) -> Any:
        """Run a SQL*Plus script unmodified; see plsql.sqlplus."""
        from plsql.sqlplus import run

        return run(self, text, stop)

    def call(self, name: str, *arguments: Any, **named: Any) -> Any:
        """Call a function by PL/SQL's rules: call("fraud.score", p_v1=1.5) or with arrays.

        float is BINARY_DOUBLE, int NUMBER, a list or float32 array UTL_NLA_ARRAY_FLT, a float64
        array UTL_NLA_ARRAY_DBL, None NULL.
        """
        binds, shown = _call_binds(arguments, named)
        returned = self._returned(name, binds, shown)
        binds["RESULT"] = returned
        self.execute(f"begin :result := {name}({', '.join(shown)}); end;", binds)
        return to_python(returned.value)

    def call_procedure(self, name: str, *arguments: Any, **named: Any) -> None:
        """Call a procedure; give a Variable for OUT parameters."""
        binds, shown = _call_binds(arguments, named)
        given = f"({', '.join(shown)})" if shown else ""
        self.execute(f"begin {name}{given}; end;", binds)

    def _returned(self, name: str, binds: dict[str, Any], shown: list[str]) -> Variable:
        """A variable of the type that a function returns."""
        text = f"begin :result := {name}({', '.join(shown)}); end;"
        types = {key: bind_type(value) for key, value in binds.items()}
        compiler = _Statement(self.catalog, self.user, types)
        with running():
            node = parse_statement(text)
            try:
                e = compiler.expr(node.block.statements[0].value)
            except CheckRefused as problem:
                raise _as_oracle(problem) from problem
        return Variable(e.type)

    def variable(self, type_name: str, value: Any = None) -> Variable:
        """A bind variable of a datatype, given by name: variable("utl_nla_array_flt", [1, 2])."""
        type_ = self.datatype(type_name)
        if isinstance(type_, TableType) and isinstance(value, (list, tuple, np.ndarray)):
            value = type_.make([coerce(from_python(v), type_.element) for v in value])
        return Variable(type_, value)

    def datatype(self, name: str) -> Any:
        """The datatype of a name, of a package's type too."""
        parts = tuple(part.strip('"') if '"' in part else part.upper() for part in name.split("."))
        if len(parts) > 1 and parts[0] == "SYS":
            parts = parts[1:]
        if len(parts) == 1 and parts[0] in NAMED_TYPES:
            return NAMED_TYPES[parts[0]]
        with running():
            return Compiler(self.catalog, self.user).type_of(s.TypeName(1, parts))

    def cursor_over(self, rows: Iterable[Sequence[Any]]) -> Cursor:
        """A REF CURSOR over rows of Python values, as CURSOR(SELECT ...) would give it."""
        cursor = Cursor([from_python(value) for value in row] for row in rows)
        self.cursors.append(cursor)
        return cursor

    def select_table_function(
        self, name: str, rows: Iterable[Sequence[Any]], stop_after: int | None = None, **named: Any
    ) -> list[tuple[Any, ...]]:
        """SELECT * FROM TABLE(name(CURSOR(rows))); stop_after closes it after so many rows."""
        binds, shown = _call_binds((self.cursor_over(rows),), named)
        result = self.execute(f"select * from table({name}({', '.join(shown)}))", binds)
        found = []
        for row in result.rows:
            found.append(tuple(to_python(value) for value in row))
            if stop_after is not None and len(found) >= stop_after:
                break
        result.rows.close()
        return found


def _stepping(rows: Any) -> Iterator[Sequence[Any]]:
    """The rows one by one, each made under Oracle's arithmetic."""
    rows = iter(rows)
    try:
        while True:
            with running():
                row = next(rows, None)
            if row is None:
                return
            yield row
    finally:
        with running():
            close = getattr(rows, "close", None)
            if close is not None:
                close()


def _call_binds(
    arguments: Sequence[Any], named: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    binds: dict[str, Any] = {}
    shown = []
    for place, value in enumerate(arguments, 1):
        binds[f"A{place}"] = from_python(value)
        shown.append(f":a{place}")
    for name, value in named.items():
        binds[f"N_{name.upper()}"] = from_python(value)
        shown.append(f"{name} => :n_{name}")
    return binds, shown


def _bind_names(text: str, binds: Any) -> dict[str, Any]:
    """Binds by name: a sequence is given to the names in the order of their appearance."""
    if binds is None:
        return {}
    if isinstance(binds, Mapping):
        return {name.upper().lstrip(":"): from_python(value) for name, value in binds.items()}
    bare = re.sub(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\"[^\"]*\"", "", text, flags=re.DOTALL)
    names = list(dict.fromkeys(m.upper() for m in re.findall(r":([A-Za-z0-9_]+)", bare)))
    if len(names) != len(binds):
        raise PlsqlError(-1008, f"ORA-01008: {len(names)} bind variables, {len(binds)} values")
    return {name: from_python(value) for name, value in zip(names, binds, strict=True)}


def _hashable(type_: Any) -> Any:
    return type_ if not isinstance(type_, (list, dict)) else id(type_)


def _as_oracle(problem: CheckRefused) -> Exception:
    """What Oracle raises for a statement that it refuses to compile."""
    text = str(problem)
    found = _CODE.search(text)
    if found:
        return PlsqlError(-int(found.group(1)), text[found.start() :])
    if "PLS-" in text:
        return PlsqlError(-6550, f"ORA-06550: {text}")
    return problem


class running:
    """The arithmetic of NUMBER and of binary floats while Oracle's code runs."""

    def __enter__(self) -> None:
        self._decimal = decimal.localcontext(CONTEXT)
        self._decimal.__enter__()
        self._numpy = np.errstate(all="ignore")
        self._numpy.__enter__()

    def __exit__(self, *problem: Any) -> None:
        self._numpy.__exit__(*problem)
        self._decimal.__exit__(*problem)
