"""The lower bound: a plain httpx loop that sends the same requests and checks the status only.

Run: python benchmarks/httpx_loop.py BASE_URL KEY WORK.json IN_FLIGHT
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx


async def send_all(base: str, key: str, work: list[dict[str, Any]], in_flight: int) -> None:
    slots = asyncio.Semaphore(in_flight)
    async with httpx.AsyncClient(
        headers={"authorization": f"Bearer {key}"},
        limits=httpx.Limits(max_connections=in_flight),
        timeout=60,
        trust_env=False,
    ) as client:

        async def send(item: dict[str, Any]) -> None:
            async with slots:
                response = await client.post(f"{base}/chat/completions", json=item["body"])
            assert response.status_code == item["status"], response.text

        await asyncio.gather(*map(send, work))


if __name__ == "__main__":
    base_url, key, file, in_flight = sys.argv[1:]
    work = json.loads(Path(file).read_text("utf-8"))
    asyncio.run(send_all(base_url, key, work, int(in_flight)))
