"""What the Python of a test's server reads first, as its sitecustomize: parts of numpy that nobody
asks for are not loaded, which is a third of what every session pays. Who asks for one gets it.
"""

import importlib.machinery
import importlib.util
import sys

PARTS = {"numpy.ctypeslib", "numpy.fft", "numpy.ma", "numpy.polynomial", "numpy.random"}


class Finder:
    """Finds those parts, and loads one when something of it is used."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """The module's specification, as of the usual finder."""
        if name not in PARTS:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path, target)
        if found is not None and found.loader is not None:
            found.loader = importlib.util.LazyLoader(found.loader)
        return found


sys.meta_path.insert(0, Finder())
