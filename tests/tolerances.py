"""How far scores may differ, each bound with its reason."""

from __future__ import annotations

import numpy as np

# Keras and we both compute in float32 (24 bits, 6e-8 relative) but sum in another order: products
# over n = 3120 inputs differ by about sqrt(n) * 6e-8 = 3e-6 of the largest term.
PARITY = 1e-5

# Stored outputs of other people's models come from several machines and frameworks.
STORED = 1e-5

# The same for recurrent networks: hundreds of steps, each feeding its rounding to the next.
RECURRENT_STORED = 1e-4

# The same formula in float64 twice, up to rounding of the last place and its propagation.
FLOAT64 = 1e-12

# A float32 kernel against its float64 formula: a few roundings of 6e-8 each.
KERNEL_FLOAT32 = 2e-6

# PL/SQL in the interpreter against our float64 evaluation: products in float32 and each number
# rounded to float32 once a routine, as in any float32 runtime.
PLSQL = 1e-5

# The same through recurrent networks of other people: hundreds of steps.
PLSQL_RECURRENT = 1e-4

# Passes reorder nothing and fold nothing: the same operations on the same numbers.
SAME = 0.0


def check_close(actual: np.ndarray, expected: np.ndarray, tolerance: float, what: str) -> None:
    """Fail unless |actual - expected| <= tolerance * max(1, |expected|'s largest), everywhere.

    Relative to the largest, because in a sum of terms that cancel the error is that of the terms.
    NaN and infinity must agree exactly. The message shows the worst element.
    """
    actual, expected = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    if actual.shape != expected.shape:
        raise AssertionError(f"{what}: shape {actual.shape}, expected {expected.shape}")
    if not actual.size:
        return
    finite = np.isfinite(expected)
    scale = max(1.0, float(np.abs(expected[finite]).max(initial=0.0)))
    with np.errstate(invalid="ignore"):
        error = np.abs(actual - expected) / scale
    same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    error = np.where(same, 0.0, np.where(np.isnan(error), np.inf, error))
    worst = np.unravel_index(int(error.argmax()), error.shape)
    if error[worst] > tolerance:
        at = [int(index) for index in worst]
        raise AssertionError(
            f"{what}: worst element {at} is {actual[worst]!r}, expected {expected[worst]!r},"
            f" error {error[worst]:.3g} of {scale:.3g} > {tolerance:g}"
        )
