"""Numbers on the command line: what is none is told what it has to be."""

from __future__ import annotations

import math
from typing import Any

import click


class WholeNumber(click.IntRange):
    """A whole number of a range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """As click does, but for the message."""
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            self.fail(f"{value!r} is no whole number {_tell_range(self.min, self.max)}", param, ctx)


class Number(click.FloatRange):
    """A number of a range, which has no infinities."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """As click does, but for the message."""
        try:
            return float(super().convert(value, param, ctx))
        except click.BadParameter:
            range_ = _tell_range(self.min, self.max)
            self.fail(
                f"{value!r} is no number{f' {range_}' if range_ else ''}, as 0.25", param, ctx
            )


def _tell_range(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f"from {least:g} to {most:g}"
    return "" if least is None else f"of {least:g} or more"


def read_gap(
    ctx: click.Context, parameter: click.Parameter, text: str | None
) -> float | str | None:
    """A number where it is one, else an interval as PostgreSQL reads it.

    Raises: BadParameter, where it can be neither.
    """
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        if any(letter.isdigit() for letter in text):
            return text
        number = math.nan
    if 0 < number < math.inf:
        return number
    raise click.BadParameter(
        f"{text!r} is neither a number above 0, as 300, nor an interval, as '5 minutes'. Where"
        " values of the --order-by column are further apart, a series begins anew.",
        ctx,
        parameter,
    )
