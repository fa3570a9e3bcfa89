"""CatBoost's categories: which columns they become, what samples reach of them, and who has no
such hashes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter import api
from exporter.engines.plpython.runtime import runtime
from exporter.engines.reference import evaluate
from exporter.errors import UnsupportedError, VerificationError
from exporter.formats import read
from exporter.ir.graph import Graph
from exporter.ir.ops import CategoryStatistics, CityHash, MapNumbers
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign
from exporter.samples import draw_inputs
from exporter.samples.hashes import find_text

STORED = Path(__file__).parents[1] / "data" / "trees"
NAMES = ("categories_binary", "categories_means", "categories_nested")
city_hash_of = runtime().city_hash_of  # here: compiling it would take longer than a case may


def score(graph: Graph, inputs: list[np.ndarray]) -> np.ndarray:
    return evaluate(plan_graph(graph, sign(graph, "m")), inputs, "float64")[0]


def stored(name: str) -> tuple[Graph, list[np.ndarray]]:
    """A model, and rows for it."""
    with np.load(STORED / f"{name}.json.npz", allow_pickle=False) as file:
        inputs = [file["numbers"], file["texts"].astype(object)]
    graph = read(STORED / f"{name}.json")
    return graph, inputs[2 - len(graph.inputs) :]


def edited(path: Path, edit: Any) -> Graph:
    """The model of means, after an edit of its text."""
    path.write_text(edit((STORED / "categories_means.json").read_text("utf-8")), "utf-8")
    return read(path)


def test_categories_are_columns_of_texts_in_the_order_of_training() -> None:
    graph, _ = stored("categories_binary")
    assert [(column.name, column.kind, column.nulls) for column in graph.columns] == [
        ("few", "text", "null"),
        ("u", "number", "missing"),
        ("many", "text", "null"),
        ("number", "text", "null"),
        ("v", "number", "missing"),
        ("w", "number", "missing"),
        ("two", "text", "null"),
    ]


def test_statistics_of_the_gpu_are_those_of_the_cpu_by_another_name(tmp_path: Path) -> None:
    _, inputs = stored("categories_means")
    kinds = ("BinarizedTargetMeanValue", "FloatTargetMeanValue")
    graph = edited(tmp_path / "m.json", lambda text: text.replace(*kinds))
    np.testing.assert_array_equal(score(graph, inputs), score(*stored("categories_means")))
    text = (STORED / "categories_binary.json").read_text("utf-8")
    path = tmp_path / "n.json"
    path.write_text(
        text.replace('"Counter', '"FeatureFreq').replace('"Counter\\"', '"FeatureFreq\\"')
    )
    graph, inputs = read(path), stored("categories_binary")[1]
    np.testing.assert_array_equal(score(graph, inputs), score(*stored("categories_binary")))


@given(st.integers(-(2**31), 2**31 - 1))
def test_a_text_is_found_for_each_hash(number: int) -> None:
    text = find_text(number)
    assert text is not None and text.isprintable()
    assert city_hash_of(text.encode()) % 2**32 == number % 2**32


@pytest.mark.parametrize("name", NAMES)
def test_samples_reach_what_tables_hold(name: str) -> None:
    """Categories as samples draw them are known: their rows find what stands in tables."""
    graph, _ = stored(name)
    inputs = draw_inputs(graph, 30)
    ops = {type(node.op): node for node in graph.nodes}
    hashes = runtime().KERNELS["city_hash"]()(inputs[-1])
    assert len(np.unique(hashes)) > 20
    rows = hashes if len(inputs) == 1 else np.concatenate([inputs[0], hashes], axis=1)
    op = ops[CategoryStatistics].op
    assert isinstance(op, CategoryStatistics)
    kernel = runtime().KERNELS["category_statistics"]
    found = kernel(**op.parameters(), **op.tensors())(rows)
    unknown = kernel(**op.parameters(), **op.tensors())(np.full_like(rows, 2.5))
    assert ((found != unknown).mean(axis=0) > 0.2).all()
    if name != "categories_nested":
        codes = ops[MapNumbers].op
        assert isinstance(codes, MapNumbers)
        assert np.isin(codes.keys, hashes).all()


@pytest.mark.parametrize(("options", "reason"), [
    ({"target": "oracle"}, "64 bits, which PL/SQL"),
    ({"target": "postgres", "engine": "pgvector"}, "the engine pgvector has no CityHash"),
])  # fmt: skip
def test_who_has_no_hashes_says_so(options: dict[str, str], reason: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        api.script(api.read(STORED / "categories_binary.json"), name="m", **options)  # type: ignore[arg-type]
    assert reason in str(caught.value)
    assert CityHash.__name__ in str(caught.value)


@pytest.mark.usefixtures("own_process")
@pytest.mark.parametrize("name", NAMES)
def test_catboost_supplies_the_expected_outputs(name: str) -> None:
    if importlib.util.find_spec("catboost") is None:
        pytest.skip("catboost is not installed")
    model = api.read(STORED / f"{name}.json")
    if name == "categories_means":  # whose sums CatBoost cuts when it reads its own JSON
        with pytest.raises(VerificationError, match="cuts the fractions"):
            api.script(model, target="postgres", name="m", expected_by="framework")
        return
    script = api.script(model, target="postgres", name="m")
    assert script.expected_by.startswith("CatBoost")


def test_features_that_no_tree_asks_for_are_left_out(tmp_path: Path) -> None:
    document = json.loads((STORED / "categories_means.json").read_text("utf-8"))
    entry = {"feature_id": "idle", "feature_index": 9, "flat_feature_index": 99}
    document["features_info"]["categorical_features"].append(entry)
    path = tmp_path / "m.json"
    path.write_text(json.dumps(document))
    graph = read(path)
    assert "idle" in graph.warnings[0]
    assert [column.name for column in graph.columns] == [
        column.name for column in stored("categories_means")[0].columns
    ]
