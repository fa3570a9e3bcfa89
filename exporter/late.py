"""Functions whose modules are imported when they are called first: a driver takes 80 ms and more,
which only those who use its database should pay."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


class Late:
    """Stands for a module: what is asked of it is a function, which is looked up when it is called.

    Type checkers are shown the module itself, so calls and records are checked as if it were
    imported.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, function: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            return getattr(import_module(self._name), function)(*arguments, **named)

        return call
