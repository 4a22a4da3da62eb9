"""The parts of a chat request, and for each the base request with that part alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, TypeVar

from harness.model import Json

Kind = TypeVar("Kind")
Simpler = Iterator[tuple[str, Kind]]
Body = dict[str, Json]
# Words in the name of a row, without separators, that show that the row is about the part.
NAMES: Mapping[str, tuple[str, ...]] = {
    "system": ("system", "developer", "hoist"),
}
INSTRUCTION = "Answer in English."
SYSTEM_ROLES = ("system", "developer")
# Members that cases use to examine something else, with the types of their usual values.
HELPERS: Mapping[str, tuple[type, ...]] = {
    "tools": (list,),
    "functions": (list,),
    "tool_choice": (str, dict),
    "function_call": (str, dict),
    "system": (str, list),
    "instructions": (str,),
    "stop": (list,),
    "stop_sequences": (list,),
    "max_tokens": (int,),
    "max_completion_tokens": (int,),
    "max_output_tokens": (int,),
}
# A tool as every server must accept it, apart from its form.
TOOL_NAME, TOOL_DESCRIPTION = "get_weather", "Get the current weather in a city."
TOOL_SCHEMA: Body = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
TOGETHER: Mapping[str, tuple[str, ...]] = {
    "tool_choice": ("tools",),
    "function_call": ("functions",),
}


class Prompt(NamedTuple):
    """The member with the conversation, and the type of its text parts."""

    member: str
    part: str


CHAT: Final = Prompt("messages", "text")
ITEMS: Final = Prompt("input", "input_text")  # of Responses


def simpler_bodies(
    body: Json, base: Json, names: str, is_part: bool, prompt: Prompt = CHAT
) -> Simpler[Body]:
    """Yield (description, body) of the base request with one part of `body` each.

    Args:
        names: The names of the case's row and field; what they name is what the case is about.
        is_part: Whether the case is about a part of requests. Then a request of the same form as
            the case's own is not a simpler one.
        prompt: Where the protocol has the conversation.
    """
    if not isinstance(body, dict) or not isinstance(base, dict):
        return
    words = letters(names)
    for label, simpler in (
        *parts_of_messages(body, base, words, prompt),
        *members(body, base, words),
    ):
        if not is_part or outline(simpler) != outline(body):
            yield label, simpler


def members(body: Body, base: Body, words: str) -> Simpler[Body]:
    """Yield the base request with one further top-level member of the request."""
    for key, kinds in HELPERS.items():
        value = None if key in base else body.get(key)
        if isinstance(value, kinds) and value and letters(key) not in words:
            needed = TOGETHER.get(key, ())
            if not all(name in body for name in needed):
                continue
            keep_names = isinstance(value, dict)  # a choice that names a tool
            added = {name: neutral(name, body[name], keep_names) for name in (*needed, key)}
            yield f"the base request with {key}", base | added


def neutral(key: str, value: Json, keep_names: bool) -> Json:
    """Return a usual value; instead of tools a usual one, which has nothing that is examined."""
    if key in ("system", "instructions"):
        return INSTRUCTION
    if key not in ("tools", "functions"):
        return value
    tools = [tool for tool in value if isinstance(tool, dict)]
    return [usual_tool(key, tool, keep_names) for tool in (tools if keep_names else tools[:1])]


def usual_tool(key: str, tool: Body, keep_name: bool) -> Body:
    """Return a usual tool in the form of the given one, if necessary with its name."""
    function = tool.get("function")
    if isinstance(function, dict):
        return {"type": "function", "function": usual_tool("functions", function, keep_name)}
    name = tool.get("name") if keep_name else TOOL_NAME
    kind = {"type": "function"} if tool.get("type") == "function" else {}  # of Responses
    schema = "parameters" if kind or key == "functions" else "input_schema"
    return {**kind, "name": name, "description": TOOL_DESCRIPTION, schema: TOOL_SCHEMA}


def parts_of_messages(body: Body, base: Body, words: str, prompt: Prompt) -> Simpler[Body]:
    """Yield base requests with a text part, an instruction and an earlier answer."""
    messages = list(map(as_message, as_list(body.get(prompt.member))))
    *_, user = conversation(base.get(prompt.member)) or [None]
    if not isinstance(user, dict):
        return
    roles = {str(message.get("role")) for message in messages}
    if any(has_parts(message.get("content")) for message in messages):
        parts = [{"type": prompt.part, "text": user.get("content")}]
        yield "a message with one text part", base | {prompt.member: [{**user, "content": parts}]}
    for role in SYSTEM_ROLES:
        if role in roles and not about("system", words):
            instruction = {"role": role, "content": INSTRUCTION}
            yield f"a request with a {role} message", base | {prompt.member: [instruction, user]}
    if "assistant" in roles:
        earlier = {"role": "assistant", "content": "ready"}
        yield "a request with an earlier answer", base | {prompt.member: [user, earlier, user]}


def conversation(prompt: Json) -> list[Json]:
    """Return the messages of a prompt; a text is one of the user."""
    return [{"role": "user", "content": prompt}] if isinstance(prompt, str) else as_list(prompt)


def about(part: str, words: str) -> bool:
    return any(name in words for name in NAMES[part])


def letters(name: str) -> str:
    """Return a name without separators, so that `tool.choice` contains `tool_choice`."""
    return re.sub(r"[^a-z ]", "", name.lower())


def outline(body: Body) -> Json:
    """Return the members of a request and the form of its messages, without texts.

    Several parts of a kind are like one.
    """
    messages = map(as_message, as_list(body.get("messages", body.get("input"))))
    keys = ("system", "tools", "input")
    others = [[key, content_outline(body[key])] for key in keys if key in body]
    return [
        sorted(body),
        others,
        [[m.get("role"), content_outline(m.get("content"))] for m in messages],
    ]


def content_outline(content: Json) -> Json:
    kinds = [" ".join(sorted(part)) for part in as_list(content) if isinstance(part, dict)]
    return list(dict.fromkeys(kinds)) or type(content).__name__


def as_message(message: Json) -> Body:
    """Return a message; a captured one is an earlier answer."""
    return message if isinstance(message, dict) else {"role": "assistant", "content": message}


def has_parts(content: Json) -> bool:
    """Return whether content is an array, or a captured value, which can be one."""
    return isinstance(content, list) or (isinstance(content, str) and content.startswith("$"))


def as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
