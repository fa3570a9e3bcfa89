"""A model of windows over rows: what it can be asked for, and what its plan says."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from database.networks import write_h5, write_sequential

import exporter
from exporter import api, preparing
from exporter.databases import DATABASES
from exporter.errors import SignatureError
from exporter.ir.windows import Padding, Window
from exporter.manifest import Manifest
from exporter.preparing import prepare

ABC = ["a", "b", "c"]


def flat(folder: Path, width: int = 12) -> Path:
    """A network over rows side by side."""
    return write_sequential(folder / "flat.h5", [width, 4, 1], ["tanh", "sigmoid"])


def sequence(folder: Path, length: int | None = 4, mask: float | None = None) -> Path:
    """A recurrent network over (length, 3), behind a Masking layer where mask is given."""
    layers: list[dict[str, Any]] = [
        {"class_name": "SimpleRNN", "config": {"name": "rnn", "units": 2, "activation": "tanh"}},
    ]
    if mask is not None:
        config = {"name": "masking", "mask_value": mask}
        layers.insert(0, {"class_name": "Masking", "config": config})
    layers[0]["config"]["batch_input_shape"] = [None, length, 3]
    generator = np.random.default_rng(3)
    weights = {
        "rnn": {
            "kernel": generator.standard_normal((3, 2)),
            "recurrent_kernel": generator.standard_normal((2, 2)),
            "bias": generator.standard_normal(2),
        }
    }
    config = {"class_name": "Sequential", "config": {"name": "net", "layers": layers}}
    return write_h5(folder / "net.h5", config, weights)


def plan_of(model: Any, target: str = "postgres", **options: Any) -> dict[str, Any]:
    """The plan that a script stores."""
    script = api.script(model, target=target, name="m", **options)
    text = next(s.sql for s in script.statements if s.name == "version")
    start = text.index('{"format"')
    plan: dict[str, Any] = json.JSONDecoder().raw_decode(text[start:].replace("''", "'"))[0]
    return plan


def test_a_flat_input_holds_rows_of_the_features(tmp_path: Path) -> None:
    plan = plan_of(api.read(flat(tmp_path)), features=ABC, window=4, step=2)
    columns = [[name, "number", "null", place] for place, name in enumerate(ABC)]
    assert plan["window"] == {"length": 4, "step": 2, "columns": columns}
    assert plan["features"] == []
    assert "window" not in plan_of(api.read(flat(tmp_path)))


def test_the_length_is_known_where_the_features_are_one_row(tmp_path: Path) -> None:
    model = api.read(sequence(tmp_path))
    assert plan_of(model, features=ABC)["window"]["length"] == 4
    assert plan_of(model, window=4)["window"] == {"length": 4, "step": 1}
    assert "window" not in plan_of(model)
    assert "window" not in plan_of(model, features=[f"x{n}" for n in range(12)])


def test_a_free_length_is_the_windows(tmp_path: Path) -> None:
    model = api.read(sequence(tmp_path, None))
    plan = plan_of(model, features=ABC, window=7)
    assert plan["inputs"][0]["shape"] == [None, 3]
    assert plan["window"]["length"] == 7


@pytest.mark.parametrize("side", ["before", "after"])
def test_padding_is_what_the_masking_layer_passes_over(tmp_path: Path, side: str) -> None:
    model = api.read(sequence(tmp_path, mask=-1.5))
    assert plan_of(model, window=4, pad=side)["window"]["padding"] == [side, -1.5]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no whole rows": ({"window": 5}, "takes 12 numbers, which is no window of 5 rows. It holds"),
    "features": ({"window": 4, "features": ["a", "b"]}, "2 features were given, and a row of the"),
    "twice": ({"window": 4, "features": ["a", "b", "a"]}, "named twice: a"),
    "pad": ({"window": 4, "pad": "before"}, "what a Masking layer passes over"),
    "side": ({"window": 4, "pad": "left"}, "pad is 'left'; give one of"),
    "zero": ({"window": 0}, "window is 0; give a whole number"),
    "true": ({"window": True}, "window is True"),
    "step": ({"window": 4, "step": 0}, "step is 0; give a whole number"),
    "step alone": ({"step": 2}, "give window=LENGTH too"),
    "pad alone": ({"pad": "after"}, "give window=LENGTH too"),
    "samples": (
        {"window": 4, "samples_from": "rows.csv"},
        "sample rows of a model of windows are whole",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused(tmp_path: Path, name: str) -> None:
    options, words = REFUSED[name]
    with pytest.raises(SignatureError, match=words):
        api.script(api.read(flat(tmp_path)), target="postgres", name="m", **options)


def test_other_lengths_of_a_sequence_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SignatureError, match="Its windows have 4 rows"):
        api.script(api.read(sequence(tmp_path)), target="postgres", window=3)


def test_databases_that_do_not_score_windows_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before sample rows are scored."""
    monkeypatch.setattr(preparing, "make_samples", None)
    old: dict[str, Any] = {"target": "greenplum", "greenplum_version": 6}
    with pytest.raises(SignatureError, match="--window is not for Greenplum 6 yet"):
        api.script(api.read(flat(tmp_path)), window=4, **old)
    with pytest.raises(SignatureError, match=r"in Oracle so\. name the columns of one row"):
        api.script(api.read(flat(tmp_path)), window=4, target="oracle")


def test_a_scaler_is_applied_to_rows_and_the_plan_says_so(tmp_path: Path) -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    rows = np.random.default_rng(0).normal(size=(50, 3)) * [1, 10, 100]
    scaler = tmp_path / "scaler.pkl"
    scaler.write_bytes(pickle.dumps(preprocessing.StandardScaler().fit(rows)))
    for path in (flat(tmp_path), sequence(tmp_path), sequence(tmp_path, None)):
        model = exporter.read([scaler, path], window=4)
        plan = plan_of(model, window=4, features=ABC)
        kernels = [step["kernel"] for step in plan["steps"]]
        steps = plan["window"]["steps"]
        assert (kernels[0], kernels[steps - 1]) == ("fold_time", "unfold_time")
        assert "cast" in kernels[:steps], "rounding is by row, too"
        assert plan["window"]["row"] == {"shape": [3]}
        assert plan["inputs"][0] | {"name": ""} == {"name": "", "shape": [4, 3], "dtype": "float64"}
    with pytest.raises(SignatureError, match="read with windows of 4 rows, and 2 are asked for"):
        api.script(model, target="postgres", window=2)
    with pytest.raises(SignatureError, match="give --window 4"):
        exporter.read([scaler, flat(tmp_path)])


def test_the_manifest_brings_window_and_graph_back(tmp_path: Path) -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    scaler = tmp_path / "scaler.pkl"
    rows = np.random.default_rng(0).normal(size=(50, 3))
    scaler.write_bytes(pickle.dumps(preprocessing.MinMaxScaler().fit(rows)))
    model = exporter.read([scaler, sequence(tmp_path, mask=-1.5)], window=4)
    stored = prepare(
        model, DATABASES["postgres"], None, None, {}, name="m", features=ABC, features_from=None,
        window=4, step=3, pad="after", forecast=(), labels=(), threshold=None, samples=3,
        samples_from=None, expected_by="auto", allow_http=False,
    )  # fmt: skip
    manifest = Manifest.from_json(stored.manifest.to_json(), stored.manifest.plan)
    window = manifest.signature.window
    assert isinstance(window, Window)
    assert window.padding == Padding("after", -1.5)
    assert [column.name for column in window.columns] == ABC
    graph = manifest.restore_graph(stored.block)
    from exporter.ir.plan import plan_graph

    assert plan_graph(graph, manifest.signature).text == manifest.plan


def test_a_description_tells_the_window(tmp_path: Path) -> None:
    """Also of a flat input, and behind the preprocessing of one row."""
    path = write_sequential(tmp_path / "m.h5", [12, 5, 1], ["tanh", "linear"])
    model = exporter.read(path)
    assert model.describe().facts()["window"] is None
    description = model.describe(window=4)
    assert description.facts()["window"] == {
        "length": 4, "step": 1, "padding": None, "columns": [], "forecast": [], "width": 3,
    }  # fmt: skip
    assert "takes   windows of 4 rows, 3 columns each" in str(description)
    assert "takes   windows of 4 rows, every 2 rows, 3 col" in str(model.describe(window=4, step=2))
    for wrong, words in (
        ({"window": 5}, "no window of 5 rows"),
        ({"window": 4, "pad": "before"}, "this model has none over its input"),
        ({"step": 2}, "give window=LENGTH too"),
    ):
        with pytest.raises(SignatureError, match=words):
            model.describe(**wrong)
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    scaler = preprocessing.StandardScaler().fit(np.random.default_rng(0).normal(size=(9, 3)))
    file = tmp_path / "scaler.pkl"
    file.write_bytes(pickle.dumps(scaler))
    described = exporter.read([file, path], window=4).describe().facts()["window"]
    assert (described["length"], described["width"]) == (4, 3)
