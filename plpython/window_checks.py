"""A plan's window is checked once, when it is loaded, against its inputs, outputs and steps."""

import math

from plpython.checks import (
    _COLUMNS,
    _DTYPE,
    _SHAPE,
    MOST_STEPS_OF_PLAN,
    Costs,
    input_values,
)
from plpython.data import a_number, check_object, list_of, one_of, tuple_of, whole
from plpython.values import need

_WINDOW = {
    "length": whole(1, 10**6),
    "step": whole(1, 10**6),
    "padding": tuple_of(one_of("before", "after"), a_number),
    "columns": _COLUMNS,
    "targets": list_of(tuple_of(whole(0, 2**16), a_number, a_number), 2**16),
    "steps": whole(1, MOST_STEPS_OF_PLAN),
    "row": lambda value: None if type(value) is dict else "an object",
}


def check_window(plan):
    """Refuse a window that the model's inputs are not."""
    window = plan["window"]
    check_object("the window", window, _WINDOW, ("length", "step"))
    need(
        ("steps" in window) == ("row" in window), "the window has steps and no row, or the reverse"
    )
    length = window["length"]
    for port in plan["inputs"]:
        shape = port["shape"]
        need(shape and "columns" not in port, "an input is no window of rows")
        fine = shape[0] is not None and shape[0] % length == 0
        fine = fine if len(shape) == 1 else shape[0] in (None, length) and None not in shape[1:]
        need(fine, f"an input is no window of {length} rows")
    if "row" in window:
        _check_row_steps(plan, window)
    else:
        (port,) = plan["inputs"] if len(plan["inputs"]) == 1 else (None,)
        need(port is not None and port.get("dtype") != "text", "rows are of one input of numbers")
    if "columns" in window:
        count = len(window["columns"])
        places = sorted(column[3] for column in window["columns"])
        need(places == list(range(count)), "the places of columns are not 0, 1, ...")
        widths = {"text": 0, "numbers": 0}
        for port in plan["inputs"]:
            shape = port["shape"]
            width = shape[0] // length if len(shape) == 1 else math.prod(shape[1:])
            widths["text" if port.get("dtype") == "text" else "numbers"] += width
        are_texts = sum(column[1] == "text" for column in window["columns"])
        fine = (are_texts, count - are_texts) == (widths["text"], widths["numbers"])
        need(fine, "columns are not as many as a row has elements")
        dtypes = [port.get("dtype") == "text" for port in plan["inputs"]]
        need(len(set(dtypes)) == len(dtypes), "two inputs of a kind have no columns of their own")
    targets = window.get("targets", [])
    for place, _, _ in targets:
        need(place < len(window.get("columns", [])), "a target is no column")
    given = [math.prod(n or 0 for n in port["shape"]) for port in plan["outputs"]]
    need(len(targets) in (0, 1, sum(given)), "targets are not as many as the model gives numbers")


def _check_row_steps(plan, window):
    """Refuse steps of rows that are not fold_time of each input, what is done to rows, and then
    unfold_time."""
    check_object("the window's row", window["row"], {"shape": _SHAPE, "dtype": _DTYPE}, ("shape",))
    count = window["steps"]
    need(count <= len(plan["steps"]), "the window has more steps than the plan")
    *own, last = plan["steps"][:count]
    fine = last["kernel"] == "unfold_time" and len(last["inputs"]) == 2 and len(own) > 0
    need(fine, "the window's last step is no unfold_time")
    inputs = set(range(len(plan["inputs"])))
    known: set = set()
    for step in own:
        folds = step["kernel"] == "fold_time"
        fine = len(step["inputs"]) == 1 and step["inputs"][0] in inputs if folds else True
        need(fine and step["kernel"] != "unfold_time", "the window's steps fold other things")
        need(folds or set(step["inputs"]) <= known, "a step of rows takes what is no row")
        known.add(step["output"])
    need(last["inputs"][0] in known and last["inputs"][1] in inputs, "the window's rows are lost")
    others = {slot for step in plan["steps"][count:] for slot in step["inputs"]}
    others.update(port["value"] for port in plan["outputs"])
    others.update([plan["choice"]] if "choice" in plan else [])
    need(not others & (inputs | known), "a step of windows takes what is no window")


def row_costs(plan, tensors):
    """What the steps of a window's row cost, for each row by itself.

    Raises: ValueError, for a row that is of another shape than the window says.
    """
    window = plan["window"]
    *steps, last = plan["steps"][: window["steps"]]
    rows = input_values([{**port, "shape": port["shape"][1:]} for port in plan["inputs"]], 1)
    folds = [step for step in steps if step["kernel"] == "fold_time"]
    values = {step["output"]: rows[step["inputs"][0]] for step in folds}
    own = [step for step in steps if step["kernel"] != "fold_time"]
    costs = Costs(own, tensors, values, last["inputs"][:1])
    value, row = costs.values[last["inputs"][0]], window["row"]
    kind = "f8" if row.get("dtype") == "float64" else "f4"
    need(list(value.shape) == row["shape"] and value.kind == kind, "the window's row is another")
    return costs
