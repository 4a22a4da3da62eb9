"""`harness upstream` and `prove`: the mock provider alone, and mutation testing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from harness.cli.pack_files import WORKERS
from harness.util.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.testbed.http_server.connection import Respond


def port_option(default: int) -> Callable[[Callable[..., int]], Callable[..., int]]:
    port = click.IntRange(0, 65535)
    help_ = "Port; 0 picks a free one."
    return click.option("--port", type=port, default=default, show_default=True, help=help_)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@port_option(9000)
def upstream(host: str, port: int) -> int:
    """Run the mock provider on its own; Ctrl-C ends it.

    It answers as Anthropic and OpenAI do, rejects what they reject, and prints each request.
    """
    from harness.testbed.keys import PROVIDER_KEY
    from harness.testbed.mock_provider.server import Upstream

    def ready(url: str) -> None:
        click.echo(f"anthropic: {url}\nopenai: {url}/v1\nkey: {PROVIDER_KEY}")
        click.echo("any model; Ctrl-C ends it", err=True)

    def print_arrival(arrival: Mapping[str, Any]) -> None:
        click.echo(f"{arrival['status']} {arrival['method']} {arrival['path']}")

    return serve_until_interrupted(Upstream(on_arrival=print_arrival).respond, port, ready, host)


def serve_until_interrupted(
    respond: Respond, port: int, ready: Callable[[str], None], host: str = "127.0.0.1"
) -> int:
    """Serve until Ctrl-C or SIGTERM. Raises UsageError if it cannot listen."""
    import asyncio

    from harness.testbed.http_server import server

    async def serve() -> None:
        stop = asyncio.Event()
        server.set_at_signals(stop)
        await server.serve(respond, port, ready, stop, host=host)

    try:
        asyncio.run(serve())
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise UsageError(f"cannot listen on port {port}: {why}") from error
    return 0


@click.command()
@click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="P",
    help="Pack, by name or folder (default: all that ship, without those of SDKs).",
)
@click.option(
    "--mutant",
    "only",
    multiple=True,
    metavar="ID",
    help="Mutant to run; repeatable (default: all).",
)
@click.option("--full", is_flag=True, help="Every case against every mutant.")
@click.option("--mutants", metavar="FILE", default="", help="Further mutants, as YAML.")
@click.option(
    "--override",
    "overrides",
    metavar="FILE",
    default="",
    help="YAML that teaches the reference gateway a field.",
)
@WORKERS
def prove(
    packs: tuple[str, ...],
    only: tuple[str, ...],
    full: bool,
    mutants: str,
    overrides: str,
    workers: int,
) -> int:
    """Print the kill matrix: which case kills which mutant of the reference gateway.

    docs/mutants.md shows how to write mutants for a pack of your own.
    """
    from harness.prove import OwnFiles
    from harness.prove import prove as run_prove
    from harness.report.rendering import render

    matrix = run_prove(packs, workers, only, full=full, own=OwnFiles(mutants, overrides))
    other_cases = {
        name: len({kill.case for kill in matrix.kills[name]} - {mutant.case})
        for name, mutant in matrix.mutants.items()
    }
    data = {"matrix": matrix, "other_cases": other_cases, "survivors": matrix.survivors()}
    data |= {"idle": matrix.cases_without_kills(), "right_gateways": matrix.false_accusations}
    data |= {"accusing": matrix.false_accusations.get("right", ()), "alike": matrix.alike()}
    click.echo(render("kill_matrix.txt.jinja2", data), nl=False)
    return 0 if matrix.is_complete() else 1
