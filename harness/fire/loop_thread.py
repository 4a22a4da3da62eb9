"""An event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any


class LoopThread:
    """Runs an event loop in a daemon thread until `stop`."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.close()

    def call(self, callback: Callable[[], object]) -> None:
        """Calls a function in the loop, unless the loop is closed."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(callback)

    def wait_for(self, coroutine: Coroutine[Any, Any, None], timeout: float) -> None:
        """Runs a coroutine in the loop and waits for it, at most `timeout` seconds."""
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout)

    def stop(self, timeout: float) -> None:
        """Stops the loop and waits for the thread, at most `timeout` seconds."""
        self.call(self.loop.stop)
        self.thread.join(timeout)
