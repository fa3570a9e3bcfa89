"""Arrays as they lie in PostgreSQL's memory, and small models that take them."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from exporter.engines.plpython.runtime import runtime

OIDS = {"float4": (700, "f4"), "float8": (701, "f8"), "int2": (21, "i2"), "int4": (23, "i4"),
        "int8": (20, "i8"), "numeric": (1700, "")}  # fmt: skip
NULL_ROW = b"\xff\xff\xff\xff"


def numeric(value: Decimal, long: bool = False) -> bytes:
    """A number of PostgreSQL's numeric, with its length in front and padded to 4 bytes.

    The short form serves for at most 63 decimal places and digits of base 10,000 from 10^-256 to
    10^252; long takes the other one all the same.
    """
    if value.is_nan():
        words = [0xC000]
    elif value.is_infinite():
        words = [0xD000 if value > 0 else 0xF000]
    else:
        sign, digits, exponent = value.as_tuple()
        assert isinstance(exponent, int)
        places = max(0, -exponent)
        if exponent < 0 or exponent % 4:
            shift = exponent % 4  # so that digits of base 10,000 end at the point
            digits, exponent = (*digits, *[0] * shift), exponent - shift
        digits = (*[0] * (-len(digits) % 4), *digits)
        large = [int("".join(map(str, digits[n : n + 4]))) for n in range(0, len(digits), 4)]
        weight = len(large) - 1 + exponent // 4
        while large and large[0] == 0:
            del large[0]
            weight -= 1
        while large and large[-1] == 0:
            del large[-1]
        if not large:
            sign, weight = 0, 0
        if long or places > 63 or not -64 <= weight <= 63:
            words = [sign << 14 | places, weight & 0xFFFF, *large]
        else:
            words = [0x8000 | sign << 13 | places << 7 | weight & 0x7F, *large]
    body = struct.pack(f"={len(words)}H", *words)
    size = 4 + len(body)
    length = struct.pack("<I", size << 2) if struct.pack("=H", 1)[0] else struct.pack(">I", size)
    return length + body + bytes(-size % 4)


def send(
    values: Sequence[Any],
    dims: Sequence[int] | None = None,
    kind: str = "float4",
    has_bitmap: bool = False,
    lower: int = 1,
) -> bytes:
    """What export_model.array_bytes() gives: values row-major, None for NULL."""
    oid, code = OIDS[kind]
    dims = ([len(values)] if len(values) else []) if dims is None else dims
    bitmap = b""
    if has_bitmap or any(value is None for value in values):
        present = np.array([value is not None for value in values], bool)
        bitmap = np.packbits(present, bitorder="little").tobytes()
    size = 12 + 8 * len(dims)
    bitmap += bytes(-(4 + size + len(bitmap)) % 8) if bitmap else b""
    offset = 4 + size + len(bitmap) if bitmap else 0
    message = struct.pack("=iiI", len(dims), offset, oid)
    message += struct.pack(f"={len(dims)}i", *dims) + struct.pack("=i", lower) * len(dims)
    given = [value for value in values if value is not None]
    if code:
        return message + bitmap + np.array(given).astype(code).tobytes()
    decimals = [value if isinstance(value, Decimal) else Decimal(str(value)) for value in given]
    return message + bitmap + b"".join(map(numeric, decimals))


def pack(*messages: bytes | list[Any]) -> bytes:
    """A row of a batch, as pack() gives it; a list is one input of texts."""
    return b"".join(
        json.dumps(part, ensure_ascii=False).encode() + b"\0" if isinstance(part, list) else part
        for part in messages
    )


def model(
    inputs: Sequence[Sequence[int | None]],
    steps: list[dict[str, Any]] | None = None,
    outputs: Sequence[tuple[str, Sequence[int | None], int]] | None = None,
    tensors: Sequence[np.ndarray] = (),
    texts: Sequence[int] = (),
    is_double: bool = False,
    **more: Any,
) -> Any:
    """A loaded model; without steps it returns its inputs. texts are numbers of inputs."""
    if outputs is None:
        outputs = [(f"y{i}", shape, i) for i, shape in enumerate(inputs)]
    mark = {"dtype": "float64"} if is_double else {}
    offsets = np.cumsum([0, *(tensor.size for tensor in tensors)]).tolist()
    plan = {
        "format": 1, "model": "m", "features": [], "feature_table": [],
        "inputs": [
            {"name": f"x{i}", "shape": list(shape)} | ({"dtype": "text"} if i in texts else mark)
            for i, shape in enumerate(inputs)
        ],
        "outputs": [{"name": n, "shape": list(s), "value": v} | mark for n, s, v in outputs],
        "labels": [], "threshold": None, "batch_rows": 1024, "steps": steps or [],
        "tensors": [[f"t{i}", offsets[i], list(t.shape)] for i, t in enumerate(tensors)],
    } | more  # fmt: skip
    text = json.dumps(plan)
    block = b"".join(tensor.astype("<f4").tobytes() for tensor in tensors)
    return runtime().load(hashlib.sha256(text.encode() + block).hexdigest(), text, block)


def step(kernel: str, inputs: Sequence[int], output: int, **parameters: Any) -> dict[str, Any]:
    """A step of a plan; tensors={name: number} as the plan has it."""
    tensors = parameters.pop("tensors", {})
    return {"kernel": kernel, "inputs": list(inputs), "output": output,
            "parameters": parameters, "tensors": tensors}  # fmt: skip


def activation(function: str, source: int, output: int) -> dict[str, Any]:
    """The step of an activation without parameters."""
    return step("activation", [source], output, function=function, parameters={})


def nearest_float32(value: Decimal) -> float:
    """The float32 that a number becomes on its way through float64."""
    with np.errstate(all="ignore"):
        return float(np.float32(float(value))) if value.is_finite() else float(value)


def texts_of(scores: Any) -> str:
    """What a batch says of the scores that score() gives for one row."""

    def number(value: float) -> str:
        return f"{value:.9g}"

    if isinstance(scores, tuple):
        parts = [
            f'\\"{{{",".join(map(number, part))}}}\\"' if isinstance(part, list) else number(part)
            for part in scores
        ]
        return '"(' + ",".join(parts) + ')"'
    if isinstance(scores, list):
        return '"{' + ",".join(map(number, scores)) + '}"'
    return number(scores)


def is_nan(value: Any) -> bool:
    """Whether a score is the float NaN."""
    return isinstance(value, float) and math.isnan(value)
