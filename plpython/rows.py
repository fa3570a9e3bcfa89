"""Rows of a batch, packed one after another, to arrays of numpy."""

import struct
import sys

import numpy as np

from plpython.arrays import MARK, MIN_NUMERIC, Header, decode_decimals
from plpython.errors import ODD_ERRORS, RowError, odd_error
from plpython.interrupts import stop_if_cancelled
from plpython.records import Records, count_alike, with_spare

MOST_NUMBERS = 2**25  # of an answer, whose text would be larger than PostgreSQL can hold
ROWS_AT_ONCE = 2**16  # that are looked for one by one
LEAST_ROW = 3  # bytes of a row of a batch

# Never written to, so it takes no memory: glibc keeps twice as much as the largest that was freed
# for what comes next, and would give memory back, and ask for it again, for each block of rows.
np.empty(2**24, np.uint8)


def run_rows(run, places, inputs):
    """run(inputs); a row that a kernel refuses is looked for, so that the error can name it.

    Raises: RowError, with the place of that row.
    """
    try:
        return run(inputs)
    except ODD_ERRORS as error:
        raise RowError(places[0], odd_error(error)) from error
    except ValueError:
        for number, place in enumerate(places):
            try:
                run([x[number : number + 1] for x in inputs])
            except (ValueError, *ODD_ERRORS) as error:
                raise RowError(place, str(error)) from error
        raise


class Answers:
    """Scores and labels of some rows as texts, None where there is none; scores or labels is None
    when it is not wanted or not there.

    wanted is "score", "label" or "both"; "numbers" and "stored" are "score" and "both", but with
    scores that are one number each find_scores() gives those as one array, when no row is without.
    """

    def __init__(self, model, count, wanted):
        self.model = model
        self.numbers = 0
        self.scores = [None] * count if wanted != "label" else None
        has_labels = wanted not in ("score", "numbers") and model.labels
        self.labels = [None] * count if has_labels else None
        is_packed = wanted in ("numbers", "stored") and model.number is not None and count
        self.packed = np.empty(count, model.number) if is_packed else None
        self.places = []  # of the rows in packed, as they came

    def put(self, places, results):
        """The results of run() for the rows at these places, an array of them."""
        if self.scores is not None:
            self.numbers += sum(y.size for y in results[: len(self.model.outputs)])
            if self.numbers > MOST_NUMBERS:
                raise RowError(places[0], f"more than {MOST_NUMBERS:,} numbers are given at once")
            if self.packed is not None:
                self.packed[_span(places)] = results[0].ravel()
                self.places.append(places)
            else:
                texts = self.model.texts_of_scores(results[: len(self.model.outputs)])
                _place(self.scores, places, texts)
        if self.labels is not None:
            _place(self.labels, places, self.model.texts_of_labels(results))

    def find_scores(self):
        """The scores: texts, or an array of numbers."""
        if self.packed is None:
            return self.scores
        if sum(map(len, self.places)) == len(self.packed):
            return self.packed
        for places in self.places:
            _place(self.scores, places, self.model.texts_of_scores([self.packed[places]]))
        return self.scores


def check_count(message, count):
    """Refuse a number of rows that a message cannot hold, before there is memory for so many.

    Raises: RowError.
    """
    if count < 0:  # whoever may score calls a version's function for batches with any number
        raise RowError(0, f"{count} rows cannot be scored")
    if count * LEAST_ROW > len(message):
        raise RowError(max(0, len(message) // LEAST_ROW), "the message ends before the array does")


def _span(places):
    """The places as an index of what they are places in: most often they stand side by side."""
    first, last = int(places[0]), int(places[-1]) + 1
    return slice(first, last) if last - first == len(places) else places


def _place(texts, places, values):
    """texts[place] = value, for each of a list."""
    span = _span(places)
    if isinstance(span, slice):
        texts[span] = values
        return
    for place, value in zip(places.tolist(), values):
        texts[place] = value


NULL_ROW = b"\xff\xff\xff\xff"  # stands where a row, or one of its inputs, is NULL as a whole


class Rows:
    """Rows of a batch as they lie one after another in one message.

    A row is its inputs in order: numbers as decode_array() takes them, texts as decode_texts()'s
    JSON and a zero byte; or its columns as Records takes them; or NULL_ROW. Rows whose headers are
    the same are read where they lie, without a Python object for each.
    """

    def __init__(self, model, message, count):
        self.model = model
        self.message = message
        self.count = count
        self.are_texts = [port.get("dtype") == "text" for port in model.inputs]
        self.found = {}
        self.buffer = None  # the message as Records reads it
        self.window = count  # rows of numeric to decode at once; less where headers alternate

    def groups(self):
        """[(places, arrays)]: for each shape of row an array that tells which rows they are, and
        one array an input.

        Rows that hold a NULL are in no group.
        Raises: RowError, when a row is not what the inputs take.
        """
        position = place = 0
        while place < self.count:
            stop_if_cancelled()
            try:
                read, position = self._read(position, place)
            except (ValueError, struct.error) as error:
                raise RowError(place, str(error)) from error
            place += read
        if position != len(self.message):
            raise RowError(max(0, place - 1), "more rows were packed than keys gathered")
        return [
            (_join(places), [_join(arrays) for arrays in zip(*parts)])
            for places, parts in self.found.values()
        ]

    def _read(self, position, place):
        """Read one row or more. Returns: (how many, the position behind them)."""
        if self.message[position : position + 4] == NULL_ROW:
            return 1, position + 4
        if self.message[position : position + 4] == MARK:
            return self._read_records(position, place)
        if not any(self.are_texts):
            headers = self._headers(position)
            if all(header.stride and not header.nulls for header in headers):
                return self._read_alike(position, place, headers)
            if len(headers) == len(self.model.inputs) == 1 and not headers[0].nulls:
                return self._read_decimals(position, place, headers[0])
        parts = []
        end = position
        for is_text in self.are_texts:
            start, end = end, self._find_end(end, is_text)
            parts.append(self.message[start : end - 1] if is_text else self.message[start:end])
        with np.errstate(all="ignore"):
            arrays = self.model.decode_row(parts)
        if arrays is not None:
            self._keep(np.array([place]), arrays)
        return 1, end

    def _read_records(self, position, place):
        """Read this row of columns and all behind it that have the same types."""
        layout = self.model.find_layout(self.message, position)
        most = min(self.count - place, self.window, ROWS_AT_ONCE)
        if self.buffer is None:
            self.buffer = with_spare(self.message, len(layout.letters))
        records = Records(layout, self.buffer, len(self.message), position, most)
        self.window = 2 * records.count if records.count < most else self.count
        kept, arrays = self.model.take_columns(records)
        self._keep(place + kept, arrays)
        return records.count, records.end

    def _headers(self, position):
        """The headers of a row's arrays, up to the first whose end only its elements tell."""
        headers = []
        for _ in self.model.inputs:
            header = Header(self.message, position)
            headers.append(header)
            if not header.stride:
                break
            position += header.stride
        return headers

    def _read_alike(self, position, place, headers):
        """Read this row and all behind it whose headers are the same."""
        stride = sum(header.stride for header in headers)
        most = min(self.count - place, (len(self.message) - position) // stride)
        if most == 0:
            raise ValueError("the message ends before the array does")
        ends = np.cumsum([header.stride for header in headers]).tolist()
        spans = [(e - h.stride, e - h.stride + h.start) for h, e in zip(headers, ends)]
        same = count_alike(self.message, position, stride, most, spans)
        arrays = []
        start = position
        for header, port, size in zip(headers, self.model.inputs, self.model.sizes):
            shape = self.model.row_shape(port, size, header.dims, header.count)
            steps = (stride, header.type.itemsize)
            at = start + header.start
            values = np.ndarray((same, header.count), header.type, self.message, at, steps)
            arrays.append(self.model.as_numbers(values, port).reshape((same, *shape)))
            start += header.stride
        self._keep(np.arange(place, place + same), arrays)
        return same, position + same * stride

    def _read_decimals(self, position, place, header):
        """Read this row of numeric and all behind it whose headers are the same and lie where
        the one before ends."""
        head = self.message[position : position + header.start]
        least = header.start + header.count * MIN_NUMERIC
        most = min(self.count - place, self.window, ROWS_AT_ONCE)
        found = [position]
        while len(found) < most:
            start = self.message.find(head, found[-1] + least)
            if start < 0:
                break
            found.append(start)
        starts = np.array(found)
        is_exact = self.model.inputs[0].get("dtype") == "float64"
        values, ends = decode_decimals(self.message, starts + header.start, header.count, is_exact)
        # A header may also be found inside a number: rows count as long as each ends at the next.
        breaks = np.flatnonzero(ends[:-1] != starts[1:])
        same = int(breaks[0]) + 1 if len(breaks) else len(starts)
        self.window = 2 * same if len(breaks) else min(4 * self.window, self.count)
        if not starts[same - 1] + least <= ends[same - 1] <= len(self.message):
            raise ValueError("the message ends before the array does")
        port, size = self.model.inputs[0], self.model.sizes[0]
        shape = self.model.row_shape(port, size, header.dims, header.count)
        numbers = self.model.as_numbers(values[:same], port)
        self._keep(np.arange(place, place + same), [numbers.reshape((same, *shape))])
        return same, int(ends[same - 1])

    def _find_end(self, position, is_text):
        """Where the message of one input ends."""
        if is_text:
            return self.message.index(b"\0", position) + 1
        header = Header(self.message, position)
        if header.stride:
            return position + header.stride
        end = position + header.start
        for _ in range(header.count - header.nulls):
            end += 4 * ((self._length(end) + 3) >> 2)
        return end

    def _length(self, position):
        """The length in bytes that stands in front of an element, itself included."""
        (word,) = struct.unpack_from("=I", self.message, position)
        return word >> 2 if sys.byteorder == "little" else word & 0x3FFFFFFF

    def _keep(self, places, arrays):
        shapes = tuple(x.shape[1:] for x in arrays)
        kept_places, kept_arrays = self.found.setdefault(shapes, ([], []))
        kept_places.append(places)
        kept_arrays.append(arrays)


def _join(arrays):
    """Arrays one after another; one by itself stays as it is."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
