"""The opcodes of pickles, protocols 0 to 5: what each does to the machine."""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Callable
from typing import Any

from exporter.errors import ArchiveError
from exporter.formats.sklearn.calls import build, call, find_name, new_object
from exporter.formats.sklearn.inert import ByteText
from exporter.formats.sklearn.machine import ENDS, Machine

MAX_DECIMALS = 4_000  # of a number written in decimals
ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|.?)", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t"} | {c: c for c in (b"\\", b"'", b'"')}
PERSISTENT = (
    "the pickle refers to something that is kept outside of it (a persistent id)."
    " Save the model with joblib.dump or pickle.dump."
)
EXTENSION = "the pickle refers to Python's extension registry, which no model does."
OUT_OF_BAND = (
    "the pickle's arrays are kept outside of it (protocol 5 with a buffer_callback)."
    " Save the model with joblib.dump or pickle.dump alone."
)


def _refuse(text: str) -> Callable[..., Any]:
    def step(machine: Machine) -> None:
        raise ArchiveError(text)

    return step


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
    machine.push(find_name(module, machine.line().decode("utf-8")))


def _stack_global(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.push(find_name(module, name))


def _reduce(machine: Machine) -> None:
    args, function = machine.stack.pop(), machine.stack.pop()
    call(machine, function, args)


def _newobj(machine: Machine) -> None:
    args, cls = machine.stack.pop(), machine.stack.pop()
    machine.push(new_object(machine, cls, args))


def _newobj_ex(machine: Machine) -> None:
    named, args, cls = machine.stack.pop(), machine.stack.pop(), machine.stack.pop()
    machine.push(new_object(machine, cls, args, named))


def _inst(machine: Machine) -> None:
    module = machine.line().decode("utf-8")
    function = find_name(module, machine.line().decode("utf-8"))
    args = tuple(machine.since_mark())
    call(machine, function, args)


def _obj(machine: Machine) -> None:
    function, *args = machine.since_mark()
    call(machine, function, tuple(args))


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
    machine.push(ByteText.of(ESCAPE.sub(_unescape, text[1:-1])))


def _unescape(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    if len(escape) == 3:
        return bytes([int(escape[1:], 16)])
    return ESCAPES[escape]  # repr() writes no others: they are damage


def _old_text(form: str) -> Callable[[Machine], None]:
    def step(machine: Machine) -> None:
        machine.push(ByteText.of(machine.take(machine.number(form))))

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
    b"b": build,
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
