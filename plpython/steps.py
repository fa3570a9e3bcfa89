"""The steps of a plan become closures, once a session."""

import collections

import numpy as np

from plpython.activations import FRESH, _sigmoid_of_negated
from plpython.interrupts import stop_if_cancelled
from plpython.tables import KERNELS

# Kernels that give a row by itself as they give it among others, and refuse none.
ONE_BY_ONE = ("activation", "affine", "cast", "clip", "log_softmax", "prelu", "softmax",
              "sparsemax", "standardize", "unary")  # fmt: skip


def _compile(plan, tensors, dtype):
    """Steps as (function, input slots, output slot, slots not needed afterwards), and what they are
    made of: (kernel, parameters with tensors, function).

    A dense layer has its weights negated where all that needs its result is a sigmoid, whose
    function is _sigmoid_of_negated then.
    """
    # How often a tensor is used: one that is used once, in memory of our own, is negated in place.
    uses = [2 * (not tensor.flags.writeable) for tensor in tensors]
    for step in plan["steps"]:
        for number in step["tensors"].values():
            uses[number] += 1
    kept = {port["value"] for port in plan["outputs"]}
    kept.update([plan["choice"]] if "choice" in plan else [])
    overwritten = _find_overwritten(plan["steps"], kept)
    negated = set()
    last_use = {}
    for position, step in enumerate(plan["steps"]):
        for slot in [*step["inputs"], step["output"]]:
            last_use[slot] = position
    used_up: list = [[] for _ in plan["steps"]]
    for slot, position in last_use.items():
        if slot not in kept:
            used_up[position].append(slot)
    steps, layers = [], []
    for position, step in enumerate(plan["steps"]):
        parameters = dict(step["parameters"])
        parameters.update({name: tensors[number] for name, number in step["tensors"].items()})
        if overwritten.get(step["output"]) == "sigmoid" and step["kernel"] == "dense":
            parameters = {
                name: np.negative(tensor, tensor if uses[step["tensors"][name]] == 1 else None)
                for name, tensor in parameters.items()
            }
            negated.add(step["output"])
        if step["kernel"] == "cast":
            parameters["single"] = dtype
        if step["kernel"] == "activation":
            parameters["overwrites"] = step["inputs"][0] in overwritten
        call = KERNELS[step["kernel"]](**parameters)
        if negated.intersection(step["inputs"]):
            call = _sigmoid_of_negated
        steps.append((call, step["inputs"], step["output"], used_up[position]))
        layers.append((step["kernel"], parameters, call))
    return steps, layers


def run_steps(steps, values):
    """Go through compiled steps; values, by slot, gets their results and loses what is used up.

    Between two steps it looks whether the statement is to end.
    """
    with np.errstate(all="ignore"):
        for step in steps:
            stop_if_cancelled()
            walk_steps((step,), values)
    return values


def walk_steps(steps, values):
    """run_steps() for one that has told numpy already to be silent, which costs a row 2 us, and
    that is done soon."""
    for call, sources, target, finished in steps:
        if len(sources) == 1:  # a list for each step would cost a row as much as its arithmetic
            values[target] = call(values[sources[0]])
        else:
            values[target] = call(*[values[source] for source in sources])
        for slot in finished:
            values.pop(slot, None)
    return values


def find_steps(steps, slots, choice):
    """Those of the compiled steps that the values in these slots need, and those whose value nobody
    reads: they are there to refuse rows. choice is the slot of another result, or None."""
    needed = set(slots)
    read = {slot for step in steps for slot in step[1]} | {choice}
    found = []
    for step in reversed(steps):
        if step[2] in needed or step[2] not in read:
            needed.update(step[1])
            found.append(step)
    return found[::-1]


def are_chain(model):
    """Whether a loaded model's steps, for single rows, may be vectors: one behind the other, from
    an input of numbers on, and fast enough not to look between them whether to end."""
    ends = [0, *(step[2] for step in model.steps)]
    is_chain = [step[1] for step in model.steps] == [[end] for end in ends[:-1]]
    is_chain = is_chain and model.result_slots == ends[-1:] and len(model.inputs) == 1
    if not is_chain or not model.sizes[0] or model.is_slow or model.dtype != np.float32:
        return False
    kernels = {kernel for kernel, _, _ in model.layers}
    return model.inputs[0].get("dtype") != "text" and kernels <= {"dense", "reshape", *ONE_BY_ONE}


def _find_overwritten(steps, kept):
    """{slot: activation} for values that it alone needs and that share memory with nothing."""
    uses = collections.Counter(slot for step in steps for slot in step["inputs"])
    fresh = {step["output"] for step in steps if step["kernel"] in FRESH} - kept
    return {
        step["inputs"][0]: step["parameters"]["function"]
        for step in steps
        if step["kernel"] == "activation"
        and not step["parameters"]["parameters"]
        and step["inputs"][0] in fresh
        and uses[step["inputs"][0]] == 1
    }
