"""What a Python program calls: read -> script -> deploy -> verify, score, compare, drop.

The command line calls it too, and adds options and printing only. Drivers of databases are imported
by the functions that need one.
"""

from __future__ import annotations

import inspect
import logging
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from exporter import databases
from exporter.comparison.result import Comparison
from exporter.databases import results
from exporter.databases.database import Database
from exporter.databases.results import (
    Check,
    Dropped,
    Entry,
    Report,
    Scoring,
    Series,
    only_for_windows,
)
from exporter.errors import DatabaseError, SignatureError
from exporter.facts import Listing, Shown
from exporter.formats.format import ExpectedBy
from exporter.manifest import Stored
from exporter.places import Place
from exporter.preparing import check_source, prepare
from exporter.progress import Rows, Steps, show_rows, show_steps
from exporter.reading import Model as Model
from exporter.reading import Source
from exporter.reading import read as read
from exporter.release import Release
from exporter.samples import SAMPLES
from exporter.samples.given import is_file
from exporter.sql.script import Script

MAX_JOBS = 256
TOLERANCE = 0.01  # how far apart two scores may be and count as equal in a comparison
log = logging.getLogger("exporter")


@dataclass(frozen=True)
class Deployment(Shown):
    """A version of a model in a database. was_there: it was deployed before; differences: what of
    it was not as it should be, and is again; example is a query; reach says how much of a model of
    columns its samples reach; changes are lines of what callers of the version that it replaced
    see change; choice is what the server was asked, and who can read the weights where that is
    everybody. str() tells what was done."""

    model: str
    version: str
    was_there: bool
    differences: tuple[Any, ...]
    example: str
    reach: str
    changes: tuple[str, ...]
    choice: str
    database: Place = field(repr=False, compare=False)
    outcome: str = field(repr=False, compare=False)

    def verify(self) -> Report:
        """Score its stored samples again; see exporter.verify."""
        return verify(self.database, self.model)

    def score_table(self, table: str, *, key: str, into: str, **options: Any) -> Scoring:
        """Score a table into a table; see exporter.score_table."""
        return score_table(self.database, self.model, table, key=key, into=into, **options)

    def drop(self, *, force: bool = False) -> Dropped:
        """Remove the model with all its versions; see exporter.drop."""
        return drop(self.database, self.model, force=force)

    def __str__(self) -> str:
        told = (self.reach, *self.choice.splitlines())
        return "\n".join([self.outcome, *(f"{self.model}: {text}" for text in told if text)])


def script(
    model: Model | Sequence[Source],
    *,
    target: str,
    name: str | None = None,
    features: Sequence[str] = (),
    features_from: str | None = None,
    window: int | None = None,
    step: int | None = None,
    pad: str | None = None,
    forecast: Sequence[str] = (),
    labels: Sequence[str] = (),
    threshold: float | None = None,
    samples: int = SAMPLES,
    samples_from: str | os.PathLike[str] | None = None,
    expected_by: ExpectedBy = "auto",
    allow_http: bool = False,
    database: Place | None = None,
    server: Place | None = None,
    promote: bool = True,
    metrics: Mapping[str, Any] | None = None,
    because: str | None = None,
    grant: Sequence[str] = (),
    **options: Any,
) -> Script:
    """Everything that deploys the model, as statements; write() makes it a file.

    model may be a list, which is read first, with allow_http. The arguments are those of the
    command (docs/commands.md); features_from reads a table's columns in database, for nothing else.
    server is asked what options leave to it. promote=False deploys the version beside the champion;
    metrics, because and the roles of grant are kept with it (docs/versions.md). options are the
    target's own, see the records in exporter/databases.
    Raises: SignatureError, SqlTextError and VerificationError; ArchiveError, when the file changed
    since it was read.
    """
    wanted = databases.get_database(target)
    databases.check_options(wanted, options, inspect.signature(script).parameters)
    check_source(samples_from)
    is_table = samples_from is not None and not is_file(os.fspath(samples_from))
    if (features_from is not None or is_table) != (database is not None):
        raise SignatureError(
            "features_from and database are given together, or neither; so are samples_from, where"
            " it names a table, and database."
        )
    prepared = prepare(
        model,
        wanted,
        database,
        server,
        options,
        name=name,
        features=features,
        features_from=features_from,
        window=window,
        step=step,
        pad=pad,
        forecast=forecast,
        labels=labels,
        threshold=threshold,
        samples=samples,
        samples_from=samples_from,
        expected_by=expected_by,
        allow_http=allow_http,
    )
    release = _make_release(wanted, promote, metrics, because, grant)
    return _compile(prepared, wanted, options, server, release)


def deploy(
    model: Model | Sequence[Source],
    database: Place,
    *,
    target: str | None = None,
    name: str | None = None,
    features: Sequence[str] = (),
    features_from: str | None = None,
    window: int | None = None,
    step: int | None = None,
    pad: str | None = None,
    forecast: Sequence[str] = (),
    labels: Sequence[str] = (),
    threshold: float | None = None,
    samples: int = SAMPLES,
    samples_from: str | os.PathLike[str] | None = None,
    expected_by: ExpectedBy = "auto",
    allow_http: bool = False,
    promote: bool = True,
    metrics: Mapping[str, Any] | None = None,
    because: str | None = None,
    grant: Sequence[str] = (),
    progress: bool | Steps = False,
    **options: Any,
) -> Deployment:
    """Deploy the model and score its samples there, in one transaction.

    model may be a list, which is read first. database is a DSN, a connection of its driver, or a
    connection or engine of SQLAlchemy. Over an open connection nothing is committed: the caller's
    transaction holds the deployment, and is as it was before when this fails. (Where DDL commits by
    itself, a deployment can be run again.)
    target is found out where it is not given. promote, metrics, because and grant: as in script.
    Raises: as script; DatabaseError, when the database refused.
    """
    wanted = databases.database_of(database)
    if target is not None:
        databases.check_target(target, database)
        wanted = databases.get_database(target)
        databases.check_options(wanted, options, inspect.signature(deploy).parameters)
    prepared = prepare(
        model,
        wanted,
        database,
        database,
        options,
        name=name,
        features=features,
        features_from=features_from,
        window=window,
        step=step,
        pad=pad,
        forecast=forecast,
        labels=labels,
        threshold=threshold,
        samples=samples,
        samples_from=samples_from,
        expected_by=expected_by,
        allow_http=allow_http,
    )
    if target is None:  # only now, because the server may have to be asked
        wanted = databases.find_database(database)
        databases.check_options(wanted, options, inspect.signature(deploy).parameters)
    release = _make_release(wanted, promote, metrics, because, grant)
    made = _compile(prepared, wanted, options, database, release)
    return run(made, database, progress=progress)


def run(made: Script, database: Place, *, progress: bool | Steps = False) -> Deployment:
    """Deploy what script() made.

    Raises: DatabaseError, saying which statement failed and why; also when the script was made for
    another database.
    """
    databases.check_target(made.target, database)
    with show_steps(progress, len(made.statements) + 1) as advance:
        done = databases.database_of(database).deploy(made, database, advance)
    return Deployment(
        done.model,
        done.version,
        done.was_there,
        done.differences,
        made.example,
        made.reach,
        done.changes,
        made.choice,
        database,
        str(done),
    )


def repair(
    database: Place, name: str, *, progress: bool | Steps = False, **options: Any
) -> Deployment:
    """Make what is missing or altered of a model again, without its file: of its champion, and then
    of its other versions and aliases.

    The registry's manifest, weights and samples are enough for that. options are the target's own,
    as in script.
    Raises: DatabaseError, when there is no such model, or the registry is damaged itself: then the
    model's file has to be deployed again.
    """
    wanted = databases.find_database(database)
    databases.check_options(wanted, options, inspect.signature(repair).parameters)

    def deploy(version: Stored) -> results.Deployment:
        made = _compile(version, wanted, options, database, Release(is_repair=True))
        with show_steps(progress, len(made.statements) + 1) as advance:
            return wanted.deploy(made, database, advance)

    mended = wanted.life.repair(database, name, options, deploy)
    done = mended.deployment
    return Deployment(
        done.model,
        done.version,
        done.was_there,
        (*done.differences, *mended.others),
        wanted.example(mended.manifest),
        "",
        (),
        "",
        database,
        str(mended),
    )


def verify(database: Place, name: str) -> Report:
    """Score the samples that are stored with the model again; look at is_ok of the result.

    Raises: DatabaseError, when there is no such model or it cannot be scored at all.
    """
    return databases.database_of(database).verify(database, name)


def score_table(
    database: Place,
    name: str,
    table: str,
    *,
    key: str,
    into: str,
    order_by: str | None = None,
    partition_by: str | None = None,
    max_gap: float | str | timedelta | None = None,
    step: int | None = None,
    columns: Sequence[str] = (),
    jobs: int = 1,
    progress: bool | Rows = False,
) -> Scoring:
    """Score the rows of a table, view or query that the table `into` holds no score of yet.

    With order_by the windows over these rows are scored, of a model that takes such: partition_by
    tells series apart, a longer gap than max_gap begins anew, and columns are those of `into`
    (docs/windows.md).

    jobs connections work at once, each step a transaction of its own, so that a run which ends
    early loses little; Ctrl-C ends it after whole steps. An open connection scores alone, in the
    caller's transaction.
    Raises: DatabaseError, when table, key or into cannot be used, or a step failed.
    """
    _check_jobs(jobs)
    series = _make_series(order_by, partition_by, max_gap, step, columns)
    found = databases.database_of(database)
    with show_rows(progress) as advance:
        if series is not None:
            return found.score_windows(database, name, table, key, into, series, jobs, advance)
        return found.score(database, name, table, key, into, jobs, advance)


def compare(
    database: Place,
    name: str,
    table: str,
    *,
    key: str,
    versions: Sequence[str | int],
    actual: str | None = None,
    tolerance: float = TOLERANCE,
    progress: bool | Rows = False,
) -> Comparison:
    """Score the rows of a table, view or query by two versions of a model, and compare the scores.

    versions are two, each an alias, a number or the beginning of a digest. actual is a column with
    what the scores should have been. Scores are equal within the tolerance where they differ by no
    more than it times 1 or the first's size, whichever is larger. Nothing is written.
    Raises: DatabaseError, when a version is not there, both cannot be compared, or table, key or
    actual cannot be used.
    """
    wanted = _check_versions(versions)
    if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)):
        raise DatabaseError(f"tolerance is {tolerance!r}; give a number.")
    if not 0 <= tolerance < math.inf:
        raise DatabaseError(
            f"tolerance is {tolerance!r}; give a finite number that is not below 0."
        )
    for what, text in (("table", table), ("key", key), ("actual", actual)):
        if text == "" or not (isinstance(text, str) or (text is None and what == "actual")):
            raise DatabaseError(f"{what} is {text!r}; give a text that is not empty.")
    found = databases.database_of(database)
    with show_rows(progress) as advance:
        return found.compare(database, name, table, key, wanted, actual, float(tolerance), advance)


def models(database: Place) -> Listing[Entry]:
    """All versions in the database, newest first within each model.

    Raises: DatabaseError, when they cannot be read.
    """
    return Listing(databases.database_of(database).list_versions(database))


def drop(database: Place, name: str, *, force: bool = False) -> Dropped:
    """Remove a model with all its versions; force: what depends on it too, views for example, which
    the result names.

    Raises: DatabaseError, when it is not there or other objects depend on it.
    """
    return databases.database_of(database).drop(database, name, force)


def doctor(database: Place) -> Listing[Check]:
    """Check that a server can hold and score models; a level "fail" says what to mend.

    Raises: DatabaseError, when the server cannot be reached.
    """
    return Listing(databases.database_of(database).examine(database))


def _make_release(
    database: Database,
    promote: bool,
    metrics: Mapping[str, Any] | None,
    because: str | None,
    grant: Sequence[str],
) -> Release | None:
    """What is said about the version; None for nothing.

    Raises: SignatureError, for what the database does not keep.
    """
    if not isinstance(promote, bool):
        raise SignatureError(f"promote is {promote!r}; give True or False.")
    if isinstance(grant, str):
        raise SignatureError("grant is one text; give a list of names, as ['analyst', 'app'].")
    release = Release(promote, {} if metrics is None else metrics, because, tuple(grant))
    if release == Release():
        return None
    if not database.life.is_kept:
        raise SignatureError(
            f"{database.title} keeps no versions beside the current one: leave out what says not to"
            " promote, and metrics, a reason and grants."
        )
    return release


def _compile(
    version: Stored,
    database: Database,
    options: dict[str, Any],
    server: Place | None,
    release: Release | None = None,
) -> Script:
    """The script for a target, with its own options; those left open are chosen by the server."""
    choice = ""
    if server is not None:
        options, choice = database.settle(server, version.manifest, options)
        log.info("%s", choice)
    said = {} if release is None else {"release": release}
    compiled = database.compile(version.manifest, version.block, version.samples, **options, **said)
    return replace(
        compiled,
        target=database.name,
        example=database.example(version.manifest),
        expected_by=version.manifest.expected_by,
        reach=version.samples.reach,
        choice=choice,
    )


def _make_series(
    order_by: str | None,
    partition_by: str | None,
    max_gap: float | str | timedelta | None,
    step: int | None,
    columns: Sequence[str],
) -> Series | None:
    """What windows are scored of; None for rows.

    Raises: DatabaseError, for what means nothing without order_by.
    """
    if order_by is None:
        of_windows = {
            "partition_by": partition_by,
            "max_gap": max_gap,
            "step": step,
            "columns": columns or None,
        }
        others = [name for name, value in of_windows.items() if value is not None]
        if others:
            raise DatabaseError(only_for_windows(others, "order_by"))
        return None
    if isinstance(max_gap, timedelta):
        max_gap = f"{max_gap.total_seconds()} seconds"
    return Series(order_by, partition_by, max_gap, step, tuple(columns))


def _check_versions(versions: Sequence[str | int]) -> tuple[str, str]:
    """Both versions as texts.

    Raises: DatabaseError, when they are not two.
    """
    if isinstance(versions, (str, bytes)) or len(versions) != 2:
        raise DatabaseError(
            f"versions is {versions!r}; give two, as ['champion', 'challenger'], each an alias, a"
            " number or the beginning of a version's digest."
        )
    for version in versions:
        if isinstance(version, bool) or not isinstance(version, (str, int)) or version == "":
            raise DatabaseError(f"versions: {version!r} is no version; give a text or a number.")
    first, second = versions
    return str(first), str(second)


def _check_jobs(jobs: int) -> None:
    if isinstance(jobs, bool) or not isinstance(jobs, int) or not 1 <= jobs <= MAX_JOBS:
        raise DatabaseError(f"jobs is {jobs!r}; give a whole number from 1 to {MAX_JOBS}.")
