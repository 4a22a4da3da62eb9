"""Serves the reference gateway.

`python -m harness.testbed.gateway [--port P] [--mutant ID] [--variant ID] [--rpm N]` prints its
URL when it is ready and ends when standard input closes.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence

from harness.testbed.forward import Forwarding
from harness.testbed.forward.http_client import http_sender
from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.http_server.server import respond_in_threads, serve_until_stdin_closes
from harness.testbed.mutants import MUTANTS
from harness.testbed.variants import VARIANTS

PROVIDERS = ("anthropic", "openai", "responses", "embeddings")


def select_overrides(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Overrides:
    """Returns the overrides of the mutant and variant named in the options."""
    mutants = {mutant.id: mutant.override for mutant in MUTANTS}
    variants = {variant.id: variant.overrides for variant in VARIANTS}
    overrides: dict[str, Callable[..., object]] = {}
    for kind, by_id in (("mutant", mutants), ("variant", variants)):
        name = getattr(options, kind)
        if name is not None and name not in by_id:
            parser.error(f"no {kind} is called {name!r}")
        overrides |= by_id.get(name, {})
    return overrides


def build_forwarding(
    parser: argparse.ArgumentParser, options: argparse.Namespace
) -> Forwarding | None:
    """Returns the forwarding to the providers named in the options."""
    urls = {protocol: getattr(options, f"provider_{protocol}") for protocol in PROVIDERS}
    try:
        senders = {protocol: http_sender(url) for protocol, url in urls.items() if url}
    except ValueError as error:
        parser.error(str(error))
    return Forwarding(senders) if senders else None


def parse_arguments(arguments: Sequence[str] | None) -> tuple[argparse.Namespace, Gateway]:
    parser = argparse.ArgumentParser(prog="gateway", description="Serves the reference gateway.")
    parser.add_argument("--port", type=int, default=0, help="0 selects a free port")
    parser.add_argument("--mutant", metavar="ID", help="serve the mutant with this id")
    parser.add_argument("--variant", metavar="ID", help="serve the variant with this id")
    parser.add_argument("--rpm", type=int, default=0, help="requests per minute for the normal key")
    for protocol in PROVIDERS:
        help_text = f"forward to this provider of the {protocol} protocol"
        parser.add_argument(f"--provider-{protocol}", metavar="URL", help=help_text)
    options = parser.parse_args(arguments)
    overrides = select_overrides(parser, options)
    return options, Gateway(overrides, rpm=options.rpm, provider=build_forwarding(parser, options))


def main(arguments: Sequence[str] | None = None) -> int:
    options, gateway = parse_arguments(arguments)
    respond = respond_in_threads(gateway.respond) if gateway.provider else gateway.respond
    try:
        asyncio.run(serve_until_stdin_closes(respond, options.port))
    except BrokenPipeError:  # the process that started this one does not read the URL any more
        return 1
    except OSError as error:
        print(f"gateway: cannot listen on port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
