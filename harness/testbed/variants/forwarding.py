"""Compliant ways to forward a request: what a gateway can write differently without any harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.forward.response_parser import is_dropped
from harness.testbed.gateway.endpoint import Reply
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.model_types import Json, ModelRequest

Body = dict[str, Json]
SIDES = ("forward.anthropic", "forward.openai")
TEMPORARY = (503, 529)
BUDGET = 1024  # the least budget of thinking


def forwards(change: Callable[[Body], Any], *sides: str) -> dict[str, Any]:
    """Changes the request to the provider."""

    def body(original: Callable[[ModelRequest], Body], request: ModelRequest) -> Body:
        forwarded = dict(original(request))
        change(forwarded)
        return forwarded

    return {f"{side}.body": body for side in sides or SIDES}


def split_system(body: Body) -> None:
    """Sends each line of the system prompt as a block."""
    system = body.get("system")
    if isinstance(system, str):
        body["system"] = [{"type": "text", "text": line} for line in system.split("\n") if line]


def mark_for_cache(body: Body) -> None:
    """Marks the end of the system prompt and of the last two messages for the provider's cache."""
    if body.get("system"):
        body["system"] = with_mark({"content": body["system"]})["content"]
    body["messages"] = [*body["messages"][:-2], *map(with_mark, body["messages"][-2:])]


def with_mark(message: Body) -> Body:
    """Returns a message whose last block is marked for the cache."""
    blocks = in_list(message).get("content")
    if not isinstance(blocks, list) or not blocks:
        return message
    last = {"cache_control": {"type": "ephemeral"}, **blocks[-1]}
    return {**message, "content": [*blocks[:-1], last]}


def join_system(body: Body) -> None:
    """Sends the blocks of the system prompt as one text."""
    system = body.get("system")
    if isinstance(system, list):
        body["system"] = "\n".join(block["text"] for block in system)


def texts_in_lists(body: Body) -> None:
    """Sends every text as a list with one part."""
    body["messages"] = [in_list(message) for message in body["messages"]]


def in_list(message: Body) -> Body:
    content = message.get("content")
    if not isinstance(content, str) or not content:
        return message
    return {**message, "content": [{"type": "text", "text": content}]}


def single_texts(body: Body) -> None:
    """Sends a list with one text as that text."""
    body["messages"] = [as_text(message) for message in body["messages"]]


def as_text(message: Body) -> Body:
    content = message.get("content")
    if not isinstance(content, list) or [part.keys() for part in content] != [{"type", "text"}]:
        return message
    return {**message, "content": content[0]["text"]}


def results_apart(body: Body) -> None:
    """Sends each tool result in a turn of its own, and texts after them in another one."""
    messages: list[Body] = []
    for message in body["messages"]:
        content = message.get("content")
        results = [
            block
            for block in (content if isinstance(content, list) else ())
            if block["type"] == "tool_result"
        ]
        if not results:
            messages.append(message)
            continue
        messages += [{"role": "user", "content": [result]} for result in results]
        others = [block for block in content if block not in results]
        messages += [{"role": "user", "content": others}] if others else []
    body["messages"] = messages


def older_limit(body: Body) -> None:
    """Sends the limit under the older name."""
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")


def thinking_with_budget(body: Body) -> None:
    """Sends adaptive thinking as thinking with a budget, as models before it need it."""
    thinking = body.get("thinking") or {}
    if thinking.get("type") == "adaptive" and body["max_tokens"] > BUDGET:
        display = {name: value for name, value in thinking.items() if name == "display"}
        body["thinking"] = {"type": "enabled", "budget_tokens": BUDGET, **display}


def stop_as_text(body: Body) -> None:
    """Sends a single stop sequence as a string."""
    if len(body.get("stop") or ()) == 1:
        body["stop"] = body["stop"][0]


def tries_again(original: Callable[..., Reply], *args: Any) -> Reply:
    """Sends a request again if the provider was overloaded."""
    try:
        return original(*args)
    except RequestError as error:
        if error.status not in TEMPORARY:
            raise
        return original(*args)


INCOMPLETE = "The provider's answer has no end."


def finds_incomplete(
    original: Callable[..., tuple[Body, RequestError | None]], request: ModelRequest, reply: Reply
) -> tuple[Body, RequestError | None]:
    """Marks a stream that the provider ended normally, but without its last events."""
    body, error = original(request, reply)
    if error and error.code == "bad_gateway" and not is_dropped(reply):
        error = RequestError(502, INCOMPLETE, kind="server_error")
    return body, error


def relays_incomplete(
    original: Callable[[list[Body], Json], list[bytes]], events: list[Body], error: Json
) -> list[bytes]:
    """Sends the events of an incomplete stream and nothing more."""
    frames = original(events, error)
    return frames[:-1] if INCOMPLETE in str(error) else frames


def failed_response(original: Callable[..., list[Body]], fields: Body, number: int) -> list[Body]:
    """Ends a stream of Responses that fails with response.failed."""
    error = {"code": "server_error", "message": fields["message"]}
    response = {"id": "resp_failed", "object": "response", "created_at": 1, "model": "builtin-1"}
    response |= {"status": "failed", "error": error, "output": []}
    return [{"type": "response.failed", "response": response, "sequence_number": number}]


FORWARDING = (
    Variant("forwarding.incomplete", "relays an incomplete stream as it is",
            {**{f"{side}.collect": finds_incomplete for side in SIDES},
             "both.error_frames": relays_incomplete},
            affects=("openai-compat/stream", "anthropic-messages/stream.message_stop")),
    Variant("forwarding.limit", "always sends a limit",
            forwards(lambda body: body.setdefault(
                "max_completion_tokens", 8192), "forward.openai")),
    Variant("forwarding.usage", "always requests the usage of a stream",
            forwards(lambda body: body.get("stream") and body.update(
                stream_options={"include_usage": True}), "forward.openai")),
    Variant("forwarding.defaults", "writes defaults that change nothing",
            forwards(lambda body: body.update(n=1, store=False), "forward.openai")),
    Variant("forwarding.caller", "identifies the caller to the provider",
            forwards(lambda body: body.setdefault(
                "metadata", {"user_id": "account-7"}), "forward.anthropic")),
    Variant("forwarding.system-blocks", "splits the system prompt into blocks",
            forwards(split_system, "forward.anthropic")),
    Variant("forwarding.cache-marks", "marks what the provider is to cache",
            forwards(mark_for_cache, "forward.anthropic")),
    Variant("forwarding.system-text", "joins the blocks of the system prompt",
            forwards(join_system, "forward.anthropic")),
    Variant("forwarding.lists", "sends every text in a list", forwards(texts_in_lists)),
    Variant("forwarding.texts", "sends a list with one text as that text", forwards(single_texts)),
    Variant("forwarding.results-apart", "sends each tool result in a turn of its own",
            forwards(results_apart, "forward.anthropic")),
    Variant("forwarding.thinking-budget", "sends a budget in place of adaptive thinking",
            forwards(thinking_with_budget, "forward.anthropic")),
    Variant("forwarding.older-limit", "calls the limit max_tokens",
            forwards(older_limit, "forward.openai")),
    Variant("forwarding.stop-text", "sends a single stop sequence as a string",
            forwards(stop_as_text, "forward.openai")),
    Variant("forwarding.failed", "ends a stream that fails with response.failed",
            {"responses.error_events": failed_response}),
    Variant("forwarding.retry", "sends a request again if the provider is overloaded",
            {f"{side}.exchange": tries_again for side in SIDES}),
)  # fmt: skip
