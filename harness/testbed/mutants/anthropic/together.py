"""Mutants that lose or damage something beside something else of the same Messages request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelRequest, Part
from harness.testbed.mutants.anthropic.operators import (
    answers,
    block,
    loses,
    misreads,
    mutant,
)
from harness.testbed.mutants.combinations import (
    count_no_calls,
    cut_content,
    first_and_last_turns,
    first_choice,
    is_later,
    no_schema_if,
    quoted,
    system_without_tools,
)
from harness.testbed.mutants.openai.operators import Body, values_at
from harness.testbed.mutation.rows import mutants_in

TEXT = "body $.content[?@.type=='text'].text"
CALL = "body $.content[?@.type=='tool_use']"


def cut_user_texts(body: Body) -> None:
    """Keeps the beginning of the text of each message of the user."""
    for message in values_at(body, "messages", {"role": "user"}):
        cut_content(message)


def cut_results(body: Body) -> None:
    """Keeps the beginning of the text of each result of a tool."""
    for result in values_at(body, "messages", "*", "content", {"type": "tool_result"}):
        cut_content(result)


def drop_images_of_result(
    original: Callable[[Body], tuple[Part, ...]], result: Body
) -> tuple[Part, ...]:
    """Forwards the text of a tool's result, without its images."""
    return original(result)[:1]


def keep_title(original: Callable[[Body], tuple[str, ...]], document: Body) -> tuple[str, ...]:
    """Forwards the first of title, context and content."""
    return original(document)[:1]


def has_effort(request: ModelRequest) -> bool:
    return "effort" in (request.body.get("output_config") or {})


def quote_all(call: Body) -> None:
    """Writes all values of the input as texts."""
    call["input"] = quoted(call["input"])


def charge_thinking_apart(body: Body, whole: Body) -> None:
    """Leaves the tokens of thinking out of the output tokens."""
    details: Json = whole["usage"]["output_tokens_details"]
    if details["thinking_tokens"]:
        whole["usage"]["output_tokens"] = 1


def together(name: str, description: str, case: str, rule: str, override: Overrides) -> Any:
    return mutant(f"together.{name}", description, case, rule, override)


ANTHROPIC_TOGETHER = (
    *mutants_in("anthropic/together"),
    together("system", "drops the system prompt beside tools", "system.beside-tools", "any_of",
             misreads(system=system_without_tools)),
    together("system-history", "drops the system prompt after the first answer",
             "system.beside-history", "any_of",
             misreads(system=lambda request: "" if is_later(request) else request.system)),
    together("middle", "keeps the first and the last three turns", "messages.history.middle",
             "any_of",
             misreads(turns=first_and_last_turns)),
    together("long", "cuts texts after 1000 characters", "messages.long", "more_than",
             loses(cut_user_texts)),
    together("long-result", "cuts results of tools after 1000 characters", "tools.result.long",
             "more_than", loses(cut_results)),
    together("result-image", "drops images of results", "images.tool_result.seen", "any_of",
             {"anthropic.result": drop_images_of_result}),
    together("title", "forwards the title instead of a document", "documents.titled", "any_of",
             {"anthropic.document": keep_title}),
    together("later", "lets the model choose later in a conversation", "tool_choice.any.later",
             f"{CALL}.name",
             misreads(choice=first_choice)),
    together("types", "writes all values of the input as texts", "tools.strict.types",
             f"{CALL}.input", block("tool_use", quote_all)),
    together("format", "ignores the format in conversations", "output_config.format.conversation",
             TEXT, misreads(json_schema=no_schema_if(is_later))),
    together("format-effort", "ignores the format beside an effort",
             "output_config.format.beside-effort", TEXT,
             misreads(json_schema=no_schema_if(has_effort))),
    together("calls-free", "counts no tokens of calls", "response.usage.calls",
             "body $.usage.output_tokens", {"anthropic.usage": count_no_calls}),
    together("thinking-apart", "counts thinking in its details only",
             "response.usage.thinking_tokens",
             "body $[?@.output_tokens_details.thinking_tokens > @.output_tokens]",
             answers(charge_thinking_apart)),
)  # fmt: skip
