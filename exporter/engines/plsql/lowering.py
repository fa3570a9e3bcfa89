"""A network lowered to PL/SQL: what it is called, how it is called, and the calls that compute it;
or all reasons why it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from exporter.databases.oracle.registry import IDENTIFIER_BYTES, Names, model_names
from exporter.engines.plsql.calls import WRITERS
from exporter.engines.plsql.calls.tabular import TABULAR
from exporter.engines.plsql.forward import Forward
from exporter.engines.plsql.interface import Interface, make_interface, name_parameters
from exporter.engines.plsql.refusals import find_refused, refuse_all
from exporter.engines.plsql.weights import CannotCall, Weights
from exporter.errors import ExportError, Problem, SignatureError, SqlTextError
from exporter.ir.graph import Graph
from exporter.ir.ops import Op
from exporter.ir.plan import Plan, Signature

Refused: TypeAlias = Mapping[type[Op], tuple[str, str]]
"""Ops without a routine: the reason and what to do."""


@dataclass(frozen=True, eq=False)
class Lowered:
    """A network in PL/SQL; forward has its statements and the weights that they read."""

    graph: Graph
    names: Names
    interface: Interface
    forward: Forward


def lower(
    graph: Graph,
    signature: Signature,
    plan: Plan,
    version: str,
    oracle_version: str,
    refused: Refused,
) -> Lowered:
    """The network of a plan; version names its package.

    Raises: UnsupportedError, SqlTextError or SignatureError, with all that Oracle cannot have.
    """
    limit_bytes = IDENTIFIER_BYTES[oracle_version]
    forward = Forward(graph, Weights(plan), WRITERS, TABULAR)
    others: list[ExportError] = list(find_refused(signature, graph.inputs, limit_bytes))
    try:
        names = model_names(signature.name, version, oracle_version)
    except (SqlTextError, SignatureError) as error:
        others.insert(0, error)
    refuse_all(_write(forward, graph, refused), others)
    interface = make_interface(signature, graph.inputs, graph.outputs, limit_bytes)
    return Lowered(graph, names, interface, forward)


def _write(forward: Forward, graph: Graph, refused: Refused) -> list[Problem]:
    """Write every node's call; the inputs and nodes that cannot be called."""
    problems = []
    for port, parameter in zip(graph.inputs, name_parameters(graph.inputs), strict=True):
        try:
            forward.start(port, parameter)
        except CannotCall as error:
            problems.append(Problem(port.name, "Input", error.reason, error.advice))
    for node in graph.nodes:
        kind = type(node.op)
        try:
            if kind in refused:
                raise CannotCall(*refused[kind])
            forward.write(node)
        except CannotCall as error:
            problems.append(Problem(node.layer, kind.__name__, error.reason, error.advice))
            forward.assume(node.value, node.shape)
    return problems
