"""Kernels of predictors of tables: distances, pairs of classes, lines through points."""

import math

import numpy as np

from plpython.interrupts import PIECE, stop_if_cancelled
from plpython.tables import kernel


@kernel
def squared_distances(points):
    """y = the sum over columns of (x - point)^2 for each point, column by column: the memory is
    that of y twice, however many columns there are.

    Shapes: x (rows, n), points (m, n) -> y (rows, m).
    """
    columns = np.ascontiguousarray(points.T)

    def call(x):
        y = np.zeros((x.shape[0], points.shape[0]), x.dtype)
        difference = np.empty_like(y)
        for place, column in enumerate(columns):
            np.subtract(x[:, place, None], column, out=difference)
            difference *= difference
            y += difference
        return y

    return call


@kernel
def interpolate(points, values, outside):
    """y on the straight lines through points, which ascend, and the values above them.

    Raises: ValueError, when x is beyond the points and that is an error.
    """
    first, last = points[0], points[-1]

    def call(x):
        y = np.interp(x, points, values).astype(x.dtype)
        if outside == "clip":
            return y
        is_out = (x < first) | (x > last)
        if outside == "error" and is_out.any():
            raise ValueError(
                f"{x[is_out][0].item()!r} is outside of what was fitted, {first:g} to {last:g}"
            )
        return np.where(is_out, x.dtype.type(np.nan), y)

    return call


@kernel
def pair_votes(classes):
    """How many pairs each class wins, and less than a half more by how clearly; see the op.

    Shapes: wins (rows, pairs), confidences (rows, pairs) -> y (rows, classes).
    """
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]

    def call(wins, confidences):
        votes = np.zeros((wins.shape[0], classes), confidences.dtype)
        total = np.zeros_like(votes)
        for place, (i, j) in enumerate(pairs):
            if place % PIECE == 0:
                stop_if_cancelled()
            total[:, i] -= confidences[:, place]
            total[:, j] += confidences[:, place]
            votes[:, i] += wins[:, place] == 0
            votes[:, j] += wins[:, place] == 1
        return votes + total / (3 * (np.abs(total) + 1))

    return call


@kernel
def couple_pairs(classes):
    """Probabilities of classes from those of pairs, step by step as libsvm finds them.

    Shapes: x (rows, pairs) -> y (rows, classes).
    """
    first, second = np.triu_indices(classes, 1)
    diagonal = np.arange(classes)

    def call(x):
        wins = np.zeros((x.shape[0], classes, classes), x.dtype)
        wins[:, first, second] = x
        wins[:, second, first] = 1 - x
        q = -wins.transpose(0, 2, 1) * wins
        q[:, diagonal, diagonal] = (wins * wins).sum(axis=1)
        p = np.full((x.shape[0], classes), 1 / classes, x.dtype)
        active = np.arange(x.shape[0])
        for _ in range(max(100, classes)):
            stop_if_cancelled()
            slopes = (q[active] * p[active, None, :]).sum(axis=2)
            mean = (p[active] * slopes).sum(axis=1)
            moves = np.abs(slopes - mean[:, None]).max(axis=1) >= 0.005 / classes
            active, slopes, mean = active[moves], slopes[moves], mean[moves]
            if not active.size:
                break
            p[active] = _step(q[active], p[active], slopes, mean)
        p[np.isnan(x).any(axis=1)] = np.nan
        return p

    return call


def _step(q, p, slopes, mean):
    """One step along each class in turn; p is scaled back to a sum of 1 after each."""
    for t in range(p.shape[1]):
        own = q[:, t, t]
        change = (mean - slopes[:, t]) / own
        p[:, t] += change
        scale = 1 + change
        mean = (mean + change * (change * own + 2 * slopes[:, t])) / scale / scale
        slopes = (slopes + change[:, None] * q[:, t]) / scale[:, None]
        p = p / scale[:, None]
    return p


@kernel
def weighted_median(weights):
    """The least number that, with all that are smaller, has half the weight of the row.

    Shapes: x (rows, n), weights (n,) -> y (rows, 1).
    """

    def call(x):
        order = x.argsort(axis=1)
        reached = weights[order].cumsum(axis=1)
        place = (reached >= 0.5 * reached[:, -1:]).argmax(axis=1)[:, None]
        y = np.take_along_axis(x, np.take_along_axis(order, place, axis=1), axis=1)
        return np.where(np.isnan(x).any(axis=1)[:, None], x.dtype.type(np.nan), y)

    return call


@kernel
def quantile_inverse(quantiles, references, is_normal):
    """What quantile_transform gives y for, column by column.

    Shapes: y (rows, n), quantiles (k, n), references (k,) -> x (rows, n).
    """

    def call(y):
        x = np.empty(y.shape, y.dtype)
        for place in range(y.shape[1]):
            known = quantiles[:, place]
            column = normal_distribution(y[:, place]) if is_normal else y[:, place]
            result = np.interp(column, references, known)
            if is_normal:
                result[column + 1e-7 > 1] = known[-1]
                result[column - 1e-7 < 0] = known[0]
            x[:, place] = np.where(np.isnan(column), np.nan, result)
        return x

    return call


def normal_distribution(x):
    """The probability that a normally distributed number is at most x."""
    return np.array([0.5 * math.erfc(-n * math.sqrt(0.5)) for n in x.tolist()], x.dtype)


@kernel
def power_inverse(method, lambdas):
    """What power_transform gives y for, column by column.

    Shapes: y (rows, n), lambdas (n,) -> x (rows, n).
    """

    def call(y):
        x = np.empty(y.shape, y.dtype)
        for place, exponent in enumerate(lambdas.tolist()):
            column = y[:, place]
            if method == "box-cox":
                x[:, place] = _unpower(column, exponent) + 1
                continue
            above = _unpower(np.maximum(column, 0), exponent)
            below = _unpower(-np.minimum(column, 0), 2 - exponent)
            x[:, place] = np.where(column >= 0, above, -below)
        return x

    return call


def _unpower(y, exponent):
    """(y * exponent + 1) ** (1 / exponent) - 1, and its limit for an exponent of 0."""
    if abs(exponent) < np.spacing(1.0):
        return np.expm1(y)
    return np.expm1(np.log1p(y * exponent) / exponent)
