"""The versions that a registry keeps of a model, its journal, and who may score: listed, and
removed or changed in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg2

from exporter.databases.known import Known, choose_version, refuse_used
from exporter.databases.life import Granted, JournalEntry, Removal, VersionEntry
from exporter.databases.postgres.catalog import readable, shown
from exporter.databases.postgres.connection import (
    Connection,
    connect,
    execute,
    explain_needed,
    has_registry,
)
from exporter.databases.postgres.deployment import run
from exporter.databases.postgres.owners import refuse_owned, require_own
from exporter.databases.postgres.removal import watch_removal
from exporter.databases.postgres.switching import changing, write_journal
from exporter.databases.postgres.verify import require_model
from exporter.databases.postgres.versions import (
    known_versions,
    list_known,
    require_life,
)
from exporter.engines.statements import SHORT
from exporter.errors import DatabaseError
from exporter.manifest import MAX_TEXT
from exporter.places import Place
from exporter.release import read_metrics
from exporter.sql.script import Statement
from exporter.sql.templates import render


def versions(place: Place, model: str) -> list[VersionEntry]:
    """All versions of a model, newest first.

    Raises: DatabaseError, when there is no such model, or the registry cannot be read.
    """
    with connect(place) as connection:
        refuse_owned(connection, model)
        require_own(connection)
        known = {item.version: item for item in known_versions(connection, model)}
        # The drivers take timestamps apart in this form alone, and the session may have another.
        execute(connection, "set local datestyle = 'ISO'")
        rows = execute(
            connection,
            f"select version, {shown('source_file')}, {shown('source_uri')},"
            f" case when length(metrics::text) <= {MAX_TEXT} then metrics::text end,"
            f" {shown('because')}, {readable('deployed_at')}, {shown('deployed_by')}, weight_bytes,"
            f" parameters, {shown('engine')}"
            " from export_model.versions where model = %s order by number desc",
            (model,),
        )
    # Another session may have deployed or dropped one between both queries.
    return [_entry(model, known[version], row) for version, *row in rows if version in known]


def _entry(model: str, known: Known, row: Sequence[Any]) -> VersionEntry:
    file, uri, metrics, *others = row
    return VersionEntry(
        model,
        known.number,
        known.version[:SHORT],
        known.aliases,
        file,
        uri,
        read_metrics(metrics),
        *others,
    )


def journal(place: Place, model: str | None) -> list[JournalEntry]:
    """What was done with a model, or with all, oldest first; that of models that are gone, too.

    Raises: DatabaseError, when it cannot be read.
    """
    with connect(place) as connection:
        if model is not None:
            refuse_owned(connection, model)
        require_own(connection)
        if not has_registry(connection):
            return []
        require_life(connection)
        execute(connection, "set local datestyle = 'ISO'")
        rows = execute(
            connection,
            f"select {shown('model')}, {readable('at')}, by, {shown('action')}, {shown('alias')},"
            " substr(from_version, 1, 12), substr(to_version, 1, 12), from_number, to_number,"
            f" {shown('because')} from export_model.journal"
            " where %s is null or model = %s order by id",
            (model, model),
        )
        if not rows and model is not None:
            require_model(connection, model)
    return [JournalEntry(*row) for row in rows]


def drop_version(
    place: Place, model: str, wanted: str | int, because: str | None, force: bool
) -> Removal:
    """Remove a version that is neither the champion nor has an alias; force: what depends on its
    own functions too.

    Raises: DatabaseError, saying why it stays.
    """
    with changing(place, model, removes=True) as connection:
        known = list_known(connection, model)
        version = choose_version(model, known, wanted)
        refuse_used(model, version, known)
        with watch_removal(connection, model) as gone:
            _drop(connection, model, version, because, force)
        kept = list_known(connection, model)
    return Removal(model, (version.number,), tuple(item.number for item in kept), gone.others)


def prune(place: Place, model: str, keep: int, because: str | None) -> Removal:
    """Remove all but the newest versions, so many; the champion and what has an alias stay anyway.

    Raises: DatabaseError, when objects of others need one; nothing is removed then.
    """
    with changing(place, model, removes=True) as connection:
        known = list_known(connection, model)
        old = [item for item in known[keep:] if not item.aliases]
        for version in reversed(old):
            _drop(connection, model, version, because, False)
    numbers = tuple(item.number for item in reversed(old))
    return Removal(model, numbers, tuple(item.number for item in known if item not in old))


def grant(place: Place, model: str, roles: Sequence[str]) -> Granted:
    """Let roles score the model: what it has now, and every version and alias that comes.

    Raises: DatabaseError, when there is no such role.
    """
    with changing(place, model) as connection:
        of_roles = {"model": model, "grantees": list(roles)}
        steps = ("check_grantees", "insert_grants", "apply_grants")
        run(connection, _statements(*steps, **of_roles), f'granting "{model}"')
        write_journal(connection, model, "grant", f"to {', '.join(roles)}")
        return Granted(model, _grantees(connection, model))


def revoke(place: Place, model: str, roles: Sequence[str]) -> Granted:
    """Take that from roles again; says which may still score.

    Raises: DatabaseError, when one was not granted it and may not use the model's schema.
    """
    with changing(place, model) as connection:
        there = _grantees(connection, model)
        able = _able(connection, model, roles)
        unknown = [role for role in roles if role not in there and role not in able]
        if unknown:
            raise DatabaseError(
                f'model "{model}" is not granted to {", ".join(unknown)}; it is to'
                f" {', '.join(there) or 'nobody'}."
            )
        of_roles = {"model": model, "grantees": list(roles)}
        run(connection, _statements("revoke_grants", **of_roles), f'revoking "{model}"')
        write_journal(connection, model, "revoke", f"from {', '.join(roles)}")
        return Granted(model, _grantees(connection, model), _able(connection, model, roles))


def _statements(*names: str, **variables: object) -> list[Statement]:
    return [Statement(name, render(("postgres",), name, variables)) for name in names]


def _grantees(connection: Connection, model: str) -> tuple[str, ...]:
    rows = execute(
        connection, "select grantee from export_model.grants where model = %s order by 1", (model,)
    )
    return tuple(name for (name,) in rows)


def _able(connection: Connection, model: str, roles: Sequence[str]) -> tuple[str, ...]:
    """Those of the roles that may use the model's schema."""
    rows = execute(
        connection,
        "select r.name from unnest(%s::text[]) r (name) where case when r.name = 'public' or exists"
        " (select from pg_roles x where x.rolname = r.name)"
        " then has_schema_privilege(r.name, %s, 'usage') end",
        (list(roles), model),
    )
    return tuple(name for (name,) in rows)


def _drop(
    connection: Connection, model: str, version: Known, because: str | None, force: bool
) -> None:
    what = f'dropping version {version.number} of "{model}" failed, nothing was removed'
    of_it = {"model": model, "version": version.version, "short": version.version[:SHORT]}
    write_journal(connection, model, "drop version", because, before=version.version)
    try:
        execute(connection, render(("postgres",), "drop_version", {**of_it, "force": force}))
    except psycopg2.errors.DependentObjectsStillExist as error:
        raise explain_needed(error, what, "let drop --version do it with --force") from error
