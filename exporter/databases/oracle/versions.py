"""The versions of a model in an Oracle schema, and which of them is meant."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.databases.known import CHAMPION, Known, choose_version
from exporter.databases.oracle.connection import Connection, execute
from exporter.databases.oracle.models import read_comment, require_package
from exporter.databases.oracle.registry import REGISTRY_COMMENT
from exporter.databases.oracle.switches import Standing
from exporter.errors import DatabaseError


@dataclass(frozen=True)
class Names:
    """Synonyms of a model, as the dictionary spells them: its own, and those of aliases by name."""

    champion: str
    aliases: dict[str, str]


def require_life(connection: Connection) -> None:
    """Raise DatabaseError where the registry's format has no numbers, aliases and journal yet."""
    comment = read_comment(connection)
    if comment != REGISTRY_COMMENT:
        raise DatabaseError(
            f'the registry says "{comment}", and in that format versions have no numbers, aliases'
            " and journal. Bring it to this program's: export-model upgrade --dsn ..."
        )


def read_names(connection: Connection, model: str) -> Names:
    """The synonyms of a model.

    Raises: DatabaseError, when there is no such model, or the registry has an earlier format.
    """
    require_package(connection, model)
    require_life(connection)
    return list_names(connection, model)


def list_names(connection: Connection, model: str) -> Names:
    """The same, whether its own stands for anything or not; the model has its row."""
    ((champion,),) = execute(
        connection, "select synonym_name from export_model_models where name = :1", model
    )
    rows = execute(
        connection,
        "select alias, synonym_name from export_model_aliases where model = :1 order by alias",
        model,
    )
    return Names(str(champion), {str(alias): str(synonym) for alias, synonym in rows})


def read_standing(connection: Connection, model: str, synonym: str) -> Standing | None:
    """What a synonym stands for, where that is a version of the model."""
    rows = execute(
        connection,
        "select v.version, v.package_name from export_model_versions v, user_synonyms s"
        " where v.model = :1 and s.synonym_name = :2 and s.table_owner = user"
        " and s.table_name = v.package_name",
        model,
        synonym,
    )
    return Standing(*map(str, rows[0])) if rows else None


def known_versions(connection: Connection, model: str) -> list[Known]:
    """All verified versions of a model, newest first.

    Raises: DatabaseError, when there is no such model, or the registry has an earlier format.
    """
    return list_known(connection, model, read_names(connection, model))


def list_known(connection: Connection, model: str, names: Names) -> list[Known]:
    """The same, by these synonyms."""
    stands: dict[str, list[str]] = {}
    for name, synonym in {CHAMPION: names.champion, **names.aliases}.items():
        standing = read_standing(connection, model, synonym)
        if standing is not None:
            stands.setdefault(standing.version, []).append(name)
    rows = execute(
        connection,
        "select version_number, version from export_model_versions where model = :1"
        " and version_number is not null order by version_number desc",
        model,
    )
    return [
        Known(int(number), str(version), tuple(stands.get(str(version), ())))
        for number, version in rows
    ]


def find_version(connection: Connection, model: str, wanted: str | int) -> Known:
    """The version that is meant: by an alias, "champion" among them, a number, or the beginning of
    its digest, in this order.

    Raises: DatabaseError, saying which versions there are.
    """
    return choose_version(model, known_versions(connection, model), wanted)


def read_package(connection: Connection, version: str) -> str:
    """A version's package, as the dictionary spells it."""
    ((package,),) = execute(
        connection, "select package_name from export_model_versions where version = :1", version
    )
    return str(package)
