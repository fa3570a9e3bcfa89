"""Files of trees that are truncated, edited or hostile: a clear refusal, in bounded time."""

from __future__ import annotations

import json
import pickle
import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trees_by_hand as by_hand
from trees_by_hand import Question

from exporter.errors import ArchiveError, ExportError, UnsupportedError
from exporter.formats import read
from exporter.formats.json_text import parse_object
from exporter.formats.trees import catboost, lightgbm, xgboost
from exporter.formats.trees.ubjson import parse_ubjson

TREE = Question(
    0, 0.5, (), "left", False,
    Question(1, 1.0, (3, 5), "right", False, -1.0, 2.0),
    Question(2, 2.5, (), "right", True, 0.25, Question(3, 0.1, (), "left", False, 1.0, 4.0)),
)  # fmt: skip
PLAIN = Question(0, 0.5, (), "left", False, 1.0, Question(3, 0.1, (), "left", False, 2.0, 4.0))
Edit = Callable[[Any], object]


def xgboost_file() -> Any:
    return by_hand.xgboost_file([TREE, 1.5, TREE])


def tree_of(document: Any) -> Any:
    return document["learner"]["gradient_booster"]["model"]["trees"][0]


def facts_of(document: Any) -> Any:
    return document["learner"]["learner_model_param"]


def model_of(document: Any) -> Any:
    return document["learner"]["gradient_booster"]["model"]


def put(name: str, place: int, value: Any) -> Edit:
    """One number of the first tree replaced."""
    return lambda document: tree_of(document)[name].__setitem__(place, value)


def without(*path: str) -> Edit:
    def edit(document: Any) -> None:
        for name in path[:-1]:
            document = document[name]
        del document[path[-1]]

    return edit


XGBOOST: tuple[tuple[Edit, str], ...] = (
    (put("left_children", 0, 99), "leads to a node that is not there"),
    (put("right_children", 0, -7), "leads to a node that is not there"),
    (put("left_children", 2, 0), "leads to a node that is not there"),
    (put("left_children", 1, 2), "two ways lead to one of its nodes"),
    (put("left_children", 2, 1), "two ways lead to one of its nodes"),
    (put("left_children", 0, 1.5), "not a list of numbers"),
    (put("left_children", 0, "x"), "not a list of numbers"),
    (put("left_children", 0, 2**70), "not a list of numbers"),
    (put("split_indices", 0, 4), "a feature beyond the 4"),
    (put("split_indices", 0, -1), "a feature beyond the 4"),
    (put("split_conditions", 0, float("nan")), "a threshold that is no number"),
    (put("split_conditions", 3, float("nan")), "not finite"),
    (put("split_conditions", 3, 1e300), "not finite"),
    (put("categories_nodes", 0, 2), "without saying which"),
    (put("categories_sizes", 0, 10**9), "categories that are not there"),
    (put("categories", 0, 2**24), "beyond 16,777,215"),
    (put("categories", 0, -1), "beyond 16,777,215"),
    (lambda d: tree_of(d)["left_children"].pop(), "instead of"),
    (lambda d: tree_of(d).pop("split_indices"), "split_indices"),
    (lambda d: tree_of(d)["tree_param"].update(size_leaf_vector="1000000000"), "size_leaf_vector"),
    (lambda d: tree_of(d)["tree_param"].update(size_leaf_vector="2"), "base_weights"),
    (lambda d: model_of(d)["gbtree_model_param"].update(num_trees="1000000000"), "claims 1,000,0"),
    (lambda d: model_of(d)["trees"].clear(), "claims 3 trees and holds 0"),
    (lambda d: model_of(d).update(tree_info=[0, 0, 5]), "which of 1 output"),
    (lambda d: model_of(d).update(tree_info=[0]), "tree_info"),
    (lambda d: model_of(d).update(trees=[None] * 3), "is no tree"),
    (lambda d: model_of(d).update(weight_drop=[1.0] * 4), "weight_drop"),
    (lambda d: facts_of(d).update(num_feature="1000000000"), "num_feature"),
    (lambda d: facts_of(d).update(num_class="-3"), "num_class"),
    (lambda d: facts_of(d).update(base_score="[1,2,3]"), "base_score"),
    (lambda d: facts_of(d).update(base_score="half"), "base_score"),
    (lambda d: d["learner"].update(feature_names=["a"]), "1 name for 4 features"),
    (lambda d: d["learner"].update(feature_names=[1, 2, 3, 4]), "no list of names"),
    (lambda d: d["learner"]["attributes"].update(best_iteration="9"), "best_iteration"),
    (lambda d: d["learner"]["attributes"].update(best_iteration="x"), "best_iteration"),
    (without("learner"), '"learner" is missing'),
    (without("version"), '"version"'),
    (without("learner", "gradient_booster", "model"), '"model" is missing'),
)


@pytest.mark.parametrize(("edit", "message"), XGBOOST, ids=[m for _, m in XGBOOST])
def test_edited_files_of_xgboost_are_refused(edit: Edit, message: str) -> None:
    document = xgboost_file()
    xgboost.read_document(document)
    edit(document)
    with pytest.raises(ArchiveError, match=re.escape(message)):
        xgboost.read_document(document)


def test_models_that_were_trained_for_no_round_are_refused() -> None:
    """XGBoost scores the untouched base_score with them, as if it were no probability."""
    document = xgboost_file()
    model_of(document).update(trees=[], tree_info=[])
    model_of(document)["gbtree_model_param"]["num_trees"] = "0"
    with pytest.raises(ArchiveError, match="has no trees: train it"):
        xgboost.read_document(document)
    head, _, rest = by_hand.lightgbm_file([PLAIN]).partition("Tree=0")
    with pytest.raises(ArchiveError, match="has no trees: train it"):
        lightgbm.read_text(head + "end of trees" + rest.partition("end of trees")[2])


def test_vector_leaves_of_another_width_are_refused() -> None:
    document = xgboost_file()
    tree = tree_of(document)
    facts_of(document)["num_target"] = "2"
    tree["tree_param"]["size_leaf_vector"] = "2"
    tree["base_weights"] = [0.5] * (2 * len(tree["left_children"]))
    model_of(document).update(trees=[tree], tree_info=[0])
    model_of(document)["gbtree_model_param"]["num_trees"] = "1"
    assert xgboost.read_document(document).body.base.shape == (2,)  # type: ignore[union-attr]
    tree["leaf_weights"] = [0.5] * 5
    with pytest.raises(ArchiveError, match="leaves of 2 values, and not all of them"):
        xgboost.read_document(document)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("my:objective", [3, 2, 0]),
        ("reg:nameless", [3, 2, 0]),
        ("binary:logitraw", [1, 3, 3]),
    ],
)
def test_objectives_that_are_not_known_are_refused(name: str, version: list[int]) -> None:
    document = xgboost_file()
    document["learner"]["objective"]["name"] = name
    document["version"] = version
    with pytest.raises(UnsupportedError, match=f"objective.*{name}"):
        xgboost.read_document(document)


def test_early_stopping_leaves_the_trees_behind_out_and_says_so() -> None:
    document = xgboost_file()
    document["learner"]["attributes"]["best_iteration"] = "1"
    model = xgboost.read_document(document)
    assert len(model.body.starts) == 2  # type: ignore[union-attr]
    assert "2 of 3 trees" in model.warnings[0]


LIGHTGBM = (
    ("num_leaves=5", "num_leaves=1000000000", "has 5 numbers, not 1,000,000,000"),
    ("num_leaves=5", "num_leaves=0", "leaf_value has 5 numbers, not 0"),
    ("num_leaves=5", "num_leaves=x", '"num_leaves" is missing, or no number'),
    ("left_child=1 -1 -3", "left_child=1 -1 99", "leads to a node that is not there"),
    ("left_child=1 -1 -3", "left_child=1 -1 -9", "leads to a leaf that is not there"),
    ("left_child=1 -1 -3", "left_child=1 -1 -1", "two ways lead to one of its nodes"),
    ("left_child=1 -1 -3", "left_child=1 2 -3", "two ways lead to one of its nodes"),
    ("left_child=1 -1 -3", "left_child=1 0 -3", "leads to a node that is not there"),
    ("left_child=1 -1 -3", "left_child=1 -1 x", "not a list of numbers"),
    ("left_child=1 -1 -3", "left_child=1 -1 99999999999999999999", "not a list of numbers"),
    ("split_feature=0", "split_feature=4", "a feature beyond the 4"),
    ("threshold=0.5", "threshold=nan", "a threshold that is no number"),
    ("threshold=0.5 0", "threshold=0.5 7", "categories that are not there"),
    ("threshold=0.5 0", "threshold=0.5 nan", "categories that are not there"),
    ("cat_boundaries=0 2", "cat_boundaries=0 2000000000", "cat_threshold"),
    ("cat_boundaries=0 2", "cat_boundaries=2 0", "categories that are not there"),
    ("decision_type=10", "decision_type=99", "decision_type"),
    ("leaf_value=-1.0", "leaf_value=inf", "not finite"),
    ("tree_sizes=1 1 1", "tree_sizes=" + "1 " * 1000, "claims 1,000 trees and holds 3"),
    ("num_tree_per_iteration=1", "num_tree_per_iteration=1000000000", "in each iteration"),
    ("max_feature_idx=3", "max_feature_idx=999999999", "names 4 features of"),
    ("max_feature_idx=3", "max_feature_idx=-1", "max_feature_idx"),
    ("end of trees", "the end", "its end is missing"),
    ("pandas_categorical:null", "pandas_categorical:[1]", "pandas_categorical"),
    ("pandas_categorical:null", "pandas_categorical:[[", "pandas_categorical is not valid JSON"),
)


@pytest.mark.parametrize(("old", "new", "message"), LIGHTGBM, ids=[new for _, new, _ in LIGHTGBM])
def test_edited_files_of_lightgbm_are_refused(old: str, new: str, message: str) -> None:
    text = by_hand.lightgbm_file([TREE, 1.5, TREE])
    lightgbm.read_text(text)
    assert old in text
    with pytest.raises(ArchiveError, match=re.escape(message)):
        lightgbm.read_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("objective=regression", "objective=custom", "objective.*custom"),
        ("objective=regression\n", "", "objective.*none"),
        ("objective=regression", "objective=regression wild:1", "wild:1"),
        ("is_linear=0", "is_linear=1", "linear_tree"),
        ("pandas_categorical:null", 'pandas_categorical:[["a"]]', "which features"),
    ],
)
def test_what_lightgbm_leaves_open_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        lightgbm.read_text(by_hand.lightgbm_file([TREE]).replace(old, new, 1))


@pytest.mark.parametrize(
    ("objective", "version", "is_refused"),
    [
        ("binary sigmoid:1", "v2", True),
        ("regression sqrt", "v2", True),
        ("regression", "v2", False),
        ("binary sigmoid:1", "v3", False),
    ],
)
def test_an_old_forest_that_may_hold_probabilities_is_refused(
    objective: str, version: str, is_refused: bool
) -> None:
    """LightGBM 2.2.3 began to put sums into the leaves, in files of the same version."""
    text = by_hand.lightgbm_file([TREE], objective=objective, version=version)
    lightgbm.read_text(text)
    text = text.replace("feature_names=", "average_output\nfeature_names=", 1)
    if is_refused:
        with pytest.raises(UnsupportedError, match=r"(?s)boosting.*a forest of version v2"):
            lightgbm.read_text(text)
    else:
        lightgbm.read_text(text)


def catboost_file() -> Any:
    tree = {
        "splits": [
            {"split_type": "FloatFeature", "float_feature_index": 0, "border": 0.5},
            {"split_type": "FloatFeature", "float_feature_index": 1, "border": 0.5},
        ],
        "leaf_values": [1, 2, 3, 4],
    }
    whole = by_hand.catboost_file([PLAIN], oblivious_trees=[tree])
    del whole["trees"]
    return whole


CATBOOST: tuple[tuple[Edit, str], ...] = (
    (lambda d: d["oblivious_trees"][0]["leaf_values"].pop(), "3 values for 4 leaves"),
    (lambda d: d["oblivious_trees"][0].pop("leaf_values"), "leaf values of tree 0"),
    (lambda d: d["oblivious_trees"][0]["splits"].extend([{}] * 40), "more than 16"),
    (lambda d: d["oblivious_trees"][0]["splits"][0].pop("border"), "a border is no number"),
    (lambda d: d["oblivious_trees"][0]["splits"][0].update(border=float("nan")), "threshold"),
    (lambda d: d["oblivious_trees"][0]["splits"][0].update(border=1e39), r"more than 1e\+39"),
    (lambda d: d["oblivious_trees"][0]["splits"][0].update(border=-1e39), r"more than -1e\+39"),
    (
        lambda d: d["oblivious_trees"][0]["splits"][0].update(float_feature_index=9),
        "a feature that is not there",
    ),
    (lambda d: d["oblivious_trees"].clear(), "has no trees: train it"),
    (lambda d: d.pop("oblivious_trees"), "has no trees: train it"),
    (lambda d: d.pop("scale_and_bias"), "scale_and_bias"),
    (lambda d: d.update(scale_and_bias=[1, ["x"]]), "bias is no number"),
    (lambda d: d.update(scale_and_bias=[1, []]), "no bias"),
    (lambda d: d.pop("features_info"), "features_info"),
    (lambda d: d["features_info"]["float_features"][0].pop("feature_index"), "feature_index"),
    (
        lambda d: d["features_info"]["float_features"][0].update(nan_value_treatment="Maybe"),
        "missing values",
    ),
)


@pytest.mark.parametrize(("edit", "message"), CATBOOST, ids=range(len(CATBOOST)))
def test_edited_files_of_catboost_are_refused(edit: Edit, message: str) -> None:
    document = catboost_file()
    catboost.read_document(document)
    edit(document)
    document["oblivious_trees"] = [
        {**tree, "splits": [{"split_type": "FloatFeature", **split} for split in tree["splits"]]}
        for tree in document.get("oblivious_trees", [])
    ]
    with pytest.raises(ArchiveError, match=message):
        catboost.read_document(document)


def categories_file() -> Any:
    """Questions about a number, a single category and statistics of combinations."""
    path = Path(__file__).parents[1] / "data" / "trees" / "categories_binary.json"
    return json.loads(path.read_text("utf-8"))


def means_file() -> Any:
    path = Path(__file__).parents[1] / "data" / "trees" / "categories_means.json"
    return json.loads(path.read_text("utf-8"))


def _ask(document: Any, kind: str) -> Any:
    """The first question of a kind."""
    splits = [split for tree in document["oblivious_trees"] for split in tree["splits"]]
    return next(split for split in splits if split["split_type"] == kind)


def _table(document: Any) -> Any:
    """The first table of counts of classes."""
    return next(table for name, table in document["ctr_data"].items() if "Borders" in name)


def _counter(document: Any) -> Any:
    return next(table for name, table in document["ctr_data"].items() if "Counter" in name)


def _ctr(document: Any) -> Any:
    return next(ctr for ctr in document["features_info"]["ctrs"] if ctr["ctr_type"] == "Borders")


CATEGORIES: tuple[tuple[Edit, str], ...] = (
    (lambda d: d.pop("ctr_data"), "ctr_data"),
    (lambda d: d["ctr_data"].popitem(), "is missing"),
    (lambda d: d["features_info"].pop("categorical_features"), "feature 0 is not there"),
    (lambda d: d["features_info"].pop("ctrs"), "asks for a CTR that is not there"),
    (lambda d: d["features_info"].pop("float_features"), "asks for"),
    (lambda d: d["features_info"]["ctrs"].append(5), r"CTR \d+ is no object"),
    (lambda d: d["features_info"].update(ctrs={}), "no list"),
    (
        lambda d: d["features_info"]["categorical_features"][0].update(feature_index=1),
        "same index",
    ),
    (
        lambda d: d["features_info"]["categorical_features"][0].update(flat_feature_index=1),
        "same flat_feature_index",
    ),
    (lambda d: _ask(d, "OneHotFeature").update(cat_feature_index=7), "feature 7 is not there"),
    (lambda d: _ask(d, "OneHotFeature").update(value=2**32), "value"),
    (lambda d: _ask(d, "OneHotFeature").update(value="x"), "value"),
    (lambda d: _ask(d, "OnlineCtr").update(split_index=10**6), "a CTR that is not there"),
    (lambda d: _ask(d, "OnlineCtr").update(split_index=0), "a CTR that is not there"),
    (lambda d: _ask(d, "OnlineCtr").pop("split_index"), "split_index"),
    (lambda d: _ask(d, "OnlineCtr").update(border=0.125), "another CTR than its split_index"),
    (lambda d: _ask(d, "OnlineCtr").update(ctr_target_border_idx=4), "another CTR"),
    (lambda d: _ctr(d).update(borders=[3, 1]), "do not ascend"),
    (lambda d: _ctr(d).update(borders=[float("nan")]), "do not ascend"),
    (lambda d: _ctr(d).update(elements=[]), "of 0 elements"),
    (lambda d: _ctr(d).update(identifier="{"), "not valid JSON"),
    (lambda d: _ctr(d).update(identifier="{}"), "identifier of another"),
    (lambda d: _ctr(d).update(prior_numerator="x"), "prior_numerator"),
    (lambda d: _ctr(d).update(target_border_idx=-1), "target_border_idx"),
    (lambda d: _table(d).update(hash_stride=0), "strides of 0"),
    (lambda d: _table(d).update(hash_stride=2), "strides of 2"),
    (lambda d: _table(d).update(hash_stride=10**9), "strides of 1000000000"),
    (lambda d: _table(d)["hash_map"].pop(), "in strides of 3"),
    (lambda d: _table(d).update(hash_map="x"), "hash_map"),
    (lambda d: _table(d)["hash_map"].__setitem__(3, "x"), "no hash: 'x'"),
    (lambda d: _table(d)["hash_map"].__setitem__(3, 5), "no hash: '5'"),
    (lambda d: _table(d)["hash_map"].__setitem__(3, str(2**64)), "no hash"),
    (lambda d: _table(d)["hash_map"].__setitem__(3, "9" * 10**6), "no hash"),
    (lambda d: _table(d)["hash_map"].__setitem__(4, 0.5), "no count"),
    (lambda d: _table(d)["hash_map"].__setitem__(4, -1), "no count"),
    (lambda d: _table(d)["hash_map"].__setitem__(4, 2**31), "no count"),
    (lambda d: _table(d)["hash_map"].__setitem__(4, float("nan")), "no count"),
    (lambda d: _table(d)["hash_map"].extend(_table(d)["hash_map"][3:6]), "a hash twice"),
    (lambda d: _counter(d).pop("counter_denominator"), "counter_denominator"),
)


@pytest.mark.parametrize(("edit", "message"), CATEGORIES, ids=range(len(CATEGORIES)))
def test_edited_tables_of_categories_are_refused(edit: Edit, message: str) -> None:
    document = categories_file()
    catboost.read_document(document)
    edit(document)
    with pytest.raises(ArchiveError, match=message):
        catboost.read_document(document)


def test_a_class_beyond_those_that_were_counted_is_refused() -> None:
    document = categories_file()
    for ctr in document["features_info"]["ctrs"]:
        ctr["target_border_idx"] = 1
    for tree in document["oblivious_trees"]:
        for split in tree["splits"]:
            if split["split_type"] == "OnlineCtr":
                split["ctr_target_border_idx"] = 1
    with pytest.raises(ArchiveError, match="asks for class 1 of 2"):
        catboost.read_document(document)


def test_tables_of_which_the_file_has_one_of_two_are_refused() -> None:
    document = means_file()
    kinds = document["model_info"]["params"]["cat_feature_params"]["simple_ctrs"]
    assert kinds[0]["target_binarization"]["border_count"] == 3
    again = {"ctr_type": kinds[0]["ctr_type"], "target_binarization": {"border_count": 1}}
    kinds.append(again)
    with pytest.raises(
        UnsupportedError, match=r"TargetBorderCount 1 and 3.*only one of the tables"
    ):
        catboost.read_document(document)
    again["ctr_type"] = "Buckets"  # which no tree asks for
    catboost.read_document(document)
    first = document["features_info"]["ctrs"][0]
    document["features_info"]["ctrs"].append(first)
    with pytest.raises(UnsupportedError, match=r"twice, for several targets.*only one"):
        catboost.read_document(document)
    for loss in ("MultiRMSE", "MultiLogloss"):
        document = means_file()
        document["model_info"]["params"]["loss_function"]["type"] = loss
        with pytest.raises(UnsupportedError, match=f"for each of the targets of {loss}"):
            catboost.read_document(document)


def test_statistics_of_no_known_type_are_refused() -> None:
    document = categories_file()
    _ctr(document)["ctr_type"] = "Median"
    with pytest.raises(UnsupportedError, match=r"Median.*this type of CTR is not known"):
        catboost.read_document(document)


def test_what_catboost_reads_of_texts_is_refused_at_once() -> None:
    document = catboost_file()
    document["oblivious_trees"][0]["splits"] = [
        {"split_type": "TextFeature", "value": 5},
        {"split_type": "EmbeddingFeature"},
    ]
    with pytest.raises(UnsupportedError, match=r"(?s)EmbeddingFeature.*TextFeature"):
        catboost.read_document(document)
    document = catboost_file()
    document["model_info"]["params"]["loss_function"]["type"] = "PythonUserDefinedPerObject"
    with pytest.raises(UnsupportedError, match=r"loss_function.*PythonUserDefinedPerObject"):
        catboost.read_document(document)


def test_nested_trees_that_are_none_are_refused() -> None:
    deep: Any = {"value": 1}
    for _ in range(100):
        deep = {"left": deep, "right": {"value": 1}, "split": _split()}
    for tree in (deep, {"split": _split()}, {"value": "x"}, {"value": [1, 2]}, None):
        with pytest.raises(ArchiveError):
            catboost.read_document(by_hand.catboost_file([], trees=[tree]))


def _split() -> dict[str, Any]:
    return {"split_type": "FloatFeature", "float_feature_index": 0, "border": 0.5}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[",
        b"[$l#L" + (10**9).to_bytes(8, "big"),
        b"[#L" + (10**9).to_bytes(8, "big"),
        b"[#L" + (-1).to_bytes(8, "big", signed=True),
        b"[$l#L" + (2**62).to_bytes(8, "big"),
        b"[$S#i\x01",
        b"[$l]",
        b"{$i#i\x01",
        b"SL" + (2**62).to_bytes(8, "big"),
        b"Si\x02\xff\xff",
        b"[" * 100_000,
        b"[#L\x00\x00\x00\x00\x00\x01\x86\xa0" * 50_000,
        b"ZZ",
        b"?",
    ],
)
def test_ubjson_that_claims_too_much_is_refused_at_once(content: bytes) -> None:
    start = time.process_time()
    with pytest.raises(ArchiveError):
        parse_ubjson(content)
    assert time.process_time() - start < 1


def test_truncated_files_are_refused() -> None:
    ubjson = by_hand.as_ubjson(xgboost_file())
    for length in range(len(ubjson)):
        with pytest.raises(ArchiveError):
            parse_ubjson(ubjson[:length])
    text = by_hand.lightgbm_file([TREE, 1.5, TREE])
    for length in range(0, text.index("end of trees"), 7):
        with pytest.raises(ExportError):
            lightgbm.read_text(text[:length])


STRANGE = (None, True, -1, 10**30, 0.5, float("nan"), float("inf"), "", "x", [], {}, [[1]], [None])


def spoil(value: Any, chance: random.Random) -> Any:
    """The value with one part, anywhere in it, replaced or left out."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        if chance.random() < 0.1:
            return {name: item for name, item in value.items() if name != key}
        return {**value, key: spoil(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        return [*value[:place], spoil(value[place], chance), *value[place + 1 :]]
    return chance.choice(STRANGE)


def test_whatever_is_in_a_file_it_is_read_or_refused() -> None:
    """Nothing but the program's own errors, each with a sentence."""
    chance = random.Random(13)
    xgb, cat, hashed = xgboost_file(), catboost_file(), categories_file()
    ubjson = by_hand.as_ubjson(xgb)
    text = by_hand.lightgbm_file([TREE, 1.5, TREE])

    def edit_words() -> str:
        words = re.split(r"(\s|=)", text)
        words[chance.randrange(len(words))] = chance.choice(["", "-1", "nan", "99999999999", "x="])
        return "".join(words)

    def edit_bytes() -> bytes:
        content = bytearray(ubjson)
        content[chance.randrange(len(content))] = chance.randrange(256)
        return bytes(content)

    refused = 0
    for _ in range(300):
        attempts: tuple[Callable[[], object], ...] = (
            lambda: xgboost.read_document(_as_object(spoil(xgb, chance))),
            lambda: catboost.read_document(_as_object(spoil(cat, chance))),
            lambda: catboost.read_document(_as_object(spoil(hashed, chance))),
            lambda: lightgbm.read_text(edit_words()),
            lambda: xgboost.read_document(_as_object(parse_ubjson(edit_bytes()))),
        )
        for attempt in attempts:
            try:
                attempt()
            except ExportError as error:
                assert str(error)
                refused += 1
    assert refused > 300


def _as_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ArchiveError("it is no object.")
    return value


def test_numbers_that_json_lacks_are_read_as_xgboost_writes_them() -> None:
    """NaN stands in split_conditions of sets, in files of 1.5 to 2.0."""
    document = xgboost_file()
    node = tree_of(document)["categories_nodes"][0]
    tree_of(document)["split_conditions"][node] = float("nan")
    found = parse_object(by_hand.as_json(document), "it", has_nan=True)
    assert xgboost.read_document(found).names == ()


@pytest.mark.parametrize(
    ("name", "place", "value", "message"),
    [
        ("left_child", 0, 99, "leads to a node that is not there"),
        ("left_child", 1, 0, "leads to a node that is not there"),
        ("left_child", 0, -5, "leads to a node that is not there"),
        ("right_child", 0, 1, "two ways lead to one of its nodes"),
        ("feature", 0, 7, "a feature beyond the 3"),
        ("feature", 0, -3, "a feature beyond the 3"),
        ("threshold", 0, float("nan"), "a threshold that is no number"),
    ],
)
def test_edited_trees_of_scikit_learn_are_refused(
    name: str, place: int, value: float, message: str, tmp_path: Path
) -> None:
    trees = pytest.importorskip("sklearn.tree")
    x = np.random.default_rng(0).normal(size=(100, 3))
    model = trees.DecisionTreeClassifier(max_depth=3).fit(x, (x[:, 0] > 0) ^ (x[:, 1] > 0))
    state = model.tree_.__getstate__()
    state["nodes"][name][place] = value
    model.tree_.__setstate__(state)
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(model))
    with pytest.raises(ArchiveError, match=message):
        read(path)
