"""What every library's model is: trees or weights, and a link from their sum to the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from exporter.errors import Problem, UnsupportedError
from exporter.formats.trees.ensemble import Ensemble, Floats
from exporter.formats.trees.hashed import Hashed

Link: TypeAlias = Literal[
    "identity", "sigmoid", "exponential", "softmax", "step", "signed_square", "log1p_exp", "sorted"
]


@dataclass(frozen=True, eq=False)
class Linear:
    """gblinear: numbers times weights, missing ones left out, plus bias.

    Shapes: weights (features, k), bias (k,).
    """

    weights: Floats
    bias: Floats


@dataclass(frozen=True, eq=False)
class Booster:
    """A model as its file holds it, without its library.

    link makes scores of sums, which are multiplied by scale first, and
    to which offset is added. names are the features', empty where the file has none; categories
    are, by feature, what its numbers 0, 1, ... stand for, where the file tells it; labels are the
    classes', of a single output of both. hashed tells which features are categories that are known
    by hashes, and what trees ask for in place of features; None where there are none.
    """

    body: Ensemble | Linear
    link: Link
    names: tuple[str, ...]
    categories: Mapping[int, tuple[Any, ...]]
    version: str
    warnings: tuple[str, ...]
    scale: float = 1.0
    offset: Floats | None = None
    labels: tuple[str, ...] = ()
    hashed: Hashed | None = None


def refuse(part: str, name: str, reason: str, advice: str) -> UnsupportedError:
    """One part of a model that cannot be exported, as the error to raise."""
    return UnsupportedError([Problem(part, name, reason, advice, "part")])
