"""The entry point: the verbs as one command, and how it ends."""

from __future__ import annotations

import io
import os
import signal
import sys

import click

from exporter import __version__
from exporter.cli.compare import compare_command
from exporter.cli.describe import describe, layers
from exporter.cli.doctor import doctor
from exporter.cli.export import export
from exporter.cli.installing import install_command, uninstall_command
from exporter.cli.models import drop_command, list_command, verify_command
from exporter.cli.place import ORIGIN
from exporter.cli.score import score_command
from exporter.cli.statuses import NO_READER, STOPPED, TERMINATED
from exporter.cli.usage import Verbs
from exporter.cli.versions import (
    alias_command,
    grant_command,
    promote_command,
    prune_command,
    repair_command,
    revoke_command,
    rollback_command,
    upgrade_command,
    versions_command,
)
from exporter.databases import DATABASES, namings
from exporter.errors import DatabaseError, ExportError
from exporter.facts import plain

EXAMPLES = "\n".join(
    [
        "\b\nExamples:",
        "  export-model describe model.h5",
        *(f"  export-model {database.usage}" for database in DATABASES.values()),
        f"  export-model doctor --dsn {namings()[0].example}\n",
    ]
)


@click.group(
    cls=Verbs,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="export-model")
def command() -> None:
    """Turn a trained model into SQL functions that score it inside the database.

    \b
    export-model MODEL --target TARGET [OPTIONS]   is short for
    export-model export MODEL ...
    """


for verb in (
    export,
    describe,
    score_command,
    compare_command,
    verify_command,
    list_command,
    versions_command,
    promote_command,
    rollback_command,
    alias_command,
    grant_command,
    revoke_command,
    prune_command,
    repair_command,
    upgrade_command,
    drop_command,
    install_command,
    uninstall_command,
    doctor,
    layers,
):
    command.add_command(verb)


def main() -> None:
    """Entry point; docs/commands.md has the table of exit statuses."""
    for stream in (sys.stdout, sys.stderr):  # a name may hold what the terminal cannot show
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for database in DATABASES.values():
        database.wait_for_signals()
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _end)
    context = None
    try:
        context = command.make_context("export-model", sys.argv[1:])
        with context:
            command.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except ExportError as error:
        click.echo(plain(f"export-model: {error}"), err=True)
        origin = context.meta.get(ORIGIN) if context else None
        if origin and isinstance(error, DatabaseError):
            click.echo(f"  The database is the one that {origin} names.", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        behind_the_echo = "\n" if sys.stderr.isatty() else ""  # of ^C
        click.echo(f"{behind_the_echo}export-model: stopped", err=True)
        sys.exit(STOPPED)
    except BrokenPipeError:  # `| head` has enough
        _discard_output()
        sys.exit(NO_READER)
    except OSError as error:  # a full disk, most often that of a redirected output
        click.echo(f"export-model: {error}. Check where the output goes.", err=True)
        _discard_output()
        sys.exit(1)


def _discard_output() -> None:
    """Let what is still buffered go nowhere; Python would complain at its last flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end(number: int, frame: object) -> None:
    """SIGTERM: end by an exception, so that files are removed and statements cancelled."""
    click.echo("export-model: terminated", err=True)
    sys.exit(TERMINATED)
