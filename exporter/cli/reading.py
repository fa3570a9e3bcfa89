"""How a verb reads a model file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from exporter import api
from exporter.cli.numbers import WholeNumber
from exporter.cli.terminal import current_terminal
from exporter.dsn import holds_password
from exporter.ir.windows import SIDES
from exporter.sources import is_address

F = TypeVar("F", bound=Callable[..., Any])


class ModelPath(click.Path):
    """A file, or an address, which is left as it is written."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """As click does, but for an address."""
        return value if is_address(value) else Path(super().convert(value, param, ctx))  # type: ignore[arg-type]


def preprocess_option(function: F) -> F:
    """Give a command --preprocess."""
    return click.option(
        "--preprocess",
        metavar="FILE|ADDRESS",
        type=ModelPath(),
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
        "--step", type=WholeNumber(1), help="With --window: score a window every so many rows."
    )(function)
    return click.option(
        "--window",
        metavar="LENGTH",
        type=WholeNumber(1),
        help="MODEL takes so many rows of a series at once, the oldest first; --preprocess, that of"
        " one row, comes before.",
    )(function)


def http_option(function: F) -> F:
    """Give a command --allow-http."""
    return click.option(
        "--allow-http",
        is_flag=True,
        help="Read addresses with http://, too, where others on the way can change what comes.",
    )(function)


def refuse_http_for_nothing(is_allowed: bool, *sources: Path | str | None) -> None:
    """--allow-http where nothing comes from a web server.

    Raises: UsageError.
    """
    addresses = [str(source).lower() for source in sources if is_address(source)]
    if is_allowed and not any(address.startswith("http") for address in addresses):
        raise click.UsageError("--allow-http is for addresses with http://, and none is given.")


def read_model(
    source: Path | str,
    preprocess: Path | str | None = None,
    window: int | None = None,
    allow_http: bool = False,
) -> api.Model:
    """The model in a file, behind its preprocessing; what is noteworthy about it goes to standard
    error."""
    terminal = current_terminal()
    if any(is_address(item) and holds_password(str(item)) for item in (source, preprocess)):
        terminal.note(
            "note: others on this machine can see the password in the address, with ps for one."
            " Leave it to ~/.netrc."
        )
    model = api.read(
        source if preprocess is None else [preprocess, source],
        window=window,
        allow_http=allow_http,
        progress=terminal.has_progress,
    )
    for warning in model.warnings:
        terminal.note(f"warning: {warning}")
    return model
