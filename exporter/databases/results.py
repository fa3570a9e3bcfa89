"""What the verbs of a database give back; the same values whichever database it is."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exporter.errors import counted
from exporter.facts import Shown
from exporter.ir.windows import Window

MAX_SHOWN = 3  # differences in one line, or alike one by one
UNLISTED = "the registry does not list "
REPAIRABLE = re.compile(
    rf"(\d+ )?functions? |(type|schema|view|usage on schema) |{UNLISTED}|the (extension|language) "
    r"|table .* has lost its column "
)
"""How differences begin that are mended without the model's file."""
FUNCTION = re.compile(r"function (.*\)) (.*)")


@dataclass(frozen=True)
class Difference:
    """One thing in the database that is not as it was made, in words; is_old where it was made by
    another version of export-model and is otherwise whole. first is what somebody has to run
    before it can be mended, mender the role that then mends it, where that is another than asks."""

    what: str
    is_old: bool = False
    first: str = ""
    mender: str = ""

    def __str__(self) -> str:
        return self.what


def gather(differences: Iterable[Difference]) -> list[tuple[Difference, list[Difference]]]:
    """Differences with those that they stand for: what holds for many functions is told once."""
    alike: dict[tuple[str, bool], list[Difference]] = {}
    for difference in differences:
        found = FUNCTION.fullmatch(difference.what)
        wording = found[2] if found else difference.what
        alike.setdefault((wording, difference.is_old), []).append(difference)
    gathered = []
    for (wording, is_old), members in alike.items():
        found = FUNCTION.fullmatch(members[0].what)
        if found is None or len(members) <= MAX_SHOWN:
            gathered += [(member, [member]) for member in members]
            continue
        what = re.sub(r"^was ", "were ", re.sub(r"^is ", "are ", wording))
        text = f"{len(members)} functions, {found[1]} for one, {what}"
        gathered.append((Difference(text, is_old), members))
    return gathered


def tell_damages(damages: Iterable[Difference]) -> str:
    """All of them in a few words: the first, and how many more there are."""
    first, *others = [str(shown) for shown, _ in gather(damages)]
    return f"{first}; and {len(others)} more" if others else first


def mend(model: str, differences: Iterable[Difference]) -> str:
    """What to do about differences: where nothing of the registry's rows is missing, the model's
    file is not needed."""
    differences = list(differences)
    name = shlex.quote(model)
    again = f"deploy it again: export-model MODEL --target ... --name {name}"
    if all(REPAIRABLE.match(d.what) for d in differences):
        again = f"export-model repair --name {name} --dsn ...; or {again}"
    firsts = list(dict.fromkeys(d.first for d in differences if d.first))
    mender = next((f'as role "{d.mender}"' for d in differences if d.mender), "")
    if firsts:
        again = f"{' '.join(firsts)} then{mender and f', {mender}'}: {again}"
    elif mender:
        again = f"{mender}: {again}"
    if all(d.what.startswith(UNLISTED) for d in differences):
        unlisted = "; ".join(f"drop {d.what.removeprefix(UNLISTED)}" for d in differences)
        return f"{again}. What a view still needs stays: drop that first, then {unlisted};"
    if any("no current version" in d.what or "is missing" in d.what for d in differences):
        return f"{again}; or remove what is left: export-model drop --name {name} --dsn ..."
    return again


@dataclass(frozen=True)
class Series:
    """How the rows of a source form series, for windows over them, and where scores go.

    partition_by and order_by are columns, partition_by None where all rows are one series. max_gap
    is a number or, as text, an interval; step is None for the model's own. columns are those of the
    target, as NAME or NAME=WHAT, none for the usual ones.
    """

    order_by: str
    partition_by: str | None = None
    max_gap: float | str | None = None
    step: int | None = None
    columns: tuple[str, ...] = ()


def only_for_windows(names: Sequence[str], order_by: str) -> str:
    """What is wrong about these options where order_by, as its caller writes it, was not given."""
    are = "is" if len(names) == 1 else "are"
    return (
        f"{' and '.join(names)} {are} for windows of rows: give {order_by}, the column in whose"
        " order rows follow each other."
    )


@dataclass(frozen=True)
class Deployment:
    """What is in the database now. was_there: this version was deployed before; differences: what
    of it was not as this program makes it, and is again; changes: lines of what callers of the
    version that it replaced see change, - and +."""

    model: str
    version: str
    was_there: bool
    differences: tuple[Difference, ...] = ()
    changes: tuple[str, ...] = ()

    def __str__(self) -> str:
        state = "was already deployed" if self.was_there else "deployed"
        damages = [difference for difference in self.differences if not difference.is_old]
        if damages:
            gathered = [str(shown) for shown, _ in gather(damages)]
            shown = "; ".join(gathered[:MAX_SHOWN])
            rest = len(gathered) - MAX_SHOWN
            more = f"; and {rest} more" if rest > 0 else ""
            count = counted(len(damages), "difference")
            state = f"refreshed, {count} mended: {shown}{more}"
        elif self.differences:
            state = "refreshed, it was made by another version of export-model"
        return f"{self.model}, version {self.version[:12]}: {state}"


@dataclass(frozen=True)
class Entry(Shown):
    """One version as the registry's overview shows it; version is shortened.

    state says of a current one whether it is as it was made, and advice what to do where it is not;
    window is there where it scores windows over rows. owner is the role that the model belongs to,
    which PostgreSQL sees to, where the registry says it; deployed_by is what that role wrote.
    """

    model: str
    version: str
    is_current: bool
    inputs: str
    outputs: str
    parameters: int
    source_file: str
    format: str
    format_version: str
    deployed_at: datetime
    deployed_by: str
    state: str = ""
    window: Window | None = None
    owner: str = ""
    advice: str = ""

    def facts(self) -> dict[str, Any]:
        """Its fields; the window taken apart."""
        window = None if self.window is None else self.window.facts()
        return {**super().facts(), "window": window}


@dataclass(frozen=True)
class Report(Shown):
    """Result of a verification: the largest scaled difference, and how many outputs were off;
    damages is what of the model is not as it was made."""

    model: str
    samples: int
    failed: int
    difference: float
    tolerance: float
    expected_by: str
    damages: tuple[Difference, ...] = ()

    @property
    def is_ok(self) -> bool:
        """True when every sample was scored within the tolerance, and all is as it was made."""
        return self.samples > 0 and self.failed == 0 and not self.damages

    def facts(self) -> dict[str, Any]:
        """Its fields, and the verdict."""
        return {**super().facts(), "is_ok": self.is_ok}

    def __str__(self) -> str:
        if self.damages:
            lines = [f"{self.model}: DAMAGED", *(f"  {shown}" for shown, _ in gather(self.damages))]
            return "\n".join([*lines, f"  mend it: {mend(self.model, self.damages)}"])
        verdict = "verified" if self.is_ok else f"WRONG in {counted(self.failed, 'output')}"
        return (
            f"{self.model}: {verdict}; {counted(self.samples, 'sample')}, largest difference"
            f" {self.difference:.2g} (tolerance {self.tolerance:.2g}),"
            f" expected outputs by {self.expected_by}"
        )


@dataclass(frozen=True)
class Dropped(Shown):
    """A model that was removed: its own functions, types and tables; others are what went with it
    by force, and left what keeps its schema there, because export-model did not make it. is_last:
    the registry went with it. Names are as SQL writes them, each behind its kind."""

    model: str
    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    is_last: bool = False

    def facts(self) -> dict[str, Any]:
        """Its fields, and that it is dropped."""
        return {"dropped": True, **super().facts()}

    def __str__(self) -> str:
        kinds = Counter(name.split(" ")[0].replace("composite", "type") for name in self.own)
        counts = ", ".join(counted(count, kind) for kind, count in kinds.items())
        lines = [f"{self.model}: dropped{counts and f', with {counts}'}"]
        lines += tell_gone(self.others)
        if self.left:
            lines.append(f'  schema "{self.model}" stays, with what export-model did not make:')
            lines += [f"    {name}" for name in self.left]
        if self.is_last:
            lines.append("  the registry went with it, for it was the last model")
        return "\n".join(lines)


def tell_gone(others: Sequence[str]) -> list[str]:
    """Lines about what of others went with something that was removed by force."""
    if not others:
        return []
    return ["  gone with it, for it was needed there:", *(f"    {name}" for name in others)]


@dataclass(frozen=True)
class Check(Shown):
    """One thing that was looked at; advice is the command that mends it, when it is not fine.

    level is "ok", "slow" (works, but slower than it could), "old" (works, made by another version
    of export-model), "open" (works, but rights do not protect what they seem to) or "fail".
    """

    name: str
    level: str
    finding: str
    advice: str = ""

    def __str__(self) -> str:
        mend = f"\nmend it: {self.advice}" if self.advice else ""
        return f"{self.level:<5} {self.name}: {self.finding}" + mend.replace("\n", "\n      ")


@dataclass(frozen=True)
class Scoring(Shown):
    """What a run did: rows written, in how many seconds, whether it was stopped early."""

    target: str
    rows: int
    seconds: float
    was_stopped: bool

    def __str__(self) -> str:
        speed = round(self.rows / max(self.seconds, 1e-9))
        text = f"{counted(self.rows, 'row')} scored into {self.target} in {self.seconds:.1f} s"
        if speed:
            text += f" ({counted(speed, 'row')}/s)"
        if self.was_stopped:
            text += "; stopped before the end. The same command goes on where this one stopped."
        return text
