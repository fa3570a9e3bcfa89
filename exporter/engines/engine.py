"""What an engine is to the rest of the program: one record, made in its own folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from exporter.errors import Problem, UnsupportedError
from exporter.ir.graph import Graph
from exporter.ir.ops import Op

Making = TypeVar("Making", covariant=True)


def no_problems(graph: Graph) -> Sequence[Problem]:
    """Of an engine that takes every network made of ops that it has."""
    return ()


@dataclass(frozen=True)
class Engine(Generic[Making]):
    """What runs a plan inside a database; where tables, versions and rights live is the database's.

    name is what the folders of its own are called, here and in sql_templates, title what people
    say. lacks are the ops that it cannot compute: why not, and what to do about it; problems finds
    what else of a network is beyond it. rights is what who deploys must be allowed, if what all
    models share is made along, and needs what the server must have in any case, both in lines for
    the head of a script. making is how a version's functions are
    made, in the form that its databases ask for: Statements (exporter/engines/statements.py) for
    PostgreSQL and what is made of it, Packages (exporter/engines/plsql/record.py) for Oracle.

    Every field has to be given.
    """

    name: str
    title: str
    lacks: Mapping[type[Op], tuple[str, str]]
    problems: Callable[[Graph], Sequence[Problem]]
    rights: tuple[str, ...]
    needs: tuple[str, ...]
    making: Making

    @property
    def folder(self) -> str:
        """What its templates' folders are called: an engine in several forms has one for all, and
        the form in its name behind a hyphen."""
        return self.name.partition("-")[0]

    def require_ops(self, graph: Graph) -> None:
        """Refuse what it cannot compute.

        Raises: UnsupportedError, with every layer that needs an op it lacks, and all else that is
        beyond it.
        """
        problems = [
            Problem(node.layer, type(node.op).__name__, *self.lacks[type(node.op)])
            for node in graph.nodes
            if type(node.op) in self.lacks
        ]
        problems += self.problems(graph)
        if problems:
            raise UnsupportedError(problems)
