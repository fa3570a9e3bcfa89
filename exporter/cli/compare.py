"""Two versions of a model over the same rows: compare."""

from __future__ import annotations

from pathlib import Path

import click

from exporter import api
from exporter.cli.numbers import Number
from exporter.cli.place import dsn_option
from exporter.cli.terminal import current_terminal, json_option, quiet_option, verbose_option
from exporter.cli.usage import Verb, split_items
from exporter.errors import ExportError
from exporter.output import STANDARD_OUTPUT, is_stream


@click.command("compare", cls=Verb)
@dsn_option
@click.option("--name", required=True, help="Name of the model.")
@click.option(
    "--versions",
    required=True,
    help="Two versions, by a comma: each an alias, as champion, a number, or the beginning of a"
    " digest.",
)
@click.option("--table", required=True, help="Table, view or query (select ...) to score.")
@click.option("--key", required=True, help="Column that names rows.")
@click.option("--actual", help="Column with what the score should have been, for metrics.")
@click.option(
    "--tolerance",
    type=Number(min=0),
    default=api.TOLERANCE,
    show_default=True,
    help="Scores count as equal that differ by no more than this, of 1 or of their size.",
)
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also write it as one page with plots.",
)
@click.option("--force", is_flag=True, help="Replace FILE where it is there.")
@json_option
@quiet_option
@verbose_option
def compare_command(
    dsn: str,
    name: str,
    versions: str,
    table: str,
    key: str,
    actual: str | None,
    tolerance: float,
    html: Path | None,
    force: bool,
) -> None:
    """Score the same rows by two versions, inside the database, and compare the scores.

    Nothing is written there, and no row leaves it but those whose scores differ most.
    """
    terminal = current_terminal()
    _check_page(html, force, terminal.as_json)
    wanted = split_items("--versions", versions)
    if len(wanted) != 2:
        raise click.UsageError(
            "--versions names two versions by a comma, as champion,challenger; it names"
            f" {len(wanted)}."
        )
    comparison = api.compare(
        dsn,
        name,
        table,
        key=key,
        versions=wanted,
        actual=actual,
        tolerance=tolerance,
        progress=terminal.has_progress,
    )
    if html is not None:
        comparison.write(html, force=force)
    if html != STANDARD_OUTPUT:
        terminal.text(comparison)
    terminal.facts(comparison.facts())


def _check_page(html: Path | None, force: bool, as_json: bool) -> None:
    """Refuse what would be refused after the scoring.

    Raises: UsageError or ExportError.
    """
    if html is None:
        if force:
            raise click.UsageError("--force is for --html, and there is none.")
    elif html == STANDARD_OUTPUT:
        if as_json:
            raise click.UsageError("--json and --html - cannot both go to the standard output.")
    elif html.exists() and not is_stream(html) and not force:
        raise ExportError(
            f"{html} is there already. Choose another place with --html, or replace it with"
            " --force. Nothing was scored."
        )
    elif not html.parent.is_dir():
        raise ExportError(
            f"there is no directory {html.parent}. Make it first. Nothing was scored."
        )
