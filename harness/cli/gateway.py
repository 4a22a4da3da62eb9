"""`harness serve`, `upstream` and `prove`: the servers of the test bed, and mutation testing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from harness.cli import own_providers, test_bed
from harness.cli.pack_files import WORKERS
from harness.util.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from harness.testbed.gateway.gateway import Overrides
    from harness.testbed.http_server.connection import Respond


def port_option(default: int) -> Callable[[Callable[..., int]], Callable[..., int]]:
    port = click.IntRange(0, 65535)
    help_ = "Port; 0 picks a free one."
    return click.option("--port", type=port, default=default, show_default=True, help=help_)


@click.command()
@port_option(8080)
@click.option(
    "--mutant",
    "mutants",
    multiple=True,
    metavar="ID",
    help="Mutant to run: a gateway with one fault (see `harness list --mutants`); repeatable.",
)
@click.option(
    "--variant",
    metavar="ID",
    help="Variant to run: unusual but right (see `harness list --variants`).",
)
@click.option(
    "--rpm", type=click.IntRange(1), help="Maximum requests per minute; further ones get 429."
)
@own_providers.options
def serve(
    port: int, mutants: tuple[str, ...], variant: str | None, rpm: int | None, **given: Any
) -> int:
    """Run the reference gateway for any client; Ctrl-C ends it.

    `harness list --mutants` and `harness list --variants` show the IDs, and `harness explain ID`
    shows what one of them does, for example: `harness serve --variant transport.drops`.

    Without a provider it answers itself. A provider's key is read from OPENAI_API_KEY or
    ANTHROPIC_API_KEY; where that is not set, each caller's key is passed on. Responses are
    translated to the protocol of the provider, unless --provider-responses is given as well.
    """
    from harness.testbed.gateway.gateway import Gateway

    behind = own_providers.read(**given)
    record = test_bed.find("variant", variant, test_bed.variants()) if variant else None
    wrap = getattr(record, "wrap", None)  # a variant with a limited transport has one
    if wrap and behind:
        raise UsageError(f"--variant {variant} cannot wait for a provider")
    faults = [find_fault(name, behind.urls if behind else ()) for name in mutants]
    changes = test_bed.together([*faults, getattr(record, "overrides", {})])
    gateway = Gateway(changes, rpm=rpm or 0, provider=behind.forwarding if behind else None)
    respond = wrap(gateway.respond) if wrap else gateway.respond
    if behind:
        gateway.offer(behind.models)
        respond = behind.answer_callers(respond)

    def ready(url: str) -> None:
        click.echo(own_providers.variables(url, behind))
        click.echo(own_providers.note(behind), err=True)

    return serve_until_interrupted(respond, port, ready)


def find_fault(name: str, providers: Container[str]) -> Overrides:
    """Return the overrides of a mutant. Raises UsageError if it would not be seen."""
    fault: Overrides = test_bed.find("mutant", name, test_bed.mutants()).override
    needed = test_bed.providers_of(fault)
    if needed and not any(one in providers for one in needed):
        options = " or ".join(f"--provider-{one}" for one in needed)
        raise UsageError(f"the mutant {name} changes only what is forwarded: add {options}")
    return fault


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@port_option(9000)
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
@click.option("--pack", "packs", multiple=True, metavar="P", help="Pack, by name or folder.")
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
