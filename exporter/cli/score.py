"""Score a table: score."""

from __future__ import annotations

import sys

import click

from exporter import api
from exporter.cli.numbers import WholeNumber, read_gap
from exporter.cli.place import dsn_option
from exporter.cli.statuses import STOPPED
from exporter.cli.terminal import current_terminal, json_option, quiet_option, verbose_option
from exporter.cli.usage import Verb, given, split_items
from exporter.databases.results import only_for_windows


@click.command("score", cls=Verb)
@dsn_option
@click.option("--name", required=True, help="Name of the model.")
@click.option("--table", required=True, help="Table, view or query (select ...) to score.")
@click.option("--key", required=True, help="Column that tells its rows apart.")
@click.option("--into", required=True, help="Table for the scores; made when it is not there.")
@click.option(
    "--order-by",
    help="Score the windows over its rows in the order of this column, with a model deployed with"
    " --window.",
)
@click.option("--partition-by", help="Column that tells series apart. [default: one series]")
@click.option(
    "--max-gap",
    callback=read_gap,
    help="A longer gap begins a series anew: a number, or as in '5 minutes'.",
)
@click.option("--step", type=WholeNumber(1), help="A window every so many rows.")
@click.option(
    "--columns",
    help="Columns of INTO, by commas: NAME, or NAME=WHAT, as prediction=score, where WHAT may"
    " be order_by or partition_by, too: those of a window's last row."
    " [default: key,score,label,model_version,scored_at]",
)
@click.option(
    "--jobs",
    type=WholeNumber(1, api.MAX_JOBS),
    default=1,
    show_default=True,
    help="Connections that score at once; as many as the server has free cores.",
)
@json_option
@quiet_option
@verbose_option
def score_command(
    dsn: str,
    name: str,
    table: str,
    key: str,
    into: str,
    order_by: str | None,
    partition_by: str | None,
    max_gap: float | str | None,
    step: int | None,
    columns: str | None,
    jobs: int,
) -> None:
    """Score a table into a table of scores, inside the database.

    Rows that INTO holds a score of this version for are skipped: after Ctrl-C, or when rows came
    in, the same command goes on.
    """
    if order_by is None:
        others = given(click.get_current_context(), "partition_by", "max_gap", "step", "columns")
        if others:
            raise click.UsageError(only_for_windows(others, "--order-by"))
    terminal = current_terminal()
    scoring = api.score_table(
        dsn,
        name,
        table,
        key=key,
        into=into,
        order_by=order_by,
        partition_by=partition_by,
        max_gap=max_gap,
        step=step,
        columns=split_items("--columns", columns),
        jobs=jobs,
        progress=terminal.has_progress,
    )
    terminal.text(scoring)
    terminal.facts(scoring.facts())
    if scoring.was_stopped:
        sys.exit(STOPPED)
