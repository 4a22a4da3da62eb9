"""Mutants of the Anthropic endpoint that change calls and results for the provider."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from harness.testbed.mutants.upstream.operators import (
    TO_OPENAI,
    Body,
    Change,
    changes_request,
    messages,
)

NO = "forwarded"
ASSISTANT = f"{NO} $.messages[?@.role=='assistant']"
ARGUMENTS = f"{ASSISTANT}.tool_calls[0].function.arguments"
RESULT = f"{NO} $.messages[?@.role=='tool'].content"
changes_request_body = partial(changes_request, TO_OPENAI)


def calls(body: Body) -> Iterator[Body]:
    for message in body["messages"]:
        yield from message.get("tool_calls") or ()


def results(body: Body) -> Iterator[Body]:
    return (message for message in body["messages"] if message["role"] == "tool")


def calls_as_text(body: Body) -> None:
    """Converts calls and results to text."""
    for message in body["messages"]:
        called = message.pop("tool_calls", None)
        if called:
            message["content"] = json.dumps(called)
        if message["role"] == "tool":
            text = f"[Tool result {message.pop('tool_call_id')}] {message['content']}"
            message.update(role="user", content=text)


def add_call_text(body: Body) -> None:
    for message in body["messages"]:
        if message.get("tool_calls") and not message["content"]:
            message["content"] = "(no content)"


def add_user_text(body: Body) -> None:
    """Adds a user text after a result."""
    if body["messages"][-1]["role"] == "tool":
        body["messages"].append({"role": "user", "content": "Continue."})


def drop_call_text(body: Body) -> None:
    for message in body["messages"]:
        if message.get("tool_calls"):
            message["content"] = None


def changes_arguments(change: Callable[[Body], Body]) -> Change:
    """Changes the arguments of calls."""

    def change_all(body: Body) -> None:
        for call in calls(body):
            arguments = change(json.loads(call["function"]["arguments"]))
            call["function"]["arguments"] = json.dumps(arguments)

    return change_all


def empty_arguments(body: Body) -> None:
    for call in calls(body):
        if call["function"]["arguments"] == "{}":
            call["function"]["arguments"] = ""


def match_by_order(body: Body) -> None:
    """Matches results to calls by their order."""
    ids = [call["id"] for call in calls(body)]
    for result, id_ in zip(results(body), ids, strict=False):
        result["tool_call_id"] = id_


def user_text_first(body: Body) -> None:
    """Moves user text before the results."""
    last = body["messages"][-1]
    if last["role"] == "user" and any(True for _ in results(body)):
        body["messages"].pop()
        body["messages"][0]["content"] += f"\n{last['content']}"


def result_as_json(original: Callable[[Body], tuple[Any, ...]], block: Body) -> tuple[Any, ...]:
    """Forwards a result in blocks as JSON text."""
    if isinstance(block.get("content"), list):
        return original({**block, "content": json.dumps(block["content"])})
    return original(block)


def drop_failed_content(body: Body) -> None:
    """Drops the content of a failed result."""
    for result in results(body):
        if "down" in result["content"]:
            result["content"] = "error"


def drop_images(body: Body) -> None:
    """Drops images in results."""
    if any(True for _ in results(body)):
        for message in body["messages"]:
            if isinstance(message.get("content"), list):
                message["content"] = [p for p in message["content"] if p["type"] == "text"]
        body["messages"] = [m for m in body["messages"] if m.get("content") != []]


UPSTREAM_RESULTS = (
    messages("calls-flat", "forwards calls and results as text", "upstream.tool_use",
             f"{ASSISTANT}.tool_calls", changes_request_body(calls_as_text)),
    messages("calls-flat-calls", "forwards calls and results as text", "upstream.tool_use.text",
             f"{NO} $.messages[?@.role=='assistant'].tool_calls[0].function.name",
             changes_request_body(calls_as_text)),
    messages("calls-invented", "adds a text to a call", "upstream.tool_use.alone",
             f"{NO} $.messages[?@.role=='assistant'].content", changes_request_body(add_call_text)),
    messages("results-invented", "adds a text after a result", "upstream.tool_use.alone",
             f"{NO} $.messages[-1].role", changes_request_body(add_user_text)),
    messages("calls-speechless", "drops the text next to a call", "upstream.tool_use.text",
             f"{ASSISTANT}.content", changes_request_body(drop_call_text)),
    messages("calls-truthy", "drops falsy input of a call", "upstream.tool_use.input",
             ARGUMENTS,
             changes_request_body(changes_arguments(
                 lambda arguments: {k: v for k, v in arguments.items() if v}))),
    messages("calls-unsaid", "sends empty arguments for a call without input",
             "upstream.tool_use.bare", ARGUMENTS, changes_request_body(empty_arguments)),
    messages("results-by-order", "matches results to calls by their order",
             "upstream.tool_results", "forward.lost",
             changes_request_body(match_by_order)),
    messages("results-after", "forwards user text before tool results",
             "upstream.tool_results", f"{NO} $.messages[-1].role",
             changes_request_body(user_text_first)),
    messages("results-json", "forwards a result in blocks as JSON text",
             "upstream.tool_result.blocks", RESULT, {"anthropic.result": result_as_json}),
    messages("results-unfailed", "drops the content of a failed result",
             "upstream.tool_result.error", RESULT, changes_request_body(drop_failed_content)),
    messages("results-unseen", "drops an image in a tool result",
             "upstream.tool_result.image", f"{NO} $..image_url.url",
             changes_request_body(drop_images)),
)  # fmt: skip
