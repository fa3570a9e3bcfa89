"""What ends a statement that was cancelled, or took too long, while Python computes.

PostgreSQL looks whether a statement is to end between the rows of a query, but not while a function
in Python runs. So the function looks itself, between pieces of work that are bounded.
"""

import ctypes

PIECE = 4096  # items that are done one by one in Python between two looks


def _watch():
    """What to call between two pieces of work: nothing outside of a server."""
    if "GD" not in globals():
        return lambda: None
    plpy = globals()["plpy"]
    try:
        program = ctypes.PyDLL(None)
        cancelled = ctypes.c_int.in_dll(program, "QueryCancelPending")
        ended = ctypes.c_int.in_dll(program, "ProcDiePending")
    except (ValueError, OSError):
        return lambda: None  # a server that does not show them; pieces are bounded there as well

    def look():
        if cancelled.value or ended.value:
            # Behind a message the server looks itself, and its own error comes out of here.
            plpy.log("export-model ends a statement that was cancelled")

    return look


stop_if_cancelled = _watch()


def _hold():
    """What keeps Greenplum from raising KeyboardInterrupt while a call runs: nothing elsewhere.

    While a flag of its own says that Python runs, each signal to cancel puts a call into Python's
    queue, which raises it. Signals come again until the statement has ended, and those that are
    left in the queue end the session's next call of any function, before its first line; one that
    comes while numpy is imported leaves half of numpy. Without the flag nothing is put there, and
    stop_if_cancelled() ends the statement as it does in PostgreSQL.
    Source: Greenplum, src/pl/plpython, PLy_handle_cancel_interrupt.
    """
    if "GD" not in globals():
        return lambda: None
    try:
        flag = ctypes.c_bool.in_dll(ctypes.PyDLL(None), "PLy_enter_python_intepreter")
    except (ValueError, OSError):
        return lambda: None

    def hold():
        flag.value = False

    return hold


hold_interrupts = _hold()


def in_pieces(items):
    """The items of a list; one of many looks between pieces of them."""
    return items if len(items) <= PIECE else _pieces(items)


def _pieces(items):
    for start in range(0, len(items), PIECE):
        stop_if_cancelled()
        yield from items[start : start + PIECE]
