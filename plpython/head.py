"""The kernels and the scoring function, in Python's standard library and numpy.

The exporter joins the files of its folder plpython/ into one text. The exporter and its tests run
that text, and it is also, byte for byte, the body of the PL/Python function that loads a model into
a database session. There PostgreSQL runs it as a function's body with the arguments `version`,
`plan` and `weights`; hence no `from __future__` and no assignment to those names.

Between this head and the tail stand the parts, each the text of a file as it is. A part becomes a
module when something imports it, or a plan names a kernel of it: compiling all of them costs a
session 70 ms, and a model needs a third. PostgreSQL puts a tab before each line, in such texts too,
and no file holds another.

It never talks to the database: inside a parallel plan a query from PL/Python cannot start the
subtransaction that it needs, and PostgreSQL 15 then crashed (docs/decisions/0001).

A model is a plan (JSON: steps in order, each naming a kernel, its inputs and its tensors) and
one block of little-endian numbers, the tensors in row-major order one after another: float32
unless the plan says float64 or int32.
"""

import builtins
import os
import sys
import types

if "GD" in globals():
    # One thread a backend: sessions, workers and segments already use the cores, and threads
    # that fight for them made small products up to 3 times slower. Must precede numpy.
    for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(_variable, "1")

TEXTS: dict = {}
KERNEL_PARTS: dict = {}
RULE_PARTS: dict = {}


def part(name, text, kernels="", rules=""):
    """Enter a part's text, at which line it stands here, and of which kernels it holds what."""
    TEXTS[name] = sys._getframe(1).f_lineno, text
    KERNEL_PARTS.update(dict.fromkeys(kernels.split(), name))
    RULE_PARTS.update(dict.fromkeys(rules.split(), name))


class Parts:
    """The parts as modules, which import each other as if they were files of a package `plpython`.

    They are not in sys.modules, where the runtimes of two programs would meet in one session. given
    are names that all of them find, beside Python's own and the tables of where kernels are.
    """

    def __init__(self, **given):
        self.given = {"KERNEL_PARTS": KERNEL_PARTS, "RULE_PARTS": RULE_PARTS, **given}
        self.modules = {}
        self.builtins = {**vars(builtins), "__import__": self._import}

    def module(self, name):
        """A part, compiled when it is asked for first. Its lines count as those of the whole text
        do, in which a traceback shows them."""
        if name not in self.modules:
            line, text = TEXTS[name]
            module = types.ModuleType(f"plpython.{name}")
            vars(module).update(self.given, __builtins__=self.builtins)
            here = Parts.module.__code__.co_filename
            code = compile(text.replace("\n\t", "\n"), here, "exec", dont_inherit=True)
            exec(_below(code, line - 1), vars(module))
            self.modules[name] = module
        return self.modules[name]

    def _import(self, name, names=None, own=None, wanted=(), level=0):
        """What the statement `import` calls in a part."""
        package, _, name_of_part = name.partition(".")
        if package == "plpython":
            return self.module(name_of_part)
        return builtins.__import__(name, names, own, wanted, level)


def _below(code, lines):
    """Compiled code as if so many lines stood above it."""
    constants = [_below(c, lines) if isinstance(c, types.CodeType) else c for c in code.co_consts]
    first = code.co_firstlineno + lines
    return code.replace(co_firstlineno=first, co_consts=tuple(constants))
