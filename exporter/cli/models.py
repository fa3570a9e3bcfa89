"""The models of a database: verify, list, drop."""

from __future__ import annotations

import sys

import click

from exporter import api, life
from exporter.cli.place import dsn_option
from exporter.cli.terminal import (
    current_terminal,
    json_option,
    quiet_option,
    verbose_option,
)
from exporter.cli.usage import Verb
from exporter.facts import text_table


@click.command("verify", cls=Verb)
@dsn_option
@click.option("--name", required=True, help="Name of the model.")
@json_option
@quiet_option
@verbose_option
def verify_command(dsn: str, name: str) -> None:
    """Score the stored samples again and compare."""
    terminal = current_terminal()
    report = api.verify(dsn, name)
    terminal.text(report)
    terminal.facts(report.facts())
    if not report.is_ok:
        sys.exit(1)


@click.command("list", cls=Verb)
@dsn_option
@json_option
@quiet_option
@verbose_option
def list_command(dsn: str) -> None:
    """Show the models of a database."""
    terminal = current_terminal()
    entries = api.models(dsn)
    terminal.facts([entry.facts() for entry in entries])
    if not entries and not terminal.as_json:
        terminal.note("No model that you may see is deployed in this database.")
    if not entries:
        return
    header: tuple[str, ...] = (
        "model",
        "version",
        "current",
        "parameters",
        "file",
        "format",
        "deployed",
        "by",
        "state",
    )
    if any(e.owner not in ("", e.deployed_by) for e in entries):
        header = (*header, "owner")
    if any(e.window is not None for e in entries):
        header = (*header, "scores")
    rows = (
        (
            e.model,
            e.version,
            "yes" if e.is_current else "",
            f"{e.parameters:,}",
            e.source_file,
            f"{e.format} {e.format_version}",
            f"{e.deployed_at:%Y-%m-%d %H:%M}",
            e.deployed_by,
            e.state,
            *([e.owner] if "owner" in header else []),
            *([str(e.window or "rows")] if "scores" in header else []),
        )
        for e in entries
    )
    terminal.text(text_table(header, rows))
    for entry in entries:
        if entry.advice:
            terminal.text(f"{entry.model} is damaged; mend it: {entry.advice}")


@click.command("drop", cls=Verb)
@dsn_option
@click.option("--name", required=True, help="Name of the model.")
@click.option("--version", help="This version alone: its number, or the first digits of it.")
@click.option("--because", metavar="TEXT", help="With --version: the reason, for the journal.")
@click.option("--force", is_flag=True, help="Also remove what depends on it, views for example.")
@json_option
@quiet_option
@verbose_option
def drop_command(
    dsn: str, name: str, version: str | None, because: str | None, force: bool
) -> None:
    """Remove a model and all its versions, or one of them, and nothing else."""
    terminal = current_terminal()
    if version is not None:
        removal = life.drop_version(dsn, name, version, because=because, force=force)
        terminal.text(removal)
        terminal.facts(removal.facts())
        return
    if because is not None:
        raise click.UsageError("--because is kept for single versions: give --version too.")
    dropped = api.drop(dsn, name, force=force)
    terminal.text(dropped)
    terminal.facts(dropped.facts())
