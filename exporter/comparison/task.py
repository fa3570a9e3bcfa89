"""What two versions have in common that can be compared: a number, or classes, or nothing."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Literal

from exporter.errors import DatabaseError, counted, list_names
from exporter.ir.graph import count_numbers
from exporter.manifest import Manifest

MAX_CLASSES = 100
Kind = Literal["binary", "classes", "numbers"]


@dataclass(frozen=True)
class Side:
    """One of the two: as it was named, its digest, and the labels that it tells apart.

    place is where in its output the compared number stands, from 0; None where the output is that
    number, or a number for each class.
    """

    wanted: str
    version: str
    labels: tuple[str, ...] = ()
    place: int | None = None

    @property
    def title(self) -> str:
        """As people know it: the name, and which version that is."""
        short = self.version[:12]
        if self.version.startswith(self.wanted) and len(self.wanted) >= len(short):
            return short
        return f"{'version ' if self.wanted.isdecimal() else ''}{self.wanted} ({short})"


@dataclass(frozen=True)
class Task:
    """What both versions do: tell two classes apart by one number, several by one number each, or
    give a number. classes are those of both, in the order of the first's; sides the versions."""

    kind: Kind
    classes: tuple[str, ...]
    sides: tuple[Side, Side]


def settle_task(wanted: tuple[str, str], manifests: tuple[Manifest, Manifest]) -> Task:
    """What is compared of two versions, as they were named.

    Raises: DatabaseError, for what cannot be compared, by name.
    """
    if manifests[0].version == manifests[1].version:
        raise DatabaseError(
            f"{wanted[0]} and {wanted[1]} are the same version, {manifests[0].version[:12]}: there"
            " is nothing to compare. See: export-model versions"
            f" --name {shlex.quote(manifests[0].name)} --dsn ..."
        )
    found = [_settle_side(*pair) for pair in zip(wanted, manifests, strict=True)]
    (kind, first), (other, second) = found
    if kind != other:
        raise DatabaseError(
            f"{_tell(kind, first)}, and {_tell(other, second)}: they answer different questions,"
            " and have no scores to compare."
        )
    classes = first.labels + tuple(sorted(set(second.labels) - set(first.labels)))
    if kind == "binary" and first.labels != second.labels:
        raise DatabaseError(
            f"{_tell(kind, first)}, and {_tell(kind, second)}: whether their scores mean the same"
            " is not known. Deploy one of them again with --labels, in the order of the other's."
        )
    if kind == "classes" and not set(first.labels) & set(second.labels):
        raise DatabaseError(
            f"{_tell(kind, first)}, and {_tell(kind, second)}: no label is one of both. Deploy one"
            " of them again with --labels."
        )
    if len(classes) > MAX_CLASSES:
        raise DatabaseError(
            f"the versions tell {len(classes)} classes apart, and compare takes at most"
            f" {MAX_CLASSES}."
        )
    return Task(kind, classes, (first, second))


def _settle_side(wanted: str, manifest: Manifest) -> tuple[Kind, Side]:
    """What one version does.

    Raises: DatabaseError, when it is nothing that is compared.
    """
    signature, outputs = manifest.signature, manifest.outputs
    side = Side(wanted, manifest.version, signature.labels)
    if signature.window is not None:
        raise DatabaseError(f"{side.title} scores windows of rows; compare takes rows alone.")
    if len(outputs) > 1:
        names = list_names([port.name for port in outputs])
        raise DatabaseError(
            f"{side.title} has {len(outputs)} outputs ({names}); compare takes models with one."
        )
    (output,) = outputs
    count = count_numbers(output.shape)
    if not signature.labels and count == 1:
        return "numbers", side
    if len(signature.labels) == 2 and count in (1, 2):
        place = None if count == 1 else 1
        return "binary", Side(wanted, manifest.version, signature.labels, place)
    if signature.labels and count == len(signature.labels):
        return "classes", side
    amount = "any number of numbers" if count is None else counted(count, "number")
    what = f"and {counted(len(signature.labels), 'label')}" if signature.labels else "and no labels"
    raise DatabaseError(
        f"{side.title} gives {amount} a row {what}; compare takes models that give one"
        " number, or one for each of their labels."
    )


def _tell(kind: Kind, side: Side) -> str:
    """What a version does, for messages."""
    if kind == "numbers":
        return f"{side.title} gives a number"
    return f"{side.title} tells classes apart ({list_names(side.labels)})"
