"""What models share: install, uninstall."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from exporter import installing
from exporter.cli.place import choose_database, dsn_option
from exporter.cli.terminal import current_terminal, json_option, quiet_option, verbose_option
from exporter.cli.usage import Verb, given
from exporter.databases import DATABASES, database_of, get_database
from exporter.databases.database import Database
from exporter.dsn import OWN_VARIABLE
from exporter.installing import FIRST
from exporter.output import is_stream
from exporter.sql.script import Script


def _defaults() -> str:
    """Who deploys, for each database."""
    known = [item for item in DATABASES.values() if item.installation.deployers]
    return ", ".join(f"{item.title}: {item.installation.deployers}" for item in known)


@click.command("install", cls=Verb)
@click.option(
    "--dsn",
    envvar=OWN_VARIABLE,
    show_envvar=True,
    help="The database to install in, as a superuser.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="Write the script here, - for standard output, and install nothing.",
)
@click.option(
    "--deployers",
    metavar="ROLE",
    help="Who may deploy: a role, made where it is missing, whose members do; where roles do not"
    f" count in stored code, users by commas. [default: who may already, else {_defaults()}]",
)
@click.option(
    "--target",
    type=click.Choice(list(DATABASES)),
    help=f"The database that --output is for. [default: {FIRST}]",
)
@click.option("--schema", help="The schema to install in, where one can be chosen.")
@click.option("--force", is_flag=True, help="Replace a script of another content.")
@json_option
@quiet_option
@verbose_option
@click.pass_context
def install_command(
    context: click.Context,
    dsn: str | None,
    output: Path | None,
    deployers: str | None,
    target: str | None,
    schema: str | None,
    force: bool,
) -> None:
    """Install what models share, once, so that plain roles can deploy (PostgreSQL, Greenplum 7,
    Oracle)."""
    terminal = current_terminal()
    if output is None:
        try:
            dsn = choose_database(context, dsn)
        except click.UsageError as error:
            raise click.UsageError(
                f"{error.message} Or write the script, with --output.", context
            ) from error
    elif given(context, "dsn"):
        raise click.UsageError("Give --dsn to install, or --output to write the script.")
    else:
        dsn = None  # a variable alone, which is there for other commands
    if force and output is None:
        raise click.UsageError("--force is for --output.")
    if target is not None and dsn is not None:
        raise click.UsageError("--target is for --output: with --dsn the server says what it is.")
    if output is not None and is_stream(output) and terminal.as_json:
        raise click.UsageError("--json tells about the script, and --output prints it there.")
    wanted = database_of(dsn) if dsn is not None else get_database(target or FIRST)
    of_all = wanted.installation
    if dsn is not None:
        made = installing.install(
            dsn, deployers=deployers, schema=schema, progress=terminal.has_progress
        )
        who = deployers or ", ".join(of_all.known(dsn))
        terminal.text("installed; " + "\n".join(of_all.advice(who)))
        for line in made.summary:
            terminal.text(line)
        terminal.facts(_facts(wanted, made, who))
        return
    assert output is not None
    made = installing.installation(target=wanted.name, deployers=deployers, schema=schema)
    made.write(output, force=force)
    if not is_stream(output):
        terminal.text(f"Run it with: {made.command(str(output))}")
    who = deployers or of_all.deployers
    terminal.facts(_facts(wanted, made, who, output))


def _facts(wanted: Database, made: Script, who: str, script: Path | None = None) -> dict[str, Any]:
    """What install prints as JSON: the same keys, whether it was done or written."""
    return {
        "database": wanted.name,
        "installed": script is None,
        "script": script,
        "deployers": [name.strip() for name in who.split(",") if name.strip()],
        wanted.installation.makes: len(made.made),
    }


@click.command("uninstall", cls=Verb)
@dsn_option
@json_option
@quiet_option
@verbose_option
def uninstall_command(dsn: str) -> None:
    """Remove what models share, where no model is left."""
    terminal = current_terminal()
    installing.uninstall(dsn)
    terminal.text("uninstalled")
    terminal.facts({"uninstalled": True})
