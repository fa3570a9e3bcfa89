"""What a model is made of, and what can be exported at all: describe, layers."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from exporter.cli.reading import (
    ModelPath,
    http_option,
    preprocess_option,
    read_model,
    refuse_http_for_nothing,
    window_options,
)
from exporter.cli.terminal import current_terminal, json_option, quiet_option
from exporter.cli.usage import Verb
from exporter.errors import UnsupportedError
from exporter.facts import text_table
from exporter.sources.address import parse_address
from exporter.support import layer_facts, layer_tables


@click.command(cls=Verb)
@click.argument("model", type=ModelPath())
@preprocess_option
@window_options
@http_option
@json_option
@quiet_option
def describe(
    model: Path | str,
    preprocess: Path | str | None,
    window: int | None,
    step: int | None,
    pad: str | None,
    allow_http: bool,
) -> None:
    """Show what MODEL is made of, and what cannot be exported."""
    terminal = current_terminal()
    refuse_http_for_nothing(allow_http, model, preprocess)
    try:
        found = read_model(model, preprocess, window, allow_http)
        description = found.describe(window=window, step=step, pad=pad)
    except UnsupportedError as error:
        problems = error.problems
        name = model.name if isinstance(model, Path) else parse_address(model).shown
        terminal.facts({"file": name, "unsupported": [vars(p) for p in problems]})
        terminal.text(
            f"{name} cannot be exported because of {error.count}\n"
            + text_table(
                ("name", "class", "why", "what to do"),
                ((p.layer, p.class_name, p.reason, p.advice) for p in problems),
            )
        )
        sys.exit(1)
    terminal.facts(description.facts())
    terminal.text(description)


@click.command(cls=Verb)
@json_option
def layers() -> None:
    """Show the supported layers, their limits and the ops they become, as Markdown."""
    terminal = current_terminal()
    terminal.text(layer_tables())
    terminal.facts(layer_facts())
