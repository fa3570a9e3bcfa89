"""What pickles call and build: a few calls are computed, of all others a record is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from exporter.errors import ArchiveError
from exporter.formats.sklearn.arrays import make_array, make_dtype, make_scalar
from exporter.formats.sklearn.inert import Name, Record
from exporter.formats.sklearn.machine import Build, Machine

RENAMED = {"__builtin__": "builtins", "copy_reg": "copyreg", "numpy.core": "numpy._core"}


def find_name(module: Any, name: Any) -> Name:
    """A class or function, by the name that it has today."""
    if not isinstance(module, str) or not isinstance(name, str):
        raise ArchiveError("the pickle names a class by what is no text.")
    module = RENAMED.get(module, module)
    if module.startswith("numpy.core."):
        module = "numpy._core." + module.removeprefix("numpy.core.")
    return Name(module, name)


def call(machine: Machine, function: Any, args: Any) -> None:
    """What a call gives: a few are computed, of all others a record is kept."""
    if not isinstance(args, tuple):
        raise ArchiveError("the pickle calls with arguments that are none.")
    if not isinstance(function, Name):  # of what a call gave
        machine.push(Record("", "", (function, *args)))
        return
    known = CALLS.get(str(function))
    machine.push(Record(function.module, function.name, args) if known is None
              else known(machine, *args))  # fmt: skip


def build(machine: Machine) -> None:
    """Give a record its state; some become an array, a type, or what builders make."""
    state = machine.stack.pop()
    record = machine.stack[-1]
    if not isinstance(record, Record):
        raise ArchiveError("the pickle gives a state to what has none.")
    maker = BUILDS.get(str(record)) or machine.builders.get(str(record))
    made = None if maker is None else maker(machine, record, state)
    if made is not None:
        machine.stack[-1] = made
        for place in machine.places.pop(record, ()):
            machine.memo[place] = made
        return
    if record.state is not None:
        raise ArchiveError("the pickle gives an object its state twice.")
    record.state = state


# The calls that are computed; each takes the machine and the arguments.


def _reconstruct_object(machine: Machine, cls: Any, base: Any = None, state: Any = None) -> Any:
    """copyreg._reconstructor: an object of protocols 0 and 1."""
    if not isinstance(cls, Name):
        raise ArchiveError("the pickle makes an object of what is no class.")
    record = Record(cls.module, cls.name)
    if isinstance(state, dict):
        record.pairs = state
    elif isinstance(state, list):
        record.items = state
    elif state is not None:
        record.args = (state,)
    return record


def _new_object(machine: Machine, cls: Any, *args: Any) -> Any:
    """copyreg.__newobj__."""
    if not isinstance(cls, Name):
        raise ArchiveError("the pickle makes an object of what is no class.")
    return Record(cls.module, cls.name, args)


def new_object(machine: Machine, cls: Any, args: Any = (), named: Any = None) -> Any:
    """copyreg.__newobj_ex__."""
    if not isinstance(args, tuple):
        raise ArchiveError("the pickle calls with arguments that are none.")
    return _new_object(machine, cls, *args, *([named] if named else []))


def _dictionary(machine: Machine, *args: Any) -> dict[Any, Any]:
    """OrderedDict and its kind: empty, or from pairs."""
    pairs = args[0] if args and isinstance(args[0], list) else []
    if len(args) > 1 or not all(isinstance(p, (list, tuple)) and len(p) == 2 for p in pairs):
        raise ArchiveError("a dictionary in the pickle is made of what are no pairs.")
    machine.budget.spend(64 * len(pairs))
    return {machine.check_key(key): value for key, value in pairs}


def _default_dictionary(machine: Machine, *args: Any) -> dict[Any, Any]:
    return {}


def _set(machine: Machine, *args: Any) -> set[Any]:
    items = args[0] if args else []
    if len(args) > 1 or not isinstance(items, (list, tuple, set)):
        raise ArchiveError("a set in the pickle is made of what is no list.")
    machine.budget.spend(64 * len(items))
    return {machine.check_key(item) for item in items}


def _frozen_set(machine: Machine, *args: Any) -> frozenset[Any]:
    return frozenset(_set(machine, *args))


def _bytes(machine: Machine, *args: Any) -> Any:
    """bytes(), as protocols 0 to 2 write an empty one; nothing else is made."""
    return Record("builtins", "bytes", args) if args else b""


def _encode(machine: Machine, *args: Any) -> Any:
    """_codecs.encode(text, "latin1"), as protocols 0 to 2 write bytes; no other codec is used."""
    if len(args) != 2 or not isinstance(args[0], str) or args[1] not in ("latin1", "latin-1"):
        return Record("_codecs", "encode", args)
    machine.budget.spend(len(args[0]))
    return args[0].encode("latin-1")


def _scalar(machine: Machine, *args: Any) -> Any:
    dtype = args[0] if args else None
    if len(args) != 2 or not isinstance(dtype, np.dtype):
        return Record("numpy._core.multiarray", "scalar", args)
    return make_scalar(dtype, args[1])


def _from_buffer(machine: Machine, *args: Any) -> Any:
    """An array of protocol 5: its bytes, type, shape and order."""
    if len(args) != 4 or not isinstance(args[1], np.dtype):
        return Record("numpy._core.numeric", "_frombuffer", args)
    return make_array(args[2], args[1], args[3] == "F", args[0], machine.budget)


def _ufunc(machine: Machine, *args: Any) -> Any:
    """The name of a function of numpy, as older ones write it: its module and name."""
    if len(args) != 2 or not all(isinstance(text, str) for text in args):
        return Record("numpy._core", "_ufunc_reconstruct", args)
    return Name(*args)


CALLS: dict[str, Callable[..., Any]] = {
    "copyreg._reconstructor": _reconstruct_object,
    "copyreg.__newobj__": _new_object,
    "copyreg.__newobj_ex__": new_object,
    "collections.OrderedDict": _dictionary,
    "collections.defaultdict": _default_dictionary,
    "builtins.set": _set,
    "builtins.frozenset": _frozen_set,
    "builtins.bytes": _bytes,
    "_codecs.encode": _encode,
    "numpy._core._ufunc_reconstruct": _ufunc,
    "numpy._core.multiarray.scalar": _scalar,
    "numpy._core.numeric._frombuffer": _from_buffer,
}


def _build_dtype(machine: Machine, record: Record, state: Any) -> Any:
    return make_dtype(record.args, state)


def _build_array(machine: Machine, record: Record, state: Any) -> Any:
    """An array of protocols 0 to 4: version, shape, type, order and data."""
    parts = state[-4:] if isinstance(state, tuple) and len(state) in (4, 5) else (None,) * 4
    if not isinstance(parts[1], np.dtype):
        return None  # of a type that no model needs
    return make_array(parts[0], parts[1], bool(parts[2]), parts[3], machine.budget)


BUILDS: dict[str, Build] = {
    "numpy.dtype": _build_dtype,
    "numpy._core.multiarray._reconstruct": _build_array,
}
