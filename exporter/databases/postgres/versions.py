"""The versions of a model in the registry, and which of them is meant."""

from __future__ import annotations

from exporter.databases.known import CHAMPION, Known, choose_version
from exporter.databases.postgres.catalog import read_format
from exporter.databases.postgres.connection import Connection, execute
from exporter.databases.postgres.verify import require_model
from exporter.errors import DatabaseError

LIFE = 3  # the first format of registries in which versions have numbers and aliases


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
    return list_known(connection, model)


def list_known(connection: Connection, model: str) -> list[Known]:
    """The same of a model that is there, in a registry of this format."""
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
    return choose_version(model, known_versions(connection, model), wanted)


def resolve(connection: Connection, model: str, wanted: str | int) -> str:
    """The digest of the version that is meant; see find_version."""
    return find_version(connection, model, wanted).version
