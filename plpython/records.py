"""Many rows of typed columns, as PostgreSQL's records lie in memory, to arrays of numpy."""

import struct

import numpy as np

from plpython.columns import (
    BITS_AT,
    COUNT,
    CUT,
    HAS_NULLS,
    MASK_AT,
    MOST_BYTES,
    NO_ROW,
    NO_TEXT,
    PACKED,
    START_AT,
    as_float,
    read_decimals,
)
from plpython.encoded import SPARE, Texts


def count_alike(message, position, stride, most, spans):
    """How many rows, each stride bytes behind the last one, have the first one's in these spans."""
    alike = most
    for start, end in spans:
        items = np.ndarray((most,), f"V{end - start}", message, position + start, (stride,))
        first = 1
        window = 64  # grows: many short runs cost little, and a long one few comparisons
        while first < alike:
            same = items[first : min(alike, first + window)] == items[0]
            if not same.all():
                alike = first + int(same.argmin())
            first += window
            window *= 4
    return alike


def with_spare(message, columns):
    """A message with bytes behind it, so that what begins in it may be read in one piece."""
    return message + bytes(SPARE + 8 * columns)


class Records:
    """Rows of one layout from a position on, as far as they follow each other.

    A row is its layout's head and a record without the length in front (HeapTupleHeader: three
    words, t_infomask2, t_infomask, t_hoff, the bits of attributes that are not NULL, padding to 8;
    then the attributes). All are found by the bytes that they have in common and decoded at once,
    column by column. Such bytes may also be found inside a number: rows count as long as each
    ends where the next begins.

    buffer is the message, of this size, with spare bytes behind. count is how many rows there are,
    at most `most`; end the position behind the last.
    present[n] tells in which rows the column at place n is not NULL; None when it is in all.
    Source: PostgreSQL, src/include/access/htup_details.h and src/include/varatt.h.
    Raises: ValueError, when the first row is none.
    """

    def __init__(self, layout, buffer, size, position, most):
        self.layout = layout
        self.buffer = buffer
        self.size = size
        starts = self._find(position, most)
        origins = starts + (len(layout.head) - 4)
        data = origins + self._take("u1", origins + START_AT)
        self.present = None
        if (self._take("=u2", origins + MASK_AT) & HAS_NULLS).any():
            self.present = self._read_present(origins)
        self.spans = {}
        ends, is_packed = self._read_varying(data, self._read_fixed(data))
        self.count = self._count_rows(starts, ends, is_packed)
        self.end = int(ends[self.count - 1])

    def _count_rows(self, starts, ends, is_packed):
        """How many rows are whole and end where the next begins.

        Raises: ValueError, when it is none.
        """
        breaks = np.flatnonzero(ends[:-1] != starts[1:])
        count = int(breaks[0]) + 1 if len(breaks) else len(starts)
        wrong = np.flatnonzero(is_packed[:count] | (ends[:count] > self.size))
        if not len(wrong):
            return count
        if wrong[0] == 0:
            raise ValueError(PACKED if ends[0] <= self.size else CUT)
        return int(wrong[0])

    def _find(self, position, most):
        """Where rows begin that have the first one's layout, type and number of attributes."""
        common = len(self.layout.head) + MASK_AT - 4
        head = self.buffer[position : position + common]
        (flags,) = struct.unpack_from("=H", head, common - 2)
        if flags & COUNT != len(self.layout.letters):
            raise ValueError(NO_ROW)
        even = self._find_even(position, head, most)
        start = int(even[-1])
        found: list = []
        while len(even) + len(found) < most:
            start = self.buffer.find(head, start + common)
            if start < 0:
                break
            found.append(start)
        return np.append(even, found).astype(np.intp) if found else even

    def _find_even(self, position, head, most):
        """Those of the first rows that begin as far from each other as the first two do: all, where
        there are neither texts nor NULLs."""
        second = self.buffer.find(head, position + len(head))
        if second < 0:
            return np.array([position])
        stride = second - position
        count = min(most, (len(self.buffer) - len(head) - position) // stride + 1)
        alike = count_alike(self.buffer, position, stride, count, [(0, len(head))])
        return position + stride * np.arange(alike)

    def _take(self, type_, places):
        """What lies at each of the places, which need not be aligned."""
        type_ = np.dtype(type_)
        last = len(self.buffer) - type_.itemsize
        if len(places) > 1 and places[-1] <= last:
            stride = int(places[1] - places[0])
            if (np.diff(places) == stride).all():  # they need not be copied
                return np.ndarray((len(places),), type_, self.buffer, int(places[0]), (stride,))
        values = np.ndarray((last + 1,), type_, self.buffer, 0, (1,))
        return values[np.minimum(places, last)]

    def _read_present(self, origins):
        """Which attributes are not NULL, by place: their bits are 1, the lowest of a byte first."""
        count = len(self.layout.order)
        size = (count + 7) // 8
        bits = self._take(f"V{size}", origins + BITS_AT)
        bits = np.ascontiguousarray(bits).view(np.uint8).reshape(-1, size)
        present = np.unpackbits(bits, axis=1, count=count, bitorder="little").astype(bool)
        present |= (self._take("=u2", origins + MASK_AT) & HAS_NULLS)[:, None] == 0
        by_place = np.empty_like(present.T)
        by_place[self.layout.order] = present.T
        return by_place

    def _read_fixed(self, data):
        """Read the attributes of fixed size. Returns: the positions behind them."""
        layout = self.layout
        if self.present is None:
            self.fixed = self._take(layout.type, data) if layout.type.names else {}
            return data + layout.type.itemsize
        self.fixed = {}
        for name in layout.type.names or ():
            self.fixed[name] = self._take(layout.type[name], data)
            data = data + layout.type[name].itemsize * self.present[int(name)]
        return data

    def _read_varying(self, data, ends):
        """Where the others begin and end. Returns: (positions behind them, whether one of a row is
        compressed).

        A length of one byte lies anywhere, one of four at a multiple of 4 behind zeros.
        """
        is_packed = np.zeros(len(data), bool)
        is_big = self.layout.is_big
        for place in self.layout.varying:
            first = self._take("u1", ends)
            is_short = first >= 128 if is_big else first & 1 == 1
            present = None if self.present is None else self.present[place]
            sizes = (first & 127 if is_big else first >> 1).astype(np.intp)
            starts, behind = ends + 1, ends + sizes
            if not is_short.all():
                words_at = data + ((ends - data + 3) & -4)
                words = self._take(self.layout.word, words_at)
                kinds = words >> 30 if is_big else words & 3
                sizes = (words & 0x3FFFFFFF if is_big else words >> 2).astype(np.intp)
                starts = np.where(is_short, starts, words_at + 4)
                behind = np.where(is_short, behind, words_at + sizes)
                is_wrong = ~is_short & (kinds != 0)
                is_packed |= is_wrong if present is None else is_wrong & present
            if present is not None:
                behind = np.where(present, behind, ends)
            lengths = behind - starts
            if present is not None:
                lengths[~present] = NO_TEXT
            self.spans[place] = starts, lengths
            ends = behind
        return ends, is_packed

    def matrix(self, places):
        """Columns side by side as float64, NaN where they are NULL."""
        alike = self.layout.find_piece(places) if self.present is None else None
        if alike is not None:
            piece = np.asarray(self.fixed)[: self.count].view(alike)
            return piece["piece"].astype(np.float64)
        array = np.empty((self.count, len(places)))
        for number, place in enumerate(places):
            array[:, number] = self.numbers(place)
        return array

    def numbers(self, place):
        """A column as float64, NaN where it is NULL."""
        letter = self.layout.letters[place]
        if letter == "n":
            starts, lengths = (item[: self.count] for item in self.spans[place])
            values = read_decimals(self._take(f"V{MOST_BYTES}", starts), lengths)
        else:
            values = self.fixed[str(place)][: self.count]
            with np.errstate(invalid="ignore"):  # a NULL takes no place: anything may be there
                values = as_float(letter, values)
        if self.present is not None and not self.present[place].all():
            values = np.where(self.present[place][: self.count], values, np.nan)
        return values

    def texts(self, places):
        """Columns of texts side by side."""
        shape = (self.count, len(places))
        starts, lengths = np.empty(shape, np.intp), np.empty(shape, np.intp)
        for column, place in enumerate(places):
            starts[:, column], lengths[:, column] = (x[: self.count] for x in self.spans[place])
        return Texts(self.buffer, starts, lengths)
