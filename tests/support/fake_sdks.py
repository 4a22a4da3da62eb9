"""SDKs of a few lines, and a way to send a call through one of them: for tests."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from harness.fire.connection import Limits
from harness.fire.http import HttpTransport
from harness.fire.sdk.clients import SdkClients
from harness.model import Call, Endpoint, Exchange, Pairs, Target
from harness.model.sdk import Sdk

KEY = "sk-of-the-caller-0123456789"
LIMITED = "sk-of-the-limited-9876543210"
# A driver as the real ones are: a JSON line there, a JSON line back. `work` is the test's own.
DRIVER = """
import http.client, json, os, sys, urllib.parse

def ask(job, method="GET", path="/v1/x", body=None, **headers):
    there = urllib.parse.urlsplit(job["base_url"])
    line = http.client.HTTPConnection(there.netloc)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request(method, there.path + path, body, {"x-api-key": job["api_key"], **named})
    return line.getresponse()

def work(job):
    answer = ask(job)
    return {"ok": True, "result": {"status": answer.status, "text": answer.read().decode()}}

WORK

for line in sys.stdin:
    try:
        said = work(json.loads(line))
    except Exception as error:
        said = {"ok": False, "error": {"class": type(error).__name__, "message": str(error)}}
    print(json.dumps(said), flush=True)
"""


def scripted(folder: Path, work: str = "", name: str = "small") -> Sdk:
    """An SDK that is this code; `work` may define `work(job)` anew."""
    driver = folder / f"{name}.py"
    driver.write_text(DRIVER.replace("WORK", work), "utf-8")
    return Sdk(name, "anthropic", "program", sys.executable, "", str(driver))


async def at_once(pause: float) -> bool:
    return True


@asynccontextmanager
async def clients(
    base_url: str, *sdks: Sdk, timeout: float = 20.0, headers: Pairs = ()
) -> AsyncIterator[SdkClients]:
    target = Target(
        name="small",
        endpoints={"anthropic": Endpoint("anthropic", base_url, "x-api-key", "m-1", headers)},
        packs=(),
    )
    keys = {"key": KEY, "limited": LIMITED}
    transport = HttpTransport(target, keys, Limits(timeout), lambda: 0.5)
    made = SdkClients(
        target,
        keys,
        transport.forward,
        transport.redactor,
        timeout,
        Path("/nowhere"),
        {s.id: s for s in sdks},
    )
    try:
        yield made
    finally:
        await made.close()


def call(sdk: str = "small", auth: str = "key", **body: Any) -> Call:
    client = {"sdk": sdk, "script": "plain"}
    return Call("anthropic", "CLIENT", f"{sdk}/plain", auth=auth, body=body, client=client)


def sent(base_url: str, sdk: Sdk, asked: Call | None = None, **options: Any) -> Exchange:
    """One call through one SDK."""

    async def once() -> Exchange:
        async with clients(base_url, sdk, **options) as them:
            return await them.send("a/shot", asked or call(sdk.id), at_once)

    return asyncio.run(once())


def told(exchange: Exchange) -> Mapping[str, Any]:
    """What the exchange shows of the job."""
    assert exchange.body, (exchange.end, exchange.note)
    found: Mapping[str, Any] = json.loads(exchange.body)
    return found
