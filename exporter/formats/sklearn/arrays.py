"""Arrays of numpy from their bytes, as pickle, joblib and .npy describe them; nothing is called."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from exporter.errors import ArchiveError
from exporter.formats.sklearn.inert import Budget, ByteText, Name, Record

Array = np.ndarray[Any, np.dtype[Any]]
MAX_AXES = 32
MAX_COUNT = 2**31  # of elements
MAX_EMPTY = 10_000  # of elements that take no bytes
PLAIN_TYPE = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248]|c8|c16|O[48]?|[SUV]\d{1,9})")
OPAQUE_TYPE = re.compile(r"[<>|=]?(?:([mM]8)|f(16)|c(32))")  # whose bytes are skipped as they are
MAX_FIELDS = 100
OBJECT_BYTES = 64  # what an element costs that is put in one by one
MAX_CODE_POINT = 0x10FFFF
NPY_MAGIC = b"\x93NUMPY"
NPY_HEADER = re.compile(
    r"\{'descr': (?P<descr>'[^']*'|\[.*\]), 'fortran_order': (?P<fortran>True|False),"
    r" 'shape': \((?P<shape>[\d, ]*)\),? ?\}\s*"
)
NPY_FIELD = re.compile(r"\('(?P<name>[^']*)', '(?P<type>[^']*)'\)(?:, )?")


def make_dtype(args: tuple[Any, ...], state: Any) -> np.dtype[Any] | None:
    """The type that numpy.dtype(*args) with this state is, None for one that no model needs."""
    text = args[0] if args else None
    if not isinstance(text, str):
        return None
    opaque = OPAQUE_TYPE.fullmatch(text)
    if opaque:
        return np.dtype(f"V{opaque[2] or opaque[3] or 8}")
    if not PLAIN_TYPE.fullmatch(text):
        return None
    order, names, fields = "=", None, None
    if isinstance(state, tuple) and len(state) >= 8:
        order, subtype, names, fields = state[1:5]
        if subtype is not None or order not in ("<", ">", "|", "="):
            return None
    if names is not None or fields is not None:
        return _make_struct(names, fields, state[5])
    if int(text.lstrip("<>|=")[1:] or 0) > 2**30:
        return None
    return np.dtype(order + text.lstrip("<>|=")) if order in "<>" else np.dtype(text)


def _make_struct(names: Any, fields: Any, size: Any) -> np.dtype[Any] | None:
    """A type of named fields, as scikit-learn's trees have."""
    if not isinstance(names, tuple) or not isinstance(fields, dict) or len(names) > MAX_FIELDS:
        return None
    found = [fields.get(name) if isinstance(name, str) else None for name in names]
    if not all(
        isinstance(item, tuple)
        and len(item) >= 2
        and isinstance(item[0], np.dtype)
        and not item[0].hasobject
        and type(item[1]) is int
        and 0 <= item[1] <= 2**30
        for item in found
    ):
        return None
    if type(size) is not int or not 0 <= size <= 2**30 or len(set(names)) != len(names):
        return None
    known = [item for item in found if item is not None]
    return np.dtype(
        {
            "names": list(names),
            "formats": [item[0] for item in known],
            "offsets": [item[1] for item in known],
            "itemsize": size,
        }
    )


def make_array(
    shape: Any, dtype: np.dtype[Any], is_fortran: bool, data: Any, budget: Budget
) -> Array:
    """An array of this shape; data are its bytes, or its elements where they are objects.

    Raises: ArchiveError, when data and shape do not fit, or are more than may be.
    """
    if isinstance(shape, list):
        shape = tuple(shape)
    if not isinstance(shape, tuple) or len(shape) > MAX_AXES:
        raise ArchiveError("an array in the file has no shape.")
    shape = tuple(int(n) if isinstance(n, np.integer) else n for n in shape)
    if not all(type(n) is int and 0 <= n <= MAX_COUNT for n in shape):
        raise ArchiveError("an array in the file has a shape that is none.")
    count = math.prod(shape)
    if count > MAX_COUNT or (dtype.itemsize == 0 and count > MAX_EMPTY):
        raise ArchiveError(f"an array in the file has {count:,} elements, more than can be read.")
    order: Literal["C", "F"] = "F" if is_fortran else "C"
    if dtype.hasobject:
        return _make_objects(shape, dtype, count, order, data, budget)
    raw = as_bytes(data)
    if raw is None or len(raw) != count * dtype.itemsize:
        raise ArchiveError("an array in the file has not as many bytes as its shape says.")
    array: Array = np.ndarray(shape, dtype, raw, order=order)
    _check_letters(array)
    return array


def _make_objects(
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    count: int,
    order: Literal["C", "F"],
    data: Any,
    budget: Budget,
) -> Array:
    if dtype.names is not None or not isinstance(data, list) or len(data) != count:
        raise ArchiveError("an array of objects in the file has not as many as its shape says.")
    budget.spend(OBJECT_BYTES * count)
    flat = np.empty(count, object)
    for place, item in enumerate(data):
        flat[place] = item
    return flat.reshape(shape, order=order)


def _check_letters(array: Array) -> None:
    if array.dtype.kind != "U" or not array.size or not array.dtype.itemsize:
        return
    codes = np.ndarray(
        (array.nbytes // 4,), array.dtype.byteorder.replace("|", "=") + "u4", array.tobytes()
    )
    if codes.max() > MAX_CODE_POINT:
        raise ArchiveError("an array of texts in the file holds what is no letter.")


def as_bytes(data: Any) -> bytes | None:
    """The bytes of what protocols 0 to 5 store an array's data as."""
    if isinstance(data, bytes):
        return data
    return data.data() if isinstance(data, ByteText) else None


def make_scalar(dtype: Any, data: Any) -> Any:
    """A number or text of numpy from its bytes; one of objects is the object.

    Raises: ArchiveError, when the bytes are not those of one number.
    """
    if not isinstance(dtype, np.dtype):
        raise ArchiveError("a number in the file has a type that no model needs.")
    if dtype.hasobject:
        return data
    value = make_array((), dtype, False, data, Budget(0))[()]
    return value.item() if isinstance(value, (str, bytes)) else value


def read_npy(content: bytes, budget: Budget) -> Array:
    """An array from the content of a .npy file, in which objects are refused.

    Raises: ArchiveError, when it is not one.
    """
    damaged = ArchiveError("an array in the file is not in numpy's own format.")
    if not content.startswith(NPY_MAGIC) or len(content) < 12:
        raise damaged
    form, at = ("<H", 10) if content[6] == 1 else ("<I", 12)
    (length,) = struct.unpack_from(form, content, 8)
    header = NPY_HEADER.fullmatch(content[at : at + min(length, 2**16)].decode("latin-1"))
    if header is None:
        raise damaged
    dtype = _npy_dtype(header["descr"])
    shape = tuple(int(n) for n in header["shape"].split(",") if n.strip())
    if dtype is None or dtype.hasobject:
        raise ArchiveError("an array in the file has a type that no model needs.")
    data = content[at + length :]
    budget.spend(len(data))
    return make_array(shape, dtype, header["fortran"] == "True", data, budget)


def _npy_dtype(text: str) -> np.dtype[Any] | None:
    if text.startswith("'"):
        return make_dtype((text[1:-1],), None)
    pairs = NPY_FIELD.findall(text[1:-1])
    if NPY_FIELD.sub("", text[1:-1]) or not pairs or len(pairs) > MAX_FIELDS:
        return None
    types = [make_dtype((kind,), None) for _, kind in pairs]
    if any(item is None or item.hasobject for item in types):
        return None
    names = [name for name, _ in pairs]
    return None if len(set(names)) < len(names) else np.dtype(list(zip(names, types, strict=True)))


def is_sparse(value: Any) -> bool:
    """Whether this is a sparse matrix of scipy."""
    return isinstance(value, Record) and value.module.startswith("scipy.sparse")


def to_dense(record: Record, budget: Budget | None = None) -> Array:
    """A sparse matrix of scipy (CSR, CSC, diagonals) as an array.

    Raises: ArchiveError, for another kind, or when its parts contradict each other.
    """
    parts = record.attributes
    shape, data = parts.get("_shape", parts.get("shape")), parts.get("data")
    kind = record.name.partition("_")[0]
    damaged = ArchiveError(f"a sparse matrix in the file ({record.name}) cannot be read.")
    if not isinstance(shape, tuple) or len(shape) != 2 or not isinstance(data, np.ndarray):
        raise damaged
    rows, columns = (int(n) if isinstance(n, (int, np.integer)) else -1 for n in shape)
    if rows < 0 or columns < 0 or data.dtype.hasobject:
        raise damaged
    (budget or Budget()).spend(rows * columns * 8)
    dense = np.zeros((rows, columns), data.dtype)
    try:
        if kind in ("csr", "csc"):
            _fill(dense if kind == "csr" else dense.T, parts["indptr"], parts["indices"], data)
        elif kind == "dia":
            for offset, diagonal in zip(parts["offsets"].tolist(), data, strict=True):
                span = np.arange(max(0, offset), min(columns, rows + offset, len(diagonal)))
                dense[span - offset, span] = diagonal[span]
        else:
            raise damaged
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise damaged from error
    return dense


def _fill(dense: Array, starts: Array, places: Array, data: Array) -> None:
    """Put the numbers of compressed rows where they belong; equal places add up."""
    counts = np.diff(starts)
    if len(counts) != len(dense) or (counts < 0).any() or starts[0] != 0:
        raise ValueError("the rows of a sparse matrix")
    end = int(starts[-1])
    rows = np.repeat(np.arange(len(dense)), counts)
    if (places[:end] < 0).any():
        raise ValueError("a column of a sparse matrix")
    np.add.at(dense, (rows, places[:end]), data[:end])


def as_list(value: Any) -> list[Any] | None:
    """The elements of a list, tuple, array of one axis or Index of pandas, else None."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return list(value.tolist())
    if isinstance(value, Record) and value.module.startswith("pandas."):
        return _index_elements(value)
    if isinstance(value, Record) and isinstance(value.attributes.get("data"), list):
        return list(value.attributes["data"])  # of a UserList
    return None


def _index_elements(record: Record) -> list[Any] | None:
    """Of _new_Index(class, {"data": array}), RangeIndex too."""
    given: Any = next((part for part in record.args if isinstance(part, dict)), None)
    if given is None:
        return _array_inside(record.state)
    if "data" in given:
        data = given["data"]
        if isinstance(data, Record):
            return _array_inside(data.state if data.state is not None else data.args)
        return as_list(data)
    bounds = [given.get(name) for name in ("start", "stop", "step")]
    if all(type(n) is int for n in bounds) and bounds[2]:
        numbers = range(*bounds)
        return list(numbers) if len(numbers) <= MAX_EMPTY else None
    return None


def _array_inside(state: Any) -> list[Any] | None:
    """The only array of one axis among the parts of a state."""
    parts: Sequence[Any] = state if isinstance(state, (tuple, list)) else ()
    if isinstance(state, dict):
        parts = list(state.values())
    found = [part for part in parts if isinstance(part, np.ndarray) and part.dtype != np.int8]
    return as_list(found[0].ravel()) if len(found) == 1 else None


def type_name(value: Any) -> str | None:
    """The name of a type of numbers, however it is given: numpy.float64, "float64", a dtype."""
    if isinstance(value, Name):
        return value.name
    if isinstance(value, np.dtype):
        return str(value.newbyteorder("=").name)
    return value if isinstance(value, str) else None
