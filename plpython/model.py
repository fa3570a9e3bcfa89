"""The loaded model: scores and labels of a row or a batch."""

import math
import time

import numpy as np

from plpython.arrays import decode_array, decode_texts
from plpython.records import MARK, Layout, read_row
from plpython.rows import RowError, Rows
from plpython.steps import _compile


class Model:
    """A loaded model: run() scores a batch, score() and label() one row as the server sends it.

    Built by load(). Inputs and outputs are lists of {"name", "shape"}; a shape leaves out the
    batch and holds None where the length is free. Inputs of texts have "dtype": "text", what is
    computed in float64 "dtype": "float64". dtype is what all else is computed in.
    size_bytes is the weights' size, used when it scored last, in seconds since 1970.
    """

    def __init__(self, plan, tensors, dtype):
        self.name = plan["model"]
        self.inputs = plan["inputs"]
        self.outputs = plan["outputs"]
        self.labels = plan["labels"]
        self.threshold = plan["threshold"]
        self.dtype = np.dtype(dtype)
        self.size_bytes = sum(tensor.nbytes for tensor in tensors)
        self.used = time.time()
        self.sizes = [_count(port["shape"]) for port in self.inputs]
        self.steps = _compile(plan, tensors, self.dtype)
        self.result_slots = [port["value"] for port in self.outputs]
        self.has_choice = "choice" in plan
        if self.has_choice:
            self.result_slots.append(plan["choice"])
        self.single = len(self.outputs) == 1
        self.scalar = [_count(port["shape"]) == 1 for port in self.outputs]
        # Nine digits are exact for float32, seventeen for float64.
        self.formats = ["%.17g" if _is_double(port) else "%.9g" for port in self.outputs]
        self.columns = _list_columns(self.inputs, self.sizes)
        self.layouts = {}
        self.batch_rows = plan["batch_rows"]
        self.quoted = [_quote(label) for label in self.labels]

    def run(self, batches):
        """Score a batch: one array (rows, ...) for each input -> one array for each output, and
        behind them the places of the labels, (rows, 1), where the model chooses them itself."""
        values = dict(enumerate(batches))
        with np.errstate(all="ignore"):
            for call, sources, target, finished in self.steps:
                values[target] = call(*[values[source] for source in sources])
                for slot in finished:
                    del values[slot]
        return [values[slot] for slot in self.result_slots]

    def score(self, *messages):
        """Score one row, a message for each input: decode_array() and decode_texts() read them.

        Returns: a float for one number, a list (row-major) for more, a tuple of those when the
        model has several outputs; None when any element is NULL.
        Raises: ValueError, when a length is not the input's.
        """
        self.used = time.time()
        rows = self.decode_row(messages)
        if rows is None:
            return None
        results = [
            y.item() if scalar else y.ravel().tolist()
            for y, scalar in zip(self.run(rows), self.scalar)  # a choice has no scalar: left out
        ]
        return results[0] if self.single else tuple(results)

    def label(self, *messages):
        """Label of one row; None when any element is NULL or the scores are not numbers."""
        self.used = time.time()
        rows = self.decode_row(messages)
        if rows is None:
            return None
        (place,) = self._choose_labels(self.run(rows))
        return None if place is None else self.labels[place]

    def answer(self, message, count, wanted):
        """score_batch() for the server: (scores, labels, place, problem), these for an error."""
        self.used = time.time()
        try:
            scores, labels = self.score_batch(message, count, wanted)
        except RowError as error:
            return None, None, error.place, str(error)
        return _array_literal(scores), _array_literal(labels), None, None

    def score_batch(self, message, count, wanted="both"):
        """Score the rows of a batch: packed rows one after another, see Rows.

        wanted is "score", "label" or "both".
        Returns: (scores, labels): one text a row, as PostgreSQL reads the result type inside an
        array, None for a row that holds a NULL; None for what is not wanted or not there.
        Raises: RowError, when a row is not what the inputs take.
        """
        groups = Rows(self, message, count).groups()
        scores = [None] * count if wanted != "label" else None
        labels = [None] * count if wanted != "score" and self.labels else None
        for places, inputs in groups:
            step = self._rows_at_once(inputs)
            for start in range(0, len(places), step):
                part = slice(start, start + step)
                results = self._run_rows(places[part], [x[part] for x in inputs])
                if scores is not None:
                    _place(
                        scores, places[part], self._texts_of_scores(results[: len(self.outputs)])
                    )
                if labels is not None:
                    _place(labels, places[part], self._texts_of_labels(results))
        return scores, labels

    def _rows_at_once(self, inputs):
        """How many of these rows to run at once: batch_rows counts a free length as 1."""
        free = 1
        for port, x in zip(self.inputs, inputs):
            lengths = [n for n, known in zip(x.shape[1:], port["shape"]) if known is None]
            free = max(free, math.prod(lengths))
        return max(1, self.batch_rows // free)

    def _run_rows(self, places, inputs):
        """run(); a row that a kernel refuses is looked for, so that the error can name it."""
        try:
            return self.run(inputs)
        except ValueError:
            for number, place in enumerate(places):
                try:
                    self.run([x[number : number + 1] for x in inputs])
                except ValueError as error:
                    raise RowError(place, str(error)) from error
            raise

    def _texts_of_scores(self, results):
        """One text a row: 0.5 for a number, "{0.5,1}" for several, for several outputs a composite
        value of those, "(0.5,\\"{0.5,1}\\")"; quoted as elements of an array are."""
        rows = len(results[0])
        fields = []
        for y, scalar, digits in zip(results, self.scalar, self.formats):
            field = ",".join([digits] * (y.size // rows))
            if not scalar:
                field = '"{' + field + '}"' if self.single else '\\"{' + field + '}\\"'
            fields.append(field)
        row = fields[0] if self.single else '"(' + ",".join(fields) + ')"'
        numbers = np.concatenate([y.reshape(rows, -1) for y in results], axis=1)
        return ("\n".join([row] * rows) % tuple(numbers.ravel().tolist())).split("\n")

    def _choose_labels(self, results):
        """The place of one label a row; None where the scores are not numbers."""
        scores = results[0].reshape(len(results[0]), -1)
        if self.has_choice:
            chosen = np.nan_to_num(results[-1]).reshape(-1).astype(int)
        elif self.threshold is not None:  # in double precision, which the threshold is
            chosen = (scores[:, 0].astype(np.float64) > self.threshold).astype(int)
        else:
            chosen = scores.argmax(axis=1)
        known = ~np.isnan(scores).any(axis=1)
        if self.has_choice:
            known &= ~np.isnan(results[-1]).reshape(-1)
        return [n if k else None for n, k in zip(chosen.tolist(), known.tolist())]

    def _texts_of_labels(self, results):
        """One quoted label a row, None where there is none."""
        places = self._choose_labels(results)
        return [None if place is None else self.quoted[place] for place in places]

    def decode_row(self, messages):
        """Messages -> arrays of one row each, or None when an element is NULL."""
        if messages[0][: len(MARK)] == MARK:
            return self._decode_columns(messages[0])
        rows = []
        for port, size, message in zip(self.inputs, self.sizes, messages):
            is_text = port.get("dtype") == "text"
            decoded = decode_texts(message) if is_text else decode_array(message, _is_double(port))
            if decoded is None:
                return None
            dims, values = decoded
            if not is_text:
                values = self.as_numbers(values, port)
            shape = self.row_shape(port, size, dims, values.size)
            rows.append(values.reshape((1, *shape)))
        return rows

    def _decode_columns(self, message):
        """The same for one row of columns; None when one is NULL that must not be."""
        values = read_row(self.find_layout(message, 0), message)
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
        """An array in the input's own type; too large a number becomes infinite, as in numpy."""
        with np.errstate(all="ignore"):
            return values.astype(np.float64 if _is_double(port) else self.dtype)

    def row_shape(self, port, size, dims, count):
        """The input's shape with free lengths filled in from the dimensions that were given."""
        shape = port["shape"]
        if size is not None:
            if count == size and (len(dims) <= 1 or list(dims) == list(shape)):
                return shape
        elif len(dims) == len(shape) and all(n in (None, d) for n, d in zip(shape, dims)):
            return dims
        elif len(dims) == 1 and shape.count(None) == 1:
            rest = math.prod(n for n in shape if n is not None)
            if rest and count and count % rest == 0:
                return [count // rest if n is None else n for n in shape]
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
            listed.append([(first + number, "null") for number in range(size or 0)])
        first += size or 0
    return listed


def _place(texts, places, values):
    """texts[place] = value, for each; most often they stand side by side."""
    first, last = places[0], places[-1] + 1
    if last - first == len(places):
        texts[first:last] = values
        return
    for place, value in zip(places, values):
        texts[place] = value


def _quote(text):
    """A text as an element of an array's literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _array_literal(texts):
    """Texts, quoted where they must be, as the literal of an array; None is NULL."""
    if texts is None:
        return None
    if None in texts:
        texts = ["NULL" if text is None else text for text in texts]
    return "{" + ",".join(texts) + "}"


def _count(shape):
    """How many numbers a row of this shape holds, None where a length is free."""
    return None if None in shape else math.prod(shape)
