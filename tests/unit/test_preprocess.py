"""A transformer of scikit-learn in front of a network: one graph, or a refusal with both widths."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from database.networks import write_sequential, write_two_by_two

import exporter
from exporter import api
from exporter.cli import command
from exporter.engines.reference import evaluate
from exporter.errors import ArchiveError, SignatureError, UnsupportedError
from exporter.formats.format import Answer
from exporter.ir.graph import Graph, Source
from exporter.ir.passes import simplify
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign
from exporter.manifest import Manifest, make_manifest
from exporter.samples import draw_inputs, expect_outputs

pd = pytest.importorskip("pandas")
pytest.importorskip("sklearn")
from sklearn.compose import make_column_transformer  # noqa: E402
from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: E402
from sklearn.impute import SimpleImputer  # noqa: E402
from sklearn.linear_model import LinearRegression, LogisticRegression  # noqa: E402
from sklearn.neighbors import KNeighborsTransformer  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler  # noqa: E402

EPOCH = 1.6e9  # seconds since 1970, which float32 cannot tell apart from those a minute later
TABLE = pd.DataFrame(
    {
        "since": EPOCH + np.arange(60.0) * 7,
        "age": np.arange(60.0) % 17,
        "job": ["nurse", "größer", "x"] * 20,
    }
)


def save(folder: Path, model: Any, name: str = "scaler.pkl") -> Path:
    """A pickle of a fitted object."""
    path = folder / name
    path.write_bytes(pickle.dumps(model))
    return path


def network(folder: Path, width: int) -> Path:
    """A network with a hidden layer, of so many numbers."""
    return write_sequential(folder / "net.h5", [width, 4, 1], ["tanh", "sigmoid"])


def scores(graph: Graph, *inputs: Any) -> Any:
    """What a database computes."""
    simple = simplify(graph)
    return evaluate(plan_graph(simple, sign(simple, "m")), list(inputs), "float32")[0]


def test_a_scaler_computes_in_float64_and_the_network_in_float32(tmp_path: Path) -> None:
    numbers = TABLE[["since", "age"]]
    scaler = StandardScaler().fit(numbers)
    path = network(tmp_path, 2)
    model = api.read([save(tmp_path, scaler), path])
    found = scores(model.graph, numbers.to_numpy())
    wanted = scores(api.read(path).graph, scaler.transform(numbers).astype(np.float32))
    np.testing.assert_array_equal(found, wanted)
    early = scores(api.read(path).graph, scaler.transform(numbers.astype(np.float32)))
    assert np.abs(early - wanted).max() > 1e-3, "rounding at the table would not be noticed"
    assert [port.dtype for port in (*model.graph.inputs, *model.graph.outputs)] == [
        "float64",
        "float32",
    ]


def test_columns_of_all_kinds_reach_the_network(tmp_path: Path) -> None:
    transformer = make_column_transformer(
        (make_pipeline(SimpleImputer(), MinMaxScaler()), ["since", "age"]),
        (OneHotEncoder(handle_unknown="ignore"), ["job"]),
    ).fit(TABLE)
    path = network(tmp_path, 5)
    model = api.read([save(tmp_path, transformer), path])
    rows = pd.DataFrame(
        {"since": [EPOCH, np.nan], "age": [np.nan, 3], "job": ["größer", "never seen"]}
    )
    found = scores(
        model.graph, rows[["since", "age"]].to_numpy(float), rows[["job"]].to_numpy(object)
    )
    dense = transformer.transform(rows)
    wanted = scores(api.read(path).graph, np.asarray(dense, np.float32))
    np.testing.assert_array_equal(found, wanted)
    assert [(column.name, column.nulls) for column in model.graph.columns] == [
        ("since", "missing"),
        ("age", "missing"),
        ("job", "missing"),
    ]


def test_null_gives_null_where_the_transformer_fills_nothing(tmp_path: Path) -> None:
    transformer = make_column_transformer(
        (SimpleImputer(), ["since"]), (StandardScaler(), ["age"])
    ).fit(TABLE)
    alone = api.read(save(tmp_path, transformer))
    assert [column.nulls for column in alone.graph.columns] == ["missing", "missing"]
    before = api.read([save(tmp_path, transformer), network(tmp_path, 2)])
    assert {column.name: column.nulls for column in before.graph.columns} == {
        "since": "missing",
        "age": "null",
    }


def test_transformers_one_after_the_other(tmp_path: Path) -> None:
    """A file each for scaler and imputer: what the second fills may be missing for the first."""
    numbers = TABLE[["since", "age"]].to_numpy()
    scaler, imputer = StandardScaler().fit(numbers), SimpleImputer().fit(numbers)
    path = network(tmp_path, 2)
    model = api.read([save(tmp_path, scaler), save(tmp_path, imputer, "imputer.pkl"), path])
    assert [column.nulls for column in model.graph.columns] == ["missing", "missing"]
    assert [item.file_name for item in model.graph.source.files] == [
        "scaler.pkl", "imputer.pkl", "net.h5",
    ]  # fmt: skip
    rows = np.array([[EPOCH, 3.0], [np.nan, 1e6]])
    wanted = imputer.transform(scaler.transform(rows)).astype(np.float32)
    np.testing.assert_array_equal(scores(model.graph, rows), scores(api.read(path).graph, wanted))


def test_an_estimator_in_a_file_of_its_own(tmp_path: Path) -> None:
    numbers = TABLE[["since", "age"]]
    scaler = StandardScaler().fit(numbers)
    estimator = LogisticRegression().fit(scaler.transform(numbers), TABLE["age"] > 8)
    model = api.read([save(tmp_path, scaler), save(tmp_path, estimator, "model.pkl")])
    assert model.graph.labels == ("False", "True")
    assert model.graph.outputs[0].dtype == "float64"
    found = scores(model.graph, numbers.to_numpy())[:, 0]
    wanted = estimator.predict_proba(scaler.transform(numbers))[:, 1]
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


def test_a_null_stays_missing_before_what_takes_missing_values(tmp_path: Path) -> None:
    numbers = TABLE[["since", "age"]].copy()
    numbers.loc[::5, "age"] = np.nan
    scaler = StandardScaler().fit(numbers)
    trees = HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=5)
    trees.fit(scaler.transform(numbers), TABLE["age"] > 8)
    model = api.read([save(tmp_path, scaler), save(tmp_path, trees, "model.pkl")])
    assert [column.nulls for column in model.graph.columns] == ["missing", "missing"]
    found = scores(model.graph, numbers.to_numpy())[:, 0]
    wanted = trees.predict_proba(scaler.transform(numbers))[:, 1]
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own
@pytest.mark.parametrize("shape", [(1, 2), (2, 1)])
def test_an_axis_of_one_is_put_in(tmp_path: Path, shape: tuple[int, ...]) -> None:
    keras = pytest.importorskip("keras")
    layers = keras.layers
    start = [keras.Input(shape), layers.Flatten(), layers.Dense(1)]
    path = tmp_path / "net.keras"
    keras.Sequential(start).save(path)
    scaler = StandardScaler().fit(TABLE[["since", "age"]])
    graph = api.read([save(tmp_path, scaler), path]).graph
    assert graph.outputs[0].shape == (1,)
    assert len(draw_inputs(graph, 4)) == 1


def refusals(folder: Path) -> dict[str, tuple[list[Any], str]]:
    """Lists of models that are refused, and what is said."""
    numbers = TABLE[["since", "age"]]
    scaler = StandardScaler().fit(numbers)
    keras2 = network(folder, 3)
    wide = write_sequential(folder / "wide.h5", [120, 1], ["linear"])
    pair = write_two_by_two(folder / "pair.h5")
    regression = LinearRegression().fit(numbers, TABLE["age"])
    words = LogisticRegression().fit(numbers, TABLE["age"] > 8)
    return {
        "width": ([scaler, keras2], "gives 2 numbers a row, and net.h5 takes 3"),
        "window": ([scaler, wide], "takes 120. These are 60 rows of 2: give --window 60"),
        "inputs": ([scaler, pair], r"pair.h5 has 2 inputs \(.*one Input\(\(2,\)\)"),
        "regression": ([regression, keras2], "does not transform: give a fitted transformer"),
        "classifier": ([words, keras2], "does not transform: give a fitted transformer"),
        "network": ([keras2, keras2], "does not transform: give a fitted transformer"),
    }


@pytest.mark.parametrize(
    "name", ["width", "window", "inputs", "regression", "classifier", "network"]
)
def test_what_does_not_fit_is_refused(tmp_path: Path, name: str) -> None:
    sources, words = refusals(tmp_path)[name]
    with pytest.raises(SignatureError, match=words):
        exporter.script(sources, target="postgres")


@pytest.mark.parametrize("is_pickled", [False, True])
def test_a_sparse_matrix_does_not_go_into_xgboost(tmp_path: Path, is_pickled: bool) -> None:
    """Its zeros are missing values there; those of a dense one are zeros."""
    xgboost = pytest.importorskip("xgboost")
    words = TABLE[["job"]]

    def models(encoder: Any) -> list[Path]:
        x = encoder.fit_transform(words)
        trees = xgboost.XGBClassifier(n_estimators=3, max_depth=2).fit(x, TABLE["age"] > 8)
        second = save(tmp_path, trees, "trees.pkl") if is_pickled else tmp_path / "trees.json"
        if not is_pickled:
            trees.get_booster().save_model(second)
        return [save(tmp_path, encoder), second]

    with pytest.raises(SignatureError, match="a sparse matrix, whose zeros"):
        api.read(models(OneHotEncoder(handle_unknown="ignore")))
    graph = api.read(models(OneHotEncoder(sparse_output=False))).graph
    assert [column.name for column in graph.columns] == ["job"]


@pytest.mark.parametrize("count", [0, 1])
def test_a_list_of_less_than_two_is_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(ArchiveError, match="as \\[scaler, network\\]"):
        api.read([network(tmp_path, 2)] * count)


def test_a_table_of_texts_is_no_input(tmp_path: Path) -> None:
    numbers = TABLE[["since", "age"]]
    encoder = OneHotEncoder(sparse_output=False).fit(TABLE[["job"]])
    with pytest.raises(SignatureError, match=r"onehotencoder.pkl takes texts, and .* gives num"):
        api.read([StandardScaler().fit(numbers), encoder])


def test_all_files_say_what_is_wrong_with_them(tmp_path: Path) -> None:
    near = KNeighborsTransformer().fit(TABLE[["since", "age"]])
    other = make_pipeline(StandardScaler(), near).fit(TABLE[["since", "age"]])
    with pytest.raises(UnsupportedError) as caught:
        api.read([near, other])
    assert len(caught.value.problems) == 2


def test_both_files_are_recorded(tmp_path: Path) -> None:
    scaler = save(tmp_path, StandardScaler().fit(TABLE[["since", "age"]]))
    model = api.read([scaler, network(tmp_path, 2)])
    graph = simplify(model.graph)
    plan = plan_graph(graph, sign(graph, "m"))
    manifest = make_manifest(graph, plan, expect_outputs(plan, draw_inputs(graph, 4)))
    again = Manifest.from_json(manifest.to_json(), plan.text)
    assert again == manifest
    (before,) = again.source.preprocessing
    assert (before.file_name, before.format) == ("scaler.pkl", "sklearn")
    assert len({before.sha256, again.source.sha256}) == 2
    (facts,) = model.facts()["preprocessing"]
    assert facts["sha256"] == before.sha256
    assert str(model).splitlines()[0].startswith("scaler.pkl: saved by scikit-learn")
    script = api.script(model, target="postgres", expected_by="float64")
    assert "-- Made from scaler.pkl before net.h5: " in "\n".join(script.lines())


def test_a_source_without_preprocessing_is_written_as_before() -> None:
    from exporter.manifest import _source_facts

    plain = Source("keras", "3.0", "a.keras", "0" * 64)
    assert sorted(_source_facts(plain)) == ["file_name", "format", "format_version", "sha256"]


def test_each_file_has_to_stay_the_same(tmp_path: Path) -> None:
    scaler = save(tmp_path, StandardScaler().fit(TABLE[["since", "age"]]))
    model = api.read([scaler, network(tmp_path, 2)])
    scaler.write_bytes(scaler.read_bytes() + b"\n")
    with pytest.raises(ArchiveError, match=r"scaler.pkl changed while it was read"):
        api.script(model, target="postgres", expected_by="float64")


def test_the_framework_is_given_transformed_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it answers for those rows is what is expected of the whole."""
    scaler = StandardScaler().fit(TABLE[["since", "age"]])
    path = network(tmp_path, 2)
    alone = api.read(path).graph
    given: list[Any] = []

    def expect(_: Any, __: Any, inputs: tuple[Any, ...], *___: Any) -> Answer:
        given.extend(inputs)
        return Answer((scores(alone, *inputs),), "Keras")

    monkeypatch.setattr("exporter.formats.format.Format.expect", expect)
    model = api.read([save(tmp_path, scaler), path])
    script = api.script(model, target="postgres")
    assert script.expected_by == "Keras, of rows transformed by export-model"
    assert given[0].dtype == np.float32
    drawn = draw_inputs(simplify(model.graph), 8)[0]
    table = pd.DataFrame(drawn, columns=["since", "age"])
    kept = {tuple(row) for row in scaler.transform(table).astype(np.float32)}
    assert {tuple(row) for row in given[0]} <= kept


def test_the_command_takes_it(tmp_path: Path) -> None:
    scaler = save(tmp_path, StandardScaler().fit(TABLE[["since", "age"]]))
    path = network(tmp_path, 2)
    runner = CliRunner()
    shown = runner.invoke(command, ["describe", str(path), "--preprocess", str(scaler), "--json"])
    assert shown.exit_code == 0, shown.output
    assert [item["file"] for item in json.loads(shown.stdout)["preprocessing"]] == ["scaler.pkl"]
    target = tmp_path / "out.sql"
    words = [str(path), "--target", "postgres", "--preprocess", str(scaler), "--output"]
    made = runner.invoke(command, [*words, str(target), "--expected-by", "float64"])
    assert made.exit_code == 0, made.output
    assert '"since"' in target.read_text()
    refused = runner.invoke(command, [*words, str(scaler), "--force"])
    assert refused.exit_code == 2
    assert "--output is the file of --preprocess itself" in refused.output
