"""Variants of fields that may be honoured or refused, and of what only some right servers do."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.errors import RequestError, bad_value
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.openai.request_reader import UNSEEN

Body = dict[str, Any]
COMPLETIONS = "/v1/chat/completions"
# Rows of fields that a gateway can refuse by name, each with its feature.
REFUSED = {
    "response_format": "openai-chat/request.response_format",
    "logprobs": "openai-chat/request.logprobs",
    "top_logprobs": "openai-chat/request.top_logprobs",
    "n": "openai-chat/request.n",
}
# Fields that Anthropic's compatibility page does not list.
UNLISTED = ("prompt_cache_options", "moderation")


def refuse_unseen(original: Callable[[Body], None], body: Body) -> None:
    """Refuses the fields that no answer shows, with every value, and names of participants."""
    original(body)
    name = next((name for name in UNSEEN if body.get(name) is not None), "")
    if name:
        raise bad_value(name, "unsupported parameter.", "unsupported_parameter")
    for number, message in enumerate(body["messages"]):
        if message.get("name") is not None and message["role"] != "function":
            where = f"messages[{number}].name"
            raise bad_value(where, "Extra inputs are not permitted.", "extra_forbidden")


def refuse_options(original: Callable[[Body], None], body: Body) -> None:
    """Refuses every value of some fields but the default."""
    original(body)
    for name in REFUSED:
        value = body.get(name)
        if value and value != {"type": "text"} and not (name == "n" and value == 1):
            raise bad_value(name, "not supported by this model.", "unsupported_parameter")


def refuse_unlisted(original: Callable[[Body], None], body: Body) -> None:
    """Refuses fields that are newer than Anthropic's compatibility page."""
    original(body)
    for name in UNLISTED:
        if name in body:
            raise bad_value(name, "not supported here.", "unsupported_parameter")


def refuse_five_stops(original: Callable[[Body], None], body: Body) -> None:
    original(body)
    if isinstance(body.get("stop"), list) and len(body["stop"]) > 4:
        raise bad_value("stop", "at most 4 strings.", "array_above_max_length")


def refuse_format_beside_tools(original: Callable[[Body], None], body: Body) -> None:
    original(body)
    if body.get("tools") and body.get("response_format"):
        raise RequestError(400, "json mode cannot be combined with tool/function calling")


def refuse_two_of_the_user(original: Callable[[Body], None], body: Body) -> None:
    original(body)
    roles = [message["role"] for message in body["messages"]]
    if ("user", "user") in pairwise(roles):
        raise RequestError(400, "Conversation roles must alternate user/assistant/user/...")


def accept_n(original: Callable[[str, Any], None], name: str, value: Any) -> None:
    if name != "n" or value not in (1, 2):
        original(name, value)


def several_choices(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    """Returns as many choices as requested."""
    whole = original(body, *rest)
    for number in range(1, body.get("n") or 1):
        whole["choices"].append({**copy.deepcopy(whole["choices"][0]), "index": number})
    return whole


def cut_call(original: Callable[..., Body], body: Body, reply: Any, ids: Any) -> Body:
    """Returns the beginning of a call that the limit cut off, with the reason length."""
    whole = original(body, reply, ids)
    choice = whole["choices"][0]
    if choice["finish_reason"] == "length" and body.get("tools"):
        function = {"name": "get_weather", "arguments": '{"city": "Pa'}
        call = {"id": ids.call_id(0), "type": "function", "function": function}
        choice["message"].update(content=None, tool_calls=[call])
    return whole


def list_stored(original: Callable[..., Any], request: Mapping[str, Any], *rest: Any) -> Any:
    """Answers a GET of the completion path with the stored completions, as the reference does."""
    if (request["method"], request["path"]) == ("GET", COMPLETIONS):
        endpoint = original.__self__  # type: ignore[attr-defined]
        return endpoint.json_reply(200, {"object": "list", "data": [], "has_more": False}, [])
    return original(request, *rest)


def without_lookup(original: Callable[..., Any], request: Mapping[str, Any], *rest: Any) -> Any:
    if request["path"].startswith("/v1/models/"):
        raise RequestError(404, "Unknown request URL.")
    return original(request, *rest)


def spaced_json(original: Callable[[Any], bytes], data: Any) -> bytes:
    """Writes JSON answers of the model with line breaks, as some constrained decoders do."""
    for choice in data.get("choices", ()) if isinstance(data, dict) else ():
        message = choice.get("message") or {}
        if isinstance(message.get("content"), str) and message["content"].startswith('{"'):
            message["content"] = "\n{\n  " + message["content"][1:] + "\n"
    return original(data)


def variant(name: str, description: str, overrides: Overrides, **stated: Any) -> Variant:
    return Variant(f"options.{name}", description, overrides, **stated)


OPTIONS = (
    variant("refused", "refuses response_format, logprobs and n by name",
            {"chat.check": refuse_options}, not_credited=tuple(REFUSED.values())),
    variant("unseen-refused", "refuses the fields that no answer shows by name",
            {"chat.check": refuse_unseen},
            not_credited=tuple(f"openai-chat/request.{name}" for name in UNSEEN)),
    variant("choices", "returns two choices if two are requested",
            {"chat.completion": several_choices, "chat.check_field": accept_n}),
    variant("four-stops", "refuses more than four stop sequences", {"check": refuse_five_stops}),
    variant("format-alone", "refuses response_format beside tools",
            {"chat.check": refuse_format_beside_tools}),
    variant("turns", "refuses two messages of the user in a row",
            {"check": refuse_two_of_the_user},
            affects=("openai-chat/role.user", "openai-chat/client.codex-chat")),
    variant("unlisted", "refuses prompt_cache_options and moderation by name",
            {"check": refuse_unlisted}),
    variant("cut-call", "returns the beginning of a truncated tool call",
            {"completion": cut_call}),
    variant("stored", "lists stored completions", {"handle": list_stored}),
    variant("no-lookup", "has no lookup of single models", {"handle": without_lookup},
            affects=("openai-chat/models.retrieve",)),
    variant("spaced", "answers with JSON that has line breaks", {"chat.dumps": spaced_json}),
)  # fmt: skip
