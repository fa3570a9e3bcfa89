"""A version is loaded: plan and weights are checked and kept for the session."""

import ctypes
import hashlib

import numpy as np

from plpython.checks import check_fields, check_tensors
from plpython.data import check_length, read_plan
from plpython.interrupts import stop_if_cancelled
from plpython.model import Model

HASHED_AT_ONCE = 2**25  # bytes


def load(version, plan, weights, dtype="float32"):
    """Build the Model of a plan (JSON text) and its block of weights.

    Types: version is the hex sha256 of plan and weights; dtype is what is float32 in the plan:
    float32, or float64 for reference, where only its casts round.
    Raises: ValueError, when plan or weights are not those that version names, or the plan is none.
    """
    check_length(plan)
    digest = hashlib.sha256(plan.encode("utf-8"))
    for start in range(0, len(weights), HASHED_AT_ONCE):
        stop_if_cancelled()
        digest.update(memoryview(weights)[start : start + HASHED_AT_ONCE])
    if digest.hexdigest() != version:
        raise ValueError(
            f"the stored plan and weights of version {version[:12]} were altered:"
            f" their digest is {digest.hexdigest()[:12]}; deploy its file again"
        )
    try:
        parsed = read_plan(plan)
        check_fields(parsed)
        check_tensors(parsed["tensors"], weights)
        return Model(parsed, read_tensors(parsed["tensors"], weights, "float32"), dtype)
    except ValueError as error:
        raise ValueError(f"the plan of version {version[:12]} cannot be run: {error}") from error


def read_tensors(entries, weights, dtype):
    """The tensors of a plan, as views of the block where their type is what it holds.

    An entry is [name, where it begins, shape]: float32, in units of four bytes; or that and the
    type, "f8" or "i4".
    """
    tensors = []
    for _, start, shape, *code in entries:
        stored = np.dtype("<" + (code[0] if code else "f4"))
        tensor = np.ndarray(tuple(shape), stored, weights, 4 * start)
        tensors.append(tensor if code else tensor.astype(dtype, copy=False))
    return tensors


def acting_role(memory):
    """The OID of the role whose rights are in force, SECURITY DEFINER's owner in one of his
    functions. The server itself is asked: a query would take a hundred times as long, and see the
    head.
    """
    if "export_model role" not in memory:
        ask = ctypes.PyDLL(None).GetUserId
        ask.restype = ctypes.c_uint32
        memory["export_model role"] = ask
    return memory["export_model role"]()


def keep(memory, version, model):
    """Keep a model for later calls of the session by the same role: others do not find it, whatever
    version they name.
    """
    memory.setdefault("export_model models", {})[acting_role(memory), version] = model


def take_collected(memory):
    """The weights that this role collected; what others left is forgotten, and none of theirs."""
    weights = memory.pop("export_model weights", b"")
    return weights if memory.pop("export_model collector", None) == acting_role(memory) else b""


def load_into(memory, version, plan, weights):
    """Load a version and keep it; weights that are None were collected before, piece by piece."""
    if version is None or plan is None:
        raise ValueError("the version and its plan must not be NULL")
    keep(
        memory, version, load(version, plan, take_collected(memory) if weights is None else weights)
    )
