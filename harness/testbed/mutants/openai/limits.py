"""Mutants of the model's name, of token limits and of stop sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.model_types import ModelReply
from harness.testbed.mutants.openai.operators import (
    Body,
    answers,
)

CONTENT = "body $.choices[0].message.content"
FINISH = "body $.choices[0].finish_reason"


def replaces_reason(reason_name: str, reason: str) -> dict[str, Any]:
    """Replaces one finish reason by another."""

    def finish_reason(original: Callable[[ModelReply], str], reply: ModelReply) -> str:
        return reason if reply.finish == reason_name else original(reply)

    return {"finish_reason": finish_reason}


def one_token(stop: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(entry for entry in stop if tokenizer.count(entry) == 1)


def uses_limits(choose: Callable[[tuple[str, ...]], tuple[str, ...]]) -> dict[str, Any]:
    return {"stop_sequences": lambda original, body: choose(original(body))}


def keeps_stop(body: Body, whole: Body) -> None:
    """Keeps the stop sequence at the end of the text."""
    stop, reply = body.get("stop"), whole["choices"][0]["message"]
    entries = [stop] if isinstance(stop, str) else stop or []
    if whole["choices"][0]["finish_reason"] == "stop" and isinstance(reply["content"], str):
        reply["content"] += "".join(entry for entry in entries[:1] if entry.strip())


LIMITS = (
    Mutant("stop.kept", "leaves the stop sequence in the text", "stop.string", CONTENT,
           answers(keeps_stop)),
    Mutant("stop.length", "reports length at a stop sequence", "stop.string",
           FINISH, replaces_reason("stop", "length")),
    Mutant("stop.token", "ignores stop sequences longer than a token", "stop.across-chunks",
           CONTENT, uses_limits(one_token)),
    Mutant("limits.stop-token", "ignores stop sequences longer than a token",
           "limits.stop.across-chunks", CONTENT, uses_limits(one_token)),
)  # fmt: skip
