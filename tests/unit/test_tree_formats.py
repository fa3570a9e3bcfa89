"""Files of tree libraries as formats: told by content, damaged, saved from memory, judged."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trees_by_hand as by_hand
from click.testing import CliRunner
from trees_by_hand import Question

from exporter import api, cli
from exporter.engines.reference import evaluate
from exporter.errors import ArchiveError, UnsupportedError
from exporter.formats import read
from exporter.formats.sklearn.lowering import lower
from exporter.formats.sklearn.lowering.boosters import find_columns
from exporter.formats.sklearn.lowering.builder import Builder
from exporter.formats.sklearn.pickle import read_pickle
from exporter.formats.trees import xgboost
from exporter.formats.trees.categories import find_codes
from exporter.ir.graph import Graph
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign

STORED = Path(__file__).parents[1] / "data" / "trees"
EACH = {
    "xgboost": ("vector.ubj", "one_hot.json"),
    "lightgbm": ("squares.txt",),
    "catboost": ("RMSE_SymmetricTree_Min.json", "Logloss_Lossguide_Min.json"),
    "sklearn": ("xgb_pipeline.pkl", "lgbm_four.pkl", "ada_four.pkl"),
}
NAMES = [(form, name) for form, names in EACH.items() for name in names]


def score(graph: Graph, x: np.ndarray) -> np.ndarray:
    plan = plan_graph(graph, sign(graph, "m"))
    return evaluate(plan, [np.asarray(x, np.float64)], "float32")[0]


@pytest.mark.parametrize(("form", "name"), NAMES)
def test_content_decides_and_not_the_suffix(tmp_path: Path, form: str, name: str) -> None:
    for suffix in ("h5", "txt", "json", "model"):
        copy = tmp_path / f"m.{suffix}"
        shutil.copy(STORED / name, copy)
        assert read(copy).source.format == form


@pytest.mark.parametrize(("form", "name"), NAMES)
def test_half_a_file_is_refused(tmp_path: Path, form: str, name: str) -> None:
    content = (STORED / name).read_bytes()
    for length in (len(content) // 2, len(content) - len(content) // 20):
        path = tmp_path / name
        path.write_bytes(content[:length])
        with pytest.raises(ArchiveError):
            read(path)


def test_the_command_line_says_what_stands_in_the_way(tmp_path: Path) -> None:
    document = by_hand.xgboost_file([1.5])
    document["learner"]["objective"]["name"] = "my_own"
    path = tmp_path / "model.json"
    path.write_bytes(by_hand.as_json(document))
    done = CliRunner().invoke(cli.command, ["describe", str(path)])
    assert done.exit_code == 1
    assert "because of 1 part" in done.output
    assert "my_own" in done.output and "binary:logistic" in done.output


def test_names_of_features_become_columns_that_may_be_null(tmp_path: Path) -> None:
    document = by_hand.xgboost_file([1.5])
    document["learner"]["feature_names"] = ["age", "Income €", "x y", "d"]
    path = tmp_path / "model.json"
    path.write_bytes(by_hand.as_json(document))
    columns = read(path).columns
    assert [column.name for column in columns] == ["age", "Income €", "x y", "d"]
    assert {column.nulls for column in columns} == {"missing"}
    text = by_hand.lightgbm_file([1.5])
    path.write_text(text)
    assert [column.name for column in read(path).columns] == ["f0", "f1", "f2", "f3"]
    path.write_text(text.replace("Column_0", "first"))
    assert [column.name for column in read(path).columns][:2] == ["first", "Column_1"]


PARAMETERS = "parameters:\n[categorical_feature: 1]\nend of parameters\n"
SET = Question(1, 0.0, (0, 2), "right", False, -1.0, 2.0)


def with_categories(values: Any) -> dict[str, Any]:
    """A model of XGBoost 3.1 whose second feature has these categories."""
    document = by_hand.xgboost_file([SET], base=0.0)
    none: dict[str, Any] = {"values": []}
    encoded = [none, values, none, none]
    document["learner"]["gradient_booster"]["model"]["cats"] = {"enc": encoded}
    return document


def test_columns_hold_categories_and_not_their_numbers(tmp_path: Path) -> None:
    document = with_categories({"type": 15, "values": [7, -3, 40]})
    path = tmp_path / "model.json"
    path.write_bytes(by_hand.as_json(document))
    x = np.zeros((6, 4))
    x[:, 1] = [7, -3, 40, 0, 99, np.nan]
    assert score(read(path), x).ravel().tolist() == [2, -1, 2, -1, -1, 2]
    codes = find_codes(xgboost.read_document(document), [x])[:, 1]
    assert codes[:5].tolist() == [0, 1, 2, -1, -1] and np.isnan(codes[5])
    text = by_hand.lightgbm_file([SET]).replace("pandas_categorical:null", "pandas_categorical:")
    for values in ("[[7, -3, 40]]", "[[7.0, -3.0, 40.0]]"):  # of columns of integers, and of floats
        path.write_text(text.strip() + values + "\n" + PARAMETERS)
        assert score(read(path), x).ravel().tolist() == [-1, 2, -1, 2, 2, 2]


@pytest.mark.parametrize(
    "values",
    [
        {"values": [0.5, 1.5]},
        {"values": [1.0, float("nan")]},
        {"values": [2**40, 1]},
    ],
)
def test_categories_that_are_no_small_whole_numbers_are_refused(
    values: Any, tmp_path: Path
) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(by_hand.as_json(with_categories(values)))
    with pytest.raises(UnsupportedError, match='column "f1"'):
        read(path)


def test_categories_may_be_texts_that_lie_between_numbers(tmp_path: Path) -> None:
    """A NULL goes where the file says, in XGBoost's by node, in LightGBM's right; so do others."""
    words = {"offsets": [0, 1, 3, 6], "values": [97, 98, 99, 100, 101, 102]}  # a, bc, def
    path = tmp_path / "model.json"
    numbers = np.zeros((6, 3))
    texts = np.array([["a"], ["bc"], ["def"], ["A"], [""], [None]], object)
    left = Question(1, 0.0, (0, 2), "left", False, -1.0, 2.0)
    for question, missing in ((SET, 2.0), (left, -1.0)):
        document = with_categories(words)
        model = document["learner"]["gradient_booster"]["model"]
        model["trees"] = [by_hand.xgboost_tree(question)]
        path.write_bytes(by_hand.as_json(document))
        graph = read(path)
        assert [c.kind for c in graph.columns] == ["number", "text", "number", "number"]
        plan = plan_graph(graph, sign(graph, "m"))
        (found,) = evaluate(plan, [numbers, texts], "float32")
        assert found.ravel().tolist() == [2, -1, 2, missing, missing, missing]
    text = by_hand.lightgbm_file([SET]).replace("pandas_categorical:null", "pandas_categorical:")
    texts[2] = "\xdfd"
    path.write_text(text.strip() + '[["a", "bc", "\xdfd"]]\n' + PARAMETERS, encoding="utf-8")
    graph = read(path)
    (found,) = evaluate(plan_graph(graph, sign(graph, "m")), [numbers, texts], "float32")
    assert found.ravel().tolist() == [-1, 2, -1, 2, 2, 2]


def test_categories_that_xgboost_cuts_are_refused(tmp_path: Path) -> None:
    """As 3.2 writes the words "\xe4b" and "c": two letters and one, but of the four bytes three."""
    path = tmp_path / "model.json"
    words = {"offsets": [0, 2, 3], "values": [-61, -92, 98]}
    path.write_bytes(by_hand.as_json(with_categories(words)))
    with pytest.raises(UnsupportedError, match="not all in ASCII"):
        read(path)


def test_catboost_names_its_classes(tmp_path: Path) -> None:
    document = by_hand.catboost_file([0.5])
    document["model_info"]["params"]["loss_function"]["type"] = "Logloss"
    document["model_info"]["class_params"] = {"class_names": ["no", "yes"]}
    path = tmp_path / "model.json"
    path.write_bytes(by_hand.as_json(document))
    assert sign(read(path), "m").labels == ("no", "yes")


@pytest.mark.parametrize(
    ("summary", "version"),
    [
        ("CatBoost release 1.2.10. commit_hash:f8e0", "1.2.10"),
        ("CatBoost Release 1.2.8. commit_hash:2f3b", "1.2.8"),
        ("fix error msg", "unknown"),
    ],
)
def test_catboost_s_release_is_told(tmp_path: Path, summary: str, version: str) -> None:
    document = by_hand.catboost_file([0.5])
    document["model_info"]["catboost_version_info"] = f"Git info:\n    Summary: {summary}\n"
    path = tmp_path / "model.json"
    path.write_bytes(by_hand.as_json(document))
    assert read(path).source.format_version == version


def library_class(module: str, method: str) -> Any:
    """A stand-in for a model in memory: it saves a stored file."""

    def save(self: Any, path: str, format: str = "") -> None:
        shutil.copy(STORED / self.name, path)

    return type("Model", (), {"__module__": module, method: save, "name": ""})


@pytest.mark.parametrize(
    ("module", "name", "form"),
    [
        ("xgboost.core", "vector.ubj", "xgboost"),
        ("lightgbm.basic", "squares.txt", "lightgbm"),
        ("catboost.core", "RMSE_SymmetricTree_Min.json", "catboost"),
    ],
)
def test_models_in_memory_are_saved_by_their_library(module: str, name: str, form: str) -> None:
    model = library_class(module, "save_model")()
    model.name = name
    assert api.read(model).graph.source.format == form


def test_what_no_file_tells_is_refused_in_memory() -> None:
    model = library_class("xgboost.sklearn", "save_model")()
    model.name, model.missing = "vector.ubj", 0
    with pytest.raises(ArchiveError, match="takes 0 for missing"):
        api.read(model)
    model = library_class("lightgbm.sklearn", "save_model")()
    model.name, model.pred_early_stop = "squares.txt", True
    with pytest.raises(ArchiveError, match="pred_early_stop leaves trees out"):
        api.read(model)


def test_a_pickled_estimator_that_leaves_trees_out_is_refused() -> None:
    record = read_pickle((STORED / "lgbm_four.pkl").read_bytes())
    found = find_columns(record)
    assert found is not None
    for value, count in ((False, 0), ("false", 0), (True, 1), ("true", 1)):
        builder = Builder(())
        record.state["pred_early_stop"] = value
        columns = builder.add_columns(f"x{n}" for n in range(found[1]))
        lower(record, columns, "", builder)
        assert len(builder.problems) == count
        assert all("pred_early_stop" in problem.reason for problem in builder.problems)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("library", "name"),
    [
        ("xgboost", "multi_softmax_shallow.json"),
        ("xgboost", "one_hot.json"),
        ("lightgbm", "multiclass_gbdt_zero.txt"),
        ("catboost", "MultiClass_SymmetricTree_Max.json"),
        ("catboost", "Logloss_Lossguide_Min.json"),
    ],
)
def test_an_installed_library_supplies_the_expected_outputs(library: str, name: str) -> None:
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    script = api.script(api.read(STORED / name), target="postgres", name="m")
    assert script.expected_by.lower().startswith(library)
