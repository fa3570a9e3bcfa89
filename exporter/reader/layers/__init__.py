"""The one table of supported layers: Keras class -> lowering function.

To add a layer made of existing ops, add a function to the module of its family, a line here and
a case to tests/zoo.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from exporter.reader.context import Context, Value
from exporter.reader.layers import activations, core, merging, normalization, reshaping

Lower = Callable[[Context], Sequence[Value]]


@dataclass(frozen=True)
class Layer:
    """How a Keras class is lowered: the function, the ops it emits, and its limits in words."""

    lower: Lower
    ops: tuple[str, ...]
    limits: str = ""


NO_OP = Layer(core.no_op, (), "does nothing when scoring; training=True is refused")

LAYERS: dict[str, Layer] = {
    "Dense": Layer(core.dense, ("Dense", "Activation", "Softmax"), "any rank, all activations"),
    "Activation": Layer(activations.activation, ("Activation", "Softmax", "LogSoftmax")),
    "ReLU": Layer(activations.relu, ("Activation",), "max_value, negative_slope, threshold"),
    "LeakyReLU": Layer(activations.leaky_relu, ("Activation",)),
    "PReLU": Layer(activations.prelu, ("Prelu",), "shared_axes"),
    "ELU": Layer(activations.elu, ("Activation",)),
    "ThresholdedReLU": Layer(activations.thresholded_relu, ("Activation",)),
    "Softmax": Layer(activations.softmax, ("Softmax",), "one axis, no mask"),
    "BatchNormalization": Layer(
        normalization.batch_normalization, ("Affine",), "any axis; Keras 1 mode 1 is refused"
    ),
    "Normalization": Layer(
        normalization.normalization, ("Standardize", "Affine"), "axis, invert; adapted or given"
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
