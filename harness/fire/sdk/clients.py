"""A call with a client -> an Exchange, by the SDK itself, its wire recorded. May not judge.

Jobs of one SDK go one after the other, those of several side by side. Those that use the limited
key go one at a time: they are about its limit.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Protocol

from harness.fire.interfaces import Forward
from harness.fire.sdk.command import cache
from harness.fire.sdk.driver import Broken, Driver
from harness.fire.sdk.install import Missing
from harness.fire.sdk.key_placeholders import placeholder
from harness.fire.sdk.proxy import RecordingProxy
from harness.fire.sdk.recorder import TrafficRecorder
from harness.fire.sdk.result import SdkResult, broken, exchange, understood
from harness.fire.sdk.session import SdkSession
from harness.model import Call, Exchange, Json, Pairs, Target
from harness.model.sdk import SDKS, Sdk

WRONG_KEY: Final = "sk-wrong-0000000000000000"
CREDENTIALS: Final = ("authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie")
JOB: Final = 3  # answers' time, for the conversation that a job is
LEAST: Final = 90.0  # seconds: retries wait, and a process has to start
Gate = Callable[[float], Awaitable[bool]]


class ExchangeRedactor(Protocol):
    """Hides what nobody may read."""

    def text(self, text: str) -> str: ...
    def exchange(self, seen: Exchange) -> Exchange: ...


class SdkClients:
    """`forward` asks the target; `timeout`: seconds of one answer; `patience`: of a whole job."""

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
        self.target, self.keys, self.forward, self.redactor = target, keys, forward, redactor
        self.patience = max(LEAST, JOB * timeout)
        self.folder, self.sdks = folder or cache(), sdks
        self.token = secrets.token_hex(16)
        self.desks: dict[str, SdkSession] = {}
        self.limited = asyncio.Lock()
        self.began = time.monotonic()

    async def send(self, shot: str, call: Call, gate: Gate) -> Exchange:
        """Never raises for what the SDK, the target or this machine does."""
        desk = self.desk(self.sdks[call.client["sdk"]])
        async with AsyncExitStack() as turn:
            if call.auth == "limited":
                await turn.enter_async_context(self.limited)
            await turn.enter_async_context(desk.lock)
            began = time.monotonic()
            said = await self.said(call, gate, desk)
            done = time.monotonic()
        made = exchange(shot, call, said, began - self.began, done - began)
        return self.redactor.exchange(made)

    def desk(self, sdk: Sdk) -> SdkSession:
        if sdk.id not in self.desks:
            base_url = self.target.endpoints[sdk.protocol].base_url
            self.desks[sdk.id] = SdkSession(sdk, RecordingProxy(base_url, self.forward))
        return self.desks[sdk.id]

    async def said(self, call: Call, gate: Gate, desk: SdkSession) -> SdkResult:
        if call.auth == "limited" and "limited" not in self.keys:
            return SdkResult("environment", "there is no limited key")
        try:
            driver = await desk.prepare(self.folder, tuple(self.keys.values()))
        except Missing as error:
            return SdkResult("environment", str(error))
        over = asyncio.Event()
        tape = TrafficRecorder(
            self.placeholders(call), self.extra(call), gate, self.redactor.text, over.set
        )
        try:
            base_url = await desk.relay.open()
            desk.relay.tape = tape
            reply = await self.reply(driver, self.order(call, base_url), tape, over)
            await tape.settle()
        except Broken as error:
            await driver.kill()
            return broken(str(error), tape, desk.sdk, desk.ready)
        except BaseException:
            await driver.kill()
            raise
        finally:
            desk.relay.tape = None
            await desk.relay.drop()
        return understood(reply, tape, desk.sdk, desk.ready)

    async def reply(
        self, driver: Driver, order: Json, tape: TrafficRecorder, over: asyncio.Event
    ) -> Json:
        """Raises Broken where none came in time, or the job could not go on."""
        asked = asyncio.ensure_future(driver.ask(order))
        stopped = asyncio.ensure_future(over.wait())
        try:
            left = self.patience
            while left > 0 and not asked.done() and not stopped.done():
                await asyncio.wait((asked, stopped), timeout=left, return_when="FIRST_COMPLETED")
                left = self.patience + tape.held - (time.monotonic() - tape.began)
            if asked.done():
                return asked.result()
            raise Broken(f"no word from the SDK in {self.patience:g} s")
        finally:
            asked.cancel()
            stopped.cancel()
            await asyncio.gather(asked, stopped, return_exceptions=True)

    def order(self, call: Call, base_url: str) -> Json:
        key = placeholder("limited" if call.auth == "limited" else "key", self.token)
        return {
            "script": call.client["script"],
            "snippet": call.client.get("snippet", ""),
            "base_url": base_url,
            "api_key": WRONG_KEY if call.auth == "wrong" else key,
            "model": self.target.endpoints[call.protocol].model,
            "request": call.body,
        }

    def placeholders(self, call: Call) -> dict[str, str]:
        """What the SDK sends in place of a key, and the key that the relay puts there."""
        uses = ("limited",) if call.auth == "limited" else ("key",)
        return {placeholder(use, self.token): self.keys.get(use, "") for use in uses}

    def extra(self, call: Call) -> Pairs:
        """The headers that the target wants of every request; its key only where ours would be."""
        pairs = self.target.endpoints[call.protocol].headers
        if call.auth == "key":
            return pairs
        return tuple(pair for pair in pairs if pair[0].lower() not in CREDENTIALS)

    async def close(self) -> None:
        """Ends the processes and the relays."""
        await asyncio.gather(*(desk.close() for desk in self.desks.values()))
