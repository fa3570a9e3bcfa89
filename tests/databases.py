"""Databases of the private server that tests run against."""

from __future__ import annotations

from dataclasses import dataclass

from private_server import Server
from pytest_postgresql.janitor import DatabaseJanitor

TARGET = "postgres"  # what the tests deploy for; conftest.py changes it


@dataclass(frozen=True)
class Database:
    """A database of one test; dsn logs in as superuser."""

    server: Server
    name: str

    @property
    def dsn(self) -> str:
        """The superuser's connection."""
        return self.server.dsn(self.name)

    def dsn_of(self, role: str, options: str = "") -> str:
        """A connection of another role."""
        dsn = self.server.dsn(self.name, role)
        return f"{dsn}?options={options}" if options else dsn


def janitor(server: Server, name: str, **options: object) -> DatabaseJanitor:
    """Creates a database on entry and drops it on exit."""
    return DatabaseJanitor(
        user="postgres",
        host=str(server.socket_dir),
        port=server.port,
        dbname=name,
        **options,  # type: ignore[arg-type]
    )
