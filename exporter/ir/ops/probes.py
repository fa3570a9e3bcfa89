"""What an op tells apart in the numbers or texts that reach it: there samples can find it wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


def _nothing() -> Array:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class Probe:
    """What an op tells apart in one element of a row.

    edges: numbers from which on the result is another than below; in their own type, for that is
    what they are compared in. keys: numbers that each have a result of their own. words: the same
    of texts; is_split: the text is taken apart to find them. is_closed: whatever is no key or word
    is an error, and so is what lies outside of low and high. middle and spread: around which
    numbers are ordinary.
    """

    edges: Array = field(default_factory=_nothing)
    keys: Array = field(default_factory=_nothing)
    words: tuple[str, ...] = ()
    is_split: bool = False
    is_closed: bool = False
    low: float = -np.inf
    high: float = np.inf
    middle: float | None = None
    spread: float = 1.0


def gather_probes(
    edges: Mapping[int, Sequence[Array]], keys: Mapping[int, Sequence[Array]], dtype: DTypeLike
) -> dict[int, Probe]:
    """What an op tells apart in each element by its edges, which are compared in dtype, and keys,
    both as they were found."""
    nothing = [np.zeros(0, dtype)]
    return {
        place: Probe(
            edges=np.unique(np.concatenate(edges.get(place, nothing))),
            keys=np.unique(np.concatenate(keys.get(place, nothing)).astype(np.float64)),
        )
        for place in sorted(edges.keys() | keys.keys())
    }
