"""The zoo as Keras built it: files, rows and Keras' own scores, made once and kept.

A folder holds what one combination of Keras, TensorFlow, numpy and the zoo's source text gives, so
it is good for later runs as well. Several processes may fill it: a model appears in it whole, by
one rename, and whoever comes second takes what is there.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import numpy as np
from zoo import ZOO, build, hard_rows, sample

from exporter.formats import read
from exporter.ir.graph import Graph
from exporter.ir.passes import simplify

TESTS = Path(__file__).parent
NUMBERED = re.compile(r"_\d+$")


@dataclass(frozen=True)
class StoredModel:
    """A model of the zoo in its folder."""

    folder: Path

    def path(self, suffix: str) -> Path:
        """The file that Keras saved, which nobody may change."""
        return self.folder / f"model.{suffix}"

    @property
    def graph(self) -> Graph:
        """The network of the .keras file, simplified: read once, however many tests ask."""
        return _simplified(self.path("keras"))

    @property
    def inputs(self) -> list[np.ndarray]:
        """Rows for each input."""
        arrays = self._listed("x")
        return [x.astype(object) if x.dtype.kind == "U" else x for x in arrays]

    @property
    def outputs(self) -> list[np.ndarray]:
        """What Keras computed from them, in the order of model.outputs."""
        return self._listed("y")

    @property
    def hard_inputs(self) -> list[np.ndarray]:
        """Rows with NaN, infinities and other hard values; none of texts."""
        return self._listed("u")

    @property
    def hard_outputs(self) -> list[np.ndarray]:
        """What Keras computed from these."""
        return self._listed("v")

    @property
    def classes(self) -> set[str]:
        """Keras classes of all layers and operations inside."""
        return set(self._arrays["classes"].tolist())

    @cached_property
    def _arrays(self) -> dict[str, np.ndarray]:
        with np.load(self.folder / "arrays.npz", allow_pickle=False) as stored:
            return dict(stored)

    def _listed(self, letter: str) -> list[np.ndarray]:
        count = sum(name[0] == letter and name[1:].isdigit() for name in self._arrays)
        return [self._arrays[f"{letter}{number}"] for number in range(count)]


@cache
def _simplified(path: Path) -> Graph:
    return simplify(read(path))


@dataclass(frozen=True)
class Zoo:
    """Models by name, built when first asked for."""

    keras: ModuleType
    folder: Path

    def __getitem__(self, name: str) -> StoredModel:
        place = self.folder / quote(name, safe="")
        if not place.exists():
            self._make(name, place)
        return StoredModel(place)

    def _make(self, name: str, place: Path) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as temporary:
            made = Path(temporary) / "made"
            made.mkdir()
            write_model(name, self.keras, made)
            try:
                made.rename(place)
            except OSError:
                if not place.exists():  # else another process was first
                    raise


def write_model(name: str, keras: ModuleType, folder: Path) -> None:
    """Build a model, save it in every format that can hold it, and keep its rows and scores."""
    model = build(name, keras)
    if not all(map(NUMBERED.search, layer_names(model))):
        # Where they are the first of their classes in this session, Keras numbers layers by their
        # places in the file; by the second model otherwise, as in most people's sessions.
        model = build(name, keras)
    inputs = sample(model)
    is_numeric = all(x.dtype != object for x in inputs)
    hard = hard_rows(model, inputs) if is_numeric else []
    rows = [np.concatenate(pair) for pair in zip(inputs, hard, strict=True)] if hard else inputs
    count = len(inputs[0])
    arrays = {f"u{number}": x for number, x in enumerate(hard)}
    for number, y in enumerate(framework_scores(model, rows)):  # of all rows at once: half the time
        arrays[f"y{number}"] = y[:count]
        if hard:
            arrays[f"v{number}"] = y[count:]
    for number, x in enumerate(inputs):
        arrays[f"x{number}"] = x.astype(str) if x.dtype == object else x
    arrays["classes"] = np.array(sorted(layer_classes(model)))
    np.savez(folder / "arrays.npz", **arrays)
    for suffix in ZOO[name].suffixes:
        save(model, folder / f"model.{suffix}")


def digest() -> str:
    """What stored models depend on, as a name."""
    made_of = hashlib.sha256()
    for package in ("keras", "tensorflow", "numpy"):
        made_of.update(importlib.metadata.version(package).encode())
    for path in sorted(TESTS.glob("zoo*.py")):
        made_of.update(path.read_bytes())
    return made_of.hexdigest()[:16]


def remove_others(folder: Path) -> None:
    """Remove what earlier texts of the zoo and other versions of Keras left beside a folder."""
    for other in folder.parent.glob("zoo-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def framework_scores(model: Any, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """What Keras itself computes, outputs in the order of model.outputs."""
    struct = None if type(model).__name__ == "Sequential" else model.input
    given: Any = inputs if isinstance(struct, (list, tuple)) else inputs[0]
    if isinstance(struct, dict):
        given = {port.name: x for port, x in zip(model.inputs, inputs, strict=True)}
    result = model(given, training=False)
    if isinstance(result, dict):
        result = [result[key] for key in sorted(result)]
    return [np.asarray(y) for y in (result if isinstance(result, (list, tuple)) else [result])]


def save(model: Any, path: Path) -> Path:
    """Save a model; Keras warns that .h5 is an old format."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*HDF5.*")
        model.save(path)
    return path


def layer_names(model: Any) -> set[str]:
    """Names of all layers and operations inside, at any depth."""
    parts = [*getattr(model, "operations", ()), *model.layers]
    names = {item.name for item in parts if type(item).__name__ != "InputLayer"}
    return names.union(*(layer_names(item) for item in model.layers if hasattr(item, "layers")))


def layer_classes(model: Any) -> set[str]:
    """Classes of all layers and operations inside, at any depth."""
    names = {type(item).__name__ for item in getattr(model, "operations", ())}
    for item in model.layers:
        names.add(type(item).__name__)
        if hasattr(item, "layers"):
            names |= layer_classes(item)
    return names
