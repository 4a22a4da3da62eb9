"""A case's `upstream: {reply: ...}` -> what the played provider says. May not know a protocol.

Keys: status headers body raw content_type error text parts stop native stop_sequence usage extra
cut fragments bytes crlf pings gap fail. What is not told is as a right provider would have it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from harness.testbed.gateway import model_provider, tokenizer
from harness.testbed.gateway.model_types import Ask, Said, Usage, Why

WHY: dict[str, Why] = {
    "end_turn": "end",
    "max_tokens": "length",
    "stop_sequence": "stop",
    "tool_use": "calls",
    "refusal": "refused",
    "pause_turn": "paused",
    "model_context_window_exceeded": "length",
}
ENDS = ("error", "drop", "silence")
Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fail:
    """`how` it ends after so many deltas: error, drop or silence."""

    after: int
    how: str


@dataclass(frozen=True, slots=True)
class Script:
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: Any = None
    raw: str | None = None
    content_type: str = ""
    error: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    stop: str = ""
    native: str = ""
    stop_sequence: str = ""
    usage: Mapping[str, int] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    cut: tuple[int, ...] = ()
    fragments: int = 0
    bytes: bool = False
    crlf: bool = False
    pings: int = 0
    gap: float = 0.0
    fail: Fail | None = None

    @property
    def refuses(self) -> bool:
        """Whether it says something else than an answer of the protocol."""
        return self.status >= 400 or self.body is not None or self.raw is not None

    def said(self, ask: Ask) -> Said:
        """What a right provider says, or the script's own words; with the script's figures."""
        said = self.own(ask) if self.parts else model_provider.answer(ask)
        why = WHY.get(self.stop, said.why)
        met = self.stop_sequence or (said.met or next(iter(ask.stop), "") if why == "stop" else "")
        used = Usage(
            self.usage.get("input", said.read),
            self.usage.get("output", max(1, said.wrote + tokenizer.count(said.thought))),
            self.usage.get("cache_read", 0),
            self.usage.get("cache_write", 0),
        )
        read = used.read + used.cache_read + used.cache_write
        return replace(said, why=why, met=met, usage=used, read=read, wrote=used.wrote)

    def own(self, ask: Ask) -> Said:
        text = "".join(part.get("text", "") for part in self.parts)
        thought = "".join(part.get("thinking", "") for part in self.parts)
        calls = tuple(
            (part["tool"]["name"], json.dumps(part["tool"].get("input", {}), ensure_ascii=False))
            for part in self.parts
            if "tool" in part
        )
        wrote = tokenizer.count(text + "".join(name + arguments for name, arguments in calls))
        why: Why = "calls" if calls else "end"
        return Said(text, calls, why, model_provider.weigh(ask), wrote, thought)

    def text_pieces(self, text: str) -> list[str] | None:
        """The text as the script cuts it, by letters; None where it does not say."""
        if self.cut:
            ends = sorted({0, *(at for at in self.cut if at < len(text)), len(text)})
            return [text[one:next_] for one, next_ in pairwise(ends)]
        return self.letters(text) if self.fragments else None

    def letters(self, text: str) -> list[str]:
        return [text[at : at + self.fragments] for at in range(0, len(text), self.fragments)]


def read(told: Mapping[str, Any]) -> Script:
    """Raises ValueError, in the words of the case, where a reply cannot be played."""
    more = {name: told[name] for name in told if name not in ("text", "parts", "headers", "fail")}
    strange = sorted(set(more) - set(Script.__dataclass_fields__))
    if strange:
        raise ValueError(f"upstream: reply: no such key: {', '.join(strange)}")
    parts = told.get("parts") or ([{"text": told["text"]}] if "text" in told else [])
    more["parts"] = tuple(parts)
    more["headers"] = tuple((name, str(value)) for name, value in told.get("headers") or ())
    more["cut"] = tuple(told.get("cut") or ())
    if told.get("fail") is not None:
        more["fail"] = Fail(int(told["fail"].get("after", 0)), told["fail"].get("with", "error"))
        if more["fail"].how not in ENDS:
            raise ValueError(f"upstream: reply: fail: with is one of {', '.join(ENDS)}")
    return Script(**more)
