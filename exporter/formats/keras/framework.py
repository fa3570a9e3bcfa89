"""Expected outputs from Keras itself, where it is installed, in a process of its own.

This is the only file that imports a framework, and only when it runs as
`python -m exporter.formats.keras.framework MODEL INPUTS.npz OUTPUTS.npz`. The reader never does.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from exporter.formats.child import Array, ChildError, load_arrays, save_arrays, score_in_child
from exporter.formats.format import Answer
from exporter.formats.keras.archive import read_config
from exporter.formats.keras.version import parse_version
from exporter.formats.opening import ModelFile

MODULE = "exporter.formats.keras.framework"
# Without oneDNN TensorFlow has no channels_first or dilated transposed convolutions on a CPU, and
# it switches oneDNN on by itself on newer CPUs only.
VARIABLES = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "1",
}
MIN_KERAS = (3, 11)  # earlier ones could be made to run code that a file names
UNREAD = "compile_config"  # optimizer, loss and metrics, which compile=False leaves out
SAFE_MODULES = (
    "",
    "builtins",
    "keras",
    "keras.activations",
    "keras.constraints",
    "keras.initializers",
    "keras.layers",
    "keras.models",
    "keras.regularizers",
)


def ask(file: ModelFile, inputs: tuple[Array, ...]) -> Answer:
    """Let Keras score the inputs, if it is installed, recent, and of the file's generation."""
    if file.content is None:
        return Answer(None, "", "Keras scores no SavedModel directories")
    if any(array.dtype == object for array in inputs):
        return Answer(None, "", "texts cannot be handed to Keras")
    if importlib.util.find_spec("keras") is None or importlib.util.find_spec("tensorflow") is None:
        return Answer(None, "", "Keras with TensorFlow is not installed")
    installed = parse_version(importlib.metadata.version("keras"))
    config, version = read_config(file)
    saved = parse_version(version)
    if saved.major != installed.major or (installed.major, installed.minor) < MIN_KERAS:
        return Answer(None, "", "the installed Keras is of another generation than the file")
    if not _is_safe({key: value for key, value in config.items() if key != UNREAD}):
        return Answer(None, "", "the file names modules outside Keras")
    return _run(file, inputs)


def _run(file: ModelFile, inputs: tuple[Array, ...]) -> Answer:
    """Keras goes by the suffix, so it gets a copy with the right one."""
    with tempfile.TemporaryDirectory(prefix="export-model-") as name:
        copy = Path(name) / ("model.keras" if file.members else "model.h5")
        with copy.open("wb") as target:
            shutil.copyfileobj(file.start(), target)
        try:
            outputs = score_in_child(MODULE, copy, inputs, variables=VARIABLES)
        except ChildError as error:
            return Answer(None, "", f"Keras does not score the file: {error}")
    versions = importlib.metadata.version("keras"), importlib.metadata.version("tensorflow")
    return Answer(outputs, "Keras {}, TensorFlow {}".format(*versions))


def _is_safe(config: Any) -> bool:
    """Does the configuration name nothing but Keras's own layers and their parts?"""
    open_items = [config]
    while open_items:
        item = open_items.pop()
        if isinstance(item, Mapping):
            module = item.get("module") or ""
            if not isinstance(module, str):
                return False
            if module not in SAFE_MODULES and not module.startswith("keras.src."):
                return False
            if item.get("class_name") in ("Lambda", "__lambda__", "__typespec__"):
                return False
            open_items.extend(item.values())
        elif isinstance(item, list):
            open_items.extend(item)
    return True


def _main(model_path: str, inputs_path: str, outputs_path: str) -> None:
    import keras  # the framework, in this process only

    model = keras.saving.load_model(model_path, compile=False, safe_mode=True)
    inputs = load_arrays(Path(inputs_path))
    results = model(inputs[0] if len(inputs) == 1 else inputs, training=False)
    flat = keras.tree.flatten(results)
    save_arrays(Path(outputs_path), [np.asarray(keras.ops.convert_to_numpy(item)) for item in flat])


if __name__ == "__main__":
    _main(*sys.argv[1:])
