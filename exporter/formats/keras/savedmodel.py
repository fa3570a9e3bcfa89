"""SavedModel directories, whose numbers TensorFlow reads in a process of its own.

Beside framework.py this is the only file that imports a framework, and only when it runs as
`python -m exporter.formats.keras.savedmodel DIRECTORY WEIGHTS.npz`. It reads the checkpoint's
numbers and nothing else: the program in saved_model.pb is neither loaded nor run.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from exporter.errors import ArchiveError
from exporter.formats.child import ChildError, run_module
from exporter.formats.keras.archive import SAVE_AGAIN, Archive
from exporter.formats.keras.framework import VARIABLES
from exporter.formats.keras.model import build_graph, read
from exporter.formats.keras.saved import SavedWeights, digest_folder, read_metadata
from exporter.formats.opening import MAX_WEIGHTS_BYTES, ModelFile
from exporter.ir.graph import Graph

GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
VALUE = "VARIABLE_VALUE"
SKIPPED = ("optimizer", "keras_api", "signatures")  # parts of the root that score nothing


def read_any(file: ModelFile) -> Graph:
    """Read a Keras file, or a SavedModel directory of tf.keras through TensorFlow.

    Raises: ArchiveError and UnsupportedError, as read.
    """
    return read(file) if file.content is not None else _read_folder(file.path, file.name)


def _read_folder(folder: Path, name: str) -> Graph:
    metadata = read_metadata(folder)
    digest = digest_folder(folder)
    if importlib.util.find_spec("tensorflow") is None:
        raise ArchiveError(
            f"{name} is a SavedModel directory, whose numbers only TensorFlow can read."
            f" Load it where TensorFlow is, then: {SAVE_AGAIN};"
            f" or install TensorFlow: pip install 'export-model[tensorflow]'."
        )
    with tempfile.TemporaryDirectory(prefix="export-model-") as temporary:
        target = Path(temporary) / "weights.npz"
        _run(folder, target)
        with np.load(target, allow_pickle=False) as stored:
            weights = SavedWeights.open(stored["objects"].tobytes(), stored, metadata)
            version = metadata.keras_version
            return build_graph(
                Archive(metadata.config, weights, version, "tensorflow"), name, digest
            )


def _run(folder: Path, target: Path) -> None:
    module = "exporter.formats.keras.savedmodel"
    try:
        run_module(module, folder.resolve(), target, variables=VARIABLES)
    except ChildError as error:
        raise ArchiveError(
            f"TensorFlow cannot read the variables of {folder.name} ({error})."
            f" Copy the directory again, and compare its size with the original's."
        ) from error


def _main(folder: str, target: str) -> None:
    import tensorflow  # the framework, in this process only
    from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

    prefix = Path(folder) / "variables" / "variables"
    reader = tensorflow.train.load_checkpoint(str(prefix))
    graph = TrackableObjectGraph()
    graph.ParseFromString(reader.get_tensor(GRAPH_KEY))
    children = [{c.local_name: c.node_id for c in node.children} for node in graph.nodes]
    keys = [{a.name: a.checkpoint_key for a in node.attributes}.get(VALUE) for node in graph.nodes]
    for name in SKIPPED:
        children[0].pop(name, None)
    files = prefix.parent.glob("variables.data-*")
    budget = min(MAX_WEIGHTS_BYTES, sum(path.stat().st_size for path in files))
    objects: list[tuple[list[tuple[str, int]], int | None]] = [([], None) for _ in children]
    arrays: list[np.ndarray[Any, Any]] = []
    stack, seen = [0], {0}
    while stack:
        number = stack.pop()
        found = None
        key = keys[number]
        if key and reader.has_tensor(key):
            shape = reader.get_variable_to_shape_map()[key]
            kind = reader.get_variable_to_dtype_map()[key].as_numpy_dtype
            if np.dtype(kind).kind in "fiub":
                budget -= int(np.prod(shape, dtype=object)) * np.dtype(kind).itemsize
                if budget < 0:
                    raise ValueError("its variables claim more bytes than its files have")
                found = len(arrays)
                arrays.append(np.asarray(reader.get_tensor(key)))
        objects[number] = (list(children[number].items()), found)
        new = {n for n in children[number].values() if 0 <= n < len(children)} - seen
        if any(not 0 <= n < len(children) for n in children[number].values()):
            raise ValueError("its objects refer to one that is not there")
        seen |= new
        stack.extend(new)
    text = np.frombuffer(json.dumps(objects).encode(), dtype=np.uint8)
    np.savez(target, *arrays, objects=text)


if __name__ == "__main__":
    _main(*sys.argv[1:])
