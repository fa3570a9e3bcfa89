"""Plans written by hand to harm a server, and words of what must be said of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np


def plan(**changes: Any) -> dict[str, Any]:
    """y = x @ kernel, of two numbers."""
    step = {"kernel": "dense", "inputs": [0], "output": 1, "parameters": {},
            "tensors": {"kernel": 0}}  # fmt: skip
    return {
        "model": "m", "inputs": [{"name": "x", "shape": [2]}],
        "outputs": [{"name": "y", "shape": [1], "value": 1}], "labels": [], "threshold": None,
        "batch_rows": 1024, "steps": [step], "tensors": [["kernel", 0, [2, 1]]],
    } | changes  # fmt: skip


def with_step(**changes: Any) -> dict[str, Any]:
    """The plan with another step."""
    return plan(steps=[plan()["steps"][0] | changes])


TWO = np.ones(2, "<f4").tobytes()
HOSTILE = {
    "no JSON": ("{", "no JSON"),
    "another value": ("[]", "no object"),
    "nested too deeply": ("[" * 10**6, "nested too deeply"),
    "many values": ("[" + "[],{}," * 10**6, "more than"),
    "a number of a million digits": ("1" * 10**6, "1000000 digits"),
    "an endless number": ('{"model": 1e999}', "1e999"),
    "no number": ('{"model": NaN}', "NaN"),
    "a key twice": ('{"model": "a", "model": "b"}', "twice"),
    "other letters": ('{"model": "\xe4"}', "ASCII"),
    "a kernel that is none": (with_step(kernel="__import__"), "kernel is '__import__'"),
    "a kernel that is a method": (with_step(kernel="__class__"), "kernel"),
    "a parameter that is none": (with_step(parameters={"kernel": "x"}), "given twice"),
    "a tensor that is none": (with_step(tensors={"kernel": 7}), "not there"),
    "a tensor before the first": (with_step(tensors={"kernel": -1}), "not there"),
    "a value that comes later": (with_step(inputs=[1]), "not there yet"),
    "a value that is there": (with_step(output=0), "there already"),
    "objects in the weights": (plan(tensors=[["kernel", 0, [2, 1], "O"]]), "tensor 0"),
    "weights beyond the end": (plan(tensors=[["kernel", 0, [2, 2]]]), "ends behind"),
    "weights of 10^12": (plan(tensors=[["kernel", 0, [10**6, 10**6]]]), "ends behind"),
    "a negative shape": (plan(tensors=[["kernel", 0, [-2, -1]]]), "tensor 0"),
    "an input of 10^12": (plan(inputs=[{"name": "x", "shape": [10**6, 10**6]}]), "more than"),
    "rows repeated 2^31 times": (
        with_step(kernel="repeat", parameters={"times": 2**31, "axis": 1}, tensors={}), "more than",
    ),
    "padding of 10^9": (
        with_step(kernel="pad", parameters={"widths": [[10**9, 10**9]], "value": 0}, tensors={}),
        "more than",
    ),
    "an attribute for an activation": (
        with_step(kernel="activation", parameters={"function": "__globals__", "parameters": {}},
                  tensors={}), "function should be",
    ),
    "an option that is the array": (
        with_step(kernel="activation", parameters={"function": "elu", "parameters": {"x": 1}},
                  tensors={}), "options of its own",
    ),
    "an attribute of numpy": (
        with_step(kernel="ufunc", parameters={"function": "__array_ufunc__"}, tensors={}),
        "function should be",
    ),
    "n-grams without end": (
        plan(inputs=[{"name": "x", "shape": [1], "dtype": "text"}],
             steps=[plan()["steps"][0] | {"kernel": "hash_tokens", "tensors": {}, "parameters": {
                 "size": 1, "lower": True, "accents": "", "analyzer": "char", "least": 1,
                 "most": 10**9, "stop_words": [], "is_binary": False, "is_signed": False}}]),
        "most should be",
    ),
    "labels that are no scores": (plan(labels=["a", "b", "c"]), "3 labels"),
    "batches of nothing": (plan(batch_rows=0), "batch_rows"),
}  # fmt: skip


def chain(*steps: dict[str, Any], tensors: tuple[Any, ...] = ()) -> tuple[str, bytes]:
    """A plan of steps one after another, whose last gives one number, and its weights."""
    linked = [
        {"tensors": {}, "inputs": [place], "output": place + 1, **step}
        for place, step in enumerate(steps)
    ]
    entries, block = [], b""
    for place, tensor in enumerate(tensors):
        entries.append([str(place), len(block) // 4, list(tensor.shape)])
        block += tensor.astype("<f4").tobytes()
    outputs = [{"name": "y", "shape": [1], "value": len(steps)}]
    return json.dumps(plan(steps=linked, tensors=entries, outputs=outputs)), block


def kernel(name: str, *numbers: str, **parameters: Any) -> dict[str, Any]:
    """A step; numbers are the names of its tensors, in order."""
    tensors = {field: place for place, field in enumerate(numbers)}
    return {"kernel": name, "parameters": parameters, "tensors": tensors}


def long_row(times: int) -> tuple[dict[str, Any], ...]:
    """The two numbers of a row many times: (times, 2)."""
    return kernel("reshape", shape=[1, 2]), kernel("repeat", times=times, axis=1)


TO_ONE = (
    kernel("reduce", function="sum", axes=[1, 2], keepdims=False), kernel("reshape", shape=[1]),
)  # fmt: skip
GRU = {
    "activation": ["tanh", []], "recurrent_activation": ["sigmoid", []], "result": "last",
    "is_masked": False, "has_states": False, "zeroes_masked": False, "reset_after": False,
}  # fmt: skip


def _products() -> tuple[str, bytes]:
    wide = [{**kernel("dense"), "tensors": {"kernel": 1}}] * 120
    first = kernel("dense", "kernel")
    return chain(
        *long_row(2000), first, *wide, *TO_ONE, tensors=(np.ones((2, 1500)), np.ones((1500, 1500)))
    )


COSTLY: dict[str, Callable[[], tuple[str, bytes]]] = {
    "products of matrices": _products,
    "functions of numbers": lambda: chain(
        *long_row(8 * 10**6), *[kernel("activation", function="tanh", parameters={})] * 40, *TO_ONE
    ),
    "a long sequence": lambda: chain(
        *long_row(300_000), kernel("gru", "kernel", "recurrent_kernel", **GRU),
        kernel("reshape", shape=[1]), tensors=(np.ones((2, 3)), np.ones((1, 3))),
    ),
    "a wide recurrence": lambda: chain(
        *long_row(40_000), kernel("gru", "kernel", "recurrent_kernel", **GRU),
        kernel("reduce", function="sum", axes=[1], keepdims=True),
        tensors=(np.ones((2, 3000)), np.ones((1000, 3000))),
    ),
    "windows": lambda: chain(
        *long_row(200_000),
        *[kernel("conv", "kernel", strides=[1], dilation=[1], padding="same")] * 200,
        *TO_ONE, tensors=(np.ones((33, 2, 2)),),
    ),
}  # fmt: skip
"""Plans that are taken, and cost nearly as much as one may."""
