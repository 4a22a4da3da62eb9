"""Sends scripts in the order of their items, in a thread, so that judging delays no arrival."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Final

from harness.fire.alike import AlikeScripts, take
from harness.fire.connection import HttpConnection
from harness.fire.conversation import not_sent
from harness.fire.dispatch import Dispatcher
from harness.fire.interfaces import STOPPED
from harness.fire.rate_limiter import RateLimiter
from harness.fire.results import Results
from harness.fire.script_queue import ScriptQueue
from harness.fire.script_runner import ScriptRunner
from harness.fire.throttle import Throttle
from harness.model import Exchange, Script
from harness.util.tasks import end_tasks

GRACE, FORCE = 2.0, 1.0  # seconds for requests in flight, then for cancelled tasks, to end
MEMORY: Final = 16 * 1024 * 1024  # bytes; beyond a quarter, a large answer must wait for its turn


class Engine:
    """Sends each script once, however many items need it, until it is forgotten.

    `record` receives every exchange that counts. `concurrency` limits the scripts in flight,
    `window` the items sent ahead, `memory` the bytes that wait, `timeout` the seconds of an answer.
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
        timeout: float = 60.0,
    ) -> None:
        self.dispatcher, self.rate_limiter = dispatcher, rate_limiter
        self.concurrency, self.window, self.memory = concurrency, window, memory
        self.throttle = Throttle(concurrency, timeout)
        self.runner = ScriptRunner(dispatcher, rate_limiter, record, self.throttle)
        self.runner.health_check.on_stop = self._drop_queue
        self.queue, self.results, self.alike = ScriptQueue(), Results(), AlikeScripts()
        self.workers, self.current, self.stopping = set[asyncio.Task[None]](), 0, False
        large = dispatcher.transport.large
        large.is_too_early = lambda item: item > self.current and self.results.held() > memory // 4
        large.in_flight = lambda: self.throttle.in_flight if self.results.is_awaited else None
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run_loop, name="fire", daemon=True)
        self.thread.start()

    @property
    def requests(self) -> int:
        return self.rate_limiter.window.requests

    @property
    def is_ending(self) -> bool:
        return self.stopping or self.runner.health.stopped != ""

    def add(self, item: int, scripts: Sequence[Script]) -> None:
        """Queues the scripts of an item, except those that are queued or sent already."""
        new = self.results.add(scripts)
        with suppress(RuntimeError):  # the loop is closed
            self.loop.call_soon_threadsafe(self._enqueue, item, new, {each.id for each in scripts})

    def wait(self, item: int, scripts: Sequence[Script]) -> Mapping[str, Exchange]:
        """Waits for the scripts of an item, but not after `stop`; returns exchanges by shot id."""
        self.current = max(self.current, item)
        self.add(item, scripts)
        exchanges: dict[str, Exchange] = {}
        for script in scripts:
            try:
                result = self.results.wait(script, timeout=0 if self.is_ending else None)
            except (CancelledError, TimeoutError):
                result = [not_sent(shot, STOPPED, "stopped") for shot in script.shots]
            exchanges.update((exchange.shot, exchange) for exchange in result)
        return exchanges

    def forget(self, ids: Iterable[str]) -> None:
        """Releases the results of scripts, by their ids; a later `add` sends them again."""
        self.results.forget(ids)

    def is_full(self) -> bool:
        return self.results.held() > self.memory

    def send_again(self) -> None:
        """Sends what got no answer once more, one after the other, with nothing else in flight."""
        if self.runner.again and not self.stopping:
            with self.results.awaited():
                asyncio.run_coroutine_threadsafe(self._send_again(), self.loop).result()

    def stop(self) -> None:
        """Drops the queue, gives requests in flight two seconds, and ends the thread."""
        if self.stopping:
            return
        self.stopping = True
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._finish(), self.loop).result(GRACE + 2 * FORCE)
        self.results.cancel()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(FORCE)

    def _run_loop(self) -> None:
        self.loop.run_forever()
        self.loop.close()

    def _enqueue(self, item: int, new: Sequence[Script], names: Set[str]) -> None:
        self.queue.put(item, new, names, is_awaited=item <= self.current)
        self._start_workers()

    def _start_workers(self) -> None:
        self.throttle.changed.set()
        self.workers = {task for task in self.workers if not task.done()}
        more = 0 if self.is_ending else min(self.concurrency, len(self.queue)) - len(self.workers)
        self.workers |= {self.loop.create_task(self._work()) for _ in range(more)}

    async def _work(self) -> None:
        """Runs scripts until the queue is empty, also after the time that a closing takes."""
        try:
            while self.queue and not self.stopping:
                await self._work_off()
        except Exception as error:  # without an end of the run, its scripts would wait forever
            self.runner.health_check.halt(f"internal error: {type(error).__name__}: {error}")

    async def _work_off(self) -> None:
        try:
            connection = self.dispatcher.transport.connection()
        except Exception as error:  # without a connection, every script fails at once
            while self.queue:
                _, script = self.queue.popleft()
                failure = self.runner.failure(script, error)
                self.results.set(script, failure, self.results.get(script))
            return
        try:
            while self.queue and not self.stopping:
                if not self.throttle.has_room() or self._is_too_far_ahead(self.queue[0][0]):
                    await self.throttle.change()
                else:
                    connection.item, script = self.queue.popleft()
                    await self._run_script(connection, script)
        finally:
            await connection.close()

    def _is_too_far_ahead(self, item: int) -> bool:
        return item - self.current > (0 if self.is_full() else self.window)

    async def _run_script(self, connection: HttpConnection, script: Script) -> None:
        future, exchanges = self.results.get(script), list[Exchange]()
        if copies := self.alike.copies(script):
            self.results.set(script, take(self.runner, script, copies), future)
        if copies or self.alike.must_wait(connection.item, script):
            return
        self.throttle.begin()
        try:
            exchanges = await self.runner.run(connection, script)
        except asyncio.CancelledError:
            future.cancel()
            raise
        finally:
            self.throttle.end()
            waiting = self.alike.end(script, exchanges, not self.runner.is_sent_again([script]))
        self.results.set(script, exchanges, future)
        if waiting and not self.is_ending:
            self.queue.extendleft(reversed(waiting))
            self._start_workers()

    async def _send_again(self) -> None:
        self.workers.update(filter(None, [asyncio.current_task()]))  # `stop` ends it as well
        try:
            await self.throttle.hold()
            for script, _ in list(self.runner.again.values()):
                if self.is_ending:
                    break
                self.results.replace(script, await self.runner.run_again(script.id))
        finally:
            self.throttle.release()

    def _drop_queue(self) -> None:
        self.queue.clear()
        self.results.cancel()
        self.throttle.changed.set()

    async def _finish(self) -> None:
        self.results.cancel([script for _, script in self.queue])
        self.queue.clear()
        self.rate_limiter.close()
        self.throttle.changed.set()
        await end_tasks(self.workers, (GRACE, FORCE))
        await self.dispatcher.close()
        await asyncio.get_running_loop().shutdown_asyncgens()
