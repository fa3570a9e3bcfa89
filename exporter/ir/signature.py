"""How a model is to be called: features, labels and threshold, checked against the network."""

from __future__ import annotations

import math
from collections.abc import Sequence

from exporter.errors import SignatureError, counted, list_names
from exporter.ir.columns import Column, Kind, in_order, renamed
from exporter.ir.graph import Graph, Port, count_numbers
from exporter.ir.ops import Activation, Concatenate, Op, Reshape, Select, Softmax
from exporter.ir.plan import Signature
from exporter.ir.windows import Window

UNBOUNDED = (-math.inf, math.inf)
MOST_NUMBERS = 2**24  # of a row: 64 MiB of float32, and sample rows of it are computed here
# Where the scores of a model lie that ends in one of these.
RANGES = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
}


def sign(
    graph: Graph,
    name: str,
    features: Sequence[str] = (),
    feature_table: tuple[str, str] | None = None,
    labels: Sequence[str] = (),
    threshold: float | None = None,
    most_features: int | None = None,
    window: Window | None = None,
) -> Signature:
    """Combine what the user asked for with what the network is.

    most_features is how many arguments a function can have in the database, None for any number.

    Features default to the names of the model's own columns, where it has any; others are taken in
    the order of their places. Without columns they name the elements of one input after another.

    A window has the columns of one row itself, and no features are given.

    Labels default to those in the file, and to 0, 1, ... when the network classifies: it ends in
    softmax, or in sigmoid with a single output. A threshold is only for one number, 0.5 unless it
    is given or the model chooses the label itself.
    Raises: SignatureError, when they do not fit.
    """
    _check_sizes(graph)
    features = features or [column.name for column in graph.columns]
    for what, texts in (("name", [name]), ("feature", features), ("label", labels or graph.labels)):
        _check_texts(what, texts)
    if features:
        _check_features(graph, features, feature_table is not None, most_features)
    classes = _count_classes(graph, bool(labels), threshold is not None)
    if classes is None:
        if labels or threshold is not None:
            raise SignatureError(
                "labels and threshold need a model with one output of one axis,"
                " such as softmax over classes or a single sigmoid; this one has "
                + ", ".join(f"{port.name} {port.shape}" for port in graph.outputs)
                + ". A single number that is not a sigmoid needs --threshold with --labels."
            )
        return Signature(name, tuple(features), feature_table, window=window)
    is_number = count_numbers(graph.outputs[0].shape) == 1
    if window is not None and window.targets and (labels or not is_number):
        raise SignatureError(
            "the model gives the scores of classes, and no next values of columns: leave forecast"
            " out, or the labels."
        )
    if labels and len(labels) != classes:
        raise SignatureError(
            f"{_given(len(labels), 'label')}, the model has {classes}"
            f" {'class' if classes == 1 else 'classes'}: give exactly {classes}, in the order of"
            " the outputs."
        )
    if len(set(labels)) != len(labels):
        raise SignatureError("a label is given twice; every class needs its own.")
    is_single = count_numbers(graph.outputs[0].shape) == 1 and classes == 2
    if threshold is not None and not is_single:
        raise SignatureError(
            f"--threshold is for a model with one number; this one has {classes} classes,"
            f" whose label is the largest score."
        )
    if threshold is not None:
        _check_threshold(graph, threshold)
    return Signature(
        name=name,
        features=tuple(features),
        feature_table=feature_table,
        labels=tuple(labels) or graph.labels or tuple(str(number) for number in range(classes)),
        threshold=_settle_threshold(graph, threshold) if is_single else None,
        window=window,
    )


def _check_sizes(graph: Graph) -> None:
    """Refuse inputs that no row of a table has, before rows are made of them."""
    for port in graph.inputs:
        count = count_numbers(port.shape)
        if count is not None and count > MOST_NUMBERS:
            raise SignatureError(
                f'input "{port.name}" takes {count:,} numbers, more than the {MOST_NUMBERS:,} that'
                " a row may have. Build the model for shorter inputs."
            )


def _check_texts(what: str, texts: Sequence[str]) -> None:
    """A file or a command line can hold halves of letters, which no plan and no database takes."""
    for text in texts:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise SignatureError(
                f"the {what} {text!r} holds characters that are not Unicode text; give another."
            ) from error


def _settle_threshold(graph: Graph, threshold: float | None) -> float | None:
    """0.5, unless one is given or none is needed."""
    if threshold is None and graph.choice is None:
        return 0.5
    return threshold


def _check_threshold(graph: Graph, threshold: float) -> None:
    """A threshold that no score can reach would give every row the same label."""
    if not math.isfinite(threshold):
        raise SignatureError(f"--threshold {threshold} is no number that a score can be above.")
    low, high = _bounds(graph)
    if not low <= threshold <= high:
        raise SignatureError(
            f"--threshold {threshold:g} is outside of the scores of this model, which lie between"
            f" {low:g} and {high:g}."
        )


def _check_features(
    graph: Graph, features: Sequence[str], has_table: bool, most_features: int | None
) -> None:
    widths = [count_numbers(port.shape) for port in graph.inputs]
    for port, width in zip(graph.inputs, widths, strict=True):
        if width is None:
            raise SignatureError(
                f'features need inputs of fixed size; "{port.name}" has a free length.'
            )
    if len(features) != sum(width or 0 for width in widths):
        raise SignatureError(
            f"{_given(len(features), 'feature')}, {_what_is_taken(graph)}."
            f" The features are: {list_names(features)}."
        )
    twice = sorted({name for name in features if list(features).count(name) > 1})
    if twice:
        raise SignatureError(f"features are named twice: {list_names(twice)}.")
    if most_features is not None and len(features) > most_features and not has_table:
        raise SignatureError(
            f"a function takes at most {most_features} arguments and there are"
            f" {len(features)} features. Use --features-from TABLE and score(TABLE) on a database"
            " whose functions take whole rows"
            + ("." if graph.columns else ", or score arrays, without features.")
        )


def name_columns(inputs: Sequence[Port], features: Sequence[str]) -> tuple[tuple[Column, ...], ...]:
    """The columns of each input: its own under the callers' names, else its elements, counted
    through the inputs, under those of features; none without features."""
    named = []
    first = 0
    for port in inputs:
        names = features[first : first + (count_numbers(port.shape) or 0)]
        kind: Kind = "text" if port.is_text else "number"
        elements = (Column(name, kind, place=first + n) for n, name in enumerate(names))
        named.append(renamed(port.columns, features) if port.columns else tuple(elements))
        first += len(named[-1])
    return tuple(named)


def refuse_columns(
    inputs: Sequence[Port],
    features: Sequence[str],
    target: str = "this target",
    advice: str = "",
) -> None:
    """Refuse what a target does not do: columns of several inputs, and columns with types.

    target is its name in the message, advice what to do instead of giving typed columns.
    Raises: SignatureError.
    """
    columns = in_order([port.columns for port in inputs])
    if columns:
        raise SignatureError(
            f"the model takes columns of a table, and {target} scores arrays alone:"
            f" {list_names([column.name for column in columns])}.{advice and ' ' + advice}"
        )
    if features and len(inputs) > 1:
        names = list_names([port.name for port in inputs])
        raise SignatureError(
            f"features are for models with one input, this one has {len(inputs)} ({names});"
            " leave them out and call score with one array for each."
        )


def refuse_windows(signature: Signature, target: str) -> None:
    """Refuse a model of windows, for a target that does not score them.

    Raises: SignatureError.
    """
    if signature.window is not None:
        raise SignatureError(
            f"--window is not for {target} yet. Leave it out, and put the rows of each window side"
            " by side in SQL."
        )


def _given(count: int, noun: str) -> str:
    """How many were given."""
    return f"{counted(count, noun)} {'was' if count == 1 else 'were'} given"


def _what_is_taken(graph: Graph) -> str:
    """How many columns or elements the model takes, for messages."""
    if graph.columns:
        return f"the model takes {counted(len(graph.columns), 'column')}:" + (
            f" {list_names([column.name for column in graph.columns])}"
        )
    inputs = [
        f'input "{port.name}" takes '
        + counted(count_numbers(port.shape) or 0, "text" if port.is_text else "number")
        for port in graph.inputs
    ]
    return ", ".join(inputs)


def _count_classes(graph: Graph, has_labels: bool, has_threshold: bool) -> int | None:
    """How many classes the model tells apart, None when it does not classify."""
    if graph.labels:
        return len(graph.labels)
    if len(graph.outputs) != 1:
        return None
    (output,) = graph.outputs
    if len(output.shape) > 1 or None in output.shape:
        return None
    count = count_numbers(output.shape) or 1
    op = _last_op(graph)
    is_sigmoid = isinstance(op, Activation) and op.function == "sigmoid"
    if count == 1:
        return 2 if is_sigmoid or (has_labels and has_threshold) else None
    is_softmax = isinstance(op, Softmax) and type(op) is Softmax
    return count if is_softmax or has_labels else None


def _bounds(graph: Graph) -> tuple[float, float]:
    """Between which numbers the one score of a model lies, by the op that computes it.

    What only picks numbers is looked through: scikit-learn's probability is the second of two.
    """
    nodes = {node.value: node for node in graph.nodes}
    node, place = nodes.get(graph.outputs[0].value), 0
    while node is not None and isinstance(node.op, (Reshape, Select, Concatenate)):
        value = node.inputs[0]
        if isinstance(node.op, Select):
            place = node.op.columns[place]
        elif isinstance(node.op, Concatenate):
            for value in node.inputs:
                width = (count_numbers(nodes[value].shape) if value in nodes else None) or 0
                if len(node.shape) != 1 or not width:
                    return UNBOUNDED
                if place < width:
                    break
                place -= width
        node = nodes.get(value)
    op = None if node is None else node.op
    if isinstance(op, Softmax):
        return (0.0, 1.0)
    return RANGES.get(op.function, UNBOUNDED) if isinstance(op, Activation) else UNBOUNDED


def _last_op(graph: Graph) -> Op | None:
    """What computes the numbers of the first output."""
    nodes = {node.value: node for node in graph.nodes}
    last = nodes.get(graph.outputs[0].value)
    while last is not None and isinstance(last.op, Reshape):
        last = nodes.get(last.inputs[0])
    return None if last is None else last.op
