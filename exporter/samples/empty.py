"""Sample rows for databases in which an empty text is a NULL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from exporter.engines.reference import Array
from exporter.errors import SignatureError
from exporter.ir.graph import Port


def without_empty_texts(ports: Sequence[Port], inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The rows with missing texts in the place of empty ones; rows in which the model takes no
    missing text there are left out, for they have no score.

    Raises: SignatureError, when no row is left.
    """
    kept = np.ones(len(inputs[0]), bool)
    changed = []
    for port, array in zip(ports, inputs, strict=True):
        if port.is_text:
            is_empty = array == ""
            array = array.copy()
            array[is_empty] = None
            may_miss = [column.nulls == "missing" for column in port.columns]
            refused = is_empty & ~np.array(may_miss, bool) if may_miss else is_empty
            kept &= ~refused.reshape(len(array), -1).any(axis=1)
        changed.append(array)
    if not kept.any():
        raise SignatureError(
            "every sample row holds an empty text, which is NULL there, and has no score: give rows"
            " without them, with --samples-from FILE."
        )
    return tuple(array[kept] for array in changed)
