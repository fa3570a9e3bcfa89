"""Score rows by two versions of a model inside the database, and compare the scores there.

Nothing is made in the database (on Greenplum, a temporary table in this transaction), and no row
leaves it but the few whose scores differ most.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2

from exporter.comparison.conclusion import Source, conclude
from exporter.comparison.measures import CELLS, FEW, Sections, split_counts
from exporter.comparison.result import Comparison
from exporter.comparison.task import Side, Task, settle_task
from exporter.comparison.truth import find_classes, require_numbers
from exporter.databases.greenplum.compare import count_batches, keep_scores
from exporter.databases.postgres.catalog import has_manifests, is_superuser, server_target
from exporter.databases.postgres.connection import (
    KINDS,
    Connection,
    connect,
    execute,
    explain,
    is_greenplum,
    is_greenplum_6,
)
from exporter.databases.postgres.owners import require_own
from exporter.databases.postgres.ports import number_type
from exporter.databases.postgres.scorer import describe_scorer
from exporter.databases.postgres.shared import FORMS
from exporter.databases.postgres.verify import require_model
from exporter.databases.postgres.versions import resolve
from exporter.errors import DatabaseError
from exporter.ir.columns import Kind
from exporter.manifest import Manifest
from exporter.places import Place, can_open_more
from exporter.progress import Rows
from exporter.sql.templates import render
from exporter.sql.text import Sql, as_is, comma, ident, literal, number

LARGEST = 10  # rows whose keys are told
LIMIT = Sql("'1e140'::pg_catalog.float8")  # squares of what is below can be added up
# What this transaction needs, for itself alone: memory to sort scores in; floats that come back
# whole; a plan that is not the quickest to give its first row, and is not compiled.
SETTINGS = (
    "select pg_catalog.set_config('work_mem', '64MB', true)"
    " where pg_catalog.pg_size_bytes(pg_catalog.current_setting('work_mem'))"
    " operator(pg_catalog.<) 67108864",
    "set local extra_float_digits = 3",
    "set local array_nulls = on",
    "set local cursor_tuple_fraction = 1",
    "set local jit = off",
)
OF_CLUSTER = "set local optimizer = off"  # GPORCA was not tried
# The type of a column from what ask_types gives, of a domain the one below it. Arrays are no texts.
TYPE = Sql(
    "select t.typname, (t.typcategory operator(pg_catalog.=) 'S'"
    " or t.typtype operator(pg_catalog.=) 'e') and own.typcategory operator(pg_catalog.<>) 'A',"
    " pg_catalog.format_type(own.oid, null)"
    " from ({}) q (types)"
    " join pg_catalog.pg_type own on own.oid operator(pg_catalog.=) q.types[1]"
    " join pg_catalog.pg_type t"
    " on t.oid operator(pg_catalog.=) export_model.held_type(q.types[1])"
)
FETCH = "fetch forward 1 from export_model_compare"
REST = "fetch forward all from export_model_compare"


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
    """Compare two versions of a model, each an alias, a number or the beginning of a digest.

    progress is called with rows scored since the last call, and which part of them that makes.
    Raises: DatabaseError, when one of both is not there or cannot be compared, or the source
    cannot be scored.
    """
    with connect(place) as connection:
        if is_greenplum_6(connection):
            raise DatabaseError(
                "Greenplum 6 lacks what comparing versions needs; Greenplum 7 and PostgreSQL have"
                " it. Score the rows with each version (score_batch) and join the scores."
            )
        is_cluster = is_greenplum(connection)
        if is_superuser(connection):
            require_own(connection, model)
        versions = _read_versions(connection, model, wanted)
        task = settle_task(wanted, (versions[0].manifest, versions[1].manifest))
        connection.rollback()  # from here on names of the source mean what they mean to the user
        # The one statement that scores has one snapshot anyway; with this, so has what it calls.
        if can_open_more(place):
            # On Greenplum it is read-only once the table for the scores is there.
            access = "read write" if is_cluster else "read only"
            execute(connection, f"set transaction isolation level repeatable read, {access}")
        elif not is_cluster:
            execute(connection, "set transaction read only")
        for setting in (*SETTINGS, *((OF_CLUSTER,) if is_cluster else ())):
            execute(connection, setting)
        sources = [
            _open_source(connection, side, version, table, key)
            for side, version in zip(task.sides, versions, strict=True)
        ]
        truth = settle_truth(connection, task, table, sources[0].item, actual)
        try:
            if is_cluster:
                sections = _run_on_segments(connection, task, sources, truth, tolerance, progress)
            else:
                sections = _run(connection, _compile(task, sources, truth, tolerance), progress)
        except psycopg2.Error as error:
            raise explain(error, f'comparing the versions over "{table}" failed') from error
    source = Source(model, table, key, actual, truth.meaning)
    return conclude(task, source, tolerance, sections, split_counts(sections))


@dataclass(frozen=True)
class _Version:
    """What the registry says of a version: its manifest, and the scorer made of it."""

    manifest: Manifest
    scorer: dict[str, Any]


@dataclass(frozen=True)
class _Source:
    """A source as the server quoted it, for one version: an item of FROM, its key, and what packs
    a row s of it; batch is the version's function."""

    item: Sql
    key: Sql
    row: Sql
    blocks: int | None
    batch: str
    element: Sql


@dataclass(frozen=True)
class Truth:
    """Actual values as an expression over a row s: the place of a class from 1, or a number, and
    the value as it is; meaning tells how values stand for classes, where they are not labels."""

    value: Sql
    shown: Sql
    meaning: str = ""
    is_given: bool = True


def _read_versions(
    connection: Connection, model: str, wanted: Sequence[str]
) -> tuple[_Version, _Version]:
    """Both versions, from the registry alone.

    Raises: DatabaseError, when one is not there, or the role may not read of them.
    """
    try:
        require_model(connection, model)
        if not has_manifests(connection):
            raise DatabaseError(
                "the registry has format 1, which holds no manifests. Deploy any model: that moves"
                " it, and fills them in."
            )
        first, second = (_read_version(connection, model, item) for item in wanted)
    except psycopg2.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f'this role may not read what the registry holds of model "{model}". Connect as the'
            " role that deployed it, or as a superuser."
        ) from error
    return first, second


def _read_version(connection: Connection, model: str, wanted: str) -> _Version:
    digest = resolve(connection, model, wanted)
    ((text, plan, database, name),) = execute(
        connection,
        "select manifest, plan, database, engine from export_model.versions where version = %s",
        (digest,),
    )
    if database != server_target(connection):
        raise DatabaseError(
            f'version {digest[:12]} of model "{model}" was deployed for target {database}, and the'
            " server is another. Deploy its file again here."
        )
    manifest = Manifest.from_json(text, plan)
    (engine,) = (item for item in FORMS if item.name == name)
    return _Version(manifest, describe_scorer(manifest, engine.making))


def _open_source(
    connection: Connection, side: Side, version: _Version, table: str, key: str
) -> _Source:
    """How the rows of the source are handed to a version.

    Raises: DatabaseError, when the source cannot be read, or lacks a column.
    """
    try:
        ((item, held, row, blocks),) = execute(
            connection,
            "select s.from_item, s.key_item, s.row_item, s.blocks"
            " from export_model.source(%s, %s, %s::pg_catalog.jsonb) s",
            (table, key, json.dumps(version.scorer["inputs"])),
        )
    except psycopg2.Error as error:
        raise explain(error, f'{side.title} cannot score "{table}"') from error
    return _Source(
        as_is(item),
        as_is(held),
        as_is(row),
        blocks,
        version.scorer["batch"],
        number_type(version.manifest.outputs[0]),
    )


def settle_truth(
    connection: Connection, task: Task, table: str, item: Sql, actual: str | None
) -> Truth:
    """What the column of actual values means.

    Raises: DatabaseError, when there is no such column, or its type says nothing of the task.
    """
    if actual is None:
        nothing = Sql("null::{}").format(_truth_type(task))
        return Truth(nothing, Sql("null::pg_catalog.text"), is_given=False)
    column = Sql("s.{}").format(ident(actual))
    try:
        ((question,),) = execute(
            connection, "select export_model.ask_types(%s, %s::pg_catalog.text[])", (item, [actual])
        )
        ((name, is_text, shown),) = execute(connection, TYPE.format(as_is(question)))
    except psycopg2.errors.UndefinedColumn as error:
        raise DatabaseError(
            f'"{table}" has no column "{actual}", which --actual names. Names are taken as they are'
            " written."
        ) from error
    kind: Kind | None = "text" if is_text else KINDS.get(name)
    described = f'column "{actual}" is {shown}'
    if task.kind == "numbers":
        require_numbers(kind, described)
        return Truth(_finite(column, name), column)
    return _find_classes(task, column, kind, name, described)


def _truth_type(task: Task) -> Sql:
    return Sql("pg_catalog.float8") if task.kind == "numbers" else Sql("pg_catalog.int4")


def _finite(column: Sql, name: str) -> Sql:
    """A column of numbers as double precision, NULL for what is not finite or too large."""
    if name in ("int2", "int4", "int8"):
        return Sql("{}::pg_catalog.float8").format(column)
    held = Sql("numeric") if name == "numeric" else Sql("float8")
    return Sql(
        "case when pg_catalog.abs({column}::pg_catalog.{held}) operator(pg_catalog.<)"
        " '1e140'::pg_catalog.{held} then {column}::pg_catalog.float8 end"
    ).format(column=column, held=held)


def _find_classes(task: Task, column: Sql, kind: Kind | None, name: str, described: str) -> Truth:
    """Actual values as places of classes.

    Raises: DatabaseError, for a type that says nothing of classes.
    """
    standing = find_classes(task, kind, described)
    values = [literal(text) for text in standing.values]
    if standing.held == "number":
        is_float = standing.is_named or name in ("float4", "float8")
        held = Sql("float8") if is_float else Sql("numeric")
        if kind == "boolean":
            column = Sql("({}::pg_catalog.bool)::pg_catalog.int4").format(column)
    else:
        held = Sql("text") if standing.held == "text" else Sql("bool")
    value = Sql(
        "pg_catalog.array_position(array[{values}]::pg_catalog.{held}[],"
        " {column}::pg_catalog.{held})"
    ).format(values=comma(values), held=held, column=column)
    return Truth(value, column, standing.tell(task))


def _compile(
    task: Task,
    sources: Sequence[_Source],
    truth: Truth,
    tolerance: float,
    statement: str = "compare",
    parts: int | None = None,
) -> Sql:
    """The statement that opens the cursor; see sql_templates/postgres/compare.sql. With parts, so
    many batches, it is one of sql_templates/greenplum."""
    places = list(range(1, len(task.classes) + 1))
    versions = [
        _version_items(task, side, source, count)
        for count, (side, source) in enumerate(zip(task.sides, sources, strict=True), 1)
    ]
    if _packs_once(sources):
        versions[1] |= {"row": None, "packed": number(1)}
    gap = Sql(
        "pg_catalog.abs({row}.shares2[{place}] operator(pg_catalog.-) {row}.shares1[{place}])"
    )
    gaps, usable_gaps = (
        [gap.format(row=row, place=number(place)) for place in places]
        for row in (Sql("t"), Sql("u"))
    )
    is_of_classes = task.kind == "classes"
    widest = Sql("pg_catalog.array_position(array[{}], u.change)").format(comma(usable_gaps))
    sections = [
        _render(
            "compare_scores",
            {
                "versions": versions,
                "place": widest if is_of_classes else None,
                "is_labelled": bool(task.classes),
                "is_cluster": parts is not None,
                "limit": LIMIT,
                "tolerance": number(float(tolerance)),
                "most": number(LARGEST),
                "cells": number(CELLS),
                "few": number(FEW),
            },
        )
    ]
    if truth.is_given:
        of_versions = {"versions": versions}
        kind = "compare_numbers" if task.kind == "numbers" else "compare_classes"
        sections.append(_render(kind, of_versions))
    change = Sql("t.score2 operator(pg_catalog.-) t.score1")
    if is_of_classes:
        change = _greatest(gaps)
    return _render(
        statement,
        {
            "batches": _batches(task, sources, truth, versions, parts),
            "versions": versions,
            "change": change,
            "is_labelled": bool(task.classes),
            "limit": LIMIT,
            "sections": Sql("\n").join(sections),
        },
        ("postgres",) if parts is None else ("greenplum", "postgres"),
    )


def _packs_once(sources: Sequence[_Source]) -> bool:
    """Do both versions take the same columns, so that each row is packed once?"""
    return sources[0].row == sources[1].row


def _batches(
    task: Task,
    sources: Sequence[_Source],
    truth: Truth,
    versions: list[dict[str, Any]],
    parts: int | None,
) -> Sql:
    """The query that gathers rows and scores them."""
    size = Sql("pg_catalog.octet_length(g.rows1)")
    if not _packs_once(sources):
        size = Sql("{} operator(pg_catalog.+) pg_catalog.octet_length(g.rows2)").format(size)
    of_source = {
        "source": sources[0].item,
        "key": sources[0].key,
        "truth": truth.value,
        "truth_type": _truth_type(task),
        "actual": truth.shown,
        "versions": versions,
        "size": size,
    }
    if parts is not None:
        folders = ("greenplum", "postgres")
        return _render("compare_batches", of_source | {"parts": number(parts)}, folders)
    blocks = sources[0].blocks
    if blocks is None:
        return _render("compare_groups", of_source)
    return _render("compare_blocks", of_source | {"blocks": number(blocks)})


def _version_items(task: Task, side: Side, source: _Source, count: int) -> dict[str, Any]:
    """What the templates say of a version."""
    this = number(count)
    items: dict[str, Any] = {
        "number": this,
        "row": source.row,
        "packed": this,
        "batch": literal(source.batch),
    }
    form = Sql("pg_catalog.unnest(b.scores{this}::pg_catalog.{type}[])")
    element = Sql("float8") if source.element == "double precision" else Sql("float4")
    score = Sql("u.score{}").format(this)
    if task.kind != "classes":
        is_number = side.place is None
        raw = form.format(this=this, type=element if is_number else Sql("text"))
        own = Sql("q.raw{}::pg_catalog.float8").format(this)
        if side.place is not None:
            own = Sql("((q.raw{this}::pg_catalog.{type}[])[{place}])::pg_catalog.float8").format(
                this=this, type=element, place=number(side.place + 1)
            )
        judged = Sql(
            "(select u.truth, {score} as score, 2 as class from usable u where u.truth is not null)"
        )
        chance = Sql(
            "case when u.truth operator(pg_catalog.=) 2 then {s}"
            " else 1 operator(pg_catalog.-) {s} end"
        )
        return items | {
            "raw": raw,
            "shares": None,
            "score": own,
            "reach": Sql("pg_catalog.abs({})").format(own),
            "classes": judged.format(score=score),
            "share": chance.format(s=score),
            "chances": {"least": score, "most": score, "off": Sql("0")},
        }
    places = [number(place) for place in range(1, len(task.classes) + 1)]
    raw = Sql("{}::pg_catalog.{}[]").format(form.format(this=this, type=Sql("text")), element)
    own_places = {label: number(place) for place, label in enumerate(side.labels, 1)}
    shares = comma(
        Sql("(r.raw{}[{}])::pg_catalog.float8").format(this, own_places[label])
        if label in own_places
        else Sql("0::pg_catalog.float8")
        for label in task.classes
    )
    of = [Sql("q.shares{}[{}]").format(this, place) for place in places]
    ours = [Sql("u.shares{}[{}]").format(this, place) for place in places]
    judged = Sql(
        "(select u.truth, u.shares{this}[g.class] as score, g.class from usable u"
        " cross join pg_catalog.generate_series(1, {most}) g (class) where u.truth is not null)"
    )
    return items | {
        "raw": raw,
        "shares": Sql("array[{}]").format(shares),
        "score": _greatest(of),
        "reach": _greatest(Sql("pg_catalog.abs({})").format(item) for item in of),
        "classes": judged.format(this=this, most=places[-1]),
        "share": Sql("u.shares{}[u.truth]").format(this),
        "chances": {
            "least": Sql("least({})").format(comma(ours)),
            "most": _greatest(ours),
            "off": Sql("pg_catalog.abs({} operator(pg_catalog.-) 1)").format(
                Sql(" operator(pg_catalog.+) ").join(ours)
            ),
        },
    }


def _greatest(items: Iterable[Sql]) -> Sql:
    return Sql("greatest({})").format(comma(items))


def _render(
    template: str, variables: dict[str, Any], folders: tuple[str, ...] = ("postgres",)
) -> Sql:
    return render(folders, template, variables)


def _run_on_segments(
    connection: Connection,
    task: Task,
    sources: Sequence[_Source],
    truth: Truth,
    tolerance: float,
    progress: Rows,
) -> Sections:
    """Greenplum: all rows are scored by one statement, on the segments, which keeps the scores for
    the one that measures them."""
    packed = [source.row for source in sources[: 1 if _packs_once(sources) else 2]]
    rows, parts = count_batches(connection, sources[0].item, packed)
    keep_scores(connection, _compile(task, sources, truth, tolerance, "compare_kept", parts))
    if rows:
        progress(rows, 1.0)
    return _run(connection, _compile(task, sources, truth, tolerance, "compare", parts), progress)


def _run(connection: Connection, statement: Sql, progress: Rows) -> Sections:
    """Fetch the batches, which scores them, one by one, and then what is known of all."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    execute(connection, statement)
    total = 0.0
    while rows := execute(connection, FETCH):
        ((section, words, numbers),) = rows
        if section != "batch":
            found[section].append((words, numbers))
            break
        size, rest, known = numbers
        total = total or known
        if size:
            progress(int(size), 1 - rest / total)
    for section, words, numbers in execute(connection, REST):
        found[section].append((words, numbers))
    return found
