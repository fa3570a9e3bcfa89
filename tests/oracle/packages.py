"""Packages of networks, as the deployment makes them."""

from __future__ import annotations

from exporter.databases.oracle.registry import Part
from exporter.databases.oracle.shared import Units
from exporter.engines.plsql.limits import UNSUPPORTED
from exporter.engines.plsql.package import make_again, make_package
from exporter.ir.graph import Graph
from exporter.ir.plan import Plan, Signature, plan_graph
from exporter.manifest import make_manifest
from exporter.samples import Samples, draw_inputs, expect_outputs, without_empty_texts

ROWS = 3


def compiled(
    graph: Graph, signature: Signature | None = None, oracle_version: str = "19"
) -> tuple[Plan, Samples, Units, list[Part]]:
    """A network's plan, samples, package and weights."""
    plan = plan_graph(graph, signature or Signature("m"))
    rows = without_empty_texts(graph.inputs, draw_inputs(graph, ROWS))  # as a deployment does
    samples = expect_outputs(plan, rows)
    manifest = make_manifest(graph, plan, samples)
    made = make_package(manifest, plan.block, samples, oracle_version, UNSUPPORTED)
    again = make_again(manifest, len(samples), oracle_version, UNSUPPORTED)
    assert (again.package, again.runtime, again.words) == (made.package, made.runtime, made.words)
    places = [[(part.number, part.tensor) for part in item.parts] for item in (made, again)]
    assert places[0] == places[1], "a package is made again without the numbers of its weights"
    return plan, samples, made.package, made.parts
