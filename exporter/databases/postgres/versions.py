"""The versions of a model in the registry, and which of them is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

from exporter.databases.postgres.catalog import read_format
from exporter.databases.postgres.connection import Connection, execute
from exporter.databases.postgres.verify import require_model
from exporter.engines.statements import SHORT
from exporter.errors import DatabaseError

CHAMPION = "champion"
"""What the version is called that a model's functions belong to."""
LIFE = 3  # the first format of registries in which versions have numbers and aliases
PREFIX = 6  # hex digits of a digest that are enough to name a version
MAX_SHOWN = 10


@dataclass(frozen=True)
class Known:
    """A version as it can be named: number, digest, and aliases, the champion's first."""

    number: int
    version: str
    aliases: tuple[str, ...]

    @property
    def is_champion(self) -> bool:
        """Do the model's functions belong to it?"""
        return CHAMPION in self.aliases

    def __str__(self) -> str:
        names = ", ".join([self.version[:SHORT], *self.aliases])
        return f"{self.number} ({names})"


def require_life(connection: Connection) -> None:
    """Raise DatabaseError where the registry's format has no numbers, aliases and journal yet."""
    number = read_format(connection)
    if number is not None and number < LIFE:
        raise DatabaseError(
            f"the registry has format {number}, in which versions have no numbers, aliases and"
            " journal. Bring it to this program's: export-model upgrade --dsn ..."
        )


def known_versions(connection: Connection, model: str) -> list[Known]:
    """All versions of a model, newest first.

    Raises: DatabaseError, when there is no such model, or the registry has an earlier format.
    """
    require_model(connection, model)
    require_life(connection)
    rows = execute(
        connection,
        "select v.number, v.version, array(select %s where m.current_version = v.version union all"
        " (select a.alias from export_model.aliases a where a.model = v.model"
        " and a.version = v.version order by 1)) from export_model.versions v"
        " left join export_model.models m on m.name = v.model where v.model = %s"
        " order by v.number desc",
        (CHAMPION, model),
    )
    return [Known(number, version, tuple(aliases)) for number, version, aliases in rows]


def find_version(connection: Connection, model: str, wanted: str | int) -> Known:
    """The version that is meant: by an alias, "champion" among them, a number, or the beginning of
    its digest, in this order.

    Raises: DatabaseError, saying which versions there are.
    """
    known = known_versions(connection, model)
    text = str(wanted)
    found = [item for item in known if text in item.aliases]
    if not found and text.isascii() and text.isdigit():
        found = [item for item in known if item.number == int(text)]
    if not found and re.fullmatch(rf"[0-9a-f]{{{PREFIX},64}}", text):
        found = [item for item in known if item.version.startswith(text)]
    if len(found) == 1:
        return found[0]
    shown = ", ".join(map(str, (found or known)[:MAX_SHOWN]))
    more = len(found or known) - MAX_SHOWN
    shown += f" and {more} older ones" if more > 0 else ""
    if found:
        raise DatabaseError(
            f'several versions of model "{model}" begin with "{text}": {shown}. Give a number.'
        )
    raise DatabaseError(
        f'model "{model}" has no version "{text}"; there are: {shown or "none"}. Give a number, an'
        f" alias, or at least {PREFIX} digits of a version."
    )


def resolve(connection: Connection, model: str, wanted: str | int) -> str:
    """The digest of the version that is meant; see find_version."""
    return find_version(connection, model, wanted).version
