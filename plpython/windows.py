"""Windows over rows that come in order: each row is decoded and preprocessed once."""

import bisect
import math
import struct

import numpy as np

from plpython.errors import RowError
from plpython.inputs import Inputs, _count, _is_double
from plpython.interrupts import stop_if_cancelled
from plpython.rows import Answers, Rows, check_count, run_rows
from plpython.steps import run_steps
from plpython.window_checks import row_costs

STATE = struct.Struct("=qqq")  # rows of the run, rows since its last window or NO_WINDOW, rows kept
NO_WINDOW = -1
MOST_HELD = 2**31  # bytes of rows that are held for windows at once
MOST_SEEN = 2**62  # rows of a run, in a state
MOST_STEPS = 1 << 16  # of all series of a call together: nothing can cancel it
BAD_STATE = "the state is none that this version left behind"


class Run:
    """A run is rows without a gap between them; this is what is known at its newest row.

    seen is how many rows it has, since how many of them came after the one that ended its last
    window, NO_WINDOW before the first.
    """

    def __init__(self, seen=0, since=NO_WINDOW):
        self.seen = seen
        self.since = since

    def advance(self, first, end, stored, needed, step):
        """Go on over the rows from first up to end, of which the one at stored ends a window that
        was scored before, where it is no None.

        A window ends where needed rows are there, then every step rows.
        Returns: (the places where windows end, how many rows of the run each finds).
        """
        ready = max(first, first + needed - self.seen - 1)
        if stored is not None:
            last = stored
        elif self.since != NO_WINDOW:
            last = first - 1 - self.since
        else:
            last = ready - step
        begin = last + step
        if begin < ready:
            begin += -(-(ready - begin) // step) * step
        ends = np.arange(begin, end, step)
        found = ends - first + 1 + self.seen
        if len(ends):
            last = int(ends[-1])
        if len(ends) or stored is not None or self.since != NO_WINDOW:
            self.since = end - 1 - last
        self.seen += end - first
        return ends, found


class Windows:
    """The windows of a model: length rows of a run, the oldest first, for every step rows of it.

    The plan's first steps, as many as its window says, are computed once for each row, the others
    for each window; without any a row goes into the window as it is. Between two calls the last
    length - 1 rows are kept, as numbers, in a state that the caller holds.
    """

    def __init__(self, model, plan, tensors):
        window = plan["window"]
        self.model = model
        self.length = window["length"]
        self.step = window["step"]
        self.side, self.pad = window.get("padding", (None, 0.0))
        self.inputs = Inputs(model.name, _list_rows(plan), model.dtype)
        self.before, self.after, self.entry = [], model.steps, 0
        self.folded = [(0, 0)]
        self.source = 0
        self.row = window.get("row", self.inputs.inputs[0])
        self.targets = window.get("targets", [])
        taken = {place for place, _, _ in self.targets}
        columns = window.get("columns", [])
        self.others = [column[3] for column in columns if column[3] not in taken]
        port = {"name": "what is ahead", "shape": [len(self.others)], "dtype": "float64"}
        named = [[*columns[place][:3], n] for n, place in enumerate(self.others)]
        self.ahead = Inputs(model.name, [{**port, "columns": named}], model.dtype)
        shape = plan["inputs"][0]["shape"]
        self.shape = tuple(self.length if n is None else n for n in shape)
        count = window.get("steps", 0)
        self.rows_at_once = MOST_HELD
        if None in shape:
            model.lengths.rows_at_once(self.length)
        if count:
            self.rows_at_once = row_costs(plan, tensors).rows_at_once()
            self.cut(model.steps[:count], [step["kernel"] for step in plan["steps"]])
            self.after = model.steps[count:]

    def cut(self, steps, kernels):
        """Take the steps of a row: fold_time of each input, then its own, then unfold_time."""
        *by_row, (_, (self.source, _), self.entry, _) = steps
        known = list(zip(kernels, by_row))
        self.folded = [(s[1][0], s[2]) for kernel, s in known if kernel == "fold_time"]
        self.before = [s for kernel, s in known if kernel != "fold_time"]
        self.shape = (self.length, *self.row["shape"])

    def score(self, message, count, wanted, starts, stored, step, state):
        """Score the windows that end in the rows of a batch, packed as Rows takes them.

        starts are the places at which a run begins, stored those whose window was scored before;
        step is None for the model's own. state is what the call before gave, b"" at first.
        Returns: (scores, labels, given, state): one text a window as in Model.score_batch(), None
        for one with a NULL; given is "t" for each row that ends a window and "f" for others, None
        when all do.
        Raises: RowError, when a row is not what the inputs take.
        """
        check_count(message, count)
        step = self.step if step is None else step
        if step < 1:
            raise RowError(0, f"step is {step}; give 1 or more")
        values, present = self.read(message, count)
        try:
            run, old, old_present = self.restore(state, values)
        except ValueError as error:
            raise RowError(0, str(error)) from error
        kept = len(old)
        values = np.concatenate([old, values])
        present = np.concatenate([old_present, present])
        ends, found, run = self.find_ends(count, starts, stored, step, run)
        answers = Answers(self.model, len(ends), wanted)
        self.answer(answers, values, present, ends + kept, found, ends)
        given = None
        if len(ends) < count:
            marks = np.full(count, "f")
            marks[ends] = "t"
            given = marks.tolist()
        return answers.find_scores(), answers.labels, given, self.keep(run, values, present)

    def forecast(self, message, counts, steps, ahead, fed):
        """Forecast series, each from its last rows: what the model gives becomes the next row.

        counts are how many rows of each series are in the message, at most length. ahead is b"",
        or packed rows of the columns that are not forecast, steps for each series. fed is which of
        the numbers that a model of quantiles gives is taken for the next value, from 0.
        Returns: (series, steps, numbers of a step), NaN for a series with a NULL in its rows.
        Raises: RowError, when a row is not what the inputs take; its place counts through both.
        """
        if len(counts) * steps > MOST_STEPS:
            raise RowError(0, f"{len(counts)} series and {steps} steps are too many at once")
        if not self.targets:
            raise RowError(0, "the model forecasts no columns")
        if None in counts or not 0 <= fed < self.width():
            raise RowError(0, "the rows of a series, or what is fed back, are none")
        check_count(message, sum(counts))
        values, present = self.read(message, sum(counts))
        counts = np.array(counts)
        least = 1 if self.side == "before" else self.length
        if not len(counts) or counts.min() < least or counts.max() > self.length or steps < 1:
            raise RowError(0, f"a series has fewer or more rows than {self.length}")
        ends = counts.cumsum() - 1
        values = np.concatenate([values, np.full_like(values[:1], self.pad)])
        missing = np.cumsum(np.append(0, ~present))
        whole = missing[ends + 1] == missing[ends + 1 - counts]
        known, has_known = self.read_ahead(ahead, len(counts) * steps)
        known = known.reshape((len(counts), steps, -1))
        whole &= has_known.reshape((len(counts), steps)).all(axis=1)
        found = np.full((len(counts), steps, self.width()), np.nan)
        at_once = max(1, self.model.batch_rows // self.length)
        places = np.flatnonzero(whole)
        for start in range(0, len(places), at_once):
            part = places[start : start + at_once]
            windows = self.gather(values, ends[part], counts[part])
            found[part] = self.continue_rows(windows, known[part], fed)
        return found

    def width(self):
        """How many numbers the model gives for a window."""
        return sum(_count(port["shape"]) for port in self.model.outputs)

    def read_ahead(self, message, count):
        """The columns that are not forecast, of rows to come: (numbers, which rows are whole)."""
        if not self.others:
            return np.zeros((count, 0)), np.ones(count, bool)
        values, present = np.zeros((count, len(self.others))), np.zeros(count, bool)
        for places, arrays in Rows(self.ahead, message, count).groups():
            values[places] = arrays[0]
            present[places] = True
        return values, present

    def continue_rows(self, windows, known, fed):
        """Forecasts of (windows, steps, numbers of a step), of whole windows."""
        (port,) = self.inputs.inputs
        rows = windows.reshape((len(windows), self.length, -1))
        scale = np.array([scale for _, scale, _ in self.targets])
        offset = np.array([offset for _, _, offset in self.targets])
        found = np.empty((len(rows), known.shape[1], self.width()))
        for step in range(known.shape[1]):
            shaped = np.ascontiguousarray(rows).reshape((len(rows), *self.shape))
            results = self.run([shaped])[: len(self.model.outputs)]
            numbers = np.concatenate([y.reshape(len(rows), -1) for y in results], axis=1)
            found[:, step] = numbers.astype(np.float64) * scale + offset
            new = np.empty((len(rows), len(self.others) + len(self.targets)))
            new[:, self.others] = known[:, step]
            is_quantile = len(self.targets) == 1
            places = [place for place, _, _ in self.targets]
            new[:, places] = found[:, step, fed : fed + 1] if is_quantile else found[:, step]
            row = self.run_row([self.inputs.as_numbers(new, port)])
            rows = np.concatenate([rows[:, 1:], row.reshape(len(rows), 1, -1)], axis=1)
        return found

    def read(self, message, count):
        """The rows as they go into windows, (count, ...), and which of them hold no NULL."""
        values = None
        present = np.zeros(count, bool)
        if count * 8 * _count(self.row["shape"]) > MOST_HELD:
            raise RowError(0, f"{count} rows are more than {MOST_HELD:,} bytes of numbers")
        for places, arrays in Rows(self.inputs, message, count).groups():
            rows = self.compute(places, arrays)
            if len(places) == count:
                return rows, np.ones(count, bool)
            if values is None:
                values = np.zeros((count, *rows.shape[1:]), rows.dtype)
            values[places] = rows
            present[places] = True
        if values is None:
            type_ = np.float64 if _is_double(self.row) else self.inputs.dtype
            values = np.zeros((count, *self.row["shape"]), type_)
        return values, present

    def compute(self, places, arrays):
        """run_row() of some rows, as many at a time as fit into memory."""
        if len(places) <= self.rows_at_once:
            return run_rows(self.run_row, places, arrays)
        parts = []
        for start in range(0, len(places), self.rows_at_once):
            part = slice(start, start + self.rows_at_once)
            parts.append(run_rows(self.run_row, places[part], [x[part] for x in arrays]))
        return np.concatenate(parts)

    def run_row(self, arrays):
        """What is computed of rows, each by itself."""
        if not self.before:
            return arrays[0]
        values = {slot: arrays[place] for place, slot in self.folded}
        return run_steps(self.before, values)[self.source]

    def find_ends(self, count, starts, stored, step, run):
        """Where windows end in the next count rows, how many rows of its run each finds, and the
        run at the last row."""
        needed = 1 if self.side else self.length
        begins = sorted({0, count, *starts})
        if begins[0] < 0 or begins[-1] > count:
            raise RowError(0, "a run begins outside of the rows")
        known = [-1, *sorted(place for place in stored if 0 <= place < count)]
        is_start = set(starts)
        places, found = [], []
        for number, first in enumerate(begins[:-1]):
            stop_if_cancelled()
            end = begins[number + 1]
            if first in is_start:
                run = Run()
            last = known[bisect.bisect_left(known, end) - 1]
            ends, rows = run.advance(first, end, last if last >= first else None, needed, step)
            places.append(ends)
            found.append(rows)
        if not places:
            return np.zeros(0, np.intp), np.zeros(0, np.intp), run
        return np.concatenate(places), np.concatenate(found), run

    def answer(self, answers, values, present, ends, found, places):
        """Score the windows that end in the rows at ends; places are theirs for errors."""
        if self.side:
            values = np.concatenate([values, np.full_like(values[:1], self.pad)])
        numbers = np.arange(len(ends))
        if not present.all():
            missing = np.cumsum(np.append(0, ~present))
            first = ends + 1 - np.minimum(found, self.length)
            numbers = np.flatnonzero(missing[ends + 1] == missing[first])
        at_once = self.model.batch_rows
        if None in self.model.inputs[0]["shape"]:  # a free length counts as 1 there
            at_once = max(1, at_once // self.length)
            at_once = min(at_once, self.model.lengths.rows_at_once(self.length))
        for start in range(0, len(numbers), at_once):
            part = numbers[start : start + at_once]
            windows = self.gather(values, ends[part], found[part])
            answers.put(part, run_rows(self.run, places[part], [windows]))

    def gather(self, values, ends, found):
        """Windows as they go into the model: (windows, ...), each copied to a place of its own,
        because products of overlapping rows are not done by BLAS, and cost forty times as much."""
        steps = np.arange(self.length)
        first = ends[:, None] + 1 - self.length
        rows = first + steps
        if self.side:
            lacking = np.maximum(self.length - found, 0)[:, None]
            if self.side == "after":
                rows = rows + lacking
                is_pad = steps >= self.length - lacking
            else:
                is_pad = steps < lacking
            rows = np.where(is_pad, len(values) - 1, rows)
        windows = values.take(rows, axis=0)
        return windows.reshape((len(ends), *self.shape))

    def run(self, inputs):
        """What is computed of windows."""
        values = run_steps(self.after, {self.entry: inputs[0]})
        return [values[slot] for slot in self.model.result_slots]

    def keep(self, run, values, present):
        """The state after these rows: the last of them that later windows need."""
        kept = min(run.seen, self.length - 1, len(values))
        head = STATE.pack(run.seen, run.since, kept)
        last = slice(len(values) - kept, None)
        return head + present[last].tobytes() + values[last].tobytes()

    def restore(self, state, values):
        """The run and the rows of a state, as numbers like values.

        Raises: ValueError, when it is none.
        """
        shape, type_ = values.shape[1:], values.dtype
        if not state:
            return Run(), np.zeros((0, *shape), type_), np.zeros(0, bool)
        if len(state) < STATE.size:
            raise ValueError(BAD_STATE)
        seen, since, kept = STATE.unpack_from(state)
        row_bytes = math.prod(shape) * type_.itemsize
        is_whole = len(state) == STATE.size + kept * (1 + row_bytes)
        is_run = kept <= seen <= MOST_SEEN and NO_WINDOW <= since <= MOST_SEEN
        if not (0 <= kept < self.length and is_run and is_whole):
            raise ValueError(BAD_STATE)
        present = np.frombuffer(state, np.uint8, kept, STATE.size) != 0
        rows = np.frombuffer(state, type_, kept * math.prod(shape), STATE.size + kept)
        return Run(seen, since), rows.reshape((kept, *shape)), present


def _list_rows(plan):
    """The inputs as they are for one row of a window, with its columns."""
    columns = plan["window"].get("columns", [])
    length = plan["window"]["length"]
    ports = []
    for port in plan["inputs"]:
        shape = port["shape"]
        width = shape[0] // length if len(shape) == 1 else _count(shape[1:])
        row = {**port, "shape": [width]}
        is_text = port.get("dtype") == "text"
        own = [column for column in columns if (column[1] == "text") == is_text]
        if own:
            row["columns"] = own
        ports.append(row)
    return ports
