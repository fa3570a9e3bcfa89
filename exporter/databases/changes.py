"""What changes for callers of a model when another version takes its place."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exporter.errors import list_names, printable
from exporter.sql.script import Call

PLAIN = re.compile(r'"([a-z_][a-z0-9_]*)"')  # names that need no quotes


@dataclass(frozen=True)
class Meaning:
    """What labels of a version mean: their names, and the score above which the second is given."""

    labels: Sequence[str] = ()
    threshold: float | None = None


def find_gone(there: Mapping[str, str], wanted: Sequence[Call]) -> dict[str, str]:
    """Of the functions that are there, by identity with their headers, those that no wanted one can
    take the place of."""
    stays = {call.identity for call in wanted if call.fits(there.get(call.identity))}
    return {identity: header for identity, header in there.items() if identity not in stays}


def find_come(there: Mapping[str, str], wanted: Sequence[Call]) -> dict[str, str]:
    """Of the wanted functions those that come, with their headers."""
    return {
        call.identity: call.header for call in wanted if not call.fits(there.get(call.identity))
    }


def tell_functions(gone: Mapping[str, str], come: Mapping[str, str]) -> tuple[str, ...]:
    """A line for each function, as people read them: what goes as -, what comes as +."""
    return (*_lines("-", gone), *_lines("+", come))


def tell_meanings(before: Meaning, after: Meaning) -> tuple[str, ...]:
    """Lines of labels that come instead of others, from a function that stays; where one of the
    versions has none, the functions say so."""
    if not (before.labels and after.labels):
        return ()
    lines: list[str] = []
    if tuple(before.labels) != tuple(after.labels):
        shown = [list_names(list(map(printable, item.labels)), 12) for item in (before, after)]
        lines += [f"- labels {shown[0]}", f"+ labels {shown[1]}"]
    if before.threshold != after.threshold and None not in (before.threshold, after.threshold):
        lines += [f"- threshold {before.threshold:g}", f"+ threshold {after.threshold:g}"]
    return tuple(lines)


def warn(model: str, changes: Sequence[str]) -> str:
    """What a deployment says before it replaces a version that callers see change."""
    name = shlex.quote(model)
    lines = [f"{model}: this version replaces one, and what calls it sees a change:"]
    lines += [f"  {line}" for line in changes]
    lines.append(
        "  Queries and programs have to follow. To keep both: deploy with --no-promote, or under"
        f" another --name. To go back: export-model rollback --name {name} --dsn ..."
    )
    return "\n".join(lines)


def _lines(sign: str, headers: Mapping[str, str]) -> list[str]:
    lines = (f"{sign} {key.partition('(')[0]}{header}" for key, header in headers.items())
    return sorted(printable(PLAIN.sub(r"\1", line)) for line in lines)
