"""The end of tasks of an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any


async def end_tasks(tasks: Iterable[asyncio.Task[Any]], times: Iterable[float]) -> None:
    """Wait for tasks as long as the first time, in seconds; cancel the rest, and wait again."""
    for seconds in times:
        if running := [task for task in tasks if not task.done()]:
            await asyncio.wait(running, timeout=seconds)
        for task in running:
            task.cancel()
