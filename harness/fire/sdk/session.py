"""The state of one SDK during a run: its process and its proxy, or the reason why it is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.fire.sdk.command import DriverCommand, clean_environment, driver_command
from harness.fire.sdk.driver import Driver
from harness.fire.sdk.install import SdkUnavailable
from harness.fire.sdk.proxy import RecordingProxy
from harness.model.sdk import Sdk


@dataclass(slots=True)
class SdkSession:
    """One SDK in this run. `lock` is held during a job; `unavailable` is the reason, if any."""

    sdk: Sdk
    proxy: RecordingProxy
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    command: DriverCommand | None = None
    driver: Driver | None = None
    unavailable: str = ""

    async def prepare(self, folder: Path, keys: Sequence[str]) -> Driver:
        """Installs the SDK if needed and returns its driver.

        Args:
            folder: The cache of installed SDKs.
            keys: Secrets that the installer must not see.

        Raises:
            SdkUnavailable: The SDK cannot be used; the first reason is raised every time.
        """
        if self.unavailable:
            raise SdkUnavailable(self.unavailable)
        try:
            self.command = self.command or await driver_command(self.sdk, folder, keys)
        except SdkUnavailable as error:
            self.unavailable = str(error)
            raise
        self.driver = self.driver or Driver(self.command.arguments, clean_environment())
        return self.driver

    async def close(self) -> None:
        """Ends the process and the proxy."""
        if self.driver is not None:
            await self.driver.kill()
        await self.proxy.close()
