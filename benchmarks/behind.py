"""How fast the played provider is, against what a run asks of it -> a section. Judges no time."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from knock import knock, request
from measure import Measured, serving

KEY = "sk-upstream-0123456789abcdef"
UPSTREAM = [sys.executable, "-m", "harness.testbed.mock_provider"]
REQUESTS, CONNECTIONS = 2000, 8
ASKED = {
    "model": "m",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Reply with the single word: ready"}],
}
DOORS = {"Messages": "/v1/messages", "Chat Completions": "/v1/chat/completions"}
Row = tuple[str, ...]
Section = tuple[str, Row, list[Row]]
Run = Callable[..., tuple[Measured, dict[str, Any]]]


def alone(path: str) -> float:
    """Its requests per second, when nothing else is to be done."""
    with serving([*UPSTREAM, "--control"]) as url:
        sent = request(path, KEY, json.dumps(ASKED))
        return REQUESTS / asyncio.run(knock(url, sent, REQUESTS, CONNECTIONS))


def asked_in_a_run(run: Run) -> tuple[int, int, float]:
    """Shots, requests that reached the provider, and the seconds of the whole run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done, report = run(folder, "--pack", "openai-compat", "--upstream", "127.0.0.1:0")
        lines = (folder / "transcript.jsonl").read_text("utf-8").splitlines()
        seen = [one["exchange"] for one in map(json.loads, lines) if "exchange" in one]
        arrived = sum(len(one.get("forwarded") or ()) for one in seen)
        return int(report["requests"]), arrived, done.seconds


def behind(run: Run) -> Section:
    rates = {name: alone(path) for name, path in DOORS.items()}
    shots, arrived, seconds = asked_in_a_run(run)
    a_run = arrived / seconds
    rows: list[Row] = [
        (
            f"the upstream alone, {name}",
            f"{REQUESTS} requests",
            f"{rate:.0f}",
            f"{a_run / rate:.2f}",
        )
        for name, rate in rates.items()
    ]
    told = f"{arrived} requests of {shots} shots in {seconds:.2f} s"
    rows.append(("harness run --upstream, everything", told, f"{a_run:.0f}", "1"))
    title = (
        "The upstream: the provider that is played behind the gateway is not what a run waits for"
    )
    return title, ("what", "measured", "requests a second", "of which a run needs"), rows
