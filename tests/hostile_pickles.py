"""Files that a hostile person would send: what each tries to do, by name.

Those that would run something write the file CANARY when a real unpickler loads them.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import pickletools
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

CANARY = "/tmp/export-model-canary"
COMMAND = f"touch {CANARY}"
CODE = f"open({CANARY!r}, 'w')"


class Calls:
    """Pickled as the call of a function."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.parts = function, args

    def __reduce__(self) -> Any:
        return self.parts


def text(value: str) -> bytes:
    """SHORT_BINUNICODE or BINUNICODE."""
    raw = value.encode()
    if len(raw) < 256:
        return b"\x8c" + bytes([len(raw)]) + raw
    return b"X" + struct.pack("<I", len(raw)) + raw


def call(module: str, name: str, *args: bytes) -> bytes:
    """A function's name, its arguments, REDUCE."""
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n(" + b"".join(args) + b"tR"


def whole(*parts: bytes, protocol: int = 4) -> bytes:
    """A pickle of these opcodes."""
    return b"\x80" + bytes([protocol]) + b"".join(parts) + b"."


def number(value: int) -> bytes:
    """BININT or LONG1."""
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    raw = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


SYSTEM = call("posix", "system", text(COMMAND))
DTYPE = call("numpy", "dtype", text("f8"), number(0), number(1)) + (
    b"(" + number(3) + text("<") + b"NNN" + number(-1) + number(-1) + number(0) + b"tb"
)
OBJECTS = DTYPE.replace(text("f8"), text("O8")).replace(text("<"), text("|"))
EMPTY_ARRAY = call(
    "numpy._core.multiarray", "_reconstruct", b"cnumpy\nndarray\n", b"(K\x00t", b"C\x01b"
)


def array(shape: bytes, dtype: bytes, data: bytes, order: bytes = b"\x89") -> bytes:
    """An array of numpy as protocols 0 to 4 write it."""
    return EMPTY_ARRAY + b"(" + number(1) + shape + dtype + order + data + b"tb"


def joblib_array(*facts: bytes, name: bytes = b"NumpyArrayWrapper") -> bytes:
    """A wrapper of joblib with these facts; its data would follow."""
    head = b"cjoblib.numpy_pickle\n" + name + b"\n)\x81}("
    return head + text("subclass") + b"cnumpy\nndarray\n" + b"".join(facts) + b"ub"


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def skops(schema: Any, compression: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    """A file of skops with this schema."""
    content = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    return zipped({"schema.json": content, **members}, compression)


def node(loader: str, module: str, name: str, **parts: Any) -> dict[str, Any]:
    """A node of skops' schema."""
    return {"__loader__": loader, "__module__": module, "__class__": name, **parts}


def npy(header: str, data: bytes = b"") -> bytes:
    """A .npy file with this header."""
    raw = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(raw)) + raw + data


def stored(file: str, content: bytes) -> bytes:
    """A file of skops that is one array."""
    facts = node("NdArrayNode", "numpy", "ndarray", type="numpy", file=file, protocol=2)
    return skops(facts, **{file: content})


def laughs(depth: int) -> bytes:
    """Lists of ten times the same list, depth times over."""
    return (
        b"](]\x94"
        + b"".join(
            b"(" + b"h" + bytes([n]) + (b"h" + bytes([n])) * 9 + b"l\x94" for n in range(depth)
        )
        + b"l"
    )


def deep(count: int, opcode: bytes) -> bytes:
    """A value in a value, count times."""
    return b"N" + opcode * count


def patched(content: bytes, position: int, value: bytes) -> bytes:
    """The same bytes with some replaced."""
    return content[:position] + value + content[position + len(value) :]


def _nested_json() -> bytes:
    return b'{"__loader__": "ListNode", "content": [' * 100_000


def _big_zip() -> bytes:
    content = skops(b" " * 2**20, zipfile.ZIP_DEFLATED)
    directory = content.rfind(b"PK\x01\x02")
    return patched(content, directory + 24, struct.pack("<I", 2**31))


def _lying_zip() -> bytes:
    """Its directory says that a member has 16 bytes."""
    content = zipped({"schema.json": b"{}" + b" " * 2**20}, zipfile.ZIP_DEFLATED)
    directory = content.rfind(b"PK\x01\x02")
    return patched(content, directory + 24, struct.pack("<I", 16))


class Odd(dict):  # type: ignore[type-arg]
    """A subclass of dict, which pickles as one."""


MAKERS: dict[str, Callable[[], bytes]] = {
    # what runs when it is loaded
    "os.system": lambda: whole(SYSTEM),
    "os.system, protocol 0": lambda: b"cos\nsystem\n(S'" + COMMAND.encode() + b"'\ntR.",
    "nt.system": lambda: whole(call("nt", "system", text(COMMAND))),
    "subprocess.Popen": lambda: whole(
        call("subprocess", "Popen", b"(" + text("touch") + text(CANARY) + b"l")
    ),
    "builtins.eval": lambda: whole(call("builtins", "eval", text(CODE))),
    "builtins.exec": lambda: whole(call("builtins", "exec", text(CODE))),
    "__builtin__.eval of Python 2": lambda: b"c__builtin__\neval\n(V" + CODE.encode() + b"\ntR.",
    "builtins.open": lambda: whole(call("builtins", "open", text(CANARY), text("w"))),
    "io.open": lambda: whole(call("io", "open", text(CANARY), text("w"))),
    "builtins.__import__": lambda: whole(call("builtins", "__import__", text("antigravity"))),
    "importlib": lambda: whole(call("importlib", "import_module", text("this"))),
    "runpy": lambda: whole(call("runpy", "_run_code", text(CODE), b"}")),
    "timeit": lambda: whole(call("timeit", "timeit", text(CODE))),
    "pdb": lambda: whole(call("pdb", "run", text(CODE))),
    "code.InteractiveInterpreter": lambda: whole(
        call("builtins", "getattr", call("code", "InteractiveInterpreter"), text("runcode")),
        b"(",
        text(CODE),
        b"tR",
    ),
    "getattr chain": lambda: whole(
        call("builtins", "getattr", call("builtins", "__import__", text("os")), text("system")),
        b"(",
        text(COMMAND),
        b"tR",
    ),
    "a dotted name": lambda: whole(
        text("os"), text("path.os.system"), b"\x93(", text(COMMAND), b"tR"
    ),
    "STACK_GLOBAL from pieces": lambda: whole(
        call("builtins", "str", text("os")), text("system"), b"\x93(", text(COMMAND), b"tR"
    ),
    "INST": lambda: b"(S'" + COMMAND.encode() + b"'\nios\nsystem\n.",
    "OBJ": lambda: whole(b"(cos\nsystem\n", text(COMMAND), b"o", protocol=1),
    "NEWOBJ": lambda: whole(b"csubprocess\nPopen\n(", text(COMMAND), b"t\x81"),
    "NEWOBJ_EX": lambda: whole(
        b"csubprocess\nPopen\n(", text(COMMAND), b"t}", text("shell"), b"\x88s\x92"
    ),
    "copyreg.__newobj__": lambda: whole(
        call("copyreg", "__newobj__", b"csubprocess\nPopen\n", text(COMMAND))
    ),
    "copyreg._reconstructor": lambda: whole(
        call("copyreg", "_reconstructor", b"cos\nsystem\n", b"cos\nsystem\n", text(COMMAND))
    ),
    "call in an argument of a call": lambda: whole(call("builtins", "list", b"(", SYSTEM, b"l")),
    "call thrown away at once": lambda: whole(SYSTEM, b"0N"),
    "call as a key": lambda: whole(b"}", SYSTEM, b"Ns"),
    "call in a state": lambda: whole(b"csklearn.svm\nSVC\n)\x81", SYSTEM, b"b"),
    "BUILD with __setstate__": lambda: whole(
        b"csklearn.svm\nSVC\n)\x81}",
        text("__setstate__"),
        b"cos\nsystem\ns",
        b"b",
        text(COMMAND),
        b"b",
    ),
    "BUILD of a class": lambda: whole(b"csklearn.svm\nSVC\n}", text("fit"), b"cos\nsystem\nsb"),
    "BUILD of a module": lambda: whole(
        call("builtins", "__import__", text("os")), b"}", text("x"), b"Nsb"
    ),
    "slots state": lambda: whole(b"csklearn.svm\nSVC\n)\x81N}", text("x"), b"Ns\x86b"),
    "functools.partial": lambda: whole(
        b"cfunctools\npartial\n(cos\nsystem\nt\x81(cos\nsystem\n(", text(COMMAND), b"t}Ntb)R"
    ),
    "operator.methodcaller": lambda: whole(
        call("operator", "methodcaller", text("system"), text(COMMAND)),
        b"(",
        call("builtins", "__import__", text("os")),
        b"tR",
    ),
    "map and list": lambda: whole(
        call(
            "builtins", "list", call("builtins", "map", b"cos\nsystem\n", b"(", text(COMMAND), b"l")
        )
    ),
    "types.FunctionType and marshal": lambda: whole(
        call("types", "FunctionType", call("marshal", "loads", b"C\x04abcd"), b"}"), b")R"
    ),
    "cloudpickle function": lambda: whole(
        call("cloudpickle.cloudpickle", "_make_function", b"N", b"}", b"NNN")
    ),
    "pickle.loads in a pickle": lambda: whole(
        call("_pickle", "loads", b"B" + struct.pack("<I", len(whole(SYSTEM))) + whole(SYSTEM))
    ),
    "numpy.load": lambda: whole(call("numpy", "load", text(CANARY), b"N", b"\x88")),
    "numpy f2py": lambda: whole(call("numpy.f2py.crackfortran", "getlincoef", text(CODE), b"}")),
    "numpy.testing": lambda: whole(
        call("numpy.testing._private.utils", "runstring", text(CODE), b"}")
    ),
    "joblib.load": lambda: whole(call("joblib", "load", text(CANARY))),
    "scikit-learn's FunctionTransformer": lambda: whole(
        b"csklearn.preprocessing._function_transformer\nFunctionTransformer\n)\x81}",
        text("func"),
        b"cos\nsystem\nsb",
    ),
    "OrderedDict of a call": lambda: whole(call("collections", "OrderedDict", SYSTEM)),
    "set of a call": lambda: whole(call("builtins", "set", SYSTEM)),
    "defaultdict with a factory": lambda: whole(
        call("collections", "defaultdict", b"cos\nsystem\n"), text("x"), b"Ns"
    ),
    "a subclass of dict": lambda: pickle.dumps(Odd(a=1)),
    "a subclass of str as a name": lambda: whole(call("builtins", "type", text("os")), b")R"),
    # what reaches out of the pickle
    "persistent id": lambda: b"Pos.system\n.",
    "binary persistent id": lambda: whole(text("os.system"), b"Q"),
    "extension registry, 1 byte": lambda: whole(b"\x82\x01"),
    "extension registry, 2 bytes": lambda: whole(b"\x83\x01\x00"),
    "extension registry, 4 bytes": lambda: whole(b"\x84\x01\x00\x00\x00"),
    "buffer out of band": lambda: whole(b"\x97\x98", protocol=5),
    # codecs
    "codecs.decode by zip": lambda: whole(
        call("_codecs", "decode", b"C\x08" + zlib.compress(b""), text("zip"))
    ),
    "codecs.encode by rot13": lambda: whole(call("_codecs", "encode", text("bf"), text("rot13"))),
    "codecs.encode by a codec to import": lambda: whole(
        call("_codecs", "encode", text("x"), text("antigravity"))
    ),
    "codecs.encode latin1 again and again": lambda: whole(
        b"X" + struct.pack("<I", 2**20) + b"a" * 2**20 + b"\x940",
        (b"c_codecs\nencode\n(h\x00" + text("latin1") + b"tR0") * 4000,
        b"N",
    ),
    "a raw escape that is no letter": lambda: b"V\\U0011ffff\n.",
    "a text that is not UTF-8": lambda: whole(b"\x8c\x02\xff\xfe"),
    # sizes
    "billion laughs": lambda: whole(laughs(9)),
    "memo bomb": lambda: whole(
        b"N" + b"".join(b"r" + struct.pack("<I", 2**32 - 1 - n) for n in range(10_000))
    ),
    "tuples that double": lambda: whole(
        b")\x94" + b"".join(b"h" + bytes([n]) + b"h" + bytes([n]) + b"\x86\x94" for n in range(60))
    ),
    "the hash of tuples that double": lambda: whole(
        b"}N\x940"
        + b"".join(b"h" + bytes([n]) + b"h" + bytes([n]) + b"\x86\x940" for n in range(60))
        + b"h\x3bNs"
    ),
    "a key nested 100,000 deep": lambda: whole(b"}", deep(100_000, b"\x85"), b"Ns"),
    "a frozen set nested 100,000 deep": lambda: whole(b"(" * 100_000 + b"N" + b"\x91" * 100_000),
    "lists nested 1,000,000 deep": lambda: whole(b"]" * 1_000_000 + b"a" * 999_999),
    "tuples nested 1,000,000 deep": lambda: whole(deep(1_000_000, b"\x85")),
    "marks only": lambda: whole(b"(" * 5_000_000),
    "numbers whose hashes collide": lambda: whole(
        b"}(", b"".join(number((2**61 - 1) * n) + b"N" for n in range(100_000)), b"u"
    ),
    "tuples whose hashes may collide": lambda: whole(
        b"}(", b"".join(number(n) + b"\x85N" for n in range(100_000)), b"u"
    ),
    "a long key of tuples": lambda: whole(b"}(" + b"N" * 100_000 + b"t\x940", b"h\x00Ns" * 100_000),
    "a set made of one list again and again": lambda: whole(
        b"](" + b"".join(number(n) for n in range(10_000)) + b"e\x940",
        b"cbuiltins\nset\n(h\x00tR0" * 10_000,
        b"N",
    ),
    "a length of 2^63": lambda: whole(b"\x8e" + struct.pack("<Q", 2**63) + b"x"),
    "a text of 4 GiB": lambda: whole(b"X" + struct.pack("<I", 2**32 - 1) + b"x"),
    "a negative length": lambda: whole(b"T" + struct.pack("<i", -1)),
    "a negative long": lambda: whole(b"\x8b" + struct.pack("<i", -5)),
    "a number of 10 million decimals": lambda: b"L" + b"9" * 10_000_000 + b"L\n.",
    "a number of 10 million bits": lambda: whole(
        b"\x8b" + struct.pack("<i", 1_250_000) + b"\x7f" * 1_250_000
    ),
    "a frame beyond the end": lambda: whole(b"\x95" + struct.pack("<Q", 2**62) + b"N"),
    "a line without an end": lambda: b"cos" + b"x" * 3_000_000,
    # damage
    "empty": lambda: b"",
    "no STOP": lambda: b"\x80\x04N",
    "cut in the middle": lambda: pickle.dumps({"a": [1, 2, "text"]})[:-6],
    "an unknown opcode": lambda: whole(b"\xff"),
    "protocol 9": lambda: b"\x80\x09N.",
    "pop of an empty stack": lambda: whole(b"000"),
    "tuple of what is not there": lambda: whole(b"\x87"),
    "a memo that is not there": lambda: whole(b"h\x07"),
    "append to a number": lambda: whole(b"K\x01Na"),
    "set items of a tuple": lambda: whole(b")NNs"),
    "an odd count of items": lambda: whole(b"}(Nu"),
    "a list as a key": lambda: whole(b"}]Ns"),
    "call without arguments": lambda: whole(b"cos\nsystem\nNR"),
    "a name that is no text": lambda: whole(b"NN\x93"),
    "two pickles": lambda: whole(b"N") + whole(SYSTEM),
    "a pickle behind the pickle": lambda: pickle.dumps(1) + b"x" * 100,
    # arrays
    "an array of objects that are calls": lambda: whole(
        array(b"(K\x01t", OBJECTS, b"(" + SYSTEM + b"l")
    ),
    "an array of objects from bytes": lambda: whole(
        array(b"(K\x01t", OBJECTS, b"C\x08" + b"\x41" * 8)
    ),
    "a number of type object from bytes": lambda: whole(
        call("numpy._core.multiarray", "scalar", OBJECTS, b"C\x08" + b"\x41" * 8)
    ),
    "objects by _frombuffer": lambda: whole(
        call(
            "numpy._core.numeric",
            "_frombuffer",
            b"C\x08" + b"A" * 8,
            OBJECTS,
            b"(K\x01t",
            text("C"),
        )
    ),
    "fields of objects": lambda: whole(
        call("numpy", "dtype", text("V8"), number(0), number(1)),
        b"("
        + number(3)
        + text("|")
        + b"N("
        + text("a")
        + b"t}"
        + text("a")
        + b"("
        + OBJECTS
        + number(0)
        + b"ts"
        + number(8)
        + number(1)
        + number(0)
        + b"tb",
    ),
    "an array of objects in itself": lambda: whole(
        EMPTY_ARRAY, b"\x94(", number(1), b"(K\x01t", OBJECTS, b"\x89(h\x00ltb"
    ),
    "objects by the million from one list": lambda: whole(
        b"(" + b"N" * 100_000 + b"l\x940",
        (array(b"(" + number(100_000) + b"t", OBJECTS, b"h\x00") + b"0") * 5_000,
        b"N",
    ),
    "an array larger than its bytes": lambda: whole(
        array(b"(" + number(2**40) + b"t", DTYPE, b"C\x08" + b"x" * 8)
    ),
    "a shape whose product wraps": lambda: whole(
        array(b"(" + number(2**32) * 2 + b"t", DTYPE, b"C\x00")
    ),
    "a negative shape": lambda: whole(array(b"(" + number(-1) + b"t", DTYPE, b"C\x00")),
    "a shape of 100 axes": lambda: whole(
        array(b"(" + number(1) * 100 + b"t", DTYPE, b"C\x08xxxxxxxx")
    ),
    "elements of no bytes": lambda: whole(
        array(b"(" + number(2**31) + b"t", DTYPE.replace(text("f8"), text("V0")), b"C\x00")
    ),
    "a type that is code": lambda: whole(call("numpy", "dtype", text("f8,O,(2,)i4"))),
    "a type of 2 GiB an element": lambda: whole(
        array(b"(K\x00t", DTYPE.replace(text("f8"), text("V2147483647")), b"C\x00")
    ),
    "letters beyond Unicode": lambda: whole(
        array(b"(K\x01t", DTYPE.replace(text("f8"), text("U1")), b"C\x04\xff\xff\xff\x7f")
    ),
    "a state twice": lambda: whole(b"csklearn.svm\nSVC\n)\x81}b}b"),
    # joblib
    "joblib: an array beyond the end": lambda: whole(
        joblib_array(
            text("dtype"),
            DTYPE,
            text("shape"),
            b"(" + number(2**30) + b"t",
            text("order"),
            text("C"),
        )
    ),
    "joblib: objects in the middle are a pickle": lambda: whole(
        joblib_array(text("dtype"), OBJECTS, text("shape"), b"(K\x01t", text("order"), text("C"))
        + whole(SYSTEM)
    ),
    "joblib: wrappers in wrappers": lambda: (
        (
            b"\x80\x04"
            + joblib_array(
                text("dtype"), OBJECTS, text("shape"), b"(K\x01t", text("order"), text("C")
            )
        )
        * 2_000
    ),
    "joblib: a class as shape": lambda: whole(
        joblib_array(
            text("dtype"), DTYPE, text("shape"), b"cos\nsystem\n", text("order"), text("C")
        )
    ),
    "joblib: a file beside it": lambda: whole(
        joblib_array(text("filename"), text("/etc/passwd"), name=b"NDArrayWrapper")
    ),
    "joblib: subclass": lambda: whole(
        joblib_array(
            text("subclass"), b"cos\nsystem\n", text("dtype"), DTYPE, text("shape"), b"(K\x00t"
        )
    ),
    "joblib: zlib bomb": lambda: zlib.compress(b"N0" * 30_000_000, 1),
    "joblib: gzip bomb in gzip": lambda: gzip.compress(gzip.compress(b"\0" * 2**26, 1), 1),
    "joblib: xz bomb": lambda: lzma.compress(b"(" * 2**24),
    "joblib: bz2 of a call": lambda: bz2.compress(whole(SYSTEM)),
    "joblib: gzip cut off": lambda: gzip.compress(whole(b"X" + struct.pack("<I", 4) + b"abcd"))[
        :-9
    ],
    "joblib: a million gzip members": lambda: gzip.compress(b"") * 100_000,
    "joblib: lzma with a dictionary of 4 GiB": lambda: patched(
        lzma.compress(whole(b"N"), lzma.FORMAT_ALONE), 1, b"\x00\xff\xff\xff"
    ),
    "joblib: lz4": lambda: b"\x04\x22\x4d\x18" + b"x" * 50,
    # skops
    "skops: a function": lambda: skops(node("FunctionNode", "os", "system", protocol=2)),
    "skops: a call by reduce": lambda: skops(
        node(
            "ConstructorFromReduceNode",
            "os",
            "system",
            protocol=2,
            content=node(
                "TupleNode",
                "builtins",
                "tuple",
                content=[node("JsonNode", "builtins", "str", content=json.dumps(COMMAND))],
            ),
        )
    ),
    "skops: operator": lambda: skops(
        node(
            "OperatorFuncNode",
            "operator",
            "methodcaller",
            attrs=node("JsonNode", "builtins", "str", content="1"),
        )
    ),
    "skops: a method": lambda: skops(
        node(
            "MethodNode",
            "os",
            "system",
            content={"func": "system", "obj": node("ObjectNode", "os", "x")},
        )
    ),
    "skops: a member outside": lambda: skops(
        node("BytesNode", "builtins", "bytes", file="../../etc/passwd", protocol=2)
    ),
    "skops: a pickle as .npy": lambda: stored(
        "a.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", whole(SYSTEM))
    ),
    "skops: a header that is code": lambda: stored(
        "a.npy", npy(f"{{'descr': {CODE}, 'fortran_order': False, 'shape': (1,), }}")
    ),
    "skops: a shape beyond the data": lambda: stored(
        "a.npy", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,), }")
    ),
    "skops: itself inside": lambda: skops(
        node(
            "ListNode",
            "builtins",
            "list",
            __id__=1,
            protocol=2,
            content=[{"__loader__": "CachedNode", "__id__": 1}],
        )
    ),
    "skops: nested too deeply": lambda: skops(_nested_json()),
    "skops: JSON nested too deeply inside": lambda: skops(
        node("JsonNode", "builtins", "str", content="[" * 100_000, protocol=2)
    ),
    "skops: protocol 99": lambda: skops(node("ListNode", "builtins", "list", protocol=99)),
    "skops: no schema inside": lambda: skops(b"[1, 2]"),
    "skops: a zip bomb": _big_zip,
    "skops: a lying size": _lying_zip,
    "skops: twice the same schema": lambda: (
        zipped({"schema.json": b"{}"}) + zipped({"schema.json": b"{}"})
    ),
    "skops: a sparse matrix of a lie": lambda: skops(
        node("SparseMatrixNode", "scipy.sparse", "csr_matrix", file="m.npz", protocol=2),
        **{
            "m.npz": zipped(
                {
                    "shape.npy": npy(
                        "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }",
                        struct.pack("<2q", 2**40, 9),
                    )
                }
            )
        },
    ),
    "skops: cut off": lambda: skops(node("ListNode", "builtins", "list", content=[]))[:-30],
}

if __name__ == "__main__":  # what a payload is made of
    import sys

    pickletools.dis(MAKERS[sys.argv[1]]())
