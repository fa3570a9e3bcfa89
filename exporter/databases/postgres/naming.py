"""How a DSN, a connection or the environment names a PostgreSQL, or what speaks its protocol."""

from __future__ import annotations

import re

from exporter.databases.database import Naming


def has_form(dsn: str) -> bool:
    """Is it libpq's keyword = value, or empty, where libpq reads its own variables?"""
    return not dsn.strip() or re.match(r"\s*\w+\s*=", dsn) is not None


NAMING = Naming(
    title="PostgreSQL or Greenplum",
    forms="postgresql://user@host:port/name or 'host=... dbname=...'",
    example="postgresql://user@host:port/name",
    schemes=("postgresql", "postgres"),
    has_form=has_form,
    drivers=("psycopg2", "psycopg"),
    # Those of libpq that say which database; others, as PGUSER, only say how to get there.
    variables=("PGSERVICE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE"),
    library="libpq",
    password=r"(^|[\s?&])password\s*=",  # of keywords, or behind a URL's ?
    password_place="~/.pgpass or PGPASSFILE",
)
