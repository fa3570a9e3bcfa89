"""The table of kernels, and that of their rules: each is entered by the part that holds it, which
is imported when a plan names it."""


class Table(dict):
    """What parts enter, by the names of kernels; parts tells which part enters which name.

    An entry is found here when its part is whole: one that ended in the middle, for want of memory,
    has entered functions that lack what stands behind them.
    """

    def __init__(self, parts):
        super().__init__()
        self.parts = parts
        self.entered = {}

    def __missing__(self, name):
        __import__(f"plpython.{self.parts[name]}")
        self[name] = self.entered[name]
        return self[name]


KERNELS = Table(globals().get("KERNEL_PARTS", {}))
RULES = Table(globals().get("RULE_PARTS", {}))


def kernel(build):
    """Enter a kernel under its own name: build(**parameters) -> function of input arrays."""
    KERNELS.entered[build.__name__] = build
    return build
