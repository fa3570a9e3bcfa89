"""Who changes something in a database: one after the other, and told whom they wait for."""

from __future__ import annotations

import logging
import time

from exporter.databases.postgres.connection import Connection, execute
from exporter.errors import DatabaseError
from exporter.sql.templates import render

PATIENCE_S = 600.0
"""How long a turn is waited for: a deployment of gigabytes takes minutes."""
QUIET_S = 1.0  # seconds before it is said
PAUSE_S = 0.1  # between two questions whether it is our turn

log = logging.getLogger("exporter")


def take_turn(connection: Connection, model: str = "") -> None:
    """Wait until nobody else changes something here, and keep that to the transaction's end. After
    a second the log says who does. Others see the model's name beside ours.

    Raises: DatabaseError, when it takes ten minutes.
    """
    name = f"export-model {model}".strip()
    sql = render(("postgres",), "try_lock", {"name": name})
    begun = time.monotonic()
    told = ""
    while not execute(connection, sql)[0][0]:
        waited = time.monotonic() - begun
        who = _find_holder(connection) if waited > QUIET_S else ""
        if who and who != told:
            log.warning("waiting for %s, who changes models of this database", who)
            told = who
        if waited > PATIENCE_S:
            raise DatabaseError(
                f"{who or 'somebody'} has been changing models of this database for"
                f" {PATIENCE_S / 60:.0f} minutes; nothing was changed here.\n  If that session"
                " hangs, its role or a superuser ends it: select pg_terminate_backend(pid);"
            )
        time.sleep(PAUSE_S)


def _find_holder(connection: Connection) -> str:
    rows = execute(connection, render(("postgres",), "lock_holder", {}))
    return str(rows[0][0]) if rows else ""
