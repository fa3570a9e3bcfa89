"""Greenplum as one record: it is reached as PostgreSQL is, and its verbs are the same functions."""

from __future__ import annotations

from dataclasses import replace

from exporter.databases.database import Option, nothing_open, refuse_later
from exporter.databases.greenplum.script import GENERATIONS, compile_registry, compile_script
from exporter.databases.postgres.record import POSTGRES
from exporter.places import Place


def is_here(place: Place) -> bool:
    """Is the server Greenplum, or one of its forks?"""
    return not POSTGRES.is_here(place)


GREENPLUM = replace(
    POSTGRES,
    name="greenplum",
    title="Greenplum",
    is_here=is_here,
    options=(
        Option("greenplum_version", GENERATIONS, 7, "7 for its forks of PostgreSQL 12 and later."),
    ),
    usage="model.keras --target greenplum --output fraud.sql",
    refuse=refuse_later,
    compile=compile_script,
    settle=nothing_open,
    installation=replace(POSTGRES.installation, compile=compile_registry),
)
