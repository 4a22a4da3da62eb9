"""Mutants of counting tokens, compacting conversations, and responses in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.responses import compaction
from harness.testbed.gateway.responses.stored import Stored
from harness.testbed.gateway.responses.stream_writer import unfinished
from harness.testbed.mutants.responses.operators import (
    Test,
    responses,
)


def counts(change: Callable[[int], Any]) -> Overrides:
    return {"count_input_tokens": lambda original, request: change(original(request))}


def without(hook: str, *names: str) -> Overrides:
    """Leaves fields out where tokens are counted, or a conversation is compacted."""

    def changed(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        return original({k: v for k, v in body.items() if k not in names}, *rest)

    return {hook: changed}


def messages_only(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    items = body["input"]
    kept = items if isinstance(items, str) else [item for item in items if "role" in item]
    return original({**body, "input": kept}, *rest)


def any_input(original: Callable[..., Body], request: Any) -> Body:
    try:
        return original(request)
    except RequestError:
        return {"model": "builtin-1", "input": "Hello!"}


def is_compaction(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") == "compaction"


def in_background(body: Body) -> bool:
    return bool(body.get("background"))


def unless_kept(test: Test) -> Overrides:
    """Does not store the responses of some requests."""
    return {
        "keep": lambda original, body, answer: None if test(body) else original(body, answer),
    }


def not_stopped(original: Callable[[Stored], Body], kept: Stored) -> Body:
    """Reports that a response was cancelled, and lets it go on."""
    original(replace(kept, left=0))
    return unfinished(kept.answer, "cancelled")


def unstoppable(original: Callable[[Stored], Body], kept: Stored) -> Body:
    return unfinished(kept.answer, "in_progress")


def only_once(status: int) -> Overrides:
    """Answers with an error if a response is cancelled again."""

    def cancel(original: Callable[[Stored], Body], kept: Stored) -> Body:
        if kept.answer["status"] == "cancelled":
            raise RequestError(status, "Not possible now.")
        return original(kept)

    return {"cancel_response": cancel}


def cancel_any(original: Callable[[Stored], Body], kept: Stored) -> Body:
    """Cancels responses that have ended."""
    return original(replace(kept, answer={**kept.answer, "background": True}, left=1))


def cancel_unknown(original: Callable[..., Any], request: Any, *rest: Any) -> Any:
    try:
        return original(request, *rest)
    except RequestError as refusal:
        if not request["path"].endswith("/cancel") or refusal.status != 404:
            raise
        endpoint = original.__self__  # type: ignore[attr-defined]
        return endpoint.json_reply(200, {"object": "response", "status": "cancelled"}, [])


ENDPOINTS = (
    responses("input_tokens.items", "messages", "counts messages only", "when",
        {"count_input": messages_only}),
    responses("input_tokens.instructions", "dropped", "does not count instructions", "when",
        without("count_input", "instructions")),
    responses("input_tokens.tools", "dropped", "does not count tools", "when",
        without("count_input", "tools", "tool_choice")),
    responses("input_tokens.state", "dropped", "does not count the earlier conversation", "when",
        without("count_input", "previous_response_id")),
    responses("input_tokens.usage", "half", "counts half of the tokens",
        "steps_agree count.input_tokens", counts(lambda tokens: tokens // 2)),
    responses("input_tokens.invalid", "counted", "counts a greeting in place of a wrong input",
        "status", {"parse_input": any_input}),
    responses("compact.remembered", "dropped", "drops compaction items", "any_of",
        {"expand": lambda original, items: [i for i in items if not is_compaction(i)]}),
    responses("compact.remembered", "empty", "keeps nothing in compaction items", "any_of",
        {"compaction_item": lambda original, content, ids: original(compaction.write([]), ids)}),
    responses("compact.state", "dropped", "compacts without the earlier conversation", "any_of",
        without("compact", "previous_response_id")),
    responses("background.read", "lost", "stores no response in the background", "status",
        unless_kept(lambda body: in_background(body) and not body.get("stream"))),
    responses("background.streamed", "lost", "stores no streamed response in the background",
        "status", unless_kept(lambda body: in_background(body) and bool(body.get("stream")))),
    responses("cancel", "goes-on", "reports that a response was cancelled, and lets it go on",
        "steps_agree read.status", {"cancel_response": not_stopped}),
    responses("cancel", "ignored", "does not cancel responses", "when",
        {"cancel_response": unstoppable}),
    responses("cancel.again", "refused", "refuses to cancel a response twice", "status",
        only_once(409)),
    responses("cancel.again", "crash", "crashes if a response is cancelled twice", "status",
        only_once(500)),
    responses("cancel.unknown", "invented", "cancels responses that do not exist", "status",
        {"handle": cancel_unknown}),
    responses("cancel.synchronous", "cancelled", "cancels responses that have ended",
        "steps_agree read.status", {"cancel_response": cancel_any}),
)  # fmt: skip
