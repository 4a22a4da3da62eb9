"""The least that firing costs: a bare httpx loop over the same requests. Looks at the status only.

Run: python benchmarks/bare.py BASE_URL KEY WORK.json IN_FLIGHT
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx


async def fire(base: str, key: str, work: list[dict[str, Any]], in_flight: int) -> None:
    slots = asyncio.Semaphore(in_flight)
    async with httpx.AsyncClient(
        headers={"authorization": f"Bearer {key}"},
        limits=httpx.Limits(max_connections=in_flight),
        timeout=60,
        trust_env=False,
    ) as client:

        async def one(item: dict[str, Any]) -> None:
            async with slots:
                answer = await client.post(f"{base}/chat/completions", json=item["body"])
            assert answer.status_code == item["status"], answer.text

        await asyncio.gather(*map(one, work))


if __name__ == "__main__":
    where, secret, file, many = sys.argv[1:]
    asyncio.run(fire(where, secret, json.loads(Path(file).read_text("utf-8")), int(many)))
