"""JSON from files that may be hostile: its size, its depth and its keys are checked."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from exporter.errors import ArchiveError
from exporter.formats.opening import first_line

MAX_JSON_BYTES = 64 * 2**20
MAX_JSON_DEPTH = 200


def parse_json(
    text: str | bytes,
    what: str,
    *,
    has_nan: bool = False,
    max_bytes: int = MAX_JSON_BYTES,
    max_depth: int = MAX_JSON_DEPTH,
) -> Any:
    """The value of a JSON text; what is it called in messages ("its config.json").

    has_nan: NaN and Infinity, which Python writes and JSON does not have, are taken too.
    Raises: ArchiveError, when it is no JSON, too long, nested too deeply, or gives a key twice, of
    which one reader takes the first value and another the last.
    """
    if len(text) > max_bytes:
        raise ArchiveError(f"{what} has {len(text):,} bytes, the limit is {max_bytes:,}.")
    too_deep = ArchiveError(f"{what} is nested deeper than {max_depth} levels.")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_constant=float if has_nan else _refuse_constant,
        )
    except RecursionError as error:
        raise too_deep from error
    except ValueError as error:  # UnicodeDecodeError is one
        raise ArchiveError(f"{what} is not valid JSON: {first_line(error)}.") from error
    level = [value]
    for _ in range(max_depth):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return value
    raise too_deep


def parse_object(text: str | bytes, what: str, **options: Any) -> dict[str, Any]:
    """The same for a text whose value has to be an object.

    Raises: as parse_json; ArchiveError, when it is anything else.
    """
    value = parse_json(text, what, **options)
    if not isinstance(value, dict):
        raise ArchiveError(f"{what} is not a JSON object.")
    return value


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = next(key for key in counts if counts[key] > 1)
        raise ValueError(f"the key {twice[:40]!a} stands twice in one object")
    return result


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
