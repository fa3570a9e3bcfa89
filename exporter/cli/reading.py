"""How a verb reads a model file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from exporter import api
from exporter.cli.terminal import current_terminal
from exporter.ir.windows import SIDES

F = TypeVar("F", bound=Callable[..., Any])


def preprocess_option(function: F) -> F:
    """Give a command --preprocess."""
    return click.option(
        "--preprocess",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="A fitted transformer of scikit-learn whose output MODEL takes: a scaler, a"
        " ColumnTransformer, a Pipeline of such.",
    )(function)


def window_options(function: F) -> F:
    """Give a command --window, --step and --pad."""
    function = click.option(
        "--pad",
        type=click.Choice(SIDES),
        help="With --window: fill windows of a series' first rows, before or after these, with what"
        " the model's Masking layer passes over. [default: windows begin when rows are enough]",
    )(function)
    function = click.option(
        "--step", type=click.IntRange(1), help="With --window: score a window every so many rows."
    )(function)
    return click.option(
        "--window",
        metavar="LENGTH",
        type=click.IntRange(1),
        help="MODEL takes so many rows of a series at once, the oldest first; --preprocess, that of"
        " one row, comes before.",
    )(function)


def read_model(path: Path, preprocess: Path | None = None, window: int | None = None) -> api.Model:
    """The model in a file, behind its preprocessing; what is noteworthy about it goes to standard
    error."""
    model = api.read(path if preprocess is None else [preprocess, path], window=window)
    for warning in model.warnings:
        current_terminal().note(f"warning: {warning}")
    return model
