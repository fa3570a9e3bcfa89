"""What Oracle cannot have of a model is refused before anybody scores sample rows, all at once."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from database.networks import write_sequential

import exporter
from exporter import preparing
from exporter.errors import SignatureError, SqlTextError, UnsupportedError


@pytest.fixture(autouse=True)
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where sample rows are scored."""

    def score(*_: Any) -> Any:
        raise AssertionError("sample rows were scored")

    monkeypatch.setattr(preparing, "make_samples", score)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two numbers in, one out."""
    return write_sequential(tmp_path_factory.mktemp("m") / "m.h5", [2, 1], ["sigmoid"])


@pytest.mark.parametrize(
    ("options", "error", "messages"),
    [
        ({"features": ["gr\u00f6\u00dfe", "o&t"]}, SignatureError, ["character", "features o&t"]),
        ({"features": ["a", "A"]}, SignatureError, ["are one name in Oracle"]),
        ({"labels": ["a", "\u00e4" * 2001]}, SignatureError, ["4,002 bytes", "4,000 in Oracle"]),
        ({"name": "export_model_x"}, SignatureError, ["begins like the registry's own"]),
        ({"name": "n" * 120}, SqlTextError, ["has 120 bytes"]),
        (
            {"name": "n" * 22, "features": ["a" * 31, "b"], "oracle_version": "12.1"},
            SignatureError,
            ["allows 21", "allows 30"],
        ),
    ],
)
def test_names(
    network: Path, options: dict[str, Any], error: type[Exception], messages: list[str]
) -> None:
    with pytest.raises(error) as caught:
        exporter.script(exporter.read(network), target="oracle", **options)
    assert all(message in str(caught.value) for message in messages), caught.value


def test_names_beside_what_cannot_be_computed(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    pd = pytest.importorskip("pandas")
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline

    texts = ["title", "body"]
    words = ["red green", "green blue", "blue red", "green"]
    frame = pd.DataFrame(dict.fromkeys(texts, words))
    counts = ColumnTransformer([(name, CountVectorizer(), name) for name in texts])
    path = tmp_path / "words.pkl"
    path.write_bytes(pickle.dumps(make_pipeline(counts, Ridge()).fit(frame, range(4))))
    with pytest.raises(UnsupportedError) as caught:
        exporter.script(
            exporter.read(path), target="oracle", name="nn_double", features=["a b", "o&t"]
        )
    (problem,) = caught.value.problems
    assert problem.class_name == "CountTokens, 2 times"
    first, *lines = str(caught.value).splitlines()
    assert first == "1 layer cannot be exported:"
    assert "letters and blanks of Unicode are not in PL/SQL" in lines[0]
    assert "begins like the registry's own" in lines[1]
    assert "'o&t' holds a character" in lines[2]
