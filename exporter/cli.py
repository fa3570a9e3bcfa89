"""export-model: arguments become calls of the stages, results go to stdout, the rest to stderr."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from exporter import __version__, api
from exporter.databases import DATABASES, check_target, database_of, get_database, namings
from exporter.dsn import OWN_VARIABLE, URL_VARIABLE, find_dsn, holds_password
from exporter.errors import DatabaseError, ExportError, UnsupportedError
from exporter.facts import text_table
from exporter.formats import describe_judges
from exporter.formats.format import EXPECTED_BY, ExpectedBy
from exporter.output import STANDARD_OUTPUT, file_name, is_stream
from exporter.sql.script import Script
from exporter.support import layer_facts, layer_tables
from exporter.terminal import (
    Terminal,
    current_terminal,
    json_option,
    listen_for_people,
    quiet_option,
    verbose_option,
)
from exporter.usage import Verb, Verbs, given, refuse_verb, split_items

F = TypeVar("F", bound=Callable[..., Any])
ORIGIN = "exporter.origin"  # what names the database, in the context's meta; "" for --dsn
DSN_HELP = f"Database: {'; '.join(naming.forms for naming in namings())}."
STOPPED = 130  # exit status after Ctrl-C, as shells have it: 128 + SIGINT
NO_READER = 141  # 128 + SIGPIPE: whoever read the output went away
TERMINATED = 143  # 128 + SIGTERM
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


def choose_database(context: click.Context, dsn: str | None, is_wanted: bool = True) -> str | None:
    """The DSN that was given, or that of the environment if one is wanted; which it is is kept for
    messages.

    Raises: UsageError, when one is wanted and there is none.
    """
    origin = "" if given(context, "dsn") else f"the variable {OWN_VARIABLE}"
    if dsn is None:
        found = find_dsn() if is_wanted else None
        if is_wanted and found is None:
            raise click.UsageError(
                f"Missing option '--dsn'. Give it, or set the environment variable {OWN_VARIABLE},"
                f" {URL_VARIABLE} or {_driver_variables()}.",
                context,
            )
        dsn, origin = found or (None, "")
    context.meta[ORIGIN] = origin
    if dsn is not None and not origin and holds_password(dsn):
        context.ensure_object(Terminal).note(
            "note: others on this machine can see the password behind --dsn, with ps for one. Leave"
            f" it to {database_of(dsn).naming.password_place}."
        )
    return dsn


def _choose(context: click.Context, parameter: click.Parameter, dsn: str | None) -> str | None:
    return choose_database(context, dsn)


def dsn_option(function: F) -> F:
    """Give a command --dsn, which may come from the environment."""
    return click.option(
        "--dsn", envvar=OWN_VARIABLE, show_envvar=True, callback=_choose, help=DSN_HELP
    )(function)


class Export(Verb):
    """The verb with --target and the options of every database that is in DATABASES."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """As click does; the databases' own options last but for --help."""
        *params, help_option = super().get_params(ctx)
        target = click.Option(
            ["--target"],
            type=click.Choice(sorted(DATABASES)),
            required=True,
            help="The database.",
        )
        own = [
            click.Option(
                [option.flag],
                type=click.Choice([str(choice) for choice in option.choices]),
                help=f"With --target {item.name}: {option.help} [default: {option.default}]",
            )
            for item in DATABASES.values()
            for option in item.options
        ]
        return [params[0], target, *params[1:], *own, help_option]


@command.command("export", cls=Export)
@click.argument("model", type=click.Path(path_type=Path), callback=refuse_verb)
@click.option("--dsn", envvar=OWN_VARIABLE, show_envvar=True, help=f"{DSN_HELP} Deploys there.")
@click.option(
    "--deploy",
    "is_deploy",
    is_flag=True,
    help=f"Deploy to the database of {URL_VARIABLE} or of the driver's own variables, when neither"
    f" --dsn nor {OWN_VARIABLE} names one.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the script here, - for standard output, and deploy nothing"
    " (default without --dsn: NAME.sql).",
)
@click.option("--name", help="What to call the model in SQL (default: the file's stem).")
@click.option("--features", help="Names of the input's columns, separated by commas.")
@click.option(
    "--features-from",
    metavar="TABLE",
    help="Take the columns from TABLE, all numeric ones or those of --features; needs --dsn.",
)
@click.option("--labels", help="Names of the classes in the order of the outputs, by commas.")
@click.option("--threshold", type=float, help="Score above which label 1 is given. [default: 0.5]")
@click.option(
    "--samples",
    type=click.IntRange(1, api.MAX_SAMPLES),
    default=8,
    show_default=True,
    help="Rows stored with expected outputs, scored before the deployment is accepted.",
)
@click.option(
    "--expected-by",
    type=click.Choice(EXPECTED_BY),
    default="auto",
    show_default=True,
    help=describe_judges(),
)
@click.option(
    "-f", "--force", is_flag=True, help="Replace a script that is there with another content."
)
@json_option
@quiet_option
@verbose_option
@click.pass_context
def export(
    context: click.Context,
    /,
    model: Path,
    target: str,
    dsn: str | None,
    is_deploy: bool,
    output: Path | None,
    name: str | None,
    features: str | None,
    features_from: str | None,
    labels: str | None,
    threshold: float | None,
    samples: int,
    expected_by: ExpectedBy,
    force: bool,
    **of_databases: str | None,
) -> None:
    """Deploy MODEL with --dsn, or write it as a script for psql or SQL*Plus."""
    terminal = current_terminal()
    if is_deploy and output is not None:
        raise click.UsageError("--output writes a script and --deploy deploys: give one of them.")
    dsn = choose_database(context, dsn, is_wanted=is_deploy)
    options = _choose_options(target, of_databases)
    if dsn is not None:
        check_target(target, dsn)
    if features_from is not None and dsn is None:
        raise click.UsageError("--features-from reads a table's columns and needs --dsn.")
    if dsn is not None and output is not None and features_from is None and given(context, "dsn"):
        raise click.UsageError(
            "--output writes a script and --dsn deploys: give one of them. (Together they are for"
            " --features-from, which reads the table's columns and deploys nothing.)"
        )
    if force and dsn is not None and output is None:
        raise click.UsageError("--force replaces a script's file, and with --dsn none is written.")
    if output is not None and output.exists() and model.exists() and output.samefile(model):
        raise click.UsageError("--output is the model file itself; name the script otherwise.")
    if output is not None and is_stream(output) and terminal.as_json:
        raise click.UsageError("--json tells about the script, and --output prints it there.")
    listen_for_people(context)
    network = _read(model)
    made = api.script(
        network,
        target=target,
        name=name,
        features=split_items("--features", features),
        features_from=features_from,
        labels=split_items("--labels", labels),
        threshold=threshold,
        samples=samples,
        expected_by=expected_by,
        database=None if features_from is None else dsn,
        **options,
    )
    if dsn is None or output is not None:
        _write(made, output or Path(f"{file_name(made.model)}.sql"), force)
        if dsn is not None:
            terminal.note("Nothing was deployed: --output only writes the script.")
        return
    deployed = api.run(made, dsn, progress=terminal.has_progress)
    terminal.text(deployed)
    report = deployed.verify()
    terminal.text(report)
    terminal.text(f"Try: {deployed.example}")
    terminal.facts({**deployed.facts(), "verified": report.facts()})
    if not report.is_ok:
        sys.exit(1)


@command.command()
@click.argument("model", type=click.Path(path_type=Path))
@json_option
@quiet_option
def describe(model: Path) -> None:
    """Show what MODEL is made of, and what cannot be exported."""
    terminal = current_terminal()
    try:
        description = _read(model).describe()
    except UnsupportedError as error:
        problems = error.problems
        terminal.facts({"file": model.name, "unsupported": [vars(p) for p in problems]})
        terminal.text(
            f"{model.name} cannot be exported because of {error.count}\n"
            + text_table(
                ("name", "class", "why", "what to do"),
                ((p.layer, p.class_name, p.reason, p.advice) for p in problems),
            )
        )
        sys.exit(1)
    terminal.facts(description.facts())
    terminal.text(description)


@command.command("score")
@dsn_option
@click.option("--name", required=True, help="Name of the model.")
@click.option("--table", required=True, help="Table, view or query (select ...) to score.")
@click.option("--key", required=True, help="Column that tells its rows apart.")
@click.option("--into", required=True, help="Table for the scores; made when it is not there.")
@click.option(
    "--jobs",
    type=click.IntRange(1, api.MAX_JOBS),
    default=1,
    show_default=True,
    help="Connections that score at once; as many as the server has free cores.",
)
@json_option
@quiet_option
@verbose_option
def score_command(dsn: str, name: str, table: str, key: str, into: str, jobs: int) -> None:
    """Score a table into a table of scores, inside the database.

    Rows that INTO holds a score of this version for are skipped: after Ctrl-C, or when rows came
    in, the same command goes on.
    """
    terminal = current_terminal()
    scoring = api.score_table(
        dsn, name, table, key=key, into=into, jobs=jobs, progress=terminal.has_progress
    )
    terminal.text(scoring)
    terminal.facts(scoring.facts())
    if scoring.was_stopped:
        sys.exit(STOPPED)


@command.command("verify")
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


@command.command("list")
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
        say("No model is deployed in this database.")
    if not entries:
        return
    header = (
        "model",
        "version",
        "current",
        "parameters",
        "file",
        "format version",
        "deployed",
        "by",
        "state",
    )
    rows = (
        (
            e.model,
            e.version,
            "yes" if e.is_current else "",
            f"{e.parameters:,}",
            e.source_file,
            e.format_version,
            f"{e.deployed_at:%Y-%m-%d %H:%M}",
            e.deployed_by,
            e.state,
        )
        for e in entries
    )
    terminal.text(text_table(header, rows))


@command.command("drop")
@dsn_option
@click.option("--name", required=True, help="Name of the model.")
@click.option("--force", is_flag=True, help="Also remove what depends on it, views for example.")
@json_option
@quiet_option
@verbose_option
def drop_command(dsn: str, name: str, force: bool) -> None:
    """Remove a model and all its versions, and nothing else."""
    terminal = current_terminal()
    api.drop(dsn, name, force=force)
    terminal.text(f"{name}: dropped")
    terminal.facts({"model": name, "dropped": True})


@command.command()
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


@command.command()
@json_option
def layers() -> None:
    """Show the supported layers, their limits and the ops they become, as Markdown."""
    terminal = current_terminal()
    terminal.text(layer_tables())
    terminal.facts(layer_facts())


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
        click.echo(f"export-model: {error}", err=True)
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


def _choose_options(target: str, given_options: dict[str, str | None]) -> dict[str, Any]:
    """The options of databases that stand on the command line, with the values that they mean.

    Raises: UsageError, for one of another database than the target.
    """
    chosen = {}
    for item in DATABASES.values():
        for option in item.options:
            text = given_options.get(option.name)
            if text is None:
                continue
            if option not in get_database(target).options:
                raise click.UsageError(f"{option.flag} is for --target {item.name}, not {target}.")
            chosen[option.name] = next(c for c in option.choices if str(c) == text)
    return chosen


def _driver_variables() -> str:
    """Those that drivers read by themselves, with an example."""
    known = [naming for naming in namings() if naming.variables]
    return " or ".join(f"those of {item.library}, as {item.variables[0]}" for item in known)


def _discard_output() -> None:
    """Let what is still buffered go nowhere; Python would complain at its last flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end(number: int, frame: object) -> None:
    """SIGTERM: end by an exception, so that files are removed and statements cancelled."""
    click.echo("export-model: terminated", err=True)
    sys.exit(TERMINATED)


def say(text: str) -> None:
    """A message for a person at a terminal; a pipe stays quiet."""
    if sys.stderr.isatty():
        current_terminal().note(text)


def _read(path: Path) -> api.Model:
    model = api.read(path)
    for warning in model.warnings:
        current_terminal().note(f"warning: {warning}")
    return model


def _write(script: Script, path: Path, may_replace: bool) -> None:
    """Write the script and, where it has one, the script that removes it; say how they are run."""
    terminal = current_terminal()
    written = script.write(path, force=may_replace)
    removal = written[1] if len(written) > 1 else None
    is_printed = is_stream(path)  # what reads a script from standard output reads nothing else
    tell = terminal.note if is_printed else terminal.text
    place = "standard output" if path == STANDARD_OUTPUT else path
    tell(f"{place}: model {script.model}, version {script.version[:12]}")
    if not is_printed:
        tell(f"Run it with: {script.command(str(path))}")
    if removal is not None:
        tell(f"{removal}: removes it again")
    elif script.removal is not None:
        terminal.note("The script that removes it again is written beside a file only.")
    facts = {"script": path, "removal": removal, "command": script.command(str(path))}
    terminal.facts({**script.facts(), **facts})
