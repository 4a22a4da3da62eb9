"""Scripts in item order -> exchanges, fired ahead on a loop of its own. May not judge.

A parked loop would falsify arrival times, so the loop has a thread to itself. Scripts start in the
order of the items that need them, at most `window` items ahead of the one that is waited for; and
nothing is fired ahead while `memory` bytes of answers lie here unjudged.
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

from harness.fire.budget import Budget
from harness.fire.connection import HttpConnection
from harness.fire.conversation import not_sent, run_script
from harness.fire.dispatch import Dispatcher
from harness.fire.http import HttpTransport
from harness.fire.rate_limiter import RateLimiter
from harness.model import Call, Exchange, Script, Shot

GRACE: Final = 2.0
FORCE: Final = 1.0
MEMORY: Final = 64 * 1024 * 1024
STOPPED: Final = "stopped before it was sent"


class Engine:
    """Fires each script once, whoever asks for it, until it is forgotten."""

    def __init__(
        self,
        transport: HttpTransport,
        concurrency: int = 32,
        rpm: float = 0.0,
        window: int = 64,
        record: Callable[[Exchange], None] = lambda exchange: None,
        memory: int = MEMORY,
        dispatcher: Dispatcher | None = None,
        tpm: float = 0.0,
        budget: Budget | None = None,
    ) -> None:
        self.transport, self.concurrency = transport, concurrency
        self.rate_limiter = RateLimiter(rpm, tpm, budget=budget)
        self.window, self.record, self.memory = window, record, memory
        self.dispatcher = dispatcher or Dispatcher(transport)
        self.answered: Callable[[Shot], Exchange | None] = lambda shot: None
        self.queue: deque[tuple[int, Script]] = deque()
        self.results: dict[str, Future[list[Exchange]]] = {}
        self.sizes: dict[str, int] = {}
        self.current, self.stopping = 0, False
        self.loop = asyncio.new_event_loop()
        self.wake = asyncio.Event()
        self.workers: set[asyncio.Task[None]] = set()
        self.thread = threading.Thread(target=self._run, name="fire", daemon=True)
        self.thread.start()

    @property
    def requests(self) -> int:
        return self.rate_limiter.meter.requests

    def add(self, item: int, scripts: Sequence[Script]) -> None:
        """Queues the scripts of an item; one that is queued already is not fired twice."""
        new = [script for script in scripts if script.id not in self.results]
        self.results.update((script.id, Future()) for script in new)
        self._tell(partial(self._enqueue, [(item, script) for script in new]))

    def wait(self, item: int, scripts: Sequence[Script]) -> Mapping[str, Exchange]:
        """Blocks until the item's scripts are done; shot id -> exchange. Never after `stop`."""
        self.current = max(self.current, item)
        self.add(item, scripts)
        done: dict[str, Exchange] = {}
        for script in scripts:
            try:
                exchanges = self.results[script.id].result(timeout=0 if self.stopping else None)
            except (CancelledError, TimeoutError):
                exchanges = [not_sent(shot, STOPPED, "stopped") for shot in script.shots]
            done.update((exchange.shot, exchange) for exchange in exchanges)
        return done

    def forget(self, ids: Iterable[str]) -> None:
        """Lets go of what nobody will ask for again, by script id."""
        for name in ids:
            self.results.pop(name, None)
            self.sizes.pop(name, None)

    def stop(self) -> None:
        """Drops what is unsent and gives what is under way two seconds."""
        if self.stopping:
            return
        self.stopping = True
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._finish(), self.loop).result(GRACE + 2 * FORCE)
        for future in self.results.values():
            future.cancel()
        self._tell(self.loop.stop)
        self.thread.join(FORCE)

    def _tell(self, deed: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop is closed: the run is over
            self.loop.call_soon_threadsafe(deed)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.close()

    def _enqueue(self, scripts: Sequence[tuple[int, Script]]) -> None:
        """What is waited for goes first: nothing of a later item may stand in its way."""
        if scripts and scripts[0][0] <= self.current:
            self.queue.extendleft(reversed(scripts))
        else:
            self.queue.extend(scripts)
        self.wake.set()
        self.workers = {task for task in self.workers if not task.done()}
        wanted = 0 if self.stopping else min(self.concurrency, len(self.queue))
        while len(self.workers) < wanted:
            self.workers.add(self.loop.create_task(self._work()))

    async def _work(self) -> None:
        """One slot: takes the next script as long as it is within the window."""
        try:
            slot = self.transport.slot()
        except Exception as error:  # no slot, no answers: and nobody waits for them
            while self.queue:
                _, script = self.queue.popleft()
                self.results[script.id].set_result(self._fault(script, error))
            return
        try:
            while self.queue and not self.stopping:
                item, script = self.queue[0]
                if self._too_far(item):
                    self.wake.clear()
                    await self.wake.wait()
                    continue
                self.queue.popleft()
                await self._one(slot, script)
        finally:
            await slot.close()

    def _too_far(self, item: int) -> bool:
        ahead = item - self.current
        held = sum(list(self.sizes.values())) if ahead > 0 else 0  # the list: of one moment
        return ahead > self.window or held > self.memory

    async def _one(self, slot: HttpConnection, script: Script) -> None:
        async def send(shot: Shot, call: Call) -> Exchange:
            deliver = partial(self.dispatcher.send, slot, shot, call)
            if known := self.answered(shot):
                return known
            exchange = await self.rate_limiter.through(deliver, call, shot.mode)
            self.record(exchange)
            return exchange

        future = self.results.get(script.id, Future())
        try:
            exchanges = await run_script(script, send, self.record)
        except asyncio.CancelledError:
            future.cancel()
            raise
        except Exception as error:
            exchanges = self._fault(script, error)
        if script.id in self.results:
            self.sizes[script.id] = sum(len(exchange.body) for exchange in exchanges)
        if not future.done():
            future.set_result(exchanges)

    def _fault(self, script: Script, error: Exception) -> list[Exchange]:
        """A fault of ours: the judge calls it inconclusive (harness)."""
        note = self.transport.redactor.note(f"harness: {type(error).__name__}: {error}")
        return [not_sent(shot, note) for shot in script.shots]

    async def _finish(self) -> None:
        while self.queue:
            self.results[self.queue.popleft()[1].id].cancel()
        self.rate_limiter.close()
        self.wake.set()
        for patience in (GRACE, FORCE):
            late = [task for task in self.workers if not task.done()]
            if late:
                await asyncio.wait(late, timeout=patience)
            for task in late:
                task.cancel()
        await self.dispatcher.close()
        await self.loop.shutdown_asyncgens()
