"""From a fitted object's record to a Graph: columns in, score out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from exporter.errors import ArchiveError, UnsupportedError, counted
from exporter.formats.opening import MAX_WEIGHTS_BYTES, ModelFile
from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.inert import ByteText, Record
from exporter.formats.sklearn.joblib import BUILDERS, unpack
from exporter.formats.sklearn.lowering import ESTIMATORS, lower
from exporter.formats.sklearn.lowering.boosters import find_columns
from exporter.formats.sklearn.lowering.builder import Block, Builder, StepProblem, Value
from exporter.formats.sklearn.lowering.context import AGAIN, Context, Estimator, Result
from exporter.formats.sklearn.lowering.versions import find_version, parse_version
from exporter.formats.sklearn.pickle import read_pickle
from exporter.formats.sklearn.skops import read_skops
from exporter.formats.trees.record import CATBOOST_FORMAT, LIGHTGBM, XGBOOST
from exporter.formats.zipped import ZIP_STARTS
from exporter.ir.columns import Kind
from exporter.ir.graph import Graph, Port, Source
from exporter.ir.ops import Decide, Select

MAX_COLUMNS = 100_000
MAX_DEPTH = 20  # of estimators that are looked at for columns
SAVED_BY = {  # in another form than a pickle, by the library
    record.name: f"Load it with {record.title}, and save it by {record.saved_by}."
    for record in (XGBOOST, LIGHTGBM, CATBOOST_FORMAT)
}
OF_ONE_COLUMN = ("HashingVectorizer", "IsotonicRegression")
FIRST = ("steps", "transformer_list", "estimators_", "calibrated_classifiers_")  # what gets X first
UNCOUNTED = ("Binarizer", "FunctionTransformer", "Normalizer")  # before 1.0
INSIDE = ("best_estimator_", "regressor_", "estimator_", "estimator", "base_estimator")


def read(file: ModelFile) -> Graph:
    """Read a fitted object of scikit-learn without executing anything of the file.

    Raises: ArchiveError, when the file cannot be read; UnsupportedError, with every step that
    cannot be exported.
    """
    return build_graph(read_content(file.read(MAX_WEIGHTS_BYTES)), file.path, file.sha256)


def read_content(content: bytes) -> Any:
    """The inert value in the content of a file of pickle, joblib or skops.

    Raises: ArchiveError.
    """
    if content.startswith(ZIP_STARTS):
        return read_skops(content)
    return read_pickle(unpack(content), BUILDERS)


def build_graph(value: Any, path: Path, sha256: str) -> Graph:
    """Lower a fitted object; see read.

    Raises: ArchiveError, UnsupportedError.
    """
    if not isinstance(value, Record):
        raise ArchiveError(
            f"{path.name} holds {_kind(value)}, not a fitted estimator."
            " Save the pipeline alone: joblib.dump(pipeline, path)."
        )
    text = find_version(first_estimator(value))
    names = column_names(value)
    columns = names if names is not None else [f"x{n}" for n in range(count_columns(value))]
    first = Builder(parse_version(text))
    _lower(value, columns, first)  # only to learn what is text, which not every step tells
    hints: dict[int, Kind] = {n: next(iter(c.kinds), "number") for n, c in enumerate(first.columns)}
    builder = Builder(parse_version(text), hints=hints, kept_none=first.kept_none)
    result = _lower(value, columns, builder)
    try:
        output = None if result is None else _score(builder, value, result)
    except StepProblem as problem:
        builder.refuse("", value.name, problem.reason, problem.advice)
    if builder.problems or result is None or output is None:
        raise UnsupportedError(builder.problems)
    choice = _choose(builder, value, result, output)
    is_named = names is not None
    places = builder.places(is_named)
    ports, nodes = builder.finish(is_named)
    return Graph(
        name=path.name.partition(".")[0],
        inputs=ports,
        nodes=tuple(nodes),
        outputs=(Port("score", output.number + len(ports), output.shape, "float64"),),
        source=Source("sklearn", text, path.name, sha256),
        parameters=builder.parameters,
        warnings=tuple(builder.warnings),
        labels=_name_classes(result),
        choice=None if choice is None else choice.number + len(ports),
        passes_missing=_name_missing(output, places) if isinstance(result, Block) else None,
        gives_sparse=isinstance(result, Block) and result.is_sparse,
        drops_zeros=builder.drops_zeros,
    )


def _lower(record: Record, columns: list[str], builder: Builder) -> Result | None:
    """What a fitted object makes of these columns, None where builder has the reasons."""
    with np.errstate(all="ignore"):
        return lower(record, builder.add_columns(columns), "", builder)


def _name_missing(output: Value, places: Mapping[int, int]) -> tuple[frozenset[int], ...]:
    """What Graph.passes_missing says, of columns by their places."""
    return tuple(frozenset(places[column] for column in found) for found in output.missing)


def _name_classes(result: Result) -> tuple[str, ...]:
    """The classes as texts, as Python writes them; bytes, as Python 2 has them, are UTF-8."""
    if isinstance(result, Block) or result.classes is None:
        return ()
    return tuple(
        ByteText.of(name) if isinstance(name, bytes) else str(name) for name in result.classes
    )


def _choose(builder: Builder, record: Record, result: Result, output: Value) -> Value | None:
    """The place of the class that predict gives, None where the largest score tells.

    By the decision function where there is one: two of its values may give the same probability.
    """
    if isinstance(result, Block) or result.classes is None or len(result.classes) < 2:
        return None
    if result.choice is not None:
        return result.choice
    found = result.probability if result.decision is None else result.decision
    if found is None:
        raise ArchiveError(f"{record} has nothing that tells its classes apart.")
    if found is output and found.width > 1:
        return None
    return _context(builder, record).add(Decide(), found)


def _context(builder: Builder, record: Record) -> Context:
    entry = Estimator(lambda _, block: block, (), missing=(0,))
    return Context(record, "", builder, entry, lower)


def _score(builder: Builder, record: Record, result: Result) -> Value:
    """What score gives: the probability of the second of two classes, of more classes an array,
    of a classifier without probabilities its decision function, of a regressor its prediction, and
    of transformers what they make of a row."""
    context = _context(builder, record)
    if isinstance(result, Block):
        return context.numbers(result)
    if result.probability is not None:
        if result.probability.width == 2:
            return context.add(Select((1,)), result.probability)
        return result.probability
    found = result.prediction if result.decision is None else result.decision
    if found is None:
        raise ArchiveError(f"{record} has nothing that can be a score.")
    return found


def first_estimator(record: Record) -> Record:
    """The first estimator in a record whose file says which scikit-learn saved it."""
    for _ in range(20):
        if "_sklearn_version" in record.attributes:
            return record
        inner = _first_inside(record)
        if inner is None:
            return record
        record = inner
    return record


def _first_inside(record: Record) -> Record | None:
    """Of the estimators in this one, the first that gets X."""
    return next(_given_the_columns(record), None)


def _given_the_columns(record: Record) -> Iterator[Record]:
    """The estimators in this one that get X, or what has as many columns."""
    for name in FIRST:
        for item in as_list(record.attributes.get(name)) or ():
            step = item[1] if isinstance(item, (tuple, list)) and len(item) > 1 else item
            if isinstance(step, Record):
                yield step
                if name == "steps" and not _keeps_columns(step):
                    return
    for name in INSIDE:
        if isinstance(record.attributes.get(name), Record):
            yield record.attributes[name]


def _keeps_columns(record: Record) -> bool:
    """Whether it gives as many columns as it takes, and does not say how many."""
    inside = list(_given_the_columns(record))
    if record.name == "Pipeline":
        return bool(inside) and all(map(_keeps_columns, inside))
    if record.name == "FeatureUnion":
        return len(inside) == 1 and _keeps_columns(inside[0])
    return record.name in UNCOUNTED


def column_names(record: Record) -> list[str] | None:
    """The names of the columns that it was fitted on, None where it saw an array."""
    current: Record | None = record
    for _ in range(20):
        if current is None:
            return None
        for key in ("feature_names_in_", "_df_columns"):
            names = as_list(current.attributes.get(key))
            if names and all(isinstance(name, str) for name in names):
                return [str(name) for name in names]
        if (found := find_columns(current)) is not None:
            return list(found[0]) or None
        current = _first_inside(current)
    return None


def _count_inside(record: Record, depth: int) -> int | None:
    """The columns of an estimator, or of the first inside that gets as many and tells."""
    count = _count_own(record)
    if count is not None or not depth:
        return count
    found = (_count_inside(inner, depth - 1) for inner in _given_the_columns(record))
    return next((count for count in found if count is not None), None)


def _is_fitted(record: Record, depth: int) -> bool:
    """Whether it, or one inside, holds anything that fit() found."""
    if any(name.endswith("_") for name in record.attributes):
        return True
    return depth > 0 and any(_is_fitted(inner, depth - 1) for inner in _given_the_columns(record))


def _count_own(record: Record) -> int | None:
    """The columns of an estimator by what it holds itself."""
    if (found := find_columns(record)) is not None:
        return found[1]
    facts = record.attributes
    for key in ("n_features_in_", "n_features_", "_n_features"):
        width = facts.get(key)
        if isinstance(width, (int, np.integer)) and 0 < width <= MAX_COLUMNS:
            return int(width)
    if isinstance(mean := facts.get("x_mean_"), np.ndarray):  # least squares
        return int(mean.size)
    for key in ("coef_", "components_", "cluster_centers_", "support_vectors_"):
        array = facts.get(key)
        if isinstance(array, np.ndarray) and array.ndim and array.shape[-1] <= MAX_COLUMNS:
            return int(array.shape[-1])
    for key in ("mean_", "scale_", "std_", "statistics_", "center_", "scores_"):
        array = facts.get(key)
        if isinstance(array, np.ndarray) and array.ndim == 1:
            return len(array)
    for key in ("categories_", "coefs_", "bin_edges_"):
        items = as_list(facts.get(key))
        if items:
            return len(items[0]) if key == "coefs_" else len(items)
    if "vocabulary_" in facts or record.name in OF_ONE_COLUMN:
        return 1
    return None


def count_columns(record: Record) -> int:
    """How many columns it was fitted on.

    Raises: ArchiveError, when nothing in the file tells.
    """
    count = _count_inside(record, MAX_DEPTH)
    if count is not None:
        return count
    if record.name in ("LabelEncoder", "LabelBinarizer", "MultiLabelBinarizer"):
        return 1
    library = record.module.partition(".")[0]
    if library != "sklearn" and record.name not in ESTIMATORS:
        raise ArchiveError(
            f"the file holds {record}, not a fitted estimator of scikit-learn. "
            + SAVED_BY.get(library, "Save the pipeline alone: joblib.dump(pipeline, path).")
        )
    if not _is_fitted(record, MAX_DEPTH):
        raise ArchiveError(f"{record} is not fitted. Call its fit() first, and save it then.")
    raise ArchiveError(f"the file does not tell how many columns {record} takes. {AGAIN}")


def _kind(value: Any) -> str:
    """What something that is no estimator is, in words."""
    if isinstance(value, dict):
        return f"a dictionary of {', '.join(str(key) for key in list(value)[:10])[:200]}"
    if isinstance(value, (list, tuple, np.ndarray)):
        return (
            f"a {type(value).__name__} of {counted(len(value) if np.ndim(value) else 0, 'element')}"
        )
    return f"a {type(value).__name__}"
