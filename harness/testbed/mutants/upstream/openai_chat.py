"""Mutants of openai-chat's own cases behind a provider: the defects of other mutants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.testbed.base import Mutant

CONTENT = "body $.choices[0].message.content"
FINISH = "body $.choices[0].finish_reason"
# The mutant with the same defect, the case that detects it here, and its rule.
SAME_DEFECT = (
    ("upstream.max_tokens-stop", "upstream.answer.length", FINISH),
    ("upstream.refusal", "upstream.answer.filter", FINISH),
    ("upstream.call-alone", "upstream.answer.text-and-call", CONTENT),
    ("upstream.usage-guessed", "upstream.answer.usage", "body $.usage.prompt_tokens"),
    ("upstream.retry-lost", "upstream.failed.429", "headers retry-after"),
    ("upstream.400-500", "upstream.failed.400", "status"),
    ("upstream.page", "upstream.failed.page", "headers content-type"),
    ("upstream.garbled", "upstream.failed.garbled", "status"),
    ("upstream.broken-ended", "upstream.failed.underway", "error_signalled_by"),
    (
        "upstream.schema-flat",
        "upstream.sent.schema",
        "forwarded $.tools[0].input_schema.properties",
    ),
)


def for_openai_chat(*groups: Iterable[Mutant]) -> tuple[Mutant, ...]:
    """Returns the mutants of SAME_DEFECT, each for its case in openai-chat."""
    by_id = {mutant.id: mutant for group in groups for mutant in group}
    return tuple(
        replace(by_id[other], id=f"chat.{other}", case=f"openai-chat/{case}", rule=rule)
        for other, case, rule in SAME_DEFECT
    )
