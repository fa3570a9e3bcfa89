"""What is wrong about a command line, said before any work begins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

from exporter.spelling import tell_nearest

ITEM = re.compile(r'\s*("(?:[^"]|"")*"|[^",]*?)\s*(,|$)')


class Verb(click.Command):
    """A command that takes every option once, and none with an empty value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, after refusing what it would pass over in silence."""
        try:
            values, _, order = self.make_parser(ctx).parse_args(list(args))
        except click.NoSuchOption as error:
            raise click.UsageError(self._tell_unknown(ctx, error.option_name), ctx) from error
        for parameter in order:
            name = parameter.opts[0] if isinstance(parameter, click.Option) else "MODEL"
            if order.count(parameter) > 1:
                raise click.UsageError(f"{name} is given twice.", ctx)
            if values.get(parameter.name or "") == "":
                raise click.UsageError(
                    f"{name} is empty; leave it out or give a value"
                    f" (is the shell's variable set?).",
                    ctx,
                )
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter as error:
            if error.param is None or not error.param.envvar:
                raise
            raise click.UsageError(
                f"Missing option '{error.param.opts[0]}'. Give it, or set the environment"
                f" variable {error.param.envvar}.",
                ctx,
            ) from error

    def _tell_unknown(self, ctx: click.Context, option: str) -> str:
        """What may have been meant by an option that this verb does not have: one of its own that
        is written much the same, or one of other verbs."""
        meant = tell_nearest(option, _options(self, ctx))
        if meant:
            return f'There is no option "{option}". {meant}'
        group = ctx.parent.command if ctx.parent is not None else None
        others = group.commands.values() if isinstance(group, click.Group) else ()
        names = [str(verb.name) for verb in others if option in _options(verb, ctx)]
        of_others = f" It is an option of {', '.join(names)}." if names else ""
        return f'{self.name} has no option "{option}".{of_others}'


def _options(verb: click.Command, ctx: click.Context) -> list[str]:
    """All options of a verb, by all of their names."""
    return [
        name
        for parameter in verb.get_params(ctx)
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
    ]


class Verbs(click.Group):
    """A group whose first argument is a verb, or a model file to export."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `export` in front of anything that is not a verb."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            if args[0] == "--version":
                return super().parse_args(ctx, args)
            self._refuse_typing_errors(ctx, args[0])
            args = ["export", *args]
        return super().parse_args(ctx, args)

    def _refuse_typing_errors(self, ctx: click.Context, word: str) -> None:
        """A word that is neither a file nor looks like one was meant as a verb."""
        if re.search(r"^-|[./\\]", word) or Path(word).exists() or not word:
            return
        meant = tell_nearest(word, self.commands) or f"Verbs: {', '.join(self.commands)}."
        raise click.UsageError(f'"{word}" is neither a verb nor a file here. {meant}', ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Verbs in the order of use."""
        return list(self.commands)


def refuse_verb(ctx: click.Context, parameter: click.Parameter, model: Path | str) -> Path | str:
    """A verb in the place of a model file: options stood before it."""
    group = ctx.parent.command if ctx.parent is not None else None
    is_verb = isinstance(group, click.Group) and str(model) in group.commands
    if is_verb and not Path(model).exists():
        raise click.UsageError(f'The verb comes first: "export-model {model} ...".', ctx)
    return model


def given(ctx: click.Context, *names: str) -> list[str]:
    """Those of these options that stand on the command line, as `--long-name`."""
    command_line = click.core.ParameterSource.COMMANDLINE
    return [
        parameter.opts[0]
        for parameter in ctx.command.params
        if parameter.name in names and ctx.get_parameter_source(parameter.name) is command_line
    ]


def read_metrics(text: str | None) -> dict[str, Any]:
    """Metrics by name: NAME=VALUE by commas, or a JSON file of an object. Values that look like
    numbers are.

    Raises: UsageError.
    """
    if text is None:
        return {}
    if "=" not in text:
        try:
            found = json.loads(Path(text).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise click.UsageError(
                f"--metrics: {text} is neither NAME=VALUE nor a JSON file that can be read"
                f" ({error})."
            ) from error
        if not isinstance(found, dict):
            raise click.UsageError(f'--metrics: {text} holds no object, as {{"auc": 0.91}}.')
        return found
    metrics: dict[str, Any] = {}
    for item in split_items("--metrics", text):
        name, sign, value = item.partition("=")
        if not (sign and name.strip() and value.strip()) or name.strip() in metrics:
            raise click.UsageError(f'--metrics: write NAME=VALUE, each name once, not "{item}".')
        metrics[name.strip()] = _number(value.strip())
    return metrics


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def split_items(option: str, text: str | None) -> list[str]:
    """Items separated by commas; an item with a comma stands in double quotes, with "" for one.

    Raises: UsageError, for an item that is empty or whose quotes do not match.
    """
    items: list[str] = []
    position = 0
    while text is not None:
        match = ITEM.match(text, position)
        if match is None:
            raise click.UsageError(
                f"{option}: item {len(items) + 1} has a double quote without its other half;"
                f' write names with commas as "a,b", and a quote in them as "".'
            )
        item, end = match.groups()
        items.append(item[1:-1].replace('""', '"') if item.startswith('"') else item)
        if not items[-1].strip():
            raise click.UsageError(
                f"{option}: item {len(items)} is empty; is there a comma too many?"
            )
        position = match.end()
        if not end:
            return items
    return items
