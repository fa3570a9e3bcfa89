"""What the catalog says about the registry and its models, before anything of them runs."""

from __future__ import annotations

from exporter.database import Connection, execute
from exporter.errors import DatabaseError
from exporter.sql.templates import render
from exporter.targets.postgres import REGISTRY


def find_strangers(connection: Connection, *models: str) -> list[tuple[str, str]]:
    """(what belongs to others or can be changed by them, the statement that mends it).

    Reads the system's own catalog and nothing else: a view or trigger of somebody else's would
    run with the rights of who looks.
    """
    sql = render(("postgres",), "owners", {"schemas": [REGISTRY, *models]})
    return [(finding, f"{mend};") for finding, mend in execute(connection, sql)]


def require_own(connection: Connection, *models: str) -> None:
    """Raise DatabaseError where the registry or a model is in the hands of others."""
    strangers = find_strangers(connection, *models)
    if strangers:
        role = execute(connection, "select current_user::text")[0][0]
        lines = [
            "the registry or the model is in the hands of others than role"
            f' "{role}" and superusers; nothing of it was run:'
        ]
        for finding, mend in strangers:
            lines += [f"  {finding}", f"    mend it: {mend}"]
        lines.append(
            "  Look at each. What export-model made, deploying makes again. A model that was given"
            " to a role as a whole is handled as that role."
        )
        raise DatabaseError("\n".join(lines))


def is_superuser(connection: Connection) -> bool:
    """May this session do anything?"""
    found = execute(connection, "select rolsuper from pg_roles where rolname = current_user")
    return bool(found[0][0])
