"""Scripts of mock provider replies, as written in a case under `upstream: {reply: ...}`.

Keys: status headers body raw content_type error text parts stop native stop_sequence usage extra
cut fragments bytes crlf pings gap fail. Everything else is as a compliant provider answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from harness.testbed.gateway import model_provider, tokenizer
from harness.testbed.gateway.model_types import Finish, ModelReply, ModelRequest, Usage

FINISH: dict[str, Finish] = {
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
class Failure:
    """The reply ends after so many deltas by an error, a drop or silence."""

    after: int
    kind: str


@dataclass(frozen=True, slots=True)
class Script:
    """The parsed script of one reply."""

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
    fail: Failure | None = None

    @property
    def replaces_answer(self) -> bool:
        """Whether the reply is not an answer of the protocol."""
        return self.status >= 400 or self.body is not None or self.raw is not None

    def complete(self, request: ModelRequest) -> ModelReply:
        """Returns the scripted content, or that of the toy model, with the scripted usage."""
        reply = self.scripted_reply(request) if self.parts else model_provider.complete(request)
        finish = FINISH.get(self.stop, reply.finish)
        stop_sequence = self.stop_sequence
        if not stop_sequence and finish == "stop":
            stop_sequence = reply.stop_sequence or next(iter(request.stop), "")
        used = Usage(
            self.usage.get("input", reply.input_tokens),
            self.usage.get("output", max(1, reply.output_tokens + tokenizer.count(reply.thinking))),
            self.usage.get("cache_read", 0),
            self.usage.get("cache_write", 0),
        )
        return replace(
            reply,
            finish=finish,
            stop_sequence=stop_sequence,
            usage=used,
            input_tokens=used.input_tokens + used.cache_read + used.cache_write,
            output_tokens=used.output_tokens,
        )

    def scripted_reply(self, request: ModelRequest) -> ModelReply:
        text = "".join(part.get("text", "") for part in self.parts)
        thinking = "".join(part.get("thinking", "") for part in self.parts)
        calls = tuple(
            (part["tool"]["name"], json.dumps(part["tool"].get("input", {}), ensure_ascii=False))
            for part in self.parts
            if "tool" in part
        )
        output_tokens = tokenizer.count(
            text + "".join(name + arguments for name, arguments in calls)
        )
        finish: Finish = "calls" if calls else "end"
        input_tokens = model_provider.count_input_tokens(request)
        return ModelReply(text, calls, finish, input_tokens, output_tokens, thinking)

    def text_pieces(self, text: str) -> list[str] | None:
        """Splits a text at the scripted positions; returns None if the script sets none."""
        if self.cut:
            ends = sorted({0, *(at for at in self.cut if at < len(text)), len(text)})
            return [text[start:end] for start, end in pairwise(ends)]
        return self.split_evenly(text) if self.fragments else None

    def split_evenly(self, text: str) -> list[str]:
        return [text[at : at + self.fragments] for at in range(0, len(text), self.fragments)]


def parse(data: Mapping[str, Any]) -> Script:
    """Parses a script. Raises ValueError with a message for the author of the case."""
    fields = {name: data[name] for name in data if name not in ("text", "parts", "headers", "fail")}
    unknown = sorted(set(fields) - set(Script.__dataclass_fields__))
    if unknown:
        raise ValueError(f"upstream: reply: no such key: {', '.join(unknown)}")
    parts = data.get("parts") or ([{"text": data["text"]}] if "text" in data else [])
    fields["parts"] = tuple(parts)
    fields["headers"] = tuple((name, str(value)) for name, value in data.get("headers") or ())
    fields["cut"] = tuple(data.get("cut") or ())
    if data.get("fail") is not None:
        fields["fail"] = Failure(
            int(data["fail"].get("after", 0)), data["fail"].get("with", "error")
        )
        if fields["fail"].kind not in ENDS:
            raise ValueError(f"upstream: reply: fail: with is one of {', '.join(ENDS)}")
    return Script(**fields)
