"""The versions of a model: versions, promote, rollback, alias, prune, grant, revoke, repair; and
upgrade of what holds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from exporter import api, life
from exporter.cli.numbers import WholeNumber
from exporter.cli.place import dsn_option
from exporter.cli.terminal import (
    current_terminal,
    json_option,
    quiet_option,
    verbose_option,
)
from exporter.cli.usage import Verb, split_items
from exporter.databases.life import JournalEntry
from exporter.facts import text_table

F = TypeVar("F", bound=Callable[..., Any])

name_option = click.option("--name", required=True, help="Name of the model.")
because_option = click.option("--because", metavar="TEXT", help="The reason, for the journal.")
version_help = "Version: its number, an alias, or the first digits of its digest."


@click.command("versions", cls=Verb)
@dsn_option
@name_option
@click.option("--journal", "of_journal", is_flag=True, help="Who switched what, when and why.")
@json_option
@quiet_option
@verbose_option
def versions_command(dsn: str, name: str, of_journal: bool) -> None:
    """Show the versions of a model, or its journal."""
    terminal = current_terminal()
    if of_journal:
        entries = life.journal(dsn, name)
        terminal.facts([entry.facts() for entry in entries])
        terminal.text(_journal_table(entries) if entries else f"{name}: nothing was switched")
        return
    known = life.versions(dsn, name)
    terminal.facts([entry.facts() for entry in known])
    header: tuple[str, ...] = (
        "number", "version", "alias", "file", "metrics", "deployed", "by", "size",
    )  # fmt: skip
    if any(entry.source_uri for entry in known):
        header = (*header, "from")
    rows = [
        (
            str(entry.number),
            entry.version,
            ", ".join(entry.aliases),
            entry.source_file,
            ", ".join(f"{key}={value}" for key, value in entry.metrics.items()),
            f"{entry.deployed_at:%Y-%m-%d %H:%M}",
            entry.deployed_by,
            f"{entry.size / 1024:,.1f} KB",
            *([entry.source_uri or ""] if "from" in header else []),
        )
        for entry in known
    ]
    terminal.text(text_table(header, rows))


def _journal_table(entries: Sequence[JournalEntry]) -> str:
    header = ("at", "by", "action", "alias", "from", "to", "because")
    rows = [
        (
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            entry.by,
            entry.action,
            entry.alias or "",
            _numbered(entry.from_number, entry.from_version),
            _numbered(entry.to_number, entry.to_version),
            entry.because or "",
        )
        for entry in entries
    ]
    return text_table(header, rows)


def _numbered(number: int | None, version: str | None) -> str:
    return "" if version is None else f"{number or '?'} ({version})"


@click.command("promote", cls=Verb)
@dsn_option
@name_option
@click.option("--version", required=True, help=version_help)
@because_option
@json_option
@quiet_option
@verbose_option
def promote_command(dsn: str, name: str, version: str, because: str | None) -> None:
    """Make a version the champion: score and label belong to it."""
    _tell(life.promote(dsn, name, version, because=because, said=_say_changes))


@click.command("rollback", cls=Verb)
@dsn_option
@name_option
@because_option
@json_option
@quiet_option
@verbose_option
def rollback_command(dsn: str, name: str, because: str | None) -> None:
    """Make the version the champion that was it before."""
    _tell(life.rollback(dsn, name, because=because, said=_say_changes))


@click.command("alias", cls=Verb)
@click.argument("alias")
@click.argument("version", required=False)
@dsn_option
@name_option
@click.option("--remove", is_flag=True, help="Remove the alias; the version stays.")
@because_option
@json_option
@quiet_option
@verbose_option
def alias_command(
    dsn: str, name: str, alias: str, version: str | None, remove: bool, because: str | None
) -> None:
    """Give VERSION a name: score_ALIAS and label_ALIAS belong to it."""
    if remove == (version is not None):
        raise click.UsageError("Give ALIAS and VERSION, or ALIAS and --remove.")
    if version is None:
        _tell(life.unalias(dsn, name, alias, because=because))
    else:
        _tell(life.alias(dsn, name, alias, version, because=because, said=_say_changes))


@click.command("prune", cls=Verb)
@dsn_option
@name_option
@click.option("--keep", type=WholeNumber(1), required=True, help="How many versions stay.")
@because_option
@json_option
@quiet_option
@verbose_option
def prune_command(dsn: str, name: str, keep: int, because: str | None) -> None:
    """Remove old versions; the champion and what has an alias stay anyway."""
    _tell(life.prune(dsn, name, keep=keep, because=because))


@click.command("grant", cls=Verb)
@click.argument("roles", metavar="ROLE[,ROLE]")
@dsn_option
@name_option
@json_option
@quiet_option
@verbose_option
def grant_command(dsn: str, name: str, roles: str) -> None:
    """Let roles score a model, and all versions of it that come."""
    _tell(life.grant(dsn, name, split_items("ROLE", roles)))


@click.command("revoke", cls=Verb)
@click.argument("roles", metavar="ROLE[,ROLE]")
@dsn_option
@name_option
@json_option
@quiet_option
@verbose_option
def revoke_command(dsn: str, name: str, roles: str) -> None:
    """Take the right to score a model from roles."""
    _tell(life.revoke(dsn, name, split_items("ROLE", roles)))


@click.command("repair", cls=Verb)
@dsn_option
@name_option
@json_option
@quiet_option
@verbose_option
def repair_command(dsn: str, name: str) -> None:
    """Make what is missing or altered of a model again, from the registry alone."""
    terminal = current_terminal()
    _tell(api.repair(dsn, name, progress=terminal.has_progress))


@click.command("upgrade", cls=Verb)
@dsn_option
@json_option
@quiet_option
@verbose_option
def upgrade_command(dsn: str) -> None:
    """Bring the registry of an earlier export-model to this one's format."""
    _tell(life.upgrade(dsn))


def _say_changes(changes: Sequence[str]) -> None:
    """Before anything is switched."""
    if changes:
        current_terminal().note("\n".join(["Callers see a change:", *(f"  {c}" for c in changes)]))


def _tell(value: Any) -> None:
    terminal = current_terminal()
    terminal.text(value)
    terminal.facts(value.facts())
