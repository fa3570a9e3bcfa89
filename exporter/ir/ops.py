"""The ops that every layer is lowered to; one kernel of the same name in each runtime.

Shapes leave out the batch axis; None is a length that is known only when a row is scored.
Axes count from 0 without the batch.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeAlias

import numpy as np

from exporter.errors import ShapeError

Shape: TypeAlias = tuple[int | None, ...]
Tensor: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
MAX_WINDOW = 2**20  # positions; a kernel sees each of them on its own


@dataclass(frozen=True, eq=False)
class Op:
    """One operation without its inputs; fields are tensors and JSON values."""

    @property
    def kernel_name(self) -> str:
        """Name of the kernel that computes it: the class name in snake case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()

    def output_shape(self, *shapes: Shape) -> Shape:
        """Shape of the result for inputs of these shapes.

        Raises: ShapeError, when the inputs do not fit the op.
        """
        raise NotImplementedError

    def tensors(self) -> dict[str, Tensor]:
        """The fields that are weights, by name; those that are None are left out."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}

    def parameters(self) -> dict[str, Any]:
        """The fields that are not weights, as the kernel takes them.

        Axes are shifted by one there, because a kernel sees the batch as axis 0.
        """
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            name: (_shift_axes(value) if name in ("axis", "axes") else _plain(value))
            for name, value in values.items()
            if not isinstance(value, np.ndarray) and value is not None
        }


@dataclass(frozen=True, eq=False)
class Dense(Op):
    """y = x @ kernel + bias.

    Shapes: x (..., n), kernel (n, m), bias (m,) -> y (..., m).
    """

    kernel: Tensor
    bias: Tensor | None = None

    def output_shape(self, *shapes: Shape) -> Shape:
        """Replace the last axis, n, by m."""
        (x,) = shapes
        rows, columns = self.kernel.shape
        if not x or x[-1] != rows:
            raise ShapeError(f"its kernel takes {rows} values on the last axis, the input is {x}")
        return (*x[:-1], columns)


@dataclass(frozen=True, eq=False)
class Elementwise(Op):
    """Base of ops that keep the shape of their only input."""

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape."""
        (x,) = shapes
        return x


@dataclass(frozen=True, eq=False)
class Activation(Elementwise):
    """y = function(x), element by element; parameters are the function's own."""

    function: str
    options: tuple[tuple[str, float | bool], ...] = ()

    def parameters(self) -> dict[str, Any]:
        """The function's name and its parameters."""
        return {"function": self.function, "parameters": dict(self.options)}


@dataclass(frozen=True, eq=False)
class Softmax(Op):
    """y = exp(x) / sum(exp(x)) along axis."""

    axis: int

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, which must have the axis."""
        (x,) = shapes
        check_axis(self.axis, x)
        return x


@dataclass(frozen=True, eq=False)
class LogSoftmax(Softmax):
    """y = log(softmax(x)) along axis."""


@dataclass(frozen=True, eq=False)
class Sparsemax(Softmax):
    """y = max(x - t, 0) along axis, t as Keras computes it (see the kernel)."""


@dataclass(frozen=True, eq=False)
class Glu(Op):
    """y = a * sigmoid(b), where a and b are the halves of x along axis."""

    axis: int

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape with half the length, which must be even, along axis."""
        (x,) = shapes
        check_axis(self.axis, x)
        length = x[self.axis]
        if length is not None and length % 2:
            raise ShapeError(f"it halves axis {self.axis}, whose length in {x} is odd")
        half = None if length is None else length // 2
        return (*x[: self.axis], half, *x[self.axis + 1 :])


@dataclass(frozen=True, eq=False)
class Affine(Op):
    """y = x * scale + offset, both broadcast to the input's shape."""

    scale: Tensor
    offset: Tensor

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, to which scale and offset must broadcast."""
        (x,) = shapes
        return check_broadcast(x, self.scale, self.offset)


@dataclass(frozen=True, eq=False)
class Standardize(Op):
    """y = (x - mean) / deviation, both broadcast to the input's shape.

    Kept apart from Affine: for features far from zero, x * scale + offset cancels in float32.
    """

    mean: Tensor
    deviation: Tensor

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, to which mean and deviation must broadcast."""
        (x,) = shapes
        return check_broadcast(x, self.mean, self.deviation)


@dataclass(frozen=True, eq=False)
class Prelu(Op):
    """y = x for x >= 0, alpha * x below; alpha broadcast to the input's shape."""

    alpha: Tensor

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, to which alpha must broadcast."""
        (x,) = shapes
        return check_broadcast(x, self.alpha)


@dataclass(frozen=True, eq=False)
class Concatenate(Op):
    """Join the inputs along axis."""

    axis: int

    def output_shape(self, *shapes: Shape) -> Shape:
        """Shapes must agree but for axis, whose lengths add up."""
        first, *others = shapes
        check_axis(self.axis, first)
        total = first[self.axis]
        for other in others:
            if len(other) != len(first) or any(
                a != b for i, (a, b) in enumerate(zip(first, other, strict=True)) if i != self.axis
            ):
                raise ShapeError(f"cannot join {first} and {other} along axis {self.axis}")
            length = other[self.axis]
            total = None if total is None or length is None else total + length
        return (*first[: self.axis], total, *first[self.axis + 1 :])


@dataclass(frozen=True, eq=False)
class Merge(Op):
    """Base of ops over two or more inputs, element by element.

    Shapes: equal in rank, because a kernel sees the batch in front, and broadcastable.
    """

    def output_shape(self, *shapes: Shape) -> Shape:
        """The inputs' shapes broadcast against each other."""
        if len(shapes) < 2:
            raise ShapeError(f"it needs two inputs or more, got {len(shapes)}")
        if len({len(shape) for shape in shapes}) > 1:
            raise ShapeError(f"its inputs {shapes} differ in rank")
        result = shapes[0]
        for shape in shapes[1:]:
            result = broadcast_shapes(result, shape)
        return result


@dataclass(frozen=True, eq=False)
class Add(Merge):
    """y = x0 + x1 + ..."""


@dataclass(frozen=True, eq=False)
class Multiply(Merge):
    """y = x0 * x1 * ..."""


@dataclass(frozen=True, eq=False)
class Average(Merge):
    """y = (x0 + x1 + ...) / count."""


@dataclass(frozen=True, eq=False)
class Maximum(Merge):
    """y = max(x0, x1, ...)."""


@dataclass(frozen=True, eq=False)
class Minimum(Merge):
    """y = min(x0, x1, ...)."""


@dataclass(frozen=True, eq=False)
class Subtract(Merge):
    """y = x0 - x1."""

    def output_shape(self, *shapes: Shape) -> Shape:
        """The two inputs' shapes broadcast against each other."""
        if len(shapes) != 2:
            raise ShapeError(f"it needs exactly two inputs, got {len(shapes)}")
        return super().output_shape(*shapes)


@dataclass(frozen=True, eq=False)
class Divide(Subtract):
    """y = x0 / x1."""


@dataclass(frozen=True, eq=False)
class Power(Subtract):
    """y = x0 to the power of x1."""


@dataclass(frozen=True, eq=False)
class Modulo(Subtract):
    """y = x0 - floor(x0 / x1) * x1, exactly: the remainder with the sign of x1."""


@dataclass(frozen=True, eq=False)
class Compare(Subtract):
    """y = 1 where the relation holds between x0 and x1, 0 elsewhere.

    function is equal, not_equal, less, less_equal, greater or greater_equal; NaN is not equal to
    anything.
    """

    function: str


@dataclass(frozen=True, eq=False)
class Reshape(Op):
    """The same numbers in row-major order, as shape; one axis may be -1."""

    shape: tuple[int, ...]

    def output_shape(self, *shapes: Shape) -> Shape:
        """The new shape, with -1 worked out where the input's size is known."""
        (x,) = shapes
        known = math.prod(n for n in self.shape if n != -1)
        size = None if None in x else math.prod(n for n in x if n is not None)
        if self.shape.count(-1) > 1 or any(n < -1 for n in self.shape):
            raise ShapeError(f"cannot give {x} the shape {self.shape}")
        if size is None:
            return tuple(None if n == -1 else n for n in self.shape)
        fits = size == known if -1 not in self.shape else known and size % known == 0
        if not fits:
            raise ShapeError(f"cannot give {x} the shape {self.shape}")
        return tuple(size // known if n == -1 else n for n in self.shape)


@dataclass(frozen=True, eq=False)
class Transpose(Op):
    """Reorder the axes: axis i of the result is axis axes[i] of the input."""

    axes: tuple[int, ...]

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's lengths in the new order."""
        (x,) = shapes
        if sorted(self.axes) != list(range(len(x))):
            raise ShapeError(f"cannot reorder the axes of {x} as {self.axes}")
        return tuple(x[axis] for axis in self.axes)


@dataclass(frozen=True, eq=False)
class Conv(Op):
    """Convolution over 1, 2 or 3 spatial axes: each window times kernel, plus bias.

    The inputs' channels fall into groups, each seen by filters / groups of the filters.
    padding is "valid" (none), "same" (zeros, so that strides alone decide the result's length) or
    "causal" (zeros in front only).
    Shapes: x (n..., c), kernel (k..., c / groups, m), bias (m,) -> y (o..., m).
    """

    kernel: Tensor
    bias: Tensor | None
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str
    groups: int = 1

    def output_shape(self, *shapes: Shape) -> Shape:
        """Replace each spatial length by the number of windows, the channels by the filters."""
        (x,) = shapes
        *size, depth, filters = self.kernel.shape
        if len(x) != len(size) + 1 or x[-1] != depth * self.groups or filters % self.groups:
            raise ShapeError(
                f"its kernel {self.kernel.shape} in {self.groups} groups does not fit {x}"
            )
        return (*count_windows(x[:-1], size, self.strides, self.dilation, self.padding), filters)


@dataclass(frozen=True, eq=False)
class ConvTranspose(Op):
    """Transposed convolution: each position adds its channels times kernel to a window of y.

    before is how many positions are cut from the front of each axis, after likewise from the
    end; a negative after adds zeros.
    Shapes: x (n..., c), kernel (k..., m, c), bias (m,) -> y (o..., m),
    o = (n - 1) * stride + (k - 1) * dilation + 1 - before - after.
    """

    kernel: Tensor
    bias: Tensor | None
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]

    def output_shape(self, *shapes: Shape) -> Shape:
        """Replace each spatial length, and the channels by the filters."""
        (x,) = shapes
        *size, filters, depth = self.kernel.shape
        if len(x) != len(size) + 1 or x[-1] != depth:
            raise ShapeError(f"its kernel {self.kernel.shape} does not fit the input {x}")
        lengths = [
            None if n is None else (n - 1) * s + (k - 1) * d + 1 - first - last
            for n, k, s, d, first, last in zip(
                x[:-1], size, self.strides, self.dilation, self.before, self.after, strict=True
            )
        ]
        if any(n is not None and n < 1 for n in lengths):
            raise ShapeError(f"nothing is left of the input {x}")
        return (*lengths, filters)


@dataclass(frozen=True, eq=False)
class LocallyConnected(Op):
    """Convolution whose kernel differs from position to position.

    Shapes: x (n..., c), kernel (o..., k..., c, m), bias (o..., m) -> y (o..., m).
    """

    kernel: Tensor
    bias: Tensor | None
    strides: tuple[int, ...]

    def output_shape(self, *shapes: Shape) -> Shape:
        """The kernel's positions and filters."""
        (x,) = shapes
        rank = len(self.strides)
        counts, size = self.kernel.shape[:rank], self.kernel.shape[rank : 2 * rank]
        depth, filters = self.kernel.shape[2 * rank :]
        if len(x) != rank + 1 or x[-1] != depth:
            raise ShapeError(f"its kernel {self.kernel.shape} does not fit the input {x}")
        found = count_windows(x[:-1], size, self.strides, (1,) * rank, "valid")
        if found != counts:
            raise ShapeError(f"its kernel is for {counts} positions, the input {x} has {found}")
        return (*counts, filters)


@dataclass(frozen=True, eq=False)
class Pool(Op):
    """The largest ("max") or mean ("average") value of each window, channel by channel.

    With padding "same", what lies outside the input counts neither as value nor in the mean.
    Shapes: x (n..., c) -> y (o..., c).
    """

    mode: str
    size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str

    def output_shape(self, *shapes: Shape) -> Shape:
        """Replace each spatial length by the number of windows."""
        (x,) = shapes
        if len(x) != len(self.size) + 1:
            raise ShapeError(f"it pools over {len(self.size)} axes, the input is {x}")
        ones = (1,) * len(self.size)
        return (*count_windows(x[:-1], self.size, self.strides, ones, self.padding), x[-1])


@dataclass(frozen=True, eq=False)
class Reduce(Op):
    """The mean, sum, max, min or prod over axes, which go, or stay with length 1."""

    function: str
    axes: tuple[int, ...]
    keepdims: bool = False

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape without axes, or with length 1 there."""
        (x,) = shapes
        for axis in self.axes:
            check_axis(axis, x)
        kept = ((axis, n) for axis, n in enumerate(x) if self.keepdims or axis not in self.axes)
        return tuple(1 if axis in self.axes else n for axis, n in kept)


@dataclass(frozen=True, eq=False)
class FindExtreme(Op):
    """y = where along axis the largest ("max") or smallest ("min") number stands first.

    NaN is passed over, and -0 is smaller than 0, as in Keras.
    """

    function: str
    axis: int

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape without the axis."""
        (x,) = shapes
        check_axis(self.axis, x)
        return (*x[: self.axis], *x[self.axis + 1 :])


@dataclass(frozen=True, eq=False)
class Cumulate(Op):
    """y = the sum ("sum") or product ("prod") of all numbers along axis up to this one."""

    function: str
    axis: int

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, which must have the axis."""
        (x,) = shapes
        check_axis(self.axis, x)
        return x


@dataclass(frozen=True, eq=False)
class Unary(Elementwise):
    """y = function(x), element by element: sqrt, exp, ... as numpy names and computes them."""

    function: str


@dataclass(frozen=True, eq=False)
class Clip(Elementwise):
    """y = min(max(x, low), high)."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Constant(Op):
    """The same numbers for every row; of no inputs."""

    value: Tensor

    def output_shape(self, *shapes: Shape) -> Shape:
        """The shape of the numbers."""
        return tuple(self.value.shape)


@dataclass(frozen=True, eq=False)
class Matmul(Op):
    """y = x0 @ x1, matrix by matrix.

    Shapes: x0 (..., n, k), x1 (..., k, m) -> y (..., n, m); the leading axes broadcast.
    """

    def output_shape(self, *shapes: Shape) -> Shape:
        """The inputs' leading axes, rows of the first, columns of the second."""
        a, b = shapes
        if len(a) != len(b) or len(a) < 2 or a[-1] != b[-2]:
            raise ShapeError(f"cannot multiply matrices of shapes {a} and {b}")
        return (*broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])


@dataclass(frozen=True, eq=False)
class Bucketize(Elementwise):
    """y = how many of the boundaries, which ascend, are at most x."""

    boundaries: Tensor


@dataclass(frozen=True, eq=False)
class Lookup(Elementwise):
    """y = the value beside the key that equals x, or default; keys ascend."""

    keys: Tensor
    values: Tensor
    default: float


@dataclass(frozen=True, eq=False)
class StringLookup(Elementwise):
    """y = the place of the word that equals x, or default; without default others are an error.

    Types: x text, y numbers.
    """

    words: tuple[str, ...]
    places: Tensor
    default: float | None = None


@dataclass(frozen=True, eq=False)
class Tokenize(Op):
    """The first tokens of a row's texts, "" where there are fewer than length.

    standardize is "", "lower", "strip_punctuation" or "lower_and_strip_punctuation"; split "" (no),
    "whitespace" or "character"; ngrams are how many tokens in a row make one, in this order.
    Shapes: x () or (n,) -> y (length,). Types: x and y texts.
    """

    standardize: str
    split: str
    ngrams: tuple[int, ...]
    length: int

    def output_shape(self, *shapes: Shape) -> Shape:
        """The number of tokens."""
        check_texts(*shapes)
        return (self.length,)


@dataclass(frozen=True, eq=False)
class CountWords(Op):
    """How often each word is among the tokens of a row's texts, or whether it is, times weights.

    Place 0 is for tokens that are none of the words; "" counts nowhere. Tokens: as Tokenize.
    Shapes: x () or (n,), weights (depth,) -> y (depth,). Types: x texts, y numbers.
    """

    words: tuple[str, ...]
    weights: Tensor
    standardize: str
    split: str
    ngrams: tuple[int, ...]
    is_binary: bool

    def output_shape(self, *shapes: Shape) -> Shape:
        """The number of places."""
        check_texts(*shapes)
        if self.weights.ndim != 1 or self.weights.size <= len(self.words):
            raise ShapeError(
                f"it has {len(self.words)} words, its weights are {self.weights.shape}"
            )
        return tuple(self.weights.shape)


@dataclass(frozen=True, eq=False)
class HashBucket(Elementwise):
    """y = first + hash of x modulo bins, 0 where x is the mask; numbers are hashed as decimals.

    The hash is FarmHash's Fingerprint64, or with a key of two numbers SipHash.
    Types: x texts or numbers, y numbers. Shapes: first (1,).
    """

    bins: int
    first: Tensor
    key: tuple[int, int] | None = None
    mask: str | float | None = None


@dataclass(frozen=True, eq=False)
class CrossBucket(Op):
    """y = first + hash of what stands in the same place of all inputs, modulo bins.

    Types: inputs texts or whole numbers, y numbers. Shapes: inputs alike, first (1,).
    """

    bins: int
    first: Tensor

    def output_shape(self, *shapes: Shape) -> Shape:
        """The inputs' shape."""
        if len(shapes) < 2 or len(set(shapes)) > 1:
            raise ShapeError(f"it crosses inputs of one shape, its inputs are {shapes}")
        return shapes[0]


@dataclass(frozen=True, eq=False)
class Encode(Op):
    """Whole numbers from 0 to depth - 1 as vectors.

    mode is "one_hot" (a vector for each number), "multi_hot" (one for all along the last axis,
    with ones where they are) or "count" (how often each occurs).
    Shapes: x (..., n) -> y (..., n, depth), or (..., depth).
    """

    depth: int
    mode: str

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape with depth behind, or in the place of the last axis."""
        (x,) = shapes
        if self.mode != "one_hot" and not x:
            raise ShapeError("it joins the numbers along the last axis, its input has none")
        if self.depth < 1:
            raise ShapeError(f"its depth is {self.depth}")
        return (*x, self.depth) if self.mode == "one_hot" else (*x[:-1], self.depth)


@dataclass(frozen=True, eq=False)
class Pad(Op):
    """Put value around each axis: widths are (before, after) of each."""

    widths: tuple[tuple[int, int], ...]
    value: float = 0.0

    def output_shape(self, *shapes: Shape) -> Shape:
        """Each length with its two widths added."""
        (x,) = shapes
        if len(x) != len(self.widths) or any(n < 0 for pair in self.widths for n in pair):
            raise ShapeError(f"cannot pad the input {x} by {self.widths}")
        return tuple(
            None if n is None else n + before + after
            for n, (before, after) in zip(x, self.widths, strict=True)
        )


@dataclass(frozen=True, eq=False)
class Cut(Op):
    """Of each axis the positions start, start + step, ... before stop, as Python slices count."""

    slices: tuple[tuple[int | None, int | None, int | None], ...]

    def output_shape(self, *shapes: Shape) -> Shape:
        """How many positions are taken of each axis."""
        (x,) = shapes
        if len(x) != len(self.slices) or any(step == 0 for _, _, step in self.slices):
            raise ShapeError(f"cannot cut {self.slices} from the input {x}")
        lengths: list[int | None] = []
        for n, (start, stop, step) in zip(x, self.slices, strict=True):
            if n is not None:
                lengths.append(len(range(n)[start:stop:step]))
            elif (start, stop, step) == (-1, None, None) or stop == (start or 0) + 1 > 0:
                lengths.append(1)
            else:
                lengths.append(None)
        if 0 in lengths:
            raise ShapeError(f"nothing is left of the input {x}")
        return tuple(lengths)


@dataclass(frozen=True, eq=False)
class Repeat(Op):
    """Each position along axis, times times in a row."""

    times: int
    axis: int

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape, times as long along axis."""
        (x,) = shapes
        check_axis(self.axis, x)
        if self.times < 1:
            raise ShapeError(f"it repeats {self.times} times")
        length = x[self.axis]
        longer = None if length is None else length * self.times
        return (*x[: self.axis], longer, *x[self.axis + 1 :])


@dataclass(frozen=True, eq=False)
class NotEqual(Elementwise):
    """y = 1 where x is not value, 0 elsewhere."""

    value: float


@dataclass(frozen=True, eq=False)
class Where(Op):
    """y = x where the condition, the first input, is not 0, else the third input.

    Shapes: equal in rank, and broadcastable.
    """

    def output_shape(self, *shapes: Shape) -> Shape:
        """The inputs' shapes broadcast against each other."""
        condition, x, other = shapes
        if not len(condition) == len(x) == len(other):
            raise ShapeError(f"its inputs {shapes} differ in rank")
        return broadcast_shapes(condition, broadcast_shapes(x, other))


@dataclass(frozen=True, eq=False)
class Fill(Elementwise):
    """y = value everywhere."""

    value: float


@dataclass(frozen=True, eq=False)
class Embedding(Op):
    """y = table[x]; x must be whole numbers from 0 to vocabulary - 1.

    Shapes: x (...), table (vocabulary, n) -> y (..., n).
    """

    table: Tensor

    def output_shape(self, *shapes: Shape) -> Shape:
        """A new last axis, n."""
        (x,) = shapes
        return (*x, self.table.shape[1])


@dataclass(frozen=True, eq=False)
class FoldTime(Op):
    """Each step becomes a row of its own, for what a layer does to every step alike.

    Shapes: x (steps, ...) -> y (...), with steps times as many rows.
    """

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape without its first axis."""
        (x,) = shapes
        check_axis(0, x)
        return x[1:]


@dataclass(frozen=True, eq=False)
class UnfoldTime(Op):
    """The reverse of FoldTime; the second input is what was folded, and tells its steps.

    Shapes: x (...), folded (steps, ...) -> y (steps, ...), with as many rows as folded.
    """

    def output_shape(self, *shapes: Shape) -> Shape:
        """The steps of the second input before the shape of the first."""
        x, folded = shapes
        check_axis(0, folded)
        return (folded[0], *x)


@dataclass(frozen=True, eq=False)
class MaskedMean(Op):
    """y = sum(x * mask) / sum(mask) along axis; NaN where the mask is 0 all along.

    Shapes: x (..., steps, ...), mask (steps,) -> y without the axis.
    """

    axis: int

    def output_shape(self, *shapes: Shape) -> Shape:
        """The first input's shape without the axis."""
        x, mask = shapes
        check_axis(self.axis, x)
        if len(mask) != 1 or not fits(x[self.axis], mask[0]):
            raise ShapeError(f"its mask is {mask}, axis {self.axis} of its input is {x}")
        return (*x[: self.axis], *x[self.axis + 1 :])


@dataclass(frozen=True, eq=False)
class Recurrent(Op):
    """Base of ops that run over the steps of a sequence, keeping states of units numbers.

    A step whose mask is 0 leaves the states alone and repeats the output of the step before
    (zeros before the first), or gives zeros where zeroes_masked is set. Inputs are x, the mask
    where is_masked, the initial states where has_states (otherwise zeros). result tells what is
    wanted: the output of every step ("sequence"), that of the last ("last"), or a state after it
    ("hidden", "cell").

    Shapes: x (steps, n), mask (steps,), states (units,) -> y (steps, units) or (units,).
    """

    kernel: Tensor
    recurrent_kernel: Tensor
    bias: Tensor | None
    activation: tuple[str, tuple[tuple[str, float | bool], ...]]
    result: str
    is_masked: bool
    has_states: bool
    zeroes_masked: bool

    gates: ClassVar[int]
    states: ClassVar[int] = 1

    def output_shape(self, *shapes: Shape) -> Shape:
        """Steps and units, or units only."""
        x, *others = shapes
        inputs, columns = self.kernel.shape
        units = self.recurrent_kernel.shape[0]
        if columns != self.gates * units or self.recurrent_kernel.shape[1] != columns:
            raise ShapeError(
                f"its kernels have shapes {self.kernel.shape} and {self.recurrent_kernel.shape}"
            )
        if len(x) != 2 or x[1] != inputs:
            raise ShapeError(f"it takes steps of {inputs} values, its input is {x}")
        if len(others) != self.is_masked + self.has_states * self.states:
            raise ShapeError(f"it does not take {len(shapes)} inputs")
        if self.is_masked:
            mask = others.pop(0)
            if len(mask) != 1 or not fits(x[0], mask[0]):
                raise ShapeError(f"its mask is {mask}, its input is {x}")
        if any(state != (units,) for state in others):
            raise ShapeError(f"its states have shapes {others}, it keeps {units} values")
        return (x[0], units) if self.result == "sequence" else (units,)


@dataclass(frozen=True, eq=False)
class SimpleRnn(Recurrent):
    """h = activation(x @ kernel + bias + h @ recurrent_kernel)."""

    gates: ClassVar[int] = 1


@dataclass(frozen=True, eq=False)
class Lstm(Recurrent):
    """Long short-term memory, Hochreiter and Schmidhuber, 1997, with forget gate, no peepholes.

    i, f, g, o = split(x @ kernel + bias + h @ recurrent_kernel); a is the activation, r the
    recurrent_activation: c = r(f) * c + r(i) * a(g); h = r(o) * a(c).
    """

    recurrent_activation: tuple[str, tuple[tuple[str, float | bool], ...]]

    gates: ClassVar[int] = 4
    states: ClassVar[int] = 2


@dataclass(frozen=True, eq=False)
class Gru(Recurrent):
    """Gated recurrent unit, Cho et al., 2014; a is the activation, r the recurrent_activation.

    z, s = r(split(x @ kernel[z, s] + bias[z, s] + h @ recurrent_kernel[z, s]));
    n = a(x @ kernel[n] + bias[n] + (s * h) @ recurrent_kernel[n]); h = z * h + (1 - z) * n.
    With reset_after, n = a(x @ kernel[n] + bias[n] + s * (h @ recurrent_kernel[n] +
    recurrent_bias[n])), and recurrent_bias is added to z and s too.
    """

    recurrent_bias: Tensor | None
    recurrent_activation: tuple[str, tuple[tuple[str, float | bool], ...]]
    reset_after: bool

    gates: ClassVar[int] = 3


@dataclass(frozen=True, eq=False)
class ConvLstm(Op):
    """An LSTM whose states are images: the recurrent product is a convolution that keeps lengths.

    Inputs are what Lstm makes of x @ kernel + bias, which a Conv of every step gives here; then the
    mask and the states as for a Recurrent.

    Shapes: x (steps, n..., 4 filters), recurrent_kernel (k..., filters, 4 filters), mask (steps,),
    states (n..., filters) -> y (steps, n..., filters) or (n..., filters).
    """

    recurrent_kernel: Tensor
    activation: tuple[str, tuple[tuple[str, float | bool], ...]]
    recurrent_activation: tuple[str, tuple[tuple[str, float | bool], ...]]
    result: str
    is_masked: bool
    has_states: bool
    zeroes_masked: bool

    states: ClassVar[int] = 2

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape with the filters as last axis, with or without the steps."""
        x, *others = shapes
        *size, filters, columns = self.recurrent_kernel.shape
        if columns != 4 * filters:
            raise ShapeError(f"its recurrent kernel has shape {self.recurrent_kernel.shape}")
        if len(x) != len(size) + 2 or x[-1] != columns:
            raise ShapeError(f"it takes steps of {len(size)} axes, its input is {x}")
        if len(others) != self.is_masked + self.has_states * self.states:
            raise ShapeError(f"it does not take {len(shapes)} inputs")
        if self.is_masked:
            mask = others.pop(0)
            if len(mask) != 1 or not fits(x[0], mask[0]):
                raise ShapeError(f"its mask is {mask}, its input is {x}")
        state = (*x[1:-1], filters)
        if any(other != state for other in others):
            raise ShapeError(f"its states have shapes {others}, it keeps {state}")
        count_windows(x[1:-1], size, (1,) * len(size), (1,) * len(size), "same")
        return (x[0], *state) if self.result == "sequence" else state


@dataclass(frozen=True, eq=False)
class LayerNormalization(Op):
    """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, moments of each row along axes.

    Shapes: x (...), gamma and beta broadcast to it -> y (...).
    """

    axes: tuple[int, ...]
    epsilon: float
    gamma: Tensor | None
    beta: Tensor | None

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape."""
        (x,) = shapes
        for axis in self.axes:
            check_axis(axis, x)
        return check_broadcast(x, *(t for t in (self.gamma, self.beta) if t is not None))


@dataclass(frozen=True, eq=False)
class UnitNormalization(Op):
    """y = x * min(1 / sqrt(sum(x^2)), 1 / epsilon), the sum along axes."""

    axes: tuple[int, ...]
    epsilon: float

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape."""
        (x,) = shapes
        for axis in self.axes:
            check_axis(axis, x)
        return x


@dataclass(frozen=True, eq=False)
class Attention(Op):
    """y = softmax(scale * query @ key^T) @ value, in each of heads equal parts of the last axis.

    Where the mask is 0, or the key comes after the query and is_causal is set, the softmax gives
    0 (where it is 0 for all keys of a query, equal weights, or with zeroes_masked none).

    Shapes: query (t, heads * n), key (s, heads * n), value (s, heads * m), mask, where is_masked,
    broadcast to (t, s) -> y (t, heads * m).
    """

    heads: int
    scale: float
    is_causal: bool
    is_masked: bool
    zeroes_masked: bool

    def output_shape(self, *shapes: Shape) -> Shape:
        """Queries and the width of the value."""
        return check_attention(self.heads, self.is_masked, *shapes)


@dataclass(frozen=True, eq=False)
class AdditiveAttention(Op):
    """y = softmax(sum(scale * tanh(query + key))) @ value, the sum along the last axis.

    Masks and Shapes: as Attention, with one head; scale (n,) or (1,).
    """

    scale: Tensor
    is_causal: bool
    is_masked: bool

    def output_shape(self, *shapes: Shape) -> Shape:
        """Queries and the width of the value."""
        if self.scale.shape not in ((1,), shapes[0][-1:]):
            raise ShapeError(f"its scale has shape {self.scale.shape}, its query is {shapes[0]}")
        return check_attention(1, self.is_masked, *shapes)


def check_attention(heads: int, is_masked: bool, *shapes: Shape) -> Shape:
    """Shape of an attention's result.

    Raises: ShapeError, when query, key, value and mask do not fit together.
    """
    if len(shapes) != 3 + is_masked:
        raise ShapeError(f"it does not take {len(shapes)} inputs")
    query, key, value = shapes[:3]
    fit = all(len(shape) == 2 for shape in shapes)
    fit = fit and query[1] == key[1] and query[1] is not None and value[1] is not None
    fit = fit and fits(key[0], value[0])
    if not fit or any((shape[1] or 0) % heads for shape in (query, value)):
        raise ShapeError(f"it cannot attend from {query} to {key} for {value}")
    if is_masked:
        pairs = zip(shapes[3], (query[0], key[0]), strict=True)
        if not all(n == 1 or fits(n, length) for n, length in pairs):
            raise ShapeError(f"its mask is {shapes[3]}, its scores are {(query[0], key[0])}")
    return (query[0], value[1])


def check_texts(*shapes: Shape) -> None:
    """Raise ShapeError unless there is one input, of at most one axis."""
    if len(shapes) != 1 or len(shapes[0]) > 1:
        raise ShapeError(f"it takes a text, or a list of texts, its input is {shapes}")


def fits(a: int | None, b: int | None) -> bool:
    """Whether two lengths can be the same."""
    return a is None or b is None or a == b


def check_axis(axis: int, shape: Shape) -> None:
    """Raise ShapeError unless shape has this axis, counted from 0."""
    if not 0 <= axis < len(shape):
        raise ShapeError(f"it works along axis {axis}, the input {shape} has no such axis")


def check_broadcast(shape: Shape, *tensors: Tensor) -> Shape:
    """Return shape; raise ShapeError unless every tensor broadcasts to exactly it."""
    for tensor in tensors:
        if broadcast_shapes(shape, tensor.shape) != shape:
            raise ShapeError(f"its weights have shape {tensor.shape}, the input is {shape}")
    return shape


def count_windows(
    lengths: Shape,
    size: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
    padding: str,
) -> Shape:
    """How many windows fit along each axis; None where the length is free.

    Raises: ShapeError, when a number is not positive or not even one window fits.
    """
    if any(n < 1 for numbers in (size, strides, dilation) for n in numbers):
        raise ShapeError(f"its size {size}, strides {strides} or dilation {dilation} is below 1")
    if math.prod(size) > MAX_WINDOW:
        raise ShapeError(f"its window of size {size} has more than {MAX_WINDOW:,} positions")
    counts: list[int | None] = []
    for n, k, s, d in zip(lengths, size, strides, dilation, strict=True):
        span = (k - 1) * d + 1
        if n is None:
            counts.append(None)
        elif padding == "valid" and n < span:
            raise ShapeError(f"its window of {span} does not fit into an axis of {n}")
        else:
            counts.append((n - span) // s + 1 if padding == "valid" else (n - 1) // s + 1)
    return tuple(counts)


def broadcast_shapes(a: Shape, b: Shape) -> Shape:
    """Shape of a + b by numpy's rules; None fits any length.

    Raises: ShapeError, when they do not broadcast.
    """
    rank = max(len(a), len(b))
    padded_a: Shape = (1,) * (rank - len(a)) + a
    padded_b: Shape = (1,) * (rank - len(b)) + b
    result: list[int | None] = []
    for m, n in zip(padded_a, padded_b, strict=True):
        if m == n or n == 1:
            result.append(m)
        elif m == 1:
            result.append(n)
        elif m is None or n is None:
            result.append(n if m is None else m)
        else:
            raise ShapeError(f"shapes {a} and {b} do not fit together")
    return tuple(result)


def as_tensor(array: np.ndarray[Any, Any]) -> Tensor:
    """A read-only, contiguous float32 copy."""
    tensor = np.array(array, dtype=np.float32, order="C")
    tensor.flags.writeable = False
    return tensor


def _shift_axes(value: Any) -> Any:
    return [axis + 1 for axis in value] if isinstance(value, tuple) else value + 1


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value
