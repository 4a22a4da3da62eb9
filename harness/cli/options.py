"""The command-line options of commands that reach a target, from the table of options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from harness.model.options import OPTIONS, Option

SHORT: Final = {"verbose": ("-v",), "quiet": ("-q",)}
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
ON_COMMAND_LINE: Final = tuple(
    option.field
    for option in OPTIONS
    if option.surface in ("both", "command") and option.field != "target"
)


def run_options(fields: Sequence[str] = ON_COMMAND_LINE, out: str = "reports") -> Decorator:
    """Return a decorator that adds options of the table to a command, in the order of the table.

    Args:
        fields: The options to add.
        out: The folder of the outputs if none is given.
    """

    def add_options(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(OPTIONS):
            if option.field in fields:
                command = click_option(option, out)(command)
        return command

    return add_options


def click_option(option: Option, out: str) -> Decorator:
    names = (*SHORT.get(option.field, ()), f"--{option.name}", option.field)
    if isinstance(option.default, bool):
        return click.option(*names, is_flag=True, help=option.help)
    return click.option(
        *names,
        default=out if option.field == "out" else None,
        show_default=option.field == "out",
        type=click_type(option),
        multiple=isinstance(option.default, tuple),
        metavar=option.metavar or None,
        help=option.help,
    )


def click_type(option: Option) -> click.ParamType[Any] | None:
    if option.choices:
        return click.Choice(option.choices)
    if isinstance(option.default, float):
        return click.FloatRange(option.minimum, min_open=True)
    return click.IntRange(int(option.minimum)) if isinstance(option.default, int) else None
