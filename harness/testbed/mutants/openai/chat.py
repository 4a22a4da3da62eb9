"""Mutants of openai-chat's own cases: messages, tools, errors, models and streams.

Most have the defect of another mutant, whose own case is in openai-compat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.errors import RequestError
from harness.testbed.mutants.openai import stream_operators as s
from harness.testbed.mutants.openai.error_operators import (
    error,
)
from harness.testbed.mutants.openai.operators import (
    Body,
    loses,
    values_at,
)
from harness.testbed.mutation.rows import mutants_in

CONTENT = "body $.choices[0].message.content"
COMPLETIONS = "/v1/chat/completions"
# The mutant with the same defect, the case that detects it here, and its rule.
SAME_DEFECT = (
    ("hoist.late-lost", "messages.system.late", "any_of"),
    ("hoist.first-only", "messages.system.second", "any_of"),
    ("hoist.parts-lost", "messages.system.parts", "any_of"),
    ("hoist.three", "messages.system.three", "any_of"),
    ("hoist.late-developer", "messages.developer.late", "any_of"),
    ("hoist.developer-parts-lost", "messages.developer.parts", "any_of"),
    ("tools.empty-crash", "tools.list.empty", "status"),
    ("tools.parameters-required", "tools.no-arguments", "status"),
    ("user.unknown-part", "messages.user.unknown-part", "rejected.refused"),
    ("assistant.parts-refused", "messages.assistant.parts", "status"),
    ("tools.name-shortened", "tools.name.longest",
     "body $.choices[0].message.tool_calls[*].function.name"),
    ("tools.description-lost", "tools.description", "more_than"),
    ("tools.parameters-lost", "tools.parameters", "any_of"),
    ("tools.malformed", "tools.definition.malformed", "rejected.refused"),
    ("tool_choice.impossible", "tools.choice.impossible", "rejected.refused"),
    ("result.by-order", "tools.results.by-id", CONTENT),
    ("result.unbound", "tools.results.unbound", "rejected.refused"),
    ("replay.with-text", "tools.replayed.with-text", "status"),
    ("past.empty-object", "tools.replayed.no-arguments", "status"),
    ("model.default", "errors.model-missing", "required.refused"),
    ("model.crash", "errors.model-wrong-type", "status"),
    ("n.two", "options.n.one", "body $.choices"),
    ("unknown.crash", "options.unknown", "status"),
    ("stream_options.crash", "options.stream_options.plain", "status"),
    ("auth.any-scheme", "auth.scheme", "rejected.refused"),
    ("headers.strange", "auth.sdk-headers", "status"),
    ("error.content-wrong-type-text", "errors.content-wrong-type", "rejected.refused"),
    ("max_tokens.crash", "limits.zero", "status"),
    ("past.empty-text", "tools.replayed.empty-arguments", "status"),
    ("tool_choice.auto-refused", "tools.auto.explicit", "status"),
    ("tools.parameters-kinds", "tools.parameters.kinds", "status"),
    ("tools.name-illegal", "tools.name.illegal", "rejected.refused"),
    ("tools.name-missing", "tools.name.missing", "required.refused"),
    ("functions.lost", "tools.functions", "any_of"),
    ("image.second-lost", "images.several", "any_of"),
    ("models.any", "models.retrieve.listed", "steps_agree list.data[-1:].id"),
)  # fmt: skip


def same_defects(*groups: Iterable[Mutant]) -> tuple[Mutant, ...]:
    """Returns the mutants of SAME_DEFECT, each for its case in openai-chat."""
    by_id = {mutant.id: mutant for group in groups for mutant in group}
    return tuple(
        replace(by_id[other], id=f"chat.{other}", case=case, rule=rule)
        for other, case, rule in SAME_DEFECT
    )


def keep_last_result(body: Body) -> None:
    for result in list(values_at(body, "messages", {"role": "tool"}))[:-1]:
        result["content"] = ""


def without_allow(original: Callable[..., Body], refusal: RequestError, *rest: Any) -> Body:
    refusal.headers = tuple(pair for pair in refusal.headers if pair[0] != "allow")
    return original(refusal, *rest)


def answer_get(original: Callable[..., Any], request: Mapping[str, Any], *rest: Any) -> Any:
    """Answers a GET of the completion path."""
    if (request["method"], request["path"]) == ("GET", COMPLETIONS):
        endpoint = original.__self__  # type: ignore[attr-defined]
        return endpoint.json_reply(200, {"status": "ok"}, [])
    return original(request, *rest)


def anthropic_error(data: Body, refusal: RequestError) -> Body:
    kept = {key: data["error"][key] for key in ("type", "message")}
    return {"type": "error", "error": kept, "request_id": "req_1"}


def numeric_code(data: Body, refusal: RequestError) -> Body:
    return {"error": {**data["error"], "code": refusal.status}}


OWN = (
    *mutants_in("openai/chat"),
    Mutant("chat.results-lost", "keeps only the last of several tool results",
           "tools.results.several", "any_of", loses(keep_last_result)),
    Mutant("chat.error-anthropic", "sends errors in Anthropic's envelope", "errors.object.keys",
           "when", error(anthropic_error)),
    Mutant("chat.error-numeric", "copies the status into the code", "errors.object.keys",
           "when", error(numeric_code)),
    Mutant("chat.no-allow", "sends a 405 without Allow", "errors.method.allow", "when",
           {"refuse": without_allow}),
    Mutant("chat.get", "answers a GET of the completion path", "errors.method.get", "any_of",
           {"handle": answer_get}),
)  # fmt: skip


def last_twice(original: Callable[[str], list[str]], text: str) -> list[str]:
    pieces = original(text)
    return [*pieces, *pieces[-1:]]


STREAMS = (
    Mutant("chat.stream-trimmed", "trims the pieces of a streamed text", "stream.text.exact",
           "any_of", {"text_pieces": lambda original, text: [p.strip() for p in original(text)]}),
    Mutant("chat.stream-twice", "sends the last piece of a streamed text twice",
           "stream.text.exact", "any_of", {"text_pieces": last_twice}),
    Mutant("chat.stream-whole", "streams the text in one piece", "stream.text.pieces",
           "events $[*].choices[*].delta.content",
           {"text_pieces": lambda original, text: [text] if text else []}),
    Mutant("chat.stream-calls", "ends every stream with tool_calls", "stream.chunks",
           "stream.finish-calls",
           s.each(lambda c: c.update(finish_reason=c["finish_reason"] and "tool_calls"))),
)  # fmt: skip
