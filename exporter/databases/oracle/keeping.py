"""The versions that an Oracle schema keeps of a model, and who may score: listed and changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exporter.databases.known import Known, choose_version, refuse_used
from exporter.databases.life import Granted, Removal, VersionEntry
from exporter.databases.oracle.connection import Connection, connect, execute, text_of
from exporter.databases.oracle.deployment import run
from exporter.databases.oracle.models import require_known
from exporter.databases.oracle.registry import model_key
from exporter.databases.oracle.switches import (
    EVERYBODY,
    journal_statement,
    key_of_grantee,
    name_grantee,
    quoted,
    told_grant,
    told_revoke,
)
from exporter.databases.oracle.switching import changing
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.versions import (
    known_versions,
    read_names,
    read_package,
    read_standing,
)
from exporter.engines.statements import SHORT
from exporter.errors import DatabaseError
from exporter.places import Place
from exporter.release import read_metrics
from exporter.sql.script import Statement

COLUMNS = (
    "version, source_file, source_uri, metrics, because, deployed_at, deployed_by, numbers,"
    " parameters, engine"
)


def versions(place: Place, model: str) -> list[VersionEntry]:
    """All verified versions of a model, newest first.

    Raises: DatabaseError, when there is no such model, or the registry cannot be read.
    """
    with connect(place) as connection:
        require_known(connection)
        key = model_key(model)
        known = {item.version: item for item in known_versions(connection, key)}
        rows = execute(
            connection,
            f"select {COLUMNS} from export_model_versions where model = :1"
            " and version_number is not null order by version_number desc",
            key,
        )
        return [
            _entry(key, known[str(version)], row) for version, *row in rows if str(version) in known
        ]


def _entry(model: str, known: Known, row: Sequence[Any]) -> VersionEntry:
    file, uri, metrics, because, at, by, numbers, parameters, engine = row
    return VersionEntry(
        model=model,
        number=known.number,
        version=known.version[:SHORT],
        aliases=known.aliases,
        source_file=file,
        source_uri=uri,
        metrics=read_metrics(text_of(metrics)),
        because=text_of(because),
        deployed_at=at,
        deployed_by=by,
        size=4 * int(numbers),
        parameters=int(parameters),
        engine=engine,
    )


def drop_version(
    place: Place, model: str, wanted: str | int, because: str | None, force: bool
) -> Removal:
    """Remove a version that is neither the champion nor has an alias.

    Raises: DatabaseError, saying why it stays.
    """
    if force:
        raise DatabaseError("--force is for PostgreSQL; nothing stops a drop in Oracle.")
    with changing(place, model) as (connection, key):
        known = known_versions(connection, key)
        version = choose_version(key, known, wanted)
        refuse_used(key, version, known)
        _drop(connection, key, version, because)
        kept = known_versions(connection, key)
    return Removal(key, (version.number,), tuple(item.number for item in kept))


def prune(place: Place, model: str, keep: int, because: str | None) -> Removal:
    """Remove all but the newest versions, so many; the champion and what has an alias stay anyway.

    Raises: DatabaseError, when one cannot be removed; those before it are gone then.
    """
    with changing(place, model) as (connection, key):
        known = known_versions(connection, key)
        old = [item for item in known[keep:] if not item.aliases]
        for version in reversed(old):
            _drop(connection, key, version, because)
    numbers = tuple(item.number for item in reversed(old))
    return Removal(key, numbers, tuple(item.number for item in known if item not in old))


def grant(place: Place, model: str, roles: Sequence[str]) -> Granted:
    """Let users or roles score the model: what its synonyms stand for now, and later versions.

    Raises: DatabaseError, when there is no such user or role.
    """
    with changing(place, model) as (connection, key):
        names = read_names(connection, key)
        grantees = [name_grantee(role) for role in roles]
        statements = [
            _statement("grant", "grant_model", synonym=quoted(synonym), grantees=grantees)
            for synonym in (names.champion, *names.aliases.values())
        ]
        statements.append(journal_statement(key, "grant", told_grant(roles)))
        run(connection, statements, f'granting "{key}"')
        return Granted(key, _grantees(connection, key))


def revoke(place: Place, model: str, roles: Sequence[str]) -> Granted:
    """Take that from users or roles again; says whether everybody may still score.

    Raises: DatabaseError, when it was not granted to one.
    """
    with changing(place, model) as (connection, key):
        there = _grantees(connection, key)
        keys = [key_of_grantee(role) for role in roles]
        unknown = [role for role, name in zip(roles, keys, strict=True) if name not in there]
        if unknown:
            raise DatabaseError(
                f'model "{key}" is not granted to {", ".join(unknown)}; it is to'
                f" {', '.join(there) or 'nobody'}."
            )
        revoking = _statement("revoke", "revoke_model", model=key, grantees=keys)
        statements = [revoking, journal_statement(key, "revoke", told_revoke(roles))]
        run(connection, statements, f'revoking "{key}"')
        left = _grantees(connection, key)
        return Granted(key, left, tuple(name for name in left if name.lower() == EVERYBODY))


def _grantees(connection: Connection, model: str) -> tuple[str, ...]:
    """Who may execute the champion's package."""
    names = read_names(connection, model)
    standing = read_standing(connection, model, names.champion)
    return () if standing is None else grantees_of(connection, standing.package)


def grantees_of(connection: Connection, package: str) -> tuple[str, ...]:
    """Who may execute a package of this user, as the dictionary spells them."""
    rows = execute(
        connection,
        "select distinct grantee from user_tab_privs where owner = user and grantor = user"
        " and table_name = :1 and privilege = 'EXECUTE' order by grantee",
        package,
    )
    return tuple(str(name) for (name,) in rows)


def _drop(connection: Connection, model: str, version: Known, because: str | None) -> None:
    package = read_package(connection, version.version)
    statements = [
        journal_statement(model, "drop version", because, version.version),
        _statement("package and rows", "drop_version", version=version.version, package=package),
    ]
    run(connection, statements, f'dropping version {version.number} of "{model}"')


def _statement(name: str, template: str, **variables: object) -> Statement:
    return Statement(name, render(template, variables))
