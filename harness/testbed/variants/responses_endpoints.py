"""Right gateways without all endpoints of Responses, or with others than the reference gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.endpoint import Body, Reply, http_reply
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.responses.stored import Stored
from harness.testbed.gateway.responses.stream_writer import unfinished
from harness.testbed.variants.responses import refuses

Cancel = Callable[[Stored], Body]
BELOW = "/v1/responses/"


def answers_below(status: int) -> Overrides:
    """Has no endpoints below `/v1/responses`, and therefore no responses in the background."""

    def handle(original: Callable[..., Reply], request: Any, *rest: Any) -> Reply:
        if not request["path"].startswith(BELOW):
            return original(request, *rest)
        page = b'{"detail":"Not Found"}'
        headers = [("content-type", "application/json")]
        return http_reply(status, headers, [page], [0.0], "length")

    return {"responses.handle": handle, **refuses("background")}


def counts_generously(original: Callable[[Any], int], request: Any) -> int:
    return original(request) * 6 // 5


def with_prompt(original: Callable[..., Body], *args: Any) -> Body:
    """Lists the prompt by which the conversation was compacted, and what newer versions have."""
    whole = original(*args)
    text = {"type": "input_text", "text": "Summarize the conversation."}
    whole["output"].insert(-1, {"type": "message", "role": "user", "content": [text]})
    return {**whole, "image": {"context_compression": "disabled"}}


def at_once(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    """Answers at once, also where it could answer later."""
    return original({**body, "background": False}, *rest)


def in_time(original: Callable[[Stored], None], kept: Stored) -> None:
    """Ends each response in the background before it can be cancelled."""
    original(Stored(kept.answer, kept.sent, kept.conversation))


def refuses_ended(original: Cancel, kept: Stored) -> Body:
    """Cancels only what goes on."""
    if not kept.left and kept.answer["status"] != "cancelled":
        raise RequestError(409, "This response has ended.", param="response_id")
    return original(kept)


def soon_cancelled(original: Cancel, kept: Stored) -> Body:
    """Stops a response after the request to cancel it is answered."""
    cancelled = original(kept)
    return unfinished(cancelled, "in_progress") if kept.left else cancelled


def without_order(original: Callable[..., Body], items: list[Body], query: Any) -> Body:
    """Refuses parameters of the list of input items."""
    if query:
        raise RequestError(400, f"Unknown parameter: '{next(iter(query))}'.")
    return original(items, query)


RESPONSES_ENDPOINTS = (
    Variant("responses.one-endpoint", "has no endpoints below /v1/responses", answers_below(404),
            affects=("openai-responses/endpoint.read",)),
    Variant("responses.not-implemented", "has not implemented what is below /v1/responses",
            answers_below(501), affects=("openai-responses/endpoint.read",),
            causes=("blocked",)),
    Variant("responses.generous-count", "counts a fifth more tokens than it charges",
            {"responses.count_input_tokens": counts_generously}),
    Variant("responses.compaction-prompt", "lists the prompt of a compaction",
            {"responses.compact": with_prompt}),
    Variant("responses.at-once", "answers at once what is to be made in the background",
            {"responses.completion": at_once}, causes=("blocked",)),
    Variant("responses.in-time", "ends responses before they are cancelled",
            {"responses.remember": in_time}),
    Variant("responses.ended", "refuses to cancel what has ended",
            {"responses.cancel_response": refuses_ended}),
    Variant("responses.soon-cancelled", "cancels responses after it has answered",
            {"responses.cancel_response": soon_cancelled},
            affects=("openai-responses/endpoint.cancel",)),
    Variant("responses.whole-lists", "lists input items as a whole only",
            {"responses.page": without_order}),
)  # fmt: skip
