"""Mutants that lose a newer field of Messages in the translation for another protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelRequest, Usage
from harness.testbed.mutants.upstream.messages_features import BY_ADDRESS, NO
from harness.testbed.mutants.upstream.operators import (
    TO_OPENAI,
    Body,
    changes_headers,
    changes_request,
    drops,
    messages,
)
from harness.testbed.mutants.upstream.refusal_operators import forgives, refuses_nothing


def hoist_to_start(body: Body) -> None:
    """Moves all instructions before the first turn."""
    body["messages"].sort(key=lambda message: message["role"] != "system")


def answers_status(status: int, other: int) -> Overrides:
    """Answers one status of the provider with another one."""

    def change(original: Callable[..., int], request: ModelRequest, got: int) -> int:
        return other if got == status else original(request, got)

    return {f"{TO_OPENAI}.status": change}


def counts(change: Callable[[Usage], Usage]) -> Overrides:
    return {f"{TO_OPENAI}.usage": lambda original, body: change(original(body))}


TRANSLATED_FEATURES = (
    messages("late-system.first", "moves instructions before the first turn",
             "upstream.system.late", f"{NO} $.messages[2].role",
             changes_request(TO_OPENAI, hoist_to_start)),
    messages("strict.lost", "drops strict from tools", "tools.strict",
             f"{NO} $.tools[0].function.strict",
             changes_request(TO_OPENAI, lambda body: [
                 tool["function"].pop("strict", None) for tool in body.get("tools") or ()])),
    messages("untranslatable", "drops tools that the provider does not have", "tools.web_search",
             f"{NO} $", refuses_nothing(f"{TO_OPENAI}.check_translatable")),
    *(messages(f"{name}.dropped", f"drops {name} before a provider of the other protocol",
               name, "honoured_or_refused.forwarded", forgives(TO_OPENAI, drops(name)))
      for name in ("inference_geo", "speed", "diagnostics")),
    messages("document-url.dropped", "answers without a document that it would have to fetch",
             "documents.url", f"{NO} {BY_ADDRESS}",
             refuses_nothing(f"{TO_OPENAI}.check_translatable")),
    messages("document.dropped", "drops documents in the translation", "messages.document",
             f"{NO} $..[?search(@, 'The lighthouse stood')]",
             {"anthropic.document": lambda original, block: ()}),
    messages("efforts", "drops the effort", "output_config.effort", f"{NO} $.reasoning_effort",
             changes_request(TO_OPENAI, drops("reasoning_effort"))),
    messages("conflict", "calls a conflict of the provider an invalid request",
             "upstream.error.409", "body $.error.type",
             {"anthropic.kind": lambda original, refusal: "invalid_request_error"
                 if refusal.status == 409 else original(refusal)}),
    *(messages(f"status-{status}", f"answers {status} of the provider with {other}",
               f"upstream.error.{status}", "status", answers_status(status, other))
      for status, other in ((413, 500), (504, 400), (500, 400), (402, 404))),
    messages("retry-invented", "makes up a time to wait", "upstream.error.429.spend",
             "headers retry-after",
             changes_headers(TO_OPENAI, lambda pairs: [*pairs, ("retry-after", "5")])),
    messages("written-twice", "counts tokens written to the cache twice", "upstream.usage.written",
             "any_of", counts(lambda used: replace(
                 used, input_tokens=used.input_tokens + used.cache_write))),
    messages("read-invented", "makes up tokens read from a cache", "upstream.usage.geo",
             "body $.usage.cache_read_input_tokens",
             counts(lambda used: replace(used, cache_read=5))),
)  # fmt: skip
