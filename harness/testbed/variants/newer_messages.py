"""Variants of the Anthropic endpoint that answer as newer models and versions of the API do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest
from harness.testbed.variants.error_style import rejects
from harness.testbed.variants.lenient import anthropic
from harness.testbed.variants.messages import events, message

Body = dict[str, Any]
Events = list[Body]
SEARCHES = ("web_search_requests", "web_fetch_requests")


def add_newer_fields(whole: Body) -> None:
    """Adds the fields of the documents of 2026."""
    whole.update(container=None, context_management={"applied_edits": []}, diagnostics=None)
    for block in whole["content"]:
        if block["type"] == "tool_use":
            block["caller"] = {"type": "direct"}
    whole["usage"].update(
        inference_geo="eu",
        server_tool_use=whole["usage"]["server_tool_use"] or dict.fromkeys(SEARCHES, 0),
        speed="standard",
    )


def think_silently(original: Callable[..., list[Body]], *args: Any) -> list[Body]:
    """Sends an empty thinking block first, as models that always think do."""
    content = original(*args)
    if any(block["type"] == "thinking" for block in content):
        return content
    return [{"type": "thinking", "thinking": "", "signature": "c2lnbmF0dXJl"}, *content]


def split_text(original: Callable[..., list[Body]], *args: Any) -> list[Body]:
    """Sends a text of several words in two blocks."""
    content: list[Body] = []
    for block in original(*args):
        text = block.get("text", "")
        at = text.rfind(" ", 0, len(text) // 2 + 1) + 1 if block["type"] == "text" else 0
        halves = [{**block, "text": text[:at]}, {**block, "text": text[at:]}]
        content += halves if at else [block]
    return content


def greet_first(original: Callable[..., list[Body]], *args: Any) -> list[Body]:
    """Sends a short text in a block of its own before a text, except before JSON."""
    content = original(*args)
    texts = [n for n, block in enumerate(content) if block["type"] == "text"]
    at = next((n for n in texts if not content[n]["text"].startswith("{")), None)
    return (
        content
        if at is None
        else [*content[:at], {"type": "text", "text": "Sure. "}, *content[at:]]
    )


def cut_call(original: Callable[..., list[Body]], reply: ModelReply, ids: Any) -> list[Body]:
    """Sends the beginning of a call that the token limit cut off."""
    content = original(reply, ids)
    if reply.finish != "length" or reply.text:
        return content
    call = {"type": "tool_use", "id": ids.call_id(0, "toolu"), "name": "get_weather", "input": {}}
    return [*content, call]


def usage_in_every_event(stream: Events) -> Events:
    """Sends the tokens so far after every block, each count not below the one before."""
    *rest, ended, stop = stream
    total = ended["usage"]["output_tokens"]
    early = [{**ended, "delta": {}, "usage": {"output_tokens": n}} for n in (1, total)]
    return [*rest, *early, ended, stop]


def late_ping(stream: Events) -> Events:
    """Sends a ping inside every block and one before message_stop."""
    ping = {"type": "ping"}
    inside = [
        item
        for event in stream
        for item in ((event, ping) if event["type"] == "content_block_start" else (event,))
    ]
    return [*inside[:-1], ping, inside[-1]]


def unpadded_start(original: Callable[[Body], Body], whole: Body) -> Body:
    """Omits what message_start need not have."""
    start = original(whole)
    for key in ("stop_reason", "stop_sequence"):
        del start["message"][key]
    return start


def first_piece_apart(original: Callable[[str], list[str]], text: str) -> list[str]:
    """Streams the first character on its own and the rest in pieces of forty."""
    return [text[:1], *(text[at : at + 40] for at in range(1, len(text), 40))]


def richer_card(original: Callable[[str], Body], name: str) -> Body:
    more = {"max_input_tokens": 200_000, "max_tokens": 64_000, "capabilities": {"vision": True}}
    return {**original(name), **more, "retires_at": None}


def generous_count(original: Callable[[ModelRequest], int], request: ModelRequest) -> int:
    """Estimates a fifth more tokens than are charged."""
    return original(request) * 6 // 5


def has_document(body: Body) -> str:
    contents = [m["content"] for m in body["messages"] if isinstance(m["content"], list)]
    has_one = any(block["type"] == "document" for content in contents for block in content)
    return "document" if has_one else ""


def has_many_stops(body: Body) -> str:
    """Rejects more stop sequences than a provider of Chat Completions takes."""
    return "stop_sequences" if len(body.get("stop_sequences") or ()) > 4 else ""


def count_end_token(original: Callable[..., ModelReply], request: ModelRequest) -> ModelReply:
    """Counts a token for the end of every answer."""
    reply = original(request)
    limit: Json = request.limit or 1 << 30
    return replace(reply, output_tokens=min(limit, reply.output_tokens + 1))


NEWER_MESSAGES = (
    Variant("messages.newer-fields", "sends the fields of newer versions",
            message(add_newer_fields)),
    Variant("messages.thinks", "sends an empty thinking block first",
            {"anthropic.content": think_silently},
            affects=("anthropic-messages/thinking*", "anthropic-messages/response.content.text")),
    Variant("messages.two-texts", "splits a text over two blocks",
            {"anthropic.content": split_text},
            affects=("anthropic-messages/message.history",)),
    Variant("messages.greeting", "sends a short text before the text that was asked for",
            {"anthropic.content": greet_first},
            affects=("anthropic-messages/message.history",)),
    Variant("messages.cut-call", "sends the beginning of a call that the limit cut off",
            {"anthropic.content": cut_call}),
    Variant("messages.usage-often", "sends the usage so far several times",
            events(usage_in_every_event)),
    Variant("messages.pings-inside", "sends pings inside blocks and before the end",
            events(late_ping)),
    Variant("messages.first-piece", "streams the first character apart from the rest",
            {"anthropic.text_pieces": first_piece_apart}),
    Variant("messages.models-rich", "describes its models in more detail",
            {"anthropic.model_card": richer_card}),
    Variant("messages.generous-count", "counts a fifth more tokens in count_tokens",
            {"anthropic.count_input_tokens": generous_count}),
    Variant("messages.end-token", "counts the end of an answer as a token",
            {"both.provider": count_end_token}),
    Variant("messages.no-documents", "rejects documents", anthropic(rejects(has_document))),
    Variant("messages.four-stops", "rejects more than four stop sequences",
            anthropic(rejects(has_many_stops))),
)  # fmt: skip
