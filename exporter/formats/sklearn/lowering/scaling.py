"""Scalers: each number by itself, with what was fitted of its column."""

from __future__ import annotations

import numpy as np

from exporter.formats.sklearn.lowering.builder import Block, constants
from exporter.formats.sklearn.lowering.context import Context, Estimator
from exporter.ir.ops import Standardize

COPY = {"copy": "where the numbers are, not which"}
SINCE_020 = (0, 20)


def standard_scaler(context: Context, block: Block) -> Block:
    """(x - mean_) / scale_, each where it is asked for."""
    x = context.numbers(block)
    mean, scale = np.zeros(x.width), np.ones(x.width)
    if context.flag("with_mean"):
        mean = context.array("mean_", x.width)
    if context.flag("with_std"):
        scale = context.array("scale_", x.width)
    return Block((context.add(Standardize(constants(mean), constants(scale)), x),), block.names)


ESTIMATORS = {
    "StandardScaler": Estimator(
        standard_scaler, ("Standardize",), ("with_mean", "with_std"), COPY, missing=SINCE_020
    ),
}
