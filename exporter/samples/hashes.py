"""Texts that have a given hash: samples of models that know categories by their hashes only."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np

from exporter.engines.reference import Array

MIX = 0x9DDFEA08EB382D69  # of CityHash's HashLen16
BACK = pow(MIX, -1, 2**64)
END = b"category"  # the second half of each text
LETTERS = (
    b"!#$%&()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"
)
TRIES, AT_ONCE = 2**17, 2**13  # one in 3,900 is a text


@lru_cache(maxsize=2**14)
def find_text(hash_: int) -> str | None:
    """A text of 16 letters of ASCII whose CityHash64 has these lower 32 bits, as a number with a
    sign; None where none is found.

    CityHash mixes the halves of 16 bytes by steps that can all be undone: for one half and a hash
    there is one other half. The upper 32 bits are tried until it is made of letters.
    """
    last, turned, letters = _constants()
    back, shift, low = np.uint64(BACK), np.uint64(47), np.uint64(hash_ & 0xFFFFFFFF)
    for start in range(0, TRIES, AT_ONCE):
        tries = np.arange(start, start + AT_ONCE, dtype=np.uint64) << np.uint64(32) | low
        mixed = (tries ^ last) * back
        mixed = (mixed ^ mixed >> shift) * back ^ turned
        first = ((mixed ^ mixed >> shift) * back ^ turned).astype("<u8")
        fine = letters[first.view(np.uint8)].reshape(-1, 8).all(axis=1)
        if fine.any():
            text: bytes = first[fine.argmax()].tobytes() + END
            return text.decode("ascii")
    return None


@cache
def _constants() -> tuple[np.uint64, np.uint64, Array]:
    """The second half as a number, what it is rotated to, and which bytes are letters."""
    last = int.from_bytes(END, "little")
    moved = (last + 16) % 2**64
    turned = (moved >> 16 | moved << 48) % 2**64
    letters = np.zeros(256, bool)
    letters[list(LETTERS)] = True
    return np.uint64(last), np.uint64(turned), letters
