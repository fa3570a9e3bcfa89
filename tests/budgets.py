"""How many random cases a test tries.

`pytest --hypothesis-profile=thorough`, and so `make test ARGS=--hypothesis-profile=thorough`, tries
ten times as many, and every model of the zoo where the usual run tries those that differ there.
"""

from __future__ import annotations

from hypothesis import settings

USUAL = 100  # hypothesis' own, which the numbers in the tests are relative to

# How long a case takes is no finding where two processes, or a whole house, share the cores.
settings.register_profile("usual", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=10 * USUAL)
settings.load_profile("usual")


def cases(count: int) -> int:
    """So many, in the profile that pytest was started with."""
    return count * settings().max_examples // USUAL


def is_thorough() -> bool:
    """Whether all is tried that time allows."""
    return settings().max_examples > USUAL
