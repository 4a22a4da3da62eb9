"""Mutants of n, temperature, top_p and thinking."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.model_types import ModelReply
from harness.testbed.mutants.openai.operators import (
    Body,
    crashes,
    forgives,
    has,
    has_invalid_value,
    has_value,
    refuses,
    repairs,
)

CONTENT = "body $.choices[0].message.content"
REFUSED = "rejected.refused"


def drop_n(body: Body) -> None:
    body.pop("n", None)


def reject_unnamed(original: Callable[[Body], None], body: Body) -> None:
    try:
        original(body)
    except RequestError as refusal:
        if refusal.param == "n":
            raise RequestError(400, "Bad request.") from None
        raise


def is_above_one(body: Body) -> bool:
    value = body.get("temperature")
    return isinstance(value, int | float) and value > 1


def is_negative(body: Body) -> bool:
    value = body.get("temperature")
    return isinstance(value, int | float) and value < 0


def is_zero(field: str) -> Callable[[Body], bool]:
    return lambda body: field in body and body[field] == 0


NULLABLE = ("temperature", "top_p", "stop", "max_completion_tokens", "seed", "presence_penalty")


def has_null(body: Body) -> bool:
    return any(name in body and body[name] is None for name in NULLABLE)


def two_choices(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    """Returns two choices for n 1."""
    whole = original(body, *rest)
    if body.get("n") == 1:
        whole["choices"].append({**copy.deepcopy(whole["choices"][0]), "index": 1})
    return whole


NUMBERS = (
    Mutant("n.quiet", "returns one choice for any n", "n", "exactly.quiet", repairs(drop_n)),
    Mutant("n.refused", "rejects n even if it is 1", "n", "exactly.value",
           refuses(has("n"), "n")),
    Mutant("n.crash", "returns a 500 for an n that is not 1", "n", "exactly.others",
           crashes(lambda body: body.get("n", 1) != 1)),
    Mutant("n.two", "returns two choices for n 1", "n", "exactly.choices",
           {"completion": two_choices}),
    Mutant("n.unnamed", "rejects n without naming it", "n", "exactly.named",
           {"check": reject_unnamed}),
    Mutant("temperature.refused", "rejects a temperature above 1", "temperature",
           "clamped.refused", refuses(is_above_one, "temperature")),
    Mutant("temperature.zero", "rejects a temperature of 0", "temperature", "clamped.bounds",
           refuses(is_zero("temperature"), "temperature")),
    Mutant("temperature.negative-crash", "returns a 500 for a negative temperature",
           "temperature.negative", "status",
           crashes(is_negative)),
    Mutant("temperature.nonsense", "ignores a temperature that is not a number",
           "temperature.wrong-type", REFUSED, forgives("temperature")),
    Mutant("sampling.temperature-crash", "returns a 500 for a temperature that is not a number",
           "sampling.wrong-type", "status", crashes(has_invalid_value("temperature"))),
    Mutant("sampling.temperature-zero", "rejects a temperature of 0 without naming it",
           "sampling.temperature", "honoured_or_refused.named",
           refuses(is_zero("temperature"), "sampling")),
    Mutant("sampling.temperature-zero-only", "rejects a temperature of 0 and takes others",
           "sampling.temperature", "honoured_or_refused.consistent",
           refuses(is_zero("temperature"), "temperature")),
    Mutant("sampling.zero", "returns a 500 for a seed of 0", "sampling.zero", "status",
           crashes(is_zero("seed"))),
    Mutant("sampling.null", "rejects an allowed null", "sampling.null", "status",
           refuses(has_null, "null")),
    Mutant("top_p.refused", "rejects top_p", "top_p", "status", refuses(has("top_p"), "top_p")),
    Mutant("sampling.top_p", "rejects top_p without naming it", "sampling.top_p",
           "honoured_or_refused.named",
           refuses(has("top_p"), "sampling")),
    Mutant("top_p.nonsense", "ignores an invalid top_p", "top_p.impossible", REFUSED,
           forgives("top_p")),
)  # fmt: skip


def sends_thinking(key: str) -> dict[str, Any]:
    """Sends the thinking in a separate field."""

    def message(original: Callable[..., Body], reply: ModelReply, *rest: Any) -> Body:
        return {**original(reply, *rest), **({key: reply.thinking} if reply.thinking else {})}

    return {"message": message}


def include_thinking(original: Callable[..., Body], reply: ModelReply, *rest: Any) -> Body:
    message = original(reply, *rest)
    if reply.thinking:
        message["content"] = f"<think>{reply.thinking}</think>{message['content'] or ''}"
    return message


THINKING = (
    Mutant("thinking.refused", "rejects thinking without naming it", "thinking",
           "honoured_or_refused.named", refuses(has("thinking"), "sampling")),
    Mutant("thinking.budget.refused", "rejects a budget without naming thinking",
           "thinking.budget", "honoured_or_refused.named",
           refuses(has_value("thinking", "type", value="enabled"), "sampling")),
    Mutant("thinking.budget.crash", "returns a 500 for a budget", "thinking.budget",
           "honoured_or_refused.status",
           crashes(has_value("thinking", "type", value="enabled"))),
    Mutant("thinking.shown", "sends the thinking in a separate field", "thinking",
           "body $.choices[0].message", sends_thinking("reasoning_content")),
    Mutant("thinking.streamed", "sends the thinking in a delta", "thinking",
           "events $[*].choices[*].delta", sends_thinking("thinking")),
    Mutant("thinking.inline", "includes the thinking in the text", "behaviour.thinking", CONTENT,
           {"message": include_thinking}),
    Mutant("thinking.crash", "returns a 500 for a malformed thinking", "thinking.nonsense",
           "status", crashes(has_invalid_value("thinking"))),
)  # fmt: skip

SAMPLING = (*NUMBERS, *THINKING)
