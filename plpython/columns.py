"""One row of typed columns, as PostgreSQL's records lie in memory."""

import struct
import sys

import numpy as np

from plpython.arrays import MARK, decode_decimals
from plpython.data import as_text

# What a letter of a layout stands for, in the order in which attributes lie: float8, int8,
# timestamp, float4, int4, date, int2, boolean, then numeric and text, which differ in length.
FIXED = {"d": "=d", "q": "=q", "s": "=q", "f": "=f", "i": "=i", "y": "=i", "h": "=h", "b": "=B"}
ORDER = "".join(FIXED) + "nt"
EPOCH = 946684800  # seconds from 1970-01-01 to 2000-01-01, from where PostgreSQL counts
HEADER = struct.Struct("=HHB")  # t_infomask2, t_infomask and t_hoff
HEADER_AT, MASK_AT, START_AT, BITS_AT = 18, 20, 22, 23  # where they lie, and the bits of NULLs
COUNT, HAS_NULLS = 0x7FF, 1  # in t_infomask2 how many attributes there are; in t_infomask
MOST_BYTES = 20  # of a numeric: what precedes its digits, and the first eight of these
NO_TEXT = -1  # the length of a NULL
NO_ROW = "the message holds no row of columns"
CUT = "the message ends before the row does"
PACKED = "a number has thousands of digits; cast it to double precision"
IS_LITTLE = sys.byteorder == "little"


class Layout:
    """How the attributes of a row lie: one letter a column in the callers' order, see FIXED.

    Those of 8 bytes come first and texts last, so that nothing but texts needs padding. head is
    what a row begins with; order the places of columns as their attributes lie; type the fixed
    ones side by side; varying the places of the others. is_big tells how lengths are written: the
    machine's way, or with the highest byte first on any machine, as in Greenplum, where letters of
    what differs in length are capital.
    Raises: ValueError, for other letters.
    """

    def __init__(self, letters):
        self.head = MARK + letters.encode("ascii", "replace") + b"\0"
        is_network = bool(set(letters) & set("NT"))
        if is_network and not set(letters) & set("nt"):
            letters = letters.replace("N", "n").replace("T", "t")
        if not letters or set(letters) - set(ORDER):
            raise ValueError(NO_ROW)
        self.letters = letters
        self.is_big = is_network or not IS_LITTLE
        self.word = ">u4" if self.is_big else "<u4"
        self.order = sorted(range(len(letters)), key=lambda place: ORDER.index(letters[place]))
        fixed = [place for place in self.order if letters[place] in FIXED]
        self.varying = self.order[len(fixed) :]
        self.type = np.dtype([(str(place), FIXED[letters[place]]) for place in fixed])

    def find_piece(self, places):
        """Columns of one type of floats that lie side by side, as a type of rows whose field piece
        they are; None for others."""
        if not places or {self.letters[place] for place in places} not in ({"d"}, {"f"}):
            return None
        names = [str(place) for place in places]
        every = list(self.type.names or ())
        first = every.index(names[0])
        if every[first : first + len(names)] != names:
            return None
        return np.dtype(
            {
                "names": ["piece"],
                "formats": [(self.type[first], (len(names),))],
                "offsets": [sum(self.type[n].itemsize for n in range(first))],
                "itemsize": self.type.itemsize,
            }
        )

    def read(self, message):
        """One row by itself, without numpy, whose calls would cost more than all else.

        Returns: a float, a str or None for each column.
        Raises: ValueError, when the message is not one row.
        """
        values = [None] * len(self.letters)
        origin = len(self.head) - 4
        try:
            counts, flags, start = HEADER.unpack_from(message, origin + HEADER_AT)
            if counts & COUNT != len(values):
                raise ValueError(NO_ROW)
            data = at = origin + start
            bits = -1
            if flags & HAS_NULLS:
                size = (len(values) + 7) // 8
                bits = int.from_bytes(message[origin + BITS_AT :][:size], "little")
            for number, place in enumerate(self.order):
                if not bits >> number & 1:
                    continue
                letter = self.letters[place]
                if letter in FIXED:
                    values[place] = read_fixed(letter, message, at)
                    at += struct.calcsize(FIXED[letter])
                    continue
                begin, at = read_span(message, data, at, self.is_big)
                piece = message[begin:at]
                values[place] = as_text(piece) if letter == "t" else read_decimal(piece)
        except (struct.error, IndexError) as error:
            raise ValueError(CUT) from error
        if at != len(message):
            raise ValueError(CUT)
        return values


def read_decimals(taken, lengths):
    """numeric as float64: the first MOST_BYTES of each and how many bytes it has.

    They are brought to where decode_decimals() finds them: four bytes of length, then the number.
    """
    copies = np.zeros((len(taken), 4 + MOST_BYTES), np.uint8)
    copies[:, 4:] = np.ascontiguousarray(taken).view(np.uint8).reshape(-1, MOST_BYTES)
    words = (np.maximum(lengths, 0) + 4).astype(np.uint32)
    copies[:, :4] = (words << 2 if IS_LITTLE else words)[:, None].view(np.uint8)
    places = np.arange(0, copies.size, copies.shape[1])
    return decode_decimals(copies.tobytes(), places, 1, True)[0][:, 0]


def as_float(letter, values):
    """Values of fixed size as float64: dates as days, timestamps as seconds since 1970-01-01."""
    if letter == "d":
        return values
    numbers = values.astype(np.float64)
    if letter == "y":
        numbers += EPOCH // 86400
    elif letter == "s":
        # In whole microseconds as long as they fit, so that nothing is rounded twice.
        far = values > np.iinfo(np.int64).max - EPOCH * 10**6
        numbers = np.where(far, numbers / 1e6 + EPOCH, (values + EPOCH * 10**6) / 1e6)
    if letter in "ys":
        limits = np.iinfo(values.dtype)
        numbers[values == limits.max] = np.inf
        numbers[values == limits.min] = -np.inf
    return numbers


def read_fixed(letter, message, at):
    """One value of fixed size as a float, see as_float()."""
    (value,) = struct.unpack_from(FIXED[letter], message, at)
    if letter in "ys":
        return float(as_float(letter, np.array([value], FIXED[letter]))[0])
    return float(value)


def read_decimal(piece):
    """One numeric as a float."""
    taken = np.frombuffer(piece[:MOST_BYTES].ljust(MOST_BYTES, b"\0"), f"V{MOST_BYTES}")
    return float(read_decimals(taken, np.array([len(piece)]))[0])


def read_span(message, data, at, is_big):
    """Where one attribute of varying length begins and ends, see Records."""
    first = message[at]
    if first & 128 if is_big else first & 1:
        return at + 1, at + (first & 127 if is_big else first >> 1)
    at = data + ((at - data + 3) & -4)
    (word,) = struct.unpack_from(">I" if is_big else "<I", message, at)
    if word >> 30 if is_big else word & 3:
        raise ValueError(PACKED)
    return at + 4, at + (word & 0x3FFFFFFF if is_big else word >> 2)
