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
    crashes,
)
from harness.testbed.mutation.rows import mutants_in

CONTENT = "body $.choices[0].message.content"
FINISH = "body $.choices[0].finish_reason"
REFUSED = "rejected.refused"


def find_any_model(original: Callable[[str], Body], name: str) -> Body:
    return {"id": name}


def replaces_reason(reason_name: str, reason: str) -> dict[str, Any]:
    """Replaces one finish reason by another."""

    def finish_reason(original: Callable[[ModelReply], str], reply: ModelReply) -> str:
        return reason if reply.finish == reason_name else original(reply)

    return {"finish_reason": finish_reason}


def report_length(body: Body, whole: Body) -> None:
    if body.get("max_tokens") or body.get("max_completion_tokens"):
        whole["choices"][0]["finish_reason"] = "length"


MODEL_AND_LIMITS = (
    Mutant("model.any", "answers for an unknown model", "model.unknown", REFUSED,
           {"find_model": find_any_model}),
    Mutant("max_tokens.always-length", "reports length whenever a limit is set",
           "max_tokens.roomy", FINISH, answers(report_length)),
    Mutant("limits.always-length", "reports length whenever a limit is set", "limits.roomy",
           FINISH, answers(report_length)),
)  # fmt: skip


def one_token(stop: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(entry for entry in stop if tokenizer.count(entry) == 1)


def uses_limits(choose: Callable[[tuple[str, ...]], tuple[str, ...]]) -> dict[str, Any]:
    return {"stop_sequences": lambda original, body: choose(original(body))}


def blank(body: Body) -> bool:
    stop = body.get("stop")
    entries = stop if isinstance(stop, list) else [stop]
    return any(isinstance(entry, str) and not entry.strip() for entry in entries)


def gives_up_on_blank(original: Callable[[Body], tuple[str, ...]], body: Body) -> tuple[str, ...]:
    return () if blank(body) else original(body)


def keeps_stop(body: Body, whole: Body) -> None:
    """Keeps the stop sequence at the end of the text."""
    stop, reply = body.get("stop"), whole["choices"][0]["message"]
    entries = [stop] if isinstance(stop, str) else stop or []
    if whole["choices"][0]["finish_reason"] == "stop" and isinstance(reply["content"], str):
        reply["content"] += "".join(entry for entry in entries[:1] if entry.strip())


STOP = (
    Mutant("stop.kept", "leaves the stop sequence in the text", "stop.string", CONTENT,
           answers(keeps_stop)),
    Mutant("stop.length", "reports length at a stop sequence", "stop.string",
           FINISH, replaces_reason("stop", "length")),
    Mutant("stop.token", "ignores stop sequences longer than a token", "stop.across-chunks",
           CONTENT, uses_limits(one_token)),
    Mutant("stop.blank-crash", "returns a 500 for a blank stop sequence", "stop.whitespace",
           "status", crashes(blank)),
    Mutant("stop.blank-drops-all", "ignores all stop sequences if one is blank",
           "stop.whitespace.beside-real", "any_of", {"stop_sequences": gives_up_on_blank}),
    Mutant("limits.stop-token", "ignores stop sequences longer than a token",
           "limits.stop.across-chunks", CONTENT, uses_limits(one_token)),
)  # fmt: skip


LIMITS = (*mutants_in("openai/limits"), *MODEL_AND_LIMITS, *STOP)
