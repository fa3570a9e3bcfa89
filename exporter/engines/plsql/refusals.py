"""What of a model's names, labels and windows Oracle cannot have, and how all that is refused is
told at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from exporter.databases.oracle.text import catalog_name, ident
from exporter.engines.plsql.limits import MAX_FEATURES
from exporter.errors import (
    ExportError,
    Problem,
    SignatureError,
    SqlTextError,
    UnsupportedError,
    list_names,
)
from exporter.ir.graph import Port
from exporter.ir.plan import Signature
from exporter.ir.windows import Window

# Names that the functions of scalars use: a parameter of that name would hide them.
INNER_NAMES = ("SCORE_VALUES", "LABEL_VALUES", "UTL_NLA_ARRAY_FLT", "UTL_NLA_ARRAY_DBL")
OTHERWISE = (
    "Name all columns with --features, in the order of the model's, and score a view that has the"
    " table's columns under these names; docs/oracle.md has an example."
)
MAX_LABEL = 4000  # bytes of a VARCHAR2 in SQL, unless a DBA chose MAX_STRING_SIZE = EXTENDED
TOO_LONG = "Give other features with --features, or leave them out and score an array."


def refuse_all(problems: Sequence[Problem], others: Sequence[ExportError]) -> None:
    """Raise what stands in the way, where anything does: problems are layers', others what else
    was refused.

    Raises: UnsupportedError, with all of it, where there are problems; the only one of the others,
    or SignatureError with all of them.
    """
    if problems:
        raise UnsupportedError(_grouped(problems), [str(error) for error in others])
    if len(others) == 1:
        raise others[0]
    if others:
        raise SignatureError("\n".join(["it cannot be called so:", *(f"  - {e}" for e in others)]))


def find_refused(
    signature: Signature, inputs: Sequence[Port], limit_bytes: int
) -> Iterator[SignatureError]:
    """What of a signature Oracle cannot have, the model's own name left out."""
    yield from _find_features(signature.features, inputs)
    yield from _find_names(signature.features, limit_bytes)
    if not all(signature.labels):
        yield SignatureError("a label is empty, which is NULL in Oracle; name it.")
    long = [label for label in signature.labels if len(label.encode()) > MAX_LABEL]
    if long:
        yield SignatureError(
            f'the label "{long[0][:40]}..." has {len(long[0].encode()):,} bytes, a text in SQL'
            f" {MAX_LABEL:,} in Oracle: give shorter ones with --labels."
        )
    if signature.window is not None:
        try:
            check_windows(signature.window, inputs)
        except SignatureError as error:
            yield error


def check_windows(window: Window, ports: Sequence[Port]) -> None:
    """Refuse windows that are not scored in Oracle, all reasons at once.

    Raises: SignatureError.
    """
    reasons = []
    if window.targets:
        reasons.append("--forecast is not for Oracle: leave it out")
    if window.padding is not None:
        reasons.append("--pad is not for Oracle: leave it out")
    if not window.columns:
        reasons.append("name the columns of one row with --features")
    if len(window.columns) > MAX_FEATURES - 2:
        reasons.append(
            f"a row has {len(window.columns)} columns, and Oracle takes {MAX_FEATURES - 2}"
        )
    if len(ports) > 1 or any(c.kind != "number" or c.nulls == "missing" for c in window.columns):
        reasons.append(
            "a row takes texts, dates, truth values or missing numbers, and windows in Oracle are"
            " of numbers: prepare them in a view, and export without the preprocessing"
        )
    if any(None in port.shape for port in ports):
        reasons.append("the model takes windows of any length, and Oracle one length")
    if reasons:
        raise SignatureError(f"--window cannot be scored in Oracle so. {'; '.join(reasons)}.")


def _find_features(features: Sequence[str], inputs: Sequence[Port]) -> Iterator[SignatureError]:
    texts = [port.name for port in inputs if port.is_text]
    if texts and not features:
        yield SignatureError(
            f'input "{texts[0]}" takes texts, and SQL has no arrays of texts to give a function'
            " in Oracle: name its elements with --features."
        )
    if len(features) > MAX_FEATURES:
        yield SignatureError(
            f"{len(features)} features were given, a cursor takes {MAX_FEATURES} beside the id."
            " Leave features out and score an array."
        )
    keys: dict[str, str] = {}
    for feature in features:
        key = catalog_name(feature)
        if key in INNER_NAMES:
            yield SignatureError(f'a feature cannot be named "{feature}" here. {TOO_LONG}')
        if key in keys:
            yield SignatureError(
                f'the features "{keys[key]}" and "{feature}" are one name in Oracle. {TOO_LONG}'
            )
        keys[key] = feature


def _find_names(features: Sequence[str], limit_bytes: int) -> Iterator[SignatureError]:
    """One for all features that cannot be names."""
    refused: dict[str, str] = {}
    for feature in features:
        try:
            ident(feature, limit_bytes)
        except SqlTextError as error:
            refused[feature] = str(error)
    if refused:
        first, *others = refused
        more = f" So do the features {list_names(others)}." if others else ""
        yield SignatureError(f"{refused[first]}{more} {OTHERWISE}")


def _grouped(problems: Sequence[Problem]) -> list[Problem]:
    """One for each op and reason, with how often it is met."""
    same: dict[tuple[str, str, str], list[Problem]] = {}
    for item in problems:
        same.setdefault((item.class_name, item.reason, item.advice), []).append(item)
    return [
        found[0]
        if len(found) == 1
        else replace(found[0], class_name=f"{found[0].class_name}, {len(found)} times")
        for found in same.values()
    ]
