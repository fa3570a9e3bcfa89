"""Stored models of trees score as their libraries did (tests/tree_grid.py wrote them), and so do
public ones, which the program had never seen."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tree_scores import check_model

from exporter.engines.reference import evaluate
from exporter.formats import read
from exporter.ir.graph import Graph
from exporter.ir.ops import Trees
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign
from exporter.samples import draw_inputs, measure

TESTS = Path(__file__).parents[1]
STORED = sorted(path.with_suffix("") for path in (TESTS / "data" / "trees").glob("*.npz"))
PUBLIC = TESTS.parents[1] / "shared" / "models" / "tabular"
FOREST = "087_lg_rf_iris.model"  # of LightGBM 2.1, which newer ones read in another way


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.name)
def test_stored_models_score_as_their_library_did(path: Path) -> None:
    assert check_model(path) > 90


def score(graph: Graph, x: np.ndarray) -> np.ndarray:
    """What a database would compute."""
    plan = plan_graph(graph, sign(graph, "m"))
    return evaluate(plan, [x.astype(np.float64)], "float32")[0]


@pytest.mark.parametrize("path", sorted(PUBLIC.glob("*.npz")), ids=lambda path: path.name)
def test_public_models_score_as_their_library_does(path: Path, tmp_path: Path) -> None:
    model = path.with_suffix("")
    if model.name == FOREST:
        text = model.read_text().replace("version=v2", "version=v3")
        model = tmp_path / model.name
        model.write_text(text)
    graph = read(model)
    if graph.warnings:  # training stopped early, and these are scores of all trees
        assert "best_iteration" in graph.warnings[0]
        copy = tmp_path / model.name
        copy.write_bytes(model.read_bytes().replace(b'"best_iteration"', b'"best_of_all"'))
        graph = read(copy)
    with np.load(path, allow_pickle=False) as file:
        x, y = file["x"], file["y"].reshape(len(file["y"]), -1)
    found = score(graph, x)
    tolerance = 1e-12 if graph.outputs[0].dtype == "float64" else 2e-6
    assert (np.abs(found - y) <= tolerance * np.maximum(1, np.abs(y))).all()


GRADIENT = "090_sk_gradient_boosting_classifier"
# Each file of rows and the scores that its repository expects, and whether these are decisions.
EXPECTED = {
    "085_lg_dart_breast_cancer.model": (
        "085_breast_cancer_test.tsv", "085_lg_dart_breast_cancer_true_predictions.txt", False,
    ),
    FOREST: ("087_iris_test.libsvm", "087_lg_rf_iris_true_predictions.txt", False),
    "088_lgmulticlass.model": (
        "088_multiclass_test.tsv", "088_lgmulticlass_true_predictions.txt", False,
    ),
    f"{GRADIENT}.model": (
        f"{GRADIENT}_test.libsvm", f"{GRADIENT}_true_predictions.txt", True,
    ),
    "091_sk_iris.model": ("087_iris_test.libsvm", "091_sk_iris_true_predictions.txt", True),
    "112_toy_categorical_model.txt": (
        "112_toy_categorical.test", "112_toy_categorical.test.pred", False,
    ),
}  # fmt: skip


def read_rows(path: Path, width: int) -> np.ndarray:
    """The features of a file of libsvm's format, or of numbers, whose first may be the target."""
    if path.suffix == ".tsv":
        return np.loadtxt(path)[:, -width:]
    lines = path.read_text().splitlines()
    x = np.zeros((len(lines), width))
    for row, line in zip(x, lines, strict=True):
        for word in line.split()[1:]:
            place, value = word.split(":")
            row[int(place)] = float(value)
    return x


@pytest.mark.parametrize("model", EXPECTED)
def test_public_models_score_what_their_repository_expects(model: str, tmp_path: Path) -> None:
    if not (PUBLIC / model).exists():
        pytest.skip("the public models are not here")
    rows, expected, are_decisions = EXPECTED[model]
    path = PUBLIC / model
    if model == FOREST:
        text = path.read_text()
        path = tmp_path / model
        path.write_text(re.sub("^objective=.*", "objective=regression", text, flags=re.M))
    graph = read(path)
    (port,) = graph.inputs
    x = read_rows(PUBLIC / rows, port.shape[0] or 0)
    y = np.loadtxt(PUBLIC / expected).reshape(len(x), -1)
    if are_decisions:
        powers = np.exp(y if y.shape[1] > 1 else np.hstack([0 * y, y]))
        y = powers / powers.sum(axis=1, keepdims=True)
    found = score(graph, x)
    assert (np.abs(found - y[:, -found.shape[1] :]) < 1e-12 * np.maximum(1, np.abs(y))).all()


def test_sample_rows_lie_on_what_trees_ask_about() -> None:
    """Ordinary rows would find neither a threshold that is rounded nor one that is turned round."""
    graph = read(TESTS / "data" / "trees" / "binary_logistic_shallow.ubj")
    (op,) = [node.op for node in graph.nodes if isinstance(node.op, Trees)]
    (x,) = draw_inputs(graph, 200)
    bounds = op.probes(8)
    assert set(bounds) >= {0, 1, 2, 7}
    for place, probe in bounds.items():
        assert np.isin(x[:, place], probe.edges).sum() > 10
        assert np.isin(np.nextafter(x[:, place].astype(np.float32), np.inf), probe.edges).any()
        assert np.isnan(x[:, place]).sum() > 10
    above = np.nextafter(x.astype(np.float32), np.float32(np.inf))
    assert (score(graph, x) != score(graph, above)).any()
    reached, total = measure(graph, (x,)).counts()["sides of thresholds"]
    assert reached > 0.9 * total
