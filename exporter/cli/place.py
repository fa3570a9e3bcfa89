"""Which database a command means: --dsn, or what the environment says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from exporter.cli.terminal import Terminal
from exporter.cli.usage import given
from exporter.databases import database_of, namings
from exporter.dsn import OWN_VARIABLE, URL_VARIABLE, find_dsn, holds_password

F = TypeVar("F", bound=Callable[..., Any])
ORIGIN = "exporter.origin"  # what names the database, in the context's meta; "" for --dsn
DSN_HELP = f"Database: {'; '.join(naming.forms for naming in namings())}."


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


def _driver_variables() -> str:
    """Those that drivers read by themselves, with an example."""
    known = [naming for naming in namings() if naming.variables]
    return " or ".join(f"those of {item.library}, as {item.variables[0]}" for item in known)
