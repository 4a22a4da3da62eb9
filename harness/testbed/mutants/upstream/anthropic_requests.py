"""Mutants of the Anthropic endpoint that change the request to the provider."""

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
    adds_headers,
    blocks,
    changes_request,
    drops,
    messages,
    sets,
    texts,
)

NO = "forwarded"
LAST_CONTENT = f"{NO} $.messages[-1].content"
changes_request_body = partial(changes_request, TO_OPENAI)


def hook(name: str, override: Callable[..., Any]) -> dict[str, Any]:
    return {f"{TO_OPENAI}.{name}": override}


def transcript(body: Body) -> None:
    lines = [f"{m['role']}: {m.get('content')}" for m in body["messages"]]
    body["messages"] = [{"role": "user", "content": "\n".join(lines)}]


def reverse_parts(body: Body) -> None:
    for message in body["messages"]:
        if isinstance(message.get("content"), list):
            message["content"].reverse()


def as_user(body: Body) -> None:
    """Moves the system prompt into a user message."""
    for message in body["messages"]:
        if message["role"] == "system":
            message["role"] = "user"


def read_last_block(original: Callable[[Body], str], body: Body) -> str:
    """Returns the last block of the system prompt."""
    system = body.get("system")
    return str(system[-1]["text"]) if isinstance(system, list) and system else original(body)


def add_prompt(body: Body) -> None:
    body["messages"].insert(0, {"role": "system", "content": "You are a helpful assistant."})


def thinking_as_text(original: Callable[[Body], tuple[Any, ...]], block: Body) -> tuple[Any, ...]:
    """Forwards earlier thinking as text."""
    thought = block.get("thinking")
    return original({"type": "text", "text": f"<think>{thought}</think>"} if thought else block)


def change_image_type(body: Body) -> None:
    for part in blocks(body, "image_url"):
        part["image_url"]["url"] = part["image_url"]["url"].replace("image/png", "image/jpeg")


def each_function(change: Change) -> Change:
    return lambda body: [change(tool["function"]) for tool in body.get("tools") or ()]


def flatten_schema(function: Body) -> None:
    """Keeps only the type of each parameter."""
    inner = function["parameters"].get("properties", {})
    function["parameters"]["properties"] = {k: {"type": v.get("type")} for k, v in inner.items()}


def replaces_choice(choice: Json) -> Change:
    def change(body: Body) -> None:
        if body.get("tool_choice"):
            body["tool_choice"] = choice

    return change


CONVERSATION = (
    messages("ascii", "drops characters before forwarding", "upstream.text", LAST_CONTENT,
             changes_request_body(texts(lambda text: text.encode("ascii", "ignore").decode()))),
    messages("trims", "trims user messages", "upstream.text.blanks", LAST_CONTENT,
             changes_request_body(texts(str.strip))),
    messages("blocks-reversed", "reverses the order of blocks", "upstream.blocks", LAST_CONTENT,
             changes_request_body(reverse_parts)),
    messages("transcript", "forwards a conversation as one text", "upstream.history",
             f"{NO} $.messages[?@.role=='assistant'].content", changes_request_body(transcript)),
    messages("thoughts-said", "forwards earlier thinking as text", "upstream.thinking.replayed",
             "when", {"anthropic.part": thinking_as_text}),
    messages("system-user", "forwards the system prompt as a user message", "upstream.system",
             f"{NO} $.messages[0].role", changes_request_body(as_user)),
    messages("system-blank", "replaces line ends in the system prompt", "upstream.system",
             f"{NO} $.messages[0].content",
             hook("system", lambda original, request: [{**m, "content": m["content"].replace("\n",
                 " ")}
                                                 for m in original(request)])),
    messages("system-last-block", "forwards only the last block of the system prompt",
             "upstream.system.blocks", f"{NO} $", {"anthropic.system": read_last_block}),
    messages("system-own", "adds a system prompt", "upstream.system.none",
             f"{NO} $.messages[?@.role=='system' || @.role=='developer']",
             changes_request_body(add_prompt)),
)  # fmt: skip

SAMPLING = (
    messages("limit-more", "adds 100 tokens to the limit", "upstream.max_tokens", f"{NO} $",
             changes_request_body(lambda body: body.update(
                 max_completion_tokens=body["max_completion_tokens"] + 100))),
    messages("limit-lost", "drops the limit", "upstream.max_tokens", f"{NO} $",
             changes_request_body(drops("max_completion_tokens"))),
    messages("temperature-falsy", "drops a temperature of 0",
             "upstream.temperature.zero", "when",
             hook("temperature", lambda original, request: original(request) or None)),
    messages("temperature-doubled", "doubles temperatures",
             "upstream.temperature", f"{NO} $.temperature",
             hook("temperature",
                 lambda original, request: original(request) and original(request) * 2)),
    messages("top_p-added", "adds a top_p to the temperature", "upstream.temperature",
             f"{NO} $.top_p", hook("top_p", lambda original, request: original(request) or 1)),
    messages("top_p-lost", "drops top_p", "upstream.top_p", f"{NO} $.top_p",
             changes_request_body(drops("top_p"))),
    messages("top_k", "forwards top_k to a provider without it", "upstream.top_k", f"{NO} $.top_k",
             hook("extra_fields",
             lambda original, request: {k: v for k, v in request.body.items() if k == "top_k"})),
    messages("stop-lost", "drops stop sequences", "upstream.stop_sequences", f"{NO} $.stop",
             changes_request_body(drops("stop"))),
    messages("stop-first", "forwards only the first stop sequence", "upstream.stop_sequences",
             f"{NO} $.stop", hook("stop_sequences", lambda original, request: (
                 original(request) or [])[:1] or None)),
    messages("user", "drops the user id", "upstream.metadata", f"{NO} $",
             changes_request_body(drops("user"))),
    messages("effort", "drops thinking", "upstream.thinking",
             f"{NO} $.reasoning_effort", changes_request_body(drops("reasoning_effort"))),
    messages("effort-always", "always requests high reasoning effort", "upstream.thinking.none",
             f"{NO} $.reasoning_effort", hook("reasoning_effort",
                 lambda original, request: "high")),
    messages("image-type", "forwards every image as JPEG", "upstream.image",
             f"{NO} $.messages[-1].content[0].image_url.url",
             changes_request_body(change_image_type)),
    messages("image-order", "reverses the order of images and text", "upstream.image",
             f"{NO} $.messages[-1].content[0].type", changes_request_body(reverse_parts)),
)  # fmt: skip

TOOLS = (
    messages("described", "drops tool descriptions", "upstream.tools",
             f"{NO} $.tools[0].function.description",
             changes_request_body(each_function(drops("description")))),
    messages("schema-lost", "drops tool schemas", "upstream.tools",
             f"{NO} $.tools[0].function.parameters.properties",
             changes_request_body(each_function(sets(parameters={"type": "object"})))),
    messages("schema-shallow", "keeps only the types of a schema", "upstream.tools.schema",
             f"{NO} $.tools[0].function.parameters.properties.days",
             changes_request_body(each_function(flatten_schema))),
    messages("choice-auto", "forwards a required call as auto", "upstream.tool_choice.any",
             f"{NO} $.tool_choice", changes_request_body(replaces_choice("auto"))),
    messages("choice-required", "forwards a named tool as any",
             "upstream.tool_choice.tool", f"{NO} $.tool_choice.type",
             changes_request_body(replaces_choice("required"))),
    messages("choice-none", "drops tool_choice none", "upstream.tool_choice.none",
             "when", changes_request_body(drops("tool_choice"))),
    messages("choice-forced", "forwards tool_choice auto as any",
             "upstream.tool_choice.auto", f"{NO} $.tool_choice",
             changes_request_body(replaces_choice("required"))),
    messages("parallel", "drops disable_parallel_tool_use", "upstream.parallel",
             f"{NO} $.parallel_tool_calls", changes_request_body(drops("parallel_tool_calls"))),
)  # fmt: skip

OTHER = (
    messages("key-header", "forwards the key of the caller", "upstream.key",
             f"{NO} header x-api-key", adds_headers(TO_OPENAI, ("x-api-key", GATEWAY_KEY))),
    messages("key-body", "sends the caller's key as user id", "upstream.key",
             f"{NO} $..[?search(@, 'key:caller')]", changes_request_body(sets(user=GATEWAY_KEY))),
    messages("type-twice", "sends the content type twice", "upstream.headers",
             f"{NO} single content-type",
             adds_headers(TO_OPENAI, ("content-type", "application/json"))),
    messages("stream-plain", "streams for plain requests", "upstream.stream",
             f"{NO} $.stream", changes_request_body(drops("stream", "stream_options"))),
    messages("uncounted", "does not request usage in streams", "upstream.stream",
             f"{NO} $.stream_options.include_usage", changes_request_body(drops("stream_options"))),
    messages("stream_options", "sends stream_options without stream", "upstream.stream_options",
             f"{NO} $", hook("stream_options", lambda original, request: {"include_usage": True})),
)  # fmt: skip

UPSTREAM_MESSAGES = (*CONVERSATION, *SAMPLING, *TOOLS, *OTHER)
