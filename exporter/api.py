"""What a Python program calls: read -> script -> deploy -> verify, score, compare, drop.

The command line calls it too, and adds options and printing only. Drivers of databases are imported
by the functions that need one.
"""

from __future__ import annotations

import inspect
import logging
import math
import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import Any, TypeAlias

from exporter import databases
from exporter.comparison.result import Comparison
from exporter.databases import results
from exporter.databases.database import Database
from exporter.databases.results import Check, Entry, Report, Scoring, Series
from exporter.description import Description
from exporter.errors import (
    ArchiveError,
    DatabaseError,
    Problem,
    SignatureError,
    UnsupportedError,
    list_names,
)
from exporter.facts import Listing, Shown
from exporter.formats import FORMATS, recognise
from exporter.formats.format import EXPECTED_BY, Answer, ExpectedBy
from exporter.formats.opening import State, opened, unchanged
from exporter.inverse import invert
from exporter.ir.chain import chain
from exporter.ir.columns import Column, Kind
from exporter.ir.graph import Graph, count_numbers
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph
from exporter.ir.signature import sign
from exporter.ir.windows import (
    Window,
    find_targets,
    row_columns,
    settle_window,
    take_windows,
)
from exporter.manifest import Stored, make_manifest
from exporter.output import file_name
from exporter.places import Place
from exporter.progress import Bytes, Rows, Steps, show_bytes, show_rows, show_steps
from exporter.release import Release
from exporter.samples import (
    SAMPLES,
    Array,
    draw_inputs,
    make_samples,
    transform,
    without_empty_texts,
)
from exporter.samples.given import Given, as_inputs, is_file, read_file, wanted_columns
from exporter.sources import Fetched, fetch, is_address
from exporter.sql.script import Script

MAX_SAMPLES = 1000
MAX_JOBS = 256
TOLERANCE = 0.01  # how far apart two scores may be and count as equal in a comparison
log = logging.getLogger("exporter")
Source: TypeAlias = Any
"""A path, an address (docs/sources.md), a binary file object, or a model in memory of a framework
that is known; or a list of such: fitted transformers, and behind them the model that takes what
they make of a row."""


@dataclass(frozen=True, eq=False)
class Model(Shown):
    """A model that was read. graph is it without its framework; path is the file, which the
    framework scores for the expected outputs, and state what it was like when it was read; is_own:
    this process saved it, from a model in memory; that file, or one that was downloaded, lasts as
    long as this. parts are the models that it was put together from, in order, where it was; path
    and state are then those of the last."""

    graph: Graph = field(repr=False)
    path: Path
    state: State = field(repr=False)
    is_own: bool = field(default=False, repr=False)
    parts: tuple[Model, ...] = field(default=(), repr=False)

    def describe(
        self, *, window: int | None = None, step: int | None = None, pad: str | None = None
    ) -> Description:
        """What it is made of; print() shows it. window: it takes so many rows of a series, with
        step and pad as script() takes them.

        Raises: SignatureError, when it does not.
        """
        scored = simplify(self.graph)
        if window is None and scored.rows:  # it was read so
            window = scored.inputs[0].shape[0]
        windows = settle_window(scored, window, step, pad)
        if windows is not None:
            windows = take_windows(scored, windows, ())[1]
        return Description(self.graph, scored, windows)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what does not prevent an export."""
        return self.graph.warnings

    def facts(self) -> dict[str, Any]:
        """The same as describe().facts()."""
        return self.describe().facts()

    def __str__(self) -> str:
        return str(self.describe())

    def _repr_html_(self) -> str:
        return self.describe()._repr_html_()


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

    def drop(self, *, force: bool = False) -> None:
        """Remove the model with all its versions; see exporter.drop."""
        drop(self.database, self.model, force=force)

    def __str__(self) -> str:
        told = (self.reach, *self.choice.splitlines())
        return "\n".join([self.outcome, *(f"{self.model}: {text}" for text in told if text)])


def read(
    source: Source,
    *,
    window: int | None = None,
    allow_http: bool = False,
    progress: bool | Bytes = False,
) -> Model:
    """Read a model: a path, an address such as s3://bucket/model.keras (docs/sources.md), a file
    object opened for bytes, or a model in memory, of Keras for one.

    A list is a model behind its preprocessing, [scaler, network] for one: one graph is made of
    them; where the network takes a window of so many rows, the preprocessing is that of one row. A
    model in memory is saved by its own framework into a temporary file, which lasts as long as the
    result, and so does a file that was downloaded; nothing else of the framework is called here.
    http:// is read with allow_http only.
    Raises: ArchiveError, UnsupportedError with everything that cannot be exported; SignatureError,
    when the models of a list do not fit each other.
    """
    if isinstance(source, (list, tuple)):
        return _read_chain(source, window, allow_http, progress)
    if isinstance(source, (str, os.PathLike)) and not is_address(source):
        return _read_path(Path(source))
    folder = Path(tempfile.mkdtemp(prefix="export-model-"))
    try:
        if is_address(source):
            model = _read_address(source, folder, allow_http, progress)
        else:
            model = _read_memory(source, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(model, shutil.rmtree, folder, ignore_errors=True)
    return model


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
    _check_source(samples_from)
    is_table = samples_from is not None and not is_file(os.fspath(samples_from))
    if (features_from is not None or is_table) != (database is not None):
        raise SignatureError(
            "features_from and database are given together, or neither; so are samples_from, where"
            " it names a table, and database."
        )
    prepared = _prepare(
        model,
        wanted,
        database,
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
    prepared = _prepare(
        model,
        wanted,
        database,
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
    databases.check_options(wanted, options)

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


def drop(database: Place, name: str, *, force: bool = False) -> None:
    """Remove a model with all its versions; force: what depends on it too, views for example.

    Raises: DatabaseError, when it is not there or other objects depend on it.
    """
    databases.database_of(database).drop(database, name, force)


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


def _prepare(
    model: Model | Sequence[Source],
    wanted: Database,
    database: Place | None,
    *,
    name: str | None,
    features: Sequence[str],
    features_from: str | None,
    window: int | None,
    step: int | None,
    pad: str | None,
    forecast: Sequence[str],
    labels: Sequence[str],
    threshold: float | None,
    samples: int,
    samples_from: str | os.PathLike[str] | None,
    expected_by: ExpectedBy,
    allow_http: bool,
) -> Stored:
    """simplify -> sign -> plan -> samples -> manifest."""
    if isinstance(model, (list, tuple)):
        model = read(model, window=window, allow_http=allow_http)
    if not isinstance(model, Model):
        raise SignatureError(
            f"the model is a {type(model).__qualname__}; give what exporter.read(...) gives."
        )
    _refuse_wrong_values(features, labels, forecast, samples, expected_by)
    _check_source(samples_from)
    for what, text in (("name", name), ("features_from", features_from)):
        if text is not None and not isinstance(text, str):
            raise SignatureError(f"{what} is {text!r}; give a text.")
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float, type(None))):
        raise SignatureError(f"threshold is {threshold!r}; give a number.")
    with ExitStack() as stack:
        for part in model.parts or (model,):
            stack.enter_context(unchanged(part.path, part.state))
        graph = simplify(model.graph)
        windows = settle_window(graph, window, step, pad, features)
        table, columns, graph = _choose_columns(database, features, features_from, graph, windows)
        if windows is not None:
            if samples_from is not None:
                raise SignatureError(
                    "samples_from gives rows, and the sample rows of a model of windows are whole"
                    " windows, which this program draws: leave it out."
                )
            graph, windows = take_windows(graph, windows, columns)
            places = find_targets(graph, windows, forecast)
            targets = (invert(graph, n, name) for n, name in zip(places, forecast, strict=True))
            windows = replace(windows, targets=tuple(targets))
            table, columns = None, ()
        elif forecast:
            raise SignatureError("forecast names columns of rows in windows: give window too.")
        signature = sign(
            graph,
            model.path.absolute().stem if name is None else name,
            columns,
            table,
            labels,
            threshold,
            most_features=wanted.most_features,
            window=windows,
        )
        plan = plan_graph(graph, signature)
        if samples_from is None:
            inputs = draw_inputs(graph, samples, None if windows is None else windows.length)
        else:
            rows_of = os.fspath(samples_from)
            if is_address(samples_from):
                given = _fetch_samples(rows_of, samples, allow_http)
            else:
                given = _read_samples(database, rows_of, graph, signature, samples)
            inputs = as_inputs(graph, given, signature.features or ())
        if wanted.holding.empty_is_null:
            inputs = without_empty_texts(graph.inputs, inputs)
        log.info("computing expected outputs of the sample rows")

        def ask(inputs: tuple[Array, ...]) -> Answer:
            return _ask(model, inputs, expected_by)

        rows = make_samples(graph, plan, inputs, ask)
        log.info("expected outputs: %s", rows.expected_by)
    return Stored(make_manifest(graph, plan, rows), plan.block, rows)


def _fetch_samples(address: str, most: int, allow_http: bool) -> Given:
    """The rows of a file that an address names.

    Raises: ArchiveError, when it cannot be downloaded or read.
    """
    with tempfile.TemporaryDirectory(prefix="export-model-") as folder:
        fetched = _fetch(address, Path(folder), allow_http)
        return read_file(str(fetched.path), most, fetched.uri)


def _read_samples(
    database: Place | None, source: str, graph: Graph, signature: Signature, most: int
) -> Given:
    """The rows that samples_from names, at most so many.

    Raises: ArchiveError or SignatureError, when they cannot be read.
    """
    if is_file(source):
        return read_file(source, most)
    if database is None:
        raise SignatureError(f"samples_from is {source!r}: a table, and no database is given.")
    if not (signature.features or graph.columns):
        raise SignatureError("samples_from takes a table's columns by name; name them in features.")
    names = [column.name for column in wanted_columns(graph, signature.features or ())]
    rows = databases.database_of(database).rows(database, source, names, most)
    return Given(source, tuple(names), rows)


def _ask(model: Model, inputs: tuple[Array, ...], expected_by: ExpectedBy) -> Answer:
    """Outputs by the model's framework; rows for a network behind transformers are transformed in
    float64 by this program, and given to it in the type of its input."""
    *before, last = model.parts or (model,)
    length = None
    if model.graph.rows:  # transformers take the rows of windows one by one
        length = inputs[0].shape[1]
        inputs = tuple(array.reshape(-1, *array.shape[2:]) for array in inputs)
    for part, after in zip(before, model.parts[1:], strict=True):
        inputs = transform(part.graph, inputs, after.graph.inputs[0], length)
    with opened(last.path, last.state) as file:
        known = FORMATS[last.graph.source.format]
        answer = known.expect(file, inputs, expected_by, last.is_own)
    if answer.outputs is None:
        log.info("no outputs by its framework: %s", answer.reason)
    elif before:
        answer = replace(answer, who=f"{answer.who}, of rows transformed by export-model")
    return answer


def _read_chain(
    sources: Sequence[Source], window: int | None, allow_http: bool, progress: bool | Bytes
) -> Model:
    """Transformers and the model behind them, over windows of so many rows, as one.

    Raises: as read, all problems of all files at once.
    """
    if len(sources) < 2:
        raise ArchiveError(
            f"a list of {len(sources)} is no model that can be read. Give the preprocessing and"
            " the model behind it, as [scaler, network]."
        )
    parts: list[Model] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            parts.append(read(source, allow_http=allow_http, progress=progress))
        except UnsupportedError as error:
            problems += error.problems
    if problems:
        raise UnsupportedError(problems)
    last = parts[-1]
    front = reduce(chain, (part.graph for part in parts[:-1]))
    return Model(chain(front, last.graph, window), last.path, last.state, last.is_own, tuple(parts))


def _read_address(
    address: str, folder: Path, allow_http: bool, progress: bool | Bytes = False
) -> Model:
    """The model in a file that is downloaded into the folder; it knows where it is from."""
    fetched = _fetch(address, folder, allow_http, progress)
    model = _read_path(fetched.path)
    source = replace(model.graph.source, uri=fetched.uri, revision=fetched.revision)
    return replace(model, graph=replace(model.graph, source=source))


def _fetch(address: str, folder: Path, allow_http: bool, progress: bool | Bytes = False) -> Fetched:
    with show_bytes(progress) as advance:
        fetched = fetch(address, folder, allow_http=allow_http, advance=advance)
    log.info("downloaded %s", fetched.uri)
    return fetched


def _read_memory(source: Source, folder: Path) -> Model:
    """A model in memory, or in a file object, by way of a file in the folder."""
    saved = _save_into(folder, source)
    return _read_path(saved or _copy_into(folder, source), is_own=saved is not None)


def _read_path(path: Path, is_own: bool = False) -> Model:
    with opened(path) as file:
        return Model(recognise(file).read(file), path, file.state, is_own)


def _save_into(folder: Path, source: Source) -> Path | None:
    """The file in folder that a model in memory was saved to; None for anything else."""
    saved = (item.save(source, folder) for item in FORMATS.values())
    return next((path for path in saved if path is not None), None)


def _copy_into(folder: Path, source: Source) -> Path:
    """The file in folder that holds what a file object gives.

    Raises: ArchiveError, when it is nothing that can be read.
    """
    content = source.read() if callable(getattr(source, "read", None)) else None
    if not isinstance(content, bytes):
        known = " or ".join(item.title for item in FORMATS.values())
        raise ArchiveError(
            f"a {type(source).__module__}.{type(source).__qualname__} is no model that can be read."
            f' Give a path, a file object opened with "rb", or a model of {known}.'
        )
    name = getattr(source, "name", None)
    path = folder / (file_name(Path(name).name) if isinstance(name, str) else "model")
    path.write_bytes(content)
    return path


def _choose_columns(
    database: Place | None,
    features: Sequence[str],
    table: str | None,
    graph: Graph,
    window: Window | None = None,
) -> tuple[tuple[str, str] | None, Sequence[str], Graph]:
    """(table, column names, graph), of one row of the window where there is one; with both, those
    columns of that table. The graph's columns are what the table says: a number that it holds as a
    boolean is one.

    Raises: SignatureError, when the table lacks one, or it holds something else.
    """
    if table is None:
        return None, features, graph
    server = databases.database_of(database)
    holding = server.holding
    if window is None:
        wanted, own = _wanted_kinds(graph), [column.name for column in graph.columns]
    else:
        row = row_columns(graph, window.length)
        wanted, own = [column.kind for column in row], [c.name for c in row if c.name]
    found, kinds = server.columns(database, table)
    names = features or own
    if window is None and graph.columns:
        graph = _with_booleans(graph, names, kinds)
        wanted = _wanted_kinds(graph)
    wanted = [holding.booleans if kind == "boolean" else kind for kind in wanted]
    if not names:
        if len(set(wanted)) > 1:
            raise SignatureError(
                "the model takes numbers and texts; say which columns they are with --features, in"
                f" the order of its inputs: {list_names(wanted)}."
            )
        names = [name for name, kind in kinds.items() if kind in wanted]
        if not names:
            raise SignatureError(f'table "{table}" has no {_adjective(wanted[0])} columns.')
    missing = [name for name in names if name not in kinds]
    wrong = [
        (name, kind)
        for name, kind in zip(names, wanted, strict=False)
        if name in kinds and not _fits(kinds[name], kind)
    ]
    if len({*wanted}) == 1:
        missing, wrong = [*missing, *(name for name, _ in wrong)], []
    if missing:
        kind = wanted[0] if len({*wanted}) == 1 else None
        there = [name for name in kinds if kind is None or _fits(kinds[name], kind)]
        what = f"{_adjective(kind)} column" if kind else "column"
        raise SignatureError(
            f'table "{table}" has no {what} {", ".join(missing)}; it has {list_names(there)}.'
        )
    if wrong:
        problems = [
            f'column "{name}" of table "{table}" is no {kind}, which the model takes there'
            for name, kind in wrong
        ]
        casts = ", ".join(holding.cast(name, kinds[name], kind) for name, kind in wrong)
        raise SignatureError(
            f"{'; '.join(problems)}. Cast it in a view, and name that: select {casts}, ..."
        )
    return found, names, graph


def _with_booleans(graph: Graph, names: Sequence[str], kinds: Mapping[str, Kind | None]) -> Graph:
    """The graph with booleans in place of numbers where a table holds them so; names are those of
    its columns there. What was fitted on truth values often says no more than that it took numbers.
    """

    def ask_table(column: Column) -> Column:
        held = kinds.get(names[column.place]) if column.place < len(names) else None
        is_boolean = column.kind == "number" and held == "boolean"
        return replace(column, kind="boolean") if is_boolean else column

    ports = (replace(p, columns=tuple(map(ask_table, p.columns))) for p in graph.inputs)
    return replace(graph, inputs=tuple(ports))


def _wanted_kinds(graph: Graph) -> list[Kind]:
    """What each element of the inputs is, in the order in which features name them."""
    if graph.columns:
        return [column.kind for column in graph.columns]
    return [
        "text" if port.is_text else "number"
        for port in graph.inputs
        for _ in range(count_numbers(port.shape) or 1)
    ]


def _fits(held: Kind | None, wanted: Kind) -> bool:
    """Whether a column can be given for another: a date is a timestamp at midnight."""
    return held == wanted or (wanted == "timestamp" and held == "date")


def _adjective(kind: Kind) -> str:
    return "numeric" if kind == "number" else kind


def _check_source(samples_from: Any) -> None:
    if not isinstance(samples_from, (str, os.PathLike, type(None))):
        raise SignatureError(f"samples_from is {samples_from!r}; give a file or a table's name.")


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
        others = (partition_by, max_gap, step, *columns)
        if any(item is not None for item in others):
            raise DatabaseError(
                "partition_by, max_gap, step and columns are for windows of rows: give order_by,"
                " the column in whose order rows follow each other."
            )
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


def _refuse_wrong_values(
    features: Sequence[str],
    labels: Sequence[str],
    forecast: Sequence[str],
    samples: int,
    expected_by: str,
) -> None:
    """What the command line's own types refuse there.

    Raises: SignatureError.
    """
    for what, names in (("features", features), ("labels", labels), ("forecast", forecast)):
        if isinstance(names, str):
            raise SignatureError(f"{what} is one text; give a list of names, as ['a', 'b'].")
        wrong = [name for name in names if not isinstance(name, str) or not name.strip()]
        if wrong:
            raise SignatureError(f"{what}: {wrong[0]!r} is no name; give texts that are not empty.")
    if isinstance(samples, bool) or not isinstance(samples, int) or not 1 <= samples <= MAX_SAMPLES:
        raise SignatureError(
            f"samples is {samples!r}; give a whole number from 1 to {MAX_SAMPLES}."
        )
    if expected_by not in EXPECTED_BY:
        raise SignatureError(f"expected_by is {expected_by!r}; give one of {EXPECTED_BY}.")
