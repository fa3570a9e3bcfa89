"""A model that was read becomes what a registry keeps: simplify, sign, plan, samples, manifest."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from exporter import databases
from exporter.databases.database import Database
from exporter.errors import SignatureError
from exporter.features import choose_columns
from exporter.formats import FORMATS
from exporter.formats.format import EXPECTED_BY, Answer, ExpectedBy
from exporter.formats.opening import opened, unchanged
from exporter.inverse import invert
from exporter.ir.graph import Graph
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph
from exporter.ir.signature import sign
from exporter.ir.windows import Window, find_targets, settle_window, take_windows
from exporter.manifest import Stored, make_manifest
from exporter.places import Place
from exporter.reading import Model, Source, fetch_file, read
from exporter.samples import Array, draw_inputs, make_samples, transform, without_empty_texts
from exporter.samples.given import Given, as_inputs, is_file, read_file, wanted_columns
from exporter.sources import is_address

MAX_SAMPLES = 1000
log = logging.getLogger("exporter")


def prepare(
    model: Model | Sequence[Source],
    wanted: Database,
    database: Place | None,
    server: Place | None,
    options: dict[str, Any],
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
    """What a registry keeps of the model, for a database; the arguments are those of script().
    database has the tables that are named; server is asked what options leave to it, where that
    decides whether the model is refused.

    Raises: SignatureError, ArchiveError, UnsupportedError, VerificationError.
    """
    if isinstance(model, (list, tuple)):
        model = read(model, window=window, allow_http=allow_http)
    if not isinstance(model, Model):
        raise SignatureError(
            f"the model is a {type(model).__qualname__}; give what exporter.read(...) gives."
        )
    _refuse_wrong_values(features, labels, forecast, samples, expected_by)
    _refuse_wrong_types(name, features_from, threshold)
    check_source(samples_from)
    with ExitStack() as stack:
        for part in model.parts or (model,):
            stack.enter_context(unchanged(part.path, part.state))
        graph = simplify(model.graph)
        windows = settle_window(graph, window, step, pad, features)
        table, columns, graph = choose_columns(database, features, features_from, graph, windows)
        if windows is not None:
            _refuse_samples_of_windows(samples_from)
            graph, windows = _over_windows(graph, windows, columns, forecast)
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
        wanted.refuse(server, graph, signature, plan, options)
        if samples_from is None:
            inputs = draw_inputs(graph, samples, None if windows is None else windows.length)
        else:
            given = _give_samples(database, samples_from, graph, signature, samples, allow_http)
            inputs = as_inputs(graph, given, signature.features or ())
        if wanted.holding.empty_is_null:
            inputs = without_empty_texts(graph.inputs, inputs)
        log.info("computing expected outputs of the sample rows")
        rows = make_samples(graph, plan, inputs, partial(_ask, model, expected_by))
        log.info("expected outputs: %s", rows.expected_by)
    return Stored(make_manifest(graph, plan, rows), plan.block, rows)


def _over_windows(
    graph: Graph, windows: Window, columns: Sequence[str], forecast: Sequence[str]
) -> tuple[Graph, Window]:
    """The graph that takes windows of rows with these columns, and the windows with what the
    columns of a forecast are turned back by.

    Raises: SignatureError and UnsupportedError, for columns that cannot be forecast.
    """
    graph, windows = take_windows(graph, windows, columns)
    places = find_targets(graph, windows, forecast)
    targets = (invert(graph, n, column) for n, column in zip(places, forecast, strict=True))
    return graph, replace(windows, targets=tuple(targets))


def _give_samples(
    database: Place | None,
    samples_from: str | os.PathLike[str],
    graph: Graph,
    signature: Signature,
    most: int,
    allow_http: bool,
) -> Given:
    """At most so many rows of what samples_from names: an address, a file or a table.

    Raises: ArchiveError or SignatureError, when they cannot be read.
    """
    source = os.fspath(samples_from)
    if is_address(samples_from):
        return _fetch_samples(source, most, allow_http)
    if is_file(source):
        return read_file(source, most)
    return _read_samples(database, source, graph, signature, most)


def _fetch_samples(address: str, most: int, allow_http: bool) -> Given:
    """The rows of a file that an address names.

    Raises: ArchiveError, when it cannot be downloaded or read.
    """
    with tempfile.TemporaryDirectory(prefix="export-model-") as folder:
        fetched = fetch_file(address, Path(folder), allow_http)
        return read_file(str(fetched.path), most, fetched.uri)


def _read_samples(
    database: Place | None, source: str, graph: Graph, signature: Signature, most: int
) -> Given:
    """The first rows of a table, with the columns that the model takes.

    Raises: SignatureError, when they cannot be read.
    """
    if database is None:
        raise SignatureError(f"samples_from is {source!r}: a table, and no database is given.")
    if not (signature.features or graph.columns):
        raise SignatureError("samples_from takes a table's columns by name; name them in features.")
    names = [column.name for column in wanted_columns(graph, signature.features or ())]
    rows = databases.database_of(database).rows(database, source, names, most)
    return Given(source, tuple(names), rows)


def _ask(model: Model, expected_by: ExpectedBy, inputs: tuple[Array, ...]) -> Answer:
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


def check_source(samples_from: Any) -> None:
    """Raises: SignatureError, when it can name neither a file nor a table."""
    if not isinstance(samples_from, (str, os.PathLike, type(None))):
        raise SignatureError(f"samples_from is {samples_from!r}; give a file or a table's name.")


def _refuse_samples_of_windows(samples_from: Any) -> None:
    if samples_from is not None:
        raise SignatureError(
            "samples_from gives rows, and the sample rows of a model of windows are whole"
            " windows, which this program draws: leave it out."
        )


def _refuse_wrong_types(name: Any, features_from: Any, threshold: Any) -> None:
    for what, text in (("name", name), ("features_from", features_from)):
        if text is not None and not isinstance(text, str):
            raise SignatureError(f"{what} is {text!r}; give a text.")
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float, type(None))):
        raise SignatureError(f"threshold is {threshold!r}; give a number.")


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
