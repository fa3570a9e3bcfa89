"""What a Python program calls for the versions of a model: promote, roll back, aliases, rights.

All of it works from the registry alone, in one transaction, and is proved by the stored samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from exporter import databases
from exporter.databases.life import (
    Granted,
    JournalEntry,
    Removal,
    Switch,
    Upgrade,
    VersionEntry,
)
from exporter.errors import DatabaseError
from exporter.facts import Listing
from exporter.places import Place
from exporter.release import check_reason

Said = Callable[[Sequence[str]], Any]


def versions(database: Place, name: str) -> Listing[VersionEntry]:
    """All versions of a model, newest first.

    Raises: DatabaseError, when there is no such model.
    """
    return Listing(databases.database_of(database).life.versions(database, name))


def journal(database: Place, name: str | None = None) -> Listing[JournalEntry]:
    """Who did what with a model, or with all, when and why, oldest first.

    Raises: DatabaseError, when it cannot be read.
    """
    return Listing(databases.database_of(database).life.journal(database, name))


def promote(
    database: Place,
    name: str,
    version: str | int,
    *,
    because: str | None = None,
    said: Said = lambda changes: None,
) -> Switch:
    """Make a version the champion, which the model's functions belong to: score, label and so on.

    version is a number, an alias, or the beginning of a digest. said is called with
    what changes for callers, in lines, before anything does.
    Raises: DatabaseError, when there is no such version, its samples come out wrong, or views need
    a function that would go; nothing is changed then.
    """
    check_reason(because)
    life = databases.database_of(database).life
    return life.promote(database, name, _version(version), because, said)


def rollback(
    database: Place, name: str, *, because: str | None = None, said: Said = lambda changes: None
) -> Switch:
    """Make the version the champion again that was it before, as the journal says.

    Raises: DatabaseError, as promote; also when there is none.
    """
    check_reason(because)
    return databases.database_of(database).life.rollback(database, name, because, said)


def alias(
    database: Place,
    name: str,
    alias: str,
    version: str | int,
    *,
    because: str | None = None,
    said: Said = lambda changes: None,
) -> Switch:
    """Give a version a name beside the champion: score_ALIAS, label_ALIAS and so on belong to it.

    Raises: DatabaseError, as promote; also for an alias that cannot end a function's name.
    """
    check_reason(because)
    life = databases.database_of(database).life
    return life.set_alias(database, name, alias, _version(version), because, said)


def unalias(database: Place, name: str, alias: str, *, because: str | None = None) -> Switch:
    """Remove an alias and its functions; the version stays.

    Raises: DatabaseError, when there is none, or views need its functions.
    """
    check_reason(because)
    return databases.database_of(database).life.remove_alias(database, name, alias, because)


def drop_version(
    database: Place,
    name: str,
    version: str | int,
    *,
    because: str | None = None,
    force: bool = False,
) -> Removal:
    """Remove one version, which is neither the champion nor has an alias.

    Raises: DatabaseError, when it is in use.
    """
    check_reason(because)
    life = databases.database_of(database).life
    return life.drop_version(database, name, _version(version), because, force)


def prune(database: Place, name: str, *, keep: int, because: str | None = None) -> Removal:
    """Remove all but the newest versions, so many; the champion and what has an alias stay anyway.

    Raises: DatabaseError, when objects of others need one.
    """
    check_reason(because)
    if isinstance(keep, bool) or not isinstance(keep, int) or keep < 1:
        raise DatabaseError(f"keep is {keep!r}; give how many versions stay, 1 or more.")
    return databases.database_of(database).life.prune(database, name, keep, because)


def grant(database: Place, name: str, roles: Sequence[str]) -> Granted:
    """Let roles score the model: the functions that it has, and those of later versions.

    Raises: DatabaseError, when there is no such role.
    """
    return databases.database_of(database).life.grant(database, name, _roles(roles))


def revoke(database: Place, name: str, roles: Sequence[str]) -> Granted:
    """Take that from roles again.

    Raises: DatabaseError, when one was not granted it.
    """
    return databases.database_of(database).life.revoke(database, name, _roles(roles))


def upgrade(database: Place) -> Upgrade:
    """Bring the registry of an earlier program to the format of this one, in one transaction;
    models go on as they are.

    Raises: DatabaseError, when there is none, or this role may not.
    """
    return databases.database_of(database).life.upgrade(database)


def _version(version: Any) -> str | int:
    if isinstance(version, bool) or not isinstance(version, (int, str)) or version == "":
        raise DatabaseError(f"version is {version!r}; give a number, an alias or a digest.")
    return version


def _roles(roles: Any) -> Sequence[str]:
    if isinstance(roles, str) or not roles or not all(isinstance(r, str) and r for r in roles):
        raise DatabaseError(f"roles is {roles!r}; give a list of names, as ['analyst', 'app'].")
    return list(dict.fromkeys(roles))
