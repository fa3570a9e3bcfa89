"""Models of the zoo are built once, whole or not at all, and anew when the zoo or Keras changes."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import zoo_models
from zoo_models import Zoo

KERAS = ModuleType("keras")


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the models that were built, without Keras."""
    names: list[str] = []

    def write_model(name: str, keras: ModuleType, folder: Path) -> None:
        names.append(name)
        texts = np.array(["a", "ü"], object).astype(str)
        arrays = {"x0": texts, "x1": np.ones(2), "y0": np.zeros(2), "classes": np.array(["Dense"])}
        np.savez(folder / "arrays.npz", **arrays)

    monkeypatch.setattr(zoo_models, "write_model", write_model)
    return names


def test_a_model_is_built_once_for_all_processes(tmp_path: Path, built: list[str]) -> None:
    first = Zoo(KERAS, tmp_path)["a/b"]
    second = Zoo(KERAS, tmp_path)["a/b"]
    assert built == ["a/b"]
    assert first.path("h5") == second.path("h5")
    assert second.inputs[0].tolist() == ["a", "ü"]
    assert second.inputs[0].dtype == object
    assert [y.tolist() for y in second.outputs] == [[0.0, 0.0]]
    assert second.classes == {"Dense"}
    assert [path.name for path in tmp_path.iterdir()] == ["a%2Fb"]


def test_whoever_comes_second_takes_the_first_ones(
    tmp_path: Path, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process finishes the same model in the meantime."""
    write_model = zoo_models.write_model

    def slowly(name: str, keras: ModuleType, folder: Path) -> None:
        write_model(name, keras, folder)
        other = tmp_path / name
        other.mkdir()
        write_model(name, keras, other)
        (other / "first").touch()

    monkeypatch.setattr(zoo_models, "write_model", slowly)
    assert (Zoo(KERAS, tmp_path)["dense"].folder / "first").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["dense"]


def test_what_fails_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_model(name: str, keras: ModuleType, folder: Path) -> None:
        (folder / "model.h5").touch()
        raise ValueError("no such layer")

    monkeypatch.setattr(zoo_models, "write_model", write_model)
    with pytest.raises(ValueError, match="no such layer"):
        Zoo(KERAS, tmp_path)["dense"]
    assert list(tmp_path.iterdir()) == []


def test_the_digest_follows_the_zoo_and_the_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zoo_models, "TESTS", tmp_path)
    versions = {"keras": "3.1", "tensorflow": "2.1", "numpy": "2.0"}
    monkeypatch.setattr(importlib.metadata, "version", versions.__getitem__)
    seen = [zoo_models.digest()]
    (tmp_path / "zoo_more.py").write_text("MORE = {}")
    seen.append(zoo_models.digest())
    versions["keras"] = "3.2"
    seen.append(zoo_models.digest())
    assert len(set(seen)) == 3
    assert zoo_models.digest() == seen[-1]


def test_folders_of_other_digests_are_removed(tmp_path: Path) -> None:
    for name in ("zoo-old", "zoo-new", "else"):
        (tmp_path / name).mkdir()
    zoo_models.remove_others(tmp_path / "zoo-new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["else", "zoo-new"]
