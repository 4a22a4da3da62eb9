"""Engine: sends scripts ahead of the judging, on an event loop with a thread of its own.

The loop has its own thread, since a loop that waits for the judge would record wrong arrival times.
Scripts start in the order of the items (cases) that need them. The engine stays at most `window`
items ahead of the item that is waited for, and sends nothing ahead while it holds `memory` bytes of
answers that were not judged.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from functools import partial
from typing import Final

from harness.fire.alternatives import send_with_alternative
from harness.fire.connection import HttpConnection
from harness.fire.conversation import not_sent, run_script
from harness.fire.dispatch import Dispatcher
from harness.fire.interfaces import STOPPED
from harness.fire.rate_limiter import RateLimiter
from harness.model import Call, Exchange, Script, Shot

GRACE: Final = 2.0  # seconds that requests in flight have to end when the engine stops
FORCE: Final = 1.0  # seconds that cancelled tasks have to end
MEMORY: Final = 64 * 1024 * 1024  # bytes


class Engine:
    """Sends each script once, however many items need it, until it is forgotten.

    `record` receives every exchange as soon as it is there. `concurrency` limits the scripts in
    flight, `window` the items that are sent ahead, and `memory` the bytes that wait to be judged.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        rate_limiter: RateLimiter,
        record: Callable[[Exchange], None] = lambda exchange: None,
        *,
        concurrency: int = 32,
        window: int = 64,
        memory: int = MEMORY,
    ) -> None:
        self.dispatcher, self.rate_limiter, self.record = dispatcher, rate_limiter, record
        self.concurrency, self.window, self.memory = concurrency, window, memory
        # Returns the exchange of a shot that an earlier run has sent, if it need not be sent again.
        self.earlier_exchange: Callable[[Shot], Exchange | None] = lambda shot: None
        self.queue: deque[tuple[int, Script]] = deque()
        self.results: dict[str, Future[list[Exchange]]] = {}
        self.sizes: dict[str, int] = {}  # bytes of the answers, by script
        self.current, self.stopping = 0, False
        self.wake = asyncio.Event()
        self.workers: set[asyncio.Task[None]] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run_loop, name="fire", daemon=True)
        self.thread.start()

    @property
    def requests(self) -> int:
        """The number of requests that were sent, retries included."""
        return self.rate_limiter.window.requests

    def add(self, item: int, scripts: Sequence[Script]) -> None:
        """Queues the scripts of an item, except those that are queued or sent already."""
        new = [script for script in scripts if script.id not in self.results]
        self.results.update((script.id, Future()) for script in new)
        with suppress(RuntimeError):  # the loop is closed
            self.loop.call_soon_threadsafe(self._enqueue, [(item, script) for script in new])

    def wait(self, item: int, scripts: Sequence[Script]) -> Mapping[str, Exchange]:
        """Waits for the scripts of an item, but not after `stop`; returns exchanges by shot id."""
        self.current = max(self.current, item)
        self.add(item, scripts)
        exchanges: dict[str, Exchange] = {}
        for script in scripts:
            try:
                result = self.results[script.id].result(timeout=0 if self.stopping else None)
            except (CancelledError, TimeoutError):
                result = [not_sent(shot, STOPPED, "stopped") for shot in script.shots]
            exchanges.update((exchange.shot, exchange) for exchange in result)
        return exchanges

    def forget(self, ids: Iterable[str]) -> None:
        """Releases the results of scripts, by their ids; a later `add` sends them again."""
        for name in ids:
            self.results.pop(name, None)
            self.sizes.pop(name, None)

    def stop(self) -> None:
        """Drops the queue, gives requests in flight two seconds, and ends the thread."""
        if self.stopping:
            return
        self.stopping = True
        with suppress(TimeoutError):
            finishing = asyncio.run_coroutine_threadsafe(self._finish(), self.loop)
            finishing.result(GRACE + 2 * FORCE)
        for future in self.results.values():
            future.cancel()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(FORCE)

    def _run_loop(self) -> None:
        self.loop.run_forever()
        self.loop.close()

    def _enqueue(self, scripts: Sequence[tuple[int, Script]]) -> None:
        """Queues scripts; those of the item that is waited for go before all others."""
        if scripts and scripts[0][0] <= self.current:
            self.queue.extendleft(reversed(scripts))
        else:
            self.queue.extend(scripts)
        self.wake.set()
        self.workers = {task for task in self.workers if not task.done()}
        needed = 0 if self.stopping else min(self.concurrency, len(self.queue))
        while len(self.workers) < needed:
            self.workers.add(asyncio.get_running_loop().create_task(self._work()))

    async def _work(self) -> None:
        """Runs scripts over a connection of its own until the queue is empty."""
        try:
            connection = self.dispatcher.transport.connection()
        except Exception as error:  # without a connection, every script fails at once
            while self.queue:
                _, script = self.queue.popleft()
                self.results[script.id].set_result(self._failure(script, error))
            return
        try:
            while self.queue and not self.stopping:
                if self._is_too_far_ahead(item=self.queue[0][0]):
                    self.wake.clear()
                    await self.wake.wait()
                else:
                    _, script = self.queue.popleft()
                    await self._run_script(connection, script)
        finally:
            await connection.close()

    def _is_too_far_ahead(self, item: int) -> bool:
        ahead = item - self.current
        # `list` copies the sizes in one step: the other thread changes them meanwhile.
        held = sum(list(self.sizes.values())) if ahead > 0 else 0
        return ahead > self.window or held > self.memory

    async def _run_script(self, connection: HttpConnection, script: Script) -> None:
        future = self.results.get(script.id, Future())
        try:
            exchanges = await run_script(script, partial(self._send, connection), self.record)
        except asyncio.CancelledError:
            future.cancel()
            raise
        except Exception as error:
            exchanges = self._failure(script, error)
        if script.id in self.results:
            self.sizes[script.id] = sum(len(exchange.body) for exchange in exchanges)
        if not future.done():
            future.set_result(exchanges)

    async def _send(self, connection: HttpConnection, shot: Shot, call: Call) -> Exchange:
        if earlier := self.earlier_exchange(shot):
            return earlier
        exchange = await send_with_alternative(partial(self._send_once, connection, shot), call)
        self.record(exchange)
        return exchange

    async def _send_once(self, connection: HttpConnection, shot: Shot, call: Call) -> Exchange:
        reservation = self.rate_limiter.reserve(call)
        acquire = partial(self.rate_limiter.acquire, reservation)
        exchange = await self.dispatcher.send(connection, shot, call, acquire)
        return self.rate_limiter.settle(reservation, exchange, call, shot.mode)

    def _failure(self, script: Script, error: Exception) -> list[Exchange]:
        message = f"harness: {type(error).__name__}: {error}"
        note = self.dispatcher.transport.redactor.note(message)
        return [not_sent(shot, note) for shot in script.shots]

    async def _finish(self) -> None:
        while self.queue:
            self.results[self.queue.popleft()[1].id].cancel()
        self.rate_limiter.close()
        self.wake.set()
        for seconds in (GRACE, FORCE):
            running = [task for task in self.workers if not task.done()]
            if running:
                await asyncio.wait(running, timeout=seconds)
            for task in running:
                task.cancel()
        await self.dispatcher.close()
        await asyncio.get_running_loop().shutdown_asyncgens()
