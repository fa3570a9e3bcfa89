"""A reader of pickles, protocols 0 to 5, that imports nothing and calls nothing.

It is the stack machine of the pickle format with one difference: where Python's would look a class
up it makes a Name, and where it would call one a Record. The few calls that every model holds
(dictionaries, sets, arrays and numbers of numpy) are computed here from their arguments.
"""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from exporter.errors import ArchiveError
from exporter.formats.sklearn.arrays import make_array, make_dtype, make_scalar
from exporter.formats.sklearn.inert import Budget, ByteText, Name, Record

MAX_STEPS = 50_000_000  # opcodes: some seconds
MAX_MARKS = 10_000
MAX_KEY_DEPTH = 3  # of tuples that are keys
MAX_KEY_LENGTH = 16
MAX_TUPLE_KEYS = 10_000  # whose hashes a file could make collide
MAX_KEY_NUMBER = 2**64
MAX_DECIMALS = 4_000  # of a number written in decimals
ESCAPE = re.compile(rb"\\\\(x[0-9a-fA-F]{2}|[^x])")
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
RENAMED = {"__builtin__": "builtins", "copy_reg": "copyreg", "numpy.core": "numpy._core"}
ENDS = "the file is damaged or not complete: it ends in the middle of a pickle."
DAMAGE = (
    IndexError, KeyError, ValueError, TypeError, OverflowError, RecursionError, MemoryError,
    UnicodeError, struct.error,
)  # fmt: skip

Build: TypeAlias = "Callable[[Machine, Record, Any], Any]"


def read_pickle(content: bytes | memoryview, builders: dict[str, Build] | None = None) -> Any:
    """The value that a pickle describes.

    builders make something else of a Record of a class of this name (module.name) when it is
    given its state; they may read on in the content.

    Raises: ArchiveError, when it is damaged, holds what has no meaning by itself, or is too much.
    """
    machine = Machine(content, 0, Budget(), builders or {})
    value = machine.run()
    if machine.position < len(content):
        raise ArchiveError(
            "the file holds more than one pickle, one behind the other."
            " Save the whole model as one object: a Pipeline of its steps."
        )
    return value


class Machine:
    """The stack, the marks on it, the memo, and where in the content the next opcode is."""

    def __init__(
        self, content: bytes | memoryview, position: int, budget: Budget, builders: dict[str, Build]
    ) -> None:
        self.content = memoryview(content)
        self.position = position
        self.budget = budget
        self.builders = builders
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.places: dict[Record, list[int]] = {}  # of those in the memo, which may become others
        self.tuple_keys = 0

    def run(self) -> Any:
        """Follow the opcodes to the end of the pickle; position is behind it then."""
        try:
            for _ in range(MAX_STEPS):
                code = self.content[self.position]
                self.position += 1
                if code == STOP:
                    return self.stack.pop()
                step = STEPS[code]
                if step is None:
                    raise ArchiveError(
                        f"the file is damaged, or no pickle: byte {code} at {self.position - 1:,}"
                        " is no opcode."
                    )
                step(self)
        except DAMAGE as error:
            if self.position >= len(self.content):
                raise ArchiveError(ENDS) from error
            raise ArchiveError(
                f"the pickle is damaged at byte {self.position:,} ({type(error).__name__})."
            ) from error
        raise ArchiveError(f"the pickle has more than {MAX_STEPS:,} steps.")

    def take(self, count: int) -> bytes:
        """The next bytes."""
        end = self.position + count
        if count < 0 or end > len(self.content):
            raise ArchiveError(ENDS)
        self.budget.spend(count)
        data = bytes(self.content[self.position : end])
        self.position = end
        return data

    def line(self) -> bytes:
        """The bytes up to the end of the line."""
        window = 256
        while True:
            part = bytes(self.content[self.position : self.position + window])
            end = part.find(b"\n")
            if end >= 0:
                self.position += end + 1
                return part[:end]
            if self.position + window >= len(self.content):
                raise ArchiveError(ENDS)
            window *= 4

    def number(self, form: str) -> Any:
        """A number of the stream, in struct's notation."""
        (value,) = struct.unpack_from(form, self.content, self.position)
        self.position += struct.calcsize(form)
        return value

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def mark(self) -> None:
        """Begin a list of operands."""
        if len(self.below) >= MAX_MARKS:
            raise ArchiveError("the pickle is nested too deeply.")
        self.below.append(self.stack)
        self.stack = []

    def since_mark(self) -> list[Any]:
        """Everything since the last mark, which goes."""
        items = self.stack
        self.stack = self.below.pop()
        return items

    def remember(self, place: int) -> None:
        """Put the top of the stack into the memo."""
        value = self.stack[-1]
        self.memo[place] = value
        if isinstance(value, Record):
            self.places.setdefault(value, []).append(place)

    def call(self, function: Any, args: Any) -> None:
        """What a call gives: a few are computed, of all others a record is kept."""
        if not isinstance(args, tuple):
            raise ArchiveError("the pickle calls with arguments that are none.")
        if not isinstance(function, Name):  # of what a call gave
            self.push(Record("", "", (function, *args)))
            return
        known = CALLS.get(str(function))
        self.push(Record(function.module, function.name, args) if known is None
                  else known(self, *args))  # fmt: skip

    def build(self) -> None:
        """Give a record its state; some become an array, a type, or what builders make."""
        state = self.stack.pop()
        record = self.stack[-1]
        if not isinstance(record, Record):
            raise ArchiveError("the pickle gives a state to what has none.")
        maker = BUILDS.get(str(record)) or self.builders.get(str(record))
        made = None if maker is None else maker(self, record, state)
        if made is not None:
            self.stack[-1] = made
            for place in self.places.pop(record, ()):
                self.memo[place] = made
            return
        if record.state is not None:
            raise ArchiveError("the pickle gives an object its state twice.")
        record.state = state

    def check_key(self, key: Any, depth: int = 0) -> Any:
        """A key of a dictionary or element of a set, of a kind whose hash costs little.

        Raises: ArchiveError, for other ones.
        """
        if isinstance(key, (tuple, frozenset)):
            self.tuple_keys += 1
            fits = len(key) <= MAX_KEY_LENGTH and depth < MAX_KEY_DEPTH
            if fits and self.tuple_keys <= MAX_TUPLE_KEYS:
                for item in key:
                    self.check_key(item, depth + 1)
                return key
        elif isinstance(key, int):
            if abs(key) <= MAX_KEY_NUMBER:
                return key
        elif key is None or isinstance(key, (str, bytes, float, Name, Record, np.generic)):
            return key
        raise ArchiveError("a dictionary or set in the pickle has a key that no model has.")

    def append(self, target: Any, items: list[Any]) -> None:
        """Add elements to a list, a set, or a record of a subclass of list."""
        if isinstance(target, set):
            target.update([self.check_key(item) for item in items])
        elif isinstance(target, (list, Record)):
            (target.items if isinstance(target, Record) else target).extend(items)
        else:
            raise ArchiveError("the pickle appends to what is no list.")

    def set_items(self, target: Any, items: list[Any]) -> None:
        """Add pairs to a dictionary, or a record of a subclass of dict."""
        if not isinstance(target, (dict, Record)) or len(items) % 2:
            raise ArchiveError("the pickle sets keys of what is no dictionary.")
        pairs = target.pairs if isinstance(target, Record) else target
        for place in range(0, len(items), 2):
            pairs[self.check_key(items[place])] = items[place + 1]


def _name(module: Any, name: Any) -> Name:
    if not isinstance(module, str) or not isinstance(name, str):
        raise ArchiveError("the pickle names a class by what is no text.")
    module = RENAMED.get(module, module)
    if module.startswith("numpy.core."):
        module = "numpy._core." + module.removeprefix("numpy.core.")
    return Name(module, name)


def _refuse(text: str) -> Callable[..., Any]:
    def step(machine: Machine) -> None:
        raise ArchiveError(text)

    return step


# The calls that are computed here; each takes the machine and the arguments.


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


def _new_object_ex(machine: Machine, cls: Any, args: Any = (), named: Any = None) -> Any:
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
    "copyreg.__newobj_ex__": _new_object_ex,
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


# The opcodes.


def _protocol(machine: Machine) -> None:
    version = machine.number("<B")
    if version > 5:
        raise ArchiveError(
            f"the pickle has protocol {version}, which is newer than this program."
            " Save the model with protocol=5."
        )


def _frame(machine: Machine) -> None:
    if machine.number("<Q") > len(machine.content):
        raise ArchiveError(ENDS)


def _global(machine: Machine) -> None:
    module = machine.line().decode("utf-8")
    machine.push(_name(module, machine.line().decode("utf-8")))


def _stack_global(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.push(_name(module, name))


def _reduce(machine: Machine) -> None:
    args, function = machine.stack.pop(), machine.stack.pop()
    machine.call(function, args)


def _newobj(machine: Machine) -> None:
    args, cls = machine.stack.pop(), machine.stack.pop()
    machine.push(_new_object_ex(machine, cls, args))


def _newobj_ex(machine: Machine) -> None:
    named, args, cls = machine.stack.pop(), machine.stack.pop(), machine.stack.pop()
    machine.push(_new_object_ex(machine, cls, args, named))


def _inst(machine: Machine) -> None:
    module = machine.line().decode("utf-8")
    function = _name(module, machine.line().decode("utf-8"))
    args = tuple(machine.since_mark())
    machine.call(function, args)


def _obj(machine: Machine) -> None:
    function, *args = machine.since_mark()
    machine.call(function, tuple(args))


def _decimal(machine: Machine) -> None:
    text = machine.line()
    machine.push(text == b"01" if text in (b"00", b"01") else _whole(text))


def _whole(text: bytes) -> int:
    if len(text) > MAX_DECIMALS:
        raise ArchiveError("the pickle holds a number that is too long.")
    return int(text.rstrip(b"L"))


def _float_text(machine: Machine) -> None:
    machine.push(float(machine.line()))


def _long(form: str) -> Callable[[Machine], None]:
    def step(machine: Machine) -> None:
        machine.push(int.from_bytes(machine.take(machine.number(form)), "little", signed=True))

    return step


def _number(form: str) -> Callable[[Machine], None]:
    size = struct.calcsize(form)
    read = struct.Struct(form).unpack_from

    def step(machine: Machine) -> None:
        machine.stack.append(read(machine.content, machine.position)[0])
        machine.position += size

    return step


def _constant(value: Any) -> Callable[[Machine], None]:
    return lambda machine: machine.stack.append(value)


def _quoted(machine: Machine) -> None:
    """A Python 2 str as its repr()."""
    text = machine.line()
    if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in (b"'", b'"'):
        raise ArchiveError("the pickle holds a text without its quotes.")
    machine.push(ByteText(ESCAPE.sub(_unescape, text[1:-1]).decode("latin-1")))


def _unescape(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    if escape.startswith(b"x"):
        return bytes([int(escape[1:], 16)])
    return ESCAPES.get(escape, escape)


def _old_text(form: str) -> Callable[[Machine], None]:
    def step(machine: Machine) -> None:
        machine.push(ByteText(machine.take(machine.number(form)).decode("latin-1")))

    return step


def _unicode_line(machine: Machine) -> None:
    machine.push(codecs.raw_unicode_escape_decode(machine.line())[0])


def _text(form: str) -> Callable[[Machine], None]:
    def step(machine: Machine) -> None:
        machine.push(machine.take(machine.number(form)).decode("utf-8", "surrogatepass"))

    return step


def _data(form: str) -> Callable[[Machine], None]:
    def step(machine: Machine) -> None:
        machine.push(machine.take(machine.number(form)))

    return step


def _tuple(count: int) -> Callable[[Machine], None]:
    def step(machine: Machine) -> None:
        items = machine.stack[len(machine.stack) - count :]
        if len(items) < count:
            raise ArchiveError("the pickle takes more from its stack than there is.")
        del machine.stack[len(machine.stack) - count :]
        machine.push(tuple(items))

    return step


def _marked_tuple(machine: Machine) -> None:
    items = tuple(machine.since_mark())
    machine.push(items)


def _marked_list(machine: Machine) -> None:
    items = machine.since_mark()
    machine.push(items)


def _marked_dict(machine: Machine) -> None:
    items = machine.since_mark()
    machine.push({})
    machine.set_items(machine.stack[-1], items)


def _marked_frozenset(machine: Machine) -> None:
    items = machine.since_mark()
    machine.push(frozenset([machine.check_key(item) for item in items]))


def _append(machine: Machine) -> None:
    item = machine.stack.pop()
    machine.append(machine.stack[-1], [item])


def _appends(machine: Machine) -> None:
    items = machine.since_mark()
    machine.append(machine.stack[-1], items)


def _set_item(machine: Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.set_items(machine.stack[-1], [key, value])


def _set_items(machine: Machine) -> None:
    items = machine.since_mark()
    machine.set_items(machine.stack[-1], items)


def _pop(machine: Machine) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.since_mark()


def _pop_mark(machine: Machine) -> None:
    machine.since_mark()


def _get(form: str) -> Callable[[Machine], None]:
    def step(machine: Machine) -> None:
        place = _whole(machine.line()) if form == "line" else machine.number(form)
        machine.stack.append(machine.memo[place])

    return step


def _put(form: str) -> Callable[[Machine], None]:
    def step(machine: Machine) -> None:
        machine.remember(_whole(machine.line()) if form == "line" else machine.number(form))

    return step


PERSISTENT = (
    "the pickle refers to something that is kept outside of it (a persistent id)."
    " Save the model with joblib.dump or pickle.dump."
)
EXTENSION = "the pickle refers to Python's extension registry, which no model does."
OUT_OF_BAND = (
    "the pickle's arrays are kept outside of it (protocol 5 with a buffer_callback)."
    " Save the model with joblib.dump or pickle.dump alone."
)
STOP = ord(".")
OPCODES: dict[bytes, Callable[[Machine], None]] = {
    b"\x80": _protocol,
    b"\x95": _frame,
    b"c": _global,
    b"\x93": _stack_global,
    b"R": _reduce,
    b"\x81": _newobj,
    b"\x92": _newobj_ex,
    b"i": _inst,
    b"o": _obj,
    b"b": Machine.build,
    b"(": Machine.mark,
    b"0": _pop,
    b"1": _pop_mark,
    b"2": lambda machine: machine.push(machine.stack[-1]),
    b"I": _decimal,
    b"L": _decimal,
    b"J": _number("<i"),
    b"K": _number("<B"),
    b"M": _number("<H"),
    b"\x8a": _long("<B"),
    b"\x8b": _long("<i"),
    b"F": _float_text,
    b"G": _number(">d"),
    b"N": _constant(None),
    b"\x88": _constant(True),
    b"\x89": _constant(False),
    b"S": _quoted,
    b"T": _old_text("<i"),
    b"U": _old_text("<B"),
    b"V": _unicode_line,
    b"X": _text("<I"),
    b"\x8c": _text("<B"),
    b"\x8d": _text("<Q"),
    b"B": _data("<I"),
    b"C": _data("<B"),
    b"\x8e": _data("<Q"),
    b"\x96": _data("<Q"),
    b")": _constant(()),
    b"\x85": _tuple(1),
    b"\x86": _tuple(2),
    b"\x87": _tuple(3),
    b"t": _marked_tuple,
    b"]": lambda machine: machine.push([]),
    b"l": _marked_list,
    b"}": lambda machine: machine.push({}),
    b"d": _marked_dict,
    b"\x8f": lambda machine: machine.push(set()),
    b"\x91": _marked_frozenset,
    b"a": _append,
    b"e": _appends,
    b"\x90": _appends,
    b"s": _set_item,
    b"u": _set_items,
    b"g": _get("line"),
    b"h": _get("<B"),
    b"j": _get("<I"),
    b"p": _put("line"),
    b"q": _put("<B"),
    b"r": _put("<I"),
    b"\x94": lambda machine: machine.remember(len(machine.memo)),
    b"P": _refuse(PERSISTENT),
    b"Q": _refuse(PERSISTENT),
    b"\x82": _refuse(EXTENSION),
    b"\x83": _refuse(EXTENSION),
    b"\x84": _refuse(EXTENSION),
    b"\x97": _refuse(OUT_OF_BAND),
    b"\x98": _refuse(OUT_OF_BAND),
}
STEPS = [OPCODES.get(bytes([code])) for code in range(256)]
