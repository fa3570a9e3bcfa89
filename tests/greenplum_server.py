"""A running Greenplum given with --greenplum-dsn, in the place of the private PostgreSQL."""

from __future__ import annotations

from given_server import GivenServer, run
from psycopg2.extensions import make_dsn

__all__ = ["GreenplumServer", "run", "with_options"]


class GreenplumServer(GivenServer):
    """A cluster given with --greenplum-dsn."""

    SUPERUSER = "gpadmin"


def with_options(dsn: str, **settings: str) -> str:
    """The DSN with settings for its sessions."""
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return make_dsn(dsn, options=options)
