"""The tool calls of an answer, in each protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.model import Answer, Json
from harness.util import jsonpath

NAMES: Final = (
    "$.choices[*].message.tool_calls[*].function.name",
    "$.choices[*].message.function_call.name",
    "$.content[?@.type=='tool_use'].name",
    "$.output[?@.type=='function_call'].name",
)
TEXTS: Final = (
    "$.choices[*].message.content",
    "$.content[*].text",
    "$.output[*].content[*].text",
)


def called_names(answer: Answer) -> Iterator[str]:
    """Yield the names of the tools that an answer calls."""
    for path in NAMES:
        yield from (value for _, value in jsonpath.find(path, answer.body))


def called_instead(answer: Answer) -> bool:
    """Return whether an answer has a tool call and no text, where the model may choose.

    A model can call a tool again where a case expects words.
    """
    body = answer.request if isinstance(answer.request, Mapping) else {}
    choice = body.get("tool_choice", body.get("function_call"))
    kind = choice.get("type") if isinstance(choice, Mapping) else choice
    free = bool(body.get("tools") or body.get("functions")) and kind in (None, "auto")
    return free and any(called_names(answer)) and not has_text(answer.body)


def has_text(body: Json) -> bool:
    """Return whether an answer has a text that is not empty."""
    return any(value for path in TEXTS for _, value in jsonpath.find(path, body))
