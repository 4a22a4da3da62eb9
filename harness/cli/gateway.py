"""`harness serve`, `upstream` and `prove`: the servers of the test bed, and mutation testing."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.prove import Matrix
    from harness.testbed.gateway.gateway import Overrides
    from harness.testbed.http_server.connection import Respond


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Port; 0 picks a free one.",
)
@click.option("--mutant", metavar="ID", help="Mutant to run: a gateway with one fault.")
@click.option("--variant", metavar="ID", help="Variant to run: unusual but allowed.")
@click.option(
    "--rpm", type=click.IntRange(1), help="Maximum requests per minute; further ones get 429."
)
def serve(port: int, mutant: str | None, variant: str | None, rpm: int | None) -> int:
    """Run the reference gateway for any client; Ctrl-C ends it."""
    from harness.testbed.gateway.gateway import Gateway

    gateway = Gateway(overrides(mutant, variant), rpm=rpm or 0)
    return serve_until_interrupted(gateway.respond, port, print_environment)


def print_environment(url: str) -> None:
    from harness.run.reference_gateway import KEYS

    for name, root in (("OPENAI", "/v1"), ("ANTHROPIC", "")):
        click.echo(f"{name}_BASE_URL={url}{root}\n{name}_API_KEY={KEYS['key']}")
    click.echo("model builtin-1; Ctrl-C ends it", err=True)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=9000,
    show_default=True,
    help="Port; 0 picks a free one.",
)
def upstream(host: str, port: int) -> int:
    """Run the mock provider on its own; Ctrl-C ends it.

    It answers as Anthropic and OpenAI do, rejects what they reject, and prints each request.
    """
    from harness.testbed.keys import PROVIDER_KEY
    from harness.testbed.mock_provider import Upstream

    def ready(url: str) -> None:
        click.echo(f"anthropic: {url}\nopenai: {url}/v1\nkey: {PROVIDER_KEY}")
        click.echo("any model; Ctrl-C ends it", err=True)

    def print_arrival(arrival: Mapping[str, Any]) -> None:
        click.echo(f"{arrival['status']} {arrival['method']} {arrival['path']}")

    return serve_until_interrupted(Upstream(on_arrival=print_arrival).respond, port, ready, host)


def overrides(mutant: str | None, variant: str | None) -> Overrides:
    """Return the overrides of a mutant and a variant. Raises click.ClickException."""
    from harness.testbed.mutants import MUTANTS
    from harness.testbed.variants import VARIANTS

    mutants = {record.id: record.override for record in MUTANTS}
    variants = {record.id: record.overrides for record in VARIANTS}
    return {
        **find_overrides("mutant", mutant, mutants),
        **find_overrides("variant", variant, variants),
    }


def find_overrides(kind: str, name: str | None, records: dict[str, Overrides]) -> Overrides:
    import difflib

    if name is None:
        return {}
    if name not in records:
        near = difflib.get_close_matches(name, records, 1)
        hint = (
            f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(records)[:5])}..."
        )
        raise click.ClickException(f"no {kind} `{name}`; {hint}")
    return records[name]


def serve_until_interrupted(
    respond: Respond, port: int, ready: Callable[[str], None], host: str = "127.0.0.1"
) -> int:
    """Serve until Ctrl-C or SIGTERM. Raises click.ClickException if it cannot listen."""
    from harness.testbed.http_server import server

    async def serve() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await server.serve(respond, port, ready, stop, host=host)

    try:
        asyncio.run(serve())
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise click.ClickException(f"cannot listen on port {port}: {why}") from error
    return 0


@click.command()
@click.option("--pack", "packs", multiple=True, metavar="P", help="Pack, by name or folder.")
@click.option(
    "--mutant",
    "only",
    multiple=True,
    metavar="ID",
    help="Mutant to run; repeatable (default: all).",
)
@click.option("--full", is_flag=True, help="Every case against every mutant.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=os.cpu_count() or 2,
    help="Number of processes.",
)
def prove(packs: tuple[str, ...], only: tuple[str, ...], full: bool, workers: int) -> int:
    """Print the kill matrix: which case kills which mutant of the reference gateway."""
    from harness.prove import prove as run_prove

    matrix = run_prove(packs, workers, only, full=full)
    for line in describe(matrix):
        click.echo(line)
    return 0 if matrix.is_complete() else 1


def describe(matrix: Matrix) -> list[str]:
    """Return a line for each mutant, right gateway and problem, and the totals."""
    survivors, idle = matrix.survivors(), matrix.cases_without_kills()
    lines = []
    for name, mutant in matrix.mutants.items():
        others = len({k.case for k in matrix.kills[name] if k.case != mutant.case})
        mark = "SURVIVES" if mutant in survivors else "killed"
        more = f"  (and {others} more cases)" if matrix.full else ""
        lines.append(f"{mark:<9}{name:<44} {mutant.case}: {mutant.rule}{more}")
        if mutant in survivors:
            instead = [f"{kill.case}: {kill.rule}" for kill in matrix.kills[name][:5]]
            lines += [f"         killed instead by {line}" for line in instead]
    for name, accusations in matrix.accused.items():
        lines.append(f"{'ACCUSED' if accusations else 'passes':<9}{name}")
        lines += [f"         {line}" for line in accusations[:20]]
    lines += [f"STRAY    {m.id}: there is no case {m.case}" for m in matrix.strays]
    lines += [f"IDLE     {case}: kills no mutant by an assertion of its own" for case in idle]
    if matrix.apart:
        lines.append(
            f"APART    {matrix.apart} cases use an SDK, which needs a socket; tests cover them"
        )
    accused = sum(map(bool, matrix.accused.values()))
    return [
        *lines,
        f"{len(matrix.mutants)} mutants, {len(survivors)} survive; {len(matrix.cases)} cases, "
        f"{len(idle)} kill no mutant; {len(matrix.accused)} right gateways, "
        f"{accused} accused; {matrix.shots} shots each",
    ]
