"""Keras as the judge of expected outputs: asked where it may be, and never believed blindly."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from budgets import is_thorough
from database.networks import write_sequential
from scoring import ask_keras as ask
from zoo_models import save

from exporter.errors import VerificationError
from exporter.formats import child, read
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph
from exporter.samples import draw_inputs, make_samples


@pytest.fixture
def path(keras: ModuleType, tmp_path: Path) -> Path:
    """A Keras 3 file."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="tanh")])
    return save(model, tmp_path / "m.keras")


def test_keras_gives_the_expected_outputs_of_its_own_files(path: Path) -> None:
    graph = simplify(read(path))
    plan = plan_graph(graph, Signature("m"))
    samples = make_samples(graph, plan, draw_inputs(graph, 4), lambda rows: ask(path, rows))
    assert samples.expected_by.startswith("Keras 3.")
    assert "TensorFlow" in samples.expected_by
    own = make_samples(graph, plan, draw_inputs(graph, 4))
    assert own.expected_by == "export-model, float64"
    np.testing.assert_allclose(samples.outputs[0], own.outputs[0], atol=1e-6)


def test_keras_is_asked_for_convolutions_on_every_cpu(
    keras: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """TensorFlow refuses these where oneDNN is off, as it is by itself on older CPUs; what the
    process is started with is looked at, and in the profile `thorough` it is started."""
    if is_thorough():
        request.getfixturevalue("own_process")
    started_with: list[Mapping[str, str]] = []
    start = child.run_module

    def run_module(*words: Any, variables: Mapping[str, str], **given: Any) -> None:
        started_with.append(variables)
        start(*words, variables=variables, **given)

    monkeypatch.setattr(child, "run_module", run_module)
    layers = keras.layers
    x = keras.Input((3, 6, 6))
    plain = layers.Conv2D(2, kernel_size=2, data_format="channels_first")(x)
    dilated = layers.Conv2DTranspose(2, kernel_size=2, dilation_rate=2)(x)
    model = keras.Model(x, [plain, dilated])
    inputs = (np.ones((1, 3, 6, 6), np.float32),)
    expected = model(inputs[0])  # so it works in this process as well
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    answer = ask(save(model, tmp_path / "m.keras"), inputs)
    assert answer.outputs is not None, answer.reason
    assert [variables["TF_ENABLE_ONEDNN_OPTS"] for variables in started_with] == ["1"]
    for ours, theirs in zip(answer.outputs, expected, strict=True):
        np.testing.assert_allclose(ours, np.asarray(theirs), atol=1e-6)


def test_a_disagreement_is_an_error(path: Path, tmp_path: Path) -> None:
    graph = simplify(read(path))
    inputs = draw_inputs(graph, 4)
    other = tmp_path / "other.keras"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "config.json":
                data = data.replace(b'"activation": "tanh"', b'"activation": "relu"')
            new.writestr(name, data)
    plan = plan_graph(graph, Signature("m"))
    with pytest.raises(VerificationError, match="differ by"):
        make_samples(graph, plan, inputs, lambda rows: ask(other, rows))


def test_files_of_another_generation_are_not_shown_to_it(keras: ModuleType, tmp_path: Path) -> None:
    old = write_sequential(tmp_path / "old.h5", [3, 2], ["hard_sigmoid"])
    answer = ask(old, (np.zeros((1, 3), np.float32),))
    assert answer.outputs is None
    assert "another generation" in answer.reason


@pytest.mark.parametrize("module", ["os", "subprocess", "keras.utils", "mypackage.layers"])
def test_files_that_name_other_modules_are_not_shown_to_it(path: Path, module: str) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    layer = config["config"]["layers"][1]["config"]
    layer["kernel_initializer"] = {"module": module, "class_name": "run", "config": {"x": 1}}
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    answer = ask(path, (np.zeros((1, 3), np.float32),))
    assert answer.outputs is None
    assert "modules outside Keras" in answer.reason


def own_loss(expected: Any, given: Any) -> Any:
    """A loss of the author's, whose module a file names."""
    return (expected - given) ** 2


@pytest.mark.parametrize("loss", ["mse", own_loss])
def test_a_model_that_was_trained_is_shown_to_it(
    keras: ModuleType, tmp_path: Path, loss: Any
) -> None:
    """A file names the optimizer and the loss, which are not loaded: compile=False."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("adam", loss, metrics=["accuracy"])
    rows = np.ones((4, 3), np.float32)
    model.fit(rows, rows[:, :2], verbose=0)
    answer = ask(save(model, tmp_path / "trained.keras"), (rows,))
    assert answer.outputs is not None, answer.reason
    np.testing.assert_allclose(answer.outputs[0], np.asarray(model(rows)), atol=1e-6)
