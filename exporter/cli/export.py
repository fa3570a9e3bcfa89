"""Deploy a model, or write the script that does: export."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from exporter import api
from exporter.cli.numbers import Number, WholeNumber
from exporter.cli.place import DSN_HELP, choose_database
from exporter.cli.reading import (
    ModelPath,
    http_option,
    preprocess_option,
    read_model,
    refuse_http_for_nothing,
    window_options,
)
from exporter.cli.terminal import (
    current_terminal,
    json_option,
    listen_for_people,
    quiet_option,
    verbose_option,
)
from exporter.cli.usage import Verb, given, read_metrics, refuse_verb, split_items
from exporter.databases import DATABASES, check_target, get_database
from exporter.dsn import OWN_VARIABLE, URL_VARIABLE
from exporter.formats import describe_judges
from exporter.formats.format import EXPECTED_BY, ExpectedBy
from exporter.output import STANDARD_OUTPUT, file_name, is_stream
from exporter.preparing import MAX_SAMPLES
from exporter.samples import SAMPLES
from exporter.samples.given import is_file
from exporter.sql.script import Script


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


@click.command(cls=Export)
@click.argument("model", type=ModelPath(), callback=refuse_verb)
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
@click.option(
    "--without-registry",
    is_flag=True,
    help="Leave out of the script what `install` makes: for who may not make it.",
)
@preprocess_option
@click.option("--name", help="What to call the model in SQL (default: the file's stem).")
@click.option(
    "--features",
    help="Names of the input's columns, or of those of one row of a window, separated by commas.",
)
@click.option(
    "--features-from",
    metavar="TABLE",
    help="Take the columns from TABLE, all numeric ones or those of --features; needs --dsn.",
)
@window_options
@click.option(
    "--forecast",
    help="With --window: the column of a row, or columns by commas, whose next values MODEL gives.",
)
@click.option("--labels", help="Names of the classes in the order of the outputs, by commas.")
@click.option(
    "--threshold", type=Number(), help="Score above which label 1 is given. [default: 0.5]"
)
@click.option(
    "--samples",
    type=WholeNumber(1, MAX_SAMPLES),
    default=SAMPLES,
    show_default=True,
    help="Rows stored with expected outputs, scored before the deployment is accepted.",
)
@click.option(
    "--samples-from",
    metavar="FILE|ADDRESS|TABLE",
    help="Take these rows: of a CSV file with a header, of a .npy file, or with --dsn of a table.",
)
@click.option(
    "--expected-by",
    type=click.Choice(EXPECTED_BY),
    default="auto",
    show_default=True,
    help=describe_judges(),
)
@http_option
@click.option("--no-promote", is_flag=True, help="Deploy beside the champion, which stays it.")
@click.option(
    "--metrics", metavar="NAME=VALUE,...|FILE", help="Kept with the version; FILE holds JSON."
)
@click.option("--because", metavar="TEXT", help="The reason, for the journal.")
@click.option("--grant", metavar="ROLE,...", help="Roles that may score, now and later versions.")
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
    model: Path | str,
    target: str,
    dsn: str | None,
    is_deploy: bool,
    output: Path | None,
    without_registry: bool,
    preprocess: Path | str | None,
    name: str | None,
    features: str | None,
    features_from: str | None,
    window: int | None,
    step: int | None,
    pad: str | None,
    forecast: str | None,
    labels: str | None,
    threshold: float | None,
    samples: int,
    samples_from: str | None,
    expected_by: ExpectedBy,
    allow_http: bool,
    no_promote: bool,
    metrics: str | None,
    because: str | None,
    grant: str | None,
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
    is_table = samples_from is not None and not is_file(samples_from)
    if is_table and dsn is None:
        raise click.UsageError(
            "--samples-from names no file (.csv or .npy), so it is a table, and needs --dsn."
        )
    reads_table = features_from is not None or is_table
    if dsn is not None and output is not None and not reads_table and given(context, "dsn"):
        raise click.UsageError(
            "--output writes a script and --dsn deploys: give one of them. (Together they are for"
            " --features-from, which reads the table's columns and deploys nothing.)"
        )
    if force and dsn is not None and output is None:
        raise click.UsageError("--force replaces a script's file, and with --dsn none is written.")
    for file, what in ((model, "the model file"), (preprocess, "the file of --preprocess")):
        is_local = isinstance(file, Path) and file.exists()
        if output and output.exists() and is_local and output.samefile(str(file)):
            raise click.UsageError(f"--output is {what} itself; name the script otherwise.")
    if output is not None and is_stream(output) and terminal.as_json:
        raise click.UsageError("--json tells about the script, and --output prints it there.")
    if without_registry and dsn is not None and output is None:
        raise click.UsageError(
            "--without-registry is for scripts: a deployment asks what is there already."
        )
    refuse_http_for_nothing(allow_http, model, preprocess, samples_from)
    listen_for_people(context)
    network = read_model(model, preprocess, window, allow_http)
    made = api.script(
        network,
        target=target,
        name=name,
        features=split_items("--features", features),
        features_from=features_from,
        window=window,
        step=step,
        pad=pad,
        forecast=split_items("--forecast", forecast),
        labels=split_items("--labels", labels),
        threshold=threshold,
        samples=samples,
        samples_from=samples_from,
        expected_by=expected_by,
        allow_http=allow_http,
        database=dsn if reads_table else None,
        server=dsn if output is None else None,
        promote=not no_promote,
        metrics=read_metrics(metrics),
        because=because,
        grant=split_items("--grant", grant),
        **options,
    )
    if dsn is None or output is not None:
        if without_registry:
            made = made.without_shared()
        _write(made, output or Path(f"{file_name(made.model)}.sql"), force)
        if dsn is not None:
            terminal.note("Nothing was deployed: --output only writes the script.")
        return
    if made.choice:
        terminal.note(made.choice)
    deployed = api.run(made, dsn, progress=terminal.has_progress)
    terminal.text(replace(deployed, choice=""))  # told already
    report = deployed.verify()
    terminal.text(report)
    if no_promote and not deployed.was_there:
        which = f"--name {shlex.quote(made.model)} --version {made.version[:12]}"
        verb = f"export-model promote {which} --dsn ..."
        terminal.text(f"It stands beside the champion, which scores as before. To switch: {verb}")
    else:
        terminal.text(f"Try: {deployed.example}")
    terminal.facts({**deployed.facts(), "verified": report.facts()})
    if not report.is_ok:
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
