"""Convolutions and pooling as loops over plain numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np


def padding_before(n: int, k: int, s: int, d: int, padding: str) -> tuple[int, int]:
    """How many windows there are along an axis, and where the first one begins."""
    span = (k - 1) * d + 1
    if padding == "valid":
        return len(range(0, n - span + 1, s)), 0
    count = math.ceil(n / s)
    if padding == "causal":
        return count, -(span - 1)
    return count, -(max((count - 1) * s + span - n, 0) // 2)


def windows(
    x: np.ndarray,
    size: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
    padding: str,
) -> dict[tuple[int, ...], list[tuple[tuple[int, ...], tuple[int, ...]]]]:
    """For each window the pairs (place in the window, place in x) that lie inside x."""
    lengths = x.shape[1:-1]
    ways = [
        padding_before(*numbers, padding)
        for numbers in zip(lengths, size, strides, dilation, strict=True)
    ]
    found: dict[tuple[int, ...], list[tuple[tuple[int, ...], tuple[int, ...]]]] = {}
    for window in itertools.product(*(range(count) for count, _ in ways)):
        found[window] = []
        for tap in itertools.product(*map(range, size)):
            place = tuple(
                first + o * s + t * d
                for (_, first), o, s, t, d in zip(ways, window, strides, tap, dilation, strict=True)
            )
            if all(0 <= i < n for i, n in zip(place, lengths, strict=True)):
                found[window].append((tap, place))
    return found


def conv(
    x: np.ndarray, kernel: np.ndarray, bias: np.ndarray | float, strides: Sequence[int],
    dilation: Sequence[int], padding: str, groups: int = 1,
) -> np.ndarray:  # fmt: skip
    """Convolution, one product at a time."""
    *size, depth, filters = kernel.shape
    found = windows(x, size, strides, dilation, padding)
    counts = [max(axis) + 1 for axis in zip(*found, strict=True)]
    y = np.zeros((len(x), *counts, filters)) + bias
    for row, f in itertools.product(range(len(x)), range(filters)):
        first = f // (filters // groups) * depth
        for window, pairs in found.items():
            for tap, place in pairs:
                for c in range(depth):
                    y[(row, *window, f)] += x[(row, *place, first + c)] * kernel[(*tap, c, f)]
    return y


def conv_transpose(
    x: np.ndarray, kernel: np.ndarray, bias: np.ndarray | float, strides: Sequence[int],
    dilation: Sequence[int], before: Sequence[int], after: Sequence[int],
) -> np.ndarray:  # fmt: skip
    """Every number of x spread over its window of the result."""
    *size, filters, _ = kernel.shape
    lengths = [
        (n - 1) * s + (k - 1) * d + 1 - b - a
        for n, k, s, d, b, a in zip(
            x.shape[1:-1], size, strides, dilation, before, after, strict=True
        )
    ]
    y = np.zeros((len(x), *lengths, filters)) + bias
    for *place, c in itertools.product(*map(range, x.shape[1:])):
        for *tap, f in itertools.product(*map(range, (*size, filters))):
            target = tuple(
                i * s + t * d - b
                for i, s, t, d, b in zip(place, strides, tap, dilation, before, strict=True)
            )
            if all(0 <= i < n for i, n in zip(target, lengths, strict=True)):
                y[(slice(None), *target, f)] += x[(slice(None), *place, c)] * kernel[(*tap, f, c)]
    return y


def locally_connected(
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | float,
    strides: Sequence[int],
) -> np.ndarray:
    """A convolution for each window."""
    rank = len(strides)
    counts, size = kernel.shape[:rank], kernel.shape[rank : 2 * rank]
    y = np.zeros((len(x), *counts, kernel.shape[-1])) + bias
    for window, pairs in windows(x, size, strides, [1] * rank, "valid").items():
        for tap, place in pairs:
            y[(slice(None), *window)] += x[(slice(None), *place)] @ kernel[(*window, *tap)]
    return y


def pool(
    x: np.ndarray, function: Callable[[list[float]], float], size: Sequence[int],
    strides: Sequence[int], padding: str,
) -> np.ndarray:  # fmt: skip
    """function of the numbers of each window that lie inside x."""
    found = windows(x, size, strides, [1] * len(size), padding)
    counts = [max(axis) + 1 for axis in zip(*found, strict=True)]
    y = np.zeros((len(x), *counts, x.shape[-1]))
    for row, channel in itertools.product(range(len(x)), range(x.shape[-1])):
        for window, pairs in found.items():
            y[(row, *window, channel)] = function([x[(row, *p, channel)] for _, p in pairs])
    return y


def mean(values: list[float]) -> float:
    """Their sum by their count."""
    return sum(values) / len(values)
