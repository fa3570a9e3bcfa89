"""What a lowering function works with: its layer's configuration, weights, inputs, and emit()."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import numpy as np

from exporter.errors import Problem, ShapeError, counted
from exporter.formats.keras.config import Call, LayerConfig
from exporter.formats.keras.hdf5 import Array
from exporter.formats.keras.version import KerasVersion
from exporter.formats.keras.weights import Weights
from exporter.ir.graph import Node
from exporter.ir.ops import (
    Activation,
    Add,
    Bucketize,
    Cast,
    Clip,
    Compare,
    Constant,
    CrossBucket,
    Cumulate,
    Dtype,
    Fill,
    FindExtreme,
    HashBucket,
    Lookup,
    Matmul,
    Maximum,
    Minimum,
    Modulo,
    Multiply,
    NotEqual,
    Op,
    Pad,
    Power,
    Reduce,
    Shape,
    StringLookup,
    Subtract,
    Tensor,
    Unary,
    Where,
    as_tensor,
)

MAX_ROW_NUMBERS = 2**28  # of one value: 1 GiB
# By their very type: quotients and comparisons are subclasses of Subtract.
COUNTING = (Add, Subtract, Multiply, Power, Matmul, Cumulate)  # whose results may wrap
ARITHMETIC = (
    Add, Subtract, Multiply, Power, Matmul, Maximum, Minimum, Modulo, Cumulate, Clip, Pad, Where,
)  # fmt: skip
WHOLE_OF_WHOLE = (
    "sum", "prod", "max", "min", "abs", "negative", "sign", "square", "round", "trunc", "isnan",
    "isinf", "isfinite", "relu", "relu6",
)  # fmt: skip
COUNTED = (Bucketize, CrossBucket, FindExtreme, HashBucket, Lookup, StringLookup)  # give places
EXACT = (Modulo, Compare)  # ops that show whether a whole number is exact
MAX_WHOLE = 2**24  # up to here float32 holds every whole number
CAST_FIRST = "Cast its input to float32 first, by keras.ops.cast or tf.cast."


class LayerProblem(Exception):
    """Raised by a lowering function: why this layer cannot be exported, and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


class InnerProblem(Exception):
    """Raised where a layer inside this one cannot be lowered; its problem is already reported."""


@dataclass(frozen=True)
class Value:
    """A tensor of the network under construction: its number and shape without batch.

    mask, where there is one, is 1 at the steps that count and 0 at the others; its shape is that
    of the value's first axes. It travels beside the value as in Keras, and only what reads it
    makes it part of the network.
    """

    number: int
    shape: Shape
    mask: Value | None = None

    def with_mask(self, mask: Value | None) -> Value:
        """The same tensor with this mask."""
        return replace(self, mask=mask)


@dataclass
class Builder:
    """The graph under construction, with everything found wrong on the way.

    backend is the framework below Keras that saved the file, where the file tells. knows_ragged:
    an input layer's configuration has "ragged", so that of the releases of TensorFlow that call
    their Keras 2.2.4-tf it was not 1.13 or 1.14.
    """

    version: KerasVersion
    backend: str = ""
    knows_ragged: bool = False
    nodes: list[Node] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    values: int = 0
    has_doubles: bool = False
    dtypes: dict[int, Dtype] = field(default_factory=dict)  # of values that are not float32
    casts: dict[tuple[int, Dtype], int] = field(default_factory=dict)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    prepared: dict[tuple[str, ...], list[Tensor]] = field(default_factory=dict)
    bounds: dict[int, tuple[float, float]] = field(default_factory=dict)  # of inputs
    constants: set[int] = field(default_factory=set)
    narrow: set[int] = field(default_factory=set)  # values of small whole-number types
    wholes: set[int] = field(default_factory=set)  # values of any whole-number type
    firm: set[int] = field(default_factory=set)  # constants that give what they meet their type
    whole_constants: set[int] = field(default_factory=set)
    integers: set[int] = field(default_factory=set)  # of a whole-number type in Keras, as is known
    products: set[int] = field(default_factory=set)  # whole numbers that may pass MAX_WHOLE
    truths: set[int] = field(default_factory=set)  # values that are true or false
    texts: set[int] = field(default_factory=set)  # the values that are texts
    made: dict[int, Node] = field(default_factory=dict)  # where values have types

    def add_input(self, shape: Shape, dtype: Dtype = "float32") -> Value:
        """A new input value."""
        self.values += 1
        if dtype == "text":
            self.texts.add(self.values - 1)
        if dtype != "float32":
            self.dtypes[self.values - 1] = dtype
        return Value(self.values - 1, shape)

    def dtype_of(self, *values: Value) -> Dtype:
        """What Keras computes in with these values: float64 where a number of theirs is, though
        constants and whole numbers follow the others."""
        follow = (self.constants - self.firm) | self.whole_values
        known = [value for value in values if value.number not in self.texts | follow]
        known = known or [value for value in values if value.number not in self.texts]
        doubles = any(self.dtypes.get(value.number) == "float64" for value in known)
        return "float64" if doubles else "float32"

    @property
    def whole_values(self) -> set[int]:
        """Values of types that are not of fractions: a layer's own type says nothing of them."""
        return self.wholes | self.narrow | self.truths

    def is_integer(self, *numbers: int) -> bool:
        """Whether these values are of whole-number types, or truth values, as far as is known."""
        kinds = self.integers, *self._kinds
        return all(any(number in kind for kind in kinds) for number in numbers)

    def cast(self, value: Value, dtype: Dtype, layer: str) -> Value:
        """The value in this type, made once; the same value where it is of it, or of texts."""
        own = self.dtypes.get(value.number, "float32")
        if not self.has_doubles or value.number in self.texts or own == dtype or value.number < 0:
            return value
        place = value.number, dtype
        if place not in self.casts:
            made = self.made.get(value.number)
            constant = made.op if made is not None and isinstance(made.op, Constant) else None
            op: Op = Cast("float64" if dtype == "float64" else "float32")
            if constant is not None:
                op = Constant(_in_type(constant.value, dtype))
            self.casts[place] = self._append(op, () if constant else (value,), layer).number
            for kind in (self.constants, self.whole_constants, self.integers, *self._kinds):
                if value.number in kind:
                    kind.add(self.casts[place])
        return replace(value, number=self.casts[place])

    def as_fractions(self, value: Value, dtype: Dtype, layer: str) -> Value:
        """What keras.ops.cast makes of a value: numbers of this type, whole ones no more."""
        if self.is_integer(value.number):
            return self._append(
                Cast("float64" if dtype == "float64" else "float32"), [value], layer
            )
        return self.cast(value, dtype, layer)

    def emit(
        self, op: Op, inputs: Sequence[Value], layer: str, dtype: Dtype | None = None
    ) -> Value:
        """Append a node that computes in dtype, or in what Keras makes of its inputs' types.

        Raises: ShapeError, when the op does not fit its inputs; LayerProblem, when it would not
        compute what Keras does with their types.
        """
        if any(value.number < 0 for value in inputs):
            raise ShapeError("it computes with the shape of a tensor")
        known = {value.number in self.texts for value in inputs}
        if op.traits.takes == "texts" and known != {True}:
            raise LayerProblem(
                "it looks up texts, its input are numbers", 'Give it an Input of dtype "string".'
            )
        gives_texts = op.traits.gives != "numbers" and known == {True}
        mixes = op.traits.gives is None and len(known) > 1
        if True in known and (op.traits.takes == "numbers" or mixes):
            raise LayerProblem(
                "it computes with texts",
                "Put StringLookup, Hashing or TextVectorization before it.",
            )
        self._check_types(op, [value.number for value in inputs])
        self._warn_of_wrapping(op, [value.number for value in inputs], layer)
        if isinstance(op, EXACT):
            self.check_exact(inputs)
        if self.has_doubles:
            if dtype is None:
                self._check_float32(op, inputs)
            op, inputs = self._in_one_type(op, inputs, layer, dtype)
        value = self._append(op, inputs, layer, gives_texts)
        self._note_type(op, tuple(item.number for item in inputs), value.number)
        return value

    def _append(
        self, op: Op, inputs: Sequence[Value], layer: str, gives_texts: bool = False
    ) -> Value:
        shape = op.output_shape(*(value.shape for value in inputs))
        size = math.prod(n for n in shape if n is not None)
        if size > MAX_ROW_NUMBERS:
            raise ShapeError(f"a row of its output would have {size:,} numbers")
        numbers = tuple(item.number for item in inputs)
        types: list[Dtype] = [self.dtypes.get(number, "float32") for number in numbers]
        value = self.add_input(shape, "text" if gives_texts else op.output_dtype(*types))
        node = Node(op, numbers, value.number, shape, layer)
        self.nodes.append(node)
        if self.has_doubles:
            self.made[value.number] = node
        return value

    def _in_one_type(
        self, op: Op, inputs: Sequence[Value], layer: str, dtype: Dtype | None
    ) -> tuple[Op, Sequence[Value]]:
        """An op and its inputs in the type that it is computed in. What only moves whole numbers
        leaves them as they are."""
        moves = op.traits.moves and self.whole_values.issuperset(v.number for v in inputs)
        if dtype is None or (moves and inputs):
            dtype = self.dtype_of(*inputs) if inputs else "float64"
        tensors = {name: _in_type(tensor, dtype) for name, tensor in op.tensors().items()}
        return replace(op, **tensors), [self.cast(value, dtype, layer) for value in inputs]

    def _check_float32(self, op: Op, inputs: Sequence[Value]) -> None:
        """Refuse an operation whose float32 would be float64 here: of whole numbers, which are
        kept in float64, and of nothing else of that type. In Keras the result is of the type that
        set_floatx named, which files do not tell.

        Raises: LayerProblem, when it is one.
        """
        numbers = tuple(value.number for value in inputs)
        settled = isinstance(op, (Cast, Fill, NotEqual, Compare, *COUNTED))
        if self.version.major < 3 or settled or self._is_whole(op, numbers):
            return
        follow = self.constants - self.firm
        doubles = {n for n in numbers if self.dtypes.get(n) == "float64"} - follow
        has_whole = any(self.is_integer(n) for n in numbers if n not in self.constants)
        if not has_whole or self.dtype_of(*inputs) != "float64":
            return
        if all(self.is_integer(number) for number in doubles):
            raise LayerProblem(
                "it makes float32 of whole numbers in a network that computes in float64 elsewhere",
                CAST_FIRST,
            )

    def _is_whole(self, op: Op, inputs: Sequence[int]) -> bool:
        """Whether Keras gives the result of an op a whole-number type, as its inputs'."""
        others = [number for number in inputs if number not in self.whole_constants]
        return bool(others) and _stays_whole(op) and self.is_integer(*others)

    def check_exact(self, inputs: Sequence[Value]) -> None:
        """Refuse products of whole numbers where every digit counts.

        Raises: LayerProblem, because float32 holds whole numbers up to MAX_WHOLE only.
        """
        if not self.products.isdisjoint(value.number for value in inputs):
            raise LayerProblem(
                "it needs every digit of a product of whole numbers, which is computed in float32"
                f" and exact to {MAX_WHOLE:,} only",
                "Cast to float32 before multiplying, or multiply in SQL.",
            )

    def _check_types(self, op: Op, inputs: Sequence[int]) -> None:
        """Refuse what Keras computes in a type whose results are not those of numbers.

        Raises: LayerProblem, for sums and products of small whole numbers, which wrap, and of truth
        values, which stay true or false.
        """
        known = [n for n in inputs if n not in self.constants]
        reduces = isinstance(op, Reduce) and op.function in ("sum", "prod")
        changes = type(op) in COUNTING or reduces or len(known) < len(inputs)
        if known and self.narrow.issuperset(known) and changes:
            raise LayerProblem(
                "it computes in a small whole-number type, whose results wrap", CAST_FIRST
            )
        averages = isinstance(op, Reduce) and op.function == "mean"
        if averages and self.version.major < 3 and self.is_integer(*inputs):
            raise LayerProblem(
                "it takes a mean of whole numbers, whose fractions Keras 2 cuts off", CAST_FIRST
            )
        if isinstance(op, Clip) and self.wholes.issuperset(inputs):
            limits = (op.low, op.high)
            if self.narrow.issuperset(inputs) or any(limit % 1 for limit in limits):
                raise LayerProblem(
                    f"it clips whole numbers to {op.low:g} and {op.high:g}, which become whole"
                    " numbers of their type, too",
                    CAST_FIRST,
                )
        if inputs and self.truths.issuperset(inputs) and isinstance(op, Add | Matmul):
            raise LayerProblem("it adds truth values, which stay true or false", CAST_FIRST)
        for number in _numbers(op.parameters()):
            if not math.isfinite(number):
                raise LayerProblem(f"an argument of it is {number:g}", "Give it a finite number.")

    def _warn_of_wrapping(self, op: Op, inputs: Sequence[int], layer: str) -> None:
        """Say where sums and products of whole numbers would leave their type in Keras; a constant
        more or less does not."""
        known = [number for number in inputs if number not in self.constants]
        if not (self.constants - self.whole_constants).isdisjoint(inputs):
            return  # fractions, and so is the result
        shifts = isinstance(op, Add | Subtract) and len(known) < len(inputs)
        counts = type(op) in COUNTING or _multiplies(op) or isinstance(op, Reduce)
        if not known or shifts or not counts or not self.wholes.issuperset(known):
            return
        if isinstance(op, Reduce) and op.function not in ("sum", "prod"):
            return
        warning = (
            f'layer "{layer}" computes in whole numbers, which wrap beyond 2,147,483,647 in Keras'
            " (int32) and do not here"
        )
        if warning not in self.warnings:
            self.warnings.append(warning)

    def _note_type(self, op: Op, inputs: Sequence[int], result: int) -> None:
        if isinstance(op, Constant):
            self.constants.add(result)
        elif isinstance(op, NotEqual | Compare):
            self.truths.add(result)
        elif isinstance(op, Unary) and op.function == "trunc":  # so casts to whole numbers end
            self.wholes.add(result)
        whole = bool(inputs) and (self.wholes | self.whole_constants).issuperset(inputs)
        moves = op.traits.moves or isinstance(op, Maximum | Minimum | Add | Subtract)
        if whole and (_multiplies(op) or (moves and not self.products.isdisjoint(inputs))):
            self.wholes.add(result)
            self.products.add(result)
        if self._is_whole(op, inputs) or isinstance(op, COUNTED):
            self.integers.add(result)
        keeps = op.traits.moves or isinstance(op, Maximum | Minimum | Multiply)
        keeps = keeps or (isinstance(op, Reduce) and op.function in ("max", "min"))
        for kind in self._kinds:
            if keeps and inputs and kind.issuperset(inputs):
                kind.add(result)

    @property
    def _kinds(self) -> tuple[set[int], ...]:
        return self.narrow, self.truths, self.wholes


@dataclass
class Context:
    """One call of one layer, as its lowering function sees it.

    inputs are the tensors it is called with; those given by a keyword that says what they are
    for (mask, initial_state, query, ...) are in named instead, nested as in the call. dtype is what
    the layer computes in, None where that follows from its inputs.
    """

    layer: LayerConfig
    config: Mapping[str, Any]
    call: Call
    weights: Weights
    inputs: list[Value]
    builder: Builder
    arrays: list[Array]
    named: Mapping[str, Any] = field(default_factory=dict)
    dtype: Dtype | None = None
    lower_inner: Callable[[str, Any, Weights, Sequence[Value]], list[Value]] | None = None

    def with_config(self, config: Mapping[str, Any]) -> Context:
        """The same call under another configuration."""
        return replace(self, config=config)

    @property
    def version(self) -> KerasVersion:
        """The Keras version that saved the file; some defaults and formulas depend on it."""
        return self.builder.version

    @property
    def input(self) -> Value:
        """The only input."""
        if len(self.inputs) != 1:
            self.refuse(
                f"it is called with {counted(len(self.inputs), 'input')} where one is expected",
                "Call it with a single tensor.",
            )
        return self.inputs[0]

    def emit(self, op: Op, *inputs: Value) -> Value:
        """Append a node computing op on inputs."""
        return self.builder.emit(op, inputs, self.layer.name, self.dtype)

    def constant(self, numbers: Array) -> Tensor:
        """Numbers as a weight in the type that the layer computes in."""
        return as_tensor(numbers, dtype=self.precision)

    @property
    def precision(self) -> Dtype:
        """The type of the layer's weights. Constants of operations are kept in float64 until it is
        known what they meet."""
        return (self.dtype or "float64") if self.builder.has_doubles else "float32"

    def refuse(self, reason: str, advice: str) -> NoReturn:
        """Give up on this layer; the user sees reason and advice beside its name."""
        raise LayerProblem(reason, advice)

    def single(self, number: float) -> float:
        """A number of a formula in which TensorFlow rounds it to float32, whatever it computes in:
        so it does with numbers of Python that are cast, and with attributes."""
        in_double = self.builder.has_doubles and self.precision == "float64"
        return float(np.float32(number)) if in_double else number

    def take(self, *shapes: tuple[int | None, ...]) -> list[Tensor]:
        """All weights of the layer, which must have these shapes in this order.

        Raises: ShapeError, when the file has others.
        """
        found = [array.shape for array in self.arrays]
        fits = len(found) == len(shapes) and all(
            len(have) == len(want) and all(w in (None, h) for h, w in zip(have, want, strict=True))
            for have, want in zip(found, shapes, strict=True)
        )
        if not fits:
            raise ShapeError(
                f"its configuration asks for weights of shapes {list(map(_show, shapes))},"
                f" the file has {list(map(_show, found))}"
            )
        return [self.tensor(array) for array in self.arrays]

    def tensor(self, array: Array) -> Tensor:
        """A copy in the layer's type; the same one for the same weight, so that shared weights stay
        one."""
        if not isinstance(array, Tensor):
            return self.constant(array)
        if array.name not in self.builder.tensors:
            tensor = as_tensor(array, array.name, dtype=self.precision)
            self.builder.tensors[array.name] = tensor
        return self.builder.tensors[array.name]

    def prepare(self, convert: Callable[[], Sequence[Array]]) -> list[Tensor]:
        """Tensors made from the layer's weights, made once for the same weights."""
        names = [array.name for array in self.arrays if isinstance(array, Tensor)]
        if len(names) < len(self.arrays):  # made for this call
            return [self.constant(array) for array in convert()]
        key = tuple(names)
        if key not in self.builder.prepared:
            self.builder.prepared[key] = [self.constant(array) for array in convert()]
        return self.builder.prepared[key]

    def number(self, key: str, default: float) -> float:
        """A number of the configuration; Keras writes some as arrays or {"value": ...}."""
        value = self.config.get(key, default)
        if isinstance(value, Mapping):
            value = value.get("value", value.get("config"))
            value = value.get("value") if isinstance(value, Mapping) else value
        try:
            number = float(np.asarray(value, dtype=np.float64).reshape(()))
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            self.refuse(f"its {key} is {value!r}, not a number", "Save the layer with a number.")
        return number

    def flag(self, key: str, default: bool) -> bool:
        """A yes or no of the configuration."""
        return bool(self.config.get(key, default))

    def axis(self, value: Any, rank: int) -> int:
        """An axis as Keras counts it (batch is 0) -> as ops count it (without batch)."""
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(f"its axis is {value!r}", "Use a single axis.")
        axis = value if value >= 0 else value + rank + 1
        if not 1 <= axis <= rank:
            self.refuse(
                f"its axis {value} is the batch or does not exist in an input of {rank} axes",
                "Rows are scored one by one: use an axis after the batch.",
            )
        return axis - 1


def _in_type(tensor: Tensor, dtype: Dtype) -> Tensor:
    """A weight in the type that is computed in, under its name; places stay what they are."""
    if tensor.dtype.kind != "f" or tensor.dtype.name == dtype:
        return tensor
    return as_tensor(tensor, tensor.name, dtype=dtype)


def _stays_whole(op: Op) -> bool:
    """Whether Keras gives a whole-number type where all inputs are of one."""
    if isinstance(op, Activation | Reduce | Unary):
        return op.function in WHOLE_OF_WHOLE
    return op.traits.moves or type(op) in ARITHMETIC


def _multiplies(op: Op) -> bool:
    """Whether it makes products of its inputs' numbers."""
    if isinstance(op, Cumulate | Reduce | Unary):
        return op.function in ("prod", "square")
    return isinstance(op, Multiply | Power)


def _numbers(item: Any) -> Iterator[float]:
    """The fractions among the parameters of an op, however nested."""
    if isinstance(item, float):
        yield item
    elif isinstance(item, Mapping | list | tuple):
        for part in item.values() if isinstance(item, Mapping) else item:
            yield from _numbers(part)


def _show(shape: tuple[int | None, ...]) -> str:
    return " x ".join("any" if n is None else str(n) for n in shape) or "scalar"
