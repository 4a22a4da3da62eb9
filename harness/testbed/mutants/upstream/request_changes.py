"""Changes that a gateway makes to the request that it forwards, for mutants."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.upstream.operators import Body


def is_forced(body: Body) -> bool:
    return body.get("tool_choice") in ("required", {"type": "any"})


def is_named(body: Body) -> bool:
    choice = body.get("tool_choice")
    return isinstance(choice, dict) and choice["type"] in ("function", "tool")


def add_tool(tool: Body) -> Callable[[Body], None]:
    return lambda body: body.update(tools=[*(body.get("tools") or ()), tool])


def add_advice(body: Body) -> None:
    """Adds a text of its own to the last user message."""
    last = [message for message in body["messages"] if message["role"] == "user"][-1]
    if isinstance(last["content"], str):
        last["content"] += "\nAnswer briefly."
    elif last["content"]:
        last["content"] = [*last["content"], {"type": "text", "text": "Answer briefly."}]


def drop_first_turn(body: Body) -> None:
    """Keeps only the last message, as a short context window does."""
    if not any("tool" in str(message) for message in body["messages"]):
        body["messages"] = body["messages"][-1:]


def swap_turns(body: Body) -> None:
    """Swaps the first and the last turn."""
    turns = [number for number, m in enumerate(body["messages"]) if m["role"] != "system"]
    if len(turns) == 3:
        first, last = turns[0], turns[-1]
        messages = body["messages"]
        messages[first], messages[last] = messages[last], messages[first]


def swap_results(value: Json) -> None:
    """Exchanges the contents of the first two tool results."""
    results: list[Body] = []
    for message in value["messages"]:
        content = message.get("content")
        blocks = content if isinstance(content, list) else ()
        results += [block for block in blocks if block["type"] == "tool_result"]
        results += [message] if message["role"] == "tool" else []
    if len(results) > 1:
        results[0]["content"], results[1]["content"] = results[1]["content"], results[0]["content"]


def drop_last_tool(body: Body) -> None:
    if len(body.get("tools") or ()) > 1:
        body["tools"] = body["tools"][:-1]


def double(name: str) -> Callable[[Body], None]:
    """Doubles a limit of the caller."""

    def change(body: Body) -> None:
        if body.get(name) == 321:
            body[name] = 642

    return change


def halve_temperature(body: Body) -> None:
    if "temperature" in body:
        body["temperature"] /= 2
