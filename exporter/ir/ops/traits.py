"""What is true of an op beside its formula: passes, samples and engines go by it, not by names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["numbers", "texts"]


@dataclass(frozen=True, kw_only=True)
class Traits:
    """Every op, or the family that it belongs to, says what holds of it; most things do not.

    moves: the result holds nothing but what is in the inputs, so what is true of their numbers
    (whole, of a vocabulary, words) is true of its own.
    keeps_all: every number of the inputs is in the result, so an error for it comes all the same.
    stays: all numbers lie in memory as before; only the shape is another.
    crosses_transpose: may come before a transpose as well as after it. Of the ops that work element
    by element, those between layers with channels_first: a plan stays what it was for the others.
    needs_whole: what is no whole number below the op's vocabulary is an error.
    splits_texts: takes texts apart into tokens.
    follows: each element of the result follows that in the same place of the input, only up or only
    down, and is missing or not as it is but for what the op puts there.
    takes: what its inputs may be, None for both. gives: what its result is, None for what it takes.
    """

    moves: bool = False
    keeps_all: bool = False
    stays: bool = False
    crosses_transpose: bool = False
    needs_whole: bool = False
    splits_texts: bool = False
    follows: bool = False
    takes: Kind | None = "numbers"
    gives: Kind | None = "numbers"


PLAIN = Traits()
