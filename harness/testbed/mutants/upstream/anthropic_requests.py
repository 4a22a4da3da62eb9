"""Mutants of the Anthropic front that ask something else of the provider behind them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from harness.testbed.gateway.model_types import Json
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.upstream.operators import (
    TO_OPENAI,
    Body,
    Change,
    adds,
    asks,
    blocks,
    drops,
    messages,
    sets,
    texts,
    twice,
)

NO = "forwarded"
SAID = f"{NO} $.messages[-1].content"
told = partial(asks, TO_OPENAI)


def hook(name: str, wrong: Callable[..., Any]) -> dict[str, Any]:
    return {f"{TO_OPENAI}.{name}": wrong}


def transcript(body: Body) -> None:
    lines = [f"{m['role']}: {m.get('content')}" for m in body["messages"]]
    body["messages"] = [{"role": "user", "content": "\n".join(lines)}]


def reversed_parts(body: Body) -> None:
    for message in body["messages"]:
        if isinstance(message.get("content"), list):
            message["content"].reverse()


def as_user(body: Body) -> None:
    """The system prompt is the user's words."""
    for message in body["messages"]:
        if message["role"] == "system":
            message["role"] = "user"


def last_block(original: Callable[[Body], str], body: Body) -> str:
    """Of a system prompt in blocks the last one."""
    system = body.get("system")
    return str(system[-1]["text"]) if isinstance(system, list) and system else original(body)


def own_prompt(body: Body) -> None:
    body["messages"].insert(0, {"role": "system", "content": "You are a helpful assistant."})


def thoughts(original: Callable[[Body], tuple[Any, ...]], block: Body) -> tuple[Any, ...]:
    """Old thoughts are words."""
    thought = block.get("thinking")
    return original({"type": "text", "text": f"<think>{thought}</think>"} if thought else block)


def strange_pictures(body: Body) -> None:
    for part in blocks(body, "image_url"):
        part["image_url"]["url"] = part["image_url"]["url"].replace("image/png", "image/jpeg")


def described(change: Change) -> Change:
    return lambda body: [change(tool["function"]) for tool in body.get("tools") or ()]


def shallow(function: Body) -> None:
    """Of each parameter its type."""
    inner = function["parameters"].get("properties", {})
    function["parameters"]["properties"] = {k: {"type": v.get("type")} for k, v in inner.items()}


def asked(choice: Json) -> Change:
    def change(body: Body) -> None:
        if body.get("tool_choice"):
            body["tool_choice"] = choice

    return change


TALK = (
    messages("ascii", "loses letters on the way to the provider", "upstream.text", SAID,
             told(texts(lambda text: text.encode("ascii", "ignore").decode()))),
    messages("trims", "trims what the user writes", "upstream.text.blanks", SAID,
             told(texts(str.strip))),
    messages("blocks-reversed", "turns blocks round", "upstream.blocks", SAID,
             told(reversed_parts)),
    messages("transcript", "tells a conversation as one text", "upstream.history",
             f"{NO} $.messages[-2].role", told(transcript)),
    messages("thoughts-said", "tells old thoughts as words", "upstream.thinking.replayed", "when",
             {"anthropic.part": thoughts}),
    messages("system-user", "tells the system prompt as the user's words", "upstream.system",
             f"{NO} $.messages[0].role", told(as_user)),
    messages("system-blank", "makes one line of the system prompt", "upstream.system",
             f"{NO} $.messages[0].content",
             hook("system", lambda original, request: [{**m, "content": m["content"].replace("\n",
                 " ")}
                                                 for m in original(request)])),
    messages("system-last-block", "reads the last block of a system prompt",
             "upstream.system.blocks", f"{NO} $", {"anthropic.system": last_block}),
    messages("system-own", "has a system prompt of its own", "upstream.system.none",
             f"{NO} $.messages[?@.role=='system' || @.role=='developer']", told(own_prompt)),
)  # fmt: skip

SAMPLED = (
    messages("limit-more", "adds a reserve to the limit", "upstream.max_tokens", f"{NO} $",
             told(lambda body: body.update(
                 max_completion_tokens=body["max_completion_tokens"] + 100))),
    messages("limit-lost", "forgets the limit", "upstream.max_tokens", f"{NO} $",
             told(drops("max_completion_tokens"))),
    messages("temperature-falsy", "takes a temperature of 0 for none",
             "upstream.temperature.zero", "when",
             hook("temperature", lambda original, request: original(request) or None)),
    messages("temperature-doubled", "doubles temperatures, to fit one range into the other",
             "upstream.temperature", f"{NO} $.temperature",
             hook("temperature",
                 lambda original, request: original(request) and original(request) * 2)),
    messages("top_p-added", "sends a top_p beside the temperature", "upstream.temperature",
             f"{NO} $.top_p", hook("top_p", lambda original, request: original(request) or 1)),
    messages("top_p-lost", "forgets top_p", "upstream.top_p", f"{NO} $.top_p",
             told(drops("top_p"))),
    messages("top_k", "sends top_k to a provider that knows none", "upstream.top_k", "status",
             hook("extra_fields",
             lambda original, request: {k: v for k, v in request.body.items() if k == "top_k"})),
    messages("stop-lost", "forgets stop sequences", "upstream.stop_sequences", f"{NO} $.stop",
             told(drops("stop"))),
    messages("stop-first", "sends the first stop sequence", "upstream.stop_sequences",
             f"{NO} $.stop", hook("stop_sequences", lambda original, request: (
                 original(request) or [])[:1] or None)),
    messages("user", "does not name the user", "upstream.metadata", f"{NO} $",
             told(drops("user"))),
    messages("effort", "forgets that it is to think", "upstream.thinking",
             f"{NO} $.reasoning_effort", told(drops("reasoning_effort"))),
    messages("effort-always", "lets every model think hard", "upstream.thinking.none",
             f"{NO} $.reasoning_effort", hook("reasoning_effort",
                 lambda original, request: "high")),
    messages("image-type", "takes every picture for a JPEG", "upstream.image",
             f"{NO} $.messages[-1].content[0].image_url.url", told(strange_pictures)),
    messages("image-order", "turns pictures and words round", "upstream.image",
             f"{NO} $.messages[-1].content[0].type", told(reversed_parts)),
)  # fmt: skip

TOOLS = (
    messages("described", "forgets what tools are for", "upstream.tools",
             f"{NO} $.tools[0].function.description", told(described(drops("description")))),
    messages("schema-lost", "forgets the schema of tools", "upstream.tools",
             f"{NO} $.tools[0].function.parameters.properties",
             told(described(sets(parameters={"type": "object"})))),
    messages("schema-shallow", "keeps the types of a schema alone", "upstream.tools.schema",
             f"{NO} $.tools[0].function.parameters.properties.days", told(described(shallow))),
    messages("choice-auto", "leaves the model free that must call", "upstream.tool_choice.any",
             f"{NO} $.tool_choice", told(asked("auto"))),
    messages("choice-required", "asks for any tool in place of the one",
             "upstream.tool_choice.tool", f"{NO} $.tool_choice.type", told(asked("required"))),
    messages("choice-none", "forgets that no tool may be called", "upstream.tool_choice.none",
             "when", told(drops("tool_choice"))),
    messages("choice-forced", "asks for a call where the model is free",
             "upstream.tool_choice.auto", f"{NO} $.tool_choice", told(asked("required"))),
    messages("parallel", "forgets that there may be one call at most", "upstream.parallel",
             f"{NO} $.parallel_tool_calls", told(drops("parallel_tool_calls"))),
)  # fmt: skip

REST = (
    messages("key-header", "sends the caller's key on", "upstream.key", f"{NO} header x-api-key",
             adds(TO_OPENAI, ("x-api-key", GATEWAY_KEY))),
    messages("key-body", "names the caller by its key", "upstream.key",
             f"{NO} $..[?search(@, 'key:caller')]", told(sets(user=GATEWAY_KEY))),
    messages("type-twice", "says twice what it sends", "upstream.headers",
             f"{NO} once content-type", adds(TO_OPENAI, ("content-type", "application/json"))),
    messages("asks-twice", "asks the provider twice", "upstream.once", f"{NO} times",
             twice(TO_OPENAI)),
    messages("stream-plain", "makes streams of plain answers", "upstream.stream",
             f"{NO} $.stream", told(drops("stream", "stream_options"))),
    messages("uncounted", "asks for no figures in a stream", "upstream.stream",
             f"{NO} $.stream_options.include_usage", told(drops("stream_options"))),
    messages("stream_options", "sends stream_options on a plain call", "upstream.stream_options",
             "status", hook("stream_options", lambda original, request: {"include_usage": True})),
)  # fmt: skip

UPSTREAM_MESSAGES = (*TALK, *SAMPLED, *TOOLS, *REST)
