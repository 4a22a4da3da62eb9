"""A call with a client -> an Exchange, by the SDK itself, its wire recorded. May not judge.

Jobs of one SDK go one after the other, those of several side by side. Those that use the limited
key go one at a time: they are about its limit.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Protocol

from harness.clients import shelf
from harness.clients.desk import Desk
from harness.clients.driver import Broken, Driver
from harness.clients.relay import Forward, Relay
from harness.clients.sdks import SDKS, Sdk
from harness.clients.tape import Tape, placeholder
from harness.model import Attempt, Call, End, Exchange, Json, Pairs, Target

WRONG_KEY: Final = "sk-wrong-0000000000000000"
CREDENTIALS: Final = ("authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie")
HURRY: Final = (429, 503, 529)  # a target that has no time for us is not wrong
JOB: Final = 3  # answers' time, for the conversation that a job is
LEAST: Final = 90.0  # seconds: retries wait, and a process has to start
Gate = Callable[[float], Awaitable[bool]]


class Veil(Protocol):
    def text(self, text: str) -> str: ...
    def exchange(self, seen: Exchange) -> Exchange: ...


class Clients:
    """`forward` asks the target, `veil` hides what nobody may read, `timeout`: of one answer."""

    def __init__(
        self,
        target: Target,
        keys: Mapping[str, str],
        forward: Forward,
        veil: Veil,
        timeout: float,
        folder: Path | None = None,
        sdks: Mapping[str, Sdk] = SDKS,
    ) -> None:
        self.target, self.keys, self.forward, self.veil = target, keys, forward, veil
        self.patience = max(LEAST, JOB * timeout)
        self.folder, self.sdks = folder or shelf.cache(), sdks
        self.token = secrets.token_hex(16)
        self.desks: dict[str, Desk] = {}
        self.limited = asyncio.Lock()
        self.began = time.monotonic()

    async def send(self, shot: str, call: Call, gate: Gate) -> Exchange:
        """Never raises for what the SDK, the target or this machine does."""
        sdk = self.sdks[call.client["sdk"]]
        desk = self.desks.get(sdk.id)
        if desk is None:
            base_url = self.target.fronts[sdk.protocol].base_url
            desk = self.desks[sdk.id] = Desk(sdk, Relay(base_url, self.forward))
        async with AsyncExitStack() as turn:
            if call.auth == "limited":
                await turn.enter_async_context(self.limited)
            await turn.enter_async_context(desk.lock)
            began = time.monotonic()
            try:
                driver = await desk.prepare(self.folder, tuple(self.keys.values()))
            except shelf.Missing as error:
                return self.exchange(shot, call, "environment", str(error), began)
            return await self.job(shot, call, gate, desk, driver)

    async def job(self, shot: str, call: Call, gate: Gate, desk: Desk, driver: Driver) -> Exchange:
        began, over = time.monotonic(), asyncio.Event()
        tape = Tape(self.placeholders(call), self.extra(call), gate, self.veil.text, over.set)
        try:
            base_url = await desk.relay.open()
            desk.relay.tape = tape
            reply = await self.reply(driver, self.order(call, base_url), tape, over)
        except Broken as error:
            await driver.kill()
            end, why = tape.trouble or ("environment", str(error))
            return self.exchange(shot, call, end, why, began, self.told({}, desk, tape))
        except BaseException:
            await driver.kill()
            raise
        finally:
            desk.relay.tape = None
            await desk.relay.drop()
        return self.answered(shot, call, reply, desk, tape, began)

    async def reply(self, driver: Driver, order: Json, tape: Tape, over: asyncio.Event) -> Json:
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
            "model": self.target.fronts[call.protocol].model,
            "request": call.body,
        }

    def placeholders(self, call: Call) -> dict[str, str]:
        """What the SDK sends in place of a key, and the key that the relay puts there."""
        uses = ("limited",) if call.auth == "limited" else ("key",)
        return {placeholder(use, self.token): self.keys.get(use, "") for use in uses}

    def extra(self, call: Call) -> Pairs:
        """The headers that the target wants of every request; its key only where ours would be."""
        pairs = self.target.fronts[call.protocol].headers
        if call.auth == "key":
            return pairs
        return tuple(pair for pair in pairs if pair[0].lower() not in CREDENTIALS)

    def answered(
        self, shot: str, call: Call, reply: Json, desk: Desk, tape: Tape, began: float
    ) -> Exchange:
        if "environment" in reply:
            why = str(reply["environment"])
            return self.exchange(shot, call, "environment", why, began)
        body = self.told(reply, desk, tape)
        end, why = tape.trouble or ("complete", "")
        if end != "complete":
            return self.exchange(shot, call, end, why, began, body)
        last = tape.wire[-1]["answer"]["status"] if tape.wire else None
        status = last if not reply["ok"] and last in HURRY else 200
        return self.exchange(shot, call, "complete", "", began, body, status)

    def told(self, reply: Json, desk: Desk, tape: Tape) -> Json:
        """What the SDK made of it, and what went over the wire."""
        said = {name: reply[name] for name in ("ok", "result", "error") if name in reply}
        sdk = {"package": desk.sdk.package, "language": desk.sdk.language}
        if desk.ready and desk.ready.version:
            sdk["version"] = desk.ready.version
        body = {**said, "sdk": sdk, "wire": tape.wire, "waits": tape.waits()}
        return json.loads(tape.named(json.dumps(body)))

    def exchange(
        self,
        shot: str,
        call: Call,
        end: End,
        note: str,
        began: float,
        body: Json = None,
        status: int | None = None,
    ) -> Exchange:
        """The SDK's word as if it were an answer: checks, transcript and report know those."""
        seconds = time.monotonic() - began
        there = body is not None
        made = Exchange(
            shot=shot,
            method=call.method,
            url=call.path,
            request_headers=(),
            request_body=sent(call.body).decode() if call.body is not None else "",
            end=end,
            status=status,
            headers=(("content-type", "application/json"),) if there else (),
            chunks=((seconds, sent(body)),) if there else (),
            attempts=(Attempt(began - self.began, seconds, end, status),),
            started=began - self.began,
            seconds=seconds,
            note=f"{call.client['sdk']}: {note}" if note else "",
        )
        return self.veil.exchange(made)

    async def close(self) -> None:
        """Ends the processes and the relays."""
        await asyncio.gather(*(desk.close() for desk in self.desks.values()))


def sent(body: Json) -> bytes:
    """JSON, half a surrogate pair as its escape."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")
