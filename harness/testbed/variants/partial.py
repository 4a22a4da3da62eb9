"""Gateways that lack one part: only the cases about that part may fail.

What the part is needed for, such as an image within an array of parts, cannot be examined then.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from harness.testbed.base import Variant
from harness.testbed.gateway.endpoint import Reply, http_reply
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_provider import count_input_tokens
from harness.testbed.gateway.model_types import ModelReply, ModelRequest

Body = dict[str, Any]
CAUSES: Final = ("blocked", "signal")  # a part can be needed to calibrate a signal
Check = Callable[[Body], None]


def lacks(has_part: Callable[[Body], bool], status: int, message: str) -> Overrides:
    """Answers each chat request that has the part with an error that names nothing."""

    def check(original: Check, body: Body) -> None:
        original(body)
        if has_part(body):
            raise RequestError(status, message, kind="server_error")

    return {"both.check": check, "anthropic.check_count_tokens": check}


def count_messages(original: Callable[[ModelRequest], ModelReply], request: ModelRequest) -> Any:
    """Leaves the definitions of tools out of the input tokens."""
    tokens = count_input_tokens(replace(request, tools=()))
    return replace(original(request), input_tokens=tokens)


def messages_of(body: Body) -> list[Body]:
    return [message for message in body.get("messages", ()) if isinstance(message, dict)]


def has_array(body: Body) -> bool:
    return any(isinstance(message.get("content"), list) for message in messages_of(body))


def has_instruction(body: Body) -> bool:
    roles = {message.get("role") for message in messages_of(body)}
    return "system" in body or not roles.isdisjoint(("system", "developer"))


def has_earlier_answer(body: Body) -> bool:
    return any(message.get("role") == "assistant" for message in messages_of(body))


def has_image(body: Body) -> bool:
    texts = json.dumps(messages_of(body))
    return '"image_url"' in texts or '"type": "image"' in texts


def server_error(original: Callable[[RequestError], int], refusal: RequestError) -> int:
    return 500 if refusal.status in (400, 404, 413, 422) else refusal.status


def no_models(original: Callable[..., Any], request: Any) -> Any:
    handler, model_id = original(request)
    if handler in ("models", "model"):
        raise RequestError(404, "Not found.", code="unknown_url")
    return handler, model_id


def no_count(original: Callable[..., Any], request: Any) -> Any:
    handler, model_id = original(request)
    if request["path"].partition("?")[0].endswith("/count_tokens"):
        raise RequestError(404, "Not found.", code="unknown_url")
    return handler, model_id


def unknown_method(original: Callable[..., Reply], request: Any, *args: Any) -> Reply:
    """Answers like Python's http.server, which knows GET and POST only."""
    if request["method"] in ("GET", "POST"):
        return original(request, *args)
    page = b"<!DOCTYPE HTML>\n<html><body>Unsupported method</body></html>\n"
    return http_reply(501, [("content-type", "text/html;charset=utf-8")], [page], [0.0], "length")


def empty_list(original: Callable[..., Reply], request: Any, *args: Any) -> Reply:
    reply = original(request, *args)
    if request["path"].partition("?")[0] == "/v1/models" and reply["status"] == 200:
        data = json.loads(b"".join(reply["chunks"]))
        ends: Body = {key: None for key in ("first_id", "last_id") if key in data}
        return {**reply, "chunks": [json.dumps({**data, "data": [], **ends}).encode()]}
    return reply


def partial(name: str, description: str, overrides: Overrides, affects: tuple[str, ...]) -> Variant:
    """Return a variant of which all other cases are blocked at worst."""
    return Variant(f"lacks.{name}", description, overrides, affects=affects, causes=CAUSES)


PARTIAL = (
    partial("parts", "answers an array of content parts with a 500",
            lacks(has_array, 500, "Internal error: content must be a string."),
            ("openai-chat/role.user.parts", "openai-compat/message.user.content.array",
             "anthropic-messages/message.content.blocks")),
    partial("system", "refuses system messages",
            lacks(has_instruction, 400, "Unexpected role."),
            ("openai-chat/role.system*", "openai-chat/role.developer*", "*/behaviour.hoist",
             "openai-compat/message.system.content", "openai-compat/message.developer.content",
             "anthropic-messages/system", "*/system.blocks", "cross-*/system")),
    partial("history", "refuses earlier answers",
            lacks(has_earlier_answer, 400, "Only one message is supported."),
            ("openai-chat/role.assistant", "openai-compat/message.assistant.content.string",
             "*/message.history", "anthropic-messages/message.role", "cross-*/history")),
    partial("tools", "refuses tools",
            lacks(lambda body: "tools" in body or "functions" in body, 400,
                  "This server does not call functions."),
            ("openai-chat/tool.function.*", "*/tool.choice.auto", "openai-compat/tools*",
             "openai-compat/functions*", "anthropic-messages/tools*", "*/tool_choice.auto",
             "openai-responses/request.tools")),
    partial("images", "answers an image with a 500",
            lacks(has_image, 500, "image input is not supported"),
            ("openai-chat/role.user.image", "openai-compat/message.user.content.image_url.url",
             "anthropic-messages/message.image.*", "cross-*/image")),
    partial("streams", "refuses to stream",
            lacks(lambda body: bool(body.get("stream")), 400, "This server does not stream."),
            ("*/stream", "*/stream.*", "cross-*/text")),
    partial("stream_options", "refuses stream_options by name",
            lacks(lambda body: "stream_options" in body, 400,
                  "Unsupported parameter: 'stream_options'."),
            ("*/*stream_options*", "*/stream.usage")),
    partial("refusals", "answers every mistake of the caller with a 500",
            {"both.status": server_error},
            ("*/error.*", "openai-compat/behaviour.error_format",
             "openai-responses/endpoint.cancel")),
    partial("models", "has no model list", {"both.route": no_models}, ("*/models.*",)),
    partial("count_tokens", "does not count tokens", {"anthropic.route": no_count},
            ("*/count_tokens*",)),
    partial("methods", "answers a method that it knows nowhere with a page and a 501",
            {"both.handle": unknown_method}, ("*/error.method", "*/header.browser")),
    partial("tool-tokens", "counts the tokens of messages only",
            {"both.provider": count_messages}, ("anthropic-messages/count_tokens",)),
    partial("listed", "lists no model", {"both.handle": empty_list}, ("*/models.*",)),
)  # fmt: skip
