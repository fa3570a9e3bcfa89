"""Low-rank adaptations, which Keras merges into the kernel in .keras files but not in .h5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from exporter.errors import ShapeError
from exporter.formats.keras.hdf5 import Array
from exporter.formats.keras.weights import LegacyWeights, Weights


def merge_lora(config: Mapping[str, Any], weights: Weights, arrays: list[Array]) -> list[Array]:
    """The weights of a layer with kernel + alpha / rank * (a @ b) first, as without LoRA.

    Raises: ShapeError, when the file has only a part of them, or of other shapes.
    """
    rank = config.get("lora_rank")
    if not rank or not isinstance(weights, LegacyWeights):
        return arrays
    names = [path.rsplit("/", 1)[-1].split(":")[0] for path, _ in weights.items]
    found = dict(zip(names, arrays, strict=False))
    base = next((name for name in ("kernel", "embeddings") if f"lora_{name}_a" in found), "")
    if not base:
        return arrays
    alpha = config.get("lora_alpha")
    factor = (rank if alpha is None else alpha) / rank
    parts = [f"lora_{base}_a", f"lora_{base}_b"]
    if len(found) < len(arrays) or not {base, *parts} <= set(found):
        raise ShapeError(f"its LoRA weights are not complete: the file has {', '.join(names)}")
    kernel_type = found[base].dtype
    a, b, kernel = (found.pop(name).astype(np.float64) for name in (*parts, base))
    if a.shape[-1] != b.shape[0] or (*a.shape[:-1], b.shape[-1]) != kernel.shape:
        raise ShapeError(f"its LoRA weights {a.shape} and {b.shape} do not fit {kernel.shape}")
    return [(kernel + factor * (a @ b)).astype(kernel_type), *found.values()]
