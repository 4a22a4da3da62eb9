"""Mutants that answer Cursor's requests as if what has a foreign form were not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.clients import ANY_OF, client, lose_first_question
from harness.testbed.mutants.openai.operators import (
    Body,
)
from harness.testbed.mutants.tool_lists import keep_tools
from harness.testbed.mutation.rows import mutants_in
from harness.testbed.variants.editors import take_foreign_forms

RESPONSES_ONLY: Final = b'"include"'  # a field of requests of the Responses API
RESPONSE_EVENTS: Final = ("created", "completed")
RESPONSE: Final = {"id": "resp_1", "object": "response", "status": "completed", "output": []}
Change = Callable[[Body], Any]


def reads(change: Change) -> Overrides:
    """Changes each body before it is checked."""

    def parse(original: Callable[[Any], Body], request: Any) -> Body:
        body = original(request)
        change(body)
        return body

    return {"chat.parse": parse}


def takes_and_loses(change: Change) -> Overrides:
    """Takes the foreign forms, and loses something before they are read."""

    def parse(original: Callable[[Any], Body], request: Any) -> Body:
        def changed(request: Any) -> Body:
            body = original(request)
            change(body)
            return body

        return take_foreign_forms(changed, request)

    return {"chat.parse": parse}


def start_empty(body: Body) -> None:
    """Begins an empty conversation where there are no messages."""
    if not body.get("messages"):
        body["messages"] = [{"role": "user", "content": ""}]


def drop_outputs(body: Body) -> None:
    for item in body.get("input", ()):
        if item.get("type") == "function_call_output":
            item["output"] = ""


def keep_texts(body: Body) -> None:
    """Drops the parts that are no text, such as blocks of the other protocol."""
    for message in body.get("messages", ()):
        if isinstance(message.get("content"), list):
            texts = [part for part in message["content"] if part.get("type") == "text"]
            message["content"] = texts or "-"


def answer_in_responses_form(original: Callable[..., Any], request: Body, *rest: Any) -> Any:
    """Answers input with the events of the Responses API, as a server of that API does."""
    if RESPONSES_ONLY not in request["body"]:
        return original(request, *rest)
    events = [{"type": f"response.{name}", "response": RESPONSE} for name in RESPONSE_EVENTS]
    return {
        "status": 200,
        "headers": [("content-type", "text/event-stream")],
        "chunks": [f"data: {json.dumps(event)}\n\n".encode() for event in events],
        "pauses": [0.0] * len(events),
        "framing": "chunked",
        "end": "keep",
    }


def refuse_typed_get(original: Callable[..., Any], request: Body, *rest: Any) -> Any:
    """Refuses a GET with a content type."""
    if request["method"] == "GET" and header_values(request["headers"], "content-type"):
        raise RequestError(415, "A GET has no body.")
    return original(request, *rest)


def lost_tools(case: str, test: Callable[[Body], bool], description: str) -> Mutant:
    return client(f"cursor.{case}", "dropped", description, ANY_OF, reads(keep_tools(test)))


def is_flat_beside(body: Body) -> Callable[[Body], bool]:
    """Returns a test for flat tools; every tool passes it if there is no flat one."""
    flat = any(not is_nested(tool) for tool in body.get("tools", ()))
    return lambda tool: not (flat and is_nested(tool))


def is_nested(tool: Body) -> bool:
    return "function" in tool


CURSOR: tuple[Mutant, ...] = (
    *mutants_in("openai/cursor"),
    client("cursor.empty-calls", "lost", "takes an empty list of calls, and loses the first turn",
        ANY_OF, takes_and_loses(lose_first_question)),
    client("cursor.models", "typed", "refuses a GET with a content type", "status",
        {"handle": refuse_typed_get}),
    client("cursor.input", "empty", "takes a missing conversation for an empty one", ANY_OF,
        reads(start_empty)),
    client("cursor.input", "events", "answers with the events of the Responses API", "stream.chunk",
        {"chat.chat": answer_in_responses_form}),
    client("cursor.input-and-messages", "empty", "answers an empty conversation", ANY_OF,
        reads(start_empty)),
    client("cursor.input-history", "lost", "loses the outputs of calls among items", ANY_OF,
        takes_and_loses(drop_outputs)),
    lost_tools("tools-flat", lambda tool: is_nested(tool) or "parameters" not in tool,
        "drops flat tools"),
    lost_tools("tools-flat-schema", is_nested, "drops flat tools with input_schema"),
    lost_tools("tools-untyped", lambda tool: "type" in tool, "drops tools without a type"),
    lost_tools("tools-anthropic", is_nested, "drops tools of the Messages API"),
    lost_tools("tools-custom", is_nested, "drops custom tools"),
    client("cursor.tools-mixed", "others", "takes only the flat tools where there are some",
        ANY_OF, takes_and_loses(lambda body: keep_tools(is_flat_beside(body))(body))),
    client("cursor.blocks", "dropped", "drops blocks of the Messages API", ANY_OF,
        reads(keep_texts)),
)  # fmt: skip
