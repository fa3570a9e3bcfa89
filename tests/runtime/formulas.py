"""Every activation as a plain formula on one Python float, the textbook's way."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def logistic(x: float) -> float:
    """1 / (1 + exp(-x)) without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def softplus(x: float) -> float:
    """log(1 + exp(x)) without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def clip(x: float, low: float, high: float) -> float:
    """x, but at least low and at most high."""
    return min(max(x, low), high)


def gelu_tanh(x: float) -> float:
    """The approximation of gelu, with a factor that TensorFlow rounds to float32."""
    factor = float(np.float32(0.044715))
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + factor * x**3)))


# (name, parameters, formula)
ACTIVATIONS: tuple[tuple[str, dict[str, float | bool], Callable[[float], float]], ...] = (
    ("linear", {}, lambda x: x),
    ("relu", {}, lambda x: max(x, 0.0)),
    ("relu", {"max_value": 1.5}, lambda x: clip(x, 0.0, 1.5)),
    ("relu", {"negative_slope": 0.25}, lambda x: x if x > 0 else 0.25 * x),
    ("relu", {"threshold": 0.75}, lambda x: x if x > 0.75 else 0.0),
    (
        "relu",
        {"negative_slope": 0.25, "threshold": 0.75, "max_value": 2.0},
        lambda x: min(x, 2.0) if x > 0.75 else 0.25 * (x - 0.75),
    ),
    ("relu6", {}, lambda x: clip(x, 0.0, 6.0)),
    ("leaky_relu", {}, lambda x: x if x >= 0 else 0.2 * x),
    ("leaky_relu", {"negative_slope": 0.5}, lambda x: x if x >= 0 else 0.5 * x),
    ("threshold_relu", {}, lambda x: x if x > 1 else 0.0),
    ("threshold_relu", {"theta": 0.5}, lambda x: x if x > 0.5 else 0.0),
    ("sigmoid", {}, logistic),
    ("tanh", {}, math.tanh),
    ("hard_sigmoid", {}, lambda x: clip(x / 6 + 0.5, 0.0, 1.0)),
    ("hard_sigmoid", {"slope": 0.2}, lambda x: clip(0.2 * x + 0.5, 0.0, 1.0)),
    ("softplus", {}, softplus),
    ("log_sigmoid", {}, lambda x: -softplus(-x)),
    ("softsign", {}, lambda x: x / (1 + abs(x))),
    ("exponential", {}, math.exp),
    ("elu", {}, lambda x: x if x > 0 else math.expm1(x)),
    ("elu", {"alpha": 0.5}, lambda x: x if x > 0 else 0.5 * math.expm1(x)),
    ("celu", {}, lambda x: max(x, 0.0) + min(math.expm1(x), 0.0) if x < 0 else x),
    ("celu", {"alpha": 2.0}, lambda x: x if x > 0 else 2 * math.expm1(x / 2)),
    ("selu", {}, lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * math.expm1(x))),
    ("silu", {}, lambda x: x * logistic(x)),
    ("hard_silu", {}, lambda x: x * clip(x / 6 + 0.5, 0.0, 1.0)),
    ("mish", {}, lambda x: x * math.tanh(softplus(x))),
    ("gelu", {}, lambda x: 0.5 * x * math.erfc(-x * float(np.float32(math.sqrt(0.5))))),
    ("gelu", {"approximate": True}, gelu_tanh),
    ("squareplus", {}, lambda x: (x + math.sqrt(x * x + 4)) / 2),
    ("squareplus", {"b": 1.0}, lambda x: (x + math.sqrt(x * x + 1)) / 2),
    ("hard_tanh", {}, lambda x: clip(x, -1.0, 1.0)),
    ("hard_shrink", {}, lambda x: x if abs(x) > 0.5 else 0.0),
    ("soft_shrink", {}, lambda x: math.copysign(max(abs(x) - 0.5, 0.0), x)),
    ("tanh_shrink", {}, lambda x: x - math.tanh(x)),
    ("sparse_plus", {}, lambda x: 0.0 if x <= -1 else x if x >= 1 else ((x + 1) / 2) ** 2),
    ("sparse_sigmoid", {}, lambda x: clip((x + 1) / 2, 0.0, 1.0)),
)
