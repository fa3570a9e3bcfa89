"""Calls of TensorFlow's functions and nodes, by every name that tf.keras wrote for them.

A call is of a tensor x of 3 x 2, or of another that BEFORE makes of it. What Keras 3 writes under
names of its own is in tests/arguments.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

X = "the tensor"  # stands for x among arguments
ROWS = ((1.0, 2.0), (3.0, 4.0))


@dataclass(frozen=True)
class FunctionCall:
    """tf.PATH(x, **arguments), or of x twice in a list; as a TFOpLambda has it."""

    path: str
    arguments: dict[str, Any] = field(default_factory=dict)
    listed: bool = False
    positive: bool = False
    of: str = "x"


@dataclass(frozen=True)
class NodeCall:
    """A node of TensorFlow's graph: its inputs in order, X or constants, and its attributes."""

    op: str
    inputs: tuple[Any, ...] = (X,)
    attributes: dict[str, Any] = field(default_factory=dict)
    positive: bool = False
    of: str = "x"


# What a call may be of beside x: the function that makes it, and that function's arguments.
BEFORE: dict[str, tuple[str, dict[str, Any]]] = {
    "truths": ("math.greater", {"y": 0.0}),
    "single": ("expand_dims", {"axis": 1}),
}

F, N = FunctionCall, NodeCall
ALL = {"start": None, "stop": None, "step": None}

FUNCTIONS = (
    F("abs"), F("math.abs"), F("math.atan"), F("identity"), F("math.rint"),
    F("math.negative"), F("math.add_n", listed=True), F("concat", {"axis": -1}, listed=True),
    F("nn.bias_add", {"bias": [1.0, 2.0]}), F("nn.swish"), F("nn.l2_normalize", {"axis": 2}),
    F("clip_by_value", {"clip_value_min": -0.5, "clip_value_max": 0.25}),
    F("compat.v1.div", {"y": 3.0}), F("math.truediv", {"y": 3.0}), F("math.floordiv", {"y": 0.3}),
    F("math.floormod", {"y": 0.3}), F("math.pow", {"y": 2.0}, positive=True),
    F("math.squared_difference", {"y": 0.3}), F("ensure_shape", {"shape": [None, 3, 2]}),
    F("__operators__.getitem", {"slice_spec": [ALL, {"start": 1, "stop": None, "step": None}]}),
    F("nn.log_softmax", {"axis": 1}), F("nn.softmax", {"axis": 2}),
    F("math.reduce_all", {"axis": 1}, of="truths"),
    F("math.reduce_any", {"axis": 2}, of="truths"),
    *(F(f"math.reduce_{name}", {"axis": 1})
      for name in ("max", "mean", "min", "prod", "std", "sum", "variance")),
    F("compat.v1.where_v2", {"x": 1.0, "y": X}, of="truths"),
)  # fmt: skip

NODES = (
    *(N(op) for op in ("Abs", "Neg", "Exp", "Expm1", "Square", "Sign", "Floor", "Ceil", "Rint",
                       "Sin", "Cos", "Relu", "Relu6", "Sigmoid", "Tanh", "Softplus", "Softsign",
                       "Selu", "Identity", "IsNan", "IsInf", "IsFinite", "Erf", "Softmax")),
    *(N(op, positive=True) for op in ("Log", "Log1p", "Sqrt", "Rsqrt")),
    *(N(op, (X, 0.3)) for op in ("Add", "AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum",
                                 "SquaredDifference", "FloorDiv", "FloorMod", "Equal", "NotEqual",
                                 "Less", "LessEqual", "Greater", "GreaterEqual")),
    N("Pow", (X, 2.0), positive=True), N("BiasAdd", (X, [1.0, 2.0])),
    *(N(op, (X, [1]), {"keep_dims": True}) for op in ("Mean", "Sum", "Max", "Min", "Prod")),
    N("LogicalAnd", (X, X), of="truths"), N("LogicalOr", (X, X), of="truths"),
    N("LogicalNot", of="truths"), N("SelectV2", (X, 1.0, -1.0), of="truths"),
    N("Select", (X, X, X), of="truths"), N("Cast", attributes={"DstT": "DT_INT32"}),
    N("MatMul", (X, ROWS)), N("BatchMatMulV2", (X, ROWS)),
    N("BatchMatMul", (X, X), {"adj_y": True}), N("Reshape", (X, [-1, 6])), N("LogSoftmax"),
    N("ExpandDims", (X, 1)), N("Squeeze", attributes={"squeeze_dims": [1]}, of="single"),
    N("Transpose", (X, [0, 2, 1])), N("Tile", (X, [1, 2, 1])),
    N("Pad", (X, [[0, 0], [1, 0], [0, 2]])), N("PadV2", (X, [[0, 0], [1, 0], [0, 2]], 7.0)),
    N("ClipByValue", (X, -0.5, 0.25)), N("ConcatV2", (X, X, 1)),
    N("Pack", (X, X), {"axis": 1}), N("Split", (1, X), {"num_split": 3}),
    N("StridedSlice", (X, [0, 1], [0, 2], [1, 1]), {"begin_mask": 1, "end_mask": 1}),
    N("Einsum", (X, ((1.0, 0.0, 2.0),)), {"equation": "bij,ki->bkj"}),
)  # fmt: skip
