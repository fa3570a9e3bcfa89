"""What actual values of a column mean, whatever database holds it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from exporter.comparison.task import Task
from exporter.errors import DatabaseError, list_names
from exporter.ir.columns import Kind

NUMBER = re.compile(r"-?[0-9]{1,15}([.][0-9]{1,15})?")  # a label that is one


@dataclass(frozen=True)
class Standing:
    """How values of a column stand for classes: one for each class in their order, as texts, and
    what they are; is_named: they are not the labels themselves, but stand for them."""

    values: tuple[str, ...]
    held: Literal["text", "number", "boolean"]
    is_named: bool = False

    def tell(self, task: Task) -> str:
        """Which value stands for which class, where they are not the labels."""
        pairs = zip(self.values, task.classes, strict=False) if self.is_named else ()
        return ", ".join(f"{one} = {label}" for one, label in pairs)


def find_classes(task: Task, kind: Kind | None, described: str) -> Standing:
    """Actual values as classes: texts are labels; numbers are those that labels are; of two
    classes, which are named otherwise, false and 0 are the first, true and 1 the second.

    Raises: DatabaseError, for a kind of column that says nothing of classes.
    """
    names = task.classes
    labels = list_names(names, 12)
    if kind == "text":
        return Standing(names, "text")
    if kind in ("number", "boolean") and all(map(NUMBER.fullmatch, names)):
        if len(set(map(float, names))) < len(names):
            raise DatabaseError(
                f"{described}, and some of the labels ({labels}) are the same number: give --actual"
                " a column of texts."
            )
        return Standing(names, "number")
    if kind == "boolean" and {label.lower() for label in names} == {"true", "false"}:
        return Standing(tuple(label.lower() for label in names), "boolean")
    if kind == "boolean" and len(names) == 2:
        return Standing(("false", "true"), "boolean", is_named=True)
    if kind == "number" and len(names) == 2:
        return Standing(("0", "1"), "number", is_named=True)
    raise DatabaseError(
        f"{described}, and the labels are {labels}: which is which is not known. Give --actual a"
        " column of labels, which a query can make: case x when 1 then 'a' ... end"
    )


def require_numbers(kind: Kind | None, described: str) -> None:
    """Raise DatabaseError for a column that holds none, where the versions give numbers."""
    if kind != "number":
        raise DatabaseError(
            f"{described}, and the versions give numbers: --actual takes a column of numbers,"
            " which a query can make of it."
        )
