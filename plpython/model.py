"""The loaded model: scores and labels of a row or a batch."""

import math
import time

import numpy as np

from plpython.checks import LOOK_TIME, Lengths, check_steps
from plpython.errors import ODD_ERRORS, RowError, odd_error
from plpython.inputs import Inputs, _count, _is_double
from plpython.interrupts import hold_interrupts, stop_if_cancelled
from plpython.silence import quiet
from plpython.steps import _compile, are_chain, find_steps, run_steps, walk_steps

# What only some sessions need is imported where they need it: a part is compiled then.


class Model(Inputs):
    """A loaded model: run() scores a batch, score() and label() one row as the server sends it.

    Built by load(), which has checked the plan's fields; stored are its tensors. outputs is a list
    as inputs is. windows scores windows over rows, None of a model that takes single ones.
    size_bytes is the weights' size, used when it scored last, in seconds since 1970.
    """

    def __init__(self, plan, stored, dtype):
        costs = check_steps(plan, stored)
        tensors = [
            tensor.astype(dtype, copy=False) if tensor.dtype == np.float32 else tensor
            for tensor in stored
        ]
        length = plan["window"]["length"] if "window" in plan else None
        super().__init__(plan["model"], plan["inputs"], dtype, length)
        self.outputs = plan["outputs"]
        self.labels = plan["labels"]
        self.threshold = plan["threshold"]
        self.size_bytes = sum(tensor.nbytes for tensor in tensors)
        self.used = time.time()
        stop_if_cancelled()
        self.steps, self.layers = _compile(plan, tensors, self.dtype)
        self.result_slots = [port["value"] for port in self.outputs]
        self.score_steps = find_steps(self.steps, self.result_slots, plan.get("choice"))
        self.has_choice = "choice" in plan
        if self.has_choice:
            self.result_slots.append(plan["choice"])
        self.single = len(self.outputs) == 1
        self.scalar = [_count(port["shape"]) == 1 for port in self.outputs]
        # Nine digits are exact for float32, seventeen for float64.
        self.formats = ["%.17g" if _is_double(port) else "%.9g" for port in self.outputs]
        # The type of a score that is one number, None for others.
        self.number = None
        if self.single and self.scalar[0]:
            self.number = np.float64 if _is_double(self.outputs[0]) else np.float32
        self.batch_rows = min(plan["batch_rows"], costs.rows_at_once())
        if any(None in port["shape"] for port in self.inputs):
            self.lengths = Lengths(plan, stored)
        self.batch_steps = None  # the form of the steps for batches; it is looked for at the first
        self.is_slow = costs.row_time > LOOK_TIME  # so that a row is to look between its steps
        self.chain = None  # the form of the steps for single rows, where there is one
        self.is_chain_known = False  # it is looked for at the first
        self.quoted = np.array([_quote(label) for label in self.labels], object)
        self.windows = None
        if "window" in plan:
            from plpython.windows import Windows

            self.windows = Windows(self, plan, stored)

    def run(self, batches):
        """Score a batch: one array (rows, ...) for each input -> one array for each output, and
        behind them the places of the labels, (rows, 1), where the model chooses them itself."""
        if self.batch_steps is None:
            self.batch_steps = self._find_batch_steps()
        values = run_steps(self.batch_steps, dict(enumerate(batches)))
        return [values[slot] for slot in self.result_slots]

    def _find_batch_steps(self):
        """The steps, with tanh for sigmoid in a chain of layers where that is faster."""
        functions = {parameters.get("function") for _, parameters, _ in self.layers}
        if "sigmoid" not in functions or not are_chain(self):
            return self.steps
        from plpython.halves import halve, is_tanh_fast

        if not is_tanh_fast():
            return self.steps
        halved = halve(self.layers)
        return [(layer[2], *step[1:]) for layer, step in zip(halved, self.steps)]

    def _begin(self):
        """What a call of the server begins with."""
        hold_interrupts()
        self.used = time.time()

    def score(self, *messages):
        """Score one row, a message for each input: decode_array() and decode_texts() read them.

        Returns: a float for one number, a list (row-major) for more, a tuple of those when the
        model has several outputs; None when any element is NULL.
        Raises: ValueError, when a length is not the input's.
        """
        self._begin()
        results = self._run_row(self.score_steps, messages)
        if results is None:
            return None
        if self.single:
            y = results[0]
            return y.item() if self.scalar[0] else y.ravel().tolist()
        return tuple(
            y.item() if scalar else y.ravel().tolist() for y, scalar in zip(results, self.scalar)
        )

    def score_text(self, *messages):
        """score() as the text of a row of the outputs, as PostgreSQL reads a composite value."""
        self._begin()
        results = self._run_row(self.score_steps, messages)
        if results is None:
            return None
        fields = []
        for y, scalar, digits in zip(results, self.scalar, self.formats):
            texts = [digits % number for number in y.ravel().tolist()]
            fields.append(texts[0] if scalar else '"{' + ",".join(texts) + '}"')
        return "(" + ",".join(fields) + ")"

    def label(self, *messages):
        """Label of one row; None when any element is NULL or the scores are not numbers."""
        self._begin()
        results = self._run_row(self.steps, messages)
        if results is None:
            return None
        (place,), (is_known,) = self._choose_labels(results)
        try:
            return self.labels[place] if is_known else None
        except IndexError as error:
            raise ValueError(f"the label in place {place} is none of {len(self.labels)}") from error

    def _run_row(self, steps, messages):
        """The results of one row, those that these steps give; None when an element is NULL."""
        try:
            if not self.is_chain_known:
                if are_chain(self):
                    from plpython.vectors import make_chain

                    self.chain = quiet(make_chain, self)
                self.is_chain_known = True
            if self.chain is None:
                return quiet(self._walk_row, steps, messages)
            return quiet(self.chain.run, self, *messages)
        except ODD_ERRORS as error:
            raise ValueError(odd_error(error)) from error

    def _walk_row(self, steps, messages):
        rows = self.decode_row(messages)
        if rows is None:
            return None
        values = dict(enumerate(rows))
        values = run_steps(steps, values) if self.is_slow else walk_steps(steps, values)
        return [values[slot] for slot in self.result_slots if slot in values]

    def answer(self, message, count, wanted):
        """score_batch() for the server: (scores, labels, place, problem), these for an error."""
        self._begin()
        try:
            scores, labels = self.score_batch(message, count, wanted)
        except (RowError, *ODD_ERRORS) as error:
            return None, None, *_problem(error)
        return array_literal(scores), array_literal(labels), None, None

    def answer_windows(self, message, count, wanted, starts, stored, step, state):
        """Windows.score() for the server: (scores, labels, given, state, place, problem); given
        tells which rows end a window, None when all do."""
        self._begin()
        try:
            scores, labels, given, state = self._windows().score(
                message, count, wanted, starts, stored, step, state
            )
        except (RowError, *ODD_ERRORS) as error:
            return None, None, None, None, *_problem(error)
        return array_literal(scores), array_literal(labels), array_literal(given), state, None, None

    def answer_forecast(self, message, counts, steps, ahead, fed):
        """Windows.forecast() for the server: (forecasts, place, problem), a text for each step of
        each series: a number, or an array of several."""
        self._begin()
        try:
            found = self._windows().forecast(message, counts, steps, ahead, fed)
        except (RowError, *ODD_ERRORS) as error:
            return None, *_problem(error)
        rows = found.reshape(-1, found.shape[2])
        form = ",".join(["%.17g"] * rows.shape[1])
        form = form if rows.shape[1] == 1 else '"{' + form + '}"'
        is_there = ~np.isnan(rows).any(axis=1)
        texts = [form % tuple(row) if ok else None for row, ok in zip(rows.tolist(), is_there)]
        return array_literal(texts), None, None

    def _windows(self):
        """The windows of a model that has such.

        Raises: RowError, for another.
        """
        if self.windows is None:
            raise RowError(0, f'model "{self.name}" takes no windows')
        return self.windows

    def score_batch(self, message, count, wanted="both"):
        """Score the rows of a batch: packed rows one after another, see Rows.

        wanted is as for Answers.
        Returns: (scores, labels): one text a row, as PostgreSQL reads the result type inside an
        array, None for a row that holds a NULL; None for what is not wanted or not there.
        Raises: RowError, when a row is not what the inputs take.
        """
        from plpython.rows import Answers, Rows, check_count, run_rows

        check_count(message, count)
        answers = Answers(self, count, wanted)
        for places, inputs in Rows(self, message, count).groups():
            step = self._rows_at_once(inputs)
            for start in range(0, len(places), step):
                part = slice(start, start + step)
                answers.put(
                    places[part], run_rows(self.run, places[part], [x[part] for x in inputs])
                )
        return answers.find_scores(), answers.labels

    def _rows_at_once(self, inputs):
        """How many of these rows to run at once: batch_rows counts a free length as 1."""
        free, longest = 1, None
        for port, x in zip(self.inputs, inputs):
            lengths = [n for n, known in zip(x.shape[1:], port["shape"]) if known is None]
            free = max(free, math.prod(lengths))
            longest = max([*lengths, longest or 0]) if lengths else longest
        rows = max(1, self.batch_rows // free)
        if longest is None or self.lengths is None:
            return rows
        return min(rows, self.lengths.rows_at_once(longest))

    def texts_of_scores(self, results):
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
        """The place of one label a row, and whether there is one: not where the scores are no
        numbers."""
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
        return np.where(known, chosen, 0), known

    def texts_of_labels(self, results):
        """One quoted label a row, None where there is none."""
        places, known = self._choose_labels(results)
        texts = self.quoted[places]
        texts[~known] = None
        return texts.tolist()


def _problem(error):
    """The place and the text of an error, for the server."""
    return (error.place, str(error)) if isinstance(error, RowError) else (0, odd_error(error))


def _quote(text):
    """A text as an element of an array's literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def array_literal(texts):
    """Texts, quoted where they must be, as the literal of an array; None is NULL. An array of
    numbers is the literal of its bytes."""
    if texts is None:
        return None
    if isinstance(texts, np.ndarray):
        return "\\x" + texts.tobytes().hex()
    if None in texts:
        texts = ["NULL" if text is None else text for text in texts]
    return "{" + ",".join(texts) + "}"
