"""Mutants of n, temperature, top_p and thinking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.model_types import ModelReply
from harness.testbed.mutants.openai.operators import (
    Body,
    refuses,
)
from harness.testbed.mutation.rows import mutants_in

CONTENT = "body $.choices[0].message.content"


def reject_unnamed(original: Callable[[Body], None], body: Body) -> None:
    try:
        original(body)
    except RequestError as refusal:
        if refusal.param == "n":
            raise RequestError(400, "Bad request.") from None
        raise


NULLABLE = ("temperature", "top_p", "stop", "max_completion_tokens", "seed", "presence_penalty")


def has_null(body: Body) -> bool:
    return any(name in body and body[name] is None for name in NULLABLE)


NUMBERS = (
    Mutant("n.unnamed", "rejects n without naming it", "n", "exactly.named",
           {"check": reject_unnamed}),
    Mutant("sampling.null", "rejects an allowed null", "sampling.null", "status",
           refuses(has_null, "null")),
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
    Mutant("thinking.shown", "sends the thinking in a separate field", "thinking",
           "body $.choices[0].message", sends_thinking("reasoning_content")),
    Mutant("thinking.streamed", "sends the thinking in a delta", "thinking",
           "events $[*].choices[*].delta", sends_thinking("thinking")),
    Mutant("thinking.inline", "includes the thinking in the text", "behaviour.thinking", CONTENT,
           {"message": include_thinking}),
)  # fmt: skip

SAMPLING = (*mutants_in("openai/sampling"), *NUMBERS, *THINKING)
