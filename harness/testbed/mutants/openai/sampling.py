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
    mends,
    refuses,
    wrong,
)

CONTENT = "body $.choices[0].message.content"
REFUSED = "rejected.refused"


def n_is_ignored(body: Body) -> None:
    body.pop("n", None)


def unnamed(original: Callable[[Body], None], body: Body) -> None:
    try:
        original(body)
    except RequestError as refusal:
        if refusal.param == "n":
            raise RequestError(400, "Bad request.") from None
        raise


def above_one(body: Body) -> bool:
    value = body.get("temperature")
    return isinstance(value, int | float) and value > 1


def negative(body: Body) -> bool:
    value = body.get("temperature")
    return isinstance(value, int | float) and value < 0


def falsy(field: str) -> Callable[[Body], bool]:
    return lambda body: field in body and body[field] == 0


NULLABLE = ("temperature", "top_p", "stop", "max_completion_tokens", "seed", "presence_penalty")


def has_null(body: Body) -> bool:
    return any(name in body and body[name] is None for name in NULLABLE)


def several_for_one(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    """Asked for exactly one choice, it gives two."""
    whole = original(body, *rest)
    if body.get("n") == 1:
        whole["choices"].append({**copy.deepcopy(whole["choices"][0]), "index": 1})
    return whole


NUMBERS = (
    Mutant("n.quiet", "answers once, whatever n is", "n", "exactly.quiet", mends(n_is_ignored)),
    Mutant("n.refused", "refuses n even where it is 1", "n", "exactly.value",
           refuses(has("n"), "n")),
    Mutant("n.crash", "breaks over an n that is not 1", "n", "exactly.others",
           crashes(lambda body: body.get("n", 1) != 1)),
    Mutant("n.two", "gives two choices where one was asked for", "n", "exactly.choices",
           {"completion": several_for_one}),
    Mutant("n.unnamed", "refuses n without a word about it", "n", "exactly.named",
           {"check": unnamed}),
    Mutant("temperature.refused", "refuses a temperature above 1", "temperature",
           "clamped.refused", refuses(above_one, "temperature")),
    Mutant("temperature.zero", "refuses a temperature of 0", "temperature", "clamped.bounds",
           refuses(falsy("temperature"), "temperature")),
    Mutant("temperature.negative-crash", "breaks over a negative temperature",
           "temperature.negative", "status",
           crashes(negative)),
    Mutant("temperature.nonsense", "forgives a temperature that is no number",
           "temperature.wrong-type", REFUSED, forgives("temperature")),
    Mutant("sampling.temperature-crash", "breaks over a temperature that is no number",
           "sampling.wrong-type", "rejected.status", crashes(wrong("temperature"))),
    Mutant("sampling.temperature-zero", "refuses a temperature of 0, and does not say why",
           "sampling.temperature", "any_of", refuses(falsy("temperature"), "sampling")),
    Mutant("sampling.zero", "breaks over a seed of 0", "sampling.zero", "status",
           crashes(falsy("seed"))),
    Mutant("sampling.null", "refuses null where it may stand", "sampling.null", "status",
           refuses(has_null, "null")),
    Mutant("top_p.refused", "refuses top_p", "top_p", "status", refuses(has("top_p"), "top_p")),
    Mutant("sampling.top_p", "refuses top_p, and does not say so", "sampling.top_p", "any_of",
           refuses(has("top_p"), "sampling")),
    Mutant("top_p.nonsense", "forgives a top_p that is none", "top_p.impossible", REFUSED,
           forgives("top_p")),
)  # fmt: skip


def thinks_aloud(key: str) -> dict[str, Any]:
    """The thought is shown in a key of its own."""

    def shown(original: Callable[..., Body], reply: ModelReply, *rest: Any) -> Body:
        return {**original(reply, *rest), **({key: reply.thinking} if reply.thinking else {})}

    return {"message": shown}


def thinks_in_text(original: Callable[..., Body], reply: ModelReply, *rest: Any) -> Body:
    found = original(reply, *rest)
    if reply.thinking:
        found["content"] = f"<think>{reply.thinking}</think>{found['content'] or ''}"
    return found


THINKING = (
    Mutant("thinking.refused", "refuses thinking", "thinking", "status",
           refuses(has("thinking"), "thinking")),
    Mutant("thinking.shown", "shows the thought beside the answer", "thinking",
           "body $.choices[0].message", thinks_aloud("reasoning_content")),
    Mutant("thinking.streamed", "shows the thought in a delta", "thinking",
           "events $[*].choices[*].delta", thinks_aloud("thinking")),
    Mutant("thinking.inline", "writes the thought into the text", "behaviour.thinking", CONTENT,
           {"message": thinks_in_text}),
    Mutant("thinking.crash", "breaks over a malformed thinking", "thinking.nonsense", "status",
           crashes(wrong("thinking"))),
)  # fmt: skip

SAMPLING = (*NUMBERS, *THINKING)
