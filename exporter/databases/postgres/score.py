"""Score a table inside the database, over several connections at once, into a table of scores."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg2

from exporter.databases.postgres.catalog import is_superuser
from exporter.databases.postgres.connection import (
    Connection,
    commit,
    connect,
    execute,
    explain,
    is_greenplum,
)
from exporter.databases.postgres.guests import HAS_JIT, ByItself
from exporter.databases.postgres.owners import require_own
from exporter.databases.postgres.verify import guess_model
from exporter.databases.results import Scoring, Series
from exporter.databases.scoring import Results, Workers, follow
from exporter.errors import DatabaseError
from exporter.places import Place, can_open_more
from exporter.progress import Rows
from exporter.sql.text import Sql, ident

BATCHES_A_STEP = 8  # a step is one transaction; what a killed run loses is at most one a job
GO_ON = "Give the same command again: what was written counts."
MIN_BLOCKS = 16  # of a step, so that a table does not end in many small ones
MAX_LEAST = 64  # of the smallest step: how long one job waits for another's last


def score(
    dsn: Place,
    model: str,
    source: str,
    key: str,
    target: str,
    jobs: int = 1,
    progress: Rows = lambda rows, done: None,
    series: Series | None = None,
) -> Scoring:
    """Score the rows of source that target holds no score of this version for; with series, the
    windows that end in them.

    progress is called with rows written since the last call, and which part of the source is done
    (0 to 1, None where that cannot be known). Ctrl-C ends the run after the steps that are
    committed; so does an error. An open connection scores alone, and its owner commits.
    Raises: DatabaseError, when source, key or target cannot be used, or a step failed.
    """
    start = time.perf_counter()
    with connect(dsn) as connection:
        is_lent = not can_open_more(dsn)
        if is_lent:
            _check_lent(connection, jobs)
        run: _Segments | _Sessions
        if is_greenplum(connection):
            _check_segments(jobs)
            run = _Segments(connection)
        else:
            run = _Lent(connection) if is_lent else _Sessions(connection, dsn, jobs)

        def begin() -> Results:
            run.start()  # sessions connect while the model is looked at
            scorer = _look_at(connection, model, series, jobs)
            run.load(scorer["batch"])  # and load it while the source is looked at
            return run.results(
                _open_job(connection, model, source, key, target, series, run.postpones, is_lent)
            )

        kept = "in the connection's transaction" if is_lent else "and committed"
        return follow(run, begin, target, progress, start=start, kept=kept)


def _look_at(
    connection: Connection, model: str, series: Series | None, jobs: int
) -> dict[str, Any]:
    """What tells about the model, which this role may run and which takes what is asked for."""
    if is_superuser(connection):
        require_own(connection, model)
    scorer = _find_scorer(connection, model)
    if series is not None:
        _check_series(model, scorer, series, jobs)
    connection.rollback()  # from here on the source's name means what it means to the user
    return scorer


def _find_scorer(connection: Connection, model: str) -> dict[str, Any]:
    scorer = Sql("{}.scorer()").format(ident(model))
    if not execute(connection, "select to_regprocedure(%s) is not null", (scorer,))[0][0]:
        raise DatabaseError(
            f'there is no model "{model}" in this database, or it was deployed by an earlier'
            " export-model: deploy it again."
            f" {guess_model(connection, model) or 'See: export-model list --dsn ...'}"
        )
    try:
        found: dict[str, Any] = execute(connection, Sql("select {}").format(scorer))[0][0]
    except psycopg2.Error as error:
        raise explain(error, f'model "{model}" cannot be used') from error
    return found


def _check_series(model: str, scorer: dict[str, Any], series: Series, jobs: int) -> None:
    """Refuse what no windows can be scored of.

    Raises: DatabaseError.
    """
    if "windows" not in scorer:
        raise DatabaseError(
            f'model "{model}" does not take windows of rows: leave --order-by out, or deploy it'
            " with --window LENGTH."
        )
    if jobs > 1 and series.partition_by is None:
        raise DatabaseError(
            f"{jobs} jobs share the series of a source, and without --partition-by there is one:"
            " give the column that tells series apart, or one job."
        )


def _explain_begin(error: psycopg2.Error, model: str, source: str, target: str) -> DatabaseError:
    """Why a run cannot begin, with what to do where the server does not say it, or says it for who
    calls functions."""
    problem = explain(error, f'scoring "{source}" cannot begin')
    if "takes windows of rows" in (error.diag.message_hint or ""):
        return DatabaseError(
            f"{str(problem).splitlines()[0]}\n"
            f'  Model "{model}" takes windows of rows: give --order-by, the column in whose order'
            " rows follow each other, and --partition-by where there are several series."
        )
    if isinstance(error, psycopg2.errors.InsufficientPrivilege) and not error.diag.message_hint:
        return DatabaseError(
            f"{problem}\n"
            f'  It takes the rights to read "{source}" and to make or write "{target}": have them'
            " granted, or name a target in a schema of yours."
        )
    return problem


def _open_job(
    connection: Connection,
    model: str,
    source: str,
    key: str,
    target: str,
    series: Series | None,
    postpones: bool,
    is_lent: bool,
) -> dict[str, Any]:
    """Check everything and make the target; its primary key is left for later where that spares
    time, and postpones says that somebody makes it then: the job has keyless. On Greenplum, where
    nobody does, the transaction goes on: the first part may find out that the key is none, or a row
    without a place, and then no target is left behind."""
    values: tuple[Any, ...] = (source, key, target)
    statement = Sql("select export_model.open_scoring({}.scorer(), %s, %s, %s)")
    if series is not None:
        statement = Sql(
            "select export_model.open_windows({}.scorer(), %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        )
        gap = None if series.max_gap is None else str(series.max_gap)
        of_gap = "interval" if isinstance(series.max_gap, str) else "numeric"
        columns = list(series.columns) or None
        values = (source, key, series.partition_by, series.order_by, target, series.step)
        values = (*values, gap, of_gap, columns)
    schema = ident(model.replace("%", "%%"))  # a statement with values
    try:
        execute(connection, "set local lock_timeout to default")  # another run may take its time
        job: dict[str, Any] = execute(connection, statement.format(schema), values)[0][0]
        if not is_lent:
            _refuse_temporary(model, job["target"])
        may_wait = postpones and series is None and job.get("is_new")  # windows look keys up
        job["keyless"] = bool(may_wait) and _postpone(connection, job, key)
        if postpones:
            commit(connection, GO_ON)
    except psycopg2.Error as error:
        raise _explain_begin(error, model, source, target) from error
    if series is not None:
        job["blocks"] = None  # rows come by a cursor, in their order
    return job


def _refuse_temporary(model: str, target: str) -> None:
    """Refuse a target that goes with the session that made it.

    Raises: DatabaseError.
    """
    if target.startswith("pg_temp_"):  # no other schema may have such a name
        raise DatabaseError(
            "the target is a temporary table, which only the session that made it sees, and which"
            " goes with it: each job has a session of its own.\n  Name a table that stays. In a"
            f' session of yours a temporary one is filled by: call "{model}".score_into(...),'
            " or from Python over an open connection."
        )


def _postpone(connection: Connection, job: dict[str, Any], key: str) -> bool:
    sql = "select export_model.postpone_key(%s, %s)"
    return bool(execute(connection, sql, (json.dumps(job), key))[0][0])


def _lock(connection: Connection, job: dict[str, Any]) -> None:
    """Hold the target's lock to the end of the transaction that begins here.

    While it waits it holds no snapshot, being READ COMMITTED, so that vacuum goes on.
    """
    try:
        execute(connection, "set local idle_in_transaction_session_timeout = 0")
        execute(connection, "select export_model.lock_target(%s)", (job["target"],))
    except psycopg2.Error as error:
        raise explain(error, f"{job['target']} cannot be filled") from error


@dataclass(frozen=True)
class Reading:
    """How a job reads what comes by a cursor: the query that gives its query, and the one that
    scores the next rows, which gives how many were written and what it is to be given next."""

    query: str
    step: str


ROWS = Reading(
    "select export_model.rows_query(%s, %s, %s)",
    "select export_model.score_fetched(%s, 'export_model_rows'), pg_catalog.decode(%s, 'hex')",
)
WINDOWS = Reading(
    "select export_model.window_rows_query(%s, %s, %s)",
    "select s.written, s.state from export_model.store_windows("
    "%s, 'export_model_rows', pg_catalog.decode(%s, 'hex')) s",
)


PARTS = (
    "select export_model.count_parts(%s)",
    "select export_model.score_part(%s, %s, %s)",
)
PARTS_OF_WINDOWS = (
    "select export_model.count_window_parts(%s)",
    "select export_model.score_window_part(%s, %s, %s)",
)


class _Segments:
    """Greenplum: every segment scores at once, in one statement for each part of the rows."""

    postpones = False

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.error: DatabaseError | None = None

    def start(self) -> None:
        """Nothing: the segments have their own sessions."""

    def load(self, batch: str) -> None:
        """Nothing: they load it when they score."""

    def results(self, job: dict[str, Any]) -> Results:
        """(rows written, part of the source done) after each part."""
        text = json.dumps(job)
        count, sql = PARTS_OF_WINDOWS if "order" in job else PARTS
        parts = execute(self.connection, count, (text,))[0][0]
        for part in range(parts):
            try:
                _lock(self.connection, job)
                written = _commit(self.connection, sql, (text, part, parts))[0][0]
            except DatabaseError as error:
                self.error = error
                return
            yield written, (part + 1) / parts

    def stop(self) -> int:
        """Nothing runs on between two parts."""
        return 0


class _Sessions(Workers):
    """Each takes blocks of the source's table, or its part of a view or query."""

    postpones = True

    def __init__(self, connection: Connection, dsn: Place, jobs: int) -> None:
        super().__init__(jobs)
        self.connection = connection
        self.dsn = dsn
        self.jobs = jobs
        self.batch = ""
        self.is_known = threading.Event()  # there is a batch
        self.job: dict[str, Any] = {}
        self.is_open = threading.Event()  # there is a job
        self.is_whole = False  # all rows were scored
        self.next_block = 0

    def load(self, batch: str) -> None:
        """Let them load the model, by its function for batches."""
        self.batch = batch
        self.is_known.set()

    def results(self, job: dict[str, Any]) -> Results:
        """Let them work; (rows written, part of the source done) after each step."""
        _lock(self.connection, job)
        if self.jobs == 1 and self.connection.server_version >= HAS_JIT:
            # A job is a core, for the index behind its rows, too.
            execute(self.connection, "set local max_parallel_maintenance_workers = 0")
        self.job = job
        self.is_open.set()
        for written in self.steps():
            yield written, self._part()
        self.is_whole = self.error is None

    def _part(self) -> float | None:
        """Which part of the source is done, or begun."""
        blocks = self.job["blocks"]
        return None if blocks is None else self.next_block / max(1, blocks)

    def stop(self) -> int:
        """As all workers, and those that still wait for the job; rows that are there, without those
        that the key found twice. Also behind an error or Ctrl-C the target has its primary key
        then, or is gone where this run made it for nothing."""
        self.stopped.set()
        self.is_known.set()
        self.is_open.set()
        rows = super().stop()
        if self.job.get("is_new") and not self.is_whole and self._drop_unused():
            return rows
        return rows - self._make_key() if self.job.get("keyless") else rows

    def _drop_unused(self) -> bool:
        """Leave no table behind where nothing was written; not an error where it cannot go."""
        try:
            return bool(self._of_target("select export_model.drop_unused(%s)"))
        except (psycopg2.Error, DatabaseError):
            with suppress(psycopg2.Error):
                self.connection.rollback()
            return False

    def _make_key(self) -> int:
        """The primary key that was left for later; how many rows were there twice, and once now."""
        try:
            return self._of_target("select export_model.make_key(%s)") or 0
        except psycopg2.Error as error:
            what = f"the primary key of {self.job['target']} could not be made"
            self.error = self.error or explain(error, what, "The scores are there.")
        except DatabaseError as error:
            self.error = self.error or error
        return 0

    def _of_target(self, sql: str) -> Any:
        """What a function says of the target, in the transaction that holds its lock."""
        answer = execute(self.connection, sql, (self.job["target"],))[0][0]
        commit(self.connection, GO_ON)
        return answer

    def cancel(self, connection: Connection) -> None:
        """Ask the server to end the statement."""
        if not connection.closed:
            connection.cancel()

    def work(self, number: int) -> Iterator[int]:
        """Connect, load the model when it is known, wait for the job, score."""
        with connect(self.dsn) as connection:
            with self.lock:
                self.connections.append(connection)
            self.is_known.wait()
            if self.stopped.is_set():
                return
            _commit(connection, f"select 1 from {self.batch}('', 0, 'score')")
            self.is_open.wait()
            if not self.stopped.is_set():
                steps = self._rows if self.job["blocks"] is None else self._blocks
                yield from steps(connection, number)

    def _blocks(self, connection: Connection, number: int) -> Iterator[int]:
        """Take ranges of blocks, large ones first, until none is left."""
        step = 1
        while not self.stopped.is_set():
            with self.lock:
                first = self.next_block
                left = self.job["blocks"] - first
                if left <= 0:
                    return
                take = _choose_step(self.job["blocks"], left, step, self.jobs)
                self.next_block += take
            sql = "select s.step, s.written from export_model.score_blocks(%s, %s, %s, %s) s"
            values = (json.dumps(self.job), first, first + take, step)
            step, written = _commit(connection, sql, values)[0]
            yield written

    def _rows(self, connection: Connection, number: int) -> Iterator[int]:
        """Read this job's part of a view or query, or its series, through a cursor.

        Behind a pool the next transaction may meet another session, without the cursor: there all
        is one transaction, committed at the end.
        """
        job = json.dumps(self.job)
        is_pooled = self._is_pooled(connection)
        reading = WINDOWS if "order" in self.job else ROWS
        query = execute(connection, reading.query, (job, number, self.jobs))[0][0]
        hold = "" if is_pooled else "with hold "
        step = execute if is_pooled else _commit
        execute(connection, "set local jit = off")  # it would take longer than a few new rows
        step(connection, f"declare export_model_rows no scroll cursor {hold}for {query}")
        rows, state = 0, b""
        while not self.stopped.is_set():
            # As text: psycopg2 writes bytes as ::bytea, which another type of that name may take.
            written, state = step(connection, reading.step, (job, bytes(state).hex()))[0]
            if written is None:
                break
            rows += written
            if not is_pooled:
                yield written
        if is_pooled and not self.stopped.is_set():
            _commit(connection, "close export_model_rows")
            yield rows

    def _is_pooled(self, connection: Connection) -> bool:
        """Is a pool, such as pgbouncer, in between? It makes up a number of the process."""
        found = execute(connection, "select pg_catalog.pg_backend_pid()")
        return bool(found[0][0] != connection.get_backend_pid())


class _Lent(_Sessions):
    """The connection of somebody else, alone: its transaction holds the scores."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, connection, 0)
        self.jobs = 1

    def results(self, job: dict[str, Any]) -> Results:
        """(rows written, part of the source done) after each step."""
        self.job = job
        steps = self._rows if job["blocks"] is None else self._blocks
        try:
            for rows in steps(self.connection, 0):
                yield rows, self._part()
            self.is_whole = True
        except DatabaseError as error:
            self.error = error
            self.connection.rollback()
        if job["blocks"] is None:  # else it would be there as long as the connection
            _commit(self.connection, "close export_model_rows")

    def _of_target(self, sql: str) -> Any:
        """After a step that was interrupted, too."""
        self.connection.rollback()
        return super()._of_target(sql)

    def _is_pooled(self, connection: Connection) -> bool:
        """Its transaction goes on, so no cursor is lost."""
        return False


def _choose_step(blocks: int, left: int, batch: int, jobs: int) -> int:
    """How many of the blocks that are left a job takes next; a batch has so many. Several jobs take
    less and less, so that they end at once."""
    least = max(MIN_BLOCKS, min(MAX_LEAST, blocks // (8 * jobs)))
    share = left if jobs == 1 else left // (2 * jobs)
    return min(left, max(least, min(BATCHES_A_STEP * batch, share)))


def _check_lent(connection: Connection, jobs: int) -> None:
    """Refuse what an open connection cannot do.

    Raises: DatabaseError.
    """
    if jobs > 1:
        raise DatabaseError(
            f"{jobs} jobs need {jobs} connections, and one that is open gives no others:"
            " use a DSN or an engine of SQLAlchemy, or one job."
        )
    if isinstance(connection, ByItself):
        raise DatabaseError(
            "the connection is in autocommit, in which no lock keeps other runs from the scores."
            " Set its autocommit to False and commit afterwards, or use a DSN."
        )


def _check_segments(jobs: int) -> None:
    """Refuse several jobs where one statement keeps all segments busy.

    Raises: DatabaseError.
    """
    if jobs > 1:
        raise DatabaseError(
            f"Greenplum scores on all its segments at once, in one statement; {jobs} jobs would"
            " change nothing. Leave them out, or say 1."
        )


def _commit(connection: Connection, sql: str, values: tuple[Any, ...] | None = None) -> list[Any]:
    try:
        rows = execute(connection, sql, values)
        commit(connection, GO_ON)
    except psycopg2.Error as error:
        raise explain(error, "a step failed", "That step was rolled back.") from error
    return rows
