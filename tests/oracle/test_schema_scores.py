"""Deployed and called as users do it: in the interpreter, and on a server when one is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tolerances import PLSQL, check_close

from exporter.databases import database_of
from exporter.databases.oracle.connection import connect, execute
from exporter.databases.oracle.script import compile_script
from exporter.engines.reference import evaluate
from exporter.ir.graph import Graph
from exporter.ir.plan import Plan, Signature, plan_graph
from exporter.manifest import make_manifest
from exporter.samples import draw_inputs, expect_outputs
from oracle.networks import FIXED, inputs_of
from oracle.schemas import Schema

ROWS = 7
NAMES = sorted(name for name, graph in FIXED.items() if len(graph.outputs) == 1)
TABLE = "export_model_test_rows"


def deploy(schema: Schema, graph: Graph) -> Plan:
    """Deploy a network as m."""
    plan = plan_graph(graph, Signature("m"))
    samples = expect_outputs(plan, draw_inputs(graph, 3))
    script = compile_script(make_manifest(graph, plan, samples), plan.block, samples)
    database_of(schema.dsn).deploy(script, schema.dsn, lambda name: None)
    return plan


@pytest.fixture
def rows_table(schema: Schema) -> Iterator[str]:
    """A table of an id and an array, without rows."""
    segment = f"{TABLE}_lob"
    schema.run(
        f"create table {TABLE} (id number, x utl_nla_array_flt) varray x store as lob {segment}"
    )
    yield TABLE
    schema.run(f"drop table {TABLE} purge")


def numbers(value: Any) -> list[float]:
    """A score, one number or an array, as a list."""
    return list(value.aslist()) if hasattr(value, "aslist") else [value]


@pytest.mark.parametrize("name", NAMES)
def test_rows_and_tables_score_as_expected(schema: Schema, rows_table: str, name: str) -> None:
    graph = FIXED[name]
    plan = deploy(schema, graph)
    (x,) = inputs_of(graph, ROWS)
    (expected,) = evaluate(plan, [x])
    with connect(schema.dsn) as connection:
        kind = connection.gettype("SYS.UTL_NLA_ARRAY_FLT")
        for row in range(ROWS):
            values = kind.newobject(x[row].astype(float).ravel().tolist())
            execute(connection, f"insert into {rows_table} (id, x) values (:1, :2)", row, values)
        execute(connection, f"insert into {rows_table} (id, x) values (:1, null)", ROWS)
        connection.commit()
        direct = execute(connection, f"select id, m.score(x) from {rows_table} order by id")
        piped = execute(
            connection,
            f"select id, score from table(m.score_table(cursor(select id, x from {rows_table})))",
        )
    assert direct[ROWS][1] is None
    found = {int(key): value for key, value in piped}
    assert found.pop(ROWS) is None
    for scores in (dict(direct[:ROWS]), found):
        stacked = np.array([numbers(scores[row]) for row in range(ROWS)])
        check_close(stacked, expected.reshape(ROWS, -1), PLSQL, name)
