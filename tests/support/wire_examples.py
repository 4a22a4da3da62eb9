"""Streams of nine providers, written after the formats that their documents and issues show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.decode.response import read
from harness.model import Answer, Exchange

WIRE = {
    file.stem: file.read_bytes()
    for file in (Path(__file__).parents[1] / "decode/wire").glob("*.txt")
}
OPENAI = ("openai", "azure", "vllm", "compat", "openrouter", "ollama")


def protocol(name: str) -> str:
    return "openai" if name.startswith(OPENAI) else "anthropic"


def answer(name: str, wire: bytes, end: Any = "complete") -> Answer:
    request = {"stream_options": {"include_usage": b'"usage":{' in WIRE[name]}}
    headers = (("content-type", "text/event-stream"),)
    exchange = Exchange(
        "shot", "POST", "u", (), "", end, 200, headers=headers, chunks=((0.0, wire),)
    )
    return read(exchange, protocol(name), "stream", request)
