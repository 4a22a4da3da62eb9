"""The options of `harness run` that bound a run, or choose a part of it. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

NUMBER: Final = click.FloatRange(0, min_open=True)
COUNT: Final = click.IntRange(1)
# pytest's option, by ours.
PASSED: Final = {
    "smoke": "--llm-smoke",
    "resume": "--llm-resume",
    "shard": "--llm-shard",
    "repeat": "--llm-repeat",
    "max_requests": "--llm-max-requests",
    "max_tokens": "--llm-max-tokens",
    "max_seconds": "--llm-max-seconds",
}
OPTIONS: Final = (
    click.option("--smoke", is_flag=True, help="Only the few cases that catch the most."),
    click.option("--shard", metavar="I/N", help="Only the I-th of N parts; `harness merge` joins."),
    click.option("--repeat", type=COUNT, metavar="N", help="Judge every case N times."),
    click.option("--resume", is_flag=True, help="Go on with the run of --out: ask only the rest."),
    click.option("--dry-run", is_flag=True, help="Only tell what would be sent, and its cost."),
    click.option("--max-requests", type=COUNT, metavar="N", help="Stop after N requests."),
    click.option("--max-tokens", type=NUMBER, metavar="N", help="Stop at about N tokens."),
    click.option("--max-seconds", type=NUMBER, metavar="S", help="Send nothing after S seconds."),
)


def bounded(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with these options, in this order."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
