"""Whether a server can hold and score models: doctor."""

from __future__ import annotations

import sys

import click

from exporter import api
from exporter.cli.place import dsn_option
from exporter.cli.terminal import current_terminal, json_option, quiet_option, verbose_option
from exporter.cli.usage import Verb
from exporter.databases import database_of


@click.command(cls=Verb)
@dsn_option
@click.option(
    "--revoke",
    is_flag=True,
    help="Print the statements that take away rights by which roles could read weights.",
)
@json_option
@quiet_option
@verbose_option
def doctor(dsn: str, revoke: bool) -> None:
    """Check that a server can hold and score models."""
    terminal = current_terminal()
    if revoke:
        if terminal.as_json or terminal.is_quiet:
            raise click.UsageError("--revoke prints a script, and neither JSON nor nothing.")
        click.echo(database_of(dsn).revoke(dsn))
        return
    checks = api.doctor(dsn)
    terminal.facts([check.facts() for check in checks])
    for check in checks:
        terminal.text(check)
    if any(check.level == "fail" for check in checks):
        sys.exit(1)
