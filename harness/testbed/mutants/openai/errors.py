"""Mutants of errors: accepted mistakes, statuses, formats and paths."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.error_operators import (
    as_stream,
    messages_as_list,
    rejects_after_error,
)
from harness.testbed.mutants.openai.operators import repairs


def chat(name: str, description: str, rule: str, override: Overrides) -> Mutant:
    return Mutant(
        f"errors.{name}", description, f"errors.{name.rpartition('-')[0]}", rule, override
    )


ERRORS_AND_PATHS = (
    chat("message-wrong-type-text", "converts invalid messages", "rejected.refused",
         repairs(messages_as_list)),
    chat("streamed-ok", "sends errors as a stream with status 200", "status",
         {"respond": as_stream}),
    chat("then-good-sulks", "rejects every request after an error", "status",
         {"refuse": rejects_after_error}),
)  # fmt: skip
