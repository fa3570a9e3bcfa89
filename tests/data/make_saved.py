"""Write the SavedModel directories of this folder with tf_keras: python tests/data/make_saved.py

Of each directory only what is read is kept: the TensorFlow program becomes two bytes. Beside it
lies NAME.npz with rows of inputs (x0, ...) and the outputs that tf_keras computed (y0).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"  # else some convolutions work on newer CPUs only
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tf_keras

FOLDER = Path(__file__).parent
layers = tf_keras.layers


def dense() -> Any:
    """Layers without weights between those that have some."""
    return tf_keras.Sequential(
        [
            tf_keras.Input((3,)),
            layers.Dense(4, activation="relu"),
            layers.Dropout(0.3),
            layers.BatchNormalization(),
            layers.Dense(2, activation="softmax"),
        ]
    )


def nested() -> Any:
    """Two inputs, a recurrent layer, a model called twice, a frozen layer, a wrapped layer."""
    words, numbers = tf_keras.Input((5,), dtype="int32"), tf_keras.Input((2,))
    inner_input = tf_keras.Input((2,))
    frozen = layers.Dense(2, trainable=False)
    inner = tf_keras.Model(inner_input, layers.BatchNormalization()(frozen(inner_input)))
    x = layers.Embedding(7, 3, mask_zero=True)(words)
    x = layers.LSTM(2)(x)
    steps = layers.TimeDistributed(inner)(layers.RepeatVector(2)(numbers))
    joined = layers.Concatenate()([x, inner(inner(numbers)), layers.Flatten()(steps)])
    return tf_keras.Model([words, numbers], layers.Dense(1)(joined))


def main() -> None:
    """Write both directories with their expected outputs."""
    rng = np.random.default_rng(0)
    for name, build in (("dense", dense), ("nested", nested)):
        tf_keras.utils.set_random_seed(1)
        model = build()
        model.set_weights([rng.uniform(0.2, 1, w.shape) - 0.1 for w in model.get_weights()])
        inputs = [
            rng.integers(0, 7, (8, *x.shape[1:])) if x.dtype == "int32" else rng.random((8, 2))
            for x in model.inputs
        ]
        if name == "dense":
            inputs = [rng.random((8, 3))]
        path = FOLDER / f"{name}.savedmodel"
        shutil.rmtree(path, ignore_errors=True)
        model.save(path, save_format="tf")
        shutil.rmtree(path / "assets")
        (path / "fingerprint.pb").unlink(missing_ok=True)
        (path / "saved_model.pb").write_bytes(b"\x08\x01")
        outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
        arrays = {f"x{number}": x for number, x in enumerate(inputs)}
        np.savez_compressed(f"{path}.npz", **arrays, y0=outputs)


if __name__ == "__main__":
    main()
