"""The versions of a model by the names that people give them, whatever database holds them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exporter.engines.statements import SHORT
from exporter.errors import DatabaseError

CHAMPION = "champion"
"""What the version is called that a model's own name stands for."""
SWITCHES = ("deploy", "promote", "rollback")
"""Entries of the journal that switch the champion."""
PREFIX = 6  # hex digits of a digest that are enough to name a version
MAX_SHOWN = 10


@dataclass(frozen=True)
class Known:
    """A version as it can be named: number, digest, and aliases, the champion's first."""

    number: int
    version: str
    aliases: tuple[str, ...]

    @property
    def is_champion(self) -> bool:
        """Does the model's own name stand for it?"""
        return CHAMPION in self.aliases

    def __str__(self) -> str:
        names = ", ".join([self.version[:SHORT], *self.aliases])
        return f"{self.number} ({names})"


def choose_version(model: str, known: Sequence[Known], wanted: str | int) -> Known:
    """The version that is meant: by an alias, "champion" among them, a number, or the beginning of
    its digest, in this order. known are all, newest first.

    Raises: DatabaseError, saying which versions there are.
    """
    text = str(wanted)
    found = [item for item in known if text in item.aliases]
    if not found and text.isascii() and text.isdigit():
        found = [item for item in known if item.number == int(text)]
    if not found and re.fullmatch(rf"[0-9a-f]{{{PREFIX},64}}", text):
        found = [item for item in known if item.version.startswith(text)]
    if len(found) == 1:
        return found[0]
    shown = ", ".join(map(str, (found or known)[:MAX_SHOWN]))
    more = len(found or known) - MAX_SHOWN
    shown += f" and {more} older ones" if more > 0 else ""
    if found:
        raise DatabaseError(
            f'several versions of model "{model}" begin with "{text}": {shown}. Give a number.'
        )
    raise DatabaseError(
        f'model "{model}" has no version "{text}"; there are: {shown or "none"}. Give a number, an'
        f" alias, or at least {PREFIX} digits of a version."
    )


def refuse_used(model: str, version: Known, known: Sequence[Known]) -> None:
    """Raise DatabaseError for a version that is the champion, or has an alias: what frees it comes
    first."""
    if not version.aliases:
        return
    name = shlex.quote(model)
    others = [item.number for item in known if not item.is_champion]
    steps = []
    if version.is_champion and others:
        another = others[0] if len(others) == 1 else "..."
        steps.append(
            f"Promote another first: export-model promote --name {name} --version {another}"
        )
    elif version.is_champion:
        steps.append(f"It is the only one: drop the model with it, export-model drop --name {name}")
    for alias in version.aliases:
        if alias != CHAMPION:
            remove = f"export-model alias {alias} --remove --name {name}"
            steps.append(f"Remove the alias first, or give it to another: {remove}")
    raise DatabaseError(
        f'version {version.number} of model "{model}" is in use: {", ".join(version.aliases)}.'
        + "".join(f"\n  {step} --dsn ..." for step in steps)
    )


def choose_earlier(
    model: str, known: Sequence[Known], switches: Iterable[tuple[str, str | None]]
) -> Known:
    """The version that was champion before; rollbacks take back what they undid. switches are the
    journal's entries of the champion, oldest first: the action and the version before it.

    Raises: DatabaseError, when the journal knows none, or none that is there.
    """
    earlier: list[str] = []
    for action, before in switches:
        if before is None:  # the model's first version: what was before it was dropped
            earlier = []
        elif action != "rollback":
            earlier.append(before)
        elif earlier:
            earlier.pop()
    there = {item.version: item for item in known}
    found = [there[version] for version in earlier if version in there]
    found = [item for item in found if not item.is_champion]
    if not found:
        shown = ", ".join(map(str, known)) or "none"
        raise DatabaseError(
            f'the journal knows no champion of model "{model}" before this one that is still there;'
            f" there are: {shown}. Name one:"
            f" export-model promote --name {shlex.quote(model)} --version ..."
        )
    return found[-1]
