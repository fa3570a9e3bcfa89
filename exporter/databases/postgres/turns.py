"""Who changes something in a database: one after the other, and told whom they wait for; and who
reads what they change."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg2

from exporter.databases.postgres.connection import Connection, connect, execute
from exporter.errors import DatabaseError
from exporter.places import Place
from exporter.sql.templates import render

T = TypeVar("T")

PATIENCE_S = 600.0
"""How long a turn is waited for: a deployment of gigabytes takes minutes."""
QUIET_S = 1.0  # seconds before it is said
PAUSE_S = 0.1  # between two questions whether it is our turn
SETTLE_S = 5.0  # how long who only reads waits for those who change something

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


def read_settled(
    place: Place, read: Callable[[Connection], T], is_fine: Callable[[T], bool] = lambda found: True
) -> T:
    """What a function reads of the catalog and the registry in a transaction of its own.

    It asks with many statements, and another session may commit between two of them: functions that
    the first one named are gone in the second, or the server finds their rows and not them. So
    where what is found is not fine, or the server refused, it is read once more while nobody
    changes anything; who does for longer than some seconds is not waited for.
    Raises: as read.
    """
    problem: DatabaseError | None = None
    try:
        with connect(place) as connection:
            found = read(connection)
        if is_fine(found):
            return found
    except DatabaseError as error:
        if not isinstance(error.__cause__, psycopg2.Error) or error.__cause__.pgcode is None:
            raise
        problem = error
    with connect(place) as connection:
        if _hold_still(connection):
            return read(connection)
    if problem is not None:
        raise problem
    return found


def _hold_still(connection: Connection) -> bool:
    """Wait until nobody changes anything here, and keep that so to the transaction's end; False
    where it takes too long. Those who read so do not wait for each other."""
    begun = time.monotonic()
    while not execute(connection, "select pg_try_advisory_xact_lock_shared(7307497, 1)")[0][0]:
        if time.monotonic() - begun > SETTLE_S:
            return False
        time.sleep(PAUSE_S)
    return True


def _find_holder(connection: Connection) -> str:
    rows = execute(connection, render(("postgres",), "lock_holder", {}))
    return str(rows[0][0]) if rows else ""
