"""What a command prints: results as text or JSON on standard output, the rest on standard error."""

from __future__ import annotations

import json
import logging
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from exporter.facts import plain

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class Terminal:
    """How much is printed, and in what form; options of the command line set it."""

    as_json: bool = False
    is_quiet: bool = False
    is_verbose: bool = False

    @property
    def has_progress(self) -> bool:
        """Is there somebody who looks at a bar?"""
        return sys.stderr.isatty() and not self.is_quiet

    def text(self, value: object) -> None:
        """A result for people."""
        if not (self.as_json or self.is_quiet):
            click.echo(plain(str(value)))

    def facts(self, value: Any) -> None:
        """The same for programs, once in a run."""
        if self.as_json:
            click.echo(json.dumps(_plain(value), indent=2, default=str, allow_nan=False))

    def note(self, text: str) -> None:
        """What is neither a result nor an error."""
        if not self.is_quiet:
            click.echo(plain(text), err=True)


def current_terminal() -> Terminal:
    """That of the command that runs."""
    return click.get_current_context().ensure_object(Terminal)


def json_option(function: F) -> F:
    """Give a command --json."""
    return _flag("--json", attribute="as_json", text="Print JSON.")(function)


def quiet_option(function: F) -> F:
    """Give a command --quiet."""
    text = "Print errors only; the exit status tells the rest."
    return _flag("-q", "--quiet", attribute="is_quiet", text=text)(function)


def verbose_option(function: F) -> F:
    """Give a command --verbose."""
    text = "Print the statements too, without passwords and weights."
    return _flag("-v", "--verbose", attribute="is_verbose", text=text)(function)


def _flag(*names: str, attribute: str, text: str) -> Callable[[F], F]:
    def remember(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
        terminal = ctx.ensure_object(Terminal)
        setattr(terminal, attribute, value or getattr(terminal, attribute))
        if terminal.is_quiet and terminal.is_verbose:
            raise click.UsageError("--quiet and --verbose contradict each other.", ctx)
        if value and attribute == "is_verbose":
            _listen(ctx, logging.DEBUG)
        if value and attribute == "is_quiet":
            _listen(ctx, logging.ERROR)

    return click.option(
        *names, is_flag=True, is_eager=True, expose_value=False, callback=remember, help=text
    )


def listen_for_people(ctx: click.Context) -> None:
    """On a terminal, say what takes long."""
    terminal = ctx.ensure_object(Terminal)
    if terminal.has_progress and not terminal.is_verbose:
        _listen(ctx, logging.INFO)


def _listen(ctx: click.Context, level: int) -> None:
    """Print the log to standard error while the command runs."""
    log, handler = logging.getLogger("exporter"), logging.StreamHandler(sys.stderr)
    before = log.level
    log.addHandler(handler)
    log.setLevel(level)

    def stop() -> None:
        log.removeHandler(handler)
        log.setLevel(before)

    ctx.call_on_close(stop)


def _plain(value: Any) -> Any:
    """Numbers that JSON does not have are told as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
