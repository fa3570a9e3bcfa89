"""Ops that take texts: lookup, tokens, counts and hashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from exporter.errors import ShapeError, counted
from exporter.ir.ops.base import Elementwise, Op
from exporter.ir.ops.probes import Probe
from exporter.ir.ops.shapes import Shape
from exporter.ir.ops.tensor import Tensor
from exporter.ir.ops.traits import Traits


@dataclass(frozen=True, eq=False)
class WordLookup(Op):
    """Base of ops that look words up."""

    words: tuple[str, ...]

    @property
    def is_closed(self) -> bool:
        """Whether a text that is none of the words is an error."""
        return False


@dataclass(frozen=True, eq=False)
class StringLookup(WordLookup, Elementwise):
    """y = the place of the word that equals x, or default; without default others are an error.

    Types: x text, y numbers.
    """

    places: Tensor
    default: float | None = None

    traits: ClassVar[Traits] = Traits(takes="texts")

    @property
    def is_closed(self) -> bool:
        """Without a default."""
        return self.default is None

    def probes(self, width: int) -> dict[int, Probe]:
        """The words."""
        return dict.fromkeys(range(width), Probe(words=self.words, is_closed=self.is_closed))


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

    traits: ClassVar[Traits] = Traits(splits_texts=True, takes="texts", gives="texts")

    def output_shape(self, *shapes: Shape) -> Shape:
        """The number of tokens."""
        check_texts(*shapes)
        return (self.length,)


@dataclass(frozen=True, eq=False)
class CountWords(WordLookup):
    """How often each word is among the tokens of a row's texts, or whether it is, times weights.

    Place 0 is for tokens that are none of the words; "" counts nowhere. Tokens: as Tokenize.
    Shapes: x () or (n,), weights (depth,) -> y (depth,). Types: x texts, y numbers.
    """

    weights: Tensor
    standardize: str
    split: str
    ngrams: tuple[int, ...]
    is_binary: bool

    traits: ClassVar[Traits] = Traits(splits_texts=True, takes="texts")

    def output_shape(self, *shapes: Shape) -> Shape:
        """The number of places."""
        check_texts(*shapes)
        if self.weights.ndim != 1 or self.weights.size <= len(self.words):
            raise ShapeError(
                f"it has {counted(len(self.words), 'word')}, its weights are {self.weights.shape}"
            )
        return tuple(self.weights.shape)

    def probes(self, width: int) -> dict[int, Probe]:
        """The words, as tokens."""
        return dict.fromkeys(range(width), Probe(words=self.words, is_split=True))


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

    traits: ClassVar[Traits] = Traits(takes=None)


@dataclass(frozen=True, eq=False)
class CrossBucket(Op):
    """y = first + hash of what stands in the same place of all inputs, modulo bins.

    Types: inputs texts or whole numbers, y numbers. Shapes: inputs alike, first (1,).
    """

    bins: int
    first: Tensor

    traits: ClassVar[Traits] = Traits(takes=None)

    def output_shape(self, *shapes: Shape) -> Shape:
        """The inputs' shape."""
        if len(shapes) < 2 or len(set(shapes)) > 1:
            raise ShapeError(f"it crosses inputs of one shape, its inputs are {shapes}")
        return shapes[0]


def check_texts(*shapes: Shape) -> None:
    """Raise ShapeError unless there is one input, of at most one axis."""
    if len(shapes) != 1 or len(shapes[0]) > 1:
        raise ShapeError(f"it takes a text, or a list of texts, its input is {shapes}")
