"""The models of the zoo, and files of other people, score in PL/SQL as in float64 and in Keras."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from budgets import is_thorough
from parity.test_stored import OTHERS, OURS, stored
from tolerances import PLSQL, PLSQL_RECURRENT, check_close
from zoo import TRIED
from zoo_models import Zoo

from exporter.engines.plsql.limits import UNSUPPORTED
from exporter.errors import ExportError
from exporter.formats import read
from exporter.ir.graph import Graph
from exporter.ir.ops import ConvLstm, Recurrent
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature
from oracle import lints
from oracle.server import Model, Oracle, flat_rows

ROWS = slice(2, 5)
# Scored by live Keras too: at least one of each kind of routine.
BY_KERAS = (
    "Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "DepthwiseConv2D", "SeparableConv2D",
    "AveragePooling2D_padding_same", "residual", "several_outputs", "shared_model", "two_inputs",
    "nested_twice", "group_norm", "layer_norm_axes", "activation_objects",
    "simplernn_masked", "lstm_masked", "gru_masked", "lstm_return_sequences_true",
    "conv_lstm2d_2", "conv_lstm_states",
)  # fmt: skip


def check_scores(model: Model, inputs: list[np.ndarray], expected: list[np.ndarray]) -> None:
    """Fail unless a table of these rows, and the first row alone, score as expected."""
    tolerance = PLSQL_RECURRENT if is_recurrent(model.graph) else PLSQL
    rows = len(inputs[0])
    table = model.score_table(flat_rows(inputs))
    full = [row for row in range(rows) if not any("" in x[row].ravel().tolist() for x in inputs)]
    for place, wanted in enumerate(expected):
        wanted = np.broadcast_to(wanted, (rows, *wanted.shape[1:])).reshape(rows, -1)
        scores = [record[1 + place] for record in table]
        assert all(scores[row] is None for row in set(range(rows)) - set(full)), "empty is NULL"
        together = np.array([scores[row] for row in full]).reshape(len(full), -1)
        check_close(together, wanted[full], tolerance, f"output {place} of the table")
        alone = flat_rows([x[full[:1]] for x in inputs])[0]
        if model.signature.features:
            alone = [element for array in alone for element in array]
        one = model.score(*alone, output=place)
        check_close(np.array(one).ravel(), wanted[full[0]], tolerance, f"output {place}")


def is_recurrent(graph: Graph) -> bool:
    """Whether rounding runs through many steps."""
    return any(isinstance(node.op, Recurrent | ConvLstm) for node in graph.nodes)


def is_refused(graph: Graph) -> bool:
    """Ops without a routine, "" among words, which is NULL, and texts of no fixed number."""
    has_empty = any("" in getattr(node.op, "words", ()) for node in graph.nodes)
    is_free = any(port.is_text and None in port.shape for port in graph.inputs)
    return has_empty or is_free or any(type(node.op) in UNSUPPORTED for node in graph.nodes)


def signature_of(graph: Graph) -> Signature:
    """Features where an input takes texts: SQL has no arrays of them."""
    count = sum(math.prod(n or 1 for n in port.shape) for port in graph.inputs)
    has_texts = any(port.is_text for port in graph.inputs)
    return Signature("m", tuple(f"v{n}" for n in range(count)) if has_texts else ())


@pytest.mark.parametrize("name", TRIED)
def test_the_zoo(oracle: Oracle, name: str, zoo: Zoo) -> None:
    graph = zoo[name].graph
    inputs = [x[ROWS] for x in zoo[name].inputs]
    if is_refused(graph):
        with pytest.raises(ExportError, match=r"it takes texts|it hashes|an empty text|--features"):
            oracle.package(graph)
        return
    with oracle.deploy(graph, signature_of(graph)) as model:
        lints.check_unit(model.units.spec)
        lints.check_unit(model.units.body)
        check_scores(model, inputs, model.expected(inputs))
        if is_thorough():  # else of each kind, below
            model.call("verify")


@pytest.mark.parametrize("name", BY_KERAS)
def test_scores_equal_keras(oracle: Oracle, name: str, zoo: Zoo) -> None:
    graph = zoo[name].graph
    inputs, outputs = (
        [a[ROWS] for a in arrays] for arrays in (zoo[name].inputs, zoo[name].outputs)
    )
    with oracle.deploy(graph) as model:
        check_scores(model, inputs, outputs)
        model.call("verify")


@pytest.mark.parametrize("path", [*OURS, *OTHERS], ids=lambda path: path.name)
def test_stored_files(oracle: Oracle, path: Path) -> None:
    graph = simplify(read(path))
    inputs = [x[:2] for x in stored(path, "x")]
    with oracle.deploy(graph) as model:
        check_scores(model, inputs, [y[:2] for y in stored(path, "y")])
