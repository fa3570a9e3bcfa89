"""Operations among layers: those of keras.ops, and TensorFlow's as tf.keras recorded them.

Each is written once for all spellings: `operation` names them, lower case, without "tf.math." and
the like. Axes and shapes count the batch as 0 here; what would mix rows is refused by name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from exporter.formats.json_text import parse_json
from exporter.formats.keras.config import LayerConfig, TensorRef
from exporter.formats.keras.context import CAST_FIRST, Builder, Context, Value
from exporter.formats.keras.layers.inputs import array_type
from exporter.ir.ops import (
    Activation,
    Add,
    Clip,
    Concatenate,
    Constant,
    Cut,
    Dense,
    Divide,
    Dtype,
    Fill,
    Glu,
    LogSoftmax,
    Matmul,
    Maximum,
    Merge,
    Minimum,
    Modulo,
    Multiply,
    NotEqual,
    Op,
    Pad,
    Power,
    Reduce,
    Repeat,
    Reshape,
    Shape,
    Softmax,
    Sparsemax,
    Subtract,
    Transpose,
    Unary,
    UnitNormalization,
    Where,
)

CLASS_NAME = "Operation"  # what the table of layers calls the classes of keras.ops
SHARED = ("Average", "Dot")  # further names that layers and operations share
OPS = (
    "Activation", "Add", "Affine", "Clip", "Concatenate", "Constant", "Cut", "Dense", "Divide",
    "Fill", "Matmul", "Modulo",
    "Maximum", "Minimum", "Multiply", "NotEqual", "Pad", "Power", "Reduce", "Repeat", "Reshape",
    "Softmax", "LogSoftmax", "Sparsemax", "Glu", "Subtract", "Transpose", "Unary",
    "UnitNormalization", "Where",
)  # fmt: skip
TENSORFLOW_MODULES = ("", "__operators__", "compat.v1", "compat.v1.math", "linalg", "math", "nn")
ADVICE = "Replace it by standard layers, or move it into the SQL that calls score."
MAX_PARTS = 10_000  # of a tensor, or repetitions
MIXES_ROWS = "it works across the rows that are scored together"
# Arguments that no function below reads because, with these values, they change no number.
HARMLESS: dict[str, tuple[Any, ...]] = {
    "beta": (1.0,),  # tf.nn.silu
    "conjugate": (False,),  # tf.transpose
    "grad_a": (False,),
    "grad_b": (False,),
    "grad_x": (False,),
    "grad_y": (False,),
    "sparse": (False,),  # keras.ops.convert_to_tensor
    "ragged": (False,),
    "Truncate": (False,),  # Cast
}
# Names of results and of types that follow from the tensors, whatever they are.
SAY_NOTHING = (
    "name", "preferred_dtype", "out_type", "T", "Tidx", "Tperm", "Tshape", "Tpaddings", "Tdim",
    "Tmultiples", "Tdims", "SrcT", "Index", "N", "_output_shapes", "_class",
)  # fmt: skip
KERAS_ONLY = ("normalize",)  # other functions of TensorFlow bear these names


@dataclass(frozen=True)
class Lengths(Value):
    """What tf.shape gave: the lengths of a tensor, known when reading but for the batch."""

    lengths: tuple[int | None, ...] = ()


@dataclass(frozen=True)
class Arguments:
    """Arguments of a call: tensors as Values, all else as in the file.

    used notes what get was asked for, so that an argument nobody asks for can be refused.
    """

    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    used: set[int | str] = field(default_factory=set)

    def get(self, position: int | None, *names: str, default: Any = None) -> Any:
        """The argument at a position (None: by name only) or under one of its names."""
        if position is not None and position < len(self.args):
            self.used.add(position)
            return self.args[position]
        for name in names:
            if name in self.kwargs:
                self.used.add(name)
                return self.kwargs[name]
        return default

    def all_by_position(self) -> Sequence[Any]:
        """The arguments given by position, all of them used."""
        self.used.update(range(len(self.args)))
        return self.args

    def unused(self) -> dict[str, Any]:
        """What was given, changes the result as far as is known, and was not asked for."""
        by_name = {
            name: value
            for name, value in self.kwargs.items()
            if name not in self.used
            and name not in SAY_NOTHING
            and not (value is None or any(value == item for item in HARMLESS.get(name, ())))
        }
        by_position = {
            f"argument {n}": value
            for n, value in enumerate(self.args)
            if n not in self.used and value is not None
        }
        return {**by_position, **by_name}


Lower: TypeAlias = Callable[[Context, Arguments], list[Value]]
OPERATIONS: dict[str, Lower] = {}


def operation(*names: str) -> Callable[[Lower], Lower]:
    """Enter a function under the names of an operation."""

    def enter(function: Lower) -> Lower:
        OPERATIONS.update(dict.fromkeys(names, function))
        return function

    return enter


def is_operation(layer: LayerConfig, layers: Container[str]) -> bool:
    """Whether a layer of the configuration is one of keras.ops, whose names layers share.

    Keras 3 leaves the modules out of .h5 files. There layers that share the name of an operation
    have "trainable" in their configuration or take a list of tensors.
    """
    if layer.model is not None:
        return False
    if not layer.module:
        args = layer.calls[0].args if layer.calls else ()
        is_layer = "trainable" in layer.config or bool(args and isinstance(args[0], list))
        is_known = _snake_case(layer.class_name) in OPERATIONS or layer.class_name in SHARED
        return layer.is_keras3 and is_known and not (layer.class_name in layers and is_layer)
    return layer.module.startswith(("keras.src.ops", "keras.ops"))


def keras_operation(context: Context) -> list[Value]:
    """An operation of keras.ops; its arguments are in the call or in its configuration."""
    call = _arguments(context)
    settings = {key: value for key, value in context.config.items() if key != "name"}
    name = _snake_case(context.layer.class_name)
    return _lower(
        context, f"keras.ops.{name}", name, Arguments(call.args, {**settings, **call.kwargs})
    )


def tensorflow_operation(context: Context) -> list[Value]:
    """A TFOpLambda or SlicingOpLambda of tf.keras 2.4 and later."""
    path = str(context.config.get("function"))
    module, _, name = path.rpartition(".")
    known = name if module in TENSORFLOW_MODULES and name not in KERAS_ONLY else path
    return _lower(context, f"tf.{path}", known, _arguments(context))


def tensorflow_node(context: Context) -> list[Value]:
    """A TensorFlowOpLayer of tf.keras 2.0 to 2.3: a node of TensorFlow's graph, and constants."""
    text = context.config.get("node_def")
    node: Any = parse_json(text, "its node_def", has_nan=True) if isinstance(text, str) else text
    name = str(node["op"])
    attributes = {key: _attribute(item) for key, item in node.get("attr", {}).items()}
    tensors = list(context.inputs)
    constants = {int(key): value for key, value in (context.config.get("constants") or {}).items()}
    count = len(tensors) + len(constants)
    args = [constants[i] if i in constants else tensors.pop(0) for i in range(count)]
    return _lower(
        context, f"tf.raw_ops.{name}", f"node {_snake_case(name)}", Arguments(args, attributes)
    )


def _attribute(item: Mapping[str, Any]) -> Any:
    """The value of {type: value}, which JSON of protobuf writes as a text for whole numbers."""
    ((kind, value),) = item.items()
    if kind == "list":
        return [_attribute({kind: part}) for kind, parts in value.items() for part in parts]
    return int(value) if kind == "i" else value


def _lower(context: Context, full_name: str, name: str, arguments: Arguments) -> list[Value]:
    function = OPERATIONS.get(name)
    if function is None and name.startswith("node "):
        function = NODES.get(name[5:])
    if function is None:
        context.refuse(f"operation {full_name} is not supported", ADVICE)
    results = function(context, arguments)
    for key, value in arguments.unused().items():
        context.refuse(
            f"operation {full_name} is given {key} = {str(value)[:40]}, which is not supported",
            f"Leave {key} out, or compute what it does by other operations.",
        )
    return results


def _arguments(context: Context) -> Arguments:
    """The call's arguments with values in the place of references, in the order of walk_refs."""
    values = iter(context.inputs)
    args = [_fill(item, values) for item in context.call.args]
    return Arguments(args, {k: _fill(item, values) for k, item in context.call.kwargs.items()})


def _fill(item: Any, values: Iterator[Value]) -> Any:
    if isinstance(item, TensorRef):
        return next(values)
    if isinstance(item, Mapping):
        return {key: _fill(item[key], values) for key in sorted(item)}
    return [_fill(part, values) for part in item] if isinstance(item, list) else item


# Operands.


def _value(context: Context, item: Any) -> Value:
    if isinstance(item, Lengths) or not isinstance(item, Value):
        context.refuse("it computes with constants or shapes where a tensor is due", ADVICE)
    return item


def _array(context: Context, item: Any) -> np.ndarray[Any, Any]:
    """A constant: a number, nested lists, or an array as Keras 3 writes it."""
    if isinstance(item, Mapping):
        item = item.get("config", item)
        item = item.get("value", item) if isinstance(item, Mapping) else item
    try:
        array = np.asarray(item)
        # None would become NaN, and a text the number that it spells.
        if array.size and array.dtype.kind not in "biuf":
            raise TypeError(item)
        array = array.astype(np.float64)
    except (TypeError, ValueError):
        context.refuse(f"its argument {str(item)[:40]!r} is not a number", ADVICE)
    return array


def _number(context: Context, item: Any) -> float:
    """A single constant number."""
    array = _array(context, item)
    if array.size != 1:
        context.refuse(f"its argument {str(item)[:40]!r} is not a single number", ADVICE)
    return float(array.reshape(()))


def _operands(context: Context, items: Sequence[Any]) -> list[Value]:
    """Tensors of equal rank, from tensors and constants, aligned as broadcasting does."""
    ranks = {len(_value(context, item).shape) for item in items if isinstance(item, Value)}
    if len(ranks) != 1:
        context.refuse(f"{MIXES_ROWS}: its tensors differ in rank", ADVICE)
    (rank,) = ranks
    _check_narrow(context, items)
    result = []
    for item in items:
        if isinstance(item, Value):
            result.append(item)
            continue
        array = _array(context, item)
        if array.ndim > rank and array.shape[0] == 1:
            array = array[0]
        if array.ndim > rank:
            context.refuse(f"{MIXES_ROWS}: its constant has shape {array.shape}", ADVICE)
        array = array.reshape((1,) * (rank - array.ndim) + array.shape)
        constant = context.emit(Constant(context.constant(array)))
        _note_type(context.builder, item, constant.number)
        result.append(constant)
    return result


def _note_type(builder: Builder, item: Any, number: int) -> None:
    """Remember of a constant what its type makes of the numbers that it meets."""
    dtype = array_type(item)
    if dtype == "float64":
        builder.firm.add(number)
    elif dtype == "bool":
        builder.truths.add(number)
    elif "int" in dtype or (not dtype and np.asarray(item).dtype.kind == "i"):
        builder.whole_constants.add(number)


def _check_narrow(context: Context, items: Sequence[Any]) -> None:
    """Refuse arrays whose few bits Keras computes in: those of 16 beside whole numbers only, small
    whole numbers beside truth values only."""
    builder = context.builder
    numbers = {item.number for item in items if isinstance(item, Value)}
    for dtype in map(array_type, items):
        halves = dtype in ("float16", "bfloat16") and builder.is_integer(*numbers)
        small = re.fullmatch(r"u?int(8|16)", dtype) and builder.truths.issuperset(numbers)
        if halves or small:
            context.refuse(
                f"it computes in {dtype} with an array of that type", "Give it an array of float32."
            )


def meet_array(context: Context, x: Value, array: Any) -> Value:
    """x in the type in which Keras computes its product with an array.

    Raises: LayerProblem, where that is one of whole numbers.
    """
    dtype = array_type(array)
    if "int" in dtype and x.number in context.builder.whole_values:
        context.refuse("it multiplies whole numbers as such", CAST_FIRST)
    _check_narrow(context, [x, array])
    if dtype != "float64":
        return x
    return context.builder.as_fractions(x, "float64", context.layer.name)


def _axis(context: Context, axis: Any, rank: int) -> int:
    """An axis without the batch; refused when it is the batch."""
    if isinstance(axis, (list, np.ndarray)) and len(axis) == 1:
        axis = axis[0]
    if not isinstance(axis, int) or not -rank <= axis <= rank or axis == 0:
        context.refuse(f"{MIXES_ROWS}: its axis is {axis!r}", ADVICE)
    return axis - 1 if axis > 0 else axis + rank


def _axes(context: Context, axes: Any, rank: int) -> tuple[int, ...]:
    if axes is None:
        context.refuse(f"{MIXES_ROWS}: it has no axis", ADVICE)
    listed = axes if isinstance(axes, list) else [axes]
    return tuple(sorted({_axis(context, axis, rank) for axis in listed}))


def _reshape(context: Context, x: Value, shape: Sequence[int | None]) -> Value:
    lengths = tuple(-1 if n is None else n for n in shape)
    return context.emit(Reshape(lengths), x)


# Arithmetic.


def _binary(op: Callable[[], Merge]) -> Lower:
    def lower(context: Context, given: Arguments) -> list[Value]:
        items = [
            given.get(0, "x", "x1", "a", "value", "inputs"),
            given.get(1, "y", "x2", "b", "bias"),
        ]
        if op is Modulo:
            items = [context.single(item) if isinstance(item, float) else item for item in items]
        order = given.get(2, "data_format") if op is Add else None  # of tf.nn.bias_add
        if order is not None and not str(order).endswith("C"):
            context.refuse(f"its data_format is {order!r}", "Let the channels come last.")
        return [context.emit(op(), *_operands(context, items))]

    return lower


for _names, _op in (
    (("add", "add_v2", "bias_add"), Add),
    (("subtract", "sub"), Subtract),
    (("multiply", "mul"), Multiply),
    (("truediv", "true_divide", "divide", "div", "real_div"), Divide),
    (("pow", "power"), Power),
    (("maximum",), Maximum),
    (("minimum",), Minimum),
    (("mod", "floormod", "floor_mod"), Modulo),
):
    operation(*_names)(_binary(_op))


@operation("add_n")
def _add_n(context: Context, given: Arguments) -> list[Value]:
    items = given.get(0, "inputs")
    return [context.emit(Add(), *_operands(context, items))]


@operation("squared_difference")
def _squared_difference(context: Context, given: Arguments) -> list[Value]:
    x, y = _operands(context, [given.get(0, "x"), given.get(1, "y")])
    return [context.emit(Unary("square"), context.emit(Subtract(), x, y))]


def _unary(op: Callable[[], Any]) -> Lower:
    def lower(context: Context, given: Arguments) -> list[Value]:
        item = given.get(0, "x", "features", "input", "tensor", "value")
        return [context.emit(op(), _value(context, item))]

    return lower


for _name, _synonyms in {
    "abs": ("abs", "absolute", "fabs"), "trunc": ("trunc",),
    "negative": ("negative", "neg"), "log": ("log",),
    "exp": ("exp",), "expm1": ("expm1",), "log1p": ("log1p",), "sqrt": ("sqrt",),
    "rsqrt": ("rsqrt",), "square": ("square",), "reciprocal": ("reciprocal",),
    "sign": ("sign",), "floor": ("floor",), "ceil": ("ceil",), "round": ("rint",),
    "sin": ("sin",), "cos": ("cos",), "tan": ("tan",), "arctan": ("atan", "arctan"),
    "sinh": ("sinh",), "cosh": ("cosh",), "erf": ("erf",),
    "isnan": ("isnan", "is_nan"), "isinf": ("isinf", "is_inf"),
    "isfinite": ("isfinite", "is_finite"),
}.items():  # fmt: skip
    operation(*_synonyms)(_unary(partial(Unary, _name)))
for _name, _synonyms in {
    "relu": ("relu",), "relu6": ("relu6",), "sigmoid": ("sigmoid",), "tanh": ("tanh",),
    "softplus": ("softplus",), "softsign": ("softsign",), "selu": ("selu",),
    "silu": ("silu", "swish"), "log_sigmoid": ("log_sigmoid",),
    "sparse_plus": ("sparse_plus",), "hard_tanh": ("hard_tanh",),
    "tanh_shrink": ("tanh_shrink",), "sparse_sigmoid": ("sparse_sigmoid",),
    "hard_silu": ("hard_silu",), "hard_sigmoid": ("hard_sigmoid",),
}.items():  # fmt: skip
    operation(*_synonyms)(_unary(partial(Activation, _name)))


@operation("round")
def _round(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "x"))
    decimals = given.get(1, "decimals", default=0)
    if isinstance(decimals, bool) or not isinstance(decimals, int) or abs(decimals) > 38:
        context.refuse(f"its decimals are {decimals!r}", "Give it a whole number.")
    if decimals == 0:
        return [context.emit(Unary("round"), x)]
    x, factor = _operands(context, [x, 10.0**decimals])
    return [
        context.emit(
            Divide(), context.emit(Unary("round"), context.emit(Multiply(), x, factor)), factor
        )
    ]


@operation("squareplus")
def _squareplus(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "x"))
    b = _number(context, given.get(1, "b", default=4))
    return [context.emit(Activation("squareplus", () if b == 4 else (("b", b),)), x)]


@operation("identity", "stop_gradient", "ensure_shape", "copy")
def _identity(context: Context, given: Arguments) -> list[Value]:
    given.get(1, "shape")  # what ensure_shape checks, the reader knows
    return [_value(context, given.get(0, "x", "input", "value", "variable", "tensor"))]


@operation("convert_to_tensor")
def _convert_to_tensor(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "x", "value"))
    dtype = given.get(1, "dtype", "dtype_hint")
    return [x if dtype is None else _as_dtype(context, x, dtype)]


@operation("cast")
def _cast(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "x"))
    return [_as_dtype(context, x, given.get(1, "dtype", "DstT", default=""))]


def _as_dtype(context: Context, x: Value, dtype: Any) -> Value:
    """x as numbers of another type."""
    kind = str(dtype).lower().replace("dt_", "")
    if kind in ("float32", "float64", "float", "double"):
        single = kind in ("float32", "float")
        wanted: Dtype = "float32" if single else "float64"
        return context.builder.as_fractions(x, wanted, context.layer.name)
    if kind in ("int32", "int64"):
        return context.emit(Unary("trunc"), x)
    if kind == "bool":
        return context.emit(NotEqual(0.0), x)
    if re.fullmatch(r"u?int\d+", kind):
        context.refuse(
            f"it casts to {kind}, and what becomes of a number outside of that type differs"
            " between processors",
            "Cast to int32.",
        )
    context.refuse(f"it casts to {kind or 'an unknown type'}", ADVICE)


@operation("clip", "clip_by_value")
def _clip(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "x", "t"))
    low = given.get(1, "x_min", "clip_value_min", "a_min")
    high = given.get(2, "x_max", "clip_value_max", "a_max")
    if isinstance(low, Value) or isinstance(high, Value):
        context.refuse("it clips by tensors", ADVICE)
    limits = [_number(context, item) for item in (low, high)]
    if any(map(math.isnan, limits)):
        context.refuse("it clips by NaN", ADVICE)
    if limits[0] > limits[1] or math.inf in (limits[0], -limits[1]):
        context.refuse(
            f"it clips to at least {limits[0]:g} and at most {limits[1]:g}, which no number is",
            "Give x_min the smaller number.",
        )
    if all(map(math.isfinite, limits)):
        return [context.emit(Clip(*limits), x)]
    for op, limit in ((Maximum(), limits[0]), (Minimum(), limits[1])):  # an end may be open
        if math.isfinite(limit):
            x = context.emit(op, *_operands(context, [x, limit]))
    return [x]


@operation("elu", "leaky_relu", "gelu", "celu")
def _parametric(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "x", "features"))
    path = str(context.config.get("function") or _snake_case(context.layer.class_name))
    name = path.rpartition(".")[2]
    key, default = {
        "elu": ("alpha", 1.0),
        "celu": ("alpha", 1.0),
        "leaky_relu": ("negative_slope", 0.2),
        "gelu": ("approximate", context.version.major >= 3),
    }[name]
    value = given.get(1, key, "alpha", default=default)
    value = value if isinstance(value, bool) else _number(context, value)
    if name == "leaky_relu":
        value = context.single(value)
    return [context.emit(Activation(name, ((key, value),)), x)]


def _along_axis(op: Callable[[int], Op]) -> Lower:
    def lower(context: Context, given: Arguments) -> list[Value]:
        x = _value(context, given.get(0, "x", "logits"))
        axis = given.get(1, "axis", default=-1)
        axis = _axis(context, -1 if axis is None else axis, len(x.shape))
        return [context.emit(op(axis), x)]

    return lower


operation("softmax")(_along_axis(Softmax))
operation("log_softmax")(_along_axis(LogSoftmax))
operation("sparsemax")(_along_axis(Sparsemax))
operation("glu")(_along_axis(Glu))


@operation("l2_normalize", "normalize")
def _normalize(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "x"))
    axes = _axes(context, given.get(1, "axis"), len(x.shape))
    if context.layer.class_name == "Normalize":
        if given.get(2, "order", default=2) != 2:
            context.refuse("its order is not 2", ADVICE)
        epsilon = given.get(3, "epsilon")
        epsilon = 1e-7 if epsilon is None else _number(context, epsilon)
    else:
        epsilon = math.sqrt(_number(context, given.get(2, "epsilon", default=1e-12)))
    return [context.emit(UnitNormalization(axes, epsilon), x)]


# Reductions.


def _reduction(function: str) -> Lower:
    def lower(context: Context, given: Arguments) -> list[Value]:
        x = _value(context, given.get(0, "x", "input_tensor", "input"))
        axes = _axes(context, given.get(1, "axis", "reduction_indices"), len(x.shape))
        keepdims = bool(given.get(2, "keepdims", "keep_dims", default=False))
        if function == "prod" and given.get(3, "dtype") not in (None, "float32"):
            # Keras on TensorFlow leaves it aside, on other frameworks it casts first.
            context.refuse(f"its dtype is {given.get(3, 'dtype')}", "Cast by keras.ops.cast.")
        y = _reduce(context, function, x, axes, keepdims)
        initial = given.get(3, "initial") if function in FROM_INITIAL else None
        if initial is not None and y.number in _of_small_types(context):
            context.refuse("its initial becomes a number of a small type", "Cast to float32 first.")
        if initial is not None:
            y = context.emit(FROM_INITIAL[function](), *_operands(context, [y, initial]))
        return [y]

    return lower


def _of_small_types(context: Context) -> set[int]:
    """The values with which Keras takes a constant for one of their own type."""
    return context.builder.wholes | context.builder.narrow | context.builder.truths


FROM_INITIAL: dict[str, type[Merge]] = {"max": Maximum, "min": Minimum}


def _reduce(
    context: Context, function: str, x: Value, axes: tuple[int, ...], keepdims: bool
) -> Value:
    if function in ("var", "std"):
        mean = context.emit(Reduce("mean", axes, True), x)
        square = context.emit(Unary("square"), context.emit(Subtract(), x, mean))
        variance = context.emit(Reduce("mean", axes, keepdims), square)
        return variance if function == "var" else context.emit(Unary("sqrt"), variance)
    return context.emit(Reduce(function, axes, keepdims), x)


for _name, _synonyms in {
    "mean": ("mean", "reduce_mean"), "sum": ("sum", "reduce_sum"),
    "max": ("max", "reduce_max", "amax"),
    "min": ("min", "reduce_min", "amin"), "prod": ("prod", "reduce_prod"),
    "var": ("var", "reduce_variance"), "std": ("std", "reduce_std"),
}.items():  # fmt: skip
    operation(*_synonyms)(_reduction(_name))


# Conditions: 1 where they hold, 0 elsewhere. Keras 3 also writes its masks with them.


def _holds(context: Context, item: Any) -> Value:
    return context.emit(NotEqual(0.0), _value(context, item))


def _logical(op: Callable[[], Merge]) -> Lower:
    def lower(context: Context, given: Arguments) -> list[Value]:
        pair = given.get(0, "x", "x1"), given.get(1, "y", "x2")
        return [context.emit(op(), *_operands(context, [_holds(context, x) for x in pair]))]

    return lower


def _quantifier(function: str) -> Lower:
    def lower(context: Context, given: Arguments) -> list[Value]:
        x = _holds(context, given.get(0, "x", "input_tensor"))
        axes = _axes(context, given.get(1, "axis"), len(x.shape))
        keepdims = bool(given.get(2, "keepdims", default=False))
        return [_reduce(context, function, x, axes, keepdims)]

    return lower


def _like(value: float) -> Lower:
    def lower(context: Context, given: Arguments) -> list[Value]:
        dtype = given.get(1, "dtype")  # 0 and 1 are the same in every type
        x = _value(context, given.get(0, "x", "input", "tensor"))
        y = context.emit(Fill(value), x)
        if dtype is None and context.builder.is_integer(x.number):
            context.builder.integers.add(y.number)
        return [y]

    return lower


operation("logical_or")(_logical(Maximum))
operation("logical_and")(_logical(Minimum))
operation("any", "reduce_any")(_quantifier("max"))
operation("all", "reduce_all")(_quantifier("min"))
operation("zeros_like")(_like(0.0))
operation("ones_like")(_like(1.0))


@operation("where", "where_v2")
def _where(context: Context, given: Arguments) -> list[Value]:
    condition = _value(context, given.get(0, "condition"))
    others = given.get(1, "x", "x1"), given.get(2, "y", "x2")
    return [context.emit(Where(), *_operands(context, [condition, *others]))]


# Products.


@operation("matmul", "mat_mul", "batch_mat_mul_v2")
def _matmul(context: Context, given: Arguments) -> list[Value]:
    a, b = given.get(0, "a", "x1"), given.get(1, "b", "x2")
    if any(
        given.get(None, key) for key in ("adjoint_a", "adjoint_b", "a_is_sparse", "b_is_sparse")
    ):
        context.refuse("it takes adjoint or sparse tensors", ADVICE)
    flips = [
        bool(given.get(2 + n, *keys, default=False))
        for n, keys in enumerate((("transpose_a", "adj_x"), ("transpose_b", "adj_y")))
    ]
    if not isinstance(b, Value):
        kernel = _array(context, b)
        kernel = kernel.T if flips[1] else kernel
        x = _value(context, a)
        if kernel.ndim != 2 or flips[0]:
            context.refuse("it multiplies by a constant that is not a matrix", ADVICE)
        x = meet_array(context, x, b)
        return [context.emit(Dense(context.constant(kernel)), x)]
    pair = [_value(context, a), _value(context, b)]
    if any(len(x.shape) < 2 for x in pair):
        context.refuse(f"{MIXES_ROWS}: its tensors have one axis besides the batch", ADVICE)
    for n, flip in enumerate(flips):
        rank = len(pair[n].shape)
        if flip:
            axes = (*range(rank - 2), rank - 1, rank - 2)
            pair[n] = context.emit(Transpose(axes), pair[n])
    return [context.emit(Matmul(), *pair)]


# Shapes.


@operation("shape")
def _shape(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "input", "x"))
    return [Lengths(-1, (), None, (None, *x.shape))]


@operation("reshape")
def _reshape_to(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "tensor", "x"))
    shape = given.get(1, "shape", "newshape", "new_shape")
    wanted = list(shape.lengths) if isinstance(shape, Lengths) else list(shape)
    lengths: list[int | None] = []
    for item in wanted:
        if isinstance(item, Lengths) and len(item.lengths) == 1:
            lengths.append(item.lengths[0])
        else:
            lengths.append(int(_array(context, -1 if item is None else item)))
    first, rest = lengths[0] if lengths else 1, [-1 if n is None else n for n in lengths[1:]]
    size = None if None in x.shape else math.prod(n for n in x.shape if n is not None)
    # None, from tf.shape, is the batch, and so is -1 in front when the rest is a whole row.
    is_row = first == -1 and -1 not in rest and size == math.prod(rest)
    if first is not None and not is_row:
        context.refuse(f"{MIXES_ROWS}: it reshapes {x.shape} with the batch to {lengths}", ADVICE)
    return [context.emit(Reshape(tuple(rest)), x)]


@operation("expand_dims")
def _expand_dims(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "input", "x"))
    axis = _axis(context, given.get(1, "axis", "dim"), len(x.shape) + 1)
    return [_reshape(context, x, (*x.shape[:axis], 1, *x.shape[axis:]))]


@operation("squeeze")
def _squeeze(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "input", "x"))
    axes = given.get(1, "axis", "squeeze_dims")
    if axes is None or axes == []:
        gone = {axis for axis, n in enumerate(x.shape) if n == 1}
    else:
        gone = set(_axes(context, axes, len(x.shape)))
    return [_reshape(context, x, [n for axis, n in enumerate(x.shape) if axis not in gone])]


@operation("transpose")
def _transpose(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "a", "x"))
    axes = given.get(1, "perm", "axes")
    axes = list(range(len(x.shape), -1, -1)) if axes is None else list(axes)
    return [_permute(context, x, axes)]


@operation("swapaxes")
def _swapaxes(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "x"))
    axes = list(range(len(x.shape) + 1))
    a, b = given.get(1, "axis1"), given.get(2, "axis2")
    axes[a], axes[b] = axes[b], axes[a]
    return [_permute(context, x, axes)]


@operation("moveaxis")
def _moveaxis(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "x"))
    rank = len(x.shape) + 1
    marked = np.empty(range(rank), np.bool_)  # whose lengths are the numbers of its axes
    moved = np.moveaxis(marked, given.get(1, "source"), given.get(2, "destination"))
    return [_permute(context, x, moved.shape)]


def _permute(context: Context, x: Value, axes: Sequence[int]) -> Value:
    if axes[0] != 0:
        context.refuse(f"{MIXES_ROWS}: it moves the batch to another axis", ADVICE)
    rank = len(x.shape) + 1
    return context.emit(Transpose(tuple(axis % rank - 1 for axis in axes[1:])), x)


@operation("concat", "concatenate", "concat_v2")
def _concatenate(context: Context, given: Arguments) -> list[Value]:
    items = given.get(0, "values", "xs")
    values = [_value(context, item) for item in items]
    axis = _axis(context, given.get(1, "axis", default=-1), len(values[0].shape))
    return [context.emit(Concatenate(axis), *values)]


@operation("stack")
def _stack(context: Context, given: Arguments) -> list[Value]:
    values = [_value(context, item) for item in given.get(0, "values", "x")]
    rank = len(values[0].shape)
    axis = _axis(context, given.get(1, "axis", default=0), rank + 1)
    longer = [_reshape(context, x, (*x.shape[:axis], 1, *x.shape[axis:])) for x in values]
    return [context.emit(Concatenate(axis), *longer)]


@operation("unstack")
def _unstack(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "value", "x"))
    axis = _axis(context, given.get(2, "axis", default=0), len(x.shape))
    count = x.shape[axis]
    if count is None or count > MAX_PARTS:
        context.refuse("it unstacks an axis of free or great length", ADVICE)
    if given.get(1, "num") not in (None, count):
        context.refuse(f"it unstacks {count} parts as {given.get(1, 'num')}", "Leave num out.")
    parts = [_cut(context, x, axis, n, n + 1) for n in range(count)]
    return [_reshape(context, y, (*x.shape[:axis], *x.shape[axis + 1 :])) for y in parts]


@operation("split")
def _split(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "value", "x"))
    axis = _axis(context, given.get(2, "axis", default=0), len(x.shape))
    sections = given.get(1, "num_or_size_splits", "indices_or_sections")
    length = x.shape[axis]
    given.get(3, "num")  # how many the sizes are, which tf.split may be told
    if length is None:
        context.refuse("it splits an axis of free length", ADVICE)
    if isinstance(sections, int):
        if not 1 <= sections <= MAX_PARTS or length % sections:
            context.refuse(f"it splits {length} into {sections} parts", "Split evenly.")
        ends = [length * (n + 1) // sections for n in range(sections)]
    elif context.layer.class_name == "Split":  # keras.ops gives the places, tf.split the lengths
        ends = [*sections, length]
        if sorted(ends) != ends or ends[0] < 0:
            context.refuse(f"it splits {length} at {sections}", "Give it places in order.")
    else:
        known = sum(n for n in sections if n != -1)
        ends = list(np.cumsum([length - known if n == -1 else n for n in sections]).tolist())
    return [
        _cut(context, x, axis, start, stop)
        for start, stop in zip([0, *ends[:-1]], ends, strict=True)
    ]


def _cut(context: Context, x: Value, axis: int, start: int, stop: int) -> Value:
    slices: list[tuple[int | None, int | None, int | None]] = [(None, None, None)] * len(x.shape)
    slices[axis] = (start, stop, None)
    return context.emit(Cut(tuple(slices)), x)


@operation("tile")
def _tile(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "input", "x"))
    times = list(given.get(1, "multiples", "repeats"))
    if len(times) != len(x.shape) + 1 or times[0] != 1:
        context.refuse(f"{MIXES_ROWS}: it repeats by {times}", ADVICE)
    if any(not 1 <= count <= MAX_PARTS for count in times):
        context.refuse(f"it repeats by {times}", "Repeat less often.")
    for axis, count in enumerate(times[1:]):
        if count > 1:
            x = context.emit(Concatenate(axis), *[x] * count)
    return [x]


@operation("repeat")
def _repeat(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "input", "x"))
    times = given.get(1, "repeats")
    if not isinstance(times, int):
        context.refuse(f"its repeats are {times!r}", "Repeat each position as often as the others.")
    return [context.emit(Repeat(times, _axis(context, given.get(2, "axis"), len(x.shape))), x)]


@operation("pad")
def _pad(context: Context, given: Arguments) -> list[Value]:
    x = _value(context, given.get(0, "tensor", "x"))
    widths = [tuple(pair) for pair in given.get(1, "paddings", "pad_width")]
    mode = str(given.get(2, "mode", default="constant")).lower()
    if mode != "constant" or len(widths) != len(x.shape) + 1 or widths[0] != (0, 0):
        context.refuse(
            f"it pads by {widths} in mode {mode}", "Pad axes after the batch by a constant."
        )
    value = given.get(3, "constant_values")
    number = _number(context, 0 if value is None else value)
    op = Pad(tuple((a, b) for a, b in widths[1:]), number if math.isfinite(number) else 0.0)
    y = context.emit(op, x)
    return [y if math.isfinite(number) else _around(context, y, op, x.shape, number)]


def _around(context: Context, padded: Value, op: Pad, shape: Shape, number: float) -> Value:
    """padded with infinity or NaN around it, which tensors hold and parameters do not."""
    lengths = [n for n in shape if n is not None]
    if len(lengths) < len(shape) or math.prod(n or 1 for n in padded.shape) > MAX_PARTS:
        context.refuse(f"it pads a large tensor by {number:g}", "Pad by a large number instead.")
    inside = context.constant(np.pad(np.ones(lengths), op.widths))
    items = _operands(context, [context.emit(Constant(inside)), padded, number])
    return context.emit(Where(), *items)


@operation("get_item", "getitem")
def _get_item(context: Context, given: Arguments) -> list[Value]:
    x = given.get(0, "tensor", "x")
    spec = given.get(1, "slice_spec", "key")
    keys = spec if isinstance(spec, list) else [spec]
    if isinstance(x, Lengths):
        if len(keys) == 1 and isinstance(keys[0], int):
            return [Lengths(-1, (), None, (x.lengths[keys[0]],))]
        context.refuse("it computes with a shape", ADVICE)
    x = _value(context, x)
    keys = [_key(context, key) for key in keys]
    rank = len(x.shape) + 1
    taken = sum(1 for key in keys if key is not None and key is not Ellipsis)
    if Ellipsis not in keys:
        keys.append(Ellipsis)
    place = keys.index(Ellipsis)
    keys[place : place + 1] = [slice(None)] * (rank - taken)
    if keys[0] not in (slice(None), slice(0, None), slice(None, None, 1), slice(0, None, 1)):
        context.refuse(f"{MIXES_ROWS}: it takes some of them", ADVICE)
    slices: list[tuple[int | None, int | None, int | None]] = []
    axes: list[int | None] = []  # of the result: the axis of the cut tensor, or None for a new one
    for key in keys[1:]:
        if key is None:
            axes.append(None)
        elif isinstance(key, slice):
            axes.append(len(slices))
            slices.append((key.start, key.stop, key.step))
        else:
            slices.append((key, key + 1 if key != -1 else None, None))
    if len(slices) != len(x.shape):
        context.refuse(f"it takes {len(slices)} axes of {len(x.shape)}", ADVICE)
    y = context.emit(Cut(tuple(slices)), x)
    return [_reshape(context, y, [1 if axis is None else y.shape[axis] for axis in axes])]


def _key(context: Context, key: Any) -> Any:
    """An index as Python writes it."""
    if isinstance(key, Mapping):
        if key.get("class_name") in ("__ellipsis__", "__ellipsis"):
            return Ellipsis
        body = key.get("config", key)
        if isinstance(body, Mapping) and {"start", "stop", "step"} <= set(body):
            parts = [body["start"], body["stop"], body["step"]]
            if all(n is None or isinstance(n, int) for n in parts):
                return slice(*parts)
        if isinstance(body, list):
            return slice(*body)
    if key is None or (isinstance(key, int) and not isinstance(key, bool)):
        return key
    context.refuse(f"its index {str(key)[:40]!r} is not a constant", ADVICE)


# TensorFlow's graph names and argument orders, where they differ from the functions'.


def _node_concat(context: Context, given: Arguments) -> list[Value]:
    *values, axis = given.all_by_position()
    return _concatenate(context, Arguments([values, axis], {}))


def _node_pack(context: Context, given: Arguments) -> list[Value]:
    axis = given.get(None, "axis", default=0)
    return _stack(context, Arguments([list(given.all_by_position())], {"axis": axis}))


def _node_pad(context: Context, given: Arguments) -> list[Value]:
    """PadV2: x, widths, and the number to pad by where functions take a mode."""
    x, widths, number = given.all_by_position()
    return _pad(context, Arguments([x, widths], {"constant_values": number}))


def _node_slice(context: Context, given: Arguments) -> list[Value]:
    """StridedSlice: x, begin, end, strides, and bits that say which of them count."""
    x, begin, end, strides = given.all_by_position()
    masks = {
        key: int(given.get(None, f"{key}_mask", default=0))
        for key in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    keys: list[Any] = []
    for n in range(len(begin)):
        bit = 1 << n
        if masks["ellipsis"] & bit:
            keys.append({"class_name": "__ellipsis__"})
        elif masks["new_axis"] & bit:
            keys.append(None)
        elif masks["shrink_axis"] & bit:
            keys.append(begin[n])
        else:
            start = None if masks["begin"] & bit else begin[n]
            stop = None if masks["end"] & bit else end[n]
            keys.append({"start": start, "stop": stop, "step": strides[n]})
    return _get_item(context, Arguments([x, keys], {}))


def _node_split(context: Context, given: Arguments) -> list[Value]:
    axis, x = given.all_by_position()
    count = int(given.get(None, "num_split"))
    return _split(context, Arguments([x, count, axis], {}))


def _as_function(name: str) -> Lower:
    return lambda context, given: OPERATIONS[name](context, given)


NODES: dict[str, Lower] = {
    **{
        name: _as_function(name)
        for name in (
            "add", "add_v2", "sub", "mul", "real_div", "pow", "maximum", "minimum", "bias_add",
            "squared_difference", "abs", "neg", "log", "exp", "expm1", "log1p", "sqrt", "rsqrt",
            "square", "sign", "floor", "ceil", "rint", "sin", "cos", "relu", "relu6", "sigmoid",
            "tanh", "softplus", "softsign", "selu", "identity", "cast", "mean", "sum", "max",
            "min", "prod", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal",
            "logical_and", "logical_or", "logical_not", "is_nan", "is_inf", "is_finite", "erf",
            "floor_div", "floor_mod",
            "mat_mul", "batch_mat_mul_v2", "shape", "reshape", "expand_dims",
            "squeeze", "transpose", "tile", "pad", "clip_by_value", "softmax",
            "log_softmax",
        )
    },
    "select": _as_function("where"),
    "select_v2": _as_function("where"),
    "batch_mat_mul": _as_function("matmul"),
    "pad_v2": _node_pad,
    "concat_v2": _node_concat,
    "pack": _node_pack,
    "strided_slice": _node_slice,
    "split": _node_split,
}  # fmt: skip


def _snake_case(name: str) -> str:
    """ExpandDims -> expand_dims; Log1p -> log1p."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
