"""Whole scripts, unmodified, as SQL*Plus runs them: tables, weights, packages, verify, synonym."""

from __future__ import annotations

import re

import numpy as np
import pytest
from plsql.machine import Database
from tolerances import PLSQL, check_close

from exporter.databases.oracle.script import compile_script
from exporter.engines.plsql import weights
from exporter.engines.reference import evaluate
from exporter.ir.graph import Graph
from exporter.ir.ops import Activation, Dense, as_tensor
from exporter.ir.plan import Plan, Signature, plan_graph
from exporter.manifest import make_manifest
from exporter.samples import draw_inputs, expect_outputs
from oracle.networks import FIXED, chain, dense, inputs_of
from oracle.server import flat_rows, plain

SCRIPTS = ("classes", "ports", "images", "sequence", "free_sequence", "words", "no_weights")


def script_of(graph: Graph, name: str, oracle_version: str = "19") -> tuple[Plan, str]:
    """The plan, and the script that deploys it."""
    plan = plan_graph(graph, Signature(name))
    samples = expect_outputs(plan, draw_inputs(graph, 3))
    manifest = make_manifest(graph, plan, samples)
    return plan, str(compile_script(manifest, plan.block, samples, oracle_version))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_deploys_a_network_that_scores(name: str) -> None:
    graph = FIXED[name]
    plan, script = script_of(graph, "fraud", "12.1")
    database = Database("12.1")
    session = database.session()
    session.run_script(script)
    inputs = inputs_of(graph, 5)
    rows = ([number, *row] for number, row in enumerate(flat_rows(inputs)))
    table = [plain(row) for row in session.select_table_function("fraud.score_table", rows)]
    for place, expected in enumerate(evaluate(plan, inputs)):
        actual = np.array([row[1 + place] for row in table]).reshape(expected.shape)
        check_close(actual, expected, PLSQL, f"{name}, output {place}")


def test_a_kernel_in_blocks_goes_through_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays are smaller than Oracle's: as text, a million numbers would take seconds to read."""
    monkeypatch.setattr(weights, "MAX_ARRAY", 1_000)
    graph = chain((50,), dense(50, 40), Activation("tanh"), dense(40, 2))
    plan, script = script_of(graph, "wide")
    session = Database().session()
    session.run_script(script)
    query = "select numbers from export_model_weights where tensor = 0 order by part"
    assert session.query(query) == [(1000,), (1000,)]
    (x,) = inputs_of(graph, 1)
    (expected,) = evaluate(plan, [x])
    actual = plain(session.call("wide.score", x[0].astype(float).tolist()))
    check_close(np.array(actual), expected[0], PLSQL, "blocks")


def test_every_bit_of_the_weights_arrives() -> None:
    """Subnormal numbers, large ones, and those whose nine digits matter."""
    values = np.array([1.1754944e-38 / 3, 3.4028235e37, 0.1, 1 / 3, -0.0, 16777217, 2**-149])
    layer = Dense(as_tensor(values.reshape(7, 1)), as_tensor([1e-7]))
    _, script = script_of(chain((7,), layer), "bits")
    session = Database().session()
    session.run_script(script)
    ((stored,),) = session.query("select data from export_model_weights where part = 0")
    numbers = np.array(plain(stored), np.float32)
    assert (numbers.view(np.uint32) == (values.astype(np.float32) + 0).view(np.uint32)).all()


def test_one_script_for_two_versions_keeps_both_packages() -> None:
    session = Database().session()
    plans = []
    for units in (3, 4):
        plan, script = script_of(chain((2,), dense(2, units)), "fraud")
        session.run_script(script)
        plans.append(plan)
        assert len(plain(session.call("fraud.score", [1.0, 2.0]))) == units
    for plan, units in zip(plans, (3, 4), strict=True):
        score = session.call(f"fraud_{plan.version[:8]}.score", [1.0, 2.0])
        assert len(plain(score)) == units


def test_an_altered_script_is_not_accepted() -> None:
    """A weight that is not what the samples were computed with ends in verify's error."""
    _, script = script_of(chain((2,), dense(2, 2)), "fraud")
    numbers = re.search(r"l_data := utl_nla_array_flt\((-?[\d.e-]+)f", script)
    assert numbers is not None
    altered = script[: numbers.start(1)] + "9" + script[numbers.end(1) :]
    session = Database().session()
    with pytest.raises(Exception, match=r"ORA-20104: part 0 .* was altered"):
        session.run_script(altered)
    assert session.query("select count(*) from user_synonyms") == [(0,)]
