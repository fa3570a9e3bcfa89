"""The kernels and the scoring function, in Python's standard library and numpy.

The exporter joins the parts in this folder into one text. The exporter and its tests run that
text, and it is also, byte for byte, the body of the PL/Python function that loads a model into a
database session. There PostgreSQL runs it as a function's body with the arguments `version`, `plan`
and `weights`; hence no `from __future__`, no multi-line string whose content matters, no assignment
to those names, and no name twice. Imports of one part by another are left out: in one text they are
not needed.

It never talks to the database: inside a parallel plan a query from PL/Python cannot start the
subtransaction that it needs, and PostgreSQL 15 then crashed (docs/decisions/0001).

A model is a plan (JSON: steps in order, each naming a kernel, its inputs and its tensors) and
one block of little-endian numbers, the tensors in row-major order one after another: float32
unless the plan says float64 or int32.
"""

import os

if "GD" in globals():
    # One thread a backend: sessions, workers and segments already use the cores, and threads
    # that fight for them made small products up to 3 times slower. Must precede numpy.
    for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(_variable, "1")

KERNELS: dict = {}


def kernel(build):
    """Enter a kernel under its own name: build(**parameters) -> function of input arrays."""
    KERNELS[build.__name__] = build
    return build
