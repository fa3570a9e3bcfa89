"""A plan is checked once, when it is loaded: what it names must be there, and what a row may cost
is bounded, so that no plan does more than compute, and none for long without a look whether to end.
"""

import math

from plpython.data import (
    MOST_NAME,
    a_name,
    a_number,
    check_object,
    list_of,
    one_of,
    optional,
    texts,
    tuple_of,
    whole,
)
from plpython.tables import KERNELS, RULES
from plpython.values import Value, need

MOST_STEPS_OF_PLAN, MOST_INPUTS, MOST_SLOT = 2**16, 2**20, 2**31
MOST_ROW_BYTES, BATCH_BYTES = 2**31, 2**30  # that the values of a row, and of a batch, may take
MOST_COPIED = 2**32  # bytes that all kernels together may keep beside the weights
# Nanoseconds, estimated: of a row; of a row or a batch without a look whether the statement is to
# end; from which on single rows look between their steps.
MOST_ROW_TIME, MOST_PIECE, BATCH_PIECE, LOOK_TIME = 60e9, 0.8e9, 0.3e9, 5e7
FREE_LENGTHS = [
    *range(1, 33),
    *map((1).__lshift__, range(6, 21)),
]  # that are tried, see check_steps()

_SLOT = whole(0, MOST_SLOT)
_SHAPE = list_of(optional(whole(0)), 14)
_DTYPE = one_of("float32", "float64", "text")
_COLUMN = tuple_of(
    a_name,
    one_of("number", "text", "boolean", "date", "timestamp"),
    one_of("null", "missing"),
    whole(0, 2**20),
)
_COLUMNS = list_of(_COLUMN, 2**16)
_PORT = {"name": a_name, "shape": _SHAPE, "dtype": _DTYPE}
_INPUT = {**_PORT, "columns": _COLUMNS}
_OUTPUT = {**_PORT, "value": _SLOT}


def _objects(value):
    """The type of lists of objects, each of which is checked by itself."""
    fine = type(value) is list and set(map(type, value)) <= {dict}
    return None if fine else "a list of objects"


def _names(value):
    """The type of lists of names."""
    wanted = texts(value)
    if not wanted and sum(map(len, value)) > 16 * MOST_NAME:
        wanted = "shorter"
    return wanted or next(filter(None, map(a_name, value)), None)


_PLAN = {
    "format": whole(1, 1),
    "exporter": a_name,
    "model": a_name,
    "inputs": _objects,
    "outputs": _objects,
    "features": _names,
    "feature_table": _names,
    "labels": _names,
    "threshold": optional(a_number),
    "batch_rows": whole(1),
    "steps": _objects,
    "tensors": lambda value: None if type(value) is list else "a list",
    "choice": _SLOT,
    "window": lambda value: None if type(value) is dict else "an object",
}
# What the runtime needs none of may be left out.
_OPTIONAL = ("format", "exporter", "features", "feature_table", "choice", "window")
_STEP = {
    "kernel": one_of(*KERNELS.parts),
    "inputs": list_of(_SLOT, MOST_INPUTS),
    "output": _SLOT,
    "parameters": lambda value: None if type(value) is dict else "an object",
    "tensors": lambda value: None if type(value) is dict else "an object",
}
CODES = {"f4": 4, "f8": 8, "i4": 4}  # the types of tensors, and the bytes of a number


def check_fields(plan):
    """Refuse a plan that is not built as one, whatever its steps do.

    Raises: ValueError.
    """
    check_object("the plan", plan, _PLAN, _PLAN.keys() - set(_OPTIONAL))
    need(plan["inputs"] and plan["outputs"], "the plan has no inputs, or no outputs")
    for what, ports, kinds, needed in (
        ("input", plan["inputs"], _INPUT, ("name", "shape")),
        ("output", plan["outputs"], _OUTPUT, ("name", "shape", "value")),
    ):
        need(len(ports) <= 2**12, f"the plan has {len(ports)} {what}s")
        for place, port in enumerate(ports):
            check_object(f"{what} {place}", port, kinds, needed)
    _check_columns_of(plan["inputs"], None)
    need(len(plan["steps"]) <= MOST_STEPS_OF_PLAN, f"the plan has {len(plan['steps'])} steps")
    for place, step in enumerate(plan["steps"]):
        check_object(f"step {place}", step, _STEP, _STEP.keys())
    if "window" in plan:
        from plpython.window_checks import check_window

        check_window(plan)


def _check_columns_of(ports, columns):
    """Refuse columns that are not one for each element of the inputs; columns is how many numbers
    a row has where they are those of a window."""
    own = [port["columns"] for port in ports if "columns" in port]
    for port in ports:
        if "columns" in port:
            size = math.prod(n or 0 for n in port["shape"])
            need(len(port["columns"]) == size, "columns are not as many as the input has elements")
            is_text = port.get("dtype") == "text"
            fine = all((column[1] == "text") == is_text for column in port["columns"])
            need(fine, "a column of texts is in an input of numbers, or the reverse")
    if own:
        need(len(own) == len(ports), "an input has no columns, and another has")
        places = sorted(column[3] for part in own for column in part)
        need(places == list(range(len(places))), "the places of columns are not 0, 1, ...")


def check_tensors(entries, weights):
    """Refuse tensors that do not lie in the weights, or are of a type that weights are not of.

    Raises: ValueError.
    """
    need(len(entries) <= 2**18, f"the plan has {len(entries)} tensors")
    shape = list_of(whole(0), 16)
    for place, entry in enumerate(entries):
        fine = type(entry) is list and len(entry) in (3, 4) and not a_name(entry[0])
        fine = fine and not whole(0, 2**40)(entry[1]) and not shape(entry[2])
        fine = fine and (len(entry) == 3 or entry[3] in list(CODES))
        need(fine, f"tensor {place} is no name, place, shape and type")
        width = CODES[entry[3] if len(entry) == 4 else "f4"]
        end = 4 * entry[1] + width * math.prod(entry[2])
        need(end <= len(weights), f"tensor {place} ends behind the weights' {len(weights):,} bytes")


class Costs:
    """Steps that are gone through with shapes in place of numbers, from the values that are there.

    values is what there is by slot; kept the slots that are needed behind the steps. row_bytes is
    what the values of a row take at the most at once, row_time how long it takes, batch_piece how
    long the longest step takes that does not look meanwhile whether to end.
    Raises: ValueError, for steps that do not fit together, or that cost more than is stated here.
    """

    def __init__(self, steps, tensors, values, kept):
        self.values = values
        self.row_time, self.row_bytes, self.batch_piece, self.copies = 0.0, 0, 1.0, 0
        last = {
            slot: n for n, step in enumerate(steps) for slot in [*step["inputs"], step["output"]]
        }
        last.update(dict.fromkeys(kept, len(steps)))
        held = sum(value.bytes for value in values.values())
        for place, step in enumerate(steps):
            try:
                held = self._take(place, step, tensors, held, last)
            except (ValueError, ZeroDivisionError) as error:  # by the size of what is empty
                raise ValueError(f"step {place}, {step['kernel']}: {error}") from error

    def _take(self, place, step, tensors, held, last):
        """Go through one step; held is how many bytes of values there are before and behind it."""
        missing = [slot for slot in step["inputs"] if slot not in self.values]
        need(not missing, f"its input {missing[:1]} is not there yet")
        need(step["output"] not in self.values, f"its output {step['output']} is there already")
        for number in step["tensors"].values():
            fine = type(number) is int and 0 <= number < len(tensors)
            need(fine, "it has a tensor that is not there")
        own = {name: tensors[number] for name, number in step["tensors"].items()}
        sources = [self.values[slot] for slot in step["inputs"]]
        made = RULES[step["kernel"]].check(step["kernel"], sources, step["parameters"], own)
        made.is_constant |= bool(sources) and all(x.is_constant for x in sources)
        self.values[step["output"]] = made
        held += made.bytes
        self.row_bytes = max(self.row_bytes, held + int(made.scratch))
        need(self.row_bytes <= MOST_ROW_BYTES, f"a row takes more than {MOST_ROW_BYTES:,} bytes")
        self.row_time += made.work
        need(self.row_time <= MOST_ROW_TIME, f"a row takes more than {MOST_ROW_TIME / 1e9:g} s")
        need(made.piece <= MOST_PIECE, f"it takes more than {MOST_PIECE / 1e9:g} s at once")
        if not made.is_cut:
            self.batch_piece = max(self.batch_piece, made.piece - made.fixed)
        self.copies += made.copies
        need(self.copies <= MOST_COPIED, f"the steps keep more than {MOST_COPIED:,} bytes")
        gone = [slot for slot in {*step["inputs"], step["output"]} if last[slot] == place]
        return held - sum(self.values[slot].bytes for slot in gone)

    def rows_at_once(self):
        """How many rows may go through the steps together."""
        by_bytes = BATCH_BYTES // max(1, self.row_bytes)
        return max(1, min(by_bytes, int(BATCH_PIECE / self.batch_piece)))


def input_values(ports, free):
    """The inputs by slot, each free length being this one."""
    values = {}
    for slot, port in enumerate(ports):
        kind = {"text": "text", "float64": "f8"}.get(port.get("dtype"), "f4")
        value = values[slot] = Value([free if n is None else n for n in port["shape"]], kind)
        need(value.bytes <= MOST_ROW_BYTES, f"an input takes more than {MOST_ROW_BYTES:,} bytes")
    return values


def plan_costs(plan, tensors, free=1):
    """The costs of a row whose free lengths are all this one.

    Raises: ValueError, for steps that do not fit together, or cost more than is allowed.
    """
    kept = [port["value"] for port in plan["outputs"]] + [
        plan[key] for key in plan if key == "choice"
    ]
    return Costs(plan["steps"], tensors, input_values(plan["inputs"], free), kept)


def check_steps(plan, tensors):
    """The costs of a row, with the least free lengths that the steps can have.

    Raises: ValueError, see plan_costs(), or for outputs that are not what the steps give.
    """
    is_free = any(None in port["shape"] for port in plan["inputs"])
    lengths = FREE_LENGTHS if is_free else [1]
    problem = ValueError("it has no free length that fits")
    for length in [plan["window"]["length"]] if "window" in plan else lengths:
        try:
            costs = plan_costs(plan, tensors, length)
        except ValueError as error:
            problem = error if length == FREE_LENGTHS[0] else problem
            continue
        check_results(plan, costs)
        return costs
    raise problem


class Lengths:
    """How many rows of a model of free lengths may go through it at once, by the longest length.

    It is found out when such a length is seen first, for the next power of two or, where that is
    too long, for the length itself.
    """

    def __init__(self, plan, tensors):
        self.plan = plan
        self.tensors = tensors
        self.known = {}

    def rows_at_once(self, length):
        """Raises: ValueError, when rows of this length cost more than is allowed."""
        upper = 1 << max(0, length - 1).bit_length()
        for key in (upper, length):
            if key not in self.known:
                try:
                    self.known[key] = plan_costs(self.plan, self.tensors, key).rows_at_once()
                except ValueError as error:
                    if key == length:
                        raise ValueError(f"a row of length {length}: {error}") from error
                    continue
            return self.known[key]
        return 1


def check_results(plan, costs):
    """Refuse outputs and labels that are not what the steps give.

    Raises: ValueError.
    """
    for port in plan["outputs"]:
        value = costs.values.get(port["value"])
        need(value is not None, f"output {port['name'][:60]!r} is a value that is not there")
        fine = len(value.shape) == len(port["shape"]) and value.rows == 1 and value.kind != "text"
        fine = fine and all(n in (None, m) for n, m in zip(port["shape"], value.shape))
        need(fine, f"output {port['name'][:60]!r} is of another shape, or of texts")
    count = len(plan["labels"])
    first = costs.values[plan["outputs"][0]["value"]]
    if "choice" in plan:
        value = costs.values.get(plan["choice"])
        need(value is not None and value.size == 1 and value.kind != "text", "choice is no number")
        need(count > 0, "there are no labels to choose from")
    elif plan["threshold"] is not None:
        need(count == 2 and first.size == 1, "a threshold is for one number and two labels")
    elif count:
        need(first.size == count, f"there are {count} labels, and {first.size} scores")
