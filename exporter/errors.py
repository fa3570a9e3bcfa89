"""Everything this program refuses, as exceptions that tell the user what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class ExportError(Exception):
    """Base of all refusals: the command prints the text and exits with status 1."""


class ArchiveError(ExportError):
    """The model file cannot be read: of no format that is known, damaged, or unsafe to read."""


class ShapeError(ExportError):
    """Shapes of inputs, weights and configuration contradict each other."""


class SqlTextError(ExportError):
    """A name or value cannot be written into SQL without changing its meaning."""


class SignatureError(ExportError):
    """Features, labels, threshold or name do not fit the model, or two models each other."""


class DatabaseError(ExportError):
    """The database refused, and was left as it was."""


class VerificationError(ExportError):
    """Scores differ from the expected outputs by more than the tolerance."""


@dataclass(frozen=True)
class Problem:
    """One reason why a model cannot be exported.

    layer is the layer's name as in the file, class_name its class; what is what the format calls
    such a part of a model.
    """

    layer: str
    class_name: str
    reason: str
    advice: str
    what: str = "layer"

    def __str__(self) -> str:
        name = f' "{self.layer}"' if self.layer else ""
        return f"{self.what}{name} ({self.class_name}): {self.reason}. {self.advice}"


class UnsupportedError(ExportError):
    """The model uses what cannot be exported; carries every problem at once. others are sentences
    about what else was refused."""

    def __init__(self, problems: Sequence[Problem], others: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        heading = f"{self.count} cannot be exported:"
        super().__init__("\n".join([heading, *(f"  - {item}" for item in (*problems, *others))]))

    @property
    def count(self) -> str:
        """How many parts of the model stand in the way: "3 layers"."""
        kinds = {problem.what for problem in self.problems}
        kind = kinds.pop() if len(kinds) == 1 else "part"
        return counted(len(self.problems), kind)


def counted(count: int, noun: str) -> str:
    """ "1 column", "1,200 columns", "2 classes"; noun is the singular."""
    ending = "es" if noun.endswith(("s", "x", "ch")) else "s"
    return f"{count:,} {noun}{'' if count == 1 else ending}"


def name_all(noun: str, names: Sequence[str]) -> str:
    """ "column a", "columns a, b"; noun is the singular."""
    return f"{noun}{'' if len(names) == 1 else 's'} {list_names(names)}"


def list_names(names: Sequence[str], most: int = 120) -> str:
    """Names for a message, with the number of those left out."""
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def printable(text: str, most: int | None = None) -> str:
    """A text of anybody's on one line of a terminal, which obeys what is not printable; most is how
    many characters of it are shown, if not all."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return shown if most is None or len(shown) <= most else f"{shown[:most]}..."
