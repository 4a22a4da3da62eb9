"""Mutants of the OpenAI endpoint that change the request to the provider."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from harness.testbed.gateway.model_types import ModelRequest
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    Body,
    Change,
    adds_headers,
    blocks,
    changes_request,
    compat,
    drops,
    sets,
    texts,
)

NO = "forwarded"
changes_request_body = partial(changes_request, TO_ANTHROPIC)
FIRST_CONTENT, SYSTEM = f"{NO} $.messages[0].content", f"{NO} $.system"
IGNORED = (
    "forwarded $['n','logprobs','top_logprobs','prediction','presence_penalty','frequency_penalty',"
    "'seed','service_tier','audio','logit_bias','store','user','modalities','reasoning_effort',"
    "'thinking']"
)


def hook(name: str, override: Callable[..., Any]) -> dict[str, Any]:
    return {f"{TO_ANTHROPIC}.{name}": override}


def reverse_blocks(body: Body) -> None:
    for message in body["messages"]:
        message["content"].reverse()


def transcript(body: Body) -> None:
    lines = [f"{m['role']}: {json.dumps(m['content'])}" for m in body["messages"]]
    body["messages"] = [{"role": "user", "content": "\n".join(lines)}]


def system_as_user(body: Body) -> None:
    """Forwards system messages as user messages."""
    system = body.pop("system", None)
    if system:
        body["messages"][0]["content"].insert(0, {"type": "text", "text": system})


def read_first_part(original: Callable[[Body], str], message: Body) -> str:
    content = message.get("content")
    return str(content[0]["text"]) if isinstance(content, list) else original(message)


def join_with_spaces(original: Callable[[list[Body]], str], messages: list[Body]) -> str:
    system = [m for m in messages if m["role"] in ("system", "developer")]
    return " ".join(original([message]) for message in system)


def add_prompt(body: Body) -> None:
    body["system"] = "You are a helpful assistant." + (body.get("system") or "")


def changes_images(change: Callable[[Body], Any]) -> Change:
    return lambda body: [change(block["source"]) for block in blocks(body, "image")]


def add_placeholder(body: Body) -> None:
    for message in body["messages"]:
        message["content"].append({"type": "text", "text": "[audio]"})


def has_part(kind: str) -> Callable[[Body], bool]:
    return lambda body: f'"type": "{kind}"' in json.dumps(body)


def add_service_tier(original: Callable[[ModelRequest], Body], request: ModelRequest) -> Body:
    given = request.body.get("service_tier")
    return {**original(request), **({"service_tier": given} if given == "auto" else {})}


def add_user_id(original: Callable[[ModelRequest], Body], request: ModelRequest) -> Body:
    user = request.body.get("user")
    changes_request_body = {"metadata": {"user_id": user}} if user == "user-1234" else {}
    return {**original(request), **changes_request_body}


def add_thinking(original: Callable[[ModelRequest], Body], request: ModelRequest) -> Body:
    thinks = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    return {
        **original(request),
        **(thinks if request.body.get("reasoning_effort") == "low" else {}),
    }


CONVERSATION = (
    compat("ascii", "drops characters before forwarding", "upstream.text", FIRST_CONTENT,
           changes_request_body(texts(lambda text: text.encode("ascii", "ignore").decode()))),
    compat("trims", "trims user messages", "upstream.text.blanks",
           f"{NO} $.messages[2].content", changes_request_body(texts(str.strip))),
    compat("parts-reversed", "reverses the order of parts", "upstream.parts", FIRST_CONTENT,
           changes_request_body(reverse_blocks)),
    compat("transcript", "forwards a conversation as one text", "upstream.history",
           f"{NO} $.messages", changes_request_body(transcript)),
    compat("system-blank", "joins system messages with a space", "upstream.system", SYSTEM,
           hook("system", lambda original, request: (original(request) or "").replace("\n",
               " ") or None)),
    compat("system-turn", "forwards system messages as user messages", "upstream.system", SYSTEM,
           changes_request_body(system_as_user)),
    compat("system-own", "adds a system prompt", "upstream.system.none", SYSTEM,
           changes_request_body(add_prompt)),
    compat("system-first-part", "forwards only the first part of a system message",
           "upstream.system.array", SYSTEM, {"text": read_first_part}),
)  # fmt: skip

SAMPLING = (
    compat("limit-more", "adds 100 tokens to the limit", "upstream.max_tokens",
           f"{NO} $.max_tokens", hook("limit", lambda original, request: original(request) + 100)),
    compat("limit-new", "forwards only max_tokens as the limit", "upstream.max_completion_tokens",
           f"{NO} $.max_tokens",
           hook("limit", lambda original, request: request.body.get("max_tokens") or 4096)),
    compat("limit-short", "uses a default limit of 16 tokens", "upstream.max_tokens.absent",
           f"{NO} $.max_tokens", hook("limit", lambda original, request: request.limit or 16)),
    compat("temperature-falsy", "drops a temperature of 0", "upstream.temperature.zero",
           f"{NO} $.temperature", hook("temperature",
               lambda original, request: original(request) or None)),
    compat("temperature-halved", "halves temperatures",
           "upstream.temperature.within", f"{NO} $.temperature", hook("temperature",
               lambda original, request: original(request) and original(request) / 2)),
    compat("temperature-bound", "clamps temperatures to 0.9", "temperature", "clamped.forwarded",
           hook("temperature", lambda original, request: original(request) and min(
               original(request), 0.9))),
    compat("temperature-unclamped", "does not clamp temperatures", "temperature", "clamped.refused",
           hook("temperature", lambda original, request: request.body.get("temperature"))),
    compat("top_p-lost", "drops top_p", "upstream.top_p", f"{NO} $.top_p",
           changes_request_body(drops("top_p"))),
    compat("temperature-added", "adds a temperature to top_p", "upstream.top_p",
           f"{NO} $.temperature", hook("temperature",
               lambda original, request: original(request) or 1)),
    compat("stop-added", "adds a stop sequence", "upstream.stop.string", f"{NO} $.stop_sequences",
           hook("stop_sequences", lambda original, request: [*(
               original(request) or ()), "Human:"])),
    compat("stop-blank", "forwards blank stop sequences", "upstream.stop.blank",
           f"{NO} $.stop_sequences",
           hook("stop_sequences", lambda original, request: request.body.get("stop") or None)),
)  # fmt: skip

OTHER = (
    compat("image-type", "forwards every image as JPEG", "upstream.image",
           f"{NO} $.messages[0].content[1].source.media_type",
           changes_request_body(changes_images(sets(media_type="image/jpeg")))),
    compat("image-order", "reverses the order of images", "upstream.images",
           f"{NO} $.messages[0].content[0].source.data", changes_request_body(reverse_blocks)),
    compat("audio", "adds a text in place of audio", "upstream.audio", FIRST_CONTENT,
           changes_request_body(add_placeholder, has_part("input_audio"))),
    compat("audio-stripped", "adds a text in place of audio", "message.user.content.input_audio",
           "stripped.forwarded", changes_request_body(add_placeholder, has_part("input_audio"))),
    compat("thoughtless", "drops thinking", "upstream.thinking",
           f"{NO} $.thinking.type", changes_request_body(drops("thinking"))),
    compat("tier", "adds a service tier", "upstream.ignored", IGNORED,
           hook("extra_fields", add_service_tier)),
    compat("user", "forwards the user", "user", "ignored.forwarded",
           hook("extra_fields", add_user_id)),
    compat("effort", "enables thinking for reasoning_effort", "reasoning_effort",
           "ignored.forwarded", hook("extra_fields", add_thinking)),
    compat("seed", "forwards the seed to a provider without one", "seed", "ignored.refused",
           hook("extra_fields",
           lambda original, request: {k: request.body[k] for k in ("seed",) if k in request.body})),
    compat("hoisted-blank", "joins system messages with a space", "behaviour.hoist",
           "hoisted.forwarded", {"hoist": join_with_spaces}),
    compat("key-header", "forwards the key of the caller", "upstream.key",
           f"{NO} header authorization",
           adds_headers(TO_ANTHROPIC, ("authorization", f"Bearer {GATEWAY_KEY}"))),
    compat("key-body", "sends the caller's key as user id", "upstream.key",
           f"{NO} $..[?search(@, 'key:caller')]",
           changes_request_body(sets(metadata={"user_id": GATEWAY_KEY}))),
    compat("version-twice", "sends two version headers", "upstream.headers",
           f"{NO} single anthropic-version",
           adds_headers(TO_ANTHROPIC, ("anthropic-version", "2023-06-01"))),
    compat("type-twice", "sends the content type twice", "upstream.headers",
           f"{NO} single content-type",
           adds_headers(TO_ANTHROPIC, ("content-type", "application/json"))),
    compat("cookie", "forwards cookies of the caller", "upstream.headers.own", "when",
           adds_headers(TO_ANTHROPIC, ("cookie", "session=0123456789abcdef"))),
    compat("stream-plain", "streams for plain requests", "upstream.stream", f"{NO} $.stream",
           changes_request_body(drops("stream"))),
    compat("stream_options", "sends stream_options without stream", "upstream.stream_options",
           f"{NO} $.stream_options",
           changes_request_body(sets(stream_options={"include_usage": True}))),
)  # fmt: skip

UPSTREAM_REQUESTS = (*CONVERSATION, *SAMPLING, *OTHER)
