"""Ops over the columns of tables: what scalers, encoders and imputers are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from exporter.errors import ShapeError, counted
from exporter.ir.ops.base import Op
from exporter.ir.ops.probes import Probe
from exporter.ir.ops.shapes import Shape
from exporter.ir.ops.tensor import Dtype, Tensor
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Select(Op):
    """The elements in these places of the last axis, in this order, each as often as it is named.

    Shapes: x (..., n) -> y (..., columns). Types: x numbers or texts, y the same.
    """

    columns: tuple[int, ...]

    traits: ClassVar[Traits] = Traits(moves=True, takes=None, gives=None)

    def output_shape(self, *shapes: Shape) -> Shape:
        """How many columns are selected."""
        (x,) = shapes
        if not x or not self.columns or x[-1] is None:
            raise ShapeError(f"it selects {counted(len(self.columns), 'column')} from an input {x}")
        if not all(0 <= column < x[-1] for column in self.columns):
            raise ShapeError(f"it selects columns that an input {x} does not have")
        return (*x[:-1], len(self.columns))


@dataclass(frozen=True, eq=False)
class Columnwise(Op):
    """Base of ops that do something of its own with each column, and keep the shape (n,)."""

    traits: ClassVar[Traits] = PLAIN

    @property
    def width(self) -> int:
        """How many columns it has something for."""
        raise NotImplementedError

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape."""
        (x,) = shapes
        if x != (self.width,):
            raise ShapeError(f"it was made for {counted(self.width, 'column')}, the input is {x}")
        return x


@dataclass(frozen=True, eq=False)
class Impute(Columnwise):
    """y = values where x is NaN, or equals missing where that is given, else x.

    Shapes: x (n,), values (n,) -> y (n,).
    """

    values: Tensor
    missing: float | None = None

    traits: ClassVar[Traits] = Traits(follows=True)

    @property
    def width(self) -> int:
        """One value for each column."""
        return len(self.values)

    def probes(self, width: int) -> dict[int, Probe]:
        """The number that counts as missing."""
        if self.missing is None:
            return {}
        return dict.fromkeys(range(width), Probe(keys=np.array([self.missing])))


@dataclass(frozen=True, eq=False)
class ImputeTexts(Columnwise):
    """y = words where x is missing, or equals missing where that is given, else x.

    Types: x and y texts. Shapes: x (n,) -> y (n,).
    """

    words: tuple[str, ...]
    missing: str | None = None

    traits: ClassVar[Traits] = Traits(takes="texts", gives="texts", follows=True)

    @property
    def width(self) -> int:
        """One word for each column."""
        return len(self.words)

    def probes(self, width: int) -> dict[int, Probe]:
        """The word that counts as missing."""
        if self.missing is None:
            return {}
        return dict.fromkeys(range(width), Probe(words=(self.missing,)))


@dataclass(frozen=True, eq=False)
class IsMissing(Op):
    """y = 1 where x is NaN or a missing text, or equals missing where that is given, else 0.

    Types: x numbers or texts, y numbers.
    """

    missing: str | float | None = None

    traits: ClassVar[Traits] = Traits(takes=None)

    def output_dtype(self, *dtypes: Dtype) -> Dtype:
        """That of numbers; of texts float64, as everything of columns is."""
        return "float64" if "text" in dtypes else super().output_dtype(*dtypes)

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape."""
        (x,) = shapes
        return x


@dataclass(frozen=True, eq=False)
class MapNumbers(Columnwise):
    """y = the value beside the key of its column that equals x; defaults for other numbers, which
    are an error in the columns strict, and absent for NaN, which is one in those complete.

    keys hold the keys of all columns, counts of them, which ascend in each.
    Shapes: x (n,), keys (k,), values (k,), defaults (n,), absent (n,) -> y (n,).
    """

    keys: Tensor
    values: Tensor
    counts: tuple[int, ...]
    defaults: Tensor
    absent: Tensor
    strict: tuple[int, ...]
    complete: tuple[int, ...]

    @property
    def width(self) -> int:
        """One default for each column."""
        return len(self.defaults)

    @property
    def refuses(self) -> bool:
        """Where what it does not know is an error."""
        return bool(self.strict or self.complete)

    def probes(self, width: int) -> dict[int, Probe]:
        """The keys of each column."""
        parts = np.split(np.asarray(self.keys, np.float64), np.cumsum(self.counts)[:-1])
        return {
            place: Probe(keys=keys, is_closed=place in self.strict)
            for place, keys in enumerate(parts)
        }


@dataclass(frozen=True, eq=False)
class MapTexts(Columnwise):
    """y = the value beside the word of its column that equals x; defaults for other words, which
    are an error in the columns strict, and absent for a missing text, which is one in those
    complete.

    Types: x texts, y numbers.
    Shapes: x (n,), values (all words,), defaults (n,), absent (n,) -> y (n,).
    """

    words: tuple[tuple[str, ...], ...]
    values: Tensor
    defaults: Tensor
    absent: Tensor
    strict: tuple[int, ...]
    complete: tuple[int, ...]

    traits: ClassVar[Traits] = Traits(takes="texts")

    @property
    def width(self) -> int:
        """One vocabulary for each column."""
        return len(self.words)

    @property
    def refuses(self) -> bool:
        """Where what it does not know is an error."""
        return bool(self.strict or self.complete)

    def probes(self, width: int) -> dict[int, Probe]:
        """The words of each column."""
        return {
            place: Probe(words=words, is_closed=place in self.strict)
            for place, words in enumerate(self.words)
        }


@dataclass(frozen=True, eq=False)
class Indicate(Op):
    """y = 1 in the places that are in x, 0 in the others; -1 in x is no place.

    Shapes: x (n,) -> y (size,).
    """

    size: int

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The number of places."""
        (x,) = shapes
        if len(x) != 1 or self.size < 1:
            raise ShapeError(f"it has {counted(self.size, 'place')}, the input is {x}")
        return (self.size,)


@dataclass(frozen=True, eq=False)
class Discretize(Columnwise):
    """y = how many of its column's edges, which ascend, are at most x.

    With slack, x is made larger first by 1e-8 + 1e-5 |x|.
    Shapes: x (n,), edges (all,), counts how many of them each column has -> y (n,).
    """

    edges: Tensor
    counts: tuple[int, ...]
    slack: bool = False

    @property
    def width(self) -> int:
        """Some edges for each column."""
        return len(self.counts)

    def probes(self, width: int) -> dict[int, Probe]:
        """The edges of each column, numbers within them being ordinary."""
        parts = np.split(np.asarray(self.edges), np.cumsum(self.counts)[:-1])
        return {place: _between(edges) for place, edges in enumerate(parts)}


@dataclass(frozen=True, eq=False)
class NormalizeRow(Op):
    """y = x / norm of the row, of which one below tiny (or 0) counts as 1.

    norm is "l1" (sum of magnitudes), "l2" (root of the sum of squares) or "max" (largest
    magnitude). Shapes: x (n,) -> y (n,).
    """

    norm: str
    tiny: float

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape."""
        (x,) = shapes
        return x


@dataclass(frozen=True, eq=False)
class PowerTransform(Columnwise):
    """The transform of Yeo and Johnson, or of Box and Cox, of each column under its exponent.

    method is "yeo-johnson" or "box-cox". Shapes: x (n,), lambdas (n,) -> y (n,).
    """

    method: str
    lambdas: Tensor

    traits: ClassVar[Traits] = Traits(follows=True)

    @property
    def width(self) -> int:
        """One exponent for each column."""
        return len(self.lambdas)

    def probes(self, width: int) -> dict[int, Probe]:
        """Box and Cox take numbers above 0 only; of Yeo and Johnson 0 is an edge."""
        if self.method == "box-cox":
            return dict.fromkeys(
                range(width), Probe(low=np.nextafter(0, 1), middle=1.5, spread=0.4)
            )
        return dict.fromkeys(range(width), Probe(edges=np.zeros(1)))


@dataclass(frozen=True, eq=False)
class QuantileTransform(Columnwise):
    """Where x stands among its column's quantiles, from 0 to 1; with is_normal the normal
    distribution's quantile there.

    Between quantiles it is interpolated from both sides, and the mean taken.
    Shapes: x (n,), quantiles (k, n), references (k,) -> y (n,).
    """

    quantiles: Tensor
    references: Tensor
    is_normal: bool

    @property
    def width(self) -> int:
        """A column of quantiles for each column."""
        return int(self.quantiles.shape[1])

    def probes(self, width: int) -> dict[int, Probe]:
        """The quantiles of each column."""
        columns = np.asarray(self.quantiles).T
        return {place: _between(np.unique(column)) for place, column in enumerate(columns)}


@dataclass(frozen=True, eq=False)
class Products(Op):
    """y = the products of columns of x, one for each list of places; -1 stands for the number 1.

    Shapes: x (n,) -> y (places,).
    """

    places: tuple[tuple[int, ...], ...]

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The number of products."""
        (x,) = shapes
        known = x[0] if len(x) == 1 else None
        if known is None or not all(-1 <= n < known for item in self.places for n in item):
            raise ShapeError(f"it multiplies columns that the input {x} does not have")
        return (len(self.places),)


@dataclass(frozen=True, eq=False)
class Ufunc(Op):
    """y = function(x), element by element, as numpy names and computes it."""

    function: str

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape."""
        (x,) = shapes
        return x


@dataclass(frozen=True, eq=False)
class Splines(Op):
    """The values of the B-splines over each column's knots, side by side.

    outside tells what they are beyond the first and the last knot that is a boundary: "constant"
    (as at the boundary), "linear" (as its tangent), "continue" (their polynomials), "periodic" or
    "error". Without has_last the last spline of each column is left out.
    Shapes: x (n,), knots (k, n) -> y (n * splines,).
    """

    knots: Tensor
    degree: int
    outside: str
    has_last: bool

    traits: ClassVar[Traits] = PLAIN

    @property
    def splines(self) -> int:
        """How many splines a column has."""
        count = int(self.knots.shape[0]) - self.degree - 1
        return count - (self.degree if self.outside == "periodic" else 0) - (not self.has_last)

    @property
    def refuses(self) -> bool:
        """Where a number beyond the knots is an error."""
        return self.outside == "error"

    def output_shape(self, *shapes: Shape) -> Shape:
        """All splines of all columns."""
        (x,) = shapes
        if x != (self.knots.shape[1],):
            raise ShapeError(
                f"it has knots for {counted(self.knots.shape[1], 'column')}, the input is {x}"
            )
        return (int(self.knots.shape[1]) * self.splines,)

    def probes(self, width: int) -> dict[int, Probe]:
        """The knots from boundary to boundary."""
        count = int(self.knots.shape[0]) - self.degree
        found = {}
        for place, knots in enumerate(np.asarray(self.knots).T):
            probe = _between(np.unique(knots[self.degree : count]))
            if self.outside == "error":
                probe = replace(probe, low=float(probe.edges[0]), high=float(probe.edges[-1]))
            found[place] = probe
        return found


@dataclass(frozen=True, eq=False)
class CountTokens(Op):
    """How often each word is among the tokens of a text, or whether it is.

    A text is lower-cased where lower, stripped of accents ("ascii", "unicode" or ""), and taken
    apart by analyzer: "word" (two letters or more), "char" or "char_wb" (within words); n-grams
    have least to most tokens, and stop_words are left out of words.
    Shapes: x (1,) texts -> y (words,) numbers.
    """

    words: tuple[str, ...]
    lower: bool
    accents: str
    analyzer: str
    least: int
    most: int
    stop_words: tuple[str, ...]
    is_binary: bool

    traits: ClassVar[Traits] = Traits(takes="texts", splits_texts=True)

    def output_dtype(self, *dtypes: Dtype) -> Dtype:
        """Counts are float64, as everything of columns is."""
        return "float64"

    def output_shape(self, *shapes: Shape) -> Shape:
        """The number of words."""
        (x,) = shapes
        if x != (1,) or not self.words:
            raise ShapeError(f"it takes one text apart, the input is {x}")
        return (len(self.words),)

    def probes(self, width: int) -> dict[int, Probe]:
        """The words, as tokens."""
        return {0: Probe(words=self.words, is_split=True)}


@dataclass(frozen=True, eq=False)
class HashTokens(Op):
    """How often tokens of each hash are in a text, or whether one is; the text is taken apart as by
    CountTokens.

    With is_signed a token whose hash is negative counts as -1.
    Shapes: x (1,) texts -> y (size,) numbers.
    """

    size: int
    lower: bool
    accents: str
    analyzer: str
    least: int
    most: int
    stop_words: tuple[str, ...]
    is_binary: bool
    is_signed: bool

    traits: ClassVar[Traits] = Traits(takes="texts", splits_texts=True)

    def output_dtype(self, *dtypes: Dtype) -> Dtype:
        """Counts are float64, as everything of columns is."""
        return "float64"

    def words_at(self) -> dict[int, tuple[str, ...]]:
        """Any texts."""
        return {0: ("", "a few words", "  GRÖSSER, größer!  42", "x", "one one two")}

    def output_shape(self, *shapes: Shape) -> Shape:
        """The number of hashes."""
        (x,) = shapes
        if x != (1,) or self.size < 1:
            raise ShapeError(f"it takes one text apart, the input is {x}")
        return (self.size,)


@dataclass(frozen=True, eq=False)
class Decide(Op):
    """Which class a row has: y = 1 where the only number is above 0, else 0; of several numbers the
    place of the first of the largest. NaN for a row that holds one.

    Shapes: x (n,) -> y (1,). -0 equals 0, unlike in FindExtreme.
    Source: predict of scikit-learn's classifiers.
    """

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """One number."""
        (x,) = shapes
        if len(x) != 1 or not x[0]:
            raise ShapeError(f"it chooses among the numbers of one axis, the input is {x}")
        return (1,)


def _between(edges: np.ndarray[Any, np.dtype[Any]]) -> Probe:
    """Edges, numbers around which are ordinary."""
    if not len(edges):
        return Probe()
    low, high = float(edges[0]), float(edges[-1])
    return Probe(edges=edges, middle=(low + high) / 2, spread=(high - low) / 2 or 1.0)
