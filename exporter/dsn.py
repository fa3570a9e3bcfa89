"""Where a command finds its database: --dsn, variables of its own, those of libpq."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

OWN_VARIABLE = "EXPORT_MODEL_DSN"
URL_VARIABLE = "DATABASE_URL"
# Those of libpq that say which database; others, as PGUSER, only say how to get there.
LIBPQ_VARIABLES = ("PGSERVICE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE")
PASSWORDS = (
    r"^[a-z0-9+]+://[^/?@]*:[^@]+@",  # a URL's
    r"(^|[\s?&])password\s*=",  # of keywords, or behind a URL's ?
    r"^[^\s/@:=]+/[^@]+@",  # Oracle's user/password@
)


def find_dsn(variables: Mapping[str, str] = os.environ) -> tuple[str, str] | None:
    """(DSN, what it comes from) of the environment; libpq reads its own variables for ""."""
    for name in (OWN_VARIABLE, URL_VARIABLE):
        if variables.get(name):
            return variables[name], f"the variable {name}"
    return ("", _libpq(variables)) if _libpq(variables) else None


def holds_password(dsn: str) -> bool:
    """Does a password stand in it?"""
    return any(re.search(pattern, dsn) for pattern in PASSWORDS)


def _libpq(variables: Mapping[str, str]) -> str:
    found = [name for name in LIBPQ_VARIABLES if variables.get(name)]
    if not found:
        return ""
    return f"the variable{'s' if len(found) > 1 else ''} {', '.join(found)} of libpq"
