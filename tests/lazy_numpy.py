"""What the Python of a test's server reads first, as its sitecustomize, so that a session pays for
less: parts of numpy that nobody asks for are not loaded, and a text of the runtime that one has
compiled is not compiled by the next. Who asks for a part, or has another text, gets what Python
gives.
"""

import builtins
import importlib.machinery
import importlib.util
import marshal
import os
import sys
import zlib

PARTS = {"numpy.ctypeslib", "numpy.fft", "numpy.ma", "numpy.polynomial", "numpy.random"}
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compiled")
LONG = 500  # characters; less is compiled as fast as it is found


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


def compile_once(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, **rest):
    """What compile() gives. A part of the runtime is one of few texts, and is kept beside its
    code."""
    given = source, filename, mode, flags, dont_inherit, optimize
    if rest or not (isinstance(source, str) and dont_inherit and len(source) > LONG):
        return _compile(*given, **rest)
    path = os.path.join(FOLDER, str(zlib.crc32(source.encode("utf-8", "surrogatepass"))))
    try:
        with open(path, "rb") as file:
            kept, code = marshal.load(file)
        if kept == given:
            return code
    except (OSError, EOFError, ValueError, TypeError):
        pass  # the first to compile it
    code = _compile(*given)
    try:
        with open(f"{path}.{os.getpid()}", "wb") as file:
            marshal.dump((given, code), file)
        os.replace(file.name, path)
    except (OSError, ValueError):
        pass  # who comes next compiles it, too
    return code


sys.meta_path.insert(0, Finder())
_compile, builtins.compile = builtins.compile, compile_once
