"""The journal of an Oracle schema: who switched what, when and why."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.databases.known import SWITCHES
from exporter.databases.life import JournalEntry
from exporter.databases.oracle.connection import Connection, connect, execute, has_registry, text_of
from exporter.databases.oracle.models import require_known
from exporter.databases.oracle.registry import model_key
from exporter.databases.oracle.switches import GRANTED, REVOKED, key_of_grantee
from exporter.databases.oracle.versions import read_standing, require_life
from exporter.engines.statements import SHORT
from exporter.places import Place

COLUMNS = (
    "model, done_at, done_by, action, alias, from_version, to_version, from_number, to_number,"
    " because, state, synonym_name"
)


def journal(place: Place, model: str | None) -> list[JournalEntry]:
    """What was done with a model, or with all, oldest first; that of models that are gone, too.

    Raises: DatabaseError, when it cannot be read.
    """
    with connect(place) as connection:
        require_known(connection)
        if not has_registry(connection):
            return []
        require_life(connection)
        return read_journal(connection, None if model is None else model_key(model))


def read_journal(connection: Connection, model: str | None) -> list[JournalEntry]:
    """Its entries. One whose run ended half way counts where its synonym stands for its version."""
    where, values = ("", []) if model is None else (" where model = :1", [model])
    rows = execute(
        connection,
        f"select {COLUMNS} from export_model_journal{where} order by done_at, model, id",
        *values,
    )
    return [_entry(row) for row in rows if row[-2] == "done" or _is_switched(connection, row)]


def list_switches(connection: Connection, model: str) -> list[tuple[str, str | None]]:
    """The journal's entries of the champion: the action, and the digest of the version before."""
    rows = execute(
        connection,
        f"select {COLUMNS} from export_model_journal where model = :1 and alias is null"
        " order by id",
        model,
    )
    return [
        (str(row[3]), row[5])
        for row in rows
        if row[3] in SWITCHES and (row[-2] == "done" or _is_switched(connection, row))
    ]


@dataclass(frozen=True)
class Remembered:
    """What the journal says should be: the champion's version, the synonym and version of each
    alias, and who may score, as the dictionary spells them, by grants that were told to it."""

    champion: str | None
    aliases: dict[str, tuple[str, str]]
    grantees: frozenset[str]


def recall(connection: Connection, model: str) -> Remembered:
    """A model as the journal's entries leave it."""
    champion: str | None = None
    aliases: dict[str, tuple[str, str]] = {}
    grantees: set[str] = set()
    rows = execute(
        connection,
        f"select {COLUMNS} from export_model_journal where model = :1 order by id",
        model,
    )
    for row in rows:
        if row[-2] != "done" and not _is_switched(connection, row):
            continue
        action, alias, version, because = row[3], row[4], row[6], text_of(row[9]) or ""
        if action == "drop":
            champion, aliases, grantees = None, {}, set()
        elif action == "grant":
            grantees |= _names(because.removeprefix(GRANTED))
        elif action == "revoke":
            grantees -= _names(because.removeprefix(REVOKED))
        elif alias is not None and version is None:
            aliases.pop(str(alias), None)
        elif alias is not None:
            aliases[str(alias)] = (str(row[-1]), str(version))
        elif version is not None and action != "add":
            champion = str(version)
    return Remembered(champion, aliases, frozenset(grantees))


def _names(told: str) -> set[str]:
    return {key_of_grantee(name) for name in told.split(", ") if name}


def _is_switched(connection: Connection, row: tuple[object, ...]) -> bool:
    standing = read_standing(connection, str(row[0]), str(row[-1]))
    return (None if standing is None else standing.version) == row[6]


def _entry(row: tuple[object, ...]) -> JournalEntry:
    model, at, by, action, alias, before, after, from_number, to_number, because = row[:10]
    return JournalEntry(
        model=str(model),
        at=at,  # type: ignore[arg-type]
        by=str(by),
        action=str(action),
        alias=None if alias is None else str(alias),
        from_version=None if before is None else str(before)[:SHORT],
        to_version=None if after is None else str(after)[:SHORT],
        from_number=None if from_number is None else int(str(from_number)),
        to_number=None if to_number is None else int(str(to_number)),
        because=text_of(because),
    )
