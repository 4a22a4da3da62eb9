"""Scripts in item order -> exchanges, fired ahead on a loop of its own. May not judge.

A parked loop would falsify arrival times, so the loop has a thread to itself. Scripts start in the
order of the items that need them, at most `window` items ahead of the one being awaited.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future

from harness import pace
from harness.fire.play import not_sent, play
from harness.fire.wire import Wire
from harness.model import Call, Exchange, Script, Shot

GRACE = 2.0


class Engine:
    """Fires each script once, whoever asks for it."""

    def __init__(
        self,
        wire: Wire,
        concurrency: int,
        rpm: float = 0.0,
        window: int = 64,
        record: Callable[[Exchange], None] = lambda exchange: None,
    ) -> None:
        self.wire, self.concurrency, self.rpm, self.window = wire, concurrency, rpm, window
        self.record = record
        self.queue: deque[tuple[int, Script]] = deque()
        self.results: dict[str, Future[list[Exchange]]] = {}
        self.history: deque[float] = deque(maxlen=10_000)
        self.current, self.requests, self.stopping = 0, 0, False
        self.loop = asyncio.new_event_loop()
        self.wake = asyncio.Event()
        self.workers: list[asyncio.Task[None]] = []
        self.thread = threading.Thread(target=self._run, name="fire", daemon=True)
        self.thread.start()

    def add(self, item: int, scripts: Sequence[Script]) -> None:
        """Queues the scripts of an item; one that is queued already is not fired twice."""
        for script in scripts:
            if script.id not in self.results:
                self.results[script.id] = Future()
                self.queue.append((item, script))
        self.loop.call_soon_threadsafe(self._spawn)

    def wait(self, item: int, scripts: Sequence[Script]) -> Mapping[str, Exchange]:
        """Blocks until the item's scripts are done; shot id -> exchange."""
        self.current = max(self.current, item)
        self.loop.call_soon_threadsafe(self.wake.set)
        done: dict[str, Exchange] = {}
        for script in scripts:
            try:
                exchanges = self.results[script.id].result()
            except CancelledError:
                exchanges = [not_sent(shot, "stopped before it was sent") for shot in script.shots]
            done.update((exchange.shot, exchange) for exchange in exchanges)
        return done

    def stop(self) -> None:
        """Drops what is unsent and gives what is under way two seconds."""
        if self.loop.is_closed():
            return
        self.stopping = True
        asyncio.run_coroutine_threadsafe(self._finish(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        for future in self.results.values():
            future.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def _spawn(self) -> None:
        self.wake.set()
        wanted = min(self.concurrency, len(self.queue))
        self.workers = [task for task in self.workers if not task.done()]
        while len(self.workers) < wanted and not self.stopping:
            self.workers.append(self.loop.create_task(self._work()))

    async def _work(self) -> None:
        """One slot: takes the next script as long as it is within the window."""
        async with self.wire.slot() as client:

            async def send(shot: Shot, call: Call) -> Exchange:
                exchange = await self.wire.send(client, shot.id, call, self._gate)
                self.record(exchange)
                return exchange

            while self.queue and not self.stopping:
                item, script = self.queue[0]
                if item > self.current + self.window:
                    self.wake.clear()
                    await self.wake.wait()
                    continue
                self.queue.popleft()
                await self._one(script, send)

    async def _one(self, script: Script, send: Callable[[Shot, Call], object]) -> None:
        future = self.results[script.id]
        try:
            exchanges = await play(script, send)  # type: ignore[arg-type]
        except asyncio.CancelledError:
            future.cancel()
            raise
        except Exception as error:  # a fault of ours: the judge calls it inconclusive (harness)
            note = f"harness: {type(error).__name__}: {error}"
            exchanges = [not_sent(shot, note) for shot in script.shots]
        if not future.done():
            future.set_result(exchanges)

    async def _gate(self) -> None:
        """Holds a request back while the target's requests a minute are used up."""
        while self.rpm and (pause := pace.wait(self.rpm, self.history, time.monotonic())) > 0:
            await asyncio.sleep(pause)
        self.requests += 1
        self.history.append(time.monotonic())

    async def _finish(self) -> None:
        self.queue.clear()
        self.wake.set()
        if self.workers:
            await asyncio.wait(self.workers, timeout=GRACE)
        for task in self.workers:
            task.cancel()
        await asyncio.gather(*self.workers, return_exceptions=True)
