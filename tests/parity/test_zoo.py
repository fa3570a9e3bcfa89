"""Every model of the zoo scores as in Keras, from either kind of file, in either precision, and its
plan gives the network back."""

from __future__ import annotations

import pytest
from manifests import check_the_way_back
from scoring import score_graph
from tolerances import PARITY, check_close
from zoo import TRIED, ZOO
from zoo_models import StoredModel, Zoo

from exporter.formats import read
from exporter.ir.graph import Graph
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature


@pytest.mark.parametrize("name", TRIED)
def test_scores_equal_keras(name: str, zoo: Zoo) -> None:
    model = zoo[name]
    assert set(ZOO[name].covers) <= model.classes
    check_scores(f"{name}.keras", model.graph, model)
    check_the_way_back(model.graph, Signature("m"))
    for suffix in set(ZOO[name].suffixes) - {"keras"}:
        graph = simplify(read(model.path(suffix)))
        if graph.digest != model.graph.digest:  # else the same ops compute with the same weights
            check_scores(f"{name}.{suffix}", graph, model)


def check_scores(name: str, graph: Graph, model: StoredModel) -> None:
    """Fail unless a network scores the rows of a model as Keras did."""
    for dtype in ("float32", "float64"):
        actual = score_graph(graph, model.inputs, dtype)
        for number, (a, e) in enumerate(zip(actual, model.outputs, strict=True)):
            check_close(a, e, PARITY, f"{name} in {dtype}, output {number}")
