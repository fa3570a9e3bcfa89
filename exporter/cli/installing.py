"""What models share: install, uninstall."""

from __future__ import annotations

from pathlib import Path

import click

from exporter import installing
from exporter.cli.place import dsn_option
from exporter.cli.terminal import current_terminal, json_option, quiet_option, verbose_option
from exporter.cli.usage import Verb
from exporter.databases.installation import DEPLOYERS
from exporter.output import is_stream


@click.command("install", cls=Verb)
@click.option("--dsn", help="The database to install in, as a superuser.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="Write the script here, - for standard output, and install nothing.",
)
@click.option(
    "--deployers",
    metavar="ROLE",
    default=DEPLOYERS,
    show_default=True,
    help="The role whose members deploy; it is made where it is missing.",
)
@click.option("--force", is_flag=True, help="Replace a script of another content.")
@json_option
@quiet_option
@verbose_option
def install_command(dsn: str | None, output: Path | None, deployers: str, force: bool) -> None:
    """Install what models share, once, so that plain roles can deploy (PostgreSQL)."""
    terminal = current_terminal()
    if (dsn is None) == (output is None):
        raise click.UsageError("Give --dsn to install, or --output to write the script.")
    if force and output is None:
        raise click.UsageError("--force is for --output.")
    if output is not None and is_stream(output) and terminal.as_json:
        raise click.UsageError("--json tells about the script, and --output prints it there.")
    if dsn is not None:
        made = installing.install(dsn, deployers=deployers, progress=terminal.has_progress)
        terminal.text(f"installed; deployers are the members of {deployers}:")
        terminal.text(f"  grant {deployers} to ...; grant create on database ... to {deployers};")
        terminal.facts({"installed": True, "deployers": deployers, "functions": len(made.made)})
        return
    assert output is not None
    made = installing.installation(deployers=deployers)
    made.write(output, force=force)
    if not is_stream(output):
        terminal.text(f"Run it with: {made.command(str(output))}")
    terminal.facts({"script": output, "deployers": deployers, "functions": len(made.made)})


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
