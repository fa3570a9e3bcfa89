"""What a model takes: one row, or columns of many, as arrays of numpy."""

import math

import numpy as np

from plpython.arrays import ARRAY_HEADER, MARK, Header, decode_array, decode_texts

LIST_HEADER = ARRAY_HEADER.size + 8  # bytes of the header of a list without a NULL
MOST_COLUMNS = 2**11  # more than a row in PostgreSQL can have: it is no row of columns then
MOST_USUAL = 16  # headers of lists that are kept: free lengths have many


class Inputs:
    """The inputs of a model by name and shape, and how rows become arrays of them.

    inputs is a list of {"name", "shape"}; a shape leaves out the batch and holds None where the
    length is free. Inputs of texts have "dtype": "text", what is computed in float64 "dtype":
    "float64". dtype is what all else is computed in. name is the model's, for messages. length is
    how many rows a window has, of a model of such: a flat input takes (rows, columns), too. lengths
    tells which free lengths are too long, where a model has such.
    """

    def __init__(self, name, inputs, dtype, length=None):
        self.name = name
        self.length = length
        self.inputs = inputs
        self.dtype = np.dtype(dtype)
        self.sizes = [_count(port["shape"]) for port in inputs]
        self.columns = _list_columns(inputs, self.sizes)
        self.layouts = {}
        self.lengths = None
        self.longest = 0
        self.usual: list = [{} for _ in inputs]

    def decode_row(self, messages):
        """Messages -> arrays of one row each, or None when an element is NULL.

        The caller has told numpy to be silent: too large a number becomes infinite.
        """
        if messages[0][: len(MARK)] == MARK:
            return self._decode_columns(messages[0])
        rows, is_there = [], True
        for number, message in enumerate(messages):
            usual = self.usual[number].get(message[:LIST_HEADER])
            if usual is not None and len(message) == usual[0]:
                _, stored, shape, dtype = usual
                values = np.frombuffer(message, stored, -1, LIST_HEADER)
                rows.append(values.astype(dtype).reshape(shape))
                continue
            row = self._decode_input(number, message)
            rows.append(row)
            is_there = is_there and row is not None
        return rows if is_there else None

    def _decode_input(self, number, message):
        """One input's array of a row, None when an element is NULL; how a list of numbers lies is
        kept, for rows are alike. A wrong length is an error in any case, and found before numbers
        are decoded: there may be a billion."""
        port = self.inputs[number]
        if port.get("dtype") == "text":
            dims, values = decode_texts(message)
            shape = self.row_shape(port, self.sizes[number], dims, math.prod(dims) if dims else 0)
            return None if values is None else values.reshape((1, *shape))
        header = Header(message)
        shape = (1, *self.row_shape(port, self.sizes[number], header.dims, header.count))
        decoded = decode_array(message, _is_double(port))
        if decoded is None:
            return None
        row = self.as_numbers(decoded[1], port).reshape(shape)
        is_list = len(header.dims) == 1 and header.start == LIST_HEADER and header.stride
        if is_list and len(self.usual[number]) < MOST_USUAL:
            self.usual[number][message[:LIST_HEADER]] = (
                len(message),
                header.type,
                shape,
                row.dtype,
            )
        return row

    def _decode_columns(self, message):
        """The same for one row of columns; None when one is NULL that must not be."""
        values = self.find_layout(message, 0).read(message)
        rows = []
        for port, columns in zip(self.inputs, self.columns):
            row = [values[place] for place, _ in columns]
            if any(value is None and nulls == "null" for value, (_, nulls) in zip(row, columns)):
                return None
            if port.get("dtype") == "text":
                array = np.empty(len(row), object)
                array[:] = row
            else:
                array = self.as_numbers(np.array(row, np.float64), port)  # None becomes NaN
            rows.append(array.reshape((1, *port["shape"])))
        return rows

    def find_layout(self, message, position):
        """How the columns of the row at this position lie.

        Raises: ValueError, when they are not as many as the model takes, or other types.
        """
        end = max(message.find(b"\0", position), 0)
        letters = message[position + len(MARK) : end]
        layout = self.layouts.get(letters)
        if layout is None:
            from plpython.columns import NO_ROW, Layout

            if len(letters) > MOST_COLUMNS:
                raise ValueError(NO_ROW)
            layout = Layout(letters.decode("ascii", "replace"))
            places = sorted(place for columns in self.columns for place, _ in columns)
            if places != list(range(len(letters))):
                raise ValueError(
                    f'model "{self.name}" takes {len(places)} columns, got {len(letters)}'
                )
            for port, columns in zip(self.inputs, self.columns):
                for place, _ in columns:
                    if (port.get("dtype") == "text") != (layout.letters[place] == "t"):
                        raise ValueError(f"column {place + 1} is of another type")
            if len(self.layouts) < MOST_USUAL:
                self.layouts[letters] = layout
        return layout

    def take_columns(self, records):
        """Rows of columns as the inputs' arrays.

        Returns: (which rows, counted from 0, one array an input): those without a NULL in a column
        that must not hold one.
        """
        kept = np.ones(records.count, bool)
        if records.present is not None:
            for columns in self.columns:
                for place, nulls in columns:
                    if nulls == "null":
                        kept &= records.present[place][: records.count]
        places = np.flatnonzero(kept)
        arrays = []
        for port, columns in zip(self.inputs, self.columns):
            if port.get("dtype") == "text":
                array = records.texts([place for place, _ in columns])
            else:
                array = self.as_numbers(records.matrix([place for place, _ in columns]), port)
            array = array if len(places) == records.count else array[places]
            arrays.append(array.reshape((len(places), *port["shape"])))
        return places, arrays

    def as_numbers(self, values, port):
        """An array in the input's own type, itself where it has that; too large a number becomes
        infinite, as in numpy."""
        with np.errstate(all="ignore"):
            return values.astype(np.float64 if _is_double(port) else self.dtype, copy=False)

    def admit(self, shape, dims):
        """Refuse a row whose free lengths are too long to be computed within bounds.

        Raises: ValueError.
        """
        longest = max(d for n, d in zip(shape, dims) if n is None)
        if longest > self.longest:
            if self.lengths is not None:
                self.lengths.rows_at_once(longest)
            self.longest = longest

    def row_shape(self, port, size, dims, count):
        """The input's shape with free lengths filled in from the dimensions that were given."""
        shape = port["shape"]
        if size is not None:
            if count == size and (
                len(dims) <= 1
                or list(dims) == list(shape)
                or (len(dims) == 2 and len(shape) == 1 and dims[0] == self.length)
            ):
                return shape
        elif len(dims) == len(shape) and all(n in (None, d) for n, d in zip(shape, dims)):
            self.admit(shape, dims)
            return dims
        elif len(dims) == 1 and shape.count(None) == 1:
            rest = math.prod(n for n in shape if n is not None)
            if rest and count and count % rest == 0:
                dims = [count // rest if n is None else n for n in shape]
                self.admit(shape, dims)
                return dims
        expected = "x".join("?" if n is None else str(n) for n in shape) or "1"
        if size is not None and len(shape) != 1:
            expected = f"{size} ({expected})"
        raise ValueError(
            'model "{}": input "{}" takes {} {}{}, got {}'.format(
                self.name,
                port["name"],
                expected,
                "text" if port.get("dtype") == "text" else "number",
                "" if size == 1 else "s",
                "x".join(map(str, dims)) if dims else "0",
            )
        )


def _is_double(port):
    """Whether an input or output is of float64."""
    return port.get("dtype") == "float64"


def _list_columns(inputs, sizes):
    """For each input the (place, what a NULL means) of its elements among all columns; those of a
    plan without columns are counted through the inputs."""
    listed = []
    first = 0
    for port, size in zip(inputs, sizes):
        if "columns" in port:
            listed.append([(place, nulls) for _, _, nulls, place in port["columns"]])
        else:
            most = size or 0 if first + (size or 0) <= MOST_COLUMNS else 0
            listed.append([(first + number, "null") for number in range(most)])
        first += size or 0
    return listed


def _count(shape):
    """How many numbers a row of this shape holds, None where a length is free."""
    return None if None in shape else math.prod(shape)
