"""Numpy told to be silent for one call: a row that overflows gives infinity, and no warning."""

import contextvars

import numpy as np


def _make_quiet():
    """What calls a function so that numpy does not warn meanwhile, and says nothing to the rest of
    the session; np.errstate does the same in 1 to 2 us, which is much for a row."""
    get, put = getattr(np, "geterrobj", None), getattr(np, "seterrobj", None)
    if get and put:  # before numpy 2: a list of buffer size, mask and callback

        def call(function, *arguments):
            before = get()
            put([before[0], 0, None])
            try:
                return function(*arguments)
            finally:
                put(before)

        return call
    # Since numpy 2 it belongs to the context, and a context is entered in no time.
    context = contextvars.copy_context()
    context.run(np.seterr, all="ignore")
    return context.run


quiet = _make_quiet()
