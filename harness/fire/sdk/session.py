"""The state of one SDK during a run: its process and its proxy, or the reason why it is missing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from harness.fire.sdk.driver import Driver, DriverError, make_driver
from harness.fire.sdk.install import SdkUnavailable
from harness.fire.sdk.proxy import RecordingProxy
from harness.fire.sdk.recorder import TrafficRecorder
from harness.fire.sdk.result import SdkResult, result_of_failure, result_of_reply
from harness.model import Json
from harness.model.sdk import Sdk


class SdkSession:
    """Runs the jobs of one SDK; `lock` must be held during a job."""

    def __init__(self, sdk: Sdk, proxy: RecordingProxy) -> None:
        self.sdk, self.proxy = sdk, proxy
        self.lock = asyncio.Lock()
        self.driver: Driver | None = None
        self.unavailable: SdkUnavailable | None = None

    async def prepare(self, folder: Path, keys: Sequence[str]) -> Driver:
        """Returns the driver of the SDK; `make_driver` is called, and may fail, only once."""
        if self.unavailable:
            raise self.unavailable
        try:
            self.driver = self.driver or await make_driver(self.sdk, folder, keys)
        except SdkUnavailable as error:
            self.unavailable = error
            raise
        return self.driver

    async def run(
        self, driver: Driver, job: Json, recorder: TrafficRecorder, timeout: float
    ) -> SdkResult:
        """Runs a job with the proxy's URL added to it, and records its traffic."""
        package = {"package": self.sdk.package, "language": self.sdk.language}
        package |= {"version": driver.version} if driver.version else {}
        try:
            job["base_url"] = await self.proxy.open()
            self.proxy.recorder = recorder
            reply = await wait_for_reply(driver, job, recorder, timeout)
            await recorder.wait_until_idle()
        except DriverError as error:
            await driver.kill()
            return result_of_failure(str(error), recorder, package)
        except BaseException:
            await driver.kill()
            raise
        finally:
            self.proxy.recorder = None
            await self.proxy.drop_connections()
        return result_of_reply(reply, recorder, package)

    async def close(self) -> None:
        if self.driver is not None:
            await self.driver.kill()
        await self.proxy.close()


async def wait_for_reply(
    driver: Driver, job: Json, recorder: TrafficRecorder, timeout: float
) -> Json:
    """Waits for the reply, not counting the time that the run's limits held the job back.

    DriverError is raised if no reply came in time, or the job cannot go on.
    """
    reply = asyncio.ensure_future(driver.run(job))
    failure = asyncio.ensure_future(recorder.failed.wait())
    try:
        left = timeout
        while left > 0 and not reply.done() and not failure.done():
            await asyncio.wait((reply, failure), timeout=left, return_when="FIRST_COMPLETED")
            left = timeout + recorder.limit_delay - (time.monotonic() - recorder.start)
        if reply.done():
            return reply.result()
        raise DriverError(f"no reply from the SDK in {timeout:g} s")
    finally:
        reply.cancel()
        failure.cancel()
        await asyncio.gather(reply, failure, return_exceptions=True)
