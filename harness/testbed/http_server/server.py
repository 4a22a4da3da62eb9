"""Serves a respond function on a real socket of this machine."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from harness.testbed.gateway.gateway import MAX_BODY
from harness.testbed.http_server.bounds import Bounds
from harness.testbed.http_server.connection import Connection, Respond

HOST = "127.0.0.1"
THREADS = 128


async def listen(respond: Respond, port: int, max_body: int, host: str = HOST) -> asyncio.Server:
    """Starts a server; port 0 selects a free one."""
    tasks: set[asyncio.Task[None]] = set()
    bounds = Bounds()

    def start_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(respond, max_body, reader, writer, bounds)
        bounds.add(connection)
        task = asyncio.ensure_future(connection.serve())
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(lambda task: bounds.remove(connection))

    return await asyncio.start_server(start_connection, host, port, backlog=1024)


async def serve(
    respond: Respond,
    port: int,
    ready: Callable[[str], None],
    stop: asyncio.Event,
    max_body: int = MAX_BODY,
    host: str = HOST,
) -> None:
    """Serves until `stop` is set. Calls `ready` with the URL once connections are accepted."""
    server = await listen(respond, port, max_body, host)
    ready(f"http://{host}:{server.sockets[0].getsockname()[1]}")
    await stop.wait()
    server.close()


@contextmanager
def serve_in_thread(
    respond: Respond, max_body: int = MAX_BODY, host: str = HOST, port: int = 0
) -> Iterator[str]:
    """Runs a server in a thread of this process and yields its URL.

    Raises:
        OSError: The address is not available.
    """
    ready: Future[str] = Future()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            try:
                runner.run(serve(respond, port, ready.set_result, stop, max_body, host))
            except OSError as error:
                ready.set_exception(error)

    thread = threading.Thread(target=run, name="http-server", daemon=True)
    thread.start()
    url = ready.result(10)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def respond_in_threads(respond: Respond, threads: int = THREADS) -> Respond:
    """Runs `respond` in threads, so that a request that waits does not block others.

    A thread that waits does not keep the process from ending, as one of a pool would.
    """
    room = asyncio.Semaphore(threads)

    async def respond_in_thread(request: Mapping[str, Any]) -> Any:
        reply: Future[Any] = Future()
        reply.set_running_or_notify_cancel()  # a thread cannot be cancelled when the server ends

        def run() -> None:
            try:
                reply.set_result(respond(request))
            except BaseException as error:
                reply.set_exception(error)

        async with room:
            threading.Thread(target=run, name="respond", daemon=True).start()
            return await asyncio.wrap_future(reply)

    return respond_in_thread


async def serve_until_stdin_closes(
    respond: Respond,
    port: int,
    host: str = HOST,
    on_line: Callable[[bytes], None] = lambda line: None,
    max_body: int = MAX_BODY,
) -> None:
    """Prints the URL and serves until standard input closes or a signal arrives.

    Calls `on_line` with each line of standard input, in a separate thread.
    """
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def read_stdin() -> None:
        for line in sys.stdin.buffer:
            on_line(line)
        with suppress(RuntimeError):  # the loop has already ended
            loop.call_soon_threadsafe(stop.set)

    def ready(url: str) -> None:
        print(url, flush=True)
        threading.Thread(target=read_stdin, daemon=True).start()

    set_at_signals(stop)
    await serve(respond, port, ready, stop, max_body, host)


def set_at_signals(stop: asyncio.Event) -> None:
    """Set an event of the running loop when SIGINT or SIGTERM arrives."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # the loops of Windows have no signal handlers
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
