"""Where a command finds its database: --dsn, its own variables, those of a driver."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from exporter.databases import namings

OWN_VARIABLE = "EXPORT_MODEL_DSN"
URL_VARIABLE = "DATABASE_URL"
PASSWORD_OF_URL = r"^[a-z0-9+]+://[^/?@]*:[^@]+@"


def find_dsn(variables: Mapping[str, str] = os.environ) -> tuple[str, str] | None:
    """(DSN, what it comes from) of the environment; drivers read their own variables for ""."""
    for name in (OWN_VARIABLE, URL_VARIABLE):
        if variables.get(name):
            return variables[name], f"the variable {name}"
    for naming in namings():
        found = [name for name in naming.variables if variables.get(name)]
        if found:
            many = "s" if len(found) > 1 else ""
            return "", f"the variable{many} {', '.join(found)} of {naming.library}"
    return None


def holds_password(dsn: str) -> bool:
    """Does a password stand in it?"""
    patterns = (PASSWORD_OF_URL, *(naming.password for naming in namings()))
    return any(re.search(pattern, dsn) for pattern in patterns)
