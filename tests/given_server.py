"""A running server that is given by its DSN, in the place of the private PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlencode

import psycopg2
from psycopg2.extensions import parse_dsn


@dataclass(frozen=True)
class GivenServer:
    """A server that others may use as well: tests make databases of their own and drop them."""

    SUPERUSER: ClassVar[str] = "postgres"  # where the DSN names none
    given: str

    @property
    def bindir(self) -> Path:
        """Where psql and pg_dump of this machine are."""
        found = shutil.which("psql")
        return Path(found).parent if found else Path("/usr/bin")

    def dsn(self, dbname: str = "postgres", user: str | None = None) -> str:
        """A URL like that of the private server."""
        parts = parse_dsn(self.given)
        host = quote(parts.pop("host", "localhost"), safe="")
        port = parts.pop("port", "5432")
        name = quote(user or parts.pop("user", self.SUPERUSER), safe="")
        kept = {key: value for key, value in parts.items() if key not in ("dbname", "user")}
        tail = "?" + urlencode(kept) if kept else ""
        return f"postgresql://{name}@{host}:{port}/{quote(dbname, safe='')}{tail}"

    @contextmanager
    def database(self, name: str, template: str = "template1") -> Iterator[str]:
        """A database for the time of the block."""
        run(self.dsn(), f'drop database if exists "{name}"')
        run(self.dsn(), f'create database "{name}" template "{template}"')
        try:
            yield name
        finally:
            end = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
            run(self.dsn(), end)
            run(self.dsn(), f'drop database "{name}"')


def run(dsn: str, sql: str) -> None:
    """One statement outside a transaction."""
    connection = psycopg2.connect(dsn)
    try:
        connection.autocommit = True
        connection.cursor().execute(sql)
    finally:
        connection.close()
