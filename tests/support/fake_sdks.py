"""Fake SDKs of a few lines, and a way to send a call through one of them."""

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
# Reads jobs and writes replies as JSON lines, like the real drivers. A test may replace `work`.
DRIVER = """
import http.client, json, os, sys, urllib.parse

def ask(job, method="GET", path="/v1/x", body=None, **headers):
    url = urllib.parse.urlsplit(job["base_url"])
    connection = http.client.HTTPConnection(url.netloc)
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, url.path + path, body, {"x-api-key": job["api_key"], **extra})
    return connection.getresponse()

def work(job):
    answer = ask(job)
    return {"ok": True, "result": {"status": answer.status, "text": answer.read().decode()}}

WORK

for line in sys.stdin:
    try:
        reply = work(json.loads(line))
    except Exception as error:
        reply = {"ok": False, "error": {"class": type(error).__name__, "message": str(error)}}
    print(json.dumps(reply), flush=True)
"""


def make_sdk(folder: Path, work: str = "", name: str = "small") -> Sdk:
    """Returns an SDK whose driver is DRIVER; the code `work` may redefine `work(job)`."""
    driver = folder / f"{name}.py"
    driver.write_text(DRIVER.replace("WORK", work), "utf-8")
    return Sdk(name, ("anthropic",), "program", sys.executable, "", str(driver))


async def acquire_at_once(delay: float) -> bool:
    return True


@asynccontextmanager
async def sdk_clients(
    base_url: str, *sdks: Sdk, timeout: float = 20.0, headers: Pairs = ()
) -> AsyncIterator[SdkClients]:
    target = Target(
        name="small",
        endpoints={"anthropic": Endpoint("anthropic", base_url, "x-api-key", "m-1", headers)},
        packs=(),
    )
    keys = {"key": KEY, "limited": LIMITED}
    transport = HttpTransport(target, keys, Limits(timeout), lambda: 0.5)
    clients = SdkClients(
        target,
        keys,
        transport.forward,
        transport.redactor,
        timeout,
        Path("/nowhere"),
        {sdk.id: sdk for sdk in sdks},
    )
    try:
        yield clients
    finally:
        await clients.close()


def call(sdk: str = "small", auth: str = "key", **body: Any) -> Call:
    client = {"sdk": sdk, "script": "plain"}
    return Call("anthropic", "CLIENT", f"{sdk}/plain", auth=auth, body=body, client=client)


def send(base_url: str, sdk: Sdk, sdk_call: Call | None = None, **options: Any) -> Exchange:
    """Sends one call through one SDK."""

    async def once() -> Exchange:
        async with sdk_clients(base_url, sdk, **options) as clients:
            return await clients.send("a/shot", sdk_call or call(sdk.id), acquire_at_once)

    return asyncio.run(once())


def evidence(exchange: Exchange) -> Mapping[str, Any]:
    """Decode the evidence of the job in the body of an exchange."""
    assert exchange.body, (exchange.end, exchange.note)
    evidence: Mapping[str, Any] = json.loads(exchange.body)
    return evidence
