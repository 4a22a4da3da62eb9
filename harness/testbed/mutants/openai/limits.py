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
    forgives,
    has_invalid_value,
    misreads,
    refuses,
    repairs,
)

CONTENT = "body $.choices[0].message.content"
FINISH = "body $.choices[0].finish_reason"
REFUSED = "rejected.refused"


def find_any_model(original: Callable[[str], Body], name: str) -> Body:
    return {"id": name}


def default_model(body: Body) -> None:
    body.setdefault("model", "builtin-1")


def limit_of(*names: str) -> dict[str, Any]:
    """Uses only these names of the limit."""

    def limit(original: Any, body: Body) -> int | None:
        return min((body[name] for name in names if body.get(name) is not None), default=None)

    return {"limit": limit}


def replaces_reason(reason_name: str, reason: str) -> dict[str, Any]:
    """Replaces one finish reason by another."""

    def finish_reason(original: Callable[[ModelReply], str], reply: ModelReply) -> str:
        return reason if reply.finish == reason_name else original(reply)

    return {"finish_reason": finish_reason}


def report_length(body: Body, whole: Body) -> None:
    if body.get("max_tokens") or body.get("max_completion_tokens"):
        whole["choices"][0]["finish_reason"] = "length"


def has_only_new_name(body: Body) -> bool:
    return "max_completion_tokens" in body and "max_tokens" not in body


MODEL_AND_LIMITS = (
    Mutant("model.any", "answers for an unknown model", "model.unknown", REFUSED,
           {"find_model": find_any_model}),
    Mutant("model.crash", "returns a 500 for a model that is not a string", "model.wrong-type",
           "rejected.status", crashes(has_invalid_value("model"))),
    Mutant("model.default", "uses a default model if none is given", "model.missing",
           "required.refused", repairs(default_model)),
    Mutant("max_tokens.ignored", "ignores max_tokens", "max_tokens.cuts", FINISH,
           limit_of("max_completion_tokens")),
    Mutant("max_tokens.quiet", "reports finish reason stop at the token limit", "max_tokens.cuts",
           FINISH, replaces_reason("length", "stop")),
    Mutant("max_tokens.over", "exceeds the limit by one", "max_tokens.cuts",
           "body $.usage.completion_tokens",
           misreads(limit=lambda request: request.limit and request.limit + 1)),
    Mutant("max_tokens.always-length", "reports length whenever a limit is set",
           "max_tokens.roomy", FINISH, answers(report_length)),
    Mutant("max_tokens.nonsense", "ignores an invalid max_tokens", "max_tokens.impossible",
           REFUSED, forgives("max_tokens")),
    Mutant("max_tokens.crash", "returns a 500 for a max_tokens of 0", "max_tokens.zero", "status",
           crashes(lambda body: body.get("max_tokens") == 0)),
    Mutant("max_completion_tokens.ignored", "supports only max_tokens",
           "max_completion_tokens.cuts", FINISH, limit_of("max_tokens")),
    Mutant("max_completion_tokens.not-alone", "requires max_tokens in addition",
           "max_completion_tokens.alone", "status", refuses(has_only_new_name, "max_tokens")),
    Mutant("max_completion_tokens.nonsense", "ignores an invalid limit",
           "max_completion_tokens.impossible", REFUSED, forgives("max_completion_tokens")),
    Mutant("max_completion_tokens.crash", "returns a 500 for a limit that is not a number",
           "limits.wrong-type", "status",
           crashes(has_invalid_value("max_completion_tokens"))),
    Mutant("limits.quiet", "reports finish reason stop at the token limit",
           "limits.max_completion_tokens", "any_of",
           replaces_reason("length", "stop")),
    Mutant("limits.old-ignored", "ignores max_tokens", "limits.max_tokens", "any_of",
           limit_of("max_completion_tokens")),
    Mutant("limits.always-length", "reports length whenever a limit is set", "limits.roomy",
           FINISH, answers(report_length)),
)  # fmt: skip


def only_first(stop: tuple[str, ...]) -> tuple[str, ...]:
    return stop[:1]


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
    Mutant("stop.ignored", "ignores stop sequences", "stop.string", CONTENT,
           uses_limits(lambda stop: ())),
    Mutant("stop.kept", "leaves the stop sequence in the text", "stop.string", CONTENT,
           answers(keeps_stop)),
    Mutant("stop.length", "reports length at a stop sequence", "stop.string",
           FINISH, replaces_reason("stop", "length")),
    Mutant("stop.first-only", "uses only the first stop sequence", "stop.array", CONTENT,
           uses_limits(only_first)),
    Mutant("stop.token", "ignores stop sequences longer than a token", "stop.across-chunks",
           CONTENT, uses_limits(one_token)),
    Mutant("stop.blank-crash", "returns a 500 for a blank stop sequence", "stop.whitespace",
           "status", crashes(blank)),
    Mutant("stop.blank-drops-all", "ignores all stop sequences if one is blank",
           "stop.whitespace.beside-real", "any_of", {"stop_sequences": gives_up_on_blank}),
    Mutant("limits.stop-ignored", "ignores stop sequences", "limits.stop", CONTENT,
           uses_limits(lambda stop: ())),
    Mutant("limits.stop-first-only", "uses only the first stop sequence", "limits.stop.array",
           CONTENT, uses_limits(only_first)),
    Mutant("limits.stop-token", "ignores stop sequences longer than a token",
           "limits.stop.across-chunks", CONTENT, uses_limits(one_token)),
)  # fmt: skip


LIMITS = (*MODEL_AND_LIMITS, *STOP)
