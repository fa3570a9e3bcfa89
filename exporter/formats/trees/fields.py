"""Fields of CatBoost's JSON, each of the type that it must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exporter.errors import ArchiveError


def get(values: Mapping[str, Any], name: str, kind: type) -> Any:
    """A field that must be there.

    Raises: ArchiveError.
    """
    found = values.get(name)
    if not isinstance(found, kind):
        raise ArchiveError(f'"{name}" is missing, so it is no model of CatBoost, or damaged.')
    return found


def whole(entry: Any, name: str, low: int = 0, high: int = 2**31) -> int:
    """A field that must be a whole number from low on and below high.

    Raises: ArchiveError.
    """
    number = entry.get(name) if isinstance(entry, dict) else None
    if isinstance(number, bool) or not isinstance(number, int) or not low <= number < high:
        raise ArchiveError(f'"{name}" is missing, or no number.')
    return number


def number_of(value: Any, what: str) -> float:
    """A number as float64.

    Raises: ArchiveError, where it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ArchiveError(f"{what} is no number.")
    try:
        return float(value)
    except OverflowError as error:
        raise ArchiveError(f"{what} is too large.") from error


def numbers_of(values: Any, what: str) -> list[float]:
    """A list of numbers.

    Raises: ArchiveError.
    """
    if not isinstance(values, list):
        raise ArchiveError(f"{what} are missing.")
    return [number_of(value, what) for value in values]


def list_of(value: Any, what: str) -> list[Any]:
    """A list, empty where there is none.

    Raises: ArchiveError, where it is something else.
    """
    if value is not None and not isinstance(value, list):
        raise ArchiveError(f'"{what}" is no list.')
    return value or []
