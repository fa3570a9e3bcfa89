"""A library in a Python process of its own: with a time limit, and nothing comes back but arrays.

What a library does with a model file, and what it prints, prevents or allocates, stays there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
TIMEOUT_S = 300
NUMBERS, TEXTS = "numbers", "texts"  # how an array is kept in a file: as it is, or as JSON


class ChildError(Exception):
    """The process failed; the text is its last line, or that it took too long."""


def run_module(
    module: str,
    *arguments: str | Path,
    variables: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Run `python -m module arguments`, with variables set over those of this process.

    Raises: ChildError.
    """
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            env={**os.environ, **(variables or {}), "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ChildError(f"it took longer than {timeout_s:g} s") from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise ChildError(lines[-1][:200] if lines else f"exit status {done.returncode}")


def score_in_child(
    module: str,
    model: Path,
    inputs: Sequence[Array],
    *,
    variables: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> tuple[Array, ...]:
    """Outputs of a model, by `python -m module MODEL INPUTS OUTPUTS`, which uses load_arrays and
    save_arrays for the two files.

    Raises: ChildError.
    """
    with tempfile.TemporaryDirectory(prefix="export-model-") as name:
        given, computed = Path(name) / "inputs.npz", Path(name) / "outputs.npz"
        save_arrays(given, inputs)
        run_module(module, model, given, computed, variables=variables, timeout_s=timeout_s)
        return tuple(load_arrays(computed))


def save_arrays(path: Path, arrays: Sequence[Array]) -> None:
    """Arrays of numbers, or of texts and None (as JSON: numpy would pickle them), in order."""
    kept = {}
    for number, array in enumerate(arrays):
        if array.dtype == object:
            text = json.dumps([array.shape, array.ravel().tolist()]).encode()
            kept[f"{TEXTS}{number}"] = np.frombuffer(text, np.uint8)
        else:
            kept[f"{NUMBERS}{number}"] = array
    np.savez(path, **kept)  # type: ignore[arg-type]


def load_arrays(path: Path) -> list[Array]:
    """What save_arrays wrote; nothing is unpickled."""
    found: list[Array] = []
    with np.load(path, allow_pickle=False) as file:
        for name in file.files:  # in the order of writing
            array = file[name]
            if name.startswith(TEXTS):
                shape, items = json.loads(array.tobytes())
                array = np.array([*items, None], object)[:-1].reshape(shape)
            found.append(array)
    return found
