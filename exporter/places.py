"""What names a database: a DSN, a connection that the caller opened, or an engine of SQLAlchemy.

No driver is imported here: a value of a driver brings its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from exporter.errors import DatabaseError, list_names

Place: TypeAlias = Any
"""str, or a connection of a driver or of SQLAlchemy, or SQLAlchemy's engine."""


@dataclass(frozen=True)
class Opened:
    """A driver's connection. Who owns it commits and closes it: this program what it opened itself,
    as over an engine, the caller what he hands over."""

    connection: Any
    driver: str
    is_own: bool


def driver_of(place: Place, known: Sequence[str]) -> str:
    """Which of the known drivers' modules it is of, for anything but a DSN; nothing is opened.

    Raises: DatabaseError, when it is none of them.
    """
    kinds = [(kind.__module__.partition(".")[0], kind.__name__) for kind in type(place).__mro__]
    if _is_engine(place) or ("sqlalchemy", "Connection") in kinds:
        name = str(place.dialect.driver)
        what = f"an engine or connection of SQLAlchemy over {name}"
    else:
        found = [library for library, kind in kinds if library in known and "onnection" in kind]
        name = found[0] if found else ""
        what = f"a {type(place).__module__}.{type(place).__qualname__}"
    if name not in known or any("Async" in kind for _, kind in kinds):
        raise DatabaseError(
            f"{what} is no database that is known here. Give a DSN, a connection of"
            f" {list_names(known)}, or a connection or engine of SQLAlchemy over one of them"
            " (not an asynchronous one)."
        )
    return name


def can_open_more(place: Place) -> bool:
    """Can it give further connections? One that is open already can not."""
    return isinstance(place, str) or _is_engine(place)


def open_place(place: Place, known: Sequence[str]) -> Opened:
    """The connection of anything but a DSN, by one of the known drivers.

    What an engine gives is taken out of its pool, because settings of ours would stay in it.
    Raises: DatabaseError, when there is none.
    """
    driver = driver_of(place, known)
    try:
        if _is_engine(place):
            lent = place.raw_connection()
            connection = lent.driver_connection
            lent.detach()
            return Opened(connection, driver, is_own=True)
        if hasattr(place, "in_transaction") and hasattr(place, "dialect"):
            if not place.in_transaction():
                place.begin()  # as its own first statement does; else its commit() does nothing
            place = place.connection.driver_connection
    except Exception as error:  # of SQLAlchemy or of its driver, which are not imported here
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DatabaseError(f"cannot connect through SQLAlchemy: {first}") from error
    return Opened(place, driver, is_own=False)


def _is_engine(place: Place) -> bool:
    return any(
        kind.__module__.startswith("sqlalchemy.") and kind.__name__ == "Engine"
        for kind in type(place).__mro__
    )
