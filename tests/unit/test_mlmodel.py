"""The file that an MLmodel names, read as data: which flavours, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.errors import ArchiveError

yaml = pytest.importorskip("yaml", reason="PyYAML comes with the extra mlflow")
from exporter.sources.flavours import MAX_MLMODEL_BYTES, choose_files  # noqa: E402

KERAS = ["data/model.keras", "data/model.h5"]
PYFUNC = {"loader_module": "mlflow.sklearn", "model_path": "evil.py"}


def mlmodel(**flavours: Any) -> bytes:
    """An MLmodel with these flavours beside the one that all have."""
    return yaml.safe_dump({"flavors": {"python_function": PYFUNC, **flavours}}).encode()


@pytest.mark.parametrize(
    ("flavour", "settings", "files"),
    [
        ("sklearn", {"pickled_model": "m.pkl", "serialization_format": "pickle"}, ["m.pkl"]),
        ("sklearn", {"pickled_model": "model.skops"}, ["model.skops"]),
        ("xgboost", {"data": "model.ubj", "model_format": "ubj"}, ["model.ubj"]),
        ("lightgbm", {"data": "model.lgb"}, ["model.lgb"]),
        ("catboost", {"data": "model.cb"}, ["model.cb"]),
        ("keras", {"data": "data", "keras_version": "3.0"}, KERAS),
        ("tensorflow", {"data": "data", "save_format": "tf"}, KERAS),
        ("tensorflow", {"model_type": "keras"}, KERAS),
    ],
)  # fmt: skip
def test_every_flavour_names_its_file(
    flavour: str, settings: dict[str, Any], files: list[str]
) -> None:
    assert list(choose_files(mlmodel(**{flavour: settings}), "models:/m/1")) == files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (mlmodel(pytorch={}), "flavours python_function, pytorch, and what can be read are keras"),
        (mlmodel(), "has the flavours python_function,"),
        (mlmodel(sklearn={}, xgboost={}), "sklearn, xgboost, which may be two models"),
        (mlmodel(sklearn="model.pkl"), "says nothing of the flavour sklearn"),
        (mlmodel(sklearn={}), "names the file None"),
        (mlmodel(sklearn={"pickled_model": 7}), "names the file 7"),
        (mlmodel(sklearn={"pickled_model": "../../../etc/passwd"}), "none in its own directory"),
        (mlmodel(sklearn={"pickled_model": "/etc/passwd"}), "none in its own directory"),
        (mlmodel(sklearn={"pickled_model": "file:///etc/passwd"}), "none in its own directory"),
        (mlmodel(sklearn={"pickled_model": "a\\..\\b"}), "none in its own directory"),
        (mlmodel(sklearn={"pickled_model": "a%2e%2e/b"}), "none in its own directory"),
        (mlmodel(sklearn={"pickled_model": "a\nb"}), "none in its own directory"),
        (mlmodel(keras={"data": "../data"}), "none in its own directory"),
        (b"flavors: !!python/object/apply:os.system ['touch /tmp/x']", "no YAML of plain values"),
        (b"flavors: [", "no YAML of plain values"),
        (b"\xff\xfe\x00", "no YAML of plain values"),
        (b"[" * 2_000, "no YAML of plain values"),
        (b"", "names no flavours"),
        (b"- a", "names no flavours"),
        (b"flavors: [sklearn]", "names no flavours"),
        (b" " * (MAX_MLMODEL_BYTES + 1), "4,194,305 bytes, over 4,194,304"),
    ],
)
def test_what_names_no_file_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(ArchiveError) as error:
        choose_files(content, "models:/m/1")
    assert words in str(error.value)
    assert str(error.value).startswith("models:/m/1")
