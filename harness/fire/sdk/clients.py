"""Sends calls through the official SDKs and records the HTTP traffic that they cause.

The jobs of one SDK at one endpoint run one after the other, others side by side. Jobs that use the
limited key run one at a time, since they are about its rate limit.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from harness.fire.interfaces import Acquire, Forward
from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.redaction.secrets import CREDENTIALS
from harness.fire.request import WRONG_KEY, drop_headers
from harness.fire.sdk.driver import Driver, DriverError, cache_folder, make_driver
from harness.fire.sdk.installers import SdkUnavailable
from harness.fire.sdk.proxy import RecordingProxy
from harness.fire.sdk.recorder import TrafficRecorder
from harness.fire.sdk.result import SdkResult, exchange, result_of_failure, result_of_reply
from harness.model import Call, Exchange, Json, Pairs, Target
from harness.model.sdk import SDKS, Sdk

ANSWERS_PER_JOB: Final = 3  # a job is a short conversation
MIN_JOB_TIMEOUT: Final = 90.0  # seconds: retries pause, and a process has to start


class SdkClients:
    """Runs jobs by SDKs.

    `keys` are the API keys by use (`key`, `limited`). One answer may take `timeout` seconds, and a
    job a multiple of it. `folder` is the cache of installed SDKs.
    """

    def __init__(
        self,
        target: Target,
        keys: Mapping[str, str],
        forward: Forward,
        redactor: ExchangeRedactor,
        timeout: float,
        folder: Path | None = None,
        sdks: Mapping[str, Sdk] = SDKS,
    ) -> None:
        self.target, self.keys, self.redactor = target, keys, redactor
        self.job_timeout = max(MIN_JOB_TIMEOUT, ANSWERS_PER_JOB * timeout)
        self.folder = folder or cache_folder()
        self.token = secrets.token_hex(16)
        self.sessions = {
            (sdk.id, protocol): SdkSession(
                sdk, RecordingProxy(target.endpoints[protocol].base_url, forward)
            )
            for sdk in sdks.values()
            for protocol in sdk.protocols
            if protocol in target.endpoints
        }
        self.limited_key_lock = asyncio.Lock()
        self.start = time.monotonic()

    async def send(self, shot: str, call: Call, acquire: Acquire) -> Exchange:
        """Runs a job; errors of the SDK, the target and this machine are in the exchange."""
        session = self.sessions[call.client["sdk"], call.protocol]
        async with self.limited_key_lock if call.auth == "limited" else nullcontext(), session.lock:
            start = time.monotonic()
            result = await self._run_job(call, acquire, session)
            seconds = time.monotonic() - start
        sent = exchange(shot, call, result, start - self.start, seconds)
        return await self.redactor.redact(sent)

    async def _run_job(self, call: Call, acquire: Acquire, session: SdkSession) -> SdkResult:
        if call.auth == "limited" and "limited" not in self.keys:
            return SdkResult("environment", "there is no limited key")
        try:
            driver = await session.prepare(self.folder, tuple(self.keys.values()))
        except SdkUnavailable as error:
            return SdkResult("environment", str(error))
        use = "limited" if call.auth == "limited" else "key"
        recorder = TrafficRecorder(
            # Not guessable, since a client that knows the placeholder can use the proxy.
            placeholder=f"sk-placeholder-{use}-{self.token}",
            key=self.keys.get(use, ""),
            key_label="caller" if use == "key" else use,
            extra_headers=self._extra_headers(call),
            acquire=acquire,
            redact=self.redactor.body,
        )
        job = self._job(call, recorder.placeholder)
        return await session.run(driver, job, recorder, self.job_timeout)

    def _job(self, call: Call, placeholder: str) -> dict[str, Json]:
        """Returns the job in the format of the drivers; the session adds the base URL."""
        return {
            "script": call.client["script"],
            "snippet": call.client.get("snippet", ""),
            "protocol": call.protocol,
            "api_key": WRONG_KEY if call.auth == "wrong" else placeholder,
            "model": self.target.endpoints[call.protocol].model,
            "request": call.body,
        }

    def _extra_headers(self, call: Call) -> Pairs:
        """Returns the target's own headers; its credentials only if the call uses the usual key."""
        headers = self.target.endpoints[call.protocol].headers
        return headers if call.auth == "key" else drop_headers(headers, CREDENTIALS)

    async def close(self) -> None:
        await asyncio.gather(*(session.close() for session in self.sessions.values()))


class SdkSession:
    """Runs the jobs of one SDK at one endpoint; `lock` must be held during a job."""

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
