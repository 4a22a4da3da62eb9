"""The terminal's door: parses options, calls pytest or a room, prints, exits. Decides nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from harness.cli.run import run
from harness.cli.show import check, explain, list_cases
from harness.cli.gateway import prove, serve
from harness.errors import HarnessError


class Commands(click.Group):
    """Lists its commands in the order in which a newcomer needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 all well, 1 a case failed, 2 interrupted, 3 internal error, "
    "4 wrong usage or unreachable target, 5 nothing selected.",
)
@click.version_option(package_name="llm-gateway-conformance", prog_name="harness")
def cli() -> None:
    """Does an LLM gateway keep what its documents promise, field by field?

    `harness run` fires the cases at the builtin gateway; `harness run URL --model M` at yours.
    """


for command in (run, list_cases, explain, check, serve, prove):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> Any:
    """Entry point. Errors of ours are one line on stderr and exit 4."""
    try:
        status = cli.main(arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(4)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(2)
    except HarnessError as error:
        click.echo(f"ERROR: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(status if isinstance(status, int) else 0)
