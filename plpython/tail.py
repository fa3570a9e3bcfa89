"""The tail: in a server, the text loads a version."""

from plpython.head import Parts

if "GD" in globals():
    # Inside a server: this text is the body of a function, run for each version that is loaded.
    # SD is what PL/Python keeps for this function, and for no other.
    try:
        if "parts" not in globals()["SD"]:
            globals()["SD"]["parts"] = Parts(GD=globals()["GD"], plpy=globals()["plpy"])
        # Before numpy is imported, of which a KeyboardInterrupt would leave a half.
        globals()["SD"]["parts"].module("interrupts").hold_interrupts()
        globals()["SD"]["parts"].module("load").load_into(
            globals()["GD"], globals()["version"], globals()["plan"], globals()["weights"]
        )
    except (ValueError, MemoryError) as error:
        globals()["plpy"].error(str(error) or "out of memory", sqlstate="22023")
