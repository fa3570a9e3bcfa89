"""What is done with the versions of a model, and what those verbs give back: one record for each
database."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from exporter.databases.results import Deployment, Difference, tell_gone
from exporter.errors import DatabaseError, counted
from exporter.facts import Shown
from exporter.manifest import Manifest, Stored
from exporter.places import Place


@dataclass(frozen=True)
class VersionEntry(Shown):
    """A version of a model: number counts them, version is the digest, aliases begin with
    "champion" where the model's functions belong to it; size is that of the weights in bytes.

    How many rows it scored is not said: nothing counts the calls of a function in SQL, and tables
    of scores are their owners'.
    """

    model: str
    number: int
    version: str
    aliases: tuple[str, ...]
    source_file: str
    source_uri: str | None
    metrics: dict[str, Any] = field(hash=False)
    because: str | None
    deployed_at: datetime
    deployed_by: str
    size: int
    parameters: int
    engine: str


@dataclass(frozen=True)
class JournalEntry(Shown):
    """What somebody did with a model: by is who logged in, alias what was switched, None for the
    champion. Versions are digests with the numbers that they had."""

    model: str
    at: datetime
    by: str
    action: str
    alias: str | None
    from_version: str | None
    to_version: str | None
    from_number: int | None
    to_number: int | None
    because: str | None


@dataclass(frozen=True)
class Switch(Shown):
    """The champion or an alias belongs to another version now: to_number, None where the alias was
    removed. changes are lines of what callers see change: functions and labels that came, as +, and
    that went, as -. lost_reason: one was given, and as nothing was switched it is in no journal.
    """

    model: str
    alias: str
    from_number: int | None
    to_number: int | None
    version: str | None
    changes: tuple[str, ...] = ()
    lost_reason: bool = field(default=False, repr=False)

    @property
    def is_changed(self) -> bool:
        """Was it another version before?"""
        return self.from_number != self.to_number

    def __str__(self) -> str:
        if self.to_number is None:
            return f"{self.model}: {self.alias} is removed, it was version {self.from_number}"
        text = f"{self.model}: {self.alias} is version {self.to_number} ({self.version})"
        if not self.is_changed:
            lost = ", and the reason was not written down" if self.lost_reason else ""
            return f"{text}, as before: nothing was switched{lost}"
        return text + ("" if self.from_number is None else f", it was {self.from_number}")


@dataclass(frozen=True)
class Removal(Shown):
    """Versions that were removed, by their numbers, and those that stay; others are what of others
    went with them by force."""

    model: str
    removed: tuple[int, ...]
    kept: tuple[int, ...]
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        numbers = f" ({', '.join(map(str, self.removed))})" if self.removed else ""
        count = counted(len(self.removed), "version")
        of = "version" if len(self.kept) == 1 else "versions"
        stays = f"{of} {', '.join(map(str, self.kept))}" if self.kept else "none"
        text = f"{self.model}: {count} removed{numbers}; left: {stays}"
        return "\n".join([text, *tell_gone(self.others)])


@dataclass(frozen=True)
class Granted(Shown):
    """Who may score a model by its grants; still_able are roles that were taken out and may score
    through others, PUBLIC for one."""

    model: str
    grantees: tuple[str, ...]
    still_able: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"{self.model}: granted to {', '.join(self.grantees) or 'nobody'}"
        if self.still_able:
            text += (
                f"; {', '.join(self.still_able)} may still score it, by rights of PUBLIC, of"
                " another role or of its own"
            )
        return text


@dataclass(frozen=True)
class Upgrade(Shown):
    """The registry's format before and now; older are models whose own functions another
    export-model made, which go on as they are."""

    before: int | None
    now: int
    older: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"the registry had format {self.before} and has {self.now}"
        if self.before == self.now:
            text = (
                f"the registry has format {self.now}, as before; its functions are this program's"
            )
        if not self.older:
            return text
        mends = (
            f"  export-model repair --name {shlex.quote(name)} --dsn ..." for name in self.older
        )
        count = counted(len(self.older), "model")
        return (
            f"{text}\nfunctions of {count} are another export-model's and go on; for those of this"
            " one, when it suits:\n" + "\n".join(mends)
        )


@dataclass(frozen=True)
class Repaired:
    """A model made whole: its champion and what of that was mended; others are what was mended of
    its other versions and of aliases, or cannot be, with the reason."""

    manifest: Manifest
    deployment: Deployment
    others: tuple[Difference, ...]

    def __str__(self) -> str:
        done = self.deployment
        champion = f"{done.model}, version {done.version[:12]}: nothing had to be mended"
        if done.differences or not done.was_there:
            champion = str(done)
        return "\n".join([champion, *(f"  {other}" for other in self.others)])


Said = Callable[[Sequence[str]], None]
"""Is told what a switch changes for callers, before it acts."""


@dataclass(frozen=True)
class Life:
    """The verbs of versions. Where place is not enough: model, then a version as a number, an alias
    or the beginning of a digest; because is a reason or None.

    is_kept: a registry holds all that; else every verb refuses.
    versions(place, model); journal(place, model or None);
    promote(place, model, version, because, said); rollback(place, model, because, said);
    set_alias(place, model, alias, version, because, said);
    remove_alias(place, model, alias, because);
    drop_version(place, model, version, because, force); prune(place, model, keep, because);
    grant and revoke(place, model, roles); repair(place, model, the target's options, deploy), of
    which deploy compiles and deploys a version as it is stored. upgrade(place).
    All of them raise DatabaseError, saying what to do next. Every field has to be given.
    """

    is_kept: bool
    versions: Callable[[Place, str], list[VersionEntry]]
    journal: Callable[[Place, str | None], list[JournalEntry]]
    promote: Callable[[Place, str, str | int, str | None, Said], Switch]
    rollback: Callable[[Place, str, str | None, Said], Switch]
    set_alias: Callable[[Place, str, str, str | int, str | None, Said], Switch]
    remove_alias: Callable[[Place, str, str, str | None], Switch]
    drop_version: Callable[[Place, str, str | int, str | None, bool], Removal]
    prune: Callable[[Place, str, int, str | None], Removal]
    grant: Callable[[Place, str, Sequence[str]], Granted]
    revoke: Callable[[Place, str, Sequence[str]], Granted]
    repair: Callable[[Place, str, dict[str, Any], Callable[[Stored], Deployment]], Repaired]
    upgrade: Callable[[Place], Upgrade]


def no_life(title: str) -> Life:
    """That of a database whose models have one version at a time."""

    def refuse(*_: Any) -> NoReturn:
        raise DatabaseError(
            f"{title} keeps no numbers, aliases and journal of versions yet; PostgreSQL and"
            " Greenplum do. A version that was deployed before comes back by deploying its file."
        )

    return Life(False, *[refuse] * 12)
