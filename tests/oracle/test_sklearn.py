"""Pipelines of scikit-learn in Oracle's interpreter: columns of a table, against the library."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")
pd = pytest.importorskip("pandas")

from database.test_columns import write_mixed_keras  # noqa: E402
from plsql.machine import Session  # noqa: E402
from sklearn.compose import ColumnTransformer  # noqa: E402
from sklearn.feature_extraction.text import CountVectorizer  # noqa: E402
from sklearn.impute import SimpleImputer  # noqa: E402
from sklearn.linear_model import LogisticRegression, Ridge  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import (  # noqa: E402
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

import exporter  # noqa: E402
from exporter.engines.reference import evaluate  # noqa: E402
from exporter.errors import DatabaseError, SignatureError, UnsupportedError  # noqa: E402
from exporter.ir.passes import simplify  # noqa: E402
from exporter.ir.plan import Signature, plan_graph  # noqa: E402
from oracle.schemas import Schema  # noqa: E402

NUMBERS, TEXTS = ["age", "gain"], ["job", "town"]
COLUMNS = [*NUMBERS, *TEXTS]
TOLERANCE = 1e-9


def draw(rows: int = 300) -> Any:
    """People, of whom something may be missing; seconds that float32 does not hold."""
    rng = np.random.default_rng(12)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, rows).astype(float),
            "gain": 1.7e9 + rng.integers(0, 10**6, rows) / 8,
            "job": rng.choice(["nurse", "größer", "o'hara", "a&b"], rows).astype(object),
            "town": rng.choice(["Bonn", "Köln"], rows).astype(object),
        }
    )
    frame.loc[rng.random(rows) < 0.2, "age"] = np.nan
    frame.loc[rng.random(rows) < 0.2, "job"] = np.nan
    return frame


def hard() -> Any:
    """Missing ones, words that nobody knows, zeros, the largest numbers."""
    rows = [
        (41.0, 1.7e9, "nurse", "Bonn"),
        (np.nan, 1.7e9 + 0.125, np.nan, "Köln"),
        (0.0, 0.0, "größer", "Bonn"),
        (-0.0, -1e300, "NURSE", "Köln"),
        (1e-310, 1e16, "nurse ", "bonn"),
        (55.5, 1.7000005e9, "日本", "Köln"),
        (np.nextafter(54, 55), 1.7e9, "a&b", "K" * 3000),
    ]
    return pd.concat([draw(6), pd.DataFrame(rows, columns=COLUMNS)], ignore_index=True)


def preprocessing(encoder: Any = None) -> ColumnTransformer:
    """As for the census: imputer and scaler, imputer and one-hot."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    encoder = encoder or OneHotEncoder(handle_unknown="ignore")
    texts = make_pipeline(SimpleImputer(strategy="constant", fill_value="?"), encoder)
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("texts", texts, TEXTS)])


def fitted(last: Any, classes: int = 0, encoder: Any = None) -> Any:
    """A pipeline of all columns."""
    frame = draw()
    y = frame["age"].fillna(50) / 30 + frame["job"].eq("nurse") + frame["town"].eq("Bonn") / 3
    if classes:
        y = np.array(["no", "größer", "yes"])[np.digitize(y, [2] if classes == 2 else [1.7, 2.5])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_pipeline(preprocessing(encoder), last).fit(frame, y)


ORDINAL = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
MODELS: dict[str, Callable[[], Any]] = {
    "adult": lambda: fitted(LogisticRegression(), 2),
    "classes": lambda: fitted(MLPClassifier((7, 5), max_iter=40, random_state=0), 3),
    "regression": lambda: fitted(make_pipeline(MinMaxScaler(), Ridge()), 0, ORDINAL),
}


def store(schema: Schema, frame: Any) -> None:
    """The rows as a table of the columns' own types."""
    schema.run(
        "create table people (id number, age number, gain binary_double,"
        " job varchar2(4000), town varchar2(4000))"
    )
    session: Session = schema.database.session()  # type: ignore[union-attr]
    for key, row in enumerate(frame.astype(object).where(frame.notna(), None).to_numpy()):
        names = [f"{value:.17g}" if isinstance(value, float) else value for value in row]
        session.execute(
            "insert into people (id, age, gain, job, town) values (:k, :a, :g, :j, :t)",
            dict(zip("kagjt", [key, *[as_number(v) for v in names]], strict=True)),
        )
    session.commit()
    session.close()


def as_number(value: Any) -> Any:
    """Numbers as they are bound, texts as they are."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


@pytest.mark.parametrize(
    ("name", "is_linguistic"), [("adult", True), ("classes", False), ("regression", False)]
)
def test_a_table_is_scored_as_by_scikit_learn(
    interpreter: Schema, tmp_path: Path, name: str, is_linguistic: bool
) -> None:
    """Also where the session says that NURSE is nurse."""
    assert interpreter.database is not None
    interpreter.database.catalog.is_linguistic = is_linguistic
    model, frame = MODELS[name](), hard()
    path = tmp_path / "people.pkl"
    path.write_bytes(pickle.dumps(model))
    deployed = exporter.deploy(exporter.read(path), interpreter.dsn, name="people_m")
    assert deployed.verify().is_ok
    store(interpreter, frame)
    rows = interpreter.run(
        "select id, people_m.score(age => age, gain => gain, job => job, town => town)"
        " from people order by id"
    )
    alone = np.array([np.atleast_1d(score) for _, score in rows], float)
    deployed.score_table("people", key="id", into="scores")
    kept = interpreter.run("select key, score, label from scores order by key")
    batched = np.array([np.atleast_1d(score) for _, score, _ in kept], float)
    expected = answers(model, frame)
    for scores in (alone, batched):
        difference = np.abs(scores - expected) / np.maximum(1, np.abs(expected))
        assert difference.max() <= TOLERANCE
    if name != "regression":
        assert [label for _, _, label in kept] == model.predict(frame).tolist()


def answers(model: Any, frame: Any) -> np.ndarray:
    """What score is to give."""
    if not hasattr(model, "predict_proba"):
        return np.asarray(model.predict(frame)).reshape(len(frame), -1)
    found = model.predict_proba(frame)
    return found[:, 1:] if found.shape[1] == 2 else found


def test_columns_that_do_not_fit_are_refused_with_what_to_write(
    interpreter: Schema, tmp_path: Path
) -> None:
    """CHAR pads its texts; and a character set may not hold the words that the model knows."""
    path = tmp_path / "people.pkl"
    path.write_bytes(pickle.dumps(fitted(LogisticRegression(), 2)))
    model = exporter.read(path)
    interpreter.run("create table padded (age number, gain date, job char(9), town varchar2(9))")
    with pytest.raises(SignatureError) as caught:
        exporter.deploy(model, interpreter.dsn, name="people_m", features_from="padded")
    assert "select rtrim(job) as job" in str(caught.value)
    assert "seconds (cast(gain as date) - date '1970-01-01') * 86400, micro" in str(caught.value)
    assert interpreter.database is not None
    interpreter.database.catalog.character_set = "US7ASCII"
    with pytest.raises(DatabaseError, match=r"US7ASCII, is not known to hold.*gr\\xf6\\xdfer"):
        exporter.deploy(model, interpreter.dsn, name="people_m")
    assert interpreter.objects == [("PADDED", "TABLE")]


ADULT = Path(__file__).parents[2] / "examples" / "adult"


def test_a_network_behind_a_transformer(interpreter: Schema) -> None:
    """--preprocess and Keras: float64 up to the network, float32 within it; real people."""
    model = exporter.read([ADULT / "columns.joblib", ADULT / "network.keras"])
    deployed = exporter.deploy(
        model, interpreter.dsn, name="adult_m", labels=["less", "more"], expected_by="float64"
    )
    assert deployed.verify().is_ok
    columns = [column.name for column in model.graph.columns]
    frame = pd.read_csv(ADULT / "people.csv").head(12)
    rows = frame[columns].astype(object).where(frame[columns].notna(), None)
    inputs = [
        np.array(
            [[value_of(row[column.name], port.is_text) for column in port.columns]
             for _, row in rows.iterrows()],
            object if port.is_text else np.float64,
        )
        for port in model.graph.inputs
    ]  # fmt: skip
    graph = simplify(model.graph)
    (expected,) = evaluate(plan_graph(graph, Signature("adult_m", tuple(columns))), inputs)
    session: Session = interpreter.database.session()  # type: ignore[union-attr]
    scores = [
        session.call("adult_m.score", *[as_number(v) for v in row]) for row in rows.to_numpy()
    ]
    assert np.abs(np.array(scores) - expected[:, 0]).max() <= 1e-6
    labels = [session.call("adult_m.label", *map(as_number, row)) for row in rows.to_numpy()]
    assert labels == ["more" if score > 0.5 else "less" for score in scores]


def value_of(value: Any, is_text: bool) -> Any:
    """A cell as an input of the model has it."""
    if is_text:
        return value
    return np.nan if value is None else float(value)


def test_numbers_and_looked_up_words_of_a_network_side_by_side(
    interpreter: Schema, tmp_path: Path
) -> None:
    path = write_mixed_keras(tmp_path / "mixed.h5")
    names = ("job", "n1", "n2", "city")
    model = exporter.read(path)
    deployed = exporter.deploy(model, interpreter.dsn, name="shop_m", features=names)
    assert deployed.verify().is_ok
    rows = [("nurse", 1.5, 2.0, "Bonn"), ("größer", -1.0, 7.0, "a,b"), ("none", 0.0, 0.0, "Köln")]
    inputs = [
        np.array([[row[0]] for row in rows], object),
        np.array([row[1:3] for row in rows]),
        np.array([[row[3]] for row in rows], object),
    ]
    graph = simplify(model.graph)
    (expected,) = evaluate(plan_graph(graph, Signature("shop_m", names)), inputs)
    session: Session = interpreter.database.session()  # type: ignore[union-attr]
    cursor = ([n, *row] for n, row in enumerate([*rows, (None, 1.0, 1.0, "Bonn")]))
    table = session.select_table_function("shop_m.score_table", cursor)
    alone = [session.call("shop_m.score", *row) for row in rows]
    assert table[-1][1] is None
    for scores in (alone, [row[1] for row in table[:-1]]):
        assert np.abs(np.array(scores) - expected[:, 0]).max() <= 1e-6


def test_what_cannot_be_scored_is_refused_once_for_each_op(tmp_path: Path) -> None:
    """Two steps of one op for one reason are one line."""
    words = ["red green", "green blue", "blue red", "green"]
    texts = ColumnTransformer([(c, CountVectorizer(), c) for c in TEXTS])
    frame = pd.DataFrame(dict.fromkeys(TEXTS, words))
    path = tmp_path / "words.pkl"
    path.write_bytes(pickle.dumps(make_pipeline(texts, Ridge()).fit(frame, range(4))))
    with pytest.raises(UnsupportedError) as caught:
        exporter.script(exporter.read(path), target="oracle")
    (problem,) = caught.value.problems
    assert problem.class_name == "CountTokens, 2 times"
    assert "letters and blanks of Unicode are not in PL/SQL" in str(caught.value)
