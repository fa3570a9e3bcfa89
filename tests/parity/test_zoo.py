"""Every model of the zoo scores as in Keras, from either kind of file, in either precision, and its
plan gives the network back."""

from __future__ import annotations

import pytest
from manifests import check_the_way_back
from scoring import score_graph
from tolerances import PARITY, check_close
from zoo import ZOO
from zoo_models import Zoo

from exporter.formats import read
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature


@pytest.mark.parametrize(
    ("name", "suffix"), [(name, suffix) for name in ZOO for suffix in ZOO[name].suffixes]
)
def test_scores_equal_keras(name: str, suffix: str, zoo: Zoo) -> None:
    model = zoo[name]
    assert set(ZOO[name].covers) <= model.classes
    graph = model.graph if suffix == "keras" else simplify(read(model.path(suffix)))
    for dtype in ("float32", "float64"):
        actual = score_graph(graph, model.inputs, dtype)
        assert len(actual) == len(model.outputs)
        for number, (a, e) in enumerate(zip(actual, model.outputs, strict=True)):
            check_close(a, e, PARITY, f"{name}.{suffix} in {dtype}, output {number}")
    if suffix == ZOO[name].suffixes[0]:
        check_the_way_back(graph, Signature("m"))
