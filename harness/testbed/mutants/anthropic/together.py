"""Mutants that lose or damage something beside something else of the same Messages request."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest, Part
from harness.testbed.mutants.anthropic.operators import (
    answer,
    answers,
    block,
    loses,
    misreads,
    mutant,
)
from harness.testbed.mutants.openai.operators import Body, sets, values_at

TEXT = "body $.content[?@.type=='text'].text"
CALL = "body $.content[?@.type=='tool_use']"
LONGEST = 1000  # characters of a text that a mutant keeps
DETAILS = {"type": "refusal", "category": "cyber", "explanation": "It was not refused."}


def cut_user_texts(body: Body) -> None:
    """Keeps the beginning of the text of each message of the user."""
    for message in values_at(body, "messages", {"role": "user"}):
        if isinstance(message["content"], str):
            message["content"] = message["content"][:LONGEST]


def cut_results(body: Body) -> None:
    """Keeps the beginning of the text of each result of a tool."""
    for result in values_at(body, "messages", "*", "content", {"type": "tool_result"}):
        if isinstance(result.get("content"), str):
            result["content"] = result["content"][:LONGEST]


def drops_images_of_results(
    original: Callable[[Body], tuple[Part, ...]], result: Body
) -> tuple[Part, ...]:
    """Forwards the text of a tool's result, without its images."""
    return original(result)[:1]


def keep_title(original: Callable[[Body], tuple[str, ...]], document: Body) -> tuple[str, ...]:
    """Forwards the first of title, context and content."""
    return original(document)[:1]


def no_format_if(test: Callable[[ModelRequest], bool]) -> Overrides:
    """Ignores the format of the answer in some requests."""
    return misreads(json_schema=lambda request: None if test(request) else request.json_schema)


def has_effort(request: ModelRequest) -> bool:
    return "effort" in (request.body.get("output_config") or {})


def quote_all(call: Body) -> None:
    """Writes all values of the input as texts."""
    call["input"] = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in call["input"].items()
    }


def changes_text(change: Callable[[str], str]) -> Overrides:
    """Changes the texts of answers before they are written or streamed."""

    def text_block(original: Callable[[str], Body], text: str) -> Body:
        return original(change(text))

    return {"anthropic.text_block": text_block}


def count_no_calls(original: Callable[[ModelReply], Body], reply: ModelReply) -> Body:
    """Counts no tokens of calls."""
    return original(replace(reply, output_tokens=0) if reply.calls else reply)


def charge_thinking_apart(body: Body, whole: Body) -> None:
    """Leaves the tokens of thinking out of the output tokens."""
    details: Json = whole["usage"]["output_tokens_details"]
    if details["thinking_tokens"]:
        whole["usage"]["output_tokens"] = 1


def together(name: str, description: str, case: str, rule: str, override: Overrides) -> Any:
    return mutant(f"together.{name}", description, case, rule, override)


ANTHROPIC_TOGETHER = (
    together("system", "drops the system prompt beside tools", "system.beside-tools", "any_of",
             misreads(system=lambda request: "" if request.tools else request.system)),
    together("system-history", "drops the system prompt after the first answer",
             "system.beside-history", "any_of",
             misreads(system=lambda r: r.system if len(r.turns) == 1 else "")),
    together("middle", "keeps the first and the last three turns", "messages.history.middle",
             "any_of",
             misreads(turns=lambda request: (*request.turns[:1], *request.turns[1:][-3:]))),
    together("long", "cuts texts after 1000 characters", "messages.long", "more_than",
             loses(cut_user_texts)),
    together("long-result", "cuts results of tools after 1000 characters", "tools.result.long",
             "more_than", loses(cut_results)),
    together("result-image", "drops images of results", "images.tool_result.seen", "any_of",
             {"anthropic.result": drops_images_of_results}),
    together("title", "forwards the title instead of a document", "documents.titled", "any_of",
             {"anthropic.document": keep_title}),
    together("later", "lets the model choose later in a conversation", "tool_choice.any.later",
             f"{CALL}.name",
             misreads(choice=lambda r: r.choice if len(r.turns) == 1 else "auto")),
    together("types", "writes all values of the input as texts", "tools.strict.types",
             f"{CALL}.input", block("tool_use", quote_all)),
    together("format", "ignores the format in conversations", "output_config.format.conversation",
             TEXT, no_format_if(lambda request: len(request.turns) > 1)),
    together("format-tools", "ignores the format beside tools",
             "output_config.format.beside-tools", TEXT,
             no_format_if(lambda request: bool(request.tools))),
    together("format-effort", "ignores the format beside an effort",
             "output_config.format.beside-effort", TEXT, no_format_if(has_effort)),
    together("markup", "escapes markup in texts", "response.content.markup", TEXT,
             changes_text(lambda text: html.escape(text, quote=False))),
    together("lines", "joins the lines of texts", "response.content.lines", TEXT,
             changes_text(lambda text: text.replace("\n", " "))),
    together("calls-free", "counts no tokens of calls", "response.usage.calls",
             "body $.usage.output_tokens", {"anthropic.usage": count_no_calls}),
    together("details", "sends details of a refusal in every answer", "response.stop_details",
             "body $.stop_details", answer(sets(stop_details=DETAILS))),
    together("thinking-apart", "counts thinking in its details only",
             "response.usage.thinking_tokens",
             "body $[?@.output_tokens_details.thinking_tokens > @.output_tokens]",
             answers(charge_thinking_apart)),
)  # fmt: skip
