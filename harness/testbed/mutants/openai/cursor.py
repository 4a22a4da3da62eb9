"""Mutants that answer Cursor's requests as if what has a foreign form were not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutants.tool_lists import keep_tools
from harness.testbed.variants.editors import take_foreign_forms

ANY_OF: Final = "any_of"
RESPONSES_ONLY: Final = b'"include"'  # a field of requests of the Responses API
RESPONSE_EVENTS: Final = ("created", "completed")
RESPONSE: Final = {"id": "resp_1", "object": "response", "status": "completed", "output": []}
Change = Callable[[Body], Any]


def client(case: str, name: str, description: str, rule: str, override: Overrides) -> Mutant:
    case = f"client.{case}"
    return Mutant(f"chat.{case}-{name}", description, f"openai-chat/{case}", rule, override)


def lose_first_question(body: Body) -> None:
    """Drops the first of several messages of the user."""
    users = [message for message in body["messages"] if message["role"] == "user"]
    if len(users) > 1:
        body["messages"].remove(users[0])


def takes_and_loses(change: Change) -> Overrides:
    """Takes the foreign forms, and loses something before they are read."""

    def parse(original: Callable[[Any], Body], request: Any) -> Body:
        def changed(request: Any) -> Body:
            body = original(request)
            change(body)
            return body

        return take_foreign_forms(changed, request)

    return {"chat.parse": parse}


def drop_outputs(body: Body) -> None:
    for item in body.get("input", ()):
        if item.get("type") == "function_call_output":
            item["output"] = ""


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


def is_flat_beside(body: Body) -> Callable[[Body], bool]:
    """Returns a test for flat tools; every tool passes it if there is no flat one."""
    flat = any(not is_nested(tool) for tool in body.get("tools", ()))
    return lambda tool: not (flat and is_nested(tool))


def is_nested(tool: Body) -> bool:
    return "function" in tool


CURSOR: tuple[Mutant, ...] = (
    client("cursor.empty-calls", "lost", "takes an empty list of calls, and loses the first turn",
        ANY_OF, takes_and_loses(lose_first_question)),
    client("cursor.input", "events", "answers with the events of the Responses API", "stream.chunk",
        {"chat.chat": answer_in_responses_form}),
    client("cursor.input-history", "lost", "loses the outputs of calls among items", ANY_OF,
        takes_and_loses(drop_outputs)),
    client("cursor.tools-mixed", "others", "takes only the flat tools where there are some",
        ANY_OF, takes_and_loses(lambda body: keep_tools(is_flat_beside(body))(body))),
)  # fmt: skip
