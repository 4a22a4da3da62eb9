"""Mutants of errors on the Anthropic endpoint: statuses, formats and leaked secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.endpoint import Reply
from harness.testbed.gateway.errors import RequestError
from harness.testbed.mutants.anthropic.operators import anthropic, mutant
from harness.testbed.mutants.anthropic.request_operators import (
    errors_as_events,
    streamed,
)
from harness.testbed.mutants.openai import error_operators


def rejects_after(code: str) -> Callable[..., Any]:
    """Rejects every request after the first unknown path."""

    def refuse(original: Callable[..., Reply], refusal: RequestError, *rest: Any) -> Reply:
        if refusal.code == code:
            return error_operators.rejects_after_error(original, refusal, *rest)  # type: ignore[no-any-return]
        return original(refusal, *rest)

    return refuse


ANTHROPIC_ERRORS = (
    mutant("error.streamed-ok", "sends errors of stream requests with status 200",
           "errors.streamed", "status", errors_as_events(streamed, 200)),
    mutant("error.streamed-events", "sends errors of stream requests as events", "errors.streamed",
           "schema anthropic/error", errors_as_events(streamed, 400)),
    mutant("error.streamed-document", "reports a missing max_tokens inside the stream",
           "errors.streamed.document", "status",
           errors_as_events(lambda r: streamed(r) and b"max_tokens" not in r["body"], 200)),
    mutant("error.sulks", "rejects every request after an error", "errors.then-good", "status",
           anthropic({"refuse": error_operators.rejects_after_error})),
    mutant("error.sulks-lost", "rejects every request after a wrong path",
           "errors.unknown.then-good", "status",
           {"anthropic.refuse": rejects_after("unknown_url")}),
)  # fmt: skip
