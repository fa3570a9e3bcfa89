"""The way back from what preprocessing makes of a column to the column's own number."""

from __future__ import annotations

import numpy as np

from exporter.engines.reference import Array, compute_values
from exporter.errors import SignatureError
from exporter.ir.graph import Graph, count_numbers
from exporter.ir.ops import Cast
from exporter.ir.windows import Target, row_part

FAR = 2.0**40  # a number at which nothing of a scaler's offset is lost
EQUAL = 1e-9  # relative


def invert(graph: Graph, place: int, name: str) -> Target:
    """The column at this place of a row, with the scale and offset that undo what comes before the
    window: a scaler, which puts one number for it at one place.

    Raises: SignatureError, when more is done to it.
    """
    part = row_part(graph)
    if part is None:
        return Target(place)
    (port,) = part.inputs  # rows of numbers have one
    width = count_numbers(port.shape) or 0
    last = {node.value: node for node in part.nodes}.get(part.outputs[0].value)
    value = part.outputs[0].value
    if last is not None and isinstance(last.op, Cast):
        value = last.inputs[0]
    rows = np.zeros((6, width))
    rows[3:] = 1.0
    rows[[1, 4], place], rows[[2, 5], place], rows[3, place] = FAR, -FAR, 0.0
    try:
        made: Array = compute_values(part, [rows], {value})[value]
    except ValueError as error:
        raise _too_much(name) from error
    (changed,) = np.nonzero((made[0] != made[1]) | (made[0] != made[2]))
    if len(changed) != 1:
        raise _too_much(name)
    zero, far, near, *others = made[:, changed[0]].tolist()
    slope = (far - near) / (2 * FAR)
    is_line = abs(far + near - 2 * zero) <= EQUAL * abs(far - near)
    if not is_line or others != [zero, far, near] or not np.isfinite(slope) or slope == 0:
        raise _too_much(name)
    return Target(place, 1 / slope, -zero / slope)


def _too_much(name: str) -> SignatureError:
    return SignatureError(
        f'what the preprocessing does to column "{name}" cannot be undone for a forecast: it is'
        " more than a scale and an offset. Scale the column alone, or leave forecast out."
    )
