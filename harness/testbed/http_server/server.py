"""A respond function -> a server on a real socket of this machine. May not know what it serves.

`python -m harness.testbed.http_server.server [--port P] [--mutant ID] [--variant ID] [--rpm N]`
serves the builtin gateway: prints its URL when it is ready, and ends when standard input closes.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from harness.testbed.forward import Forwarding
from harness.testbed.forward.http_client import sender
from harness.testbed.gateway.gateway import MAX_BODY, Gateway, Overrides
from harness.testbed.http_server.connection import Connection, Respond
from harness.testbed.mutants import MUTANTS
from harness.testbed.variants import VARIANTS

HOST = "127.0.0.1"
THREADS = 128
PROVIDERS = ("anthropic", "openai")


async def listen(respond: Respond, port: int, max_body: int, host: str = HOST) -> asyncio.Server:
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(Connection(respond, max_body, reader, writer).serve())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return await asyncio.start_server(connected, host, port, backlog=1024)


async def serve(
    respond: Respond,
    port: int,
    ready: Callable[[str], None],
    stop: asyncio.Event,
    max_body: int = MAX_BODY,
    host: str = HOST,
) -> None:
    """Serves until `stop` is set; `ready` is told the URL once connections are accepted."""
    server = await listen(respond, port, max_body, host)
    ready(f"http://{host}:{server.sockets[0].getsockname()[1]}")
    await stop.wait()
    server.close()


@contextmanager
def serve_in_thread(
    respond: Respond, max_body: int = MAX_BODY, host: str = HOST, port: int = 0
) -> Iterator[str]:
    """The URL of a server that lives in a thread of this process, for the time of the block.

    Raises OSError where it cannot listen there.
    """
    told: Future[str] = Future()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            try:
                runner.run(serve(respond, port, told.set_result, stop, max_body, host))
            except OSError as error:
                told.set_exception(error)

    thread = threading.Thread(target=run, name="loopback", daemon=True)
    thread.start()
    url = told.result(10)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def threaded(respond: Respond, threads: int = THREADS) -> Respond:
    """The same, in threads: while one request waits for a provider the others are answered."""
    pool = ThreadPoolExecutor(threads)

    async def answered(request: Mapping[str, Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(pool, respond, request)

    return answered


def chosen(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Overrides:
    """The overrides of the mutant or variant that was asked for by its id."""
    mutants = {mutant.id: mutant.override for mutant in MUTANTS}
    variants = {variant.id: variant.overrides for variant in VARIANTS}
    overrides: dict[str, Callable[..., object]] = {}
    for kind, records in (("mutant", mutants), ("variant", variants)):
        wanted = getattr(options, kind)
        if wanted is not None and wanted not in records:
            parser.error(f"no {kind} is called {wanted!r}")
        overrides |= records.get(wanted, {})
    return overrides


def behind(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Forwarding | None:
    """The providers whose addresses were given."""
    told = {protocol: getattr(options, f"provider_{protocol}") for protocol in PROVIDERS}
    try:
        found = {protocol: sender(url) for protocol, url in told.items() if url}
    except ValueError as error:
        parser.error(str(error))
    return Forwarding(found) if found else None


async def until_stdin_closes(
    respond: Respond,
    port: int,
    host: str = HOST,
    heard: Callable[[bytes], None] = lambda line: None,
) -> None:
    """`heard` is told each line of standard input, in a thread of its own."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def watch() -> None:
        for line in sys.stdin.buffer:
            heard(line)
        with suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(stop.set)

    def ready(url: str) -> None:
        print(url, flush=True)
        threading.Thread(target=watch, daemon=True).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await serve(respond, port, ready, stop, host=host)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="loopback", description="Serves the builtin gateway.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--mutant", metavar="ID", help="be wrong in this one way")
    parser.add_argument("--variant", metavar="ID", help="be different in this harmless way")
    parser.add_argument("--rpm", type=int, default=0, help="requests a minute for the good key")
    for protocol in PROVIDERS:
        help_ = f"forward to this {protocol} provider"
        parser.add_argument(f"--provider-{protocol}", metavar="URL", help=help_)
    options = parser.parse_args(arguments)
    provider = behind(parser, options)
    gateway = Gateway(chosen(parser, options), rpm=options.rpm, provider=provider)
    respond = threaded(gateway.respond) if provider else gateway.respond
    try:
        asyncio.run(until_stdin_closes(respond, options.port))
    except OSError as error:
        print(f"loopback: cannot listen on port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
