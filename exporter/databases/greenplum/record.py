"""Greenplum as one record: it is reached as PostgreSQL is, and its verbs are the same functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from exporter.databases.database import Option, nothing_open
from exporter.databases.greenplum.script import (
    GENERATIONS,
    compile_registry,
    compile_script,
    refuse_in_6,
)
from exporter.databases.postgres.record import POSTGRES
from exporter.databases.results import Deployment
from exporter.ir.graph import Graph
from exporter.ir.plan import Plan, Signature
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


def refuse(
    place: Place | None, graph: Graph, signature: Signature, plan: Plan, options: dict[str, Any]
) -> None:
    """Refuse what Greenplum 6 lacks; nobody has to be asked."""
    if options.get("greenplum_version") == 6:
        refuse_in_6(signature, graph.inputs)


GREENPLUM = replace(
    POSTGRES,
    name="greenplum",
    title="Greenplum",
    is_here=is_here,
    options=(
        Option("greenplum_version", GENERATIONS, 7, "7 for its forks of PostgreSQL 12 and later."),
    ),
    usage="model.keras --target greenplum --output fraud.sql",
    refuse=refuse,
    deploy=deploy,
    compile=compile_script,
    settle=nothing_open,
    installation=replace(POSTGRES.installation, compile=compile_registry),
)
