"""Score rows by two versions of a model inside the database, and compare the scores here.

Both packages score through score_table; what leaves the database are keys, scores, labels and
actual values, no column of the model's. The transaction is read-only: both versions and the actual
values see the same rows.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from exporter.comparison.conclusion import Source, conclude
from exporter.comparison.result import Comparison
from exporter.comparison.scores import MOST, Batch, Scores
from exporter.comparison.task import Side, Task, settle_task
from exporter.comparison.truth import find_classes, require_numbers
from exporter.databases.oracle.connection import (
    NUMERIC_TYPES,
    Connection,
    connect,
    execute,
    explain,
    tell,
)
from exporter.databases.oracle.models import require_known
from exporter.databases.oracle.registry import manifest_of, model_key
from exporter.databases.oracle.sources import (
    TEXT_OF,
    Called,
    Column,
    choose_columns,
    find_column,
    read_columns,
    require_keys,
)
from exporter.databases.oracle.switches import quoted
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import comma, ident
from exporter.databases.oracle.units import is_valid
from exporter.databases.oracle.versions import find_version, read_package
from exporter.errors import DatabaseError, SignatureError
from exporter.ir.columns import Kind
from exporter.manifest import Manifest
from exporter.places import Place
from exporter.progress import Rows
from exporter.sql.text import Sql

ROWS_A_STEP = 5_000
MAX_SHOWN = 200  # characters of a key and of an actual value


@dataclass(frozen=True)
class _Version:
    """What the registry says of a version, and its package."""

    manifest: Manifest
    package: str


@dataclass(frozen=True)
class _Truth:
    """Actual values: an expression over a row c, what one means, and the meaning in words."""

    shown: Sql
    means: Callable[[Any], float | None]
    meaning: str = ""


def compare(
    place: Place,
    model: str,
    table: str,
    key: str,
    wanted: tuple[str, str],
    actual: str | None,
    tolerance: float,
    progress: Rows = lambda rows, done: None,
) -> Comparison:
    """Compare two versions of a model, each an alias, a number or the beginning of a digest; table
    is one, or a view, of this user.

    progress is called with rows scored since the last call, and which part of them that makes.
    Raises: DatabaseError or SignatureError, when one of both is not there or cannot be compared, or
    the source cannot be scored.
    """
    with connect(place) as connection:
        require_known(connection)
        name = model_key(model)
        versions = [_read_version(connection, name, item) for item in wanted]
        task = settle_task(wanted, (versions[0].manifest, versions[1].manifest))
        columns = read_columns(connection, table)
        key_column = find_column(columns, key, table)
        if key_column.kind not in TEXT_OF:
            raise SignatureError(
                f'column "{key}" has type {key_column.kind}, which cannot identify rows here:'
                f" choose one of {', '.join(TEXT_OF)}."
            )
        truth = settle_truth(task, columns, table, actual)
        of_source = {
            "source": ident(table),
            "key": TEXT_OF[key_column.kind].format(Sql("c.{}").format(ident(key_column.name))),
        }
        scored = [_scored(columns, version, table) for version in versions]
        connection.rollback()
        execute(connection, "set transaction read only")
        quoted_names = {"source": of_source["source"], "key": ident(key_column.name)}
        require_keys(connection, quoted_names, table, key)
        total = _count_rows(connection, quoted_names, table, key)
        rows_of = render("compare_rows", of_source | {"actual": truth.shown})
        queries = [rows_of, *(render("compare_scores", of_source | items) for items in scored)]
        scores = Scores(task, tolerance)
        for batch in _fetch(connection, queries, task, truth, table):
            scores.add(batch)
            progress(len(batch.keys), scores.read / total)
        connection.rollback()
    if not total:
        scores.add(Batch((), ((), ()), ((), ()), (), ()))
    source = Source(model, table, key, actual, truth.meaning)
    return conclude(task, source, tolerance, *scores.count())


def _read_version(connection: Connection, model: str, wanted: str) -> _Version:
    """A version by what it is called.

    Raises: DatabaseError, when it is not there, or has no package that runs.
    """
    known = find_version(connection, model, wanted)
    package = read_package(connection, known.version)
    if not is_valid(connection, package):
        raise DatabaseError(
            f"the package {package} of version {known.number} is gone or not valid. Make it again:"
            f" export-model repair --name {shlex.quote(model)} --dsn ..."
        )
    ((manifest, plan),) = execute(
        connection,
        "select manifest, plan from export_model_versions where version = :1",
        known.version,
    )
    return _Version(manifest_of(manifest, plan), package)


def settle_truth(task: Task, columns: dict[str, Column], table: str, actual: str | None) -> _Truth:
    """What the column of actual values means.

    Raises: DatabaseError, when its type says nothing of the task; SignatureError, when there is no
    such column.
    """
    if actual is None:
        return _Truth(Sql("null"), lambda value: None)
    column = find_column(columns, actual, table)
    kind = _kind_of(column)
    shown = Sql("c.{}").format(ident(column.name))
    if column.kind == "CHAR":
        shown = Sql("rtrim({})").format(shown)
    described = f'column "{actual}" is {column.kind.lower()}'
    if task.kind == "numbers":
        require_numbers(kind, described)
        return _Truth(shown, _finite)
    standing = find_classes(task, kind, described)
    if standing.held == "text":
        texts = {text: place for place, text in enumerate(standing.values, 1)}
        return _Truth(shown, lambda value: texts.get(str(value)))
    numbers = {float(text): place for place, text in enumerate(standing.values, 1)}
    return _Truth(shown, lambda value: numbers.get(float(value)), standing.tell(task))


def _kind_of(column: Column) -> Kind | None:
    if column.kind in NUMERIC_TYPES:
        return "number"
    return "text" if column.kind in ("VARCHAR2", "CHAR") else None


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if abs(number) < MOST else None


def _scored(columns: dict[str, Column], version: _Version, table: str) -> dict[str, Any]:
    """What the template says of a version.

    Raises: SignatureError, when the source lacks a column of its.
    """
    manifest = version.manifest
    called = Called(manifest.version, manifest.signature, manifest.inputs, manifest.outputs)
    return {
        "package": quoted(version.package),
        "columns": comma(choose_columns(columns, called, table)),
        "has_labels": bool(manifest.signature.labels),
    }


def _count_rows(connection: Connection, names: dict[str, Sql], table: str, key: str) -> int:
    """How many rows there are.

    Raises: DatabaseError, when a key is that of several.
    """
    count = Sql("select count(*), count(distinct {key}) from {source}").format(**names)
    ((rows, keys),) = execute(connection, count)
    if rows != keys:
        raise DatabaseError(
            f'{int(rows):,} rows of "{table}" have {int(keys):,} different "{key}": give --key a'
            " column that identifies every row."
        )
    return int(rows)


def _fetch(
    connection: Connection, queries: Sequence[Sql], task: Task, truth: _Truth, table: str
) -> Iterator[Batch]:
    """Rows as both versions have scored them. The three queries read the same rows, nearly always
    in the same order; what one gave before the others waits.

    Raises: DatabaseError, when one of them fails.
    """
    import oracledb

    waiting: list[dict[str, tuple[Any, ...]]] = [{}, {}, {}]
    try:
        with ExitStack() as opened:
            cursors = [opened.enter_context(connection.cursor()) for _ in queries]
            for cursor, query in zip(cursors, queries, strict=True):
                tell(query)
                cursor.execute(query)
            is_open = True
            while is_open:
                is_open = False
                for cursor, rows in zip(cursors, waiting, strict=True):
                    fetched = cursor.fetchmany(ROWS_A_STEP)
                    rows.update((str(row[0]), row[1:]) for row in fetched)
                    is_open = is_open or bool(fetched)
                keys = [key for key in waiting[0] if all(key in rows for rows in waiting[1:])]
                if keys:
                    yield _join(task, truth, keys, [[r.pop(key) for key in keys] for r in waiting])
    except oracledb.Error as error:
        raise explain(error, f'comparing the versions over "{table}" failed') from error


def _join(
    task: Task, truth: _Truth, keys: Sequence[str], rows: Sequence[Sequence[tuple[Any, ...]]]
) -> Batch:
    actuals = [actual for (actual,) in rows[0]]
    known = {label: label for label in task.classes}  # one text for all rows, not one for each
    scores, labels = [], []
    for side, of_version in zip(task.sides, rows[1:], strict=True):
        scores.append([_number(task, side, score) for score, _ in of_version])
        labels.append([known.get(label) for _, label in of_version])
    return Batch(
        [key[:MAX_SHOWN] for key in keys],
        (scores[0], scores[1]),
        (labels[0], labels[1]),
        [None if actual is None else str(actual)[:MAX_SHOWN] for actual in actuals],
        [None if actual is None else truth.means(actual) for actual in actuals],
    )


def _number(task: Task, side: Side, score: Any) -> Any:
    """What is compared of a version's score: a number, or one for each class of both versions, 0
    for those that this one does not know."""
    if score is None or not hasattr(score, "aslist"):
        return score
    numbers = score.aslist()
    if side.place is not None:
        return numbers[side.place]
    if task.kind != "classes":
        return numbers[0]
    places = {label: place for place, label in enumerate(side.labels)}
    return [numbers[places[label]] if label in places else 0.0 for label in task.classes]
