"""Ops that predictors of tables need beside products: distances, pairs of classes, lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from exporter.errors import ShapeError, counted
from exporter.ir.ops.base import Elementwise, Op
from exporter.ir.ops.probes import Probe
from exporter.ir.ops.shapes import Shape
from exporter.ir.ops.tabular import Columnwise
from exporter.ir.ops.tensor import Tensor
from exporter.ir.ops.traits import PLAIN, Traits

ENDLESS = (-np.inf, np.inf)


@dataclass(frozen=True, eq=False)
class SquaredDistances(Op):
    """y = the sum over columns of (x - point)^2 for each point, of the differences themselves.

    Shapes: x (n,), points (m, n) -> y (m,).
    """

    points: Tensor

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """How many points there are."""
        (x,) = shapes
        if x != (self.points.shape[1],):
            raise ShapeError(
                f"its points have {counted(self.points.shape[1], 'column')}, the input is {x}"
            )
        return (int(self.points.shape[0]),)


@dataclass(frozen=True, eq=False)
class Interpolate(Elementwise):
    """y on the straight lines through points, which ascend, and the values above them.

    outside tells what it is beyond the first and the last point: "clip" (the value there), "nan"
    or "error". Shapes: x (...), points (k,), values (k,) -> y (...).
    """

    points: Tensor
    values: Tensor
    outside: str

    traits: ClassVar[Traits] = PLAIN

    def probes(self, width: int) -> dict[int, Probe]:
        """The points."""
        points = np.unique(self.points)
        low, high = (float(points[0]), float(points[-1])) if self.outside == "error" else ENDLESS
        return dict.fromkeys(range(width), Probe(edges=points, low=low, high=high))


@dataclass(frozen=True, eq=False)
class PairVotes(Op):
    """How many pairs each class wins, and less than a half more by how clearly.

    Pairs are (0, 1), (0, 2), ..., (1, 2), ...; a pair's first input is 1 where the second class of
    it wins and 0 where the first does, its second input how clearly the second class does.
    Shapes: wins (pairs,), confidences (pairs,) -> y (classes,).
    Source: _ovr_decision_function of scikit-learn.
    """

    classes: int

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The number of classes."""
        pairs = (self.classes * (self.classes - 1) // 2,)
        if self.classes < 2 or any(shape != pairs for shape in shapes):
            raise ShapeError(
                f"it compares {counted(self.classes, 'class')}, its inputs are {shapes}"
            )
        return (self.classes,)


@dataclass(frozen=True, eq=False)
class CouplePairs(PairVotes):
    """Probabilities of classes from those that the first of each pair wins against the second.

    Found step by step until no step is larger than 0.005 / classes, as libsvm does.
    Shapes: x (pairs,) -> y (classes,).
    Source: Wu, Lin, Weng: Probability estimates for multi-class classification by pairwise
    coupling, 2004, the second approach.
    """


@dataclass(frozen=True, eq=False)
class WeightedMedian(Op):
    """y = the least of the numbers of a row that, with all that are smaller, has half the weight.

    Shapes: x (n,), weights (n,) -> y (1,).
    Source: Drucker, Improving regressors using boosting techniques, 1997.
    """

    weights: Tensor

    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """One number."""
        (x,) = shapes
        if x != self.weights.shape:
            raise ShapeError(f"it weighs {counted(self.weights.size, 'number')}, the input is {x}")
        return (1,)


@dataclass(frozen=True, eq=False)
class QuantileInverse(Columnwise):
    """The number that stands there among its column's quantiles: what QuantileTransform gives y
    for; with is_normal y is a quantile of the normal distribution.

    Shapes: x (n,), quantiles (k, n), references (k,) -> y (n,).
    """

    quantiles: Tensor
    references: Tensor
    is_normal: bool

    @property
    def width(self) -> int:
        """A column of quantiles for each column."""
        return int(self.quantiles.shape[1])


@dataclass(frozen=True, eq=False)
class PowerInverse(Columnwise):
    """What PowerTransform gives y for, under the exponent of each column.

    method is "yeo-johnson" or "box-cox". Shapes: x (n,), lambdas (n,) -> y (n,).
    """

    method: str
    lambdas: Tensor

    @property
    def width(self) -> int:
        """One exponent for each column."""
        return len(self.lambdas)
