"""Asks again in another way where a model refuses, by name, a field that a case only uses.

The newest models refuse a forced tool call and a budget for thinking. Their documents permit that,
so a case that only needs a call, or a thought, asks once more: with `auto` and a plain prompt, or
with a budget in place of `adaptive`. The refusal stays in the record as an attempt of its own.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from harness.model import Call, Exchange, Json

SendCall = Callable[[Call], Awaitable[Exchange]]
BUDGET: Final = {"type": "enabled", "budget_tokens": 1024}
# How the error of a refusal names the field.
NAMES: Final = {
    "tool_choice": re.compile(rb"tool[\s_-]*choice", re.IGNORECASE),
    "thinking": re.compile(rb"thinking|adaptive", re.IGNORECASE),
}
# The type of a text part, by the member with the prompt.
TEXT_PARTS: Final = {"messages": "text", "input": "input_text"}
NOT_ABOUT_A_FIELD: Final = (401, 403, 404, 429)


async def send_with_alternative(send: SendCall, call: Call) -> Exchange:
    """Send a call, and its alternative if a field was refused by name; return one exchange."""
    first = await send(call)
    if not needs_alternative(call, first):
        return first
    return joined(call, first, await send(alternative(call)))


def needs_alternative(call: Call, exchange: Exchange) -> bool:
    """Whether the answer is a refusal that names the field without which the call can be sent."""
    status = exchange.status or 0
    refused = 400 <= status < 500 and status not in NOT_ABOUT_A_FIELD
    return bool(call.alternative and refused and NAMES[call.alternative].search(exchange.body))


def joined(call: Call, first: Exchange, second: Exchange) -> Exchange:
    """Return the second exchange with the attempts of both.

    What the first request forwarded is kept: it has the field that the case is about.
    """
    note = f"{call.alternative} was refused by name; asked again without it"
    attempts = tuple(replace(one, note=one.note or note) for one in first.attempts)
    return replace(
        second,
        attempts=(*attempts, *second.attempts),
        forwarded=first.forwarded,
        alternative=call.alternative,
    )


def alternative(call: Call) -> Call:
    """Return the call with the same purpose, without what was refused."""
    body = dict(call.body)
    if call.alternative == "thinking":
        body["thinking"] = {**body["thinking"], **BUDGET}  # it can have other members
    else:
        name = wanted_tool(body)
        body["tool_choice"] = unforced(body["tool_choice"])
        prompt = "messages" if "messages" in body else "input"
        body[prompt] = ask_for(body[prompt], f"Call the tool {name}.", TEXT_PARTS[prompt])
    return replace(call, body=body, alternative="")


def wanted_tool(body: Json) -> str:
    """Return the name of the forced tool, or that of the first one."""
    choice = body["tool_choice"]
    tools = body.get("tools", ())
    named = [choice, choice.get("function"), *tools] if isinstance(choice, dict) else []
    places = [*named, *tools, *(tool.get("function") for tool in tools)]
    names = (place.get("name") for place in places if isinstance(place, dict))
    return next((str(name) for name in names if name), "")


def unforced(choice: Json) -> Json:
    """Return the choice `auto` in the form of the protocol, with its other members."""
    if isinstance(choice, dict) and choice.get("type") in ("any", "tool"):
        return {**{key: choice[key] for key in choice if key != "name"}, "type": "auto"}
    return "auto"


def ask_for(messages: Json, sentence: str, part: str) -> Json:
    """Return the prompt with a sentence at the end of the user's last text.

    Args:
        messages: The messages or items; Responses can have one text in their place.
        part: The type of a text part.
    """
    if isinstance(messages, str):
        return f"{messages} {sentence}"
    last = max((i for i, each in enumerate(messages) if each.get("role") == "user"), default=None)
    if last is None:
        return [*messages, {"role": "user", "content": sentence}]
    content = messages[last].get("content")
    if isinstance(content, str):
        content = f"{content} {sentence}"
    else:
        content = [*(content or ()), {"type": part, "text": sentence}]
    return [*messages[:last], {**messages[last], "content": content}, *messages[last + 1 :]]
