"""Compares the capacity of the mock provider with the requests per second of a run."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import Measured, serving
from raw_client import http_request, measure_seconds

KEY = "sk-upstream-0123456789abcdef"
UPSTREAM = [sys.executable, "-m", "harness.testbed.mock_provider"]
REQUESTS, CONNECTIONS = 2000, 8
BODY = {
    "model": "m",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Reply with the single word: ready"}],
}
PATHS = {"Messages": "/v1/messages", "Chat Completions": "/v1/chat/completions"}
Row = tuple[str, ...]
Section = tuple[str, Row, list[Row]]
Run = Callable[..., tuple[Measured, dict[str, Any]]]


def idle_rate(path: str) -> float:
    """Requests per second of the mock provider without a gateway in front of it."""
    with serving([*UPSTREAM, "--control"]) as url:
        data = http_request(path, KEY, json.dumps(BODY))
        return REQUESTS / asyncio.run(measure_seconds(url, data, REQUESTS, CONNECTIONS))


def requests_of_a_run(run: Run) -> tuple[int, int, float]:
    """Shots, requests that reached the provider, and seconds of a complete run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured, report = run(folder, "--pack", "openai-compat", "--upstream", "127.0.0.1:0")
        lines = (folder / "transcript.jsonl").read_text("utf-8").splitlines()
        exchanges = [line["exchange"] for line in map(json.loads, lines) if "exchange" in line]
        arrived = sum(len(exchange.get("forwarded") or ()) for exchange in exchanges)
        return int(report["requests"]), arrived, measured.seconds


def upstream_section(run: Run) -> Section:
    """Measure and return the section of the results page."""
    rates = {name: idle_rate(path) for name, path in PATHS.items()}
    shots, arrived, seconds = requests_of_a_run(run)
    run_rate = arrived / seconds
    rows: list[Row] = [
        (
            f"mock provider, idle, {name}",
            f"{REQUESTS} requests",
            f"{rate:.0f}",
            f"{run_rate / rate:.2f}",
        )
        for name, rate in rates.items()
    ]
    total = f"{arrived} requests of {shots} shots in {seconds:.2f} s"
    rows.append(("harness run --upstream, complete", total, f"{run_rate:.0f}", "1"))
    title = "Upstream: the mock provider does not limit a run"
    return title, ("subject", "measured", "requests per second", "share that a run needs"), rows
