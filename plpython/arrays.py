"""Arrays of PostgreSQL, as they lie in the server's memory, to arrays of numpy."""

import math
import struct
import sys

import numpy as np

from plpython.data import MOST_TEXT, read_texts
from plpython.interrupts import stop_if_cancelled

ARRAY_HEADER = struct.Struct("=iiI")
MARK = b"\xfe\xff\xff\xff"  # begins a row of columns; no array has so many dimensions
NUMERIC = 1700
MIN_NUMERIC = 8  # bytes of a 0: a length, a header, padding
ELEMENT_TYPES = {
    oid: np.dtype(code)
    for oid, code in {700: "f4", 701: "f8", 21: "i2", 23: "i4", 20: "i8"}.items()
}


class Header:
    """The header of an array as it lies in PostgreSQL's memory, without the length in front.

    How many dimensions, where the data begin (counted with the length; 0 when no element is NULL),
    the oid of the elements' type, then each dimension's length and each one's lower bound, all in
    the machine's own byte order; then, if any may be NULL, a bit for each element.
    start and stride are bytes: where its elements begin, and where the array ends, 0 for numeric,
    whose elements differ in length.
    Raises: ValueError, when this is no array of numbers.
    Source: PostgreSQL, src/include/utils/array.h.
    """

    def __init__(self, message, position=0):
        try:
            dimensions, offset, self.oid = ARRAY_HEADER.unpack_from(message, position)
            at = position + ARRAY_HEADER.size
            self.dims = struct.unpack_from(f"={max(0, min(dimensions, 6))}i", message, at)
        except struct.error as error:
            raise ValueError("the message ends before the array does") from error
        self.type = ELEMENT_TYPES.get(self.oid)
        if not 0 <= dimensions <= 6 or any(n < 0 for n in self.dims):
            raise ValueError("the message holds no array")
        if self.type is None and self.oid != NUMERIC:
            raise ValueError(f"an array of type oid {self.oid} was given, not of numbers")
        self.size = ARRAY_HEADER.size + 8 * dimensions
        self.count = math.prod(self.dims) if self.dims else 0
        self.start = offset - 4 if offset else self.size
        self.nulls = self._count_nulls(message, position) if offset else 0
        width = MIN_NUMERIC if self.type is None else self.type.itemsize
        end = self.start + (self.count - self.nulls) * width
        if position + end > len(message):
            raise ValueError("the message ends before the array does")
        self.stride = 0 if self.type is None else end

    def _count_nulls(self, message, position):
        """How many elements are NULL: those whose bit is 0, the lowest of a byte first."""
        end = self.size + (self.count + 7) // 8
        if self.start < end:
            raise ValueError("the message holds no array")
        bits = message[position + self.size : position + end]
        if self.size + len(bits) < end:
            raise ValueError("the message ends before the array does")
        numbers = np.frombuffer(bits, np.uint8)
        present = np.unpackbits(numbers, count=self.count, bitorder="little")
        return self.count - int(present.sum())


def decode_array(message, is_exact=False):
    """Decode an array of numbers as it lies in PostgreSQL's memory, see Header.

    is_exact: as for decode_decimals().
    Returns: (dimensions, values as a flat array), or None when an element is NULL.
    Raises: ValueError, when this is no array of numbers.
    """
    header = Header(message)
    if header.nulls:
        return None
    if header.stride:
        if len(message) != header.stride:
            raise ValueError("the message ends before the array does")
        return header.dims, np.frombuffer(message, header.type, header.count, header.start)
    values, ends = decode_decimals(message, np.array([header.start]), header.count, is_exact)
    if ends[0] != len(message):
        raise ValueError("the message ends before the array does")
    return header.dims, values.ravel()


POWERS = np.append(10.0 ** np.arange(309), np.inf)
MOST_WHOLE, MOST_POWER = 2.0**53, 22
MOST_DIGITS = 8  # of base 10,000: at least 29 decimal ones, where a double holds 17
LENGTH_WORD, LENGTH_SHIFT = (0, 2) if sys.byteorder == "little" else (1, 0)


def decode_decimals(message, starts, count, is_exact=False):
    """Decode count numbers of PostgreSQL's numeric behind each start, all at once.

    A number is its length in bytes (4 bytes, the number of them included, times 4 on little-endian
    machines), then 16-bit words: a header that holds sign and weight of the first digit, or in the
    long form a header with the sign and one with the weight; then the digits, of base 10,000; then
    padding to 4 bytes. A cast in SQL would cost 0.25 us a number, as much as 500 weights do.

    With is_exact each is the float64 nearest to its number, for models that compute in float64 and
    may compare it with another; without, one to four units in the last place beside it.

    Returns: (float64 array (rows, count), positions behind).
    Source: PostgreSQL, src/backend/utils/adt/numeric.c, NumericShort and NumericLong.
    """
    # Positions beyond the end read the last word: the positions behind tell that to the caller.
    words = np.frombuffer(message, np.uint16, len(message) // 2)
    places = np.empty((len(starts), count), np.intp)
    ends = starts // 2
    for column in range(count):
        stop_if_cancelled()
        places[:, column] = ends
        length = words.take(ends + LENGTH_WORD, mode="clip") >> LENGTH_SHIFT
        ends = ends + 2 * ((length.astype(np.intp) + 3) >> 2)
    heads = words.take(places + 2, mode="clip")
    is_long = heads < 0x8000
    is_special = heads >= 0xC000
    digits = words.take(places + LENGTH_WORD, mode="clip") >> LENGTH_SHIFT
    digits = ((digits.astype(np.int32) - 6) >> 1) - is_long
    first = places + 3 + is_long
    used = min(MOST_DIGITS, int(digits.max(initial=0)))
    values = np.zeros(places.shape)
    for digit in range(used):
        stop_if_cancelled()
        word = words.take(first + digit, mode="clip")
        if is_exact:
            values = np.where(digits > digit, values * 10000 + word, values)
        else:
            values *= 10000
            values += word * (digits > digit)
    weights = (heads & 0x3F).astype(np.int32) - (heads & 0x40)
    if is_long.any():
        long_weights = words.take(places + 3, mode="clip").view(np.int16)
        weights = np.where(is_long, long_weights, weights)
    shift = 4 * (weights - ((np.minimum(digits, used) if is_exact else used) - 1))
    inexact: tuple = ()
    if is_exact:
        # Whole numbers to 2^53 and powers of ten to 10^22 are exact, so that one rounding is all.
        large = (values >= MOST_WHOLE) | (np.abs(shift) > MOST_POWER)
        inexact = np.nonzero((large | (digits > used)) & ~is_special & (values > 0))
    power = POWERS.take(np.abs(shift), mode="clip")
    with np.errstate(all="ignore"):
        values = np.where(shift < 0, values / power, values * power)
    for place in zip(*inexact):
        stop_if_cancelled()
        start, count, power = first[place], int(digits[place]), int(shift[place])
        kept = words[start : start + min(count, used)].tolist()
        # Digits that are left out are not all 0: one in their place decides between two neighbours.
        values[place] = _nearest([*kept, 1], power - 4) if count > used else _nearest(kept, power)
    is_negative = np.where(is_long, heads & 0x4000, heads & 0x2000) != 0
    np.negative(values, out=values, where=is_negative)
    if is_special.any():
        for head, special in ((0xC000, np.nan), (0xD000, np.inf), (0xF000, -np.inf)):
            values[heads == head] = special
    return values, 2 * ends


def _nearest(digits, shift):
    """The float64 nearest to digits of base 10,000 times a power of ten."""
    whole = 0
    for digit in digits:
        whole = 10000 * whole + digit
    try:
        return float(whole * 10**shift) if shift >= 0 else whole / 10**-shift
    except OverflowError:
        return math.inf


def decode_texts(message):
    """Decode an array of texts: JSON in UTF-8, nested by dimension.

    The array's own memory would not do: it holds texts in the server's encoding, whichever it is.

    Returns: (dimensions, texts as a flat array of objects, None when an element is NULL).
    """
    if len(message) > MOST_TEXT:
        raise ValueError(f"a row has texts of {len(message):,} bytes, more than {MOST_TEXT:,}")
    items = read_texts(message)
    if not isinstance(items, list):
        raise ValueError("the message holds no array of texts")
    dims = [len(items)] if items else []
    while items and isinstance(items[0], list):
        dims.append(len(items[0]))
        if any(not isinstance(part, list) or len(part) != dims[-1] for part in items):
            raise ValueError("the message holds no array of texts")
        items = [item for part in items for item in part]
    if None in items:
        return tuple(dims), None
    if not all(isinstance(item, str) for item in items):
        raise ValueError("the message holds no array of texts")
    texts = np.empty(len(items), object)
    texts[:] = items
    return tuple(dims), texts
