"""Databases that tests run against."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from given_server import GivenServer
from private_server import Server
from pytest_postgresql.janitor import DatabaseJanitor

TARGET = "postgres"  # what the tests deploy for; conftest.py changes it


@dataclass(frozen=True)
class Database:
    """A database of one test; dsn logs in as superuser."""

    server: Server | GivenServer
    name: str

    @property
    def dsn(self) -> str:
        """The superuser's connection."""
        return self.server.dsn(self.name)

    def dsn_of(self, role: str, options: str = "") -> str:
        """A connection of another role."""
        dsn = self.server.dsn(self.name, role)
        return f"{dsn}?options={options}" if options else dsn


@contextmanager
def make_database(
    server: Server | GivenServer, name: str, template: str = "", is_template: bool = False
) -> Iterator[None]:
    """A database for the time of the block."""
    if isinstance(server, GivenServer):
        with server.database(name, template or "template1"):
            yield
        return
    options = {"template_dbname": template} if template else {}
    with DatabaseJanitor(
        user="postgres",
        host=str(server.socket_dir),
        port=server.port,
        dbname=name,
        as_template=is_template,
        **options,  # type: ignore[arg-type]
    ):
        yield
