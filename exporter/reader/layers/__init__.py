"""The one table of supported layers: Keras class -> lowering function.

To add a layer made of existing ops, add a function to the module of its family, a line here and
a case to tests/zoo.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exporter.reader.context import Context, Value
from exporter.reader.layers import activations, core, merging, normalization, reshaping

Lower = Callable[[Context], Sequence[Value]]


WeightCount = Callable[[Mapping[str, Any]], tuple[int, int]]


def no_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """For layers that learn nothing."""
    return 0, 0


@dataclass(frozen=True)
class Layer:
    """How a Keras class is lowered: the function, the ops it emits, and its limits in words.

    weights tells from the configuration how many trainable and other weights it has.
    """

    lower: Lower
    ops: tuple[str, ...]
    limits: str = ""
    weights: WeightCount = no_weights


NO_OP = Layer(core.no_op, (), "does nothing when scoring; training=True is refused")

LAYERS: dict[str, Layer] = {
    "Dense": Layer(
        core.dense, ("Dense", *activations.OPS), "any rank, all activations", core.dense_weights
    ),
    "Activation": Layer(activations.activation, activations.OPS),
    "ReLU": Layer(activations.relu, ("Activation",), "max_value, negative_slope, threshold"),
    "LeakyReLU": Layer(activations.leaky_relu, ("Activation",)),
    "PReLU": Layer(activations.prelu, ("Prelu",), "shared_axes", activations.prelu_weights),
    "ELU": Layer(activations.elu, ("Activation",)),
    "ThresholdedReLU": Layer(activations.thresholded_relu, ("Activation",)),
    "Softmax": Layer(activations.softmax, ("Softmax",), "one axis, no mask"),
    "BatchNormalization": Layer(
        normalization.batch_normalization,
        ("Affine",),
        "any axis; modes 1 and 2 of Keras 1 are refused",
        normalization.batch_normalization_weights,
    ),
    "Normalization": Layer(
        normalization.normalization,
        ("Standardize", "Affine"),
        "axis, invert; adapted or given",
        normalization.normalization_weights,
    ),
    "Rescaling": Layer(normalization.rescaling, ("Affine",), "scale and offset, also per channel"),
    "Flatten": Layer(reshaping.flatten, ("Reshape", "Transpose"), "both data formats"),
    "Reshape": Layer(reshaping.reshape, ("Reshape",)),
    "Permute": Layer(reshaping.permute, ("Transpose",)),
    "Concatenate": Layer(merging.concatenate, ("Concatenate",)),
    "Add": Layer(merging.add, ("Add",), "inputs of different rank as in Keras"),
    "Multiply": Layer(merging.multiply, ("Multiply",), "as Add"),
    "Subtract": Layer(merging.subtract, ("Subtract",), "as Add"),
    "Average": Layer(merging.average, ("Average",), "as Add"),
    "Maximum": Layer(merging.maximum, ("Maximum",), "as Add"),
    "Minimum": Layer(merging.minimum, ("Minimum",), "as Add"),
    "Merge": Layer(
        merging.keras1_merge,
        ("Concatenate", "Add", "Multiply", "Average", "Maximum"),
        "Keras 1, in Functional models: concat, sum, mul, ave, max",
    ),
    **dict.fromkeys(core.NO_OPS, NO_OP),
}
