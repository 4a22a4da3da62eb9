"""One SDK in this run -> its process and its relay, or why there is none. May not send a job."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.fire.sdk.command import DriverCommand, clean_environment, ready
from harness.fire.sdk.driver import Driver
from harness.fire.sdk.install import Missing
from harness.fire.sdk.proxy import RecordingProxy
from harness.model.sdk import Sdk


@dataclass(slots=True)
class SdkSession:
    """One SDK in this run: how it is started, its process, its relay; or why there is none."""

    sdk: Sdk
    relay: RecordingProxy
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    ready: DriverCommand | None = None
    missing: str = ""
    driver: Driver | None = None

    async def prepare(self, folder: Path, keys: Sequence[str]) -> Driver:
        """Raises Missing, always with the same words."""
        if self.missing:
            raise Missing(self.missing)
        try:
            self.ready = self.ready or await ready(self.sdk, folder, keys)
        except Missing as error:
            self.missing = str(error)
            raise
        self.driver = self.driver or Driver(self.ready.command, clean_environment())
        return self.driver

    async def close(self) -> None:
        if self.driver is not None:
            await self.driver.kill()
        await self.relay.close()
