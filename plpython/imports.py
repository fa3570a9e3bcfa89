"""The import of numpy, without what no kernel uses."""

import importlib
import importlib.machinery
import importlib.util
import sys

# numpy before 2 imports them at once, which takes a third of the time; numpy 2 when it is asked for
# them.
UNUSED = ("numpy.fft", "numpy.ma", "numpy.polynomial", "numpy.random")


class WhenAskedFor:
    """Finds the modules of UNUSED, so that each is loaded when something first takes a name of it:
    a session's other functions find numpy as it is.
    """

    @staticmethod
    def find_spec(name, path=None, target=None):
        """The module's own, with a loader that waits; None for other modules."""
        if name not in UNUSED:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


def import_numpy():
    """Import numpy where nothing of the session has yet."""
    if "numpy" in sys.modules:
        return
    sys.meta_path.insert(0, WhenAskedFor)
    try:
        importlib.import_module("numpy")
    finally:
        sys.meta_path.remove(WhenAskedFor)
