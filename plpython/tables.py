"""The table of kernels, and that of their rules: each is entered by the part that holds it, which
is imported when a plan names it."""


class Table(dict):
    """What parts enter, by the names of kernels; parts tells which part enters which name."""

    def __init__(self, parts):
        super().__init__()
        self.parts = parts

    def __missing__(self, name):
        __import__(f"plpython.{self.parts[name]}", globals(), None, ("*",))
        return self.get(name)


KERNELS = Table(globals().get("KERNEL_PARTS", {}))
RULES = Table(globals().get("RULE_PARTS", {}))


def kernel(build):
    """Enter a kernel under its own name: build(**parameters) -> function of input arrays."""
    KERNELS[build.__name__] = build
    return build
