"""Mutants of what errors and headers reveal on the Anthropic endpoint."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.error_operators import error, headers, on_errors
from harness.testbed.mutants.anthropic.operators import mutant
from harness.testbed.mutants.openai.operators import Body

TRACE, LIMITS = "errors.no-trace", "ratelimit.written"


def message(change: Callable[[str], str]) -> Overrides:
    """Changes the message of errors."""

    def change_message(data: Body, refusal: RequestError) -> Body:
        inner = {**data["error"], "message": change(data["error"]["message"])}
        return {**data, "error": inner}

    return error(change_message)


def sets(name: str, value: str) -> Overrides:
    """Sets a header of all responses."""
    return headers(lambda pairs: pairs.update({name: value}))


def limit(name: str, value: str, kind: str) -> Overrides:
    return sets(f"anthropic-ratelimit-{kind}-{name}", value)


def rule(name: str) -> str:
    return f"headers {name}"


ANTHROPIC_ERROR_DETAILS = (
    mutant("error.source", "names the file and line of its code in errors", TRACE, "body $..*",
           message(lambda text: f"{text} (/usr/src/app/server/router.py:88)")),
    mutant("error.machine", "names an internal address in errors", TRACE, "body $..*",
           message(lambda text: f"{text} at http://10.0.3.7:8000/v1/chat/completions")),
    mutant("error.no-request-id", "omits request_id in errors", "errors.object.request-id",
           "body $.request_id",
           error(lambda data, _: {k: v for k, v in data.items() if k != "request_id"})),
    mutant("error.no-allow", "omits Allow in a 405", "errors.method", "when",
           on_errors(lambda pairs: pairs.pop("allow", None))),
    mutant("header.retry-after-text", "sends retry-after as words", LIMITS, rule("retry-after"),
           sets("retry-after", "soon")),
    mutant("header.retry-after-negative", "sends a negative retry-after", LIMITS,
           rule("retry-after"), sets("retry-after", "-1")),
    mutant("header.retry-after-always", "sends retry-after with every answer", LIMITS,
           rule("retry-after"), sets("retry-after", "1")),
    mutant("header.ratelimit.negative", "reports a negative number of remaining requests", LIMITS,
           rule("anthropic-ratelimit-requests-remaining"), limit("remaining", "-5", "requests")),
    mutant("header.ratelimit.decimal", "reports a limit with a decimal point", LIMITS,
           rule("anthropic-ratelimit-requests-limit"), limit("limit", "4000.0", "requests")),
    mutant("header.ratelimit.duration", "sends the reset of input tokens as a duration", LIMITS,
           rule("anthropic-ratelimit-input-tokens-reset"), limit("reset", "6s", "input-tokens")),
    mutant("header.ratelimit.local", "sends a reset without a time zone", LIMITS,
           rule("anthropic-ratelimit-requests-reset"),
           limit("reset", "2026-11-28T10:00:00", "requests")),
)  # fmt: skip
