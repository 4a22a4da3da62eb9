"""click's options of `harness run`, made from the table of options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from harness.model.options import OPTIONS, Option, Options, options_from
from harness.util.errors import UsageError


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option to the command for each entry of the table, in its order."""
    for option in reversed(OPTIONS):
        if option.surface == "both" and option.field != "target":
            command = click_option(option)(command)
    return command


def click_option(option: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    names = (f"--{option.name}", option.field)
    if isinstance(option.default, bool):
        return click.option(*names, is_flag=True, help=option.help)
    if option.field == "out":
        return click.option(
            *names, default="reports", show_default=True, metavar=option.metavar, help=option.help
        )
    many = isinstance(option.default, tuple)
    return click.option(
        *names,
        type=click_type(option),
        multiple=many,
        metavar=option.metavar or None,
        help=option.help,
    )


def click_type(option: Option) -> click.ParamType[Any] | None:
    if option.choices:
        return click.Choice(option.choices)
    if isinstance(option.default, float):
        return click.FloatRange(option.minimum, min_open=True)
    return click.IntRange(int(option.minimum)) if isinstance(option.default, int) else None


def read_options(given: dict[str, Any]) -> Options:
    """Return the options of a command line. Raises UsageError for an invalid value."""
    try:
        return options_from(given)
    except ValueError as error:
        raise UsageError(str(error)) from error
