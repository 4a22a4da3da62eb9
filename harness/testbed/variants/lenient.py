"""Variants of the Anthropic endpoint in tolerated and rejected requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelReply
from harness.testbed.variants.error_style import minds, tolerates

Body = dict[str, Any]


def anthropic(overrides: Overrides) -> Overrides:
    return {f"anthropic.{hook}": other for hook, other in overrides.items()}


def error(change: Callable[[Body, RequestError], Body]) -> Overrides:
    return {
        "anthropic.error": lambda original, refusal, ids: change(original(refusal, ids), refusal)
    }


def wordy(data: Body, refusal: RequestError) -> Body:
    """Sends the error fields of both protocols."""
    more = {"code": refusal.code, "param": refusal.param, "details": None}
    return {**data, "error": {**data["error"], **more}, "doc_url": None}


def any_version(original: Callable[[Any], None], headers: Any) -> None:
    """Ignores the version header."""


def any_field(original: Callable[..., None], name: str, value: Any) -> None:
    """Ignores unknown fields."""
    try:
        original(name, value)
    except RequestError as refusal:
        if not refusal.message.endswith("Extra inputs are not permitted"):
            raise


def blank(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(e, str) and not e.strip() for e in value)


def begun(body: Body) -> str:
    """Rejects prefilled answers, as newer models do."""
    return "messages" if body["messages"][-1]["role"] == "assistant" else ""


def pair(body: Body) -> str:
    """Rejects temperature with top_p, as newer models do."""
    return "top_p" if {"temperature", "top_p"} <= body.keys() else ""


def speaks(original: Callable[..., list[Body]], reply: ModelReply, ids: Any) -> list[Body]:
    content = original(reply, ids)
    if reply.calls and not reply.text:
        at = sum(block["type"] == "thinking" for block in content)
        content.insert(at, {"type": "text", "text": "Let me look that up."})
    return content


def rough(original: Callable[..., int], request: Any) -> int:
    """Returns an estimate, as the reference allows."""
    return original(request) + 2


ERRORS = (
    Variant("messages.errors-wordy", "adds unknown fields to errors of messages", error(wordy)),
)  # fmt: skip

FORGIVEN = (
    Variant("messages.any-version", "ignores the version header",
            {"anthropic.check_version": any_version}),
    Variant("messages.any-field", "ignores unknown fields",
            {"anthropic.check_field": any_field}),
    Variant("messages.blank-stops", "ignores blank stop sequences",
            anthropic(tolerates("stop_sequences", test=blank))),
)  # fmt: skip

REFUSED = (
    Variant("messages.prefill", "rejects prefilled answers", anthropic(minds(begun))),
    Variant("messages.pair", "rejects temperature with top_p", anthropic(minds(pair))),
)  # fmt: skip

SPOKEN = (
    Variant("messages.with-text", "sends a text before a tool call",
            {"anthropic.content": speaks}),
    Variant("messages.rough-count", "estimates tokens in count_tokens",
            {"anthropic.count_input_tokens": rough}),
)  # fmt: skip

LEEWAY = (*ERRORS, *FORGIVEN, *REFUSED, *SPOKEN)
