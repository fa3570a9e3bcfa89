"""Write the stored files of this folder with Keras 3: python tests/data/make.py

Each NAME.h5 and NAME.keras gets NAME.*.npz with 8 rows of inputs (x0, ...) and the outputs that
Keras computed for them (y0, ...).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"  # else some convolutions work on newer CPUs only
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))

import keras  # noqa: E402
import numpy as np  # noqa: E402
import zoo  # noqa: E402

NAMES = ("particle", "shared_model", "several_outputs")


def main() -> None:
    """Write every model in both formats."""
    for name in NAMES:
        for suffix in ("h5", "keras"):
            keras.utils.clear_session()
            model = zoo.build(name, keras)
            inputs = [x[:8] for x in zoo.sample(model)]
            outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
            path = FOLDER / f"{name}.{suffix}"
            model.save(path)
            listed = outputs if isinstance(outputs, list) else [outputs]
            arrays = {f"x{number}": x for number, x in enumerate(inputs)}
            arrays |= {f"y{number}": np.asarray(y) for number, y in enumerate(listed)}
            np.savez_compressed(f"{path}.npz", **arrays)


if __name__ == "__main__":
    main()
