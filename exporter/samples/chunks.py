"""Weights in chunks, as tables hold them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class Chunk:
    """A piece of the weights, at most CHUNK_BYTES long: a view of the block."""

    number: int
    data: memoryview
    sha256: str


def split_block(block: bytes, chunk_bytes: int = CHUNK_BYTES) -> list[Chunk]:
    """The weights in order; a model without weights has no chunk."""
    view = memoryview(block)
    return [
        Chunk(number, data, hashlib.sha256(data).hexdigest())
        for number, start in enumerate(range(0, len(block), chunk_bytes))
        for data in [view[start : start + chunk_bytes]]
    ]
