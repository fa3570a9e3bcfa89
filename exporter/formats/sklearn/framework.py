"""scikit-learn itself: it saves a model in memory, and scores sample rows where the user says so.

Python's own pickle is used here alone. To load one executes what is in it. That is done only in a
process of its own, `python -m exporter.formats.sklearn.framework MODEL INPUTS.npz OUTPUTS.npz`, and
only for --expected-by framework or for a model that this process has saved itself.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import pickle
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from exporter.errors import ArchiveError
from exporter.formats.child import Array, ChildError, load_arrays, save_arrays, score_in_child
from exporter.formats.format import Answer
from exporter.formats.opening import ModelFile
from exporter.formats.zipped import ZIP_STARTS
from exporter.ir.graph import Graph
from exporter.output import file_name

MODULE = "exporter.formats.sklearn.framework"
VARIABLES = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "-1"}
DEPTH = 20  # of objects in objects


def save(model: Any, folder: Path) -> Path | None:
    """Save a fitted estimator in memory as a pickle.

    Raises: ArchiveError, when it cannot be pickled.
    """
    libraries = {kind.__module__.partition(".")[0] for kind in type(model).__mro__}
    if "sklearn" not in libraries:
        return None
    path = folder / f"{file_name(type(model).__name__.lower())}.pkl"
    try:
        path.write_bytes(pickle.dumps(model, protocol=4))
    except Exception as error:  # whatever an estimator's own __reduce__ raises
        raise ArchiveError(f"the {type(model).__name__} cannot be pickled: {error}") from error
    return path


def ask(file: ModelFile, graph: Graph, inputs: tuple[Array, ...]) -> Answer:
    """Let scikit-learn load the file, which executes it, and score the rows; graph is what was read
    of it."""
    is_skops = file.head.startswith(ZIP_STARTS)
    for library, title in (
        ("sklearn", "scikit-learn"),
        *([("skops", "skops")] if is_skops else []),
    ):
        if importlib.util.find_spec(library) is None:
            return Answer(None, "", f"{title} is not installed")
    version = importlib.metadata.version("scikit-learn")
    saved = graph.source.format_version
    if saved.split(".")[:2] != version.split(".")[:2]:
        return Answer(
            None,
            "",
            f"scikit-learn {version} is installed, and {saved or 'another'} saved it",
        )
    with tempfile.TemporaryDirectory(prefix="export-model-") as name:
        copy = Path(name) / ("model.skops" if is_skops else "model.pkl")
        with copy.open("wb") as target:
            shutil.copyfileobj(file.start(), target)
        try:
            outputs = score_in_child(MODULE, copy, _as_table(graph, inputs), variables=VARIABLES)
        except ChildError as error:
            return Answer(None, "", f"scikit-learn does not score the rows: {error}")
    return Answer(outputs, f"scikit-learn {version}")


def _as_table(graph: Graph, inputs: tuple[Array, ...]) -> tuple[Array, ...]:
    """Names and kinds of the columns in order, then the rows as numbers and as texts; each column
    is in one of these and missing in the other."""
    columns = graph.columns
    numbers = np.full((len(inputs[0]), len(columns)), np.nan)
    texts = np.full(numbers.shape, None, object)
    for port, array in zip(graph.inputs, inputs, strict=True):
        into = texts if port.is_text else numbers
        into[:, [column.place for column in port.columns]] = array
    names, kinds = (
        np.array([*items, None], object)[:-1]
        for items in ([c.name for c in columns], [c.kind for c in columns])
    )
    return names, kinds, numbers, texts


def _load(path: str) -> Any:
    """The fitted object; this executes what is in the file."""
    if path.endswith(".skops"):
        import skops.io

        return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    import joblib

    return joblib.load(path)


def _inside(item: Any, depth: int = 0) -> Iterator[Any]:
    """A fitted object and all that are in it."""
    if isinstance(item, (list, tuple)):
        for part in item:
            yield from _inside(part, depth + 1)
    elif hasattr(item, "get_params") and depth < DEPTH:
        yield item
        for part in vars(item).values():
            yield from _inside(part, depth + 1)


def _make_rows(model: Any, names: Array, kinds: Array, numbers: Array, texts: Array) -> Any:
    """The rows as it was fitted on them: a DataFrame, an array, or a list of texts."""
    import pandas as pd

    first = model
    while hasattr(first, "steps"):
        first = first.steps[0][1]
    if type(first).__name__.endswith("Vectorizer"):
        return texts[:, 0].tolist()
    keeps_none = any(
        any(None in list(known) for known in getattr(item, "categories_", ()))
        for item in _inside(model)
        if not isinstance(getattr(item, "categories_", ()), str)
    )
    absent = None if keeps_none else np.nan
    columns: dict[str, Any] = {}
    for place, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        x = numbers[:, place]
        if kind == "text":
            columns[name] = np.array([absent if t is None else t for t in texts[:, place]], object)
        elif kind == "boolean" and not np.isnan(x).any():
            columns[name] = x.astype(bool)
        elif kind in ("date", "timestamp"):
            columns[name] = pd.to_datetime(x, unit="D" if kind == "date" else "s")
        else:
            columns[name] = x
    fitted = getattr(model, "feature_names_in_", None)
    if fitted is None and all(name == f"x{place}" for place, name in enumerate(names)):
        return numbers if not (kinds == "text").any() else np.stack(
            [np.asarray(column, object) for column in columns.values()], axis=1
        )  # fmt: skip
    frame = pd.DataFrame(columns)
    return frame if fitted is None else frame.reindex(columns=list(fitted))


def _score(model: Any, rows: Any) -> Array:
    """What a user would call, as an array (rows, numbers)."""
    if hasattr(model, "predict_proba"):
        found = model.predict_proba(rows)
        if isinstance(found, list):
            raise TypeError("it gives a list of probabilities")
        found = found[:, 1:] if found.shape[1] == 2 else found
    elif hasattr(model, "decision_function"):
        found = model.decision_function(rows)
    elif hasattr(model, "predict"):
        found = model.predict(rows)
    else:
        found = model.transform(rows)
    found = found.toarray() if hasattr(found, "toarray") else np.asarray(found)
    return found.astype(np.float64).reshape(len(rows), -1)


def _main(model_path: str, inputs_path: str, outputs_path: str) -> None:
    model = _load(model_path)
    rows = _make_rows(model, *load_arrays(Path(inputs_path)))
    save_arrays(Path(outputs_path), [_score(model, rows)])


if __name__ == "__main__":
    _main(*sys.argv[1:])
