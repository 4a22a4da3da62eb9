"""`harness serve`: the reference gateway, right or with faults, alone or before providers."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli import own_providers, test_bed
from harness.cli.gateway import port_option, serve_until_interrupted
from harness.util.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.testbed.gateway.gateway import Overrides
    from harness.testbed.http_server.connection import Respond


@click.command()
@port_option(8080)
@click.option(
    "--mutant",
    "names",
    multiple=True,
    metavar="ID",
    help="Mutant to run: a gateway with one fault (see `harness list --mutants`); repeatable.",
)
@click.option(
    "--variant",
    metavar="ID",
    help="Variant to run: unusual but right (see `harness list --variants`).",
)
@click.option("--mutants", "file", metavar="FILE", help="Further mutants, as YAML.")
@click.option("--override", metavar="FILE", help="YAML that teaches the reference gateway a field.")
@click.option(
    "--rpm", type=click.IntRange(1), help="Maximum requests per minute; further ones get 429."
)
@own_providers.options
def serve(port: int, rpm: int | None, **given: Any) -> int:
    """Run the reference gateway for any client; Ctrl-C ends it.

    `harness list --mutants` and `harness list --variants` show the IDs, and `harness explain ID`
    shows what one of them does, for example: `harness serve --variant transport.drops`.
    docs/mutants.md describes the files of --mutants and --override.

    Without a provider it answers itself. A provider's key is read from OPENAI_API_KEY or
    ANTHROPIC_API_KEY; where that is not set, each caller's key is passed on. Responses are
    translated to the protocol of the provider, unless --provider-responses is given as well.
    """
    behind = own_providers.read(given)
    respond = answering(given, rpm or 0, behind)

    def ready(url: str) -> None:
        click.echo(own_providers.variables(url, behind))
        click.echo(own_providers.note(behind), err=True)

    return serve_until_interrupted(respond, port, ready)


def answering(
    given: Mapping[str, Any], rpm: int, behind: own_providers.OwnProviders | None
) -> Respond:
    """Return what answers callers, by the options of the command. Raises UsageError."""
    from harness.testbed.gateway.gateway import Gateway
    from harness.testbed.mutation.rows import merged

    name = given["variant"]
    variant = test_bed.find("variant", name, test_bed.variants()) if name else None
    faults = find_faults(given["names"], given["file"], behind.urls if behind else ())
    changes = merged(taught(given["override"]), getattr(variant, "overrides", {}), *faults)
    gateway = Gateway(changes, rpm=rpm, provider=behind.forwarding if behind else None)
    wrap = getattr(variant, "wrap", None)  # a variant with a limited transport has one
    if behind is None:
        respond: Respond = wrap(gateway.respond) if wrap else gateway.respond
        return respond
    if wrap:
        raise UsageError(f"--variant {name} cannot wait for a provider")
    gateway.offer(behind.models)
    return behind.answer_callers(gateway.respond)


def find_faults(
    names: Iterable[str], file: str | None, providers: Container[str]
) -> list[Overrides]:
    """Return the overrides of mutants. Raises UsageError for one that would not be seen."""
    from harness.load.mutants import load_mutants

    own = load_mutants(Path(file)) if file else ()
    known = {**test_bed.mutants(), **{mutant.id: mutant for mutant in own}}
    faults = [test_bed.find("mutant", name, known).override for name in names]
    for name, fault in zip(names, faults, strict=True):
        needed = test_bed.providers_of(fault)
        if needed and not any(one in providers for one in needed):
            options = " or ".join(f"--provider-{one}" for one in needed)
            raise UsageError(f"the mutant {name} changes only what is forwarded: add {options}")
    return faults


def taught(file: str | None) -> Overrides:
    """Return what a file teaches the reference gateway; nothing without a file."""
    from harness.load.mutants import load_overrides

    return load_overrides(Path(file), test_bed.variants()).overrides if file else {}
