"""Mutants that change requests to the provider in ways that rows of a file cannot express."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Headers
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelReply, ModelRequest
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    TO_OPENAI,
    Body,
    changes_request,
    chat,
    compat,
    messages,
)

NO = "forwarded"
ASSISTANT = f"{NO} $.messages[?@.role=='assistant']"
JSON = ("content-type", "application/json")


def repeats_header(side: str, pair: tuple[str, str]) -> Overrides:
    """Sends a header twice to the provider."""

    def headers(original: Callable[[ModelRequest], Headers], request: ModelRequest) -> Headers:
        return [*original(request), pair]

    return {f"{side}.headers": headers}


def transcript(body: Body) -> None:
    pairs = [(message["role"], message.get("content")) for message in body["messages"]]
    lines = [f"{role}: {c if isinstance(c, str) else json.dumps(c)}" for role, c in pairs]
    body["messages"] = [{"role": "user", "content": "\n".join(lines)}]


def blocks_as_text(body: Body) -> None:
    """Converts calls and results to text, for a provider of Messages."""
    for message in body["messages"]:
        for block in message["content"]:
            if block["type"] in ("tool_use", "tool_result"):
                text = json.dumps(block)
                block.clear()
                block.update(type="text", text=text)


def calls_as_text(body: Body) -> None:
    """Converts calls and results to text, for a provider of Chat Completions."""
    for message in body["messages"]:
        called = message.pop("tool_calls", None)
        if called:
            message["content"] = json.dumps(called)
        if message["role"] == "tool":
            text = f"[Tool result {message.pop('tool_call_id')}] {message['content']}"
            message.update(role="user", content=text)


def user_text_first(body: Body) -> None:
    """Moves user text before the results."""
    last = body["messages"][-1]
    if last["role"] == "user" and any(m["role"] == "tool" for m in body["messages"]):
        body["messages"].pop()
        body["messages"][0]["content"] += f"\n{last['content']}"


def lower_names(body: Body) -> None:
    for tool in body.get("tools") or ():
        owner = tool.get("function", tool)
        owner["name"] = owner["name"].lower()


def counts_by_completion(side: str) -> Overrides:
    """Counts tokens by a completion."""

    def count(original: Callable[[ModelRequest], int], request: ModelRequest) -> int:
        client: Any = original.__self__  # type: ignore[attr-defined]
        reply: ModelReply = client.complete(request)
        return reply.input_tokens

    return {f"{side}.count": count}


CHANGED_REQUESTS: tuple[Mutant, ...] = (
    compat("transcript", "forwards a conversation as one text", "upstream.history",
           f"{NO} $.messages", changes_request(TO_ANTHROPIC, transcript)),
    messages("transcript", "forwards a conversation as one text", "upstream.history",
             f"{ASSISTANT}.content", changes_request(TO_OPENAI, transcript)),
    compat("version-twice", "sends two version headers", "upstream.headers",
           f"{NO} single anthropic-version",
           repeats_header(TO_ANTHROPIC, ("anthropic-version", "2023-06-01"))),
    compat("type-twice", "sends the content type twice", "upstream.headers",
           f"{NO} single content-type", repeats_header(TO_ANTHROPIC, JSON)),
    messages("type-twice", "sends the content type twice", "upstream.headers",
             f"{NO} single content-type", repeats_header(TO_OPENAI, JSON)),
    compat("calls-flat", "forwards calls and results as text", "upstream.tool_calls",
           f"{NO} $.messages[1].content[?@.type=='tool_use'].name",
           changes_request(TO_ANTHROPIC, blocks_as_text)),
    messages("calls-flat", "forwards calls and results as text", "upstream.tool_use",
             f"{ASSISTANT}.tool_calls", changes_request(TO_OPENAI, calls_as_text)),
    messages("calls-flat-calls", "forwards calls and results as text", "upstream.tool_use.text",
             f"{ASSISTANT}.tool_calls[0].function.name",
             changes_request(TO_OPENAI, calls_as_text)),
    messages("results-after", "forwards user text before tool results",
             "upstream.tool_results", f"{NO} $.messages[-1].role",
             changes_request(TO_OPENAI, user_text_first)),
    chat("names", "forwards names of tools in small letters", "integrity.tools.client-name",
         f"{NO} $.tools[0].name", changes_request(TO_ANTHROPIC, lower_names)),
    messages("names", "forwards names of tools in small letters", "integrity.tools.client-name",
             f"{NO} $.tools[0].function.name", changes_request(TO_OPENAI, lower_names)),
    messages("counts-by-completion", "counts tokens by a completion",
             "upstream.once.count_tokens", "forward.once", counts_by_completion(TO_OPENAI)),
)  # fmt: skip
