"""Score a table of an Oracle schema into a table of scores, over several connections at once."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exporter.databases.oracle.connection import Connection, connect, execute, explain
from exporter.databases.oracle.models import require_package
from exporter.databases.oracle.registry import model_key
from exporter.databases.oracle.sources import (
    TEXT_OF,
    Column,
    choose_columns,
    find_column,
    read_called,
    read_columns,
    require_keys,
)
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import catalog_name, comma, ident
from exporter.databases.results import Scoring
from exporter.databases.scoring import Results, Workers, follow
from exporter.engines.plsql.kinds import kind_of
from exporter.errors import DatabaseError, SignatureError, counted, name_all
from exporter.ir.graph import count_numbers
from exporter.places import Place, can_open_more
from exporter.progress import Rows
from exporter.sql.text import Sql

ROWS_A_STEP = 10_000  # a step is one transaction; what a killed run loses is at most one a job
COLUMNS = ("KEY", "SCORE", "LABEL", "MODEL_VERSION")
TAKEN = "ORA-00955"  # the name of what is to be made


@dataclass(frozen=True)
class Job:
    """What all connections of a run do: the statements of a range, and where ranges begin."""

    version: str
    insert: Sql
    insert_last: Sql
    firsts: tuple[Any, ...]


def score(
    dsn: Place,
    model: str,
    source: str,
    key: str,
    target: str,
    jobs: int = 1,
    progress: Rows = lambda rows, done: None,
) -> Scoring:
    """Score the rows of source that target holds no score of this version for.

    source is a table or view of this user. Each range of rows is a transaction; Ctrl-C ends the run
    after those that are committed, and the next run goes on from there.
    Raises: DatabaseError or SignatureError, when something cannot be used, or a step failed.
    """
    if not can_open_more(dsn):
        raise DatabaseError(
            "scoring a table commits each step over connections of its own, and one that is open"
            " gives no others: use a DSN or an engine of SQLAlchemy."
        )
    start = time.perf_counter()
    with connect(dsn) as connection:
        job = _open_job(connection, model_key(model), source, key, target)
    run = _Sessions(dsn, job, jobs)
    return follow(run, run.results, target, progress, start=start)


def _open_job(connection: Connection, model: str, source: str, key: str, target: str) -> Job:
    """Check everything, make the target where it is absent, and cut the rows into ranges."""
    package = require_package(connection, model)
    called = read_called(connection, package)
    columns = read_columns(connection, source)
    key_column = find_column(columns, key, source)
    if key_column.kind not in TEXT_OF:
        raise SignatureError(
            f'column "{key}" has type {key_column.kind}, which cannot identify rows here:'
            f" choose one of {', '.join(TEXT_OF)}."
        )
    outputs = called.outputs
    if len(outputs) > 1:
        raise SignatureError(
            f'model "{model}" has {counted(len(outputs), "output")}, a table of scores one'
            f" column for them:"
            f" write them with INSERT INTO ... SELECT * FROM TABLE({model}.score_table(...))."
        )
    scored = choose_columns(columns, called, source)
    is_number = count_numbers(outputs[0].shape) == 1
    score_type = Sql("binary_double") if is_number else kind_of(outputs[0].dtype).array
    quoted = {"source": ident(source), "key": ident(key_column.name), "target": ident(target)}
    require_keys(connection, quoted, source, key)
    _make_target(connection, target, key_column, score_type)
    firsts = _cut(connection, quoted, called.version)

    def insert(is_last: bool) -> Sql:
        text = TEXT_OF[key_column.kind]
        return _render(
            "score_range",
            **quoted,
            package=ident(package),
            text_of_s=text.format(Sql("s.{}").format(quoted["key"])),
            text_of_c=text.format(Sql("c.{}").format(quoted["key"])),
            columns=comma(scored),
            has_labels=bool(called.signature.labels),
            is_last=is_last,
        )

    return Job(called.version, insert(False), insert(True), firsts)


def _make_target(connection: Connection, target: str, key: Column, score_type: Sql) -> None:
    """Create it where it is absent.

    Raises: SignatureError, when a table of that name is no table of scores.
    """
    if _is_there(connection, target):
        return
    statement = _render(
        "score_target",
        target=ident(target),
        key_type=key.type_name,
        score_type=score_type,
        segment="" if score_type == "binary_double" else _segment(target),
    )
    try:
        _run(connection, statement, f'table "{target}" cannot be made')
    except DatabaseError as error:
        if TAKEN not in str(error) or not _is_there(connection, target):
            raise  # else another run has just made it


def _segment(target: str) -> Sql:
    """The segment of the arrays in a table of scores: a name of 29 characters at most that no other
    table's has."""
    digest = hashlib.sha256(catalog_name(target).encode()).hexdigest()
    return ident(f"{target[:20]}_{digest[:8]}")


def _is_there(connection: Connection, target: str) -> bool:
    """Is the table there? Raises: SignatureError, when it is no table of scores."""
    found = execute(
        connection,
        "select column_name from user_tab_columns where table_name = :1",
        catalog_name(target),
    )
    missing = [name for name in COLUMNS if (name,) not in found] if found else []
    if missing:
        columns = name_all("column", [name.lower() for name in missing])
        raise SignatureError(
            f'table "{target}" has no {columns}: it is no table of'
            " scores. Choose another name with --into; the command makes it."
        )
    return bool(found)


def _cut(connection: Connection, quoted: dict[str, Sql], version: str) -> tuple[Any, ...]:
    """The first key of each range."""
    import oracledb

    def exact(cursor: Any, metadata: Any) -> Any:
        """NUMBER as Decimal: a float could begin behind the key."""
        if metadata.type_code is oracledb.DB_TYPE_NUMBER:
            return cursor.var(Decimal, arraysize=cursor.arraysize)
        return None

    _run(connection, Sql("alter session set nls_comp = binary"), "a setting is refused")
    _run(connection, Sql("alter session set nls_sort = binary"), "a setting is refused")
    with connection.cursor() as cursor:
        cursor.outputtypehandler = exact
        cursor.execute(_render("score_ranges", **quoted), {"version": version, "step": ROWS_A_STEP})
        return tuple(row[0] for row in cursor.fetchall())


class _Sessions(Workers):
    """Each takes the next range of the source that nobody has taken."""

    def __init__(self, dsn: Place, job: Job, jobs: int) -> None:
        super().__init__(min(jobs, len(job.firsts)))
        self.dsn = dsn
        self.job = job
        self.next_range = 0

    def results(self) -> Results:
        """(rows written, part of the rows done) after each range."""
        self.start()
        for ended, written in enumerate(self.steps(), 1):
            yield written, ended / len(self.job.firsts)

    def cancel(self, connection: Connection) -> None:
        """Ask the server to end the statement."""
        import oracledb

        with contextlib.suppress(oracledb.Error):  # it ended by itself
            connection.cancel()

    def work(self, number: int) -> Iterator[int]:
        """Score range after range."""
        with connect(self.dsn) as connection:
            _run(connection, Sql("alter session set nls_comp = binary"), "a setting is refused")
            with self.lock:
                self.connections.append(connection)
            try:
                while (place := self._take()) is not None:
                    yield self._score(connection, place)
            finally:
                with self.lock:
                    self.connections.remove(connection)

    def _take(self) -> int | None:
        """The next range, or none."""
        with self.lock:
            place = self.next_range
            if self.stopped.is_set() or place == len(self.job.firsts):
                return None
            self.next_range += 1
            return place

    def _score(self, connection: Connection, place: int) -> int:
        """Score and commit a range; how many rows were written."""
        job = self.job
        is_last = place + 1 == len(job.firsts)
        values = {"version": job.version, "first_key": job.firsts[place]}
        if not is_last:
            values["next_key"] = job.firsts[place + 1]
        rows = _run(connection, job.insert_last if is_last else job.insert, "a step failed", values)
        connection.commit()
        return rows


def _run(connection: Connection, sql: Sql, what: str, values: dict[str, Any] | None = None) -> int:
    """Run a statement; how many rows it wrote."""
    import oracledb

    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, values or {})
            return int(cursor.rowcount or 0)
    except oracledb.Error as error:
        advice = "The key must identify every row once." if "ORA-00001" in str(error) else ""
        raise explain(error, what, advice) from error


def _render(template: str, **variables: Any) -> Sql:
    return render(template, variables)
