"""TimeDistributed and SpectralNormalization, which hold another layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from exporter.formats.keras.config import parse_inner
from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.layers.core import refuse_training
from exporter.formats.keras.weights import LegacyWeights
from exporter.ir.ops import FoldTime, Reduce, UnfoldTime

# Layers that treat every step of a sequence alike by themselves.
STEPWISE = ("Dense", "Dropout", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU")
VECTORS = ("vector_u", "sn_u")  # with which SpectralNormalization normalizes while training


def time_distributed(context: Context) -> list[Value]:
    """y[t] = layer(x[t]) for every step t.

    The steps become rows, the layer is lowered as if it stood alone, and its results become steps
    again. This is right for every layer, because a lowered layer never mixes rows; in numpy it
    costs nothing, because it only renames axes. Dense and its like work on the last axis anyway
    and take the sequence as it is, which also spares targets without batches the two ops.
    """
    refuse_training(context)
    item = context.config.get("layer")
    if not isinstance(item, Mapping) or context.lower_inner is None:
        context.refuse("its configuration holds no layer", "Save the model again.")
    x = context.input
    if len(x.shape) < 2:
        context.refuse(f"its input {x.shape} has no steps with numbers", "Give it sequences.")
    weights = context.weights
    if not isinstance(weights, LegacyWeights):
        weights = weights.child("layer")
    if parse_inner(item).class_name in STEPWISE:
        results = context.lower_inner("layer", item, weights, [x])
        return [y.with_mask(_mask(context, x, x.mask)) for y in results]
    mask = None if x.mask is None else context.emit(FoldTime(), x.mask)
    steps = context.emit(FoldTime(), x).with_mask(mask)
    results = context.lower_inner("layer", item, weights, [steps])
    outputs = []
    for value in results:
        inner = None if value.mask is None else context.emit(UnfoldTime(), value.mask, x)
        y = context.emit(UnfoldTime(), value, x)
        outputs.append(y.with_mask(_mask(context, x, inner)))
    return outputs


def spectral_normalization(context: Context) -> list[Value]:
    """What the layer inside does: its kernel is stored normalized."""
    refuse_training(context)
    item = context.config.get("layer")
    if not isinstance(item, Mapping) or context.lower_inner is None:
        context.refuse("its configuration holds no layer", "Save the model again.")
    weights = context.weights
    if isinstance(weights, LegacyWeights):
        items = tuple(
            (path, dataset)
            for path, dataset in weights.items
            if path.rsplit("/", 1)[-1].split(":")[0] not in VECTORS
        )
        weights = replace(weights, items=items)
    else:
        weights = weights.child("layer")
    return context.lower_inner("layer", item, weights, [context.input])


def _mask(context: Context, x: Value, inner: Value | None) -> Value | None:
    """The mask of the outputs.

    Keras 1 and 3 pass on the mask of the input. Keras 2 takes what the layer makes of the mask,
    and where it makes nothing of it, 1 for steps that are not masked all through.
    """
    version = context.version
    if version.major != 2 or (not version.is_tf_keras and version.minor < 2):
        return x.mask
    if inner is not None or x.mask is None:
        return inner
    if len(x.mask.shape) == 1:
        return x.mask
    return context.emit(Reduce("max", tuple(range(1, len(x.mask.shape)))), x.mask)
