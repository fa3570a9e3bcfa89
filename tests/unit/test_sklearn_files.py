"""Files of several versions of scikit-learn, and of every kind, without the library."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from estimators import compute

from exporter import api
from exporter.errors import ArchiveError, SignatureError, UnsupportedError
from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.joblib import unpack
from exporter.formats.sklearn.model import read_content
from exporter.ir.graph import Graph
from exporter.ir.signature import sign

STORED = Path(__file__).parents[1] / "data" / "sklearn"
FILES = sorted(path for path in STORED.iterdir() if path.suffix in (".pkl", ".joblib"))
OLD = Path(__file__).parents[3] / "shared" / "models" / "tabular"


def stored_inputs(graph: Graph, rows: dict[str, dict[str, Any]]) -> list[np.ndarray]:
    """The rows beside a file as the inputs of its graph."""
    inputs = []
    for port in graph.inputs:
        columns = [list(rows[column.name].values()) for column in port.columns]
        kind = object if port.is_text else float
        inputs.append(np.array([*columns, [None] * len(columns[0])], object)[:-1].T.astype(kind))
    return inputs


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_of_another_version_scores_as_it_did_there(path: Path) -> None:
    graph = api.read(path).graph
    assert graph.source.format == "sklearn"
    assert graph.source.format_version == path.stem.rpartition("-")[2]
    facts = json.loads(gzip.decompress((STORED / f"{path.stem}.json.gz").read_bytes()))
    found = compute(graph, stored_inputs(graph, facts["rows"]))
    np.testing.assert_allclose(found, np.array(facts["outputs"], float), rtol=1e-9, atol=1e-9)


def test_texts_of_python_2_are_those_of_utf_8() -> None:
    """Names of classes and columns, too; that the words are found is what its scores show."""
    model = api.read(STORED / "python2-0.20.4.pkl")
    assert model.graph.labels == ("it's", "naïve", r"no\yes")
    assert [column.name for column in model.graph.inputs[0].columns] == ["größe"]


@pytest.mark.slow
def test_every_container_holds_the_same_model(tmp_path: Path) -> None:
    joblib = pytest.importorskip("joblib")
    pytest.importorskip("sklearn")
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    x = np.random.default_rng(0).normal(size=(30, 3)).round(1)
    model = make_pipeline(StandardScaler(), OneHotEncoder(handle_unknown="ignore")).fit(x)
    digests = {api.read(model).graph.digest}
    for protocol in range(6):
        path = tmp_path / f"p{protocol}.any"
        path.write_bytes(pickle.dumps(model, protocol))
        digests.add(api.read(path).graph.digest)
    for how in (0, "zlib", "gzip", "bz2", "xz", "lzma"):
        path = tmp_path / f"{how}.any"
        joblib.dump(model, path, compress=(how, 3) if how else 0)
        digests.add(api.read(path).graph.digest)
    try:
        import skops.io
    except ImportError:
        pass
    else:
        skops.io.dump(model, tmp_path / "m.skops")
        digests.add(api.read(tmp_path / "m.skops").graph.digest)
    assert len(digests) == 1


def test_a_class_that_is_no_text_is_told_and_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "m.pkl"
    content = (STORED / "python2-0.20.4.pkl").read_bytes()
    path.write_bytes(content.replace(rb"na\xc3\xafve", rb"na\xc3\xffve"))
    graph = api.read(path).graph
    with pytest.raises(SignatureError, match="holds characters that are not Unicode text"):
        sign(graph, "m")
    assert sign(graph, "m", labels=["a", "b", "c"]).labels == ("a", "b", "c")


def test_keys_of_skops_have_their_own_types() -> None:
    skops = pytest.importorskip("skops.io")
    numbers = {np.int64(3): "a", np.uint8(200): "b", np.float32(0.5): "c", 7: "d", 2.5: "e"}
    others = {True: "f", None: "g", "h": "h", np.str_("i"): "i"}
    assert read_content(skops.dumps(numbers | others)) == numbers | others


def test_a_key_of_skops_of_another_type_is_refused() -> None:
    schema = {
        "__loader__": "DictNode",
        "key_types": {"content": [{"__loader__": "TypeNode", "__class__": "date"}]},
        "content": {"2020-01-01": {"__loader__": "JsonNode", "content": "1"}},
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("schema.json", json.dumps(schema))
    with pytest.raises(ArchiveError, match="a key that no model has"):
        read_content(content.getvalue())


OTHERS: dict[str, tuple[Any, str]] = {
    "a dictionary": ({"model": 1, "scaler": 2}, "a dictionary of model, scaler"),
    "a list": ([1, 2], "a list of 2 elements"),
    "a number": (3.5, "a float"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_estimator_is_named(name: str, tmp_path: Path) -> None:
    value, words = OTHERS[name]
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(value))
    with pytest.raises(ArchiveError, match=words) as caught:
        api.read(tmp_path / "m.pkl")
    assert "Save the pipeline alone" in str(caught.value)


def test_an_object_of_another_library_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(b"cmylib.models\nScorer\n)\x81}b.")
    with pytest.raises(ArchiveError, match=r"mylib\.models\.Scorer"):
        api.read(tmp_path / "m.pkl")


def test_a_parameter_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    from sklearn.preprocessing import StandardScaler

    model = StandardScaler().fit(np.eye(3))
    model.__dict__["with_magic"] = True
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(model))
    with pytest.raises(UnsupportedError, match="does not know: with_magic"):
        api.read(tmp_path / "m.pkl")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("outliers-0.20.4", "before 0.22, which scored otherwise"),
        ("votes-0.20.4", "scaled by all rows that it was given at once"),
        ("pairs-0.20.4", "scaled by all rows that it was given at once"),
    ],
)
def test_what_scored_otherwise_is_refused(name: str, reason: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        api.read(STORED / "refused" / f"{name}.pkl")
    assert reason in str(caught.value)


def test_lz4_is_refused_with_what_to_do() -> None:
    with pytest.raises(ArchiveError, match=r"compressed by lz4.*compress=\('gzip', 3\)"):
        unpack(b"\x04\x22\x4d\x18" + bytes(20))


@pytest.mark.parametrize("name", ["090_sk_gradient_boosting_classifier.model", "091_sk_iris.model"])
def test_pickles_of_python_2_are_read(name: str) -> None:
    path = OLD / name
    if not path.exists():
        pytest.skip("needs ../shared")
    value = read_content(path.read_bytes())
    assert isinstance(value, Record)
    assert str(value) == "sklearn.ensemble.gradient_boosting.GradientBoostingClassifier"


def write_record(path: Path, record: Any) -> Path:
    """A pickle of an object that is no fitted pipeline."""
    path.write_bytes(pickle.dumps(record))
    return path


def test_what_is_not_fitted_is_told_as_such(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    models = [LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())]
    for model in models:
        with pytest.raises(ArchiveError, match=rf"{type(model).__name__} is not fitted.*its fit"):
            api.read(write_record(tmp_path / "m.pkl", model))


class Caller:
    """Calls a function where Python loads it."""

    def __reduce__(self) -> Any:
        return exec, ("raise SystemExit('it ran')",)


def test_what_a_pickle_would_call_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"holds builtins\.exec, not a fitted estimator"):
        api.read(write_record(tmp_path / "m.pkl", Caller()))


@pytest.mark.slow
def test_a_threshold_that_no_probability_reaches_is_refused() -> None:
    sklearn = pytest.importorskip("sklearn.linear_model")
    x = np.random.default_rng(0).normal(size=(30, 3))
    model = api.read(sklearn.LogisticRegression().fit(x, x[:, 0] > 0))
    assert api.script(model, target="postgres", name="m", threshold=0.9)
    for threshold in (-0.1, 1.1):
        with pytest.raises(SignatureError, match="outside of the scores"):
            api.script(model, target="postgres", name="m", threshold=threshold)
    margin = api.read(sklearn.Perceptron().fit(x, x[:, 0] > 0))
    assert api.script(margin, target="postgres", name="m", threshold=-7.5)
