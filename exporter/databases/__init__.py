"""The databases that models can be exported to: a folder each, and one table of their records.

Whatever asks "which database is it?" asks here; nothing outside of this package names one.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from exporter.databases.database import Database, Naming
from exporter.databases.greenplum.record import GREENPLUM
from exporter.databases.oracle.record import ORACLE
from exporter.databases.postgres.record import POSTGRES
from exporter.errors import DatabaseError, SignatureError, list_names
from exporter.places import Place, driver_of

__all__ = [
    "DATABASES",
    "check_options",
    "check_target",
    "database_of",
    "find_database",
    "get_database",
    "known_drivers",
    "namings",
]

DATABASES: dict[str, Database] = {
    database.name: database for database in (POSTGRES, GREENPLUM, ORACLE)
}


def get_database(target: str) -> Database:
    """The database that --target names.

    Raises: SignatureError, when there is none of that name.
    """
    if target not in DATABASES:
        raise SignatureError(
            f'there is no target "{target}"; choose {list_names(sorted(DATABASES))}.'
        )
    return DATABASES[target]


def check_options(
    database: Database, options: dict[str, Any], arguments: Collection[str] = ()
) -> None:
    """Refuse options that are not the database's own, and values that it does not take.

    arguments are the other ones of the function that was called: an option may be one misspelled.
    Raises: SignatureError.
    """
    every = {option.name: item for item in DATABASES.values() for option in item.options}
    own = {option.name: option for option in database.options}
    for name, value in options.items():
        if name not in every:
            near = get_close_matches(name, [*arguments, *every], 1)
            meant = f' Did you mean "{near[0]}"?' if near else ""
            raise SignatureError(
                f'there is no argument "{name}"; targets have {list_names(sorted(every))}.{meant}'
            )
        if name not in own:
            raise SignatureError(f"{name} is for target {every[name].name}, not {database.name}.")
        if value not in own[name].choices:
            raise SignatureError(f"{name} is {value!r}; choose one of {own[name].choices}.")


def database_of(place: Place) -> Database:
    """The database that a DSN names, or that a connection or engine is of; nothing is opened.

    Of several that share a Naming it is the first: what is done by place is the same for them.
    Raises: DatabaseError, for another kind of database.
    """
    return _candidates(place)[0]


def find_database(place: Place) -> Database:
    """The same, but of several that share a Naming the one that the server says it is.

    Raises: DatabaseError, also when it is none of them or cannot be reached.
    """
    candidates = _candidates(place)
    if len(candidates) == 1:
        return candidates[0]
    found = next((item for item in candidates if item.is_here(place)), None)
    if found is None:
        titles = " or ".join(item.title for item in candidates)
        raise DatabaseError(f"the server is not {titles}; give the target by name.")
    return found


def check_target(target: str, place: Place) -> None:
    """Refuse a DSN or connection of another kind of server than the target.

    Raises: DatabaseError.
    """
    wanted, given = get_database(target).naming, database_of(place).naming
    if wanted is not given:
        raise DatabaseError(
            f"--target {target} needs a DSN of {wanted.title}, and --dsn (or the variable"
            f" EXPORT_MODEL_DSN) is one of {given.title}. Write {wanted.example}."
        )


def namings() -> list[Naming]:
    """The kinds of servers, each once, in the order of DATABASES."""
    return list(dict.fromkeys(item.naming for item in DATABASES.values()))


def known_drivers() -> tuple[str, ...]:
    """Modules whose connections can be given."""
    return tuple(driver for naming in namings() for driver in naming.drivers)


def _candidates(place: Place) -> list[Database]:
    naming = _naming_of(place)
    return [item for item in DATABASES.values() if item.naming is naming]


def _naming_of(place: Place) -> Naming:
    if not isinstance(place, str):
        driver = driver_of(place, known_drivers())
        return next(naming for naming in namings() if driver in naming.drivers)
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.:-]*):/", place)
    if scheme is None:
        found = next((naming for naming in namings() if naming.has_form(place)), None)
        if found is None:
            raise DatabaseError(f"the DSN cannot be read. {_forms()}")
        return found
    found = _by_scheme(scheme[1]) if place.startswith(f"{scheme[1]}://") else None
    if found is None:
        meant = _meant(scheme[1].lower())
        raise DatabaseError(
            f'the DSN begins with "{scheme[0]}", which is not known here.'
            + (f" Write {meant.schemes[0]}://user@host:port/..." if meant else f" {_forms()}")
        )
    return found


def _by_scheme(scheme: str) -> Naming | None:
    return next((naming for naming in namings() if scheme in naming.schemes), None)


def _meant(name: str) -> Naming | None:
    """Whose scheme stands in this one, or is nearly it."""
    every = {scheme: naming for naming in namings() for scheme in naming.schemes}
    every |= {item.name: item.naming for item in DATABASES.values()}
    inside = [word for word in every if word in name]
    near = inside or get_close_matches(name, every, cutoff=0.75)
    return every[near[0]] if near else None


def _forms() -> str:
    return "; ".join(f"{naming.title}: {naming.forms}" for naming in namings()) + "."
