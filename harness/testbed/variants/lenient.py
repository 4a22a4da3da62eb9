"""Variants of the Anthropic endpoint in tolerated and rejected requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelReply
from harness.testbed.variants.error_style import rejects, tolerates

Body = dict[str, Any]


def anthropic(overrides: Overrides) -> Overrides:
    return {f"anthropic.{hook}": other for hook, other in overrides.items()}


def error(change: Callable[[Body, RequestError], Body]) -> Overrides:
    return {
        "anthropic.error": lambda original, refusal, ids: change(original(refusal, ids), refusal)
    }


def add_error_fields(data: Body, refusal: RequestError) -> Body:
    """Sends the error fields of both protocols."""
    more = {"code": refusal.code, "param": refusal.param, "details": None}
    return {**data, "error": {**data["error"], **more}, "doc_url": None}


def accept_any_version(original: Callable[[Any], None], headers: Any) -> None:
    """Ignores the version header."""


def accept_any_field(original: Callable[..., None], name: str, value: Any) -> None:
    """Ignores unknown fields."""
    try:
        original(name, value)
    except RequestError as refusal:
        if not refusal.message.endswith("Extra inputs are not permitted"):
            raise


def is_blank(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(e, str) and not e.strip() for e in value)


def has_prefill(body: Body) -> str:
    """Rejects prefilled answers, as newer models do."""
    return "messages" if body["messages"][-1]["role"] == "assistant" else ""


def reject_pair(original: Callable[[Body], None], body: Body) -> None:
    """Rejects temperature with top_p by both names, as newer models do."""
    original(body)
    if {"temperature", "top_p"} <= body.keys():
        message = "`temperature` and `top_p` cannot both be specified for this model."
        raise RequestError(400, message)


def add_text(original: Callable[..., list[Body]], reply: ModelReply, ids: Any) -> list[Body]:
    content = original(reply, ids)
    if reply.calls and not reply.text:
        at = sum(block["type"] == "thinking" for block in content)
        content.insert(at, {"type": "text", "text": "Let me look that up."})
    return content


def estimate_tokens(original: Callable[..., int], request: Any) -> int:
    """Returns an estimate, as the reference allows."""
    return original(request) + 2


ERRORS = (
    Variant("messages.errors-wordy", "adds unknown fields to errors of messages",
            error(add_error_fields)),
)  # fmt: skip

TOLERATED = (
    Variant("messages.any-version", "ignores the version header",
            {"anthropic.check_version": accept_any_version}),
    Variant("messages.any-field", "ignores unknown fields",
            {"anthropic.check_field": accept_any_field}),
    Variant("messages.blank-stops", "ignores blank stop sequences",
            anthropic(tolerates("stop_sequences", test=is_blank))),
)  # fmt: skip

REFUSED = (
    Variant("messages.prefill", "rejects prefilled answers", anthropic(rejects(has_prefill))),
    Variant("messages.pair", "rejects temperature with top_p", {"anthropic.check": reject_pair}),
)  # fmt: skip

ANSWERS = (
    Variant("messages.with-text", "sends a text before a tool call",
            {"anthropic.content": add_text}),
    Variant("messages.rough-count", "estimates tokens in count_tokens",
            {"anthropic.count_input_tokens": estimate_tokens}),
)  # fmt: skip

LENIENT = (*ERRORS, *TOLERATED, *REFUSED, *ANSWERS)
