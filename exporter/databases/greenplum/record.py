"""Greenplum as one record: it is reached as PostgreSQL is, and its verbs are the same functions."""

from __future__ import annotations

from dataclasses import replace

from exporter.databases.database import Option, nothing_open, refuse_later
from exporter.databases.greenplum.script import GENERATIONS, compile_registry, compile_script
from exporter.databases.postgres.record import POSTGRES
from exporter.databases.results import Deployment
from exporter.places import Place
from exporter.progress import Steps
from exporter.sql.script import Script


def is_here(place: Place) -> bool:
    """Is the server Greenplum, or one of its forks?"""
    return not POSTGRES.is_here(place)


def deploy(script: Script, place: Place, progress: Steps) -> Deployment:
    """See postgres.deployment.deploy; no other engine is there to be named."""
    from exporter.databases.postgres import deployment

    return deployment.deploy(script, place, progress)


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
    deploy=deploy,
    compile=compile_script,
    settle=nothing_open,
    installation=replace(POSTGRES.installation, compile=compile_registry),
)
