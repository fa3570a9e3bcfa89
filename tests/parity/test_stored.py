"""Files with stored outputs: ours in tests/data always, other people's where they are at hand.

Neither Keras nor TensorFlow is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scoring import score_file
from tolerances import STORED, check_close

from exporter.errors import UnsupportedError
from exporter.formats import read
from exporter.formats.keras.archive import open_archive
from exporter.formats.keras.config import LayerConfig, ModelConfig, parse_model
from exporter.formats.keras.layers import LAYERS
from exporter.formats.keras.layers.operations import is_operation
from exporter.formats.keras.legacy import modernise
from exporter.formats.opening import opened

TESTS = Path(__file__).parent.parent
OURS = sorted(path for path in (TESTS / "data").glob("*.*") if path.suffix in (".h5", ".keras"))
SHARED = TESTS.parent.parent / "shared" / "models"
OTHERS = sorted(path for path in SHARED.glob("*.*") if path.suffix in (".h5", ".hdf5", ".keras"))


def stored(path: Path, letter: str) -> list[np.ndarray]:
    """Arrays x0, x1, ... or y0, y1, ... that lie beside a model."""
    with np.load(f"{path}.npz") as arrays:
        names = sorted((n for n in arrays.files if n[0] == letter), key=lambda n: int(n[1:]))
        return [arrays[name] for name in names]


def walk(model: ModelConfig) -> Iterator[LayerConfig]:
    """All layers, at any depth."""
    for layer in model.layers:
        if layer.model is None:
            yield layer
        else:
            yield from walk(layer.model)


def check_scores(path: Path) -> None:
    """Fail unless the file scores to what is stored."""
    for dtype in ("float32", "float64"):
        scores = score_file(path, stored(path, "x"), dtype)
        for number, (a, e) in enumerate(zip(scores, stored(path, "y"), strict=True)):
            check_close(a, e, STORED, f"{path.name} in {dtype}, output {number}")


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_files_score_to_their_stored_outputs(path: Path) -> None:
    check_scores(path)


def test_our_files_are_there() -> None:
    assert {path.suffix for path in OURS} == {".h5", ".keras"}


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_real_files_score_to_their_stored_outputs_or_are_refused(path: Path) -> None:
    with opened(path) as file, open_archive(file) as archive:
        layers = list(walk(parse_model(archive.config)))
    unknown = {
        layer.name
        for layer in layers
        if modernise(layer.class_name, layer.config)[0] not in {*LAYERS, "InputLayer"}
        and not is_operation(layer, LAYERS)
    }
    if not unknown:
        check_scores(path)
        return
    with pytest.raises(UnsupportedError) as caught:
        read(path)
    for problem in caught.value.problems:
        assert f'layer "{problem.layer}" ({problem.class_name})' in str(caught.value)
    assert {problem.layer for problem in caught.value.problems} & unknown
